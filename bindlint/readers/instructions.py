"""The grammar of a Dockerfile: its instructions, each argument with the offset of every character.

Source: docs.docker.com/reference/dockerfile, sections Format, Parser directives, Shell and exec form, Here-documents;
moby/buildkit frontend/dockerfile/parser/parser.go (comment and empty lines inside a continuation are dropped).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bindlint.readers.commands import made

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.facts import Word
    from bindlint.source import Source

_DIRECTIVE = re.compile(r"#[ \t]*([A-Za-z]+)[ \t]*=[ \t]*(\S+)")
_LINE = re.compile(r"[^\n]*\n?")
_KEYWORD = re.compile(r"[ \t]*([A-Za-z]+)(?=[ \t\r\n]|$)")
_HEREDOC = re.compile(r"<<-?[ \t]*(['\"]?)([A-Za-z_][\w.-]*)\1")
_DOCUMENTS = frozenset({"RUN", "COPY", "ADD"})
_JSON_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_HEX = 4
MAX_UNCLOSED = 5  # here-documents without an end, after which none is looked for


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its keyword in capitals, and its argument with the place of each character.

    `documents` are its here-documents: the delimiter's name, and where the text begins and ends.
    """

    keyword: str
    text: str
    offsets: tuple[int, ...]
    start: int
    end: int
    documents: tuple[tuple[str, int, int], ...] = ()


def instructions(source: Source) -> Iterator[Instruction]:
    """The instructions of a Dockerfile, in order. A line that begins with no word has the keyword ""."""
    text = source.text
    escape = _escape(text)
    unclosed = 0
    at = 1 if text.startswith("\ufeff") else 0
    while at < len(text):
        line = _LINE.match(text, at)
        if line is None or line.end() == at:
            return
        if not line[0].strip() or line[0].lstrip().startswith("#"):
            at = line.end()
            continue
        instruction, at = _instruction(text, at, escape)
        if instruction.keyword in _DOCUMENTS and unclosed < MAX_UNCLOSED:
            documents, end = _here_documents(text, at, instruction.text)
            unclosed += end is None
            if end is not None:
                instruction, at = replace(instruction, documents=documents), end
        yield instruction


def nested(instruction: Instruction) -> Instruction | None:
    """The instruction that an ONBUILD holds."""
    match = _KEYWORD.match(instruction.text)
    if match is None:
        return None
    start = len(instruction.text) - len(instruction.text[match.end() :].lstrip())
    return Instruction(
        match[1].upper(), instruction.text[start:], instruction.offsets[start:], instruction.start, instruction.end
    )


def _escape(text: str) -> str:
    for line in text.splitlines()[:10]:
        match = _DIRECTIVE.match(line.lstrip("\ufeff"))
        if match is None:
            break
        if match[1].lower() == "escape" and match[2] == "`":
            return "`"
    return "\\"


def _instruction(text: str, at: int, escape: str) -> tuple[Instruction, int]:
    keyword = _KEYWORD.match(text, at)
    start = keyword.start(1) if keyword else at
    at = keyword.end() if keyword else at
    kept: list[int] = []
    first = True
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line = text[at:end]
        stripped = line.strip()
        if not first and (not stripped or stripped.startswith("#")):
            at = end + 1
            continue
        first = False
        bare = line.rstrip()
        if not bare.endswith(escape):
            kept.extend(range(at, at + len(bare)))
            at = end + 1
            break
        kept.extend(range(at, at + len(bare) - 1))
        at = end + 1
    while kept and text[kept[-1]].isspace():
        kept.pop()
    lead = next((i for i, offset in enumerate(kept) if not text[offset].isspace()), len(kept))
    kept = kept[lead:]
    last = kept[-1] + 1 if kept else min(at, len(text))
    argument = "".join(text[i] for i in kept)
    return Instruction(keyword[1].upper() if keyword else "", argument, tuple(kept), start, last), at


def _here_documents(text: str, at: int, argument: str) -> tuple[tuple[tuple[str, int, int], ...], int | None]:
    """The here-documents that an instruction announces, and where the text goes on; None when one never ends."""
    found = []
    for match in list(_HEREDOC.finditer(argument))[:20]:
        end = re.compile(rf"^\t*{re.escape(match[2])}[ \t\r]*$", re.MULTILINE).search(text, at)
        if end is None:
            return (), None
        found.append((match[2], at, end.start()))
        following = text.find("\n", end.end())
        at = len(text) if following < 0 else following + 1
    return tuple(found), at


def json_words(instruction: Instruction, path: str, start: int = 0) -> list[Word] | None:
    """The strings of the exec form `["a", "b"]` that begins at `start` of the argument; None when it is another."""
    text, offsets = instruction.text, instruction.offsets
    at = _blank(text, start)
    if text[at : at + 1] != "[":
        return None
    words: list[Word] = []
    at = _blank(text, at + 1)
    if text[at : at + 1] == "]":
        return words
    while text[at : at + 1] == '"':
        read = _string(text, at + 1)
        if read is None:
            return None
        value, positions, end = read
        words.append(made(value, [offsets[i] for i in positions], path, offsets[at] + 1))
        at = _blank(text, end)
        if text[at : at + 1] == "]":
            return words if _blank(text, at + 1) == len(text) else None
        if text[at : at + 1] != ",":
            return None
        at = _blank(text, at + 1)
    return None


def _blank(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _string(text: str, at: int) -> tuple[str, list[int], int] | None:
    """The value of a JSON string, the position of each of its characters, and where the text goes on."""
    value: list[str] = []
    positions: list[int] = []
    while at < len(text):
        character = text[at]
        if character == '"':
            return "".join(value), positions, at + 1
        width, place = 1, at
        if character == "\\":
            following = text[at + 1 : at + 2]
            if following == "u":
                digits = text[at + 2 : at + 2 + _HEX]
                if len(digits) < _HEX or not re.fullmatch(r"[0-9A-Fa-f]{4}", digits):
                    return None
                character, width = chr(int(digits, 16)), 2 + _HEX
                if (
                    value and "\ud800" <= value[-1] < "\udc00" <= character < "\ue000"
                ):  # the two halves of one character
                    character = (value.pop() + character).encode("utf-16", "surrogatepass").decode("utf-16")
                    place = positions.pop()
            elif following in _JSON_ESCAPES and following:
                character, width = _JSON_ESCAPES[following], 2
            else:
                return None
        value.append(character)
        positions.append(place)
        at += width
    return None
