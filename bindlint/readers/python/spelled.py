"""Texts of Python literals, character by character: where each is written, also where an escape stands for it."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bindlint.readers.commands.words import given, made, place

if TYPE_CHECKING:
    import libcst as cst

    from bindlint.facts import Word
    from bindlint.source import Site

_ESCAPE = re.compile(
    r"\\(?:\n|[0-7]{1,3}|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|N\{[^{}]*\}|[\\'\"abfnrtv])|\{\{|\}\}"
)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A text, and where each of its characters stands in a file; ~n stands for what is at n (`commands.words`).

    `at` is where the text stands when it is empty. `open` says what more may come, "" when nothing does.
    """

    text: str
    offsets: tuple[int, ...]
    path: str
    at: int
    open: str = ""

    def joined(self, other: Chunk, between: str = "") -> Chunk:
        """This text and another one behind it."""
        end = place(self.offsets[-1]) if self.offsets else self.at
        offsets = other.offsets if other.path == self.path else tuple([~end] * len(other.text))
        return Chunk(
            f"{self.text}{between}{other.text}",
            (*self.offsets, *[~end] * len(between), *offsets),
            self.path,
            self.at,
            self.open or other.open,
        )

    @property
    def word(self) -> Word:
        """The text as one word."""
        return made(self.text, self.offsets, self.path, self.at)


def standing_for(text: str, site: Site) -> Chunk:
    """A text that is not written, for the expression at a site."""
    start, end = site.span.start, site.span.end
    return Chunk(text, tuple(given(len(text), start, max(end, start + 1))), site.path, start)


def simple(node: cst.SimpleString, site: Site) -> Chunk | None:
    """The text of a literal at a site; None when it is none."""
    try:
        value = node.evaluated_value
    except (SyntaxError, ValueError):
        return None
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if not isinstance(value, str):
        return None
    start = site.span.start + len(node.prefix) + len(node.quote)
    text, offsets = _read(node.raw_value, start, escapes="r" not in node.prefix.lower(), braces=False)
    if text != value:
        return standing_for(value, site)
    return Chunk(text, offsets, site.path, start)


def formatted(node: cst.FormattedStringText, site: Site, *, raw: bool) -> Chunk:
    """A stretch of an f-string outside of its expressions."""
    text, offsets = _read(node.value, site.span.start, escapes=not raw, braces=True)
    return Chunk(text, offsets, site.path, site.span.start)


def _read(raw: str, start: int, *, escapes: bool, braces: bool) -> tuple[str, tuple[int, ...]]:
    """What a stretch of source says, and where each character of that begins."""
    texts: list[str] = []
    offsets: list[int] = []
    last = 0
    for match in _ESCAPE.finditer(raw):
        escape = match[0].startswith("\\")
        if not (escapes if escape else braces):
            continue
        texts.append(raw[last : match.start()])
        offsets += range(start + last, start + match.start())
        last = match.end()
        if (character := _meant(match[0])) is not None:
            texts.append(character)
            offsets.append(~(start + match.start()))
    texts.append(raw[last:])
    offsets += range(start + last, start + len(raw))
    return "".join(texts), tuple(offsets)


def _meant(written: str) -> str | None:
    """The one character that an escape or a doubled brace means; None for a line that goes on."""
    if not written.startswith("\\"):
        return written[0]
    if written == "\\\n":
        return None
    try:
        return codecs.decode(written, "unicode_escape")
    except UnicodeDecodeError:
        return "\N{REPLACEMENT CHARACTER}"
