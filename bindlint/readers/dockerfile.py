"""Dockerfiles: each stage is a container in waiting, which runs its ENTRYPOINT and CMD."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bindlint.facts import Container, Fact, Problem, Word
from bindlint.readers import environment, images
from bindlint.readers.commands import Context, check, run, shell, split_words, word_commands
from bindlint.readers.commands.text import expand
from bindlint.readers.commands.words import cut, made
from bindlint.readers.instructions import Instruction, instructions, json_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bindlint.knowledge import Knowledge
    from bindlint.source import Site, Source

MAX_STAGES = 200
_NAME = re.compile(r"(?i:dockerfile|containerfile)(?:[.-][\w.-]+)?|[\w.-]+\.(?i:dockerfile|containerfile)")
_NOT_ONE = (".dockerignore", ".md", ".txt", ".rst", ".html", ".py", ".sh", ".json", ".yml", ".yaml", ".toml", ".go")
_FROM = re.compile(rb"^[ \t]*FROM[ \t]", re.IGNORECASE | re.MULTILINE)
_KEYWORDS = frozenset(
    {
        *("ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER"),
        *("ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"),
    }
)
_PORT = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?(?:/\w+)?")
_MAX_RANGE = 100  # ports of one EXPOSE range
_EXEC = '", "'  # what stands between two words of the exec form


@dataclass(slots=True)
class _Command:
    """An ENTRYPOINT, CMD or HEALTHCHECK: words in the exec form, or one shell text."""

    words: list[Word]
    shell: Word | None = None
    site: Site | None = None


@dataclass(slots=True)
class _Stage:
    """What a stage has said so far; a stage built FROM another one begins with what that said."""

    site: Site
    image: Word
    name: str
    environment: dict[str, Word] = field(default_factory=dict)
    ports: list[int] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    entrypoint: _Command | None = None
    command: _Command | None = None
    health: _Command | None = None


def claims(path: str, _data: bytes, _knowledge: Knowledge) -> bool:
    """Dockerfile, Containerfile, Dockerfile.prod, web.Dockerfile, by name."""
    name = path.rpartition("/")[2]
    return bool(_NAME.fullmatch(name)) and not name.lower().endswith(_NOT_ONE)


def gate(data: bytes, _knowledge: Knowledge) -> bool:
    """Whether there is a stage at all."""
    return bool(_FROM.search(data))


def read(source: Source, knowledge: Knowledge) -> Iterable[Fact | Problem]:
    """A container for each stage, and what runs in it."""
    stages: list[_Stage] = []
    given: dict[str, Word] = {}  # ARGs before the first FROM
    complained = False
    for instruction in instructions(source):
        if instruction.keyword == "FROM":
            if len(stages) >= MAX_STAGES:
                yield Problem(
                    source.path, f"more than {MAX_STAGES} stages", source.line(instruction.start), partial=True
                )
                break
            stages.append(_from(source, instruction, stages, given))
        elif instruction.keyword not in _KEYWORDS:
            if not complained:
                complained = True
                line = source.line(instruction.start)
                yield Problem(source.path, "not a Dockerfile instruction", line, partial=True)
        elif stages:
            _tell(source, instruction, stages[-1])
        elif instruction.keyword == "ARG":
            given.update(_variables(source, instruction))
    for index, stage in enumerate(stages):
        last = index == len(stages) - 1
        yield from _facts(source, stage, "" if last else stage.name or str(index), knowledge)


def _words(source: Source, instruction: Instruction) -> list[Word]:
    whole = source.site(instruction.start, instruction.end)
    return split_words(instruction.text, instruction.offsets, whole)


def _from(source: Source, instruction: Instruction, stages: list[_Stage], given: Mapping[str, Word]) -> _Stage:
    words = [word for word in _words(source, instruction) if not word.text.startswith("--")]
    site = source.site(instruction.start, instruction.end)
    image = words[0] if words else Word("", site)
    text = expand(image, given)
    named = len(words) > 2 and words[1].text.lower() == "as"
    name = words[2].text.lower() if named else ""
    for index, stage in enumerate(stages):
        if text.text.lower() in (stage.name, str(index)) and text.text:
            return replace(
                stage,
                site=site,
                name=name,
                environment=dict(stage.environment),
                ports=list(stage.ports),
                files=list(stage.files),
            )
    return _Stage(site, Word(text.text, image.site), name)


def _tell(source: Source, instruction: Instruction, stage: _Stage) -> None:
    keyword = instruction.keyword
    if keyword in ("ENV", "ARG"):
        found = _variables(source, instruction)
        for name, value in found.items():
            if keyword == "ENV" or name not in stage.environment:
                stage.environment[name] = value
    elif keyword == "EXPOSE":
        stage.ports += _ports(source, instruction, stage.environment)
    elif keyword in ("COPY", "ADD"):
        stage.files += _copied(source, instruction)
    elif keyword == "ENTRYPOINT":
        stage.entrypoint = _command(source, instruction)
        stage.command = None if stage.command is None or not _own(stage, stage.command) else stage.command
    elif keyword == "CMD":
        stage.command = replace(_command(source, instruction), site=source.site(instruction.start, instruction.end))
    elif keyword == "HEALTHCHECK":
        stage.health = _health(source, instruction)


def _own(stage: _Stage, command: _Command) -> bool:
    """Whether the CMD was written in this stage; one of an earlier stage is dropped where an ENTRYPOINT is set."""
    first = command.words[0] if command.words else command.shell
    return first is not None and first.site.span.start > stage.site.span.start


def _variables(source: Source, instruction: Instruction) -> dict[str, Word]:
    """The variables of `ENV A=b C=d`, `ENV A b` and `ARG A=b`."""
    words = _words(source, instruction)
    found: dict[str, Word] = {}
    if words and "=" not in words[0].text:
        if instruction.keyword == "ENV" and len(words) > 1:
            found[words[0].text] = words[1]
        return found
    for word in words:
        name, equals, _ = word.text.partition("=")
        if equals:
            found[name] = cut(word, len(name) + 1)
    return found


def _ports(source: Source, instruction: Instruction, environment: Mapping[str, Word]) -> list[int]:
    ports: list[int] = []
    for word in _words(source, instruction):
        match = _PORT.fullmatch(expand(word, environment).text)
        if match:
            first, last = int(match[1]), int(match[2] or match[1])
            ports += range(first, min(last, first + _MAX_RANGE) + 1)
    return [port for port in ports if port <= 0xFFFF]


def _copied(source: Source, instruction: Instruction) -> list[str]:
    """The repository paths that are copied in: seen from the Dockerfile's folder, and a longer one from the root."""
    words = json_words(instruction, source.path) or _words(source, instruction)
    if any(word.text.startswith("--from") for word in words):
        return []
    sources = [word.text for word in words if not word.text.startswith("--")][:-1]
    found: list[str] = []
    for text in sources:
        path = text.removeprefix("./").strip("/")
        if not path or path == "." or "://" in path or "$" in path or ".." in path.split("/") or "<<" in path:
            continue
        if source.folder:
            found.append(f"{source.folder}/{path}")
        if not source.folder or "/" in path:
            found.append(path)
    return found


