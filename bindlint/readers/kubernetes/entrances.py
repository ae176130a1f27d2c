"""Entrances of a cluster that lead to Services by name: Ingress, Gateway API routes, OpenShift, Traefik, Istio.

Sources: kubernetes/api networking/v1 and v1beta1 types.go; gateway-api apis/v1 BackendObjectReference; openshift/api
route/v1 RouteSpec; Traefik CRD IngressRoute; istio/api networking/v1 VirtualService (without `gateways`, or with the
reserved `mesh`, it is for sidecars and admits nobody from outside).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bindlint.addresses import Kind
from bindlint.facts import Address, Publication, Reach, Step
from bindlint.readers import yamltree
from bindlint.readers.kubernetes import configmaps, services

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bindlint.readers.kubernetes.manifests import Owner
    from bindlint.readers.yamltree import Node

MAX_BACKENDS = 1_000  # of one object
_KINDS = {
    "Ingress": "Ingress",
    "Route": "Route",
    "HTTPRoute": "Gateway",
    "GRPCRoute": "Gateway",
    "TLSRoute": "Gateway",
    "TCPRoute": "Gateway",
    "UDPRoute": "Gateway",
    "IngressRoute": "Ingress",
    "IngressRouteTCP": "Ingress",
    "IngressRouteUDP": "Ingress",
    "VirtualService": "Gateway",
}
_APIS = ("networking", "extensions", "gateway", "route.openshift.io", "traefik")
_LISTS = ("backendRefs", "services", "alternateBackends")
_CLASS = "kubernetes.io/ingress.class"


def reads(kind: str, api: str) -> bool:
    """Whether an object of this kind and API is an entrance."""
    return kind in _KINDS and any(api.startswith(name) or f".{name}" in api for name in _APIS)


def entrance(owner: Owner, metadata: Mapping[str, Node], spec: Node | None) -> Iterator[Publication]:
    """One publication for each Service that it leads to."""
    fields = yamltree.fields(spec)
    if owner.kind == "VirtualService":
        gateways = [yamltree.text(node) for node in yamltree.elements(fields.get("gateways"))]
        if not [name for name in gateways if name != "mesh"]:
            return
    reach, trail = _reach(owner, metadata, fields)
    for name, port, namespace in _backends(spec):
        text = configmaps.spelled(owner.source, name)
        if not text:
            continue
        short, _, rest = text.partition(".") if "{{" not in text else (text, "", "")
        number = owner.number(port)
        yield Publication(
            yamltree.inside(owner.source, name),
            Address(owner.kind, Kind.WILDCARD),
            reach,
            via=_KINDS[owner.kind],
            name=owner.name,
            container_port=number,
            protocol="udp" if owner.kind.startswith(("UDP", "IngressRouteUDP")) else "tcp",
            trail=trail,
            target=(yamltree.text(port) or "") if number is None else "",
            service=owner.led(short, yamltree.text(namespace) or rest.partition(".")[0]),
        )


def _reach(owner: Owner, metadata: Mapping[str, Node], fields: Mapping[str, Node]) -> tuple[Reach, tuple[Step, ...]]:
    """From the internet, unless its class or its annotations keep it inside or ask for a login."""
    annotations = yamltree.fields(metadata.get("annotations"))
    parents = yamltree.elements(fields.get("parentRefs"))
    named = fields.get("ingressClassName") or annotations.get(_CLASS)
    for node in [named, *(yamltree.get(parent, "name") for parent in parents)]:
        if (inside := services.internal(owner, "entrance", annotations, node)) is not None:
            return Reach.PEERS, (inside,)
    return Reach.PUBLIC, ()


def _backends(spec: Node | None) -> Iterator[tuple[Node, Node | None, Node | None]]:
    """The name of each Service, the port of it that is meant, and its namespace where that is another."""
    seen: set[int] = set()
    todo: list[tuple[str, Node | None]] = [("", spec)]
    while todo and len(seen) < MAX_BACKENDS:
        key, node = todo.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        if yamltree.is_sequence(node):
            todo += [(key, element) for element in reversed(yamltree.elements(node))]
            continue
        fields = yamltree.fields(node)
        if (found := _backend(key, fields, spec)) is not None:
            yield found
            continue
        todo += [(name, value) for name, value in reversed(fields.items())]


def _backend(key: str, fields: Mapping[str, Node], spec: Node | None) -> tuple[Node, Node | None, Node | None] | None:
    """What one mapping says of a Service, by the key that it stands under."""
    if (legacy := fields.get("serviceName")) is not None:
        return legacy, fields.get("servicePort"), None
    if key == "destination" and (host := fields.get("host")) is not None:
        return host, yamltree.get(fields.get("port"), "number"), None
    name, kind = fields.get("name"), yamltree.text(fields.get("kind")) or "Service"
    if name is None or kind != "Service" or key not in ("service", "to", *_LISTS):
        return None
    port = fields.get("port")
    if key in ("to", "alternateBackends"):
        port = yamltree.get(spec, "port", "targetPort")
    elif yamltree.is_mapping(port):
        port = yamltree.get(port, "number") or yamltree.get(port, "name")
    return name, port, fields.get("namespace")
