"""Two cheap looks before the dear one: which rows a file's bytes can speak of, and which its `ast` can.

Both are sound: a row that could match in a file keeps the file. Reading with and without them states the same facts.
"""

from __future__ import annotations

import ast
import fnmatch
import re
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from bindlint.knowledge import Knowledge
    from bindlint.knowledge.apis import Row
    from bindlint.knowledge.launchers import Launcher, Starter
    from bindlint.knowledge.python import Library

WILDCARDS = (b"0.0.0.0", b"::")
HERE = (b"localhost", b"127.")  # what a default that names this machine holds
MAX_TEXT = 2_000  # of a text that can hold an address
PYTHON = b"executable"  # sys.executable, by which Python starts itself
_ESCAPED = re.compile(rb"\\[abfnrtvx0-7uUN]")  # no letter of the word behind it
SETTINGS = "BaseSettings"  # whose fields are variables
READERS = (b"environ", b"getenv", b"config", b"env", b"Env", SETTINGS.encode())


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
            named = not row.roots or not row.roots.isdisjoint(roots) or from_elsewhere(row, has)
            alive = named and any(all(map(has, name)) for name in library.words(row))
            if not alive and row.roots and not row.roots.isdisjoint(roots):
                alive = any(has(owner.encode()) for owner in library.owners(row))
            if "*" in row.roots:
                alive = alive and any(map(has, WILDCARDS))
            if row.how == "setting":
                alive = alive and any(map(has, HERE))
        if alive:
            found.add(id(row))
    return frozenset(found)


def from_elsewhere(row: Row, has: Callable[[bytes], bool]) -> bool:
    """Whether a row can speak of a file that does not name its library: of an object that another file makes.

    The call must give an address then: `app.run(host=…)`, or a wildcard that stands in the file; unless the row tells
    enough by its method's name.
    """
    if not row.of_object or not has(b"import"):
        return False
    return row.elsewhere or any(has(keyword.encode()) for keyword in row.host.keywords) or any(map(has, WILDCARDS))


def gives_address(row: Row, keywords: Collection[str], positions: int, *, wild: bool) -> bool:
    """Whether a call gives the address to a row, as far as `from_elsewhere` wants it; `**` may hold any keyword."""
    if row.elsewhere or "**" in keywords or any(keyword in keywords for keyword in row.host.keywords):
        return True
    return wild and row.host.position is not None and positions > row.host.position


def launching(data: bytes, knowledge: Knowledge) -> bool:
    """Whether the bytes name a call that starts programs, and a program with something to say (or start containers)."""
    library = knowledge.python
    roots = library.roots_in(data)

    def named(row: Launcher | Starter) -> bool:
        return bool(row.roots & roots) and any(word.encode() in data for word in row.words)

    if any(map(named, library.starters)):
        return True
    started = [row for row in library.launchers if named(row)]
    if not started:
        return False
    return (
        any(row.program for row in started)
        or PYTHON in data
        or knowledge.telling_commands.search(_ESCAPED.sub(b" ", data)) is not None
    )


def looks_launching(tree: ast.Module, knowledge: Knowledge) -> bool:
    """The same of the names and texts in a tree, whose comments do not count."""
    said, written, texts = set[str](), set[str](), list[bytes]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            said.add(node.id)
        elif isinstance(node, ast.Attribute):
            (written if isinstance(node.ctx, ast.Store) else said).add(node.attr)
        elif isinstance(node, ast.alias):
            said.update(node.name.split("."))
        elif isinstance(node, ast.ImportFrom):
            said.update((node.module or "").split("."))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            texts.append(node.value.encode("utf-8", "replace") if isinstance(node.value, str) else node.value)

    def named(row: Launcher | Starter, words: set[str]) -> bool:
        return bool(row.roots & said and row.words & words)

    library, told = knowledge.python, knowledge.telling_commands
    if any(named(row, said) for row in library.starters):
        return True
    started = [row for row in library.launchers if named(row, written if row.assigned else said)]
    if not started or any(row.program for row in started):
        return bool(started)
    names = " ".join(said).encode("utf-8", "replace")
    return PYTHON.decode() in said or any(map(told.search, texts)) or told.search(names) is not None


@lru_cache(maxsize=1)
def parsed(text: str) -> ast.Module | None:
    """The `ast` of a text, None when this Python cannot read it; that of the last one is kept."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about escapes in the file: none of our business
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def look(tree: ast.Module, text: str, name: str, library: Library, rows: frozenset[int]) -> bool:
    """Whether the names and texts of a file called `name` can speak of any of the rows."""
    words = _Words(tree, wild=wild(text))
    return any(_speaks(row, name, library, words) for row in library.rows if id(row) in rows)


def shows_wildcard(text: str) -> bool:
    """Whether a text alone says that it is every interface, whatever reads it."""
    return not any(map(str.isspace, text)) and (text == "::" or "[::" in text or "0.0.0.0" in text)


def wild(text: str) -> bool:
    """Whether a wildcard is written anywhere in a file."""
    return any(word.decode() in text for word in WILDCARDS)


class _Words:
    """The names, imports and short texts in a file; a text with white space in it states no address."""

    def __init__(self, tree: ast.Module, *, wild: bool) -> None:
        self.names: set[str] = set()
        self.texts: set[str] = set()
        self.keys: set[str] = set()  # of what may be a dictionary: `dict(bind=…)`, `options.update(bind=…)`
        self.imported = {"*"}
        self.calls: dict[str, list[tuple[frozenset[str], int]]] = {}  # of methods: keywords and how many positions
        self.inherits = False  # whether a class has a base, which may go by another name
        self.wild = wild
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
            elif kind is ast.Call:
                self._call(node)
            elif kind is ast.ClassDef:
                self.inherits = self.inherits or bool(node.bases)
            elif kind is ast.keyword and node.arg:
                self.keys.add(node.arg)
            for field in node._fields:
                value = getattr(node, field, None)
                if type(value) is list:
                    stack += [item for item in value if isinstance(item, ast.AST)]
                elif isinstance(value, ast.AST):
                    stack.append(value)

    def _call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Attribute):
            keywords = frozenset(keyword.arg or "**" for keyword in node.keywords)
            starred = any(isinstance(arg, ast.Starred) for arg in node.args)
            self.calls.setdefault(node.func.attr, []).append((keywords, MAX_TEXT if starred else len(node.args)))

    def _constant(self, value: object) -> None:
        if isinstance(value, bytes):
            value = value.decode("latin-1")
        if isinstance(value, str) and len(value) < MAX_TEXT and not any(map(str.isspace, value)):
            self.texts.add(value)


def _speaks(row: Row, name: str, library: Library, words: _Words) -> bool:
    if row.how == "variable":
        return _here(words) and (
            SETTINGS in words.names
            or any(fnmatch.fnmatchcase(text.upper(), pattern) for text in words.texts for pattern in row.names)
        )
    if row.files and not any(fnmatch.fnmatch(name, pattern) for pattern in row.files):
        return False
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


def _here(words: _Words) -> bool:
    """Whether a text names this machine."""
    return any(word.decode() in text for text in words.texts for word in HERE)


def _handed(row: Row, words: _Words) -> bool:
    """Whether a method is called in a way that gives the address, on what may come from another file."""
    if not row.of_object:
        return False
    calls = (call for name in row.names for call in words.calls.get(name.rpartition(".")[2], ()))
    return any(gives_address(row, keywords, positions, wild=words.wild) for keywords, positions in calls)
