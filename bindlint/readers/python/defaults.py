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
from bindlint.readers.python.scopes import At, CallSite, Scope, Write, dotted, last_name, lookup, plain
from bindlint.readers.python.value import Held, Hop, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bindlint.readers.python.names import Names, Ref
    from bindlint.readers.python.tree import Tree

MAX_HOMES = 6  # steps back from an object that holds options to where it is made

Found = tuple[cst.BaseExpression, At, str]

_DECLARERS = ("add_argument", "add_option", "define", "DEFINE_string", "DEFINE_integer", "add", "option", "argument")
_HOLDERS = (
    *("args", "arg", "opts", "opt", "options", "option", "arguments", "parsed", "ns", "namespace", "flags"),
    *("params",),
)
_HOLDERS_MORE = (
    *("cli_args", "cmd_args", "known_args", "parsed_args", "cmdline", "kwargs", "conf", "config", "cfg"),
    *("parsed_options",),
)
_PARSERS = ("parse_args", "parse_known_args", "parse_intermixed_args", "get_args", "parse")
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
_READING_CLASSES = (
    *("environs.Env", "environs.env", "environ.Env", "starlette.config.Config"),
    *("decouple.Config", "decouple.AutoConfig"),
)


_NOT_NONE = frozenset({"required", "action", "nargs", "const"})  # with which an option that is left out may not be None


@dataclass(frozen=True, slots=True)
class Default:
    """What a call falls back to; `value` is None when there is no fallback, `what` is what decides then."""

    value: cst.BaseExpression | None
    note: str
    what: str
    variable: str = ""
    at: At | None = None  # where `value` is written, None for beside the call


