"""XML settings: ClickHouse, Tomcat, Hadoop, Syncthing, Icecast, Jetty, read by expat.

Each element is a section under its name; its attributes are entries in it, and an element of text alone is an entry of
the element around it. Hadoop's `<property><name>k</name><value>v</value></property>` is an entry k (apache/hadoop
hadoop-common Configuration.java). A declared entity ends the reading: nothing is expanded, nothing is fetched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.parsers import expat

from bindlint.facts import Word
from bindlint.readers.grammars.entries import Entry, Section, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.facts import Problem
    from bindlint.readers.grammars.entries import Style
    from bindlint.source import Source

_MAX_DEPTH = 100
_MAX_PARTS = 50_000
_ATTRIBUTE = re.compile(r"([^\s=/>\"']+)\s*=\s*(\"[^\"]*\"|'[^']*')")


class _Stop(Exception):  # noqa: N818 - no error: the reader has what it wants, or will read no more
    pass


@dataclass
class _Element:
    """An open element: its section, where its content begins, and what of it is text."""

    section: Section
    inside: int
    text: str = ""
    first: int = -1
    last: int = -1
    children: int = 0
    named: dict[str, Word] = field(default_factory=dict)  # its children of text alone


def entries(source: Source, style: Style) -> Iterator[Entry | Section | Problem]:
    """Sections and entries as far as the text is XML; what is behind an error is not read."""
    reader = _Reader(source, style)
    yield from reader.read()


class _Reader:
    def __init__(self, source: Source, style: Style) -> None:
        self.source = source
        self.style = style
        self.parts: list[Entry | Section | Problem] = []
        self.stack: list[_Element] = []
        self.number = 0
        self._bytes, self._characters = 0, 0  # an offset of both kinds that is known to be one place
        self.skipped = 1 if source.text.startswith("\ufeff") else 0
        self.data = source.text[self.skipped :].encode("utf-8", "replace")
        self.plain = len(self.data) == len(source.text) - self.skipped
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = False
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.EntityDeclHandler = self._refuse

    def read(self) -> list[Entry | Section | Problem]:
        """Everything up to the first error."""
        try:
            self.parser.Parse(self.data, True)  # noqa: FBT003 - expat's own signature
        except _Stop as stop:
            self.parts.append(problem(self.source, self._offset(), str(stop)))
        except expat.ExpatError as error:
            reason = f"no well-formed XML: {expat.ErrorString(error.code)}"
            line = min(self.source.text.count("\n") + 1, max(1, error.lineno))
            self.parts.append(problem(self.source, self.source.offset(line), reason))
        return self.parts

    def _offset(self, index: int | None = None) -> int:
        """The character at which expat stands, or at which a byte stands; offsets are asked in rising order."""
        index = self.parser.CurrentByteIndex if index is None else index
        if self.plain:
            return index + self.skipped
        if index < self._bytes:
            self._bytes = self._characters = 0
        self._characters += len(self.data[self._bytes : index].decode("utf-8", "replace"))
        self._bytes = index
        return self._characters + self.skipped

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.stack) >= _MAX_DEPTH or len(self.parts) >= _MAX_PARTS:
            raise _Stop("more elements than are read")
        start = self._offset()
        end = self._tag_end(start)
        self.number += 1
        if self.stack:
            self.stack[-1].children += 1
        path = (*(self.stack[-1].section.path if self.stack else ()), self.style.key(name.rpartition(":")[2]))
        section = Section(path, self.number, self.source.site(start, end), end)
        self.parts.append(section)
        self.stack.append(_Element(section, end))
        if attributes:
            for match in _ATTRIBUTE.finditer(self.source.text, start + 1 + len(name), end):
                key = self.style.key(match[1].rpartition(":")[2])
                value = self.source.site(match.start(2) + 1, match.end(2) - 1)
                word = Word(attributes.get(match[1], self.source.slice(value.span)), value)
                key_site = self.source.site(*match.span(1))
                self.parts.append(Entry(path, self.number, key, (word,), self.source.site(*match.span()), key_site))

    def _tag_end(self, start: int) -> int:
        """Where a start tag ends: its `>`, which a quoted value may hold too."""
        text, index, quote = self.source.text, start, ""
        while index < len(text):
            character = text[index]
            if quote:
                quote = "" if character == quote else quote
            elif character in "\"'":
                quote = character
            elif character == ">":
                return index + 1
            index += 1
        return index

    def _text(self, data: str) -> None:
        if not self.stack or not data.strip():
            return
        element = self.stack[-1]
        start = self._offset()
        element.first = start if element.first < 0 else element.first
        element.text += data
        element.last = start + len(data)

    def _end(self, name: str) -> None:
        element = self.stack.pop()
        if element.children or not self.stack:
            if self.style.key(name) == "property":
                self._property(element)
            return
        outer = self.stack[-1]
        stop = self._offset()
        start, end = (
            (element.first, max(element.first, stop)) if element.first >= 0 else (element.inside, element.inside)
        )
        raw = self.source.text[start:end]
        start, end = start + len(raw) - len(raw.lstrip()), start + len(raw.rstrip())
        word = Word(element.text.strip(), self.source.site(start, max(start, end)))
        key = element.section.path[-1]
        outer.named[key] = word
        site = self.source.site(element.section.site.span.start, max(start, end))
        words = (word,) if word.text else ()
        path, number = outer.section.path, outer.section.number
        self.parts.append(Entry(path, number, key, words, site, element.section.site))

    def _property(self, element: _Element) -> None:
        name, value = element.named.get("name"), element.named.get("value")
        if name is not None and value is not None and self.stack:
            outer = self.stack[-1].section
            site = self.source.site(*sorted((element.section.site.span.start, value.site.span.end)))
            self.parts.append(Entry(outer.path, outer.number, self.style.key(name.text), (value,), site, name.site))

    def _refuse(self, *_: object) -> None:
        raise _Stop("entities are declared here, and none is expanded")
