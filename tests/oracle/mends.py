"""The programs of the cases as they are after bindlint's fixes: a case of one value each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from oracle.fixed import broken, mended, narrowed
from oracle.measure import keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from oracle.cases import Case
    from oracle.kernel import Seen
    from oracle.recorded import Line


@dataclass(frozen=True)
class Fixed:
    """One value of a case, the case whose program is what a fix made of it, and whether that is to be narrower."""

    before: Case
    value: str
    after: Case
    narrower: bool


def fixed(case: Case) -> list[Fixed]:
    """Every value of a case that has a fix; texts that come out the same are the same case."""
    found = []
    for value in case.values if not case.unfixed else ():
        made = mended({**case.beside, case.file: case.text(value)})
        if made is None:
            continue
        beside = {name: made.files[name] for name in case.beside}
        after = replace(case, title=f"{case.title}, fixed", code=made.files[case.file], beside=beside, values=(value,))
        found.append(Fixed(case, value, after, made.narrower))
    return found


def programs(found: Iterable[Fixed]) -> list[Case]:
    """The fixed cases, each program once."""
    return list({keys(one.after)[0]: one.after for one in found}.values())


def verdict(one: Fixed, lines: Mapping[str, Line]) -> str:
    """What is wrong with a fix, by what the kernel showed of both programs; "" where nothing is.

    A program that opened nothing before owes nothing after.
    """
    before, after = _lines(one, lines)
    if before is None or not before.sockets:
        return ""
    return broken(before, after) if after is not None else "not measured"


def proven(one: Fixed, lines: Mapping[str, Line]) -> bool:
    """Whether the program was seen to serve what it served before, and others not to reach what the fix was for."""
    before, after = _lines(one, lines)
    if before is None or after is None or not before.sockets or verdict(one, lines):
        return False
    return narrowed(before, after) or not one.narrower


def _lines(one: Fixed, lines: Mapping[str, Line]) -> Iterator[Seen | None]:
    """What was seen of both programs, at the ports that the case is about."""
    for case in (replace(one.before, values=(one.value,)), one.after):
        line = lines.get(keys(case)[0])
        ours = [at for at in (line.seen.sockets if line else ()) if not case.ports or at.port in case.ports]
        yield replace(line.seen, sockets=tuple(ours)) if line else None
