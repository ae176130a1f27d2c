"""From text to a libcst tree, with offsets that hold in the original text; and from nodes to places in it."""

from __future__ import annotations

import sys
import threading
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import libcst as cst
from libcst.metadata.span_provider import SpanProvidingCodegenState

from bindlint.errors import UnreadableError
from bindlint.readers.python import gates, guard, suites
from bindlint.readers.python.concrete import UntranslatedError
from bindlint.readers.python.marks import Marks, solid
from bindlint.readers.python.scopes import children
from bindlint.source import Site, Source, Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from libcst.metadata.span_provider import CodeSpan

STACK = 64 * 1024 * 1024
RECURSION = 30_000
FAILURES = (cst.ParserSyntaxError, SyntaxError, LookupError, UnicodeError, ValueError, RecursionError, MemoryError)

T = TypeVar("T")


class RefusedError(Exception):
    """A text that no parser must see; the message says why."""


_starting = threading.Lock()


def level(text: str) -> str:
    """The text without its mark, and with line ends that libcst does not give back replaced one for one."""
    text = text.removeprefix("\ufeff")
    if "\r" in text:
        text = text.replace("\\\r\n", " \\\n").replace("\r\n", " \n").replace("\r", "\n")
    return text


def tree(text: str) -> tuple[cst.Module, Marks | None]:
    """The tree of a text, and where its nodes are written where libcst has not made it.

    Raises `RefusedError` for what the guard keeps from libcst, else one of `FAILURES`.
    """
    parsed = gates.parsed(text) if len(text) <= guard.MAX_SIZE else None
    if parsed is not None:
        try:
            return suites.module(parsed, text)
        except UntranslatedError:
            pass
    if reason := guard.refuse(text):
        raise RefusedError(reason)
    return cst.parse_module(text), None


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
    """Where nodes are written. Positions are computed for the whole tree when the first one is asked for.

    libcst forgets some white space (`except ValueError :`), so places are found again by the characters that it keeps.
    A tree that libcst has not made has `marks` that say them.
    """

    def __init__(self, source: Source, text: str, tree: cst.Module, marks: Marks | None = None) -> None:
        self._source = source
        self._text = text
        self._tree = tree
        self._marks = marks
        self._shift = int(source.text.startswith("\ufeff"))

    def start(self, node: cst.CSTNode) -> int:
        """The offset of a node's first character."""
        return self._span(node).start

    def opened(self, call: cst.Call) -> int:
        """The offset behind the bracket that opens the arguments of a call that has none."""
        span = self._span(call)
        return self._source.text.rindex("(", span.start, span.end) + 1

    def closed(self, call: cst.Call) -> int:
        """The offset behind the last argument of a call, with its own brackets, without a comma."""
        end, at, text = self._span(call).end - 1, self._span(call.args[-1].value).end, self._source.text
        last = at
        while (at := solid(text, at)) < end:
            last = at + 1 if text[at] == ")" else last
            at += 1
        return last

    def site(self, node: cst.CSTNode) -> Site:
        """The site of a node, without brackets around it."""
        return Site(self._source.path, self._span(node))

    def written(self, node: cst.CSTNode) -> str:
        """How a node is written, without brackets around it."""
        return self._source.slice(self._span(node))

    def empty(self, offset: int) -> Site:
        """A site of no width."""
        return self._source.site(offset, offset)

    def between(self, start: int, end: int) -> Site:
        """The site of a range of characters."""
        return self._source.site(start, end)

    @cached_property
    def _computed(self) -> tuple[str, dict[cst.CSTNode, CodeSpan]]:
        """The text that the tree gives back, and the span of each node in it; one walk gives both."""
        spans = _Spans()
        state = SpanProvidingCodegenState(
            default_indent=self._tree.default_indent,
            default_newline=self._tree.default_newline,
            provider=spans,  # type: ignore[arg-type] # all that is asked of a provider is its table
            get_length=len,
        )
        self._tree._codegen(state)  # noqa: SLF001 - what libcst's own providers call
        code = "".join(state.tokens)
        if code != self._text and "".join(code.split()) != "".join(self._text.split()):
            raise UnreadableError("the parsed tree does not give the text back")
        return code, spans._computed  # noqa: SLF001 - the name that libcst writes to

    def holds(self, node: cst.CSTNode) -> bool:
        """Whether a node of code lies in this file; asked of many files for one node, so without their positions."""
        return id(node) in self._nodes

    @cached_property
    def _nodes(self) -> frozenset[int]:
        found, waiting = set[int](), list[cst.CSTNode]([self._tree])
        while waiting:
            node = waiting.pop()
            found.add(id(node))
            waiting += children(node)
        return frozenset(found)

    def _span(self, node: cst.CSTNode) -> Span:
        if self._marks is not None:
            start, end = self._marks.span(node.name if isinstance(node, (cst.ImportAlias, cst.Param)) else node)
            return Span(start + self._shift, end + self._shift)
        code, spans = self._computed
        if isinstance(node, (cst.ImportAlias, cst.Param)):
            node = node.name
        span = spans[node]
        start, end = span.start, span.start + span.length
        if code != self._text:
            start, end = self._original(code, start, end)
        return Span(start + self._shift, end + self._shift)

    @cached_property
    def _solid(self) -> list[int]:
        """The offsets of the characters of the text that are not white space: libcst forgets none of those."""
        return [offset for offset, character in enumerate(self._text) if not character.isspace()]

    def _original(self, code: str, start: int, end: int) -> tuple[int, int]:
        before = len("".join(code[:start].split()))
        inside = len("".join(code[start:end].split()))
        first = self._solid[min(before, len(self._solid) - 1)]
        return first, self._solid[before + inside - 1] + 1 if inside else first


class _Spans:
    """What a span provider is to libcst's code generation."""

    def __init__(self) -> None:
        self._computed: dict[cst.CSTNode, CodeSpan] = {}
