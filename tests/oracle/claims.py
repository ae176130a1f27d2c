"""What the kernel did and what bindlint says, in the same words: (protocol, family, how far)."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from typing import TYPE_CHECKING

from bindlint.addresses import Families, Kind
from bindlint.facts import Listener
from bindlint.knowledge import Knowledge, rules_root
from bindlint.readers import python
from bindlint.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oracle.kernel import Socket

    from bindlint.knowledge.apis import Row

Bound = tuple[str, str, str]

KNOWLEDGE = Knowledge(rules_root())
FAR = {
    Kind.WILDCARD: "wildcard",
    Kind.LOOPBACK: "loopback",
    Kind.LOCALHOST: "loopback",
    Kind.SPECIFIC: "specific",
    Kind.UNKNOWN: "unknown",
}
EPHEMERAL = 32768
SOME = "its family"  # of one address of the machine
OPEN = "families left open"
SPOKEN = {Families.V4: ("v4",), Families.V6: ("v6",), Families.DUAL: ("v4", "v6"), Families.UNKNOWN: (OPEN,)}


def alone(row: Row) -> Knowledge:
    """What is known if this is the only listener in the tables."""
    knowledge = Knowledge(KNOWLEDGE.root)
    knowledge.__dict__["python"] = replace(KNOWLEDGE.python, rows=(row,), launchers=(), starters=())
    return knowledge


def stated(name: str, text: str, knowledge: Knowledge) -> frozenset[Bound]:
    """What bindlint says that a source text listens on."""
    found = frozenset(
        (fact.protocol, family, FAR[fact.address.kind])
        for fact in python.read(Source(name, text), knowledge)
        if isinstance(fact, Listener) and fact.address.kind in FAR
        for family in (SPOKEN[fact.address.families] if fact.address.kind is not Kind.SPECIFIC else (SOME,))
    )
    return frozenset(one for one in found if one[2] != FAR[Kind.UNKNOWN]) or found


def bound(sockets: Iterable[Socket]) -> frozenset[Bound]:
    """What the kernel bound, whatever the ports."""
    return frozenset(one for _, one in by_port(sockets))


def by_port(sockets: Iterable[Socket]) -> frozenset[tuple[int, Bound]]:
    """What the kernel bound, with its ports.

    A loopback socket opens nothing more beside a wildcard at the same port; and beside any other, where its port is one
    that the system chose: a channel between the program's own processes.
    """
    found: set[tuple[int, Bound]] = set()
    for socket in sockets:
        address = ipaddress.ip_address(socket.address)
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        far = "wildcard" if address.is_unspecified else "loopback" if address.is_loopback else "specific"
        family = f"v{address.version}" if far != "specific" else SOME
        found.add((socket.port, (socket.protocol, family, far)))
        if socket.dual:
            found.add((socket.port, (socket.protocol, "v4", far)))
    own = {one for one in found if one[1][2] == "loopback" and one[0] >= EPHEMERAL}
    return served(found - own or found)


def served(found: Iterable[tuple[int, Bound]]) -> frozenset[tuple[int, Bound]]:
    """Listeners without those on loopback that a wildcard serves as well."""
    every = frozenset(found)
    wide = {(port, one[:2]) for port, one in every if one[2] == "wildcard"}
    return frozenset((port, one) for port, one in every if one[2] != "loopback" or (port, one[:2]) not in wide)


def words(listeners: frozenset[Bound]) -> str:
    """Listeners as a person reads them: `tcp wildcard v4+v6`."""
    ways = sorted({(protocol, far) for protocol, _, far in listeners})
    said = [
        f"{protocol} {far} {'+'.join(sorted(family for p, family, f in listeners if (p, f) == (protocol, far)))}"
        for protocol, far in ways
    ]
    return ", ".join(said) or "nothing"
