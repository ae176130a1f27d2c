"""One file's facts from its libcst tree: parse, bind, match, and put into order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bindlint.addresses import SCHEMES, Kind
from bindlint.errors import UnreadableError
from bindlint.facts import Connection, Listener, Problem
from bindlint.knowledge.clients import OTHERS
from bindlint.knowledge.gate import wild
from bindlint.readers.python import guard, lexical, parse
from bindlint.readers.python.addressing import Addressing
from bindlint.readers.python.arguments import ports, unsaid
from bindlint.readers.python.calls import Calls
from bindlint.readers.python.control import Control
from bindlint.readers.python.dockersdk import Containers
from bindlint.readers.python.launched import Launched
from bindlint.readers.python.modules import Modules, tree_of
from bindlint.readers.python.named import Named
from bindlint.readers.python.names import Names
from bindlint.readers.python.salvage import Salvage, salvage
from bindlint.readers.python.scripts import only_started, wanted
from bindlint.readers.python.settings import Settings
from bindlint.readers.python.values import Values
from bindlint.source import is_test

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.facts import Fact
    from bindlint.knowledge import Knowledge
    from bindlint.knowledge.apis import Row
    from bindlint.knowledge.python import Library
    from bindlint.readers.python.addressing import Stated
    from bindlint.readers.python.calls import Match
    from bindlint.readers.python.scopes import At
    from bindlint.readers.python.tree import Tree
    from bindlint.source import Source

NEAR = 200  # characters between an address and its port


def read(
    source: Source, knowledge: Knowledge, rows: frozenset[int], *, launches: bool = True
) -> Iterator[Fact | Problem]:
    """The facts of a file that the guard lets through, and a problem when not all of it could be read.

    `rows` are the rows that it may speak of, by their `id`s; `launches` whether it may start programs or containers.
    """
    try:
        facts = parse.in_big_stack(lambda: list(_read(source, knowledge, rows, launches=launches)))
    except parse.FAILURES as error:
        yield Problem(source.path, f"not parsed, only searched for literal addresses: {_first_line(error)}")
        yield from lexical.listeners(source)
        return
    yield from facts


def _first_line(error: BaseException) -> str:
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__


def _read(source: Source, knowledge: Knowledge, rows: frozenset[int], *, launches: bool) -> Iterator[Fact | Problem]:
    text = parse.level(source.text)
    try:
        tree = tree_of(source, text)
    except parse.RefusedError as error:
        yield Problem(source.path, f"not parsed, only searched for literal addresses: {error}")
        yield from lexical.listeners(source)
        return
    except parse.FAILURES as error:
        saved = salvage(text)
        if saved is None or guard.refuse(saved.text):
            line = getattr(error, "raw_line", 0) or getattr(error, "lineno", 0) or 0
            yield Problem(source.path, "not Python 3, only searched for literal addresses", line)
            yield from lexical.listeners(source)
            return
        yield _partial(source, saved)
        yield from _lost(source, text, saved.text)
        tree = tree_of(source, saved.text)
    try:
        file = _File(source, tree, knowledge.python, rows)
        stated: list[Fact] = [*file.facts()]
        if launches:
            stated += file.started(knowledge)
        yield from sorted(dict.fromkeys(stated), key=lambda fact: (fact.site, not isinstance(fact, Listener)))
        if file.exhausted:
            yield Problem(source.path, "too much refers to something else: not everything was followed", partial=True)
    except UnreadableError as error:
        yield Problem(source.path, f"only searched for literal addresses: {error.reason}")
        yield from lexical.listeners(source)


def _lost(source: Source, text: str, saved: str) -> Iterator[Listener]:
    """Literal addresses in the statements that were given up."""
    shift = len(source.text) - len(text)
    for listener in lexical.listeners(source):
        start, end = listener.site.span.start - shift, listener.site.span.end - shift
        if text[start:end] != saved[start:end]:
            yield listener


def _partial(source: Source, saved: Salvage) -> Problem:
    count = len(saved.lines)
    what = "1 statement was" if count == 1 else f"{count} statements were"
    reason = f"{what} not read, the first is not Python 3: {saved.reason}"
    return Problem(source.path, reason, min(saved.lines, default=0), partial=True)


class _File:
    """The parts that read one file, put together."""

    def __init__(self, source: Source, tree: Tree, library: Library, rows: frozenset[int]) -> None:
        self.source = source
        self.tree = tree
        self.modules = modules = Modules(source, self.tree)
        self.values = values = Values(Names(modules, library))
        listening = (row for row in library.rows if id(row) in rows and row.kind == "listener")
        classes = frozenset(
            last for row in listening for name in row.names if (last := name.rpartition(".")[2])[:1].isupper()
        )
        names = Names(modules.holding(classes), library)  # for what every call is asked, not only those that listen
        self.names = names
        self.addressing = Addressing(values, self.tree, source)
        self.calls = Calls(self.tree, names, values, library, rows, wild=wild(source.text))
        self.control = Control(self.tree, names, values)
        self.settings = Settings(self.tree, names, values, self.calls, self.addressing, library, source.name)
        self.named = Named(
            self.tree, values, self.addressing, [row for row in library.rows if self.settings.holds(row)]
        )

    @property
    def exhausted(self) -> bool:
        """Whether the reading came to the end of its steps, so that a listener may have been missed."""
        return self.names.exhausted or self.values.exhausted

    def facts(self) -> list[Listener | Connection]:
        """Every listener and connection of the file's own calls and settings once."""
        found: list[Listener | Connection] = []
        matches = list(self.calls.matches())
        surfaces = self.calls.surfaces(matches)
        for match in matches:
            self.modules.outward = match.row.kind == "listener" and not match.opaque
            addresses = list(self.calls.stated(match, self.addressing))
            self.modules.outward = False
            surface = surfaces.get(match.call.node) or surfaces.get(match.made.node if match.made else None)
            if surface is None:
                surface = "control" if addresses and self.control.of(match) else match.row.surface
            for stated in addresses:
                port = stated.port if stated.port is not None else self._port(match, stated)
                certain = match.certain and not self._is_test(match.call.at)
                found += self._fact(match.row, stated, port, surface, certain=certain, at=match.call.at)
        for row, stated, at in self.settings.stated():
            port = stated.port if stated.port is not None else row.default_port
            found += self._fact(row, stated, port, row.surface, certain=not self._is_test(at))
        used = {fact.address.slot.site for fact in found if fact.address.slot}
        for row, stated, at in self.named.stated():
            if stated.address.slot is None or stated.address.slot.site not in used:
                found += self._fact(row, stated, stated.port, row.surface, certain=not self._is_test(at))
        unique: dict[tuple[object, ...], Listener | Connection] = {}
        for fact in found:
            unique.setdefault((type(fact), fact.site, fact.address.slot, fact.address.text, fact.protocol), fact)
        return list(unique.values())

    def _port(self, match: Match, stated: Stated) -> int | None:
        """The port of a call; of several that callers give, the one that is written nearest to the address."""
        found = ports(self.values, match.row, match.arguments)
        if len({number for number, _ in found}) < 2:
            return (found[0][0] if found else unsaid(self.values, match.row, match.arguments)) or None
        near = [stated.site, *(step.site for step in stated.address.trail)]
        best: tuple[int, int] | None = None
        for number, value in found:
            for node in [value.node, *(hop.node for hop in value.trail if hop.handed)]:
                site = self.addressing.at(node)
                for other in near:
                    away = abs(site.span.start - other.span.start)
                    if site.path == other.path and away <= NEAR and (best is None or away < best[0]):
                        best = (away, number)
        return best[1] or None if best else None

    def started(self, knowledge: Knowledge) -> Iterator[Fact]:
        """What the programs and containers say that the file starts."""
        launched = Launched(self.tree, self.calls, self.addressing, knowledge, self._is_test)
        yield from launched.facts()
        yield from Containers(self.calls, self.addressing, knowledge, launched.lines, self._is_test).facts()

    def _fact(
        self, row: Row, stated: Stated, port: int | None, surface: str, *, certain: bool, at: At | None = None
    ) -> Iterator[Listener | Connection]:
        if row.kind == "listener":
            yield Listener(
                site=stated.site,
                software=row.software,
                address=stated.address,
                port=port,
                protocol=row.protocol,
                role=row.role,
                surface=surface,
                certain=certain,
                code=self.source.path if stated.site.path != self.source.path else "",
                script=at is not None and only_started(at),
                wants=wanted(at) if at is not None else "",
            )
        elif stated.address.kind is not Kind.UNKNOWN and stated.address.text:
            yield Connection(
                site=stated.site,
                client=row.software,
                address=stated.address,
                port=port if port is not None else SCHEMES.get(stated.scheme.partition("+")[0]),
                protocol=row.protocol,
                tries=self._tries(row, stated.scheme),
                purpose=row.purpose,
            )

    def _tries(self, row: Row, scheme: str) -> str:
        """What the client does with a name, unless the project puts another driver in its place."""
        tries = row.tries.get(scheme, row.tries[OTHERS])
        if tries == "socket" and any(map(self.modules.speak_of, row.replaced)):
            return "all"
        return tries

    def _is_test(self, at: At) -> bool:
        if is_test(self.source.path):
            return True
        owner = at.scope.owner
        return owner is not None and any(base.endswith("TestCase") for base in self.names.library_bases(owner))
