"""`[section]` and `key = value`: the MySQL family, supervisord, uWSGI, php-fpm, systemd, the plain part of TOML.

Keys without a value are entries without words (`skip-networking`). Where the server carries a value on in indented
lines (configparser) or after a backslash (systemd.syntax(7)), it is one word from its first to its last character.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bindlint.readers.grammars.entries import Entry, Section, lines, problem, uncommented, unquoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.facts import Problem, Word
    from bindlint.readers.grammars.entries import Style
    from bindlint.source import Source


def entries(source: Source, style: Style) -> Iterator[Entry | Section | Problem]:
    """Sections and entries, in source order."""
    text = source.text
    path: tuple[str, ...] = ()
    number = 0
    spans = [span for span in lines(source) if text[span[0]] not in style.comments]
    index = 0
    while index < len(spans):
        start, end = spans[index]
        index += 1
        end = uncommented(text, start, end, style.inline) if style.inline else end
        if text[start] == "[":
            if text[end - 1] != "]":
                yield problem(source, start, "a section header without its closing bracket")
            number += 1
            path = (style.key(text[start:end].strip("[] \t")).lower(),)
            yield Section(path, number, source.site(start, end), end)
            continue
        sign = _sign(text, start, end)
        key_end = end if sign < 0 else start + len(text[start:sign].rstrip())
        if key_end == start:
            yield problem(source, start, "a value without a key")
            continue
        while index < len(spans) and _continues(text, end, spans[index][0], style):
            end = spans[index][1]
            index += 1
        key = style.key(text[start:key_end].strip("\"'"))
        yield Entry(path, number, key, _value(source, sign, end), source.site(start, end), source.site(start, key_end))


def _sign(text: str, start: int, end: int) -> int:
    """Where the `=` of a line is, or its `:` where it has none; -1 for neither."""
    sign = text.find("=", start, end)
    if sign < 0 and text[start] != "!":
        sign = text.find(":", start, end)
    return sign


def _continues(text: str, end: int, start: int, style: Style) -> bool:
    """Whether the line that begins at `start` carries on a value that so far ends at `end`."""
    if style.continuation == "backslash":
        return text[end - 1] == "\\"
    if style.continuation != "indent" or text[start] == "[":
        return False
    return start > 0 and text[start - 1] in " \t"


def _value(source: Source, sign: int, end: int) -> tuple[Word, ...]:
    if sign < 0:
        return ()
    start = sign + 1
    while start < end and source.text[start].isspace():
        start += 1
    return (unquoted(source, start, end),)
