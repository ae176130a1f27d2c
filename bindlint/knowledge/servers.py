"""Servers as rows: which files configure them, what they listen on, and what guards it.

The vocabulary of a row under rules/servers/ is closed; `bindlint.readers.grammars` is its interpreter. A *condition* is
a text: "key" (written, and not switched off), "key=value" (written so, case folded), "!key" (not written).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from bindlint.addresses import FORMS, MEANINGS
from bindlint.knowledge.examples import Example, row_examples
from bindlint.knowledge.owners import globs_pattern, plain_path

if TYPE_CHECKING:
    from bindlint.knowledge.check import Table

GRAMMARS = (
    "directives",
    "ini",
    "properties",
    "yaml",
    "blocks",
    "braced",
    "caddyfile",
    "haproxy",
    "named",
    "pg_hba",
    "postgres",
    "xml",
)
ROLES = ("main", "admin", "cluster", "metrics", "debug")
SURFACES = ("plain", "datastore", "control")
REPEATS = ("last", "first", "accumulate")
SCOPES = ("file", "section")
CONTINUATIONS = ("", "indent", "backslash")
FOLDS = ("case", "dash")
# "colon": the last colon always parts host from port, as HAProxy reads `:::8080`; "at": an `@` does.
ADDRESS_FORMS = (*FORMS, "colon", "at")
# What may stand around an address and what it says: nothing, a protocol, families, or that no IP socket is meant.
PREFIXES = ("", "tcp", "udp", "v4", "v6", "dual", "none")
_Row = TypeVar("_Row", "Listens", "Guards", "Connects", "Runs")


@dataclass(frozen=True, slots=True)
class Place:
    """Where addresses stand: the keys (globs) in these sections (globs), and in which of an entry's words.

    `word` is the index of the word that holds them, None for every word; `port_word` the word that is a port.
    `separator`, `form`, `prefixes` and `suffixes` say how one word is taken apart; what stands up to `skip_to`, and
    from `until` on, is left out.
    """

    keys: tuple[str, ...]
    sections: tuple[str, ...] = ()
    word: int | None = None
    port_word: int | None = None
    form: str = "host"
    separator: str = ""
    prefixes: dict[str, str] = field(default_factory=dict)
    suffixes: dict[str, str] = field(default_factory=dict)
    skip_to: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Listens:
    """One listener of a server.

    `place` holds the addresses. Of several keys the first that is written decides, unless `every` lets each open its
    own. `repeats` is what the same key written twice does; `scope` "section" judges each section by itself.
    `port_keys` name the port where it stands apart, `port` is the default, `port_offset` is added. `zero`: a port
    written as 0 is the default one; else it closes the listener.
    `requires`: any of these conditions must hold; `off`: any of these closes it.
    `families` are conditions under which one family alone is taken, or "dual": IPv4 as well wherever IPv6 is.
    `switches` are keys that, switched on, stand for an address (`bindIpAll: true`); `narrows` are keys that confine
    what was bound to an interface; `options` are words beside the address that decide the families.
    `omitted` is what an entry means that gives a port only, `lead` what a fix writes before an address there, where one
    may stand `beside`;
    `loopback` the address that it writes where the family's own is not taken; `default` what no entry at all means, in
    a complete file, unless one of the conditions `default_unless` holds; "" is nothing.
    `always`: its sections need not be there for it.
    `anchors` are the keys at which a listener that is nowhere written is shown; `write` is the text that would set it,
    with {host} in it, `both` what stands there for the loopback addresses of both families (a list does without),
    `socket` what stands in the place of an address for a Unix socket. `told` are keys that tell clients where to
    connect: a loopback address cuts these off. `front` is for proxies that publish 80 and 443 by design. `unguarded`
    says which protection this very listener lacks.
    """

    place: Place
    source: str
    role: str = "main"
    surface: str = "plain"
    protocol: str = "tcp"
    every: bool = False
    repeats: str = "last"
    scope: str = "file"
    port_keys: tuple[str, ...] = ()
    port: int | None = None
    port_offset: int = 0
    zero: bool = False
    requires: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    families: dict[str, str] = field(default_factory=dict)
    switches: dict[str, str] = field(default_factory=dict)
    narrows: tuple[str, ...] = ()
    options: dict[str, str] = field(default_factory=dict)
    spellings: dict[str, str] = field(default_factory=dict)
    omitted: str = "wildcard"
    beside: bool = True
    lead: str = ""
    loopback: str = ""
    default: str = ""
    default_text: str = ""
    default_unless: tuple[str, ...] = ()
    always: bool = False
    anchors: tuple[str, ...] = ()
    write: str = ""
    both: str = ""
    socket: str = ""
    told: tuple[str, ...] = ()
    front: bool = False
    certain: bool = True
    unguarded: str = ""


@dataclass(frozen=True, slots=True)
class Guards:
    """A protection: the values of its keys that switch it off or on ("*": any value).

    `absent` "off" means that it is off where a complete file does not write it. While a condition of `unless` holds,
    something else protects and it is never off. `clients` is the word with the range of client addresses that an
    entry admits, `value` the word with its value: then each entry is a guard, off only for ranges beyond loopback,
    and the first that matches decides. While the condition `apart` holds, each entry is about the listener whose key
    (one of `apart_keys`) it follows.
    """

    name: str
    place: Place
    source: str
    off: tuple[str, ...] = ()
    on: tuple[str, ...] = ()
    absent: str = ""
    unless: tuple[str, ...] = ()
    clients: int | None = None
    value: int = 0
    apart: str = ""
    apart_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Connects:
    """A peer that the server connects to. `tries` as in `facts.Connection`; `port` is the default."""

    place: Place
    source: str
    tries: str = "all"
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Runs:
    """Command lines that the server starts; `environment` are keys of `NAME=value` words for them.

    `arguments` are keys beside it with further words of the command line; `program` is what all of them are arguments
    of (`ARGS=` in /etc/default). `shell`: a shell reads it.
    """

    place: Place
    source: str
    environment: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    program: str = ""
    strip: str = ""
    shell: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Server:
    """One server's configuration files, read with one grammar.

    `files` are globs on the end of the path (`conf.d/*.conf`, `redis.conf`), template suffixes taken off; `main` are
    those that hold the whole configuration, so that what they leave out has its default, as does a file in which one of
    the conditions `main_when` holds. `markers` are texts of which one must begin a line, after blanks ("": a file of
    nothing but comments will do); `refuses` are texts that must begin none, without blanks, nor may `doubts`, unless
    one of the texts `sure` begins a line. `strangers` are globs of files that belong to something else although `files`
    names them. `includes` are keys that bring in other files, which may say what this one leaves out.
    """

    software: str
    source: str
    grammar: str
    files: tuple[str, ...]
    main: tuple[str, ...]
    main_when: tuple[str, ...]
    markers: tuple[str, ...]
    refuses: tuple[str, ...]
    doubts: tuple[str, ...]
    sure: tuple[str, ...]
    strangers: tuple[str, ...]
    comments: str
    inline: str
    folds: tuple[str, ...]
    key_prefixes: tuple[str, ...]
    continuation: str
    abbreviations: dict[str, str]
    includes: tuple[str, ...]
    listeners: tuple[Listens, ...]
    guards: tuple[Guards, ...]
    clients: tuple[Connects, ...]
    runs: tuple[Runs, ...]

    def is_main(self, path: str) -> bool:
        """Whether a file holds the server's whole configuration."""
        return globs_pattern(self.main).search(plain_path(path)) is not None


