"""Reading a table strictly: every key has a type, none is unknown, a complaint names file, line and expectation.

Tables are data. Nothing here imports, evaluates or executes what it reads.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from bindlint.errors import KnowledgeError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_BYTES = 256 * 1024  # of one table file
MAX_DEPTH = 8

_REQUIRED: Any = object()


@dataclass(frozen=True, slots=True)
class Document:
    """One table file: its name under the rules folder and its text, for finding lines."""

    name: str
    text: str

    def line(self, path: Sequence[str | int]) -> int:
        """The one-based line of a key path such as ("listener", 2, "host"); of its nearest written parent."""
        lines = self.text.splitlines()
        at, start = 0, 0
        for depth, part in enumerate(path):
            if isinstance(part, int):
                continue
            index = path[depth + 1] if depth + 1 < len(path) and isinstance(path[depth + 1], int) else 0
            dotted = r"\.".join(re.escape(p) for p in path[: depth + 1] if isinstance(p, str))
            header = re.compile(rf"\s*\[\[?\s*{dotted}\s*\]\]?")
            key = re.compile(rf'\s*"?{re.escape(part)}"?\s*[=.]')
            found = [n for n in range(start, len(lines)) if header.match(lines[n]) or (depth and key.match(lines[n]))]
            if not found:
                found = [n for n in range(start, len(lines)) if key.match(lines[n])]
            if not found:
                break
            at = found[min(int(index), len(found) - 1)] if header.match(lines[found[0]]) else found[0]
            start = at
        return at + 1


class Table:
    """A TOML table being taken apart; `done` refuses whatever was not asked for."""

    def __init__(self, document: Document, data: dict[str, Any], path: tuple[str | int, ...] = ()) -> None:
        """Wrap the data that stand at a key path of a document."""
        if len(path) > 2 * MAX_DEPTH:
            raise KnowledgeError(f"{document.name}: nested more than {MAX_DEPTH} tables deep")
        self.document = document
        self.path = path
        self._data = data
        self._asked: set[str] = set()

    def fail(self, expected: str, key: str = "") -> NoReturn:
        """Complain about a key, or about the table itself: file, line, what was expected."""
        path = (*self.path, key) if key else self.path
        words = ".".join(str(p) for p in path if isinstance(p, str))
        raise KnowledgeError(
            f"{self.document.name}:{self.document.line(path)}: {words or 'table'}: expected {expected}"
        )

    def __contains__(self, key: str) -> bool:
        """Whether the key is written."""
        return key in self._data

    def text(self, key: str, default: str = _REQUIRED) -> str:
        """A string."""
        value = self._take(key, default, "a string")
        return value if isinstance(value, str) else self.fail("a string", key)

    def texts(self, key: str, default: tuple[str, ...] = _REQUIRED) -> tuple[str, ...]:
        """A string or a list of strings, as a tuple."""
        value = self._take(key, default, "a string or a list of strings")
        if isinstance(value, str):
            return (value,)
        if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
            return tuple(value)
        return self.fail("a string or a list of strings", key)

    def choice(self, key: str, allowed: Sequence[str], default: str = _REQUIRED) -> str:
        """One of some words."""
        value = self._take(key, default, f"one of {', '.join(allowed)}")
        return value if isinstance(value, str) and value in allowed else self.fail(f"one of {', '.join(allowed)}", key)

    def choices(self, key: str, allowed: Sequence[str], default: tuple[str, ...] = _REQUIRED) -> tuple[str, ...]:
        """Some of some words, as a tuple."""
        values = self.texts(key, default)
        return values if all(v in allowed for v in values) else self.fail(f"only words among {', '.join(allowed)}", key)

    def number(self, key: str, default: int | None = _REQUIRED) -> int | None:
        """An integer; None only where that is the default."""
        value = self._take(key, default, "an integer")
        if value is default or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        return self.fail("an integer", key)

    def flag(self, key: str, *, default: bool = _REQUIRED) -> bool:
        """True or false."""
        value = self._take(key, default, "true or false")
        return value if isinstance(value, bool) else self.fail("true or false", key)

    def mapping(self, key: str) -> dict[str, str]:
        """A table of strings; {} when absent."""
        value = self._take(key, {}, "a table of strings")
        if isinstance(value, dict) and all(isinstance(v, str) for v in value.values()):
            return dict(value)
        return self.fail("a table of strings", key)

    def value(self, key: str, default: Any = _REQUIRED) -> Any:  # noqa: ANN401 - a default may be of any TOML type
        """Any TOML value."""
        return self._take(key, default, "a value")

    def table(self, key: str) -> Table | None:
        """A sub-table, or None."""
        value = self._take(key, None, "a table")
        if value is None:
            return None
        return Table(self.document, value, (*self.path, key)) if isinstance(value, dict) else self.fail("a table", key)

    def tables(self, key: str) -> Iterator[Table]:
        """An array of tables; nothing when absent."""
        value = self._take(key, [], "an array of tables")
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.fail("an array of tables ([[…]])", key)
        for index, item in enumerate(value):
            yield Table(self.document, item, (*self.path, key, index))

    def skip(self, *keys: str) -> None:
        """Keys that another pass over the table reads."""
        self._asked.update(keys)

    def done(self) -> None:
        """Refuse keys that nobody asked for."""
        if unknown := sorted(set(self._data) - self._asked):
            known = ", ".join(sorted(self._asked))
            self.fail(f"one of the known keys ({known})", unknown[0])

    def _take(self, key: str, default: Any, expected: str) -> Any:  # noqa: ANN401 - checked by each caller
        self._asked.add(key)
        if key in self._data:
            return self._data[key]
        if default is _REQUIRED:
            self.fail(f"{expected} under the key {key!r}")
        return default