class Defaults:
    """The defaults declared in one file and in those that it leads to."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._options: dict[Tree, dict[str, list[Found]]] = {}
        self._flags: dict[cst.CSTNode, tuple[str, ...]] = {}  # by the default that is declared with them
        self._required: dict[tuple[Tree, str], tuple[str, ...]] = {}

    def options(self, tree: Tree) -> dict[str, list[Found]]:
        """The command-line options declared in a file, by the name of their value."""
        if tree not in self._options:
            found = self._options[tree] = {}
            for call in tree.calls:
                self._declared(call, found)
        return self._options[tree]

    def flags(self, default: cst.CSTNode) -> tuple[str, ...]:
        """The flags of the command-line option whose default an expression is; () for none."""
        return self._flags.get(default, ())

    def required(self, name: str, node: cst.BaseExpression, at: At) -> tuple[str, ...]:
        """The flags of an option without a default, by the name of its value on an object that holds options."""
        trees = self._homes(node, at) if self._holds_options(node, at) else ()
        found = (self._required[tree, name] for tree in trees if self.options(tree) and (tree, name) in self._required)
        return next(found, ())

    def _option(self, name: str, node: cst.BaseExpression, at: At) -> list[Found]:
        """The defaults of an option, declared where the object that holds the options is made."""
        for tree in self._homes(node, at):
            if name in (options := self.options(tree)):
                return options[name]
        return []

    def _homes(self, node: cst.BaseExpression, at: At, depth: int = 0) -> Iterator[Tree]:
        """The files in which the options of an object may be declared: where it is used, and where it comes from."""
        yield at.scope.file
        if depth > MAX_HOMES:
            return
        if isinstance(node, cst.Call):
            for ref in self.names.refs(node.func, at):
                if ref.scope is not None:
                    yield ref.scope.file
            inner = node.args[0].value if dotted(node.func) == "vars" and node.args else node.func
            yield from self._homes(inner, at, depth + 1)
            return
        if isinstance(node, cst.Attribute):
            for ref in self.names.refs(node.value, at):
                if ref.scope is not None and ref.scope.kind == "module":
                    yield ref.scope.file
                elif ref.scope is not None and ref.scope.kind == "class":
                    for write in self.names.attribute_writes(ref.scope, node.attr.value, at):
                        yield from self._whence(write, depth)
        key = dotted(node)
        for write in lookup(key, at) if key else ():
            yield from self._whence(write, depth)

    def _whence(self, write: Write, depth: int) -> Iterator[Tree]:
        if write.kind == "import" and (found := self.names.imported(write)) is not None:
            yield found[0]
            for inner in found[1]:
                yield from self._whence(inner, depth + 1)
        elif write.kind == "param" and not write.text:
            for call, arguments in self.names.callers(write.at.scope):
                if (given := arguments.get(parameter_name(write))) is not None:
                    yield from self._homes(given, call.at, depth + 1)
        elif write.kind == "value" and write.value is not None:
            yield from self._homes(write.value, write.at, depth + 1)

    def _declared(self, call: CallSite, options: dict[str, list[Found]]) -> None:
        function = call.node.func
        name = function.attr.value if isinstance(function, cst.Attribute) else getattr(function, "value", "")
        if name == "set_defaults":
            for option, value in keywords(call.node).items():
                options[option] = [(value, call.at, f"default of {option}")]
        if name not in _DECLARERS[:6]:
            return
        flags = _flags(call.node)
        given = keywords(call.node)
        destination = plain(given.get("dest")) or _destination(flags)
        if not destination:
            return
        default = given.get("default")
        if default is None and name.startswith(("DEFINE", "define")) and len(call.node.args) > 1:
            second = call.node.args[1]
            default = second.value if second.keyword is None else None
        if default is not None:
            label = max(flags, key=len) if flags else destination
            options.setdefault(destination, []).append((default, call.at, f"default of {label}"))
            self._flags[default] = tuple(flags)
        elif name == "add_argument" and flags and flags[0].startswith("-") and not given.keys() & _NOT_NONE:
            label = max(flags, key=len)
            nothing = Value(
                "none", call.node, call.at, origin="default", trail=(Hop(call.node, f"{label} is None here"),)
            )
            held = Held((nothing,))
            options.setdefault(destination, []).append((held, call.at, f"default of {label}"))
            self._flags[held] = tuple(flags)
        else:
            options.setdefault(destination, [])
            self._required[call.at.scope.file, destination] = tuple(flags)

    def of_attribute(self, node: cst.Attribute, at: At) -> Iterator[Found]:
        """Defaults of the options that `args.name` reads."""
        if self._holds_options(node.value, at):
            yield from self._option(node.attr.value, node.value, at)

    def of_subscript(self, node: cst.Subscript, key: str, at: At) -> Iterator[Found]:
        """Defaults of the options that `options["name"]` reads, and of variables set beforehand."""
        if self._holds_options(node.value, at):
            yield from self._option(key, node.value, at)

    def entries(self, node: cst.BaseExpression, at: At) -> dict[str, Found]:
        """All options with a default that an object holds, for `**vars(args)`."""
        if not self._holds_options(node, at):
            return {}
        trees = dict.fromkeys(self._homes(node, at))
        return {name: found[-1] for tree in trees for name, found in self.options(tree).items() if found}

    def _holds_options(self, node: cst.BaseExpression, at: At) -> bool:
        if isinstance(node, cst.Call):
            function = node.func
            if dotted(function) == "vars" and node.args:
                return self._holds_options(node.args[0].value, at)
            name = function.attr.value if isinstance(function, cst.Attribute) else getattr(function, "value", "")
            return name in _PARSERS or "arg" in name.lower() or "option" in name.lower()
        name = dotted(node).rpartition(".")[2]
        if name in _HOLDERS or name in _HOLDERS_MORE or name.endswith(("args", "options", "FLAGS")):
            return True
        if isinstance(node, cst.Name):
            for write in lookup(node.value, at):
                if write.kind == "value" and isinstance(write.value, cst.Call) and self._holds_options(write.value, at):
                    return True
        return False

    def of_parameter(self, write: Write) -> list[Found]:
        """The default of a parameter: its own, or that of the command-line option declared for it."""
        function = write.at.scope
        name = parameter_name(write)
        if function.at is None:
            return []
        for call in _option_calls(function.node, write.annotation, write.value):
            called = self._option_call(call, function.at)
            flags, given = _flags(call), keywords(call)
            if not called:
                continue
            if call is write.value:
                first = call.args[0].value if call.args and call.args[0].keyword is None else None
                default = given.get("default") or given.get("default_factory") or first
                return self.made_by(default, function.at, f"default of --{name}") if default is not None else []
            if called.startswith("typer"):
                if write.value is None and "default_factory" in given:
                    return self.made_by(given["default_factory"], function.at, f"default of --{name}")
            elif "default" in given and name in (_click_name(flags), *flags):
                self._flags[given["default"]] = tuple(flags)
                return self.made_by(given["default"], function.at, f"default of {max(flags, key=len)}")
        if write.value is None:
            return self._handled(function, name)
        label = f"{function.name}()" if function.name else "a lambda"
        return [(write.value, function.at, f"default of {name} in {label}")]

    def of_decorators(self, function: Scope) -> dict[str, list[Found]]:
        """The defaults of the options that decorators declare for a function, by parameter name."""
        found = {}
        for call in _option_calls(function.node, None, None) if function.at is not None else ():
            flags, default = _flags(call), keywords(call).get("default")
            if function.at is not None and default is not None and flags and self._option_call(call, function.at):
                note = f"default of {max(flags, key=len)}"
                found[_click_name(flags)] = self.made_by(default, function.at, note)
        return found

    def _option_call(self, call: cst.Call, at: At) -> str:
        return next((r.name for r in self.names.refs(call.func, at) if r.name in _OPTION_CALLS), "")

    def made_by(self, node: cst.BaseExpression, at: At, note: str) -> list[Found]:
        """What calling a function gives, for defaults that are called; any other expression is itself."""
        if not isinstance(node, (cst.Lambda, cst.Name, cst.Attribute)):
            return [(node, at, note)]
        functions = [r.scope for r in self.names.refs(node, at) if r.scope is not None and not r.instance]
        made = [
            (*given, note) for scope in functions if scope.kind in ("function", "lambda") for given in scope.returns
        ]
        return made or [(node, at, note)]

    def _handled(self, function: Scope, name: str) -> list[Found]:
        """The option behind a parameter that gets it by name: `handle` of a Django command, `main(**vars(args))`."""
        found = self.options(function.file).get(name, []) if function.name == "handle" else self._spread(function, name)
        return found[-1:]

    def _spread(self, function: Scope, name: str) -> list[Found]:
        for call, arguments in self.names.callers(function):
            if "**" in arguments and (found := self.entries(arguments["**"], call.at).get(name)) is not None:
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

    def of_call(self, node: cst.Call, at: At, refs: Sequence[Ref]) -> Default | None:
        """The fallback of a call that reads a setting by name; None when the call is none."""
        names = [arg for arg in node.args if arg.keyword is None and not arg.star]
        given = keywords(node)
        called = next((r.name for r in refs if r.name), "")
        attribute = node.func.attr.value if isinstance(node.func, cst.Attribute) else ""
        key = plain(names[0].value) if names else None
        reads = called in _READERS or any(called == c or called.startswith(f"{c}.") for c in _READING_CLASSES)
        if not reads and isinstance(node.func, cst.Name) and key and self._is_environment_reader(node.func, at):
            reads = True
        if reads and names:
            fallback = given.get("default") or (names[1].value if len(names) > 1 else None)
            if fallback is None and key:
                fallback = _declared_with(refs, key)
            what = f"environment variable {key}" if key else "an environment variable"
            return Default(fallback, f"default of {what}", what, key or "")
        if called == "getattr" and len(names) == 3:
            return Default(names[2].value, f"fallback of {plain(names[1].value) or 'an attribute'}", "an attribute")
        if (
            (attribute in ("get", "pop", "setdefault", "getOption") or _falls_back(attribute, names, given, called))
            and not any(r.scope for r in refs)
            and names
            and key is not None
        ):
            fallback = given.get("fallback") or given.get("default") or (names[-1].value if len(names) > 1 else None)
            if attribute == "get" and len(names) == 2 and "fallback" in given:
                fallback = given["fallback"]
            if (
                isinstance(node.func, cst.Attribute)
                and self._holds_options(node.func.value, at)
                and (options := self._option(key, node.func.value, at))
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


def keywords(call: cst.Call) -> dict[str, cst.BaseExpression]:
    """The arguments that a call gives by name."""
    return {arg.keyword.value: arg.value for arg in call.args if arg.keyword is not None}


def _falls_back(
    method: str, positional: Sequence[cst.Arg], given: Mapping[str, cst.BaseExpression], called: str
) -> bool:
    """Whether a method of a project's own asks for a setting with a fallback: `config.getVal("host", default="")`."""
    if not method.startswith("get") or called.partition(".")[0] in sys.stdlib_module_names:
        return False
    written = len(positional) == 2 and plain(positional[1].value) is not None
    return written or "default" in given or "fallback" in given


