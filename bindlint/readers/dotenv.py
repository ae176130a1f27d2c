"""Files of variables: the `.env` that compose reads before anything else, and the `env_file`s of services.

Format: compose-go dotenv/parser.go, tried with docker compose 2.40 (`config`): `export K=`, `K: v`, quotes over several
lines, trailing comments, `${OTHER}`; a later line wins; `K` alone takes the value that the project has for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bindlint.facts import Word
from bindlint.readers import interpolation
from bindlint.readers.interpolation import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bindlint.source import Source

MAX_VARIABLES = 5_000
_BLANK = re.compile(r"\s+|#[^\n]*")
_EXPORT = re.compile(r"export\s+")
_NAME = re.compile(r"([^=:\n]*)([=:\n]?)")
_SPACE = re.compile(r"[ \t\v\f\r\x85\xa0]*")
_WRONG = re.compile(r"[^\w.\-\[\]\s]")
_QUOTED = {"'": re.compile(r"(?:[^'\\]|\\[\s\S])*'"), '"': re.compile(r'(?:[^"\\]|\\[\s\S])*"')}
_LINE = re.compile(r"[^\n]*")
_ESCAPE = re.compile(r'\\([abfnrtv$"\\])')
_MEANT = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "$": "$$"}
_RAW = re.compile(r"^[ \t]*([^#=\s][^=\n]*?)(?:=([^\n]*?))?\r?$", re.MULTILINE)


@dataclass(frozen=True)
class Variables:
    """Values by name, and the words that state them. `wrong` is what makes compose refuse the file: line, reason."""

    values: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Word] = field(default_factory=dict)
    wrong: tuple[int, str] | None = None

    def behind(self, outer: Variables) -> Variables:
        """These, and before them the outer ones, which win."""
        return Variables({**self.values, **outer.values}, {**self.words, **outer.words})


NOTHING = Variables()


def read(
    source: Source | None, outer: Variables = NOTHING, before: Variables = NOTHING, *, raw: bool = False
) -> Variables:
    """The variables of a file; none without one.

    References are to the outer ones first, then to what stands above in the file, then to those of the files before it.
    """
    if source is None:
        return NOTHING
    values: dict[str, str] = {}
    words: dict[str, Word] = {}
    try:
        for name, text, start, end in _raw(source) if raw else _lines(source):
            if len(values) >= MAX_VARIABLES:
                break
            if text is None:
                if name in outer.words:
                    values[name], words[name] = outer.values[name], outer.words[name]
                continue
            found = text if raw else _expanded(text, source, start, {**before.values, **values, **outer.values})
            if found is not None:
                values[name], words[name] = found, Word(found, source.site(start, end))
    except _RefusedError as error:
        return Variables(values, words, (source.line(error.at), error.reason))
    return Variables(values, words)


class _RefusedError(Exception):
    """What the parser of compose does not take, and where."""

    def __init__(self, at: int, reason: str) -> None:
        super().__init__(reason)
        self.at = at
        self.reason = reason


def _expanded(text: str, source: Source, at: int, values: Mapping[str, str]) -> str | None:
    """The value with its references resolved; None when one is required and not set: nobody can know it."""
    if source.text[at - 1 : at] == "'":
        return text
    parts = interpolation.expand(text, values)
    if any(part.state is State.INVALID for part in parts):
        raise _RefusedError(at, "a reference is not of the form ${NAME}")
    found = interpolation.join(parts)
    return None if interpolation.OPAQUE in found else found


def _lines(source: Source) -> Iterator[tuple[str, str | None, int, int]]:
    """(name, text before it is expanded, range of it); the text is None for a name without a value."""
    text, at = source.text, 0
    while True:
        while match := _BLANK.match(text, at):
            at = match.end()
        if at >= len(text):
            return
        start = at
        at = match.end() if (match := _EXPORT.match(text, at)) else at
        match = _NAME.match(text, at)
        name, sign = (match[1].strip(), match[2]) if match else ("", "")
        if match is None or " " in name or (wrong := _WRONG.search(name)):
            said = f"{wrong[0]!r} cannot be part of a name" if match and " " not in name and wrong else "no NAME=value"
            raise _RefusedError(start, said)
        at = match.end()
        if sign not in ("=", ":"):
            yield name, None, start, start
            continue
        space = _SPACE.match(text, at)
        at = space.end() if space else at
        quote = text[at : at + 1]
        if quote in _QUOTED:
            closed = _QUOTED[quote].match(text, at + 1)
            if closed is None:
                raise _RefusedError(at, f"nothing closes the {quote}")
            yield name, _unquoted(closed[0][:-1], quote), at + 1, closed.end() - 1
            at = closed.end()
            continue
        line = _LINE.match(text, at)
        written = (line[0] if line else "").partition(" #")[0].rstrip()
        yield name, written, at, at + len(written)
        at = line.end() if line else len(text)


def _unquoted(written: str, quote: str) -> str:
    text = written.replace("\\" + quote, quote)
    return _ESCAPE.sub(lambda match: _MEANT.get(match[1], match[1]), text) if quote == '"' else text


def _raw(source: Source) -> Iterator[tuple[str, str | None, int, int]]:
    """The lines of a file in the format `raw`: nothing is a quote, a comment behind a value or a reference."""
    for match in _RAW.finditer(source.text):
        yield match[1], match[2], *match.span(2)