def rows(table: Table) -> tuple[Server, ...]:
    """Read one file under rules/servers/."""
    files = table.texts("files")
    sections, spellings = table.texts("sections", ()), _meanings(table, "spellings")
    surface = table.choice("surface", SURFACES, "plain")
    server = Server(
        software=table.text("software"),
        source=table.text("source"),
        grammar=table.choice("grammar", GRAMMARS),
        files=files,
        main=table.texts("main", files),
        main_when=table.texts("main_when", ()),
        markers=table.texts("markers", ()),
        refuses=table.texts("refuses", ()),
        doubts=table.texts("doubts", ()),
        sure=table.texts("sure", ()),
        strangers=table.texts("strangers", ()),
        comments=table.text("comments", "#"),
        inline=table.text("inline", ""),
        folds=table.choices("folds", FOLDS, ()),
        key_prefixes=table.texts("key_prefixes", ()),
        continuation=table.choice("continuation", CONTINUATIONS, ""),
        abbreviations=table.mapping("abbreviations"),
        includes=table.texts("includes", ()),
        listeners=tuple(_listener(part, sections, spellings, surface) for part in table.tables("listener")),
        guards=tuple(_guard(part, sections) for part in table.tables("guard")),
        clients=tuple(_client(part, sections) for part in table.tables("client")),
        runs=tuple(_run(part, sections) for part in table.tables("run")),
    )
    table.skip("example", "example_file")
    table.done()
    return (server,)


def examples(table: Table) -> tuple[Example, ...]:
    """The examples of every listener, guard, client and command of a server.

    A row may do without only where the file has `[[example]]` tables: its finding takes two files, or a persona.
    """
    file = table.text("example_file", table.texts("files")[0].replace("*", "example"))
    found = []
    for kind in ("listener", "guard", "client", "run"):
        for part in table.tables(kind):
            if "bad" in part or "good" in part or "example" not in table:
                # Whether a client that is told `localhost` misses takes a whole project; the pedant hears of each.
                persona = "pedantic" if kind == "client" else "regular"
                found += [replace(example, persona=persona) for example in row_examples(part, file)]
    return tuple(found)


