"""What a project comes to: whether it is refused, and its services as far as both sides can say them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Port = tuple[str, str, int, str]  # host address, first host port, container port, protocol
NO_PORTS = ("host", "none", "lan")  # networks for which Docker discards published ports


@dataclass
class Service:
    """A service. `mounts` are repository paths by their place in the container, `build` a Dockerfile and a stage."""

    ports: tuple[Port, ...] = ()
    network: str = "own"
    environment: Mapping[str, str] = field(default_factory=dict)
    mounts: Mapping[str, str] = field(default_factory=dict)
    build: tuple[str, str] = ("", "")
    expose: tuple[int, ...] = ()


@dataclass
class Outcome:
    """A project: the reason why it is refused, "" when it is not, and its services by name."""

    refused: str = ""
    services: dict[str, Service] = field(default_factory=dict)


def differences(theirs: Outcome, ours: Outcome, *, outside: bool = False, engine: bool = False) -> Iterator[str]:
    """What is not the same, in words."""
    if outside:
        if not theirs.refused:
            yield "compose does not refuse it"
        if ours.refused:
            yield f"we refuse it: {ours.refused}"
        return
    if bool(theirs.refused) != bool(ours.refused) and not (engine and ours.refused):
        yield f"compose: {theirs.refused or 'accepted'}; bindlint: {ours.refused or 'accepted'}"
    if theirs.refused or engine:
        return
    if theirs.services.keys() != ours.services.keys():
        yield f"services: compose {sorted(theirs.services)}, bindlint {sorted(ours.services)}"
    for name in sorted(theirs.services.keys() & ours.services.keys()):
        yield from _of_service(name, theirs.services[name], ours.services[name])


def _of_service(name: str, theirs: Service, ours: Service) -> Iterator[str]:
    if theirs.network != ours.network:
        yield f"{name}: network: compose {theirs.network}, bindlint {ours.network}"
    if theirs.network not in NO_PORTS and sorted(theirs.ports) != sorted(ours.ports):
        yield f"{name}: ports: compose {sorted(theirs.ports)}, bindlint {sorted(ours.ports)}"
    for variable, value in theirs.environment.items():
        if ours.environment.get(variable) != value:
            yield f"{name}: {variable}: compose {value!r}, bindlint {ours.environment.get(variable)!r}"
    for key in ("mounts", "build", "expose"):
        if getattr(theirs, key) != getattr(ours, key):
            yield f"{name}: {key}: compose {getattr(theirs, key)}, bindlint {getattr(ours, key)}"
