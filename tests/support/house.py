"""The laws of the house: each a function from a checkout's folder to what breaks the law there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, nodes

from house_files import every_package_is_shipped, no_long_files, nothing_of_one_machine
from reasons import numbers_say_why

#: The floors of the house, from the ground up: a room imports from the floors below it, never from
#: its own or from above. Folders and single files of ``tracer/`` are rooms, and so are the folders
#: of ``pictures/``.
FLOORS = (
    ("deferred",),
    ("unevaluated",),
    ("algebra",),
    (
        "errors",
        "examples",
        "extras",
        "formula",
        "messages",
        "numerals",
        "public",
        "quiet",
        "reread",
    ),
    ("conditions", "executor", "files", "meters", "network", "refs", "registry"),
    ("catalog", "inputs"),
    ("experiment", "notation"),
    ("trace", "typeset"),
    ("check", "explain", "pictures.plot", "training"),
    ("interop", "pictures.network", "studies", "teaching"),
    ("pictures",),
    ("pages",),
    ("explore",),
    ("writing",),
    ("html",),
    ("api", "markdown", "reference", "showcase"),
    ("serving",),
    ("cli",),
    ("__main__",),
)
#: What may know neither Jinja nor MkDocs nor a printer of formulas.
NUMERIC = frozenset(
    [
        "catalog",
        "errors",
        "examples",
        "executor",
        "experiment",
        "files",
        "formula",
        "messages",
        "network",
        "public",
        "registry",
        "reread",
        "studies",
        "teaching",
        "trace",
        "training",
    ]
)
#: What may know training. All else, whatever it is called, shows a finished trace.
MAY_TRAIN = frozenset(
    ["training", "interop", "studies", "teaching", "api", "serving", "showcase", "cli", "__main__"]
)
MAY_PRINT = frozenset(["cli", "__main__"])
#: What speaks to whoever runs tracer. All else speaks to readers of pages, through templates.
MAY_SPEAK = (NUMERIC - {"catalog", "reread"}) | {
    *("api", "cli", "extras", "interop", "serving"),
    *("writing.building", "writing.sandbox", "writing.starting"),
    # they write code, in which words follow one another
    *("explore.linking", "typeset.bounding", "typeset.planning", "writing.compiling"),
    *("writing.following", "writing.shaping", "writing.watching"),
}

PRINTING = ("jinja2", "markupsafe", "mkdocs", "material", "zensical", "math_core", "sympy.printing")
PRINTERS = frozenset(
    ["latex", "mathml", "pretty", "pprint", "pycode", "print_latex", "print_mathml", "dotprint"]
)
TERMINAL = ("click", "rich", "getpass", "readline")
TALKING = frozenset(["print", "exit", "quit", "input", "breakpoint", "SystemExit"])
STREAMS = frozenset(["sys.exit", "os._exit", "sys.stdout", "sys.stderr", "sys.stdin"])

ARITHMETIC = (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow)
COMPUTING_FILTERS = frozenset(["abs", "float", "format", "int", "max", "min", "round", "sum"])
DECIMAL = re.compile(r"(?<![\w.])\d+\.\d+")

#: Words that follow one another, where ``VALUE`` stands for what an f-string puts in.
VALUE, WORD, GAP = "\0", r"(?<![\\\w])[^\W\d_]{2,}", r"[,;:.!?]?\s+"
PROSE = re.compile(rf"{WORD}{GAP}(?:{WORD}|{VALUE})|{VALUE}{GAP}{WORD}")
MARKUP = re.compile(r"</?[A-Za-z][^<>]*>?")


# Imports


class Modules(Mapping[str, ast.Module]):
    """The syntax tree of every module by its name, each parsed when it is asked for."""

    def __init__(self, root: Path) -> None:
        self.paths: dict[str, Path] = {}
        self.trees: dict[str, ast.Module] = {}
        for path in sorted((root / "tracer").rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            self.paths[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path

    def __getitem__(self, name: str) -> ast.Module:
        if name not in self.trees:
            path = self.paths[name]
            self.trees[name] = ast.parse(path.read_text(encoding="utf-8"), str(path))
        return self.trees[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.paths)

    def __len__(self) -> int:
        return len(self.paths)


@cache
def modules(root: Path) -> Modules:
    """Return the modules of a checkout."""
    return Modules(root)


@cache
def walked(tree: ast.Module) -> tuple[ast.AST, ...]:
    """Return every node of a module."""
    return tuple(ast.walk(tree))


def part_of(module: str) -> str:
    """Return the file or folder of ``tracer/`` that a module belongs to."""
    return module.split(".")[1] if "." in module else ""


def room_name(module: str) -> str:
    """Return the name of a module inside the house, without ``tracer.``."""
    return module.partition(".")[2]


def room_of(module: str) -> str:
    """Return the room that a module stands in: its folder or file, or a folder of pictures."""
    inner = ".".join(module.split(".")[1:3])
    return inner if any(inner in floor for floor in FLOORS) else part_of(module)


@cache
def imports(root: Path, module: str) -> set[str]:
    """Return every name that a module imports, at whatever place."""
    found = set()
    for node in walked(modules(root)[module]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@cache
def inner_imports(root: Path, module: str) -> set[str]:
    """Return the modules of tracer that a module imports."""
    known = modules(root).keys() - {"tracer"}  # the facade, which imports when it is asked
    names = imports(root, module)
    return {name if name in known else name.rpartition(".")[0] for name in names} & known


@cache
def reached(root: Path, module: str) -> set[str]:
    """Return the module and all that it imports, directly or not."""
    found, open_ends = {module}, [module]
    while open_ends:
        fresh = inner_imports(root, open_ends.pop()) - found
        found |= fresh
        open_ends += fresh
    return found


def rendering_knows_no_training(root: Path) -> Iterator[str]:
    """Rendering sees a finished trace: it never imports training, not even indirectly."""
    for module in modules(root):
        if module != "tracer" and part_of(module) not in MAY_TRAIN:
            for other in reached(root, module):
                if part_of(other) == "training":
                    yield f"{module} imports {other}"


def numbers_know_no_printing(root: Path) -> Iterator[str]:
    """The numeric side imports no Jinja, MkDocs or printer, not even indirectly."""
    for module in modules(root):
        if part_of(module) in NUMERIC:
            for other in sorted(reached(root, module)):
                for name in sorted(_printing(root, other)):
                    yield f"{module} uses {name}" + (f" through {other}" * (other != module))


@cache
def _printing(root: Path, module: str) -> frozenset[str]:
    return frozenset(_printers(root, module))


def _printers(root: Path, module: str) -> Iterator[str]:
    for name in imports(root, module):
        if name.startswith(PRINTING) or name in {f"sympy.{printer}" for printer in PRINTERS}:
            yield name
    for node in walked(modules(root)[module]):
        name = _dotted(node)
        if name.startswith(("sp.", "sympy.")) and name.split(".")[1] in PRINTERS | {"printing"}:
            yield name


def no_import_cycles(root: Path) -> Iterator[str]:
    """No module is reached from what it imports."""
    for module in modules(root):
        for other in sorted(inner_imports(root, module)):
            if module in reached(root, other):
                yield f"{module} imports {other}, which leads back to it"


def imports_run_downstairs(root: Path) -> Iterator[str]:
    """A room imports from the floors below it only."""
    floor = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
    for module in modules(root).keys() - {"tracer"}:
        here = room_of(module)
        if here not in floor:
            yield f"{module} stands in no room of the house: {here} is on no floor"
            continue
        for other in sorted(inner_imports(root, module)):
            there = room_of(other)
            if there != here and floor.get(there, len(FLOORS)) >= floor[here]:
                yield f"{module} imports {other}, which is not on a floor below"


def only_the_command_line_talks(root: Path) -> Iterator[str]:
    """Only the command line prints, asks or exits."""
    for module, tree in modules(root).items():
        if part_of(module) not in MAY_PRINT:
            names = sorted(name for name in imports(root, module) if name.startswith(TERMINAL))
            yield from (f"{module} imports {name}" for name in names)
            yield from (f"{module}:{line}: {what}" for line, what in _talk(tree))


def _talk(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in walked(tree):
        if isinstance(node, ast.Name) and node.id in TALKING:
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute) and _dotted(node) in STREAMS:
            yield node.lineno, _dotted(node)


def _dotted(node: ast.AST) -> str:
    """Return ``module.name`` where the node is just that."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return ""


