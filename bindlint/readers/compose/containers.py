"""What kind of container a service is: its image or build, its network, the files of the repository in it."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from bindlint.facts import Container
from bindlint.readers import ports, yamltree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bindlint.readers.compose.project import Project, Service
    from bindlint.readers.yamltree import Node
    from bindlint.source import Site

MAX_PORTS = 1_000


def container(service: Service) -> Container:
    """The container of a service."""
    network, network_site = _network(service)
    build, stage = _build(service)
    replaced = next((key for key in ("entrypoint", "command") if service.get(key) is not None), "")
    return Container(
        yamltree.site(service.source, service.key),
        service.id,
        service.name,
        "compose",
        image=service.text("image") or "",
        network=network,
        network_site=network_site,
        group=service.source.folder,
        build=build,
        stage=stage,
        replaces=replaced,
        ports=tuple(dict.fromkeys(_exposed(service)))[:MAX_PORTS],
        files=tuple(dict.fromkeys(_files(service))),
    )


def _network(service: Service) -> tuple[str, Site | None]:
    """Whose network it uses, and where that is written."""
    node = service.get("network_mode")
    if node is not None and yamltree.text(node) is not None:
        value = service.value(node)
        kind, _, name = value.text.partition(":")
        if value.text in ("host", "none"):
            slot = value.slot(0, len(value.text))
            return value.text, slot.site if slot else value.inside
        if kind == "service":
            return f"{service.source.path}#{name}", value.inside
        if kind == "container":
            return _named(service.project, name) or value.text, value.inside
        return "own", None
    for name, network in service.networks:
        external = network.get("external")
        given = network.get("name") or yamltree.get(external, "name")
        if not yamltree.flag(external) and not yamltree.is_mapping(external):
            continue
        if given is not None and service.value(given).text == "host":
            return "host", service.value(given).inside
        if given is None and name == "host":
            return "host", None
    return "own", None


def _named(project: Project, name: str) -> str:
    """The id of the service that gives its container this name."""
    for key, _, node in yamltree.items(project.top.get("services")):
        if yamltree.text(yamltree.get(node, "container_name")) == name:
            return f"{project.source.path}#{key}"
    return ""


def _build(service: Service) -> tuple[str, str]:
    """The repository path of the Dockerfile and the stage; ("", "") for an image that is pulled or lies elsewhere."""
    node = service.get("build")
    if node is None:
        return "", ""
    fields = yamltree.fields(node)
    if "dockerfile_inline" in fields:
        return "", ""
    context = _text(service, node) or _text(service, fields.get("context")) or "."
    dockerfile = _text(service, fields.get("dockerfile")) or _text(service, service.get("dockerfile")) or "Dockerfile"
    path = service.project.path(posixpath.join(context, dockerfile))
    return path or "", _text(service, fields.get("target")) or ""


def _exposed(service: Service) -> Iterator[int]:
    for node in service.collected("expose"):
        if found := ports.port_range((_text(service, node) or "").partition("/")[0]):
            yield from range(found[0], min(found[1], found[0] + MAX_PORTS) + 1)


def _files(service: Service) -> Iterator[str]:
    """The repository paths that are mounted into the container."""
    written = [_mounted(service, node) for node in service.collected("volumes")]
    for kind in ("configs", "secrets"):
        defined = yamltree.fields(service.project.top.get(kind))
        for node in service.collected(kind):
            name = _text(service, node) or _text(service, yamltree.get(node, "source"))
            written.append(_text(service, yamltree.get(defined.get(name or ""), "file")))
    for path in written:
        if path and (found := service.project.path(path)) is not None:
            yield found


def _mounted(service: Service, node: Node) -> str | None:
    """The source of a bind mount; None for a named volume, which has no path in the repository."""
    if not yamltree.is_mapping(node):
        text = _text(service, node) or ""
        source, colon, _ = text.partition(":")
        return source if colon and source.startswith(".") else None
    fields: Mapping[str, Node] = yamltree.fields(node)
    return _text(service, fields.get("source")) if _text(service, fields.get("type")) == "bind" else None


def _text(service: Service, node: Node | None) -> str | None:
    return None if node is None or yamltree.text(node) is None else service.value(node).text
