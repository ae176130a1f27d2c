"""haproxy.cfg: sections begin with a keyword of their own, their lines are keywords and words (manual, section 2).

Blanks part words, quotes and backslashes keep them, `#` begins a comment anywhere outside quotes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bindlint.readers.grammars.entries import Entry, Section, lines, problem, uncommented, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.facts import Problem
    from bindlint.readers.grammars.entries import Style
    from bindlint.source import Source

_SECTIONS = frozenset(
    (
        *("global", "defaults", "frontend", "backend", "listen", "peers", "resolvers", "mailers", "userlist", "cache"),
        *("program", "http-errors", "ring", "log-forward", "log-profile", "fcgi-app", "crt-store", "traces", "acme"),
    )
)


def entries(source: Source, style: Style) -> Iterator[Entry | Section | Problem]:
    """Sections by their keyword and the lines in them; the words of a section's header are those of no entry."""
    path: tuple[str, ...] = ()
    number = 0
    for start, end in lines(source):
        if source.text[start] in style.comments:
            continue
        last = uncommented(source.text, start, end, "#")
        found = words(source, start, last)
        if not found:
            yield problem(source, start, "a quote is not closed")
            continue
        keyword, *rest = found
        if keyword.text in _SECTIONS:
            number += 1
            path = (keyword.text,)
            yield Section(path, number, source.site(start, last), last)
            continue
        yield Entry(path, number, style.key(keyword.text), tuple(rest), source.site(start, last), keyword.site)
