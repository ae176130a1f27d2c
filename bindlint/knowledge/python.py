"""Python libraries as rows: which call, assignment or key opens a socket or names a host, and what each value means.

Omitted, `''`, `None` and each spelling are separate cells, because libraries differ in every one of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bindlint.addresses import MEANINGS
from bindlint.knowledge import launchers
from bindlint.knowledge.examples import PERSONAS, Example, row_examples

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bindlint.knowledge.check import Table
    from bindlint.knowledge.launchers import Launcher, Starter

EXAMPLE_FILE = "app.py"
FORMS = ("host", "host:port", "listen", "url", "endpoint")
PROTOCOLS = ("tcp", "udp")
ROLES = ("main", "admin", "cluster", "metrics", "debug")
SURFACES = ("plain", "datastore", "control")
TRIES = ("all", "first", "v4", "socket")
PURPOSES = ("client", "healthcheck", "probe", "redirect")
KINDS = ("listener", "client")
HOWS = ("call", "assign", "key", "variable")
_WORD = frozenset(bytes([byte]) for byte in range(256) if byte >= 128 or chr(byte).isalnum() or byte == ord("_"))
# What an omitted or `None` value may mean besides an address: the row's default.
DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Argument:
    """Where a call takes a value from: keyword names, a position (the receiver is not counted), an item of a tuple.

    `form` is how the text is written (addresses.FORMS; "endpoint" is Twisted's mini-language). `default` is the address
    when nothing is given, None when it must be given. `item` is the place of the value in a tuple; `number` is
    what a bare integer means ("" when it is no address).
    """

    keywords: tuple[str, ...] = ()
    position: int | None = None
    item: int | None = None
    form: str = "host"
    separator: str = ""
    default: str | None = None
    number: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One API: `names` are its qualified names, canonical first.

    `how` is "call", "assign" (`names` are assigned to; `*User.host` is an attribute of a class whose base's name ends
    so), "key" (`names` are dictionary keys) or "variable" (`names` are
    globs of environment variables whose default is meant, `but` those that are not, `schemes` the URL schemes that
    count). `roots` are the modules that a file must mention; "*" holds in every file. `unless` are keywords
    that replace the TCP socket; `only` are keywords that must have one of some values (None among them: may be
    omitted). `requires` are methods that make the receiver listen, which a
    port other than 0 makes up for when `fixed_port`; `made_with`/`made_without` are words among the
    arguments of the call that made the receiver. `opaque`: the method counts on a receiver whose class is unknown, when
    the address is written out as a wildcard. `files` are file names (globs) outside which the row does not hold.
    """

    kind: str
    how: str
    software: str
    source: str
    names: tuple[str, ...]
    host: Argument
    port: Argument
    default_port: int | None = None
    spellings: Mapping[str, str] = field(default_factory=dict)
    protocol: str = "tcp"
    role: str = "main"
    surface: str = "plain"
    control_if: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    only: Mapping[str, tuple[str | None, ...]] = field(default_factory=dict)
    requires: tuple[str, ...] = ()
    fixed_port: bool = False
    made_with: tuple[str, ...] = ()
    made_without: tuple[str, ...] = ()
    opaque: bool = False
    files: tuple[str, ...] = ()
    tries: str = "all"
    purpose: str = "client"
    but: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    roots: frozenset[str] = frozenset()

    @property
    def of_object(self) -> bool:
        """Whether it is a method of a class: the object may come from another file, the library's name with it."""
        owners = (name.rpartition(".")[0] for name in self.names)
        return self.how == "call" and any(last_name(owner)[:1].isupper() for owner in owners)


@dataclass(frozen=True)
class Library:
    """All Python rows, by the names under which code reaches them.

    `aliases` maps other names of a class or function to the canonical one; `returns` maps a factory or method to the
    class of what it returns. `launchers` start programs, `starters` containers.
    """

    rows: tuple[Row, ...]
    aliases: Mapping[str, str]
    returns: Mapping[str, str]
    launchers: tuple[Launcher, ...] = ()
    starters: tuple[Starter, ...] = ()

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
    def known(self) -> frozenset[str]:
        """Every qualified name that a row, an alias or a factory speaks of, with the classes and modules it lies in."""
        names = {
            *self.calls,
            *self.assigns,
            *self.aliases,
            *self.returns,
            *self.aliases.values(),
            *self.returns.values(),
            *(name for row in self.launchers for name in row.names),
            *(name for row in self.starters for name in row.names),
        }
        return frozenset(part for name in names for part in _prefixes(name))

    @cached_property
    def _automaton(self) -> tuple[tuple[str, ...], Any]:
        """All roots, and a search for them in one pass over a file."""
        import ahocorasick_rs  # noqa: PLC0415 - only when Python files are read

        started = {root for row in self.launchers for root in row.roots} | {
            r for row in self.starters for r in row.roots
        }
        roots = tuple(sorted({root for row in self.rows for root in row.roots} - {"*"} | started))
        return roots, ahocorasick_rs.BytesAhoCorasick([root.encode() for root in roots])

    def roots_in(self, data: bytes) -> frozenset[str]:
        """The roots that stand in the bytes as whole words, and "*"."""
        roots, automaton = self._automaton
        found = {"*"}
        for index, start, end in automaton.find_matches_as_indexes(data, overlapping=True):
            if data[max(start - 1, 0) : start] not in _WORD and data[end : end + 1] not in _WORD:
                found.add(roots[index])
        return frozenset(found)

    @cached_property
    def _words(self) -> dict[int, tuple[tuple[bytes, ...], ...]]:
        other: dict[str, list[str]] = {}
        for alias, name in self.aliases.items():
            other.setdefault(name, []).append(alias)
        return {
            id(row): tuple(_needed(each, row) for name in row.names for each in (name, *other.get(name, ())))
            for row in self.rows
        }

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


def last_name(name: str) -> str:
    """The last part of a dotted name."""
    return name.rpartition(".")[2]


def _needed(name: str, row: Row) -> tuple[bytes, ...]:
    if row.how == "key":
        return (name.encode(),)
    if "[" in name:  # os.environ[NAME]
        return (name.partition("[")[2].rstrip("]").encode(),)
    if row.files:  # a name in a settings file, written as it stands
        return tuple(part.encode() for part in name.split("."))
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
    starting: list[Launcher] = []
    starters: list[Starter] = []
    for table in tables:
        table.skip("example")
        aliases |= table.mapping("aliases")
        returns |= table.mapping("returns")
        rows += _rows(table)
        starting += launchers.launchers(table)
        starters += launchers.starters(table)
        table.done()
    return Library(tuple(rows), aliases, returns, tuple(starting), tuple(starters))


def _rows(table: Table) -> list[Row]:
    software, source = table.text("software"), table.text("source")
    protocol = table.choice("protocol", PROTOCOLS, "tcp")
    shared = _spellings(table)
    given: list[tuple[str, Table]] = [(kind, part) for kind in KINDS for part in table.tables(kind)]
    imports = frozenset(table.texts("imports", ()))
    shown = {**table.mapping("aliases"), **table.mapping("returns")}
    return [
        _row(
            kind,
            part,
            software=software,
            source=source,
            protocol=protocol,
            shared=shared,
            imports=imports,
            shown=shown,
        )
        for kind, part in given
    ]


def _roots(names: tuple[str, ...], how: str, imports: frozenset[str], shown: Mapping[str, str]) -> frozenset[str]:
    """The modules of which a file must mention one: those of the names, and those that show them under other names."""
    if how in ("key", "variable"):
        return imports
    found = {*names}
    for _ in range(3):  # an alias of what a factory of a third module returns
        found |= {other for other, name in shown.items() if any(f"{full}.".startswith(f"{name}.") for full in found)}
    return imports | {name.partition(".")[0] for name in found if name[:2] == "*." or not name.startswith("*")}


def _row(  # noqa: PLR0913 - what a table says for all its rows
    kind: str,
    table: Table,
    *,
    software: str,
    source: str,
    protocol: str,
    shared: dict[str, str],
    imports: frozenset[str],
    shown: Mapping[str, str],
) -> Row:
    table.skip("bad", "good", "fixed", "example_file", "persona")
    how = next((how for how in HOWS if how in table), "")
    if not how:
        table.fail(f"one of {', '.join(HOWS)}")
    row = Row(
        kind=kind,
        how=how,
        software=table.text("software", software),
        source=table.text("source", source),
        names=table.texts(how),
        host=_argument(table.table("host")),
        port=_argument(port := table.table("port"), number=True),
        default_port=_default_port(port),
        spellings={**shared, **_spellings(table)},
        protocol=table.choice("protocol", PROTOCOLS, protocol),
        role=table.choice("role", ROLES, "main"),
        surface=table.choice("surface", SURFACES, "plain"),
        control_if=table.texts("control_if", ()),
        unless=table.texts("unless", ()),
        only=_only(table),
        requires=table.texts("requires", ()),
        fixed_port=table.flag("fixed_port", default=False),
        made_with=table.texts("made_with", ()),
        made_without=table.texts("made_without", ()),
        opaque=table.flag("opaque", default=False),
        files=table.texts("files", ()),
        tries=table.choice("tries", TRIES, "all"),
        purpose=table.choice("purpose", PURPOSES, "client"),
        but=table.texts("but", ()),
        schemes=table.texts("schemes", ()),
        roots=frozenset() if "files" in table else _roots(table.texts(how), how, imports, shown),
    )
    table.done()
    return row


def _argument(table: Table | None, *, number: bool = False) -> Argument:
    if table is None:
        return Argument()
    if number:
        table.skip("default")
    argument = Argument(
        keywords=table.texts("keyword", ()),
        position=table.number("position", None),
        item=table.number("item", None),
        form=table.choice("form", FORMS, "host"),
        separator=table.text("separator", ""),
        default=None if number or "default" not in table else table.text("default"),
        number=table.choice("number", ("", *MEANINGS), ""),
    )
    table.done()
    return argument


def _default_port(table: Table | None) -> int | None:
    return table.number("default", None) if table is not None else None


def _spellings(table: Table) -> dict[str, str]:
    found = table.mapping("spellings")
    allowed = (*MEANINGS, DEFAULT)
    if wrong := [meaning for meaning in found.values() if meaning not in allowed]:
        table.fail(f"meanings among {', '.join(allowed)}, not {wrong[0]!r}", "spellings")
    return {text.lower(): meaning for text, meaning in found.items()}


def _only(table: Table) -> dict[str, tuple[str | None, ...]]:
    found: dict[str, tuple[str | None, ...]] = {}
    for word in table.texts("only", ()):
        keyword, equals, value = word.partition("=")
        if not equals:
            table.fail('conditions like "transport=sse" or "transport=omitted"', "only")
        found[keyword] = (*found.get(keyword, ()), None if value == "omitted" else value)
    return found


def examples(table: Table) -> tuple[Example, ...]:
    """The examples of every row; `persona` says whose findings they show (a client that tries all is pedantic)."""
    found: list[Example] = []
    for row in [row for kind in (*KINDS, *launchers.KINDS) for row in table.tables(kind)]:
        persona = row.choice("persona", PERSONAS, "regular")
        found += [replace(example, persona=persona) for example in row_examples(row, EXAMPLE_FILE)]
    return tuple(found)
