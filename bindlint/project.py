"""The files of a project: which there are, what is in them, and what that adds up to as a digest."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from bindlint import discover
from bindlint.errors import UnreadableError
from bindlint.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet
    from pathlib import Path


class Project:
    """The files below a root, of which those that were given, or kept, are not read from the disk."""

    def __init__(self, root: Path | None = None, paths: Iterable[str] = ()) -> None:
        """Give the folder, None for files that are all in memory, and the paths in it."""
        self.root = root
        self.paths: AbstractSet[str] = frozenset(paths)
        self.digests: dict[str, str] = {}  # as far as they are known
        self._data: dict[str, bytes] = {}

    @cached_property
    def folders(self) -> dict[str, tuple[str, ...]]:
        """The paths of each folder, sorted."""
        found: dict[str, list[str]] = defaultdict(list)
        for path in sorted(self.paths):
            found[path.rpartition("/")[0]].append(path)
        return {folder: tuple(names) for folder, names in found.items()}

    def give(self, path: str, data: bytes) -> None:
        """Put a file there, in place of what was under its path."""
        if path not in self.paths:
            self.paths = self.paths | {path}
            self.__dict__.pop("folders", None)
        self._data[path] = data
        self.digests.pop(path, None)

    def keep(self, path: str, data: bytes) -> None:
        """Remember the bytes that were read: places in facts are places in these."""
        self._data[path] = data

    def kept(self, path: str) -> bool:
        """Whether the bytes of a file are in memory."""
        return path in self._data

    def read(self, path: str) -> bytes | None:
        """The bytes of a file, None where there is nothing to read; raises `UnreadableError`."""
        if path in self._data or self.root is None or path not in self.paths:
            return self._data.get(path)
        return discover.read(self.root, path)

    def data(self, path: str) -> bytes | None:
        """The bytes of a file, None for one that is not there or cannot be read."""
        try:
            return self.read(path)
        except UnreadableError:  # said where the file itself is read
            return None

    def open(self, path: str) -> Source | None:
        """The text of a file, for a reading that depends on it."""
        data = self.data(path)
        if data is None:
            return None
        if path not in self.digests:
            self.digests[path] = digest(data)
        try:
            return Source.decode(path, data)
        except UnreadableError:
            return None

    def digest(self, path: str) -> str:
        """What the bytes of a file add up to, "" for one that cannot be read."""
        if path not in self.digests:
            data = self.data(path)
            self.digests[path] = "" if data is None else digest(data)
        return self.digests[path]


class Texts(Mapping[str, Source]):
    """The texts of a project's files by path, each opened when it is asked for; none for what cannot be read."""

    def __init__(self, project: Project) -> None:
        """Give the project."""
        self._project = project
        self._opened: dict[str, Source | None] = {}

    def add(self, source: Source) -> None:
        """Add a text that is no file of the project."""
        if self.get(source.path) is None:
            self._opened[source.path] = source

    def __getitem__(self, path: str) -> Source:
        if path not in self._opened:
            self._opened[path] = self._project.open(path)
        source = self._opened[path]
        if source is None:
            raise KeyError(path)
        return source

    def __iter__(self) -> Iterator[str]:
        return (path for path, source in self._opened.items() if source is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def digest(data: bytes) -> str:
    """What bytes add up to; a stranger wrote them, so it has to be a digest that nobody can aim at."""
    return hashlib.sha256(data).hexdigest()
