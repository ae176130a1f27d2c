"""Readers turn one file of one format into facts. Adding a format is adding a module here, and a line to READERS."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from bindlint.errors import UnreadableError
from bindlint.facts import Fact, Problem, Reading
from bindlint.readers import ignores
from bindlint.readers.parts import Part
from bindlint.readers.together import mentions, programs, speaks, stating
from bindlint.source import Files, Source

__all__ = ["READERS", "Reader", "kind", "mentions", "programs", "read", "speaks", "states", "stating"]

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bindlint.knowledge import Knowledge


class Reader(Protocol):
    """The shape of a reader module. A reader states facts; it never judges and never touches the file system."""

    def claims(self, path: str, data: bytes, knowledge: Knowledge) -> bool:
        """Whether this file is ours to read: by its name, and by a cheap look at its bytes; never a parse."""
        ...

    def gate(self, data: bytes, knowledge: Knowledge) -> bool:
        """Whether a claimed file can state any fact at all (a sound, cheap search for words)."""
        ...

    def read(self, source: Source, knowledge: Knowledge) -> Iterable[Fact | Problem | Part]:
        """The facts of one file, in source order; `UnreadableError` ends the file, what came before it is kept."""
        ...


# Readers by name, in the order in which they are asked; the first that claims a file reads it. A module is imported
# when it is first asked: a hook that looks at one Python file must not pay for YAML, nor the other way round.
READERS = {
    "python": "bindlint.readers.python",
    "dockerfile": "bindlint.readers.dockerfile",
    "workflows": "bindlint.readers.workflows",
    "compose": "bindlint.readers.compose",
    "hosts": "bindlint.readers.hosts",
    "servers": "bindlint.readers.grammars",
    "kubernetes": "bindlint.readers.kubernetes",
    "quadlet": "bindlint.readers.quadlet",
    "shell": "bindlint.readers.shell",
    "makefile": "bindlint.readers.makefile",
    "provision": "bindlint.readers.provision",
    "justfile": "bindlint.readers.justfile",
}


def _claimed(path: str, data: bytes, knowledge: Knowledge, among: Iterable[str] = READERS) -> tuple[str, Reader | None]:
    """The first reader that claims a file, with its name."""
    for name in among:
        module = READERS[name]
        reader = cast("Reader", import_module(module))
        if reader.claims(path, data, knowledge):
            return name, reader
    return "", None


def kind(path: str, data: bytes, knowledge: Knowledge) -> str:
    """The name of the reader that a file is read by, "" for none."""
    return _claimed(path, data, knowledge)[0]


def read(path: str, data: bytes, knowledge: Knowledge, files: Files | None = None) -> Reading:
    """Everything one file says, given the others that it may depend on; never raises for what is in it."""
    files = files or Files()
    reading = _read(path, data, knowledge, files)
    return replace(reading, asked=frozenset(files.asked), wanted=frozenset(files.wanted))


def _whole(facts: Iterable[Fact | Problem | Part], knowledge: Knowledge) -> Iterator[Fact | Problem]:
    """The facts, those of each part as stated of the file that it stands in."""
    for fact in facts:
        if not isinstance(fact, Part):
            yield fact
            continue
        data = fact.text.encode("utf-8", "replace")
        _, reader = _claimed(fact.name, data, knowledge, fact.readers)
        if reader is None or not reader.gate(data, knowledge):
            continue
        try:
            for one in fact.heeded(reader.read(Source(fact.name, fact.text), knowledge)):
                yield fact.placed(one)
        except UnreadableError as error:
            yield fact.placed(Problem(fact.name, error.reason, error.line))


def states(path: str, data: bytes, knowledge: Knowledge) -> bool:
    """Whether a file can state anything: a reader claims it, and its gate lets it through."""
    _, reader = _claimed(path, data, knowledge)
    return reader is not None and reader.gate(data, knowledge)


def _read(path: str, data: bytes, knowledge: Knowledge, files: Files) -> Reading:
    _, reader = _claimed(path, data, knowledge)
    if reader is None or not reader.gate(data, knowledge):
        return Reading(path, relevant=False)
    facts: list[Fact] = []
    problems: list[Problem] = []
    try:
        source = replace(Source.decode(path, data), files=files)
        for fact in _whole(reader.read(source, knowledge), knowledge):
            (problems if isinstance(fact, Problem) else facts).append(fact)  # type: ignore[arg-type]
    except UnreadableError as error:
        problems.append(Problem(path, error.reason, error.line, partial=bool(facts)))
        return Reading(path, tuple(facts), tuple(problems))
    except (RecursionError, MemoryError) as error:
        problems.append(Problem(path, f"too deeply nested to read ({type(error).__name__})", partial=bool(facts)))
        return Reading(path, tuple(facts), tuple(problems))
    return Reading(path, tuple(facts), tuple(problems), tuple(ignores.scan(source)))
