"""Hosts files: `address name …` lines (hosts(5)), in the repository or baked into an image."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

from bindlint.addresses import classify
from bindlint.facts import Address, Fact, HostsEntry, Problem
from bindlint.source import Slot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.knowledge import Knowledge
    from bindlint.source import Source

_NAME = re.compile(r"(?:^|/)(?:hosts|etc[-_.]hosts|hosts\.(?:txt|docker|template|j2|sample|local))$", re.IGNORECASE)
_LINE = re.compile(r"[^\r\n]+")
_FIELD = re.compile(r"[^\s#]+")
_BLOCKED = re.compile(r"[ \t]*(?:0\.0\.0\.0|127\.0\.0\.1|::1?)[ \t]+\S")
_MOST_BLOCKED = 1_000
_EXPRESSION = re.compile(r"\{\{[^{}\r\n]*\}\}|\{%[^\r\n]*?%\}|\{#[^\r\n]*?#\}|<%[^\r\n]*?%>|[$%]\{[^{}\r\n]*\}")
_INVENTORY = ("[", "---", "ansible_", "- ")


def claims(path: str, data: bytes, knowledge: Knowledge) -> bool:  # noqa: ARG001 - the shape of a reader
    """Whether a file is a hosts file and not an Ansible inventory of the same name: most lines map an address."""
    if not _NAME.search(path):
        return False
    text = _EXPRESSION.sub("", data[:65536].decode("utf-8", "replace"))
    written = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if any(line.lstrip().startswith(_INVENTORY) or "ansible_" in line for line in written):
        return False
    mapping = sum(_maps(line) for line in written)
    return mapping > 0 and 2 * mapping >= len(written)


def gate(data: bytes, knowledge: Knowledge) -> bool:  # noqa: ARG001 - the shape of a reader
    """Whether the file can state a fact: every claimed one maps something."""
    return b"\0" not in data[:1024]


def read(source: Source, knowledge: Knowledge) -> Iterator[Fact | Problem]:  # noqa: ARG001 - the shape of a reader
    """An entry a line; a line that maps nothing is a problem, and the others are read.

    A name that leads to this machine or nowhere is nobody's concern unless it is a name of this machine. Lists of
    what to block hold 100,000 of them, of which the first are stated.
    """
    blocked = 0
    for line in _LINE.finditer(source.text, 1 if source.text.startswith("\ufeff") else 0):
        written = line[0].partition("#")[0]
        if _BLOCKED.match(written) and "local" not in written.lower():
            blocked += 1
            if blocked > _MOST_BLOCKED:
                continue
        plain = _EXPRESSION.sub(lambda match: " " * len(match[0]), written)
        fields = [(line.start() + match.start(), match[0]) for match in _FIELD.finditer(plain)]
        if not fields:
            continue
        (start, address), *names = fields
        if not _is_address(address) or not names:
            if plain == written:  # what a template's line maps is decided when it is filled in
                reason = "expected an IP address and names" if names else "an address without names"
                yield Problem(source.path, reason, source.line(start), partial=True)
            continue
        kind, families = classify(address)
        slot = Slot(source.site(start, start + len(address)))
        site = source.site(start, names[-1][0] + len(names[-1][1]))
        yield HostsEntry(site, Address(address, kind, families=families, slot=slot), tuple(name for _, name in names))


def _maps(line: str) -> bool:
    """Whether a line begins with an address and a name follows."""
    fields = line.lstrip("\ufeff").partition("#")[0].split()
    return len(fields) > 1 and _is_address(fields[0])


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True
