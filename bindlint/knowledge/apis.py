"""APIs of Python libraries as rows: which call, assignment or key states an address, and what each value means.

Omitted, `''`, `None` and each spelling are separate cells, because libraries differ in every one of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bindlint import addresses
from bindlint.addresses import MEANINGS
from bindlint.knowledge import clients

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bindlint.knowledge.check import Table

FORMS = (*addresses.FORMS, "endpoint")
PROTOCOLS = ("tcp", "udp")
ROLES = ("main", "admin", "cluster", "metrics", "debug")
SURFACES = ("plain", "datastore", "control")
KINDS = ("listener", "client")
HOWS = ("call", "assign", "key", "setting", "variable")
# What an omitted or `None` value may mean besides an address: the row's default.
DEFAULT = "default"
HANDED_ON = "*"  # among what a row lacks: whatever others do that get the object
ANYTHING = "given"  # in a condition on an argument: any value but None and False


@dataclass(frozen=True, slots=True)
class Argument:
    """Where a call takes a value from: keyword names, a position (the receiver is not counted), an item of a tuple.

    `form` is how the text is written (addresses.FORMS; "endpoint" is Twisted's mini-language). `default` is the address
    when nothing is given, None when it must be given; `earlier` says what it was before a version of a package (its
    name and that version), the earliest first. `keys` lead into a dictionary that is given there. `item` is the
    place of the value in a tuple; `number` is what a bare integer means ("" when it is no address), `true`
    what a True means. `loopback` is what a fix writes where the family's own loopback address is not taken; `fixed`: it
    may write one where none is.
    """

    keywords: tuple[str, ...] = ()
    position: int | None = None
    item: int | None = None
    form: str = "host"
    separator: str = ""
    default: str | None = None
    number: str = ""
    keys: tuple[str, ...] = ()
    true: str = ""
    earlier: tuple[tuple[str, tuple[int, ...], str], ...] = ()
    loopback: str = ""
    fixed: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """One API: `names` are its qualified names, canonical first.

    `how` is "call", "assign" (`names` are assigned to; `*User.host` is an attribute of a class whose base's name ends
    so), "key" (`names` are dictionary keys), "setting" (`names` are globs of settings: of a variable of a module or
    class, a key or a keyword) or "variable" (`names` are globs of environment variables whose default is meant, `but`
    those that are not, `schemes` the URL schemes that count). `roots` are the modules that a file must mention; "*"
    holds in every file. `unless` are keywords that replace the TCP socket; `only` are keywords that must have one of
    some values ("omitted" and "given" among them), `where` other keys or keywords that must be known to be so. A
    keyword may have a position: `address@0`. `requires` are methods that make the receiver, or the object that the call
    makes, listen (`__enter__`: a `with`, `__iter__`: a `for`), which a port other than 0 makes up for when
    `fixed_port`; `lacks` are methods that take the place of the row ("*": whatever others do that get the object),
    `instead` calls that open nothing, like `run(transport@0=stdio|omitted)`; an address left out counts only where one
    of the methods `serves` is called on the object, or on what is made from it. `made_with`/`made_without` are words (a
    keyword: `host=`) among the arguments of the call that made the receiver, or of the call itself when that makes the
    object, and in the body of a project's class. `opaque`: the method counts on a receiver whose class is unknown, when
    the address is written out as a wildcard. `elsewhere`: it counts without an address, too, in files that do not name
    the library, on objects that other files make. `takes` is a listening socket that is given: the row says by its
    surface what strangers reach there. `control_if` are keywords that, when True, let them run code, `control_unless`
    those that, when False, do not; `control_with` classes among the arguments, `Class(keyword)` when made with that
    keyword True; `control_after` what is on at the call: `.attribute` or `.thing["key"]` of the receiver,
    `os.environ["NAME"]`, or `method(keyword)` called on what the call makes. `files` are file names (globs) outside
    which the row does not hold, nor without the names `beside` assigned in the same file. `tries` is by URL scheme
    (knowledge.clients), all of them when a file of the project speaks of one of `replaced`, which puts another driver
    in this one's place.
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
    takes: Argument | None = None
    control_if: tuple[str, ...] = ()
    control_unless: tuple[str, ...] = ()
    control_with: tuple[str, ...] = ()
    control_after: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    only: Mapping[str, tuple[str | None, ...]] = field(default_factory=dict)
    requires: tuple[str, ...] = ()
    fixed_port: bool = False
    lacks: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    serves: tuple[str, ...] = ()
    made_with: tuple[str, ...] = ()
    made_without: tuple[str, ...] = ()
    opaque: bool = False
    elsewhere: bool = False
    files: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tries: Mapping[str, str] = field(default_factory=lambda: clients.EVERY)
    replaced: tuple[str, ...] = ()
    purpose: str = "client"
    but: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    roots: frozenset[str] = frozenset()

    @property
    def of_object(self) -> bool:
        """Whether a method of an object listens: that may come from another file, the library's name with it."""
        owners = (name.rpartition(".")[0] for name in self.names)
        return (self.kind, self.how) == ("listener", "call") and any(last_name(owner)[:1].isupper() for owner in owners)


def last_name(name: str) -> str:
    """The last part of a dotted name."""
    return name.rpartition(".")[2]


def rows(table: Table) -> list[Row]:
    """The rows of one library's table."""
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
            shared=shared if kind == "listener" else {},
            imports=imports,
            shown=shown,
        )
        for kind, part in given
    ]


def _roots(names: tuple[str, ...], how: str, imports: frozenset[str], shown: Mapping[str, str]) -> frozenset[str]:
    """The modules of which a file must mention one: those of the names, and those that show them under other names."""
    if how in ("key", "setting", "variable"):
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
        takes=_argument(table.table("takes")) if "takes" in table else None,
        control_if=table.texts("control_if", ()),
        control_unless=table.texts("control_unless", ()),
        control_with=table.texts("control_with", ()),
        control_after=table.texts("control_after", ()),
        unless=table.texts("unless", ()),
        only=_only(table),
        requires=table.texts("requires", ()),
        lacks=table.texts("lacks", ()),
        instead=table.texts("instead", ()),
        serves=table.texts("serves", ()),
        fixed_port=table.flag("fixed_port", default=False),
        made_with=table.texts("made_with", ()),
        made_without=table.texts("made_without", ()),
        elsewhere=table.flag("elsewhere", default=False),
        opaque=table.flag("opaque", default=False),
        files=table.texts("files", ()),
        beside=table.texts("beside", ()),
        where=clients.where(table),
        tries=clients.tries(table),
        replaced=table.texts("replaced", ()),
        purpose=table.choice("purpose", clients.PURPOSES, "client"),
        but=table.texts("but", ()),
        schemes=table.texts("schemes", ()),
        roots=frozenset()
        if "files" in table or (how == "key" and "where" in table)
        else _roots(table.texts(how), how, imports, shown),
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
        keys=table.texts("key", ()),
        true=table.choice("true", ("", *MEANINGS), ""),
        earlier=_earlier(table),
        loopback=table.text("loopback", ""),
        fixed=table.flag("fixed", default=True),
    )
    table.done()
    return argument


def _earlier(table: Table) -> tuple[tuple[str, tuple[int, ...], str], ...]:
    found = []
    for said, default in table.mapping("earlier").items():
        package, _, version = said.partition(" ")
        if not all(part.isdigit() for part in version.split(".")):
            table.fail('a package and a version like "mcp 1.9.1"', "earlier")
        found.append((package, tuple(int(part) for part in version.split(".")), default))
    return tuple(sorted(found, key=lambda row: row[1]))


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
