"""The fixes that bindlint makes today are those that the kernel was seen to bear out (tests/oracle).

A server or program is recorded by its text: where a fix comes out otherwise than it was run, nothing is recorded of it.
It takes neither namespaces nor servers; `make oracle-fixed` runs them.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from oracle import mends as programs
from oracle import recorded
from oracle.cases import Subject, subjects
from oracle.measure import keys
from oracle.servers import mends
from oracle.servers.cases import Server, servers

SUBJECTS = {one.name: one for one in subjects() if one.cases}
MANY = 45  # servers, and as many libraries again


@cache
def lines() -> dict[str, recorded.Line]:
    return recorded.load()


@pytest.mark.parametrize("server", servers(), ids=lambda one: one.name)
def test_a_fixed_server_starts_and_serves_on_loopback_what_the_fix_was_for(server: Server) -> None:
    found = mends.remembered(server)

    missing = [fix.after.title for fix, outcome in found if outcome.status == "missing"]
    assert missing == [], "not measured: make oracle-fixed"
    assert [f"{fix.before.title}: {why}" for fix, outcome in found if (why := mends.verdict(fix, outcome))] == []


@pytest.mark.slow
@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=list(SUBJECTS))
def test_a_fixed_program_runs_and_serves_on_loopback_what_the_fix_was_for(subject: Subject) -> None:
    first = subject.cases[0]  # the others are for `make oracle-fixed`
    found = programs.fixed(replace(first, values=first.values[:1]))

    assert [fix.after.title for fix in found if keys(fix.after)[0] not in lines()] == [], "make oracle-fixed"
    wrong = [f"{fix.before.title}, {fix.value}: {why}" for fix in found if (why := programs.verdict(fix, lines()))]
    assert wrong == []


def test_many_servers_are_proven() -> None:
    proven = [server.name for server in servers() if any(mends.proven(*one) for one in mends.remembered(server))]

    assert len(proven) >= MANY
