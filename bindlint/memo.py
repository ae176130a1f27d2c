"""Which kept readings hold still: those of the same bytes, under the same tables and code, told the same of others.

A file whose status is what it was is not even opened. A reading is one of a few under its name, since the same bytes
are read several times in a scan, each time with more known of the rest of the project.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bindlint
from bindlint import codec, discover
from bindlint.cache import Cache, Row
from bindlint.facts import Reading
from bindlint.making import Made, Told
from bindlint.speakers import Speakers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from importlib.resources.abc import Traversable

    from bindlint.knowledge import Knowledge
    from bindlint.making import Elsewhere
    from bindlint.project import Project

MAX_VARIANTS = 4  # of the readings of one file
_PARSERS = {"libcst": "libcst-", "yaml": "pyyaml-"}  # a module, and what its folder of metadata begins with


class Memo:
    """The readings of one project that need not be made again, and those that were made, to keep."""

    def __init__(self, place: Path, knowledge: Knowledge, project: Project) -> None:
        """Open the cache in a folder, for a project on disk."""
        root = project.root or Path()
        self._project = project
        self._program = program(knowledge)
        self._name = _name(self._program, str(root.resolve()))
        self._cache = Cache(place, root)
        rows, entries, speakers = self._cache.project(self._name)
        self._rows = {row.path: row for row in rows}
        self._old_speakers = speakers
        self.speakers = Speakers.restored(_json(speakers) if speakers else None)
        self._entries = entries
        self._variants: dict[str, list[Any]] = {}
        self._stamps: dict[str, str] = {}
        self._new: dict[str, Row] = {}
        self._made: set[str] = set()  # names of readings to keep

    def look(self, paths: Iterable[str]) -> None:
        """Look at the status of files: the digests of those that have not changed are known."""
        for path, stamp in discover.stamps(self._project.root or Path(), paths):
            self._stamps[path] = stamp
            row = self._rows.get(path)
            if row is not None and row.stamp == stamp:
                self._project.digests[path] = row.digest

    def silent(self, path: str) -> bool:
        """Whether a file is known, unopened, to state nothing."""
        row = self._rows.get(path)
        return row is not None and not row.reading and self._project.digests.get(path) == row.digest

    def find(self, path: str, elsewhere: Elsewhere) -> Reading | None:
        """The reading of a file, if it holds."""
        name = self._reading(path)
        for variant in self._known(name):
            try:
                encoded, others = variant
                told = codec.decode(Told, others)
                if not told.holds(self._project, elsewhere):
                    continue
                reading = codec.decode(Reading, encoded)
            except (ValueError, TypeError):
                continue
            if reading.path == path:
                self._note(path, name)
                return Made(reading, told).whole().reading
        return None

    def keep(self, path: str, made: Made | None) -> None:
        """Remember what a file says; None for one that states nothing. What bindlint failed on is tried again."""
        if made is None or not made.reading.relevant:
            self._note(path, "")
        elif not any(problem.internal for problem in made.reading.problems):
            name = self._reading(path)
            self._variants[name] = [codec.encode(made.lean()), *self._known(name)][:MAX_VARIANTS]
            self._made.add(name)
            self._note(path, name)

    def _note(self, path: str, reading: str) -> None:
        if stamp := self._stamps.get(path):
            row = Row(path, stamp, self._project.digests[path], reading)
            if self._rows.get(path) != row:
                self._rows[path] = self._new[path] = row

    def _reading(self, path: str) -> str:
        return _name(self._program, path, self._project.digest(path))

    def _known(self, name: str) -> list[Any]:
        if name not in self._variants:
            text = self._entries[name] if name in self._entries else self._cache.entry(name)
            found = _json(text or "[]")
            self._variants[name] = found if isinstance(found, list) else []
        return self._variants[name]

    def save(self) -> None:
        """Write what is new."""
        speakers = json.dumps(self.speakers.state())
        if self._new or self._made or speakers != self._old_speakers or self._cache.old:
            texts = {name: json.dumps(self._variants[name], separators=(",", ":")) for name in self._made}
            here = [row for path, row in self._rows.items() if path in self._project.paths]
            anew = len(self._rows) > 2 * len(self._project.paths)  # most are gone
            self._cache.save(self._name, here if anew else self._new.values(), texts, speakers, all_=anew)
        self._cache.close()


def program(knowledge: Knowledge) -> str:
    """What makes readings, as a digest: this version, its code, the tables, Python and the parsers."""
    parts = hashlib.sha256(f"{bindlint.__version__} {sys.version}\n".encode())
    for module, begin in _PARSERS.items():
        spec = find_spec(module)
        beside = os.path.dirname(os.path.dirname(spec.origin)) if spec is not None and spec.origin else ""  # noqa: PTH120
        with contextlib.suppress(OSError):
            names = sorted(name for name in os.listdir(beside) if name.lower().startswith(begin))  # noqa: PTH208
            parts.update(" ".join(names).encode("utf-8", "surrogateescape"))
    for top in (resources.files(bindlint), knowledge.root):
        for file in _files(top):
            data = file.read_bytes()
            parts.update(f"{file.name} {len(data)}\n".encode() + data)
    return parts.hexdigest()


def _files(folder: Traversable) -> Iterator[Traversable]:
    """The modules and tables below a folder, by name."""
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.name.endswith((".py", ".toml")):
            yield entry
        elif "." not in entry.name and entry.name != "__pycache__" and entry.is_dir():
            yield from _files(entry)


def _name(*parts: str) -> str:
    """A name that says nothing to who cannot guess its parts, and that no other parts have."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _json(text: str) -> Any:  # noqa: ANN401 - whatever it holds
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
