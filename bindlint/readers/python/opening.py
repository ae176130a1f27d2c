"""Whether a call that does not listen by itself makes something that goes on to listen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from bindlint.knowledge.apis import HANDED_ON
from bindlint.readers.python.arguments import collect, port
from bindlint.readers.python.scopes import dotted, last_name

if TYPE_CHECKING:
    from bindlint.knowledge.apis import Row
    from bindlint.readers.python.arguments import Arguments
    from bindlint.readers.python.scopes import At, CallSite, Scope
    from bindlint.readers.python.tree import Tree
    from bindlint.readers.python.values import Values

_SENDS = frozenset({"sendto", "sendmsg"})  # from a port that the system chose: the answer comes to who asked
_ASKS = frozenset({"bind", "listen", "getsockname", "setsockopt", "settimeout", "setblocking", "close", "__enter__"})
_HANDS_ON = frozenset({"fileno", "detach", "dup", "makefile", "share"})  # the socket lives on in another object

_ENTERS = frozenset({"enter_context", "enter_async_context"})  # of contextlib.ExitStack

MAX_MADE = 12  # objects that are made from one

Home = tuple["Scope", str]
Methods = dict[str, "list[CallSite | None]"]  # None: called by a statement, or handed on to be called


class Opening:
    """What one file does with the objects that it names."""

    def __init__(self, tree: Tree, values: Values) -> None:
        self.tree = tree
        self.values = values
        self._methods: dict[Home, Methods] = {}
        self._chained: dict[cst.CSTNode, Methods] = {}  # methods of what a call gives
        self._targets: dict[cst.CSTNode, str] = {}
        self._takers: dict[Home | cst.CSTNode, list[CallSite]] = {}  # the calls that an object is handed to
        for name, write in tree.assigned:
            self._name(write.value, name)
        for scope in [tree.module, *tree.scopes.values()]:
            for name, writes in scope.writes.items():
                for write in writes:
                    self._name(write.value, name)
        for call in tree.calls:
            if isinstance(call.node.func, cst.Attribute):
                self._method(call.node.func.value, call.node.func.attr.value, call.at, call)
            if last_name(call.node.func) in _ENTERS and call.node.args:
                self._method(call.node.args[0].value, "__enter__", call.at)
            for arg in call.node.args:
                if key := dotted(arg.value):
                    self._takers.setdefault(self._home(key, call.at), []).append(call)
                elif isinstance(arg.value, cst.Call):
                    self._takers.setdefault(arg.value, []).append(call)
        for node, method, at in tree.implied:
            self._method(node, method, at)
        for key, at in tree.loose:
            owner, _, method = key.rpartition(".")
            if owner:
                self._add(self._methods.setdefault(self._home(owner, at), {}), method)
        self._loose = {self._home(key, at) for key, at in tree.loose}
        self._closed = {self._home(key, at) for key, at in tree.managed}

    def _method(self, node: cst.CSTNode, method: str, at: At, call: CallSite | None = None) -> None:
        if key := dotted(node):
            self._add(self._methods.setdefault(self._home(key, at), {}), method, call)
        elif isinstance(made := _awaited(node), cst.Call):
            self._add(self._chained.setdefault(made, {}), method, call)

    @staticmethod
    def _add(methods: Methods, method: str, call: CallSite | None = None) -> None:
        methods.setdefault(method, []).append(call)

    def _name(self, value: cst.CSTNode | None, name: str) -> None:
        if isinstance(made := _awaited(value), cst.Call):
            self._targets.setdefault(made, name)

    def opens(self, row: Row, call: CallSite, arguments: Arguments, *, opaque: bool, makes: bool) -> str:
        """Whether the object of a call goes on to listen: "yes", "perhaps" or "no".

        That is the receiver, or what the call `makes`. A UDP socket on a port drawn by lot is a client's.
        """
        if not row.requires and not row.lacks and not row.instead:
            return "no" if row.protocol == "udp" and port(self.values, row, arguments) == 0 else "yes"
        function = call.node.func
        if makes:
            key = self._targets.get(call.node, "")
        else:
            key = dotted(function.value) if isinstance(function, cst.Attribute) else ""
        home = self._home(key, call.at) if key else None
        methods = self._of(home) if home else {}
        if makes:
            methods = {**methods, **self._chained.get(call.node, {})}
        others = HANDED_ON in row.lacks and home in self._loose
        if others or any(name in methods for name in row.lacks) or self._instead(row, methods):
            return "no"
        if not row.requires:
            return "yes"
        if not makes and home is None:
            return "no"
        told = any(name in methods for name in row.requires)
        sends = row.protocol == "udp" and not _SENDS.isdisjoint(methods)
        asks = methods.keys() <= _ASKS
        if told and not sends and not asks:
            return "yes"
        number = port(self.values, row, arguments)
        if told and number == 0:
            only_asked = asks and home not in self._loose and home is not None and self._ends(home, methods)
            return "no" if sends or only_asked else "yes"
        if told:
            return "yes"
        if makes or home is None:
            return self._made(row, home, number)
        return "no" if opaque else self._told(row, home, methods, number)

    def _told(self, row: Row, home: Home, methods: Methods, number: int | None) -> str:
        """Whether a receiver listens that no method of the file makes listen."""
        if number == 0 or "connect" in methods or "connect_ex" in methods:
            return "no"
        if home in self._loose or not _HANDS_ON.isdisjoint(methods):
            return "yes"
        if self._ends(home, methods):
            return "no"  # it was only asked whether the port is free
        if not row.fixed_port:
            return "no"
        return "perhaps" if number is None else "yes"

    def _ends(self, home: Home, methods: Methods) -> bool:
        return "close" in methods or home in self._closed

    def _of(self, home: Home) -> Methods:
        """The methods that a file calls on an object; on an attribute, in the classes above and below, too."""
        scope, key = home
        if scope.kind != "class":
            return self._methods.get(home, {})
        found: Methods = {}
        family = self.values.names.family(scope)
        heirs = [each for each, name in self._methods if name == key and each.kind == "class" and each not in family]
        for member in [*family, *(each for each in heirs if scope in self.values.names.family(each))]:
            for method, calls in self._methods.get((member, key), {}).items():
                found.setdefault(method, []).extend(calls)
        return found

    def _made(self, row: Row, home: Home | None, number: int | None) -> str:
        """Whether what a call makes listens by itself, unless it was only asked for a free port."""
        if not row.fixed_port:
            return "yes" if home in self._loose else "no"
        return "yes" if number != 0 or home is None or home in self._loose or home[0].kind == "class" else "no"

    def _instead(self, row: Row, methods: Methods) -> bool:
        """Whether each call of a method says that nothing is opened, as `run(transport="stdio")` does."""
        for word in row.instead:
            name, _, condition = word.rstrip(")").partition("(")
            key, _, allowed = condition.partition("=")
            calls = methods.get(name, [])
            if calls and all(call is not None and self._says(call, key, allowed.split("|")) for call in calls):
                return True
        return False

    def _says(self, call: CallSite, key: str, allowed: list[str]) -> bool:
        arguments = collect(self.values, call.node.args, call.at, None)
        given = arguments.under(key)
        if given is None:
            return "omitted" in allowed and not arguments.open
        found = self.values.of(*given)
        return bool(found) and all(value.text in allowed for value in found)

    def serves(self, row: Row, call: CallSite) -> bool:
        """Whether the file goes on to serve with what a call makes, or with what is made from that."""
        if not row.serves:
            return True
        made, seen = [call], set[cst.CSTNode]()
        while made and len(seen) < MAX_MADE:
            one = made.pop()
            seen.add(one.node)
            key = self._targets.get(one.node, "")
            home = self._home(key, one.at) if key else None
            methods = {**self._chained.get(one.node, {}), **(self._of(home) if home else {})}
            if any(name in methods for name in row.serves):
                return True
            takers = [*self._takers.get(one.node, ()), *(self._takers.get(home, ()) if home else ())]
            made += [taker for taker in takers if taker.node not in seen and last_name(taker.node.func)[:1].isupper()]
        return False

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
