"""Which Python files speak of a name: for readings that depend on who calls a function from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bindlint.facts import is_test

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_SUFFIXES = (".py", ".pyw")


def mentions(
    wanted: Iterable[tuple[str, str]], paths: Iterable[str], read: Callable[[str], bytes | None]
) -> dict[tuple[str, str], tuple[str, ...]]:
    """For each pair of a name and its module, the files of the project that hold both words, but for its tests."""
    pairs = sorted(set(wanted))
    words = sorted({word for pair in pairs for word in pair})
    found: dict[tuple[str, str], list[str]] = {pair: [] for pair in pairs}
    for path in sorted(path for path in paths if path.endswith(_SUFFIXES) and not is_test(path)):
        data = read(path)
        if data is None:
            continue
        held = {word for word in words if word.encode() in data}
        for name, module in pairs if held else ():
            if name in held and (module in held or not module):
                found[name, module].append(path)
    return {pair: tuple(files) for pair, files in found.items()}
