"""One reading made, and what it depends on: the same bytes say the same while all that was told of others holds."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bindlint import codec, readers
from bindlint.errors import KnowledgeError, UnreadableError
from bindlint.facts import Problem, Reading
from bindlint.project import digest
from bindlint.source import Composed, Files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bindlint.knowledge import Knowledge
    from bindlint.project import Project

_LOG = logging.getLogger("bindlint")


@dataclass(frozen=True)
class Elsewhere:
    """What only all files together tell: which files speak of a name and its module, how compose projects start."""

    mentions: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    composed: Mapping[str, tuple[Composed, ...]] = field(default_factory=dict)

    def mentioned(self, pair: tuple[str, str]) -> str:
        """The files that speak of a pair as a digest, "" where nobody has searched."""
        return digest("\0".join(self.mentions[pair]).encode("utf-8", "surrogatepass")) if pair in self.mentions else ""

    def started(self, first: str) -> str:
        """The ways in which a compose project is started as a digest, "" for none."""
        ways = self.composed.get(first, ())
        return digest(json.dumps([codec.encode(way) for way in ways]).encode()) if ways else ""


@dataclass(frozen=True, slots=True)
class Told:
    """What a reading was told of the rest of its project.

    Paths that were `absent` and `there`; the digests of the files that were `opened`, and of the listings of `folders`;
    those of the answers about names (`mentions`) and about compose projects (`started`).
    """

    absent: frozenset[str] = frozenset()
    there: frozenset[str] = frozenset()
    opened: frozenset[tuple[str, str]] = frozenset()
    folders: frozenset[tuple[str, str]] = frozenset()
    mentions: frozenset[tuple[str, str, str]] = frozenset()
    started: frozenset[tuple[str, str]] = frozenset()

    def holds(self, project: Project, elsewhere: Elsewhere) -> bool:
        """Whether it would be told the same."""
        return (
            self.there <= project.paths
            and self.absent.isdisjoint(project.paths)
            and all(_listing(project, folder) == listing for folder, listing in self.folders)
            and all(elsewhere.mentioned((name, module)) == answer for name, module, answer in self.mentions)
            and all(elsewhere.started(first) == answer for first, answer in self.started)
            and all(project.digest(path) == data for path, data in self.opened)
        )

    def asked(self) -> frozenset[str]:
        """All paths that were asked for, as `Reading.asked`."""
        opened = {path for path, _ in self.opened}
        return frozenset(self.absent | self.there | opened | {f"{folder}/" for folder, _ in self.folders})


@dataclass(frozen=True, slots=True)
class Made:
    """A reading, and what it depends on besides its own path and bytes."""

    reading: Reading
    told: Told = Told()

    def lean(self) -> Made:
        """Without what its reading says again of what it was told."""
        return replace(self, reading=replace(self.reading, asked=frozenset(), wanted=frozenset()))

    def whole(self) -> Made:
        """With it."""
        wanted = frozenset((name, module) for name, module, answer in self.told.mentions if not answer)
        return replace(self, reading=replace(self.reading, asked=self.told.asked(), wanted=wanted))


def make(path: str, data: bytes, knowledge: Knowledge, project: Project, elsewhere: Elsewhere) -> Made:
    """Read one file. A fault of a reader costs that file only."""
    files = Files(project.paths, project.open, elsewhere.mentions, project.folders, elsewhere.composed)
    try:
        reading = readers.read(path, data, knowledge, files)
    except KnowledgeError:
        raise
    except UnreadableError as error:
        reading = Reading(path, problems=(Problem(path, error.reason, error.line),))
    except Exception as error:  # noqa: BLE001 - whatever it is, the other files are still read
        _LOG.debug("reading %s", path, exc_info=True)
        reading = failed(path, f"{type(error).__name__}: {error}")
    return Made(reading, _told(files, project, elsewhere))


def failed(path: str, how: str) -> Reading:
    """The reading of a file that bindlint could not make."""
    return Reading(path, problems=(Problem(path, f"bindlint failed on this file ({how})", internal=True),))


def _told(files: Files, project: Project, elsewhere: Elsewhere) -> Told:
    folders = {path[:-1] for path in files.asked if path.endswith("/")}
    names = {path for path in files.asked - files.opened if not path.endswith("/")}
    pairs = files.heard | files.wanted
    return Told(
        absent=frozenset(names - project.paths),
        there=frozenset(names & project.paths),
        opened=frozenset((path, project.digest(path)) for path in files.opened),
        folders=frozenset((folder, _listing(project, folder)) for folder in folders),
        mentions=frozenset((name, module, elsewhere.mentioned((name, module))) for name, module in pairs),
        started=frozenset((first, elsewhere.started(first)) for first in files.started),
    )


def _listing(project: Project, folder: str) -> str:
    return _joined(project.folders.get(folder, ()))


def _joined(paths: Iterable[str]) -> str:
    return digest("\0".join(paths).encode("utf-8", "surrogatepass"))
