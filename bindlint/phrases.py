"""How facts are said in words: what listens where, what opens a port, who can connect. Shared by rules and `why`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bindlint.addresses import Families, Kind
from bindlint.facts import (
    ENTRANCES,
    Binding,
    Built,
    Connection,
    Container,
    Guard,
    HostsEntry,
    Known,
    Launch,
    Listener,
    Policy,
    Publication,
    Reach,
)
from bindlint.source import Composed, Overlay

if TYPE_CHECKING:
    from collections.abc import Callable

    from bindlint.facts import Address, Fact

_FAMILY_WORDS = {
    Families.V4: "IPv4 only",
    Families.V6: "IPv6 only",
    Families.DUAL: "both families",
    Families.UNKNOWN: "the family that the resolver answers with",
}
_WILDCARD_WORDS = {
    Families.V4: "every IPv4 interface",
    Families.V6: "every IPv6 interface",
    Families.DUAL: "every interface, IPv4 and IPv6",
    Families.UNKNOWN: "every interface",
}


def address_words(address: Address) -> dict[str, str]:
    """The words that rules and messages use of an address."""
    return {
        "address": address.kind.value,
        "known": address.known.value,
        "text": address.text or "''",
        "families": _FAMILY_WORDS[address.families],
        "everywhere": _WILDCARD_WORDS[address.families],
        "maybe": address.maybe or "something decided at run time",
    }


def port_text(port: int | None) -> str:
    """A port in digits, "" for one that is unknown."""
    return "" if port is None else str(port)


def listens(listener: Listener) -> str:
    """Where a listener listens: every interface, or its address and port."""
    if listener.address.kind is Kind.UNKNOWN:
        return f"an address that is decided at run time ({listener.address.maybe or 'unknown'})"
    port = f":{listener.port}" if listener.port is not None else ""
    if listener.address.kind is Kind.WILDCARD:
        return f"{_WILDCARD_WORDS[listener.address.families]}{f', port {listener.port}' if port else ''}"
    return f"{listener.address.text}{port}"


def states(listener: Listener) -> str:
    """What the text of a listener says: where it listens, and whether that is its default."""
    if listener.address.known is Known.DEFAULT:
        return f"{listener.software} is given no address: its default is {listens(listener)}"
    return f"{listener.software} listens on {listens(listener)}"


def answers(near: Listener | None) -> str:
    """Whether what is known behind a publication answers there: a listener on the container's loopback does not."""
    if near is None or near.address.kind is Kind.UNKNOWN:
        return "unknown"
    return "no" if near.address.kind in (Kind.LOOPBACK, Kind.LOCALHOST) else "yes"


def how_bound(address: Address) -> str:
    """What binds a listener there, beside the text that does."""
    if address.known is Known.DEFAULT:
        return "no address is given here"
    if address.kind is Kind.UNKNOWN:
        return f"decided by {address.maybe or 'something'} at run time"
    return _WILDCARD_WORDS[address.families] if address.kind is Kind.WILDCARD else "not a loopback address"


def how_published(publication: Publication) -> str:
    """What opens the door, beside the text that does."""
    if publication.via == "ClusterIP":
        return "inside the cluster only"
    if publication.via == "NodePort":
        return "a port of every node"
    if publication.via == "LoadBalancer":
        return "a load balancer that takes traffic from outside the cluster"
    if publication.via in ENTRANCES:
        return "leads to it from outside the cluster"
    if publication.via == "externalIP":
        return "nodes take traffic for this address"
    if publication.address.kind is Kind.UNKNOWN:
        return how_bound(publication.address)
    if publication.via == "hostPort" and publication.address.known is Known.DEFAULT:
        return "no hostIP: a port of every interface of the node"
    if publication.address.known is Known.DEFAULT:
        return "no host address: Docker publishes on 0.0.0.0 and [::], ahead of the host's firewall"
    return f"published on {publication.address.text or 'an empty host address, which is every interface'}"


def outside(reach: Reach) -> str:
    """Where the furthest clients are."""
    return {Reach.PUBLIC: "internet", Reach.LAN: "LAN", Reach.HOST: "this host", Reach.PEERS: "peers"}.get(
        reach, "nobody"
    )


def entrance(publication: Publication | None) -> str:
    """Where clients come in, for a sentence: the machine, a port of the host, a Service."""
    if publication is None:
        return "this machine"
    if publication.via in ("port", "hostPort") and publication.port is not None:
        return f"port {publication.port} of the host"
    return f"its {publication.via}"


def door_name(publication: Publication) -> str:
    """A publication, for a route: `host :80`, `NodePort :30080`."""
    port = f":{publication.port}" if publication.port is not None else ""
    if publication.via not in ("port", "hostPort"):
        return f"{publication.via}{' ' + port if port else ''}"
    return f"host {port}".rstrip()


def note(fact: Fact) -> str:
    """What a fact says, in a clause: for the facts that are no subject of their own."""
    return _NOTES[type(fact)](fact) if type(fact) in _NOTES else "this file is part of a program or project"


def _contains(container: Container) -> str:
    made = f"runs {container.image}" if container.image else "is defined here"
    return f"the container {container.name} {f'is built from {container.build}' if container.build else made}"


def _maps(entry: HostsEntry) -> str:
    sink = " (a sinkhole: nothing answers there)" if entry.address.kind is Kind.WILDCARD else ""
    return f"{', '.join(entry.names[:3])} is mapped to {entry.address.text}{sink}"


_NOTES: dict[type, Callable[[Any], str]] = {
    Guard: lambda fact: f"{fact.software}: {fact.name} is {'on' if fact.on else 'off'}",
    Container: _contains,
    Composed: lambda _: "a compose project is started here",
    Overlay: lambda _: "manifests are applied together here",
    Built: lambda fact: f"{fact.image} is made here",
    Launch: lambda fact: f"{fact.program or 'a program'} is started here",
    Binding: lambda fact: f"{fact.name or 'something'} is set to {fact.value.text or 'a value decided at run time'}",
    HostsEntry: _maps,
    Connection: lambda fact: f"{fact.client} connects to {fact.address.text or 'an address decided at run time'}",
    Listener: states,
    Publication: lambda fact: f"port {port_text(fact.container_port) or '(any)'} is opened at {door_name(fact)}",
    Policy: lambda fact: f"the NetworkPolicy {fact.name} says who may connect to its pods",
}


def clients(reach: Reach) -> str:
    """Who can connect, for a reach below LAN."""
    return {
        Reach.SELF: "only what shares its container or pod can connect",
        Reach.PEERS: "only what is in the same container network or cluster can connect",
        Reach.HOST: "only this machine can connect",
    }.get(reach, "others can connect")
