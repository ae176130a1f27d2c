"""Where a connection really goes: this machine, another container, or nobody knows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bindlint.addresses import Families, Kind
from bindlint.facts import Connection, Container, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.facts import Listener
    from bindlint.resolve.placement import Project
    from bindlint.source import Site

# The families of a listener that a client reaches which does not try every address of localhost. "first" is [::1]: the
# first line of a container's hosts file that musl answers with (dsgnr/portchecker.io PR 362).
_REACHED = {"v4": (Families.V4, Families.DUAL), "first": (Families.V6, Families.DUAL)}


@dataclass(frozen=True, slots=True)
class Target:
    """A connection, and what its address leads to.

    `elsewhere` is the container that serves the port which this connection seeks on its own machine, and `name` what
    its clients call it; None and "" when nothing says so. `misses` is True when the client can miss the listener that
    it means. `step` is where the other one is, or the one that it misses. `itself` is what others call the container
    of a health check.
    """

    connection: Connection
    elsewhere: Container | None = None
    name: str = ""
    node: bool = False
    misses: bool = False
    itself: str = ""
    step: Step | None = None

    @property
    def site(self) -> Site:
        """The text that names the host."""
        return self.connection.site


def targets(project: Project) -> Iterator[Target]:
    """Every connection to the name localhost or to a loopback address, with where it leads."""
    used = {slot.site for c in project.connections if (slot := c.address.slot) and not _where_written(c)}
    for connection in project.connections:
        if connection.address.kind not in (Kind.LOOPBACK, Kind.LOCALHOST):
            continue
        slot = connection.address.slot
        if slot and slot.site in used and _where_written(connection):
            continue  # a setting known by its name, which some call uses
        homes = [home for home, _ in project.homes(connection)]
        variable = connection.address.variable
        if variable and homes and all(project.setting(variable, home) for home in homes):
            continue  # its environment names another host, and is read for itself
        meant = [x for home in homes for x in _meant(project, connection, home)]
        reached = any(x.address.families in _REACHED.get(connection.tries, ()) for x in meant)
        misses = (connection.tries != "all" and not reached) or connection.purpose == "redirect"
        if connection.purpose == "probe":
            host_network = any(project.namespace(home).network == "host" for home in homes)
            yield Target(connection, node=not host_network, misses=misses)
            continue
        decided = [home for home in homes if not variable or not project.may_set(variable, home)]
        other, name = next((found for home in decided if (found := _elsewhere(project, connection, home))), (None, ""))
        step = Step(other.site, f"{other.name} serves port {connection.port}") if other else None
        if step is None and misses and connection.tries in _REACHED and meant:
            only = "IPv4" if meant[0].address.families is Families.V4 else "IPv6"
            step = Step(meant[0].site, f"{meant[0].software} listens on {only} only")
        seen = connection
        if meant and all(x.address.families is Families.V6 for x in meant):
            seen = replace(connection, address=replace(connection.address, families=Families.V6))
        own = connection.purpose == "healthcheck"  # of the service itself: its image may run under any name
        names = {h.name for h in homes if own and h.origin == "compose" and h.site.path == connection.site.path}
        itself = names.pop() if len(names) == 1 else ""
        yield Target(seen, other, name, misses=misses, itself=itself, step=step)


def _meant(project: Project, connection: Connection, home: Container) -> list[Listener]:
    """The listeners of known families that a connection on the container's own loopback is meant for."""
    owner = project.namespace(home)
    sharing = [home, owner, *(c for c in project.beside(home) if project.namespace(c).id == owner.id)]
    found = [x for c in {c.id: c for c in sharing}.values() for x, _ in project.inside(c)]
    open_here = (Kind.WILDCARD, Kind.LOOPBACK)
    return [
        x
        for x in found
        if x.port == connection.port and x.address.kind in open_here and x.address.families is not Families.UNKNOWN
    ]


def _where_written(connection: Connection) -> bool:
    """Whether a connection is stated by the very text that holds its host."""
    slot, site = connection.address.slot, connection.site
    inside = slot is not None and site.span.start <= slot.site.span.start and slot.site.span.end <= site.span.end
    return slot is not None and inside and site.path == slot.site.path


def _elsewhere(project: Project, connection: Connection, home: Container) -> tuple[Container, str] | None:
    """The container that serves the connection's port when none of home's network namespace does, and its name."""
    if connection.port is None or connection.purpose in ("healthcheck", "redirect"):
        return None
    owner = project.namespace(home)
    if owner.network == "host":
        return None
    if home.origin == "kubernetes":
        return _service(project, connection.port, home)
    if home.origin != "compose":
        return None
    neighbours = [c for c in project.beside(home) if _together(c.site.path, home.site.path)]
    sharing = [home, owner, *(c for c in neighbours if project.namespace(c).id == owner.id)]
    if any(_serves(project, c, connection.port) for c in sharing):
        return None
    other = next((c for c in neighbours if c not in sharing and _serves(project, c, connection.port)), None)
    return (other, other.name) if other else None


def _service(project: Project, port: int, home: Container) -> tuple[Container, str] | None:
    """The pod behind a Service of the same namespace and folder that has the port, and the Service's name.

    Nobody, when the pod itself serves the port, or may: a sidecar that declares no port may serve any.
    """
    pod = [home, *project.beside(home)]
    if any(_serves(project, c, port) or (c.id != home.id and not c.ports) for c in pod):
        return None
    for publication in project.publications:
        near = publication.site.path.rpartition("/")[0] == home.site.path.rpartition("/")[0]
        if (
            near
            and publication.name
            and publication.port == port
            and dict(publication.selects).get("") == _namespace(home)
        ):
            behind = [c for c in project.behind(publication) if c.group != home.group]
            if behind:
                return behind[0], publication.name
    return None


def _namespace(container: Container) -> str | None:
    return dict(container.labels).get("")


def _together(one: str, other: str) -> bool:
    """Whether two compose files of a folder are used together: the same one, or one and its override."""
    return one == other or ".override." in one or ".override." in other


def _serves(project: Project, container: Container, port: int) -> bool:
    return (
        port in container.ports
        or any(x.port == port for x, _ in project.inside(container))
        or any(p.container_port == port for p in project.published(container))
    )