def _place(table: Table, sections: tuple[str, ...]) -> Place:
    prefixes, suffixes = table.mapping("prefixes"), table.mapping("suffixes")
    if unknown := sorted({*prefixes.values(), *suffixes.values()} - set(PREFIXES)):
        table.fail(f"affixes that mean one of {', '.join(PREFIXES)}, not {unknown[0]!r}", "prefixes")
    return Place(
        keys=table.texts("keys"),
        sections=table.texts("sections", sections),
        word=table.number("word", None),
        port_word=table.number("port_word", None),
        form=table.choice("form", ADDRESS_FORMS, "host"),
        separator=table.text("separator", ""),
        prefixes=prefixes,
        suffixes=suffixes,
        skip_to=table.text("skip_to", ""),
        until=table.text("until", ""),
    )


def _listener(table: Table, sections: tuple[str, ...], spellings: dict[str, str], surface: str) -> Listens:
    row = Listens(
        place=_place(table, sections),
        source=table.text("source"),
        role=table.choice("role", ROLES, "main"),
        surface=table.choice("surface", SURFACES, surface),
        protocol=table.choice("protocol", ("tcp", "udp"), "tcp"),
        every=table.flag("every", default=False),
        repeats=table.choice("repeats", REPEATS, "last"),
        scope=table.choice("scope", SCOPES, "file"),
        port_keys=table.texts("port_keys", ()),
        port=table.number("port", None),
        port_offset=table.number("port_offset", 0) or 0,
        zero=table.flag("zero", default=False),
        requires=table.texts("requires", ()),
        off=table.texts("off", ()),
        families=_families(table),
        switches=_meanings(table, "switches", fold=False),
        narrows=table.texts("narrows", ()),
        options=_meanings(table, "options"),
        spellings={**spellings, **_meanings(table, "spellings")},
        omitted=table.choice("omitted", tuple(MEANINGS), "wildcard"),
        beside=table.flag("beside", default=True),
        lead=table.text("lead", ""),
        loopback=table.text("loopback", ""),
        default=table.choice("default", ("", *MEANINGS), ""),
        default_text=table.text("default_text", ""),
        default_unless=table.texts("default_unless", ()),
        always=table.flag("always", default=False),
        anchors=table.texts("anchors", ()),
        write=table.text("write", ""),
        both=table.text("both", ""),
        socket=table.text("socket", ""),
        told=table.texts("told", ()),
        front=table.flag("front", default=False),
        certain=table.flag("certain", default=True),
        unguarded=table.text("unguarded", ""),
    )
    return _finish(table, row)


def _guard(table: Table, sections: tuple[str, ...]) -> Guards:
    row = Guards(
        name=table.text("name"),
        place=_place(table, sections),
        source=table.text("source"),
        off=table.texts("off", ()),
        on=table.texts("on", ()),
        absent=table.choice("absent", ("", "off"), ""),
        unless=table.texts("unless", ()),
        clients=table.number("clients", None),
        value=table.number("value", 0) or 0,
        apart=table.text("apart", ""),
        apart_keys=table.texts("apart_keys", ()),
    )
    return _finish(table, row)


def _client(table: Table, sections: tuple[str, ...]) -> Connects:
    row = Connects(
        place=_place(table, sections),
        source=table.text("source"),
        tries=table.choice("tries", ("all", "first", "v4", "socket"), "all"),
        port=table.number("port", None),
    )
    return _finish(table, row)


def _run(table: Table, sections: tuple[str, ...]) -> Runs:
    row = Runs(
        place=_place(table, sections),
        source=table.text("source"),
        environment=table.texts("environment", ()),
        arguments=table.texts("arguments", ()),
        program=table.text("program", ""),
        strip=table.text("strip", ""),
        shell=table.flag("shell", default=False),
    )
    return _finish(table, row)


def _finish(table: Table, row: _Row) -> _Row:
    """Leave the examples to `examples`, and refuse what is unknown."""
    table.skip("bad", "good", "fixed", "example_file")
    table.done()
    return row


def _families(table: Table) -> dict[str, str]:
    """Conditions and the families that they leave."""
    found = table.mapping("families")
    if unknown := sorted(set(found.values()) - {"v4", "v6", "dual"}):
        table.fail(f"families among v4, v6, dual, not {unknown[0]!r}", "families")
    return found


def _meanings(table: Table, key: str, *, fold: bool = True) -> dict[str, str]:
    """A table of texts and what they mean as addresses."""
    found = {text.lower() if fold else text: meaning for text, meaning in table.mapping(key).items()}
    if unknown := sorted(set(found.values()) - set(MEANINGS)):
        table.fail(f"meanings among {', '.join(MEANINGS)}, not {unknown[0]!r}", key)
    return found
