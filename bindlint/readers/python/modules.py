"""The other Python files of a project that the names of one file lead to. Nothing is executed."""

from __future__ import annotations

import re
import sys
from collections import OrderedDict
from typing import TYPE_CHECKING

from bindlint.readers.python import imports, parse
from bindlint.readers.python.tree import Tree
from bindlint.source import Source, is_test

if TYPE_CHECKING:
    from collections.abc import Iterator

    import libcst as cst

MAX_FILES = 24  # that one file leads to
MAX_SIZE = 100_000  # characters of a file that is followed
MAX_IMPORTERS = 8  # files that may call a function from elsewhere
FEW = 3  # files that speak of a name, which are all looked at
MAX_PACKAGES = 3  # that hand a name on
KEPT = 600_000  # characters of the files whose trees are kept for the next reading

Found = tuple[Tree, tuple[str, ...]]
_kept: OrderedDict[tuple[str, str, str], Tree] = OrderedDict()


def tree_of(source: Source, text: str) -> Tree:
    """The walked tree of a text; those of late are kept, because files of a project lead to the same ones.

    Raises what `parse.tree` does.
    """
    key = (source.path, source.text, text)
    if key not in _kept:
        module, marks = parse.tree(text)
        _kept[key] = Tree(module, source.path, parse.Places(Source(source.path, source.text), text, module, marks))
    _kept.move_to_end(key)
    while len(_kept) > 1 and sum(len(kept) for _, kept, _ in _kept) > KEPT:
        _kept.popitem(last=False)
    return _kept[key]


