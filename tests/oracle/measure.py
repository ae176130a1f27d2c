"""Cases run, and judged: does bindlint say what the kernel did?

- **agrees**: the same set of (protocol, family, how far), nothing more and nothing less.
  What bindlint calls unknown states nothing, and does not count beside what it states.
- **disagrees**: another set; `known` when the case names it with a reason. Families that bindlint leaves open are such
  a set, and so is an unknown address, unless cases of the same row show that they differ for the same text: then
  nothing more can be said.
- **refused**: the library turned the value away and nothing listens. Nobody is exposed, so bindlint must not say
  "wildcard" there; unless another case of the same row shows that the same text does bind every interface under a
  setting that the row cannot see (`address_family` of a class): then the text says what was wanted.
- **broken**: the program could not do what it was written for (an import failed, or it ran and opened nothing): nothing
  was measured.
"""

from __future__ import annotations

import ast
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from oracle import claims, recorded
from oracle.cases import OMITTED
from oracle.kernel import Program, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from oracle.cases import Case
    from oracle.claims import Bound
    from oracle.kernel import Seen, Socket
    from oracle.recorded import Line

    from bindlint.knowledge.apis import Row

QUIET = 10.0  # seconds after which a program that opened nothing is believed to open nothing
_BROKEN = re.compile(r"^(?:ModuleNotFoundError|ImportError|SyntaxError|IndentationError|NameError)\b", re.MULTILINE)
_PORT = re.compile(r"^(?:\w+://)?(.*?):?\d{4,5}(?:/.*)?$")  # ports in the cases have four digits or five
_ENDING = re.compile(r"^[A-Za-z_.]*(?:Error|Exception|Exit)\b.*", re.MULTILINE)


@dataclass(frozen=True)
class Outcome:
    """One value of one case: how it came out, what was said and done, and whether this row is what said it."""

    case: Case
    value: str
    status: str  # agrees, disagrees, known, refused, broken
    sockets: tuple[Socket, ...] = ()
    claimed: frozenset[Bound] = frozenset()
    own: bool = False
    note: str = ""

    @property
    def saw(self) -> str:
        """What the kernel bound, or how the program ended."""
        return " ".join(str(socket) for socket in self.sockets) or self.note or "nothing"


def measured(
    cases: Iterable[Case],
    folders: Mapping[str, Path],
    jobs: int,
    done: Callable[[Outcome], None] = lambda _: None,
    before: Mapping[str, Line] | None = None,
    keep: Callable[[Line], None] = lambda _: None,
) -> list[Outcome]:
    """Every value of every case, run with the interpreter of its environment, `jobs` at a time.

    What stands in `before` is not run again; what was measured is given to `keep`.
    """
    lines = before or {}

    def one(asked: tuple[Case, str]) -> Outcome:
        case, value = asked
        wanted = program(case, value, folders.get(case.environment.name, Path()))
        key = recorded.key(case, wanted)
        held = lines.get(key)
        seen = run(wanted) if held is None else held.seen
        outcome = judged(case, value, seen)
        if held is None and outcome.status != "broken":
            keep(recorded.Line(key, case.library, case.title, value, replace(seen, said=_last(seen))))
        done(outcome)
        return outcome

    with ThreadPoolExecutor(jobs) as pool:
        return settled(list(pool.map(one, [(case, value) for case in cases for value in case.values])))


def keys(case: Case) -> list[str]:
    """The keys of a case's programs, in the order of its values."""
    return [recorded.key(case, program(case, value, Path())) for value in case.values]


def proven(row: Row, outcomes: Iterable[Outcome]) -> bool:
    """Whether the kernel bound, for at least one value, what this very row says."""
    return any(one.case.row is row and one.status == "agrees" and one.own and one.sockets for one in outcomes)


def program(case: Case, value: str, folder: Path) -> Program:
    """What to run for one value of a case."""
    variables = {"PATH": f"{folder}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", **case.variables}
    files = {**case.beside, case.file: case.text(value)}
    words = (str(folder / case.run[0]), *case.run[1:])
    return Program(words, files, variables, QUIET if value in case.quiet else case.limit, case.settle, case.ports)


def judged(case: Case, value: str, seen: Seen) -> Outcome:
    """One value's outcome, on its own."""
    text = case.text(value)
    own = claims.stated(case.file, text, claims.alone(case.row))
    claimed, sockets = claims.stated(case.file, text, claims.KNOWLEDGE), seen.sockets
    if case.ports or case.alone:
        claimed = own
        ours = [one for one in sockets if one.protocol == case.row.protocol]
        sockets = tuple(one for one in ours if not case.ports or one.port in case.ports)
    taken = case.row.takes is not None and bool(claimed)  # a row of what is done with a socket that another row states
    outcome = Outcome(case, value, "agrees", sockets, claimed, bool(own) or taken, _ending(seen))
    if seen.failure or (not sockets and _BROKEN.search(seen.said)):
        return replace(outcome, status="broken")
    if not sockets:
        if seen.ended is None and not seen.sockets and value not in case.quiet:
            return replace(outcome, status="broken", note=f"still running, nothing listens: {_ending(seen)}")
        agrees = all(far != "wildcard" for _, _, far in claimed)
        return replace(outcome, status="refused" if agrees else "disagrees")
    if claims.bound(sockets) != claimed:
        return replace(outcome, status="disagrees")
    return outcome


def settled(outcomes: list[Outcome]) -> list[Outcome]:
    """What other cases of the same row excuse, and what a case calls known."""
    served: dict[tuple[str, str, str], set[frozenset[Bound]]] = {}
    for one in outcomes:
        if one.sockets:
            served.setdefault(_told(one), set()).add(claims.bound(one.sockets))
    found = []
    for one in outcomes:
        status, others = one.status, served.get(_told(one), set())
        if status == "disagrees" and not one.sockets and any("wildcard" in _far(other) for other in others):
            status = "refused"
        elif status == "disagrees" and len(others) > 1 and _undecided(one):
            status = "agrees"
        if status == "disagrees" and one.value in one.case.known:
            status = "known"
        found.append(replace(one, status=status))
    return found


def _told(one: Outcome) -> tuple[str, str, str]:
    """The row by its name, and the host in the value: `("", 8000)` and `":8000"` give the same."""
    value = "" if one.value == OMITTED else ast.literal_eval(one.value)
    host = value[0] if isinstance(value, tuple) else "" if isinstance(value, int) else value
    return one.case.library, one.case.row.names[0], _PORT.sub(r"\1", host) if isinstance(host, str) else one.value


def _far(listeners: frozenset[Bound]) -> set[str]:
    return {far for _, _, far in listeners}


def _undecided(one: Outcome) -> bool:
    """Whether a claim says nothing of the address, or is right in all but the families and says nothing of them."""
    if _far(one.claimed) == {"unknown"}:
        return True
    bound = claims.bound(one.sockets)
    said = {(protocol, far) for protocol, _, far in one.claimed}
    return all(family == claims.OPEN for _, family, _ in one.claimed) and said == {(p, far) for p, _, far in bound}


def _ending(seen: Seen) -> str:
    if seen.failure:
        return seen.failure
    return f"ended with {seen.ended}: {_last(seen)}" if seen.ended is not None else _last(seen)


def _last(seen: Seen) -> str:
    """The line that says how a program ended, of all that it said."""
    if seen.sockets:
        return ""
    lines = _ENDING.findall(seen.said) or seen.said.strip().splitlines() or [""]
    return lines[-1][:200].replace("\t", " ")
