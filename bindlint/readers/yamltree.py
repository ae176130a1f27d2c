"""YAML as a tree of places: composed, never constructed, so that nothing in a file can run or change its type.

`!!python/object`, `22:22` (base 60 in YAML 1.1), `on` and dates stay the text that was written. Aliases share nodes, so
whoever walks a tree must go by node identity or by named keys; `items` and `elements` are budgeted by the depth and
node limits checked here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

from bindlint.errors import UnreadableError
from bindlint.source import Site, Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH = 100  # libyaml's composer dies of a full stack between 2,000 and 30,000
MAX_NODES = 200_000
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_COMPACT = re.compile(r"(?:[-?:] +){30}")
_DEEP_INDENT = re.compile(r"^ {120}", re.MULTILINE)

Node = yaml.Node


def documents(source: Source) -> Iterator[Node]:
    """The root nodes of the documents; raises `UnreadableError` (reason, line) at the first error, after the good ones."""
    text = source.text
    if text.count("[") + text.count("{") > MAX_DEPTH or _COMPACT.search(text) or _DEEP_INDENT.search(text):
        _check_depth(text)
    try:
        loader = _LOADER(text)
        try:
            while loader.check_node():
                node = loader.get_node()
                if node is not None:
                    yield node
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise UnreadableError(f"not valid YAML: {error.problem or error.context}", (mark.line + 1) if mark else 0) from None
    except yaml.YAMLError as error:
        raise UnreadableError(f"not valid YAML: {str(error).splitlines()[0]}") from None
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"not valid YAML: {error}") from None


def _check_depth(text: str) -> None:
    depth = nodes = 0
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            nodes += 1
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    raise UnreadableError(f"nested more than {MAX_DEPTH} levels deep", event.start_mark.line + 1)
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if nodes > MAX_NODES:
                raise UnreadableError(f"more than {MAX_NODES} YAML nodes", event.start_mark.line + 1)
    except yaml.YAMLError:
        return  # the composer says the same, with its place


def items(node: Node | None) -> list[tuple[str, Node, Node]]:
    """(key text, key node, value node) of a mapping, with merge keys (`<<`) resolved: a local key wins, then the first."""
    return _items(node, 0) if isinstance(node, yaml.MappingNode) else []


def _items(node: yaml.MappingNode, depth: int) -> list[tuple[str, Node, Node]]:
    found: dict[str, tuple[str, Node, Node]] = {}
    merged: list[tuple[str, Node, Node]] = []
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            continue
        if key.value == "<<" and depth < 8:  # noqa: PLR2004 - merges of merges of merges; a cycle ends here
            for part in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                if isinstance(part, yaml.MappingNode):
                    merged += _items(part, depth + 1)
        else:
            found[key.value] = (key.value, key, value)
    for row in merged:
        found.setdefault(row[0], row)
    return list(found.values())


def get(node: Node | None, *path: str) -> Node | None:
    """The value under a path of keys, or None."""
    for part in path:
        node = next((value for key, _, value in items(node) if key == part), None)
    return node


def key_node(node: Node | None, key: str) -> Node | None:
    """The node of a key itself, or None."""
    return next((found for text, found, _ in items(node) if text == key), None)


def elements(node: Node | None) -> list[Node]:
    """The items of a sequence; [] for anything else."""
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def text(node: Node | None) -> str | None:
    """The text of a scalar as written (quotes and escapes resolved), None for anything else or an empty plain scalar."""
    if not isinstance(node, yaml.ScalarNode):
        return None
    return None if node.tag == "tag:yaml.org,2002:null" and node.style is None else str(node.value)


def site(source: Source, node: Node) -> Site:
    """Where a node is written, quotes included; a block collection ends before the next key."""
    start, end = node.start_mark.index, node.end_mark.index
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        return Site(source.path, Span(start, start + len(source.text[start:end].rstrip())))
    if isinstance(node, yaml.CollectionNode) and not node.flow_style:
        end = start + len(source.text[start:end].rstrip())
    return Site(source.path, Span(start, end))


def inside(source: Source, node: Node) -> Site:
    """Where a scalar's text is written, without its quotes."""
    span = site(source, node).span
    if isinstance(node, yaml.ScalarNode) and node.style in ("'", '"'):
        return Site(source.path, Span(span.start + 1, span.end - 1))
    return Site(source.path, span)


def verbatim(source: Source, node: Node) -> bool:
    """Whether the scalar's text stands in the source letter for letter, so that offsets in it are offsets there."""
    return isinstance(node, yaml.ScalarNode) and source.slice(inside(source, node).span) == node.value
