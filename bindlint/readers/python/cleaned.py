"""Facts of command lines, without the variables that stood for expressions of Python."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from bindlint.addresses import Kind
from bindlint.facts import Connection, Launch, Listener, Publication, Step

if TYPE_CHECKING:
    from bindlint.facts import Address, Fact
    from bindlint.readers.python.pieces import Texts
    from bindlint.source import Site

STAND_IN = re.compile(r"\$\{(__[0-9]+)\}")
ALONE = re.compile(r"(?<!\S)\$\{(__[0-9]+)\}(?!\S)")  # a word of its own, or several


def cleaned(fact: Fact, place: Site, texts: Texts) -> Fact:
    """A fact as Python says it. One that is written in another file is stated at the place of the call."""
    elsewhere = fact.site.path != place.path
    if isinstance(fact, Listener | Connection):
        address = spoken(fact.address, texts)
        if not elsewhere:
            return replace(fact, address=address)
        step = Step(fact.site, "the command line is written here")
        return replace(fact, site=place, address=replace(address, trail=(step, *address.trail)))
    if isinstance(fact, Publication):
        return replace(fact, address=spoken(fact.address, texts), site=place if elsewhere else fact.site)
    if isinstance(fact, Launch):
        files = tuple(dict.fromkeys(name for file in fact.files if (name := _tail(file))))
        arguments = tuple(replace(word, text=_told(word.text, texts)) for word in fact.arguments)
        return replace(fact, arguments=arguments, files=files, site=place if elsewhere else fact.site)
    return fact


def spoken(address: Address, texts: Texts) -> Address:
    """An address without the variables: with the hops that they stand for, and a slot only where it is written."""
    stand_ins = texts.stand_ins
    trail: list[Step] = []
    for step in address.trail:
        trail += stand_ins.trails.get(step.note.partition(" ")[0], (step,))
    slot = address.slot
    if slot is not None:
        span = slot.site.span
        near = range(span.start, span.end) if span.end > span.start else range(span.start - 1, span.start)
        if not texts.are_written(slot.site.path, near):
            slot = None  # not letter for letter
    match = STAND_IN.search(address.text)
    if address.kind is not Kind.UNKNOWN or match is None:
        return replace(address, slot=slot, trail=tuple(trail))
    maybe = stand_ins.maybe.get(address.maybe or match[1], address.maybe)
    return replace(address, text="", slot=None, trail=tuple(trail), maybe=maybe)


def _told(text: str, texts: Texts) -> str:
    """A word with the values of the variables that are known, and what decides the others."""
    ins = texts.stand_ins
    return STAND_IN.sub(
        lambda m: ins.words[m[1]].text if m[1] in ins.words else f"${{{ins.maybe.get(m[1], '')}}}", text
    )


def _tail(file: str) -> str:
    """What is known of the end of a file's path."""
    return file.rpartition("}")[2].lstrip("/") if STAND_IN.search(file) else file
