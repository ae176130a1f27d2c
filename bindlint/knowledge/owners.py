"""Whose configuration a file is: the rows of servers by their file names, and by the texts that begin lines."""

from __future__ import annotations

import fnmatch
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.knowledge.servers import Server

_TEMPLATES = frozenset(
    (
        *("template", "templ", "tmpl", "tpl", "j2", "jinja", "jinja2", "erb", "epp", "ctmpl"),
        *("in", "sample", "dist", "example", "default"),
    )
)
_CONTENT = re.compile(rb"(?m)^[ \t]*[^\s#]")


class Catalogue:
    """The servers, and which of them may own a file by its path."""

    def __init__(self, servers: tuple[Server, ...]) -> None:
        """Compile the file names once."""
        self.servers = servers
        # A name of a server's own (`redis.conf`) counts before a kind of names (`*.conf`).
        exact = [(server, [g for g in server.files if not g.startswith("*")]) for server in servers]
        broad = [(server, [g for g in server.files if g.startswith("*")]) for server in servers]
        self._globs = tuple((server, globs_pattern(tuple(globs))) for server, globs in (*exact, *broad) if globs)
        names = sorted({glob for server in servers for glob in server.files})
        self._endings = frozenset(ending for glob in names if (ending := _ending(glob)))
        self._odd = globs_pattern(tuple(glob for glob in names if not _ending(glob)))
        self._marks = {
            id(server): _line_starts(tuple(filter(None, server.markers)), indented=True) for server in servers
        }
        self._strangers = {id(server): globs_pattern(server.strangers) for server in servers if server.strangers}
        self._refused = {id(server): _line_starts(server.refuses, indented=False) for server in servers}

        self._doubts = {
            id(server): (_line_starts(server.doubts, indented=False), _line_starts(server.sure, indented=False))
            for server in servers
            if server.doubts
        }

    def __iter__(self) -> Iterator[Server]:
        """The servers, by table name."""
        return iter(self.servers)

    def __len__(self) -> int:
        """How many servers there are."""
        return len(self.servers)

    def owner(self, path: str, data: bytes) -> Server | None:
        """The server whose configuration a file surely is: by its name first, then by its markers."""
        path = plain_path(path)
        if _ending(path) not in self._endings and not self._odd.search(path):
            return None
        for server, globs in self._globs:
            if not globs.search(path):
                continue
            if (strangers := self._strangers.get(id(server))) is not None and strangers.search(path):
                continue
            refused = self._refused[id(server)]
            if refused is not None and refused.search(data):
                continue
            doubts, sure = self._doubts.get(id(server), (None, None))
            if doubts is not None and doubts.search(data) and not (sure is not None and sure.search(data)):
                continue
            marks = self._marks[id(server)]
            if marks is None or marks.search(data) or ("" in server.markers and not _CONTENT.search(data)):
                return server
        return None


def plain_path(path: str) -> str:
    """A path in lower case without the suffixes of templates (`redis.conf.j2`), with a `/` before it."""
    path = "/" + path.lower()
    for _ in range(2):
        stem, dot, ending = path.rpartition(".")
        if dot and ending in _TEMPLATES:
            path = stem
    return path


def _ending(path: str) -> str:
    """What follows the last dot of a path's last part; "" for no dot, or for a glob's wildcard."""
    ending = path.rpartition("/")[2].rpartition(".")
    return ending[2].lower() if ending[1] and "*" not in ending[2] else ""


def globs_pattern(globs: tuple[str, ...]) -> re.Pattern[str]:
    """One expression for globs on the end of a path; one that nothing matches for none."""
    parts = [fnmatch.translate(glob.lower()).replace(".*", "[^/]*") for glob in globs]
    return re.compile("/(?:" + "|".join(parts) + ")") if parts else re.compile(r"(?!)")


def _line_starts(texts: tuple[str, ...], *, indented: bool) -> re.Pattern[bytes] | None:
    """One expression for texts that begin a line, after blanks where it may be indented."""
    if not texts:
        return None
    blanks = rb"[ \t]*" if indented else rb""
    return re.compile(rb"(?m)^" + blanks + rb"(?:" + b"|".join(re.escape(text.encode()) for text in texts) + rb")")
