"""Settings in braces: HCL (Consul, Vault, Nomad), NATS's configuration, HOCON, and JSON, which is a part of each.

`key = value`, `key: value`, `key value` and `key "label" { … }`, parted by line ends, commas or semicolons; `#`, `//`
and `/* */` comments; heredocs. (hashicorp/hcl spec.md, nats-io/nats-server conf/lex.go, lightbend/config HOCON.md)
Every scalar is an entry under its dotted path, labels included (`listener.tcp.address`), and every pair of braces a
section under its own. python-hcl2 keeps no columns and stops at the first error, hence our own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bindlint.facts import Word
from bindlint.readers.grammars.entries import Entry, Section, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.facts import Problem
    from bindlint.readers.grammars.entries import Style
    from bindlint.source import Source

_MAX_DEPTH = 60
_MAX_TEMPLATE = 200  # characters of one template expression
_SKIPPED = re.compile(r"(?:[\s,;]+|#[^\r\n]*|//[^\r\n]*|/\*.*?(?:\*/|\Z))", re.DOTALL)
_BLANKS = re.compile(r"[ \t]+")
_SIGN = re.compile(r"[ \t]*(?:\+=|\?=|=(?!=)|:)[ \t]*")
_KEY = re.compile(r"[^\s,;=:{}\[\]\"'#]+")
_BARE = re.compile(r"[^\s,;{}\[\]\"'#$/(<]+")
_QUOTED = re.compile(r"\"\"\".*?(?:\"\"\"|\Z)|\"(?:[^\"\\\r\n]|\\.)*\"|'[^'\r\n]*'", re.DOTALL)
_HEREDOC = re.compile(r"<<[-~]?[ \t]*(\w+)[^\r\n]*(?:\r\n|\r|\n)")
_EXPRESSIONS = (("${", "}"), ("{{", "}}"), ("<%", "%>"))
_PLAIN_ESCAPES = {'\\"': '"', "\\\\": "\\", "\\/": "/"}


def entries(source: Source, style: Style) -> Iterator[Entry | Section | Problem]:
    """Scalars as entries, what stands in braces as sections, in source order."""
    return _Reader(source, style).read()


class _Reader:
    """One pass over the text; `stack` holds the braces (sections) and brackets (None) that are open."""

    def __init__(self, source: Source, style: Style) -> None:
        self.source = source
        self.style = style
        self.text = source.text
        self.index = 1 if source.text.startswith("\ufeff") else 0
        self.number = 0
        self.stack: list[tuple[str, int]] = []  # the dotted path and the number of each open pair of braces

    def read(self) -> Iterator[Entry | Section | Problem]:
        """Everything, whatever is wrong in some line."""
        while self._skip():
            character = self.text[self.index]
            if character == "}":
                if not self.stack:
                    yield problem(self.source, self.index, "a `}` that no `{` opens")
                self.stack = self.stack[:-1]
                self.index += 1
            elif character == "{":
                yield self._open("", self.index)
            elif (key := self._key()) is None:
                yield problem(self.source, self.index, "expected a key and its value")
                self._next_line()
            else:
                yield from self._after(key)
            if len(self.stack) > _MAX_DEPTH:
                yield problem(self.source, self.index, f"nested more than {_MAX_DEPTH} braces deep")
                return
        if self.stack:
            yield problem(self.source, len(self.text), "a `{` is not closed")

    def _skip(self) -> bool:
        """Pass over blanks, comments, separators and template lines; False at the end."""
        while self.index < len(self.text):
            match = _SKIPPED.match(self.text, self.index)
            end = match.end() if match else self._expression(self.index)
            if end == self.index:
                return True
            self.index = end
        return False

    def _expression(self, index: int) -> int:
        """Where an expression of a template that begins at an offset ends; the offset itself for none."""
        for opening, closing in _EXPRESSIONS:
            if self.text.startswith(opening, index):
                end = self.text.find(closing, index, index + _MAX_TEMPLATE)
                return end + len(closing) if end >= 0 else index
        return index

    def _next_line(self) -> None:
        end = self.text.find("\n", self.index)
        self.index = end + 1 if end >= 0 else len(self.text)

    def _key(self) -> Word | None:
        match = _QUOTED.match(self.text, self.index) or _KEY.match(self.text, self.index)
        if match is None:
            return None
        self.index = match.end()
        return self._word(*match.span())

    def _word(self, start: int, end: int) -> Word:
        """A word without its quotes, its escapes resolved."""
        quote = 0
        if self.text[start] in "\"'":
            quote = 3 if self.text.startswith('"""', start) and end - start > 5 else 1
        start, end = start + quote, end - quote
        text = self.text[start:end]
        if "\\" in text:
            text = re.sub(r"\\.", lambda match: _PLAIN_ESCAPES.get(match[0], match[0]), text, flags=re.DOTALL)
        return Word(text, self.source.site(start, end))

    def _after(self, key: Word) -> Iterator[Entry | Section | Problem]:
        """What follows a key: a sign and a value, a block, or words."""
        sign = _SIGN.match(self.text, self.index)
        if sign is not None:
            self.index = sign.end()
            yield from self._value(key, [key.text])
            return
        names, words = [key.text], list[Word]()
        while True:
            if blanks := _BLANKS.match(self.text, self.index):
                self.index = blanks.end()
            if self.text.startswith("{", self.index) and self._expression(self.index) == self.index:
                yield self._open(".".join(names), key.site.span.start)
                return
            if self.text.startswith("[", self.index) and not words:
                yield from self._value(key, names)
                return
            word = self._scalar(stop=" \t")
            if word is None:
                break
            words.append(word)
            names.append(word.text)
        yield self._entry(key, [key.text], words)

    def _value(self, key: Word, names: list[str]) -> Iterator[Entry | Section | Problem]:
        """A value after its sign, and past it."""
        while (match := _SKIPPED.match(self.text, self.index)) and not set(match[0]) & set(",;"):
            if "\n" in match[0] and not self._goes_on(match.end()):
                break  # an empty value: the next line is another setting
            self.index = match.end()
        if self.text.startswith("{", self.index) and self._expression(self.index) == self.index:
            yield self._open(".".join(names), key.site.span.start)
        elif self.text.startswith("[", self.index):
            yield from self._array(key, names)
        else:
            word = self._scalar(stop="")
            yield self._entry(key, names, [word] if word else [])

    def _goes_on(self, index: int) -> bool:
        """Whether what stands in the next line is this value: braces, brackets or a text with no sign behind it."""
        if self.text[index : index + 1] in ("{", "["):
            return True
        match = _QUOTED.match(self.text, index)
        return match is not None and _SIGN.match(self.text, match.end()) is None

    def _array(self, key: Word, names: list[str]) -> Iterator[Entry | Section | Problem]:
        """The scalars of a list as the words of one entry; what its braces hold, as sections of the same path."""
        self.index += 1
        words: list[Word] = []
        depth = 1
        while depth and self._skip():
            character = self.text[self.index]
            if character in "[]":
                depth += 1 if character == "[" else -1
                self.index += 1
            elif character == "{":
                inner = len(self.stack)
                yield self._open(".".join(names), self.index)
                while len(self.stack) > inner and self._skip():
                    if self.text[self.index] == "}":
                        self.stack = self.stack[:-1]
                        self.index += 1
                    elif self.text[self.index] == "{":
                        yield self._open("", self.index)
                    elif len(self.stack) > _MAX_DEPTH or (word := self._key()) is None:
                        yield problem(self.source, self.index, "expected a key and its value")
                        self._next_line()
                    else:
                        yield from self._after(word)
            elif character == "}":
                break
            elif (word := self._scalar(stop=" \t")) is not None:
                words.append(word)
            else:
                self.index += 1
        if depth:
            yield problem(self.source, key.site.span.start, "a `[` is not closed")
        yield self._entry(key, names, words)

    def _scalar(self, stop: str) -> Word | None:
        """The scalar here, and past it: quoted, a heredoc, or bare text up to a separator."""
        if match := _QUOTED.match(self.text, self.index):
            self.index = match.end()
            return self._word(*match.span())
        if match := _HEREDOC.match(self.text, self.index):
            close = re.compile(rf"(?m)^[ \t]*{match[1]}[ \t]*\r?$").search(self.text, match.end())
            start, end = match.end(), close.start() if close else len(self.text)
            self.index = close.end() if close else len(self.text)
            return Word(self.text[start:end], self.source.site(start, end))
        start = last = self.index
        while self.index < len(self.text):
            if match := _BARE.match(self.text, self.index):
                self.index = last = match.end()
            elif (end := self._expression(self.index)) > self.index:
                self.index = last = end
            elif self.text[self.index] == "(":
                self.index = last = self._closed(self.index)
            elif self.text[self.index] in " \t" and not stop:
                self.index += 1
            elif self.text[self.index] in "$<" or (
                self.text[self.index] == "/" and self.text[self.index + 1 : self.index + 2] not in ("/", "*")
            ):
                self.index += 1
                last = self.index
            elif self.text.startswith("//", self.index) and self.text[self.index - 1 : self.index] == ":":
                self.index += 2  # of a URL without quotes
                last = self.index
            else:
                break
        return Word(self.text[start:last], self.source.site(start, last)) if last > start else None

    def _closed(self, index: int) -> int:
        """Where the parenthesis that opens at an offset closes: a call, which may hold braces."""
        depth = 0
        while index < len(self.text):
            if match := _QUOTED.match(self.text, index):
                index = match.end()
                continue
            depth += {"(": 1, ")": -1}.get(self.text[index], 0)
            index += 1
            if not depth:
                break
        return index

    def _path(self, name: str) -> str:
        outer = self.stack[-1][0] if self.stack else ""
        return ".".join(part for part in (outer, self.style.key(name)) if part)

    def _open(self, name: str, start: int) -> Section:
        """The section of the brace at the index, which is open from now on."""
        self.index += 1
        self.number += 1
        path = self._path(name)
        self.stack.append((path, self.number))
        return Section((path,), self.number, self.source.site(start, self.index), self.index)

    def _entry(self, key: Word, names: list[str], words: list[Word]) -> Entry:
        section, number = ((self.stack[-1][0],), self.stack[-1][1]) if self.stack else ((), 0)
        start, end = key.site.span.start, words[-1].site.span.end if words else key.site.span.end
        start -= self.text[start - 1 : start] in ("'", '"')
        end += self.text[end : end + 1] in ("'", '"')
        site = self.source.site(start, end)
        return Entry(section, number, self._path(".".join(names)), tuple(words), site, key.site)
