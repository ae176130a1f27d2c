"""What methods and functions make of texts: pieces of them, parts of a URL, another spelling of an address."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import libcst as cst

from bindlint.readers.python import containers, strings
from bindlint.readers.python.scopes import At, plain
from bindlint.readers.python.strings import Part
from bindlint.readers.python.value import MAX_VALUES, Held, Hop, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bindlint.readers.python.containers import Item
    from bindlint.readers.python.values import Values

_SAME = frozenset({"strip", "lower", "upper", "rstrip", "lstrip", "encode", "decode", "casefold", "expandtabs"})
_CUT = frozenset({"split", "rsplit", "partition", "rpartition"})
METHODS = _SAME | _CUT | {"format", "format_map", "join", "replace", "removeprefix", "removesuffix"}
_ATTRIBUTES = ("value", "_value_", "compressed", "exploded")  # of an enum's member, of an address object
MAX_PIECES = 16


def method(values: Values, node: cst.Call, function: cst.Attribute, at: At, depth: int) -> Iterator[Value]:
    """What a method of a text gives."""
    name = function.attr.value
    for text in values.known(function.value, at, depth):
        if text.kind != "text":
            yield values.unknown(node, at)
        elif name in _SAME:
            yield text if not node.args or name in ("encode", "decode") else _stripped(text, node, name)
        elif name in _CUT:
            yield _cut(text, node, name) or values.unknown(node, at)
        elif name in ("replace", "removeprefix", "removesuffix"):
            yield from _replaced(values, text, node, name, at, depth)
        elif name == "join":
            yield from _join(values, node, text, at, depth)
        else:
            yield from _formatted(values, node, text, name, at, depth)


def _stripped(text: Value, node: cst.Call, name: str) -> Value:
    letters = plain(node.args[0].value)
    if letters is None or name not in ("strip", "lstrip", "rstrip"):
        return text
    whole = text.text
    start = len(whole) - len(whole.lstrip(letters)) if name != "rstrip" else 0
    end = len(whole.rstrip(letters)) if name != "lstrip" else len(whole)
    return replace(text, parts=strings.piece(text.parts, start, max(start, end)))


def _cut(text: Value, node: cst.Call, name: str) -> Value | None:
    """The pieces of a text between separators."""
    given = [arg.value for arg in node.args if arg.keyword is None]
    separator = plain(given[0]) if given else None
    if given and not separator:
        return None
    limit = given[1].evaluated_value if len(given) > 1 and isinstance(given[1], cst.Integer) else -1
    if "partition" in name:
        limit = 1
    cuts = _separators(text.text, separator, limit, last="r" in name[:1])
    spans: list[tuple[int, int]] = []
    start = 0
    for left, right in cuts:
        spans.append((start, left))
        if "partition" in name:
            spans.append((left, right))
        start = right
    spans.append((start, len(text.text)))
    if "partition" in name and not cuts:
        empty = [(0, 0), (0, 0)]
        spans = [*empty, *spans] if name == "rpartition" else [*spans, *empty]
    pieces = [_piece(text, *span) for span in spans[:MAX_PIECES]]
    if separator is None:
        pieces = [piece for piece in pieces if piece.text]
    elements = tuple((Held((piece,)), text.at) for piece in pieces)
    return Value("sequence", text.node, text.at, elements=elements, origin=text.origin, trail=text.trail)


def _piece(text: Value, start: int, end: int) -> Value:
    return replace(text, parts=strings.piece(text.parts, start, end), trail=(Hop(text.node, "taken out of this text"),))


def _separators(text: str, separator: str | None, limit: int, *, last: bool) -> list[tuple[int, int]]:
    """Where the separators stand that a split with a limit uses."""
    found: list[tuple[int, int]] = []
    if separator is None:
        start = 0
        for word in text.split():
            begin = text.index(word, start)
            found.append((start, begin))
            start = begin + len(word)
        found.append((start, len(text)))
    else:
        start = text.find(separator)
        while start >= 0:
            found.append((start, start + len(separator)))
            start = text.find(separator, start + len(separator))
    if limit >= 0:
        found = found[len(found) - limit :] if last else found[:limit]
    return found


def _replaced(values: Values, text: Value, node: cst.Call, name: str, at: At, depth: int) -> Iterator[Value]:
    given = [arg.value for arg in node.args if arg.keyword is None]
    old = plain(given[0]) if given else None
    if old is None:
        yield text
    elif name != "replace":
        whole = text.text
        start = len(old) if name == "removeprefix" and whole.startswith(old) else 0
        end = len(whole) - len(old) if name == "removesuffix" and old and whole.endswith(old) else len(whole)
        yield replace(text, parts=strings.piece(text.parts, start, end))
    elif old not in text.text or len(given) < 2:
        yield text
    else:
        for new in values.words(given[1], at, depth):
            parts: tuple[Part, ...] = ()
            start = 0
            for left, right in [*_separators(text.text, old, MAX_PIECES, last=False), (len(text.text), 0)]:
                parts = (*parts, *strings.piece(text.parts, start, left), *(new if right else ()))
                start = right
            yield replace(text, parts=parts)


def _join(values: Values, node: cst.Call, separator: Value, at: At, depth: int) -> Iterator[Value]:
    for sequence in values.of(node.args[0].value, at, depth) if node.args else ():
        if sequence.kind != "sequence" or not sequence.elements:
            yield values.unknown(node, at)
            continue
        pieces = [values.words(*item, depth) for item in _elements(values, sequence, depth)[:8]]
        for chosen in itertools.islice(itertools.product(*pieces), MAX_VALUES):
            parts: tuple[Part, ...] = chosen[0]
            for more in chosen[1:]:
                parts = (*parts, Part(separator.text), *more)
            yield Value("text", node, at, parts, origin=separator.origin)


def _elements(values: Values, holder: Value, depth: int) -> list[Item]:
    return [containers.followed(values, holder, item, depth) for item in holder.elements[:MAX_PIECES]]


def _entries(values: Values, holder: Value, depth: int) -> Iterator[tuple[str, Item]]:
    for key, node, place in holder.entries:
        yield key, containers.followed(values, holder, (node, place), depth)


def _formatted(values: Values, node: cst.Call, template: Value, name: str, at: At, depth: int) -> Iterator[Value]:
    fill: dict[str, tuple[cst.BaseExpression, At]] = {}
    positions = itertools.count()
    for arg in node.args:
        if arg.keyword is not None:
            fill[arg.keyword.value] = (arg.value, at)
        elif arg.star == "**" or name == "format_map":
            inner = containers.mapping(values, arg.value, at, depth)
            if inner is not None:
                fill.update(_entries(values, inner, depth))
        elif arg.star == "*":
            found = next((v for v in values.of(arg.value, at, depth) if v.kind == "sequence"), None)
            if found is not None:
                fill.update({str(next(positions)): item for item in _elements(values, found, depth)})
        else:
            fill[str(next(positions))] = (arg.value, at)
    yield from filled(values, node, template, strings.braces(template.parts), fill, at, depth)


def percent(values: Values, node: cst.BinaryOperation, template: Value, at: At, depth: int) -> Iterator[Value]:
    """What `%` makes of a text."""
    fill: dict[str, tuple[cst.BaseExpression, At]] = {"0": (node.right, at)}
    for value in values.of(node.right, at, depth)[:1]:
        if value.kind == "sequence":
            fill = {str(index): item for index, item in enumerate(_elements(values, value, depth))}
        elif value.kind == "mapping":
            fill = dict(_entries(values, value, depth))
    yield from filled(values, node, template, strings.percents(template.parts), fill, at, depth)


def filled(
    values: Values,
    node: cst.CSTNode,
    template: Value,
    pieces: Sequence[Part | str],
    fill: dict[str, tuple[cst.BaseExpression, At]],
    at: At,
    depth: int,
) -> Iterator[Value]:
    """The texts that a template gives with what fills it."""
    choices: list[list[tuple[Part, ...]]] = []
    for piece in pieces:
        if isinstance(piece, Part):
            choices.append([(piece,)])
        elif piece in fill:
            choices.append(values.words(*fill[piece], depth))
        else:
            choices.append([(Part("${" + (piece or "value") + "}"),)])
    for chosen in itertools.islice(itertools.product(*choices), MAX_VALUES):
        parts = tuple(part for group in chosen for part in group)
        yield Value("text", node, at, parts, origin=template.origin, trail=template.trail)


def url(values: Values, node: cst.Call, at: At, depth: int) -> Iterator[Value]:
    """The parts of a URL that `urlparse` takes apart."""
    for text in values.known(node.args[0].value, at, depth):
        if text.kind != "text":
            yield values.unknown(node, at)
            continue
        made = containers.Record()
        for key, (start, end) in _url_parts(text.text).items():
            made.put(key, (Held((_piece(text, start, end),)), text.at))
        yield made.value(node, at, origin=text.origin, trail=text.trail)


def _url_parts(text: str) -> dict[str, tuple[int, int]]:
    try:
        split = urlsplit(text)
        host, netloc = split.hostname or "", split.netloc
    except ValueError:
        return {}
    start = text.find("//") + 2
    if start < 2 or not netloc:
        return {}
    begin = text.lower().find(host, start) if host else start
    found = {"netloc": (start, start + len(netloc)), "hostname": (begin, begin + len(host))}
    port = netloc.rpartition(":")[2]
    if port.isdigit():
        found["port"] = (start + len(netloc) - len(port), start + len(netloc))
    return found


def attribute(values: Values, node: cst.Attribute, at: At, depth: int) -> Iterator[Value]:
    """The text behind the value of an enum's member or a spelling of an address object."""
    if node.attr.value in _ATTRIBUTES:
        yield from (v for v in values.of(node.value, at, depth) if v.kind in ("text", "number"))
