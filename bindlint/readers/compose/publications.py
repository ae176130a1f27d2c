"""What the `ports` of a service open: one publication for each container port."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bindlint.addresses import Families, Kind, classify
from bindlint.facts import Address, Known, Problem, Publication, Reach, Step
from bindlint.readers import ports, publishing, yamltree
from bindlint.readers.interpolation import OPAQUE
from bindlint.readers.ports import Range, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bindlint.readers.compose.project import Layer, Service
    from bindlint.readers.compose.values import Value
    from bindlint.source import Site, Slot, Source

_INT = "tag:yaml.org,2002:int"
_SHOWN = 60
_KEYS = frozenset({"target", "published", "host_ip", "protocol", "app_protocol", "mode", "name"})
_DISCARDING = ("host", "none")  # moby daemon_unix.go: "Published ports are discarded when using host network mode"


def publications(service: Service) -> Iterator[Publication | Problem]:
    """The publications of a service, and a problem for each entry that compose refuses."""
    if service.text("network_mode") in _DISCARDING:
        return
    found: dict[object, Publication] = {}
    for layer, part in service.parts("ports"):
        for node in service.elements(part) if yamltree.is_sequence(part) else ():
            removal = _removal(layer, part, node)
            for fact in _entry(service, node):
                if isinstance(fact, Problem):
                    yield fact
                else:
                    told = (*fact.trail, *layer.steps)
                    found[_key(service, fact, node)] = replace(fact, trail=told, removal=removal)
    yield from (_explained(service, one, found.values()) for one in found.values())


def _entry(service: Service, node: yamltree.Node) -> Iterator[Publication | Problem]:
    if yamltree.is_mapping(node):
        yield from _long(service, node)
    elif yamltree.text(node) is not None:
        yield from _short(service, node)
    else:
        source = service.home(node).source
        yield _refusal(source, service.site(node), "compose refuses an entry of ports that is no port", "")


def _removal(layer: Layer, part: yamltree.Node, node: yamltree.Node) -> Site | None:
    """The lines of an entry, or of the whole key when it has no other."""
    source, key = layer.document.source, yamltree.key_node(layer.node, "ports")
    if key is None or layer.fields.get("ports") is not part or key.start_mark.index > node.start_mark.index:
        return None
    if len(yamltree.elements(part)) > 1:
        return yamltree.lines(source, node, node)
    return yamltree.lines(source, key, part)


def _key(service: Service, one: Publication, node: yamltree.Node) -> object:
    """What makes two entries one, the later in the place of the earlier: compose-go override/uncity.go portIndexer.

    What nobody can know is like nothing else. A pool of host ports and a number that is `published` unquoted are like
    their own kind only: the index there is made of the text.
    """
    if one.address.kind is Kind.UNKNOWN or one.container_port is None:
        return (one.site, one.port, one.container_port)
    published = yamltree.get(node, "published")
    text = service.project.library.text(published if yamltree.is_mapping(node) else node) or ""
    front, _, target = text.rpartition(":")
    pool = text if yamltree.is_mapping(node) else front.rpartition(":")[2] if "-" not in target else ""
    kind = "number" if published is not None and published.tag == _INT else pool if "-" in pool else ""
    return (one.address.text or "0.0.0.0", one.port, one.container_port, one.protocol, kind)


def _explained(service: Service, one: Publication, others: Iterable[Publication]) -> Publication:
    """A publication with what its story needs: why another entry on loopback, or the `ports` at all, do not help."""
    if (driver := service.on_lan) is not None and all(map(service.project.address_of_its_own, service.networks)):
        said = (
            "gives the container an address of its own, where every port that it listens on is open; ports: is ignored"
        )
        step = Step(service.value(driver).inside, f"{service.value(driver).text} {said}")
        address = Address("", Kind.WILDCARD, Known.DEFAULT, Families.DUAL)
        return replace(one, address=address, reach=Reach.LAN, port=one.container_port, trail=(step, *one.trail))
    if one.reach is Reach.LAN:
        for other in others:
            if other.reach is Reach.HOST and (other.port, other.container_port) == (one.port, one.container_port):
                step = Step(
                    other.site, "lists of ports are appended: this entry on loopback does not replace the other"
                )
                return replace(one, trail=(*one.trail, step))
    return one


def _short(service: Service, node: yamltree.Node) -> Iterator[Publication | Problem]:
    value = service.value(node)
    if value.invalid:  # said of every reference
        return
    text = _resolved(node, value)
    entry = ports.parse(text)
    if text == OPAQUE or (isinstance(entry, Refused) and value.outside):
        yield _undecided(service, value)
    elif isinstance(entry, Refused):
        yield _problem(value, text, entry)
    else:
        address = _address(service, value, entry, text)
        if address.slot is not None and address.slot.site.path == value.source.path:
            address = replace(address, slot=replace(address.slot, again=value.site))
        yield from _each(service, value.site, address, entry.published, entry.target, entry.protocol)


def _resolved(node: yamltree.Node, value: Value) -> str:
    """The text of an entry. What the Go parser of compose takes for an integer, it prints in base 10."""
    if yamltree.style(node) or ":" in value.text or not (node.tag == _INT or value.text.startswith("0o")):
        return value.text
    return ports.integer(value.text) or value.text


def _address(service: Service, value: Value, entry: ports.Entry, text: str) -> Address:
    """The host address of a short entry."""
    start, end = entry.host
    kind, families = classify(entry.address)
    host = publishing.loopback(kind, families, brackets=True)
    slot = value.slot(start, end, entry.prefix, host) if text == value.text else None
    if OPAQUE in entry.address:
        return Address("", Kind.UNKNOWN, Known.UNKNOWN, slot=slot, maybe=", ".join(value.outside))
    trail = value.trail(start, end)
    if entry.address:
        return Address(entry.address, kind, value.known(start, end), families, slot, trail)
    address = _omitted(service, slot)
    if entry.prefix and text[:1] in (":", "/", ""):
        trail = ()  # `${PORT}:80`: the variable is the port
    if address.trail or not trail:
        return address
    return replace(address, known=Known.CONSTANT, trail=trail)


def _long(service: Service, node: yamltree.Node) -> Iterator[Publication | Problem]:
    fields = yamltree.fields(node)
    published, target, host = (_scalar(service, fields.get(key)) for key in ("published", "target", "host_ip"))
    protocol = _scalar(service, fields.get("protocol"))
    if target is None:
        source = service.home(node).source
        instead = "target: with the container's port"
        yield _refusal(source, service.site(node), "the entry has no target port", instead)
        return
    opened = ports.port_range(published.text) if published else None
    if published and published.text and opened is None and published.literal:
        ip, _, port = published.text.rpartition(":")
        instead = f"host_ip: {ip} and published: {port}" if ports.is_address(ip) else ""
        yield _problem(published, published.text, Refused(f"{published.text!r} is no port", instead))
        return
    if host and host.text and OPAQUE not in host.text and not ports.is_address(host.text):
        near = "host_ip: 127.0.0.1" if classify(host.text.strip("[]"))[0] in (Kind.LOOPBACK, Kind.LOCALHOST) else ""
        yield _problem(host, host.text, Refused(f"{host.text!r} is no IP address", near))
        return
    if host and not host.text and host.literal:
        yield _problem(host, "", Refused("an empty host_ip is no IP address", "host_ip: 127.0.0.1, or leave it out"))
    for key in fields.keys() - _KEYS:
        if not key.startswith("x-"):
            source, site = service.home(node).source, service.site(yamltree.key_node(node, key) or node)
            yield _refusal(source, site, f"compose refuses the entry of ports: it knows no {key!r} there", "")
    where = published or target
    words = (protocol.text if protocol else "tcp").lower()
    yield from _each(
        service, where.site, _host_ip(service, host, where), opened, ports.port_range(target.text), words or "tcp"
    )


def _host_ip(service: Service, host: Value | None, where: Value) -> Address:
    if host is None:
        return _omitted(service, yamltree.key_slot(where.source, where.node, "host_ip"))
    if OPAQUE in host.text:
        return Address("", Kind.UNKNOWN, Known.UNKNOWN, maybe=", ".join(host.outside))
    kind, families = classify(host.text)
    slot = host.slot(0, len(host.text), "", publishing.loopback(kind, families, brackets=False))
    end = len(host.text)
    return Address(host.text, kind, host.known(0, end), _every(kind, families, host.text), slot, host.trail(0, end))


def _omitted(service: Service, slot: Slot | None) -> Address:
    """No address given: that of the bridge networks' option when all have one, else every interface."""
    if bound := service.binding:
        text, site = bound
        kind, families = classify(text)
        step = Step(site, "the network's host_binding_ipv4 applies to ports without an address")
        return Address(text, kind, Known.CONSTANT, families, slot, (step,))
    return publishing.everywhere(slot)


