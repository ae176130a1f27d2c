"""`${…}` of compose: the value with each environment, and where its parts stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bindlint.readers.interpolation import OPAQUE, State, expand, join

ENVIRONMENTS: tuple[dict[str, str], ...] = ({}, {"V": ""}, {"V": "v"})


@pytest.mark.parametrize(
    ("template", "unset", "empty", "value"),
    [
        ("${V}", "", "", "v"),
        ("$V", "", "", "v"),
        ("${V:-d}", "d", "d", "v"),
        ("${V-d}", "d", "", "v"),
        ("${V:?e}", OPAQUE, OPAQUE, "v"),
        ("${V?e}", OPAQUE, "", "v"),
        ("${V:+r}", "", "", "r"),
        ("${V+r}", "", "r", "r"),
        ("$$V", "$V", "$V", "$V"),
        ("a${V}b$V.c", "ab.c", "ab.c", "avbv.c"),
        ("${V:-${W:-d}}", "d", "d", "v"),
        ("${W:-${V}}", "", "", "v"),
        ("${V:-a:b}", "a:b", "a:b", "v"),
        ("${V:-}", "", "", "v"),
        ("$-", "$-", "$-", "$-"),
        ("no reference", "no reference", "no reference", "no reference"),
        ("${V/a/b}", "${V/a/b}", "${V/a/b}", "${V/a/b}"),
        ("${V", "${V", "${V", "${V"),
        ("${1V}", "${1V}", "${1V}", "${1V}"),
    ],
)
def test_each_form_with_the_variable_unset_empty_and_set(template: str, unset: str, empty: str, value: str) -> None:
    assert [join(expand(template, environment)) for environment in ENVIRONMENTS] == [unset, empty, value]


def test_a_default_stands_where_it_is_written() -> None:
    template = "a${V:-0.0.0.0}b"
    part = expand(template)[1]
    assert (part.state, part.names, template[part.start : part.end]) == (State.DEFAULT, ("V",), "0.0.0.0")
    assert template[slice(*part.reference)] == "${V:-0.0.0.0}" or part.reference == (0, 0)


def test_an_empty_variable_says_where_a_default_would_go() -> None:
    for template, after in (("${V}:80", "${V:-x}:80"), ("$V:80", "${V:-x}:80"), ("${V-}:80", "${V-x}:80")):
        part = expand(template)[0]
        assert template[: part.start] + part.before + "x" + part.after + template[part.end :] == after


@given(st.text("$V{}:-?+ab ", max_size=40))
def test_parts_are_in_order_and_make_the_value(template: str) -> None:
    parts = expand(template)
    assert all(0 <= p.start <= p.end <= len(template) for p in parts)
    assert [p.start for p in parts] == sorted(p.start for p in parts)
    for part in parts:
        if part.state in (State.LITERAL, State.DEFAULT, State.INVALID):
            assert template[part.start : part.end] == part.text


@pytest.mark.parametrize(
    "template", ["${V:-" * 5_000, "${V:-" * 5_000 + "}" * 5_000, "${" * 50_000, "$" * 100_001, "{" * 100_000]
)
def test_references_without_end_are_read_in_passing(template: str) -> None:
    assert len(join(expand(template))) <= len(template)
