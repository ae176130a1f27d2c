"""Command lines that expressions make: a list of words, or a text for a shell, with the place of each character."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import libcst as cst

from bindlint.readers.commands import split_words
from bindlint.readers.commands.words import offsets_of
from bindlint.readers.python.grown import additions, writes_of
from bindlint.readers.python.pieces import COPIES, PATHS
from bindlint.readers.python.scopes import dotted
from bindlint.readers.python.spelled import Chunk, standing_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bindlint.facts import Word
    from bindlint.readers.python.grown import Addition
    from bindlint.readers.python.pieces import Texts
    from bindlint.readers.python.scopes import At
    from bindlint.readers.python.value import Value
    from bindlint.readers.python.values import Values

MAX_LINES = 8  # that one expression can be
MAX_DEPTH = 40
MAX_STEPS = 4_000  # in one file
MAX_WORDS = 200  # of one line
_MAPPED = frozenset({"map", "filter"})
_JOINS = frozenset({"shlex.join", "subprocess.list2cmdline"})


@dataclass(frozen=True, slots=True)
class Argv:
    """The words of a command line. `joint` is what stands between two of them in the source, "" when that varies.

    `open` says where further words may come from, "" when these are all.
    """

    words: tuple[Word, ...] = ()
    joint: str = ""
    open: str = ""

    def joined(self, other: Argv) -> Argv:
        """These words and others behind them."""
        joint = self.joint if self.joint == other.joint or not other.words else "" if self.words else other.joint
        return Argv((*self.words, *other.words)[:MAX_WORDS], joint, self.open or other.open)


class Lines:
    """Evaluation of the expressions of one file as command lines."""

    def __init__(self, values: Values, texts: Texts) -> None:
        self.values = values
        self.texts = texts
        self._steps = 0

    def of(self, node: cst.BaseExpression, at: At, depth: int = 0) -> list[Chunk | Argv]:
        """Every text or list of words that an expression can be; never empty."""
        self._steps += 1
        if depth > MAX_DEPTH or self._steps > MAX_STEPS:
            return [Argv(open=dotted(node) or "an expression")]
        found = list(itertools.islice(self._of(node, at, depth + 1), MAX_LINES))
        return found or [Argv(open=dotted(node) or "an expression")]

    def _of(self, node: cst.BaseExpression, at: At, depth: int) -> Iterator[Chunk | Argv]:
        match node:
            case cst.List() | cst.Tuple():
                items = [(element.value, isinstance(element, cst.StarredElement)) for element in node.elements]
                yield from self.sequence(items, at, depth)
            case cst.SimpleString() | cst.ConcatenatedString() | cst.FormattedString():
                yield from self.texts.of(node, at, depth)
            case cst.BinaryOperation(operator=cst.Add()):
                for left, right in itertools.product(self.of(node.left, at, depth), self.of(node.right, at, depth)):
                    yield _plus(left, right)
            case cst.Name():
                yield from self._name(node, at, depth)
            case cst.Call():
                yield from self._call(node, at, depth)
            case cst.IfExp():
                yield from self.of(node.body, at, depth)
                yield from self.of(node.orelse, at, depth)
            case cst.BooleanOperation(operator=cst.Or()):
                yield from self.of(node.left, at, depth)
                yield from self.of(node.right, at, depth)
            case cst.ListComp() | cst.GeneratorExp() if _same(node):
                yield from self.of(node.for_in.iter, at, depth)
            case cst.NamedExpr():
                yield from self.of(node.value, at, depth)
            case _:
                yield from self._followed(self.values.of(node, at), node, depth)

    def sequence(self, items: Iterable[tuple[cst.BaseExpression, bool]], at: At, depth: int = 0) -> Iterator[Argv]:
        """The lines of a display, whose starred items are themselves lines."""
        items = list(itertools.islice(items, MAX_WORDS))
        joint = _joint([item for item, starred in items if not starred])
        choices: list[list[Argv]] = []
        for item, starred in items:
            if starred:
                choices.append([one if isinstance(one, Argv) else Argv(open="*") for one in self.of(item, at, depth)])
            else:
                choices.append([Argv((chunk.word,), joint) for chunk in self.texts.of(item, at, depth)][:MAX_LINES])
        for chosen in itertools.islice(itertools.product(*choices), MAX_LINES):
            line = Argv(joint=joint)
            for one in chosen:
                line = line.joined(one)
            yield replace(line, joint=joint)

    def _name(self, node: cst.Name, at: At, depth: int) -> Iterator[Chunk | Argv]:
        home, writes = writes_of(node.value, at)
        if home is None:
            yield from self._followed(self.values.of(node, at), node, depth)
        for write in writes:
            if write.kind == "value" and not write.path and write.value is not None:
                bases = self.of(write.value, write.at, depth)
            else:
                found = tuple(self.values.of_write(write, node.value, depth))
                bases = list(itertools.islice(self._followed(found, node, depth), MAX_LINES))
            for world in additions(node.value, write, at, home) if home is not None else ():
                for base in bases:
                    yield from self._grown(base, world, depth)

    def _grown(self, base: Chunk | Argv, world: Sequence[Addition], depth: int) -> Iterator[Chunk | Argv]:
        """What a name is after all that was added to it."""
        lines = [base]
        for addition in world:
            if addition.how == "extend":
                more = self.of(addition.node, addition.at, depth)
            else:
                more = [Argv((chunk.word,)) for chunk in self.texts.of(addition.node, addition.at, depth)]
            pairs = itertools.islice(itertools.product(lines, more), MAX_LINES)
            if addition.how == "insert":
                lines = [_inserted(line, one, addition.index) for line, one in pairs]
            else:
                lines = [_plus(line, one) for line, one in pairs]
        yield from lines

    def _call(self, node: cst.Call, at: At, depth: int) -> Iterator[Chunk | Argv]:
        arguments = [arg.value for arg in node.args if arg.keyword is None and not arg.star]
        names = {ref.name for ref in self.values.names.refs(node.func, at) if ref.name and not ref.instance}
        method = node.func.attr.value if isinstance(node.func, cst.Attribute) else ""
        text = node.func.value if isinstance(node.func, cst.Attribute) else None
        if names & COPIES and arguments:
            yield from self.of(arguments[0], at, depth)
        elif names & _MAPPED and len(arguments) > 1:
            yield from self.of(arguments[1], at, depth)
        elif "shlex.split" in names and arguments:
            yield from map(_split, self.of(arguments[0], at, depth))
        elif method == "split" and text is not None and not arguments:
            yield from map(_split, self.of(text, at, depth))
        elif method == "copy" and text is not None and not arguments:
            yield from self.of(text, at, depth)
        elif arguments and (names & _JOINS or (method == "join" and _is_blank(text))):
            yield from (_text(line) for line in self.of(arguments[0], at, depth))
        elif names & PATHS:
            yield from self.texts.of(node, at, depth)
        else:
            yield from self._followed(self.values.of(node, at), node, depth)

    def _followed(self, found: Iterable[Value], node: cst.BaseExpression, depth: int) -> Iterator[Chunk | Argv]:
        """The lines that values are: their literals, wherever these stand."""
        for value in found:
            literal = value.node if value.node is not node else None
            if value.kind == "sequence" and isinstance(literal, (cst.List, cst.Tuple)):
                yield from self.of(literal, value.at, depth)
            elif value.kind == "sequence":
                yield from self.sequence([(item, False) for item, _ in value.elements], value.at, depth)
            elif value.kind == "text" and isinstance(
                literal, (cst.SimpleString, cst.ConcatenatedString, cst.FormattedString)
            ):
                yield from self.texts.of(literal, value.at, depth)
            elif value.kind == "text":
                yield self.texts.pieces(value, value.node)
            else:
                yield Argv(open=value.maybe or dotted(node) or "an expression")


def _plus(left: Chunk | Argv, right: Chunk | Argv) -> Chunk | Argv:
    if isinstance(left, Chunk) and isinstance(right, Chunk):
        return left.joined(right)
    if isinstance(left, Argv) and isinstance(right, Argv):
        return left.joined(right)
    return replace(left, open=left.open or "an expression")


def _inserted(line: Chunk | Argv, one: Chunk | Argv, index: int) -> Chunk | Argv:
    if isinstance(line, Chunk) or isinstance(one, Chunk):
        return replace(line, open="an insertion")
    return Argv((*line.words[:index], *one.words, *line.words[index:]), "", line.open or one.open)


def _split(line: Chunk | Argv) -> Chunk | Argv:
    """The words of a text, as a shell would split it."""
    if isinstance(line, Argv):
        return Argv(open=line.open or "a text")
    return Argv(tuple(split_words(line.text, line.offsets, line.word.site))[:MAX_WORDS], " ", line.open)


def _text(line: Chunk | Argv) -> Chunk | Argv:
    """Words as one text, with blanks between them."""
    if isinstance(line, Chunk) or not line.words:
        return line
    chunks = [_chunk(word) for word in line.words]
    text = chunks[0]
    for more in chunks[1:]:
        text = text.joined(more, " ")
    return replace(text, open=line.open)


def _chunk(word: Word) -> Chunk:
    offsets = tuple(offsets_of(word))
    site = word.site
    return Chunk(word.text, offsets, site.path, site.span.start) if offsets else standing_for(word.text, site)


def _same(node: cst.ListComp | cst.GeneratorExp) -> bool:
    """Whether a comprehension gives back the members of what it goes over: `[str(word) for word in words]`."""
    element = node.elt
    if isinstance(element, cst.Call) and len(element.args) == 1 and dotted(element.func) in ("str", "shlex.quote"):
        element = element.args[0].value
    target = node.for_in.target
    return isinstance(element, cst.Name) and isinstance(target, cst.Name) and element.value == target.value


def _is_blank(node: cst.BaseExpression | None) -> bool:
    return isinstance(node, cst.SimpleString) and node.raw_value.strip() == "" and bool(node.raw_value)


def _joint(items: Sequence[cst.BaseExpression]) -> str:
    """What stands between two words that are written as texts, when all of them have the same quotes."""
    quotes = {item.quote for item in items if isinstance(item, cst.SimpleString)}
    return f"{(quote := next(iter(quotes)))}, {quote}" if len(quotes) == 1 else ""
