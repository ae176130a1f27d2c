"""Quadlet units (`.container`, `.kube`): Podman makes a `podman run` of each, and so it is read.

Source: podman-systemd.unit(5), podman-container.unit(5) with the option that each key stands for; systemd.syntax(7).
A `.pod` publishes for the containers that name it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from bindlint.facts import Word
from bindlint.readers import commands
from bindlint.readers.commands.words import offsets_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.facts import Fact
    from bindlint.knowledge import Knowledge
    from bindlint.source import Source

_SECTIONS = {".container": "Container", ".kube": "Kube", ".pod": "Pod", ".image": "Image"}
_OPTIONS = {
    "PublishPort": "--publish",
    "Network": "--network",
    "ContainerName": "--name",
    "AddHost": "--add-host",
    "Volume": "--volume",
    "Mount": "--mount",
    "Entrypoint": "--entrypoint",
    "EnvironmentFile": "--env-file",
    "WorkingDir": "--workdir",
    "HealthCmd": "--health-cmd",
}
_SHARED = ("PublishPort", "Network", "AddHost")  # what containers have from their pod
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_ENTRY = re.compile(r"[ \t]*([A-Za-z]+)[ \t]*=[ \t]*")
MAX_ENTRIES = 2_000


def claims(path: str, data: bytes, knowledge: Knowledge) -> bool:  # noqa: ARG001 - what every reader is asked with
    """A unit with the section that belongs to its name."""
    return path.endswith((".container", ".kube")) and _section(path).encode() in data


def gate(data: bytes, knowledge: Knowledge) -> bool:  # noqa: ARG001 - what every reader is asked with
    """Whether it says what to run."""
    return b"Image" in data or b"Yaml" in data


def read(source: Source, knowledge: Knowledge) -> Iterator[Fact]:
    """The facts of the container that the unit starts."""
    entries = list(_entries(source))
    image = next((word for key, word in reversed(entries) if key in ("Image", "Yaml")), None)
    if image is None or not image.text:
        return
    if image.text.endswith(".image"):
        image = _beside(source, image.text, "Image") or image
    words = [Word("podman", image.site), Word("run", image.site)]
    if all(key != "ContainerName" for key, _ in entries):
        words += [Word("--name", image.site), Word(source.name.rpartition(".")[0], image.site)]
    pod = next((word.text for key, word in entries if key == "Pod"), "")
    other = source.beside(pod) if pod.endswith(".pod") and "/" not in pod else None
    shared = [entry for entry in _entries(other) if entry[0] in _SHARED] if other is not None else []
    for key, word in [*shared, *entries]:
        if key in _OPTIONS:
            words += [Word(_OPTIONS[key], word.site), word]
        elif key == "Environment":
            words += [part for one in _split(word) for part in (Word("--env", one.site), one)]
        elif key == "PodmanArgs":
            words += _split(word)
    command = [part for key, word in entries if key == "Exec" for part in _split(word)]
    yield from commands.run([*words, image, *command], commands.Context(knowledge, joint=" "))


def _beside(source: Source, name: str, key: str) -> Word | None:
    """What another unit of the folder says under a key."""
    other = source.beside(name) if "/" not in name else None
    return next((word for found, word in _entries(other) if found == key), None) if other is not None else None


def _section(path: str) -> str:
    return f"[{_SECTIONS.get('.' + path.rpartition('.')[2], '')}]"


def _split(word: Word) -> list[Word]:
    return commands.split_words(word.text, offsets_of(word), word.site)


def _entries(source: Source) -> Iterator[tuple[str, Word]]:
    """Key and value of the section that belongs to the unit's name; a line that ends with a backslash goes on."""
    text, wanted, inside, left = source.text, _section(source.path), False, MAX_ENTRIES
    at = 0
    while at < len(text) and left:
        left -= 1
        start, offsets = at, list[int]()
        while match := _LINE.match(text, at):
            at, line = match.end(), match[0].rstrip("\r\n")
            offsets += range(match.start(), match.start() + len(line))
            if not line.endswith("\\") or at >= len(text) or line.lstrip().startswith(("#", ";")):
                break
            offsets.pop()
        written = "".join(text[one] for one in offsets)
        if written.strip().startswith("["):
            inside = written.strip() == wanted
        elif inside and (entry := _ENTRY.match(written)):
            end = len(written.rstrip())
            value = commands.made(written[entry.end() : end], offsets[entry.end() : end], source.path, start)
            yield entry[1], value if offsets[entry.end() : end] else replace(value, text="")
