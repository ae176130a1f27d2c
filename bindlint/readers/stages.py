"""The stages of a Dockerfile: what each has been told by its instructions, and by the stage that it is built from.

Source: docs.docker.com/reference/dockerfile (FROM, ARG, ENV, COPY, WORKDIR, ENTRYPOINT, CMD, HEALTHCHECK, ONBUILD);
ARG is known to the build only, ENV to what runs, too; an ENTRYPOINT drops the CMD of the image that it is built from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bindlint.facts import Word
from bindlint.readers import layout, writes
from bindlint.readers.commands import split_words
from bindlint.readers.commands.text import expand, settled
from bindlint.readers.commands.words import cut, made
from bindlint.readers.instructions import Instruction, json_words, nested

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bindlint.readers.writes import Written
    from bindlint.source import Site, Source

_PORT = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?(?:/\w+)?")
_CHECK = re.compile(r"(?:--\S+\s+)*(CMD|NONE)\b\s*", re.IGNORECASE)
_MAX_RANGE = 100  # ports of one EXPOSE range
MAX_COPIES = 500  # of one stage


@dataclass(slots=True)
class Command:
    """An ENTRYPOINT, CMD or HEALTHCHECK: words in the exec form, or one shell text."""

    words: list[Word]
    shell: Word | None = None
    site: Site | None = None


@dataclass(slots=True)
class Stage:
    """What a stage has said so far. `arguments` are its ARGs, `later` what an image built from it is told (ONBUILD).

    `written` are the texts that its instructions write to files.
    """

    site: Site
    image: Word
    name: str
    environment: dict[str, Word] = field(default_factory=dict)
    arguments: dict[str, Word] = field(default_factory=dict)
    ports: list[int] = field(default_factory=list)
    copies: list[tuple[str, str]] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)
    workdir: str = ""
    entrypoint: Command | None = None
    command: Command | None = None
    health: Command | None = None
    later: list[Instruction] = field(default_factory=list)


class Stages:
    """The stages of one Dockerfile, in order."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.all: list[Stage] = []
        self._given: dict[str, Word] = {}  # ARGs before the first FROM

    def tell(self, instruction: Instruction) -> None:
        """Take in one instruction."""
        if instruction.keyword == "FROM":
            stage = self._from(instruction)
            self.all.append(stage)
            for one in stage.later:
                self._tell(one, stage)
            stage.later = []
        elif self.all:
            self._tell(instruction, self.all[-1])
        elif instruction.keyword == "ARG":
            self._given.update(self._variables(instruction, self._given))

    def _tell(self, instruction: Instruction, stage: Stage) -> None:
        keyword = instruction.keyword
        if keyword == "ENV":
            known = {**stage.arguments, **stage.environment}
            stage.environment |= self._variables(instruction, known)
        elif keyword == "ARG":
            stage.arguments |= self._variables(instruction, {**self._given, **stage.arguments, **stage.environment})
        elif keyword == "EXPOSE":
            stage.ports += self._ports(instruction, stage)
        elif keyword == "WORKDIR":
            stage.workdir = layout.inside(stage.workdir, self._known(self._whole(instruction), stage))
        elif keyword in ("COPY", "ADD"):
            stage.copies = [*stage.copies, *self._copied(instruction, stage)][-MAX_COPIES:]
        elif keyword == "RUN":
            stage.written = [*stage.written, *writes.run(self.source, instruction, stage.workdir)][-MAX_COPIES:]
        elif keyword == "ENTRYPOINT":
            stage.entrypoint = self._command(instruction)
            stage.command = stage.command if _own(stage, stage.command) else None
        elif keyword == "CMD":
            site = self.source.site(instruction.start, instruction.end)
            stage.command = replace(self._command(instruction), site=site)
        elif keyword == "HEALTHCHECK":
            stage.health = self._health(instruction)
        elif keyword == "ONBUILD" and (inner := nested(instruction)) is not None:
            stage.later = [*stage.later, inner]

    def named(self, name: str) -> Stage | None:
        """The stage of a name or number, the last of several."""
        wanted = name.lower()
        found = (s for i, s in enumerate(self.all) if wanted and wanted in (s.name, str(i)))
        return next(reversed(list(found)), None)

    # The parts of an instruction

    def _words(self, instruction: Instruction) -> list[Word]:
        whole = self.source.site(instruction.start, instruction.end)
        return split_words(instruction.text, instruction.offsets, whole)

    def _whole(self, instruction: Instruction) -> Word:
        return made(instruction.text, instruction.offsets, self.source.path, instruction.end)

    @staticmethod
    def _known(word: Word, stage: Stage) -> str:
        return expand(word, {**stage.arguments, **stage.environment}).text.strip("\"' ")

    def _from(self, instruction: Instruction) -> Stage:
        words = [word for word in self._words(instruction) if not word.text.startswith("--")]
        site = self.source.site(instruction.start, instruction.end)
        image = words[0] if words else Word("", site)
        text = expand(image, self._given).text
        named = len(words) > 2 and words[1].text.lower() == "as"
        name = words[2].text.lower() if named else ""
        base = self.named(text)
        if base is None:
            return Stage(site, Word(text, image.site), name)
        return replace(
            base,
            site=site,
            name=name,
            environment=dict(base.environment),
            arguments={},
            ports=list(base.ports),
            copies=list(base.copies),
            written=list(base.written),
        )

    def _variables(self, instruction: Instruction, known: Mapping[str, Word]) -> dict[str, Word]:
        """The variables of `ENV A=b C=d`, `ENV A b`, `ARG A=b` and `ARG A` (what was given before the first FROM)."""
        words = self._words(instruction)
        found: dict[str, Word] = {}
        if instruction.keyword == "ENV" and len(words) > 1 and "=" not in words[0].text:
            return {words[0].text: settled(words[1], known)}
        for word in words:
            name, equals, _ = word.text.partition("=")
            if equals:
                found[name] = settled(cut(word, len(name) + 1), known)
            elif instruction.keyword == "ARG" and name in self._given:
                found[name] = self._given[name]
        return found

    def _ports(self, instruction: Instruction, stage: Stage) -> list[int]:
        ports: list[int] = []
        for word in self._words(instruction):
            match = _PORT.fullmatch(self._known(word, stage))
            if match:
                first, last = int(match[1]), int(match[2] or match[1])
                ports += range(first, min(last, first + _MAX_RANGE) + 1)
        return [port for port in ports if port <= 0xFFFF]

    def _copied(self, instruction: Instruction, stage: Stage) -> list[tuple[str, str]]:
        """Where the files lie that are copied in: of the repository, or of another stage."""
        words = json_words(instruction, self.source.path) or self._words(instruction)
        given = [word.text for word in words if word.text.startswith("--")]
        paths = [self._known(word, stage) for word in words if not word.text.startswith("--")]
        if len(paths) < 2:
            return []
        *sources, target = paths
        place = layout.inside(stage.workdir, target)
        if instruction.documents:
            stage.written += writes.copied(self.source, instruction, paths, place)
        folder = target.endswith(("/", "/.")) or target == "." or len(sources) > 1
        origin = next((text.partition("=")[2] for text in given if text.startswith("--from=")), None)
        if origin is not None:
            other = self.named(origin)
            return [] if other is None else [one for path in sources for one in _taken(other, path, place)]
        found: list[tuple[str, str]] = []
        for path in sources:
            if "://" not in path and "$" not in path and "<<" not in path:
                found += self._from_repository(path, place, folder=folder)
        return found

    def _from_repository(self, path: str, place: str, *, folder: bool) -> list[tuple[str, str]]:
        """What the build context has under a path, which context that may be: the nearest folder comes last."""
        tree = path.endswith("/") or path.rpartition("/")[2] in ("", ".", "*")
        path = path.removeprefix("./").strip("/").removesuffix("*").rstrip("/") or "."
        bases = layout.above(self.source.folder)
        found = [one for base in bases if (one := layout.within(base, path)) is not None]
        there = next((one for one in found if not tree and self.source.files.has(one)), None)
        if there is not None:
            return [(layout.inside(place, there.rpartition("/")[2]) if folder else place, there)]
        if "*" in path:
            return []
        name = path.rpartition("/")[2]
        if not tree and "." in name:  # a file, by its looks, but none that is there
            place = layout.inside(place, name) if folder else place
            found = [one for one in found if "/" in path or one == found[0]]
        return [(place, one) for one in reversed(found)]

    def _command(self, instruction: Instruction, start: int = 0) -> Command:
        words = json_words(instruction, self.source.path, start)
        if words is not None:
            return Command(words)
        at = instruction.offsets[start] if start < len(instruction.offsets) else instruction.end
        return Command([], made(instruction.text[start:], instruction.offsets[start:], self.source.path, at))

    def _health(self, instruction: Instruction) -> Command | None:
        match = _CHECK.match(instruction.text)
        if match is None or match[1].upper() == "NONE":
            return None
        return self._command(instruction, match.end())


def _own(stage: Stage, command: Command | None) -> bool:
    """Whether the CMD was written in this stage; one of an earlier stage is dropped where an ENTRYPOINT is set."""
    return command is not None and command.site is not None and command.site.span.start > stage.site.span.start


def _taken(stage: Stage, path: str, place: str) -> list[tuple[str, str]]:
    """What another stage has under a path, at its new place."""
    path = layout.inside("", path)
    found: list[tuple[str, str]] = []
    for inner, source in stage.copies:
        if inner == path or inner.startswith(path.rstrip("/") + "/"):
            found.append((layout.inside(place, inner[len(path) :].lstrip("/")), source))
        elif path.startswith(inner.rstrip("/") + "/"):
            found.append((place, f"{source}/{path[len(inner) :].lstrip('/')}".strip("/")))
    return found


def repository(stage: Stage, name: str) -> Sequence[str]:
    """The repository paths that a name may be, which runs in a stage: the likeliest first."""
    path = layout.inside(stage.workdir, name)
    found = [
        f"{source}/{path[len(place) :].lstrip('/')}".strip("/")
        for place, source in reversed(stage.copies)
        if path == place or path.startswith(place.rstrip("/") + "/")
    ]
    return list(dict.fromkeys(found))
