"""Who is known to connect to a port from elsewhere, and would find it closed if it were opened on loopback only."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from bindlint.addresses import Kind, classify, ipv4

if TYPE_CHECKING:
    from bindlint.facts import Connection, Publication
    from bindlint.resolve.placement import Project

# What containers call the machine that they run on (docs.docker.com "Networking", podman-run(1) --add-host).
_MACHINE = ("host.docker.internal", "gateway.docker.internal", "host.containers.internal", "docker.for.mac.localhost")


class Users:
    """The users of each port, as far as the project shows them: "" for nobody."""

    def __init__(self, project: Project) -> None:
        """Look through the project once."""
        self._open: dict[int, str] = {}  # ports of containers of which nobody knows what serves them
        self._callers: dict[int, list[Connection]] = defaultdict(list)
        for publication in project.publications:
            port = publication.container_port
            if port is not None and not _served(project, publication):
                self._open.setdefault(port, f"clients of the port that {publication.site.path} publishes")
        for container in project.containers.values():
            if container.origin == "dockerfile":
                inside = {listener.port for listener, _ in project.inside(container)}
                for port in set(container.ports) - inside:
                    self._open.setdefault(port, f"clients of the port that {container.site.path} exposes")
        for call in project.connections:
            if call.port is not None and call.address.kind is Kind.SPECIFIC:
                self._callers[call.port].append(call)

    def of_listener(self, port: int | None) -> str:
        """Those of a program that is not known to run in a container, though it may."""
        return self._open.get(port or 0) or self.of_door(port)

    def of_door(self, port: int | None) -> str:
        """Those of a published port: they connect to the machine by an address that is not loopback."""
        for call in self._callers[port or 0]:
            if is_machine(call.address.text):
                return f"{call.client} in {call.site.path}, which connects to {call.address.text}"
        return ""


def is_machine(host: str) -> bool:
    """Whether a host can be this machine, by an address of it that is not loopback."""
    return host.lower() in _MACHINE or (ipv4(host) is not None and classify(host)[0] is Kind.SPECIFIC)


def _served(project: Project, publication: Publication) -> bool:
    """Whether it is known what answers behind a publication."""
    port = publication.container_port
    return any(x.port == port for c in project.behind(publication) for x, _ in project.inside(c))
