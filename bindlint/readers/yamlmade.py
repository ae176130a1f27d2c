"""Nodes of YAML that nobody wrote, at the place of others: what a patch makes of an object, a value given elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Node = yaml.Node


def scalar(text: str, place: Node) -> Node:
    """A scalar that nobody wrote, at the place of another node."""
    return yaml.ScalarNode("tag:yaml.org,2002:str", text, place.start_mark, place.end_mark)


def moved(node: Node, place: Node) -> Node:
    """A scalar at the beginning of another node."""
    return yaml.ScalarNode(node.tag, node.value, place.start_mark, place.start_mark, getattr(node, "style", None))


def mapping(rows: Mapping[str, Node], place: Node) -> Node:
    """A mapping of these keys at the place of another node."""
    pairs = [(scalar(key, value), value) for key, value in rows.items()]
    return yaml.MappingNode("tag:yaml.org,2002:map", pairs, place.start_mark, place.end_mark)


def sequence(items: Sequence[Node], place: Node) -> Node:
    """A sequence of these elements at the place of another node."""
    return yaml.SequenceNode("tag:yaml.org,2002:seq", list(items), place.start_mark, place.end_mark)


def holding(key: str | None, node: Node) -> Node:
    """A mapping of one key, or (None) a sequence of one element, that nobody wrote around a node."""
    return sequence([node], node) if key is None else mapping({key: node}, node)


def extended(node: Node, more: Mapping[str, Node]) -> Node:
    """A mapping with more keys."""
    if not isinstance(node, yaml.MappingNode):
        return node
    pairs = [*node.value, *((scalar(key, value), value) for key, value in more.items())]
    return yaml.MappingNode(node.tag, pairs, node.start_mark, node.end_mark)
