"""Whom a server connects to, and what it starts: the client and run rows of rules/servers/ interpreted over a file."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from bindlint.addresses import Kind
from bindlint.facts import Connection, Word
from bindlint.readers.grammars.items import items, peer
from bindlint.source import Site, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bindlint.facts import Fact
    from bindlint.knowledge import Knowledge
    from bindlint.knowledge.servers import Connects, Runs
    from bindlint.readers.grammars.document import Document

_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(?:\"([^\"]*)\"|'([^']*)'|([^\s,\"']*))")
_HOSTS = (Kind.LOCALHOST, Kind.LOOPBACK, Kind.SPECIFIC)


def connections(document: Document, row: Connects) -> Iterator[Connection]:
    """The peers that one row finds in a file; placeholders, sockets and values of run time are none."""
    place = row.place
    for entry in document.find(place.keys, place.sections):
        chosen = entry.words if place.word is None else entry.words[place.word : place.word + 1]
        own = None
        if place.port_word is not None and place.port_word < len(entry.words):
            number = entry.words[place.port_word].text
            own = int(number) if number.isascii() and number.isdigit() and int(number[:6]) <= 0xFFFF else None
        for word in chosen:
            for item in items(document.source, word, place):
                found = peer(item)
                if item.piece.given and found.kind in _HOSTS and item.says != "none":
                    port = next((p for p in (item.piece.port, own, row.port) if p is not None), None)
                    yield Connection(item.site, document.server.software, found, port, tries=row.tries)


def started(document: Document, row: Runs, knowledge: Knowledge) -> Iterator[Fact]:
    """The facts of the command lines that one row finds in a file."""
    found = document.find(row.place.keys, row.place.sections)
    if not found:
        return
    from bindlint.readers import commands  # noqa: PLC0415 - only files with command lines pay for it

    for entry in found:
        beside = partial(document.find, sections=row.place.sections, number=entry.number)
        environment = dict(_assignments(document, (w for other in beside(row.environment) for w in other.words)))
        context = commands.Context(knowledge, environment=environment)
        if row.shell:
            for word in entry.words:
                yield from commands.shell(word, context)
            continue
        more = [word for other in beside(row.arguments) for word in other.words]
        spans = [word.site.span for word in entry.words]
        if row.program:  # its value may go on in further lines
            whole = [Span(spans[0].start, spans[-1].end)] if spans else []
            words = [word for span in whole for word in _line(document, row, _bare(document, span))]
            yield from commands.run([Word(row.program, entry.key_site), *words, *more], context)
            continue
        for span in spans:
            if line := _line(document, row, span):
                yield from commands.run([*line, *more], context)


def _bare(document: Document, span: Span) -> Span:
    """A value without the quotes around all of it."""
    text = document.source.text
    quoted = span.end - span.start > 1 and text[span.start] in "\"'" and text[span.start] == text[span.end - 1]
    return Span(span.start + 1, span.end - 1) if quoted else span


def _line(document: Document, row: Runs, span: Span) -> list[Word]:
    """The words of a command line. No shell starts it: nothing ends the command but the value's own end."""
    from bindlint.readers import commands  # noqa: PLC0415 - as above

    start, end = span.start, span.end
    while start < end and document.source.text[start] in row.strip:
        start += 1
    site = document.source.site(start, end)
    return commands.split_words(document.source.slice(site.span), range(start, end), site)


def _assignments(document: Document, words: Iterable[Word]) -> Iterator[tuple[str, Word]]:
    for word in words:
        span = word.site.span
        for match in _ASSIGNMENT.finditer(document.source.text, span.start, span.end):
            group = next(index for index in (2, 3, 4) if match[index] is not None)
            yield match[1], Word(match[group], Site(document.source.path, Span(*match.span(group))))
