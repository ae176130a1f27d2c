"""Readings kept between runs: a SQLite file in the user's cache directory, of JSON only, that everyone can do without.

Whatever is wrong with it (locked, read-only, broken, a full disk) costs its user time, never a finding and never an
error. It holds what strangers' repositories say, so nobody else may read it, and none that lies in the scanned tree is
used: a pull request could bring one along, in which all is well.
"""

from __future__ import annotations

import contextlib
import logging
import os
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping

_LOG = logging.getLogger("bindlint")
MAX_BYTES = 256 * 1024 * 1024  # what was used least recently goes first
MAX_ENTRY = 8_000_000  # characters of one file's readings
_NAME = "readings.sqlite"
_APPLICATION, _VERSION = 0x62696E64, 1  # "bind", and the tables below
_DAY = 24 * 60 * 60
_PATIENCE = 2.0  # seconds that another run may keep the file locked
_TABLES = """\
create table projects (
    id integer primary key, name text unique not null, used integer not null, speakers text not null
);
create table files (
    project integer not null, path blob not null, stamp text not null, digest text not null, reading text not null,
    primary key (project, path)
) without rowid;
create table readings (name text primary key, used integer not null, entry text not null);
create index readings_used on readings (used);
"""
# What may be over the next time; everything else that SQLite says means that the file is not ours, or broken.
_PASSING = ("locked", "busy", "readonly", "read-only", "full", "disk i/o", "unable to open", "permission")


class Row(NamedTuple):
    """A file as it was: the digest of its bytes while its status has this stamp, and the name of its reading, or ""."""

    path: str
    stamp: str
    digest: str
    reading: str


