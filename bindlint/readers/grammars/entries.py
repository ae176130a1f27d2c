"""What every grammar makes of a configuration file: sections, and entries of a key and its words, with their places."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bindlint.facts import Problem, Word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.source import Site, Source

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_WORD = re.compile(r"\S+")
_EXPRESSION = re.compile(r"\{\{[^\r\n]*?\}\}|<%[^\r\n]*?%>|\$\{[^{}\r\n]*\}")


@dataclass(frozen=True, slots=True)
class Style:
    """How one server spells the grammar.

    What begins a comment line, and what begins a comment after a blank; whether keys fold case, count `-` and `_` as
    one, or may carry a prefix that changes nothing; what carries a value on in the next line: "indent", "backslash" or
    "" for nothing.
    """

    comments: str = "#"
    inline: str = ""
    fold_case: bool = False
    fold_dash: bool = False
    key_prefixes: tuple[str, ...] = ()
    continuation: str = ""

    def key(self, text: str) -> str:
        """The key as it is compared."""
        text = text.lower() if self.fold_case else text
        text = text.replace("_", "-") if self.fold_dash else text
        for prefix in self.key_prefixes:
            text = text.removeprefix(prefix)
        return text


@dataclass(frozen=True, slots=True)
class Section:
    """A group of entries: its path of names, its number in the file, its header, and where its content begins."""

    path: tuple[str, ...]
    number: int
    site: Site
    inside: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A key and its words. `section` and `number` are those of the group it stands in, () and 0 for none.

    `site` runs from the key to the last word; a word's site is its text without quotes. `readable` is False where the
    key is written but not a value that its server reads: then neither the words nor the default count.
    """

    section: tuple[str, ...]
    number: int
    key: str
    words: tuple[Word, ...]
    site: Site
    key_site: Site
    readable: bool = True

    @property
    def value(self) -> str:
        """The words as one text."""
        return " ".join(word.text for word in self.words)


class Grammar(Protocol):
    """The shape of a grammar module: it states what is written, and a Problem for each line that it cannot read."""

    @staticmethod
    def entries(source: Source, style: Style) -> Iterator[Entry | Section | Problem]:
        """The sections and entries of a file, in source order."""
        ...


def lines(source: Source) -> Iterator[tuple[int, int]]:
    """The first and last offset of each line, without blanks around it, without its break; blank lines are left out."""
    text = source.text
    for match in _LINE.finditer(text, 1 if text.startswith("\ufeff") else 0):
        start, end = match.span(1)
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        if start < end:
            yield start, end


def problem(source: Source, offset: int, reason: str) -> Problem:
    """A line that was not read; the others are."""
    return Problem(source.path, reason, source.line(offset), partial=True)


def uncommented(text: str, start: int, end: int, marks: str) -> int:
    """Where a line ends for one of the characters `marks` after a blank, outside quotes; else `end`."""
    if not any(mark in text[start:end] for mark in marks):
        return end
    quote = ""
    for index in range(start, end):
        character = text[index]
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in marks and (index == start or text[index - 1].isspace()):
            while index > start and text[index - 1].isspace():
                index -= 1  # noqa: PLW2901 - the blanks before the comment belong to it
            return index
    return end


def masked(text: str) -> str:
    """A text of the same length in which the expressions of templates (`{{ x }}`, `<%= x %>`, `${x}`) are plain."""
    if not any(opening in text for opening in ("{{", "<%", "${")):
        return text
    return _EXPRESSION.sub(lambda match: "x" * len(match[0]), text)


def unquoted(source: Source, start: int, end: int) -> Word:
    """A value with one pair of quotes around it taken off."""
    text = source.text
    if end - start >= 2 and text[start] in "\"'" and text[end - 1] == text[start]:
        start, end = start + 1, end - 1
    return Word(text[start:end], source.site(start, end))


def words(source: Source, start: int, end: int, *, escapes: bool = True) -> list[Word] | None:
    """Blank-separated words with quotes and backslashes resolved; None when a quote is not closed."""
    text, origin = masked(source.text[start:end]), start
    if not any(character in text for character in "\"'\\"):
        sites = [source.site(origin + m.start(), origin + m.end()) for m in _WORD.finditer(text)]
        return [Word(source.slice(site.span), site) for site in sites]
    found: list[Word] = []
    index = 0
    while index < len(text):
        if text[index].isspace():
            index += 1
            continue
        begin, out, quote = index, [], ""
        while index < len(text) and (quote or not text[index].isspace()):
            character = text[index]
            if escapes and character == "\\" and quote != "'" and index + 1 < len(text):
                index += 1
                out.append(text[index])
            elif character == quote:
                quote = ""
            elif not quote and character in "\"'":
                quote = character
            else:
                out.append(source.text[origin + index])
            index += 1
        if quote:
            return None
        plain = "".join(out)
        inner = unquoted(source, origin + begin, origin + index)
        found.append(inner if inner.text == plain else Word(plain, source.site(origin + begin, origin + index)))
    return found