def _every(kind: Kind, families: Families, text: str) -> Families:
    return Families.DUAL if kind is Kind.WILDCARD and not text else families


def _each(
    service: Service, site: Site, address: Address, published: Range | None, target: Range | None, protocol: str
) -> Iterator[Publication]:
    """One publication for each container port."""
    base = Publication(
        site,
        address,
        publishing.reach(address.kind),
        container=service.id,
        name=service.name,
        protocol=protocol,
        trail=address.trail,
    )
    yield from publishing.each(base, published, target)


def _undecided(service: Service, value: Value) -> Publication:
    """An entry that only its variables make one."""
    address = Address("", Kind.UNKNOWN, Known.UNKNOWN, maybe=", ".join(dict.fromkeys(value.outside)))
    return Publication(value.site, address, Reach.LAN, container=service.id, name=service.name)


def _scalar(service: Service, node: yamltree.Node | None) -> Value | None:
    return None if node is None or yamltree.text(node) is None else service.value(node)


def _problem(value: Value, text: str, refused: Refused) -> Problem:
    shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    return _refusal(value.source, value.site, f"compose refuses the port {shown!r}: {refused.reason}", refused.instead)


def _refusal(source: Source, site: Site, reason: str, instead: str) -> Problem:
    advice = f"; write {instead}" if instead else ""
    return Problem(source.path, f"{reason}{advice}", source.line(site.span.start), partial=True)
