"""Which files there are, and their bytes; without ever leaving the root, following a link or opening what is no file.

In a work tree the list is git's (tracked, and untracked but not ignored), asked for with everything switched off that a
hostile repository configuration could make git run. Elsewhere it is an iterative walk.
"""

from __future__ import annotations

import os
import stat
import subprocess
import time
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

from bindlint.errors import UnreadableError, UsageError
from bindlint.facts import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MAX_BYTES = 2_000_000
MAX_HOSTS_BYTES = 20_000_000  # lists of what to block are hosts files of some 100,000 lines
MAX_PYTHON_BYTES = 1_000_000
_MARGIN = 2_000_000_000  # nanoseconds: FAT counts in two seconds, other file systems finer
_SETTINGS = ("core.fsmonitor=false", "core.hooksPath=/dev/null", "core.untrackedCache=false")
_GIT = ("git", *(word for setting in _SETTINGS for word in ("-c", setting)), "--no-optional-locks")
# Folders that hold other people's code or version control, never walked into unless named.
SKIPPED_FOLDERS = frozenset(
    {
        ".git", ".hg", ".svn", ".venv", "venv", "node_modules", "site-packages", "__pycache__", ".tox", ".nox", ".eggs",
        ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".idea", ".vscode", ".terraform",
    }
)  # fmt: skip
# Endings of files that no reader has a word for; everything else is looked at.
SKIPPED_ENDINGS = frozenset(
    """
    .png .jpg .jpeg .gif .ico .webp .svg .bmp .tif .tiff .pdf .psd .mp3 .mp4 .ogg .wav .avi .mov .webm .woff .woff2 .ttf
    .otf .eot .zip .gz .tgz .bz2 .xz .zst .7z .tar .jar .war .whl .egg .so .o .a .dll .dylib .exe .bin .pyc .pyo .class
    .js .mjs .cjs .jsx .ts .tsx .css .scss .sass .less .html .htm .md .rst .map .lock .po .mo .pot .csv .tsv .parquet .h
    .c .cc .cpp .hpp .hh .go .rs .java .kt .scala .rb .php .pl .pm .swift .m .cs .fs .vb .lua .r .jl .hs .ml .ex .exs
    .erl .sql .db .sqlite .sqlite3 .ipynb .svelte .vue .out .log .pem .crt .key .pub .snap .wasm .npy .npz .pkl .pickle
    .s .S
    """.split()  # noqa: SIM905 - a list of one word a line is harder to read
)


@dataclass(frozen=True, slots=True)
class Listing:
    """The files to look at: paths relative to `root`, sorted.

    `focus` are those that were asked for, as files or as folders ("" is everything); the others are context.
    """

    root: Path
    paths: tuple[str, ...]
    focus: tuple[str, ...]
    problems: tuple[Problem, ...] = field(default=())

    def focused(self, path: str) -> bool:
        """Whether a path was asked for."""
        return any(not f or path == f or path.startswith(f + "/") for f in self.focus)


def discover(paths: Sequence[str], exclude: Sequence[str] = (), *, force_exclude: bool = False) -> Listing:
    """List what a scan of these paths looks at; raise `UsageError` for a path that is not there or lies elsewhere.

    The root is the work tree that holds the first path, or else that folder itself. `exclude` are globs on paths
    relative to the root; they do not hide files that are named, unless `force_exclude`.
    """
    given = [Path(os.path.abspath(p)) for p in (paths or ["."])]  # noqa: PTH100 - Path.resolve would follow links
    for path, text in zip(given, paths or ["."], strict=True):
        if not os.path.lexists(path):
            raise UsageError(f"{text}: no such file or directory")
    first = given[0] if given[0].is_dir() else given[0].parent
    top = _work_tree(first)
    root = top or Path(os.path.commonpath([p if p.is_dir() else p.parent for p in given]))
    focus = []
    for path, text in zip(given, paths or ["."], strict=True):
        real = Path(os.path.realpath(path.parent)) / path.name if top else path
        try:
            inside = real.relative_to(root).as_posix()
        except ValueError:
            raise UsageError(f"{text}: not inside {root}; scan one project at a time") from None
        focus.append("" if inside == "." else inside)
    problems: list[Problem] = []
    if top:
        listed = _git_files(root)
    elif any(path.is_dir() for path in given):
        listed = _walk(root, "", problems)
    else:  # files alone, in no work tree: what lies beside them is their context, folders below (a home?) are not
        listed = (path for name in focus for path in _beside(root, name))
    found = {path for path in listed if not _excluded(path, exclude)}
    for name in focus:
        here = root / name
        if name in found or (not name) or (force_exclude and _excluded(name, exclude)):
            continue
        if here.is_dir() and not here.is_symlink():
            if not any(p.startswith(name + "/") for p in found):  # ignored by git, but asked for by name
                found |= set(_walk(root, name, problems))
        else:
            found.add(name)
    return Listing(root, tuple(sorted(found)), tuple(focus), tuple(problems))


