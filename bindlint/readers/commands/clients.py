"""Whom a program connects to: health checks first of all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bindlint import addresses
from bindlint.addresses import Kind
from bindlint.facts import Address, Connection
from bindlint.readers.commands import listeners
from bindlint.readers.commands.references import told_by
from bindlint.readers.commands.text import expand
from bindlint.source import Slot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.facts import Word
    from bindlint.knowledge.commands import Calling, Command
    from bindlint.readers.commands.options import Arguments
    from bindlint.readers.commands.text import Text

MAX_PLACES = 50  # in one word
_BACKWARD = 12  # characters: the longest scheme looked for
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*$")
_END = re.compile(r"[\s/?#'\"`<>()|\\;,]")
_PORT = re.compile(r":[0-9]+")
_NAMED = re.compile(r"(?:^|(?<=['\"@]))localhost(?=$|[:/'\"?])")
_PORTS = {"http": 80, "https": 443, "ftp": 21, "redis": 6379, "postgres": 5432, "postgresql": 5432, "amqp": 5672}


def calls(row: Command, arguments: Arguments, head: listeners.Head, purpose: str) -> Iterator[Connection]:
    """The connections that a program makes, by its row."""
    for calling in row.callings:
        if arguments.any_sign(calling.unless) is not None:
            continue
        tries = _tries(calling, arguments, head)
        found = list(listeners.hosts(calling.address, arguments, head))
        if calling.anywhere:
            found += [said for word in arguments.words for said in _anywhere(word, arguments)]
        for said in found:
            if said.address.kind in (Kind.NONE, Kind.WILDCARD):
                continue
            port = said.port
            if port is None:
                port = listeners.port_of(calling.port, arguments)
            yield Connection(
                said.site,
                row.software,
                said.address,
                port,
                tries=tries,
                purpose=purpose,
                container=head.container,
                certain=head.certain,
            )


def _tries(calling: Calling, arguments: Arguments, head: listeners.Head) -> str:
    """What the client does with a name of two families: as it is told, else as its container's image says."""
    for sign, tries in calling.told:
        if arguments.sign(sign) is not None:
            return tries
    if not head.container:
        return calling.tries
    return told_by(head.image, calling.images) or calling.contained


def _anywhere(word: Word, arguments: Arguments) -> Iterator[listeners.Said]:
    """The hosts of the URLs in a word, and `localhost` where it stands for itself."""
    text = expand(word, arguments.environment)
    found, last = 0, 0
    at = text.text.find("://")
    while at >= 0 and found < MAX_PLACES:
        scheme = _SCHEME.search(text.text, max(last, at - _BACKWARD), at)
        end = _END.search(text.text, at + 3)
        last = end.start() if end else len(text.text)
        if scheme and last > at + 3:
            found += 1
            yield from _url(text, scheme.start(), last, scheme[0].lower())
        at = text.text.find("://", last)
    if not found:
        for match in _NAMED.finditer(text.text):
            yield from _url(text, match.start(), _end(text.text, match.end()), "")
            return


def _end(text: str, at: int) -> int:
    port = _PORT.match(text, at)
    return port.end() if port else at


def _url(text: Text, start: int, end: int, scheme: str) -> Iterator[listeners.Said]:
    for piece in addresses.split(text.text[start:end], "url"):
        if not piece.given:
            continue
        left, right = start + piece.start, start + piece.end
        kind, families = addresses.classify(piece.host)
        known = text.known(left, right)
        place = text.slot(left, right)
        slot = Slot(place) if place is not None else None
        address = Address(piece.host, kind, known, families, slot, text.trail(left, right))
        yield listeners.Said(text.site(left, right), address, piece.port or _PORTS.get(scheme))
