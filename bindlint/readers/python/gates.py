"""Two cheap looks before the dear one: which rows a file's bytes can speak of, and which its `ast` can.

Both are sound: a row that could match in a file keeps the file. Reading with and without them states the same facts.
"""

from __future__ import annotations

import ast
import fnmatch
import re
import warnings
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from bindlint.knowledge.gate import HERE, PYTHON, SETTINGS, wild

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from bindlint.knowledge import Knowledge
    from bindlint.knowledge.apis import Row
    from bindlint.knowledge.launchers import Launcher, Starter
    from bindlint.knowledge.python import Library

MAX_TEXT = 2_000  # of a text that can hold an address
_ESCAPED = re.compile(rb"\\[abfnrtvx0-7uUN]")  # no letter of the word behind it
# Fields of nodes that hold no node, whatever the kind; and those that may, by kind.
_LEAVES = frozenset({"ctx", "op", "ops", "module", "level", "is_async", "simple", "type_comment", "kind", "conversion"})
_FIELDS: dict[type, tuple[str, ...]] = {}


def live(data: bytes, library: Library) -> frozenset[int]:
    """The `id`s of the rows that the bytes can speak of."""
    return library.gate.file(data).live


def launching(data: bytes, knowledge: Knowledge) -> bool:
    """Whether the bytes name a call that starts programs, and a program with something to say (or start containers)."""
    file = knowledge.python.gate.file(data)
    if file.starts:
        return True
    if not file.started:
        return False
    return (
        any(row.program for row in file.started)
        or PYTHON in file.words
        or knowledge.telling_commands.search(_ESCAPED.sub(b" ", data)) is not None
    )


def gives_address(row: Row, keywords: Collection[str], positions: int, *, wild: bool) -> bool:
    """Whether a call gives the address to a row, as far as `from_elsewhere` wants it; `**` may hold any keyword."""
    if row.elsewhere or "**" in keywords or any(keyword in keywords for keyword in row.host.keywords):
        return True
    return wild and row.host.position is not None and positions > row.host.position


