"""From the values of an expression to addresses: which characters are the host, what they mean, where to change it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import libcst as cst

from bindlint.addresses import MEANINGS, Families, Kind, Piece, classify, split
from bindlint.facts import Address, Known, Step
from bindlint.knowledge.apis import DEFAULT
from bindlint.readers.python.scopes import dotted
from bindlint.readers.python.value import Held, Hop, written
from bindlint.readers.python.versions import pinned
from bindlint.source import Slot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.knowledge.apis import Argument, Row
    from bindlint.readers.python.parse import Places
    from bindlint.readers.python.scopes import CallSite
    from bindlint.readers.python.tree import Tree
    from bindlint.readers.python.value import Value
    from bindlint.readers.python.values import Values
    from bindlint.readers.python.versions import Pin
    from bindlint.source import Site, Source

_NO_NETWORK = ("unix", "ipc", "inproc", "file", "fd", "sqlite", "vsock", "vmci")
_ENDPOINT = re.compile(r"(?P<kind>[a-z0-9]+):", re.IGNORECASE)
_INTERFACE = re.compile(r":interface=(?P<host>(?:[^:\\]|\\.)*)")


@dataclass(frozen=True, slots=True)
class Use:
    """An expression that states an address to an API: the argument, or the element of the tuple written there."""

    node: cst.BaseExpression
    value: Value
    item: bool = False  # taken out of a tuple or list


@dataclass(frozen=True, slots=True)
class Stated:
    """An address and the site that states it; `scheme` is that of its URL, "" for none."""

    site: Site
    address: Address
    port: int | None = None
    scheme: str = ""


class Addressing:
    """Addresses that one file states; they may be written in others."""

    def __init__(self, values: Values, tree: Tree, source: Source) -> None:
        self.values = values
        self.source = source
        self._pins: dict[str, Pin | None] = {}
        self._tree = tree

    def places(self, node: cst.CSTNode) -> Places:
        """The places of the file that a node lies in."""
        node = written(node)
        return self.values.names.modules.places(node, self._tree)

    def at(self, node: cst.CSTNode) -> Site:
        """The site of a node, in whichever file."""
        node = written(node)
        return self.places(node).site(node)

    def uses(self, use: Use, argument: Argument) -> Iterator[Use]:
        """The host values in an argument: an item of a tuple, each member of a list, or the value itself."""
        value = use.value
        if value.kind != "sequence" or (argument.item is None and not value.elements):
            yield use
            return
        wanted = value.elements if argument.item is None else value.elements[argument.item : argument.item + 1]
        for node, at in wanted:
            member = (Hop(node, "one of these"),) if argument.item is None and not isinstance(node, Held) else ()
            for inner in self.values.known(node, at):
                if value.trail or value.origin != "here":
                    followed = replace(
                        inner,
                        trail=(*value.trail, *member, *inner.trail),
                        origin=value.origin if inner.origin == "here" else inner.origin,
                    )
                    yield Use(use.node, followed, item=True)
                elif inner.kind == "sequence" and argument.item is None:
                    yield from self.uses(Use(node, inner), replace(argument, item=0))
                else:
                    yield Use(node, inner, item=True)

    def stated(self, use: Use, row: Row, call: cst.CSTNode | None) -> Iterator[Stated]:
        """The addresses that one value states to the API of a row; nothing for what is no network address."""
        value, spellings = use.value, row.spellings
        if value.kind == "unknown":
            yield Stated(
                self.at(use.node),
                Address(
                    "",
                    Kind.UNKNOWN,
                    Known.UNKNOWN,
                    maybe=value.maybe,
                    trail=self.trail(value),
                    variable=value.variable,
                    option=value.option,
                ),
            )
        elif value.kind in ("mapping", "sequence") and call is not None:
            unknown = replace(value, kind="unknown", parts=(), maybe=value.maybe or dotted(use.node) or "a container")
            yield from self.stated(replace(use, value=unknown), row, call)
        elif value.kind == "none":
            yield from self._absent(use, row, call, spellings.get("none", DEFAULT))
        elif value.kind == "number":
            yield from self._number(use, row)
        elif value.kind == "flag" and value.text == "True" and row.host.true:
            kind, families = MEANINGS[row.host.true]
            known = Known.LITERAL if value.origin == "here" and not value.trail else Known.CONSTANT
            yield Stated(self.site(use), Address("True", kind, known, families, None, self.trail(value, call)))
        elif value.kind == "text":
            if row.host.item is not None and row.host.form == "host" and not use.item:
                return  # a path of a Unix socket where a tuple could stand
            if row.host.form == "url" and any(f"{word}=" in value.text.partition("?")[2] for word in row.unless):
                return  # what replaces the TCP socket, as a parameter of the URL
            for piece in _pieces(value.text, row.host):
                meaning = spellings.get(piece.host.lower())
                if meaning == DEFAULT:
                    yield from self._absent(use, row, call, DEFAULT)
                    continue
                kind, families = classify(piece.host, _meanings(spellings))
                if kind is Kind.NONE or piece.scheme.rpartition("+")[2] in _NO_NETWORK:
                    continue
                followed = _followed(value, piece)
                known = Known.LITERAL if followed.origin == "here" and not followed.trail else Known.CONSTANT
                if kind is Kind.UNKNOWN:
                    known = Known.UNKNOWN
                elif row.host.form == "endpoint" and not piece.given:
                    known = Known.DEFAULT  # no interface= in it
                address = Address(
                    text=value.text,
                    kind=kind,
                    known=known,
                    families=families,
                    slot=self._slot(value, piece, row.host, families),
                    trail=self.trail(followed, call),
                    maybe=_what(piece.host) if kind is Kind.UNKNOWN else "",
                    variable=followed.variable,
                    option=followed.option,
                )
                yield Stated(self.site(replace(use, value=followed)), address, piece.port, piece.scheme)

    def site(self, use: Use) -> Site:
        """The text that states the address: the literal, a default elsewhere, or the name that stands for them.

        That is the name where a caller gives it, when the use is only a parameter.
        """
        if use.value.origin != "name":
            return self.at(use.value.node)
        return self.at(next((hop.node for hop in reversed(use.value.trail) if hop.handed), use.node))

    def trail(self, value: Value, call: cst.CSTNode | None = None) -> tuple[Step, ...]:
        """The hops from the use to the literal; for a default, from the default to the call."""
        hops = list(value.trail)
        if value.origin == "default" and call is not None:
            while hops and hops[-1].node is value.node:
                hops.pop()
            return (Step(self.at(call), "used here"), *(Step(self.at(h.node), h.note) for h in hops))
        return tuple(Step(self.at(hop.node), hop.note) for hop in hops)

    def omitted(self, row: Row, call: CallSite, callee: cst.BaseExpression) -> Iterator[Stated]:
        """The address of a call that gives none, or gives none to the `callee` that it calls for us."""
        default, trail = self._default(row)
        if default is None:
            return
        kind, families = classify(default, _meanings(row.spellings))
        if kind is Kind.NONE:
            return
        slot = self._insertion(row, call.node) if callee is call.node.func else None
        yield Stated(self.at(callee), Address(default, kind, Known.DEFAULT, families, slot, trail))

    def _default(self, row: Row) -> tuple[str | None, tuple[Step, ...]]:
        """The address when none is given, by the version that the project is pinned to; where that is said."""
        for package, bound, default in row.host.earlier:
            if package not in self._pins:
                self._pins[package] = pinned(package, self.source)
            pin = self._pins[package]
            if pin is not None and pin[0] < bound:
                newer = ".".join(map(str, bound))
                return default, (Step(pin[1], f"{package} before {newer}: the default is {default}"),)
        return row.host.default, ()

    def passed_on(self, callee: cst.BaseExpression, what: str) -> Iterator[Stated]:
        """The address of a call whose arguments are handed on from elsewhere."""
        site = self.at(callee)
        yield Stated(site, Address("", Kind.UNKNOWN, Known.UNKNOWN, maybe=what))

    def _insertion(self, row: Row, call: cst.Call) -> Slot | None:
        """Where a missing host would be written: after the last argument, as a keyword or as the next position."""
        argument = row.host
        if not argument.fixed or argument.item is not None or argument.form != "host" or argument.keys:
            return None
        if argument.keywords:
            text = f'{argument.keywords[0]}="'
        elif argument.position == len(call.args) and not any(a.keyword or a.star for a in call.args):
            text = '"'
        else:
            return None
        if not call.args:
            return Slot(self.places(call).empty(self.places(call).opened(call)), text, '"', argument.loopback)
        last = call.args[-1]
        if isinstance(last.value, cst.GeneratorExp) and not last.value.lpar:
            return None
        return Slot(self.places(call).empty(self.places(call).closed(call)), f", {text}", '"', argument.loopback)

    def _absent(self, use: Use, row: Row, call: cst.CSTNode | None, meaning: str) -> Iterator[Stated]:
        if use.value.variable and row.kind != "listener":
            return  # a client whose server the environment names
        default, steps = row.host.default, tuple[Step, ...]()
        if meaning == DEFAULT:
            default, steps = self._default(row)
            if default is None:
                return
            kind, families = classify(default, _meanings(row.spellings))
        else:
            kind, families = MEANINGS[meaning]
        if kind is Kind.NONE:
            return
        slot = None
        if isinstance(use.value.node, cst.Name) and row.host.item is None:  # else it may stand for the whole pair
            slot = Slot(self.at(use.value.node), '"', '"', row.host.loopback)
        if use.value.kind == "text":
            slot = self._slot(use.value, Piece(use.value.text, 0, len(use.value.text)), row.host, families)
        text = default or ""
        known = Known.CONSTANT if use.value.origin == "default" else Known.DEFAULT
        yield Stated(
            self.site(use),
            Address(
                text=text,
                kind=kind,
                known=known,
                families=families,
                slot=slot,
                trail=(*steps, *self.trail(use.value, call)),
                variable=use.value.variable,
                option=use.value.option,
            ),
        )

    def _number(self, use: Use, row: Row) -> Iterator[Stated]:
        """A bare port where an address could stand."""
        if not row.host.number or (row.host.item is not None and use.item):
            return
        kind, families = MEANINGS[row.host.number]
        if kind is Kind.NONE:
            return
        known = Known.LITERAL if use.value.origin == "here" and not use.value.trail else Known.CONSTANT
        number = use.value.text
        node = self.at(use.value.node)
        slot = Slot(node, '("', f'", {number})', row.host.loopback) if row.host.fixed else None
        port = int(number) if number.isdigit() else None
        yield Stated(
            self.site(use), Address(number, kind, known, families, slot, self.trail(use.value, call=None)), port
        )

    def _slot(self, value: Value, piece: Piece, argument: Argument, families: Families) -> Slot | None:
        before = after = ""
        start, end = piece.start, piece.end
        if argument.form == "endpoint" and not piece.given:
            before = ":interface="
        elif piece.colon:
            after = ":"
        host = argument.loopback or _loopback(piece, argument, families)
        if not value.parts or (len(value.parts) == 1 and value.parts[0].node is None):
            whole = Slot(self.at(value.node), '"', '"', argument.loopback)
            return whole if not isinstance(value.node, cst.FormattedString) else None
        position = 0
        for part in value.parts:
            size = len(part.text)
            if position <= start and end <= position + size and (size or start == end):
                if part.node is None or part.offset < 0:
                    return None
                places = self.places(part.node)
                base = places.start(part.node) + part.offset - position
                said = tuple(self._said(value.node, piece.host))
                return Slot(places.between(base + start, base + end), before, after, host, said=said)
            position += size
        return None

    def _said(self, default: cst.CSTNode, host: str) -> Iterator[Site]:
        """Where the help of an option names the host that is its default."""
        told = self.values.defaults.options.helps.get(default)
        if not host or not isinstance(told, cst.SimpleString) or "\\" in told.value:
            return
        places = self.places(told)
        start = places.start(told)
        for match in re.finditer(rf"(?<![\w.:]){re.escape(host)}(?![\w:]|\.\w)", told.value):
            yield places.between(start + match.start(), start + match.end())


def _loopback(piece: Piece, argument: Argument, families: Families) -> str:
    """What a fix writes where 127.0.0.1, or a plain ::1, would not do."""
    if piece.host.startswith("["):  # a name with a port is resolved: any family will do
        return "[::1]" if families is Families.V6 else ""
    if families is not Families.V6 and not (":" in piece.host and classify(piece.host)[1] is Families.V6):
        return ""
    if argument.form == "endpoint":
        return "\\:\\:1"
    return "::1" if piece.port is None or ":" in piece.host else "[::1]"


def _pieces(text: str, argument: Argument) -> tuple[Piece, ...]:
    if argument.form != "endpoint":
        return split(text, argument.form, argument.separator)
    kind = _ENDPOINT.match(text)
    if kind is None or kind["kind"].lower() not in ("tcp", "tcp4", "tcp6", "ssl", "udp", "tls", "https", "http"):
        return ()
    numbers = re.search(r":(?:port=)?(\d{1,5})(?=:|$)", text)
    port = int(numbers[1]) if numbers else None
    if match := _INTERFACE.search(text):
        host = match["host"].replace("\\:", ":")
        return (Piece(host, match.start("host"), match.end("host"), port),)
    host = "::" if kind["kind"].lower() == "tcp6" else ""
    return (Piece(host, len(text), len(text), port, given=False),)


def _followed(value: Value, piece: Piece) -> Value:
    """The value that states the host of a text: the text, or what was put into it, with the way to both."""
    inner = value.piece_at(piece.start, piece.end)
    return value.leading_to(inner) if inner is not None else value


def _meanings(spellings: object) -> dict[str, str]:
    return {text: meaning for text, meaning in dict(spellings).items() if meaning != DEFAULT}  # type: ignore[call-overload]


def _what(host: str) -> str:
    match = re.search(r"\$\{([^}]*)\}", host)
    return match[1] if match else host
