"""Words of command lines, and where each of their characters is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence  # noqa: TC003 - dataclasses with slots read their annotations
from dataclasses import dataclass

from bindlint.facts import Word
from bindlint.source import Site, Span


@dataclass(frozen=True, slots=True)
class Spread(Word):
    """A word whose characters do not stand side by side in the file; `offsets` is () when they stand nowhere.

    A character that a variable gives has the offset ~n: it is not written here, but stands for what is at n.
    """

    offsets: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Bare(Word):
    """A variable without quotes, which a shell replaces by all the words of its value (POSIX sh 2.6.5)."""


@dataclass(frozen=True, slots=True)
class Arm:
    """A part of a compound command: executed where a word is one of some values and none of `others`.

    Both are patterns of the shell; no values are any. `block` is the number of the compound command in its text.
    """

    subject: str
    values: tuple[str, ...]
    others: tuple[str, ...]
    block: int


class Simple(list[Word]):
    """The words of a simple command; `perhaps`: it is executed on a condition only.

    `arms` are those of the conditions that are understood, `function` is the name of the one that it is part of.
    """

    def __init__(
        self, words: Iterable[Word], *, perhaps: bool = False, arms: tuple[Arm, ...] = (), function: str = ""
    ) -> None:
        super().__init__(words)
        self.perhaps = perhaps
        self.arms = arms
        self.function = function


def offsets_of(word: Word) -> Sequence[int]:
    """The offset of each character of a word, or () when they are not written letter for letter."""
    if isinstance(word, Spread):
        return word.offsets
    span = word.site.span
    return range(span.start, span.end) if span.end - span.start == len(word.text) else ()


def part(word: Word, start: int, end: int) -> Site | None:
    """Where the characters start:end of a word are written, when side by side; a place of no width for start == end."""
    offsets = offsets_of(word)
    if not offsets:
        return word.site if not word.text else None
    if start == end:
        at = offsets[start] if start < len(offsets) else place(offsets[-1]) + 1
        return Site(word.site.path, Span(at, at)) if at >= 0 else None
    if not _side_by_side(offsets[start:end]):
        return None
    return Site(word.site.path, Span(offsets[start], offsets[end - 1] + 1))


def cut(word: Word, start: int, end: int | None = None) -> Word:
    """The characters start:end of a word, as a word."""
    end = len(word.text) if end is None else end
    offsets = offsets_of(word)
    if not offsets:
        return Spread(word.text[start:end], word.site)
    return made(
        word.text[start:end],
        offsets[start:end],
        word.site.path,
        place(offsets[min(start, len(offsets) - 1)]) + (start >= len(offsets)),
    )


def made(text: str, offsets: Sequence[int], path: str, at: int) -> Word:
    """A word of a text whose characters stand at these offsets; `at` is where it stands when it is empty."""
    if not offsets:
        return Word(text, Site(path, Span(at, at)))
    site = Site(path, Span(place(offsets[0]), place(offsets[-1]) + 1))
    if _side_by_side(offsets):
        return Word(text, site)
    return Spread(text, site, tuple(offsets))


def given(length: int, start: int, end: int) -> list[int]:
    """The offsets of so many characters that a variable gives, whose `${…}` is written from start to end."""
    return [~start, *[~(end - 1)] * (length - 1)][:length]


def place(offset: int) -> int:
    """Where a character is written, or what stands for it."""
    return offset if offset >= 0 else ~offset


def _side_by_side(offsets: Sequence[int]) -> bool:
    """Whether characters are all written, one behind the other."""
    if offsets[-1] - offsets[0] != len(offsets) - 1:
        return False
    return isinstance(offsets, range) or min(offsets) >= 0


def plain(word: Word) -> Word:
    """The word without knowledge of its inner places, as facts carry it."""
    return word if type(word) is Word else Word(word.text, word.site)
