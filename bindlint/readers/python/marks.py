"""Where the nodes of a translated tree are written: noted as it is made, worked out when somebody asks."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, cast

from libcst.metadata.span_provider import SpanProvidingCodegenState

if TYPE_CHECKING:
    import libcst as cst
    from libcst.metadata.span_provider import CodeSpan

_SOLID = re.compile(r"(?:[ \t\f\n\\]|#[^\n]*)*(.)?", re.DOTALL)
_DEFINES = re.compile(r"(?:async\b[ \t\f\\\n]*)?(?:def|class)\b[ \t\f\\\n]*")

Placed = ast.expr | ast.stmt | ast.arg | ast.keyword | ast.alias | ast.excepthandler | ast.pattern
# A node of the `ast`; or two, of which one begins and the other ends; or a name of so many characters at the beginning
# (HEAD), at the end (TAIL) or behind the keyword (NAME) of one.
_Mark = Placed | tuple[Placed, Placed] | tuple[Placed, int, int]
HEAD, TAIL, NAME = range(3)


def solid(text: str, at: int) -> int:
    """The offset of the first character from there that is no white space and no comment."""
    match = _SOLID.match(text, at)
    return match.start(1) if match is not None and match[1] is not None else len(text)


class Marks:
    """The places of one text. Offsets are characters, those of the `ast` are bytes of a line."""

    def __init__(self, text: str) -> None:
        self.at: dict[object, _Mark] = {}
        self._text = text
        self._plain = text.isascii()
        self._lines = [0]
        self._spans: dict[object, tuple[int, int]] = {}  # of nodes that libcst has made
        self._pieces: list[tuple[cst.BaseExpression, int]] = []  # that libcst has parsed, and where their texts begin
        end = text.find("\n")
        while end >= 0:
            self._lines.append(end + 1)
            end = text.find("\n", end + 1)

    def head(self, name: object, node: Placed, text: str) -> None:
        """A name is what a node begins with."""
        self.at[name] = (node, HEAD, len(text))

    def tail(self, name: object, node: Placed, text: str) -> None:
        """A name is what a node ends with."""
        self.at[name] = (node, TAIL, len(text))

    def name(self, name: object, node: Placed, text: str) -> None:
        """A name is what stands behind `def` or `class`."""
        self.at[name] = (node, NAME, len(text))

    def from_to(self, made: object, first: Placed, last: Placed) -> None:
        """A node goes from where one begins to where another ends."""
        self.at[made] = (first, last)

    def parsed(self, made: cst.BaseExpression, node: ast.expr) -> None:
        """An expression is a tree of libcst's own; it was given brackets where it has several lines."""
        start = self.start(node)
        self._pieces.append((made, start - 1 if made.lpar else start))

    def start(self, node: Placed) -> int:
        """Where a node begins."""
        return self._offset(node.lineno, node.col_offset)

    def end(self, node: Placed) -> int:
        """Where a node ends."""
        return self._offset(cast("int", node.end_lineno), cast("int", node.end_col_offset))

    def text(self, node: Placed) -> str:
        """How a node is written."""
        return self._text[self.start(node) : self.end(node)]

    def leads(self, node: Placed) -> bool:
        """Whether a node is the first of its line."""
        begin = self._lines[node.lineno - 1]
        before = self._text[begin : self.start(node)]
        return not before or before.isspace()

    def elif_(self, node: ast.If) -> bool:
        """Whether an `if` is written as `elif`."""
        return self._text.startswith("elif", self.start(node))

    def bracketed(self, node: ast.Tuple) -> bool:
        """Whether a tuple is written in brackets of its own."""
        start = self.start(node)
        if self._text[start : start + 1] != "(":
            return False
        if not node.elts:
            return True
        opened, at, end = 0, start, self.start(node.elts[0])
        while at < end and self._solid(at) < end:
            at = self._solid(at) + 1
            opened += 1
        at = self._solid(self.end(node.elts[0]))
        while opened and self._text[at : at + 1] == ")":
            opened -= 1
            at = self._solid(at + 1)
        return opened > 0

    def span(self, node: object) -> tuple[int, int]:
        """Where a node begins and ends, without brackets around it. Raises `KeyError` for one of another file."""
        if node not in self.at and self._pieces:
            self._unfold()
        if node in self._spans:
            return self._spans[node]
        mark = self.at[node]
        if not isinstance(mark, tuple):
            return self._inside(mark) if isinstance(mark, (ast.Tuple, ast.GeneratorExp)) else self._whole(mark)
        if len(mark) == 2:
            return self.start(mark[0]), self._closed(*mark)
        placed, where, length = mark
        if where == TAIL:
            return self.end(placed) - length, self.end(placed)
        start = self.start(placed)
        if where == NAME and (match := _DEFINES.match(self._text, start)) is not None:
            start = match.end()
        return start, start + length

    def _closed(self, first: Placed, last: Placed) -> int:
        """Where what ends with a node ends; with its brackets, where it is an operand that others follow."""
        end = self.end(last)
        while isinstance(first, ast.BoolOp) and self._text[at := self._solid(end)] == ")":
            end = at + 1
        return end

    def _whole(self, node: Placed) -> tuple[int, int]:
        return self.start(node), self.end(node)

    def _inside(self, node: ast.Tuple | ast.GeneratorExp) -> tuple[int, int]:
        """A tuple or generator without the brackets that the `ast` counts in."""
        start, end = self._whole(node)
        if isinstance(node, ast.Tuple) and not self.bracketed(node):
            return start, end
        if isinstance(node, ast.Tuple):
            last = self.end(node.elts[-1]) if node.elts else start + 1
        else:
            last = self.end((node.generators[-1].ifs or [node.generators[-1].iter])[-1])
        while (at := self._solid(last)) < end - 1:
            last = at + 1
        return (self._solid(start + 1), last) if last > start + 1 else (last, last)

    def _solid(self, at: int) -> int:
        return solid(self._text, at)

    def _offset(self, line: int, column: int) -> int:
        begin = self._lines[line - 1]
        if self._plain:
            return begin + column
        end = self._lines[line] if line < len(self._lines) else len(self._text)
        written = self._text[begin:end]
        return begin + (column if written.isascii() else len(written.encode()[:column].decode()))

    def _unfold(self) -> None:
        """The places inside what libcst has parsed."""
        for made, start in self._pieces:
            spans = _Spans()
            state = SpanProvidingCodegenState(
                default_indent="    ",
                default_newline="\n",
                provider=spans,  # type: ignore[arg-type] # all that is asked of a provider is its table
                get_length=len,
            )
            made._codegen(state)  # noqa: SLF001 - what libcst's own providers call
            for node, span in spans._computed.items():  # noqa: SLF001 - the name that libcst writes to
                self._spans[node] = (start + span.start, start + span.start + span.length)
        self._pieces.clear()


class _Spans:
    """What a span provider is to libcst's code generation."""

    def __init__(self) -> None:
        self._computed: dict[cst.CSTNode, CodeSpan] = {}
