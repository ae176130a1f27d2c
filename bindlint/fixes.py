"""Fixes: edits to text, made from a fact's slot. No fix knows any file format."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bindlint.addresses import Families, Kind, loopback
from bindlint.findings import Fix
from bindlint.source import Edit, Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bindlint.facts import Address
    from bindlint.source import Site, Slot

USERS_OF_SIX = "clients that connect to ::1"
_USERS_OF_FOUR = "clients that connect to 127.0.0.1"
_NO_TCP = "every client that connects over TCP"
_NO_TEXT: dict[str, Source] = {}


def to_loopback(address: Address, cuts: str = "", sources: Mapping[str, Source] = _NO_TEXT) -> Fix | None:
    """Listen or publish on this machine only, in the same family where the family is known."""
    slot = address.slot
    if slot is None:
        return None
    host = slot.host or loopback(address.families)
    if host == "::1" and (source := sources.get(slot.site.path)) is not None:
        host = _six(slot, source)
    text = f"{slot.before}{host}{slot.after}"
    return Fix((Edit(slot.site, text), *(Edit(site, host) for site in slot.said)), text, cuts)


def to_literal(address: Address, cuts: str = "", sources: Mapping[str, Source] = _NO_TEXT) -> Fix | None:
    """Write the loopback address instead of the name localhost."""
    return to_loopback(address, cuts, sources) if address.kind is Kind.LOCALHOST else None


def to_name(address: Address, name: str, cuts: str = "") -> Fix | None:
    """Connect to a container by the name that its clients call it, instead of to one's own loopback."""
    slot = address.slot
    return None if slot is None else Fix((Edit(slot.site, f"{slot.before}{name}{slot.after}"),), name, cuts)


def without(site: Site, cuts: str) -> Fix:
    """Take the text at a site away."""
    return Fix((Edit(site, ""),), "", cuts)


def ways(address: Address, cuts: str, sources: Mapping[str, Source]) -> Iterator[Fix]:
    """What else ends a finding of a listener: both loopback addresses, the other one, a Unix socket."""
    slot = address.slot
    if slot is None or (source := sources.get(slot.site.path)) is None:
        return
    if address.families is Families.DUAL and slot.host in ("", "127.0.0.1"):
        first = Edit(slot.site, f"{slot.before}127.0.0.1{slot.after}")
        six = _six(slot, source)
        second = Edit(slot.site, f"{slot.before}{six}{slot.after}")
        others = "; ".join(said for said in cuts.split("; ") if said != USERS_OF_SIX)
        if slot.both:
            yield Fix((Edit(slot.site, f"{slot.before}{slot.both}{slot.after}"),), "", others)
        if six.startswith("[") and _begins(slot.site, source):
            pass  # an unquoted bracket opens a list there
        elif slot.again is None:
            yield Fix((second,), "", _and(others, _USERS_OF_FOUR))
        elif (line := _again(slot.again, second, source)) is not None:
            yield Fix((first, line), "", others)
    if slot.socket:
        yield Fix(slot.socket, "", _NO_TCP)


def _six(slot: Slot, source: Source) -> str:
    """The IPv6 loopback address as it is written there: in brackets before a port and in a URL."""
    span = slot.site.span
    before = slot.before or source.text[max(span.start - 2, 0) : span.start]
    behind = slot.after or source.text[span.end : span.end + 1]
    return "[::1]" if behind.startswith(":") or before.endswith(("//", "@")) else "::1"


def _begins(site: Site, source: Source) -> bool:
    """Whether a place is where a plain YAML scalar begins."""
    line = source.text[source.offset(source.line(site.span.start)) : site.span.start]
    return line.strip() == "-" or line.rstrip(" ").endswith((":", "- "))


def _again(site: Site, edit: Edit, source: Source) -> Edit | None:
    """One more line like the one that a text has to itself, with an edit made in it; None where it has none."""
    line = source.line(site.span.start)
    start, text = source.offset(line), source.line_text(line)
    end = start + len(text)
    before, behind = source.text[start : site.span.start], source.text[site.span.end : end]
    if site.span.end > end or behind.strip() or before.strip() not in ("", "-"):
        return None
    span = edit.site.span
    copy = source.text[start : span.start] + edit.text + source.text[span.end : end]
    return Edit(source.site(end, end), f"\n{copy}")


def together(found: Iterable[Fix]) -> Fix | None:
    """One fix that does what several do; of two that write differently at one place, what the first does there."""
    edits: dict[Site, list[Edit]] = {}
    cuts: list[str] = []
    several = list(dict.fromkeys(found))
    if len(several) == 1:
        return several[0]
    for fix in several:
        cuts.append(fix.cuts)
        for edit in fix.edits:
            there = edits.setdefault(edit.site, [])
            if edit not in there and (not there or _inserts(edit)):
                there.append(edit)
    if not edits:
        return None
    return Fix(joined(edit for there in edits.values() for edit in there), "", _and(*cuts))


def joined(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Edits in order, each once; what several insert at one place is one edit."""
    found: list[Edit] = []
    for edit in sorted(set(edits)):
        if found and found[-1].site == edit.site and _inserts(edit):
            found[-1] = Edit(edit.site, found[-1].text + edit.text)
        else:
            found.append(edit)
    return tuple(found)


def _inserts(edit: Edit) -> bool:
    return edit.site.span.start == edit.site.span.end


def _and(*cuts: str) -> str:
    """Who is cut off, each said once."""
    return "; ".join(dict.fromkeys(said for one in cuts for said in one.split("; ") if said))


def apply(source: Source, edits: Iterable[Edit]) -> str:
    """The text after the edits; of two that overlap, the first in the file wins."""
    out: list[str] = []
    end = 0
    for edit in joined(e for e in edits if e.site.path == source.path):
        if edit.site.span.start >= end:
            out += [source.text[end : edit.site.span.start], edit.text]
            end = edit.site.span.end
    return "".join(out) + source.text[end:]


def titled(fix: Fix, sources: Mapping[str, Source], within: Span | None = None) -> Fix:
    """The fix with a title that shows what will stand there: the edited text with `within`, or its line, around it."""
    edit = fix.edits[0]
    source = sources.get(edit.site.path)
    if source is None:
        return fix
    more = fix.edits[1].text if len(fix.edits) > 1 else ""
    also = f" and {' '.join(more.strip().removeprefix('- ').split())}" if more.startswith("\n") else ""
    return replace(fix, title=_shown(fix.edits, source, within) + also)


def _shown(edits: Sequence[Edit], source: Source, within: Span | None) -> str:
    """The text of the first edit with what stands around it, and the others that lie in that."""
    edit, span = edits[0], edits[0].site.span
    if not edit.text:
        return f"without {' '.join(source.slice(span).split())}"
    if "\n" in edit.text:  # lines of its own
        return " ".join(edit.text.split())
    if within is not None and within.start <= span.start and span.end <= within.end:
        start, end = within.start, within.end
    else:
        line = source.line(span.start)
        start = source.offset(line)
        end = max(start + len(source.line_text(line)), span.end)
    text, at = "", start
    for one in sorted(edits):
        if start <= one.site.span.start and one.site.span.end <= end and not one.text.startswith("\n"):
            text += source.text[at : one.site.span.start] + one.text
            at = one.site.span.end
    return " ".join((text + source.text[at:end]).split())
