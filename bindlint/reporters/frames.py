"""Source lines with the places that matter underlined, as compilers show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bindlint.findings import Finding, Silence
from bindlint.reporters.terminal import columns, paint, show

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bindlint.reporters.catalogue import Look
    from bindlint.source import Site, Source

MAX_STORY = 12  # places; the rest is counted
_TAB = 4
_MAX_LINE = 2000  # characters of a source line that are laid out at all
_CONTEXT = 40  # columns kept before a place in a long line


@dataclass(frozen=True, slots=True)
class Place:
    """One place to show: the primary one underlined with ^, others with -."""

    site: Site
    note: str
    primary: bool


def places(finding: Finding | Silence) -> tuple[list[Place], int]:
    """The places of a finding, and how many of its story are left out."""
    story = list(dict.fromkeys(step for step in finding.story if step.site != finding.site))
    shown = [Place(step.site, step.note, primary=False) for step in story[:MAX_STORY]]
    note = finding.note if isinstance(finding, Finding) else ""
    return [Place(finding.site, note, primary=True), *shown], len(story) - len(shown)


def position(site: Site, sources: Mapping[str, Source]) -> tuple[int, int]:
    """The one-based line and column of a site; (1, 1) when its text is not at hand."""
    source = sources.get(site.path)
    return source.line_column(site.span.start) if source else (1, 1)


def gutter(shown: Sequence[Place], sources: Mapping[str, Source]) -> int:
    """The width of the line numbers."""
    return max(len(str(position(place.site, sources)[0])) for place in shown)


def frame(place: Place, sources: Mapping[str, Source], width: int, look: Look, role: str) -> Iterator[str]:
    """The lines of one place: where it is, its first source line, and what is to be seen there."""
    line, column = position(place.site, sources)
    arrow = "-->" if place.primary else "==>" if look.runner else ":::"
    arrow = paint(" " * width + arrow, "frame", colour=look.colour)
    yield f"{arrow} {show(place.site.path)}:{line}:{column}"
    source = sources.get(place.site.path)
    if source is None:
        if place.note:
            yield _bar(" " * width, look) + " " + show(place.note)
        return
    text = source.line_text(line)
    end_line = source.line(max(place.site.span.start, place.site.span.end - 1))
    length = len(text) - (column - 1) if end_line > line else place.site.span.end - place.site.span.start
    shown, before, under = _window(text, column - 1, max(length, 1), max(look.width - width - 3, 40))
    yield (_bar(f"{line:>{width}}", look) + " " + shown).rstrip()
    marks = paint(("^" if place.primary else "-") * under, role if place.primary else "story", colour=look.colour)
    note = paint(show(place.note), role if place.primary else "story", colour=look.colour)
    more = f"(to line {end_line})" if end_line > line else ""
    words = " ".join(word for word in (marks, note, more) if word)
    yield f"{_bar(' ' * width, look)} {' ' * before}{words}"


def _bar(number: str, look: Look) -> str:
    return paint(f"{number} |", "frame", colour=look.colour)


def _window(text: str, start: int, length: int, width: int) -> tuple[str, int, int]:
    """The part of a line to show, the columns before the place in it, and the columns of the place."""
    first = max(0, start - _MAX_LINE // 2)
    cells = [_cell(character) for character in text[first : first + _MAX_LINE]]
    sizes = [columns(cell) for cell in cells]
    start -= first
    stop = min(len(cells), start + length)
    before, under = sum(sizes[:start]), max(sum(sizes[start:stop]), 1)
    left, right = 0, len(cells)
    head = "…" if first else ""
    if before + under > width and before > _CONTEXT:
        while sum(sizes[left:start]) > _CONTEXT:
            left += 1
        head = "…"
    room, total = width - len(head), 0
    for index in range(left, len(cells)):
        total += sizes[index]
        if total > room - 1 and sum(sizes[index + 1 :]) > 0:
            right = index
            break
    tail = "…" if right < len(cells) or first + _MAX_LINE < len(text) else ""
    before = len(head) + sum(sizes[left:start])
    return head + "".join(cells[left:right]) + tail, before, max(min(under, width - before), 1)


def _cell(character: str) -> str:
    return " " * _TAB if character == "\t" else show(character)
