"""Hosts of services that a name alone tells: of a setting of a framework, of an environment variable with a default.

Only what the file itself says of this machine counts: a name is weak evidence.
"""

from __future__ import annotations

import fnmatch
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from bindlint.addresses import Kind, classify, split
from bindlint.knowledge.gate import HERE
from bindlint.readers.python import fields
from bindlint.readers.python.addressing import Use
from bindlint.readers.python.scopes import constant_key, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bindlint.knowledge.apis import Row
    from bindlint.readers.python.addressing import Addressing, Stated
    from bindlint.readers.python.scopes import At
    from bindlint.readers.python.settings import Entry
    from bindlint.readers.python.tree import Tree
    from bindlint.readers.python.values import Values


class Named:
    """Settings and defaults of variables of one file; of several rows that know a name the first one speaks."""

    def __init__(self, tree: Tree, values: Values, addressing: Addressing, rows: Sequence[Row]) -> None:
        """Give `rows` as those that hold in this file."""
        self.tree = tree
        self.values = values
        self.addressing = addressing
        self._settings = [row for row in rows if row.how == "setting"]
        self._variables = [row for row in rows if row.how == "variable"]

    def stated(self) -> Iterator[tuple[Row, Stated, At]]:
        """What rows say of settings first, of variables behind them."""
        for name, node, at in self._set() if self._settings else ():
            row = _first(name, self._settings)
            for value in self.values.known(node, at) if row is not None else ():
                if row is None or (value.kind == "text" and not _names_service(value.text, row.schemes)):
                    continue
                for use in self.addressing.uses(Use(node, value), row.host):
                    for found in self.addressing.stated(use, row, None):
                        if found.address.slot is not None and found.address.slot.site.path == self.tree.path:
                            yield row, found, at
        if self._variables:
            yield from self._fallbacks()
            yield from self._fields()

    def _set(self) -> Iterator[Entry]:
        """Every name that gets a value as a setting does."""
        for name, write in self.tree.assigned:
            if write.value is not None and write.kind == "value" and not write.path:
                key = constant_key(write.target) if isinstance(write.target, cst.Subscript) else None
                yield key or name.rpartition(".")[2], write.value, write.at
        for node, at in self.tree.dicts:
            for element in node.elements:
                if isinstance(element, cst.DictElement) and (key := plain(element.key)) is not None:
                    yield key, element.value, at
        for call in self.tree.calls:
            for arg in call.node.args:
                if arg.keyword is not None:
                    yield arg.keyword.value, arg.value, call.at

    def _fallbacks(self) -> Iterator[tuple[Row, Stated, At]]:
        """Hosts of services in the defaults of environment variables: `os.getenv("REDIS_URL", "redis://localhost")`."""
        for call in self.tree.calls:
            asked = plain(call.node.args[0].value) if call.node.args else None
            if asked is None or not any(_named(asked.upper(), row.names) for row in self._variables):
                continue
            refs = self.values.names.refs(call.node.func, call.at)
            default = self.values.defaults.of_call(call.node, call.at, refs, asked)
            if default is None or default.value is None or not default.variable:
                continue
            yield from self._default(default.variable, default.value, call.at)

    def _fields(self) -> Iterator[tuple[Row, Stated, At]]:
        """The same in the fields of classes that are read from the environment."""
        for name, write in self.tree.assigned:
            scope = write.at.scope
            if scope.kind != "class" or write.annotation is None or not fields.is_read(fields.bases(scope)):
                continue
            variable = fields.variable([scope], write, name)
            for node, at in self.values.defaults.of_field(write) or () if variable else ():
                yield from self._default(variable, node, at)

    def _default(self, variable: str, node: cst.BaseExpression, at: At) -> Iterator[tuple[Row, Stated, At]]:
        row = _first(variable.upper(), self._variables)
        if row is None or not _names_service(plain(node) or "", row.schemes):
            return
        for value in self.values.of(node, at):
            origin = "default" if value.origin == "here" else value.origin
            outranked = replace(value, variable=variable, origin=origin)
            for found in self.addressing.stated(Use(node, outranked), row, None):
                yield row, found, at


def _first(name: str, rows: Sequence[Row]) -> Row | None:
    """The first row that knows a name."""
    return next((row for row in rows if _named(name, row.names) and not _named(name, row.but)), None)


def _named(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _names_service(text: str, schemes: tuple[str, ...]) -> bool:
    """Whether a text is this machine: alone, with a port, or in a URL of one of the schemes."""
    if not any(word.decode() in text for word in HERE) or any(map(str.isspace, text)):
        return False
    for piece in split(text, "url"):
        if classify(piece.host)[0] not in (Kind.LOCALHOST, Kind.LOOPBACK):
            return False
        if piece.scheme and piece.scheme.partition("+")[0] not in schemes:
            return False
    return True
