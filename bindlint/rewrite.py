"""Putting new bytes in the place of a file's: all or none, and only where nothing has changed since it was read.

Nothing is followed: neither a link, nor a folder that is one. A file of several names (hard links) is left alone: to
replace one name would part them.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from typing import TYPE_CHECKING

from bindlint.errors import BindlintError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC
_FAULT = 255  # no number of an error


class UnwrittenError(BindlintError):
    """A file was left as it was; the message says why."""


def replace(root: Path, path: str, before: bytes, after: bytes) -> None:
    """Write `after` where `before` stands, with the same mode, atomically; raise `UnwrittenError` if it cannot be.

    `path` is relative to the root. The new bytes are on the disk before the old ones are gone (fsync(2), rename(2)).
    """
    try:
        with _folder(root, path) as folder:
            name = path.rpartition("/")[2]
            with _opened(name, _READ, folder) as old:
                status = os.fstat(old)
                _check(status, _content(old), before)
            _put(folder, name, status, after)
    except OSError as error:
        raise UnwrittenError(f"not written: {error.strerror}") from None


def _put(folder: int, name: str, status: os.stat_result, after: bytes) -> None:
    """Make a file that has no name until it is whole, and give it the old one's."""
    temporary = f".bindlint-{secrets.token_hex(8)}"
    with _nameless(folder, temporary) as new:
        os.fchmod(new, stat.S_IMODE(status.st_mode))
        if (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
            with contextlib.suppress(OSError):
                os.fchown(new, status.st_uid, status.st_gid)
        view = memoryview(after)
        while view:
            view = view[os.write(new, view) :]
        os.fsync(new)
        _apart(lambda: _exchange(new, folder, temporary, name, status))
    os.fsync(folder)


def _apart(act: Callable[[], None]) -> None:
    """Act in a process of its own session, which ends what it began even when this one is killed."""
    child = os.fork()
    if child == 0:
        code = _FAULT
        try:
            os.setsid()
            act()
            code = 0
        except OSError as error:
            code = error.errno or _FAULT
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code == errno.ESTALE:
        raise UnwrittenError("not written: it changed meanwhile")
    if code:
        raise OSError(code, os.strerror(code) if 0 < code < _FAULT else "it failed")


def _exchange(new: int, folder: int, temporary: str, name: str, status: os.stat_result) -> None:
    """Give the new file the old one's name, unless the old one is no longer what it was."""
    try:
        _name(new, folder, temporary)
        now = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if (now.st_ino, now.st_dev, now.st_mtime_ns) != (status.st_ino, status.st_dev, status.st_mtime_ns):
            raise OSError(errno.ESTALE, "it changed")  # noqa: TRY301 - one place cleans up for all
        os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary, dir_fd=folder)
        raise


def _check(status: os.stat_result, content: bytes, before: bytes) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise UnwrittenError("not written: no regular file")
    if status.st_nlink != 1:
        raise UnwrittenError("not written: it has several names (hard links)")
    if content != before:
        raise UnwrittenError("not written: it changed since it was read")


@contextlib.contextmanager
def _nameless(folder: int, temporary: str) -> Iterator[int]:
    """A new file without a name where the file system can, so that nothing stays behind when we are killed."""
    flags = os.O_WRONLY | os.O_CLOEXEC
    try:
        handle = os.open(".", flags | os.O_TMPFILE, 0o600, dir_fd=folder)
    except (AttributeError, OSError):  # no Linux, or a file system that cannot
        handle = os.open(temporary, flags | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=folder)
    try:
        yield handle
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary, dir_fd=folder)
        raise
    finally:
        os.close(handle)


def _name(handle: int, folder: int, temporary: str) -> None:
    """Give a nameless file a name (open(2), O_TMPFILE); one that has a name keeps it."""
    if os.fstat(handle).st_nlink == 0:
        os.link(f"/proc/self/fd/{handle}", temporary, dst_dir_fd=folder, follow_symlinks=True)


@contextlib.contextmanager
def _folder(root: Path, path: str) -> Iterator[int]:
    """The folder of a path, reached through no link below the root."""
    handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in path.split("/")[:-1]:
            inner = os.open(part, _FOLDER, dir_fd=handle)
            os.close(handle)
            handle = inner
        yield handle
    finally:
        os.close(handle)


@contextlib.contextmanager
def _opened(name: str, flags: int, folder: int) -> Iterator[int]:
    handle = os.open(name, flags, dir_fd=folder)
    try:
        yield handle
    finally:
        os.close(handle)


def _content(handle: int) -> bytes:
    chunks = []
    while chunk := os.read(handle, 1 << 20):
        chunks.append(chunk)
    return b"".join(chunks)
