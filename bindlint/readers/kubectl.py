"""Manifests that a command line applies: files, folders of files, kustomizations.

Source: kubernetes.io/docs/reference/kubectl/generated/kubectl_apply: `-f` takes files and folders, comma-separated and
repeated, `-k` the folder of a kustomization; `-R` the folders below too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bindlint.readers import layout
from bindlint.readers.commands import options
from bindlint.readers.commands.programs import arguments_of
from bindlint.readers.commands.text import expand
from bindlint.source import Overlay

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bindlint.facts import Word
    from bindlint.knowledge.commands import Command
    from bindlint.readers.commands import Context

_SUFFIXES = (".yaml", ".yml", ".json")


def applied(row: Command, words: Sequence[Word], last: int, context: Context) -> Iterator[Overlay]:
    """What a command line applies, as far as it is there; its paths are seen from where it may be given."""
    if row.applies is None or context.packages is None:
        return
    given = options.parse(row, arguments_of(row, words, last), context.environment)
    files, found = context.packages.files, set[str]()
    for option in given.options:
        if not option.values or option.name not in (*row.applies.file, *row.applies.folder):
            continue
        for text in expand(option.values[-1], context.environment).text.split(","):
            paths = [layout.within(base, text) for base in context.packages.folders if text and ":" not in text]
            for path in (path for path in paths if path is not None):
                if option.name in row.applies.folder or files.has(path):
                    found.add(path)
                else:  # of a folder its files, whatever its kustomization says
                    found |= {name for name in files.within(path) if name.endswith(_SUFFIXES)}
    if found:
        yield Overlay(words[last].site, None, tuple(sorted(found)))
