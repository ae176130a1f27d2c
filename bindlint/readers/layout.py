"""Where a container's files come from: which repository path may lie at which path inside."""

from __future__ import annotations

import posixpath

MAX_FOLDERS = 8  # above a file that may be what its paths are relative to


def above(folder: str) -> list[str]:
    """A folder and those above it, nearest first, the root ("") last."""
    found = [folder]
    while folder and len(found) < MAX_FOLDERS:
        folder = folder.rpartition("/")[0]
        found.append(folder)
    return found if found[-1] == "" else [*found, ""]


def within(folder: str, path: str) -> str | None:
    """A relative path seen from a folder of the repository, as a repository path; None when it leaves the root."""
    joined = posixpath.normpath(posixpath.join("/", folder, path))
    climbs = posixpath.normpath(posixpath.join(folder, path)).startswith("..")
    return None if climbs else joined.strip("/")


def inside(workdir: str, path: str) -> str:
    """A path in a container, made absolute."""
    return posixpath.normpath(posixpath.join("/", workdir, path))
