"""What a published port means to Docker, however it is asked for: which addresses, one publication for each port."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bindlint.addresses import Families, Kind
from bindlint.facts import Address, Known, Reach

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.facts import Publication
    from bindlint.readers.ports import Range
    from bindlint.source import Slot

MAX_EACH = 100  # ports of a range that are stated one by one; of a longer one only the first


def everywhere(slot: Slot | None) -> Address:
    """No address given: every interface, both families.

    moby daemon/libnetwork/drivers/bridge/port_mapping_linux.go: the default 0.0.0.0 implies ::.
    """
    return Address("", Kind.WILDCARD, Known.DEFAULT, Families.DUAL, slot)


def reach(kind: Kind) -> Reach:
    """How far a port that is published on such an address of the host opens."""
    return Reach.HOST if kind in (Kind.LOOPBACK, Kind.LOCALHOST) else Reach.LAN


def loopback(kind: Kind, families: Families, *, brackets: bool) -> str:
    """What to write for loopback in place of such an address; "" for the plain one."""
    if families is not Families.V6 or kind is not Kind.WILDCARD:
        return ""
    return "[::1]" if brackets else "::1"


def each(publication: Publication, published: Range | None, target: Range | None) -> Iterator[Publication]:
    """One publication for each container port; a range of host ports for one container port is a pool."""
    count = target[1] - target[0] + 1 if target else 1
    paired = published is not None and published[1] - published[0] + 1 == count
    for index in range(count if count <= MAX_EACH else 1):
        port = published[0] + (index if paired else 0) if published else None
        yield replace(publication, port=port or None, container_port=target[0] + index if target else None)
