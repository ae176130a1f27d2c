"""What the kernel showed before: one line a program, so that a table can be made of several runs, or of none.

What a program binds depends on its text, its packages and its interpreter, which the key of a line is made of: when one
of them changes, the line is of no use and the program is run again. What could not be measured is not recorded.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from oracle.kernel import Seen, Socket

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from oracle.cases import Case
    from oracle.kernel import Program

FILE = Path(__file__).with_name("recorded.tsv")
_SOCKET = re.compile(r"(tcp|udp)/(?:\[(.+?)\]|([^\[\]:]+)):(\d+)( \(both\))?(?: \(IPv6 only\))?")


@dataclass(frozen=True)
class Line:
    """One program of a case, by its key, and what was seen."""

    key: str
    library: str
    title: str
    value: str
    seen: Seen

    def __str__(self) -> str:
        sockets = " ".join(str(socket) for socket in self.seen.sockets)
        ended = "" if self.seen.ended is None else str(self.seen.ended)
        return f"{self.library}\t{self.title}\t{self.value}\t{self.key}\t{sockets}\t{ended}\t{self.seen.said}"


def key(case: Case, program: Program) -> str:
    """What a measurement depends on, as a short digest."""
    return digest(
        *program.words[1:],
        Path(program.words[0]).name,
        sorted(program.files.items()),
        sorted(case.variables.items()),
        sorted(case.packages),
        case.environment.python,
        program.ports,
    )


def digest(*said: object) -> str:
    """A short text that differs where what is said does."""
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


def load(path: Path = FILE) -> dict[str, Line]:
    """The lines by their keys; none where nothing was recorded."""
    found = {}
    for text in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        library, title, value, digest, sockets, ended, said = text.split("\t")
        seen = Seen(tuple(_sockets(sockets)), int(ended) if ended else None, said)
        found[digest] = Line(digest, library, title, value, seen)
    return found


def append(line: Line, path: Path = FILE) -> None:
    """Keep a line at once: a run of an hour can be cut off."""
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")


def save(lines: Mapping[str, Line], wanted: Iterable[str], path: Path = FILE) -> None:
    """Write the lines that are still of use, in the order of the tables."""
    kept = sorted(str(lines[digest]) for digest in set(wanted) & lines.keys())
    path.write_text("".join(f"{text}\n" for text in kept), encoding="utf-8")


def _sockets(text: str) -> Iterable[Socket]:
    for match in _SOCKET.finditer(text):
        yield Socket(match[1], match[2] or match[3], int(match[4]), bool(match[5]))
