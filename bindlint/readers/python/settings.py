"""Addresses that are assigned rather than passed.

Attributes of a server object, keys of a settings dictionary, names in a configuration file that is Python.
"""

from __future__ import annotations

import fnmatch
import re
from typing import TYPE_CHECKING

import libcst as cst

from bindlint.knowledge.apis import last_name
from bindlint.knowledge.clients import matches
from bindlint.readers.python.addressing import Use
from bindlint.readers.python.arguments import descend
from bindlint.readers.python.changes import changes
from bindlint.readers.python.names import END
from bindlint.readers.python.scopes import At, constant_key, dotted, plain, reaching

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


Entry = tuple[str, cst.BaseExpression, At]  # of something like a dictionary
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
        assigned = {one for row in library.rows if row.how == "assign" and id(row) in calls.live for one in row.names}
        assigned |= {alias for alias, one in library.aliases.items() if one in assigned}
        self._ends = {f"[{one.partition('[')[2]}" if one.endswith("]") else last_name(one) for one in assigned}

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
            entries = [(plain(e.key) or "", e.value, at) for e in node.elements if isinstance(e, cst.DictElement)]
            for key, value, _ in entries:
                for row in self._keyed(key, entries):
                    yield from self._expression(row, value, at)

    def _changes(self, call: CallSite) -> Iterator[tuple[Row, Stated, At]]:
        """What a call writes: `dict(bind=…)`, `options.update(bind=…)`, `config.bind.append(…)`, `setattr(…)`."""
        function = call.node.func
        entries = [(arg.keyword.value, arg.value, call.at) for arg in call.node.args if arg.keyword]
        if isinstance(function, cst.Name) and function.value == "dict":
            for key, given, _ in entries:
                for row in self._keyed(key, entries):
                    yield from self._expression(row, given, call.at)
        for name, part, kind, value in changes(call.node):
            target = call.node.args[0].value if isinstance(function, cst.Name) else function.value  # type: ignore[attr-defined] # a method
            if kind in ("append", "extend"):
                for row in self._rows(name, target, call.at):
                    yield from self._expression(row, value, call.at, members=kind == "extend")
            elif kind in ("value", "fallback"):
                key = part.strip("[].")
                rows = [*self._keyed(key, entries)] if part.startswith("[") else []
                for ref in self.names.refs(target, call.at) if part.strip(".") in self._ends else ():
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
        if isinstance(target, cst.Subscript) and (key := constant_key(target)) in self.library.keys:
            yield from self._keyed(key or "", self._assigned(dotted(target.value)))

    def _named(self, names: Iterable[str]) -> Iterator[Row]:
        for full in names:
            for row in self.library.assigns.get(full, ()):
                if self.holds(row):
                    yield row

    def _keyed(self, key: str, entries: Iterable[Entry]) -> Iterator[Row]:
        """The rows of a key, by what the other keys of the same thing are known to be."""
        for row in self.library.keys.get(key, ()):
            if self.holds(row) and all(self._is(name, patterns, entries) for name, patterns in row.where.items()):
                yield row

    def holds(self, row: Row) -> bool:
        """Whether a row can speak of this file at all."""
        return id(row) in self.calls.live and self._in_file(row) and self.calls.known_here(row)

    def _is(self, key: str, patterns: tuple[str, ...], entries: Iterable[Entry]) -> bool:
        known = (v for name, node, at in entries if name == key for v in self.values.known(node, at))
        return any(value.kind == "text" and matches(value.text, patterns) for value in known)

    def _assigned(self, name: str) -> list[Entry]:
        """What is assigned to keys of a thing."""
        return [
            (key, write.value, write.at)
            for _, write in self.tree.assigned
            if write.value is not None and not write.path and isinstance(write.target, cst.Subscript)
            if (key := constant_key(write.target)) is not None and dotted(write.target.value) == name
        ]

    def _targets(self, name: str, target: cst.CSTNode, at: At) -> Iterator[str]:
        """The qualified names that an assignment may set."""
        if isinstance(target, cst.Name):
            if at.scope.kind == "class" and name in self._ends:
                for base in self.names.library_bases(at.scope):
                    yield f"{base}.{name}"
                    yield f"*{_LAST_WORD.sub('', base)}.{name}"
            elif at.scope.kind != "class":
                yield name
        elif isinstance(target, cst.Attribute) and target.attr.value in self._ends:
            for ref in self.names.refs(target.value, at):
                yield from self._parts(ref, f".{target.attr.value}")
        elif isinstance(target, cst.Subscript) and (key := f"[{constant_key(target)}]") in self._ends:
            for ref in self.names.refs(target.value, at):
                yield from self._parts(ref, key)

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
