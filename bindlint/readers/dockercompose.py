"""Compose projects that a command line starts: of which files, and with which files of variables.

Source: docker/compose docs/reference/docker_compose.md; compose-go cli/options.go: `-f` and `--env-file` are seen from
where the command is given, the project's folder is that of its first file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bindlint.readers import layout
from bindlint.readers.commands import options
from bindlint.readers.commands.programs import arguments_of
from bindlint.readers.commands.text import expand
from bindlint.source import Composed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bindlint.facts import Word
    from bindlint.knowledge.commands import Command
    from bindlint.readers.commands import Context
    from bindlint.source import Files

_DEFAULT = re.compile(r"(?:docker-)?compose\.ya?ml")


def composed(row: Command, words: Sequence[Word], last: int, context: Context) -> Iterator[Composed]:
    """The project of a command line, where its files are there and it says more than that it takes the default ones.

    A file of variables that is not there says nothing; with another, it is not known what wins.
    """
    if row.composes is None or context.packages is None:
        return
    given = options.parse(row, arguments_of(row, words, last), context.environment)
    if not given.others or given.others[0].text not in row.composes.start:
        return

    def told(flags: Sequence[str]) -> list[str]:
        return [expand(o.values[-1], context.environment).text for o in given.options if o.name in flags and o.values]

    written, variables, folder = told(row.composes.file), told(row.composes.variables), told(row.composes.folder)[-1:]
    if any(sign in text for text in (*written, *folder) for sign in "$`*") or "-" in written:
        return
    files = context.packages.files
    for base in context.packages.folders:
        found = _there(files, base, written)
        if found is None or not (found or folder or _default(files, base)):
            continue
        home = layout.within(base, folder[0]) if folder else found[0].rpartition("/")[0] if found else base
        read = _there(files, base, variables) or ()
        profiles = tuple(told(row.composes.profile))
        if home is not None and (found or read or profiles):
            site = words[last].site if last else words[0].site
            yield Composed(site, home, found, read, profiles, context.certain)
        return


def _there(files: Files, base: str, written: Sequence[str]) -> tuple[str, ...] | None:
    """The repository paths of files written from a folder; None when one of them is not there."""
    paths = [layout.within(base, text) for text in written if not text.startswith("/")]
    found = tuple(path for path in paths if path is not None and files.has(path))
    return found if len(found) == len(written) else None


def _default(files: Files, folder: str) -> bool:
    return any(_DEFAULT.fullmatch(path.rpartition("/")[2]) for path in files.within(folder))
