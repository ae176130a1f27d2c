"""The patterns of `match` in Python's own `ast` as libcst has them (see `concrete`)."""

# ruff: noqa: SLF001, ANN401 - a table of its own methods; nodes are of whatever class libcst has

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import libcst as cst

from bindlint.readers.python.concrete import Expressions, UntranslatedError, maker

if TYPE_CHECKING:
    from collections.abc import Callable

_name = maker(cst.Name, "value")
_value = maker(cst.MatchValue, "value")
_singleton = maker(cst.MatchSingleton, "value")
_as = maker(cst.MatchAs, "pattern", "name")
_or = maker(cst.MatchOr, "patterns")
_or_element = maker(cst.MatchOrElement, "pattern", "separator")
_list = maker(cst.MatchList, "patterns")
_element = maker(cst.MatchSequenceElement, "value")
_star = maker(cst.MatchStar, "name")
_mapping = maker(cst.MatchMapping, "elements", "rest", "trailing_comma")
_mapping_element = maker(cst.MatchMappingElement, "key", "pattern")
_class = maker(cst.MatchClass, "cls", "patterns", "kwds")
_keyword = maker(cst.MatchKeywordElement, "key", "pattern")


class Patterns:
    """The patterns of one `match`."""

    def __init__(self, expressions: Expressions) -> None:
        self._expressions = expressions
        self._marks = expressions.marks

    def of(self, node: ast.pattern) -> Any:
        """The pattern as libcst has it; a tuple is a list here, which nobody tells apart."""
        with self._expressions.nested():
            if (translate := _TRANSLATIONS.get(type(node))) is None:
                raise UntranslatedError(type(node).__name__)
            made = translate(self, node)
        self._marks.at[made] = node
        return made

    def _named(self, text: str | None, node: ast.pattern) -> Any:
        if text is None:
            return None
        name = _name(text)
        self._marks.at[name] = node
        return name

    def _wrapped(self, make: Callable[..., Any], node: ast.pattern, *more: object) -> Any:
        made = make(self.of(node), *more)
        self._marks.at[made] = node
        return made

    def _value(self, node: ast.MatchValue) -> Any:
        return _value(self._expressions.of(node.value))

    def _singleton(self, node: ast.MatchSingleton) -> Any:
        return _singleton(self._named(str(node.value), node))

    def _as(self, node: ast.MatchAs) -> Any:
        inner = None if node.pattern is None else self.of(node.pattern)
        return _as(inner, self._named(node.name, node))

    def _or(self, node: ast.MatchOr) -> Any:
        return _or([self._wrapped(_or_element, one, None) for one in node.patterns])

    def _sequence(self, node: ast.MatchSequence) -> Any:
        return _list(
            [self.of(one) if isinstance(one, ast.MatchStar) else self._wrapped(_element, one) for one in node.patterns]
        )

    def _star(self, node: ast.MatchStar) -> Any:
        return _star(self._named(node.name, node))

    def _mapping(self, node: ast.MatchMapping) -> Any:
        elements = []
        for key, pattern in zip(node.keys, node.patterns, strict=True):
            elements.append(made := _mapping_element(self._expressions.of(key), self.of(pattern)))
            self._marks.at[made] = pattern
        return _mapping(elements, self._named(node.rest, node), None)

    def _class(self, node: ast.MatchClass) -> Any:
        named = []
        for key, pattern in zip(node.kwd_attrs, node.kwd_patterns, strict=True):
            named.append(made := _keyword(self._named(key, pattern), self.of(pattern)))
            self._marks.at[made] = pattern
        return _class(self._expressions.of(node.cls), [self._wrapped(_element, one) for one in node.patterns], named)


_TRANSLATIONS: dict[type, Callable[[Patterns, Any], Any]] = {
    ast.MatchValue: Patterns._value,
    ast.MatchSingleton: Patterns._singleton,
    ast.MatchAs: Patterns._as,
    ast.MatchOr: Patterns._or,
    ast.MatchSequence: Patterns._sequence,
    ast.MatchStar: Patterns._star,
    ast.MatchMapping: Patterns._mapping,
    ast.MatchClass: Patterns._class,
}
