"""Functions and classes that a dictionary or list holds, and the calls of them: `RUNNERS[name]("0.0.0.0", 80)`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import libcst as cst

from bindlint.readers.python.changes import SOME
from bindlint.readers.python.scopes import At, CallSite, Scope, constant_key, dotted, last_name, lookup, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.readers.python.names import Names, Ref
    from bindlint.readers.python.scopes import Write
    from bindlint.readers.python.tree import Tree

MAX_HELD = 24  # of one dictionary or list
MAX_CALLS = 24  # of what one file holds
_GET = "get"

_called: WeakKeyDictionary[Tree, list[CallSite]] = WeakKeyDictionary()


def refs(names: Names, node: cst.BaseExpression, at: At, depth: int) -> Iterator[Ref]:
    """What `d[key]` or `d.get(key)` takes out of a dictionary or list that is written in the project."""
    asked = _asked(node)
    if asked is None:
        return
    base, key = asked
    count = 0
    for write in _writes(names, base, at, depth):
        for item, place in _items(write, key):
            for ref in names.refs(item, place, depth):
                if ref.scope is not None or ref.name in names.library.known or ref.name in names.library.calls:
                    count += 1
                    yield ref
            if isinstance(item, cst.Name):
                yield from _decorated(names, item, place, depth)
            if count > MAX_HELD:
                return


def calls(names: Names, scope: Scope, depth: int, *, everywhere: bool) -> Iterator[tuple[CallSite, list[cst.Arg]]]:
    """The calls of a function or class by a dictionary or list that holds it."""
    count = 0
    holders = list(_holders(names, scope, depth))
    trees = dict.fromkeys(tree for _, tree in holders)
    for name, home in holders if everywhere else ():
        trees.update(dict.fromkeys(names.modules.importers(name, home.path)))
    for tree in trees:
        for call in _calls_of(tree):
            if count < MAX_CALLS and any(ref.scope is scope for ref in names.refs(call.node.func, call.at, depth)):
                count += 1
                yield call, list(call.node.args)


def _asked(node: cst.BaseExpression) -> tuple[cst.BaseExpression, str | None] | None:
    """The dictionary or list that an expression asks, and the key, None for one that only a run knows."""
    if isinstance(node, cst.Subscript):
        return node.value, constant_key(node)
    if (
        isinstance(node, cst.Call)
        and isinstance(node.func, cst.Attribute)
        and node.func.attr.value == _GET
        and node.args
    ):
        return node.func.value, plain(node.args[0].value)
    return None


def _writes(names: Names, node: cst.BaseExpression, at: At, depth: int) -> Iterator[Write]:
    """The writes of what an expression names, where it is of the project."""
    found = lookup(dotted(node), at) if dotted(node) else []
    if isinstance(node, cst.Name):
        found = found or names.starred(node.value, at)
    elif isinstance(node, cst.Attribute) and not found:
        for ref in names.refs(node.value, at, depth):
            if ref.scope is not None and ref.scope.kind == "module":
                found += names.exported(ref.scope.file, node.attr.value, at)
            elif ref.scope is not None and ref.scope.kind == "class":
                found += [
                    w for one in names.family(ref.scope) for w in names.attribute_writes(one, node.attr.value, at)
                ]
    for write in found:
        reached = names.imported(write) if write.kind == "import" else None
        yield from reached[1] if reached is not None else [write]


def _items(write: Write, key: str | None) -> Iterator[tuple[cst.BaseExpression, At]]:
    """What a dictionary or list holds that a write makes, and what is put in later."""
    value = write.value
    if write.kind != "value" or value is None:
        return
    if isinstance(value, cst.Dict):
        for element in value.elements:
            if isinstance(element, cst.DictElement) and key in (None, plain(element.key) or key):
                yield element.value, write.at
    elif isinstance(value, (cst.List, cst.Tuple)):
        for number, member in enumerate(value.elements):
            if key is None or key == str(number) or not key.isdigit():
                yield member.value, write.at
    for part, change in write.at.scope.changes.get(dotted(write.target), ()):
        meant = part == SOME or (part[:1] == "[" and key in (None, part[1:-1]))
        if meant and change.value is not None and change.kind == "value":
            yield change.value, change.at


def _decorated(names: Names, item: cst.Name, at: At, depth: int) -> Iterator[Ref]:
    """The classes and functions that a decorator puts into a dictionary: `def register(cls): REGISTRY[…] = cls`."""
    function = at.scope.function
    if function is None or not any(write.kind == "param" for write in lookup(item.value, at)):
        return
    outer = function.parent if function.parent is not None and function.parent.kind == "function" else None
    told = outer or function
    for tree in dict.fromkeys([function.file, at.scope.file, *names.modules.importers(told.name, told.file.path)]):
        for scope in tree.scopes.values():
            if any(ref.scope is told for ref in _decorators(names, scope, depth)):
                for write in scope.parent.writes.get(scope.name, ()) if scope.parent is not None else ():
                    yield from names.of_write(write, depth)


def _decorators(names: Names, scope: Scope, depth: int) -> Iterator[Ref]:
    node = scope.node
    if isinstance(node, (cst.FunctionDef, cst.ClassDef)) and scope.at is not None:
        for decorator in node.decorators:
            inner = decorator.decorator
            yield from names.refs(inner.func if isinstance(inner, cst.Call) else inner, scope.at, depth)


def _holders(names: Names, scope: Scope, depth: int) -> Iterator[tuple[str, Tree]]:
    """The names of what holds a function or class, in its own file or by its decorators, and the file they are of."""
    for home in (scope.file.module, scope.parent):
        for name, writes in home.writes.items() if home is not None else ():
            if any(_holds(write.value, scope.name) for write in writes):
                yield name, scope.file
        for base, changes in home.changes.items() if home is not None else ():
            if any(
                part != "" and change.value is not None and _is(change.value, scope.name) for part, change in changes
            ):
                yield base, scope.file
    for ref in _decorators(names, scope, depth):
        for base, changes in ref.scope.file.module.changes.items() if ref.scope is not None else ():
            if any(part == SOME and change.at.scope.function is not None for part, change in changes):
                yield base, ref.scope.file  # type: ignore[union-attr] # a scope, as asked above


def _holds(value: cst.BaseExpression | None, name: str) -> bool:
    if isinstance(value, cst.Dict):
        return any(_is(element.value, name) for element in value.elements)
    return isinstance(value, (cst.List, cst.Tuple)) and any(_is(element.value, name) for element in value.elements)


def _is(value: cst.BaseExpression, name: str) -> bool:
    return last_name(value) == name


def _calls_of(tree: Tree) -> list[CallSite]:
    """The calls in a file of what is taken out of something, also under a name."""
    if tree not in _called:
        _called[tree] = [call for call in tree.calls if _takes(call.node.func, call.at)]
    return _called[tree]


def _takes(node: cst.BaseExpression, at: At) -> bool:
    if isinstance(node, cst.Name):
        return any(
            w.kind == "value" and w.value is not None and not w.path and _asked(w.value) for w in lookup(node.value, at)
        )
    return _asked(node) is not None
