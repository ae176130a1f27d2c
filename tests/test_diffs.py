"""Diffs are what `git apply` and `patch` take, and say no more than what changed."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bindlint.diffs import Piece, spliced, unified

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = st.lists(st.sampled_from(["a", "b", "bind 0.0.0.0", "", "x\r"]), max_size=40).map("\n".join)


@st.composite
def edited(draw: st.DrawFn) -> tuple[bytes, list[Piece]]:
    """A text and pieces of it that do not overlap."""
    before = (draw(TEXTS) + draw(st.sampled_from(["", "\n"]))).encode()
    places = sorted(draw(st.lists(st.integers(0, len(before)), unique=True, max_size=8)))
    if len(places) % 2:
        places.pop()
    data = st.sampled_from([b"", b"127.0.0.1", b"new\n", b"\n", b"a\nb\n", b"\xff"])
    return before, [Piece(a, b, draw(data)) for a, b in zip(places[::2], places[1::2], strict=True)]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edited(), st.sampled_from(["f", "dir/with space", "caf\u00e9.conf", 'q"uote']))
def test_git_apply_makes_of_a_diff_what_was_meant(tmp_path: Path, case: tuple[bytes, list[Piece]], path: str) -> None:
    before, pieces = case
    after = spliced(before, pieces)
    diff = unified(path, before, pieces)
    assert (diff == b"") == (before == after)
    if not diff:
        return
    file = tmp_path / path
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(before)
    subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], cwd=tmp_path, input=diff, check=True)
    assert file.read_bytes() == after


def test_a_diff_shows_the_changed_line_and_three_around_it() -> None:
    before = b"".join(b"%d\n" % n for n in range(20))
    start = before.index(b"10\n")

    assert unified("f", before, [Piece(start, start + 2, b"ten")]).splitlines()[3:] == [
        b"@@ -8,7 +8,7 @@", b" 7", b" 8", b" 9", b"-10", b"+ten", b" 11", b" 12", b" 13",
    ]  # fmt: skip


def test_lines_that_follow_one_another_are_shown_together() -> None:
    diff = unified("f", b"a\nb\nc\n", [Piece(0, 1, b"x"), Piece(2, 3, b"y")])

    assert diff.splitlines()[4:] == [b"-a", b"-b", b"+x", b"+y", b" c"]


def test_a_line_put_in_takes_no_other_away() -> None:
    assert unified("f", b"a\nb\n", [Piece(2, 2, b"new\n")]).splitlines()[4:] == [b" a", b"+new", b" b"]


@pytest.mark.parametrize(("before", "data"), [(b"a", b"b"), (b"a\n", b"b")])
def test_a_missing_line_end_is_said(before: bytes, data: bytes) -> None:
    diff = unified("f", before, [Piece(0, len(before), data)])

    assert diff.count(b"\\ No newline at end of file\n") == (1 if before.endswith(b"\n") else 2)
