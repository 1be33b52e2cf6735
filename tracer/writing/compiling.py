"""What Jinja makes of tracer's templates: the same pages by a shorter way.

A page calls a thousand macros, says some hundred messages and imports the same templates again and
again. So a template is compiled into code that calls a macro as a function, looks a message up
where it has no values, and asks once for what it imports, as long as that would be given the same.
Templates that data names run in a sandbox and are compiled by Jinja itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from functools import partial
from keyword import iskeyword
from typing import Any, TypeGuard

from jinja2 import Environment, Template, nodes
from jinja2.compiler import CodeGenerator, Frame, MacroRef
from jinja2.environment import TemplateModule
from jinja2.idtracking import VAR_LOAD_RESOLVE
from jinja2.runtime import Context

from tracer.writing.context import PageContext, PageMacro, wants_context
from tracer.writing.foreign import put
from tracer.writing.language import Messages
from tracer.writing.modules import Modules

#: The functions of messages: how many texts their call begins with, and how many arguments it has.
_ARGUMENTS = {"gettext": (1, 1), "_": (1, 1), "ngettext": (2, 3)}
_IMPORTING = nodes.Import | nodes.FromImport | nodes.Include


class PageGenerator(CodeGenerator):
    """Jinja's generator of code, with shorter ways where they come to the same."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:
        """The code of a template, and below it what that asks of its context."""
        self.needed: set[str] = set()
        self.names, self.lasts = Names(node), lasts(node)
        super().visit_Template(node, frame)
        self.writeline(f"lasting = {self.lasts!r}")
        self.writeline(f"needed = {tuple(sorted(self.needed))!r}")
        self.writeline(f"imported = {self.names.sharing!r}")

    def write_commons(self) -> None:
        """The names that every part of a template begins with."""
        super().write_commons()
        self.writeline("put, PageMacro = environment.put, environment.macro_class")
        self.writeline("messages = environment.messages")

    def enter_frame(self, frame: Frame) -> None:
        """Note what is looked up in the context."""
        super().enter_frame(frame)
        for action, name in frame.symbols.loads.values():
            if action == VAR_LOAD_RESOLVE and name is not None:
                self.needed.add(name)
                self.lasts = self.lasts and not frame.rootlevel

    def macro_def(self, macro_ref: MacroRef, frame: Frame) -> None:
        """The definition of a macro."""
        names = tuple(argument.name for argument in macro_ref.node.args)
        name = getattr(macro_ref.node, "name", "")
        takes = macro_ref.accesses_kwargs, macro_ref.accesses_varargs, macro_ref.accesses_caller
        told = name, names, *takes
        self.write(f"PageMacro(environment, macro, {told!r})")

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:
        """What something has under a name, asked of Python; what that does not find, of Jinja."""
        self.write("(_found if (_found := getattr((_asked := ")
        self.visit(node.node, frame)
        self.write(f"), {node.attr!r}, missing)) is not missing else ")
        self.write(f"environment.getattr(_asked, {node.attr!r}))")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:
        """A call: of a message, of a macro that is known to be one, or of anything else."""
        if _is_escaped(frame) and self.names.is_message(node):
            self._visit_message(node, frame)
        elif _is_escaped(frame) and self.names.is_macro(node):
            self._visit_macro(node, frame, ["caller=caller"] if forward_caller else [])
        else:
            super().visit_Call(node, frame, forward_caller=forward_caller)

    def _visit_message(self, node: nodes.Call, frame: Frame) -> None:
        if len(node.args) == 1 and not node.kwargs:
            self.write("messages[")
            self.visit(node.args[0], frame)
            self.write("]")
        else:
            self.write("messages.one(" if len(node.args) == 1 else "messages.many(")
            self._visit_arguments(node, frame, [])

    def _visit_macro(self, node: nodes.Call, frame: Frame, more: list[str]) -> None:
        if isinstance(node.node, nodes.Getattr):
            self.visit(node.node.node, frame)
            self.write(f".{node.node.attr}")
        else:
            self.visit(node.node, frame)
        self.write("(")
        self._visit_arguments(node, frame, more)

    def _visit_arguments(self, node: nodes.Call, frame: Frame, more: list[str]) -> None:
        for argument in (*node.args, *node.kwargs):
            self.visit(argument, frame)
            self.write(", ")
        self.write(", ".join(more) + ")")

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if not _is_escaped(frame):
            super()._output_child_pre(node, frame, finalize)
        elif not self.names.is_set(node):
            self.write("put(")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if not _is_escaped(frame):
            super()._output_child_post(node, frame, finalize)
        elif not self.names.is_set(node):
            self.write(")")

    def _import_common(self, node: nodes.Import | nodes.FromImport, frame: Frame) -> None:
        if not node.with_context or not _is_text(node.template):
            super()._import_common(node, frame)
            return
        self.write("environment.module(")
        self.visit(node.template, frame)
        self.write(f", context, {self.dump_local_context(frame)})")


