"""The ports that the Docker SDK publishes: `{"6379/tcp": 6379}`, `("127.0.0.1", 6379)`, `None`, lists of them.

What each value means: docker/utils/utils.py:85 and docker/models/containers.py:714, docker 7.1.0.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from bindlint.addresses import Families, Kind, classify, loopback
from bindlint.facts import Address, Known, Publication, Reach
from bindlint.readers.commands.text import expand
from bindlint.readers.python.cleaned import spoken
from bindlint.readers.python.scopes import At, dotted, lookup
from bindlint.source import Slot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bindlint.facts import Container
    from bindlint.readers.python.addressing import Addressing
    from bindlint.readers.python.pieces import Texts

_PORT = re.compile(r"([0-9]{1,5})(?:/(tcp|udp|sctp))?")
_NUMBERS = ("int", "int|None", "Optional[int]", "typing.Optional[int]")

Binding = tuple[cst.BaseExpression, At, str]  # where it is written, and the container's port, "" when unknown


class Ports:
    """The dictionaries of ports in one file."""

    def __init__(self, texts: Texts, addressing: Addressing) -> None:
        self.texts = texts
        self.values = texts.values
        self.addressing = addressing

    def publications(self, node: cst.BaseExpression, at: At, container: Container) -> Iterator[Publication]:
        """What a dictionary of ports publishes for a container."""
        for binding in self._bindings(node, at):
            yield self._publication(binding, container)

    def _bindings(self, node: cst.BaseExpression, at: At) -> Iterator[Binding]:
        """Each port of the host that a dictionary of ports says, with the container's port that it leads to."""
        for value in self.values.of(node, at):
            for element in value.node.elements if isinstance(value.node, cst.Dict) else ():
                if isinstance(element, cst.DictElement):
                    port = expand(self.texts.of(element.key, value.at)[0].word, self.texts.stand_ins.words).text
                    yield from self._each(element.value, value.at, port)
            written = isinstance(value.node, cst.Dict)
            yield from (
                one for key, item, place in value.entries if not written for one in self._each(item, place, key)
            )
        name = dotted(node)
        writes = at.scope.changes.get(name, ()) if name else ()
        for part, write in writes:
            if part.startswith("[") and write.value is not None and write.at.order < at.order:
                yield from self._each(write.value, write.at, part[1:-1])

    def _each(self, node: cst.BaseExpression, at: At, port: str) -> Iterator[Binding]:
        """The members of a list of ports, or the one."""
        for value in self.values.of(node, at):
            if isinstance(value.node, cst.List):
                yield from ((item, place, port) for item, place in value.elements)
            else:
                yield node, at, port
                return

    def _publication(self, binding: Binding, container: Container) -> Publication:
        node, at, key = binding
        target = _PORT.fullmatch(key)
        base = replace(
            everywhere(container),
            site=self.addressing.at(node),
            container_port=int(target[1]) if target else None,
            protocol=(target[2] if target else "") or "tcp",
        )
        value = self.values.known(node, at)[0]
        if value.kind == "sequence" and value.elements:
            return self._addressed(value.elements, base)
        entries = {name: (item, place) for name, item, place in value.entries}
        if value.kind == "mapping" and "HostIp" in entries:
            return self._addressed((entries["HostIp"],), base)
        if value.kind == "unknown" and not self._is_number(node, at):
            unknown = Address("", Kind.UNKNOWN, Known.UNKNOWN, maybe=value.maybe)
            return replace(base, address=unknown)
        site = base.site
        slot = Slot(site, before='("', after=f'", {self.addressing.places(node).written(node)})')
        return replace(base, address=replace(base.address, slot=slot), port=_number(value.text))

    def _addressed(self, pair: Sequence[tuple[cst.BaseExpression, At]], base: Publication) -> Publication:
        """A publication on an address of its own: `(address, port)`."""
        node, at = pair[0]
        text = expand(self.texts.of(node, at)[0].word, self.texts.stand_ins.words)
        host, end = text.text, len(text.text)
        port = self.values.known(*pair[1])[0] if len(pair) > 1 else None
        if text.missing:
            address = Address(
                "", Kind.UNKNOWN, Known.UNKNOWN, maybe=self.texts.stand_ins.maybe.get(text.missing[0], "")
            )
        else:
            kind, families = classify(host)
            place = text.slot(0, end)
            write = "" if (near := loopback(families, brackets=False)) == "127.0.0.1" else near
            slot = Slot(place, host=write) if place is not None else None
            families = Families.DUAL if not host else families
            address = Address(host, kind, text.known(0, end), families, slot, text.trail(0, end))
            address = spoken(address, self.texts)
        near_only = address.kind in (Kind.LOOPBACK, Kind.LOCALHOST)
        return replace(
            base,
            site=text.site(0, end),
            address=address,
            trail=address.trail,
            reach=Reach.HOST if near_only else Reach.LAN,
            port=_number(port.text) if port is not None else None,
        )

    def _is_number(self, node: cst.BaseExpression, at: At) -> bool:
        """Whether an expression that only a run decides is a number all the same: `int(x)`, `port: int`."""
        if isinstance(node, cst.Call):
            return dotted(node.func) in ("int", "str")
        notes = [write.annotation for write in lookup(node.value, at)] if isinstance(node, cst.Name) else []
        return any(
            note is not None and self.addressing.places(note).written(note).replace(" ", "") in _NUMBERS
            for note in notes
        )


def everywhere(container: Container) -> Publication:
    """A port on every interface, both families: what no address means to the Docker daemon."""
    address = Address("", Kind.WILDCARD, Known.DEFAULT, Families.DUAL)
    return Publication(container.site, address, Reach.LAN, container=container.id, name=container.name)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 5 else None
