"""What a program starts: `sh -c "…"`, `sudo -u www …`, `python -m …`, `tini -- …`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from bindlint.readers.commands import options

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bindlint.facts import Word
    from bindlint.knowledge.commands import Command, Wrapping


class How(Enum):
    """How the inner words are to be read."""

    COMMAND = "a command line"
    TEXT = "one word that holds shell text"
    SCRIPT = "a file that the program executes, and its arguments"
    MODULE = "a Python module, and its arguments"


@dataclass(frozen=True, slots=True)
class Started:
    """What is started, as words."""

    how: How
    words: list[Word]


def started(row: Command, behind: Sequence[Word], environment: Mapping[str, Word]) -> Iterator[Started]:
    """What the words behind a wrapper's name start, in order."""
    wraps = row.wraps
    if wraps is None:
        return
    if wraps.after:
        at = next((i for i, word in enumerate(behind) if word.text == wraps.after), None)
        if at is not None:
            yield Started(How.COMMAND, list(behind[at + 1 :]))
        return
    arguments = options.parse(row, behind, environment, until=wraps.skip)
    everything = options.parse(row, behind, environment) if wraps.skip else arguments
    module = next((o for flag in (*wraps.module, *wraps.program) for o in arguments.given(flag)), None)
    code = next((o for flag in wraps.code for o in arguments.given(flag)), None)
    if (text := _text(wraps, everything)) is not None:
        yield Started(How.TEXT, [text])
    elif module is not None and module.values and (code is None or _first(module, code, behind)):
        how = How.COMMAND if wraps.program else How.MODULE
        yield Started(how, [module.values[-1], *_after(behind, module.values[-1])])
    elif module is not None or code is not None or wraps.program:
        return
    elif wraps.texts:
        yield from _texts(list(arguments.words))
    elif arguments.words:
        yield Started(How.SCRIPT if wraps.script else How.COMMAND, list(arguments.words))


def _texts(rest: list[Word]) -> Iterator[Started]:
    for word in rest:
        if " " in word.text:
            yield Started(How.TEXT, [word])
    if rest and " " not in rest[0].text:
        yield Started(How.COMMAND, rest)


def _first(module: options.Option, code: options.Option, behind: Sequence[Word]) -> bool:
    """Whether `-m module` comes before a `-c`, which is then one of the module's own options."""
    return bool(code.values) and len(_after(behind, module.values[-1])) > len(_after(behind, code.values[-1]))


def _after(behind: Sequence[Word], module: Word) -> Sequence[Word]:
    """The words behind the module's name; it may be written as one word with its option (`-mflask`)."""
    end = module.site.span.end
    at = next((i for i, word in enumerate(behind) if word is module or word.site.span.end == end), len(behind) - 1)
    return behind[at + 1 :]


def _text(wraps: Wrapping, arguments: options.Arguments) -> Word | None:
    """The shell text behind `-c`, also when the option is one of a cluster (`-lc`, `-euxc`)."""
    for flag in wraps.text:
        for option in arguments.given(flag):
            if option.values:
                return option.values[-1]
        letter = flag.removeprefix("-")
        if len(letter) > 1:
            continue
        for option in arguments.options:
            if option.name.startswith("-") and not option.name.startswith("--") and option.name.endswith(letter):
                return next(iter([*arguments.others, *arguments.words]), None) if not option.values else None
    return None
