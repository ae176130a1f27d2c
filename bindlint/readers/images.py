"""What a container of a well-known image listens on and guards, by the image's row."""

from __future__ import annotations

import re
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from bindlint.facts import Fact, Guard, Known, Listener, Word
from bindlint.knowledge.commands import Command
from bindlint.readers.commands import listeners, options, programs, word_commands
from bindlint.readers.commands.launches import launch, program_name
from bindlint.readers.commands.programs import Context
from bindlint.readers.commands.references import reference

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bindlint.knowledge import Knowledge
    from bindlint.knowledge.images import Image

_SHELLS = frozenset({"sh", "bash", "ash", "dash"})
_TEXT = re.compile(r"-[a-z]*c")


def family(image: str, knowledge: Knowledge) -> Image | None:
    """The family of an image (registry/repository:tag@digest): a row with tags first, then the longest name."""
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


def takes(image: str, words: Sequence[Word], knowledge: Knowledge) -> bool:
    """Whether these words, given as the command, go to the image's own program (`--auth`, `mongod --auth`).

    Of a shell text (`sh -c "sleep 5; mongod --auth"`) it is the last command that counts.
    """
    row = family(image, knowledge)
    last = _last(words) if row is not None else words
    return row is not None and (not last or _behind(row, last, knowledge) is not None)


def _last(words: Sequence[Word]) -> Sequence[Word]:
    """The last command of a shell text, without `exec`; the words themselves when they are none."""
    if len(words) < 3 or program_name(words[0].text) not in _SHELLS or not _TEXT.fullmatch(words[1].text):
        return words
    commands = word_commands(words[2])
    found = commands[-1] if commands else []
    return (found[1:] if found and found[0].text == "exec" else found) or words


def _behind(row: Image, words: Sequence[Word], knowledge: Knowledge) -> list[Word] | None:
    """The words behind the program's name when they start the image's own program; None when they start another."""
    if not words or words[0].text.startswith("-"):
        return list(words)
    if program_name(words[0].text) in row.starts:
        return list(words[1:])
    program = knowledge.commands.get(row.program)
    if program is not None and words[0].text in {name.partition(" ")[2] for name in program.names}:
        return list(words[1:])  # `server /data` for an image that begins with `minio`
    found = programs.find(words, knowledge) if row.program else None
    if found is None or found[0] is not program:
        return None
    return [*words[1 : found[1] or 1], *words[found[1] + 1 :]]


def run(image: Word, arguments: Sequence[Word] | None, context: Context) -> Iterator[Fact]:
    """What a container of that image runs, with these arguments instead of its own; nothing for an unknown image.

    Arguments that start another program are that program's command line. One that nothing is known of, or a shell text
    that does not name the image's software, is taken to start that software in the end.
    """
    row = family(image.text, context.knowledge)
    words = list(arguments or ())
    if row is None:
        yield from programs.run(words, context)
        return
    behind = _behind(row, words, context.knowledge)
    if behind is not None:
        behind = [*programs.more(row.more, context), *behind]
    program = context.knowledge.commands.get(row.program)
    if behind is not None:
        stated: list[Fact] = []
        if program is not None:
            given = options.parse(program, behind, context.environment)
            stated = list(programs.program(program, image.site, given, context))
            if program.outranks and any(_spoken(fact) for fact in stated):  # counts before the file that lies there
                yield launch([Word(row.program, image.site), *behind], context.container, outranks=True)
        yield from _merged(row, program, stated, image, behind, context)
        return
    stated = list(programs.run(words, context))
    listens = [fact for fact in stated if isinstance(fact, (Listener, Guard))]
    named = any(fact.software in {row.software, program.software if program else ""} for fact in listens)
    if listens and not named:
        yield from stated
        return
    yield from _merged(row, program, stated, image, (), replace(context, complete=context.complete and named))


def _spoken(fact: Fact) -> bool:
    return isinstance(fact, Listener) and fact.address.known is not Known.DEFAULT


def told(image: str, context: Context) -> Iterator[Fact]:
    """What the variables of a container say by themselves, whatever it runs: KAFKA_LISTENERS, FLASK_RUN_HOST.

    Those of the image's own family are left out: `run` reads them.
    """
    own = family(image, context.knowledge)
    arguments = options.Arguments(environment=context.environment)
    for software, opening in context.knowledge.telling_openings:
        if own is not None and own.software == software:
            continue
        place = next(
            (context.environment[name] for name in opening.address.environment if name in context.environment), None
        )
        if place is not None:
            head = listeners.Head(place.site, software, context.container, context.certain)
            found = listeners.openings((opening,), arguments, head)
            yield from (one for one in found if one.address.known is not Known.DEFAULT)


def _merged(
    row: Image, program: Command | None, stated: list[Fact], image: Word, behind: Sequence[Word], context: Context
) -> Iterator[Fact]:
    """What the command line states, and the image's own listeners and guards where it states nothing."""
    reader = program or Command(names=(), software=row.software, source=row.source, openings=row.openings)
    arguments = options.parse(reader, behind, context.environment, row.guards)
    named = program is not None and programs.configured(program, arguments)
    head = listeners.Head(image.site, row.software, context.container, context.certain)
    own = list(listeners.openings(row.openings, arguments, head))
    named = named or _touched(row.mounts, context.mounts)
    guards = list(listeners.guards(row.guards, arguments, replace(head, configured=named), complete=context.complete))
    said: set[str] = set()
    assumed = {one.role for one in own}
    for fact in stated:
        if isinstance(fact, Listener):
            if fact.address.known is Known.DEFAULT and fact.role in assumed:
                continue
            said.add(fact.role)
            yield replace(fact, software=row.software)  # the family's name: valkey-server in an image of redis
        elif isinstance(fact, Guard):
            if fact.site == image.site or any(guard.name == fact.name and guard.on for guard in guards):
                continue  # a default of the program, where the image has its own
            guards = [guard for guard in guards if guard.name != fact.name]
            yield replace(fact, software=row.software)
        else:
            yield fact
    yield from (one for one in own if one.role not in said)
    yield from guards


def _touched(paths: Sequence[str], mounts: Sequence[str]) -> bool:
    """Whether something lies at one of these paths of the container, in it or around it."""
    around = [f"{mount.rstrip('/')}/" for mount in mounts]
    return any(f"{path}/".startswith(mount) or mount.startswith(f"{path}/") for path in paths for mount in around)


__all__ = ["Context", "family", "reference", "run", "takes", "told"]
