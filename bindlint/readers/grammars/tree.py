"""YAML settings: every scalar under its dotted path, so that `network.host: x` and `network: {host: x}` are one key.

A sequence of scalars gives one entry with a word each; the items of a sequence of mappings share its path. A file that
is no YAML (a template, a bad line) is read line by line instead, by indentation, after one Problem.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bindlint.errors import UnreadableError
from bindlint.facts import Problem, Word
from bindlint.readers import yamltree
from bindlint.readers.grammars.entries import Entry, lines, uncommented, unquoted
from bindlint.source import Site, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.readers.grammars.entries import Section, Style
    from bindlint.source import Source

_MAX_ENTRIES = 20_000  # aliases may repeat a branch many times over
_ELEMENT = re.compile(r"[^\s,\[\]]+")
_ITEM = re.compile(r"-[ \t]+(?P<value>\S.*)")
_LINE = re.compile(r"(?:- +)?(?P<key>[\w.\"'-]+):(?:[ \t]+(?P<value>.*))?")


def entries(source: Source, style: Style) -> Iterator[Entry | Section | Problem]:
    """The scalars of all documents."""
    budget = [_MAX_ENTRIES]
    try:
        for node in yamltree.documents(source):
            yield from _walk(source, style, node, "", None, budget, 0)
    except UnreadableError as error:
        yield Problem(source.path, error.reason, error.line, partial=True)
        if budget[0] == _MAX_ENTRIES:
            yield from _by_line(source, style)


def _walk(
    source: Source,
    style: Style,
    node: yamltree.Node,
    path: str,
    key: yamltree.Node | None,
    budget: list[int],
    depth: int,
) -> Iterator[Entry]:
    budget[0] -= 1
    if budget[0] <= 0 or depth > yamltree.MAX_DEPTH:
        return
    whole = yamltree.site(source, node) if key is not None and yamltree.is_mapping(node) else None
    if whole is not None and key is not None and source.text.startswith("{{", whole.span.start):
        # `key: {{ x }}` is a mapping within a mapping to YAML, and an expression to whoever wrote it.
        key_site = yamltree.site(source, key)
        site = Site(source.path, Span(key_site.span.start, whole.span.end))
        yield Entry((), 0, path, (Word(source.slice(whole.span), whole),), site, key_site)
        return
    if members := yamltree.items(node):
        for name, key_node, value in members:
            name = style.key(name)  # noqa: PLW2901 - as the server compares it
            yield from _walk(source, style, value, f"{path}.{name}" if path else name, key_node, budget, depth + 1)
        return
    elements = yamltree.elements(node)
    if any(yamltree.text(element) is None for element in elements):
        for element in elements:
            yield from _walk(source, style, element, path, key, budget, depth + 1)
        return
    if key is None:
        return
    words = tuple(_word(source, scalar) for scalar in (elements or [node]) if yamltree.text(scalar) is not None)
    key_site = yamltree.site(source, key)
    end = words[-1].site.span.end if words else key_site.span.end
    if words and source.text[end : end + 1] in ("'", '"'):
        end += 1
    start = min(key_site.span.start, end)  # an alias may stand before its key
    yield Entry((), 0, path, words, Site(source.path, Span(start, end)), key_site)


def _word(source: Source, scalar: yamltree.Node) -> Word:
    return Word(yamltree.text(scalar) or "", yamltree.inside(source, scalar))


def _by_element(source: Source, start: int, end: int) -> Iterator[Word]:
    """A value, or those of a list in brackets."""
    if source.text[start] != "[" or source.text[end - 1] != "]":
        yield unquoted(source, start, end)
        return
    for match in _ELEMENT.finditer(source.text, start + 1, end - 1):
        yield unquoted(source, *match.span())


def _by_line(source: Source, style: Style) -> Iterator[Entry]:
    """`key: value` lines, nested by their indentation, and `- value` lines below a key; all else is passed over."""
    stack: list[tuple[int, str, Site]] = []
    words: list[Word] = []  # of the innermost key
    for start, end in lines(source):
        end = uncommented(source.text, start, end, "#")  # noqa: PLW2901 - a comment is no part of it
        match = _LINE.fullmatch(source.text, start, end)
        indent = start - (max(source.text.rfind("\n", 0, start), source.text.rfind("\r", 0, start)) + 1)
        if match is None:
            item = _ITEM.fullmatch(source.text, start, end)
            if item is not None and stack and stack[-1][0] <= indent:
                words.append(unquoted(source, *item.span("value")))
            continue
        yield from _listed(source, stack, words)
        words = []
        indent += match.start("key") - match.start()
        while stack and stack[-1][0] >= indent:
            stack.pop()
        name = style.key(match["key"].strip("\"'"))
        key_site = source.site(*match.span("key"))
        if match["value"]:
            path = ".".join([*(outer for _, outer, _ in stack), name])
            found = tuple(_by_element(source, *match.span("value")))
            yield Entry((), 0, path, found, source.site(*match.span()), key_site)
        else:
            stack.append((indent, name, key_site))
    yield from _listed(source, stack, words)


def _listed(source: Source, stack: list[tuple[int, str, Site]], words: list[Word]) -> Iterator[Entry]:
    """The entry of the innermost key, when a list of scalars stands below it."""
    if words:
        key_site = stack[-1][2]
        site = source.site(key_site.span.start, words[-1].site.span.end)
        yield Entry((), 0, ".".join(name for _, name, _ in stack), tuple(words), site, key_site)