# Words


def wording_stands_in_templates(root: Path) -> Iterator[str]:
    """What readers of pages read stands in templates: no string of the rendering side is prose.

    Aside are docstrings, messages of errors, and the catalog's titles, sources and near names.
    """
    for module, tree in modules(root).items():
        if module != "tracer" and not MAY_SPEAK & {part_of(module), room_name(module)}:
            aside = _said_elsewhere(tree, in_catalog=part_of(module) == "catalog")
            for line, text in _strings(tree, aside):
                if PROSE.search(MARKUP.sub("", text)):
                    yield f"{module}:{line}: {text.replace(VALUE, '…')!r}"


def _said_elsewhere(tree: ast.Module, *, in_catalog: bool) -> set[ast.AST]:
    """The nodes of docstrings, of errors and their problems, of types, and of catalog data."""
    found: set[ast.AST] = set()
    for node in walked(tree):
        match node:
            case ast.Expr(value=ast.Constant()) | ast.Raise():
                found |= set(ast.walk(node))
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                if name in ("Problem", "cast") or name.endswith("Error"):
                    found |= set(ast.walk(node))
            case ast.keyword(arg="title" | "source" | "near") if in_catalog:
                found |= set(ast.walk(node))
    return found


def _strings(tree: ast.Module, aside: set[ast.AST]) -> Iterator[tuple[int, str]]:
    """Every string and f-string outside of ``aside``; an f-string's parts count as one text."""
    parts: set[ast.AST] = set()
    for node in walked(tree):
        if isinstance(node, ast.JoinedStr):
            parts |= set(node.values)
            values = (
                str(part.value) if isinstance(part, ast.Constant) else VALUE for part in node.values
            )
            text = "".join(values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if node not in aside and node not in parts:
            yield node.lineno, text


# Templates


def templates_never_compute(root: Path) -> Iterator[str]:
    """A template says where a value goes; the value was made before."""
    for path, tree in _templates(root):
        for node in tree.find_all(ARITHMETIC):
            yield f"{path}:{node.lineno}: {type(node).__name__}"
        for minus in tree.find_all(nodes.Neg):
            if not isinstance(minus.node, nodes.Const):  # `list[-1]` is no computing
                yield f"{path}:{minus.lineno}: Neg"
        for found in tree.find_all(nodes.Filter):
            if found.name in COMPUTING_FILTERS:
                yield f"{path}:{found.lineno}: {found.name}"


def templates_hold_no_results(root: Path) -> Iterator[str]:
    """No page holds a decimal number that was typed: it would be wrong for another network."""
    for folder in ("pages", "partials", "words"):
        for path, tree in _templates(root, folder):
            for node in tree.find_all(nodes.TemplateData):
                for number in DECIMAL.findall(node.data):
                    yield f"{path}:{node.lineno}: {number}"
            for const in tree.find_all(nodes.Const):
                if isinstance(const.value, float):
                    yield f"{path}:{const.lineno}: {const.value}"
                elif isinstance(const.value, str) and (number := DECIMAL.search(const.value)):
                    yield f"{path}:{const.lineno}: {number[0]}"


def _templates(root: Path, folder: str = "") -> Iterator[tuple[Path, nodes.Template]]:
    """The templates of a folder, or all, with their syntax trees."""
    yield from (one for one in _all_templates(root) if folder in ("", one[0].parts[1]))


@cache
def _all_templates(root: Path) -> tuple[tuple[Path, nodes.Template], ...]:
    extensions = ["jinja2.ext.do", "jinja2.ext.i18n", "jinja2.ext.loopcontrols"]
    reader = Environment(extensions=extensions, autoescape=True)
    reader.newstyle_gettext = True  # type: ignore[attr-defined]
    reader.policies["ext.i18n.trimmed"] = True
    paths = sorted((root / "templates").rglob("*.j2"))
    return tuple(
        (path.relative_to(root), reader.parse(path.read_text(encoding="utf-8"))) for path in paths
    )


LAWS = (
    rendering_knows_no_training,
    numbers_know_no_printing,
    no_import_cycles,
    imports_run_downstairs,
    only_the_command_line_talks,
    wording_stands_in_templates,
    templates_never_compute,
    templates_hold_no_results,
    no_long_files,
    nothing_of_one_machine,
    every_package_is_shipped,
    numbers_say_why,
)
