"""What rules and messages may say of each subject: the closed vocabulary, filled.

A rule that cannot be said needs a new word here and in `knowledge.rules.VOCABULARY`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bindlint.addresses import Families, Kind
from bindlint.facts import ENTRANCES, Container, Known, Reach, Step, is_test
from bindlint.findings import Confidence
from bindlint.resolve import Exposure, NameMapping, Opening, Target
from bindlint.resolve.exposure import FRONT_PORTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bindlint.facts import Address, Connection, Listener, Publication
    from bindlint.source import Site

Subject = Exposure | Opening | Container | Target | NameMapping


@dataclass(frozen=True, slots=True)
class Case:
    """A subject as rules see it: its words, and what a finding of it would show.

    `words` holds the closed vocabulary (knowledge.rules.VOCABULARY) and the words that messages may use. `address` is
    what a fix changes. `confidence` is how sure the facts are. `silenced` says why it stays silent although its words,
    taken without their context, would be a finding; then `words` are without that context.
    """

    subject: str
    site: Site
    words: Mapping[str, str]
    confidence: Confidence = Confidence.HIGH
    story: tuple[Step, ...] = ()
    route: str = ""
    address: Address | None = None
    safe: bool = True
    silenced: str = ""
    also: tuple[str, ...] = field(default=())


_KNOWN = {
    Known.LITERAL: Confidence.HIGH,
    Known.DEFAULT: Confidence.HIGH,
    Known.CONSTANT: Confidence.MEDIUM,
    Known.UNKNOWN: Confidence.AUDIT,
}
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


def cases(subject: Subject) -> Iterator[Case]:
    """A subject in words; once more without its context when that is what keeps it silent."""
    if isinstance(subject, Exposure):
        yield from _exposure(subject)
    elif isinstance(subject, Opening):
        yield _opening(subject)
    elif isinstance(subject, Target):
        yield _target(subject)
    elif isinstance(subject, NameMapping):
        yield _mapping(subject)
    else:
        site = subject.network_site or subject.site
        confidence = Confidence.LOW if _in_test_code(subject) else Confidence.HIGH
        words = {"network": "host", "container": subject.name}
        yield Case("container", site, words, confidence, route="LAN → host")


def _in_test_code(container: Container | None) -> bool:
    """Whether a container is one that a test starts."""
    return container is not None and container.origin == "docker" and is_test(container.site.path)


def _exposure(exposure: Exposure) -> Iterator[Case]:
    listener, address = exposure.listener, exposure.listener.address
    words = {
        **_address(address),
        # behind a door the container's own address is as good as every interface: the door decides
        "address": "wildcard" if exposure.publication and address.kind is Kind.SPECIFIC else address.kind.value,
        "reach": exposure.reach.value,
        "surface": listener.surface,
        "role": listener.role,
        "guard": "off" if exposure.unguarded else "on",
        "wanted": "yes" if exposure.wanted else "no",
        "software": listener.software,
        "port": _port(listener.port),
        "container": exposure.container.name if exposure.container else "",
        "door": _door(exposure.publication) if exposure.publication else "",
        "door_or_machine": _entrance(exposure.publication),
        "how_open": _published(exposure.publication) if exposure.publication else _bound(address),
        "listens": _listens(listener),
    }
    confidence = _KNOWN[address.known]
    if exposure.publication and exposure.publication.address.kind is Kind.UNKNOWN:
        confidence = Confidence.AUDIT
    if (
        not exposure.certain
        or (not exposure.publication and is_test(listener.site.path))
        or (listener.front and _fronts(exposure))
        or _by_design(exposure)
    ):
        confidence = min(confidence, Confidence.LOW)
    story = (
        *(exposure.publication.trail if exposure.publication else ()),
        *exposure.steps,
        Step(listener.site, _states(listener)),
        *address.trail,
        *([exposure.unguarded] if exposure.unguarded else []),
        *([Step(exposure.wanted.site, "this publishes its port all the same")] if exposure.wanted else []),
    )
    target = exposure.publication.address if exposure.publication else address
    case = Case(
        subject="listener",
        site=exposure.site,
        words=words,
        confidence=confidence,
        story=story,
        route=_route(exposure),
        address=target,
        safe=exposure.publication is not None or listener.surface != "plain",
    )
    yield case
    if exposure.reach.rank < Reach.LAN.rank and address.kind in (Kind.WILDCARD, Kind.UNKNOWN):
        loud = {**words, "reach": Reach.LAN.value}
        low = Confidence.LOW if exposure.presumed else Confidence.AUDIT
        yield Case(
            "listener", case.site, loud, low, story, case.route, silenced="" if exposure.presumed else exposure.why
        )


def _opening(opening: Opening) -> Case:
    publication = opening.publication
    name = (opening.container.name if opening.container else publication.name) or "the pods that it selects"
    words = {
        **_address(publication.address),
        "reach": publication.reach.value,
        "via": publication.via,
        "listens": _answers(opening.near),
        "container": name,
        "what": f"port {publication.container_port} of {name}" if publication.container_port else f"a port of {name}",
        "port": _port(publication.port),
        "door": _door(publication),
        "how_published": _published(publication),
    }
    confidence = _KNOWN[publication.address.known]
    if opening.front or publication.via in ENTRANCES or _in_test_code(opening.container):
        confidence = min(confidence, Confidence.LOW)
    steps = [*publication.trail]
    if opening.container:
        steps.append(Step(opening.container.site, f"the container {opening.container.name}"))
    route = f"{_outside(publication.reach)} → {_door(publication)} → {name}"
    if publication.container_port:
        route += f" :{publication.container_port}"
    return Case("publication", publication.site, words, confidence, tuple(steps), route, publication.address)


def _target(target: Target) -> Case:
    connection = target.connection
    elsewhere = target.elsewhere.name if target.elsewhere else "the pod's own address" if target.node else ""
    words = {
        **_address(connection.address),
        "tries": connection.tries,
        "purpose": connection.purpose,
        "target": "elsewhere" if target.elsewhere or target.node else "unknown",
        "misses": "yes" if target.misses else "no",
        "client": connection.client,
        "port": _port(connection.port),
        "elsewhere": elsewhere,
        "means": "the node that the kubelet runs on" if target.node else "its own container",
        "does": _does(connection),
    }
    confidence = Confidence.LOW if is_test(connection.site.path) else _KNOWN[connection.address.known]
    story = (*([target.step] if target.step else []), *connection.address.trail)
    fixed = None if connection.purpose == "redirect" else connection.address  # a redirect is registered as it is
    return Case("connection", connection.site, words, confidence, story, "", fixed, safe=connection.tries != "socket")


def _does(connection: Connection) -> str:
    """What a client does with the name that it is given."""
    if connection.purpose == "redirect":
        return (
            "sends the browser back to the name localhost, which need not be where it listens (RFC 8252, section 8.3)"
        )
    tried = {
        "first": "tries only the first address that the name gives",
        "v4": "tries IPv4 only",
        "socket": "takes the Unix socket for this name, not TCP",
    }.get(connection.tries, "tries every address that the name gives")
    return f"connects to the name localhost and {tried}"


def _mapping(mapping: NameMapping) -> Case:
    entry = mapping.entry
    text = entry.address.text
    effect = {
        "localhost": f"{mapping.shown} is mapped to {text}, which is not a loopback address",
        "localhost-one-family": f"localhost has no line for {mapping.shown}: clients of that family do not find it",
        "public": f"{mapping.shown} is decided by this line ({text}), not by DNS",
    }[mapping.names]
    return Case("hosts", entry.site, {**_address(entry.address), "names": mapping.names, "effect": effect})


def _address(address: Address) -> dict[str, str]:
    return {
        "address": address.kind.value,
        "known": address.known.value,
        "text": address.text or "''",
        "families": _FAMILY_WORDS[address.families],
        "everywhere": _WILDCARD_WORDS[address.families],
        "maybe": address.maybe or "something decided at run time",
    }


def _port(port: int | None) -> str:
    return "" if port is None else str(port)


def _listens(listener: Listener) -> str:
    if listener.address.kind is Kind.UNKNOWN:
        return f"an address that is decided at run time ({listener.address.maybe or 'unknown'})"
    port = f":{listener.port}" if listener.port is not None else ""
    if listener.address.kind is Kind.WILDCARD:
        return f"{_WILDCARD_WORDS[listener.address.families]}{f', port {listener.port}' if port else ''}"
    return f"{listener.address.text}{port}"


def _states(listener: Listener) -> str:
    if listener.address.known is Known.DEFAULT:
        return f"{listener.software} is given no address: its default is {_listens(listener)}"
    return f"{listener.software} listens on {_listens(listener)}"


def _answers(near: Listener | None) -> str:
    """Whether what is known behind a publication answers there: a listener on the container's loopback does not."""
    if near is None or near.address.kind is Kind.UNKNOWN:
        return "unknown"
    return "no" if near.address.kind in (Kind.LOOPBACK, Kind.LOCALHOST) else "yes"


