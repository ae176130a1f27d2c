"""The files of the project that a configuration includes: what they say, it does not leave out.

A path is the server's (`/etc/redis/conf.d/*.conf`): the project's file is found by the longest end of it that there is
below the folder of the file that includes it. A folder stands for the files in it.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from bindlint.readers.grammars.document import Document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.knowledge import Knowledge
    from bindlint.readers.grammars.entries import Entry, Grammar
    from bindlint.source import Source

_DEEPEST = 5  # files that include one another
_MOST = 100  # files that one file includes


def include(document: Document, grammar: Grammar, knowledge: Knowledge) -> None:
    """Give a document those that it includes; it is `open` where one of them is not in the project."""
    _follow(document, grammar, {document.source.path}, _DEEPEST)
    for _, inner in document.included:
        data = inner.source.text.encode("utf-8", "replace")
        inner.own = knowledge.servers.owner(inner.source.path, data) is document.server


def _follow(document: Document, grammar: Grammar, seen: set[str], depth: int) -> None:
    for entry in document.entries:
        if entry.key not in document.server.includes:
            continue
        found = list(_files(document.source, entry)) if depth else []
        document.open = document.open or not found
        for source in found:
            if source.path in seen or len(seen) > _MOST:
                continue
            seen.add(source.path)
            parts = grammar.entries(source, document.style)
            inner = Document.parse(source, document.server, document.style, parts)
            _follow(inner, grammar, seen, depth - 1)
            at = entry.site.span.start
            document.included += [(at, inner), *((at, other) for _, other in inner.included)]
            document.open = document.open or inner.open


def _files(source: Source, entry: Entry) -> Iterator[Source]:
    """The files that an entry names, by the longest end of the path that names any."""
    parts = [part for part in entry.value.strip().strip("\"'").split("/") if part not in ("", ".")]
    for start in range(len(parts)):
        if ".." in parts[start:]:
            continue
        path = "/".join([*source.folder.split("/"), *parts[start:]] if source.folder else parts[start:])
        folder, _, name = path.rpartition("/")
        if "*" in name:
            names = [one for one in source.files.within(folder) if fnmatchcase(one.rpartition("/")[2], name)]
        else:
            names = [path] if source.files.has(path) else list(source.files.within(path))
        texts = [text for one in names if (text := source.files.get(one)) is not None]
        if texts:
            yield from texts
            return
