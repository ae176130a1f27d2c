"""Texts as stretches that know where each of their characters stands in the source."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from bindlint.readers.python.scopes import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bindlint.readers.python.value import Value

MAX_TEXTS = 8
# Values of library constants: those that stand for an address, and the interpreter that command lines begin with.
CONSTANTS = {
    "socket.INADDR_ANY": "0.0.0.0",  # ip(7)
    "socket.INADDR_LOOPBACK": "127.0.0.1",
    "DEFAULT_SERVER_HOST": "127.0.0.1",
    "sys.executable": "python3",
}
_PERCENT = re.compile(r"%(?:\((\w+)\))?[-#0 +]{0,5}\d*(?:\.\d+)?([%a-zA-Z])")
_BRACE = re.compile(r"\{\{|\}\}|\{([^{}!:.\[]*)([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of text; `offset` is where it begins in the source text of `node`, -1 when it is not written there.

    `value` is what it was before it was put into a larger text, when it was followed to where it is written.
    """

    text: str
    node: cst.CSTNode | None = None
    offset: int = -1
    value: Value | None = None

    def cut(self, start: int, end: int) -> Part:
        """A stretch of this stretch."""
        return Part(self.text[start:end], self.node, self.offset + start if self.offset >= 0 else -1, self.value)


Words = "Callable[[cst.CSTNode], list[tuple[Part, ...]]]"


def literal(node: cst.CSTNode, words: Callable[[cst.CSTNode], list[tuple[Part, ...]]]) -> Iterator[tuple[Part, ...]]:
    """The texts of a string literal; `words` says what an interpolated expression contributes."""
    if isinstance(node, cst.SimpleString):
        part = _simple(node)
        if part is not None:
            yield (part,)
    elif isinstance(node, cst.ConcatenatedString):
        left, right = literal(node.left, words), list(literal(node.right, words))
        for one, two in itertools.islice(itertools.product(left, right), MAX_TEXTS):
            yield (*one, *two)
    elif isinstance(node, cst.FormattedString):
        choices = [_piece(part, words) for part in node.parts]
        for chosen in itertools.islice(itertools.product(*choices), MAX_TEXTS):
            yield tuple(part for group in chosen for part in group)


def _simple(node: cst.SimpleString) -> Part | None:
    if node.value[0] in "'\"" and (text := plain(node)) is not None and "\\" not in node.value:
        return Part(text, node, len(node.quote))
    try:
        value = node.evaluated_value
    except (SyntaxError, ValueError):
        return None
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if not isinstance(value, str):
        return None
    verbatim = node.raw_value == value
    return Part(value, node, len(node.prefix) + len(node.quote) if verbatim else -1)


def _piece(
    part: cst.BaseFormattedStringContent, words: Callable[[cst.CSTNode], list[tuple[Part, ...]]]
) -> list[tuple[Part, ...]]:
    if isinstance(part, cst.FormattedStringText):
        verbatim = "\\" not in part.value and "{{" not in part.value and "}}" not in part.value
        text = part.value if verbatim else part.value.replace("{{", "{").replace("}}", "}")
        return [(Part(text, part, 0 if verbatim else -1),)]
    if isinstance(part, cst.FormattedStringExpression):
        return words(part.expression)
    return [()]


def percents(parts: Sequence[Part]) -> list[Part | str]:
    """The stretches of a `%` template, and between them the names (or numbers) of what fills it."""
    return _split(parts, _PERCENT, _percent_field)


def braces(parts: Sequence[Part]) -> list[Part | str]:
    """The stretches of a `str.format` template, and between them the names (or numbers) of what fills it."""
    return _split(parts, _BRACE, _brace_field)


def _percent_field(match: re.Match[str], count: int) -> Part | str:
    return Part("%") if match[2] == "%" else match[1] or str(count)


def _brace_field(match: re.Match[str], count: int) -> Part | str:
    if match[0] in ("{{", "}}"):
        return Part(match[0][0])
    return match[1] or str(count)


def _split(
    parts: Sequence[Part], pattern: re.Pattern[str], field: Callable[[re.Match[str], int], Part | str]
) -> list[Part | str]:
    found: list[Part | str] = []
    count = 0
    for part in parts:
        last = 0
        for match in pattern.finditer(part.text):
            if match.start() > last:
                found.append(part.cut(last, match.start()))
            piece = field(match, count)
            count += isinstance(piece, str)
            found.append(piece)
            last = match.end()
        if last < len(part.text) or not part.text:
            found.append(part.cut(last, len(part.text)))
    return found


def piece(parts: Sequence[Part], start: int, end: int) -> tuple[Part, ...]:
    """The stretches between two characters of a text."""
    found: list[Part] = []
    position = 0
    for part in parts:
        size = len(part.text)
        left, right = max(start - position, 0), min(end - position, size)
        if left < right or (left == right and start == end and 0 <= left <= size and not found):
            found.append(part.cut(left, right))
        position += size
    return tuple(found)
