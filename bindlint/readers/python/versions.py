"""Which version of a package a project is pinned to: requirements and lock files beside a file, or in folders above it.

Sources: PEP 440 (`==`, `<`), pip's requirements file format, poetry.lock and uv.lock (a [[package]] table with name and
version), Pipfile.lock (JSON).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bindlint.source import Site, Source

_FILES = (
    *("requirements.txt", "requirements/base.txt", "requirements/prod.txt", "requirements/production.txt"),
    *("constraints.txt", "poetry.lock", "uv.lock", "pdm.lock", "Pipfile.lock", "pyproject.toml", "setup.py"),
)
MAX_FOLDERS = 6  # that are looked into
_NUMBER = r"(\d+(?:\.\d+){0,5})"

Pin = tuple[tuple[int, ...], "Site"]


def pinned(package: str, source: Source) -> Pin | None:
    """The highest version that a project allows itself of a package, and where it says so; None when it does not."""
    name = re.escape(package).replace(r"\-", "[-_.]").replace("_", "[-_.]")
    patterns = [
        re.compile(rf"(?im)^[ \t\"'-]*{name}(?:\[[^\]\n]*\])?[ \t]*(==|<=|<|~=)=?[ \t]*{_NUMBER}"),
        re.compile(rf"(?im)^name[ \t]*=[ \t]*\"{name}\"\nversion[ \t]*=()[ \t]*\"{_NUMBER}\""),
        re.compile(rf"(?i)\"{name}\":[ \t]*\{{[^{{}}]*\"version\":()[ \t]*\"=={_NUMBER}\""),
    ]
    folder = source.folder
    for _ in range(MAX_FOLDERS):
        for file in _FILES:
            found = source.files.get(f"{folder}/{file}" if folder else file)
            for pattern in patterns if found is not None and package[:3].lower() in found.text.lower() else ():
                if found is not None and (match := pattern.search(found.text)):
                    return version(match[2], below=match[1] == "<"), found.site(*match.span(2))
        if not folder:
            return None
        folder = folder.rpartition("/")[0]
    return None


def version(text: str, *, below: bool = False) -> tuple[int, ...]:
    """A version as numbers that compare; `below` is the last one before it."""
    numbers = [int(part) for part in text.split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return (*numbers[:-1], numbers[-1] - 1, 1 << 30) if below else tuple(numbers)
