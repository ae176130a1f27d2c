"""Text and places: offsets are characters, lines are for people, and odd bytes are refused with a reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bindlint.errors import UnreadableError
from bindlint.source import Source, Span


def test_lines_and_columns_count_characters_whatever_ends_a_line() -> None:
    source = Source("a.txt", "één\r\ntwo\rthree\n")
    assert [source.line_column(source.text.index(word)) for word in ("één", "two", "three")] == [(1, 1), (2, 1), (3, 1)]
    assert [source.line_text(n) for n in (1, 2, 3)] == ["één", "two", "three"]
    assert source.line_count == 3


@given(st.text(alphabet="ab\n\r\té😀", max_size=60), st.data())
def test_offset_undoes_line_column(text: str, data: st.DataObject) -> None:
    source = Source("a.txt", text)
    offset = data.draw(st.integers(0, len(text)))
    line, column = source.line_column(offset)
    assert source.offset(line, column - 1) == offset


def test_a_python_cookie_is_obeyed_and_a_byte_order_mark_is_one_character() -> None:
    latin = Source.decode("a.py", b"# -*- coding: latin-1 -*-\nx = '\xe9'\n")
    assert latin.text.endswith("'é'\n")
    marked = Source.decode("a.py", b"\xef\xbb\xbfx = 1\n")
    assert marked.slice(Span(1, 2)) == "x"


def test_a_byte_that_is_no_utf8_costs_a_configuration_file_nothing() -> None:
    source = Source.decode("redis.conf", b"# caf\xe9\nbind 0.0.0.0\n")
    assert source.line_text(2) == "bind 0.0.0.0"
    assert source.text.encode("utf-8", "surrogateescape") == b"# caf\xe9\nbind 0.0.0.0\n"


@pytest.mark.parametrize(
    ("path", "data", "reason", "line"),
    [
        ("a.py", b"# coding: utf-7\n", "encoding 'utf-7'", 1),
        ("a.py", b"#!/usr/bin/python\n# coding: rot13\n", "encoding 'rot13'", 1),
        ("a.yml", b"ok: 1\nbad: \xff\n", "not valid utf-8", 2),
        ("a.yml", b"a\0b", "binary file", 0),
    ],
)
def test_what_cannot_be_read_says_why_and_where(path: str, data: bytes, reason: str, line: int) -> None:
    with pytest.raises(UnreadableError) as caught:
        Source.decode(path, data)
    assert reason in caught.value.reason
    assert caught.value.line == line
