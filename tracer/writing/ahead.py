"""Templates that a copy of this process compiles, while the first ones are compiled here.

Only the first run of all compiles so many that it pays; nothing depends on the copy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from jinja2 import Environment, TemplateError

from tracer.executor import aside, is_one_free
from tracer.files.packs import code_pack
from tracer.writing.templating import Kept

LATE = (
    *("passes.md.j2", "rows.md.j2"),
    *(
        f"partials/{name}.md.j2"
        for name in ("told", "terms", "explorer", "strip", "seen", "pair", "update")
    ),
)
"""What the later pages ask for, and none of the earlier ones."""


@contextmanager
def compiled_ahead(env: Environment, pages: Sequence[str], *, copied: bool) -> Iterator[None]:
    """Let a copy compile the templates of the later half of ``pages`` where none is kept yet."""
    cache = env.bytecode_cache
    if not (copied and isinstance(cache, Kept) and not code_pack().recalled and is_one_free()):
        yield
        return
    names = [*dict.fromkeys(pages[len(pages) // 2 :]), *LATE]
    with aside(partial(codes_of, env, names)) as taken, cache.promised(names, taken):
        yield


def codes_of(env: Environment, names: Sequence[str]) -> dict[str, Any]:
    """What is kept of these templates' code, by its key; the page tells what is wrong with one."""
    before = set(code_pack().values)
    for name in names:
        with suppress(TemplateError):
            env.get_template(name)
    return {key: value for key, value in code_pack().values.items() if key not in before}
