"""The compound commands of a shell text that are open at a place, and for which values that place is executed.

Source: Shell Command Language, IEEE Std 1003.1, 2.9.4 (compound commands) and 2.9.5 (function definitions).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bindlint.readers.commands.words import Arm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bindlint.facts import Word

OPENERS = frozenset({"if", "then", "elif", "else", "while", "until", "do", "!", "{", "time"})
CLOSERS = frozenset({"fi", "done", "esac", "}"})
HEADERS = frozenset({"for", "case", "select"})
_LOOPS = frozenset({"for", "select", "while", "until"})
_PARTS = frozenset({"if", "while", "until", *HEADERS})  # what stands in them may not be executed
_MAX_PAST = 200  # parts of a compound command that those behind them are told of
_MAX_DEPTH = 50  # compound commands that are looked at around a place
_TESTS = {"[": ["]"], "[[": ["]]"], "test": []}


@dataclass(slots=True)
class _Block:
    """One compound command that is open: its reserved word, and for what its part that is read now is executed."""

    word: str
    number: int
    perhaps: bool
    function: str = ""
    arms: tuple[Arm, ...] = ()
    past: tuple[Arm, ...] = ()  # what the parts before say of those behind them
    test: Arm | None = None  # of an `if` or `elif` that waits for its `then`
    waits: bool = False
    subject: str = ""  # what `case` compares
    patterns: tuple[str, ...] = ()  # read so far, of the arm that begins


class Blocks:
    """The compound commands that are open, the outermost first."""

    def __init__(self) -> None:
        """Begin outside of all."""
        self._open: list[_Block] = []
        self._count = 0
        self._defined = ""  # the function whose body is awaited

    @property
    def perhaps(self) -> bool:
        """Whether what stands here may not be executed."""
        return any(block.perhaps for block in self._open)

    @property
    def function(self) -> str:
        """The function that this is part of, "" for none."""
        return next((block.function for block in self._open[:-_MAX_DEPTH:-1] if block.function), "")

    @property
    def arms(self) -> tuple[Arm, ...]:
        """The arms that this stands in, without those in a loop: what decides there may be another at each turn."""
        found: list[Arm] = []
        for block in self._open[:_MAX_DEPTH]:
            if block.word in _LOOPS:
                break
            found += block.arms
        return tuple(found)

    def define(self, words: Sequence[Word]) -> None:
        """`name (` was read: the body of a function may follow."""
        self._defined = words[-1].text if words else ""

    def nest(self, words: Sequence[Word], marks: Sequence[bool], *, joined: bool) -> bool:
        """Take in the reserved words before a simple command; whether it is still joined to what stands before."""
        at = 0
        while at < len(words) and not marks[at]:
            text = words[at].text
            if text == "function":
                self.define(words[at + 1 : at + 2])
                at += 1
            elif text in _PARTS:
                self._count += 1
                self._open.append(_Block(text, self._count, perhaps=True, waits=text == "if"))
            elif text == "{":
                self._count += 1
                self._open.append(_Block(text, self._count, perhaps=joined, function=self._defined))
                joined, self._defined = False, ""
            elif text in CLOSERS:
                del self._open[-1:]
            else:
                self._part(text)
            if text in HEADERS or text not in {*OPENERS, *CLOSERS, "function"}:
                break
            at += 1
        if at < len(words):
            self._command(words, at)
        return joined

    def _part(self, text: str) -> None:
        """Go on to the next part of an `if`."""
        block = self._open[-1] if self._open else None
        if block is None or block.word != "if":
            return
        if text == "then":
            test = () if block.test is None else (block.test,)
            block.arms = (*block.past, *test)
            block.past = (*block.past, *(Arm(x.subject, x.others, x.values, x.block) for x in test))[:_MAX_PAST]
            block.waits = False
        elif text in ("elif", "else"):
            block.arms, block.test = block.past, None
            block.waits = text == "elif"

    def _command(self, words: Sequence[Word], at: int) -> None:
        """What a simple command says of the block that it opens, or that waits for what it tests."""
        self._defined = ""
        block = self._open[-1] if self._open else None
        texts = [word.text for word in words[at:]]
        if block is None:
            return
        if block.word == "case" and texts[0] == "case" and len(texts) > 1:
            block.subject = texts[1]
            block.patterns = tuple(texts[3:])
        elif block.waits:
            first = at > 0 and words[at - 1].text in ("if", "elif")
            block.test = _test(texts, block.number) if first else None

    def pattern(self, patterns: Sequence[str]) -> None:
        """An arm of the innermost `case` begins: with these patterns, besides those that its header line has."""
        block = self._open[-1] if self._open else None
        if block is not None and block.word == "case":
            values = (*block.patterns, *patterns)
            past = tuple(value for arm in block.past for value in arm.values)
            block.arms = (Arm(block.subject, values, past[:_MAX_PAST], block.number),)
            block.past, block.patterns = (*block.past, *block.arms)[:_MAX_PAST], ()

    def end(self) -> None:
        """An arm ends: nothing is known of what follows, until its patterns are."""
        if self._open and self._open[-1].word == "case":
            self._open[-1].arms = ()


def _test(texts: Sequence[str], block: int) -> Arm | None:
    """What `[ word = value ]` and its like compare; None for any other test."""
    end = _TESTS.get(texts[0])
    if end is None or (end and list(texts[-1:]) != end):
        return None
    match texts[1 : len(texts) - len(end)]:
        case [("-z" | "-n") as operator, subject]:
            value = ""
        case [subject, ("=" | "==" | "!=") as operator, value] if "$" not in value:
            pass
        case _:
            return None
    negated = operator in ("-n", "!=")
    return Arm(subject, () if negated else (value,), (value,) if negated else (), block)
