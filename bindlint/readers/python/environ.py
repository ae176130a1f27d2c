"""Arguments that a call is given, and the environment that it gives to the program it starts."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import libcst as cst

from bindlint.readers.python.containers import mapping
from bindlint.readers.python.scopes import dotted, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bindlint.facts import Word
    from bindlint.knowledge.launchers import Place
    from bindlint.readers.python.pieces import Texts
    from bindlint.readers.python.scopes import At, Scope, Write

OWN = "os.environ"


def given(arguments: Sequence[cst.Arg], place: Place) -> cst.BaseExpression | None:
    """The argument at a place; None when it is left out, or unpacked from something."""
    for arg in arguments:
        if arg.keyword is not None and arg.keyword.value in place.keywords:
            return arg.value
    plain = list(itertools.takewhile(lambda arg: arg.keyword is None and not arg.star, arguments))
    if place.position is None or not -len(plain) <= place.position < len(plain):
        return None
    return plain[place.position].value


def environment(node: cst.BaseExpression | None, at: At, texts: Texts, *, own: str = OWN) -> dict[str, Word]:
    """The variables of a program: those that the call gives, and those that the code sets for itself before.

    `own` is the mapping by which it sets them, "" for a program that does not inherit them.
    """
    values = texts.values
    named = mapping(values, node, at) if node is not None else None
    found: dict[str, Word] = {}
    if named is None or named.open:
        found |= _set(own, at, texts) if own else {}
        if node is not None and named is None and (name := dotted(node)):
            found |= _set(name, at, texts)
    for key, value, place in named.entries if named is not None else ():
        found[key] = texts.of(value, place)[0].word
    return found


def _set(name: str, at: At, texts: Texts) -> dict[str, Word]:
    """The variables that `name["KEY"] = value`, `setdefault` and `update` set on the way to a point."""
    found: dict[str, Word] = {}
    for write, key, node in _writes(name, at):
        if write.kind != "fallback" or key not in found:
            found[key] = texts.of(node, write.at)[0].word
    return found


def _writes(name: str, at: At) -> Iterator[tuple[Write, str, cst.BaseExpression]]:
    scope: Scope | None = at.scope
    scopes: list[Scope] = []
    while scope is not None:
        scopes.append(scope)
        scope = scope.parent
    for home in reversed(scopes):
        for part, write in home.changes.get(name, ()):
            if write.value is None or write.path or (home is at.scope is write.at.scope and write.at.order > at.order):
                continue
            if part.startswith("["):
                yield write, part[1:-1], write.value
            elif write.kind == "merge" and isinstance(write.value, cst.Dict):
                for element in write.value.elements:
                    if isinstance(element, cst.DictElement) and (key := plain(element.key)) is not None:
                        yield write, key, element.value
