"""`key word word …`, one directive a line: redis, mosquitto, sshd, squid, Apache's Listen, memcached's flags.

A block's lines (`<VirtualHost …>`, `audio_output {`) are read as directives of no special meaning. sshd takes
`key=value` too (sshd_config(5)), memcached.conf holds one command-line flag a line (Debian's start script).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bindlint.readers.grammars.entries import Entry, lines, problem, uncommented, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.facts import Problem
    from bindlint.readers.grammars.entries import Section, Style
    from bindlint.source import Source

_KEY = re.compile(r"--?[^\s=]+|[^\s=\"']+")
_GAP = re.compile(r"[ \t]*=[ \t]*|[ \t]+")


def entries(source: Source, style: Style) -> Iterator[Entry | Section | Problem]:
    """One entry a line."""
    for start, end in lines(source):
        if source.text[start] in style.comments:
            continue
        last = uncommented(source.text, start, end, style.inline) if style.inline else end
        key = _KEY.match(source.text, start, last)
        if key is None:
            yield problem(source, start, "expected a directive: a word and its arguments")
            continue
        gap = _GAP.match(source.text, key.end(), last)
        arguments = words(source, gap.end() if gap else key.end(), last)
        if arguments is None:
            yield problem(source, start, f"a quote is not closed after {key[0]}")
            site = source.site(start, last)
            yield Entry((), 0, style.key(key[0]), (), site, source.site(*key.span()), readable=False)
            continue
        yield Entry((), 0, style.key(key[0]), tuple(arguments), source.site(start, last), source.site(*key.span()))
