"""What rules/python says is what the kernel sees, for the libraries that install in a minute (`make oracle-python` has
all of them); and no row goes without a proof or a reason.
"""

from __future__ import annotations

import pytest
from oracle import claims
from oracle.cases import Subject, label, subjects
from oracle.installs import installed
from oracle.kernel import refusal
from oracle.measure import measured, proven

pytestmark = pytest.mark.slow

QUICK = [one for one in subjects() if one.cases and one.environment and one.environment.quick]


@pytest.mark.parametrize("subject", QUICK, ids=lambda one: one.name)
def test_the_kernel_binds_what_the_rows_say(subject: Subject) -> None:
    if reason := refusal():
        pytest.skip(reason)
    folders, absent = installed(QUICK)
    assert absent == {}

    outcomes = measured(subject.cases, folders, 4)

    wrong = [
        f"{one.case.title}, {one.value}: the kernel: {one.saw}; bindlint: {claims.words(one.claimed)}"
        for one in outcomes
        if one.status in ("disagrees", "broken")
    ]
    assert wrong == []
    unrun = [one.row for one in subject.unrun]
    assert [label(row) for row in subject.rows if row not in unrun and not proven(row, outcomes)] == []


@pytest.mark.xfail(reason="the cases of third-party libraries are not written yet")
def test_every_listener_row_has_a_case_or_says_why_not() -> None:
    assert [f"{one.name}: {label(row)}" for one in subjects() for row in one.neither] == []
