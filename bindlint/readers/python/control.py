"""Whether strangers who reach a listener can make it run their code, by what the program gives it and does to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from bindlint.readers.python.arguments import Arguments, collect, said
from bindlint.readers.python.scopes import dotted

if TYPE_CHECKING:
    from bindlint.readers.python.calls import Match
    from bindlint.readers.python.names import Names
    from bindlint.readers.python.scopes import At
    from bindlint.readers.python.tree import Tree
    from bindlint.readers.python.values import Values

_OFF = frozenset({"", "0", "false", "no", "off"})


class Control:
    """What a row's words about control say of one call."""

    def __init__(self, tree: Tree, names: Names, values: Values) -> None:
        self.tree = tree
        self.names = names
        self.values = values

    def of(self, match: Match) -> bool:
        """Whether a call gives control to strangers."""
        row, arguments = match.row, match.arguments
        if any(self._flag(arguments, key, "False") for key in row.control_unless):
            return False
        if any(self._flag(arguments, key, "True") for key in row.control_if):
            return True
        if any(self._made_with(arguments, word) for word in row.control_with):
            return True
        if any(arguments.under(key) is not None for key in row.control_if):
            return False  # what the call says outranks what the object says
        return any(self._after(match, word) for word in row.control_after)

    def _flag(self, arguments: Arguments, key: str, text: str) -> bool:
        given = arguments.under(key)
        return given is not None and any(v.kind == "flag" and v.text == text for v in self.values.of(*given))

    def _made_with(self, arguments: Arguments, word: str) -> bool:
        """Whether a class is among the arguments, or an object that it made with a keyword that is True."""
        name, _, keyword = word.rstrip(")").partition("(")
        if not keyword:
            return name in said(self.names, arguments)
        for node, at in [*arguments.positional, *arguments.keywords.values()]:
            for ref in self.names.refs(node, at):
                if ref.made is not None and ref.name.rpartition(".")[2] == name:
                    given = collect(self.values, ref.made.node.args, ref.made.at, None)
                    if self._flag(given, keyword, "True"):
                        return True
        return False

    def _after(self, match: Match, word: str) -> bool:
        """Whether the object has something switched on: an attribute, a key, a variable, or by a call of its method."""
        method, _, keyword = word.rstrip(")").partition("(")
        if keyword:
            return any(
                self._flag(collect(self.values, call.node.args, call.at, None), keyword, "True")
                for call in self.tree.called.get(method, ())
                if isinstance(call.node.func, cst.Attribute)
                and any(
                    ref.made is not None and ref.made.node is match.call.node
                    for ref in self.names.refs(call.node.func.value, call.at)
                )
            )
        if not word.startswith("."):
            return self._on(cst.parse_expression(word), match.call.at)
        receiver = match.callee.value if isinstance(match.callee, cst.Attribute) else None
        if receiver is None or not dotted(receiver):
            return False
        return self._on(cst.parse_expression(f"{dotted(receiver)}{word}"), match.call.at)

    def _on(self, node: cst.BaseExpression, at: At) -> bool:
        found = self.values.of(node, at)
        return bool(found) and all(
            (value.kind == "flag" and value.text == "True")
            or (value.kind in ("text", "number") and value.text.lower() not in _OFF)
            for value in found
        )
