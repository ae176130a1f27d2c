"""What a command of click or typer finds in its context: `ctx.obj`, which the command above it has set.

Sources: click's documentation, "Nested Handling and Contexts" (`pass_context`, `pass_obj`, `Context.obj`); that of
typer, "Using the Context".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from bindlint.readers.python import containers, effects
from bindlint.readers.python.scopes import last_name, lookup
from bindlint.readers.python.value import MAX_VALUES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.readers.python.names import Names
    from bindlint.readers.python.scopes import At, Scope, Write
    from bindlint.readers.python.tree import Tree
    from bindlint.readers.python.value import Value
    from bindlint.readers.python.values import Values

MAX_COMMANDS = 12  # that set an object for those below them
_OF = ("click", "rich_click", "asyncclick", "typer")  # whose names these are
_CLASS, _CONTEXT, _OBJECT = "Context", "pass_context", "pass_obj"
_ATTRIBUTE = "obj"


def of(values: Values, node: cst.BaseExpression, at: At, depth: int) -> Iterator[Value]:
    """What the object of a command's context can be: what is set, with what is put into it."""
    for command, name in _setting(values.names, node, at):
        done = [(part, write, True) for part, write in command.changes.get(name, ())]
        found = [v for write in command.writes.get(name, ())[:MAX_VALUES] for v in values.of_write(write, name, depth)]
        for value in found or ([containers.Record().value(node, at)] if done else []):
            if value.kind != "mapping" or not done:
                yield value
                continue
            made = containers.record(value)
            effects.apply(values, made, done, "", depth)
            yield made.value(value.node, value.at, origin=value.origin, trail=value.trail)


def writes(names: Names, node: cst.BaseExpression, at: At) -> list[Write]:
    """The writes of the object of a command's context."""
    return [write for command, name in _setting(names, node, at) for write in command.writes.get(name, ())]


def _setting(names: Names, node: cst.BaseExpression, at: At) -> Iterator[tuple[Scope, str]]:
    """The commands that set what an expression reads, and under which name; none when it is no context's object."""
    function = at.scope.function
    if function is None or not _reads(names, node, at):
        return
    count = 0
    for tree in dict.fromkeys(_files(names, function)):
        for scope in tree.scopes.values():
            context = _context(names, scope) if scope is not function else ""
            name = f"{context}.{_ATTRIBUTE}"
            if context and (name in scope.writes or name in scope.changes) and count < MAX_COMMANDS:
                count += 1
                yield scope, name


def _reads(names: Names, node: cst.BaseExpression, at: At) -> bool:
    first = node.value if isinstance(node, cst.Attribute) and node.attr.value == _ATTRIBUTE else node
    if not isinstance(first, cst.Name):
        return False
    function = next((write.at.scope for write in lookup(first.value, at) if write.kind == "param"), None)
    if function is None:
        return False
    if first is node:
        return _first(function) == first.value and _decorated(names, function, _OBJECT)
    return _context(names, function) == first.value


def _context(names: Names, function: Scope) -> str:
    """The parameter of a command that is its context, "" for none."""
    node = function.node
    if not isinstance(node, cst.FunctionDef) or function.at is None:
        return ""
    for param in node.params.params:
        note = param.annotation.annotation if param.annotation is not None else None
        if note is not None and last_name(note) == _CLASS and _is(names, note, function.at, _CLASS):
            return param.name.value
    return _first(function) if _decorated(names, function, _CONTEXT) else ""


def _first(function: Scope) -> str:
    params = function.node.params.params if isinstance(function.node, cst.FunctionDef) else ()
    return params[0].name.value if params else ""


def _decorated(names: Names, function: Scope, name: str) -> bool:
    decorators = function.node.decorators if isinstance(function.node, cst.FunctionDef) else ()
    given = [d.decorator for d in decorators if last_name(d.decorator) == name]
    return function.at is not None and any(_is(names, node, function.at, name) for node in given)


def _is(names: Names, node: cst.CSTNode, at: At, name: str) -> bool:
    full = {f"{module}.{part}{name}" for module in _OF for part in ("", "core.")}
    return any(ref.name in full for ref in names.refs(node, at))


def _files(names: Names, function: Scope) -> Iterator[Tree]:
    """The files whose commands may be above one: its own, that of its group, and those that add it to one."""
    yield function.file
    node = function.node
    for decorator in node.decorators if isinstance(node, cst.FunctionDef) and function.at is not None else ():
        made = decorator.decorator.func if isinstance(decorator.decorator, cst.Call) else decorator.decorator
        if isinstance(made, cst.Attribute) and function.at is not None:
            for ref in names.refs(made.value, function.at):
                if ref.scope is not None:
                    yield ref.scope.file
                elif ref.made is not None:
                    yield ref.made.at.scope.file
    yield from names.modules.importers(function.name, function.file.path)