@lru_cache(maxsize=1)
def parsed(text: str) -> ast.Module | None:
    """The `ast` of a text, None when this Python cannot read it; that of the last one is kept."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about escapes in the file: none of our business
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def placed(rows: frozenset[int], name: str, library: Library) -> frozenset[int]:
    """Those of some rows that hold in a file of that name."""
    gone = {
        row
        for row, patterns in library.gate.filed.items()
        if row in rows and not any(fnmatch.fnmatch(name, pattern) for pattern in patterns)
    }
    return rows - gone


def look(words: Words, library: Library, rows: frozenset[int]) -> bool:
    """Whether the names and texts of a file can speak of any of the rows."""
    return any(_speaks(row, library, words) for row in library.rows if id(row) in rows)


def looks_launching(words: Words, knowledge: Knowledge) -> bool:
    """Whether names start programs or containers, as `launching` asks; comments do not count here."""
    library = knowledge.python

    def named(row: Launcher | Starter, said: set[str]) -> bool:
        return bool(row.roots & (words.said | words.imported) and row.words & said)

    if any(named(row, words.said) for row in library.starters):
        return True
    started = [row for row in library.launchers if named(row, words.written if row.assigned else words.said)]
    if not started or any(row.program for row in started):
        return bool(started)
    if PYTHON.decode() in words.said:
        return True
    said = [*words.said, *(text if isinstance(text, str) else text.decode("latin-1") for text in words.constants)]
    return knowledge.telling_commands.search("\n".join(said).encode("utf-8", "replace")) is not None


def shows_wildcard(text: str) -> bool:
    """Whether a text alone says that it is every interface, whatever reads it."""
    return not any(map(str.isspace, text)) and (text == "::" or "[::" in text or "0.0.0.0" in text)


class Words:
    """The names, imports, calls of methods and texts in a tree, taken in one walk."""

    def __init__(self, tree: ast.Module, text: str) -> None:
        self.said: set[str] = set()  # names that are read or imported
        self.written: set[str] = set()  # attributes that are assigned to
        self.constants: list[str | bytes] = []
        self.keys: set[str] = set()  # of what may be a dictionary: `dict(bind=…)`, `options.update(bind=…)`
        self.imported = {"*"}  # the first parts of modules
        self.calls: dict[str, list[tuple[frozenset[str], int]]] = {}  # of methods: keywords and how many positions
        self.inherits = False  # whether a class has a base, which may go by another name
        self.wild = wild(text)
        notes: dict[type, Callable[[Any], None]] = {
            ast.alias: self._alias,
            ast.ImportFrom: self._import_from,
            ast.Call: self._call,
            ast.ClassDef: self._class,
            ast.keyword: self._keyword,
        }
        stack: list[Any] = [tree]
        while stack:
            node = stack.pop()
            kind = type(node)
            if kind is ast.Name:
                self.said.add(node.id)
            elif kind is ast.Constant:
                if isinstance(node.value, str | bytes):
                    self.constants.append(node.value)
            elif kind is ast.Attribute:
                (self.written if type(node.ctx) is ast.Store else self.said).add(node.attr)
                stack.append(node.value)
            else:
                if kind in notes:
                    notes[kind](node)
                fields = _FIELDS.get(kind)
                for field in _fields(kind) if fields is None else fields:
                    value = getattr(node, field, None)
                    if type(value) is list:
                        stack += value
                    elif value is not None:
                        stack.append(value)

    @cached_property
    def names(self) -> set[str]:
        """Every name, whatever is done with it."""
        return self.said | self.written

    @cached_property
    def texts(self) -> set[str]:
        """The short texts; one with white space in it states no address."""
        short = (text for text in self.constants if len(text) < MAX_TEXT)
        texts = (text if isinstance(text, str) else text.decode("latin-1") for text in short)
        return {text for text in texts if not text or text.split(None, 1) == [text]}

    def _alias(self, node: ast.alias) -> None:
        parts = node.name.split(".")
        self.said.update(parts)
        self.imported.add(parts[0])

    def _import_from(self, node: ast.ImportFrom) -> None:
        self.imported.add((node.module or "").partition(".")[0])

    def _call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Attribute):
            keywords = frozenset(keyword.arg or "**" for keyword in node.keywords)
            starred = any(isinstance(arg, ast.Starred) for arg in node.args)
            self.calls.setdefault(node.func.attr, []).append((keywords, MAX_TEXT if starred else len(node.args)))

    def _class(self, node: ast.ClassDef) -> None:
        self.inherits = self.inherits or bool(node.bases)

    def _keyword(self, node: ast.keyword) -> None:
        if node.arg:
            self.keys.add(node.arg)


def _fields(kind: type) -> tuple[str, ...]:
    """The fields that may hold nodes; none of a name or number."""
    found = tuple(field for field in getattr(kind, "_fields", ()) if field not in _LEAVES)
    return _FIELDS.setdefault(kind, found)


def _speaks(row: Row, library: Library, words: Words) -> bool:
    if row.how == "variable":
        return _here(words) and (
            SETTINGS in words.names
            or any(fnmatch.fnmatchcase(text.upper(), pattern) for text in words.texts for pattern in row.names)
        )
    if row.roots and not row.roots & words.imported and not _handed(row, words):
        return False
    if row.how == "setting":
        return _here(words) and any(
            fnmatch.fnmatchcase(text, pattern)
            for said in (words.names, words.texts, words.keys)
            for text in said
            for pattern in row.names
        )
    said = words.texts | words.keys if row.how == "key" else words.names | words.texts
    if not any(all(word.decode() in said for word in needed) for needed in library.words(row)):
        return words.inherits and not words.names.isdisjoint(library.owners(row))
    return "*" not in row.roots or any(map(shows_wildcard, words.texts))


def _here(words: Words) -> bool:
    """Whether a text names this machine."""
    return any(word.decode() in text for text in words.texts for word in HERE)


def _handed(row: Row, words: Words) -> bool:
    """Whether a method is called in a way that gives the address, on what may come from another file."""
    if not row.of_object:
        return False
    calls = (call for name in row.names for call in words.calls.get(name.rpartition(".")[2], ()))
    return any(gives_address(row, keywords, positions, wild=words.wild) for keywords, positions in calls)
