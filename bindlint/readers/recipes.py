"""The lines of files whose recipes are given to a shell, with references of their own put in (make, just)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator


def logical_lines(text: str) -> Iterator[tuple[int, int]]:
    """The logical lines: a backslash before a line break joins two."""
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        while end < len(text) and text[end - 1 : end] == "\\":
            more = text.find("\n", end + 1)
            end = len(text) if more < 0 else more
        yield start, end
        start = end + 1


def filled_in(text: str, start: int, end: int, references: re.Pattern[str]) -> tuple[str, list[int]]:
    """What the shell gets of a line, references as variables of its own, and where each character stands.

    The first group of a reference is its name; one without a name is a dollar.
    """
    pieces: list[str] = []
    offsets: list[int] = []
    last = start
    for match in references.finditer(text, start, end):
        said = "${" + match[1] + "}" if match[1] else "$"
        pieces += [text[last : match.start()], said]
        inner = [min(match.start() + i, match.end() - 1) for i in range(len(said))]
        inner[-1] = match.end() - 1 if match[1] else match.start()
        offsets += [*range(last, match.start()), *inner]
        last = match.end()
    return "".join([*pieces, text[last:end]]), [*offsets, *range(last, end)]
