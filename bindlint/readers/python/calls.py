"""Calls that open a socket or name a host, found by what the callee refers to; their arguments, as the row says."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

from bindlint.addresses import Kind
from bindlint.readers.python.addressing import Addressing, Stated, Use
from bindlint.readers.python.callees import spawned
from bindlint.readers.python.containers import mapping
from bindlint.readers.python.gates import gives_address, shows_wildcard
from bindlint.readers.python.names import Names
from bindlint.readers.python.scopes import At, CallSite, Scope, dotted, last_name, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bindlint.knowledge.python import Argument, Library, Row
    from bindlint.readers.python.names import Ref
    from bindlint.readers.python.tree import Tree
    from bindlint.readers.python.values import Values

_SENDS = frozenset({"sendto", "sendmsg"})  # from a port that the system chose: the answer comes to who asked
_HANDS_ON = frozenset({"fileno", "detach", "dup", "makefile", "share"})  # the socket lives on in another object


@dataclass
class Arguments:
    """The arguments of one call, those of `partial` and of unpacked dictionaries among them. `open`: more may come."""

    positional: list[tuple[cst.BaseExpression, At]] = field(default_factory=list)
    keywords: dict[str, tuple[cst.BaseExpression, At]] = field(default_factory=dict)
    open: str = ""


@dataclass(frozen=True)
class Match:
    """A call that a row speaks of. `opaque`: by its method's name only; `certain`: it surely listens."""

    row: Row
    call: CallSite
    arguments: Arguments
    opaque: bool = False
    certain: bool = True


