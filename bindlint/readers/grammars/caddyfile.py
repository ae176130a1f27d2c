"""The Caddyfile: sites under their addresses, directives in them, options first (caddyserver.com/docs/caddyfile).

A site's address names whom it answers, not where it listens: only its port binds (kernel runs of Caddy 2.6.2 and
2.11.7). So a site is a section `site` with an entry `port` for each port that its addresses say, and the global options
are entries in every site besides, as they hold for all. Snippets and named routes are sections of their own.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from bindlint.facts import Word
from bindlint.readers.grammars.entries import Entry, Section, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.facts import Problem
    from bindlint.readers.grammars.entries import Style
    from bindlint.source import Source

_TOKEN = re.compile(
    r"""(?P<blank>[ \t\ufeff]+|\\\r?\n)|(?P<comment>(?:(?<=\s)|\A)\#[^\r\n]*)|(?P<line>\r\n|\r|\n)"""
    r"""|"(?P<quoted>(?:[^"\\]|\\.)*)"|`(?P<raw>[^`]*)`|(?P<heredoc><<(?P<mark>\w+)[ \t]*\r?\n)"""
    r"""|(?P<word>[^\s"`][^\s]*)""",
    re.DOTALL,
)
_ADDRESS = re.compile(
    r"(?:(?P<scheme>https?)://)?(?P<host>\[[^\]]*\]|[^:/\s{}]*|\{[^{}]*\})(?::(?P<port>\d{1,5}))?(?:/.*)?"
)
_SCHEME_PORTS = {"http": "80", "https": "443"}
_MAX_DEPTH = 50
_GLOBAL = "global"
_NAMED = re.compile(r"&?\(.*\)")
_Line = list[Word]


def entries(source: Source, style: Style) -> Iterator[Entry | Section | Problem]:
    """The sites of a file and what is in them; the first block without a name holds the global options."""
    return _Reader(source, style).read()


class _Reader:
    """One pass over the lines; `stack` holds the blocks that are open, `options` the global options so far."""

    def __init__(self, source: Source, style: Style) -> None:
        self.source = source
        self.style = style
        self.options: list[Entry] = []
        self.stack: list[Section] = []
        self.number = 0
        self.addresses: _Line = []  # of a site whose list of them goes on in the next line
        self.bare = False  # one site without braces: its addresses are the first line

    def read(self) -> Iterator[Entry | Section | Problem]:
        """Everything up to a quote that is not closed."""
        for line in _lines(self.source):
            if isinstance(line, int):
                yield problem(self.source, line, "a quote is not closed")
                return
            if line[0].text == "}":
                if not self.stack:
                    yield problem(self.source, line[0].site.span.start, "a `}` that no `{` opens")
                self.stack = self.stack[:-1]
            elif not self.stack and not self.bare:
                yield from self._site(line)
            else:
                yield from self._directive(line)
            if len(self.stack) > _MAX_DEPTH:
                yield problem(self.source, line[0].site.span.start, f"nested more than {_MAX_DEPTH} blocks deep")
                return
        if self.stack and not self.bare:
            yield problem(self.source, len(self.source.text.rstrip()), "a block that is not closed")

    def _site(self, line: _Line) -> Iterator[Entry | Section]:
        """A line outside all blocks: the addresses of a site, or what else begins one."""
        opens = line[-1].text == "{"
        words = line[:-1] if opens else line
        if not opens and words[0].text == "import":
            yield _entry(self.source, self.style, None, words)
            return
        self.addresses += words
        if not opens and words[-1].text.endswith(","):
            return
        addresses, self.addresses, self.bare = self.addresses, [], not opens
        name = _name(addresses, first=self.number == 0)
        start = (addresses or line)[0].site.span.start
        end = (words or line)[-1].site.span.end
        section = self._open((name,), start, end, line[-1].site.span.end)
        yield section
        if name == "site":
            yield from _ports(self.source, section, addresses)
            yield from (replace(entry, section=section.path, number=section.number) for entry in self.options)

    def _directive(self, line: _Line) -> Iterator[Entry | Section]:
        """A line inside a block: a directive, which may open a block of its own."""
        opens = line[-1].text == "{"
        words = line[:-1] if opens else line
        outer = self.stack[-1] if self.stack else None
        if words:
            entry = _entry(self.source, self.style, outer, words)
            yield entry
            if outer is not None and outer.path == (_GLOBAL,):
                self.options.append(entry)
        if opens:
            path = (*(outer.path if outer else ()), self.style.key(words[0].text) if words else "")
            end = line[-1].site.span.end
            yield self._open(path, line[0].site.span.start, end, end)

    def _open(self, path: tuple[str, ...], start: int, end: int, inside: int) -> Section:
        self.number += 1
        section = Section(path, self.number, self.source.site(start, end), inside)
        self.stack.append(section)
        return section


def _name(addresses: _Line, *, first: bool) -> str:
    if not addresses:
        return _GLOBAL if first else ""
    return "snippet" if _NAMED.fullmatch(addresses[0].text) else "site"


def _lines(source: Source) -> Iterator[_Line | int]:
    """The words of each line that has any; the offset of a quote that is not closed, after which nothing is read."""
    text, index = source.text, 0
    line: _Line = []
    while index < len(text):
        match = _TOKEN.match(text, index)
        if match is None:
            yield index
            return
        kind, index = match.lastgroup, match.end()
        if kind == "line":
            if line:
                yield line
            line = []
        elif match["heredoc"] is not None:
            close = re.compile(rf"(?m)^[ \t]*{match['mark']}\b").search(text, index)
            end = close.start() if close else len(text)
            line.append(Word(text[index:end], source.site(index, end)))
            index = close.end() if close else len(text)
        elif kind in ("quoted", "raw", "word"):
            line.append(Word(match[kind], source.site(*match.span(kind))))
    if line:
        yield line


def _ports(source: Source, section: Section, addresses: _Line) -> Iterator[Entry]:
    """The ports that a site's addresses say, by number or by scheme; a name alone says the default."""
    for word in addresses:
        base = word.site.span.start
        for part in re.finditer(r"[^,]+", word.text):
            match = _ADDRESS.fullmatch(part[0])
            if match is None:
                continue
            group = "port" if match["port"] else "scheme"
            if match[group]:
                start = base + part.start()
                site = source.site(start + match.start(group), start + match.end(group))
                value = Word(_SCHEME_PORTS.get(match[group], match[group]), site)
                yield Entry(section.path, section.number, "port", (value,), word.site, word.site)


def _entry(source: Source, style: Style, section: Section | None, words: _Line) -> Entry:
    path, number = (section.path, section.number) if section else ((), 0)
    site = source.site(words[0].site.span.start, words[-1].site.span.end)
    return Entry(path, number, style.key(words[0].text), tuple(words[1:]), site, words[0].site)
