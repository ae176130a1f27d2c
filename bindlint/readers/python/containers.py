"""Dictionaries and the members of containers: what `d["key"]`, `t[0]` and `**d` give."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from bindlint.readers.python.names import parameter_name
from bindlint.readers.python.scopes import At, constant_key, dotted, lookup, plain
from bindlint.readers.python.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.readers.python.values import Values


def subscript(values: Values, node: cst.Subscript, at: At, depth: int) -> Iterator[Value]:
    """What `d["key"]` and `t[0]` can be: written so, an option's default, a member, or decided at run time."""
    key = constant_key(node)
    if (full := dotted(node)) and (writes := lookup(full, at)):
        for write in writes:
            yield from values.of_write(write, full, depth)
        return
    if key is not None:
        found = False
        for option, place, note in values.defaults.of_subscript(node, key, at):
            found = True
            yield from (v.via(option, note, "default") for v in values.of(option, place, depth))
        if found:
            return
        for container in values.of(node.value, at, depth):
            for element, place in _taken(container, key):
                found = True
                yield from (v.via(element, f"[{key}] is set here", "name") for v in values.of(element, place, depth))
        if found:
            return
    environment = values.defaults.environment(node.value, at)
    yield values.unknown(node, at, f"environment variable {key}" if environment and key else full)


def _taken(container: Value, key: str) -> Iterator[tuple[cst.BaseExpression, At]]:
    if container.kind == "mapping":
        yield from ((value, place) for name, value, place in container.entries if name == key)
    elif container.kind == "sequence" and key.isdigit() and int(key) < len(container.elements):
        yield container.elements[int(key)]


def written(values: Values, node: cst.Dict, at: At, depth: int) -> Value:
    """A dictionary display, with what it unpacks."""
    entries: dict[str, tuple[cst.BaseExpression, At]] = {}
    more = False
    for element in node.elements:
        if isinstance(element, cst.StarredDictElement):
            inner = mapping(values, element.value, at, depth)
            entries.update({key: (value, place) for key, value, place in inner.entries} if inner else {})
            more = more or inner is None or inner.open
        elif isinstance(element, cst.DictElement) and (key := plain(element.key)) is not None:
            entries[key] = (element.value, at)
    return Value("mapping", node, at, entries=tuple((k, v, p) for k, (v, p) in entries.items()), open=more)


def called(values: Values, node: cst.Call, at: At, depth: int) -> Value:
    """A call of `dict`."""
    entries: dict[str, tuple[cst.BaseExpression, At]] = {}
    more = False
    for arg in node.args:
        if arg.keyword is not None:
            entries[arg.keyword.value] = (arg.value, at)
        else:
            inner = mapping(values, arg.value, at, depth)
            entries.update({key: (value, place) for key, value, place in inner.entries} if inner else {})
            more = more or inner is None or inner.open
    return Value("mapping", node, at, entries=tuple((k, v, p) for k, (v, p) in entries.items()), open=more)


def mapping(values: Values, node: cst.CSTNode, at: At, depth: int = 0) -> Value | None:
    """The dictionary that an expression is, with later `d["key"] = …`; None when unknown."""
    name = dotted(node)
    for value in values.of(node, at, depth + 1):
        if value.kind != "mapping":
            continue
        extra = {}
        for key, writes in (at.scope.writes if name else {}).items():
            if key.startswith(f"{name}[") and key.endswith("]") and key.count("[") == name.count("[") + 1:
                latest = [w for w in writes if w.value is not None and w.at.order < at.order]
                if latest and latest[-1].value is not None and not latest[-1].path:
                    extra[key[len(name) + 1 : -1]] = (latest[-1].value, latest[-1].at)
        kept = [(k, v, p) for k, v, p in value.entries if k not in extra]
        return replace(value, entries=(*kept, *((k, v, p) for k, (v, p) in extra.items())))
    return _keywords(values, node, at)


def _keywords(values: Values, node: cst.CSTNode, at: At) -> Value | None:
    """A function's own `**kwargs`: the keywords that its callers in this file pass on."""
    if not isinstance(node, cst.Name):
        return None
    for write in lookup(node.value, at):
        if write.kind != "param" or write.text != "**":
            continue
        entries: list[tuple[str, cst.BaseExpression, At]] = []
        own = {parameter_name(w) for group in write.at.scope.writes.values() for w in group if w.kind == "param"}
        calls = 0
        for call, arguments in values.names.callers(write.at.scope):
            calls += 1
            entries += [(key, value, call.at) for key, value in arguments.items() if key not in own and key != "**"]
        return Value("mapping", node, at, entries=tuple(entries), origin="default", open=not calls)
    return None