def lasts(template: nodes.Template) -> bool:
    """Whether a template only defines macros, and names for them and for what never changes."""
    return all(map(_is_definition, template.body))


def _is_definition(node: nodes.Node) -> bool:
    match node:
        case nodes.Macro():
            return True
        case nodes.Import(template=nodes.Const()):
            return True
        case nodes.Assign(target=nodes.Name(), node=value):
            plain = nodes.Const, nodes.Tuple, nodes.List, nodes.Dict, nodes.Pair, nodes.Name
            return isinstance(value, plain) and all(
                isinstance(part, plain) for part in value.find_all(nodes.Node)
            )
        case nodes.Output(nodes=texts):
            return all(isinstance(text, nodes.TemplateData) for text in texts)
    return False


class Names:
    """What the names of a template stand for, where that is sure."""

    def __init__(self, template: nodes.Template) -> None:
        macros, modules, taken = set[str](), set[str](), set[str]()
        self.imported: list[nodes.Expr] = []
        for node in _walked(template):
            match node:
                case nodes.Name(name=name, ctx="store" | "param"):
                    taken.add(name)
                case nodes.Macro(name=name):
                    macros.add(name)
                case nodes.Import(target=name):
                    modules.add(name)
                case nodes.FromImport(names=names):
                    taken.update(one if isinstance(one, str) else one[1] for one in names)
            if isinstance(node, nodes.Extends) or (
                isinstance(node, _IMPORTING) and node.with_context
            ):
                self.imported.append(node.template)
        self.macros, self.modules = macros - modules - taken, modules - macros - taken
        self.taken = macros | modules | taken

    @property
    def sharing(self) -> tuple[str, ...] | None:
        """The templates that share this one's context; None where their names are not known."""
        if not all(map(_is_text, self.imported)):
            return None
        return tuple(sorted({n.value for n in self.imported if isinstance(n, nodes.Const)}))

    def is_message(self, node: nodes.Expr) -> bool:
        """Whether a call says a message, whose text and values are given."""
        if not _is_plain(node) or not isinstance(node.node, nodes.Name):
            return False
        texts, count = _ARGUMENTS.get(node.node.name, (0, -1))
        given = len(node.args) == count and all(map(_is_text, node.args[:texts]))
        return given and node.node.name not in self.taken

    def is_macro(self, node: nodes.Expr) -> bool:
        """Whether a call is that of a macro: of this template, or of one that it imports."""
        if not _is_plain(node):
            return False
        match node.node:
            case nodes.Name(name=name):
                return name in self.macros
            case nodes.Getattr(node=nodes.Name(name=name), attr=attr):
                return name in self.modules and not iskeyword(attr)
        return False

    def is_set(self, node: nodes.Expr) -> bool:
        """Whether an expression is HTML whatever happens: nothing in it needs to be escaped."""
        return self.is_message(node) or (self.is_macro(node) and _is_named(node))


def _is_escaped(frame: Frame) -> bool:
    """Whether it is sure that what is written here becomes HTML."""
    return frame.eval_ctx.autoescape is True and not frame.eval_ctx.volatile


def _is_named(node: nodes.Expr) -> bool:
    return isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name)


def _is_text(node: nodes.Expr) -> bool:
    return isinstance(node, nodes.Const) and isinstance(node.value, str)


def _is_plain(node: nodes.Expr) -> TypeGuard[nodes.Call]:
    """Whether a call gives its arguments one by one."""
    if not isinstance(node, nodes.Call) or node.dyn_args or node.dyn_kwargs:
        return False
    return not any(iskeyword(argument.key) for argument in node.kwargs)


def _walked(template: nodes.Template) -> Iterator[nodes.Node]:
    """Every node of a template, in any order."""
    open_ends: list[nodes.Node] = [template]
    while open_ends:
        node = open_ends.pop()
        yield node
        open_ends.extend(node.iter_child_nodes())


