"""The arguments of a call, as far as the file says: those of `partial` and of unpacked lists and dictionaries too."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bindlint.readers.python.containers import mapping
from bindlint.readers.python.scopes import dotted, words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import libcst as cst

    from bindlint.knowledge.apis import Row
    from bindlint.readers.python.names import Names, Ref
    from bindlint.readers.python.scopes import At, Scope
    from bindlint.readers.python.value import Value
    from bindlint.readers.python.values import Values

MAX_MEMBERS = 8  # of a list of dictionaries

Given = tuple["cst.BaseExpression", "At"]


@dataclass
class Arguments:
    """The arguments of one call. `open`: more may come, from what is unpacked there; `loose`: in some runs only."""

    positional: list[Given] = field(default_factory=list)
    keywords: dict[str, Given] = field(default_factory=dict)
    open: str = ""
    loose: bool = False

    def given(self, keywords: Sequence[str], position: int | None) -> Given | None:
        """The expression under one of some keywords or at a position, None when it is left out."""
        for keyword in keywords:
            if keyword in self.keywords:
                return self.keywords[keyword]
        if position is not None and position < len(self.positional):
            return self.positional[position]
        return None

    def under(self, key: str) -> Given | None:
        """What is given under a keyword, or under `keyword@position`."""
        keyword, _, position = key.partition("@")
        return self.given((keyword,), int(position) if position else None)

    def host(self, row: Row) -> Given | None:
        """The expression that states the address, None when it is left out."""
        return self.given(row.host.keywords, row.host.position)


def collect(values: Values, given: Sequence[cst.Arg], at: At, ref: Ref | None) -> Arguments:
    """The arguments of a call."""
    found = Arguments()
    for outer in ref.given if ref else ():
        _collect(values, found, list(outer.node.args[1:]), outer.at)
    _collect(values, found, given, at)
    return found


def _collect(values: Values, found: Arguments, given: Sequence[cst.Arg], at: At) -> None:
    for arg in given:
        if arg.keyword is not None:
            found.keywords[arg.keyword.value] = (arg.value, at)
        elif arg.star == "**":
            given_by_name = mapping(values, arg.value, at)
            if given_by_name is None or given_by_name.open:
                found.open = found.open or f"**{dotted(arg.value) or 'arguments'}"
            elif not given_by_name.entries or any(value.kind == "unknown" for value in values.of(arg.value, at)):
                found.loose = True  # nobody unpacks what is always empty
            for key, value, place in given_by_name.entries if given_by_name else ():
                found.keywords[key] = (value, place)
        elif arg.star == "*":
            sequence = next((v for v in values.of(arg.value, at) if v.kind == "sequence"), None)
            if sequence is None:
                found.open = found.open or f"*{dotted(arg.value) or 'arguments'}"
            else:
                found.positional += sequence.elements
        elif not found.open.startswith("*") or found.open.startswith("**"):
            found.positional.append((arg.value, at))


def ports(values: Values, row: Row, arguments: Arguments) -> list[tuple[int, Value]]:
    """The port numbers that are given, each with the value that it was read from."""
    argument = row.port
    given = arguments.given(argument.keywords, argument.position)
    found: list[tuple[int, Value]] = []
    for place in descend(values, given, argument.keys).given if given else ():
        for value in values.of(*place):
            candidates = [value]
            if argument.item is not None and value.kind == "sequence":
                members = value.elements[argument.item : argument.item + 1]
                candidates = [
                    replace(inner, trail=(*value.trail, *inner.trail))
                    for node, at in members
                    for inner in values.of(node, at)
                ]
            elif argument.item is not None:
                continue
            for candidate in candidates:
                text = candidate.text.replace("_", "")
                if candidate.kind in ("number", "text") and text.isdigit() and int(text) <= 0xFFFF:
                    found.append((int(text), candidate))
    return found


def port(values: Values, row: Row, arguments: Arguments) -> int | None:
    """The port number, None when it is unknown or one of several; 0 for one that is drawn by lot."""
    found = {number for number, _ in ports(values, row, arguments)}
    if not found:
        return 0 if by_chance(values, row, arguments) else unsaid(values, row, arguments)
    return found.pop() if len(found) == 1 else None


def unsaid(values: Values, row: Row, arguments: Arguments) -> int | None:
    """The port where no number is given: that of the row, None when something else is given, or may be."""
    argument = row.port
    given = arguments.given(argument.keywords, argument.position)
    if given is not None and not (argument.keys and not descend(values, given, argument.keys).given):
        return None
    nowhere = argument.position is None and not argument.keywords
    return row.default_port if nowhere or not arguments.open else None


def by_chance(values: Values, row: Row, arguments: Arguments) -> bool:
    """Whether the port is drawn by lot: `random.randint(…)`."""
    given = arguments.given(row.port.keywords, row.port.position)
    if given is None:
        return False
    nodes = [given]
    for value in values.of(*given):
        if value.kind == "sequence" and row.port.item is not None:
            nodes += value.elements[row.port.item : row.port.item + 1]
    return any(
        ref.name.partition(".")[0] in ("random", "secrets") for node, at in nodes for ref in values.names.refs(node, at)
    )


@dataclass
class Members:
    """What a dictionary in an argument holds under some keys. `missing`: perhaps nothing; `open`: nobody knows."""

    given: list[Given] = field(default_factory=list)
    missing: bool = False
    open: bool = False


def descend(values: Values, given: Given, keys: Sequence[str]) -> Members:
    """What stands under the keys, one in the other, in the dictionary (or list of them) that an expression is."""
    if not keys:
        return Members([given])
    found = Members()
    for value in values.of(*given):
        inner: list[Given] = []
        rest = keys
        if value.kind == "mapping":
            inner = [(node, at) for key, node, at in value.entries if key == keys[0]]
            found.open = found.open or (value.open and not inner)
            found.missing = found.missing or not inner or keys[0] in value.loose
            rest = keys[1:]
        elif value.kind == "sequence":
            inner = list(value.elements)
        else:
            found.open = found.open or value.kind == "unknown"
            found.missing = found.missing or value.kind in ("none", "unknown")
        for each in inner[:MAX_MEMBERS]:
            below = descend(values, each, rest)
            found.given += below.given
            found.missing, found.open = found.missing or below.missing, found.open or below.open
    return found


def for_real(values: Values, given: Given, *, decided: bool) -> bool:
    """Whether an argument is something other than None and False; `decided` is the answer when nobody knows."""
    found = values.known(*given)
    if all(value.kind == "unknown" for value in found):
        return decided
    return any(value.kind != "none" and value.text != "False" for value in found)


def said(names: Names, arguments: Arguments) -> set[str]:
    """The words in the arguments of a call, and what the names among them stand for."""
    words: set[str] = set()
    for node, at in [*arguments.positional, *arguments.keywords.values()]:
        words.update(words_of(node))
        if dotted(node):
            for ref in names.refs(node, at):
                bases = names.library_bases(ref.scope) if ref.scope is not None else [ref.name]
                words.update(name.rpartition(".")[2] for name in bases)
    return words


def said_of_class(names: Names, scope: Scope) -> set[str]:
    """The words that a class of the project surely gives its objects: in its body, or on themselves in `__init__`."""
    words: set[str] = set()
    for member in names.family(scope):
        for name in [*member.writes, *member.attributes]:
            for write in [*member.writes.get(name, ()), *member.attributes.get(name, ())]:
                started = write.at.scope is member or write.at.scope.name == "__init__"
                if write.kind == "value" and write.value is not None and started and not write.at.branch:
                    words.update(words_of(write.value))
    return words
