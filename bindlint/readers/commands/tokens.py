"""The words of a shell text, each with the exact place it is written.

A linear tokenizer for POSIX sh as far as a simple command goes (Shell Command Language, IEEE Std 1003.1, sections 2.2
quoting, 2.3 token recognition, 2.7 redirection, 2.9.1 simple commands). Parameters and substitutions stay the text that
was written; redirections, comments and here-documents say nothing here and are dropped.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bindlint.facts import Word
from bindlint.readers.commands.blocks import CLOSERS, HEADERS, OPENERS, Blocks
from bindlint.readers.commands.words import Bare, Simple, Spread, made, offsets_of, place
from bindlint.source import Site, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bindlint.source import Source

_PLAIN = re.compile(r"[^\s\\'\"`$#;&|<>()]+")
_BLANK = re.compile(r"[ \t\r\f\v]+")
_QUOTED = re.compile(r'[^\\"$`]+')
_NESTED = re.compile(r"[\\'\"`(){}]|\$[({]")
_PARENTHESES = re.compile(r"[()]")
_ESCAPED_IN_QUOTES = '"\\$`\n'
_REDIRECTIONS = ("<<<", "<<-", "<<", ">>", ">|", ">&", "<&", "<>", "<", ">")
_PARAMETER = re.compile(r"\$(?:[A-Za-z_]\w*|\{[A-Za-z_]\w*\})")


def shell_words(source: Source, start: int, end: int) -> list[Simple]:
    """The simple commands of the shell text at a range of a source, in order."""
    whole = source.site(start, end)
    return simple_commands(source.text[start:end], range(start, end), whole)


def word_commands(word: Word) -> list[Simple]:
    """The simple commands of the shell text that a word holds (`sh -c "…"`)."""
    return simple_commands(word.text, offsets_of(word), word.site)


def simple_commands(text: str, offsets: Sequence[int], whole: Site) -> list[Simple]:
    """The simple commands of a text whose characters stand at `offsets` of the file `whole.path`.

    Without offsets every word has the place `whole`.
    """
    return _Tokens(text, offsets, whole).read()


def split_words(text: str, offsets: Sequence[int], whole: Site) -> list[Word]:
    """The words of a text in which quotes and escapes count, but nothing ends a command (a Dockerfile's ENV)."""
    return [word for words in _Tokens(text, offsets, whole, operators=False).read() for word in words]


class _Tokens:
    """One pass over a shell text."""

    def __init__(self, text: str, offsets: Sequence[int], whole: Site, *, operators: bool = True) -> None:
        self.text = text
        self.operators = operators
        self.offsets = offsets
        self.whole = whole
        self.commands: list[Simple] = []
        self.words: list[Word] = []
        self.marks: list[bool] = []  # of each word, whether any of it was quoted
        self.start: int | None = None  # where the current word began
        self.runs: list[tuple[int, int]] = []  # the ranges of the text that it is made of
        self.quoted = False
        self.target = False  # the next word is the target of a redirection
        self.here = False  # "<<" seen: the next word is a delimiter
        self.delimiters: list[tuple[str, bool]] = []
        self.strip_tabs = False
        self.depth = 0
        self.line = 0  # index of the first command since the last line break or ";"
        self.blocks = Blocks()
        self.joined = False  # behind && or ||
        self.unclosed = False  # a substitution without an end was seen: look for no further end

    def read(self) -> list[Simple]:
        at, size = 0, len(self.text)
        while at < size:
            at = self._step(at)
        self._end_command()
        return self.commands

    def _step(self, at: int) -> int:
        text = self.text
        if match := _PLAIN.match(text, at):
            self._add(at, match.end())
            return match.end()
        if match := _BLANK.match(text, at):
            self._end_word()
            return match.end()
        character = text[at]
        if character in "\\'\"$`":
            return self._quotation(at, character)
        if self.operators:
            return self._special(at, character)
        if character == "\n":
            self._end_word()
        else:
            self._add(at, at + 1)
        return at + 1

    def _quotation(self, at: int, character: str) -> int:
        if character == "\\":
            return self._escape(at)
        if character == "'":
            return self._single(at)
        if character == '"':
            return self._double(at)
        end = self._substitution(at)
        self._add(at, end)
        return end

    def _special(self, at: int, character: str) -> int:
        if character == "#":
            if self.start is not None:
                self._add(at, at + 1)
                return at + 1
            end = self.text.find("\n", at)
            return len(self.text) if end < 0 else end
        if character in "<>":
            return self._redirection(at)
        return self._operator(at, character)

    def _add(self, start: int, end: int) -> None:
        if self.start is None:
            self.start = start
        if self.runs and self.runs[-1][1] == start:
            self.runs[-1] = (self.runs[-1][0], end)
        elif end > start:
            self.runs.append((start, end))

    def _escape(self, at: int) -> int:
        following = self.text[at + 1 : at + 2]
        if following == "\n":
            return at + 2
        if self.text.startswith("\r\n", at + 1):
            return at + 3
        if following:
            self._add(at + 1, at + 2)
            self.quoted = True
        return at + 2

    def _single(self, at: int) -> int:
        end = self.text.find("'", at + 1)
        end = len(self.text) if end < 0 else end
        if self.start is None:
            self.start = at + 1
        self._add(at + 1, end)
        self.quoted = True
        return end + 1

    def _double(self, at: int) -> int:
        text, size = self.text, len(self.text)
        if self.start is None:
            self.start = at + 1
        self.quoted = True
        at += 1
        while at < size and text[at] != '"':
            if text[at] == "\\" and text[at + 1 : at + 2] and text[at + 1] in _ESCAPED_IN_QUOTES:
                if text[at + 1] != "\n":
                    self._add(at + 1, at + 2)
                at += 2
            elif text[at] in "$`":
                end = self._substitution(at)
                self._add(at, end)
                at = end
            elif match := _QUOTED.match(text, at):
                self._add(at, match.end())
                at = match.end()
            else:
                self._add(at, at + 1)
                at += 1
        return at + 1

    def _substitution(self, at: int) -> int:
        """The end of `$(…)`, `${…}`, "`…`" that begins here; of one character when it is none, or never ends."""
        text = self.text
        if text[at] == "`":
            end = -1 if self.unclosed else text.find("`", at + 1)
            self.unclosed = self.unclosed or end < 0
            return end + 1 if end > 0 else at + 1
        if text[at + 1 : at + 2] not in ("(", "{") or not text[at + 1 : at + 2] or self.unclosed:
            return at + 1
        closers: list[str] = []
        for match in _NESTED.finditer(text, at):
            mark = match[0]
            if match.start() and text[match.start() - 1] == "\\" and mark != "\\":
                continue
            if closers and closers[-1] == "'":
                if mark == "'":
                    closers.pop()
            elif closers and mark == closers[-1]:
                closers.pop()
                if not closers:
                    return match.end()
            elif mark in ("$(", "${"):
                closers.append(")" if mark == "$(" else "}")
            elif mark == "(" and closers and closers[-1] == ")":
                closers.append(")")
            elif mark in ("'", '"', "`") and not (mark == "'" and '"' in closers[-1:]):
                closers.append(mark)
        self.unclosed = True
        return at + 1

    def _redirection(self, at: int) -> int:
        text = self.text
        if self.start is not None and not self.quoted and self._current().isdigit():
            self.start, self.runs = None, []
        else:
            self._end_word()
        if text.startswith(("<(", ">("), at):
            end = self._parenthesis(at + 1)
            self._add(at, end)
            return end
        for operator in _REDIRECTIONS:
            if text.startswith(operator, at):
                self.target = True
                if operator in ("<<", "<<-"):
                    self.here = True
                    self.strip_tabs = operator == "<<-"
                return at + len(operator)
        return at + 1

    def _parenthesis(self, at: int) -> int:
        """The end of the parentheses that open here; of one character when they never close."""
        depth = 0
        for match in () if self.unclosed else _PARENTHESES.finditer(self.text, at):
            depth += 1 if match[0] == "(" else -1
            if depth == 0:
                return match.end()
        self.unclosed = True
        return at + 1

    def _operator(self, at: int, character: str) -> int:
        text = self.text
        if character == "&" and text.startswith("&>", at):
            self._end_word()
            self.target = True
            return at + (3 if text.startswith("&>>", at) else 2)
        if character == "(":
            if self.start is not None and not self.quoted and self._current().endswith("="):  # an array
                end = self._parenthesis(at)
                self._add(at, end)
                return end
            if self.start is not None or self.words:  # a function definition
                self._end_word()
                self.blocks.define(self.words)
                self.words, self.marks = [], []
            self._end_command()
            self.depth += 1
            return at + 1
        if character == ")":
            if self.depth == 0:  # a pattern of `case`
                self._pattern()
            else:
                self.depth -= 1
            self._end_command()
            self.line = len(self.commands)
            return at + 1
        self._end_command()
        self.joined = self.joined or text.startswith(("&&", "||"), at)
        if character in ";\n":
            self.line = len(self.commands)
        if text.startswith(";;", at):
            self.blocks.end()
        if character == "\n" and self.delimiters:
            return self._skip_documents(at + 1)
        return at + 1

    def _skip_documents(self, at: int) -> int:
        text = self.text
        for delimiter, strip_tabs in self.delimiters:
            while at < len(text):
                end = text.find("\n", at)
                end = len(text) if end < 0 else end
                line = text[at:end].rstrip("\r")
                at = min(end + 1, len(text))
                if (line.lstrip("\t") if strip_tabs else line) == delimiter:
                    break
        self.delimiters = []
        return at

    def _current(self) -> str:
        if len(self.runs) == 1:
            return self.text[self.runs[0][0] : self.runs[0][1]]
        return "".join([self.text[start:end] for start, end in self.runs])

    def _end_word(self) -> None:
        if self.start is None:
            return
        text, runs = self._current(), self.runs
        start, quoted = self.start, self.quoted
        self.start, self.runs, self.quoted = None, [], False
        if self.target:
            self.target = False
            if self.here:
                self.here = False
                self.delimiters.append((text, self.strip_tabs))
            return
        word = self._word(text, runs, start)
        bare = self.operators and not quoted and type(word) is Word and _PARAMETER.fullmatch(text)
        self.words.append(Bare(text, word.site) if bare else word)
        self.marks.append(quoted)

    def _word(self, text: str, runs: list[tuple[int, int]], start: int) -> Word:
        offsets = self.offsets
        if not offsets:
            return Spread(text, self.whole)
        if len(runs) == 1 and isinstance(offsets, range):
            return Word(text, Site(self.whole.path, Span(offsets[runs[0][0]], offsets[runs[0][1] - 1] + 1)))
        at = place(offsets[start]) if start < len(offsets) else place(offsets[-1]) + 1
        return made(text, [offsets[i] for first, last in runs for i in range(first, last)], self.whole.path, at)

    def _end_command(self) -> None:
        self._end_word()
        self.target = self.here = False
        self._nest()
        words, marks = self.words, self.marks
        self.words, self.marks = [], []
        first = _first(words, marks) if self.operators else 0
        if first < len(words):
            blocks = self.blocks
            perhaps = self.joined or blocks.perhaps
            self.commands.append(Simple(words[first:], perhaps=perhaps, arms=blocks.arms, function=blocks.function))
            self.joined = False

    def _pattern(self) -> None:
        """An arm of a `case` begins: what looks like commands before its parenthesis are its patterns."""
        self._end_word()
        header = [word.text for word in self.words[:1]] == ["case"]
        self._nest()
        last = [] if header else [word.text for word in self.words]
        self.blocks.pattern([*(word.text for words in self.commands[self.line :] for word in words), *last])
        self.words, self.marks = [], []
        del self.commands[self.line :]

    def _nest(self) -> None:
        if self.operators:
            self.joined = self.blocks.nest(self.words, self.marks, joined=self.joined)


def _first(words: list[Word], quoted: list[bool]) -> int:
    """Where a simple command begins behind `if`, `do`, `function name {`; all of the words when there is none."""
    first = 0
    while first < len(words) and not quoted[first]:
        text = words[first].text
        if text == "function":
            first = next((i for i, word in enumerate(words) if word.text == "{"), len(words))
        elif text in HEADERS or text in CLOSERS:
            return len(words)
        elif text not in OPENERS:
            return first
        first += 1
    return first
