"""Where a project's readings come from: kept ones that still hold, else made here, or by processes where that pays."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bindlint import readers
from bindlint.errors import UnreadableError
from bindlint.facts import Problem
from bindlint.making import Elsewhere, make
from bindlint.project import digest
from bindlint.speakers import Speakers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bindlint.facts import Reading
    from bindlint.knowledge import Knowledge
    from bindlint.making import Made
    from bindlint.memo import Memo
    from bindlint.pool import Pool
    from bindlint.project import Project

PATIENCE = 0.25  # seconds of work that is done here before processes are started for the rest
MAX_JOBS = 8  # of those that nobody asked for


def processors() -> int:
    """How many processes run at once here, at most `MAX_JOBS`."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(count, MAX_JOBS)


class Workshop:
    """Makes the readings of one project."""

    def __init__(self, knowledge: Knowledge, project: Project, place: Path | None = None, jobs: int = 1) -> None:
        """Give the folder of the cache, None for none, and how many processes there may be."""
        self._knowledge = knowledge
        self._project = project
        self._jobs = jobs
        self._spent = 0.0
        self._memo: Memo | None = None
        self._pool: Pool | None = None
        if place is not None and project.root is not None:
            from bindlint.memo import Memo  # noqa: PLC0415 - what is not kept needs no SQLite

            self._memo = Memo(place, knowledge, project)
        self.speakers = self._memo.speakers if self._memo is not None else Speakers()

    def readings(
        self, paths: Sequence[str], elsewhere: Elsewhere | None = None, *, look: bool = False
    ) -> Iterator[tuple[str, Reading | Problem | None]]:
        """What each file says, in any order; None for one that states nothing, a problem for one that is not read.

        `look` first whether files are what they were when they were read for the last time.
        """
        elsewhere = elsewhere or Elsewhere()
        if look and self._memo is not None:
            self._memo.look(paths)
        waiting = 0
        for index, path in enumerate(paths):
            try:
                found = self._unopened(path, elsewhere)
                data = None if found else self._project.read(path)
                if not found and data is not None:
                    found = self._opened(path, data, elsewhere)
            except UnreadableError as error:
                yield path, Problem(path, error.reason, error.line)
                continue
            if found or data is None:
                yield path, found[0] if found else None
            elif not self._shares(len(paths) - index):
                yield path, self._make(path, data, elsewhere)
            elif not readers.states(path, data, self._knowledge):
                yield path, self._finished(path, None)
            else:
                self._project.keep(path, data)
                waiting += 1
                yield from self._shared(path, data, elsewhere)
        if self._pool is not None and waiting:
            for path, made in self._pool.rest():
                yield path, self._finished(path, made)
            for path, data in self._pool.left():
                yield path, self._make(path, data, elsewhere)

    def _unopened(self, path: str, elsewhere: Elsewhere) -> tuple[Reading | None] | None:
        """What is known of a file without opening it, unless facts point into it; None if nothing is."""
        if self._memo is None or path not in self._project.digests:
            return None
        if self._memo.silent(path):
            return (None,)
        reading = self._memo.find(path, elsewhere)
        if reading is None:
            return None
        if (reading.facts or reading.ignores) and not self._project.kept(path):
            data = self._project.read(path)
            if data is None or digest(data) != self._project.digests[path]:  # just now
                del self._project.digests[path]
                return None
            self._project.keep(path, data)
        return (reading,)

    def _opened(self, path: str, data: bytes, elsewhere: Elsewhere) -> tuple[Reading | None] | None:
        """What is known of these bytes; None if nothing is."""
        if self._memo is None:
            return None
        self._project.digests[path] = digest(data)
        if self._memo.silent(path):
            return (self._finished(path, None),)
        reading = self._memo.find(path, elsewhere)
        if reading is None:
            return None
        self._project.keep(path, data)
        return (reading,)

    def _make(self, path: str, data: bytes, elsewhere: Elsewhere) -> Reading | None:
        """Make a reading here."""
        start = time.perf_counter()
        made = make(path, data, self._knowledge, self._project, elsewhere)
        self._spent += time.perf_counter() - start
        if made.reading.relevant:
            self._project.keep(path, data)
        return self._finished(path, made)

    def _finished(self, path: str, made: Made | None) -> Reading | None:
        if self._memo is not None:
            self._memo.keep(path, made)
        return made.reading if made is not None and made.reading.relevant else None

    def _shares(self, left: int) -> bool:
        """Whether processes make the rest; from when on they are worth their start."""
        worth = self._jobs > 1 and self._spent >= PATIENCE and left > self._jobs
        if self._pool is None and worth and sys.executable and isinstance(self._knowledge.root, Path):
            from bindlint.pool import Pool  # noqa: PLC0415 - most runs need none

            self._pool = Pool(self._jobs, self._knowledge, self._project)
        return self._pool is not None

    def _shared(self, path: str, data: bytes, elsewhere: Elsewhere) -> Iterator[tuple[str, Reading | None]]:
        """Give a file to the processes, and take what they have finished."""
        assert self._pool is not None
        for other, made in self._pool.put(path, data, elsewhere):
            yield other, self._finished(other, made)

    def save(self) -> None:
        """Keep what was made, for the next run."""
        if self._memo is not None:
            self._memo.save()

    def close(self) -> None:
        """End the processes; from here on everything is made here."""
        self._jobs = 1
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()
