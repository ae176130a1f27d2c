"""Options of command lines that a program declares: argparse, optparse, tornado.options, absl.flags; their defaults.

Sources: argparse and optparse (docs.python.org); tornado.options `define`; absl.flags `DEFINE_string`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from bindlint.readers.python.names import parameter_name
from bindlint.readers.python.scopes import At, CallSite, Write, dotted, last_name, lookup, plain
from bindlint.readers.python.value import Held, Hop, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.readers.python.names import Names
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
_TAKERS = frozenset(  # what gives an object to which options are added
    {"ArgumentParser", "OptionParser", "add_argument_group", "add_mutually_exclusive_group", "add_parser"}
)
_PARENTS = "parents"  # of an argparse.ArgumentParser: those whose options it has, too
_NOT_NONE = frozenset({"required", "action", "nargs", "const"})  # with which an option that is left out may not be None


class Options:
    """The options declared in one file and in those that it leads to, by the name of their value.

    `flags` are those of an option, by the expression that is its default; `helps` is what people are told of it.
    """

    def __init__(self, names: Names) -> None:
        self.names = names
        self.flags: dict[cst.CSTNode, tuple[str, ...]] = {}
        self.helps: dict[cst.CSTNode, cst.BaseExpression] = {}
        self._options: dict[Tree, dict[str, list[Found]]] = {}
        self._required: dict[tuple[Tree, str], tuple[str, ...]] = {}

    def of_file(self, tree: Tree) -> dict[str, list[Found]]:
        """The command-line options declared in a file, by the name of their value."""
        if tree not in self._options:
            found = self._options[tree] = {}
            for call in tree.calls:
                self._declared(call, found)
            for other in dict.fromkeys(self._taken(tree)):
                for name, options in self.of_file(other).items():
                    found.setdefault(name, options)
                    if (flags := self._required.get((other, name))) is not None:
                        self._required.setdefault((tree, name), flags)
        return self._options[tree]

    def _taken(self, tree: Tree) -> Iterator[Tree]:
        """The other files whose options a file's parsers take over: their `parents`, and who gets them to add some."""
        for call in tree.calls:
            for arg in call.node.args:
                given = arg.value
                if arg.keyword is not None and arg.keyword.value == _PARENTS:
                    for element in given.elements if isinstance(given, (cst.List, cst.Tuple)) else ():
                        yield from self._homes(element.value, call.at)
                elif not arg.star and _is_parser(given, call.at):
                    yield from (ref.scope.file for ref in self.names.refs(call.node.func, call.at) if ref.scope)

    def required(self, name: str, node: cst.BaseExpression, at: At) -> tuple[str, ...]:
        """The flags of an option without a default, by the name of its value on an object that holds options."""
        trees = self._homes(node, at) if self.holds(node, at) else ()
        found = (self._required[tree, name] for tree in trees if self.of_file(tree) and (tree, name) in self._required)
        return next(found, ())

    def option(self, name: str, node: cst.BaseExpression, at: At) -> list[Found]:
        """The defaults of an option, declared where the object that holds the options is made."""
        for tree in self._homes(node, at):
            if name in (options := self.of_file(tree)):
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
        flags = flags_of(call.node)
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
            self.flags[default] = tuple(flags)
            if (told := given.get("help")) is not None:
                self.helps[default] = told
        elif name == "add_argument" and flags and flags[0].startswith("-") and not given.keys() & _NOT_NONE:
            label = max(flags, key=len)
            nothing = Value(
                "none", call.node, call.at, origin="default", trail=(Hop(call.node, f"{label} is None here"),)
            )
            held = Held((nothing,))
            options.setdefault(destination, []).append((held, call.at, f"default of {label}"))
            self.flags[held] = tuple(flags)
        else:
            options.setdefault(destination, [])
            self._required[call.at.scope.file, destination] = tuple(flags)

    def of_attribute(self, node: cst.Attribute, at: At) -> Iterator[Found]:
        """Defaults of the options that `args.name` reads."""
        if self.holds(node.value, at):
            yield from self.option(node.attr.value, node.value, at)

    def of_subscript(self, node: cst.Subscript, key: str, at: At) -> Iterator[Found]:
        """Defaults of the options that `options["name"]` reads, and of variables set beforehand."""
        if self.holds(node.value, at):
            yield from self.option(key, node.value, at)

    def entries(self, node: cst.BaseExpression, at: At) -> dict[str, Found]:
        """All options with a default that an object holds, for `**vars(args)`."""
        if not self.holds(node, at):
            return {}
        trees = dict.fromkeys(self._homes(node, at))
        return {name: found[-1] for tree in trees for name, found in self.of_file(tree).items() if found}

    def holds(self, node: cst.BaseExpression, at: At) -> bool:
        """Whether an expression is, by its name or by what made it, an object that holds parsed options."""
        if isinstance(node, cst.Call):
            function = node.func
            if dotted(function) == "vars" and node.args:
                return self.holds(node.args[0].value, at)
            name = function.attr.value if isinstance(function, cst.Attribute) else getattr(function, "value", "")
            return name in _PARSERS or "arg" in name.lower() or "option" in name.lower()
        name = dotted(node).rpartition(".")[2]
        if name in _HOLDERS or name in _HOLDERS_MORE or name.endswith(("args", "options", "FLAGS")):
            return True
        if isinstance(node, cst.Name):
            for write in lookup(node.value, at):
                if write.kind == "value" and isinstance(write.value, cst.Call) and self.holds(write.value, at):
                    return True
        return False


def _is_parser(node: cst.BaseExpression, at: At) -> bool:
    """Whether options can be added to what an expression is, by the call that makes it."""
    made = [write.value for write in lookup(node.value, at)] if isinstance(node, cst.Name) else [node]
    return any(isinstance(value, cst.Call) and last_name(value.func) in _TAKERS for value in made)


def keywords(call: cst.Call) -> dict[str, cst.BaseExpression]:
    """The arguments that a call gives by name."""
    return {arg.keyword.value: arg.value for arg in call.args if arg.keyword is not None}


def flags_of(call: cst.Call) -> list[str]:
    """The plain texts among the positions of a call: the flags of the option that it declares."""
    return [text for arg in call.args if arg.keyword is None and (text := plain(arg.value)) is not None]


def _destination(flags: list[str]) -> str:
    """How argparse and optparse name the value of an option: the first long flag, else the first one."""
    chosen = next((flag for flag in flags if flag.startswith("--")), flags[0] if flags else "")
    return chosen.lstrip("-").replace("-", "_")
