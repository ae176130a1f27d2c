"""Whether a call that does not listen by itself makes something that goes on to listen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from bindlint.readers.python.arguments import port
from bindlint.readers.python.scopes import dotted, last_name

if TYPE_CHECKING:
    from bindlint.knowledge.apis import Row
    from bindlint.readers.python.arguments import Arguments
    from bindlint.readers.python.scopes import At, CallSite, Scope
    from bindlint.readers.python.tree import Tree
    from bindlint.readers.python.values import Values

_SENDS = frozenset({"sendto", "sendmsg"})  # from a port that the system chose: the answer comes to who asked
_HANDS_ON = frozenset({"fileno", "detach", "dup", "makefile", "share"})  # the socket lives on in another object

_ENTERS = frozenset({"enter_context", "enter_async_context"})  # of contextlib.ExitStack

Home = tuple["Scope", str]


class Opening:
    """What one file does with the objects that it names."""

    def __init__(self, tree: Tree, values: Values) -> None:
        self.tree = tree
        self.values = values
        self._methods: dict[Home, set[str]] = {}
        self._chained: dict[cst.CSTNode, set[str]] = {}  # methods of what a call gives
        for call in tree.calls:
            if isinstance(call.node.func, cst.Attribute):
                self._method(call.node.func.value, call.node.func.attr.value, call.at)
            if last_name(call.node.func) in _ENTERS and call.node.args:
                self._method(call.node.args[0].value, "__enter__", call.at)
        for node, method, at in tree.implied:
            self._method(node, method, at)
        for key, at in tree.loose:
            owner, _, method = key.rpartition(".")
            if owner:
                self._methods.setdefault(self._home(owner, at), set()).add(method)
        self._loose = {self._home(key, at) for key, at in tree.loose}
        self._closed = {self._home(key, at) for key, at in tree.managed}
        self._targets: dict[cst.CSTNode, str] = {}
        for name, write in tree.assigned:
            self._name(write.value, name)
        for scope in [tree.module, *tree.scopes.values()]:
            for name, writes in scope.writes.items():
                for write in writes:
                    self._name(write.value, name)

    def _method(self, node: cst.CSTNode, method: str, at: At) -> None:
        if key := dotted(node):
            self._methods.setdefault(self._home(key, at), set()).add(method)
        elif isinstance(made := _awaited(node), cst.Call):
            self._chained.setdefault(made, set()).add(method)

    def _name(self, value: cst.CSTNode | None, name: str) -> None:
        if isinstance(made := _awaited(value), cst.Call):
            self._targets.setdefault(made, name)

    def opens(self, row: Row, call: CallSite, arguments: Arguments, *, opaque: bool, makes: bool) -> str:
        """Whether the object of a call goes on to listen: "yes", "perhaps" or "no".

        That is the receiver, or what the call `makes`.
        """
        if not row.requires:
            return "yes"
        number = port(self.values, row, arguments)
        function = call.node.func
        if makes:
            return self._made(row, call, number)
        key = dotted(function.value) if isinstance(function, cst.Attribute) else ""
        if not key:
            return "no"
        home = self._home(key, call.at)
        methods = self._methods.get(home, set())
        if methods & set(row.requires):
            return "no" if row.protocol == "udp" and number == 0 and methods & _SENDS else "yes"
        if opaque or number == 0 or methods & {"connect", "connect_ex"}:
            return "no"
        if home in self._loose or methods & _HANDS_ON:
            return "yes"
        if "close" in methods or home in self._closed:
            return "no"  # it was only asked whether the port is free
        if not row.fixed_port:
            return "no"
        return "perhaps" if number is None else "yes"

    def _made(self, row: Row, call: CallSite, number: int | None) -> str:
        """Whether what a call makes listens: told to, or by itself, unless it was only asked for a free port."""
        key = self._targets.get(call.node, "")
        home = self._home(key, call.at) if key else None
        methods = {*self._chained.get(call.node, ()), *(self._methods.get(home, ()) if home else ())}
        if methods & set(row.requires):
            return "no" if row.protocol == "udp" and number == 0 and methods & _SENDS else "yes"
        if row.fixed_port and number != 0:
            return "yes"
        if not row.fixed_port:
            return "yes" if home in self._loose else "no"
        return "yes" if home is None or home in self._loose or home[0].kind == "class" else "no"

    def _home(self, key: str, at: At) -> Home:
        first = key.partition(".")[0]
        scope: Scope | None = at.scope
        while scope is not None and first not in scope.writes:
            scope = scope.parent
        if scope is not None and scope.me == first and scope.parent is not None:
            return scope.parent, key.partition(".")[2]
        return scope or self.tree.module, key


def _awaited(node: cst.CSTNode | None) -> cst.CSTNode | None:
    """The expression itself, out of `await` and `:=`."""
    while isinstance(node, (cst.Await, cst.NamedExpr)):
        node = node.expression if isinstance(node, cst.Await) else node.value
    return node
