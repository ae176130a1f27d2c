"""The reading of last resort: literal wildcard addresses in obvious places, by tokens alone.

For files that libcst must not or cannot see, so that a listener beside a parser bomb is not lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bindlint.addresses import Kind, classify
from bindlint.facts import Address, Listener
from bindlint.readers.python.guard import TOKEN
from bindlint.source import Slot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.source import Source

MAX_LENGTH = 4_000_000
_BINDS = (".", "bind", "(", "(")
_KEYWORDS = ("host", "hostname", "bind_addr", "server_name", "interface", "listen_address")


def listeners(source: Source) -> Iterator[Listener]:
    """Listeners that `….bind(("0.0.0.0", …` and `host="0.0.0.0"` state by their words."""
    before: list[str] = []
    for token in TOKEN.finditer(source.text, 0, MAX_LENGTH):
        kind = token.lastgroup or ""
        if kind in ("comment", "line", "join"):
            continue
        text = token[kind]
        if kind == "string" and (software := _software(before)):
            start = token.start(kind)
            prefix = len(text) - len(text.lstrip("rRbBuUfFtT"))
            quote = 3 if text[prefix : prefix + 3] in ('"""', "'''") else 1
            inner = text[prefix + quote : -quote]
            kind_of, families = classify(inner)
            if kind_of is Kind.WILDCARD and (inner or software == "socket"):
                slot = Slot(source.site(start + prefix + quote, start + len(text) - quote))
                yield Listener(
                    source.site(start, start + len(text)),
                    software,
                    Address(inner, kind_of, families=families, slot=slot),
                )
        before = [*before[-3:], text]


def _software(before: list[str]) -> str:
    if tuple(before) == _BINDS:
        return "socket"
    return "a Python server" if before[-1:] == ["="] and before[-2:-1] and before[-2] in _KEYWORDS else ""
