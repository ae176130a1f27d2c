"""Taking a word apart: the addresses in it, each with its characters, its meaning to that server, and its slot."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bindlint import addresses
from bindlint.addresses import MEANINGS, Families, Kind, Piece
from bindlint.facts import Address, Known
from bindlint.readers.grammars.entries import masked
from bindlint.source import Site, Slot, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.facts import Word
    from bindlint.knowledge.servers import Listens, Place
    from bindlint.source import Source

_VARIABLE = re.compile(r"\$\{?[\w-]*port[\w-]*\}?|\$?[{<]{1,2}%?=?[^{}<>]*port[^{}<>]*%?[}>]{1,2}", re.IGNORECASE)
_RANGE = re.compile(r"\d{1,5}-\d{1,5}")
_RUNTIME_NAME = re.compile(r"\$[({]?(\w+)|\{\{\s*([\w.]+)")
_FAMILIES = ("v4", "v6", "dual")
_NO_ADDRESSES: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Item:
    """One address of a word: where all of it stands (prefix, host and port), its host, and what its prefix says.

    `has_port` is True when a port is written, be it a range or a variable that is no one number.
    """

    site: Site
    piece: Piece
    base: int
    verbatim: bool
    says: str = ""
    has_port: bool = False

    @property
    def text(self) -> str:
        """The host, as written."""
        return self.piece.host

    @property
    def host_site(self) -> Site:
        """Where the host is written, or would be; the whole item where escapes keep the characters apart."""
        if not self.verbatim:
            return self.site
        return Site(self.site.path, Span(self.base + self.piece.start, self.base + self.piece.end))


def items(source: Source, word: Word, place: Place) -> Iterator[Item]:
    """The addresses in a word, as its place says they are written."""
    span = word.site.span
    verbatim = source.text[span.start : span.end] == word.text
    for start, end in _parts(word.text, place.separator):
        text = word.text[start:end].partition(place.until)[0] if place.until else word.text[start:end]
        end = start + len(text)  # noqa: PLW2901 - the site ends where the address does
        skipped, says = _prefix(text, place)
        for suffix, meaning in place.suffixes.items():
            if text.lower().endswith(suffix):
                text, says = text[: -len(suffix)], meaning
        for piece in _pieces(text[skipped:], place.form):
            base = span.start + start + skipped
            site = Site(word.site.path, Span(span.start + start, span.start + end)) if verbatim else word.site
            has_port = piece.colon or text[skipped + piece.end :][:1] in (":", "@")
            yield Item(site, piece, base, verbatim, says, has_port)


def _parts(text: str, separator: str) -> Iterator[tuple[int, int]]:
    if not separator:
        yield 0, len(text)
        return
    for match in re.finditer(f"[^{re.escape(separator)}]+", masked(text)):
        start, end = match.span()
        while start < end and text[start] in " \t\"'[]":
            start += 1
            if text[start - 1] == "[" and _bracketed(text[start - 1 : end]):
                start -= 1
                break
        while end > start and (text[end - 1] in " \t\"'" or _closes_more(text[start:end])):
            end -= 1
        if start < end:
            yield start, end


def _closes_more(text: str) -> bool:
    """Whether a closing bracket ends a list and not an IPv6 address."""
    return text.endswith("]") and text.count("]") > text.count("[")


def _bracketed(text: str) -> bool:
    """Whether an opening bracket begins an IPv6 address and not a list (`["http://localhost:9200"]`)."""
    return text[1:2] in "0123456789abcdefABCDEF:" and text[1:2] != "" and ":" in text.partition("]")[0]


def _prefix(text: str, place: Place) -> tuple[int, str]:
    """How many characters to pass over, and what they say."""
    lowered = text.lower()
    for prefix, says in place.prefixes.items():
        if lowered.startswith(prefix):
            return len(prefix), says
    if place.skip_to:
        return text.find(place.skip_to) + 1, ""
    return 0, ""


def _pieces(text: str, form: str) -> tuple[Piece, ...]:
    if form in ("listen", "colon") and (_VARIABLE.fullmatch(text) or _RANGE.fullmatch(text)):
        return (Piece("", 0, 0, given=False, colon=True),)
    if form == "at":
        host, _, port = text.partition("@")
        return (Piece(host, 0, len(host), addresses.split(port, "listen")[0].port),)
    if form != "colon":
        return addresses.split(text, form)
    if text.isdigit():
        return addresses.split(text, "listen")
    colon = text.rfind(":")
    if colon < 0 or text.endswith("]"):
        return addresses.split(text, "host")
    number = addresses.split(text[colon + 1 :], "listen")[0].port
    return (Piece(text[:colon], 0, colon, number, given=colon > 0),)


def address(item: Item, row: Listens, options: tuple[Word, ...]) -> Address:
    """What an item of a listener means to its server."""
    piece = item.piece
    known = Known.LITERAL
    if item.says == "none":
        return Address(item.text, Kind.NONE)
    if piece.colon:
        kind, families = MEANINGS[row.omitted]
        known = Known.DEFAULT
    else:
        kind, families = addresses.classify(item.text, row.spellings)
    if item.says in _FAMILIES and (kind is Kind.WILDCARD or (kind is Kind.LOCALHOST and item.says != "dual")):
        families = Families(item.says)
    for option in options:
        if meaning := row.options.get(option.text.lower()):
            families = MEANINGS[meaning][1] if kind is Kind.WILDCARD else families
    found = Address(item.text, kind, known, families, slot(item, families, row))
    if kind is Kind.UNKNOWN:
        match = _RUNTIME_NAME.search(item.text)
        found = replace(found, known=Known.UNKNOWN, maybe=next((g for g in match.groups() if g), "") if match else "")
    return found


def slot(item: Item, families: Families, row: Listens | None = None) -> Slot | None:
    """Where an item's host can be changed, behind `lead` at a lone port; None where escapes hide its characters."""
    if not item.verbatim:
        return None
    host, lead = (row.loopback, row.lead) if row else ("", "")
    if not host and (families is Families.V6 or item.says == "dual"):  # a prefix that says "dual" names IPv6
        bare = not item.has_port or (row is not None and row.place.form in ("colon", "at"))
        host = "::1" if bare and not item.text.startswith("[") else "[::1]"
    if item.piece.colon:
        return Slot(item.host_site, before="" if item.piece.scheme else lead, after=":", host=host)
    return Slot(item.host_site, host=host)


def peer(item: Item) -> Address:
    """What an item of a client means: a host to connect to."""
    kind, families = addresses.classify(item.text, _NO_ADDRESSES)
    return Address(item.text, kind, families=families, slot=slot(item, families))
