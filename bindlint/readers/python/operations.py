"""What calls and operators make of values: formatted texts, environment reads, conversions, functions of the file."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from bindlint.readers.python import containers, strings
from bindlint.readers.python.scopes import At, dotted
from bindlint.readers.python.strings import Part
from bindlint.readers.python.value import MAX_VALUES, Value, short

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bindlint.readers.python.values import Values


# What gives back its (last) argument, as far as an address goes.
_CONVERSIONS = frozenset(
    {
        *("str", "int", "bytes", "tuple", "list", "typing.cast"),
        *("ipaddress.ip_address", "ipaddress.IPv4Address", "ipaddress.IPv6Address"),
    }
)


def call(values: Values, node: cst.Call, at: At, depth: int) -> Iterator[Value]:
    """What a call can give: the fallback of a setting, a formatted text, a conversion, what a function returns."""
    function = node.func
    refs = values.names.refs(function, at)
    default = values.defaults.of_call(node, at, refs)
    if default is not None:
        if default.value is None:
            yield replace(values.unknown(node, at, default.what), variable=default.variable)
            return
        for value in values.of(default.value, default.at or at, depth):
            yield replace(
                value.via(default.value, default.note, "default"), variable=default.variable or value.variable
            )
        return
    if isinstance(function, cst.Attribute) and function.attr.value in (
        "format",
        "join",
        "strip",
        "lower",
        "rstrip",
        "lstrip",
    ):
        yield from _method(values, node, function, at, depth)
        return
    name = next((r.name for r in refs if r.name and not r.instance), "")
    if name in _CONVERSIONS and node.args and not node.args[-1].star:
        yield from values.of(node.args[-1 if name == "typing.cast" else 0].value, at, depth)
        return
    if name == "dict":
        yield containers.called(values, node, at, depth)
        return
    if name == "vars" and node.args:
        entries = [
            (key, option[0], option[1]) for key, option in values.defaults.entries(node.args[0].value, at).items()
        ]
        if entries:
            yield Value("mapping", node, at, entries=tuple(entries), origin="default", open=True)
            return
    returned = False
    for ref in refs:
        if ref.scope is not None and not ref.instance and ref.scope.kind in ("function", "lambda"):
            for given, place in ref.scope.returns:
                returned = True
                note = f"{ref.scope.name or 'a lambda'}() returns this"
                yield from (v.via(given, note, "name") for v in values.of(given, place, depth))
    if not returned:
        yield values.unknown(node, at, f"{dotted(function) or short(function)}()")


def _method(values: Values, node: cst.Call, function: cst.Attribute, at: At, depth: int) -> Iterator[Value]:
    name = function.attr.value
    if name in ("strip", "lower", "rstrip", "lstrip"):
        yield from values.of(function.value, at, depth)
        return
    for template in values.known(function.value, at, depth):
        if template.kind != "text":
            yield values.unknown(node, at)
            continue
        if name == "join":
            yield from _join(values, node, template, at, depth)
            continue
        named = {a.keyword.value: a.value for a in node.args if a.keyword is not None}
        given = [a.value for a in node.args if a.keyword is None and not a.star]
        fill = {**named, **{str(i): v for i, v in enumerate(given)}}
        yield from _filled(values, node, template, strings.braces(template.parts), fill, at, depth)


def _join(values: Values, node: cst.Call, separator: Value, at: At, depth: int) -> Iterator[Value]:
    for sequence in values.of(node.args[0].value, at, depth) if node.args else ():
        if sequence.kind != "sequence" or not sequence.elements:
            yield values.unknown(node, at)
            continue
        pieces = [values.words(element, place, depth) for element, place in sequence.elements[:8]]
        for chosen in itertools.islice(itertools.product(*pieces), MAX_VALUES):
            parts: tuple[Part, ...] = chosen[0]
            for more in chosen[1:]:
                parts = (*parts, Part(separator.text), *more)
            yield Value("text", node, at, parts, origin=separator.origin)


def _filled(
    values: Values,
    node: cst.CSTNode,
    template: Value,
    pieces: Sequence[Part | str],
    fill: dict[str, cst.BaseExpression],
    at: At,
    depth: int,
) -> Iterator[Value]:
    choices: list[list[tuple[Part, ...]]] = []
    for piece in pieces:
        if isinstance(piece, Part):
            choices.append([(piece,)])
        elif piece in fill:
            choices.append(values.words(fill[piece], at, depth))
        else:
            choices.append([(Part("${" + (piece or "value") + "}"),)])
    for chosen in itertools.islice(itertools.product(*choices), MAX_VALUES):
        parts = tuple(part for group in chosen for part in group)
        yield Value("text", node, at, parts, origin=template.origin, trail=template.trail)


def operation(values: Values, node: cst.BinaryOperation, at: At, depth: int) -> Iterator[Value]:
    """What `+` and `%` make of texts."""
    if isinstance(node.operator, cst.Add):
        left, right = values.words(node.left, at, depth), values.words(node.right, at, depth)
        for one, two in itertools.islice(itertools.product(left, right), MAX_VALUES):
            yield Value("text", node, at, (*one, *two))
    elif isinstance(node.operator, cst.Modulo):
        for template in values.known(node.left, at, depth):
            if template.kind != "text":
                yield values.unknown(node, at)
                continue
            fill: dict[str, cst.BaseExpression] = {"0": node.right}
            if isinstance(node.right, cst.Tuple):
                fill = {str(i): e.value for i, e in enumerate(node.right.elements)}
            elif isinstance(node.right, cst.Dict):
                fill = {key: value for key, value, _ in containers.written(values, node.right, at, depth).entries}
            yield from _filled(values, node, template, strings.percents(template.parts), fill, at, depth)
    else:
        yield values.unknown(node, at)


def either(values: Values, node: cst.BooleanOperation, at: At, depth: int) -> Iterator[Value]:
    """What `a or b` and `a and b` can be."""
    if isinstance(node.operator, cst.Or):
        left = values.of(node.left, at, depth)
        yield from (v for v in left if not _is_false(v))
        if all(v.kind in ("text", "number") and not _is_false(v) and v.origin == "here" for v in left):
            return
    yield from values.of(node.right, at, depth)


def _is_false(value: Value) -> bool:
    return (
        value.kind == "none"
        or (value.kind == "text" and not value.text)
        or (value.kind in ("flag", "number") and value.text in ("False", "0"))
    )
