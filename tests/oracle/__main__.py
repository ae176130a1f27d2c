"""`make oracle-python`: every row of rules/python/ beside what the kernel binds for it, as a table.

Exits 1 when bindlint and the kernel disagree, when nothing could be measured for a case, or when a row has neither a
case nor a reason.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from typing import TYPE_CHECKING

from oracle import claims, mends, recorded
from oracle.cases import label, subjects
from oracle.installs import BUILD, InstallError, installed
from oracle.kernel import refusal
from oracle.measure import keys, measured, proven
from oracle.talk import say, sign

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oracle.cases import Subject
    from oracle.measure import Outcome
    from oracle.mends import Fixed

TABLE = BUILD / "python.tsv"
SHOWN = {"disagrees": "disagrees", "known": "disagrees (known)", "broken": "not measured"}
HEADS = ("library", "rows", "proven", "source", "not run", "neither", "values", "refused", "disagree")


def main() -> int:
    """Measure what was asked for, and say how it came out."""
    parser = argparse.ArgumentParser(prog="make oracle-python", description=__doc__)
    parser.add_argument("only", nargs="*", help="names of tables in rules/python/; all when none is given")
    parser.add_argument("--quick", action="store_true", help="only what CI runs")
    parser.add_argument("--fixed", action="store_true", help="the programs as bindlint's fixes leave them")
    parser.add_argument("--anew", action="store_true", help="run also the programs that have not changed")
    parser.add_argument("-j", "--jobs", type=int, default=2)
    options = parser.parse_args()
    if reason := refusal():
        say(reason)
        return 2
    chosen = [one for one in subjects() if not options.only or one.name in options.only]
    if unknown := sorted(set(options.only) - {one.name for one in chosen}):
        say(f"no table of rules/python/ with a listener: {', '.join(unknown)}")
        return 2
    cases = [case for one in chosen for case in one.cases if case.environment.quick or not options.quick]
    every = [one for subject in subjects() for case in subject.cases for one in mends.fixed(case)]
    if options.fixed:
        cases = mends.programs(one for one in every if one.before in cases)
    lines = {} if options.anew else recorded.load()
    held = set(lines)
    folders, absent = installed([case for case in cases if not held.issuperset(keys(case))])
    runnable = [case for case in cases if case.environment.name in folders or held.issuperset(keys(case))]
    record([])
    outcomes = measured(runnable, folders, options.jobs, note, lines, recorded.append)
    sys.stderr.write("\n")
    record(outcomes)
    wanted = [*(case for one in subjects() for case in one.cases), *(one.after for one in every)]
    recorded.save(recorded.load(), [key for case in wanted for key in keys(case)])
    code = fixes([one for one in every if one.after in cases]) if options.fixed else report(chosen, outcomes)
    fresh = sum(not held.issuperset(keys(case)) for case in cases)
    say(f"\n{len(outcomes)} values; {fresh} of {len(cases)} cases run now, the others as recorded")
    for name, why in absent.items():
        say(f"\nnot run: what needs the environment {name!r}: {why}")
    say(f"\nevery measurement: {TABLE.relative_to(BUILD.parents[1])}")
    return code or int(any(isinstance(why, InstallError) for why in absent.values()))


def note(outcome: Outcome) -> None:
    """One measurement, as soon as it is there."""
    sign(good=outcome.status in ("agrees", "refused"))
    with TABLE.open("a", encoding="utf-8") as file:
        file.write(line(outcome))


def record(outcomes: Sequence[Outcome]) -> None:
    """Every measurement, to be read, once all of them are judged together."""
    TABLE.parent.mkdir(parents=True, exist_ok=True)
    head = "library\tcase\tvalue\toutcome\tkernel\tbindlint\n"
    TABLE.write_text(head + "".join(line(one) for one in outcomes), encoding="utf-8")


def line(one: Outcome) -> str:
    """A measurement as a line of the table."""
    cells = (one.case.library, one.case.title, one.value, one.status, one.saw, claims.words(one.claimed))
    return "\t".join(cell.replace("\t", " ") for cell in cells) + "\n"


def report(chosen: Sequence[Subject], outcomes: Sequence[Outcome]) -> int:
    """The table, and what is wrong below it."""
    lines = []
    for one in chosen:
        own = [outcome for outcome in outcomes if outcome.case.library == one.name]
        counted = Counter(outcome.status for outcome in own)
        source = [unrun.row for unrun in one.unrun]
        shown = [row for row in one.rows if proven(row, own)]
        rest = [row for row in one.rows if not any(row is other for other in (*shown, *source, *one.neither))]
        lines.append(
            (
                len(one.rows),
                len(shown),
                len([row for row in source if not any(row is other for other in shown)]),
                len(rest),
                len(one.neither),
                len(own),
                counted["refused"],
                counted["disagrees"] + counted["known"],
            )
        )
    total = tuple(sum(column) for column in zip(*lines, strict=True)) if lines else (0,) * (len(HEADS) - 1)
    say("".join((f"{HEADS[0]:<22}", *(f"{head:>10}" for head in HEADS[1:]))))
    for name, numbers in (*zip([one.name for one in chosen], lines, strict=True), ("all", total)):
        say("".join((f"{name:<22}", *(f"{number:>10}" for number in numbers))))
    wrong = [one for one in outcomes if one.status in SHOWN]
    for one in wrong:
        reason = one.case.known.get(one.value, "")
        say(f"\n{SHOWN[one.status]}: {one.case.library}: {one.case.title}, {one.value}{reason and f': {reason}'}")
        say(f"  kernel:   {one.saw}\n  bindlint: {claims.words(one.claimed)}")
    for one in chosen:
        for row in one.neither:
            say(f"\nneither a case nor a reason: {one.name}: {label(row)}")
        for name in one.strays:
            say(f"\nthe case of no row, or of several: {one.name}: {name}")
    return int(bool(wrong) or any(one.neither or one.strays for one in chosen))


def fixes(asked: Sequence[Fixed]) -> int:
    """Say how many fixes are proven, and which are not what they promise."""
    lines = recorded.load()
    wrong = [(one, why) for one in asked if (why := mends.verdict(one, lines))]
    for one, why in wrong:
        say(f"no fix: {one.before.library}: {one.before.title}, {one.value}: {why}")
    proven = [one for one in asked if mends.proven(one, lines)]
    names = {one.before.library for one in proven}
    said = f"{len(proven)} of {len(names)} libraries proven, {len(wrong)} wrong"
    say(f"fixed values: {len(asked)} of {len({keys(one.after)[0] for one in asked})} programs, {said}")
    return int(bool(wrong))


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