def _bound(address: Address) -> str:
    if address.known is Known.DEFAULT:
        return "no address is given here"
    if address.kind is Kind.UNKNOWN:
        return f"decided by {address.maybe or 'something'} at run time"
    return _WILDCARD_WORDS[address.families] if address.kind is Kind.WILDCARD else "not a loopback address"


def _published(publication: Publication) -> str:
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
        return _bound(publication.address)
    if publication.via == "hostPort" and publication.address.known is Known.DEFAULT:
        return "no hostIP: a port of every interface of the node"
    if publication.address.known is Known.DEFAULT:
        return "no host address: Docker publishes on 0.0.0.0 and [::], ahead of the host's firewall"
    return f"published on {publication.address.text or 'an empty host address, which is every interface'}"


def _by_design(exposure: Exposure) -> bool:
    """Whether an entrance of the cluster leads to an ordinary application, which is what entrances are for."""
    plain = exposure.listener.surface == "plain" and exposure.unguarded is None
    return plain and exposure.publication is not None and exposure.publication.via in ENTRANCES


def _fronts(exposure: Exposure) -> bool:
    return (exposure.publication or exposure.listener).port in FRONT_PORTS


def _outside(reach: Reach) -> str:
    return {Reach.PUBLIC: "internet", Reach.LAN: "LAN", Reach.HOST: "this host", Reach.PEERS: "peers"}.get(
        reach, "nobody"
    )


def _entrance(publication: Publication | None) -> str:
    if publication is None:
        return "this machine"
    if publication.via in ("port", "hostPort") and publication.port is not None:
        return f"port {publication.port} of the host"
    return f"its {publication.via}"


def _door(publication: Publication) -> str:
    port = f":{publication.port}" if publication.port is not None else ""
    if publication.via not in ("port", "hostPort"):
        return f"{publication.via}{' ' + port if port else ''}"
    return f"host {port}".rstrip()


def _route(exposure: Exposure) -> str:
    parts = [_outside(exposure.reach)]
    listener = exposure.listener
    if exposure.publication:
        parts.append(_door(exposure.publication))
    elif exposure.container and exposure.reach.rank >= Reach.LAN.rank:
        parts.append(f"host {':' + str(listener.port) if listener.port else ''}".rstrip())
    if exposure.container:
        port = f" :{listener.port}" if listener.port else ""
        parts.append(f"container {exposure.container.name}{port}")
        parts.append(listener.software)
    else:
        port = f" :{listener.port}" if listener.port else ""
        parts.append(f"{listener.software}{port}")
    return " → ".join(parts)