class PageTemplate(Template):
    """A compiled template that knows what it asks of its context."""

    needed: tuple[str, ...]
    imported: tuple[str, ...] | None
    lasting: bool

    @classmethod
    def _from_namespace(
        cls,
        environment: Environment,
        namespace: MutableMapping[str, Any],
        globals: MutableMapping[str, Any],  # noqa: A002
    ) -> Template:
        made = super()._from_namespace(environment, namespace, globals)
        assert isinstance(made, PageTemplate)
        made.needed, made.imported = namespace["needed"], namespace["imported"]
        made.lasting = namespace["lasting"]
        return made

    def make_module(
        self,
        vars: dict[str, Any] | None = None,  # noqa: A002
        shared: bool = False,
        locals: Mapping[str, Any] | None = None,  # noqa: A002
    ) -> TemplateModule:
        """The macros of a template; what else wants its context is given that."""
        return self.module_in(self.new_context(vars, shared, dict(locals) if locals else None))

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        """The module without a context; it outlives pages, so what it imports is its own."""
        environment = self.environment
        if self._module is not None or not isinstance(environment, PageEnvironment):
            return super()._get_default_module(ctx)
        with environment.modules.apart():
            return super()._get_default_module(ctx)

    def module_in(self, context: Context) -> TemplateModule:
        """The same in a context that is made."""
        made = TemplateModule(self, context)
        found = made.__dict__
        for name in [name for name, value in found.items() if type(value) is not PageMacro]:
            if wants_context(found[name]):
                found[name] = partial(context.call, found[name])
        return made


class PageEnvironment(Environment):
    """Jinja's environment for pages: its templates share its globals as one plain mapping.

    A page imports hundreds of templates, and each asks whether there are globals beside its own.
    Templates are not looked for a second time; who keeps it for longer than one rendering sets
    ``auto_reload``, as for Jinja's.
    """

    code_generator_class = PageGenerator
    template_class = PageTemplate
    context_class = PageContext
    macro_class = PageMacro
    put = staticmethod(put)
    messages: Messages

    def __init__(self, **options: Any) -> None:
        super().__init__(auto_reload=False, **options)
        self.forget()

    def forget(self) -> None:
        """Begin anew, without templates: what they find in their environment may be another."""
        self._loaded: dict[str, Template] = {}
        self._needed: dict[str, tuple[str, ...] | None] = {}
        self.modules = Modules()

    def overlay(self, *options: Any, **more: Any) -> Environment:  # type: ignore[override]
        """The same environment with other options, or to be given other filters and globals."""
        made: Environment = super().overlay(*options, **more)
        assert isinstance(made, PageEnvironment)
        made.forget()
        return made

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The globals of a template, with those that are given for it alone."""
        return super().make_globals(d) if d else self.globals

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002
    ) -> Template:
        """A template by its name."""
        if globals or self.auto_reload or not isinstance(name, str):
            return super().get_template(name, parent, globals)
        found = self._loaded.get(name)
        if found is None:
            found = self._loaded[name] = super().get_template(name, parent)
        return found

    def turn(self) -> None:
        """Begin another page: modules of the page before may be given to it."""
        self.modules.page += 1

    def module(self, name: str, context: Context, given: Mapping[str, Any]) -> TemplateModule:
        """A template that is imported with the context: anew, or as it was for the same values."""
        template, needed = self.get_template(name, context.name), self.needed(name)
        assert isinstance(template, PageTemplate)
        if self.auto_reload or needed is None:
            return self.modules.alone(template, context, given)
        return self.modules.of(template, needed, context, given)

    def needed(self, name: str) -> tuple[str, ...] | None:
        """What a template and all that share its context ask of it; None if that is not known."""
        if name not in self._needed:
            self._needed[name] = self._all_needed(name)
        return self._needed[name]

    def _all_needed(self, name: str) -> tuple[str, ...] | None:
        names, open_ends = {name}, [name]
        needed: set[str] = set()
        while open_ends:
            template = self.get_template(open_ends.pop())
            assert isinstance(template, PageTemplate)
            if template.imported is None:
                return None
            needed.update(template.needed)
            open_ends += set(template.imported) - names
            names.update(template.imported)
        return tuple(sorted(needed))
