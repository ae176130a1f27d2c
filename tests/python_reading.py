"""What the tests of the Python reader share: facts of a text, written so that a test reads as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bindlint.facts import Connection, Listener, Problem
from bindlint.knowledge import Knowledge, rules_root
from bindlint.readers import mentions, python
from bindlint.source import Files, Source

if TYPE_CHECKING:
    from bindlint.facts import Fact
    from bindlint.source import Site

KNOWLEDGE = Knowledge(rules_root())


def read(text: str, path: str = "app.py") -> list[Fact | Problem]:
    """Everything the reader says of a text."""
    return list(python.read(Source(path, text), KNOWLEDGE))


def listeners(text: str, path: str = "app.py") -> list[Listener]:
    return [fact for fact in read(text, path) if isinstance(fact, Listener)]


def connections(text: str) -> list[Connection]:
    return [fact for fact in read(text) if isinstance(fact, Connection)]


def problems(text: str) -> list[Problem]:
    return [fact for fact in read(text) if isinstance(fact, Problem)]


def said(text: str, path: str = "app.py") -> list[tuple[str, str, str]]:
    """Of each listener: the text of its site, the kind of its address, how it is known."""
    source = Source(path, text)
    return [(source.slice(f.site.span), f.address.kind.value, f.address.known.value) for f in listeners(text, path)]


def kinds(text: str, path: str = "app.py") -> list[str]:
    return [fact.address.kind.value for fact in listeners(text, path)]


def project(files: dict[str, str], path: str = "app.py") -> list[Listener]:
    """The listeners of one file of a project."""
    known: dict[tuple[str, str], tuple[str, ...]] = {}
    while True:
        others = Files(files, lambda name: Source(name, files[name]), known)
        facts = list(python.read(Source(path, files[path], others), KNOWLEDGE))
        wanted = others.wanted - known.keys()
        if not wanted:
            return [fact for fact in facts if isinstance(fact, Listener)]
        known |= mentions(wanted, files, lambda name: files[name].encode())


def project_kinds(files: dict[str, str], path: str = "app.py") -> list[str]:
    return [fact.address.kind.value for fact in project(files, path)]


def stories(files: dict[str, str], path: str = "app.py") -> list[list[tuple[str, str, str]]]:
    """Of each listener the hops of its story: the file, the exact text there, and what is said of it."""
    return [
        [(step.site.path, _text(files, step.site), step.note) for step in fact.address.trail]
        for fact in project(files, path)
    ]


def _text(files: dict[str, str], site: Site) -> str:
    return files[site.path][site.span.start : site.span.end]


def slots(text: str) -> list[str]:
    """The text after each listener's own fix, one at a time."""
    found = []
    for fact in listeners(text):
        if fact.address.slot is not None:
            slot = fact.address.slot
            span = slot.site.span
            new = f"{slot.before}{slot.host or '127.0.0.1'}{slot.after}"
            found.append(text[: span.start] + new + text[span.end :])
    return found
