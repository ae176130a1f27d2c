"""What bindlint says of every program of the kernel tier is what the kernel showed when it was last run.

The same judgement as `make oracle-python`, from tests/oracle/recorded.tsv: it needs neither namespaces nor libraries.
"""

from __future__ import annotations

from functools import cache

import pytest
from oracle import claims, recorded
from oracle.cases import Subject, subjects
from oracle.measure import keys, measured, proven

SUBJECTS = {one.name: one for one in subjects() if one.cases}


@cache
def lines() -> dict[str, recorded.Line]:
    return recorded.load()


@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=list(SUBJECTS))
def test_bindlint_says_what_the_kernel_showed(subject: Subject) -> None:
    missing = [case.title for case in subject.cases if not lines().keys() >= set(keys(case))]
    assert missing == [], f"not measured: make oracle-python ONLY={subject.name}"

    outcomes = measured(subject.cases, {}, 1, before=lines())

    wrong = [
        f"{one.case.title}, {one.value}: the kernel: {one.saw}; bindlint: {claims.words(one.claimed)}"
        for one in outcomes
        if one.status == "disagrees"
    ]
    assert wrong == []
    assert [case.title for case in subject.cases if not proven(case.row, outcomes)] == []
