"""A compose file, service by service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bindlint.facts import Problem
from bindlint.readers import dotenv, yamltree
from bindlint.readers.compose.containers import container
from bindlint.readers.compose.programs import programs
from bindlint.readers.compose.project import Project
from bindlint.readers.compose.publications import publications

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.facts import Fact
    from bindlint.knowledge import Knowledge
    from bindlint.source import Source


def read(source: Source, knowledge: Knowledge) -> Iterator[Fact | Problem]:
    """The facts of each service, in the order in which the services are written."""
    variables = dotenv.read(source.beside(".env"))
    for document in yamltree.readable(source):
        if isinstance(document, Problem):
            yield document
            continue
        for service in Project(source, document, variables).services():
            yield container(service)
            yield from publications(service)
            yield from programs(service, knowledge)
