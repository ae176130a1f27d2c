"""The project around a command line: scripts of its `package.json`, imports of its Python scripts. Nothing is run.

Source: docs.npmjs.com/cli/commands/npm-run: a script is a shell text; what stands behind `--` is added to its end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bindlint.errors import UnreadableError
from bindlint.readers import layout

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bindlint.facts import Word
    from bindlint.source import Files, Source

MAX_LENGTH = 200_000  # characters of a package.json, or of a Python script
MAX_MODULES = 20  # of the project that a script imports
_IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+([\w.]+)", re.MULTILINE)


@dataclass(frozen=True)
class Packages:
    """Where a command line is given: the folders of the repository that its files may lie in, best first."""

    files: Files
    folders: tuple[str, ...]

    def script(self, name: str, below: str = "") -> Word | None:
        """A script by its name, as it is written; None when there is none."""
        for folder in self.folders:
            path = layout.within(folder, f"{below}/package.json" if below else "package.json")
            source = self.files.get(path) if path else None
            if source is not None:
                return _script(source, name)
        return None

    def imports(self, script: str) -> frozenset[str]:
        """The modules that a Python script imports, by itself or through the modules of the project beside it."""
        source = self._python(script)
        if source is None:
            return frozenset()
        found = set(_modules(source))
        for module in sorted(found)[:MAX_MODULES]:
            for name in (f"{module.replace('.', '/')}.py", f"{module.replace('.', '/')}/__init__.py"):
                path = layout.within(source.folder, name)
                if path and (other := self.files.get(path)) is not None:
                    found.update(_modules(other))
        return frozenset(found)

    def _python(self, name: str) -> Source | None:
        """A script by the name that a container or a host has for it."""
        parts = name.removeprefix("./").lstrip("/").split("/")
        for start in range(min(len(parts), layout.MAX_FOLDERS)):
            for folder in self.folders:
                path = layout.within(folder, "/".join(parts[start:]))
                if path and (source := self.files.get(path)) is not None:
                    return source
        return None


def around(source: Source) -> Packages:
    """For command lines that are given where their file lies, or in a folder above it."""
    return Packages(source.files, tuple(layout.above(source.folder)))


def _modules(source: Source) -> list[str]:
    return _IMPORT.findall(source.text) if len(source.text) <= MAX_LENGTH else []


def _script(source: Source, name: str) -> Word | None:
    from bindlint.readers import yamltree  # noqa: PLC0415 - lazy: a parser costs start-up time
    from bindlint.readers.commands.words import made  # noqa: PLC0415 - which start what this finds

    if len(source.text) > MAX_LENGTH:
        return None
    try:
        documents: Iterable[yamltree.Node] = list(yamltree.documents(source))  # JSON is YAML, and this one has places
    except UnreadableError:
        return None
    for document in documents:
        node = yamltree.get(document, "scripts", name)
        text = yamltree.text(node)
        if node is not None and text:
            site = yamltree.inside(source, node)
            return made(text, yamltree.offsets(source, node), source.path, site.span.start)
    return None
