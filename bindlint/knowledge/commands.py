"""Programs as rows: where each takes its addresses from on a command line, and what it binds when told nothing.

A `[[command]]` row may open sockets (`[[command.listener]]`), connect to hosts (`[[command.client]]`), have protections
(`[[command.guard]]`), start another program (`wraps`) or a container (`container`). One row may do several: `nc -l`
listens, `nc host` connects, `node` starts a script and opens its inspector.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bindlint.addresses import FORMS, MEANINGS
from bindlint.knowledge.containers import Applying, Building, Composing, Containing, options
from bindlint.knowledge.examples import Example, row_examples

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bindlint.knowledge.check import Table

ROLES = ("main", "admin", "cluster", "metrics", "debug")
SURFACES = ("plain", "login", "datastore", "control")
TRIES = ("all", "first", "v4", "socket")
FOLDS = ("dashes", "underscores", "case")
EXAMPLE_FILE = "Procfile"
EXITS = ("--version", "--help")  # GNU Coding Standards 4.8: every program prints and exits successfully


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sign on a command line or in its environment: an option or variable, with one value or (None) any that is on.

    Written `--flag`, `--flag=value`, `$NAME`, `$NAME=value`, `word`, and `word:` for any word that begins so. A value
    of no, false, off, 0 or nothing is not "on".
    """

    name: str
    value: str | None = None
    environment: bool = False

    @classmethod
    def parse(cls, text: str) -> Evidence:
        """Read the written form."""
        name, equals, value = text.partition("=")
        return cls(name.removeprefix("$"), value if equals else None, environment=name.startswith("$"))


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a program takes an address or a port from: flags, prefixes, position, environment, default, in this order.

    `flags` are options with a value; "-c key" means the value `key=…` of the option -c; one `*` stands for any name.
    `bare` are options (without a value) that stand for a host. `prefixes` begin a word whose rest is the value.
    `key` picks the sub-option `key=…` out of a comma list. `position` counts words that are no options, from 0 (from
    the end when negative), and holds where there are `least` of them.
    `absent` is the host meant where a value has none (`:8080`). `default` is the host (port) when nothing is said;
    None: then there is no such listener. `defaults` are other defaults, by the variable that must be set.
    `attached`: a value only ever stands behind `=`. `many`: the option takes all words up to the next option. `each`:
    every mention counts, else the last one does. `fixed`: the first option may be added where none is given. `socket`
    is the value for a Unix socket, or the option and the value that take the place of an option and its address.
    """

    flags: tuple[str, ...] = ()
    bare: Mapping[str, str] = field(default_factory=dict)
    prefixes: tuple[str, ...] = ()
    key: str = ""
    position: int | None = None
    least: int = 0
    environment: tuple[str, ...] = ()
    form: str = "host"
    separator: str = ""
    absent: str = ""
    default: str | None = None
    defaults: Mapping[str, str] = field(default_factory=dict)
    spellings: Mapping[str, str] = field(default_factory=dict)
    attached: bool = False
    many: bool = False
    each: bool = False
    fixed: bool = True
    socket: str = ""


@dataclass(frozen=True, slots=True)
class Opening:
    """A listener that a program opens: always, or `when` one sign is there, and not where one of `unless` is.

    `control` are signs that make its surface "control" (a debugger is switched on). `telling`: whoever sets its
    variables in a container runs this program there. `told` are variables that tell clients where to connect.
    `unguarded` says which protection this very listener lacks.
    """

    role: str
    surface: str
    protocol: str
    address: Setting
    port: Setting
    when: tuple[Evidence, ...] = ()
    unless: tuple[Evidence, ...] = ()
    control: tuple[Evidence, ...] = ()
    front: bool = False
    certain: bool = True
    telling: bool = False
    told: tuple[str, ...] = ()
    unguarded: str = ""


@dataclass(frozen=True, slots=True)
class Calling:
    """A connection that a program makes. `anywhere`: to each URL or localhost found in its words.

    `tries` is what it does with a name of two families (facts.Connection); `contained` the same in a container, where
    the program of that name is usually busybox's. `images` say it by the container's image (globs of repository:tag,
    the first that matches), because the distribution decides which program has the name; `told` are signs on the
    command line that say it over all of them.
    """

    address: Setting
    port: Setting
    tries: str
    contained: str
    anywhere: bool
    unless: tuple[Evidence, ...] = ()
    images: Mapping[str, str] = field(default_factory=dict)
    told: tuple[tuple[Evidence, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Protection:
    """A guard: on by any sign of `on`, else off by any sign of `off`, else `default` ("on", "off", "" = not known)."""

    name: str
    on: tuple[Evidence, ...]
    off: tuple[Evidence, ...]
    default: str


@dataclass(frozen=True, slots=True)
class Wrapping:
    """How a program starts another one.

    `text`: options whose value is a shell text; `code`: options whose value is program text, so that nothing else is
    started; `module`: options whose value is a Python module; `program`: options whose value is a file that it runs,
    and nothing else is started; `script`: the first word that is no option is a file that it executes; `after`: the
    command begins behind this word; `skip`: so many words that are no options come before the command; `texts`: every
    such word is a shell text.
    """

    text: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    module: tuple[str, ...] = ()
    program: tuple[str, ...] = ()
    script: bool = False
    after: str = ""
    skip: int = 0
    texts: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """A program, by the names (or name and sub-command: "flask run") that it is started under.

    `container`: it starts one. `builds`: an image. `composes`: a compose project. `applies`: manifests. `values`
    are further options with a value. `greedy`: every option takes all words up to the next. `clusters`: letters
    share a dash (`-lvp`). `fold` says which spellings of options are one: "dashes" (-x is --x), "underscores" (_ is
    -), "case". `config` is where a configuration file is named: then nothing is known of what is not on the command
    line. `outranks`: what its options say counts before that file. `more` are variables with further arguments.
    `application` is how it names the code it runs: "module" (pkg.mod:app) or "script". `folder` are options that
    say where that code is. `exits` are signs that it prints something and starts nothing. `package`: it starts a
    script of a package.json. `libraries` are Python modules that give a script of the project this program's
    command line where it imports one. `actions` is the path of the file that a sub-command is written in, with `*`
    for its name.
    """

    names: tuple[str, ...]
    software: str
    source: str
    openings: tuple[Opening, ...] = ()
    callings: tuple[Calling, ...] = ()
    guards: tuple[Protection, ...] = ()
    wraps: Wrapping | None = None
    container: Containing | None = None
    builds: Building | None = None
    composes: Composing | None = None
    applies: Applying | None = None
    values: tuple[str, ...] = ()
    greedy: bool = False
    clusters: bool = False
    fold: tuple[str, ...] = ()
    config: Setting | None = None
    outranks: bool = False
    more: tuple[str, ...] = ()
    application: str = ""
    folder: tuple[str, ...] = ()
    exits: tuple[Evidence, ...] = ()
    package: bool = False
    libraries: tuple[str, ...] = ()
    actions: str = ""

    @property
    def tells(self) -> bool:
        """Whether a start of it states anything by itself: a listener, a connection, a guard, code that runs."""
        wraps = self.wraps
        started = wraps is not None and (wraps.module or (wraps.script and not wraps.text))
        runs = self.application or self.actions or started
        stated = self.openings or self.callings or self.guards
        return bool(stated or runs or self.container or self.builds or self.composes or self.applies)


def rows(table: Table) -> tuple[Command, ...]:
    """The programs of a file under rules/commands/."""
    table.skip("example")
    software = table.text("software", "")
    source = table.text("source", "")
    found = tuple(_command(row, software, source) for row in table.tables("command"))
    table.done()
    return found


def examples(table: Table) -> tuple[Example, ...]:
    """The examples of every row."""
    return tuple(e for row in table.tables("command") for e in row_examples(row, EXAMPLE_FILE))


def _command(row: Table, software: str, source: str) -> Command:
    row.skip("bad", "good", "fixed", "example_file", "persona")
    names = row.texts("names")
    if not names:
        row.fail("at least one name", "names")
    command = Command(
        names=names,
        software=row.text("software", software or names[0].split()[0]),
        source=row.text("source", source) or row.fail("where the facts come from", "source"),
        openings=tuple(opening(part) for part in row.tables("listener")),
        callings=tuple(_calling(part) for part in row.tables("client")),
        guards=tuple(protections(row)),
        wraps=_wrapping(row.table("wraps")),
        container=options(Containing, row.table("container")),
        builds=options(Building, row.table("builds")),
        composes=options(Composing, row.table("composes")),
        applies=options(Applying, row.table("applies")),
        values=row.texts("values", ()),
        greedy=row.flag("greedy", default=False),
        clusters=row.flag("clusters", default=False),
        fold=row.choices("fold", FOLDS, ()),
        config=setting(row.table("config")),
        outranks=row.flag("outranks", default=False),
        more=row.texts("more", ()),
        application=row.choice("application", ("", "module", "script"), ""),
        folder=row.texts("folder", ()),
        package=row.flag("package", default=False),
        libraries=row.texts("libraries", ()),
        actions=row.text("actions", ""),
        exits=tuple(Evidence.parse(text) for text in (*EXITS, *row.texts("exits", ()))),
    )
    row.done()
    return command


def opening(row: Table) -> Opening:
    """Read a `listener` table, of a command or an image."""
    found = Opening(
        role=row.choice("role", ROLES, "main"),
        surface=row.choice("surface", SURFACES, "plain"),
        protocol=row.choice("protocol", ("tcp", "udp"), "tcp"),
        address=setting(row.table("address")) or row.fail("where the address comes from: address = { … }", "address"),
        port=setting(row.table("port"), port=True) or Setting(),
        when=evidence(row, "when"),
        unless=evidence(row, "unless"),
        control=evidence(row, "control"),
        front=row.flag("front", default=False),
        certain=row.flag("certain", default=True),
        telling=row.flag("telling", default=False),
        told=row.texts("told", ()),
        unguarded=row.text("unguarded", ""),
    )
    row.done()
    return found


def protections(row: Table) -> Iterator[Protection]:
    """Read the `guard` tables of a command or an image."""
    for part in row.tables("guard"):
        name = part.text("name")
        default = part.choice("default", ("", "on", "off"), "")
        yield Protection(name, evidence(part, "on"), evidence(part, "off"), default)
        part.done()


def evidence(row: Table, key: str) -> tuple[Evidence, ...]:
    """Read a list of signs."""
    return tuple(Evidence.parse(text) for text in row.texts(key, ()))


def setting(row: Table | None, *, port: bool = False) -> Setting | None:
    """Read a table that says where a value comes from; a port's default is a number."""
    if row is None:
        return None
    spellings = row.mapping("spellings")
    if wrong := set(spellings.values()) - set(MEANINGS):
        row.fail(f"meanings among {', '.join(MEANINGS)}, not {min(wrong)!r}", "spellings")
    default: str | None = None
    if "default" in row:
        default = str(row.number("default")) if port else row.text("default")
    found = Setting(
        flags=row.texts("flags", ()),
        bare=row.mapping("bare"),
        prefixes=row.texts("prefixes", ()),
        key=row.text("key", ""),
        position=row.number("position", None),
        least=row.number("least", 0) or 0,
        environment=row.texts("environment", ()),
        form=row.choice("form", FORMS, "host"),
        separator=row.text("separator", ""),
        absent=row.text("absent", ""),
        default=default,
        defaults=row.mapping("defaults"),
        spellings=spellings,
        attached=row.flag("attached", default=False),
        many=row.flag("many", default=False),
        each=row.flag("each", default=False),
        fixed=row.flag("fixed", default=True),
        socket=row.text("socket", ""),
    )
    row.done()
    return found


