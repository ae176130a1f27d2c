"""The address module: spellings as verdicts.md section 1 lists them, and the laws they obey."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bindlint.addresses import FORMS, Families, Kind, classify, ipv4, loopback, split

if TYPE_CHECKING:
    import ipaddress

WILDCARD = [
    "0.0.0.0",
    "::",
    "[::]",
    "",
    "*",
    "0",
    "0.0",
    "0x0",
    "000.000.000.000",
    "::0",
    "0:0:0:0:0:0:0:0",
    "::ffff:0.0.0.0",
]
LOOPBACK = [
    "127.0.0.1",
    "127.0.0.53",
    "127.1",
    "0x7f.1",
    "2130706433",
    "0177.1",
    "::1",
    "[::1]",
    "::ffff:127.0.0.1",
    "0:0:0:0:0:0:0:1",
]
LOCALHOST = [
    "localhost",
    "localhost.",
    "LOCALHOST",
    "db.localhost",
    "localhost.localdomain",
    "ip6-localhost",
    "localhost4",
]
SPECIFIC = [
    "10.0.0.1",
    "192.168.1.1",
    "fe80::1%eth0",
    "eth0",
    "example.com",
    "localhost.example.com",
    "notlocalhost",
    "08",
    "256.1",
    "1.2.3.4.5",
]
UNKNOWN = ["$HOST", "${HOST}", "{{ .Values.host }}", "%(host)s", "$(HOST)"]
NONE = ["unix:/run/x.sock", "/run/x.sock", "fd://3", "@abstract"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (text, kind)
        for kind, texts in zip(Kind, (WILDCARD, LOOPBACK, LOCALHOST, SPECIFIC, UNKNOWN, NONE), strict=True)
        for text in texts
    ],
)
def test_each_spelling_has_its_kind(text: str, kind: Kind) -> None:
    assert classify(text)[0] is kind


def test_a_row_may_read_a_spelling_in_its_own_way() -> None:
    assert classify("*", {"*": "loopback-v6"}) == (Kind.LOOPBACK, Families.V6)
    assert classify("[::]", {"::": "wildcard-dual"}) == (Kind.WILDCARD, Families.DUAL)
    assert classify("", {"": "loopback"}) == (Kind.LOOPBACK, Families.UNKNOWN)
    assert classify("LOCALHOST", {"localhost": "localhost-v4"}) == (Kind.LOCALHOST, Families.V4)


@given(st.ip_addresses(v=4))
def test_a_dotted_quad_is_what_ipaddress_says(address: ipaddress.IPv4Address) -> None:
    kind, families = classify(str(address))
    assert families is Families.V4
    assert (kind is Kind.WILDCARD) == address.is_unspecified
    assert (kind is Kind.LOOPBACK) == address.is_loopback


@given(st.ip_addresses(v=6))
def test_an_ipv6_text_is_the_same_in_every_form(address: ipaddress.IPv6Address) -> None:
    assert classify(address.exploded) == classify(address.compressed) == classify(f"[{address.compressed}]")
    if address.ipv4_mapped is None:
        assert (classify(str(address))[0] is Kind.LOOPBACK) == address.is_loopback


@given(
    st.from_regex(
        r"(0x[0-9a-f]{0,8}|0[0-7]{0,11}|[1-9][0-9]{0,10}|0)(\.(0x[0-9a-f]{0,3}|0?[0-9]{1,3})){0,3}", fullmatch=True
    )
)
def test_short_ipv4_forms_are_what_inet_aton_says(text: str) -> None:
    try:
        expected: int | None = int.from_bytes(socket.inet_aton(text), "big")
    except OSError:
        expected = None
    assert ipv4(text) == expected


@given(st.text(max_size=40), st.sampled_from(FORMS), st.sampled_from(["", ",", " ", ", "]))
def test_a_piece_is_where_it_says_it_is(text: str, form: str, separator: str) -> None:
    for piece in split(text, form, separator):
        assert text[piece.start : piece.end] == piece.host
        classify(piece.host)


@pytest.mark.parametrize(
    ("value", "form", "separator", "hosts"),
    [
        (":8080", "host:port", "", [("", 8080)]),
        ("0.0.0.0:80", "host:port", "", [("0.0.0.0", 80)]),
        ("[::]:80", "listen", "", [("[::]", 80)]),
        ("80", "listen", "", [("", 80)]),
        ("80", "host", "", [("80", None)]),
        ("tcp://*:5555", "url", "", [("*", 5555)]),
        ("http://:2379", "url", "", [("", 2379)]),
        ("postgres://u:p@localhost:5432/db?x=1", "url", "", [("localhost", 5432)]),
        ("mongodb://a:1,b:2/x", "url", "", [("a", 1), ("b", 2)]),
        ("0.0.0.0:80, [::1]:90", "host:port", ", ", [("0.0.0.0", 80), ("[::1]", 90)]),
        ("127.0.0.1 -::1", "host", " ", [("127.0.0.1", None), ("-::1", None)]),
        ("${H:-0.0.0.0}:80", "host:port", "", [("${H:-0.0.0.0}", 80)]),
        (":::80", "listen", "", [("::", 80)]),
        ("unix:/run/x:0", "host:port", "", [("unix:/run/x:0", None)]),
    ],
)
def test_hosts_are_found_inside_values(
    value: str, form: str, separator: str, hosts: list[tuple[str, int | None]]
) -> None:
    assert [(piece.host, piece.port) for piece in split(value, form, separator)] == hosts


def test_the_loopback_address_keeps_the_family() -> None:
    assert loopback(Families.V6) == "::1"
    assert loopback(Families.V6, brackets=True) == "[::1]"
    assert {loopback(f) for f in (Families.V4, Families.DUAL, Families.UNKNOWN)} == {"127.0.0.1"}


@pytest.mark.parametrize("text", ["ipc:///run/app", "unix:///run/app", "http+unix://%2Frun", "inproc://x", "fd://3"])
def test_a_url_of_no_ip_socket_holds_no_wildcard(text: str) -> None:
    (piece,) = split(text, "url")

    assert classify(piece.host)[0] is not Kind.WILDCARD
