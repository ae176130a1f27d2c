"""Values that a program takes when nobody says otherwise: of environment variables, options, parameters and fields.

Sources: argparse, optparse and os.environ (docs.python.org); click `Option.name`; typer `Option`; tornado.options
`define`; absl.flags `DEFINE_string`; python-decouple `config`; environs `Env`; pydantic `Field`; attrs `field`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from bindlint.readers.python.names import parameter_name
from bindlint.readers.python.options import Found, Options, flags_of, keywords
from bindlint.readers.python.scopes import At, CallSite, Scope, Write, inside, last_name, lookup, plain
from bindlint.readers.python.value import Held, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bindlint.readers.python.names import Names, Ref

_OPTION_CALLS = (
    *("click.option", "click.argument", "typer.Option", "typer.Argument", "rich_click.option"),
    *("asyncclick.option",),
)
_FIELDS = (
    *("pydantic.Field", "pydantic.fields.Field", "dataclasses.field", "attr.ib", "attr.attrib", "attrs.field"),
    *("sqlmodel.Field",),
)
_READERS = (
    *("os.getenv", "os.environ.get", "os.environ.setdefault", "os.environ.pop", "environ.get", "getenv"),
    *("decouple.config", "starlette.config.Config"),
)
_OR_NONE = ("os.getenv", "os.environ.get", "environ.get", "getenv")  # of the readers: those that give None when unset
FALLBACKS = frozenset({"default", "fallback"})  # the keywords by which what reads a setting is told what it is else
_READING_CLASSES = (
    *("environs.Env", "environs.env", "environ.Env", "starlette.config.Config"),
    *("decouple.Config", "decouple.AutoConfig"),
)


@dataclass(frozen=True, slots=True)
class Default:
    """What a call falls back to; `value` is None when there is no fallback, `what` is what decides then."""

    value: cst.BaseExpression | None
    note: str
    what: str
    variable: str = ""
    at: At | None = None  # where `value` is written, None for beside the call
    none: bool = False  # without a fallback it is None


class Defaults:
    """The defaults declared in one file and in those that it leads to."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.options = Options(names)

    def of_parameter(self, write: Write) -> list[Found]:
        """The default of a parameter: its own, or that of the command-line option declared for it."""
        function = write.at.scope
        name = parameter_name(write)
        if function.at is None:
            return []
        for site in self._option_calls(function, write.annotation, write.value):
            call: cst.Call = site.node
            flags, given = flags_of(call), keywords(call)
            if write.value is call:
                first = call.args[0].value if call.args and call.args[0].keyword is None else None
                default = given.get("default") or given.get("default_factory") or first
                return self.made_by(default, site.at, f"default of --{name}") if default is not None else []
            if self._option_call(site).startswith("typer"):
                if write.value is None and "default_factory" in given:
                    return self.made_by(given["default_factory"], site.at, f"default of --{name}")
            elif "default" in given and name in (_click_name(flags), *flags):
                self.options.flags[given["default"]] = tuple(flags)
                return self.made_by(given["default"], site.at, f"default of {max(flags, key=len)}")
        if write.value is None:
            return self._handled(function, name)
        label = f"{function.name}()" if function.name else "a lambda"
        return [(write.value, function.at, f"default of {name} in {label}")]

    def of_decorators(self, function: Scope) -> dict[str, list[Found]]:
        """The defaults of the options that decorators declare for a function, by parameter name."""
        found = {}
        for site in self._option_calls(function, None, None):
            flags, default = flags_of(site.node), keywords(site.node).get("default")
            if default is not None and flags:
                found[_click_name(flags)] = self.made_by(default, site.at, f"default of {max(flags, key=len)}")
        return found

    def _option_calls(
        self, function: Scope, annotation: cst.CSTNode | None, value: cst.CSTNode | None
    ) -> Iterator[CallSite]:
        """The calls that declare an option: a parameter's default, its annotation, or a decorator, also by a name."""
        at = function.at
        if at is None:
            return
        for call in _calls_in(function.node, annotation, value):
            if self._option_call(site := CallSite(call, at)):
                yield site
        for decorator in function.node.decorators if isinstance(function.node, cst.FunctionDef) else ():
            yield from self._of_decorator(decorator.decorator, at)

    def _of_decorator(self, decorator: cst.BaseExpression, at: At) -> Iterator[CallSite]:
        """The options that a decorator of the project declares: it is one, applies some, or gets a list of them."""
        called = decorator if isinstance(decorator, cst.Call) else None
        for ref in self.names.refs(called.func if called else decorator, at):
            if ref.made is not None and ref.name in _OPTION_CALLS and called is None:
                yield ref.made
            elif ref.scope is not None and ref.scope.kind == "function":
                yield from (site for site in inside(ref.scope) if self._option_call(site))
                for arg in called.args if called else ():
                    yield from (site for site in self._listed(arg.value, at) if self._option_call(site))

    def _listed(self, node: cst.BaseExpression, at: At) -> Iterator[CallSite]:
        """The calls in a list that an expression is, or names."""
        for write in lookup(node.value, at) if isinstance(node, cst.Name) else ():
            found = self.names.imported(write) if write.kind == "import" else None
            for inner in found[1] if found is not None else [write]:
                if inner.kind == "value" and isinstance(inner.value, (cst.List, cst.Tuple)):
                    yield from self._listed(inner.value, inner.at)
        for element in node.elements if isinstance(node, (cst.List, cst.Tuple)) else ():
            if isinstance(element.value, cst.Call):
                yield CallSite(element.value, at)

    def _option_call(self, site: CallSite) -> str:
        return next((r.name for r in self.names.refs(site.node.func, site.at) if r.name in _OPTION_CALLS), "")

    def made_by(self, node: cst.BaseExpression, at: At, note: str) -> list[Found]:
        """What calling a function gives, for defaults that are called; any other expression is itself."""
        if not isinstance(node, (cst.Lambda, cst.Name, cst.Attribute)):
            return [(node, at, note)]
        if isinstance(node, cst.Name) and node.value == "list" and not lookup("list", at):
            return [(Held((Value("sequence", node, at),)), at, note)]
        functions = [r.scope for r in self.names.refs(node, at) if r.scope is not None and not r.instance]
        made = [
            (*given, note) for scope in functions if scope.kind in ("function", "lambda") for given in scope.returns
        ]
        return made or [(node, at, note)]

    def _handled(self, function: Scope, name: str) -> list[Found]:
        """The option behind a parameter that gets it by name: `handle` of a Django command, `main(**vars(args))`."""
        found = (
            self.options.of_file(function.file).get(name, [])
            if function.name == "handle"
            else self._spread(function, name)
        )
        return found[-1:]

    def _spread(self, function: Scope, name: str) -> list[Found]:
        for call, arguments in self.names.callers(function):
            if "**" in arguments and (found := self.options.entries(arguments["**"], call.at).get(name)) is not None:
                return [found]
        return []

    def of_field(self, write: Write) -> list[tuple[cst.BaseExpression, At]] | None:
        """The default inside `Field(…)`, `field(…)`, `attr.ib(…)`, or what its factory makes; None for no field."""
        value = write.value
        if value is None:
            return None
        if not isinstance(value, cst.Call):
            return [(value, write.at)] if write.annotation is not None and write.at.scope.kind == "class" else None
        refs = self.names.refs(value.func, write.at)
        if not any(ref.name in _FIELDS for ref in refs):
            return [(value, write.at)] if write.annotation is not None and write.at.scope.kind == "class" else None
        given = keywords(value)
        first = value.args[0] if value.args else None
        default = given.get("default")
        if default is None and first is not None and first.keyword is None and _takes_default_first(refs):
            default = first.value
        factory = given.get("default_factory") or given.get("factory")
        if isinstance(default, cst.Call) and last_name(default.func) in ("Factory", "LazyFactory") and default.args:
            factory, default = default.args[0].value, None
        if factory is not None:
            return [(node, at) for node, at, _ in self.made_by(factory, write.at, "") if node is not factory]
        return [(default, write.at)] if default is not None and not isinstance(default, cst.Ellipsis) else []

    def of_call(self, node: cst.Call, at: At, refs: Sequence[Ref], key: str | None) -> Default | None:
        """The fallback of a call that reads the setting `key`; None when the call is none."""
        names = [arg for arg in node.args if arg.keyword is None and not arg.star]
        given = keywords(node)
        called = next((r.name for r in refs if r.name), "")
        attribute = node.func.attr.value if isinstance(node.func, cst.Attribute) else ""
        reads = called in _READERS or any(called == c or called.startswith(f"{c}.") for c in _READING_CLASSES)
        if not reads and isinstance(node.func, cst.Name) and key and self._is_environment_reader(node.func, at):
            reads = True
        if reads and names:
            fallback = given.get("default") or (names[1].value if len(names) > 1 else None)
            if fallback is None and key:
                fallback = _declared_with(refs, key)
            what = f"environment variable {key}" if key else "an environment variable"
            return Default(fallback, f"default of {what}", what, key or "", none=called in _OR_NONE)
        if called == "getattr" and len(names) == 3:
            return Default(names[2].value, f"fallback of {plain(names[1].value) or 'an attribute'}", "an attribute")
        if (
            (attribute in ("get", "pop", "setdefault", "getOption") or _falls_back(attribute, names, given, called))
            and not any(r.scope for r in refs)
            and names
            and key is not None
        ):
            fallback = given.get("fallback") or given.get("default") or (names[-1].value if len(names) > 1 else None)
            if (
                isinstance(node.func, cst.Attribute)
                and self.options.holds(node.func.value, at)
                and (options := self.options.option(key, node.func.value, at))
            ):
                return Default(options[-1][0], options[-1][2], key, at=options[-1][1])
            return Default(fallback, f"fallback of {key}", f"setting {key}")
        return None

    def _is_environment_reader(self, function: cst.Name, at: At) -> bool:
        """`env("HOST", default=…)`: an object made from a class that reads the environment."""
        return any(r.instance and r.name in _READING_CLASSES for r in self.names.refs(function, at))

    def environment(self, node: cst.CSTNode, at: At) -> bool:
        """Whether an expression is the process environment."""
        return any(r.name in ("os.environ", "environ") for r in self.names.refs(node, at))


