"""`make conformance`: every case through docker compose and through bindlint, as a table; exits 1 when they differ,
or when compose makes something else of what bindlint's fixes leave.

Arguments are themes, the names of the files in cases/; all of them when none is given.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from conformance import ours, theirs
from conformance.cases import Case, cases
from conformance.fixed import compared as after_fixes
from conformance.outcome import differences


def compared(case: Case) -> list[str]:
    """How the two sides differ over a case."""
    with tempfile.TemporaryDirectory() as folder:
        theirs.write(Path(folder), case.files)
        real = theirs.resolved(Path(folder))
    return list(differences(real, ours.resolved(case.files), outside=bool(case.outside), engine=bool(case.engine)))


def main() -> int:
    """Say for each theme how many cases agree."""
    theirs.program()
    fixed = 0
    rows: dict[str, list[float]] = defaultdict(lambda: [0, 0, 0])
    wrong = []
    for case in [case for case in cases() if case.theme in sys.argv[1:] or not sys.argv[1:]]:
        start = time.perf_counter()
        found = compared(case)
        row = rows[case.theme]
        row[0] += 1
        row[1] += bool(found)
        row[2] += time.perf_counter() - start
        wrong += [f"{case.theme}: {case.title}: {one}" for one in found]
        count, broken = after_fixes(case)
        fixed += bool(count)
        wrong += [f"{case.theme}: {case.title}, fixed: {one}" for one in broken]
    say(f"{'theme':<16}{'cases':>7}{'agree':>7}{'disagree':>10}{'seconds':>9}")
    rows["all"] = [sum(row[i] for row in rows.values()) for i in range(3)]
    for theme, (count, differ, seconds) in rows.items():
        say(f"{theme:<16}{count:>7.0f}{count - differ:>7.0f}{differ:>10.0f}{seconds:>9.1f}")
    for line in wrong:
        say(line)
    say(f"{fixed} of them fixed, and loaded again")
    say(f"docker compose {theirs.VERSION}")
    return int(bool(wrong))


def say(line: str) -> None:
    """Write a line of the table."""
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
