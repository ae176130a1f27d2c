"""Reading what can be read of a file that is not (all) Python 3: Python 2, templates, merge conflicts.

Logical lines that do not parse are replaced by `pass` of the same length, so that every offset in the rest still holds.
"""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bindlint.readers.python.guard import TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_ROUNDS = 60
_PRINT = re.compile(r"(?:print|exec)\b(?!\s*[(=.,:\[)]|\s*$)|(?:print)\s*>>")
_EXCEPT = re.compile(r"(except\s+(?:[\w.]+|\([\w.\s,]*\)))\s*,\s*\w+\s*:")
_HEADER = re.compile(r"(?:async\s+)?(if|elif|else|for|while|try|except|finally|with|def|class)\b")


@dataclass(frozen=True, slots=True)
class Salvage:
    """A text that parses, and the one-based lines that were given up for it."""

    text: str
    lines: tuple[int, ...]
    reason: str


def salvage(text: str) -> Salvage | None:
    """The text with every line that does not parse blanked; None when that does not come to an end."""
    lost: list[int] = []
    first = ""
    text, lost = _python2(text)
    if lost:
        first = "a statement of Python 2"
    for _ in range(MAX_ROUNDS):
        error = _error(text)
        if error is None:
            return Salvage(text, tuple(sorted(set(lost))), first)
        line = max(1, min(error.lineno or 1, text.count("\n") + 1))
        first = first or str(error.msg or "not valid Python")
        changed, number = _blank(text, line, str(error.msg or ""))
        lost.append(number)
        if changed == text:
            return None
        text = changed
    return None


def _error(text: str) -> SyntaxError | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError) as error:
        return SyntaxError(str(error))
    return None


def _logical(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of the logical lines, comments included; a bracket left open ends with the file."""
    depth = 0
    start: int | None = None
    for token in TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "line":
            if depth == 0 and start is not None:
                yield start, token.start(kind)
                start = None
            continue
        if start is None and kind != "comment":
            start = token.start(kind or 0)
        depth += (kind == "open") - (kind == "close" and depth > 0)
    if start is not None:
        yield start, len(text)


def _python2(text: str) -> tuple[str, list[int]]:
    """The statements that only Python 2 has, rewritten in place; and the lines they stood on."""
    lost: list[int] = []
    pieces: list[str] = []
    last = 0
    for start, end in _logical(text):
        statement = text[start:end]
        changed = statement
        if _PRINT.match(statement):
            changed = _cover(statement, "pass")
        elif statement.startswith("except"):
            changed = _EXCEPT.sub(lambda m: f"{m[1]}:".ljust(len(m[0])), statement, count=1)
        if changed != statement:
            if not statement.startswith("except"):
                lost.append(text.count("\n", 0, start) + 1)
            pieces += [text[last:start], changed]
            last = end
    return "".join([*pieces, text[last:]]), lost


def _cover(statement: str, word: str) -> str:
    """A statement's characters as blanks behind a word; line breaks stay, held together by backslashes."""
    lines = statement.split("\n")
    head = (word + " " * len(lines[0]))[: max(len(lines[0]), len(word))]
    return "\n".join([head, *(" " * len(line) for line in lines[1:])])


def _blank(text: str, line: int, message: str) -> tuple[str, int]:
    """The text with the logical line that holds a physical one blanked, and the number of its first line."""
    wanted = re.search(r"on line (\d+)", message)
    if "expected an indented block" in message and wanted:
        return _blank_physical(text, int(wanted[1]))
    if "never closed" in message or "unterminated" in message:
        return _blank_physical(text, line)
    offset = _line_start(text, line)
    line_end = text.find("\n", offset)
    line_end = len(text) if line_end < 0 else line_end
    for start, end in _logical(text):
        if start <= line_end and end >= offset and end - start < 2_000:
            statement = text[start:end]
            return text[:start] + _stand_in(statement, message) + text[end:], text.count("\n", 0, start) + 1
        if start > line_end:
            break
    return _blank_physical(text, line)


def _stand_in(statement: str, message: str) -> str:
    if (
        "indent" in message
        or len(statement.split("\n", maxsplit=1)[0]) < 4
        or not (statement[0].isalnum() or statement[0] in "_\"'([@")
    ):
        return _cover(statement, "")
    header = _HEADER.match(statement)
    if header and statement.rstrip().endswith(":") and statement not in ("else:", "try:", "finally:"):
        word = {"elif": "elif 1:", "except": "except:", "else": "else:", "try": "try:", "finally": "finally:"}.get(
            header[1], "if 1:"
        )
        if len(word) <= len(statement.split("\n", maxsplit=1)[0]):
            return _cover(statement, word)
    return _cover(statement, "pass" if statement.strip() != "pass" else "")


def _blank_physical(text: str, line: int) -> tuple[str, int]:
    start = _line_start(text, line)
    end = text.find("\n", start)
    end = len(text) if end < 0 else end
    content = text[start:end]
    bare = content.lstrip()
    indent = len(content) - len(bare)
    stand_in = "pass" if len(bare) >= 4 and not bare.startswith("pass ") and bare[:1].isalnum() else ""
    return text[:start] + content[:indent] + _cover(bare, stand_in) + text[end:], line


def _line_start(text: str, line: int) -> int:
    start = 0
    for _ in range(line - 1):
        found = text.find("\n", start)
        if found < 0:
            break
        start = found + 1
    return start
