"""Families of container images as rows: what a container of that image listens on when nobody says otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bindlint.knowledge.commands import Opening, Protection, opening, protections
from bindlint.knowledge.examples import Example, row_examples

if TYPE_CHECKING:
    from bindlint.knowledge.check import Table

EXAMPLE_FILE = "compose.yaml"


@dataclass(frozen=True, slots=True)
class Image:
    """One family. `names` are globs of the repository without its registry (`redis`, `bitnami/redis`, `*/redis`).

    `tags` are globs of the tag, () for any; a row with tags is asked before one without. `program` is the command row
    that reads the arguments given to the image, "" when the image's own listeners say all there is.
    `starts` are the names of a program that no command row reads.
    `openings` are what it listens on, with the image's own defaults. `more` are variables that hold further arguments
    for the program. `mounts` are paths in the container where its configuration lies: what is mounted or copied there
    may say otherwise, so that no default of a guard is known.
    """

    names: tuple[str, ...]
    tags: tuple[str, ...]
    software: str
    source: str
    program: str = ""
    openings: tuple[Opening, ...] = ()
    guards: tuple[Protection, ...] = ()
    more: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    mounts: tuple[str, ...] = ()


def rows(table: Table) -> tuple[Image, ...]:
    """The families of a file under rules/images/."""
    table.skip("example")
    found = tuple(_image(row) for row in table.tables("image"))
    table.done()
    return found


def examples(table: Table) -> tuple[Example, ...]:
    """The examples of every row."""
    return tuple(e for row in table.tables("image") for e in row_examples(row, EXAMPLE_FILE))


def _image(row: Table) -> Image:
    row.skip("bad", "good", "fixed", "example_file", "persona")
    image = Image(
        names=row.texts("names"),
        tags=row.texts("tags", ()),
        software=row.text("software"),
        source=row.text("source"),
        program=row.text("program", ""),
        openings=tuple(opening(part) for part in row.tables("listener")),
        guards=tuple(protections(row)),
        more=row.texts("more", ()),
        starts=row.texts("starts", ()),
        mounts=row.texts("mounts", ()),
    )
    row.done()
    return image
