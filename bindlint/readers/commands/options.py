"""The options of a command line, read by the row of the program that they are given to."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from bindlint.readers.commands.text import expand
from bindlint.readers.commands.words import cut

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bindlint.facts import Word
    from bindlint.knowledge.commands import Command, Evidence, Protection, Setting

_CLUSTER = re.compile(r"-[A-Za-z].")
_OFF = frozenset({"", "no", "false", "off", "0", "none", "disabled", "n", "f"})


@dataclass(frozen=True, slots=True)
class Option:
    """An option as given: its normalised name, the word it is written in, and its values (() when it has none)."""

    name: str
    word: Word
    values: tuple[Word, ...] = ()


@dataclass(slots=True)
class Arguments:
    """The options and the other words of one command line."""

    options: list[Option] = field(default_factory=list)
    others: list[Word] = field(default_factory=list)
    words: Sequence[Word] = ()
    environment: Mapping[str, Word] = field(default_factory=dict)
    fold: tuple[str, ...] = ()

    def given(self, flag: str) -> Iterator[Option]:
        """The mentions of an option (one `*` in its name stands for anything), in order."""
        wanted = normal(flag, self.fold)
        for option in self.options:
            if option.name == wanted or ("*" in wanted and fnmatchcase(option.name, wanted)):
                yield option

    def sign(self, evidence: Evidence) -> Word | None:
        """The word that shows a piece of evidence, or None."""
        if evidence.environment:
            word = self.environment.get(evidence.name)
            return word if word is not None and _shows(evidence, word, self.environment) else None
        if evidence.name.endswith(":"):
            start = evidence.name.lower()
            return next((word for word in self.words if word.text[: len(start)].lower() == start), None)
        if not evidence.name.startswith("-"):
            return next((word for word in self.others if word.text == evidence.name), None)
        for option in reversed(list(self.given(evidence.name))):
            if not option.values:
                return option.word if evidence.value is None else None
            return option.word if _shows(evidence, option.values[-1], self.environment) else None
        return None

    def any_sign(self, evidence: Sequence[Evidence]) -> Word | None:
        """The word that shows the first evidence there is, or None."""
        return next((word for one in evidence if (word := self.sign(one)) is not None), None)


def _shows(evidence: Evidence, word: Word, environment: Mapping[str, Word]) -> bool:
    value = expand(word, environment).text.strip().lower()
    return value not in _OFF if evidence.value is None else value == evidence.value.lower()


def normal(name: str, fold: Sequence[str]) -> str:
    """An option's name, as the program compares it."""
    if "underscores" in fold:
        name = name.replace("_", "-")
    if "dashes" in fold and name.startswith("-") and not name.startswith("--"):
        name = "-" + name
    return name.lower() if "case" in fold else name


@dataclass(frozen=True, slots=True)
class _Grammar:
    """Which options of a row take a value, and how."""

    valued: frozenset[str]
    optional: frozenset[str]
    many: frozenset[str]
    keyed: frozenset[str]
    patterns: tuple[str, ...]

    @classmethod
    def of(cls, row: Command, protections: Sequence[Protection]) -> _Grammar:
        valued, optional, many, keyed = set(row.values) | set(row.folder), set(), set(), set()
        settings: list[Setting] = [row.config] if row.config else []
        evidence: list[Evidence] = []
        for opening in row.openings:
            settings += [opening.address, opening.port]
            evidence += [*opening.when, *opening.unless, *opening.control]
        for calling in row.callings:
            settings += [calling.address, calling.port]
            evidence += [*calling.unless, *(sign for sign, _ in calling.told)]
        for guard in (*row.guards, *protections):
            evidence += [*guard.on, *guard.off]
        for setting in settings:
            for flag in setting.flags:
                name, space, _ = flag.partition(" ")
                if setting.attached:
                    continue
                valued.add(name)
                if space:
                    keyed.add(name)
                if flag in setting.bare:
                    optional.add(flag)
                if setting.many:
                    many.add(flag)
        valued |= {e.name for e in evidence if e.value is not None and not e.environment}
        if row.wraps:
            valued |= {*row.wraps.text, *row.wraps.code, *row.wraps.module, *row.wraps.program}
        for kind in (row.container, row.builds, row.composes, row.applies):
            valued |= kind.valued if kind else set()

        def fold(names: set[str]) -> frozenset[str]:
            return frozenset(normal(name, row.fold) for name in names)

        patterns = tuple(normal(name, row.fold) for name in valued if "*" in name)
        return cls(fold(valued), fold(optional), fold(many), fold(keyed), patterns)

    def takes(self, name: str) -> bool:
        return name in self.valued or any(fnmatchcase(name, pattern) for pattern in self.patterns)


