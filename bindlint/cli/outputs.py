"""Writing reports to files that the command line names: whole or not at all, and never through a link.

A stranger's pull request may have put a link where the report is to go.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from typing import TYPE_CHECKING

from bindlint.config import closest
from bindlint.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence


def parse(text: str, formats: Sequence[str]) -> tuple[str, str]:
    """`FORMAT=FILE` as its two parts."""
    format_, equals, path = text.partition("=")
    if format_ not in formats:
        raise UsageError(
            f"--output: expected FORMAT=FILE, FORMAT one of {', '.join(formats)}{closest(format_, formats)}"
        )
    if not equals or not path:
        raise UsageError(f"--output {format_}: expected {format_}=FILE")
    folder = os.path.dirname(path) or "."  # noqa: PTH120 - the text as given, not made absolute
    if not os.path.isdir(folder):  # noqa: PTH112
        raise UsageError(f"--output {text}: there is no folder {folder}")
    if not path.startswith("/") and ".." not in path.split("/") and _leads_out(folder):
        raise UsageError(f"--output {text}: {folder} is a link out of this folder; name the folder that is meant")
    return format_, path


def _leads_out(folder: str) -> bool:
    """Whether a folder written as one below the working directory is somewhere else."""
    here, real = os.path.realpath(os.curdir), os.path.realpath(folder)
    return real != here and not real.startswith(here.rstrip("/") + "/")


def write(path: str, text: str) -> None:
    """Put the text in a new file and the file in its place; write straight into what is no file (`/dev/stdout`)."""
    data = text.encode("utf-8", "backslashreplace")
    try:
        if _is_stream(path):
            with open(path, "wb") as stream:  # noqa: PTH123
                stream.write(data)
            return
        handle, temporary = tempfile.mkstemp(prefix=".bindlint-", dir=os.path.dirname(path) or ".")  # noqa: PTH120
        try:
            with open(handle, "wb") as file:  # noqa: PTH123
                os.fchmod(handle, 0o666 & ~_mask())
                file.write(data)
            os.replace(temporary, path)  # noqa: PTH105
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)  # noqa: PTH108
            raise
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UsageError(f"--output {path}: cannot be written: {error.strerror}") from None


def _is_stream(path: str) -> bool:
    if path.startswith("/dev/"):
        return True
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


def _mask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
