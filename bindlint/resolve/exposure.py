"""How far away the clients of a listener may be, and the path they take (verdicts.md, section 2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bindlint.addresses import Kind
from bindlint.facts import Container, Known, Listener, Publication, Reach, Step
from bindlint.resolve.commandline import on_command_line
from bindlint.resolve.guards import lowered
from bindlint.resolve.users import Users

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.resolve.placement import Project
    from bindlint.source import Site

FRONT_PORTS = {80, 443}  # what a front proxy publishes by design; on 8080 the same image is somebody's test


@dataclass(frozen=True, slots=True)
class Exposure:
    """A listener and how far it reaches.

    `publication` is the door it is reached through, None when there is none. `steps` are the places that link them.
    `unguarded` is the step that switches its protection off. `presumed` is True when the container is only presumed.
    `why` says, for a reach below LAN, what keeps it there. `wanted` is where and how somebody outside of its
    container means to connect to a listener that stays inside. `users` are those known to connect from elsewhere, ""
    for nobody; `peer` is where another container does, by the name of this one.
    """

    listener: Listener
    reach: Reach
    container: Container | None = None
    publication: Publication | None = None
    steps: tuple[Step, ...] = ()
    unguarded: Step | None = None
    presumed: bool = False
    why: str = ""
    wanted: Step | None = None
    certain: bool = True
    users: str = ""
    peer: Site | None = None

    @property
    def site(self) -> Site:
        """The place to change: the door if there is one, else the listener."""
        return self.publication.site if self.publication else self.listener.site


@dataclass(frozen=True, slots=True)
class Opening:
    """A publication with nothing known behind it. `software` is what the container's image is known to be, or "".

    `users` and `peer` as in `Exposure`.
    """

    publication: Publication
    container: Container | None
    software: str = ""
    front: bool = False
    near: Listener | None = None
    users: str = ""
    peer: Site | None = None

    @property
    def site(self) -> Site:
        """The publication's own place."""
        return self.publication.site


def expose(project: Project) -> Iterator[Exposure | Opening]:
    """Every listener with its reach, and every publication that leads to none of them; and who uses each."""
    users = Users(project)
    for found in _exposed(project):
        door, container = found.publication, found.container
        port = door.container_port if door is not None else None
        call = project.caller(container, port) if container is not None and port is not None else None
        yield replace(found, users=_users(users, found), peer=call.site if call else None)


def _users(users: Users, found: Exposure | Opening) -> str:
    if found.publication is not None:
        return users.of_door(found.publication.port)
    assert isinstance(found, Exposure)
    port = found.listener.port
    return users.of_door(port) if found.container is not None else users.of_listener(port)


def _exposed(project: Project) -> Iterator[Exposure | Opening]:
    served: set[int] = set()
    for container in project.containers.values():
        for listener, steps in project.inside(container):
            if container.network == "lan":
                served.update(id(door) for door in project.published(container))
            for exposure in _contained(project, container, listener, steps):
                told = _tells(listener) and not project.idle(listener, container)
                if exposure.publication is not None and told:
                    served.add(id(exposure.publication))
                yield exposure
    for listener in project.listeners:
        if not project.homes(listener) and not project.shadowed(listener):
            yield _on_host(project, listener)
        for launch, word in project.started_with(listener, None):
            yield _on_host(project, on_command_line(listener, launch, word))
    for publication in project.publications:
        if id(publication) not in served:
            yield _opening(project, publication)


def _tells(listener: Listener) -> bool:
    """Whether what is known of a listener says more than that its port is published; one with a login does not."""
    return listener.address.kind is not Kind.UNKNOWN and listener.surface != "login"