class Calls:
    """Matching of one file's calls against rows."""

    def __init__(
        self, tree: Tree, names: Names, values: Values, library: Library, live: frozenset[int], *, wild: bool
    ) -> None:
        self.tree = tree
        self.wild = wild  # a wildcard is written in the file
        self.names = names
        self.values = values
        self.library = library
        self.live = live
        self.imported = _imported(tree)
        self._methods: dict[tuple[Scope, str], set[str]] = {}
        self._loose: set[tuple[Scope, str]] = set()
        for call in tree.calls:
            if isinstance(call.node.func, cst.Attribute) and (key := dotted(call.node.func.value)):
                self._methods.setdefault(self._home(key, call.at), set()).add(call.node.func.attr.value)
        for key, at in tree.loose:
            self._loose.add(self._home(key, at))
        self._methods_of: dict[str, list[Row]] = {}
        for row in library.rows:
            for name in row.names if row.kind == "listener" and row.of_object and id(row) in live else ():
                self._methods_of.setdefault(name.rpartition(".")[2], []).append(row)
        self._here = Names(names.modules.holding(frozenset()), library)  # for what other files cannot make listen
        self._closed = {self._home(key, at) for key, at in tree.managed}

    def matches(self) -> Iterator[Match]:
        """Every call that a live row speaks of, those of `partial` last."""
        called: set[cst.Call] = set()  # the calls of `partial` whose result is called
        for call in self.tree.calls:
            refs = self._callee(call)
            partials = {outer.node for ref in refs for outer in ref.given}
            for match in self._direct(call, call.node, refs, list(call.node.args)):
                host = self.host(match.row.host, match.arguments)
                if host is None or not any(arg.value is host[0] for partial in partials for arg in partial.args):
                    called |= partials
                    yield match
        for call in self.tree.calls:
            refs = self._callee(call)
            if call.node not in called and (inner := spawned(call.node, refs)) is not None:
                callee, given = inner
                yield from self._direct(call, call.node, self.names.refs(callee, call.at), given)

    def _callee(self, call: CallSite) -> tuple[Ref, ...]:
        """What a call calls. Other files are asked who made the receiver of a method that listens, and for classes."""
        name = last_name(call.node.func)
        if any(self._may_open(row, call.node) for row in self._methods_of.get(name, ())):
            names = self.values.names
        else:
            names = self.names if name[:1].isupper() else self._here
        return names.refs(call.node.func, call.at)

    def _may_open(self, row: Row, call: cst.Call) -> bool:
        """Whether a call can be that of a row's method, whoever made the object."""
        keywords = [arg.keyword.value if arg.keyword else arg.star for arg in call.args]
        return self.known_here(row) or gives_address(row, keywords, keywords.count(""), wild=self.wild)

    def _direct(self, call: CallSite, node: cst.Call, refs: Sequence[Ref], given: Sequence[cst.Arg]) -> Iterator[Match]:
        found = False
        for ref in refs:
            for name, skip in self._callable_names(ref, node):
                for row in self.library.calls.get(name, ()):
                    found = True
                    if id(row) not in self.live or not self._made(row, ref):
                        continue
                    arguments = self.arguments(given[skip:], call.at, ref)
                    if not self.known_here(row) and not self._handed(row, arguments):
                        continue
                    opens = self._opens(row, call, arguments)
                    if opens != "no" and self._holds(row, arguments):
                        yield Match(row, call, arguments, certain=opens == "yes")
        if not found and isinstance(node.func, cst.Attribute) and not self._understood(refs):
            yield from self._opaque(call, node.func, given)

    def known_here(self, row: Row) -> bool:
        """Whether the file imports anything of the row's library."""
        return not row.roots or "*" in row.roots or bool(row.roots & self.imported)

    def _handed(self, row: Row, arguments: Arguments) -> bool:
        """Whether the call gives an address to an object that another file made of the row's library."""
        keywords = [*arguments.keywords, *(["**"] if arguments.open else [])]
        return row.of_object and gives_address(row, keywords, len(arguments.positional), wild=self.wild)

    def _callable_names(self, ref: Ref, node: cst.Call) -> Iterator[tuple[str, int]]:
        """Qualified names under which rows may know the callee, and how many arguments come before the first."""
        if ref.scope is not None:
            if ref.instance or ref.scope.kind != "class":
                return
            if any(s.writes.get("__init__") for s in self.names.family(ref.scope)):
                return
            yield from ((name, 0) for name in self.names.library_bases(ref.scope))
        elif ref.name and not ref.instance:
            if ref.name.endswith(".__init__"):
                direct = isinstance(node.func, cst.Attribute) and not isinstance(node.func.value, cst.Call)
                yield ref.name[: -len(".__init__")], 1 if direct else 0
            else:
                yield ref.name, 0

    def _understood(self, refs: Sequence[Ref]) -> bool:
        """Whether the callee is something that we know to be no listener: of this file, or of a library in the rows."""
        return any(
            ref.scope is not None
            or ref.name.rpartition(".")[0] in self.library.known
            or ref.name.partition(".")[0] in sys.stdlib_module_names
            for ref in refs
        )

    def _opaque(self, call: CallSite, function: cst.Attribute, given: Sequence[cst.Arg]) -> Iterator[Match]:
        rows = [row for row in self.library.methods.get(function.attr.value, ()) if id(row) in self.live]
        rows.sort(key=lambda row: not row.roots & self.imported)
        for row in rows[:1] if rows and (rows[0].roots & self.imported or "*" in rows[0].roots) else rows:
            if not self.known_here(row):
                continue
            arguments = self.arguments(given, call.at, None)
            if self._holds(row, arguments) and self._opens(row, call, arguments, opaque=True) == "yes":
                named = (
                    bool(row.requires) or row.host.position != 0 or bool(arguments.keywords.keys() & row.host.keywords)
                )
                yield Match(row, call, arguments, opaque=True, certain=named)
                return

    def _made(self, row: Row, ref: Ref) -> bool:
        if not row.made_with and not row.made_without:
            return True
        words = set(words_of(ref.made.node)) if ref.made is not None else set()
        return (not row.made_with or bool(words & set(row.made_with))) and not words & set(row.made_without)

    def _holds(self, row: Row, arguments: Arguments) -> bool:
        """Whether the call opens a TCP or UDP socket at all, by its other arguments."""
        host = self.host(row.host, arguments)
        for name in row.unless:
            if name in arguments.keywords and self._given_for_real(*arguments.keywords[name], decided=host is None):
                return False
        for key, allowed in row.only.items():
            keyword, _, position = key.partition("@")
            given = self._given(arguments, (keyword,), int(position) if position else None)
            if given is None:
                if None not in allowed:
                    return False
                continue
            texts = {value.text for value in self.values.of(*given) if value.kind in ("text", "flag", "number")}
            if texts and not texts & set(allowed):
                return False
        return True

    def _given_for_real(self, node: cst.BaseExpression, at: At, *, decided: bool) -> bool:
        """Whether an argument is something other than None and False; `decided` is the answer when nobody knows."""
        values = self.values.known(node, at)
        if all(value.kind == "unknown" for value in values):
            return decided
        return any(value.kind != "none" and value.text != "False" for value in values)

    def _opens(self, row: Row, call: CallSite, arguments: Arguments, *, opaque: bool = False) -> str:
        """Whether the receiver goes on to listen, for calls that alone do not: "yes", "perhaps" or "no"."""
        if not row.requires:
            return "yes"
        function = call.node.func
        key = dotted(function.value) if isinstance(function, cst.Attribute) else self._target(call)
        if not key:
            return "no"
        home = self._home(key, call.at)
        methods = self._methods.get(home, set())
        port = self.port(row, arguments)
        if methods & set(row.requires):
            return "no" if row.protocol == "udp" and port == 0 and methods & _SENDS else "yes"
        if opaque or port == 0 or methods & {"connect", "connect_ex"}:
            return "no"
        if home in self._loose or methods & _HANDS_ON:
            return "yes"
        if "close" in methods or home in self._closed:
            return "no"  # it was only asked whether the port is free
        if not row.fixed_port:
            return "no"
        return "perhaps" if port is None else "yes"

    def _target(self, call: CallSite) -> str:
        """The name that the result of a call is given."""
        for name, write in self.tree.assigned:
            if write.value is call.node:
                return name
        for name, writes in call.at.scope.writes.items():
            if any(write.value is call.node for write in writes):
                return name
        return ""

    def _home(self, key: str, at: At) -> tuple[Scope, str]:
        first = key.partition(".")[0]
        scope: Scope | None = at.scope
        while scope is not None and first not in scope.writes:
            scope = scope.parent
        if scope is not None and scope.me == first and scope.parent is not None:
            return scope.parent, key.partition(".")[2]
        return scope or self.tree.module, key

    # Arguments

    def arguments(self, given: Sequence[cst.Arg], at: At, ref: Ref | None) -> Arguments:
        """The arguments of a call, unpacked as far as the file says."""
        found = Arguments()
        for outer in ref.given if ref else ():
            self._collect(found, list(outer.node.args[1:]), outer.at)
        self._collect(found, given, at)
        return found

    def _collect(self, found: Arguments, given: Sequence[cst.Arg], at: At) -> None:
        for arg in given:
            if arg.keyword is not None:
                found.keywords[arg.keyword.value] = (arg.value, at)
            elif arg.star == "**":
                given_by_name = mapping(self.values, arg.value, at)
                if given_by_name is None or given_by_name.open:
                    found.open = found.open or f"**{dotted(arg.value) or 'arguments'}"
                for key, value, place in given_by_name.entries if given_by_name else ():
                    found.keywords[key] = (value, place)
            elif arg.star == "*":
                sequence = next((v for v in self.values.of(arg.value, at) if v.kind == "sequence"), None)
                if sequence is None:
                    found.open = found.open or f"*{dotted(arg.value) or 'arguments'}"
                else:
                    found.positional += sequence.elements
            elif not found.open.startswith("*") or found.open.startswith("**"):
                found.positional.append((arg.value, at))

    def _given(
        self, arguments: Arguments, keywords: Sequence[str], position: int | None
    ) -> tuple[cst.BaseExpression, At] | None:
        for keyword in keywords:
            if keyword in arguments.keywords:
                return arguments.keywords[keyword]
        if position is not None and position < len(arguments.positional):
            return arguments.positional[position]
        return None

    def host(self, argument: Argument, arguments: Arguments) -> tuple[cst.BaseExpression, At] | None:
        """The expression that states the address, None when it is left out."""
        return self._given(arguments, argument.keywords, argument.position)

    def port(self, row: Row, arguments: Arguments) -> int | None:
        """The port number, None when unknown."""
        argument = row.port
        if argument.position is None and not argument.keywords:
            return row.default_port
        given = self._given(arguments, argument.keywords, argument.position)
        if given is None:
            return row.default_port if not arguments.open else None
        for value in self.values.of(*given):
            candidates = [value]
            if argument.item is not None and value.kind == "sequence":
                members = value.elements[argument.item : argument.item + 1]
                candidates = [inner for node, at in members for inner in self.values.of(node, at)]
            elif argument.item is not None:
                continue
            for candidate in candidates:
                text = candidate.text.replace("_", "")
                if candidate.kind in ("number", "text") and text.isdigit() and int(text) <= 0xFFFF:
                    return int(text)
        return None

    def stated(self, match: Match, addressing: Addressing) -> Iterator[Stated]:
        """The addresses that a matched call states."""
        row, call = match.row, match.call
        given = self.host(row.host, match.arguments)
        if given is None:
            if match.opaque or (row.kind == "client" and row.host.default is None):
                return
            if match.arguments.open and row.host.default is not None:
                yield from addressing.passed_on(call, match.arguments.open)
                return
            yield from addressing.omitted(row, call)
            return
        node, at = given
        written = any(arg.value is node for arg in call.node.args)
        for known in self.values.known(node, at):
            value = known if written else known.via(node, "handed to the call", "default")
            for use in addressing.uses(Use(node, value), row.host):
                if match.opaque and use.item and row.host.item is None:
                    continue  # a list of words
                for found in addressing.stated(use, row, call.node.func):
                    if not match.opaque or self._plain_to_see(found, row):
                        yield found

    @staticmethod
    def _plain_to_see(found: Stated, row: Row) -> bool:
        """Whether an address alone tells that a call on an unknown receiver binds it."""
        address = found.address
        if address.kind is not Kind.WILDCARD:
            return False
        if row.requires and row.host.item is not None:
            return True
        return address.slot is not None and shows_wildcard(address.text)

    def control(self, match: Match) -> bool:
        """Whether a keyword that gives strangers control is literally true."""
        for name in match.row.control_if:
            given = match.arguments.keywords.get(name)
            if given is not None and any(v.kind == "flag" and v.text == "True" for v in self.values.of(*given)):
                return True
        return False


def _imported(tree: Tree) -> frozenset[str]:
    """The first parts of everything imported anywhere in the file."""
    found = {star.partition(".")[0] for star in tree.stars}
    for scope in [tree.module, *tree.scopes.values()]:
        for writes in scope.writes.values():
            found.update(write.text.partition(".")[0] for write in writes if write.kind == "import")
    return frozenset(found - {""})
