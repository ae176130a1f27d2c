"""Which commands of a script a container executes, by the arguments and variables that it gives to it."""

from __future__ import annotations

from collections import defaultdict
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from bindlint.facts import Word, places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bindlint.facts import Branch, Condition, Fact, Launch


class Branches:
    """The commands of scripts that are executed on a condition."""

    def __init__(self, found: Iterable[Branch] = ()) -> None:
        """Keep them by their script."""
        self._found: dict[str, list[Branch]] = defaultdict(list)
        for branch in found:
            self._found[branch.site.path].append(branch)

    def executed(self, fact: Fact, script: str, given: Callable[[str], str | None]) -> bool:
        """Whether the commands of a script that state a fact can be executed with what is `given` to it, by name.

        That is "" for what is not set, None for what nobody knows.
        """
        within = self._within(fact) if fact.site.path == script else ()
        return all(any(all(_holds(c, given(c.name)) for c in way) for way in b.ways) for b in within)

    def conditional(self, fact: Fact) -> bool:
        """Whether what states a fact is executed on a condition."""
        return bool(self._within(fact))

    def _within(self, fact: Fact) -> list[Branch]:
        starts = [site.span.start for site in places(fact) if site.path == fact.site.path]
        here = self._found.get(fact.site.path, ())
        return [b for b in here if any(b.site.span.start <= start < b.site.span.end for start in starts)]


def _holds(condition: Condition, value: str | None) -> bool:
    """Whether a condition may hold: one that nobody knows enough of may."""
    value = condition.default if value == "" else value
    if value is None or "$" in value or any("$" in pattern for pattern in condition.values):
        return True
    matched = not condition.values or any(fnmatchcase(value, pattern) for pattern in condition.values)
    return matched and not any(fnmatchcase(value, pattern) for pattern in condition.others)


def behind(launch: Launch) -> tuple[Word, ...]:
    """What a program that executes a script gives to it: what stands behind its name."""
    words = launch.arguments
    names = [word.text.removeprefix("./") for word in words]
    return words[names.index(launch.files[0]) + 1 :] if launch.files and launch.files[0] in names else words


def whole(launch: Launch) -> tuple[Word, ...]:
    """The words of a command line that starts a program; options alone are for one that only the image knows."""
    options = bool(launch.arguments) and launch.arguments[0].site == launch.site
    return launch.arguments if options else (Word(launch.program, launch.site), *launch.arguments)
