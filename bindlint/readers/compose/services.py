"""A compose project, service by service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bindlint.errors import UnreadableError
from bindlint.facts import Absorbed, Problem
from bindlint.readers.compose import refusals
from bindlint.readers.compose.containers import container, texts
from bindlint.readers.compose.documents import Library
from bindlint.readers.compose.loading import load
from bindlint.readers.compose.programs import programs
from bindlint.readers.compose.publications import publications

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.facts import Fact
    from bindlint.knowledge import Knowledge
    from bindlint.readers.parts import Part
    from bindlint.source import Source


def read(source: Source, knowledge: Knowledge) -> Iterator[Fact | Problem | Part]:
    """The facts of each service, in the order in which the services are written, of all files of the project."""
    library = Library(source)
    try:
        project = load(library)
        for path, site in project.parts.items():
            yield Absorbed(site, path)
        refused = refusals.shape(project)
        for service in project.services.values():
            yield container(service, refused)
            yield from publications(service)
            yield from programs(service, knowledge)
            yield from texts(service)
        refusals.check(project)
    except UnreadableError:
        yield from dict.fromkeys(library.problems)
        raise
    yield from dict.fromkeys(library.problems)
