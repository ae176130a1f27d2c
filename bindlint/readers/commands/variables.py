"""The variables of a shell text, and the values that each may have at a command."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bindlint.facts import Word
from bindlint.readers.commands.words import Simple, cut

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MAX_OTHERS = 12  # values besides the first ones, of all variables together
ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")
_ASSIGNED = re.compile(r"\$\{([A-Za-z_]\w*):?=")
SETTERS = frozenset({"export", "declare", "local", "readonly", "typeset", ":"})


class Variables(dict[str, Word]):
    """The variables set so far. One set on a condition keeps what it was before, as another value that it may have."""

    def __init__(self, known: Mapping[str, Word] | None = None) -> None:
        super().__init__(known or {})
        self.others: list[tuple[str, Word]] = []

    def assign(self, name: str, value: Word, *, perhaps: bool) -> None:
        """Take in an assignment."""
        if not perhaps or name not in self:
            self.others = [other for other in self.others if other[0] != name]
            self[name] = value
        elif len(self.others) < MAX_OTHERS and value.text != self[name].text:
            self.others.append((name, value))

    def each(self) -> Iterator[Mapping[str, Word]]:
        """The variables as they may be: with the first value of each, then with one other value at a time."""
        yield self
        for name, value in self.others:
            yield {**self, name: value}


def remember(words: Sequence[Word], environment: Variables) -> bool:
    """Keep the variables that a command sets for those behind it; whether setting them is all that it does."""
    rest = list(words)
    perhaps = isinstance(words, Simple) and words.perhaps
    setter = bool(rest) and rest[0].text in SETTERS
    if setter and rest[0].text == ":":
        for word in rest[1:]:
            if match := _ASSIGNED.match(word.text):
                environment.setdefault(match[1], cut(word, match.end(), len(word.text) - 1))
        return True
    if setter:
        rest = [word for word in rest[1:] if not word.text.startswith("-")]
    found = [(match, word) for word in rest if (match := ASSIGNMENT.match(word.text))]
    if not setter and len(found) < len(rest):
        return False
    for match, word in found:
        name, value = match[0].rstrip("+="), cut(word, match.end())
        if name in environment and f"${{{name}" in value.text:  # HOST=${HOST:-0.0.0.0} keeps what was there
            continue
        environment.assign(name, value, perhaps=perhaps)
    return True
