"""Services: how far a port of some pods is opened, by type, external addresses and what the cloud is told.

Source: kubernetes/api core/v1/types.go ServiceSpec. What makes a load balancer internal is a table (rules/clouds/).
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from bindlint.addresses import Kind, classify
from bindlint.facts import Address, Known, Publication, Reach, Step
from bindlint.readers import yamltree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bindlint.readers.kubernetes.manifests import Owner, Said
    from bindlint.readers.yamltree import Node

_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges"
_EVERYONE = ("0.0.0.0/0", "::/0")


def service(owner: Owner, metadata: Mapping[str, Node], spec: Node | None) -> Iterator[Publication]:
    """The publications of a Service."""
    fields = yamltree.fields(spec)
    types = [owner.said(node) for node in yamltree.every(spec, "type")]
    if any(said.text == "ExternalName" for said in types):
        return
    annotations = yamltree.fields(metadata.get("annotations"))
    selects = _selector(spec, owner)
    ports = [yamltree.fields(node) for node in yamltree.elements(fields.get("ports"))]
    opened = [said for said in types if said.text in ("NodePort", "LoadBalancer")]
    for said in opened:
        for port in ports or [{}]:
            yield _opened(owner, said, port, annotations, fields, selects)
    for address in yamltree.elements(fields.get("externalIPs")):
        for port in ports or [{}]:
            yield from _external(owner, address, port, selects)
    if not opened and selects:
        for port in ports:
            yield _inner(owner, port, selects)


def setting(owner: Owner, node: Node) -> Iterator[Publication]:
    """The publication that a `service:` of a chart's values or a custom resource asks for, there or in its `spec:`."""
    own = yamltree.fields(node)
    fields = {**yamltree.fields(own.get("spec")), **own}
    metadata = yamltree.fields(own.get("metadata"))
    annotations = {**yamltree.fields(metadata.get("annotations")), **yamltree.fields(own.get("annotations"))}
    listed = [yamltree.fields(port) for port in yamltree.elements(fields.get("ports"))]
    for kind in yamltree.every(own.get("spec"), "type") or yamltree.every(node, "type"):
        if yamltree.text(kind) in ("NodePort", "LoadBalancer"):
            for port in listed or [fields]:
                yield _opened(owner, owner.said(kind), port, annotations, fields, ())


def _selector(spec: Node | None, owner: Owner) -> tuple[tuple[str, str], ...]:
    """The labels that a pod must have, and its namespace; () without a selector."""
    pairs = owner.pairs(spec, "selector")
    return tuple(sorted([*pairs, ("", owner.namespace)])) if pairs else ()


def _opened(
    owner: Owner,
    said: Said,
    port: Mapping[str, Node],
    annotations: Mapping[str, Node],
    fields: Mapping[str, Node],
    selects: tuple[tuple[str, str], ...],
) -> Publication:
    """A port that the type opens: on every node, or at a load balancer."""
    kind = said.text or ""
    reach, trail = (Reach.LAN, ()) if kind == "NodePort" else _balanced(owner, annotations, fields)
    outside = owner.number(port.get("nodePort")) if kind == "NodePort" else owner.number(port.get("port"))
    return Publication(
        said.inside,
        Address(kind, Kind.WILDCARD),
        reach,
        via=kind,
        selects=selects,
        name=owner.name,
        port=outside,
        container_port=_target(owner, port),
        protocol=_protocol(port),
        trail=(*said.trail, *trail),
        target=_target_name(owner, port),
        service=owner.service,
        label=yamltree.text(port.get("name")) or "",
    )


