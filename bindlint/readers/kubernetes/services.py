"""Services: how far a port of some pods is opened, by type, external addresses and what the cloud is told.

Sources: kubernetes/api core/v1/types.go ServiceSpec; kubernetes.io "Service / Internal load balancer" for the
annotations; AWS Load Balancer Controller, "NLB" (scheme: default internal).
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
_ANY = "*"
# Annotations that make a load balancer internal, each with the values that do (lower case; "*": any but "false").
_INTERNAL: dict[str, tuple[str, ...]] = {
    "networking.gke.io/load-balancer-type": ("internal",),
    "cloud.google.com/load-balancer-type": ("internal",),
    "service.beta.kubernetes.io/aws-load-balancer-internal": (_ANY,),
    "service.beta.kubernetes.io/aws-load-balancer-scheme": ("internal",),
    "service.beta.kubernetes.io/azure-load-balancer-internal": ("true",),
    "service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type": ("private",),
    "service.beta.kubernetes.io/openstack-internal-load-balancer": ("true",),
    "service.beta.kubernetes.io/cce-load-balancer-internal-vpc": ("true",),
    "service.kubernetes.io/qcloud-loadbalancer-internal-subnetid": (_ANY,),
    "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type": ("intranet",),
    "service.beta.kubernetes.io/oci-load-balancer-internal": (_ANY, "false"),  # its mere presence counts
}
_AWS_TYPE = "service.beta.kubernetes.io/aws-load-balancer-type"
_AWS_SCHEME = "service.beta.kubernetes.io/aws-load-balancer-scheme"
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
    outside = _number(port.get("nodePort")) if kind == "NodePort" else _number(port.get("port"))
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
    )


def _balanced(
    owner: Owner, annotations: Mapping[str, Node], fields: Mapping[str, Node]
) -> tuple[Reach, tuple[Step, ...]]:
    """How far a load balancer reaches: to the internet, unless it is declared internal or restricted to some ranges."""
    for name, values in _INTERNAL.items():
        node = annotations.get(name)
        text = (yamltree.text(node) or "").lower()
        if node is not None and (text in values or (_ANY in values and text not in ("false", ""))):
            return Reach.PEERS, (Step(yamltree.site(owner.source, node), "declared internal"),)
    kind = annotations.get(_AWS_TYPE)
    if kind is not None and yamltree.text(kind) in ("external", "nlb-ip") and _AWS_SCHEME not in annotations:
        return Reach.PEERS, (Step(yamltree.site(owner.source, kind), "internal, as no scheme is given"),)
    ranges = fields.get("loadBalancerSourceRanges")
    given = [yamltree.text(node) or "" for node in yamltree.elements(ranges)]
    if ranges is None and (ranges := annotations.get(_RANGES)) is not None:
        given = [text.strip() for text in (yamltree.text(ranges) or "").split(",") if text.strip()]
    if ranges is not None and given and not any(text in _EVERYONE for text in given):
        return Reach.PEERS, (Step(yamltree.site(owner.source, ranges), "restricted to these source ranges"),)
    return Reach.PUBLIC, ()


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
        port=_number(port.get("port")),
        container_port=_target(port),
        protocol=_protocol(port),
        target=_target_name(port),
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
        port=_number(port.get("port")),
        container_port=_target(port),
        protocol=_protocol(port),
        target=_target_name(port),
    )


def _target(port: Mapping[str, Node]) -> int | None:
    """The container port that a port leads to: its own number by default, None for a name."""
    return _number(port.get("targetPort") or port.get("port"))


def _target_name(port: Mapping[str, Node]) -> str:
    """The name of the container port that a port leads to, "" for a number."""
    return (yamltree.text(port.get("targetPort")) or "") if _target(port) is None else ""


def _protocol(port: Mapping[str, Node]) -> str:
    return (yamltree.text(port.get("protocol")) or "tcp").lower()


def _number(node: Node | None) -> int | None:
    text = yamltree.text(node) or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 and 0 < int(text) <= MAX_PORT else None
