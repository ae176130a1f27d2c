"""Texts that expressions contribute to a command line, with the place of each character.

What an expression takes from elsewhere (a constant, a parameter) stands in the text as a variable `${__1}`, by which
command lines know such things: its value where it is known, and a value decided at run time where it is not.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

from bindlint.facts import Step, Word
from bindlint.readers.python.scopes import At, dotted, last_name
from bindlint.readers.python.spelled import Chunk, formatted, simple, standing_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bindlint.readers.python.addressing import Addressing
    from bindlint.readers.python.strings import Part
    from bindlint.readers.python.value import Value
    from bindlint.readers.python.values import Values
    from bindlint.source import Site

MAX_TEXTS = 8  # that one expression can be
MAX_DEPTH = 40
MAX_STEPS = 8_000  # in one file
MAX_LENGTH = 20_000  # of one literal
# What gives back its first argument, as far as a command line goes; and what puts a path together.
COPIES = frozenset({"list", "tuple", "str", "shlex.quote", "os.fspath", "pathlib.Path", "shutil.which"})
PATHS = frozenset({"os.path.join", "posixpath.join"})
_LAST_NAMES = frozenset(name.rpartition(".")[2] for name in COPIES | PATHS)


@dataclass
class StandIns:
    """The variables that stand for expressions: the values of the known ones, and how those were come by."""

    words: dict[str, Word] = field(default_factory=dict)
    trails: dict[str, tuple[Step, ...]] = field(default_factory=dict)
    maybe: dict[str, str] = field(default_factory=dict)

    def new(self) -> str:
        """A name that is free."""
        return f"__{len(self.words) + len(self.maybe) + 1}"


class Texts:
    """Evaluation of the expressions of one file as texts."""

    def __init__(self, values: Values, addressing: Addressing) -> None:
        self.values = values
        self.addressing = addressing
        self.stand_ins = StandIns()
        self._written: list[Chunk] = []  # what literals say
        self._steps = 0

    def of(self, node: cst.BaseExpression, at: At, depth: int = 0) -> list[Chunk]:
        """The texts that an expression contributes to a line; a variable for what comes from elsewhere."""
        self._steps += 1
        if depth > MAX_DEPTH or self._steps > MAX_STEPS:
            return [self.unknown(node, "")]
        return list(itertools.islice(self._texts(node, at, depth + 1), MAX_TEXTS)) or [self.unknown(node, "")]

    def _texts(self, node: cst.BaseExpression, at: At, depth: int) -> Iterator[Chunk]:
        match node:
            case cst.SimpleString():
                chunk = simple(node, self.addressing.at(node)) if len(node.value) <= MAX_LENGTH else None
                yield self._kept(chunk) if chunk is not None else self.unknown(node, "")
            case cst.ConcatenatedString(left=left, right=right):
                yield from self._products([self.of(left, at, depth), self.of(right, at, depth)])
            case cst.FormattedString():
                raw = "r" in node.prefix.lower()
                yield from self._products([self._piece(part, at, depth, raw=raw) for part in node.parts], node)
            case cst.Integer() | cst.Float():
                site = self.addressing.at(node)
                yield Chunk(node.value, tuple(range(site.span.start, site.span.end)), site.path, site.span.start)
            case cst.BinaryOperation(operator=cst.Add(), left=left, right=right):
                yield from self._products([self.of(left, at, depth), self.of(right, at, depth)])
            case cst.BinaryOperation(operator=cst.Divide(), left=left, right=right):
                yield from self._products([self.of(left, at, depth), self.of(right, at, depth)], between="/")
            case cst.IfExp():
                yield from self.of(node.body, at, depth)
                yield from self.of(node.orelse, at, depth)
            case cst.NamedExpr():
                yield from self.of(node.value, at, depth)
            case cst.Call() if node.args and (names := self._callee(node, at)) & (COPIES | PATHS):
                given = [self.of(arg.value, at, depth) for arg in node.args if not arg.star]
                yield from self._products(given if names & PATHS else given[:1], between="/")
            case _:
                for value in self.values.known(node, at):
                    yield self._stand_in(node, value)

    def _callee(self, node: cst.Call, at: At) -> set[str]:
        if last_name(node.func) not in _LAST_NAMES:
            return set()
        return {ref.name for ref in self.values.names.refs(node.func, at) if not ref.instance}

    def _products(
        self, choices: list[list[Chunk]], node: cst.BaseExpression | None = None, between: str = ""
    ) -> Iterator[Chunk]:
        for chosen in itertools.islice(itertools.product(*choices), MAX_TEXTS):
            if not chosen:
                site = self.addressing.at(node) if node is not None else None
                if site is not None:
                    yield Chunk("", (), site.path, site.span.start)
                continue
            text = chosen[0]
            for more in chosen[1:]:
                text = text.joined(more, between)
            yield text

    def _piece(self, part: cst.BaseFormattedStringContent, at: At, depth: int, *, raw: bool) -> list[Chunk]:
        if isinstance(part, cst.FormattedStringText):
            return [self._kept(formatted(part, self.addressing.at(part), raw=raw))]
        if isinstance(part, cst.FormattedStringExpression):
            return self.of(part.expression, at, depth)
        return []

    def _kept(self, chunk: Chunk) -> Chunk:
        self._written.append(chunk)
        return chunk

    def are_written(self, path: str, near: range) -> bool:
        """Whether the characters at some offsets of a file are those of one literal, letter for letter."""
        return any(chunk.path == path and all(offset in chunk.offsets for offset in near) for chunk in self._written)

    # What stands for expressions

    def _stand_in(self, node: cst.BaseExpression, value: Value) -> Chunk:
        """The variable that stands for a value that an expression has."""
        if value.kind not in ("text", "number"):
            return self.unknown(node, value.maybe)
        if value.node is node and not value.trail:
            return self.pieces(value, node)
        return self._variable(self.addressing.at(node), self.value(value.parts, value.node), value)

    def pieces(self, value: Value, node: cst.CSTNode) -> Chunk:
        """A text that an expression makes of others: what is written in it, and variables for the rest."""
        whole = self.addressing.at(node)
        text: Chunk | None = None
        for part in value.parts:
            if part.node is None and part.text.startswith("${"):
                chunk = self.unknown(node, part.text[2:-1])
            else:
                chunk = self.value((part,), node)
                inside = chunk.path == whole.path and whole.span.start <= chunk.at < max(whole.span.end, 1)
                chunk = chunk if inside else self._variable(whole, chunk, value)
            text = chunk if text is None else text.joined(chunk)
        return text if text is not None else Chunk("", (), whole.path, whole.span.start)

    def value(self, parts: Iterable[Part], node: cst.CSTNode) -> Chunk:
        """The text of the parts of a value, where it is written."""
        text: Chunk | None = None
        for part in parts:
            site = self.addressing.at(part.node if part.node is not None else node)
            if part.offset >= 0:
                start = site.span.start + part.offset
                chunk = self._kept(Chunk(part.text, tuple(range(start, start + len(part.text))), site.path, start))
            else:
                chunk = standing_for(part.text, site)
            text = chunk if text is None else text.joined(chunk)
        site = self.addressing.at(node)
        return text if text is not None else Chunk("", (), site.path, site.span.start)

    def _variable(self, site: Site, chunk: Chunk, value: Value) -> Chunk:
        name = self.stand_ins.new()
        self.stand_ins.words[name] = chunk.word
        self.stand_ins.trails[name] = tuple(Step(self.addressing.at(hop.node), hop.note) for hop in value.trail)
        return standing_for(f"${{{name}}}", site)

    def unknown(self, node: cst.CSTNode, maybe: str) -> Chunk:
        """A variable for a value that only a run decides; `maybe` says what could decide it."""
        name = self.stand_ins.new()
        self.stand_ins.maybe[name] = maybe or dotted(node) or "an expression"
        return standing_for(f"${{{name}}}", self.addressing.at(node))
