"""What the default values of a chart decide in its templates: scalars that are one value, branches that are not taken.

Only what can be told without rendering: `.Values.a.b`, alone or piped through functions that do not change it, and the
conditions made of such. All else stays open, and is read as if every branch were taken.
Source: helm.sh/docs/chart_template_guide (values_files, control_structures); text/template for the truth of values.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from bindlint.errors import UnreadableError
from bindlint.readers import templates, yamltree
from bindlint.readers.commands.words import given, made

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bindlint.facts import Word
    from bindlint.readers.yamltree import Node
    from bindlint.source import Source

_FOLDER = "/templates/"
_PATH = r"\$?\.Values((?:\.[\w-]+)+)"
_SAME = r"(?:\s*\|\s*(?:quote|squote|toString|int|int64|trim|default\s+(?:\"[^\"|{}]*\"|[\w.$-]+)))*"
_VALUE = re.compile(rf"\{{\{{-?\s*(?:default\s+(?:\"[^\"|{{}}]*\"|[\w.$-]+)\s+)?{_PATH}{_SAME}\s*-?\}}\}}")
_WORD = re.compile(r"(if|else if|else|end|with|range|define|block)\b\s*(.*)", re.DOTALL)
_TERM = re.compile(r"\(|\)|\"[^\"]*\"|[^\s()\"]+")
_FALSE = frozenset(("false", "0", "", "null", "~"))
MAX_TERMS = 60  # of one condition
_MAX_DEPTH = 20


@dataclass(frozen=True)
class Chart:
    """The chart that a template belongs to, by the folder that holds its `templates` and `values.yaml`."""

    source: Source

    @cached_property
    def root(self) -> str | None:
        """The chart's folder; None for a file that is no template of one."""
        before, found, _ = f"/{self.source.path}".rpartition(_FOLDER)
        return before.lstrip("/") if found else None

    @cached_property
    def values(self) -> Source | None:
        """The file of default values."""
        if self.root is None or not templates.present(self.source.text):
            return None
        return self.source.files.get(f"{self.root}/values.yaml".lstrip("/"))

    @cached_property
    def _defaults(self) -> Node | None:
        return _parsed(self.values) if self.values is not None else None

    def value(self, path: str) -> Node | None:
        """The default under a path such as `.service.type`."""
        return yamltree.get(self._defaults, *path.strip(".").split("."))

    def single(self, text: str) -> Node | None:
        """The default that an action stands for, as the whole of a scalar; None when that cannot be told."""
        match = _VALUE.fullmatch(text)
        found = self.value(match[1]) if match is not None else None
        said = yamltree.text(found)
        return found if said or (said is not None and "default" not in text) else None

    def rendered(self, start: int, end: int) -> Word:
        """The text from start to end with the actions that stand for one value replaced by it."""
        text, path = self.source.text, self.source.path
        out, offsets, at = [], list[int](), start
        for first, last in templates.actions(text[start:end]):
            node = self.single(text[start + first : start + last])
            if node is None:
                continue
            value = yamltree.text(node) or ""
            out += [text[at : start + first], value]
            offsets += [*range(at, start + first), *given(len(value), start + first, start + last)]
            at = start + last
        return made("".join([*out, text[at:end]]), [*offsets, *range(at, end)], path, start)

    @property
    def taken(self) -> Source:
        """The template without what its defaults leave out; every offset stays the same."""
        text = self.source.text
        for start, end in self.off():
            text = text[:start] + re.sub(r"[^\r\n]", " ", text[start:end]) + text[end:]
        return replace(self.source, text=text)

    def off(self) -> list[tuple[int, int]]:
        """The ranges of the template that its defaults leave out."""
        found: list[tuple[int, int]] = []
        stack: list[_Branch] = []
        for start, end in templates.actions(self.source.text) if self._defaults is not None else ():
            match = _WORD.match(self.source.text[start + 2 : end - 2].strip("-+ \t\r\n"))
            if match is None:
                continue
            word, rest = match[1], match[2]
            if word in ("else", "else if") and stack:
                stack[-1].close(start, found)
                stack[-1].open(end, self._holds(rest) if word == "else if" else True)
            elif word == "end" and stack:
                stack.pop().close(start, found)
            elif word in ("if", "with", "range"):
                stack.append(_Branch())
                stack[-1].open(end, self._holds(rest.rpartition(":=")[2].strip()))
            elif word in ("define", "block"):
                stack.append(_Branch())
                stack[-1].open(end, None)
        return found

    def _holds(self, condition: str) -> bool | None:
        """Whether a condition is true by default, None when that cannot be told."""
        terms = _TERM.findall(condition)
        if not terms or len(terms) > MAX_TERMS or "|" in condition:
            return None
        value, rest = self._term(terms, 0)
        return value if not rest else None

    def _term(self, terms: Sequence[str], depth: int) -> tuple[bool | None, Sequence[str]]:
        """The truth of the first term, or of the call that begins there, and what follows."""
        if not terms or depth > _MAX_DEPTH:
            return None, ()
        first, rest = terms[0], terms[1:]
        if first == "(":
            value, rest = self._term(rest, depth + 1)
            return (value, rest[1:]) if rest and rest[0] == ")" else (None, ())
        if first == "not":
            value, rest = self._term(rest, depth + 1)
            return None if value is None else not value, rest
        if first in ("and", "or"):
            found = []
            while rest and rest[0] != ")":
                value, rest = self._term(rest, depth + 1)
                found.append(value)
            decisive = first == "or"
            return (decisive if decisive in found else None if None in found else not decisive), rest
        if first in ("eq", "ne") and len(rest) >= 2:
            one, two = self._text(rest[0]), self._text(rest[1])
            return (None if one is None or two is None else (one == two) == (first == "eq")), rest[2:]
        return self._truth(first), rest

    def _truth(self, term: str) -> bool | None:
        match = re.fullmatch(_PATH, term)
        node = self.value(match[1]) if match is not None else None
        if node is None:
            return {"true": True, "false": False}.get(term)
        if yamltree.is_mapping(node) or yamltree.is_sequence(node):
            return bool(yamltree.items(node) or yamltree.elements(node))
        return (yamltree.text(node) or "") not in _FALSE if not yamltree.style(node) else bool(yamltree.text(node))

    def _text(self, term: str) -> str | None:
        if term.startswith('"') or term.isdecimal():
            return term.strip('"')
        match = re.fullmatch(_PATH, term)
        return yamltree.text(self.value(match[1])) if match is not None else None


@lru_cache(maxsize=4)  # every template of a chart asks for the same file, one after the other
def _parsed(values: Source) -> Node | None:
    try:
        return next(yamltree.documents(values), None)
    except UnreadableError:
        return None


class _Branch:
    """An `if` with its `else` branches: where the one begins that is left out, and whether an earlier one is taken."""

    def __init__(self) -> None:
        self.taken: bool | None = False
        self.begin: int | None = None

    def open(self, at: int, holds: bool | None) -> None:  # noqa: FBT001 - three values
        self.begin = at if self.taken is True or holds is False else None
        if holds is None:
            self.taken = self.taken or None
        elif holds and self.taken is False:
            self.taken = True

    def close(self, at: int, found: list[tuple[int, int]]) -> None:
        if self.begin is not None:
            found.append((self.begin, at))
        self.begin = None
