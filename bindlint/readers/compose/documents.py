"""The documents that a compose project is made of, and the one that each of their nodes is from.

Other files are asked for through `Source.files` only, inside the root, and not more than MAX_FILES of them.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bindlint.errors import UnreadableError
from bindlint.facts import Problem, Step
from bindlint.readers import yamltree
from bindlint.readers.compose.values import Value
from bindlint.readers.dotenv import NOTHING, Variables

if TYPE_CHECKING:
    from bindlint.readers.yamltree import Node
    from bindlint.source import Site, Source

MAX_FILES = 400  # laradock includes more than a hundred
MAX_ENTRIES = 20_000  # list and mapping entries looked at, aliases counted each time (compose-go stops at 100,000)
_ELSEWHERE = re.compile(r"[/~\\]|[A-Za-z]:[\\/]|[\w.+-]*@[\w.-]+:|[\w+.-]+://|\$")


@dataclass(frozen=True, eq=False)
class Document:
    """One YAML document, the variables that it is read with and the folder that its paths start from.

    `steps` say how it comes to be part of the project.
    """

    source: Source
    root: Node
    variables: Variables = NOTHING
    folder: str = ""
    steps: tuple[Step, ...] = ()

    def path(self, written: str) -> str | None:
        """The repository path of a path written here; None when it is absolute or leads out of the root."""
        return joined(self.folder, written)

    def site(self, node: Node) -> Site:
        """Where a node of it is written."""
        return yamltree.site(self.source, node)


def joined(folder: str, written: str) -> str | None:
    """A path from a folder of the repository; None when it is absolute, remote or leads out of the root."""
    if "\0" in written or _ELSEWHERE.match(written):
        return None
    path = posixpath.normpath(posixpath.join(folder or ".", written.replace("\\", "/")))
    if path == ".." or path.startswith("../"):
        return None
    return "" if path == "." else path


@dataclass
class Library:
    """The documents read for one project, what was wrong with them, and what is left of the budget.

    `merged` are those that are part of it, with all their nodes: not those that only lend a service by `extends`.
    """

    main: Source
    problems: list[Problem] = field(default_factory=list)
    left: int = MAX_ENTRIES
    opened: int = 0
    _homes: dict[int, Document] = field(default_factory=dict)
    _values: dict[int, Value] = field(default_factory=dict)
    merged: list[tuple[Document, list[Node]]] = field(default_factory=list)

    def documents(
        self, source: Source, variables: Variables, folder: str, steps: tuple[Step, ...] = (), *, quiet: bool = False
    ) -> list[Document]:
        """The documents of a file. What cannot be read of it is a problem, unless its own reading says so (`quiet`)."""
        found = []
        for root in yamltree.readable(source):
            if isinstance(root, Problem):
                if not quiet:
                    self.problems.append(root)
                continue
            found.append(document := Document(source, root, variables, folder, steps))
            nodes = self._keep(document)
            if not quiet:
                self.merged.append((document, nodes))
        return found

    def open(self, path: str | None) -> Source | None:
        """A file of the project; None when there is none inside the root, or when there were too many."""
        if path is None:
            return None
        if path == self.main.path:
            return self.main
        self.opened += 1
        if self.opened > MAX_FILES:
            raise UnreadableError(f"the project consists of more than {MAX_FILES} files")
        return self.main.files.get(path)

    def problem(self, document: Document, node: Node, reason: str) -> None:
        """Something in a document that compose refuses, or that was not read."""
        line = document.source.line(document.site(node).span.start)
        self.problems.append(Problem(document.source.path, reason, line, partial=True))

    def spend(self, nodes: list[Node]) -> list[Node]:
        """Count entries against the budget."""
        self.left -= len(nodes)
        if self.left < 0:
            raise UnreadableError(f"aliases make more than {MAX_ENTRIES} entries of it")
        return nodes

    def home(self, node: Node) -> Document:
        """The document that a node is from."""
        return self._homes[id(node)]

    def value(self, node: Node) -> Value:
        """A scalar, its references resolved with the variables of its document."""
        found = self._values.get(id(node))
        if found is None:
            home = self.home(node)
            found = self._values[id(node)] = Value(home.source, node, home.variables)
        return found

    def text(self, node: Node | None) -> str | None:
        """The resolved text of a scalar; None for anything else."""
        return None if node is None or yamltree.text(node) is None else self.value(node).text

    def _keep(self, document: Document) -> list[Node]:
        """Note which document its nodes are from; they are known by identity, and the document keeps them."""
        found, todo = [], [document.root]
        while todo:
            node = todo.pop()
            if id(node) in self._homes:
                continue
            self._homes[id(node)] = document
            found.append(node)
            todo += yamltree.children(node)
        return found
