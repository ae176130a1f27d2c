"""Python libraries: all rows of rules/python/, by the names under which code reaches them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from bindlint.knowledge import apis, clients, launchers
from bindlint.knowledge.apis import HANDED_ON, KINDS, Row, last_name
from bindlint.knowledge.examples import PERSONAS, Example, row_examples
from bindlint.knowledge.gate import Gate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bindlint.knowledge.check import Table
    from bindlint.knowledge.launchers import Launcher, Starter

EXAMPLE_FILE = "app.py"


@dataclass(frozen=True)
class Library:
    """All Python rows, by the names under which code reaches them.

    `aliases` maps other names of a class or function to the canonical one; `returns` maps a factory or method to the
    class of what it returns. `launchers` start programs, `starters` containers. `spawns` are the calls that only call
    a function given to them (`Thread(target=…)`, `trio.run(…)`), with the keyword or position of that function.
    """

    rows: tuple[Row, ...]
    aliases: Mapping[str, str]
    returns: Mapping[str, str]
    launchers: tuple[Launcher, ...] = ()
    starters: tuple[Starter, ...] = ()
    spawns: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def calls(self) -> dict[str, tuple[Row, ...]]:
        """Rows by the qualified name that is called."""
        return _by_name(row for row in self.rows if row.how == "call")

    @cached_property
    def assigns(self) -> dict[str, tuple[Row, ...]]:
        """Rows by the qualified name that is assigned to."""
        return _by_name(row for row in self.rows if row.how == "assign")

    @cached_property
    def keys(self) -> dict[str, tuple[Row, ...]]:
        """Rows by dictionary key."""
        return _by_name(row for row in self.rows if row.how == "key")

    @cached_property
    def methods(self) -> dict[str, tuple[Row, ...]]:
        """Rows that count on an unknown receiver, by method name."""
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            if row.opaque:
                for last in sorted({last_name(name) for name in row.names}):
                    found.setdefault(last, []).append(row)
        return {name: tuple(rows) for name, rows in found.items()}

    @cached_property
    def spawners(self) -> dict[str, tuple[str, ...]]:
        """Where the function is given to calls that only call it, by the last names of those calls."""
        found: dict[str, set[str]] = {}
        for name, place in self.spawns.items():
            found.setdefault(last_name(name), set()).add(place)
        return {name: tuple(sorted(places)) for name, places in sorted(found.items())}

    @cached_property
    def known(self) -> frozenset[str]:
        """Every qualified name that a row, an alias or a factory speaks of, with the classes and modules it lies in.

        The names that a settings file gives to its own variables are no modules.
        """
        names = {
            *self.calls,
            *(name for row in self.rows if row.how == "assign" and not row.files for name in row.names),
            *self.aliases,
            *self.returns,
            *self.aliases.values(),
            *self.returns.values(),
            *self.spawns,
            *(name for row in self.launchers for name in row.names),
            *(name for row in self.starters for name in row.names),
        }
        return frozenset(part for name in names for part in _prefixes(name))

    @cached_property
    def gate(self) -> Gate:
        """What finds out which rows a file's bytes can speak of."""
        return Gate(self)

    @cached_property
    def _words(self) -> dict[int, tuple[tuple[bytes, ...], ...]]:
        other: dict[str, list[str]] = {}
        for alias, name in self.aliases.items():
            other.setdefault(name, []).append(alias)
        return {
            id(row): tuple(_needed(each, row) for name in row.names for each in (name, *other.get(name, ())))
            for row in self.rows
        }

    @cached_property
    def methods_of(self) -> dict[str, frozenset[str]]:
        """The methods that listen, by the qualified name of their class."""
        found: dict[str, set[str]] = {}
        for row in self.rows:
            for name in row.names if row.of_object else ():
                owner, _, method = name.rpartition(".")
                if last_name(owner)[:1].isupper():
                    found.setdefault(owner, set()).add(method)
        return {owner: frozenset(methods) for owner, methods in found.items()}

    @cached_property
    def _owners(self) -> dict[int, frozenset[str]]:
        other: dict[str, set[str]] = {}
        for alias, name in self.aliases.items():
            other.setdefault(name, set()).add(last_name(alias))
        found: dict[int, frozenset[str]] = {}
        for row in self.rows:
            owners = {name.rpartition(".")[0] for name in row.names} & self.methods_of.keys()
            last = {last_name(owner) for owner in owners}
            found[id(row)] = frozenset(last.union(*(other.get(owner, ()) for owner in owners)))
        return found

    def owners(self, row: Row) -> frozenset[str]:
        """The last names of the classes whose method a row is: a file with a class that inherits may speak of it."""
        return self._owners[id(row)]

    def words(self, row: Row) -> tuple[tuple[bytes, ...], ...]:
        """For each name of a row, the words that a file must hold to speak of it, besides a root."""
        return self._words[id(row)]

    def canonical(self, name: str) -> str:
        """The name that rows use for a qualified name, or the name itself."""
        if name in self.aliases:
            return self.aliases[name]
        head, dot, _ = name.rpartition(".")
        while dot:
            if head in self.aliases:
                return f"{self.aliases[head]}{name[len(head) :]}"
            head, dot, _ = head.rpartition(".")
        return name


def _needed(name: str, row: Row) -> tuple[bytes, ...]:
    if row.how == "setting":
        return (clients.needed(name).encode(),)
    if row.how == "key":
        return tuple(key.encode() for key in (name, *row.where))
    if "[" in name:  # os.environ[NAME]
        return (name.partition("[")[2].rstrip("]").encode(),)
    if row.files:  # a name in a settings file, written as it stands
        return tuple(part.encode() for part in name.split("."))
    if HANDED_ON in row.lacks and len(row.requires) == 1:  # nobody but the file itself can make it listen
        return (last_name(name).encode(), row.requires[0].encode())
    return (last_name(name).encode(),)


def _prefixes(name: str) -> Iterator[str]:
    while name:
        yield name
        name = name.rpartition(".")[0]


def _by_name(rows: Iterable[Row]) -> dict[str, tuple[Row, ...]]:
    found: dict[str, tuple[Row, ...]] = {}
    for row in rows:
        for name in row.names:
            found[name] = (*found.get(name, ()), row)
    return found


def library(tables: Iterable[Table]) -> Library:
    """Read every table of rules/python/."""
    rows: list[Row] = []
    aliases: dict[str, str] = {}
    returns: dict[str, str] = {}
    spawns: dict[str, str] = {}
    starting: list[Launcher] = []
    starters: list[Starter] = []
    for table in tables:
        table.skip("example")
        aliases |= table.mapping("aliases")
        returns |= table.mapping("returns")
        spawns |= table.mapping("spawns")
        rows += apis.rows(table)
        starting += launchers.launchers(table)
        starters += launchers.starters(table)
        table.done()
    return Library(tuple(rows), aliases, returns, tuple(starting), tuple(starters), spawns)


def examples(table: Table) -> tuple[Example, ...]:
    """The examples of every row; `persona` says whose findings they show (a client that tries all is pedantic)."""
    found: list[Example] = []
    for row in [row for kind in (*KINDS, *launchers.KINDS) for row in table.tables(kind)]:
        persona = row.choice("persona", PERSONAS, "regular")
        found += [replace(example, persona=persona) for example in row_examples(row, EXAMPLE_FILE)]
    return tuple(found)
