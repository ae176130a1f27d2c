"""A value of a compose file: what it is with nothing set but the `.env` beside it, and where each part is written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from bindlint.facts import Known, Step
from bindlint.readers import interpolation, yamltree
from bindlint.readers.commands.words import Spread, given, made
from bindlint.readers.dotenv import NOTHING, Variables
from bindlint.readers.interpolation import OPAQUE, Part, State
from bindlint.source import Site, Slot, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bindlint.facts import Word
    from bindlint.source import Source

_GIVEN_OUTSIDE = (State.UNSET, State.REQUIRED, State.ALTERNATE)
_ALTERNATIVE = re.compile(r"\$\{\w+:?\+")
_NOTES = {
    State.DEFAULT: "the default of NAME",
    State.SET: "NAME is set here",
    State.UNSET: "NAME is not set, and nothing else is written",
    State.ALTERNATE: "NAME is not set, so nothing stands here",
}


@dataclass(frozen=True)
class Value:
    """A scalar with its `${…}` resolved. Positions are positions in `text` unless they are called offsets."""

    source: Source
    node: yamltree.Node
    variables: Variables = NOTHING

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """What the value is made of."""
        return interpolation.expand(yamltree.text(self.node) or "", self.variables.values)

    @cached_property
    def text(self) -> str:
        """The value."""
        return interpolation.join(self.parts)

    @cached_property
    def offsets(self) -> Sequence[int]:
        """Where each character of the value as written (not yet resolved) stands in the file; () when unknown."""
        return yamltree.offsets(self.source, self.node)

    @property
    def site(self) -> Site:
        """The scalar, quotes included."""
        return yamltree.site(self.source, self.node)

    @property
    def inside(self) -> Site:
        """The scalar without its quotes."""
        return yamltree.inside(self.source, self.node)

    @property
    def literal(self) -> bool:
        """Whether nothing in it comes from a variable."""
        return all(part.state is State.LITERAL for part in self.parts)

    @property
    def invalid(self) -> bool:
        """Whether it holds a reference that compose refuses."""
        return any(part.state is State.INVALID for part in self.parts)

    @property
    def outside(self) -> tuple[str, ...]:
        """The variables that it takes from outside of the file, having no default for them."""
        return tuple(part.names[-1] for part in self.parts if part.state in _GIVEN_OUTSIDE)

    def known(self, start: int, end: int) -> Known:
        """How the characters start:end are known; of none, how it is known that there are none."""
        if OPAQUE in self.text[start:end]:
            return Known.UNKNOWN
        states = {part.state for part, at in self._placed() if _touches(part, at, start, end)}
        return Known.LITERAL if states <= {State.LITERAL} else Known.CONSTANT

    def trail(self, start: int, end: int) -> tuple[Step, ...]:
        """The variables behind the characters start:end, each with what it contributes."""
        steps = []
        for part, at in self._placed():
            if not part.names or not _touches(part, at, start, end):
                continue
            name = part.names[-1]
            place = self._stated(part, 0, len(part.text)) or self.place(*part.reference)
            if place is not None and part.state in _NOTES:
                steps.append(Step(place, _NOTES[part.state].replace("NAME", name)))
        return tuple(steps)

    def slot(self, start: int, end: int, after: str = "", host: str = "") -> Slot | None:
        """Where the characters start:end could be replaced; of none, where some could be put, with `after` behind."""
        if start == end:
            return self._insertion(start, after, host)
        for part, at in self._placed():
            if at <= start and end <= at + len(part.text):
                place = self._stated(part, start - at, end - at)
                return Slot(place, "", after, host) if place is not None else None
        return None

    def _stated(self, part: Part, start: int, end: int) -> Site | None:
        """Where a stretch of a part stands letter for letter: in this file, or in the `.env` that sets the variable."""
        if part.state is State.SET:
            word = self.variables.words[part.names[-1]]
            span = word.site.span
            exact = span.end - span.start == len(part.text)
            return Site(word.site.path, Span(span.start + start, span.start + end)) if exact else None
        if part.state in (State.LITERAL, State.DEFAULT) and len(part.text) == part.end - part.start:
            return self.place(part.start + start, part.start + end)
        return None

    def _insertion(self, position: int, after: str, host: str) -> Slot | None:
        """A slot of no width. A variable that is empty there gets a default, when it does not stand for a port."""
        rest = self.text[position:]
        for part, at in self._placed():
            if at != position or part.text:
                continue
            if after and (not rest or rest[0] in ":/"):
                break  # `${PORT}:80`: the variable is the port, and the address goes before it
            place = self.place(part.start, part.end) if part.state is State.UNSET else self._stated(part, 0, 0)
            return Slot(place, part.before, after + part.after, host) if place is not None else None
        place = self.place(position, position) if self.literal or position == 0 else None
        return Slot(place, "", after, host) if place is not None else None

    def place(self, start: int, end: int) -> Site | None:
        """Where start:end of the value as written, not yet resolved, stands in the file, when in one piece."""
        offsets = self.offsets
        if start == end:
            if not offsets:
                return self.source.site(self.inside.span.start, self.inside.span.start) if not start else None
            at = offsets[start] if start < len(offsets) else offsets[-1] + 1
            return self.source.site(at, at)
        if not offsets or offsets[end - 1] - offsets[start] != end - 1 - start:
            return None
        return self.source.site(offsets[start], offsets[end - 1] + 1)

    def word(self, start: int = 0) -> Word:
        """The value, from a position as written on, as a word of a command line: `${…}` stays, `$$` is one `$`.

        Command lines know defaults themselves. What the `.env` sets is put in, in the place of its `${…}`, and so
        is what an alternative (`${NAME:+x}`) comes to.
        """
        template, offsets = yamltree.text(self.node) or "", self.offsets
        if template[start:] and not offsets:
            return Spread(template[start:], self.inside)
        if any(part.state is State.SET for part in self.parts) or _ALTERNATIVE.search(template):
            pieces = [self._kept(part, template, start) for part in self.parts if part.end > start]
            places = [at for _, found in pieces for at in found]
            return made("".join(text for text, _ in pieces), places, self.source.path, self.inside.span.start)
        end = offsets[-1] + 1 if offsets else self.inside.span.start
        if "$$" not in template:
            return made(template[start:], offsets[start:], self.source.path, end)
        kept = [at for at in _single_dollars(template) if at >= start]
        return made("".join(template[at] for at in kept), [offsets[at] for at in kept], self.source.path, end)

    def setting(self, start: int = 0) -> Word:
        """The value, from a position on, as the value of a variable: placed in the `.env` if that states all of it."""
        parts = [part for part in self.parts if part.end > start]
        if len(parts) == 1 and parts[0].state is State.SET and parts[0].start == start:
            return self.variables.words[parts[0].names[-1]]
        return self.word(start)

    def _kept(self, part: Part, template: str, start: int) -> tuple[str, Sequence[int]]:
        """What stays of a part of a command line, and where each character of it stands."""
        first = max(part.start, start)
        if part.state is State.REQUIRED:
            return template[part.start : part.end], self.offsets[part.start : part.end]
        if part.state in (State.LITERAL, State.DEFAULT) and len(part.text) == part.end - part.start:
            return part.text[first - part.start :], self.offsets[first : part.end]
        left, right = part.reference if part.reference[1] else (part.start, part.end)
        return part.text, given(len(part.text), self.offsets[left], self.offsets[right - 1] + 1)

    def _placed(self) -> Iterator[tuple[Part, int]]:
        at = 0
        for part in self.parts:
            yield part, at
            at += len(part.text)


def _touches(part: Part, at: int, start: int, end: int) -> bool:
    """Whether a part contributes to start:end; an empty one, when it stands there."""
    if not part.text:
        return start <= at <= end
    return at < end and start < at + len(part.text)


def _single_dollars(template: str) -> Iterator[int]:
    """The positions of a text that stay when each `$$` becomes one `$`."""
    at = 0
    while at < len(template):
        at += template.startswith("$$", at)
        yield at
        at += 1
