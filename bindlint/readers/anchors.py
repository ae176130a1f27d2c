"""Anchors that are defined more than once: YAML 1.2 allows it and so does Go's parser, PyYAML's composer does not.

https://yaml.org/spec/1.2.2/#71-alias-nodes: an alias means the last definition before it.
"""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_ANCHORS = 1_000
_ANCHOR = re.compile(r"(?<![^\s\[{,!])&([^\s\[\]{},]+)")
_LETTERS = string.ascii_lowercase + string.ascii_uppercase + string.digits


def distinct(text: str, loader: type) -> str:
    """The text with each definition of an anchor under a name of its own, as long as the old one: offsets stay."""
    names = _ANCHOR.findall(text)
    if len(names) == len(set(names)) or len(names) > MAX_ANCHORS:
        return text
    taken, now, changes = set(names), dict[str, str](), list[tuple[int, str]]()
    try:
        for event in yaml.parse(text, Loader=loader):
            name = getattr(event, "anchor", None)
            if not name or event.start_mark is None:
                continue
            if isinstance(event, yaml.AliasEvent):
                at = event.start_mark.index + 1
            else:
                at = text.find(f"&{name}", event.start_mark.index) + 1
                now[name] = name if name not in now else next(_names(len(name), taken), name)
                taken.add(now[name])
            if now.get(name, name) != name:
                changes.append((at, now[name]))
    except (yaml.YAMLError, ValueError):
        return text  # the composer says the same, with its place
    for at, name in changes:
        text = text[:at] + name + text[at + len(name) :]
    return text


def _names(length: int, taken: set[str]) -> Iterator[str]:
    """Names of a length that nobody has."""
    for number in range(min(len(_LETTERS) ** length, 2 * MAX_ANCHORS)):
        name, rest = "", number
        for _ in range(length):
            rest, digit = divmod(rest, len(_LETTERS))
            name += _LETTERS[digit]
        if name not in taken:
            yield name
