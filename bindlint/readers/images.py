"""What a container of a well-known image listens on and guards, by the image's row."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from bindlint.facts import Fact, Known, Listener, Word
from bindlint.knowledge.commands import Command
from bindlint.readers.commands import listeners, options, programs
from bindlint.readers.commands.programs import Context

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bindlint.knowledge import Knowledge
    from bindlint.knowledge.images import Image


def family(image: str, knowledge: Knowledge) -> Image | None:
    """The family of an image reference (`registry/repository:tag@digest`), the row with tags and the longest name first."""
    repository, tag = reference(image)
    found: tuple[tuple[bool, int], Image] | None = None
    for row in knowledge.images:
        if row.tags and not any(fnmatchcase(tag, glob) for glob in row.tags):
            continue
        for glob in row.names:
            rank = (bool(row.tags), len(glob.replace("*", "")))
            if fnmatchcase(repository, glob) and (found is None or rank > found[0]):
                found = rank, row
    return found[1] if found else None


def reference(image: str) -> tuple[str, str]:
    """The repository without its registry and `library/`, and the tag ("latest" when none is written)."""
    name = image.strip().partition("@")[0]
    head, slash, rest = name.partition("/")
    if slash and ("." in head or ":" in head or head == "localhost" or "$" in head):
        name = rest
    folder, slash, last = name.rpartition("/")
    last, _, tag = last.partition(":")
    return f"{folder}{slash}{last}".removeprefix("library/").lower(), tag or "latest"


def takes(image: str, words: Sequence[Word], knowledge: Knowledge) -> bool:
    """Whether these words, given as the command, are arguments of the image's own program (`--auth`, `mongod --auth`)."""
    row = family(image, knowledge)
    if row is None or not words:
        return row is not None
    if words[0].text.startswith("-"):
        return True
    found = programs.find(words, knowledge) if row.program else None
    return found is not None and found[0] is knowledge.commands.get(row.program)


def run(image: Word, arguments: Sequence[Word] | None, context: Context) -> Iterator[Fact]:
    """What a container of that image runs, with these arguments instead of its own; nothing for an unknown image.

    Arguments that name another program than the image's own are that program's command line.
    """
    row = family(image.text, context.knowledge)
    words = list(arguments or ())
    if words and not takes(image.text, words, context.knowledge):
        yield from programs.run(words, context)
        return
    if row is None:
        return
    program = context.knowledge.commands.get(row.program)
    stated: list[Fact] = []
    if program is not None and words:
        named = programs.find(words, context.knowledge) if not words[0].text.startswith("-") else None
        behind = words if named is None else [*words[1 : named[2]], *words[named[2] + 1 :]]
        stated = list(programs.program(program, image.site, behind, context))
    else:
        behind = words
    yield from _merged(row, program, stated, image, behind, context)


def _merged(
    row: Image, program: Command | None, stated: list[Fact], image: Word, behind: Sequence[Word], context: Context
) -> Iterator[Fact]:
    """What the command line states, and the image's own listeners and guards where it states nothing."""
    reader = program or Command(names=(), software=row.software, source=row.source, openings=row.openings)
    arguments = options.parse(reader, behind, context.environment, row.guards)
    head = listeners.Head(image.site, row.software, context.container, context.certain)
    said: set[str] = set()
    for fact in stated:
        if isinstance(fact, Listener):
            if fact.address.known is Known.DEFAULT:
                continue
            said.add(fact.role)
            fact = replace(fact, software=row.software)  # noqa: PLW2901 - the family's name, valkey rather than redis
        elif getattr(fact, "name", None) in {guard.name for guard in row.guards}:
            continue
        yield fact
    yield from (one for one in listeners.openings(row.openings, arguments, head) if one.role not in said)
    yield from listeners.guards(row.guards, arguments, _configured(head, program, arguments), complete=context.complete)


def _configured(head: listeners.Head, program: Command | None, arguments: options.Arguments) -> listeners.Head:
    """The same program, knowing whether a configuration file is named."""
    named = program is not None and any(True for _ in programs.configuration(program, arguments))
    return replace(head, configured=named)


__all__ = ["Context", "family", "reference", "run", "takes"]