def _falls_back(
    method: str, positional: Sequence[cst.Arg], given: Mapping[str, cst.BaseExpression], called: str
) -> bool:
    """Whether a method of a project's own asks for a setting with a fallback: `config.getVal("host", default="")`."""
    if not method.startswith("get") or called.partition(".")[0] in sys.stdlib_module_names:
        return False
    written = len(positional) == 2 and plain(positional[1].value) is not None
    return written or bool(FALLBACKS & given.keys())


def _declared_with(refs: Sequence[Ref], key: str) -> cst.BaseExpression | None:
    """The default that the reader of the environment was made with: `Env(HOST=(str, "0.0.0.0"))`."""
    for ref in refs:
        declared = keywords(ref.made.node).get(key) if ref.made is not None else None
        if isinstance(declared, cst.Tuple) and len(declared.elements) == 2:
            return declared.elements[1].value
    return None


def _takes_default_first(refs: Sequence[Ref]) -> bool:
    return any(ref.name.endswith(("Field", "attr.ib", "attr.attrib")) for ref in refs)


def _click_name(flags: list[str]) -> str:
    """How click names a parameter: a word without dashes, else the longest-dashed first flag."""
    plain_names = [flag for flag in flags if flag.isidentifier()]
    if plain_names:
        return plain_names[0]
    ordered = sorted(flags, key=lambda flag: -(len(flag) - len(flag.lstrip("-"))))
    return ordered[0].partition("/")[0].lstrip("-").replace("-", "_").lower() if ordered else ""


def _calls_in(function: cst.CSTNode, annotation: cst.CSTNode | None, value: cst.CSTNode | None) -> Iterator[cst.Call]:
    if isinstance(value, cst.Call):
        yield value
    if isinstance(function, cst.FunctionDef):
        for decorator in function.decorators:
            if isinstance(decorator.decorator, cst.Call):
                yield decorator.decorator
    if isinstance(annotation, cst.Subscript):
        for element in annotation.slice:
            if isinstance(element.slice, cst.Index) and isinstance(element.slice.value, cst.Call):
                yield element.slice.value
