"""Finding the tables and turning them into rows, one folder at a time and only when asked for."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bindlint.errors import KnowledgeError
from bindlint.knowledge import rules
from bindlint.knowledge.check import MAX_BYTES, Document, Table
from bindlint.knowledge.examples import Example, file_examples

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

    from bindlint.knowledge import clouds, commands, images, owners, python
    from bindlint.knowledge.commands import Opening


def rules_root() -> Traversable:
    """The built-in tables: inside the installed package, or beside it in a checkout."""
    packaged = resources.files("bindlint") / "_rules"
    return packaged if packaged.is_dir() else Path(__file__).resolve().parents[2] / "rules"


@dataclass(frozen=True)
class Knowledge:
    """The rows of a rules folder; raises `KnowledgeError` when a table of a folder that is asked for is wrong."""

    root: Traversable

    @cached_property
    def rules(self) -> dict[str, rules.Rule]:
        """Rules by id, the most severe first."""
        found = [rules.rule(self._part(table, "rule")) for table in self._tables("judgements")]
        return {rule.id: rule for rule in sorted(found, key=lambda r: (-r.rank, r.id))}

    @cached_property
    def python(self) -> python.Library:
        """Listeners and clients of Python libraries."""
        from bindlint.knowledge import python  # noqa: PLC0415 - only where it is asked for

        return python.library(self._tables("python"))

    @cached_property
    def servers(self) -> owners.Catalogue:
        """Servers and their configuration files."""
        from bindlint.knowledge import owners, servers  # noqa: PLC0415 - only where it is asked for

        return owners.Catalogue(tuple(row for table in self._tables("servers") for row in servers.rows(table)))

    @cached_property
    def commands(self) -> dict[str, commands.Command]:
        """Programs by each name they are started under."""
        from bindlint.knowledge import commands  # noqa: PLC0415 - only where it is asked for

        return {name: row for table in self._tables("commands") for row in commands.rows(table) for name in row.names}

    @cached_property
    def command_words(self) -> frozenset[str]:
        """The first word of each name in `commands`: what a command line must begin with to have a row."""
        return frozenset(name.partition(" ")[0] for name in self.commands)

    @cached_property
    def command_libraries(self) -> dict[str, str]:
        """The program whose command line a script has that imports a library."""
        return {one: row.names[0].partition(" ")[0] for row in self.commands.values() for one in row.libraries}

    @cached_property
    def telling_commands(self) -> re.Pattern[bytes]:
        """Finds any name under which a program with something to say may be started; wrappers alone say nothing."""
        rows = self.commands.items()
        names = sorted({name.partition(" ")[0] for name, row in rows if row.tells})
        alternatives = b"|".join(re.escape(name.encode()) for name in names)
        return re.compile(rb"(?<![\w-])(?:" + alternatives + rb")(?!-?[A-Za-z_])")

    @cached_property
    def images(self) -> tuple[images.Image, ...]:
        """Families of container images."""
        from bindlint.knowledge import images  # noqa: PLC0415 - only where it is asked for

        return tuple(row for table in self._tables("images") for row in images.rows(table))

    @cached_property
    def clouds(self) -> tuple[clouds.Internal, ...]:
        """What keeps load balancers and entrances away from the internet."""
        from bindlint.knowledge import clouds  # noqa: PLC0415 - only where it is asked for

        return tuple(row for table in self._tables("clouds") for row in clouds.rows(table))

    @cached_property
    def telling_openings(self) -> tuple[tuple[str, Opening], ...]:
        """The listeners, each with its software, that a variable names whatever program or image is run."""
        programs = [(row.software, row.openings) for row in {id(row): row for row in self.commands.values()}.values()]
        families = [(row.software, row.openings) for row in self.images]
        return tuple((name, one) for name, openings in (*programs, *families) for one in openings if one.telling)

    @cached_property
    def examples(self) -> tuple[Example, ...]:
        """Every example of every table. Asking for them checks all tables."""
        from bindlint.knowledge import clouds, commands, images, python, servers  # noqa: PLC0415 - only when asked for

        modules = {"python": python, "servers": servers, "commands": commands, "images": images, "clouds": clouds}
        found: list[Example] = []
        for folder, module in modules.items():
            for table in self._tables(folder):
                found += [*module.examples(table), *file_examples(table)]
        for table in self._tables("judgements"):
            found += file_examples(table)
        return tuple(found)

    @staticmethod
    def _part(table: Table, key: str) -> Table:
        return table.table(key) or table.fail(f"a table [{key}]")

    def _tables(self, folder: str) -> Iterator[Table]:
        """The tables of a folder, by name."""
        for entry in sorted((self.root / folder).iterdir(), key=lambda e: e.name):
            if entry.name.endswith(".toml"):
                yield parse(f"{folder}/{entry.name}", entry.read_bytes())


def parse(name: str, data: bytes) -> Table:
    """One table file, checked for size and syntax only."""
    if len(data) > MAX_BYTES:
        raise KnowledgeError(f"{name}:1: expected at most {MAX_BYTES} bytes")
    try:
        text = data.decode("utf-8")
        content: dict[str, Any] = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # TOMLDecodeError and UnicodeDecodeError are ValueErrors
        raise KnowledgeError(f"{name}: expected TOML: {error}") from None
    return Table(Document(name, text), content)
