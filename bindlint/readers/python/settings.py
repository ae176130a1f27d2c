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
from bindlint.readers.python.arguments import descend
from bindlint.readers.python.changes import changes
from bindlint.readers.python.gates import HERE
from bindlint.readers.python.names import END
from bindlint.readers.python.scopes import At, constant_key, plain, reaching

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bindlint.knowledge.apis import Row
    from bindlint.knowledge.python import Library
    from bindlint.readers.python.addressing import Addressing, Stated
    from bindlint.readers.python.calls import Calls
    from bindlint.readers.python.names import Names, Ref
    from bindlint.readers.python.scopes import CallSite, Write
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
            if write.path:
                continue
            if write.value is not None and write.kind == "value":
                for row in self._rows(name, write.target, write.at):
                    if not row.files or not self._overwritten(name, write):
                        yield from self._expression(row, write.value, write.at)
            elif (more := self.tree.added.get(write.target)) is not None:
                for row in self._rows(name, write.target, write.at):
                    yield from self._expression(row, more, write.at, members=True)
        for call in self.tree.calls:
            yield from self._changes(call)
        for node, at in self.tree.dicts:
            for element in node.elements:
                if isinstance(element, cst.DictElement) and (key := plain(element.key)) in self.library.keys:
                    for row in self._keyed(key or ""):
                        yield from self._expression(row, element.value, at)

    def _changes(self, call: CallSite) -> Iterator[tuple[Row, Stated, At]]:
        """What a call writes: `dict(bind=…)`, `options.update(bind=…)`, `config.bind.append(…)`, `setattr(…)`."""
        function = call.node.func
        if isinstance(function, cst.Name) and function.value == "dict":
            for arg in call.node.args:
                for row in self._keyed(arg.keyword.value) if arg.keyword else ():
                    yield from self._expression(row, arg.value, call.at)
        for name, part, kind, value in changes(call.node):
            target = call.node.args[0].value if isinstance(function, cst.Name) else function.value  # type: ignore[attr-defined] # a method
            if kind in ("append", "extend"):
                for row in self._rows(name, target, call.at):
                    yield from self._expression(row, value, call.at, members=kind == "extend")
            elif kind in ("value", "fallback"):
                key = part.strip("[].")
                rows = [*self._keyed(key)] if part.startswith("[") else []
                for ref in self.names.refs(target, call.at):
                    rows += self._named(self._parts(ref, part))
                for row in rows:
                    yield from self._expression(row, value, call.at)

    def _overwritten(self, name: str, write: Write) -> bool:
        """Whether another value surely stands in its place when the file has been read to its end."""
        home = write.at.scope
        writes = [each for each in home.writes.get(name, ()) if each.target not in self.tree.added]
        return write in writes and write not in reaching(writes, At(home, END), home)

    def _rows(self, name: str, target: cst.CSTNode, at: At) -> Iterator[Row]:
        yield from self._named(self._targets(name, target, at))
        if isinstance(target, cst.Subscript) and (key := constant_key(target)) is not None:
            yield from self._keyed(key)

    def _named(self, names: Iterable[str]) -> Iterator[Row]:
        for full in names:
            for row in self.library.assigns.get(full, ()):
                if id(row) in self.calls.live and self._in_file(row) and self.calls.known_here(row):
                    yield row

    def _keyed(self, key: str) -> Iterator[Row]:
        for row in self.library.keys.get(key, ()):
            if id(row) in self.calls.live and self._in_file(row) and self.calls.known_here(row):
                yield row

    def _targets(self, name: str, target: cst.CSTNode, at: At) -> Iterator[str]:
        """The qualified names that an assignment may set."""
        if isinstance(target, cst.Name):
            if at.scope.kind == "class":
                for base in self.names.library_bases(at.scope):
                    yield f"{base}.{name}"
                    yield f"*{_LAST_WORD.sub('', base)}.{name}"
            else:
                yield name
        elif isinstance(target, cst.Attribute):
            for ref in self.names.refs(target.value, at):
                yield from self._parts(ref, f".{target.attr.value}")
        elif isinstance(target, cst.Subscript) and (key := constant_key(target)) is not None:
            for ref in self.names.refs(target.value, at):
                yield from self._parts(ref, f"[{key}]")

    def _parts(self, ref: Ref, part: str) -> Iterator[str]:
        """The qualified names of a part of a thing: of an attribute or a key."""
        if part.startswith("["):
            if ref.name:
                yield f"{ref.name}{part}"
        elif ref.name:
            yield self.library.canonical(f"{ref.name}{part}")
        elif ref.scope is not None:
            yield from (f"{base}{part}" for base in self.names.library_bases(ref.scope))

    def _in_file(self, row: Row) -> bool:
        beside = all(name in self.tree.module.writes for name in row.beside)
        return beside and (not row.files or any(fnmatch.fnmatch(self.name, pattern) for pattern in row.files))

    def _expression(
        self, row: Row, node: cst.BaseExpression, at: At, *, members: bool = False
    ) -> Iterator[tuple[Row, Stated, At]]:
        """What a value says; of one that is added to a list, only its `members`."""
        for given in descend(self.values, (node, at), row.host.keys).given:
            for value in self.values.known(*given):
                for use in self.addressing.uses(Use(given[0], value), row.host):
                    if use.item or not members:
                        for found in self.addressing.stated(use, row, None):
                            yield row, found, at

    def fallbacks(self) -> Iterator[tuple[Row, Stated, At]]:
        """Hosts of services in the defaults of environment variables: `os.getenv("REDIS_URL", "redis://localhost")`."""
        rows = [row for row in self.library.rows if row.how == "variable" and id(row) in self.calls.live]
        for call in self.tree.calls if rows else ():
            asked = plain(call.node.args[0].value) if call.node.args else None
            if asked is None or not any(_matches(asked.upper(), row.names) for row in rows):
                continue
            refs = self.values.names.refs(call.node.func, call.at)
            default = self.values.defaults.of_call(call.node, call.at, refs)
            if default is None or default.value is None or not default.what.startswith("environment variable "):
                continue
            name = default.what.rpartition(" ")[2].upper()
            text = plain(default.value) or ""
            for row in rows:
                if not _matches(name, row.names) or _matches(name, row.but) or not _names_service(text, row.schemes):
                    continue
                for value in self.values.of(default.value, call.at):
                    for found in self.addressing.stated(Use(default.value, value), row, None):
                        yield row, found, call.at
                break


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
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
