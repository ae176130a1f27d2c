"""Who is called by a call: the function named, or the one handed to `Thread(target=…)` and the like; and with what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from bindlint.readers.python.scopes import CallSite, Scope, last_name

if TYPE_CHECKING:
    from bindlint.knowledge.python import Library
    from bindlint.readers.python.names import Ref

# What a function gives back is this argument itself: typing.cast, and `with` of contextlib.closing (Lib/contextlib.py).
HANDS_BACK = {
    "cast": 1,
    "typing.cast": 1,
    "contextlib.closing": 0,
    "contextlib.aclosing": 0,
    "contextlib.ExitStack.enter_context": 0,
    "contextlib.AsyncExitStack.enter_context": 0,
    "contextlib.AsyncExitStack.enter_async_context": 0,
}


def spawned(call: cst.Call, refs: tuple[Ref, ...], library: Library) -> tuple[cst.BaseExpression, list[cst.Arg]] | None:
    """The callee and arguments of a call that only calls its argument (Thread(target=…), partial(…)), or None."""
    for ref in refs:
        if ref.name in library.spawns and not ref.instance:
            return _inner(call, library.spawns[ref.name])
    return None


def _inner(call: cst.Call, place: str) -> tuple[cst.BaseExpression, list[cst.Arg]] | None:
    if place.isdigit():
        first = int(place)
        if len(call.args) <= first or any(arg.star or arg.keyword for arg in call.args[: first + 1]):
            return None
        return call.args[first].value, list(call.args[first + 1 :])
    given = {arg.keyword.value: arg.value for arg in call.args if arg.keyword}
    if place not in given:
        return None
    arguments: list[cst.Arg] = []
    if isinstance(items := given.get("args"), (cst.Tuple, cst.List)):
        arguments += [cst.Arg(element.value) for element in items.elements]
    if "kwargs" in given:
        arguments.append(cst.Arg(given["kwargs"], star="**"))
    return given[place], arguments


def called(call: CallSite, name: str, library: Library) -> tuple[cst.BaseExpression | None, list[cst.Arg]]:
    """The expression of that last name that a call calls, and with which arguments; None when it calls another."""
    node = call.node
    if last_name(node.func) == name:
        return node.func, list(node.args)
    for place in library.spawners.get(last_name(node.func), ()):
        found = _inner(node, place)
        if found is not None and last_name(found[0]) == name:
            return found
    return None, []


def bind(function: Scope, arguments: list[cst.Arg], skip: int) -> dict[str, cst.BaseExpression]:
    """Arguments by parameter name; keywords that no parameter takes stay under their own name."""
    node = function.node
    params = node.params if isinstance(node, (cst.FunctionDef, cst.Lambda)) else None
    if params is None:
        return {}
    names = [p.name.value for p in [*params.posonly_params, *params.params]][skip:]
    found: dict[str, cst.BaseExpression] = {}
    for index, arg in enumerate(arguments):
        if arg.star == "*":
            break
        if arg.keyword is None and not arg.star and index < len(names):
            found[names[index]] = arg.value
    for arg in arguments:
        if arg.keyword is not None:
            found[arg.keyword.value] = arg.value
        elif arg.star == "**":
            found["**"] = arg.value
    return found
