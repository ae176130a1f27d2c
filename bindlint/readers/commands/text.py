"""What a word says once its variables are known, and where each part of that is written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bindlint.facts import Known, Step, Word
from bindlint.readers.commands.words import Spread, cut, part

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bindlint.source import Site


MAX_DEPTH = 6  # of variables within variables
MAX_LENGTH = 10_000  # of an expanded word
MAX_PIECES = 1_000
_PARAMETER = re.compile(
    r"\$(?:(?P<plain>[A-Za-z_]\w*)|\{(?P<name>[A-Za-z_]\w*)(?P<rest>[^A-Za-z0-9_]|\})|\((?P<kube>[A-Za-z_]\w*)\))"
)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some characters of an expanded text: `word` is where they are written, `use` where they are wanted."""

    start: int
    word: Word
    use: Site
    steps: tuple[Step, ...]
    known: Known

    @property
    def end(self) -> int:
        return self.start + len(self.word.text)


@dataclass(frozen=True, slots=True)
class Text:
    """The text of a word with the variables that are known put in."""

    text: str
    word: Word
    pieces: tuple[_Piece, ...] = field(default=())
    missing: tuple[str, ...] = ()

    def site(self, start: int, end: int) -> Site:
        """The text that states the characters start:end: they themselves, or the variable they come from."""
        piece = self._piece(start, end)
        if piece is None:
            return self.word.site
        if piece.steps:
            return piece.use
        return part(piece.word, start - piece.start, end - piece.start) or self.word.site

    def slot(self, start: int, end: int) -> Site | None:
        """Where the characters start:end are written and could be replaced; of none, where some could be put.

        Not into a variable that is a port, which others use as one: before it, where the word begins with it.
        """
        piece = self._piece(start, end)
        if start == end and piece is not None and piece.steps and piece.word.text.isdigit():
            return part(self.word, 0, 0) if start == 0 else None
        return None if piece is None else part(piece.word, start - piece.start, end - piece.start)

    def trail(self, start: int, end: int) -> tuple[Step, ...]:
        """The hops to where the characters start:end are written."""
        piece = self._piece(start, end)
        return () if piece is None else piece.steps

    def known(self, start: int, end: int) -> Known:
        """How the characters start:end are known."""
        pieces = [p for p in self.pieces if p.start <= start and end <= p.end] or self.pieces
        return Known.LITERAL if any(p.known is Known.LITERAL for p in pieces) or not pieces else Known.CONSTANT

    def _piece(self, start: int, end: int) -> _Piece | None:
        """The one piece that holds all of start:end; at a border, the one that begins there."""
        found = [p for p in self.pieces if p.start <= start and end <= p.end]
        return found[-1] if found else None


def expand(word: Word, environment: Mapping[str, Word]) -> Text:
    """Put known variables into a word: `$NAME`, `${NAME}`, `$(NAME)` and the defaults of `${NAME:-default}`."""
    if "$" not in word.text:
        return Text(word.text, word, (_Piece(0, word, word.site, (), Known.LITERAL),))
    pieces: list[_Piece] = []
    missing: list[str] = []
    at = 0
    for found, use, steps, known in _Expansion(environment, missing).of(word, word.site, (), Known.LITERAL, ()):
        if at + len(found.text) > MAX_LENGTH or len(pieces) >= MAX_PIECES:
            break
        pieces.append(_Piece(at, found, use, steps, known))
        at += len(found.text)
    return Text("".join(p.word.text for p in pieces), word, tuple(pieces), tuple(missing))


@dataclass(frozen=True, slots=True)
class _Expansion:
    """The variables known, and the names of those that were missing."""

    environment: Mapping[str, Word]
    missing: list[str]

    def of(
        self, word: Word, use: Site, steps: tuple[Step, ...], known: Known, seen: tuple[str, ...]
    ) -> Iterator[tuple[Word, Site, tuple[Step, ...], Known]]:
        """The pieces of a word, in order. A variable that mentions itself means what it was before: unset, here."""
        text, at, unclosed = word.text, 0, False
        for match in _PARAMETER.finditer(text):
            if match.start() < at or len(seen) >= MAX_DEPTH:
                continue
            name = match["plain"] or match["name"] or match["kube"]
            end, default = match.end(), None
            if match["name"]:
                close = -1 if unclosed else _close(text, match.start() + 2)
                if close < 0:
                    unclosed = True
                    continue
                end = close + 1
                operator = text[match.end("name") : close]
                if operator.startswith((":-", ":=", "-", "=")):
                    default = cut(word, match.end("name") + (2 if operator[0] == ":" else 1), close)
                elif operator and not operator.startswith((":?", "?")):
                    continue  # a length, a pattern, a substring
            if match.start() > at:
                yield cut(word, at, match.start()), use, steps, known
            place = use if steps else part(word, match.start(), end) or use
            value = self.environment.get(name) if name not in seen else None
            if value is not None and (value.text or default is None):
                hops = (*steps, Step(value.site, f"{name} is set here"))
                yield from self.of(value, place, hops, Known.CONSTANT, (*seen, name))
            elif default is not None:
                yield from self.of(default, place, steps, Known.CONSTANT, (*seen, name))
            else:
                self.missing.append(name)
                yield cut(word, match.start(), end), use, steps, known
            at = end
        if at < len(text) or not text:
            yield cut(word, at), use, steps, known


def settled(word: Word, environment: Mapping[str, Word]) -> Word:
    """A word with the variables that are known put in, as it is handed to somebody who does not know them."""
    if "$" not in word.text:
        return word
    text = expand(word, environment)
    if len(text.pieces) == 1:
        return text.pieces[0].word
    return Spread(text.text, word.site)


def _close(text: str, at: int) -> int:
    """The position of the brace that closes the one before `at`, or -1."""
    depth = 1
    for match in re.compile(r"[{}]").finditer(text, at):
        depth += 1 if match[0] == "{" else -1
        if depth == 0:
            return match.start()
    return -1
