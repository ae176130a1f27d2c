"""Reads Python source: what it listens on, and which hosts it names as a client.

Three looks, each dearer than the last: words in the bytes (gates.live), names in the `ast` (gates.look), the libcst
tree behind a guard. A file that is not Python 3 is read line by line as far as it goes (salvage), one that libcst must
not see by its tokens (lexical). libcst is imported only for files that get that far.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bindlint.readers.python import gates, guard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.facts import Fact, Problem
    from bindlint.knowledge import Knowledge
    from bindlint.source import Source

SUFFIXES = (".py", ".pyi", ".pyw")


def claims(path: str, data: bytes, knowledge: Knowledge) -> bool:  # noqa: ARG001 - the shape of a reader
    """Whether a file is Python by its name, or by a first line that starts a Python interpreter."""
    name = path.rpartition("/")[2]
    if name.endswith(SUFFIXES):
        return True
    return "." not in name and data[:2] == b"#!" and b"python" in data[:256].partition(b"\n")[0]


def gate(data: bytes, knowledge: Knowledge) -> bool:
    """Whether the words of any row are in the bytes."""
    if b"\0" in data[:1024]:  # UTF-16, or no text at all: the words may be there, but not as bytes
        return True
    return bool(gates.live(data, knowledge.python)) or gates.launching(data, knowledge)


def read(source: Source, knowledge: Knowledge) -> Iterator[Fact | Problem]:
    """The listeners and connections that a file states, and the programs and containers that it starts."""
    library = knowledge.python
    data = source.text.encode("utf-8", "surrogatepass")
    rows, launches = gates.placed(gates.live(data, library), source.name, library), gates.launching(data, knowledge)
    if not rows and not launches:
        return
    if len(source.text) <= guard.MAX_SIZE and (tree := gates.parsed(source.text)) is not None:
        words = gates.Words(tree, source.text)
        launches = launches and gates.looks_launching(words, knowledge)
        if not launches and not gates.look(words, library, rows):
            return
    from bindlint.readers.python import reading  # noqa: PLC0415 - libcst costs 157 ms to import

    yield from reading.read(source, knowledge, rows, launches=launches)