def folder(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Where the user's cache is; None where there is to be none: a CI job begins with an empty one, for nothing.

    XDG Base Directory Specification: `$XDG_CACHE_HOME`, which must be absolute, else `~/.cache`.
    """
    if named := environment.get("BINDLINT_CACHE_DIR"):
        return Path(os.path.abspath(named))  # noqa: PTH100 - Path.resolve would follow links
    if environment.get("CI"):
        return None
    base = environment.get("XDG_CACHE_HOME", "")
    home = environment.get("HOME", "")
    return next((Path(one) / "bindlint" for one in (base, home and f"{home}/.cache") if one.startswith("/")), None)


class Cache:
    """The readings in a folder, for the scan of one root. No method of it raises."""

    def __init__(self, place: Path, root: Path) -> None:
        """Open it, or make it anew where it is none of ours."""
        self._base: sqlite3.Connection | None = None
        self._place = place
        self.old = False  # the project was not used for a day
        for _ in range(2):
            with self._careful():
                self._base = _opened(place, root)
            if self._base is not None:
                break

    @contextlib.contextmanager
    def _careful(self) -> Iterator[None]:
        """Do without from here on if anything is wrong; remove a file that will never be right."""
        try:
            import sqlite3  # noqa: PLC0415 - not every Python has it
        except ImportError:
            return
        try:
            yield
        except (sqlite3.Error, OSError, ValueError, MemoryError) as error:
            _LOG.debug("cache %s: %s", self._place, error)
            self.close()
            broken = isinstance(error, (sqlite3.Error, ValueError))
            if broken and not any(word in str(error).lower() for word in _PASSING):
                _remove(self._place)

    def close(self) -> None:
        """Let go of the file."""
        base, self._base = self._base, None
        if base is not None:
            base.close()

    def project(self, name: str) -> tuple[list[Row], dict[str, str], str]:
        """What is known of a project: its files, their readings by name, and who speaks of what."""
        rows: list[Row] = []
        entries: dict[str, str] = {}
        speakers = ""
        with self._careful():
            if self._base is None:
                return [], {}, ""
            query = "select id, used, speakers from projects where name = ?"
            for number, used, text in self._base.execute(query, [name]).fetchall():
                speakers, self.old = _text(text), used < time.time() - _DAY
                query = "select path, stamp, digest, reading, entry from files left join readings on name = reading"
                for path, *texts, entry in self._base.execute(f"{query} where project = ?", [number]):
                    row = Row(os.fsdecode(path), *map(_text, texts))
                    rows.append(row)
                    if entry is not None:
                        entries[row.reading] = _text(entry)
            return rows, entries, speakers
        return [], {}, ""

    def entry(self, name: str) -> str | None:
        """The readings kept under a name."""
        with self._careful():
            if self._base is not None:
                found = self._base.execute("select entry from readings where name = ?", [name]).fetchone()
                return None if found is None else _text(found[0])
        return None

    def save(self, project: str, rows: Iterable[Row], entries: Mapping[str, str], speakers: str, *, all_: bool) -> None:
        """Keep all this in one transaction. `all_`: the rows are all that there is of the project."""
        with self._careful():
            if self._base is None:
                return
            base, now = self._base, int(time.time())
            base.execute("begin immediate")
            base.execute(
                "insert into projects (name, used, speakers) values (?, ?, ?)"
                " on conflict (name) do update set used = excluded.used, speakers = excluded.speakers",
                [project, now, speakers],
            )
            (number,) = base.execute("select id from projects where name = ?", [project]).fetchone()
            if all_:
                base.execute("delete from files where project = ?", [number])
            base.executemany(
                "insert or replace into files values (?, ?, ?, ?, ?)",
                ((number, os.fsencode(row.path), *row[1:]) for row in rows),
            )
            kept = ((name, now, entry) for name, entry in entries.items() if len(entry) <= MAX_ENTRY)
            base.executemany("insert or replace into readings values (?, ?, ?)", kept)
            used = (
                "update readings set used = ? where used < ? and name in (select reading from files where project = ?)"
            )
            base.execute(used, [now, now - _DAY, number])
            _shrink(base, number)
            base.execute("commit")
            base.executescript("pragma incremental_vacuum")  # `execute` would free one page


def _text(value: object) -> str:
    if type(value) is not str:
        raise ValueError("expected a text")
    return value


def _opened(place: Path, root: Path) -> sqlite3.Connection | None:
    """A connection to the file, with its tables; None where nothing may be kept."""
    import sqlite3  # noqa: PLC0415 - a run without cache does not need it

    real, top = os.path.realpath(place), os.path.realpath(root)
    if real == top or real.startswith(top.rstrip("/") + "/"):
        return None
    os.makedirs(real, mode=0o700, exist_ok=True)  # noqa: PTH103 - beside the other calls of os
    status = os.stat(real)  # noqa: PTH116
    if status.st_uid != os.geteuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        _LOG.debug("cache %s: others may write there", place)
        return None
    path = Path(real) / _NAME
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_RDWR, 0o600))
    status = os.lstat(path)
    if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
        path.unlink()
        raise sqlite3.DatabaseError("no file of ours")
    if status.st_mode & 0o077:
        os.chmod(path, 0o600)  # noqa: PTH101
    base = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
    try:
        _prepare(base, fresh=status.st_size == 0)
    except BaseException:
        base.close()
        raise
    return base


def _prepare(base: sqlite3.Connection, *, fresh: bool) -> None:
    """Set the connection up; make the tables where the file is fresh, else raise unless they are ours."""
    import sqlite3  # noqa: PLC0415

    base.execute("pragma trusted_schema = off")
    if fresh:
        base.execute("pragma auto_vacuum = incremental")
        base.execute("begin immediate")
        if _number(base, "application_id") == 0:  # else another run was faster
            for statement in _TABLES.split(";\n"):
                base.execute(statement)
            base.execute(f"pragma application_id = {_APPLICATION}")
            base.execute(f"pragma user_version = {_VERSION}")
        base.execute("commit")
    if (_number(base, "application_id"), _number(base, "user_version")) != (_APPLICATION, _VERSION):
        raise sqlite3.DatabaseError("no file of ours")


def _number(base: sqlite3.Connection, pragma: str) -> int:
    (value,) = base.execute(f"pragma {pragma}").fetchone()
    return int(value)


def _shrink(base: sqlite3.Connection, current: int) -> None:
    """Drop what was used least recently until the rest fits, with room for a while."""

    def size() -> int:
        return (_number(base, "page_count") - _number(base, "freelist_count")) * _number(base, "page_size")

    if size() <= MAX_BYTES:
        return
    while size() > MAX_BYTES * 3 // 4:
        oldest = base.execute("select id from projects where id <> ? order by used limit 1", [current]).fetchone()
        for table in ("files where project", "projects where id") if oldest else ():
            base.execute(f"delete from {table} = ?", oldest)  # noqa: S608 - words of ours
        (many,) = base.execute("select count(*) from readings").fetchone()
        base.execute(
            "delete from readings where name in (select name from readings order by used limit ?)", [many // 8 + 1]
        )
        if not oldest and not many:
            base.execute("delete from files")
            base.execute("delete from projects")
            return


def _remove(place: Path) -> None:
    """Remove the file, what SQLite keeps beside it first: a journal must not meet another file."""
    for ending in ("-journal", "-wal", "-shm", ""):
        with contextlib.suppress(OSError):
            (place / f"{_NAME}{ending}").unlink()
