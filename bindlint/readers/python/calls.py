"""Calls that open a socket or name a host, found by what the callee refers to; their arguments, as the row says."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from bindlint.addresses import Kind
from bindlint.knowledge.apis import ANYTHING
from bindlint.knowledge.clients import matches
from bindlint.readers.python import abroad
from bindlint.readers.python.addressing import Addressing, Stated, Use
from bindlint.readers.python.arguments import Members, collect, descend, for_real, said, said_of_class
from bindlint.readers.python.callees import spawned
from bindlint.readers.python.gates import gives_address, shows_wildcard
from bindlint.readers.python.names import Names
from bindlint.readers.python.opening import Opening
from bindlint.readers.python.pairs import paired
from bindlint.readers.python.scopes import dotted, last_name, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bindlint.knowledge.apis import Row
    from bindlint.knowledge.python import Library
    from bindlint.readers.python.arguments import Arguments
    from bindlint.readers.python.names import Ref
    from bindlint.readers.python.scopes import At, CallSite
    from bindlint.readers.python.tree import Tree
    from bindlint.readers.python.values import Values


@dataclass(frozen=True)
class Match:
    """A call that a row speaks of, and the callee that the row means: what it calls, or has called.

    `opaque`: by its method's name only; `certain`: it surely listens. `made` is the call that made the receiver.
    """

    row: Row
    call: CallSite
    callee: cst.BaseExpression
    arguments: Arguments
    opaque: bool = False
    certain: bool = True
    made: CallSite | None = None


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
        self._openings: dict[Tree, Opening] = {}
        self._methods_of: dict[str, list[Row]] = {}
        for row in library.rows:
            for name in row.names if row.of_object and id(row) in live else ():
                self._methods_of.setdefault(name.rpartition(".")[2], []).append(row)
        self._here = Names(names.modules.holding(frozenset()), library)  # for what other files cannot make listen

    def matches(self) -> Iterator[Match]:
        """Every call that a live row speaks of, those of `partial` last."""
        called: set[cst.Call] = set()  # the calls of `partial` whose result is called
        for call in self.tree.calls:
            refs = self._callee(call)
            partials = {outer.node for ref in refs for outer in ref.given}
            for match in self._direct(call, call.node.func, refs, list(call.node.args)):
                host = match.arguments.host(match.row)
                if host is None or not any(arg.value is host[0] for partial in partials for arg in partial.args):
                    called |= partials
                    yield match
        for call in self.tree.calls:
            refs = self._callee(call)
            if call.node not in called and (inner := spawned(call.node, refs, self.names.library)) is not None:
                callee, given = inner
                yield from self._direct(call, callee, self.names.refs(callee, call.at), given)
        modules = self.values.names.modules
        modules.outward = True
        used = list(abroad.calls(self.tree, self.values.names, self.library))
        modules.outward = False
        for call, refs in used:
            yield from self._direct(call, call.node.func, refs, list(call.node.args), elsewhere=True)

    def _opening(self, call: CallSite) -> Opening:
        """What the file of a call does with its objects."""
        tree = call.at.scope.file
        if tree not in self._openings:
            self._openings[tree] = Opening(tree, self.values)
        return self._openings[tree]

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

    def _direct(
        self,
        call: CallSite,
        callee: cst.BaseExpression,
        refs: Sequence[Ref],
        given: Sequence[cst.Arg],
        *,
        elsewhere: bool = False,
    ) -> Iterator[Match]:
        found = elsewhere
        for ref in refs:
            for name, skip in self._callable_names(ref, callee):
                for row in self.library.calls.get(name, ()):
                    found = True
                    if id(row) not in self.live and not elsewhere:
                        continue
                    arguments = self._given_to(row, given[skip:], call.at, ref)
                    if not paired(self.values, row, arguments):
                        continue
                    if not self._made(row, ref, callee, call.at, arguments):
                        continue
                    if not elsewhere and not self.known_here(row) and not self._handed(row, arguments):
                        continue
                    opens = self._opening(call).opens(
                        row, call, arguments, makes=self._makes(callee, call.at), opaque=False
                    )
                    if opens != "no" and self._holds(row, arguments):
                        guessed = arguments.loose and arguments.host(row) is None
                        yield Match(row, call, callee, arguments, certain=opens == "yes" and not guessed, made=ref.made)
        if not found and isinstance(callee, cst.Attribute) and not self._understood(refs):
            yield from self._opaque(call, callee, given)

    def _given_to(self, row: Row, given: Sequence[cst.Arg], at: At, ref: Ref) -> Arguments:
        """The arguments of a call; for what a listener unpacks, callers in other files are asked too."""
        modules = self.values.names.modules
        outward = modules.outward
        modules.outward = outward or (row.kind == "listener" and any(arg.star for arg in given))
        arguments = collect(self.values, given, at, ref)
        modules.outward = outward
        return arguments

    def known_here(self, row: Row) -> bool:
        """Whether the file imports anything of the row's library."""
        return not row.roots or "*" in row.roots or bool(row.roots & self.imported)

    def _handed(self, row: Row, arguments: Arguments) -> bool:
        """Whether the call gives an address to an object that another file made of the row's library."""
        keywords = [*arguments.keywords, *(["**"] if arguments.open else [])]
        return row.of_object and gives_address(row, keywords, len(arguments.positional), wild=self.wild)

    def _callable_names(self, ref: Ref, callee: cst.BaseExpression) -> Iterator[tuple[str, int]]:
        """Qualified names under which rows may know the callee, and how many arguments come before the first."""
        if ref.scope is not None:
            if ref.instance or ref.scope.kind != "class":
                return
            if any(s.writes.get("__init__") for s in self.names.family(ref.scope)):
                return
            yield from ((name, 0) for name in self.names.library_bases(ref.scope))
        elif ref.name and not ref.instance:
            if ref.name.endswith(".__init__"):
                direct = isinstance(callee, cst.Attribute) and not isinstance(callee.value, cst.Call)
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
            arguments = collect(self.values, given, call.at, None)
            opens = self._opening(call).opens(row, call, arguments, makes=False, opaque=True)
            if opens == "yes" and self._holds(row, arguments):
                named = bool(arguments.keywords.keys() & row.host.keywords)
                if not row.roots & self.imported:  # nothing of a library: a port beside the address has to tell
                    named = named and bool(arguments.keywords.keys() & {*row.port.keywords, *row.control_if})
                certain = bool(row.requires) or row.host.position != 0 or named
                yield Match(row, call, function, arguments, opaque=True, certain=certain)
                return

    def _makes(self, callee: cst.BaseExpression, at: At) -> bool:
        """Whether a call makes an object, rather than being a method of one."""
        if not isinstance(callee, cst.Attribute) or callee.attr.value == "__init__":
            return True
        return not any(ref.instance for ref in self.names.refs(callee.value, at))

    def _made(self, row: Row, ref: Ref, callee: cst.BaseExpression, at: At, arguments: Arguments) -> bool:
        """Whether the words are right of the call that made the receiver, or of the call that makes the object."""
        if not row.made_with and not row.made_without:
            return True
        above = ref.name.endswith(".__init__")  # of a class that the one around inherits from
        words: set[str] = set()
        if above or self._makes(callee, at):
            words = said(self.names, arguments)
            owner = at.scope.owner if above else ref.scope
            if owner is not None:
                words |= said_of_class(self.names, owner)
        elif ref.made is not None:
            given = (f"{arg.keyword.value}=" for arg in ref.made.node.args if arg.keyword is not None)
            words = {*words_of(ref.made.node), *given}
        return (not row.made_with or bool(words & set(row.made_with))) and not words & set(row.made_without)

    def _holds(self, row: Row, arguments: Arguments) -> bool:
        """Whether the call opens a TCP or UDP socket at all, by its other arguments."""
        host = arguments.host(row)
        unsaid = host is None or dotted(host[0]) == "None"
        for key in row.unless:
            given = arguments.under(key)
            if given is not None and for_real(self.values, given, decided=unsaid):
                return False
        for key, allowed in row.only.items():
            given = arguments.under(key)
            if given is None or (ANYTHING in allowed and not for_real(self.values, given, decided=True)):
                if None not in allowed:
                    return False
                continue
            if ANYTHING in allowed:
                continue
            texts = {value.text for value in self.values.of(*given) if value.kind in ("text", "flag", "number")}
            if texts and not texts & set(allowed):
                return False
        for key, patterns in row.where.items():
            given = arguments.under(key)
            if given is None or not any(matches(v.text, patterns) for v in self.values.of(*given) if v.kind == "text"):
                return False
        return True

    def stated(self, match: Match, addressing: Addressing) -> Iterator[Stated]:
        """The addresses that a matched call states."""
        row, call = match.row, match.call
        outer = match.arguments.host(row)
        found = Members(missing=True) if outer is None else descend(self.values, outer, row.host.keys)
        for node, at in found.given:
            yield from self._given(match, node, at, addressing)
        if row.host.default is None or not found.missing or match.opaque or not self._opening(call).serves(row, call):
            return
        unknown = match.arguments.open if outer is None else ""
        if unknown or found.open:
            yield from addressing.passed_on(match.callee, unknown or row.host.keys[-1])
        else:
            yield from addressing.omitted(row, call, match.callee)

    def surfaces(self, matches: Sequence[Match]) -> dict[cst.CSTNode | None, str]:
        """What strangers reach by the sockets that calls made, where a row says what takes them over."""
        found: dict[cst.CSTNode | None, str] = {}
        for match in matches:
            row = match.row
            given = match.arguments.given(row.takes.keywords, row.takes.position) if row.takes else None
            for ref in self.names.refs(*given) if given else ():
                if ref.made is not None:
                    found[ref.made.node] = row.surface
        return found

    def _given(self, match: Match, node: cst.BaseExpression, at: At, addressing: Addressing) -> Iterator[Stated]:
        """The addresses of an argument."""
        row = match.row
        written = any(arg.value is node for arg in match.call.node.args)
        for known in self.values.known(node, at):
            value = known if written else known.via(node, "handed to the call", "default")
            for use in addressing.uses(Use(node, value), row.host):
                if match.opaque and use.item and row.host.item is None:
                    continue  # a list of words
                for found in addressing.stated(use, row, match.callee):
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


def _imported(tree: Tree) -> frozenset[str]:
    """The first parts of everything imported anywhere in the file."""
    found = {star.partition(".")[0] for star in tree.stars}
    for scope in [tree.module, *tree.scopes.values()]:
        for writes in scope.writes.values():
            found.update(write.text.partition(".")[0] for write in writes if write.kind == "import")
    return frozenset(found - {""})
