"""What the checks found, kept by the content of the trace and of the pages that were checked.

Checking takes longer than rendering. So a page shows what was found for this very trace and these
very pages, on whatever day that was; where they were not checked, it says so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from typing import Any

import tracer
from tracer.check.proof import Proof
from tracer.check.spot import Spot
from tracer.files.keeping import keep, recall
from tracer.files.packs import installed
from tracer.files.receipts import kept_digest
from tracer.refs import Ref
from tracer.reread.reason import Reason
from tracer.studies.model import fingerprint
from tracer.trace import Trace

LIBRARIES = ("numpy", "sympy", "mpmath", "scikit-learn", "torch")
"""What checks are done with: with another version they have to be done again."""
PAGE = ".md"


def content_key(trace: Trace, pages: Mapping[str, str]) -> bytes:
    """A digest of a trace, of the pages that show it, and of what checks them."""
    digest = sha256(fingerprint(trace).encode())
    for path in sorted(path for path in pages if path.endswith(PAGE)):
        for text in (path, pages[path]):
            digest.update(sha256(text.encode()).digest())
    digest.update(installed(libraries=LIBRARIES))
    digest.update(tracer.__version__.encode())
    return b"checks " + digest.digest()


def keep_proofs(trace: Trace, pages: Mapping[str, str], proofs: tuple[Proof, ...]) -> None:
    """Keep what was found for this trace and these pages."""
    document = [asdict(proof) for proof in proofs]
    keep(content_key(trace, pages), json.dumps(document, default=str).encode())


class Recalling:
    """Tells what was found, and notes in ``asked`` under which keys it looked (for receipts)."""

    def __init__(self) -> None:
        self.asked: dict[str, str] = {}

    def __call__(self, trace: Trace, pages: Mapping[str, str]) -> tuple[Proof, ...] | None:
        """What was found for this trace and these pages; None where they were not checked."""
        key = content_key(trace, pages)
        self.asked[key.hex()] = kept_digest(key)
        return _recalled(key)


def recall_proofs(trace: Trace, pages: Mapping[str, str]) -> tuple[Proof, ...] | None:
    """What was found for this trace and these pages; None where they were not checked."""
    return _recalled(content_key(trace, pages))


def _recalled(key: bytes) -> tuple[Proof, ...] | None:
    found = recall(key)
    if found is None:
        return None
    try:
        return tuple(_proof(row) for row in json.loads(found))
    except (ValueError, TypeError, KeyError):
        return None


def prove_anew(trace: Trace, pages: Mapping[str, str]) -> tuple[Proof, ...]:
    """Run every check, and keep what was found."""
    from tracer.check.proofs import prove

    proofs = prove(trace, pages)
    keep_proofs(trace, pages, proofs)
    return proofs


def _proof(row: dict[str, Any]) -> Proof:
    reasons = tuple(Reason(one["key"], one["values"]) for one in row["reasons"])
    return Proof(**{**row, "spot": _spot(row["spot"]), "reasons": reasons})


def _spot(row: dict[str, Any]) -> Spot:
    ref = row["ref"]
    if ref is not None:
        ref = Ref(ref["name"], ref["layer"], tuple(ref["index"]), after=ref["after"])
    return Spot(**{**row, "ref": ref})