def _command(source: Source, instruction: Instruction, start: int = 0) -> _Command:
    words = json_words(instruction, source.path, start)
    if words is not None:
        return _Command(words)
    at = instruction.offsets[start] if start < len(instruction.offsets) else instruction.end
    return _Command([], made(instruction.text[start:], instruction.offsets[start:], source.path, at))


def _health(source: Source, instruction: Instruction) -> _Command | None:
    match = re.compile(r"(?:--\S+\s+)*(CMD|NONE)\b\s*", re.IGNORECASE).match(instruction.text)
    if match is None or match[1].upper() == "NONE":
        return None
    return _command(source, instruction, match.end())


def _facts(source: Source, stage: _Stage, name: str, knowledge: Knowledge) -> Iterator[Fact]:
    identity = f"{source.path}#{name}"
    yield Container(
        site=stage.site,
        id=identity,
        name=stage.name or source.path,
        origin="dockerfile",
        image=stage.image.text,
        ports=tuple(dict.fromkeys(stage.ports)),
        files=tuple(dict.fromkeys(stage.files)),
        command=stage.command.site if stage.command else None,
    )
    context = Context(knowledge, identity, stage.environment, image=stage.image.text)
    yield from environment.bindings(stage.environment, identity)
    yield from dict.fromkeys([*_runs(stage, context), *images.told(stage.image.text, context)])
    if stage.health is not None:
        yield from _checks(stage.health, context)


def _runs(stage: _Stage, context: Context) -> Iterator[Fact]:
    entrypoint, command = stage.entrypoint, stage.command
    exec_form = replace(context, joint=_EXEC)
    if entrypoint is not None and entrypoint.shell is not None:
        yield from _shell(stage, entrypoint.shell, context)
        return
    words = list(entrypoint.words) if entrypoint is not None else []
    if command is not None:
        words += _as_words(command)
        if not words:
            return
        if entrypoint is None or not entrypoint.words:
            if command.shell is not None:
                yield from _shell(stage, command.shell, context)
            else:
                yield from images.run(stage.image, words, exec_form)
            return
    if words and images.takes(stage.image.text, words, context.knowledge):
        yield from images.run(stage.image, words, exec_form)
    elif words:
        yield from run(words, exec_form)
    elif entrypoint is None:
        yield from images.run(stage.image, None, context)


def _shell(stage: _Stage, text: Word, context: Context) -> Iterator[Fact]:
    """A shell text; where it starts the image's own program in the end, that has the image's defaults."""
    last = next(iter(word_commands(text)[-1:]), [])
    if last and last[0].text == "exec":
        last = last[1:]
    if last and images.takes(stage.image.text, last, context.knowledge):
        yield from images.run(stage.image, [Word("sh", text.site), Word("-c", text.site), text], context)
    else:
        yield from shell(text, context)


def _as_words(command: _Command) -> list[Word]:
    """The words that Docker runs for it: the shell form is given to `sh -c`."""
    if command.shell is None:
        return command.words
    return [Word("sh", command.shell.site), Word("-c", command.shell.site), command.shell]


def _checks(command: _Command, context: Context) -> Iterator[Fact]:
    yield from check(_as_words(command), context)
