"""The Python gates on and off over whole projects: `python benchmarks/gates.py FOLDER …` prints what differs.

A gate is a cheap look that spares a file the parse. With all of them open libcst parses every Python file, about two
seconds a megabyte, and each must state the same facts. Exit 1 when one does not.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING
from unittest import mock

from bindlint.config import Config
from bindlint.discover import discover
from bindlint.knowledge import Knowledge, rules_root
from bindlint.readers import python
from bindlint.readers.python import gates
from bindlint.workspace import Workspace

if TYPE_CHECKING:
    from bindlint.discover import Listing
    from bindlint.facts import Fact


def gated(listing: Listing, knowledge: Knowledge) -> dict[str, frozenset[Fact]]:
    """The facts of each file of a project that states any."""
    workspace = Workspace(knowledge, Config())
    workspace.load(listing)
    workspace.findings()
    return {path: frozenset(reading.facts) for path, reading in workspace._readings.items() if reading.facts}  # noqa: SLF001


def ungated(listing: Listing, knowledge: Knowledge) -> dict[str, frozenset[Fact]]:
    """The same with every row alive in every file."""
    rows = frozenset(id(row) for row in knowledge.python.rows)
    with (
        mock.patch.object(python, "gate", return_value=True),
        mock.patch.object(gates, "live", return_value=rows),
        mock.patch.object(gates, "placed", return_value=rows),
        mock.patch.object(gates, "launching", return_value=True),
        mock.patch.object(gates, "looks_launching", return_value=True),
        mock.patch.object(gates, "look", return_value=True),
    ):
        return gated(listing, knowledge)


def main() -> int:
    """Compare one project after the other."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folders", nargs="+", metavar="FOLDER")
    knowledge = Knowledge(rules_root())
    different = 0
    for folder in parser.parse_args().folders:
        start = time.perf_counter()
        listing = discover([folder])
        on, off = gated(listing, knowledge), ungated(listing, knowledge)
        changed = sorted(path for path in on.keys() | off.keys() if on.get(path) != off.get(path))
        for path in changed:
            with_gates, without = on.get(path, frozenset()), off.get(path, frozenset())
            for fact in sorted(map(str, with_gates ^ without)):
                print(f"{path}: {'lost' if fact in map(str, without) else 'made up'}: {fact}")
        different += len(changed)
        count = sum(python.claims(path, b"", knowledge) for path in listing.paths)
        print(f"{folder}: {count} Python files, {len(changed)} differ, {time.perf_counter() - start:.0f} s", flush=True)
    return int(different > 0)


if __name__ == "__main__":
    sys.exit(main())
