"""Which rows of rules/python/ a file's bytes can speak of: compiled once, so that most files cost one pass.

Every condition is a necessary one, read off how code is written: what is not in the words, the imports, or before an
opening bracket cannot be meant, whatever stands around it. Comments and texts are looked at like code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bindlint.knowledge.apis import Row
    from bindlint.knowledge.launchers import Launcher
    from bindlint.knowledge.python import Library

HERE = (b"localhost", b"127.")  # what a default that names this machine holds
SETTINGS = "BaseSettings"  # whose fields are variables
READERS = frozenset({b"environ", b"getenv", b"config", b"env", b"Env", SETTINGS.encode()})
PYTHON = b"executable"  # sys.executable, by which Python starts itself
# What a text that says every interface holds; slices and prose have a `::` in other places.
_WILD = r"""0\.0\.0\.0|["'\[/@=,0]::["'\]0%/f,:]"""
_WILD_TEXT, _WILD_BYTES = re.compile(_WILD), re.compile(_WILD.encode())
# Bytes that are no ASCII letter, digit or underscore, as spaces. No row has other letters.
_SPACED = bytes(byte if byte < 128 and (chr(byte).isalnum() or byte == ord("_")) else 32 for byte in range(256))
_CONTINUED = re.compile(rb"\\(?:\r\n|\r|\n)")
_IMPORT = re.compile(rb"import(?!\w)([^\r\n;#]*)")
_FROM = re.compile(rb"\bfrom\b")
_PATH = re.compile(rb"[\w. \t\f]*")  # of a module
_MODULE = re.compile(rb"(?:\A|,)\s*(\w+)")
_BETWEEN = rb"[\s\\]*"  # a name and what follows it


def wild(text: str) -> bool:
    """Whether a text that says every interface may be written in a file."""
    return ("::" in text or "0.0.0.0" in text) and _WILD_TEXT.search(text) is not None


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to speak of a row: the words beside the one it is found by; a class of it is only inherited from."""

    row: Row
    more: frozenset[bytes]
    roots: frozenset[bytes]
    methods: frozenset[bytes]  # under which an object that another file made is asked to listen

    @property
    def anywhere(self) -> bool:
        """Whether the file need not name a library."""
        return not self.roots or b"*" in self.roots


class Gate:
    """The rows of a library by one word each, which a file that speaks of them must have."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._by_word: dict[bytes, list[_Way]] = {}
        self._named: list[tuple[Row, frozenset[bytes]]] = []  # settings, whose names are globs
        for row in library.rows:
            if row.how in ("setting", "variable"):
                self._named.append((row, frozenset(word for words in library.words(row) for word in words)))
                continue
            roots = _encoded(row.roots)
            methods = frozenset(words[0] for words in library.words(row)) if row.of_object else frozenset[bytes]()
            for words in {*library.words(row), *((owner.encode(),) for owner in library.owners(row))}:
                self._add(row, words, roots, methods)
        self._words = frozenset(self._by_word)
        self.filed = {id(row): row.files for row in library.rows if row.files}
        listening = sorted({m for ways in self._by_word.values() for way in ways for m in way.methods})
        self.called = re.compile(rb"\." + _BETWEEN + rb"(" + rb"|".join(listening) + rb")" + _BETWEEN + rb"\(")
        self.launchers = [(row, _encoded(row.roots), _encoded(row.words)) for row in library.launchers]
        self.starters = [(_encoded(row.roots), _encoded(row.words)) for row in library.starters]
        self._last: File | None = None

    def _add(self, row: Row, words: Iterable[bytes], roots: frozenset[bytes], methods: frozenset[bytes]) -> None:
        parts = sorted({part for word in words for part in word.translate(_SPACED).split()}, key=len)
        owned = methods if words in self.library.words(row) else frozenset[bytes]()
        self._by_word.setdefault(parts[-1], []).append(_Way(row, frozenset(parts[:-1]), roots, owned))

    def file(self, data: bytes) -> File:
        """A file; of the last one what is known stays known."""
        if self._last is None or self._last.data != data:
            self._last = File(data, self)
        return self._last

    def live(self, file: File) -> frozenset[int]:
        """The `id`s of the rows that a file can speak of."""
        found = set[int]()
        for word in self._words & file.words:
            for way in self._by_word[word]:
                if way.more <= file.words and id(way.row) not in found and file.reaches(way):
                    found.add(id(way.row))
        if file.here:
            found.update(id(row) for row, words in self._named if self._names(row, words, file))
        return frozenset(found)

    @staticmethod
    def _names(row: Row, words: frozenset[bytes], file: File) -> bool:
        if row.how == "variable":
            return not READERS.isdisjoint(file.words)
        imported = not row.roots or not row.roots.isdisjoint(file.imported)
        return imported and any(word in file.data for word in words)


def _encoded(words: Iterable[str]) -> frozenset[bytes]:
    return frozenset(word.encode() for word in words)


def _imports(data: bytes) -> set[bytes]:
    """The first parts of the modules that statements import, one a line, as far as comments and texts have none."""
    found, end = set[bytes](), 0
    for match in _IMPORT.finditer(data):
        line = max(data.rfind(mark, end, match.start()) for mark in (b"\n", b"\r", b";")) + 1
        head = data[max(line, end) : match.start()]
        *_, last = -1, *(start.end() for start in _FROM.finditer(head))
        if last >= 0 and _PATH.fullmatch(head, last):
            found.add(head[last:].partition(b".")[0].strip())
        else:
            found.update(_MODULE.findall(match[1]))
        end = match.end()
    return found


class File:
    """What the bytes of one file tell, each thing found out when it is first asked for."""

    def __init__(self, data: bytes, gate: Gate) -> None:
        self.data = data
        self._gate = gate
        self._given: dict[str, bool] = {}

    @cached_property
    def words(self) -> frozenset[bytes]:
        """Every run of letters, digits and underscores."""
        return frozenset(self.data.translate(_SPACED).split())

    @cached_property
    def live(self) -> frozenset[int]:
        """The `id`s of the rows that it can speak of."""
        return self._gate.live(self)

    @cached_property
    def imported(self) -> frozenset[str]:
        """The first parts of the modules that are imported anywhere."""
        found = _imports(self.data)
        if (joined := _CONTINUED.sub(b" ", self.data)) != self.data:
            found |= _imports(joined)
        return frozenset(word.decode() for word in found)

    @cached_property
    def wild(self) -> bool:
        """Whether a text that says every interface may be written."""
        return (b"::" in self.data or b"0.0.0.0" in self.data) and _WILD_BYTES.search(self.data) is not None

    @cached_property
    def here(self) -> bool:
        """Whether anything names this machine."""
        return any(word in self.data for word in HERE)

    @cached_property
    def called(self) -> frozenset[bytes]:
        """The methods that are called, of those that listen."""
        return frozenset(self._gate.called.findall(self.data))

    def reaches(self, way: _Way) -> bool:
        """Whether the file names the library of a row, or need not."""
        if way.anywhere:
            return not way.roots or self.wild
        if not way.roots.isdisjoint(self.words) and not way.row.roots.isdisjoint(self.imported):
            return True
        return bool(way.methods) and b"import" in self.words and self._hands(way)

    def _hands(self, way: _Way) -> bool:
        """Whether a method may be called in a way that gives the address, on an object that another file makes."""
        if way.methods.isdisjoint(self.called):
            return False
        host = way.row.host
        return way.row.elsewhere or any(map(self._gives, host.keywords)) or (host.position is not None and self.wild)

    def _gives(self, keyword: str) -> bool:
        """Whether an argument may have a keyword: written so, or unpacked of what has it as a key."""
        if keyword not in self._given:
            word = keyword.encode()
            self._given[keyword] = word in self.words and (
                b"**" in self.data or re.search(word + _BETWEEN + rb"=(?!=)", self.data) is not None
            )
        return self._given[keyword]

    @cached_property
    def starts(self) -> bool:
        """Whether it names a call that starts containers."""
        return any(self._has(roots) and self._has(words) for roots, words in self._gate.starters)

    @cached_property
    def started(self) -> list[Launcher]:
        """The rows of calls that it names to start programs. It must import itself what starts them."""
        launchers = (row for row, roots, words in self._gate.launchers if self._has(roots) and self._has(words))
        return [row for row in launchers if not row.roots.isdisjoint(self.imported)]

    def _has(self, words: frozenset[bytes]) -> bool:
        return not words.isdisjoint(self.words)
