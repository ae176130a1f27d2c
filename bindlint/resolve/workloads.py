"""The objects of Kubernetes that containers belong to, by what their manifests call them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bindlint.facts import Container


def by_workload(containers: Iterable[Container]) -> dict[str, list[Container]]:
    """The containers of Kubernetes by their object and name, and by their object."""
    found: dict[str, list[Container]] = defaultdict(list)
    for container in containers:
        name = workload(container.id) if container.origin == "kubernetes" else ""
        for key in {name, name.rpartition("/")[0]} if name else ():
            found[key].append(container)
    return found


def workload(identity: str) -> str:
    """The kind and name of an object, and of a container in it, without the file; "" where it has no name."""
    name = identity.partition("#")[2]
    return name if name.split("/")[1:2] not in ([], [""]) else ""
