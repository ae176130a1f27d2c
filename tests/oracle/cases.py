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
    from collections.abc import Mapping

    from bindlint.knowledge.apis import Row
    from bindlint.knowledge.check import Table

HERE = Path(__file__).parent
CASES = HERE / "cases"
OMITTED = "(omitted)"
VALUES = ('""', "None", '"localhost"', '"127.0.0.1"', '"::1"', '"0.0.0.0"', '"::"')
_HOST = re.compile(r"(?<![\w.])HOST\b")
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
    environment: Environment
    packages: tuple[str, ...] = ()
    file: str = "app.py"
    run: tuple[str, ...] = ("python", "app.py")
    beside: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[int, ...] = ()
    alone: str = ""
    limit: float = 90.0
    settle: float = 0.6
    quiet: tuple[str, ...] = ()
    known: Mapping[str, str] = field(default_factory=dict)
    unfixed: str = ""

    def text(self, value: str) -> str:
        """The program with a value put in."""
        if value == OMITTED:
            return _OPTIONAL.sub("", self.code)
        return _HOST.sub(lambda _: value, _OPTIONAL.sub(lambda match: match[1], self.code))


@dataclass(frozen=True)
class Unrun:
    """A row that cannot be run here: why, and where its library says what the row says."""

    row: Row
    why: str
    source: str


@dataclass(frozen=True)
class Subject:
    """One file of cases, and the rows of the table of the same name.

    `strays` are names in the cases that no row has any more, or several have.
    """

    name: str
    rows: tuple[Row, ...]
    cases: tuple[Case, ...] = ()
    unrun: tuple[Unrun, ...] = ()
    strays: tuple[str, ...] = ()

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
    strangers = {path.stem for path in CASES.glob("*.toml")} - rows.keys()
    if strangers:
        raise KnowledgeError(f"cases of no table in rules/python/: {', '.join(sorted(strangers))}")
    return tuple(_subject(name, found) for name, found in sorted(rows.items()) if found)


def label(row: Row) -> str:
    """How a person would name a row."""
    return f"{row.names[0]}{'' if row.protocol == 'tcp' else ' udp'}"


def _subject(name: str, rows: tuple[Row, ...]) -> Subject:
    path = CASES / f"{name}.toml"
    if not path.is_file():
        return Subject(name, rows)
    table = parse(f"cases/{name}.toml", path.read_bytes())
    home = (_environment(table), table.texts("packages", ()))
    found, unrun, strays = [], [], []
    for part in table.tables("case"):
        row = _row(part.text("row"), rows)
        if row is None:
            strays.append(part.text("row"))
        else:
            found.append(_case(part, name, row, home))
    for part in table.tables("unrun"):
        why, source = part.text("why"), part.text("source")
        for one in part.texts("row"):
            row = _row(one, rows)
            if row is None:
                strays.append(one)
            else:
                unrun.append(Unrun(row, why, source))
        part.done()
    table.done()
    return Subject(name, rows, tuple(found), tuple(unrun), tuple(strays))


def _environment(table: Table) -> Environment:
    name = table.choice("environment", tuple(environments()), "standard")
    return environments()[name]


def _case(table: Table, name: str, row: Row, home: tuple[Environment, tuple[str, ...]]) -> Case:
    code = table.text("code").removeprefix("\n")
    written = table.text("as", "")
    values = table.texts("values", tuple(_written(value, written) for value in VALUES if not written or '"' in value))
    if _OPTIONAL.search(code):
        values = (OMITTED, *values)
    values += table.texts("also", ())
    for value in values:
        _checked(table, value)
    file = table.text("file", "app.py")
    limit, settle = table.value("limit", 90), table.value("settle", 0.6)
    case = Case(
        library=name,
        title=table.text("title", table.text("row")),
        row=row,
        code=code,
        values=tuple(value for value in values if value not in table.texts("but", ())),
        environment=_environment(table) if "environment" in table else home[0],
        packages=table.texts("packages", () if "environment" in table else home[1]),
        file=file,
        run=tuple(table.text("run", f"python {file}").split()),
        beside=table.mapping("beside"),
        variables=table.mapping("variables"),
        ports=tuple(int(port) for port in table.value("ports", [])),
        alone=table.text("alone", ""),
        limit=float(limit),
        settle=float(settle),
        quiet=table.texts("quiet", ()),
        known=table.mapping("known"),
        unfixed=table.text("unfixed", ""),
    )
    table.done()
    return case


def _row(name: str, rows: tuple[Row, ...]) -> Row | None:
    """The row that has a name, the plainest where several have it.

    The others follow by a word of theirs or by their place: `socket.socket.bind udp`, `ptvsd.enable_attach #2`.
    """
    first, *more = name.split()
    named = [row for row in rows if first in row.names]
    found = [row for place, row in enumerate(named, 1) if set(more) <= {*_marks(row), f"#{place}"}]
    found = [row for row in found if row.protocol == "tcp"] or found
    return min(found, key=lambda row: len(_marks(row)), default=None)


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
