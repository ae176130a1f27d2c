"""Compose's port entries: what each form opens, and what the entry reads after the address is put in.

The expectations are what docker compose 2.40.3 (and 2.22.0) printed for `config --format json`.
"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bindlint.addresses import Families, Kind
from bindlint.facts import Known, Problem, Publication, Reach
from bindlint.fixes import apply, to_loopback
from bindlint.knowledge import Knowledge, rules_root
from bindlint.readers import compose, ports
from bindlint.source import Files, Source

KNOWLEDGE = Knowledge(rules_root())
Opened = list[tuple[str, str | None, str]]


def read(entry: str, env: str | None = None) -> tuple[list[Publication], list[Problem], Source]:
    source = Source("compose.yaml", f"services:\n  a:\n    image: x\n    ports:\n      - {entry}\n")
    if env is not None:
        source = replace(source, files=Files([".env"], lambda path: Source(path, env)))
    facts = list(compose.read(source, KNOWLEDGE))
    return [f for f in facts if isinstance(f, Publication)], [f for f in facts if isinstance(f, Problem)], source


def opened(publications: list[Publication]) -> Opened:
    return [
        (p.address.text, None if p.port is None else str(p.port), f"{p.container_port}/{p.protocol}")
        for p in publications
    ]


def fixed(entry: str, env: str | None = None) -> dict[str, str]:
    """The entry (and the .env) after every fix: the texts that changed, by file."""
    publications, _, source = read(entry, env)
    after = {}
    for text in (source, *[env for env in [source.beside(".env")] if env]):
        edits = [edit for p in publications if (fix := to_loopback(p.address)) for edit in fix.edits]
        changed = apply(text, edits)
        if changed != text.text:
            after[text.path] = changed.partition("      - ")[2].rstrip("\n") if text is source else changed
    return after


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("80", [("", None, "80/tcp")]),
        ("80/udp", [("", None, "80/udp")]),
        ("80-82/udp", [("", None, "80/udp"), ("", None, "81/udp"), ("", None, "82/udp")]),
        ("3000-3002", [("", None, "3000/tcp"), ("", None, "3001/tcp"), ("", None, "3002/tcp")]),
        ("8000:80", [("", "8000", "80/tcp")]),
        (":8080:80", [("", "8080", "80/tcp")]),
        ("::80", [("", None, "80/tcp")]),
        (":80", [("", None, "80/tcp")]),
        ("127.0.0.1::80", [("127.0.0.1", None, "80/tcp")]),
        ("[::1]::80", [("::1", None, "80/tcp")]),
        ("[127.0.0.1]:8080:80", [("127.0.0.1", "8080", "80/tcp")]),
        ("[127.0.0.1]::80", [("127.0.0.1", None, "80/tcp")]),
        ("[::]:8080:80", [("::", "8080", "80/tcp")]),
        ("[]:80:80", [("", "80", "80/tcp")]),
        ("[::ffff:0.0.0.0]:8080:80", [("::ffff:0.0.0.0", "8080", "80/tcp")]),
        ("::ffff:127.0.0.1:80:80", [("::ffff:127.0.0.1", "80", "80/tcp")]),
        ("::1:6000:6000", [("::1", "6000", "6000/tcp")]),
        (":::8080:80", [("::", "8080", "80/tcp")]),
        ("2001:db8::1:80:80", [("2001:db8::1", "80", "80/tcp")]),
        ("0.0.0.0:80:80", [("0.0.0.0", "80", "80/tcp")]),
        ("0.0.0.0::80", [("0.0.0.0", None, "80/tcp")]),
        ("08080:80", [("", "8080", "80/tcp")]),
        ("8080:80/TCP", [("", "8080", "80/tcp")]),
        ("8080:80/", [("", "8080", "80/tcp")]),
        ("8080:80/sctp", [("", "8080", "80/sctp")]),
        ("0:80", [("", None, "80/tcp")]),
        ("8000-8002:80", [("", "8000", "80/tcp")]),
        ("8000-8002:80-82", [("", "8000", "80/tcp"), ("", "8001", "81/tcp"), ("", "8002", "82/tcp")]),
        ("127.0.0.1:8000-8001:80-81", [("127.0.0.1", "8000", "80/tcp"), ("127.0.0.1", "8001", "81/tcp")]),
        ("0-2:80-82", [("", None, "80/tcp"), ("", "1", "81/tcp"), ("", "2", "82/tcp")]),
    ],
)
def test_each_form_opens_what_compose_opens(entry: str, expected: Opened) -> None:
    publications, problems, _ = read(json.dumps(entry))
    assert opened(publications) == expected
    assert problems == []


@pytest.mark.parametrize(
    "entry",
    [
        "::6000:6000", "localhost:8080:80", "*:8080:80", "0:8080:80", "0.0.0.0/0:80:80",
        "[fe80::1%eth0]:80:80", "127.0.0.1:80", "0x50:80", "8080:80 ", " 8080:80", "8080:80/tcp/udp", "8000-8002:80-81",
        "8080:", "", "8080:70000", "70000:80", "80-79", "8002-8000:80", "8080/udp:80", "1.2.3.4:80:80:80", "[::1:80:80",
        "::1]:80:80", "8080 : 80", "-1:80", "80.5:80", "127.0.0.01:80:80", "256.0.0.1:80:80", "tcp:80", "+80:80",
        "1_000:80", "99999999999999999999:80", "80:80/http", "8080:80/tcp ", "\uff11\uff12:80", "$$X:80",
        "${X/a/b}:80", "${X:80", "${X:-localhost}:80:80",
    ],
)  # fmt: skip
def test_what_compose_refuses_is_a_problem_on_its_line_and_opens_nothing(entry: str) -> None:
    publications, problems, _ = read(json.dumps(entry))
    assert publications == []
    assert [(p.line, p.partial) for p in problems] == [(5, True)]


@pytest.mark.parametrize(
    ("entry", "instead"),
    [
        ("127.0.0.1:80", "127.0.0.1:80:80"),
        ("localhost:80", "127.0.0.1:80:80"),
        ("localhost:8080:80", "127.0.0.1:8080:80"),
        ("127.1:8080:80", "127.0.0.1:8080:80"),
        ("*:8080:80", "8080:80 (every interface) or 127.0.0.1:8080:80 (this machine only)"),
        ("{target: 80, host_ip: localhost}", "host_ip: 127.0.0.1"),
        ("{target: 80, published: '127.0.0.1:8080'}", "host_ip: 127.0.0.1 and published: 8080"),
    ],
)
def test_a_refusal_says_what_to_write_instead(entry: str, instead: str) -> None:
    _, problems, _ = read(entry if entry.startswith("{") else json.dumps(entry))
    assert problems[0].reason.endswith(f"; write {instead}")


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("80", [("", None, "80/tcp")]),
        ("22:22", [("", "22", "22/tcp")]),  # base 60 to YAML 1.1, and not to compose
        ("017", [("", None, "15/tcp")]),
        ("0o17", [("", None, "15/tcp")]),
        ("0x50", [("", None, "80/tcp")]),
        ("80_80", [("", None, "8080/tcp")]),
        ("!!str 80", [("", None, "80/tcp")]),
        ("{target: 80}", [("", None, "80/tcp")]),
        ("{target: '80', published: '8080'}", [("", "8080", "80/tcp")]),
        ("{target: 80, published: 8080-8090, protocol: udp}", [("", "8080", "80/udp")]),
        ("{target: 80, published: ''}", [("", None, "80/tcp")]),
        ("{target: 80, published: 8080, host_ip: '::1'}", [("::1", "8080", "80/tcp")]),
        ("{target: 80, published: 8080, mode: host}", [("", "8080", "80/tcp")]),
    ],
)
def test_scalars_and_mappings_mean_what_they_mean_to_compose(entry: str, expected: Opened) -> None:
    publications, problems, _ = read(entry)
    assert opened(publications) == expected
    assert problems == []


@pytest.mark.parametrize("entry", ["3000.5", "1e3", "{published: 8080}", "{target: 80, host_ip: '[::1]'}", "0x"])
def test_other_scalars_and_mappings_that_compose_refuses_are_problems(entry: str) -> None:
    publications, problems, _ = read(entry)
    assert publications == []
    assert [p.line for p in problems] == [5]


@pytest.mark.parametrize("entry", ["~", "[80]", "{}"])
def test_what_is_no_port_at_all_opens_nothing(entry: str) -> None:
    assert read(entry)[0] == []


@pytest.mark.parametrize(
    ("entry", "after"),
    [
        ('"80"', '"127.0.0.1::80"'),
        ("3000", "127.0.0.1::3000"),
        ("80:8000", "127.0.0.1:80:8000"),
        ("'80:8000'", "'127.0.0.1:80:8000'"),
        ('":8080:80"', '"127.0.0.1:8080:80"'),
        ('"::80"', '"127.0.0.1::80"'),
        ('":80"', '"127.0.0.1::80"'),
        ('"0.0.0.0:80:80"', '"127.0.0.1:80:80"'),
        ('"[::]:80:80"', '"[::1]:80:80"'),
        ('":::80:80"', '"[::1]:80:80"'),
        ('"[0.0.0.0]:80:80"', '"127.0.0.1:80:80"'),
        ('&p "80:80" # why', '&p "127.0.0.1:80:80" # why'),
        ('"${B}:80:80"', '"${B:-127.0.0.1}:80:80"'),
        ('"${B:-}:80:80"', '"${B:-127.0.0.1}:80:80"'),
        ('"$B:80:80"', '"${B:-127.0.0.1}:80:80"'),
        ('"${B:-0.0.0.0}:80:80"', '"${B:-127.0.0.1}:80:80"'),
        ('"${A:-${B:-0.0.0.0}}:80:80"', '"${A:-${B:-127.0.0.1}}:80:80"'),
        ('"${B-0.0.0.0:}80:80"', '"${B-127.0.0.1:}80:80"'),
        ('"${B}8080:80"', '"${B:-127.0.0.1:}8080:80"'),
        ('"${P:-8080}:80"', '"127.0.0.1:${P:-8080}:80"'),
        ('"${P}:80"', '"127.0.0.1:${P}:80"'),
        ('"${P:?needed}:80"', '"127.0.0.1:${P:?needed}:80"'),
        ("{target: 80, published: 8080}", "{target: 80, host_ip: 127.0.0.1, published: 8080}"),
        ("{target: 80}", "{host_ip: 127.0.0.1, target: 80}"),
        ("target: 80\n        published: 80", "target: 80\n        host_ip: 127.0.0.1\n        published: 80"),
        ("published: 80\n        target: 80", "host_ip: 127.0.0.1\n        published: 80\n        target: 80"),
        ("host_ip: 0.0.0.0\n        target: 80", "host_ip: 127.0.0.1\n        target: 80"),
        ("host_ip: '::'\n        target: 80", "host_ip: '::1'\n        target: 80"),
        ("host_ip: ''\n        target: 80", "host_ip: '127.0.0.1'\n        target: 80"),
        ("host_ip: ${B}\n        target: 80", "host_ip: ${B:-127.0.0.1}\n        target: 80"),
    ],
)
def test_the_slot_is_where_the_address_goes(entry: str, after: str) -> None:
    assert fixed(entry)["compose.yaml"] == after
    publications, problems, _ = read(after)
    assert {p.reach for p in publications} == {Reach.HOST}
    assert problems == []


@pytest.mark.parametrize(
    "entry", ['"${B:+127.0.0.1:}80:80"', "017", '"0.0.0\\x2e0:8:80"', '"${A:-0.0}${B:-.0.0}:80:80"']
)
def test_there_is_no_slot_where_no_edit_would_do(entry: str) -> None:
    publications, _, _ = read(entry)
    assert publications[0].reach is Reach.LAN
    assert fixed(entry) == {}


@pytest.mark.parametrize(
    "entry", ['"127.0.0.1:80:80"', '"[::1]:80:80"', '"${B:-127.0.0.1}:80:80"', '"127.9.8.7:80:80"']
)
def test_a_loopback_publication_is_a_fact_that_reaches_this_host_only(entry: str) -> None:
    publications, _, _ = read(entry)
    assert [(p.reach, p.address.kind) for p in publications] == [(Reach.HOST, Kind.LOOPBACK)]


@pytest.mark.parametrize(
    ("entry", "kind", "known", "families"),
    [
        ('"80:80"', Kind.WILDCARD, Known.DEFAULT, Families.DUAL),  # no address is 0.0.0.0 and :: at once
        ('"0.0.0.0:80:80"', Kind.WILDCARD, Known.LITERAL, Families.V4),
        ('"[::]:80:80"', Kind.WILDCARD, Known.LITERAL, Families.V6),
        ('"[::ffff:0.0.0.0]:80:80"', Kind.WILDCARD, Known.LITERAL, Families.V4),
        ('"192.168.0.2:80:80"', Kind.SPECIFIC, Known.LITERAL, Families.V4),
        ('"${B}:80:80"', Kind.WILDCARD, Known.CONSTANT, Families.DUAL),
        ('"${B:-0.0.0.0}:80:80"', Kind.WILDCARD, Known.CONSTANT, Families.V4),
        ('"${P:-1}:80"', Kind.WILDCARD, Known.DEFAULT, Families.DUAL),
        ('"${B:?}:80:80"', Kind.UNKNOWN, Known.UNKNOWN, Families.UNKNOWN),
        ('"${B?}:80:80"', Kind.UNKNOWN, Known.UNKNOWN, Families.UNKNOWN),
        ('"${ALL}"', Kind.UNKNOWN, Known.UNKNOWN, Families.UNKNOWN),
        ('"${ALL:?}"', Kind.UNKNOWN, Known.UNKNOWN, Families.UNKNOWN),
    ],
)
def test_an_address_says_what_it_is_and_how_it_is_known(
    entry: str, kind: Kind, known: Known, families: Families
) -> None:
    publications, problems, _ = read(entry)
    assert [(p.address.kind, p.address.known, p.address.families) for p in publications] == [(kind, known, families)]
    assert problems == []


def test_an_unknown_address_says_what_could_decide_it() -> None:
    assert read('"${BIND:?}:80:80"')[0][0].address.maybe == "BIND"


def test_the_story_names_the_variable() -> None:
    publications, _, source = read('"${BIND:-0.0.0.0}:80:80"')
    step = publications[0].trail[0]
    assert (source.slice(step.site.span), step.note) == ("0.0.0.0", "the default of BIND")
    publications, _, source = read('"${BIND}:80:80"')
    assert source.slice(publications[0].trail[0].site.span) == "${BIND}"


def test_the_site_is_the_entry_with_its_quotes() -> None:
    for entry, site in (
        ('"80:80"', '"80:80"'),
        ("80:80", "80:80"),
        ("{target: 80, published: '8080'}", "'8080'"),
        ("{target: 80}", "80"),
    ):
        publications, _, source = read(entry)
        assert source.slice(publications[0].site.span) == site


def test_the_env_file_beside_it_decides_before_the_default() -> None:
    publications, _, _ = read('"${BIND:-127.0.0.1}:${PORT:-1}:80"', "BIND=0.0.0.0 # all\nexport PORT='99'\n")
    assert opened(publications) == [("0.0.0.0", "99", "80/tcp")]
    assert publications[0].trail[0].site.path == ".env"
    assert read('"${BIND:-0.0.0.0}:80:80"', "BIND=127.0.0.1\n")[0][0].reach is Reach.HOST


def test_the_fix_goes_where_the_value_comes_from() -> None:
    assert fixed('"${BIND:-127.0.0.1}:80:80"', "A=1\nBIND=0.0.0.0\n") == {".env": "A=1\nBIND=127.0.0.1\n"}


def test_empty_in_the_env_file_is_not_unset() -> None:
    assert read('"${BIND-127.0.0.1}:80:80"', "BIND=\n")[0][0].reach is Reach.LAN
    assert read('"${BIND:-127.0.0.1}:80:80"', "BIND=\n")[0][0].reach is Reach.HOST
    assert read('"${BIND?}:80:80"', "BIND=\n")[0][0].reach is Reach.LAN


def test_the_env_file_is_read_as_compose_reads_it() -> None:
    env = "# c\nexport A = 1\nB='$A' # x\nC=\"${A}2\"\nD=a#b\nE: 5\nF\nA=6\nG=${NO:-7}\n"
    publications, _, _ = read('"${A}:${C}"', env)
    assert opened(publications) == [("", "6", "12/tcp")]
    assert read('"${E}:${G}"', env)[0][0].container_port == 7
    assert read('"${B}:1"', env)[1] != []


def test_a_long_range_is_stated_by_its_first_port() -> None:
    assert opened(read('"30000-40000:30000-40000/udp"')[0]) == [("", "30000", "30000/udp")]
    assert len(read('"3000-3099:3000-3099"')[0]) == 100


@given(st.text("0123456789.:[]/-${}ab*", max_size=24))
def test_any_entry_is_either_taken_apart_or_refused(text: str) -> None:
    entry = ports.parse(text)
    if isinstance(entry, ports.Entry):
        start, end = entry.host
        assert text[start:end].strip("[]") == entry.address
        moved = ports.parse(f"{text[:start]}127.0.0.1{entry.prefix}{text[end:]}")
        assert isinstance(moved, ports.Entry)
        assert (moved.address, moved.published, moved.target) == ("127.0.0.1", entry.published, entry.target)


@given(st.text("0123456789.:[]/-${}?+A_", max_size=24))
def test_no_entry_breaks_the_reader(text: str) -> None:
    publications, problems, source = read(json.dumps(text))
    assert publications or problems
    for publication in publications:
        assert source.slice(publication.site.span) == json.dumps(text)
