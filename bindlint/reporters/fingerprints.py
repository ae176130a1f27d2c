"""`primaryLocationLineHash`, by which GitHub code scanning recognises an alert when lines above it move.

The same value as github/codeql-action computes (src/fingerprints.ts): a polynomial hash of the next 100 UTF-16 units
from the start of the line, without blanks and tabs, with every line end as LF and 65535 for the end of the file; then
how many lines so far have that hash.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_BLOCK = 100
_FACTOR = 37
_MASK = (1 << 64) - 1


def line_hashes(text: str, lines: Iterable[int]) -> dict[int, str]:
    """The hash of each of the one-based lines asked for."""
    units = _units(text.replace("\r\n", "\n").replace("\r", "\n").translate({ord(" "): None, ord("\t"): None}))
    padded = units + "\uffff" + "\0" * _BLOCK
    wanted = set(lines)
    seen: dict[str, int] = {}
    hashes: dict[int, str] = {}
    start, line = 0, 1
    while 0 <= start <= len(units) and len(hashes) < len(wanted):
        window = padded[start : start + _BLOCK]
        seen[window] = seen.get(window, 0) + 1
        if line in wanted:
            hashes[line] = f"{_hash(window):x}:{seen[window]}"
        start = units.find("\n", start) + 1 or -1
        line += 1
    return hashes


def _hash(window: str) -> int:
    value = 0
    for unit in window:
        value = (value * _FACTOR + ord(unit)) & _MASK
    return value


def _units(text: str) -> str:
    """The text with each character beyond the basic plane as its two UTF-16 units."""
    if text.isascii() or max(text) <= "\uffff":
        return text
    data = text.encode("utf-16-le", "surrogatepass")
    return "".join(chr(data[i] | data[i + 1] << 8) for i in range(0, len(data), 2))