def _on_host(project: Project, listener: Listener) -> Exposure:
    kind = listener.address.kind
    if kind in (Kind.LOOPBACK, Kind.LOCALHOST):
        return Exposure(listener, Reach.HOST, why="bound to loopback", certain=listener.certain)
    if kind is Kind.NONE:
        return Exposure(listener, Reach.SELF, why="no network listener", certain=listener.certain)
    off = lowered(project, listener, None)
    if (container := project.presumed(listener)) is not None:
        step = Step(container.site, f"{container.name} is presumably what this configures")
        why = "presumably in a container"
        return Exposure(listener, Reach.PEERS, container, None, (step,), off, presumed=True, why=why)
    return Exposure(listener, Reach.LAN, unguarded=off, certain=listener.certain)


def _contained(
    project: Project, container: Container, listener: Listener, steps: tuple[Step, ...]
) -> Iterator[Exposure]:
    kind = listener.address.kind
    local = kind in (Kind.LOOPBACK, Kind.LOCALHOST)
    if project.idle(listener, container):
        listener = replace(listener, certain=False)
        steps = (*steps, Step(listener.site, f"only where {listener.wants} is set, and nothing here sets it"))
    off = lowered(project, listener, container)
    owner = project.namespace(container)
    if owner.network == "host":
        where = (*steps, Step(owner.network_site or owner.site, f"{owner.name} shares the host's network"))
        reach = Reach.HOST if local else Reach.LAN
        why = "bound to loopback" if local else ""
        yield Exposure(listener, reach, container, None, where, off, why=why, certain=listener.certain)
        return
    if owner.network == "lan" and not local and kind is not Kind.NONE:
        said = f"{owner.name} has an address of its own on the host's network"
        where = (*steps, Step(owner.network_site or owner.site, said))
        yield Exposure(listener, Reach.LAN, container, None, where, off, certain=listener.certain)
        return
    doors = [p for p in project.published(container) if _leads(p, listener)]
    if local or kind is Kind.NONE:
        why = "bound to loopback in its container"
        yield Exposure(
            listener, Reach.SELF, container, None, steps, why=why, wanted=_wanted(project, container, listener, doors)
        )
        return
    if not doors:
        if container.origin == "dockerfile":
            why = "runs in a container, and nothing here publishes its port"
            yield Exposure(listener, Reach.PEERS, container, None, steps, off, presumed=True, why=why)
        else:
            yield Exposure(
                listener, Reach.PEERS, container, None, steps, off, why=f"no port of {container.name} leads to it"
            )
        return
    for door in doors:
        why = "" if door.reach.rank >= Reach.LAN.rank else f"published as {_written(door)} only"
        yield Exposure(listener, door.reach, container, door, steps, off, why=why, certain=listener.certain)


def _wanted(project: Project, container: Container, listener: Listener, doors: list[Publication]) -> Step | None:
    """Who outside of a container is meant to connect to a listener on its loopback: by its door, or by its name."""
    if not listener.port:
        return None
    for door in doors:
        if door.container_port == listener.port:
            said = {"kubelet": "the kubelet probes its port"}.get(door.name, "")
            return Step(
                door.site,
                said or ("a Service leads to its port" if door.via == "ClusterIP" else "its port is published"),
            )
    call = project.caller(container, listener.port)
    return Step(call.site, f"{call.client} connects to it as {call.address.text}") if call else None


def _written(door: Publication) -> str:
    return door.address.text or "an internal address"


def _leads(door: Publication, listener: Listener) -> bool:
    if door.container_port is None:
        return listener.role == "main" and door.protocol == listener.protocol
    return door.protocol == listener.protocol and listener.port in (None, door.container_port)


def _opening(project: Project, publication: Publication) -> Opening:
    behind = project.behind(publication)
    container = next((c for c in behind if publication.container_port in c.ports), next(iter(behind), None))
    if container is None:
        return Opening(publication, None)
    known = [listener for listener, _ in project.inside(container)]
    front = any(x.front for x in known) and publication.port in FRONT_PORTS
    near = next((x for x in known if x.port == publication.container_port), None)
    software = next((x.software for x in known if x.address.known is Known.DEFAULT), "")
    return Opening(publication, container, software, front, near)
