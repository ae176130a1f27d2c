"""The cases: small compose projects, one TOML file for each theme.

A case is its title and its files, by name. `outside` says what compose's refusal depends on that is not in the files (a
variable of the shell, a file that is not committed); bindlint then refuses nothing. `engine` says why an entry that
`config` accepts is a notice all the same. `newer` says where newer versions differ from the one that is run.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).parent / "cases"
_SAID = ("title", "outside", "engine", "newer")


@dataclass(frozen=True)
class Case:
    """A project, and what is known to differ."""

    theme: str
    title: str
    files: Mapping[str, str]
    outside: str = ""
    engine: str = ""
    newer: str = ""


def cases() -> list[Case]:
    """Every case of every theme."""
    found = []
    for path in sorted(FOLDER.glob("*.toml")):
        for row in tomllib.loads(path.read_text(encoding="utf-8"))["case"]:
            said = {key: row.pop(key, "") for key in _SAID}
            found.append(Case(path.stem, files=row, **said))
    return found
