"""nginx's language: `name word … ;` and `name word … { … }`, quotes, `#` comments (nginx src/core/ngx_conf_file.c).

Words of templates stay whole: `${PORT}`, `{{ port }}`, `<%= port %>`; a line of template logic (`{% if x %}`) is blank.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bindlint.facts import Word
from bindlint.readers.grammars.entries import Entry, Section, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.facts import Problem
    from bindlint.readers.grammars.entries import Style
    from bindlint.source import Source

_MAX_DEPTH = 100
_MAX_TEMPLATE = 200  # characters of one template expression
_SPACE = re.compile(r"\s+")
_COMMENT = re.compile(r"#[^\r\n]*")
_RUN = re.compile(r"[^\s;{}\\$<]+")
_EXPRESSIONS = (("${", "}"), ("{{", "}}"), ("<%", "%>"))
_LOGIC = (("{%", "%}"), ("{#", "#}"))
_QUOTED = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'", re.DOTALL)


def entries(source: Source, style: Style) -> Iterator[Entry | Section | Problem]:
    """Directives as entries, blocks as sections under the names of the blocks around them."""
    text = source.text
    stack: list[Section] = []
    words: list[Word] = []
    number = 0
    index = 1 if text.startswith("\ufeff") else 0
    while (index := _blank(text, index)) < len(text):
        character = text[index]
        if character == ";" or (character == "}" and words):
            if words:
                yield _entry(source, style, stack, words)
            if character == "}":
                yield problem(source, words[-1].site.span.end, "a directive that no `;` ends")
                words = []
                continue
            words = []
        elif character == "{" and not text.startswith("{{", index):
            number += 1
            name = style.key(words[0].text) if words else ""
            start = words[0].site.span.start if words else index
            last = words[-1].site.span.end if words else index
            outer = stack[-1].path if stack else ()
            section = Section((*outer, name), number, source.site(start, last), index + 1)
            yield section
            stack.append(section)
            words = []
            if len(stack) > _MAX_DEPTH:
                yield problem(source, index, f"nested more than {_MAX_DEPTH} blocks deep")
                return
        elif character == "}":
            if not stack:
                yield problem(source, index, "a `}` that no `{` opens")
            stack = stack[:-1]
        else:
            word = _word(source, index)
            if word is None:
                yield problem(source, index, "a quote is not closed")
                return
            words.append(word[0])
            index = word[1]
            continue
        index += 1
    if words:
        yield _entry(source, style, stack, words)
        yield problem(source, words[-1].site.span.end, "a directive that no `;` ends")
    if stack:
        yield problem(source, stack[-1].site.span.start, "a block that is not closed")


def _blank(text: str, index: int) -> int:
    """The first offset that is no blank, no comment and no template logic."""
    while index < len(text):
        match = _SPACE.match(text, index) or _COMMENT.match(text, index)
        end = match.end() if match else _enclosed(text, index, _LOGIC)
        if end == index:
            break
        index = end
    return index


def _enclosed(text: str, index: int, pairs: tuple[tuple[str, str], ...]) -> int:
    """Where a template's brackets that open at an offset close; the offset itself when none open there."""
    for opening, closing in pairs:
        if text.startswith(opening, index):
            end = text.find(closing, index + len(opening), index + _MAX_TEMPLATE)
            return end + len(closing) if end >= 0 else index
    return index


def _plain(text: str, index: int) -> int:
    """Where an unquoted word ends; at least one character on."""
    start = index
    while index < len(text):
        if match := _RUN.match(text, index):
            index = match.end()
        elif (end := _enclosed(text, index, _EXPRESSIONS)) > index:
            index = end
        elif text[index] == "\\":
            index += 2
        elif text[index] in "$<":
            index += 1
        else:
            break
    return min(max(index, start + 1), len(text))


def _word(source: Source, index: int) -> tuple[Word, int] | None:
    """The word at an offset, and where it ends; None when its quote is not closed."""
    if source.text[index] in "\"'":
        match = _QUOTED.match(source.text, index)
        if match is None:
            return None
        group = 1 if match[1] is not None else 2
        return Word(match[group], source.site(*match.span(group))), match.end()
    end = _plain(source.text, index)
    return Word(source.text[index:end], source.site(index, end)), end


def _entry(source: Source, style: Style, stack: list[Section], words: list[Word]) -> Entry:
    section = stack[-1] if stack else None
    site = source.site(words[0].site.span.start, words[-1].site.span.end)
    path, number = (section.path, section.number) if section else ((), 0)
    return Entry(path, number, style.key(words[0].text), tuple(words[1:]), site, words[0].site)
