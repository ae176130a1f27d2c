"""What hosts files, extra_hosts and hostAliases make of names (RFC 6761 section 6.3; hosts(5))."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bindlint.addresses import Families, Kind, classify

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.facts import HostsEntry
    from bindlint.resolve.placement import Project
    from bindlint.source import Site

# Names under these never leave a private network: RFC 6761, RFC 6762, RFC 8375, RFC 2606, and common local use.
_PRIVATE = {
    "local", "lan", "home", "internal", "intranet", "intra", "private", "corp", "localdomain", "test", "example",
    "invalid", "arpa", "docker", "dev", "box", "host",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NameMapping:
    """A line that maps names, and what that does: "localhost", "localhost-one-family", "public" or "other"."""

    entry: HostsEntry
    names: str
    shown: str

    @property
    def site(self) -> Site:
        """The line."""
        return self.entry.site


def mappings(project: Project) -> Iterator[NameMapping]:
    """Every entry that does something to localhost or to a public name."""
    loopback: dict[str, list[HostsEntry]] = defaultdict(list)
    for entry in project.hosts:
        local = [name for name in entry.names if _is_localhost(name)]
        if local and entry.address.kind is Kind.LOOPBACK:
            if entry.origin == "hosts":
                loopback[entry.site.path].append(entry)
        elif local:
            yield NameMapping(entry, "localhost", local[0])
        elif entry.address.kind is Kind.SPECIFIC and (public := [name for name in entry.names if _is_public(name)]):
            yield NameMapping(entry, "public", public[0])
    for entries in loopback.values():
        plain = [e for e in entries if "localhost" in e.names]
        if len({e.address.families for e in plain}) == 1 and plain:
            missing = "::1" if plain[0].address.families is Families.V4 else "127.0.0.1"
            yield NameMapping(plain[0], "localhost-one-family", missing)


def _is_localhost(name: str) -> bool:
    return classify(name)[0] is Kind.LOCALHOST and not name.lower().startswith("ip6-loopback")


def _is_public(name: str) -> bool:
    labels = name.lower().rstrip(".").split(".")
    return len(labels) > 1 and labels[-1] not in _PRIVATE and labels[-1].isalpha() and len(labels[-1]) > 1
