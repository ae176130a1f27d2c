"""Configuration that an image is given while it is made: here-documents, lines that `echo` adds, what `sed` puts in.

A here-document is the whole file. Of a line only what it says counts, and of `sed s/a/b/` the text that it puts in,
where that is a line by itself: whether the file has what it looks for is not known, but somebody wants it to say that.

Sources: docs.docker.com/reference/dockerfile (Here-documents; a target that is a folder takes the delimiter's name);
POSIX sed, the function `s`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bindlint.readers import layout
from bindlint.readers.parts import Part

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bindlint.readers.instructions import Instruction
    from bindlint.source import Source

MAX_WRITES = 200  # of one instruction
_PATH = r"[\"']?([^\s;&|<>\"'$`]+)[\"']?"
_TEXT = r"(?:\"([^\"]{0,4000})\"|'([^']{0,4000})'|([^\s\"'&|;<>][^\"'&|;<>\n]{0,400}?))"
_TO = r"(?:>>?|\|[ \t]*(?:sudo[ \t]+)?tee[ \t](?:[ \t]*-a[ \t])?)"
_ADDED = re.compile(rf"\b(?:echo|printf)[ \t]+(?:-[neE]+[ \t]+)?{_TEXT}[ \t]*{_TO}[ \t]*{_PATH}")
_SED = re.compile(r"\bsed[ \t]+((?:-[\w.-]+[ \t]+){1,4})([^\n;&]{0,2000})")
_IN_PLACE = re.compile(r"-[A-Za-z]*i|--in-place")
_SIDE = r"((?:\\.|(?!\1)[^\\]){0,400})"
_SCRIPT = re.compile(rf"(?:^|[ \t])[\"']s([/|#,@]){_SIDE}\1{_SIDE}\1[gI0-9]*[\"']")
_FILE = re.compile(rf"[ \t]{_PATH}[ \t]*(?:$|[;&|\n])")
_INTO = re.compile(rf"\bcat\b[^;&|]{{0,200}}?(>>?)[ \t]*{_PATH}|\btee[ \t]+(-a[ \t]+)?{_PATH}")


@dataclass(frozen=True, slots=True)
class Written:
    """A text that is written to a path of an image, and where each of its characters stands."""

    path: str
    text: str
    offsets: Sequence[int]
    whole: bool

    def part(self, source: Source, container: str) -> Part:
        """The text as the configuration of a server in a container."""
        return Part(self.path.lstrip("/"), self.text, self.offsets, source, container, whole=self.whole)


def copied(source: Source, instruction: Instruction, paths: Sequence[str], place: str) -> Iterator[Written]:
    """The here-documents that COPY or ADD puts at a place, or in a folder under their own names."""
    folder = paths[-1].endswith("/") or len(paths) > 2
    for name, start, end in instruction.documents:
        text, offsets = _document(source, instruction, name, start, end)
        yield Written(layout.inside(place, name) if folder else place, text, offsets, whole=True)


def run(source: Source, instruction: Instruction, workdir: str) -> Iterator[Written]:
    """What the commands of RUN write to files."""
    into = list(_INTO.finditer(instruction.text)) if len(instruction.documents) == 1 else []
    if len(into) == 1:
        (_, start, end), match = instruction.documents[0], into[0]
        text, offsets = _document(source, instruction, instruction.documents[0][0], start, end)
        whole = match[1] != ">>" and match[3] is None
        yield Written(layout.inside(workdir, match[2] or match[4]), text, offsets, whole)
        return
    texts: list[tuple[str, Sequence[int]]] = [(instruction.text, instruction.offsets)]
    texts += [(source.text[start:end], range(start, end)) for _, start, end in instruction.documents]
    for text, offsets in texts:
        for match in list(_ADDED.finditer(text))[:MAX_WRITES]:
            group = next(number for number in (1, 2, 3) if match[number] is not None)
            line, places = _unescaped(text, match.start(group), match.end(group), offsets)
            yield Written(layout.inside(workdir, match[4]), line, places, whole=False)
        yield from _edited(text, offsets, workdir)


def _edited(text: str, offsets: Sequence[int], workdir: str) -> Iterator[Written]:
    """The lines that `sed -i` puts in place of others."""
    for match in list(_SED.finditer(text))[:MAX_WRITES]:
        if not any(_IN_PLACE.match(flag) for flag in match[1].split()):
            continue
        scripts = list(_SCRIPT.finditer(text, match.start(2) - 1, match.end(2)))
        file = _FILE.search(text, scripts[-1].end(), match.end(2)) if scripts else None
        if file is None:
            continue
        for script in scripts:
            if not re.search(r"\\[0-9]|&", script[3]):
                line, places = _unescaped(text, script.start(3), script.end(3), offsets)
                yield Written(layout.inside(workdir, file[1]), line, places, whole=False)


def _unescaped(text: str, start: int, end: int, offsets: Sequence[int]) -> tuple[str, Sequence[int]]:
    """A stretch of text without its backslashes (`n` behind one is a line break), and where each character stands."""
    characters: list[str] = []
    places: list[int] = []
    at = start
    while at < end:
        escaped = text[at] == "\\" and at + 1 < end
        character = text[at + escaped]
        characters.append("\n" if escaped and character == "n" else character)
        places.append(offsets[at])
        at += 1 + escaped
    return "".join(characters), places


def _document(source: Source, instruction: Instruction, name: str, start: int, end: int) -> tuple[str, Sequence[int]]:
    """A here-document; with `<<-` the tabs that its lines begin with are not part of it."""
    text = source.text[start:end]
    if f"<<-{name}" not in instruction.text.replace('"', "").replace("'", ""):
        return text, range(start, end)
    kept = [at for line in re.finditer(r"\t*([^\n]*\n?)", text) for at in range(line.start(1), line.end(1))]
    return "".join(text[at] for at in kept), [start + at for at in kept]
