"""What rows say of clients: which addresses of a name they try, what a name is for, and what else must be said."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bindlint.knowledge.check import Table

TRIES = ("all", "first", "v4", "socket")
PURPOSES = ("client", "healthcheck", "probe", "redirect")
OTHERS = ""  # the scheme that stands for every other one
EVERY = {OTHERS: "all"}


def tries(table: Table) -> Mapping[str, str]:
    """The `tries` of a row by URL scheme: one word for all of them, or words by scheme (`default` for the others)."""
    if "tries" not in table:
        return EVERY
    if isinstance(table.value("tries"), str):
        return {OTHERS: table.choice("tries", TRIES)}
    found = table.mapping("tries")
    if wrong := [word for word in found.values() if word not in TRIES]:
        table.fail(f"words among {', '.join(TRIES)}, not {wrong[0]!r}", "tries")
    return {**EVERY, **{OTHERS if scheme == "default" else scheme.lower(): word for scheme, word in found.items()}}


def where(table: Table) -> Mapping[str, tuple[str, ...]]:
    """What other keys or arguments must be (`ENGINE=*.mysql`): globs by dictionary key or argument (`key@position`)."""
    found: dict[str, tuple[str, ...]] = {}
    for word in table.texts("where", ()):
        key, equals, pattern = word.partition("=")
        if not equals:
            table.fail('conditions like "ENGINE=*.mysql"', "where")
        found[key] = (*found.get(key, ()), pattern)
    return found


def needed(pattern: str) -> str:
    """The longest piece of a glob that is written out."""
    return max(pattern.replace("?", "*").split("*"), key=len)


def matches(text: str, patterns: Iterable[str]) -> bool:
    """Whether a text is as one of some globs wants it, whatever its case."""
    return any(fnmatch.fnmatchcase(text.lower(), pattern.lower()) for pattern in patterns)
