"""What kind of container a service is: its image or build, its network, the files of the repository in it."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from bindlint.facts import Container, Step
from bindlint.readers import ports, yamltree
from bindlint.readers.compose.documents import joined
from bindlint.readers.parts import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.readers.compose.project import Project, Service
    from bindlint.readers.yamltree import Node
    from bindlint.source import Site

MAX_PORTS = 1_000


def container(service: Service, refused: Step | None) -> Container:
    """The container of a service; `refused` says what has to be mended before compose starts any of the project."""
    network, network_site = _network(service)
    build, stage = _build(service)
    replaced = next((key for key in ("entrypoint", "command") if service.get(key) is not None), "")
    held = {target: path for target, path in mounts(service).items() if path is not None}
    return Container(
        service.site(service.key),
        service.id,
        service.name,
        "compose",
        image=service.text("image") or "",
        network=network,
        network_site=network_site,
        group=service.project.folder,
        build=build,
        stage=stage,
        replaces=replaced,
        ports=tuple(dict.fromkeys(_exposed(service)))[:MAX_PORTS],
        files=tuple(dict.fromkeys(held.values())),
        copies=tuple(held.items()),
        workdir=service.text("working_dir") or "",
        only=refused or _only(service),
    )


def _only(service: Service) -> Step | None:
    """The profiles that a service waits for: it is not there unless one of them is asked for."""
    names = service.waits_for
    if not names:
        return None
    site = service.value(service.collected("profiles")[0]).site
    return Step(site, f"{service.name} is started only with the profile {' or '.join(names)}")


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
            owner = service.project.services.get(name)
            return owner.id if owner else f"{service.source.path}#{name}", value.inside
        if kind == "container":
            return _named(service.project, name) or value.text, value.inside
        return "own", None
    for name in service.networks:
        external = service.project.pick("networks", name, "external")
        given = service.project.pick("networks", name, "name") or yamltree.get(external, "name")
        if not yamltree.flag(external) and not yamltree.is_mapping(external):
            continue
        if given is not None and service.value(given).text == "host":
            return "host", service.value(given).inside
        if given is None and name == "host":
            return "host", None
    if service.on_lan is not None:
        return "lan", service.value(service.on_lan).inside
    return "own", None


def _named(project: Project, name: str) -> str:
    """The id of the service that gives its container this name."""
    return next((s.id for s in project.services.values() if s.text("container_name") == name), "")


def _build(service: Service) -> tuple[str, str]:
    """The repository path of the Dockerfile and the stage; ("", "") for an image that is pulled or lies elsewhere."""
    if service.get("build") is None or service.get("build", "dockerfile_inline") is not None:
        return "", ""
    text = service.project.library.text
    context = next((node for _, part in service.parts("build")[::-1] if (node := _context(part)) is not None), None)
    folder = service.path(context) if context is not None else service.home(service.key).folder
    if folder is None:
        return "", ""
    dockerfile = text(service.get("build", "dockerfile")) or service.text("dockerfile") or "Dockerfile"
    return joined(folder, dockerfile) or "", text(service.get("build", "target")) or ""


def _context(build: Node) -> Node | None:
    """The folder that a build is made from: `build: folder`, or its `context`."""
    node = yamltree.get(build, "context") if yamltree.is_mapping(build) else build
    return node if yamltree.text(node) is not None else None


def _exposed(service: Service) -> Iterator[int]:
    for node in service.collected("expose"):
        if found := ports.port_range((service.project.library.text(node) or "").partition("/")[0]):
            yield from range(found[0], min(found[1], found[0] + MAX_PORTS) + 1)


def mounts(service: Service) -> dict[str, str | None]:
    """What is mounted into the container, by its place there: repository paths, None for what is not of the repository.

    A later file's mount takes the place of an earlier one's.
    """
    found: dict[str, str | None] = {}
    for node in service.collected("volumes"):
        target, path = _volume(service, node)
        found[posixpath.normpath(target)] = path
    text = service.project.library.text
    for kind, folder in (("configs", ""), ("secrets", "/run/secrets")):
        for node in service.collected(kind):
            name = text(node) or text(yamltree.get(node, "source")) or ""
            target = text(yamltree.get(node, "target")) or f"{folder}/{name}"
            found[target] = service.path(service.project.pick(kind, name, "file"))
    return found


def texts(service: Service) -> Iterator[Part]:
    """The texts within the compose file that the container is given as files: its server's configuration."""
    text = service.project.library.text
    for node in service.collected("configs"):
        name = text(node) or text(yamltree.get(node, "source")) or ""
        content = service.project.pick("configs", name, "content")
        if content is None or yamltree.text(content) is None or not service.value(content).literal:
            continue
        written, offsets = yamltree.written(service.home(content).source, content)
        if written and offsets:
            target = text(yamltree.get(node, "target")) or name
            yield Part(target.lstrip("/"), written, offsets, service.home(content).source, service.id)


def _volume(service: Service, node: Node) -> tuple[str, str | None]:
    """Where a volume is mounted, and the repository path of what is: None for a volume that holds no file of it."""
    text = service.project.library.text
    if yamltree.is_mapping(node):
        source, target = text(yamltree.get(node, "source")) or "", text(yamltree.get(node, "target")) or ""
        if text(yamltree.get(node, "type")) == "bind":
            return target, service.home(node).path(source)
        return target, _device(service, source)
    source, colon, target = _here(service, node).partition(":")
    if not colon:
        return source, None
    path = service.home(node).path(source) if source.startswith(".") else _device(service, source)
    return target.partition(":")[0], path


def _here(service: Service, node: Node) -> str:
    """The text of a short entry; `$PWD` is the folder that compose is started in, as a rule the project's."""
    written, found = yamltree.text(node) or "", service.project.library.text(node) or ""
    return f".{found}" if written.startswith(("$PWD/", "${PWD}/")) and found.startswith("/") else found


def _device(service: Service, name: str) -> str | None:
    """The folder behind a named volume that is a bind mount (`driver_opts: {o: bind, device: ./data}`)."""
    options = ("volumes", name, "driver_opts")
    if "bind" not in (service.project.library.text(service.project.pick(*options, "o")) or ""):
        return None
    return service.path(service.project.pick(*options, "device"))
