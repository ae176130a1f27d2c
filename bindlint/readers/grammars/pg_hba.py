"""pg_hba.conf: records of columns, the first that matches decides (PostgreSQL manual, "The pg_hba.conf File").

A record becomes an entry: the type is its key; database, user, client address and method its words. A mask in a column
of its own stays with its address, as one word from the address to the mask. Options after the method follow.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from bindlint.facts import Word
from bindlint.readers.grammars.entries import Entry, lines, problem, uncommented, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.facts import Problem
    from bindlint.readers.grammars.entries import Section, Style
    from bindlint.source import Source

_TYPES = ("local", "host", "hostssl", "hostnossl", "hostgssenc", "hostnogssenc")
_REMOTE_COLUMNS = 4  # database, user, address, method
_INCLUDES = ("include", "include_if_exists", "include_dir")


def entries(source: Source, style: Style) -> Iterator[Entry | Section | Problem]:
    """One entry a record."""
    for start, end in lines(source):
        if source.text[start] in style.comments:
            continue
        last = uncommented(source.text, start, end, "#")
        columns = words(source, start, last, escapes=False)
        if not columns or columns[0].text.startswith("@") or columns[0].text in _INCLUDES:
            continue
        kind, *rest = columns
        if kind.text not in _TYPES:
            if "@" not in kind.text and "{" not in kind.text:  # the sample's @remove-line-for-nolocal@, templates
                yield problem(source, start, f"expected one of {', '.join(_TYPES)}")
            continue
        if kind.text != "local":
            if len(rest) > _REMOTE_COLUMNS and _is_mask(rest[3].text):
                span = source.site(rest[2].site.span.start, rest[3].site.span.end)
                rest[2:4] = [Word(f"{rest[2].text}/{rest[3].text}", span)]
            if len(rest) < _REMOTE_COLUMNS:
                yield problem(source, start, "expected type, database, user, address and method")
                continue
        yield Entry((), 0, kind.text, tuple(rest), source.site(start, last), kind.site)


def _is_mask(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
