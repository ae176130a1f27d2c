"""What is measured of servers: one file of cases a server, in cases/. README.md beside this file lists the keys."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bindlint.knowledge.load import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bindlint.knowledge.check import Table

CASES = Path(__file__).parent / "cases"
TEXT = "TEXT\n"
PROCFILE = "Procfile"
PLACE = "/opt/case"


@dataclass(frozen=True)
class Server:
    """One file of cases, and what its server needs to run.

    `debian` and `pypi` are packages, the first of them the one whose version is told. `prepare` makes the folder
    /opt/prepared/NAME once. `root`: the server changes its user, which takes root. `beside` are ports that no file and
    no command line speaks of, `why` says whose they are. `twins`: what is bound for UDP is bound for TCP as well, and
    stated once. `apiece`: every address of the machine is bound by itself, which is a wildcard in effect. `unread` says
    that bindlint has no reader.
    """

    name: str
    debian: tuple[str, ...] = ()
    pypi: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    prepare: str = ""
    beside: tuple[int, ...] = ()
    twins: bool = False
    apiece: bool = False
    root: bool = False
    unread: str = ""
    cases: tuple[Case, ...] = ()


@dataclass(frozen=True)
class Case:
    """A configuration, how its server is started with it, and how long to wait.

    `beyond` says why bindlint cannot tell what is bound; `before` are commands of root's, `user` is who starts it.
    `mended`: it is what a fix made of another case, whose `beyond` it has.
    """

    title: str
    files: Mapping[str, str]
    run: str
    variables: Mapping[str, str] = field(default_factory=dict)
    before: tuple[str, ...] = ()
    user: str = ""
    ports: tuple[int, ...] = ()
    limit: float = 20.0
    settle: float = 0.6
    quick: bool = False
    beyond: str = ""
    mended: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """The command line."""
        return tuple(shlex.split(self.run))

    @property
    def line(self) -> str:
        """The command line with its variables, as a Procfile has it."""
        said = (f"{name}={shlex.quote(value)}" for name, value in self.variables.items())
        return f"server: {' '.join((*said, self.run))}\n"

    @property
    def project(self) -> dict[str, str]:
        """What a repository would hold: the files, and the command line with its variables, by relative paths."""
        return {**self.files, PROCFILE: self.line.replace(f"{PLACE}/", "")}


@cache
def servers() -> tuple[Server, ...]:
    """Every file of cases, by name."""
    return tuple(_server(path) for path in sorted(CASES.glob("*.toml")))


def _server(path: Path) -> Server:
    table = parse(f"cases/{path.name}", path.read_bytes())
    home = {
        "file": table.text("file", ""),
        "frame": table.text("frame", TEXT).removeprefix("\n"),
        "run": table.text("run", ""),
        "files": table.mapping("files"),
        "variables": table.mapping("variables"),
        "user": table.text("user", ""),
        "before": table.texts("before", ()),
        "limit": table.value("limit", 20),
        "settle": table.value("settle", 0.6),
        "ports": table.value("ports", []),
    }
    found = Server(
        name=path.stem,
        debian=table.texts("debian", ()),
        pypi=table.texts("pypi", ()),
        users=table.texts("users", ()),
        prepare=table.text("prepare", ""),
        beside=tuple(table.value("beside", [])),
        twins=table.flag("twins", default=False),
        apiece=table.flag("apiece", default=False),
        root=table.flag("root", default=False),
        unread=table.text("unread", ""),
        cases=tuple(_case(part, home) for part in table.tables("case")),
    )
    table.skip("why")
    table.done()
    return found


def _case(table: Table, home: Mapping[str, Any]) -> Case:
    files = {**home["files"], **table.mapping("files")}
    if "text" in table:
        text = table.text("text").removeprefix("\n").removesuffix("\n") + "\n"
        files = {home["file"]: home["frame"].replace(TEXT, text if text != "\n" else ""), **files}
    case = Case(
        title=table.text("name"),
        files=files,
        run=" ".join(filter(None, (table.text("run", home["run"]), table.text("more", "")))),
        variables={**home["variables"], **table.mapping("variables")},
        before=table.texts("before", home["before"]),
        user=table.text("user", home["user"]),
        ports=tuple(table.value("ports", home["ports"])),
        limit=float(table.value("limit", home["limit"])),
        settle=float(table.value("settle", home["settle"])),
        quick=table.flag("quick", default=False),
        beyond=table.text("beyond", ""),
    )
    table.done()
    return case
