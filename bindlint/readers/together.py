"""What only many Python files together say: who speaks of a name, and which files a program consists of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bindlint.facts import Absorbed, Program
from bindlint.readers.python import imports
from bindlint.source import Site, Span, is_test

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from bindlint.facts import Launch, Reading

_SUFFIXES = (".py", ".pyw")
MAX_PROGRAMS = 200  # of one project


def speaks(path: str) -> bool:
    """Whether a file counts among those that speak of a name: Python, but no test."""
    return path.endswith(_SUFFIXES) and not is_test(path)


def mentions(
    wanted: Iterable[tuple[str, str]], paths: Iterable[str], read: Callable[[str], bytes | None]
) -> dict[tuple[str, str], tuple[str, ...]]:
    """For each pair of a name and its module, the files of the project that hold both words, but for its tests."""
    pairs = sorted(set(wanted))
    words = sorted({word for pair in pairs for word in pair})
    found: dict[tuple[str, str], list[str]] = {pair: [] for pair in pairs}
    for path in sorted(filter(speaks, paths)):
        data = read(path)
        if data is None:
            continue
        held = {word for word in words if word.encode() in data}
        for name, module in pairs if held else ():
            if name in held and (module in held or not module):
                found[name, module].append(path)
    return {pair: tuple(files) for pair, files in found.items()}


def programs(launches: Iterable[Launch], paths: AbstractSet[str], read: Callable[[str], bytes | None]) -> list[Program]:
    """The programs of a project that something starts; those of Python with the files of it that they import."""
    names = {name.rpartition("/")[2] for launch in launches for name in launch.files}
    texts: dict[str, str | None] = {}

    def text(path: str) -> str | None:
        if path not in texts:
            data = read(path)
            texts[path] = None if data is None else data.decode("utf-8", "replace")
        return texts[path]

    def files(path: str) -> frozenset[str]:
        return imports.program(path, text, paths.__contains__) if path.endswith(_SUFFIXES) else frozenset({path})

    started = [path for path in sorted(paths) if path.rpartition("/")[2] in names][:MAX_PROGRAMS]
    return [Program(Site(path, Span(0, 0)), files(path)) for path in started]


def stating(readings: Mapping[str, Reading]) -> list[Reading]:
    """The readings whose facts count, in the order of their paths: not those of files that are part of another's.

    The project of the most files speaks for them all; what it speaks for makes nothing else its part.
    """
    parts = {
        path: {fact.path for fact in reading.facts if isinstance(fact, Absorbed)} - {path}
        for path, reading in readings.items()
    }
    spoken: set[str] = set()
    for path in sorted((path for path in parts if parts[path]), key=lambda path: (-len(parts[path]), path)):
        if path not in spoken:
            spoken |= parts[path]
    return [reading for path, reading in sorted(readings.items()) if path not in spoken]
