"""Objects of the project's classes: which class an object is of, what made it, and what its methods wrote to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from bindlint.readers.python import containers, contexts, held
from bindlint.readers.python.callees import bind
from bindlint.readers.python.callers import heirs
from bindlint.readers.python.names import END, parameter_name, unpacked
from bindlint.readers.python.scopes import At, CallSite, Scope, Write, dotted, lookup, reaching

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.readers.python.names import Names, Ref
    from bindlint.readers.python.values import Values

STARTERS = ("__init__", "__new__", "__post_init__", "setUp")  # the methods that run before all others
MAX_HEIRS = 12
MAX_MAKERS = 24
_FOLLOWED = (cst.Name, cst.Attribute, cst.Subscript, cst.Call)
MAX_STEPS_BACK = 4  # from a name to the call that gives it


@dataclass(frozen=True)
class Made:
    """An object of a class, and the call that made it as far as it is known."""

    scope: Scope
    made: CallSite | None = None


def receivers(values: Values, scope: Scope, at: At) -> list[Scope]:
    """The classes whose objects a method of a class may run on: those that are made, all when none is."""
    concrete = values.concrete(scope)
    if concrete is not scope:
        return [concrete]
    method = at.scope.function
    name = method.name if method is not None else ""
    below = list(heirs(values.names, scope))[:MAX_HEIRS]
    below = [heir for heir in below if name not in heir.writes]
    made = [one for one in (scope, *below) if next(makers(values.names, one), None) is not None]
    return made or [scope, *below]


def methods(values: Values, callee: cst.BaseExpression, method: Scope, at: At) -> list[tuple[Scope, Scope | None]]:
    """What a call of a method on the object around runs: that of the class which the object is of, and that class."""
    owner = at.scope.owner
    if (
        not isinstance(callee, cst.Attribute)
        or owner is None
        or (method.parent is not None and method.parent.kind != "class")
        or not any(scope.me and scope.me == dotted(callee.value) for scope in _around(at.scope))
    ):
        return [(method, None)]
    found: dict[Scope, Scope] = {}
    for concrete in receivers(values, owner, at):
        for scope in values.names.family(concrete):
            if written := [write.scope for write in scope.writes.get(method.name, ()) if write.scope is not None]:
                found.setdefault(written[-1], concrete)
                break
    return list(found.items()) or [(method, None)]


def things(values: Values, node: cst.BaseExpression, at: At, steps: int = MAX_STEPS_BACK) -> list[Ref]:
    """What an expression refers to; for what only the callers in other files know, what they give."""
    refs = list(values.names.refs(node, at))
    name = dotted(node)
    if steps and isinstance(node, (cst.Subscript, cst.Call)) and not any(ref.scope is not None for ref in refs):
        items = containers.chosen(values, node, at, MAX_STEPS_BACK)
        return [ref for item, place in items for ref in things(values, item, place, steps - 1)] or refs
    if not steps or not name or any(ref.scope is not None or ref.instance for ref in refs):
        return refs
    first, _, rest = name.partition(".")
    owner = at.scope.owner
    writes = lookup(name, at)
    if not writes and rest and owner is not None and any(scope.me == first for scope in _around(at.scope)):
        family = values.names.family(values.concrete(owner))
        writes = [write for scope in family for write, _ in attribute_writes(scope, rest, at)]
    found = list(_followed(values, [*writes, *contexts.writes(values.names, node, at)], steps))
    if not found and isinstance(node, cst.Attribute):
        found = list(_parts(values, node, at, steps))
    return [ref for ref in found if ref.scope is not None] or refs


def _followed(values: Values, writes: list[Write], steps: int) -> Iterator[Ref]:
    """What writes give a name, where the names of the file alone do not tell."""
    for write in writes[:MAX_HEIRS]:
        if write.kind == "value" and isinstance(write.value, _FOLLOWED) and not write.path:
            yield from things(values, write.value, write.at, steps - 1)
        elif write.kind == "element" and write.value is not None:
            for sequence in values.of(write.value, write.at, MAX_STEPS_BACK):
                for item, place in sequence.elements[:MAX_HEIRS]:
                    if isinstance(element := unpacked(item, write.path), _FOLLOWED):
                        yield from things(values, element, place, steps - 1)
        elif write.kind == "param" and not write.text:
            for call, given in calls_of(values, write.at.scope):
                if (handed := given.get(parameter_name(write))) is not None:
                    yield from things(values, handed, call.at, steps - 1)


def _parts(values: Values, node: cst.Attribute, at: At, steps: int) -> Iterator[Ref]:
    """What an attribute of an object refers to: what the call gave that made the object, in whichever file."""
    for base in things(values, node.value, at, steps - 1):
        family = values.names.family(base.scope) if base.scope is not None and base.made is not None else []
        written = [values.names.attribute_writes(scope, node.attr.value, at) for scope in family]
        if base.scope is not None and any(written):
            with values.within(Made(base.scope, base.made)):
                yield from _followed(values, next(filter(None, written)), steps)


def _around(scope: Scope) -> Iterator[Scope]:
    inner: Scope | None = scope
    while inner is not None:
        yield inner
        inner = inner.parent


def makers(names: Names, scope: Scope) -> Iterator[CallSite]:
    """The calls of a class itself, in its own file and in those that speak of it."""
    count = 0
    for tree in (scope.file, *names.modules.importers(scope.name, scope.file.path)):
        for call in tree.called.get(scope.name, ()):
            if count < MAX_MAKERS and any(ref.scope is scope for ref in names.refs(call.node.func, call.at)):
                count += 1
                yield call
    yield from (call for call, _ in held.calls(names, scope, 0, everywhere=True))


def fields(family: list[Scope]) -> list[str]:
    """The names of annotated fields in the order in which a made constructor takes them: those of bases first."""
    found: dict[str, None] = {}
    for scope in reversed(family):
        found.update(dict.fromkeys(key for key, (first, *_) in scope.writes.items() if first.annotation is not None))
    return list(found)


def argument(
    values: Values, call: CallSite, name: str, position: int, depth: int
) -> tuple[cst.BaseExpression, At] | None:
    """What a call gives under a name or at a position, also out of `**mapping` and `*sequence`."""
    index = 0
    for arg in call.node.args:
        if arg.keyword is not None:
            if arg.keyword.value == name:
                return arg.value, call.at
        elif arg.star == "**":
            inner = containers.mapping(values, arg.value, call.at, depth)
            for key, node, place in inner.entries if inner is not None else ():
                if key == name:
                    return node, place
        elif arg.star == "*":
            members = next((v.elements for v in values.of(arg.value, call.at, depth) if v.kind == "sequence"), ())
            if index <= position < index + len(members):
                return members[position - index]
            index += len(members)
        else:
            if index == position:
                return arg.value, call.at
            index += 1
    return None


def calls_of(values: Values, function: Scope) -> list[tuple[CallSite, dict[str, cst.BaseExpression]]]:
    """The calls of a function; of a constructor only those that make the object that is being asked for."""
    things = values.things
    owner = function.parent
    if function in values.calling:
        call = values.calling[function]
        method = owner is not None and owner.kind == "class" and bool(function.me)
        return [(call, bind(function, list(call.node.args), 1 if method else 0))]
    if things and function.name == "__init__" and owner is not None:
        family = values.names.family(things[-1].scope)
        if owner in family:
            first = next(scope for scope in family if "__init__" in scope.writes)
            made = things[-1].made
            if made is not None and owner is first:
                return [(made, bind(function, list(made.node.args), 1))]
            calls = list(values.names.callers(function))
            if owner is not first:
                return [(call, given) for call, given in calls if call.at.scope.owner in family]
            exact = {call.node for call in makers(values.names, things[-1].scope)}
            return [(call, given) for call, given in calls if call.node in exact]
    return list(values.names.callers(function))


def attribute_writes(scope: Scope, name: str, at: At) -> list[tuple[Write, At]]:
    """What an attribute may hold at a point, with the point in the method up to which tests speak of it.

    That is what the method around wrote, else what `__init__` did and what other methods may have done.
    """
    written = scope.attributes.get(name, [])
    here = [write for write in written if write.at.scope is at.scope]
    if at.scope.function is not None and here and (found := reaching(here, at, at.scope)):
        return [(write, at) for write in found]
    methods = dict.fromkeys(write.at.scope for write in written)
    found_in: list[tuple[Write, At]] = []
    asking = at.scope.function.name if at.scope.function is not None else ""
    for method in sorted(methods, key=lambda method: method.name not in STARTERS):
        until = _left_for(method, asking)
        own = [write for write in written if write.at.scope is method]
        found_in += [(write, until) for write in reaching(own, until, method)]
    return found_in


def _left_for(method: Scope, asking: str) -> At:
    """Where a method calls the one that asks, else its end."""
    calls = [call.at for call in method.file.called.get(asking, ()) if call.at.scope is method] if asking else []
    return calls[-1] if calls else At(method, END)


def class_writes(scope: Scope, name: str) -> list[Write]:
    """What the body of a class, and code outside, write to an attribute of the class."""
    return reaching(scope.writes[name], At(scope, END), scope)
