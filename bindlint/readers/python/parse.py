"""From text to a libcst tree, with offsets that hold in the original text; and from nodes to places in it."""

from __future__ import annotations

import sys
import threading
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper

from bindlint.errors import UnreadableError
from bindlint.source import Site, Source, Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from libcst.metadata.span_provider import CodeSpan

STACK = 64 * 1024 * 1024
RECURSION = 10_000
FAILURES = (cst.ParserSyntaxError, SyntaxError, LookupError, UnicodeError, ValueError, RecursionError, MemoryError)

T = TypeVar("T")
_starting = threading.Lock()


def level(text: str) -> str:
    """The text without its mark, and line ends and form feeds that libcst does not give back replaced one for one."""
    text = text.removeprefix("\ufeff")
    if "\r" in text:
        text = text.replace("\\\r\n", " \\\n").replace("\r\n", " \n").replace("\r", "\n")
    return text.replace("\x0c", " ")


def module(text: str) -> cst.Module:
    """The tree of a leveled text; raises one of `FAILURES`, or `UnreadableError` when the tree is not of this text.

    libcst forgets some white space (`except ValueError :`), which `Places` makes up for.
    """
    tree = cst.parse_module(text)
    if tree.code != text and "".join(tree.code.split()) != "".join(text.split()):
        raise UnreadableError("the parsed tree does not give the text back")
    return tree


def in_big_stack(work: Callable[[], T]) -> T:
    """Run in a thread whose stack is large enough for what the guard lets through."""
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - handed to the caller, whatever it is
            errors.append(error)

    with _starting:
        limit = sys.getrecursionlimit()
        stack = threading.stack_size(STACK)
        try:
            thread = threading.Thread(target=run, name="bindlint-python")
            thread.start()
        finally:
            threading.stack_size(stack)
        sys.setrecursionlimit(max(limit, RECURSION))
        try:
            thread.join()
        finally:
            sys.setrecursionlimit(limit)
    if errors:
        raise errors[0]
    return results[0]


class Places:
    """Where nodes are written. Positions are computed for the whole tree when the first one is asked for."""

    def __init__(self, source: Source, text: str, tree: cst.Module) -> None:
        self._source = source
        self._text = text
        self._tree = tree
        self._code = tree.code
        self._spans: dict[cst.CSTNode, CodeSpan] | None = None
        self._ascii = self._code.isascii()
        self._shift = int(source.text.startswith("\ufeff"))

    def start(self, node: cst.CSTNode) -> int:
        """The offset of a node's first character."""
        return self._span(node).start

    def end(self, node: cst.CSTNode) -> int:
        """The offset behind a node, its closing brackets included."""
        brackets = getattr(node, "rpar", ())
        end = self._span(node).end
        for bracket in brackets:
            end = self._source.text.index(")", end) + 1 if isinstance(bracket, cst.RightParen) else end
        return end

    def site(self, node: cst.CSTNode) -> Site:
        """The site of a node, without brackets around it."""
        return Site(self._source.path, self._span(node))

    def empty(self, offset: int) -> Site:
        """A site of no width."""
        return self._source.site(offset, offset)

    def between(self, start: int, end: int) -> Site:
        """The site of a range of characters."""
        return self._source.site(start, end)

    def _span(self, node: cst.CSTNode) -> Span:
        if self._spans is None:
            wrapper = MetadataWrapper(self._tree, unsafe_skip_copy=True)
            self._spans = dict(wrapper.resolve(ByteSpanPositionProvider))
            if not self._ascii:
                self._data = self._code.encode("utf-8")
        if isinstance(node, cst.ImportAlias):
            node = node.name
        elif isinstance(node, cst.Param):
            node = node.name
        span = self._spans[node]
        start, end = span.start, span.start + span.length
        if not self._ascii:
            start, end = len(self._data[:start].decode("utf-8")), len(self._data[:end].decode("utf-8"))
        if self._code != self._text:
            start, end = self._original(start, end)
        return Span(start + self._shift, end + self._shift)

    @cached_property
    def _solid(self) -> list[int]:
        """The offsets of the characters of the text that are not white space: libcst forgets none of those."""
        return [offset for offset, character in enumerate(self._text) if not character.isspace()]

    def _original(self, start: int, end: int) -> tuple[int, int]:
        before = len("".join(self._code[:start].split()))
        inside = len("".join(self._code[start:end].split()))
        first = self._solid[min(before, len(self._solid) - 1)]
        return first, self._solid[before + inside - 1] + 1 if inside else first
