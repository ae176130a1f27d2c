"""What callers give to a parameter, also through `*args` and `**kwargs`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from bindlint.readers.python import containers, instances
from bindlint.readers.python.changes import decided
from bindlint.readers.python.names import parameter_name
from bindlint.readers.python.scopes import At, Scope, Write
from bindlint.readers.python.value import MAX_VALUES, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.readers.python.scopes import CallSite
    from bindlint.readers.python.values import Values

MAX_TESTS = 100  # of one flag; what is beyond decides nothing
Item = tuple[cst.BaseExpression, At]


def given(
    values: Values,
    function: Scope,
    call: CallSite,
    arguments: dict[str, cst.BaseExpression],
    name: str,
    depth: int,
) -> Item | None:
    """What a call gives to a parameter; None when it leaves it out, as far as anybody can say."""
    if name in arguments:
        return arguments[name], call.at
    if "**" in arguments:
        inner = containers.mapping(values, arguments["**"], call.at, depth)
        for key, node, place in inner.entries if inner is not None else ():
            if key == name:
                return node, place
    if any(arg.star == "*" for arg in call.node.args):
        names = ordered(function)
        if name in names:
            return instances.argument(values, call, name, names.index(name), depth)
    return None


def leads_to(function: Scope, arguments: dict[str, cst.BaseExpression], call: CallSite, use: At) -> bool:
    """Whether a call of a function can lead to a point of it, by the flags that it gives: `serve(host, False)`."""
    arms = dict(use.branch) if use.scope is function else {}
    if not arms or "**" in arguments or any(arg.star for arg in call.node.args):
        return True
    for name, writes in function.writes.items():
        flag = arguments.get(name, writes[0].value) if writes[0].kind == "param" and len(writes) == 1 else None
        if flag is None or (given := decided(flag)) is None:
            continue
        for test in function.file.tests.get((function, name), ())[:MAX_TESTS]:
            outcome = _outcome(test.node.test, name, given=given) if test.branch in arms else None
            arm = arms.get(test.branch, test.arm)
            if outcome is not None and arm >= test.arm and outcome is not (arm == test.arm):
                return False
    return True


def _outcome(test: cst.BaseExpression, name: str, *, given: bool) -> bool | None:
    """How a test comes out when a name is true, or false; None when more decides."""
    match test:
        case cst.Name():
            return given if test.value == name else None
        case cst.UnaryOperation(operator=cst.Not()):
            inner = _outcome(test.expression, name, given=given)
            return None if inner is None else not inner
        case cst.BooleanOperation():
            final = isinstance(test.operator, cst.Or)
            outcomes = [_outcome(side, name, given=given) for side in (test.left, test.right)]
            return final if final in outcomes else None
    return None


def ordered(function: Scope) -> list[str]:
    """The parameters that callers may give by position, without the object of a method."""
    node = function.node
    if not isinstance(node, (cst.FunctionDef, cst.Lambda)):
        return []
    names = [param.name.value for param in (*node.params.posonly_params, *node.params.params)]
    return names[1:] if function.me and names[:1] == [function.me] else names


def starred(values: Values, write: Write, depth: int) -> Iterator[Value]:
    """What `*args` or `**kwargs` is: for each caller, what it gives beyond the other parameters."""
    function = write.at.scope
    calls = instances.calls_of(values, function)[:MAX_VALUES]
    for call, arguments in calls:
        yield (_sequence if write.text == "*" else _mapping)(values, write, call, arguments, depth)
    if not calls and write.text == "*":
        yield values.unknown(write.target, write.at, f"*{parameter_name(write)}")
    elif not calls:
        made = containers.Record(open=True)
        for name, found in values.defaults.of_decorators(function).items():
            for node, at, _ in found:
                made.put(name, (node, at), surely=False)
        yield made.value(write.target, write.at, origin="default")


def _mapping(
    values: Values, write: Write, call: CallSite, arguments: dict[str, cst.BaseExpression], depth: int
) -> Value:
    function = write.at.scope
    own = {parameter_name(w) for group in function.writes.values() for w in group if w.kind == "param"}
    made = containers.Record()
    if "**" in arguments:
        made.merge(containers.mappings(values, arguments["**"], call.at, depth))
    for key, value in arguments.items():
        if key != "**":
            made.put(key, (value, call.at))
    for key in own:
        made.entries.pop(key, None)
    return made.value(write.target, write.at, origin="default")


def _sequence(
    values: Values, write: Write, call: CallSite, arguments: dict[str, cst.BaseExpression], depth: int
) -> Value:
    del arguments
    elements: list[Item] = []
    for arg in call.node.args:
        if arg.star == "*":
            inner = next((v for v in values.of(arg.value, call.at, depth) if v.kind == "sequence"), None)
            elements += inner.elements if inner is not None else ()
        elif arg.keyword is None and not arg.star:
            elements.append((arg.value, call.at))
    skip = len(ordered(write.at.scope))
    return Value("sequence", write.target, write.at, elements=tuple(elements[skip:]), origin="default")
