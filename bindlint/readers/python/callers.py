"""Who calls a function of the project, and with which arguments: in its own file, and in those that speak of it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import libcst as cst

from bindlint.readers.python import held
from bindlint.readers.python.callees import bind, called

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.readers.python.names import Names
    from bindlint.readers.python.scopes import At, CallSite, Scope
    from bindlint.readers.python.tree import Tree

MAX_CALLERS = 24
MAX_HEIRS = 12  # classes that inherit a constructor

Call = tuple["CallSite", dict[str, cst.BaseExpression]]


def callers(names: Names, function: Scope, depth: int, *, everywhere: bool) -> Iterator[Call]:
    """The calls of a function, with their arguments by parameter name (those of `**` under "**").

    Calls of a class are calls of its `__init__`, and so are those of a class that inherits it. Without `everywhere`,
    only the function's own file is asked.
    """
    owner = function.parent if function.parent is not None and function.parent.kind == "class" else None
    is_method = bool(function.me) and owner is not None
    calls = _of_constructor(names, function, owner, depth, everywhere=everywhere)
    if not is_method or owner is None or function.name != "__init__":
        calls = _of_name(names, function, function.name, depth, everywhere=everywhere) if function.name else iter(())
    for call, arguments in itertools.islice(calls, MAX_CALLERS):
        yield call, bind(function, arguments, skip=1 if is_method else 0)


def _of_name(
    names: Names, function: Scope, name: str, depth: int, *, everywhere: bool
) -> Iterator[tuple[CallSite, list[cst.Arg]]]:
    for tree in _speaking(names, name, function.file, everywhere=everywhere):
        for call in _calling(names, tree, name):
            func, arguments = called(call, name, names.library)
            if func is not None and _means(names, func, call.at, function, depth):
                yield call, arguments
    yield from held.calls(names, function, depth, everywhere=everywhere)


def _means(names: Names, func: cst.BaseExpression, at: At, function: Scope, depth: int) -> bool:
    """Whether a callee of the function's name is that function; in its own file, nothing known speaks for it."""
    if isinstance(func, cst.Attribute) and function.me:
        bases = names.refs(func.value, at, depth) if names.reachable(depth) else ()
        if not bases:
            return at.scope.file is function.file
        families = [names.family(ref.scope) for ref in bases if ref.scope is not None and ref.scope.kind == "class"]
        return any(function.parent is member for family in families for member in family)
    return any(ref.scope is function for ref in names.refs(func, at, depth))


def _of_constructor(
    names: Names, function: Scope, owner: Scope | None, depth: int, *, everywhere: bool
) -> Iterator[tuple[CallSite, list[cst.Arg]]]:
    if owner is None:
        return
    for heir in [owner, *itertools.islice(heirs(names, owner, everywhere=everywhere), MAX_HEIRS)]:
        own = heir.writes.get("__init__")
        for tree in _speaking(names, heir.name, heir.file, everywhere=everywhere) if heir is owner or not own else ():
            for call in _calling(names, tree, heir.name):
                func, arguments = called(call, heir.name, names.library)
                if func is not None and any(ref.scope is heir for ref in names.refs(func, call.at, depth)):
                    yield call, arguments
        if heir is owner or not own:
            yield from held.calls(names, heir, depth, everywhere=everywhere)
        if own and heir is not owner:
            yield from _upwards(names, heir, function, owner, depth)


def _upwards(
    names: Names, heir: Scope, function: Scope, owner: Scope, depth: int
) -> Iterator[tuple[CallSite, list[cst.Arg]]]:
    """`super().__init__(…)` and `Base.__init__(self, …)` in the constructor of a class that inherits."""
    for call in heir.file.called.get("__init__", ()):
        func = call.node.func
        if call.at.scope.owner is not heir or not isinstance(func, cst.Attribute):
            continue
        if any(ref.scope is function for ref in names.refs(func, call.at, depth)):
            arguments = list(call.node.args)
            direct = not isinstance(func.value, cst.Call)
            yield call, arguments[1:] if direct else arguments
        elif any(ref.scope is owner for ref in names.refs(func.value, call.at, depth)):
            yield call, list(call.node.args)


def heirs(names: Names, owner: Scope, *, everywhere: bool = True) -> Iterator[Scope]:
    """The classes that inherit from a class: in its own file, and in those that speak of it."""
    for tree in _speaking(names, owner.name, owner.file, everywhere=everywhere):
        for scope in tree.scopes.values():
            if scope.kind == "class" and scope is not owner and any(owner is base for base in names.family(scope)):
                yield scope


def _speaking(names: Names, name: str, home: Tree, *, everywhere: bool) -> Iterator[Tree]:
    yield home
    if everywhere:
        yield from names.modules.importers(name, home.path)


def _calling(names: Names, tree: Tree, name: str) -> Iterator[CallSite]:
    yield from tree.called.get(name, ())
    for spawn in names.library.spawners:
        for call in tree.called.get(spawn, ()):
            if called(call, name, names.library)[0] is not None:
                yield call
