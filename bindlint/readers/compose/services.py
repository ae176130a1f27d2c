"""A compose project, service by service."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from bindlint.errors import UnreadableError
from bindlint.facts import Absorbed, Container, Problem, Publication
from bindlint.readers.compose import refusals
from bindlint.readers.compose.containers import container, texts
from bindlint.readers.compose.documents import Library
from bindlint.readers.compose.loading import load, started, ways
from bindlint.readers.compose.programs import programs
from bindlint.readers.compose.publications import publications

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.facts import Fact, Step
    from bindlint.knowledge import Knowledge
    from bindlint.readers.compose.project import Service
    from bindlint.readers.parts import Part
    from bindlint.source import Composed, Source

MAX_WAYS = 20  # of starting one project


def read(source: Source, knowledge: Knowledge) -> Iterator[Fact | Problem | Part]:
    """The facts of each service, in the order in which the services are written, of all files of the project."""
    library = Library(source)
    told: dict[str, list[list[object]]] = defaultdict(list)
    try:
        project = load(library)
        for path, site in project.parts.items():
            yield Absorbed(site, path)
        refused = refusals.shape(project)
        for service in project.services.values():
            facts = list(_stated(service, knowledge, refused))
            told[service.name].append(_bare(facts))
            yield from facts
        refusals.check(project)
    except UnreadableError:
        yield from dict.fromkeys(library.problems)
        raise
    yield from dict.fromkeys(library.problems)
    for number, way in enumerate(ways(source)[:MAX_WAYS], start=1):
        yield from _otherwise(source, way, knowledge, told, f"@{number}")


def _stated(service: Service, knowledge: Knowledge, refused: Step | None) -> Iterator[Fact | Problem | Part]:
    yield container(service, refused)
    yield from publications(service)
    yield from programs(service, knowledge)
    yield from texts(service)


def _otherwise(
    source: Source, way: Composed, knowledge: Knowledge, told: dict[str, list[list[object]]], mark: str
) -> Iterator[Fact | Part]:
    """The services that are something else when the project is started so, as containers of their own.

    What compose refuses of it is told where its files are read.
    """
    try:
        project = started(Library(source), way)
        refused = refusals.shape(project)
        stated = {s.name: list(_stated(s, knowledge, refused)) for s in project.services.values()}
        bare = {name: _bare(facts) for name, facts in stated.items()}
        project.marked = {name: mark for name in stated if bare[name] not in told[name]}
        while more := [s.name for s in project.services.values() if _shares(s, stated, project.marked)]:
            project.marked = {**project.marked, **dict.fromkeys(more, mark)}
        for name in project.marked:
            told[name].append(bare[name])
            for fact in _stated(project.services[name], knowledge, refused):
                if isinstance(fact, Container):
                    yield replace(fact, certain=way.certain)
                elif not isinstance(fact, Problem):
                    yield fact
    except UnreadableError:
        return


def _shares(service: Service, stated: dict[str, list[Fact | Problem | Part]], marked: dict[str, str]) -> bool:
    """Whether a service that is not marked uses the network of one that is."""
    homes = {fact.network for fact in stated[service.name] if isinstance(fact, Container)}
    ids = {fact.id for name in marked for fact in stated[name] if isinstance(fact, Container)}
    return service.name not in marked and bool(homes & ids)


def _bare(facts: list[Fact | Problem | Part]) -> list[object]:
    """The facts without the steps that lead to a port: those differ with each way."""
    return [replace(fact, trail=()) if isinstance(fact, Publication) else fact for fact in facts]
