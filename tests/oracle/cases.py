"""What is to be measured: `cases/NAME.toml` beside `rules/python/NAME.toml`, and the environments they run in.

A case proves one row with a program that bindlint reads as it would read anybody's. In it stands the word HOST for the
value, as Python writes it; what `«…»` encloses is left out where the address is. README.md lists the keys.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bindlint.errors import KnowledgeError
from bindlint.knowledge import Knowledge, rules_root
from bindlint.knowledge.load import parse
from bindlint.knowledge.python import library

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bindlint.knowledge.apis import Row
    from bindlint.knowledge.check import Table

HERE = Path(__file__).parent
OMITTED = "(omitted)"
VALUES = ('""', "None", '"localhost"', '"127.0.0.1"', '"::1"', '"0.0.0.0"', '"::"')
_OPTIONAL = re.compile("«([^»]*)»")


@dataclass(frozen=True)
class Environment:
    """Where packages live together. `python` is the version they need, "" for any. `quick`: CI runs it, too."""

    name: str
    why: str
    python: str
    quick: bool


@dataclass(frozen=True)
class Case:
    """One row, one program, and the values that its address is given.

    `quiet` are values under which the program runs on though nothing listens; `known` disagreements, and why.
    """

    library: str
    title: str
    row: Row
    code: str
    values: tuple[str, ...]
    file: str = "app.py"
    run: tuple[str, ...] = ("python", "app.py")
    beside: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[int, ...] = ()
    limit: float = 25.0
    settle: float = 0.4
    quiet: tuple[str, ...] = ()
    known: Mapping[str, str] = field(default_factory=dict)

    def text(self, value: str) -> str:
        """The program with a value put in."""
        if value == OMITTED:
            return _OPTIONAL.sub("", self.code)
        return _OPTIONAL.sub(lambda match: match[1], self.code).replace("HOST", value)


@dataclass(frozen=True)
class Unrun:
    """A row that cannot be run here: why, and where its library says what the row says."""

    row: Row
    why: str
    source: str


@dataclass(frozen=True)
class Subject:
    """One file of cases, and the rows of the table of the same name."""

    name: str
    rows: tuple[Row, ...]
    environment: Environment | None = None
    packages: tuple[str, ...] = ()
    cases: tuple[Case, ...] = ()
    unrun: tuple[Unrun, ...] = ()

    @property
    def neither(self) -> tuple[Row, ...]:
        """Rows of which no case and no reason speaks."""
        spoken = [one.row for one in (*self.cases, *self.unrun)]
        return tuple(row for row in self.rows if not any(row is other for other in spoken))


@cache
def environments() -> dict[str, Environment]:
    table = parse("environments.toml", (HERE / "environments.toml").read_bytes())
    found = {}
    for part in table.tables("environment"):
        name = part.text("name")
        found[name] = Environment(name, part.text("why"), part.text("python", ""), part.flag("quick", default=False))
        part.done()
    table.done()
    return found


@cache
def subjects() -> tuple[Subject, ...]:
    """Every table of rules/python/ that has a listener, with its cases."""
    rows = {
        table.document.name.partition("/")[2].removesuffix(".toml"): tuple(
            row for row in library([table]).rows if row.kind == "listener"
        )
        for table in Knowledge(rules_root())._tables("python")  # noqa: SLF001 - the rows of one table at a time
    }
    strangers = {path.stem for path in (HERE / "cases").glob("*.toml")} - rows.keys()
    if strangers:
        raise KnowledgeError(f"cases of no table in rules/python/: {', '.join(sorted(strangers))}")
    return tuple(_subject(name, found) for name, found in sorted(rows.items()) if found)


def label(row: Row) -> str:
    """How a person would name a row."""
    return f"{row.names[0]}{'' if row.protocol == 'tcp' else ' udp'}"


def _subject(name: str, rows: tuple[Row, ...]) -> Subject:
    path = HERE / "cases" / f"{name}.toml"
    if not path.is_file():
        return Subject(name, rows)
    table = parse(f"cases/{name}.toml", path.read_bytes())
    where = table.text("environment", "")
    if where and where not in environments():
        table.fail(f"one of {', '.join(environments())}", "environment")
    packages = table.texts("packages", ())
    found = [_case(part, name, rows) for part in table.tables("case")]
    unrun = [one for part in table.tables("unrun") for one in _unrun(part, rows)]
    table.done()
    return Subject(name, rows, environments()[where] if where else None, packages, tuple(found), tuple(unrun))


def _case(table: Table, name: str, rows: tuple[Row, ...]) -> Case:
    row = _row(table, table.text("row"), rows)
    code = table.text("code").removeprefix("\n")
    written = table.text("as", "")
    values = table.texts("values", tuple(_written(value, written) for value in VALUES if not written or '"' in value))
    if _OPTIONAL.search(code):
        values = (OMITTED, *values)
    values += table.texts("also", ())
    for value in values:
        _checked(table, value)
    file = table.text("file", "app.py")
    limit, settle = table.value("limit", 25), table.value("settle", 0.4)
    case = Case(
        library=name,
        title=table.text("title", table.text("row")),
        row=row,
        code=code,
        values=tuple(value for value in values if value not in table.texts("but", ())),
        file=file,
        run=tuple(table.text("run", f"python {file}").split()),
        beside=table.mapping("beside"),
        variables=table.mapping("variables"),
        ports=tuple(int(port) for port in table.value("ports", [])),
        limit=float(limit),
        settle=float(settle),
        quiet=table.texts("quiet", ()),
        known=table.mapping("known"),
    )
    table.done()
    return case


def _unrun(table: Table, rows: tuple[Row, ...]) -> Iterator[Unrun]:
    why, source = table.text("why"), table.text("source")
    for name in table.texts("row"):
        yield Unrun(_row(table, name, rows), why, source)
    table.done()


def _row(table: Table, name: str, rows: tuple[Row, ...]) -> Row:
    """The row that has a name; where several have it, a word of its own follows: `socket.socket.bind SOCK_DGRAM`."""
    first, *more = name.split()
    found = [row for row in rows if first in row.names and set(more) <= _marks(row)]
    found = [row for row in found if row.protocol == "tcp"] or found
    if found:
        plainest = min(len(_marks(row)) for row in found)
        found = [row for row in found if len(_marks(row)) == plainest]
    return found[0] if len(found) == 1 else table.fail(f"the name of one row of its table, not {name!r}", "row")


def _marks(row: Row) -> set[str]:
    return {row.how, row.protocol, row.role, *row.host.keywords, *row.made_with, *row.only, *row.files}


def _written(value: str, form: str) -> str:
    """A value in the notation of an API: `tcp://{}:8000`, with brackets around an IPv6 address."""
    if not form:
        return value
    host = ast.literal_eval(value)
    text = form.replace("{}", f"[{host}]" if ":" in host else host)
    return f'"{text}"'


def _checked(table: Table, value: str) -> None:
    if value == OMITTED:
        return
    try:
        ast.literal_eval(value)
    except (ValueError, SyntaxError):
        table.fail(f"values as Python writes them, not {value}", "values")
