"""Where a publication leads: to a container that it names, to the pods of a selector, or to a Service and its pods."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from bindlint.facts import Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bindlint.facts import Container, Policy, Publication


def led(
    publications: Iterable[Publication], containers: Mapping[str, Container], policies: Sequence[Policy]
) -> list[Publication]:
    """The publications with the pods and the port numbers that they lead to, and the policies of those pods."""
    found = [numbered for routed in _routed(list(publications)) for numbered in _numbered(routed, containers)]
    return [_limited(publication, containers, policies) for publication in found] if policies else found


def _limited(publication: Publication, containers: Mapping[str, Container], policies: Sequence[Policy]) -> Publication:
    """A publication whose story names the policies of the pods behind it."""
    pods = [set(c.labels) for c in behind(publication, containers) if c.labels]
    named = dict.fromkeys(p for p in policies if any(set(p.selects) <= labels for labels in pods))
    said = "this NetworkPolicy may keep clients out, where the cluster enforces it"
    return replace(publication, trail=(*publication.trail, *(Step(p.site, said) for p in named)))


def behind(publication: Publication, containers: Mapping[str, Container]) -> list[Container]:
    """The containers that a publication leads to: the one it names, or those that its selector matches."""
    if publication.container:
        container = containers.get(publication.container)
        return [container] if container else []
    if not publication.selects:
        return []
    wanted = set(publication.selects)
    found = [c for c in containers.values() if c.labels and wanted <= set(c.labels)]
    path = publication.site.path  # example collections give the same labels to many things: the nearest are meant
    near = [c for c in found if c.site.path == path] or [c for c in found if _folder(c.site.path) == _folder(path)]
    return _declaring(publication, near or found)


def _routed(publications: list[Publication]) -> list[Publication]:
    """The publications, those that only name a Service with the pods and the port that this leads to.

    Entrances do, and patches that change the type of a Service that is written elsewhere.
    """
    stated: dict[str, list[Publication]] = defaultdict(list)
    for publication in publications:
        if publication.selects and publication.service:
            stated[publication.service].append(publication)
    out: list[Publication] = []
    for publication in publications:
        found = stated.get(publication.service, []) if not publication.selects else []
        services = [p for p in _nearest(publication, found) if _means(publication, p)]
        out += dict.fromkeys(
            replace(publication, selects=p.selects, container_port=p.container_port, target=p.target) for p in services
        ) or [publication]
    return out


def _numbered(publication: Publication, containers: Mapping[str, Container]) -> list[Publication]:
    """A publication that leads to a port by its name, by the number that the containers behind it give that name.

    One for each number: what a selector matches may give one name to several.
    """
    if not publication.target or publication.container_port is not None:
        return [publication]
    names = [row for c in behind(publication, containers) for row in c.port_names]
    numbers = dict.fromkeys(number for name, number in names if name == publication.target)
    return [replace(publication, container_port=number) for number in numbers] or [publication]


def _nearest(publication: Publication, found: list[Publication]) -> list[Publication]:
    """Those of the publications that are written in the same file, else in the same folder, else all."""
    path = publication.site.path
    same = [p for p in found if p.site.path == path]
    return same or [p for p in found if _folder(p.site.path) == _folder(path)] or found


def _means(entrance: Publication, behind: Publication) -> bool:
    """Whether the port that an entrance names is this one of its Service: all are, when it names none."""
    if entrance.target:
        return entrance.target in (behind.label, behind.target)
    return entrance.container_port in (None, behind.port, behind.container_port)


def _declaring(publication: Publication, containers: list[Container]) -> list[Container]:
    """Those of the containers that declare the port's name, all when the publication uses none or nobody declares it.

    Source: kubernetes.io "Service / Field targetPort": the name of a port in the pods that the Service selects.
    """
    number = publication.container_port
    named = [
        c
        for c in containers
        if any(name == publication.target and number in (None, port) for name, port in c.port_names)
    ]
    return named or containers


def _folder(path: str) -> str:
    return path.rpartition("/")[0]
