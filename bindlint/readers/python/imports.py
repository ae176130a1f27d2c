"""Which files of a project a Python file imports, by its import statements alone: cheap enough for whole programs.

Imports are resolved on the project's own paths, never on this machine's: as Python does for a program that is started
beside the file, or in one of the folders around it (docs.python.org, reference/import.html).
"""

from __future__ import annotations

import re
import sys
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_PROGRAM = 400  # files of one program that are followed
_STATEMENT = re.compile(
    r"^[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import[ \t]+(\([^()]*\)|[^\n;#(]*)|import[ \t]+([^\n;#]*))", re.MULTILINE
)
_SETTINGS = re.compile(r"DJANGO_SETTINGS_MODULE[\"'], ?[\"']([\w.]+)")


def roots(folder: str, has: Callable[[str], bool], *, packages: bool = True) -> Iterator[str]:
    """The folders in which an absolute import may begin, likeliest first: a package's own folder comes last, if at all.

    Only a script that is started beside its package's files finds them there.
    """
    around = [folder]
    while folder:
        folder = folder.rpartition("/")[0]
        around.append(folder)
    inside = [path for path in around if has(join(path, "__init__.py"))]
    for path in [path for path in around if path not in inside]:
        yield path
        yield join(path, "src")
    if packages:
        yield from inside


def join(folder: str, name: str) -> str:
    """The path of a name in a folder, which may be the project's own."""
    return f"{folder}/{name}" if folder else name


def program(start: str, read: Callable[[str], str | None], has: Callable[[str], bool]) -> frozenset[str]:
    """The files of the project that run when a file is started: itself, and what it imports, at most `MAX_PROGRAM`."""
    found = {start}
    waiting = deque([start])
    while waiting:
        path = waiting.popleft()
        text = read(path)
        for other in imported(text, path, has) if text is not None else ():
            if other not in found and len(found) < MAX_PROGRAM:
                found.add(other)
                waiting.append(other)
    return frozenset(found)


def imported(text: str, path: str, has: Callable[[str], bool]) -> Iterator[str]:
    """The files of the project that the import statements of a file name, packages on the way among them."""
    folder = path.rpartition("/")[0]
    for name in _names(text):
        plain = name.lstrip(".")
        parts = [part for part in plain.split(".") if part]
        dots = len(name) - len(plain)
        if dots:
            base: str | None = folder
            for _ in range(dots - 1):
                base = base.rpartition("/")[0] if base else None
            if base is not None:
                yield from _along(base, parts, has)
        elif parts and parts[0] not in sys.stdlib_module_names:
            yield from next((files for root in roots(folder, has) if (files := [*_along(root, parts, has)])), [])


def _names(text: str) -> Iterator[str]:
    for match in _STATEMENT.finditer(text):
        module, members, modules = match.groups()
        if modules is not None:
            yield from (part.split()[0] for part in modules.split(",") if part.strip())
            continue
        yield module
        for line in members.strip("() \t").splitlines():
            for part in line.partition("#")[0].split(","):
                if word := part.split():
                    yield f"{module}{word[0]}" if module.endswith(".") else f"{module}.{word[0]}"
    yield from (match[1] for match in _SETTINGS.finditer(text))


def _along(folder: str, parts: list[str], has: Callable[[str], bool]) -> Iterator[str]:
    """The files that importing a dotted name in a folder runs."""
    for part in parts:
        module, folder = join(folder, f"{part}.py"), join(folder, part)
        if has(inner := join(folder, "__init__.py")):  # a package comes before a module of its name
            yield inner
        elif has(module):
            yield module
            return
    if not parts and has(inner := join(folder, "__init__.py")):
        yield inner
