"""The cases as they are after bindlint's fixes: each a case of its own, beside the one that was fixed."""

from __future__ import annotations

import re
import shlex
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING

from oracle import recorded
from oracle.fixed import broken, mended, narrowed
from oracle.servers.cases import PLACE, PROCFILE, servers
from oracle.servers.measure import RECORDED, key, recalled

from bindlint.diffs import Piece, spliced

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oracle.servers.cases import Case, Server
    from oracle.servers.measure import Outcome

_VARIABLE = re.compile(r"[A-Za-z_]\w*=")


@dataclass(frozen=True)
class Fixed:
    """A case, the same after its fixes, and whether a listener of it is to be narrower then."""

    server: Server
    before: Case
    after: Case
    narrower: bool


def fixed(server: Server) -> tuple[Fixed, ...]:
    """Every case of a server that has a fix."""
    found = (_fixed(server, case) for case in server.cases)
    return tuple(one for one in found if one is not None)


def everything() -> list[Fixed]:
    """Of every server."""
    return [one for server in servers() for one in fixed(server)]


def verdict(one: Fixed, outcome: Outcome) -> str:
    """What is wrong with a fix, given how the fixed case came out; "" where nothing is.

    A server that refused its file before owes nothing after; then only what bindlint says of the file must hold.
    """
    if outcome.wrong or outcome.seen is None:
        return f"{outcome.status}: the kernel: {outcome.saw}; bindlint: {outcome.said or 'nothing'}"
    line = recorded.load(RECORDED).get(key(one.server, one.before))
    if line is None or not line.seen.sockets:
        return ""
    return broken(line.seen, outcome.seen)


def proven(one: Fixed, outcome: Outcome) -> bool:
    """Whether the server was seen to serve what it served before, and others not to reach what the fix was for."""
    line = recorded.load(RECORDED).get(key(one.server, one.before))
    if outcome.status != "agrees" or line is None or outcome.seen is None or not outcome.seen.sockets:
        return False
    return not verdict(one, outcome) and (narrowed(line.seen, outcome.seen) or not one.narrower)


def remembered(server: Server) -> list[tuple[Fixed, Outcome]]:
    """Each fixed case as it was recorded."""
    found = fixed(server)
    outcomes = recalled(replace(server, cases=tuple(one.after for one in found)))
    return list(zip(found, outcomes, strict=True))


def _fixed(server: Server, case: Case) -> Fixed | None:
    found = mended(case.project)
    if found is None:
        return None
    files = {path: found.files[path] for path in case.files}
    after = replace(case, files=files, title=f"{case.title}, fixed", mended=True)
    if PROCFILE in found.pieces:
        variables, run = _line(case.line, found.pieces[PROCFILE])
        after = replace(after, variables=variables, run=run)
    return Fixed(server, case, after, found.narrower)


def _line(line: str, pieces: Sequence[Piece]) -> tuple[dict[str, str], str]:
    """The variables and the command after edits of its project's line, which names files by relative paths."""
    removed = f"{PLACE}/".encode()
    starts = list(accumulate(len(part) for part in line.encode().split(removed)))[:-1]
    moved = [
        Piece(
            piece.start + len(removed) * bisect_right(starts, piece.start),
            piece.end + len(removed) * max(bisect_right(starts, piece.start), bisect_left(starts, piece.end)),
            piece.data,
        )
        for piece in pieces
    ]
    words = shlex.split(spliced(line.encode(), moved).decode())[1:]
    count = next(i for i, word in enumerate(words) if not _VARIABLE.match(word))
    variables = dict(word.split("=", 1) for word in words[:count])
    return variables, shlex.join(words[count:])
