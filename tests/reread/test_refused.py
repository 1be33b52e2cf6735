"""What no formula of ours has is refused by the reader of printed pages, and never guessed."""

from __future__ import annotations

from xml.etree.ElementTree import fromstring

import pytest

from tracer.reread.arithmetic import ExactArithmetic, Float64
from tracer.reread.evaluate import Evaluator
from tracer.reread.grammar import Call, Faults, Matrix, Node, Number, Product, Raised, parse
from tracer.reread.mathml import read_math
from tracer.reread.tokens import UnreadableError

STRANGE = {
    "<math><menclose><mn>1</mn></menclose></math>": "<menclose> in a formula",
    "<math>1<mo>+</mo><mn>1</mn></math>": "text '1' beside the formula",
    "<math><mn>1</mn>2</math>": "text '2' beside the formula",
    "<math><mn></mn></math>": "an empty <mn>",
    "<math><mfrac><mn>1</mn></mfrac></math>": "<mfrac>",
    "<math><mtable><mtr><mn>1</mn></mtr></mtable></math>": "a table of something else than cells",
    "<math><mtable><mtd><mn>1</mn></mtd></mtable></math>": "a table of something else than cells",
}


@pytest.mark.parametrize("formula", STRANGE)
def test_a_strange_formula_is_refused_and_named(formula: str) -> None:
    with pytest.raises(UnreadableError) as refused:
        read_math(fromstring(formula))
    assert STRANGE[formula] in str(refused.value)


def number(text: str) -> Node:
    return parse(read_math(fromstring(f"<math><mn>{text}</mn></math>")), Faults())


ONE, TWO = number("1"), number("2")
ROW = Matrix(((ONE, TWO),))
WRONG: dict[str, Node] = {
    "⊙ between numbers": Product(ONE, TWO, "⊙"),
    "a power that is a matrix": Raised(TWO, ROW),
    "softmax of a number": Call("softmax", (ONE,)),
    "exp of 2 numbers": Call("exp", (ONE, TWO)),
    "a matrix with rows of different lengths": Matrix(((ONE,), (ONE, TWO))),
}


@pytest.mark.parametrize("said", WRONG)
@pytest.mark.parametrize("arithmetic", [ExactArithmetic(), Float64()])
def test_what_has_no_value_is_refused_in_every_arithmetic(
    said: str, arithmetic: ExactArithmetic | Float64
) -> None:
    assert isinstance(ONE, Number)
    with pytest.raises(UnreadableError) as refused:
        Evaluator(arithmetic).value(WRONG[said])
    assert said in str(refused.value)
