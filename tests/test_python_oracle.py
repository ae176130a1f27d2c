"""What rules/python says is what the kernel sees, for the libraries that install in a minute (`make oracle-python` has
all of them); and no row goes without a proof or a reason.
"""

from __future__ import annotations

from functools import cache

import pytest
from oracle import claims
from oracle.cases import CASES, Case, environments, label, subjects
from oracle.installs import installed
from oracle.kernel import refusal
from oracle.measure import measured, proven

pytestmark = pytest.mark.slow

QUICK = [f'environment = "{one.name}"' for one in environments().values() if one.quick]
LIBRARIES = sorted(path.stem for path in CASES.glob("*.toml") if any(word in path.read_text("utf-8") for word in QUICK))


@cache
def quick() -> dict[str, list[Case]]:
    """What CI runs, by library. Asked for when a test runs: a wrong table must not keep the others from being found."""
    return {one.name: [case for case in one.cases if case.environment.quick] for one in subjects()}


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_kernel_binds_what_the_rows_say(library: str) -> None:
    if reason := refusal():
        pytest.skip(reason)
    folders, absent = installed(case for cases in quick().values() for case in cases)
    assert absent == {}

    outcomes = measured(quick()[library], folders, 4)

    wrong = [
        f"{one.case.title}, {one.value}: the kernel: {one.saw}; bindlint: {claims.words(one.claimed)}"
        for one in outcomes
        if one.status in ("disagrees", "broken")
    ]
    assert wrong == []
    rows = {label(case.row): case.row for case in quick()[library]}
    assert [name for name, row in rows.items() if not proven(row, outcomes)] == []


def test_every_listener_row_has_a_case_or_says_why_not() -> None:
    assert [f"{one.name}: {label(row)}" for one in subjects() for row in one.neither] == []
    assert [f"{one.name}: {name}" for one in subjects() for name in one.strays] == []
