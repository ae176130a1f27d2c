"""`make oracle`: real servers beside what bindlint says of their files, as a table.

Without `--full`, what CI runs: some cases of each of the servers that are small. Exits 1 when bindlint and the kernel
disagree, when a server that could be had was not measured, or when a row of rules/servers/ has no evidence.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from oracle import recorded
from oracle.cases import environments
from oracle.installs import BUILD, InstallError, UnavailableError, ready
from oracle.kernel import refusal, run
from oracle.servers import debian, evidence, mends
from oracle.servers.cases import Case, servers
from oracle.servers.measure import PREPARED, RECORDED, Outcome, key, measured, program, recalled
from oracle.talk import say, sign

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from oracle.kernel import Seen
    from oracle.servers.cases import Server

TABLE = BUILD / "servers.tsv"
ALWAYS = ("iproute2",)  # of which the cell makes a network device
STATUSES = ("agrees", "beyond", "unread", "disagrees", "stale", "broken")


def main() -> int:
    """Run what was asked for, and say how it came out."""
    parser = argparse.ArgumentParser(prog="make oracle", description=__doc__)
    parser.add_argument("only", nargs="*", help="names of files in tests/oracle/servers/cases/; all when none is given")
    parser.add_argument("--full", action="store_true", help="every case of every server")
    parser.add_argument("--fixed", action="store_true", help="the cases as bindlint's fixes leave them")
    parser.add_argument("--record", action="store_true", help="keep what the kernel showed in recorded.tsv")
    parser.add_argument("-k", "--word", default="", help="only cases whose name holds this word")
    parser.add_argument("-j", "--jobs", type=int, default=3)
    options = parser.parse_args()
    if reason := refusal():
        say(f"kernel tier for servers: nothing was run: {reason}")
        return 0
    chosen = [one for one in servers() if not options.only or one.name in options.only]
    if unknown := sorted(set(options.only) - {one.name for one in chosen}):
        say(f"no cases of: {', '.join(unknown)}")
        return 2
    wanted = [(one, cases(one, options)) for one in chosen]
    held = [case for one, cases in wanted for case in cases if os.geteuid() and (case.user or one.root)]
    wanted = [(one, [case for case in cases if case not in held]) for one, cases in wanted]
    wanted = [(one, cases) for one, cases in wanted if cases]
    if held:
        say(f"{len(held)} cases are left out: their servers change their user, which takes root")
    try:
        layer = debian.unpacked({*ALWAYS, *(package for one, _ in wanted for package in one.debian)})
    except (UnavailableError, InstallError) as error:
        say(f"kernel tier for servers: nothing was run: {error}")
        return int(isinstance(error, InstallError))
    pypi = [package for one, _ in wanted for package in one.pypi]
    folder = str(ready(environments()["servers"], pypi)) if pypi else ""
    PREPARED.mkdir(exist_ok=True)
    if wanted and (reason := run(program(wanted[0][0], Case("nothing", {}, "true", limit=2), layer)).failure):
        say(f"kernel tier for servers: nothing was run: packages cannot be laid over this machine: {reason}")
        return 0
    for one, _ in wanted:
        prepare(one, layer)

    def start(server: Server, case: Case) -> Seen:
        return run(program(server, case, layer, folder if server.pypi else ""))

    asked = [(server, case) for server, cases in wanted for case in cases]
    outcomes = measured(asked, options.jobs, start, alive)
    sys.stderr.write("\n")
    if options.record:
        record(outcomes)
    return report(outcomes)


def cases(server: Server, asked: argparse.Namespace) -> list[Case]:
    """The cases of a server that are asked for; of what CI runs, one as its fix leaves it."""
    found = [case for case in server.cases if asked.full or asked.only or case.quick]
    if asked.fixed or not (asked.full or asked.only):
        mended = [one.after for one in mends.fixed(replace(server, cases=tuple(found)))]
        found = mended if asked.fixed else [*found, *mended[:1]]
    return [case for case in found if asked.word in case.title]


def prepare(server: Server, layer: Path) -> None:
    """Make what every case of a server starts from: a data directory."""
    PREPARED.chmod(0o755)
    place = PREPARED / server.name
    if not server.prepare or place.exists():
        return
    place.mkdir()
    place.chmod(0o777)
    seen = run(program(server, Case("prepare", {}, f"sh -ec {shlex.quote(server.prepare)}", limit=120), layer))
    if seen.ended != 0 or seen.failure:
        place.rmdir()
        raise InstallError(f"{server.name} could not be prepared: {seen.failure or seen.said[-300:]}")


def record(outcomes: Sequence[Outcome]) -> None:
    """Keep what was measured, and forget what nobody asks for any more."""
    lines = recorded.load(RECORDED)
    for one in outcomes:
        if one.seen is not None and not one.seen.failure:
            digest = key(one.server, one.case)
            said = "" if one.seen.sockets else (one.seen.said.strip().splitlines() or [""])[-1]
            seen = type(one.seen)(one.seen.sockets, one.seen.ended, said[:200].replace("\t", " "))
            lines[digest] = recorded.Line(digest, one.server.name, one.case.title, version(one.server), seen)
    every = [(server, case) for server in servers() for case in server.cases]
    every += [(one.server, one.after) for one in mends.everything()]
    recorded.save(lines, [key(server, case) for server, case in every], RECORDED)


def version(server: Server) -> str:
    """What was run."""
    if server.debian:
        return f"{server.debian[0]} {debian.version(server.debian[0])}"
    return server.pypi[0].replace("==", " ")


def report(outcomes: Sequence[Outcome]) -> int:
    """The table, what is wrong below it, and the rows by evidence."""
    lines = recorded.load(RECORDED)
    say("".join((f"{'server':<18}{'version':<44}", *(f"{head:>10}" for head in ("cases", *STATUSES)))))
    for name in sorted({one.server.name for one in outcomes}):
        own = [one for one in outcomes if one.server.name == name]
        counted = Counter(one.status for one in own)
        cells = (len(own), *(counted[status] for status in STATUSES))
        say("".join((f"{name:<18}{version(own[0].server):<44}", *(f"{cell:>10}" for cell in cells))))
    for one in outcomes:
        if one.status in ("disagrees", "stale", "broken"):
            say(f"\n{one.status}: {one.server.name}: {one.case.title}{one.note and f': {one.note}'}")
            say(f"  kernel:   {one.saw}\n  bindlint: {one.said or 'nothing'}")
        held = lines.get(key(one.server, one.case))
        if held is not None and one.seen is not None and set(held.seen.sockets) != set(one.seen.sockets):
            say(f"\nnot as recorded: {one.server.name}: {one.case.title}\n  now:      {one.saw}\n  recorded: {held}")
    TABLE.parent.mkdir(parents=True, exist_ok=True)
    TABLE.write_text("".join(f"{o.server.name}\t{o.case.title}\t{o.status}\t{o.saw}\t{o.said}\n" for o in outcomes))
    counted = Counter(one.status for one in outcomes)
    names = {one.server.name for one in outcomes}
    wrong = fixes(outcomes)
    run_now = {(one.server.name, one.case.title) for one in outcomes}
    before = [one for server in servers() for one in recalled(server)]
    rows = evidence.rows([*outcomes, *(o for o in before if (o.server.name, o.case.title) not in run_now)])
    say(f"\nrows of rules/servers with a listener: {evidence.told(rows)}")
    for row in rows:
        if row.by == "neither":
            say(f"  neither: {row.name}: {row.source}")
    said = ", ".join(f"{counted[status]} {status}" for status in STATUSES if counted[status])
    say(f"\nkernel tier for servers: {len(outcomes)} cases of {len(names)} servers run ({said})")
    return int(wrong or any(counted[status] for status in ("disagrees", "stale", "broken")))


def fixes(outcomes: Sequence[Outcome]) -> bool:
    """Say how many fixes are proven, and which are not what they promise; whether there is one of these."""
    known = {(one.server.name, one.after.title): one for one in mends.everything()}
    run_now = [(known[place], one) for one in outcomes if (place := (one.server.name, one.case.title)) in known]
    wrong = [(fix, why) for fix, one in run_now if (why := mends.verdict(fix, one))]
    for fix, why in wrong:
        say(f"\nno fix: {fix.server.name}: {fix.before.title}: {why}")
    proven = [fix for fix, one in run_now if mends.proven(fix, one)]
    names = {one.server.name for one in proven}
    said = f"{len(proven)} of {len(names)} servers proven, {len(wrong)} wrong"
    say(f"\nfixed cases: {len(run_now)} run, {said}")
    return bool(wrong)


def alive(outcome: Outcome) -> None:
    """A case has come out."""
    sign(good=outcome.status in ("agrees", "beyond", "unread"))


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
