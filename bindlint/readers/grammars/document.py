"""A parsed configuration file, and what rows ask of it: which entries a place names, which conditions hold."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING

from bindlint.readers.grammars.entries import Entry, Section, Style
from bindlint.source import Site, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bindlint.facts import Problem
    from bindlint.knowledge.servers import Place, Server
    from bindlint.source import Source

_MOST_WORDS = 4  # of a setting that is commented out; prose has more
FALSY = frozenset(("", "0", "no", "false", "off", "none", "disable", "disabled", "unset"))


@dataclass
class Document:
    """One file as entries, in the way its server reads it.

    `included` are the files of the project that it brings in, and those that they do, each with the offset at which it
    does; `open` says that it brings in others, which nobody here can read. `own` says that the file is known to be
    this server's by its own name, and so is read by itself, too.
    """

    source: Source
    server: Server
    style: Style
    entries: list[Entry] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    included: list[tuple[int, Document]] = field(default_factory=list)
    open: bool = False
    own: bool = True

    @classmethod
    def parse(
        cls, source: Source, server: Server, style: Style, parts: Iterable[Entry | Section | Problem]
    ) -> Document:
        """Sort what a grammar says into kinds."""
        document = cls(source, server, style)
        for part in parts:
            if isinstance(part, Entry):
                document.entries.append(part)
            elif isinstance(part, Section):
                document.sections.append(part)
            else:
                document.problems.append(part)
        return document

    @cached_property
    def is_main(self) -> bool:
        """Whether this file is the whole configuration."""
        return self.server.is_main(self.source.path) or self.any_holds(self.server.main_when, ())

    @cached_property
    def _by_section(self) -> dict[int, list[Entry]]:
        """The entries of each section by its number."""
        found: dict[int, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            found[entry.number].append(entry)
        return found

    def named(self, entry: Entry, key: str) -> int | None:
        """How many leading words of an entry belong to the key (a glob, of one or more words); None for no match."""
        name, *more = key.split(" ")
        if more:
            found = [word.text.strip().lower() for word in entry.words[: len(more)]]
            return len(more) if self._is(entry.key, name) and found == more else None
        return 0 if self._is(entry.key, name) else None

    def _is(self, written: str, key: str) -> bool:
        if written == key:
            return True
        shortest = self.server.abbreviations.get(key)
        if shortest is not None:
            return written.startswith(shortest) and key.startswith(written)
        return "*" in key and fnmatchcase(written, key)

    def find(self, keys: Iterable[str], sections: tuple[str, ...], number: int | None = None) -> list[Entry]:
        """The entries under any of the keys, key words taken off, in file order; those of one section by its number."""
        found = []
        for entry in self.entries if number is None else self._by_section.get(number, ()):
            if not within(entry.section, sections):
                continue
            for key in keys:
                taken = self.named(entry, key)
                if taken is not None:
                    found.append(_without(entry, taken) if taken else entry)
                    break
        return found

    def following(self, entry: Entry, keys: Iterable[str]) -> Iterator[Entry]:
        """The entries after one, in the same section, that are under any of the keys."""
        wanted = tuple(keys)
        same = self._by_section.get(entry.number, [])
        for index in range(bisect_right(same, entry.site.span.start, key=lambda e: e.site.span.start), len(same)):
            if any(self.named(same[index], key) is not None for key in wanted):
                yield same[index]

    def holds(self, condition: str, sections: tuple[str, ...], number: int | None = None) -> bool:
        """Whether a condition (see `bindlint.knowledge.servers`) holds; of several entries the last one counts."""
        if condition.startswith("!"):
            return not self.find((condition[1:],), sections, number)
        key, sign, value = condition.partition("=")
        found = self.find((key,), sections, number)
        if not found:
            return False
        written = found[-1].value.strip().lower()
        if sign:
            return written == value.lower()
        return not found[-1].words or written not in FALSY

    def any_holds(self, conditions: Iterable[str], sections: tuple[str, ...], number: int | None = None) -> bool:
        """Whether one of some conditions holds."""
        return any(self.holds(condition, sections, number) for condition in conditions)

    def anchor(self, place: Place, anchors: tuple[str, ...], section: Section | None) -> tuple[Site, int]:
        """Where a listener that is nowhere written is shown, and where a line that writes it would go."""
        number = section.number if section else None
        if found := self.find(anchors, place.sections, number):
            at = self._line_start(found[-1].site.span.start)
            return found[-1].site, max(at, section.inside) if section else at
        if section is not None:
            return section.site, section.inside
        if commented := self._commented(place):
            return commented, self._line_start(commented.span.start)
        if self.entries:
            site = self.entries[0].key_site
            return site, self._line_start(site.span.start)
        start = 1 if self.source.text.startswith("\ufeff") else 0
        return Site(self.source.path, Span(start, start)), start

    def indent(self, section: Section) -> str | None:
        """The blanks before the entries of a section that begin a line; None where there are none."""
        for entry in self.entries:
            start = entry.site.span.start
            if entry.number == section.number and start > section.inside:
                line = self.source.offset(self.source.line(start))
                if line >= section.inside and not self.source.text[line:start].strip():
                    return self.source.text[line:start]
        return None

    def _line_start(self, offset: int) -> int:
        """The offset at which a line begins, its indentation taken off."""
        line = self.source.offset(self.source.line(offset))
        text = self.source.text
        while line < offset and text[line] in " \t\ufeff":
            line += 1
        return line

    def _commented(self, place: Place) -> Site | None:
        """A line of the file that sets the address but is commented out: the default, as the file's author left it."""
        marks = re.escape(self.style.comments)
        for blank, key in [(blank, key) for blank in ("", "[ \t]") for key in place.keys if "*" not in key]:
            pattern = rf"(?m)^[ \t]*[{marks}]{blank}{re.escape(key)}(?=[ \t]*[=:]|[ \t\r\n])[^\r\n]*"
            for match in re.finditer(pattern, self.source.text):
                written = match[0].strip()
                if len(written.split()) <= _MOST_WORDS:
                    start = match.end() - len(match[0].lstrip())
                    return Site(self.source.path, Span(start, start + len(written)))
        return None


def within(section: tuple[str, ...], allowed: tuple[str, ...]) -> bool:
    """Whether an entry of a section counts: () allows every one, "" the head of the file, a glob the innermost name."""
    if not allowed:
        return True
    name = section[-1] if section else ""
    return any(fnmatchcase(name, glob) for glob in allowed)


def _without(entry: Entry, taken: int) -> Entry:
    return Entry(entry.section, entry.number, entry.key, entry.words[taken:], entry.site, entry.key_site)
