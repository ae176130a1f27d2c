"""Unified diffs that `git apply` and `patch -p1` take (git-diff(1), "Generating patch text with -p").

They are made of the pieces that were replaced, not found by comparing: in time that is linear in the file.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_CONTEXT = 3
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'()*+,-./:;<=>?@[]^_`{|}~ ")


@dataclass(frozen=True, slots=True, order=True)
class Piece:
    """Bytes from `start` to `end` of a file, and what takes their place."""

    start: int
    end: int
    data: bytes


@dataclass(frozen=True, slots=True)
class _Change:
    """Lines from `first` up to `last` of the old file, and those that take their place."""

    first: int
    last: int
    lines: list[bytes]


def spliced(before: bytes, pieces: Iterable[Piece]) -> bytes:
    """The bytes with every piece in its place; pieces do not overlap."""
    out, at = [], 0
    for piece in sorted(pieces):
        out += [before[at : piece.start], piece.data]
        at = piece.end
    return b"".join([*out, before[at:]])


def unified(path: str, before: bytes, pieces: Iterable[Piece]) -> bytes:
    """What the pieces change in a file, as bytes: names and lines may be in any encoding. Empty for no change."""
    old = _lines(before)
    changes = list(_changes(old, sorted(pieces)))
    if not changes:
        return b""
    first, second = _name(b"a/", path), _name(b"b/", path)
    tab = b"\t" if b" " in first else b""  # where patch(1) is to see the end of the name
    out = [b"diff --git %b %b\n--- %b%b\n+++ %b%b\n" % (first, second, first, tab, second, tab)]
    shift = 0
    for group in _groups(changes):
        start, end = max(group[0].first - _CONTEXT, 0), min(group[-1].last + _CONTEXT, len(old))
        grown = sum(len(change.lines) - (change.last - change.first) for change in group)
        out.append(b"@@ -%b +%b @@\n" % (_range(start, end - start), _range(start + shift, end - start + grown)))
        at = start
        for change in group:
            out += _marked(b" ", old[at : change.first])
            out += _marked(b"-", old[change.first : change.last])
            out += _marked(b"+", change.lines)
            at = change.last
        out += _marked(b" ", old[at:end])
        shift += grown
    return b"".join(out)


def _changes(old: Sequence[bytes], pieces: Sequence[Piece]) -> Iterator[_Change]:
    """The lines that pieces touch, each run of lines once, without lines that stay the same at either end."""
    starts, total = [], 0
    for line in old:
        starts.append(total)
        total += len(line)
    index = 0
    while index < len(pieces):
        first = last = max(bisect_right(starts, pieces[index].start) - 1, 0)
        run: list[Piece] = []
        while index < len(pieces) and bisect_right(starts, pieces[index].start) - 2 <= last:
            run.append(pieces[index])
            last = max(last, bisect_right(starts, max(pieces[index].end - 1, pieces[index].start)) - 1)
            index += 1
        lines = list(old[first : last + 1])
        base = starts[first] if starts else 0
        moved = [Piece(piece.start - base, piece.end - base, piece.data) for piece in run]
        new = _lines(spliced(b"".join(lines), moved))
        head = 0
        while head < min(len(lines), len(new)) and lines[head] == new[head]:
            head += 1
        tail = 0
        while tail < min(len(lines), len(new)) - head and lines[-1 - tail] == new[-1 - tail]:
            tail += 1
        if lines != new:
            yield _Change(first + head, first + len(lines) - tail, new[head : len(new) - tail])


def _groups(changes: Sequence[_Change]) -> Iterator[list[_Change]]:
    """Changes whose context would touch, together."""
    group: list[_Change] = []
    for change in changes:
        if group and change.first - group[-1].last > 2 * _CONTEXT:
            yield group
            group = []
        group.append(change)
    yield group


def _lines(data: bytes) -> list[bytes]:
    """The lines as git counts them: only LF ends one."""
    found = data.split(b"\n")
    return [line + b"\n" for line in found[:-1]] + ([found[-1]] if found[-1] else [])


def _marked(mark: bytes, lines: Sequence[bytes]) -> list[bytes]:
    return [
        mark + line if line.endswith(b"\n") else mark + line + b"\n\\ No newline at end of file\n" for line in lines
    ]


def _range(start: int, count: int) -> bytes:
    first = start + 1 if count else start
    return b"%d" % first if count == 1 else b"%d,%d" % (first, count)


def _name(prefix: bytes, path: str) -> bytes:
    """A path as git writes it: in quotes and with escapes where it holds anything unusual (core.quotePath)."""
    raw = prefix + path.encode("utf-8", "surrogateescape")
    if all(byte in _PLAIN for byte in raw):
        return raw
    return b'"' + b"".join(bytes([b]) if b in _PLAIN else b"\\%03o" % b for b in raw) + b'"'