class Modules:
    """The modules that one file leads to, itself among them. A file is parsed once, however many names lead to it."""

    def __init__(self, source: Source, tree: Tree) -> None:
        self._files = source.files
        self._trees: dict[str, Tree] = {source.path: tree}
        self._absent: set[str] = set()
        self._found: dict[tuple[str, str], Found | None] = {}
        self._words: frozenset[str] | None = None
        self.outward = False  # whether callers in other files are asked for: worth it for listeners only

    def holding(self, words: frozenset[str]) -> Modules:
        """The same modules, without those whose text holds none of the words: nothing more is parsed for them."""
        near = Modules.__new__(Modules)
        near._files, near._trees, near._absent = self._files, self._trees, self._absent  # noqa: SLF001 - ours
        near._found, near._words = {}, words  # noqa: SLF001 - ours
        near.outward = False
        return near

    def find(self, name: str, home: str, *, beside: bool = True) -> Found | None:
        """The module that a dotted name means in the file at `home`, and what is left of the name; None outside.

        A file of a package is not `beside` the others when a library has that name: flask.py in a package is not Flask.
        """
        key = (home.rpartition("/")[0], name)
        if key not in self._found:
            self._found[key] = self._find(name, home, beside=beside)
        return self._found[key]

    def _find(self, name: str, home: str, *, beside: bool) -> Found | None:
        folder = home.rpartition("/")[0]
        plain = name.lstrip(".")
        parts = tuple(part for part in plain.split(".") if part)
        if len(plain) < len(name):
            for _ in range(len(name) - len(plain) - 1):
                if not folder:
                    return None
                folder = folder.rpartition("/")[0]
            return self._below(folder, parts)
        if parts[0] in sys.stdlib_module_names:
            return None
        roots = imports.roots(folder, self._files.has, packages=beside)
        return next((found for root in roots if (found := self._below(root, parts))), None)

    def _below(self, folder: str, parts: tuple[str, ...]) -> Found | None:
        """What a name means in a folder: the file that leads furthest, unless its package gives the name itself."""
        best: Found | None = None
        if not parts:
            return self._package(folder, ())
        for index, part in enumerate(parts):
            if best is not None and index == len(parts) - 1 and part in best[0].module.writes:
                return best
            inner = imports.join(folder, part)
            rest = parts[index + 1 :]
            if not self._files.has(f"{inner}/__init__.py") and (tree := self.tree(f"{inner}.py")) is not None:
                return tree, rest  # a package comes before a module of its name
            best = self._package(inner, rest) or best
            folder = inner
        return best

    def _package(self, folder: str, rest: tuple[str, ...]) -> Found | None:
        tree = self.tree(imports.join(folder, "__init__.py"))
        return (tree, rest) if tree is not None else None

    def tree(self, path: str) -> Tree | None:
        """The walked tree of a file of the project; None when there is none, or none that can be read."""
        if path in self._trees or path in self._absent:
            return self._trees.get(path)
        source = self._files.get(path) if len(self._trees) < MAX_FILES else None
        if source is not None and self._words is not None and not any(word in source.text for word in self._words):
            return None
        tree = self._load(source) if source is not None else None
        if tree is None:
            self._absent.add(path)
        else:
            self._trees[path] = tree
        return tree

    @staticmethod
    def _load(source: Source) -> Tree | None:
        if len(source.text) > MAX_SIZE:
            return None
        try:
            return tree_of(source, parse.level(source.text))
        except (parse.RefusedError, *parse.FAILURES):
            return None

    def importers(self, name: str, home: str) -> Iterator[Tree]:
        """The files, other than `home`, that speak of a name of the module at `home`: nearest first.

        A package that hands the name on is asked for, too: `from .server import serve` in its `__init__.py`. Where some
        import the module by its name, the others only happen to have its words.
        """
        paths = self._speaking_of(name, home)
        for package in self._packages(home) if self.outward else ():
            if (tree := self.tree(package)) is not None and (name in tree.module.writes or tree.stars):
                paths += [path for path in self._speaking_of(name, package) if path not in paths]
        paths = self._importing(paths, home) or paths
        for path in sorted(paths, key=lambda path: (_distance(path, home), path))[:MAX_IMPORTERS]:
            if path != home and (tree := self.tree(path)) is not None:
                yield tree

    def _importing(self, paths: list[str], home: str) -> list[str]:
        """Those of many files in which an import statement has the name of a module, or of its package."""
        if len(paths) <= FEW:
            return paths
        folder, _, file = home.rpartition("/")
        words = {file.rpartition(".")[0], folder.rpartition("/")[2]} - {"", "__init__"}
        statement = re.compile(
            rf"^[ \t]*(?:from|import)\b[^\n(]*(?:\([^()]*)?\b(?:{'|'.join(map(re.escape, sorted(words)))})\b",
            re.MULTILINE,
        )
        texts = ((path, self._files.get(path)) for path in paths)
        return [path for path, source in texts if source is not None and statement.search(source.text)]

    def writers(self, name: str, home: str) -> Iterator[Tree]:
        """The files that may give a name of the module at `home` another value: `state.HOST = …`; no tests."""
        writing = re.compile(rf"\.{re.escape(name)}\s*(?::[^=\n]+)?=(?!=)")
        for path in self._speaking_of(name, home)[:MAX_IMPORTERS]:
            source = self._files.get(path) if path != home and not is_test(path) else None
            if source is not None and writing.search(source.text) and (tree := self.tree(path)) is not None:
                yield tree

    def _packages(self, home: str) -> list[str]:
        """The packages that a module lies in, nearest first."""
        folder, found = home.rpartition("/")[0], list[str]()
        while folder and len(found) < MAX_PACKAGES:
            path = f"{folder}/__init__.py"
            if not self._files.has(path):
                break
            found += [path] if path != home else []
            folder = folder.rpartition("/")[0]
        return found

    def _speaking_of(self, name: str, home: str) -> list[str]:
        folder, _, file = home.rpartition("/")
        stem = file.rpartition(".")[0]
        module = folder.rpartition("/")[2] if stem == "__init__" else stem
        return [path for path in self._files.mentions(name, module) if path != home] if self.outward else []

    def speak_of(self, name: str) -> bool:
        """Whether any file of the project speaks of a qualified name."""
        module, _, last = name.rpartition(".")
        return bool(self._files.mentions(last, module))

    def speaking(self, name: str, file: str) -> Iterator[Tree]:
        """The files that speak of a name and have a word in theirs."""
        paths = [path for path in self._files.mentions(name, "") if file in path.rpartition("/")[2]]
        for path in paths[:MAX_IMPORTERS]:
            if (tree := self.tree(path)) is not None:
                yield tree

    def places(self, node: cst.CSTNode, near: Tree) -> parse.Places:
        """The places of the file that a node lies in."""
        if near.places.holds(node):
            return near.places
        trees = [tree for tree in self._trees.values() if tree is not near]
        return next((tree.places for tree in trees if tree.places.holds(node)), near.places)


def _distance(one: str, two: str) -> int:
    """How many folders lie between two files."""
    left, right = one.split("/")[:-1], two.split("/")[:-1]
    shared = 0
    while shared < min(len(left), len(right)) and left[shared] == right[shared]:
        shared += 1
    return len(left) + len(right) - 2 * shared
