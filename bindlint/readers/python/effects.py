"""Which changes in place a thing has seen at a point: `d["k"] = …`, `d.update(…)`, `app.config.from_object(…)`.

Changes in the same code count in its order, those at the end of the scope that the name is of before all others; what
another function does to it may have happened or not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from bindlint.readers.python.changes import ANY
from bindlint.readers.python.names import parameter_name, unpacked
from bindlint.readers.python.scopes import At, Scope, Write, called_before, dotted, lookup, same_path
from bindlint.readers.python.value import Held

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.readers.python.containers import Record
    from bindlint.readers.python.values import Values

MAX_STEPS_BACK = 4  # from a name to where the thing that it names comes from
MAX_CHANGES = 200  # of one thing

Done = tuple[str, Write, bool]  # which part, by what, and whether it surely happened
Item = tuple[cst.BaseExpression, At]


def of_name(values: Values, name: str, at: At, since: Write | None) -> list[Done]:
    """The changes to what a name means between a write of the name and a use."""
    return [done for home, found in _homes(values, name, at) for done in _before(found, home, at, since)]


def put_in(values: Values, made: Record, name: str, at: At, key: str, depth: int) -> None:
    """Put what is done to a thing, wherever it comes from, into a record of it; `key` is what it is asked for."""
    for home, found in reversed(list(_sources(values, name, at))):
        apply(values, made, _before(found, home, at, None), key, depth)


def apply(values: Values, made: Record, done: list[Done], key: str, depth: int) -> None:
    """Do to a record what was done to the thing."""
    for part, write, surely in done:
        value = unpacked(write.value, write.path) if write.value is not None else None
        name = part[1:-1] if part.startswith("[") else part[1:]
        if part in (ANY, f".{ANY}"):
            if write.kind == "merge" and value is not None:
                made.merge(list(values.of(value, write.at, depth + 1)), surely=surely)
            elif write.kind == "object" and isinstance(value, cst.BaseExpression) and key:
                named = values.named(value, write.at, key, depth + 1)
                if named:
                    made.put(key, (Held(named), write.at), surely=surely)
            else:
                made.open = True
        elif not part.startswith(("[", ".")):
            continue
        elif not isinstance(value, cst.BaseExpression) or write.kind not in ("value", "fallback"):
            made.entries.pop(name, None)
            made.open = True
        elif write.kind == "fallback":
            made.fall_back(name, (value, write.at))
        else:
            made.put(name, (value, write.at), surely=surely)


def added(values: Values, done: list[Done], depth: int) -> Iterator[Item]:
    """The members that were added to a list."""
    for _, write, _ in done:
        if write.value is not None and write.kind == "append":
            yield write.value, write.at
        elif write.value is not None and write.kind == "extend":
            for value in values.of(write.value, write.at, depth + 1):
                yield from value.elements


def _homes(values: Values, name: str, at: At) -> Iterator[tuple[Scope | None, list[tuple[str, Write]]]]:
    """The scopes that a name can be of, with the changes noted there; None for the object around."""
    first, dot, rest = name.partition(".")
    word = first.partition("[")[0]
    owner = at.scope.owner
    if owner is not None and any(scope.me == first for scope in _around(at.scope)):
        for scope in values.names.family(values.concrete(owner)):
            if found := scope.changes.get(f"{dot}{rest}"):
                yield None, found
        return
    for scope in _around(at.scope):
        if word in scope.writes and word not in scope.outer and (scope.kind != "class" or scope is at.scope):
            if found := scope.changes.get(name):
                yield scope, found
            return
    if found := at.scope.changes.get(name):
        yield at.scope, found


def _around(scope: Scope) -> Iterator[Scope]:
    inner: Scope | None = scope
    while inner is not None:
        yield inner
        inner = inner.parent


def _sources(
    values: Values, name: str, at: At, steps: int = 0
) -> Iterator[tuple[Scope | None, list[tuple[str, Write]]]]:
    """The changes to a thing under all the names that it has on its way here."""
    yield from _homes(values, name, at)
    first = name.partition(".")[0].partition("[")[0]
    rest = name[len(first) :]
    for write in lookup(first, at) if steps < MAX_STEPS_BACK else ():
        if write.kind == "import" and (found := values.names.imported(write)) is not None:
            tree, writes = found
            if writes:
                yield from _sources(values, f"{write.text.rpartition('.')[2]}{rest}", _end(tree.module), steps + 1)
            elif rest:
                yield from _sources(values, rest[1:], _end(tree.module), steps + 1)
        elif write.kind == "param":
            for call, arguments in values.names.callers(write.at.scope):
                if given := dotted(arguments.get(parameter_name(write))):
                    yield from _sources(values, f"{given}{rest}", call.at, steps + 1)
        elif write.kind == "value" and isinstance(write.value, cst.Call):
            for ref in values.names.refs(write.value.func, write.at):
                if ref.scope is not None and ref.scope.kind == "function":
                    for value, place in ref.scope.returns:
                        if given := dotted(value):
                            yield from _sources(values, f"{given}{rest}", place, steps + 1)
        elif write.kind == "value" and (given := dotted(write.value)):
            yield from _sources(values, f"{given}{rest}", write.at, steps + 1)


def _end(scope: Scope) -> At:
    return At(scope, 1 << 60)


def _before(found: list[tuple[str, Write]], home: Scope | None, at: At, since: Write | None) -> list[Done]:
    """The changes that have happened at a point, those that came before the name was written left out."""
    first: list[Done] = []
    others: list[Done] = []
    own: list[Done] = []
    for part, write in found[:MAX_CHANGES]:
        place = write.at
        if since is not None and place.scope is since.at.scope and place.order < since.at.order:
            continue
        if place.scope is at.scope:
            if place.order < at.order and (surely := same_path(place.branch, at.branch)) is not None:
                own.append((part, write, surely))
        elif place.scope is home:
            first.append((part, write, not place.branch))
        elif at.scope is not home or called_before(place.scope, at):
            others.append((part, write, place.scope.name == "__init__" and not place.branch))
    return [*sorted(first, key=_order), *sorted(others, key=_order), *sorted(own, key=_order)]


def _order(done: Done) -> int:
    return done[1].at.order


def of_object(values: Values, scope: Scope, name: str, depth: int) -> list[Item]:
    """What `self.__dict__.update(…)` and `setattr(self, …)` in the methods of a class give to an attribute."""
    found: list[Item] = []
    for part, write in scope.changes.get("", ()):
        if part == f".{ANY}" and write.kind == "merge" and write.value is not None:
            for value in values.of(write.value, write.at, depth + 1):
                found += [(node, place) for key, node, place in value.entries if key == name]
    return found


def sets_any(family: list[Scope]) -> bool:
    """Whether `setattr(self, name, …)` in a method gives values to attributes whose names only a run knows."""
    return any(
        part == f".{ANY}" and write.kind == "unknown" for scope in family for part, write in scope.changes.get("", ())
    )


def falls_back(values: Values, name: str, at: At, part: str) -> bool:
    """Whether a part of a thing is only given to it when it has none."""
    found = [write for _, changes in _homes(values, name, at) for key, write in changes if key == part]
    return any(write.kind == "fallback" for write in found)
