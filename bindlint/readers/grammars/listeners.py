"""What a server listens on, by its file: the listener rows of rules/servers/ interpreted over the file's entries."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bindlint.addresses import MEANINGS, Families, Kind
from bindlint.facts import Address, Known, Listener
from bindlint.readers.grammars.document import FALSY, within
from bindlint.readers.grammars.entries import masked
from bindlint.readers.grammars.items import address, items
from bindlint.source import Edit, Site, Slot, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.knowledge.servers import Listens
    from bindlint.readers.grammars.document import Document
    from bindlint.readers.grammars.entries import Entry, Section
    from bindlint.readers.grammars.items import Item

_MAX_PORT_DIGITS = 5
_LOOPBACK_INTERFACES = ("lo", "lo0")


def listeners(document: Document, row: Listens) -> Iterator[Listener]:
    """The listeners that one row finds in a file, in the families that are taken there."""
    held = (families for condition, families in row.families.items() if document.holds(condition, ()))
    taken = next(held, "")
    told = _told(document, row)
    for one in _found(document, row):
        if (listener := _taken(one, taken)) is not None:
            yield replace(listener, told=told)


def _told(document: Document, row: Listens) -> tuple[str, ...]:
    """The hosts that clients are told to connect to."""
    words = [word for entry in document.find(row.told, row.place.sections, None) for word in entry.words]
    return tuple(item.text for word in words for item in items(document.source, word, row.place))


def _taken(listener: Listener, taken: str) -> Listener | None:
    """A listener in the families that are taken; None where that leaves none."""
    own = listener.address.families
    if not taken or own in (Families.UNKNOWN, Families(taken)) or listener.address.kind is Kind.SPECIFIC:
        return listener
    if taken == "dual":
        return (
            replace(listener, address=replace(listener.address, families=Families.DUAL))
            if own is Families.V6
            else listener
        )
    return (
        replace(listener, address=replace(listener.address, families=Families(taken))) if own is Families.DUAL else None
    )


def _found(document: Document, row: Listens) -> Iterator[Listener]:
    if row.scope == "section":
        for section in document.sections:
            if within(section.path, row.place.sections):
                yield from _scope(document, row, section)
    elif row.always or any(within(path, row.place.sections) for path in _paths(document)):
        yield from _scope(document, row, None)


def _paths(document: Document) -> Iterator[tuple[str, ...]]:
    yield ()
    yield from (section.path for section in document.sections)


def _scope(document: Document, row: Listens, section: Section | None) -> Iterator[Listener]:
    """The listeners of one section, or of the whole file."""
    number = section.number if section else None
    sections = row.place.sections
    if row.requires and not document.any_holds(row.requires, sections, number):
        return
    if document.any_holds(row.off, sections, number):
        return
    ports = _ports(document, row, number)
    written = _effective(document, row, number)
    elsewhere = [] if section is not None else [one for one in document.included if _effective(one[1], row, None)]
    if row.repeats == "last" and elsewhere:  # the last place that says it decides
        if written and written[-1].site.span.start > elsewhere[-1][0]:
            elsewhere = []
        else:
            written, elsewhere = [], elsewhere[-1:]
    for home, entry in [*((document, one) for one in written), *_stated(row, elsewhere)]:
        for port in ports:
            yield from _written(home, row, entry, port)
    if written or elsewhere or not row.default or document.any_holds(row.default_unless, sections, number):
        return
    blank = [entry for entry in document.find(row.place.keys, sections, number) if _blank(row, entry)]
    if section is not None or row.requires or document.is_main:
        for port in ports:
            yield _default(document, row, port, section, blank)


def _stated(row: Listens, included: list[tuple[int, Document]]) -> Iterator[tuple[Document, Entry]]:
    """The entries of included files that are not read by themselves; one that is states its own."""
    for _, other in included:
        if not other.own:
            yield from ((other, entry) for entry in _effective(other, row, None))


def _ports(document: Document, row: Listens, number: int | None) -> list[int | None]:
    """The ports that are set apart from the addresses, else the default; none for a port that is closed by 0."""
    found = [
        word.text for entry in document.find(row.port_keys, row.place.sections, number) for word in entry.words[:1]
    ]
    if found and masked(found[-1]) != found[-1]:
        return [None]
    texts = [text for text in found if text.isascii() and text.isdigit() and len(text) <= _MAX_PORT_DIGITS]
    if not texts:
        return [row.port]
    wanted = texts if row.repeats == "accumulate" else texts[-1:]
    return [int(text) or row.port for text in wanted if int(text) or row.zero]


def _effective(document: Document, row: Listens, number: int | None) -> list[Entry]:
    """The entries that count: by the order of the keys, and by what a repeated key does."""
    groups = [row.place.keys] if row.every else [(key,) for key in row.place.keys]
    for keys in groups:
        found = document.find((*keys, *row.switches), row.place.sections, number)
        found = [entry for entry in found if _says(document, row, entry)]
        if not found:
            continue
        if row.repeats == "accumulate":
            return _since_reset(found)
        if row.every or any("*" in key for key in keys):
            return list({entry.key: entry for entry in found}.values())
        return found[:1] if row.repeats == "first" else found[-1:]
    return []


def _says(document: Document, row: Listens, entry: Entry) -> bool:
    """Whether an entry says anything: a switch that is off does not, nor does a key without a value."""
    if _switch(document, row, entry) is None:
        return not _blank(row, entry)
    return not entry.words or entry.value.lower() not in FALSY


def _blank(row: Listens, entry: Entry) -> bool:
    """Whether the address is left empty (`server-ip=`, `host:`), which is as good as not written."""
    return entry.readable and not entry.words and row.place.word is None


def _switch(document: Document, row: Listens, entry: Entry) -> str | None:
    """What a switch stands for; None for an entry that is none."""
    return next((means for key, means in row.switches.items() if document.named(entry, key) is not None), None)


def _since_reset(found: list[Entry]) -> list[Entry]:
    """The entries of a list that grows; an empty assignment empties it (systemd.socket(5))."""
    start = max((index + 1 for index, entry in enumerate(found) if not entry.value), default=0)
    return found[start:]


def _written(document: Document, row: Listens, entry: Entry, port: int | None) -> Iterator[Listener]:
    """The listeners of one entry."""
    if not entry.readable:
        return
    if (means := _switch(document, row, entry)) is not None:
        kind, families = MEANINGS[means]
        before, _, after = row.write.partition("{host}")
        slot = Slot(entry.site, before, after, row.loopback) if row.write else None
        yield _listener(row, entry.site, Address("", kind, families=families, slot=slot), port)
        return
    words = entry.words
    if row.place.port_word is not None:
        number = words[row.place.port_word].text if row.place.port_word < len(words) else ""
        if number.isascii() and number.isdigit() and len(number) <= _MAX_PORT_DIGITS:
            port = int(number)
        elif masked(number) != number:
            port = None
    if port == 0:
        return
    chosen = words if row.place.word is None else words[row.place.word : row.place.word + 1]
    alone = len(chosen) == 1
    options = () if row.place.word is None else words[row.place.word + 1 :]
    if not chosen and row.place.word is not None:
        yield _listener(row, entry.site, _narrowed(document, row, entry, _beside(row, entry)), port)
        return
    for word in chosen:
        there = list(items(document.source, word, row.place))
        for item in there:
            found = _narrowed(document, row, entry, address(item, row, options))
            if alone and len(there) == 1:
                found = _with_ways(found, row, entry, item)
            if found.kind is not Kind.NONE:
                own = item.piece.port if item.has_port else port
                if own == 0:  # closed, or a port that nobody knows beforehand
                    continue
                yield _listener(row, item.site, found, own, item.says)


def _with_ways(found: Address, row: Listens, entry: Entry, item: Item) -> Address:
    """The only address of an entry, with what may be written in its place other than one."""
    if found.slot is None:
        return found
    socket = (Edit(item.site, row.socket),) if row.socket and item.verbatim else ()
    again = entry.site if row.repeats == "accumulate" and not _both(row) else None
    return replace(found, slot=replace(found.slot, both=_both(row), again=again, socket=socket))


def _both(row: Listens) -> str:
    """What stands for the loopback addresses of both families, "" where no list may."""
    separator = row.place.separator.strip()
    return row.both or (f"127.0.0.1{separator}::1" if separator and row.place.form == "host" else "")


def _beside(row: Listens, entry: Entry) -> Address:
    """The address of an entry that gives a port only: its slot is behind what is written, if one may be."""
    kind, families = MEANINGS[row.omitted]
    end = entry.site.span.end
    slot = Slot(Site(entry.site.path, Span(end, end)), before=" ") if row.beside else None
    return Address("", kind, Known.DEFAULT, families, slot)


def _narrowed(document: Document, row: Listens, entry: Entry, found: Address) -> Address:
    """The address after keys that follow its entry and confine it to an interface (mosquitto's bind_interface)."""
    if not row.narrows:
        return found
    for other in document.following(entry, (*row.place.keys, *row.narrows)):
        if any(document.named(other, key) is not None for key in row.place.keys):
            break
        if other.value.lower() in _LOOPBACK_INTERFACES:
            kind, families = MEANINGS["loopback-dual"]
            return replace(found, text=other.value, kind=kind, families=families)
        return replace(found, text=other.value, kind=Kind.SPECIFIC)
    return found


def _default(
    document: Document, row: Listens, port: int | None, section: Section | None, blank: list[Entry]
) -> Listener:
    """The listener that a complete file leaves out, or leaves empty."""
    kind, families = MEANINGS[row.default]
    if blank:
        return _listener(row, blank[-1].site, Address(row.default_text, kind, Known.DEFAULT, families), port)
    header = section or next(
        (s for s in document.sections if row.place.sections and within(s.path, row.place.sections)), None
    )
    site, at = document.anchor(row.place, (*row.port_keys, *row.anchors), header)
    slot = None
    if row.write and (header is not None or within((), row.place.sections)):
        before, _, after = row.write.partition("{host}")
        place = Site(site.path, Span(at, at))
        if header is not None and at == header.inside:
            indent = document.indent(header)
            follows = document.source.text[at : at + 2].lstrip("\r")[:1]
            end = after if follows in ("\n", "") or after.endswith(";") else f"{after}\n"
            lead = before if indent is None else indent + before.lstrip()
            slot = Slot(place, f"\n{lead}", end, row.loopback, both=_both(row))
        else:  # before the line of the anchor, which keeps its own blanks
            indent = document.source.text[document.source.offset(document.source.line(at)) : at].lstrip("\ufeff")
            slot = Slot(place, before, f"{after}\n{indent}", row.loopback, both=_both(row))
    found = Address(row.default_text, kind, Known.DEFAULT, families, slot)
    listener = _listener(row, site, found, port)
    return replace(listener, certain=False) if document.open else listener


def _listener(row: Listens, site: Site, found: Address, port: int | None, says: str = "") -> Listener:
    return Listener(
        site,
        "",
        found,
        port + row.port_offset if port is not None else None,
        protocol=says if says in ("tcp", "udp") else row.protocol,
        role=row.role,
        surface=row.surface,
        certain=row.certain,
        front=row.front,
        unguarded=row.unguarded,
    )
