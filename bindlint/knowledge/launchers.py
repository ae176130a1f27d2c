"""Calls of Python that start programs or containers, as rows: which argument is the command line, the image, the ports.

What the program or container then opens is said by the rows for command lines and images.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.knowledge.check import Table

FORMS = ("words", "text", "arguments")
KINDS = ("launcher", "container")


@dataclass(frozen=True, slots=True)
class Place:
    """Which argument of a call is meant: by keyword, or by its position (from the end when negative)."""

    keywords: tuple[str, ...] = ()
    position: int | None = None


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class Launcher:
    """A call that starts a program. `names` are its qualified names.

    `form` is how the command line is given: "words" (a list; a text is split into words), "text" (for a shell), or
    "arguments" (each further argument of the call is a word). `command` is where it is given, `shell` the keyword that
    makes a text one for a shell. `rest` is a list of further words. `path` is where the program's path is given when
    the words begin with a name that does not matter (`execv`). `program` are the words that are not given because the
    call itself is that program (`uvicorn.main`); `named`: the list begins with a name all the same, as `sys.argv` does.
    `assigned`: `names` are assigned to, not called. `environment` is where its variables are given. `decorated` are
    decorators that hand the receiver to a function as its first argument (`@task def serve(c): c.run(…)`).
    """

    names: tuple[str, ...]
    source: str
    form: str
    command: Place
    shell: str = ""
    rest: Place = NOWHERE
    path: Place = NOWHERE
    environment: Place = NOWHERE
    program: tuple[str, ...] = ()
    named: bool = False
    assigned: bool = False
    decorated: tuple[str, ...] = ()

    @property
    def roots(self) -> frozenset[str]:
        """The modules of which a file must import one."""
        return _roots((*self.names, *self.decorated))

    @property
    def words(self) -> frozenset[str]:
        """The last parts of the names, of which a file must hold one."""
        return _words(self.names)


@dataclass(frozen=True, slots=True)
class Starter:
    """A call that starts a container, or says how one will be started (`image` is nowhere then).

    `ports` is a dictionary of container ports; `all` the keyword that publishes each port of the image; `network` the
    keyword whose value "host" shares the machine's network. `opaque` are the last words of its name that count where
    nobody knows the receiver (`containers.run`).
    """

    names: tuple[str, ...]
    source: str
    image: Place
    command: Place
    ports: Place
    environment: Place
    name: str = ""
    network: str = ""
    all: str = ""
    opaque: tuple[str, ...] = ()

    @property
    def roots(self) -> frozenset[str]:
        """The modules of which a file must import one."""
        return _roots(self.names)

    @property
    def words(self) -> frozenset[str]:
        """The last parts of the names, of which a file must hold one."""
        return _words(self.names)


def launchers(table: Table) -> Iterator[Launcher]:
    """The `[[launcher]]` rows of a table."""
    for row in table.tables("launcher"):
        row.skip("bad", "good", "fixed", "example_file", "persona")
        assigned = "assign" in row
        found = Launcher(
            names=row.texts("assign" if assigned else "call"),
            source=row.text("source", "") or table.text("source"),
            form=row.choice("form", FORMS, "words"),
            command=_place(row, "command"),
            shell=row.text("shell", ""),
            rest=_place(row, "rest"),
            path=_place(row, "path"),
            environment=_place(row, "environment"),
            program=row.texts("program", ()),
            named=row.flag("named", default=False),
            assigned=assigned,
            decorated=row.texts("decorated", ()),
        )
        row.done()
        yield found


def starters(table: Table) -> Iterator[Starter]:
    """The `[[container]]` rows of a table."""
    for row in table.tables("container"):
        row.skip("bad", "good", "fixed", "example_file", "persona")
        found = Starter(
            names=row.texts("call"),
            source=row.text("source", "") or table.text("source"),
            image=_place(row, "image"),
            command=_place(row, "command"),
            ports=_place(row, "ports"),
            environment=_place(row, "environment"),
            name=row.text("name", ""),
            network=row.text("network", ""),
            all=row.text("all", ""),
            opaque=row.texts("opaque", ()),
        )
        row.done()
        yield found


def _roots(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name.partition(".")[0] for name in names)


def _words(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name.rpartition(".")[2] for name in names)


def _place(row: Table, key: str) -> Place:
    part = row.table(key)
    if part is None:
        return NOWHERE
    found = Place(part.texts("keyword", ()), part.number("position", None))
    part.done()
    return found