def _calling(row: Table) -> Calling:
    tries = row.choice("tries", TRIES, "all")
    found = Calling(
        address=setting(row.table("address")) or Setting(),
        port=setting(row.table("port"), port=True) or Setting(),
        tries=tries,
        contained=row.choice("contained", TRIES, tries),
        anywhere=row.flag("anywhere", default=False),
        unless=evidence(row, "unless"),
        images=_tries(row, "images"),
        told=tuple((Evidence.parse(sign), tries) for sign, tries in _tries(row, "told").items()),
    )
    row.done()
    return found


def _tries(row: Table, key: str) -> dict[str, str]:
    """Read a table of what a client does with a name of two families, by something."""
    found = row.mapping(key)
    if wrong := set(found.values()) - set(TRIES):
        row.fail(f"values among {', '.join(TRIES)}, not {min(wrong)!r}", key)
    return found


def _wrapping(row: Table | None) -> Wrapping | None:
    if row is None:
        return None
    found = Wrapping(
        text=row.texts("text", ()),
        code=row.texts("code", ()),
        module=row.texts("module", ()),
        program=row.texts("program", ()),
        script=row.flag("script", default=False),
        after=row.text("after", ""),
        skip=row.number("skip", 0) or 0,
        texts=row.flag("texts", default=False),
    )
    row.done()
    return found
