"""What an expression can be: texts with the place of each of their characters, numbers, tuples and dictionaries.

Nothing is computed that the source does not say: a value decided at run time is UNKNOWN and says what decides it.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from bindlint.readers.python import (
    containers,
    contexts,
    environment,
    instances,
    objects,
    operations,
    parameters,
    strings,
)
from bindlint.readers.python.defaults import Defaults
from bindlint.readers.python.names import END, parameter_name, unpacked
from bindlint.readers.python.narrowing import Narrowing
from bindlint.readers.python.scopes import At, CallSite, Scope, Write, dotted, lookup
from bindlint.readers.python.strings import Part
from bindlint.readers.python.value import MAX_VALUES, Held, Value, short

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bindlint.readers.python.names import Names

MAX_DEPTH = 20
MAX_STEPS = 20_000


class Values:
    """Evaluation of expressions in one file and in those that it leads to."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.defaults = Defaults(names)
        self.things: list[instances.Made] = []  # the objects whose attributes are being looked at
        self.calling: dict[Scope, CallSite] = {}  # the functions whose results are being looked at
        self.narrowing = Narrowing(self)
        self._steps = 0
        self._asking: set[tuple[cst.CSTNode, Scope, int, instances.Made | None]] = set()

    @property
    def exhausted(self) -> bool:
        """Whether there were more steps of evaluation, or of resolution for it, to take than allowed."""
        return self._steps > MAX_STEPS or self.names.exhausted

    def of(self, node: cst.CSTNode, at: At, depth: int = 0) -> tuple[Value, ...]:
        """Everything an expression can be, at most `MAX_VALUES`; never empty."""
        self._steps += 1
        if depth > MAX_DEPTH or self._steps > MAX_STEPS:
            return (self._beyond(node, at),)
        asking = (node, at.scope, at.order, self.things[-1] if self.things else None)
        if asking in self._asking:  # defined by itself
            return (self.unknown(node, at),)
        self._asking.add(asking)
        try:
            return self._all(node, at, depth)
        finally:
            self._asking.discard(asking)

    def _all(self, node: cst.CSTNode, at: At, depth: int) -> tuple[Value, ...]:
        found: list[Value] = []
        for value in self._of(node, at, depth + 1):
            if not any(value.same_as(v) for v in found):
                found.append(value)
            if len(found) > MAX_VALUES:
                found[-1] = self._beyond(node, at)
                break
        return tuple(found) or (self.unknown(node, at),)

    def unknown(self, node: cst.CSTNode, at: At, maybe: str = "") -> Value:
        """A value that only a run decides."""
        return Value("unknown", node, at, origin="here", maybe=maybe or dotted(node) or short(node))

    def _beyond(self, node: cst.CSTNode, at: At) -> Value:
        return replace(self.unknown(node, at), beyond=True)

    @contextlib.contextmanager
    def within(self, thing: instances.Made) -> Iterator[None]:
        """While an attribute of one object is looked at."""
        self.things.append(thing)
        try:
            yield
        finally:
            self.things.pop()

    def returned(self, function: Scope, call: CallSite, depth: int) -> Iterator[tuple[cst.BaseExpression, Value]]:
        """What a function returns to one call of it."""
        outside = self.calling.get(function)
        found = []
        if outside is None:
            self.calling[function] = call
        for given, place in function.returns:
            found += [(given, value) for value in self.of(given, place, depth)]
        if outside is None:
            del self.calling[function]
        yield from found

    def concrete(self, scope: Scope) -> Scope:
        """The class that an object is of, where the code is that of a class: that of the object looked at."""
        if self.things and scope in self.names.family(self.things[-1].scope):
            return self.things[-1].scope
        return scope

    def named(self, node: cst.BaseExpression, at: At, name: str, depth: int) -> tuple[Value, ...]:
        """What a name is in an object that an expression is, or names."""
        return objects.named(self, node, at, name, depth)

    def put(self, variable: str, at: At, depth: int) -> tuple[list[Value], bool]:
        """What the program puts into an environment variable, and whether it surely does."""
        return environment.put(self, variable, at, depth)

    def known(self, node: cst.CSTNode, at: At, depth: int = 0) -> list[Value]:
        """The values that are known, or the unknown ones when none is; that there are too many to know is told, too."""
        values = self.of(node, at, depth)
        if all(v.kind == "unknown" for v in values):
            return list(values)
        return [v for v in values if v.kind != "unknown" or v.beyond]

    def _of(self, node: cst.CSTNode, at: At, depth: int) -> Iterator[Value]:  # noqa: C901, PLR0912 - one arm per node
        match node:
            case Held():
                yield from node.values
            case cst.SimpleString() | cst.ConcatenatedString() | cst.FormattedString():
                for parts in strings.literal(node, lambda inner: self.words(inner, at, depth)):
                    yield Value("text", node, at, parts)
            case cst.Integer() | cst.Float():
                yield Value("number", node, at, (Part(node.value, node, 0),))
            case cst.Name(value="None"):
                yield Value("none", node, at)
            case cst.Name(value="True" | "False"):
                yield Value("flag", node, at, (Part(node.value, node, 0),))
            case cst.Name():
                yield from self._name(node, at, depth)
            case cst.Attribute():
                yield from objects.attribute(self, node, at, depth)
            case cst.Tuple() | cst.List() | cst.Set():
                members = [e for e in node.elements if isinstance(e, cst.Element)]
                yield Value("sequence", node, at, elements=tuple((e.value, at) for e in members))
            case cst.Dict():
                yield containers.written(self, node, at, depth)
            case cst.Call():
                yield from operations.call(self, node, at, depth)
            case cst.Subscript():
                yield from containers.subscript(self, node, at, depth)
            case cst.BooleanOperation():
                yield from operations.either(self, node, at, depth)
            case cst.IfExp():
                for arm, outcome in ((node.body, True), (node.orelse, False)):
                    out = self.narrowing.ruled_out(node.test, dotted(arm) or "?", at, outcome=outcome)
                    yield from (v for v in self.of(arm, at, depth) if self.narrowing.survives(v, out))
            case cst.NamedExpr():
                yield from self.of(node.value, at, depth)
            case cst.Await():
                yield from self.of(node.expression, at, depth)
            case cst.BinaryOperation():
                yield from operations.operation(self, node, at, depth)
            case _:
                yield self.unknown(node, at)

    def words(self, node: cst.CSTNode, at: At, depth: int) -> list[tuple[Part, ...]]:
        """The texts that an expression can contribute to a larger text; `${what}` for an unknown one."""
        found = []
        for value in self.known(node, at, depth):
            if value.kind in ("text", "number"):
                found.append(value.stretches())
            else:
                found.append((Part(f"${{{value.maybe or 'value'}}}"),))
        return found

    # Names and attributes

    def _name(self, node: cst.Name, at: At, depth: int) -> Iterator[Value]:
        writes = lookup(node.value, at) or self.names.starred(node.value, at)
        for write in self.narrowing.reachable(writes, node.value):
            found = self.of_write(write, node.value, depth, at)
            changed = (containers.changed(self, value, node.value, write, at, depth) for value in found)
            yield from self.passed(node.value, at, write, changed)
        if not writes:
            yield self.unknown(node, at, node.value)

    def passed(self, name: str, at: At, write: Write | None, found: Iterable[Value]) -> Iterator[Value]:
        """Those values of a name that the tests between the write and the use let through."""
        values = tuple(found)
        if all(value.kind not in ("none", "text") for value in values):
            yield from values
            return
        home, since = (write.at.scope, write.at.order) if write else (at.scope, -1)
        out = self.narrowing.excluded(name, at, home, since)
        yield from (value for value in values if self.narrowing.survives(value, out))

    def of_write(self, write: Write, name: str, depth: int, use: At | None = None) -> Iterator[Value]:
        """What a name can be through one write, where it is used."""
        if write.kind == "param":
            yield from self._param(write, depth, use)
        elif write.kind == "value" and write.value is not None:
            value = unpacked(write.value, write.path)
            if value is not None:
                for found in self.of(value, write.at, depth):
                    yield found.via(value, f"{name} is set here", "name")
            else:
                yield from self._item_of(write, name, depth)
        elif write.kind == "element" and write.value is not None:
            yield from self._each(write, name, depth)
        elif write.kind == "import":
            yield from self._imported(write, name, depth)
        elif write.kind != "note":
            yield self.unknown(write.target, write.at, name)

    def _imported(self, write: Write, name: str, depth: int) -> Iterator[Value]:
        """What a name of another file can be."""
        found = self.names.imported(write)
        if found is None or not found[1] or depth > MAX_DEPTH:
            yield self.unknown(write.target, write.at, write.text)
            return
        tree, writes = found
        own = write.text.rpartition(".")[2]
        for inner in writes:
            for value in self.of_write(inner, own, depth + 1):
                changed = containers.changed(self, value, own, inner, At(tree.module, END), depth)
                yield changed.via(write.target, f"{name} comes from {tree.path}", "name")

    def _each(self, write: Write, name: str, depth: int) -> Iterator[Value]:
        """What a name of a loop takes: each member, or a part of each."""
        if write.value is None:
            return
        for sequence in self.of(write.value, write.at, depth):
            for element, place in sequence.elements:
                inner = unpacked(element, write.path)
                if inner is not None:
                    yield from (v.via(inner, f"{name} takes this value", "name") for v in self.of(inner, place, depth))
                else:
                    yield from self._unpacked(element, place, write.path, name, depth)

    def _item_of(self, write: Write, name: str, depth: int) -> Iterator[Value]:
        if write.value is not None:
            yield from self._unpacked(write.value, write.at, write.path, name, depth)

    def _unpacked(self, node: cst.CSTNode, at: At, path: tuple[int, ...], name: str, depth: int) -> Iterator[Value]:
        """What an unpacking takes out of what an expression can be."""
        for found in self.of(node, at, depth):
            if len(path) == 0 or path[0] >= len(found.elements):
                yield self.unknown(node, at, name) if path else found
                continue
            element, place = found.elements[path[0]]
            for value in (
                self._unpacked(element, place, path[1:], name, depth) if path[1:] else self.of(element, place, depth)
            ):
                reached = value.via(element, f"{name} takes this value", "name")
                yield replace(reached, trail=(*found.trail, *reached.trail))

    def optional(self, default: cst.BaseExpression, at: At, note: str, depth: int) -> Iterator[Value]:
        """What a declared default can be, and which option of the command line outranks it."""
        flags = self.defaults.options.flags.get(default, ())
        for value in self.of(default, at, depth):
            yield replace(value.via(default, note, "default"), option=flags or value.option)

    def _param(self, write: Write, depth: int, use: At | None) -> Iterator[Value]:
        function, name = write.at.scope, parameter_name(write)
        if write.text:
            yield from parameters.starred(self, write, depth)
            return
        label = f"{function.name}()" if function.name else "a lambda"
        found: list[Value] = []
        omitted = False
        for call, arguments in instances.calls_of(self, function):
            if use is not None and not parameters.leads_to(function, arguments, call, use):
                continue
            given = parameters.given(self, function, call, arguments, name, depth)
            if given is None:
                omitted = True
                continue
            note = f"passed to {label} as {name}"
            found += [v.via(given[0], note, "default", handed=True) for v in self.of(*given, depth)]
        found = [v for v in found if v.kind != "unknown"] or found
        if found and not omitted and any(v.kind != "unknown" for v in found):
            yield from found
            return
        declared = self.defaults.of_parameter(write)
        for given_default, outside, note in declared:
            yield from self.optional(given_default, outside, note, depth)
        if declared:
            yield from (v for v in found if v.kind != "unknown")
            return
        found = found or list(contexts.of(self, cst.Name(name), write.at, depth))
        yield from found or [self.unknown(write.target, write.at, f"parameter {name} of {label}")]
