"""Services: how far a port of some pods is opened, by type, external addresses and what the cloud is told.

Source: kubernetes/api core/v1/types.go ServiceSpec. What makes a load balancer internal is a table (rules/clouds/).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bindlint.addresses import Kind, classify
from bindlint.facts import Address, Known, Publication, Reach, Step
from bindlint.readers import yamltree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bindlint.readers.kubernetes.manifests import Owner
    from bindlint.readers.yamltree import Node

MAX_PORT = 0xFFFF
_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges"
_EVERYONE = ("0.0.0.0/0", "::/0")


def service(owner: Owner, metadata: Mapping[str, Node], spec: Node | None) -> Iterator[Publication]:
    """The publications of a Service."""
    fields = yamltree.fields(spec)
    types = [node for node in yamltree.every(spec, "type") if yamltree.text(node) is not None]
    if any(yamltree.text(node) == "ExternalName" for node in types):
        return
    annotations = yamltree.fields(metadata.get("annotations"))
    selects = _selector(fields.get("selector"), owner.namespace)
    ports = [yamltree.fields(node) for node in yamltree.elements(fields.get("ports"))]
    opened = [node for node in types if yamltree.text(node) in ("NodePort", "LoadBalancer")]
    for node in opened:
        for port in ports or [{}]:
            yield _opened(owner, node, port, annotations, fields, selects)
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
                yield _opened(owner, kind, port, annotations, fields, ())


def _selector(node: Node | None, namespace: str) -> tuple[tuple[str, str], ...]:
    """The labels that a pod must have, and its namespace; () without a selector, or when a template decides on one."""
    pairs = [(name, yamltree.text(value)) for name, _, value in yamltree.items(node)]
    known = [(name, text) for name, text in pairs if text is not None]
    return tuple(sorted([*known, ("", namespace)])) if known and len(known) == len(pairs) else ()


def _opened(
    owner: Owner,
    node: Node,
    port: Mapping[str, Node],
    annotations: Mapping[str, Node],
    fields: Mapping[str, Node],
    selects: tuple[tuple[str, str], ...],
) -> Publication:
    """A port that the type opens: on every node, or at a load balancer."""
    kind = yamltree.text(node) or ""
    reach, trail = (Reach.LAN, ()) if kind == "NodePort" else _balanced(owner, annotations, fields)
    site = yamltree.inside(owner.source, node)
    outside = number(port.get("nodePort")) if kind == "NodePort" else number(port.get("port"))
    return Publication(
        site,
        Address(kind, Kind.WILDCARD),
        reach,
        via=kind,
        selects=selects,
        name=owner.name,
        port=outside,
        container_port=_target(port),
        protocol=_protocol(port),
        trail=trail,
        target=_target_name(port),
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
    return Reach.PUBLIC, ()


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
        port=number(port.get("port")),
        container_port=_target(port),
        protocol=_protocol(port),
        target=_target_name(port),
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
        port=number(port.get("port")),
        container_port=_target(port),
        protocol=_protocol(port),
        target=_target_name(port),
        service=owner.service,
        label=yamltree.text(port.get("name")) or "",
    )


def _target(port: Mapping[str, Node]) -> int | None:
    """The container port that a port leads to: its own number by default, None for a name."""
    return number(port.get("targetPort") or port.get("port"))


def _target_name(port: Mapping[str, Node]) -> str:
    """The name of the container port that a port leads to, "" for a number."""
    return (yamltree.text(port.get("targetPort")) or "") if _target(port) is None else ""


def _protocol(port: Mapping[str, Node]) -> str:
    return (yamltree.text(port.get("protocol")) or "tcp").lower()


def number(node: Node | None) -> int | None:
    """The number of a port, None for anything else."""
    text = yamltree.text(node) or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 and 0 < int(text) <= MAX_PORT else None
