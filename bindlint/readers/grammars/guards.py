"""What guards a server, by its file: the guard rows of rules/servers/ interpreted over the file's entries."""

from __future__ import annotations

import ipaddress
from bisect import bisect_left, bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING

from bindlint.addresses import Kind, classify
from bindlint.facts import Guard
from bindlint.readers.grammars.document import within

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bindlint.facts import Listener, Word
    from bindlint.knowledge.servers import Guards
    from bindlint.readers.grammars.document import Document
    from bindlint.readers.grammars.entries import Entry

_MOST_RECORDS = 200  # earlier records that a later one is compared with
_EVERYONE = ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0")
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def guards(document: Document, row: Guards, listeners: Sequence[Listener]) -> Iterator[Guard]:
    """The guards that one row finds in a file; one that is off by being left out stands at the first listener."""
    software = document.server.software
    if row.apart and document.holds(row.apart, ()):
        return
    if row.clients is not None:
        yield from _per_client(document, row)
        return
    others = [other for _, other in document.included]
    covered = any(one.any_holds(row.unless, ()) for one in (document, *others))
    found = document.find(row.place.keys, row.place.sections)
    if not found:
        said = any(other.find(row.place.keys, row.place.sections) for other in others)
        if row.absent == "off" and listeners and not covered and not said and _complete(document, row):
            yield Guard(listeners[0].site, software, row.name, on=False)
        return
    entry = found[-1]
    value = entry.words[row.value].text.strip().lower() if row.value < len(entry.words) else ""
    if value in row.off:
        if not covered:
            yield Guard(entry.site, software, row.name, on=False)
    elif value in row.on or ("*" in row.on and value):
        yield Guard(entry.site, software, row.name, on=True)


def apart(document: Document, row: Guards, listeners: Sequence[Listener]) -> list[Listener]:
    """The listeners, those unguarded whose own block switches the guard off where each block stands for itself."""
    if not row.apart or not document.holds(row.apart, ()):
        return list(listeners)
    heads = document.find(row.apart_keys, row.place.sections)
    state: dict[int, bool] = {}
    for entry in document.find(row.place.keys, row.place.sections):
        value = entry.words[row.value].text.strip().lower() if row.value < len(entry.words) else ""
        state[_head(heads, entry.site.span.start)] = value in row.off
    return [
        replace(one, unguarded=f"{row.name}: the guard is off") if state.get(_own(heads, one)) else one
        for one in listeners
    ]


def _head(heads: list[Entry], offset: int) -> int:
    """The number of the last head before an offset; 0 for none."""
    return bisect_left(heads, offset, key=lambda head: head.site.span.start)


def _own(heads: list[Entry], listener: Listener) -> int:
    """The number of the head that a listener stands in; 0 for none."""
    span = listener.site.span
    number = bisect_right(heads, span.start, key=lambda head: head.site.span.start)
    return number if number and span.end <= heads[number - 1].site.span.end else 0


def _complete(document: Document, row: Guards) -> bool:
    """Whether what the file leaves out is left out: it is the whole configuration, or has the section for it."""
    sections = row.place.sections
    return document.is_main or (bool(sections) and any(within(s.path, sections) for s in document.sections))


def _per_client(document: Document, row: Guards) -> Iterator[Guard]:
    """Records that admit a range of clients each: the first that matches decides, so a later one may never be asked."""
    decided: list[tuple[tuple[str, ...], list[_Network]]] = []
    for entry in document.find(row.place.keys, row.place.sections):
        clients, method = _word(entry, row.clients), _word(entry, row.value)
        if clients is None or method is None:
            continue
        ranges = _ranges(clients.text)
        who = tuple(word.text for word in entry.words[: row.clients])
        shadowed = method.text.lower() in row.off and any(
            _names(earlier, who) and _covers(nets, ranges) for earlier, nets in decided
        )
        if len(decided) < _MOST_RECORDS:
            decided.append((who, ranges))
        if method.text.lower() in row.off and not shadowed and not _is_local(clients.text, ranges):
            yield Guard(entry.site, document.server.software, row.name, on=False)


def _word(entry: Entry, index: int | None) -> Word | None:
    return entry.words[index] if index is not None and index < len(entry.words) else None


def _ranges(text: str) -> list[_Network]:
    """The networks of a client address; none for a name."""
    if text.lower() == "all":
        return list(_EVERYONE)
    try:
        return [ipaddress.ip_network(text, strict=False)]
    except ValueError:
        return []


def _names(earlier: tuple[str, ...], later: tuple[str, ...]) -> bool:
    """Whether an earlier record is for everything (database, user) that a later one is for."""
    return all(a in ("all", b) for a, b in zip(earlier, later, strict=True))


def _covers(nets: list[_Network], ranges: list[_Network]) -> bool:
    """Whether every range lies within one of the networks."""
    return bool(ranges) and all(
        any(net.version == one.version and net.supernet_of(one) for net in nets)  # type: ignore[arg-type]  # same version
        for one in ranges
    )


def _is_local(text: str, ranges: list[_Network]) -> bool:
    """Whether only this machine is meant: loopback ranges, `samehost`, the name localhost."""
    if ranges:
        return all(net.is_loopback for net in ranges)
    return text.lower() == "samehost" or classify(text)[0] in (Kind.LOCALHOST, Kind.LOOPBACK, Kind.UNKNOWN)
