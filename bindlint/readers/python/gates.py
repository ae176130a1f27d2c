"""Two cheap looks before the dear one: which rows a file's bytes can speak of, and which its `ast` can.

Both are sound: a row that could match in a file keeps the file. Reading with and without them states the same facts.
"""

from __future__ import annotations

import ast
import fnmatch
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bindlint.knowledge.python import Library, Row

WILDCARDS = (b"0.0.0.0", b"::")
HERE = (b"localhost", b"127.")  # what a default that names this machine holds
MAX_TEXT = 2_000  # of a text that can hold an address
READERS = (b"environ", b"getenv", b"config", b"env", b"Env")


def live(data: bytes, library: Library) -> frozenset[int]:
    """The `id`s of the rows whose words are all in the bytes."""
    roots = library.roots_in(data)
    found = set()
    words: dict[bytes, bool] = {}

    def has(word: bytes) -> bool:
        if word not in words:
            words[word] = word in data
        return words[word]

    for row in library.rows:
        if row.how == "variable":
            alive = any(map(has, READERS)) and any(map(has, HERE))
        else:
            alive = (not row.roots or bool(row.roots & roots)) and any(
                all(map(has, name)) for name in library.words(row)
            )
            if "*" in row.roots:
                alive = alive and any(map(has, WILDCARDS))
        if alive:
            found.add(id(row))
    return frozenset(found)


def parsed(text: str) -> ast.Module | None:
    """The `ast` of a text, None when this Python cannot read it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about escapes in the file: none of our business
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def look(tree: ast.Module, name: str, library: Library, rows: frozenset[int]) -> bool:
    """Whether the names and texts of a file called `name` can speak of any of the rows."""
    words = _Words(tree)
    return any(_speaks(row, name, library, words) for row in library.rows if id(row) in rows)


def shows_wildcard(text: str) -> bool:
    """Whether a text alone says that it is every interface, whatever reads it."""
    return not any(map(str.isspace, text)) and (text == "::" or "[::" in text or "0.0.0.0" in text)


class _Words:
    """The names, imports and short texts in a file; a text with white space in it states no address."""

    def __init__(self, tree: ast.Module) -> None:
        self.names: set[str] = set()
        self.texts: set[str] = set()
        self.imported = {"*"}
        stack: list[Any] = [tree]
        while stack:
            node = stack.pop()
            kind = type(node)
            if kind is ast.Name:
                self.names.add(node.id)
                continue
            if kind is ast.Constant:
                self._constant(node.value)
                continue
            if kind is ast.Attribute:
                self.names.add(node.attr)
            elif kind is ast.alias:
                self.names.update(node.name.split("."))
                self.imported.add(node.name.partition(".")[0])
            elif kind is ast.ImportFrom:
                self.imported.add((node.module or "").partition(".")[0])
            for field in node._fields:
                value = getattr(node, field, None)
                if type(value) is list:
                    stack += [item for item in value if isinstance(item, ast.AST)]
                elif isinstance(value, ast.AST):
                    stack.append(value)

    def _constant(self, value: object) -> None:
        if isinstance(value, bytes):
            value = value.decode("latin-1")
        if isinstance(value, str) and len(value) < MAX_TEXT and not any(map(str.isspace, value)):
            self.texts.add(value)


def _speaks(row: Row, name: str, library: Library, words: _Words) -> bool:
    if row.how == "variable":
        return any(word.decode() in text for text in words.texts for word in HERE) and any(
            fnmatch.fnmatchcase(text.upper(), pattern) for text in words.texts for pattern in row.names
        )
    if row.files and not any(fnmatch.fnmatch(name, pattern) for pattern in row.files):
        return False
    if row.roots and not row.roots & words.imported:
        return False
    said = words.texts if row.how == "key" else words.names | words.texts
    if not any(all(word.decode() in said for word in needed) for needed in library.words(row)):
        return False
    return "*" not in row.roots or any(map(shows_wildcard, words.texts))
