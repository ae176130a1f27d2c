"""What the command line of a program says of the address that one of its options decides."""

from __future__ import annotations

import re
from dataclasses import replace

from bindlint.addresses import Families, Kind, classify
from bindlint.facts import Address, Known, Launch, Listener, Step, Word
from bindlint.source import Site, Slot, Span

_DEFAULT = re.compile(r"\$\{\w+:?-([^{}$]*)\}")  # `${HOST:-0.0.0.0}` where no HOST is set


def on_command_line(listener: Listener, launch: Launch, word: Word) -> Listener:
    """A listener with the address that a command line gives to the option that decides it."""
    default = _DEFAULT.fullmatch(word.text)
    text = default[1] if default else word.text
    kind, families = classify(text)
    if "$" in text:
        kind, families = Kind.UNKNOWN, Families.UNKNOWN
    known = Known.UNKNOWN if kind is Kind.UNKNOWN else Known.CONSTANT if default else Known.LITERAL
    trail = (Step(launch.site, "starts the program"), Step(listener.site, "where the option decides"))
    slot = Slot(word.site) if known is Known.LITERAL else None
    address = Address(text, kind, known, families, slot, (*trail, *listener.address.trail), word.text)
    return replace(listener, site=word.site, address=address)


def argument(words: tuple[Word, ...], flags: tuple[str, ...]) -> Word | None:
    """The value of an option in a command line, the last one given: `--host X`, `--host=X`, `-hX` is not read."""
    found = None
    for word, following in zip(words, (*words[1:], None), strict=False):
        name, equals, value = word.text.partition("=")
        if word.text in flags and following is not None and not following.text.startswith("-"):
            found = following
        elif equals and name in flags:
            start = word.site.span.end - len(value)
            found = Word(value, Site(word.site.path, Span(start, word.site.span.end)))
    return found
