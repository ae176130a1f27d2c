"""`.env` files: the variables that compose reads before it reads anything else, and where each value is written.

Format: docker compose's own, measured with `config`: `export K=`, quotes, trailing comments, `${OTHER}`; a later line
wins; `K` alone takes the shell's value, so it says nothing here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bindlint.facts import Word
from bindlint.readers import interpolation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bindlint.source import Source

MAX_VARIABLES = 5_000
_LINE = re.compile(r"^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*[=:][ \t]*(.*?)[ \t]*\r?$", re.MULTILINE)
_COMMENT = re.compile(r"(?:^|[ \t])[ \t]*#")


@dataclass(frozen=True)
class Variables:
    """Values by name, and the words that state them."""

    values: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Word] = field(default_factory=dict)


NOTHING = Variables()


def read(source: Source | None) -> Variables:
    """The variables of a `.env` file; none without one."""
    if source is None:
        return NOTHING
    values: dict[str, str] = {}
    words: dict[str, Word] = {}
    for match in _LINE.finditer(source.text):
        if len(values) >= MAX_VARIABLES:
            break
        start, end, quote = _value(match[2], match.start(2))
        text = source.text[start:end]
        if quote != "'":
            text = interpolation.join(interpolation.expand(text, values))
        if interpolation.OPAQUE in text:
            continue
        values[match[1]] = text
        words[match[1]] = Word(text, source.site(start, end))
    return Variables(values, words)


def _value(written: str, at: int) -> tuple[int, int, str]:
    """The range of the value inside of its quotes or before its comment, and the quote."""
    quote = written[:1]
    if quote in ("'", '"') and (close := written.find(quote, 1)) > 0:
        return at + 1, at + close, quote
    comment = _COMMENT.search(written)
    text = written[: comment.start()] if comment else written
    return at, at + len(text.rstrip()), ""
