"""What bindlint says of servers' files and command lines is what the kernel saw them bind (tests/oracle/servers).

The same judgement as `make oracle-full`, from what it recorded: it needs neither namespaces nor servers.
"""

from __future__ import annotations

from functools import cache

import pytest
from oracle.servers import evidence
from oracle.servers.cases import Server, servers
from oracle.servers.measure import Outcome, recalled

from bindlint.knowledge import Knowledge, rules_root


@cache
def outcomes(name: str) -> list[Outcome]:
    return [one for server in servers() if server.name == name for one in recalled(server)]


@pytest.mark.parametrize("server", servers(), ids=lambda one: one.name)
def test_bindlint_says_what_the_kernel_showed(server: Server) -> None:
    found = outcomes(server.name)

    missing = [one.case.title for one in found if one.status == "missing"]
    assert missing == [], f"not measured: make oracle-full RECORD=1 ONLY={server.name}"
    wrong = [f"{one.case.title}: the kernel: {one.saw}; bindlint: {one.said}" for one in found if one.wrong]
    assert wrong == []
    told = [one.case.title for one in found if one.status == "stale"]
    assert told == [], "bindlint can tell these by now: take `beyond` away"


def test_every_listener_row_is_proven_by_a_case_or_cites_its_source() -> None:
    knowledge = Knowledge(rules_root())

    rows = evidence.rows([one for server in servers() for one in outcomes(server.name)])

    assert len(rows) == sum(len(server.listeners) for server in knowledge.servers)
    assert [f"{row.name}: {row.source}" for row in rows if row.by == "neither"] == []
