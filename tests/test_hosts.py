"""Hosts files: which files are, and what their lines map."""

from __future__ import annotations

import pytest

from bindlint.addresses import Families, Kind
from bindlint.facts import HostsEntry, Problem
from bindlint.knowledge import Knowledge, rules_root
from bindlint.readers import hosts
from bindlint.source import Source

KNOWLEDGE = Knowledge(rules_root())


def entries(text: str) -> list[HostsEntry]:
    return [fact for fact in hosts.read(Source("etc/hosts", text), KNOWLEDGE) if isinstance(fact, HostsEntry)]


@pytest.mark.parametrize("path", ["etc/hosts", "hosts", "docker/hosts", "files/etc-hosts", "files/hosts.j2"])
def test_a_file_named_hosts_that_maps_addresses_is_a_hosts_file(path: str) -> None:
    assert hosts.claims(path, b"# local\n127.0.0.1\tlocalhost\n::1 localhost\n", KNOWLEDGE)


@pytest.mark.parametrize(
    "text",
    [
        b"[web]\n10.0.0.1 ansible_user=root\n",
        b"web1.example.org\nweb2.example.org\n",
        b"10.0.0.1\n10.0.0.2\n",
        b"---\nall:\n  hosts:\n",
        b"",
    ],
)
def test_an_inventory_of_the_same_name_is_none(text: bytes) -> None:
    assert not hosts.claims("inventory/hosts", text, KNOWLEDGE)


def test_other_names_are_none() -> None:
    assert not hosts.claims("etc/hosts.allow", b"127.0.0.1 localhost\n", KNOWLEDGE)
    assert not hosts.claims("src/hosts.py", b"127.0.0.1 localhost\n", KNOWLEDGE)


def test_a_line_maps_its_names_to_its_address() -> None:
    text = "127.0.0.1\tlocalhost loopback # this machine\n\n# 10.0.0.1 old\n10.0.0.5 localhost\nfe80::1%lo0 localhost\n"

    first, second, third = entries(text)

    assert text[first.site.span.start : first.site.span.end] == "127.0.0.1\tlocalhost loopback"
    assert (first.address.kind, first.address.families, first.names) == (
        Kind.LOOPBACK,
        Families.V4,
        ("localhost", "loopback"),
    )
    assert (second.address.kind, second.address.text) == (Kind.SPECIFIC, "10.0.0.5")
    assert third.address.kind is Kind.SPECIFIC
    slot = second.address.slot
    assert slot is not None
    assert text[slot.site.span.start : slot.site.span.end] == "10.0.0.5"


def test_a_sinkhole_is_an_entry_like_any_other() -> None:
    (entry,) = entries("0.0.0.0 ads.example\n")

    assert (entry.address.kind, entry.names) == (Kind.WILDCARD, ("ads.example",))


def test_of_a_long_list_of_what_to_block_only_names_of_this_machine_are_stated_to_the_end() -> None:
    blocked = "".join(f"0.0.0.0 ads{n}.example\n" for n in range(20_000))
    found = entries(f"{blocked}0.0.0.0 localhost\n10.0.0.1 db\n")

    assert [entry.names for entry in found[-2:]] == [("localhost",), ("db",)]
    assert len(found) < 2_000


def test_what_a_template_leaves_open_is_passed_over() -> None:
    text = (
        "# {{ ansible_managed }}\n127.0.0.1 localhost {{ ansible_hostname }}\n{% for h in groups['all'] %}\n"
        "{{ hostvars[h].ip }} {{ h }}\n{% endfor %}\n10.0.0.5 {{ name }} localhost\n<%= @ip %> db\n"
    )

    assert hosts.claims("templates/hosts.j2", text.encode(), KNOWLEDGE)
    found = list(hosts.read(Source("templates/hosts.j2", text), KNOWLEDGE))
    assert [fact.names for fact in found if isinstance(fact, HostsEntry)] == [("localhost",), ("localhost",)]
    assert len(found) == 2


def test_a_bad_line_is_a_problem_with_its_line_and_the_rest_is_read() -> None:
    found = list(
        hosts.read(Source("etc/hosts", "10.0.0.2 a\r\nnonsense here\r\n10.0.0.1\r\n10.0.0.3 b\r\n"), KNOWLEDGE)
    )

    assert [(type(f).__name__, f.line if isinstance(f, Problem) else 0) for f in found] == [
        ("HostsEntry", 0),
        ("Problem", 2),
        ("Problem", 3),
        ("HostsEntry", 0),
    ]
