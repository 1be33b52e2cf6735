"""What the scripts of the pages make of numbers and lines, asked of one Node process."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest

from tracer.formula import Form
from tracer.notation import Notation
from tracer.refs import Ref
from tracer.typeset import Bound, Line, MatrixLine, Operand, Typesetter
from tracer.typeset.convention import line_in_columns, matrix_in_columns
from tracer.typeset.exported import exported
from tracer.typeset.mathml import to_mathml
from tracer.typeset.truth import settle, settle_matrix

EXHAUSTIVE = os.environ.get("TRACER_EXHAUSTIVE") == "1"
"""Whether tests take as many lines and cycles as `make fuzz` asks for."""
SCRIPT = Path(__file__).with_name("explore.mjs")
ANSWERING = Path(__file__).with_name("answering.mjs")
FILLED = ("tr-numbers", "tr-result", "tr-branch")


def needs_node() -> None:
    """Skip without Node, which has to be there where everything is tried."""
    if shutil.which("node"):
        return
    if os.environ.get("TRACER_REQUIRE_NODE") == "1":
        pytest.fail("node is not installed")
    pytest.skip("node is not installed")


def ask(asked: dict[str, Any]) -> dict[str, Any]:
    """What the scripts answer."""
    found: dict[str, Any] = answers(SCRIPT.name, asked)
    return found


def answers(script: str, asked: Any) -> Any:
    """What a script of this folder answers, which reads JSON and writes JSON."""
    needs_node()
    text = json.dumps(asked, allow_nan=False)
    line = json.dumps([str(SCRIPT.with_name(script)), text]).encode()
    node = _node()
    assert node.stdin
    assert node.stdout
    node.stdin.write(line + b"\n")
    node.stdin.flush()
    answer = node.stdout.readline()
    assert answer, f"Node ended with status {node.wait()}"
    found = json.loads(answer[1:])
    assert answer.startswith(b"="), found
    return found


@cache
def _node() -> subprocess.Popen[bytes]:
    """The one Node process that all tests of this process ask."""
    node = subprocess.Popen(["node", str(ANSWERING)], stdin=PIPE, stdout=PIPE)
    atexit.register(_end, node)
    return node


def _end(node: subprocess.Popen[bytes]) -> None:
    node.kill()
    node.communicate()


def address(ref: Ref) -> str:
    """Where a number leads to, with what HTML has to escape."""
    return f"?a=1&b=2#{ref.anchor}"


@dataclass
class Asking:
    """Lines for the scripts, and what Python makes of each."""

    notation: Notation = field(default_factory=lambda: Notation(2))
    forms: list[dict[str, Any]] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    matrices: list[dict[str, Any]] = field(default_factory=list)
    wanted_lines: list[dict[str, Any]] = field(default_factory=list)
    wanted_matrices: list[dict[str, Any]] = field(default_factory=list)
    _places: dict[tuple[int, str], int] = field(default_factory=dict)
    _kept: list[Form] = field(default_factory=list)

    def line(self, line: Line, decimals: int) -> None:
        """Ask for a line."""
        shown = self._typesetter(decimals).line(line)
        line = line_in_columns(line) if self.notation.column else line
        self.lines.append({**self._of_line(line), "decimals": decimals})
        settled = settle(line, decimals)
        self.wanted_lines.append(
            {
                "bound": line.bounds.index(settled.bound),
                "operands": [text.text for text in settled.operands],
                "result": settled.result.text,
                "relation": settled.relation,
                "remarks": sorted(settled.remarks),
                "parts": [[name, str(html)] for name, html in shown.parts if name in FILLED],
            }
        )

    def matrix(self, line: MatrixLine, decimals: int) -> None:
        """Ask for a line of matrices."""
        shown = self._typesetter(decimals).matrix(line)
        line = matrix_in_columns(line) if self.notation.column else line
        flat = [operand for row in line.result for operand in row]
        entries = [Line(o.ref, o.value, (b,)) for o, b in zip(flat, line.entries, strict=True)]
        self.matrices.append(
            {
                "lines": [self._of_line(entry) for entry in entries],
                "width": len(line.result[0]),
                "decimals": decimals,
                "grids": [
                    {
                        "rows": [[_of_operand(o) for o in row] for row in grid.rows],
                        "sign": self._typesetter(decimals).joint(grid) if grid.sign else "",
                        "name": to_mathml(grid.name) if grid.name else "",
                        "scalar": grid.scalar,
                    }
                    for grid in line.grids
                ],
            }
        )
        digits, relation, results, remarks = settle_matrix(line, decimals)
        self.wanted_matrices.append(
            {
                "digits": [digits.extra, digits.binary],
                "relation": relation,
                "results": [[text.text for text in row] for row in results],
                "remarks": sorted(remarks),
                "parts": [[name, str(html)] for name, html in shown.parts if name in FILLED],
            }
        )

    def differences(self) -> Sequence[tuple[Any, Any, Any]]:
        """(what was asked, what Python makes of it, what the scripts make) where they differ."""
        found = ask({"forms": self.forms, "lines": self.lines, "matrices": self.matrices})
        rows = [
            *zip(self.lines, self.wanted_lines, found["lines"], strict=True),
            *zip(self.matrices, self.wanted_matrices, found["matrices"], strict=True),
        ]
        return [(asked, mine, theirs) for asked, mine, theirs in rows if mine != theirs]

    def _typesetter(self, decimals: int) -> Typesetter:
        return Typesetter(decimals, self.notation, address)

    def _of_line(self, line: Line) -> dict[str, Any]:
        return {"value": repr_of(line.value), "bounds": [self._of_bound(b) for b in line.bounds]}

    def _of_bound(self, bound: Bound) -> list[Any]:
        return [self._place(bound.form), [_of_operand(operand) for operand in bound.operands]]

    def _place(self, form: Form) -> int:
        key = (0 if form.text else id(form), form.text + self.notation.logarithm)
        if key not in self._places:
            self._places[key] = len(self.forms)
            self._kept.append(form)  # whose id stays its own
            self.forms.append(exported(form, self.notation.named))
        return self._places[key]


def repr_of(value: float) -> str:
    """A float64 as JavaScript reads it."""
    text = repr(float(value))
    return {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}.get(text, text)


def _of_operand(operand: Operand) -> list[Any]:
    return [repr_of(operand.value), operand.exact, address(operand.ref)]
