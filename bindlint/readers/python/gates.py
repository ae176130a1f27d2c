"""Two cheap looks before the dear one: which rows a file's bytes can speak of, and which its `ast` can.

Both are sound: a row that could match in a file keeps the file. Reading with and without them states the same facts.
"""

from __future__ import annotations

import ast
import fnmatch
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bindlint.knowledge.python import Library, Row

WILDCARDS = (b"0.0.0.0", b"::")
HERE = (b"localhost", b"127.")  # what a default that names this machine holds
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
            alive = (not row.roots or bool(row.roots & roots)) and any(map(has, library.lasts(row)))
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
    names, texts = _words(tree)
    return any(_speaks(row, name, library, names, texts) for row in library.rows if id(row) in rows)


def _words(tree: ast.Module) -> tuple[set[str], set[str]]:
    names: set[str] = set()
    texts: set[str] = set()
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        kind = type(node)
        if kind is ast.Name:
            names.add(node.id)  # type: ignore[attr-defined] # a name
            continue
        if kind is ast.Constant:
            value = node.value  # type: ignore[attr-defined] # a constant
            if isinstance(value, bytes):
                value = value.decode("latin-1")
            if isinstance(value, str):
                texts.add(value)
            continue
        if kind is ast.Attribute:
            names.add(node.attr)  # type: ignore[attr-defined] # an attribute
        elif kind is ast.alias:
            names.update(node.name.split("."))  # type: ignore[attr-defined] # an imported name
        elif kind is ast.ImportFrom:
            names.update((node.module or "").split("."))  # type: ignore[attr-defined] # an import
        for field in node._fields:
            value = getattr(node, field, None)
            if isinstance(value, list):
                stack.extend(item for item in value if isinstance(item, ast.AST))
            elif isinstance(value, ast.AST):
                stack.append(value)
    return names, texts


def _speaks(row: Row, name: str, library: Library, names: set[str], texts: set[str]) -> bool:
    if row.how == "variable":
        return any(word.decode() in text for text in texts for word in HERE)
    lasts = {word.decode() for word in library.lasts(row)}
    if row.how == "key":
        return bool(lasts & texts) and bool(row.roots & names)
    if row.files:
        return any(fnmatch.fnmatch(name, pattern) for pattern in row.files) and bool(lasts & names)
    if not lasts & names and not any("[" in full for full in row.names):
        return False
    if "*" in row.roots:
        return any(word.decode() in text for text in texts for word in WILDCARDS)
    return bool(row.roots & names)
