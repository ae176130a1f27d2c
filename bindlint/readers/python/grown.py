"""What is added to a list or a text after a name got it: `cmd += […]`, `cmd.append(…)`, on conditions or not."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from bindlint.readers.python.scopes import At, dotted, reaching

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.readers.python.scopes import Branch, Scope, Write

MAX_WORLDS = 6  # combinations of conditions
MAX_ADDITIONS = 60
_METHODS = ("append", "extend", "insert")


@dataclass(frozen=True, slots=True)
class Addition:
    """One thing added: `how` is "extend", "append" or "insert" (before the word `index`)."""

    at: At
    how: str
    node: cst.BaseExpression
    index: int = 0


def writes_of(name: str, at: At) -> tuple[Scope | None, list[Write]]:
    """The scope that a name belongs to, and the writes that it can mean there, what is only added left out."""
    scope: Scope | None = at.scope
    while scope is not None:
        added = scope.file.added
        writes = [write for write in scope.writes.get(name, ()) if write.target not in added]
        if (
            writes
            and name not in scope.outer
            and (scope.kind != "class" or scope is at.scope)
            and (found := reaching(writes, at, scope))
        ):
            return scope, found
        parent = scope.parent
        if at.scope is scope and scope.kind == "comprehension" and parent is not None:
            at = At(parent, at.order, at.branch)
        scope = parent
    return None, []


def additions(name: str, write: Write, at: At, home: Scope) -> Iterator[list[Addition]]:
    """What is added between a write and a use of a name, once for each combination of conditions on the way."""
    found = []
    use = at.branch if at.scope is home else ()
    for addition in sorted(_all(name, home), key=lambda one: one.at.order):
        early = write.at.scope is home and addition.at.order < write.at.order
        late = at.scope is home and addition.at.order >= at.order
        rest = _rest(addition.at.branch, use, write.at.branch if write.at.scope is home else ())
        if not early and not late and rest is not None:
            found.append((rest, addition))
    choices: dict[int, set[int]] = {}
    for rest, _ in found[:MAX_ADDITIONS]:
        for branch, arm in rest:
            choices.setdefault(branch, set()).add(arm)
    arms = home.file.arms
    worlds = [
        [(branch, arm) for arm in [*sorted(taken), *([] if len(taken) == arms.get(branch) else [-1])]]
        for branch, taken in choices.items()
    ]
    for world in itertools.islice(itertools.product(*worlds), MAX_WORLDS):
        yield [addition for rest, addition in found[:MAX_ADDITIONS] if set(rest) <= set(world)]


def _all(name: str, home: Scope) -> Iterator[Addition]:
    tree = home.file
    for write in home.writes.get(name, ()):
        if write.at.scope is home and write.target in tree.added:
            yield Addition(write.at, "extend", tree.added[write.target])
    for method in _METHODS:
        for call in tree.called.get(method, ()):
            function, arguments = call.node.func, call.node.args
            if call.at.scope is not home or not isinstance(function, cst.Attribute) or dotted(function.value) != name:
                continue
            if method != "insert" and len(arguments) == 1:
                yield Addition(call.at, method, arguments[0].value)
            elif len(arguments) == 2 and isinstance(index := arguments[0].value, cst.Integer):
                yield Addition(call.at, method, arguments[1].value, index.evaluated_value)


def _rest(branch: Branch, use: Branch, write: Branch) -> Branch | None:
    """The conditions of an addition that neither its use nor the write before it shares; None when they exclude it."""
    shared = 0
    for other in (use, write):
        count = 0
        while count < min(len(branch), len(other)) and branch[count] == other[count]:
            count += 1
        if count < min(len(branch), len(other)) and branch[count][0] == other[count][0]:
            return None
        shared = max(shared, count)
    return branch[shared:]