def _declared_with(refs: Sequence[Ref], key: str) -> cst.BaseExpression | None:
    """The default that the reader of the environment was made with: `Env(HOST=(str, "0.0.0.0"))`."""
    for ref in refs:
        declared = keywords(ref.made.node).get(key) if ref.made is not None else None
        if isinstance(declared, cst.Tuple) and len(declared.elements) == 2:
            return declared.elements[1].value
    return None


def _flags(call: cst.Call) -> list[str]:
    return [text for arg in call.args if arg.keyword is None and (text := plain(arg.value)) is not None]


def _takes_default_first(refs: Sequence[Ref]) -> bool:
    return any(ref.name.endswith(("Field", "attr.ib", "attr.attrib")) for ref in refs)


def _destination(flags: list[str]) -> str:
    """How argparse and optparse name the value of an option: the first long flag, else the first one."""
    chosen = next((flag for flag in flags if flag.startswith("--")), flags[0] if flags else "")
    return chosen.lstrip("-").replace("-", "_")


def _click_name(flags: list[str]) -> str:
    """How click names a parameter: a word without dashes, else the longest-dashed first flag."""
    plain_names = [flag for flag in flags if flag.isidentifier()]
    if plain_names:
        return plain_names[0]
    ordered = sorted(flags, key=lambda flag: -(len(flag) - len(flag.lstrip("-"))))
    return ordered[0].partition("/")[0].lstrip("-").replace("-", "_").lower() if ordered else ""


def _option_calls(
    function: cst.CSTNode, annotation: cst.CSTNode | None, value: cst.CSTNode | None
) -> Iterator[cst.Call]:
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
