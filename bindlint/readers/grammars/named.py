"""named.conf: `name word … { … };` nested, with `#`, `//` and `/* */` comments (BIND 9 ARM, "Configuration File").

Every pair of braces is a section. The members of a list are the words of one more entry in the section around it:
`listen-on port 53 { a; !b; };` gives `listen-on` with the words port and 53, and `listen-on.list` with the words a and
!b; a port in a statement is an entry `listen-on.port` besides.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from bindlint.facts import Word
from bindlint.readers.grammars.entries import Entry, Section, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.facts import Problem
    from bindlint.readers.grammars.entries import Style
    from bindlint.source import Source

_MAX_DEPTH = 50
_BLANK = re.compile(r"(?:\s+|#[^\r\n]*|//[^\r\n]*|/\*.*?(?:\*/|\Z))", re.DOTALL)
_WORD = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|[^\s;{}\"#]+")


def entries(source: Source, style: Style) -> Iterator[Entry | Section | Problem]:
    """Statements as entries, blocks as sections, in source order."""
    text = source.text
    stack: list[tuple[Section, list[Word], list[Word]]] = []  # of each pair: the words before it, its lone words
    words: list[Word] = []
    number = 0
    index = 1 if text.startswith("\ufeff") else 0
    while index < len(text):
        if match := _BLANK.match(text, index):
            index = match.end()
            continue
        character = text[index]
        if character == ";":
            if words:
                yield from _statement(source, style, stack, words)
            words = []
        elif character == "{":
            number += 1
            start, end = (words[0].site.span.start, words[-1].site.span.end) if words else (index, index + 1)
            outer = stack[-1][0].path if stack else ()
            name = style.key(words[0].text) if words else ""
            section = Section((*outer, name), number, source.site(start, end), index + 1)
            yield section
            stack.append((section, words, []))
            words = []
            if len(stack) > _MAX_DEPTH:
                yield problem(source, index, f"nested more than {_MAX_DEPTH} blocks deep")
                return
        elif character == "}":
            if words:
                yield problem(source, words[-1].site.span.end, "a statement that no `;` ends")
            words = []
            if not stack:
                yield problem(source, index, "a `}` that no `{` opens")
            else:
                _, words, members = stack.pop()  # what follows belongs to the statement: `… allow { a; } keys { k; };`
                if words and members:
                    yield _entry(source, style, stack, words[0], members, ".list")
        elif (match := _WORD.match(text, index)) is not None:
            group = 1 if match[1] is not None else 0
            words.append(Word(match[group], source.site(*match.span(group))))
            index = match.end()
            continue
        else:
            yield problem(source, index, "a quote is not closed")
            return
        index += 1
    if words or stack:
        yield problem(source, len(text.rstrip()), "a statement that is not closed")


def _statement(
    source: Source, style: Style, stack: list[tuple[Section, list[Word], list[Word]]], words: list[Word]
) -> Iterator[Entry]:
    """What a statement says; a lone word may be the member of a list."""
    key, *rest = words
    if not rest and stack:
        stack[-1][2].append(key)
    yield _entry(source, style, stack, key, rest)
    for word, value in pairwise(rest):
        if word.text == "port":
            yield _entry(source, style, stack, key, [value], ".port")


def _entry(
    source: Source,
    style: Style,
    stack: list[tuple[Section, list[Word], list[Word]]],
    key: Word,
    words: list[Word],
    part: str = "",
) -> Entry:
    path, number = (stack[-1][0].path, stack[-1][0].number) if stack else ((), 0)
    site = source.site(key.site.span.start, words[-1].site.span.end if words else key.site.span.end)
    return Entry(path, number, style.key(key.text) + part, tuple(words), site, key.site)
