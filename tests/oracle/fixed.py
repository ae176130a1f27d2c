"""Files as bindlint leaves them after every fix that it offers, and whether the kernel shows what that promises."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from oracle import claims

from bindlint.config import Config, Options
from bindlint.mending import plan
from bindlint.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from oracle.kernel import Seen, Socket

    from bindlint.diffs import Piece

LISTENING = "loopback"  # what rules call the fix that narrows a listener


@dataclass(frozen=True)
class Mended:
    """A project after its fixes: its files, what was changed in each, and whether listeners are to be narrower."""

    files: Mapping[str, str]
    pieces: Mapping[str, tuple[Piece, ...]]
    narrower: bool


def mended(files: Mapping[str, str]) -> Mended | None:
    """The files after all fixes, safe or not; None where there is none to make."""
    workspace = Workspace(claims.KNOWLEDGE, Config())
    for path, text in files.items():
        workspace.update(path, text.encode())
    report = workspace.report(Options())
    if not any(finding.fix for finding in report.findings):
        return None
    found = plan(workspace, report, Options(), lambda _: True, unsafe=True)
    if not found.changes:
        return None
    remedies = claims.KNOWLEDGE.rules
    return Mended(
        {path: (workspace.data(path) or b"").decode() for path in files},
        {change.path: change.pieces for change in found.changes},
        any(remedies[finding.rule].fix == LISTENING for finding in found.mended),
    )


def broken(before: Seen, after: Seen) -> str:
    """What the kernel shows after a fix that was not promised; "" where it is as it should be.

    The same ports are served as before, and what was not served before is on loopback.
    """
    if not after.sockets:
        return f"nothing listens after the fix: {after.failure or after.said or after.ended}"
    had, has = _ports(before.sockets), _ports(after.sockets)
    if had != has:
        return f"other ports are served: {_told(had - has)} before, {_told(has - had)} after"
    wide = _wide(after.sockets) - _wide(before.sockets)
    return f"served after the fix alone: {_said(wide)}" if wide else ""


def narrowed(before: Seen, after: Seen) -> bool:
    """Whether something that others could reach before is not served any more."""
    return bool(_wide(before.sockets) - _wide(after.sockets))


def _ports(sockets: Sequence[Socket]) -> set[tuple[str, int]]:
    """The ports that somebody chose; where there is none, that the system chose one."""
    chosen = {(one.protocol, one.port) for one in sockets if one.port < claims.EPHEMERAL}
    return chosen or {(one.protocol, 0) for one in sockets}


def _told(ports: set[tuple[str, int]]) -> str:
    return " ".join(f"{protocol}/{port or 'any'}" for protocol, port in sorted(ports)) or "nothing"


def _wide(sockets: Iterable[Socket]) -> set[tuple[str, str, int]]:
    """Where others come in: protocol, family with its address, and port; an IPv6 wildcard may stand for two."""
    found = set()
    for one in sockets:
        address = ipaddress.ip_address(one.address)
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        if not (mapped or address).is_loopback:
            port = one.port if one.port < claims.EPHEMERAL else 0
            found.add((one.protocol, str(mapped or address), port))
            if one.dual:
                found.add((one.protocol, "0.0.0.0", port))
    return found


def _said(places: set[tuple[str, str, int]]) -> str:
    return " ".join(f"{protocol}/{address} {port or 'any'}" for protocol, address, port in sorted(places))
