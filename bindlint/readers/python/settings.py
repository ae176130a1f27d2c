"""Addresses that are assigned rather than passed.

Attributes of a server object, keys of a settings dictionary, names in a configuration file that is Python, and defaults
of environment variables that a client will connect to.
"""

from __future__ import annotations

import fnmatch
import re
from typing import TYPE_CHECKING

import libcst as cst

from bindlint.addresses import Kind, classify, split
from bindlint.readers.python.addressing import Use
from bindlint.readers.python.gates import HERE
from bindlint.readers.python.scopes import constant_key, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.knowledge.apis import Row
    from bindlint.knowledge.python import Library
    from bindlint.readers.python.addressing import Addressing, Stated
    from bindlint.readers.python.calls import Calls
    from bindlint.readers.python.names import Names
    from bindlint.readers.python.scopes import At, Write
    from bindlint.readers.python.tree import Tree
    from bindlint.readers.python.values import Values


_LAST_WORD = re.compile(r".*(?=[A-Z][a-z]+$)")  # what comes before it


class Settings:
    """Assignments and keys of one file."""

    def __init__(
        self,
        tree: Tree,
        names: Names,
        values: Values,
        calls: Calls,
        addressing: Addressing,
        library: Library,
        name: str,
    ) -> None:
        self.tree = tree
        self.names = names
        self.values = values
        self.calls = calls
        self.addressing = addressing
        self.library = library
        self.name = name

    def stated(self) -> Iterator[tuple[Row, Stated, At]]:
        """What rows say of assignments and keys."""
        for name, write in self.tree.assigned:
            if write.value is None or write.kind != "value":
                continue
            for row in self._rows(name, write):
                yield from self._value(row, write.value, write)
        for node, at in self.tree.dicts:
            for element in node.elements:
                if isinstance(element, cst.DictElement) and (key := plain(element.key)) in self.library.keys:
                    for row in self.library.keys[key or ""]:
                        if id(row) in self.calls.live and self.calls.known_here(row):
                            yield from self._expression(row, element.value, at)

    def _rows(self, name: str, write: Write) -> Iterator[Row]:
        for full in self._targets(name, write):
            for row in self.library.assigns.get(full, ()):
                if id(row) in self.calls.live and self._in_file(row) and self.calls.known_here(row):
                    yield row
        if isinstance(write.target, cst.Subscript) and (key := constant_key(write.target)) in self.library.keys:
            for row in self.library.keys[key or ""]:
                if id(row) in self.calls.live and self.calls.known_here(row):
                    yield row

    def _targets(self, name: str, write: Write) -> Iterator[str]:
        """The qualified names that an assignment may set."""
        target = write.target
        if isinstance(target, cst.Name):
            if write.at.scope.kind == "class":
                for base in self.names.library_bases(write.at.scope):
                    yield f"{base}.{name}"
                    yield f"*{_LAST_WORD.sub('', base)}.{name}"
            else:
                yield name
        elif isinstance(target, cst.Attribute):
            for ref in self.names.refs(target.value, write.at):
                if ref.name:
                    yield self.library.canonical(f"{ref.name}.{target.attr.value}")
                elif ref.scope is not None:
                    yield from (f"{base}.{target.attr.value}" for base in self.names.library_bases(ref.scope))
        elif isinstance(target, cst.Subscript) and (key := constant_key(target)) is not None:
            for ref in self.names.refs(target.value, write.at):
                if ref.name:
                    yield f"{ref.name}[{key}]"

    def _in_file(self, row: Row) -> bool:
        return not row.files or any(fnmatch.fnmatch(self.name, pattern) for pattern in row.files)

    def _value(self, row: Row, value: cst.BaseExpression, write: Write) -> Iterator[tuple[Row, Stated, At]]:
        if not write.path:
            yield from self._expression(row, value, write.at)

    def _expression(self, row: Row, node: cst.BaseExpression, at: At) -> Iterator[tuple[Row, Stated, At]]:
        for value in self.values.known(node, at):
            for use in self.addressing.uses(Use(node, value), row.host):
                for found in self.addressing.stated(use, row, None):
                    yield row, found, at

    def fallbacks(self) -> Iterator[tuple[Row, Stated, At]]:
        """Hosts of services in the defaults of environment variables: `os.getenv("REDIS_URL", "redis://localhost")`."""
        rows = [row for row in self.library.rows if row.how == "variable" and id(row) in self.calls.live]
        for call in self.tree.calls if rows else ():
            asked = plain(call.node.args[0].value) if call.node.args else None
            if asked is None or not any(_named(asked.upper(), row.names) for row in rows):
                continue
            refs = self.values.names.refs(call.node.func, call.at)
            default = self.values.defaults.of_call(call.node, call.at, refs)
            if default is None or default.value is None or not default.what.startswith("environment variable "):
                continue
            name = default.what.rpartition(" ")[2].upper()
            text = plain(default.value) or ""
            for row in rows:
                if not _named(name, row.names) or _named(name, row.but) or not _names_service(text, row.schemes):
                    continue
                for value in self.values.of(default.value, call.at):
                    for found in self.addressing.stated(Use(default.value, value), row, None):
                        yield row, found, call.at
                break


def _named(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _names_service(text: str, schemes: tuple[str, ...]) -> bool:
    """Whether a default is this machine: alone, with a port, or in a URL of one of the schemes."""
    if not any(word.decode() in text for word in HERE) or any(map(str.isspace, text)):
        return False
    for piece in split(text, "url"):
        if classify(piece.host)[0] not in (Kind.LOCALHOST, Kind.LOOPBACK):
            return False
        if piece.scheme and piece.scheme.partition("+")[0] not in schemes:
            return False
    return True