def parse(
    row: Command,
    words: Sequence[Word],
    environment: Mapping[str, Word],
    protections: Sequence[Protection] = (),
    *,
    until: int | None = None,
) -> Arguments:
    """Read the words behind a program's name; stop when more than `until` words that are no options were seen."""
    found = Arguments(words=words, environment=environment, fold=row.fold)
    _Parser(row, words, _Grammar.of(row, protections), found, until).read()
    return found


@dataclass(slots=True)
class _Parser:
    """One pass over the words of a command line."""

    row: Command
    words: Sequence[Word]
    grammar: _Grammar
    found: Arguments
    until: int | None
    at: int = 0

    def read(self) -> None:
        while self.at < len(self.words):
            word = self.words[self.at]
            if word.text == "--":
                self.at += 1
                if self.until is not None:
                    break
            elif word.text.startswith("-") and word.text != "-":
                self.at += 1
                self._option(word)
            else:
                if self.until is not None and len(self.found.others) >= self.until:
                    break
                self.at += 1
                self.found.others.append(word)
        if self.until is not None:
            self.found.words = self.words[self.at :]

    def _option(self, word: Word) -> None:
        text, fold = word.text, self.row.fold
        equals = text.find("=")
        if self.row.clusters and _CLUSTER.match(text):
            self._cluster(word)
        elif equals > 0:
            self._record(normal(text[:equals], fold), word, (cut(word, equals + 1),))
        elif self.row.greedy or self.grammar.takes(normal(text, fold)):
            self._record(normal(text, fold), word, self._values(normal(text, fold)))
        elif "dashes" not in fold and not text.startswith("--") and text[:2] in self.grammar.valued:
            self._record(text[:2], word, (cut(word, 2),))
        else:
            self.found.options.append(Option(normal(text, fold), word))

    def _cluster(self, word: Word) -> None:
        """`-lvp 4444`, `-lvp4444`: the letters up to the first that takes a value: the rest, or else the next word."""
        for index, letter in enumerate(word.text[1:], start=1):
            if f"-{letter}" in self.grammar.valued:
                start = index + 1 + word.text.startswith("=", index + 1)
                rest = (cut(word, start),) if start < len(word.text) else self._values(f"-{letter}")
                self._record(f"-{letter}", word, rest)
                return
            self.found.options.append(Option(f"-{letter}", word))

    def _values(self, name: str) -> tuple[Word, ...]:
        """The words that an option takes, from here on."""
        first = self.at
        if self.row.greedy or name in self.grammar.many:
            while self.at < len(self.words) and not self.words[self.at].text.startswith("--"):
                self.at += 1
        elif first < len(self.words) and not (name in self.grammar.optional and self.words[first].text[:1] == "-"):
            self.at += 1
        return tuple(self.words[first : self.at])

    def _record(self, name: str, word: Word, values: tuple[Word, ...]) -> None:
        if name in self.grammar.keyed and values:
            key, equals, _ = values[-1].text.partition("=")
            if equals:
                value = cut(values[-1], len(key) + 1)
                self.found.options.append(Option(normal(f"{name} {key}", self.row.fold), word, (value,)))
                return
        self.found.options.append(Option(name, word, values))
