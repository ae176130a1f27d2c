"""Compose files: services, what they publish, what runs in them and whom they connect to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.facts import Fact, Problem
    from bindlint.knowledge import Knowledge
    from bindlint.readers.parts import Part
    from bindlint.source import Source

# `.example`, `.dist` and the like are templates to copy; what they publish is published where they are copied to.
_YAML = re.compile(r".*\.ya?ml(?:\.[\w.-]+)?", re.IGNORECASE)
_SERVICES = re.compile(rb"^services[ \t]*:", re.MULTILINE)
_RUNS = re.compile(rb"^[ \t]+[\"']?(?:image|build)[\"']?[ \t]*:", re.MULTILINE)
_MANIFEST = re.compile(rb"^apiVersion[ \t]*:", re.MULTILINE)


def claims(path: str, data: bytes, knowledge: Knowledge) -> bool:  # noqa: ARG001 - what every reader is asked with
    """A YAML file called compose, or any other whose top level has services that say what to run."""
    name = path.rpartition("/")[2].lower()
    if not _YAML.fullmatch(name) or _MANIFEST.search(data):
        return False
    if "compose" in name:
        return True
    return name.endswith((".yml", ".yaml")) and bool(_SERVICES.search(data) and _RUNS.search(data))


def gate(data: bytes, knowledge: Knowledge) -> bool:  # noqa: ARG001 - what every reader is asked with
    """Whether there are services, here or in other files: a file of version 1 has at least an image or a build."""
    return any(word in data for word in (b"services", b"image", b"build", b"include"))


def read(source: Source, knowledge: Knowledge) -> Iterator[Fact | Problem | Part]:
    """The facts of every service of every document."""
    from bindlint.readers.compose import services  # noqa: PLC0415 - lazy: a parser costs start-up time

    yield from services.read(source, knowledge)
