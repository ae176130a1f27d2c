"""How each listener row of rules/servers/ is known: by the kernel, or by what its `source` cites."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from oracle import claims
from oracle.servers.measure import proven

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from oracle.servers.measure import Outcome

# A program's file, a manual page, documentation by its name: what somebody else can look up.
_CITED = re.compile(
    r"[\w.-]+/[\w./*-]+|\(\d\)|\b(?:manual|documentation|guide|module|types\.go)\b|\b[\w-]+\.(?:c|go|md|conf|ini|yml)\b",
    re.IGNORECASE,
)


_RUN = re.compile(r"\d[\w.]* (?:[\w-]+ )*run\b")


@dataclass(frozen=True)
class Evidence:
    """A row, and what speaks for it: `kernel` (a case), `source`, `run` (its author's, with a version), `neither`."""

    name: str
    source: str
    by: str


def rows(outcomes: Iterable[Outcome]) -> list[Evidence]:
    """Every listener row, by the cases that were run or recorded."""
    every = list(outcomes)
    found = []
    for server in claims.KNOWLEDGE.servers:
        for number, row in enumerate(server.listeners, 1):
            own = [one for one in every if _speaks(one, server.software)]
            said = f"{row.source} {server.source}"
            cited = "source" if _CITED.search(said) else "run" if _RUN.search(said) else "neither"
            by = "kernel" if proven(server, row, own) else cited
            found.append(Evidence(f"{server.software} #{number}", row.source, by))
    return found


def told(found: Sequence[Evidence]) -> str:
    """The rows counted by what speaks for them."""
    counted = Counter(one.by for one in found)
    said = {
        "kernel": "proven by a case",
        "source": "by source",
        "run": "by a run of its author's",
        "neither": "neither",
    }
    return f"{len(found)}; " + ", ".join(f"{counted[by]} {words}" for by, words in said.items())


def _speaks(outcome: Outcome, software: str) -> bool:
    """Whether a file of the case is this server's."""
    owners = (claims.KNOWLEDGE.servers.owner(path, text.encode()) for path, text in outcome.case.files.items())
    return any(owner is not None and owner.software == software for owner in owners)