def _balanced(
    owner: Owner, annotations: Mapping[str, Node], fields: Mapping[str, Node]
) -> tuple[Reach, tuple[Step, ...]]:
    """How far a load balancer reaches: to the internet, unless it is declared internal or restricted to some ranges."""
    if (inside := internal(owner, "service", annotations, fields.get("loadBalancerClass"))) is not None:
        return Reach.PEERS, (inside,)
    ranges = fields.get("loadBalancerSourceRanges")
    given = [yamltree.text(node) or "" for node in yamltree.elements(ranges)]
    if ranges is None and (ranges := annotations.get(_RANGES)) is not None:
        given = [text.strip() for text in (yamltree.text(ranges) or "").split(",") if text.strip()]
    if ranges is not None and given and not any(text in _EVERYONE for text in given):
        return Reach.PEERS, (Step(yamltree.site(owner.source, ranges), "restricted to these source ranges"),)
    named = [row.annotation for row in owner.knowledge.clouds if row.reads == "address"]
    for node in [fields.get("loadBalancerIP"), *(annotations.get(name) for name in named)]:
        if node is not None and _private(yamltree.text(node) or ""):
            return Reach.LAN, (Step(yamltree.site(owner.source, node), "its address is a private one"),)
    return Reach.PUBLIC, ()


def _private(text: str) -> bool:
    """Whether a comma list of addresses has private ones only (RFC 1918, RFC 4193)."""
    found = [part.strip() for part in text.split(",") if part.strip()]
    try:
        return bool(found) and all(ipaddress.ip_address(part).is_private for part in found)
    except ValueError:
        return False


def internal(owner: Owner, reads: str, annotations: Mapping[str, Node], named: Node | None) -> Step | None:
    """The annotation or class that keeps a load balancer or an entrance inside, or None."""
    texts = {name: yamltree.text(node) or "" for name, node in annotations.items()}
    for row in owner.knowledge.clouds:
        if row.reads != reads or (said := row.says(texts, yamltree.text(named) or "")) is None:
            continue
        node = annotations[said] if said else named
        if node is not None:
            return Step(yamltree.site(owner.source, node), row.note)
    return None


def _external(
    owner: Owner, address: Node, port: Mapping[str, Node], selects: tuple[tuple[str, str], ...]
) -> Iterator[Publication]:
    """A port at an address that the nodes accept traffic for, whatever the type."""
    text = yamltree.text(address)
    if text is None:
        return
    kind, families = classify(text)
    yield Publication(
        yamltree.inside(owner.source, address),
        Address(text, kind, families=families),
        Reach.LAN,
        via="externalIP",
        selects=selects,
        name=owner.name,
        port=owner.number(port.get("port")),
        container_port=_target(owner, port),
        protocol=_protocol(port),
        target=_target_name(owner, port),
        service=owner.service,
        label=yamltree.text(port.get("name")) or "",
    )


def _inner(owner: Owner, port: Mapping[str, Node], selects: tuple[tuple[str, str], ...]) -> Publication:
    """A port that other pods reach: nothing is opened to the outside, but somebody is meant to connect."""
    node = port.get("targetPort") or port.get("port")
    site = yamltree.inside(owner.source, node) if node else owner.source.site(0, 0)
    return Publication(
        site,
        Address("", Kind.WILDCARD, Known.DEFAULT),
        Reach.PEERS,
        via="ClusterIP",
        selects=selects,
        name=owner.name,
        port=owner.number(port.get("port")),
        container_port=_target(owner, port),
        protocol=_protocol(port),
        target=_target_name(owner, port),
        service=owner.service,
        label=yamltree.text(port.get("name")) or "",
    )


def _target(owner: Owner, port: Mapping[str, Node]) -> int | None:
    """The container port that a port leads to: its own number by default, None for a name."""
    return owner.number(port.get("targetPort") or port.get("port"))


def _target_name(owner: Owner, port: Mapping[str, Node]) -> str:
    """The name of the container port that a port leads to, "" for a number."""
    return (owner.said(port.get("targetPort")).text or "") if _target(owner, port) is None else ""


def _protocol(port: Mapping[str, Node]) -> str:
    return (yamltree.text(port.get("protocol")) or "tcp").lower()
