"""On which arguments and variables of a script each of its commands is executed, as far as its text says.

Source: Shell Command Language, IEEE Std 1003.1, 2.5.1 (positional parameters), 2.6.2 (defaults), 2.9.5 (functions have
positional parameters of their own), 2.14 (shift, set).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from itertools import chain, islice
from typing import TYPE_CHECKING

from bindlint.facts import Branch, Condition
from bindlint.readers.commands.variables import ASSIGNMENT, SETTERS
from bindlint.source import Site, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bindlint.readers.commands.words import Arm, Simple

MAX_WAYS = 50  # to one command
_DEPTH = 6  # of functions that call functions
_SUBJECT = re.compile(r"\$(?:(\w+)|\{(\w+)(?::?[-=]([^{}$'\"`]*))?\})")
_ALL = frozenset({"$@", "$*", "${@}", "${*}"})
_FIRST = frozenset({"$1", "${1}"})
Way = tuple[Condition, ...]


class Script:
    """The commands of a script, in order."""

    def __init__(self, commands: Sequence[Simple]) -> None:
        """Look at what each sets, shifts and calls, in the order in which they are written."""
        self._conditions: list[Way] = []
        self._callers: dict[str, list[int]] = defaultdict(list)
        self._commands = commands
        self._shifted: dict[str, int | None] = defaultdict(int)  # by function
        self._held: dict[str, tuple[str, Condition | None]] = {}  # what a variable stands for, and in which function
        self._compared: dict[tuple[int, str], Condition | None] = {}
        for at, words in enumerate(commands):
            known = (self._condition(arm, words.function) for arm in words.arms)
            self._conditions.append(tuple(one for one in known if one is not None))
            self._callers[words[0].text].append(at)
            self._take_in(words)

    def branches(self, stated: Sequence[Site]) -> Iterator[Branch]:
        """The commands that are executed on a condition, of those that something is stated at."""
        starts = sorted(site.span.start for site in stated)
        for at, words in enumerate(self._commands):
            first, last = words[0].site, words[-1].site
            end = max(last.span.end, first.span.end)
            if bisect_left(starts, first.span.start) == bisect_left(starts, end):
                continue
            ways = self._ways(at, _DEPTH)
            if len(ways) <= MAX_WAYS and all(ways):
                yield Branch(Site(first.path, Span(first.span.start, end)), tuple(dict.fromkeys(ways)))

    def _take_in(self, words: Simple) -> None:
        """Keep what a command does to the variables and the arguments that are compared later."""
        name = words[0].text
        if name == "shift":
            shifted = self._shifted[words.function]
            by = words[1].text if len(words) > 1 else "1"
            sure = shifted is not None and not words.perhaps and by.isdecimal() and len(by) == 1
            self._shifted[words.function] = (shifted or 0) + int(by) if sure else None
        elif name == "set" and any(not word.text.startswith(("-", "+")) or word.text == "--" for word in words[1:]):
            self._shifted[words.function] = None
        for word in words[name in SETTERS :]:
            if (match := ASSIGNMENT.match(word.text)) is None:
                continue
            variable = match[0].rstrip("+=")
            value = self._subject(word.text[match.end() :], words.function)
            known = (words.function, value)
            self._held[variable] = known if self._held.get(variable, known) == known else ("", None)

    def _subject(self, text: str, function: str) -> Condition | None:
        """The variable that a word stands for, without what it is compared with; None when nobody knows."""
        match = _SUBJECT.fullmatch(text)
        if match is None:
            return None
        name, default = match[1] or match[2], match[3] or ""
        if name.isdecimal():
            shifted = self._shifted[function]
            return None if shifted is None or name == "0" else Condition(str(int(name) + shifted), (), (), default)
        where, held = self._held.get(name, (function, Condition(name, (), (), default)))
        if held is None or (held.name.isdecimal() and where != function):
            return None
        return Condition(held.name, (), (), held.default or default)

    def _condition(self, arm: Arm, function: str) -> Condition | None:
        """What an arm asks for. A compound command compares what a word stands for where it begins."""
        key = (arm.block, arm.subject)
        if key not in self._compared:
            self._compared[key] = self._subject(arm.subject, function)
        one = self._compared[key]
        return None if one is None else Condition(one.name, arm.values, arm.others, one.default)

    def _ways(self, at: int, depth: int) -> list[Way]:
        """What must hold for a command to be executed: one of these; an empty one for nothing."""
        words, own = self._commands[at], self._conditions[at]
        if not words.function:
            return [own]
        if not self._passed(words.function):
            own = tuple(one for one in own if not one.name.isdecimal())
        return [(*way, *own) for way in self._called(words.function, depth)] if depth else [own]

    def _called(self, function: str, depth: int) -> list[Way]:
        """What must hold for a function to be called: by its name, or by `"$@"` by that of an argument."""
        plain = (way for at in self._callers[function] for way in self._ways(at, depth - 1))
        named = Condition("1", (function,))
        indirect = (at for word in sorted(_ALL | _FIRST) for at in self._callers[word])
        others = ((*way, named) for at in indirect for way in self._ways(at, depth - 1))
        return list(islice(chain(plain, others), MAX_WAYS + 1)) or [()]

    def _passed(self, function: str) -> bool:
        """Whether each call of a function gives it the script's own arguments."""
        calls = [self._commands[at] for at in self._callers[function]]
        return all(not c.function and [w.text for w in c[1:2]] != [] and c[1].text in _ALL | _FIRST for c in calls)
