"""Hosts files: `address name …` lines (hosts(5)), in the repository or baked into an image."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

from bindlint.addresses import classify
from bindlint.facts import Address, Fact, HostsEntry, Problem, Slot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.knowledge import Knowledge
    from bindlint.source import Source

_NAME = re.compile(r"(?:^|/)(?:hosts|etc[-_.]hosts|hosts\.(?:txt|docker|template|j2|sample|local))$", re.IGNORECASE)
_LINE = re.compile(r"[^\r\n]+")
_FIELD = re.compile(r"[^\s#]+")
_INVENTORY = (b"[", b"---", b"ansible_", b"- ")


def claims(path: str, data: bytes, knowledge: Knowledge) -> bool:  # noqa: ARG001 - the shape of a reader
    """Whether a file is a hosts file and not an Ansible inventory of the same name: most lines map an address."""
    if not _NAME.search(path):
        return False
    written = [line for line in data[:65536].splitlines() if line.strip() and not line.lstrip().startswith(b"#")]
    if any(line.lstrip().startswith(_INVENTORY) or b"ansible_" in line for line in written):
        return False
    mapping = sum(_maps(line) for line in written)
    return mapping > 0 and 2 * mapping >= len(written)


def gate(data: bytes, knowledge: Knowledge) -> bool:  # noqa: ARG001 - the shape of a reader
    """Whether the file can state a fact: every claimed one maps something."""
    return b"\0" not in data[:1024]


def read(source: Source, knowledge: Knowledge) -> Iterator[Fact | Problem]:  # noqa: ARG001 - the shape of a reader
    """An entry a line; a line that maps nothing is a problem, and the others are read."""
    for line in _LINE.finditer(source.text, 1 if source.text.startswith("\ufeff") else 0):
        end = line.start() + len(line[0].partition("#")[0])
        fields = list(_FIELD.finditer(source.text, line.start(), end))
        if not fields:
            continue
        first, *names = fields
        if not _is_address(first[0]) or not names:
            reason = "expected an IP address and names" if names else "an address without names"
            yield Problem(source.path, reason, source.line(first.start()), partial=True)
            continue
        kind, families = classify(first[0])
        slot = Slot(source.site(*first.span()))
        site = source.site(first.start(), names[-1].end())
        yield HostsEntry(site, Address(first[0], kind, families=families, slot=slot), tuple(name[0] for name in names))


def _maps(line: bytes) -> bool:
    """Whether a line begins with an address and a name follows."""
    fields = line.decode("utf-8", "replace").lstrip("\ufeff").partition("#")[0].split()
    return len(fields) > 1 and _is_address(fields[0])


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True
