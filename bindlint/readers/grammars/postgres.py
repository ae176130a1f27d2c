"""postgresql.conf: `name [=] value`, one a line (src/backend/utils/misc/guc-file.l).

A value is quoted, or a number, or a name of letters, digits and `-._:/`; an unquoted address or `*` is a syntax error,
at which the server refuses the whole file (measured on 15.18): a problem and no listener.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bindlint.facts import Word
from bindlint.readers.grammars.entries import Entry, lines, masked, problem, unquoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.facts import Problem
    from bindlint.readers.grammars.entries import Section, Style
    from bindlint.source import Source

_SETTING = re.compile(
    r"(?P<key>[A-Za-z_][\w.$]*)[ \t]*=?[ \t]*"
    r"(?:'(?P<quoted>(?:[^'\\\r\n]|''|\\.)*)'|(?P<plain>[A-Za-z_$][\w$.:/-]*|[-+]?[\d.][\w.]*))?"
    r"[ \t]*(?:#.*)?"
)
_KEY = re.compile(r"(?P<key>[A-Za-z_][\w.$]*)[ \t]*=?[ \t]*")


def entries(source: Source, style: Style) -> Iterator[Entry | Section | Problem]:
    """One entry a line; keys fold case."""
    for start, end in lines(source):
        if source.text[start] in style.comments:
            continue
        match = _SETTING.fullmatch(source.text, start, end)
        if match is None:
            if (key := _KEY.match(source.text, start, end)) is None:
                continue  # template logic, or no setting at all
            site, key_site = source.site(start, end), source.site(*key.span("key"))
            rest = source.text[key.end() : end]
            if masked(rest) != rest:
                yield Entry((), 0, style.key(key["key"]), (unquoted(source, key.end(), end),), site, key_site)
                continue
            yield Entry((), 0, style.key(key["key"]), (), site, key_site, readable=False)
            yield problem(source, start, "expected `name = value`, with an address or a list in single quotes")
            continue
        group = "quoted" if match["quoted"] is not None else "plain"
        words: tuple[Word, ...] = ()
        last = match.end("key")
        if match[group] is not None:
            words = (Word(match[group].replace("''", "'"), source.site(*match.span(group))),)
            last = match.end(group) + (group == "quoted")
        yield Entry((), 0, style.key(match["key"]), words, source.site(start, last), source.site(*match.span("key")))
