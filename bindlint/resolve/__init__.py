"""Linking facts across files: which listener can be reached from how far away, and where a connection really goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bindlint.resolve.exposure import Exposure, Opening, expose
from bindlint.resolve.hosts import NameMapping, mappings
from bindlint.resolve.placement import Project
from bindlint.resolve.targets import Target, targets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bindlint.facts import Container, Fact

__all__ = ["Exposure", "NameMapping", "Opening", "Project", "Target", "resolve"]


def resolve(facts: Iterable[Fact]) -> Iterator[Exposure | Opening | Container | Target | NameMapping]:
    """Every subject that rules may judge, in no particular order."""
    project = Project.of(facts)
    yield from expose(project)
    yield from (c for c in project.containers.values() if c.network == "host")
    yield from targets(project)
    yield from mappings(project)
