"""Compose's `${NAME:-default}`: what a value is with a given environment, and where each part of it is written.

Grammar and meanings: compose-spec 12-interpolation.md, compose-go template/template.go; each form was tried with
docker compose 2.22 and 2.40 (`config --format json`). Values are interpolated before anything else looks at them, so an
entry is expanded first and split after.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_DEPTH = 16  # of defaults within defaults
MAX_LENGTH = 100_000  # of an expanded value
OPAQUE = "\0"  # stands for a value that nobody can know: no YAML text holds it

_REFERENCE = re.compile(
    r"\$(?:(?P<escaped>\$)|(?P<plain>[A-Za-z_][A-Za-z0-9_]*)|\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<operator>:?[-?+])?|(?P<open>\{))"
)
_BRACE = re.compile(r"[{}]")


class State(Enum):
    """How a part of a value came about."""

    LITERAL = "literal"  # written outside of any reference
    DEFAULT = "default"  # a default that applies
    SET = "set"  # the environment's value
    UNSET = "unset"  # nothing: the variable is not set and has no default
    ALTERNATE = "alternate"  # nothing: `${NAME:+text}` and the variable is not set
    REQUIRED = "required"  # `${NAME:?error}` and the variable is not set: no start without a value
    INVALID = "invalid"  # no reference that compose accepts, left as written


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of an expanded value.

    `start` and `end` are where it stands in the template; of an UNSET one, where a default would be written, between
    `before` and `after`. `names` are the variables it depends on, the outermost first. `reference` is the range of the
    innermost `${…}` that it comes from, of no width for literal text.
    """

    text: str
    start: int
    end: int
    state: State = State.LITERAL
    names: tuple[str, ...] = ()
    before: str = ""
    after: str = ""
    reference: tuple[int, int] = (0, 0)


def expand(template: str, environment: Mapping[str, str] | None = None) -> tuple[Part, ...]:
    """The parts of a value, in order; without an environment, of the value that has none set."""
    if "$" not in template:
        return (Part(template, 0, len(template)),)
    return tuple(_expand(template, 0, len(template), environment or {}, (), 0))


def join(parts: tuple[Part, ...]) -> str:
    """The value that the parts make."""
    return "".join(part.text for part in parts)[:MAX_LENGTH]


def _expand(
    template: str, start: int, end: int, environment: Mapping[str, str], names: tuple[str, ...], depth: int
) -> Iterator[Part]:
    state = State.DEFAULT if names else State.LITERAL
    at = start
    while at < end:
        match = _REFERENCE.search(template, at, end)
        if match is None:
            break
        if at < match.start():
            yield Part(template[at : match.start()], at, match.start(), state, names)
        at = match.end()
        if match["escaped"]:
            yield Part("$", match.start() + 1, match.end(), state, names)
        elif match["plain"]:
            yield _plain(match, environment, names)
        else:
            close = _close(template, match.end(), end) if match["name"] else -1
            if close < 0 or depth >= MAX_DEPTH or (not match["operator"] and close != match.end()):
                yield Part(template[match.start() : end], match.start(), end, State.INVALID, names)
                return
            yield from _braced(template, match, close, environment, names, depth)
            at = close + 1
    if at < end:
        yield Part(template[at:end], at, end, state, names)


def _plain(match: re.Match[str], environment: Mapping[str, str], names: tuple[str, ...]) -> Part:
    name = match["plain"]
    value, names = environment.get(name, ""), (*names, name)
    whole = Part(value, match.start(), match.end(), State.SET, names, reference=match.span())
    return whole if value else replace(whole, state=State.UNSET, before=f"${{{name}:-", after="}")


def _braced(
    template: str,
    match: re.Match[str],
    close: int,
    environment: Mapping[str, str],
    names: tuple[str, ...],
    depth: int,
) -> Iterator[Part]:
    name, operator = match["name"], match["operator"] or ""
    value = environment.get(name)
    names = (*names, name)
    whole = Part("", match.start(), close + 1, State.UNSET, names, reference=(match.start(), close + 1))
    missing = value is None or (value == "" and operator.startswith(":"))
    if operator.endswith("+"):
        if missing:
            yield replace(whole, state=State.ALTERNATE)
        else:
            yield from _expand(template, match.end(), close, environment, names, depth + 1)
    elif not missing:
        yield replace(whole, text=value or "", state=State.SET)
    elif operator.endswith("?"):
        yield replace(whole, text=OPAQUE, state=State.REQUIRED)
    elif operator and match.end() < close:
        yield from _expand(template, match.end(), close, environment, names, depth + 1)
    else:
        yield replace(whole, start=close, end=close, before="" if operator else ":-")


def _close(template: str, at: int, end: int) -> int:
    """The brace that closes the one before `at`, or -1."""
    depth = 1
    for match in _BRACE.finditer(template, at, end):
        depth += 1 if match[0] == "{" else -1
        if depth == 0:
            return match.start()
    return -1
