"""Dockerfiles: each stage is a container in waiting, which runs its ENTRYPOINT and CMD."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from bindlint.facts import Container, Fact, Problem, Word
from bindlint.readers import environment, images, layout, packages
from bindlint.readers.commands import Context, check, run, shell
from bindlint.readers.commands.launches import launch
from bindlint.readers.instructions import instructions
from bindlint.readers.stages import Stages, repository

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bindlint.knowledge import Knowledge
    from bindlint.readers.parts import Part
    from bindlint.readers.stages import Command, Stage
    from bindlint.source import Source

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
_ARGUMENTS = re.compile(r"\$[@*]|\$\{[@*]")  # what a script does with its arguments as a whole
_EXEC = '", "'  # what stands between two words of the exec form


def claims(path: str, _data: bytes, _knowledge: Knowledge) -> bool:
    """Dockerfile, Containerfile, Dockerfile.prod, web.Dockerfile, by name."""
    name = path.rpartition("/")[2]
    return bool(_NAME.fullmatch(name)) and not name.lower().endswith(_NOT_ONE)


def gate(data: bytes, _knowledge: Knowledge) -> bool:
    """Whether there is a stage at all."""
    return bool(_FROM.search(data))


def read(source: Source, knowledge: Knowledge) -> Iterable[Fact | Problem | Part]:
    """A container for each stage, and what runs in it."""
    stages = Stages(source)
    complained = False
    for instruction in instructions(source):
        if instruction.keyword == "FROM" and len(stages.all) >= MAX_STAGES:
            yield Problem(source.path, f"more than {MAX_STAGES} stages", source.line(instruction.start), partial=True)
            break
        if instruction.keyword in _KEYWORDS:
            stages.tell(instruction)
        elif not complained:
            complained = True
            line = source.line(instruction.start)
            yield Problem(source.path, "not a Dockerfile instruction", line, partial=True)
    for index, stage in enumerate(stages.all):
        last = index == len(stages.all) - 1
        yield from _facts(source, stage, "" if last else stage.name or str(index), knowledge)


def _facts(source: Source, stage: Stage, name: str, knowledge: Knowledge) -> Iterator[Fact | Part]:
    identity = f"{source.path}#{name}"
    contexts = layout.above(source.folder)  # all of one is copied: nobody says for what
    yield Container(
        site=stage.site,
        id=identity,
        name=stage.name or source.path,
        origin="dockerfile",
        image=stage.image.text,
        ports=tuple(dict.fromkeys(stage.ports)),
        files=tuple(dict.fromkeys(path for _, path in stage.copies if path not in contexts)),
        copies=tuple(stage.copies),
        workdir=stage.workdir,
        command=stage.command.site if stage.command else None,
    )
    folders = [path.rpartition("/")[0] for path in repository(stage, "package.json")] or layout.above(source.folder)
    context = Context(
        knowledge,
        identity,
        stage.environment,
        image=stage.image.text,
        mounts=tuple(dict.fromkeys(place for place, _ in stage.copies)),
        packages=packages.Packages(source.files, tuple(folders)),
    )
    yield from environment.bindings(stage.environment, identity)
    yield from dict.fromkeys([*_runs(source, stage, context), *images.told(stage.image.text, context)])
    yield from (one.part(source, identity) for one in stage.written)
    if stage.health is not None:
        yield from _checks(stage.health, context)


def _runs(source: Source, stage: Stage, context: Context) -> Iterator[Fact]:
    entrypoint, command = stage.entrypoint, stage.command
    if entrypoint is not None and entrypoint.words and _passes(source, stage, entrypoint) is False:
        yield launch([*entrypoint.words, *(_as_words(command) if command is not None else ())], context.container)
        return
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


def _passes(source: Source, stage: Stage, entrypoint: Command) -> bool | None:
    """Whether the script that an ENTRYPOINT starts runs what it is given; None when the script is not to be seen."""
    for path in repository(stage, entrypoint.words[0].text):
        script = source.files.get(path)
        if script is not None and script.text.startswith("#!"):
            return _ARGUMENTS.search(script.text) is not None
    return None


def _shell(stage: Stage, text: Word, context: Context) -> Iterator[Fact]:
    """A shell text; where it starts the image's own program in the end, that has the image's defaults."""
    words = [Word("sh", text.site), Word("-c", text.site), text]
    if images.takes(stage.image.text, words, context.knowledge):
        yield from images.run(stage.image, words, context)
    else:
        yield from shell(text, context)


def _as_words(command: Command) -> list[Word]:
    """The words that Docker runs for it: the shell form is given to `sh -c`."""
    if command.shell is None:
        return command.words
    return [Word("sh", command.shell.site), Word("-c", command.shell.site), command.shell]


def _checks(command: Command, context: Context) -> Iterator[Fact]:
    yield from check(_as_words(command), context)
