"""Fixes: edits to text, made from a fact's slot. No fix knows any file format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bindlint.addresses import Kind, loopback
from bindlint.findings import Fix
from bindlint.source import Edit, Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bindlint.facts import Address


def to_loopback(address: Address, *, safe: bool) -> Fix | None:
    """Listen or publish on this machine only, in the same family where the family is known."""
    return _fill(address, loopback(address.families), safe=safe)


def to_literal(address: Address, *, safe: bool) -> Fix | None:
    """Write the loopback address instead of the name localhost."""
    if address.kind is not Kind.LOCALHOST:
        return None
    return _fill(address, loopback(address.families), safe=safe)


def to_name(address: Address, name: str) -> Fix | None:
    """Connect to another container by the name that its clients call it, instead of to one's own loopback.

    Safe where the text is that container's alone, and leads to nothing now; code may also run outside of it.
    """
    slot = address.slot
    if slot is None:
        return None
    safe = not slot.site.path.endswith(".py")
    return Fix((Edit(slot.site, f"{slot.before}{name}{slot.after}"),), name, safe=safe)


def _fill(address: Address, host: str, *, safe: bool) -> Fix | None:
    slot = address.slot
    if slot is None:
        return None
    text = f"{slot.before}{slot.host or host}{slot.after}"
    return Fix((Edit(slot.site, text),), text, safe)


def apply(source: Source, edits: Iterable[Edit]) -> str:
    """The text after the edits; of two that overlap, the first in the file wins."""
    out: list[str] = []
    end = 0
    for edit in sorted({e for e in edits if e.site.path == source.path}):
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
    span = edit.site.span
    if within is not None and within.start <= span.start and span.end <= within.end:
        start, end = within.start, within.end
    else:
        line = source.line(span.start)
        start = source.offset(line)
        end = start + len(source.line_text(line))
    if "\n" in edit.text:  # a line of its own
        return Fix(fix.edits, edit.text.strip(), fix.safe)
    text = source.text[start : span.start] + edit.text + source.text[span.end : max(end, span.end)]
    return Fix(fix.edits, " ".join(text.split()), fix.safe)