def _limit(path: str) -> int:
    if path.endswith((".py", ".pyi", ".pyw")):
        return MAX_PYTHON_BYTES
    return MAX_HOSTS_BYTES if path.rpartition("/")[2].lower() in ("hosts", "hosts.txt") else MAX_BYTES


def read(root: Path, path: str) -> bytes | None:
    """The bytes of a regular file inside the root; None for a link, which is read under its own name.

    Raises `UnreadableError` for anything that is no regular file, is too large, or cannot be opened.
    """
    limit = _limit(path)
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        if _leaves(root, path):
            raise UnreadableError("reached through a link to a folder: not followed")
        handle = os.open(root / path, flags)
    except FileNotFoundError:
        return None  # deleted in the work tree, still in git's index
    except OSError as error:
        link = os.path.islink(root / path)  # noqa: PTH114 - never raises, whatever the name
        if link and _inside(root, path):
            return None
        raise UnreadableError(
            "a link that leaves the root: not followed" if link else f"cannot be opened: {error.strerror}"
        ) from None
    try:
        status = os.fstat(handle)
        if stat.S_ISDIR(status.st_mode):
            return None  # a submodule
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableError("not a regular file: not opened")
        if status.st_size > limit:
            raise UnreadableError(f"larger than {limit} bytes: not read")
        chunks, total = [], 0
        while chunk := os.read(handle, 1 << 20):
            total += len(chunk)
            if total > limit:
                raise UnreadableError(f"larger than {limit} bytes: not read")
            chunks.append(chunk)
        return b"".join(chunks)
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror}") from None
    finally:
        os.close(handle)


def stamps(root: Path, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """What the status of each regular file says that was not changed just now: the same stamp, the same bytes.

    As git does for its index, with the time of change (ctime) too, which nobody can set. A file changed within the
    margin may change again without a later time (git-scm.com, "racy git"): it has none.
    """
    latest = time.time_ns() - _MARGIN
    linked: dict[str, bool] = {"": False}
    for path in paths:
        folder = path.rpartition("/")[0]
        try:
            status = os.lstat(f"{root}/{path}")
        except OSError:
            continue
        if folder not in linked:
            linked[folder] = _leaves(root, path)
        regular = stat.S_ISREG(status.st_mode) and not linked[folder]
        if regular and status.st_mtime_ns < latest and status.st_ctime_ns < latest:
            yield path, (f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino} {status.st_dev}")


def relevant(path: str) -> bool:
    """Whether any reader can have a word for a file of this name."""
    name = path.rpartition("/")[2]
    dot = name.rfind(".")
    if dot <= 0 or name.lower().startswith(("dockerfile", "containerfile")):
        return True
    return name[dot:].lower() not in SKIPPED_ENDINGS


def _inside(root: Path, path: str) -> bool:
    real = os.path.realpath(root / path)
    top = os.path.realpath(root)
    return real == top or real.startswith(top + os.sep)


def _leaves(root: Path, path: str) -> bool:
    """Whether a folder on the way is a link."""
    folder = path.rpartition("/")[0]
    while folder:
        if os.path.islink(root / folder):  # noqa: PTH114 - no Path objects for 100,000 files
            return True
        folder = folder.rpartition("/")[0]
    return False


def _excluded(path: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch(path, p) or fnmatch(path, f"{p.rstrip('/')}/*") or fnmatch(path, f"*/{p}") for p in patterns)


def _work_tree(folder: Path) -> Path | None:
    out = _git(folder, "rev-parse", "--show-toplevel")
    return Path(os.fsdecode(out.rstrip(b"\n"))) if out else None


def _git_files(root: Path) -> Iterator[str]:
    out = _git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in (out or b"").split(b"\0"):
        if name:
            yield os.fsdecode(name)


def _git(folder: Path, *arguments: str) -> bytes | None:
    """What git prints, or None where there is no git or no work tree."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | {"GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program; the folder is its working directory, not an argument
            [*_GIT, *arguments], cwd=folder, env=environment, capture_output=True, check=False, stdin=subprocess.DEVNULL
        )
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def _beside(root: Path, path: str) -> Iterator[str]:
    """The files in the folder of a file."""
    folder = path.rpartition("/")[0]
    for entry in os.scandir(root / folder):
        if not entry.is_dir(follow_symlinks=False):
            yield f"{folder}/{entry.name}" if folder else entry.name


def _walk(root: Path, start: str, problems: list[Problem]) -> Iterator[str]:
    """Files below a folder, without recursion and without following links."""
    pending = [start]
    while pending:
        folder = pending.pop()
        try:
            entries = list(os.scandir(root / folder if folder else root))
        except OSError as error:
            problems.append(Problem(folder or ".", f"folder cannot be listed: {error.strerror}"))
            continue
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in SKIPPED_FOLDERS:
                    pending.append(path)
            else:
                yield path
