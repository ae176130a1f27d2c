"""`key=value`, `key: value` or `key value`: Kafka, ZooKeeper, RabbitMQ, Neo4j, Unbound, dnsmasq, vsftpd.

The key ends at the first `=`, `:` or blank, and a backslash at the end of a line carries the value on
(java.util.Properties.load). A value over several lines is one word a line, so that each keeps its place.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bindlint.readers.grammars.entries import Entry, lines, uncommented, unquoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.facts import Problem, Word
    from bindlint.readers.grammars.entries import Section, Style
    from bindlint.source import Source

_KEY = re.compile(r"(?:\\.|[^\s=:\\])+")
_SIGN = re.compile(r"[ \t]*(?:\+?=|:)?[ \t]*")


def entries(source: Source, style: Style) -> Iterator[Entry | Section | Problem]:
    """One entry a logical line."""
    text = source.text
    spans = iter(lines(source))
    for span in spans:
        if text[span[0]] in style.comments:
            continue
        key = _KEY.match(text, *span)
        if key is None:
            continue  # a line that begins with `=` or `:` has an empty key, which no server reads
        sign = _SIGN.match(text, key.end(), span[1])
        start, end = sign.end() if sign else key.end(), span[1]
        words: list[Word] = []
        while True:
            carried = text[end - 1] == "\\" and end > start
            last = end - 1 if carried else end
            last = uncommented(text, start, last, style.inline) if style.inline else last
            if start < last:
                words.append(unquoted(source, start, last))
            following = next(spans, None) if carried else None
            if following is None:
                break
            start, end = following
        yield Entry((), 0, style.key(key[0]), tuple(words), source.site(span[0], end), source.site(*key.span()))
