"""What an expression can be: texts with the place of each of their characters, numbers, tuples and dictionaries.

Nothing is computed that the source does not say: a value decided at run time is UNKNOWN and says what decides it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from bindlint.readers.python import containers, narrowing, operations, strings
from bindlint.readers.python.defaults import Defaults
from bindlint.readers.python.names import parameter_name, unpacked
from bindlint.readers.python.scopes import At, Scope, Write, dotted, lookup
from bindlint.readers.python.strings import Part
from bindlint.readers.python.value import MAX_VALUES, Value, short

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
        self._steps = 0

    def of(self, node: cst.CSTNode, at: At, depth: int = 0) -> tuple[Value, ...]:
        """Everything an expression can be, at most `MAX_VALUES`; never empty."""
        self._steps += 1
        if depth > MAX_DEPTH or self._steps > MAX_STEPS:
            return (self.unknown(node, at),)
        found: list[Value] = []
        for value in self._of(node, at, depth + 1):
            if all(value.kind != v.kind or value.node is not v.node or value.text != v.text for v in found):
                found.append(value)
            if len(found) == MAX_VALUES:
                break
        return tuple(found) or (self.unknown(node, at),)

    def unknown(self, node: cst.CSTNode, at: At, maybe: str = "") -> Value:
        """A value that only a run decides."""
        return Value("unknown", node, at, origin="here", maybe=maybe or dotted(node) or short(node))

    def known(self, node: cst.CSTNode, at: At, depth: int = 0) -> list[Value]:
        """The values that are known, or the unknown ones when none is."""
        values = self.of(node, at, depth)
        return [v for v in values if v.kind != "unknown"] or list(values)

    def _of(self, node: cst.CSTNode, at: At, depth: int) -> Iterator[Value]:  # noqa: C901, PLR0912 - one arm per node
        match node:
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
                yield from self._attribute(node, at, depth)
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
                    out = narrowing.ruled_out(node.test, dotted(arm) or "?", outcome=outcome)
                    yield from (v for v in self.of(arm, at, depth) if narrowing.survives(v, out))
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
                found.append(value.parts)
            else:
                found.append((Part(f"${{{value.maybe or 'value'}}}"),))
        return found

    # Names and attributes

    def _name(self, node: cst.Name, at: At, depth: int) -> Iterator[Value]:
        writes = lookup(node.value, at) or self.names.starred(node.value, at)
        for write in writes:
            yield from self._passed(node.value, at, write, self.of_write(write, node.value, depth))
        if not writes:
            yield self.unknown(node, at, node.value)

    def _passed(self, name: str, at: At, write: Write | None, found: Iterable[Value]) -> Iterator[Value]:
        """Those values of a name that the tests between the write and the use let through."""
        values = tuple(found)
        if all(value.kind not in ("none", "text") for value in values):
            yield from values
            return
        home, since = (write.at.scope, write.at.order) if write else (at.scope, -1)
        out = narrowing.excluded(name, at, home, since)
        yield from (value for value in values if narrowing.survives(value, out))

    def of_write(self, write: Write, name: str, depth: int) -> Iterator[Value]:
        """What a name can be through one write."""
        if write.kind == "param":
            yield from self._param(write, depth)
        elif write.kind == "value" and write.value is not None:
            value = unpacked(write.value, write.path)
            if value is not None:
                for found in self.of(value, write.at, depth):
                    yield found.via(value, f"{name} is set here", "name")
            else:
                yield from self._item_of(write, name, depth)
        elif write.kind == "element" and write.value is not None:
            for sequence in self.of(write.value, write.at, depth):
                for element, place in sequence.elements:
                    inner = unpacked(element, write.path)
                    if inner is not None:
                        yield from (
                            v.via(inner, f"{name} takes this value", "name") for v in self.of(inner, place, depth)
                        )
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
        for inner in writes:
            for value in self.of_write(inner, name, depth + 1):
                yield value.via(write.target, f"{name} comes from {tree.path}", "name")

    def _item_of(self, write: Write, name: str, depth: int) -> Iterator[Value]:
        if write.value is None:
            return
        for found in self.of(write.value, write.at, depth):
            elements, inner = found.elements, None
            for index in write.path:
                if index >= len(elements):
                    inner = None
                    break
                inner = elements[index]
                elements = ()
            if inner is None:
                yield self.unknown(write.value, write.at, name)
                continue
            for value in self.of(inner[0], inner[1], depth):
                yield replace(value.via(inner[0], f"{name} is set here", "name"), trail=(*value.trail, *found.trail))

    def _param(self, write: Write, depth: int) -> Iterator[Value]:
        function, name = write.at.scope, parameter_name(write)
        label = f"{function.name}()" if function.name else "a lambda"
        found: list[Value] = []
        if not write.text:
            omitted = False
            for call, arguments in self.names.callers(function):
                if name in arguments:
                    given = arguments[name]
                    note = f"passed to {label} as {name}"
                    found += [v.via(given, note, "default", handed=True) for v in self.of(given, call.at, depth)]
                else:
                    omitted = True
            found = [v for v in found if v.kind != "unknown"] or found
            if found and not omitted and any(v.kind != "unknown" for v in found):
                yield from found
                return
        declared = self.defaults.of_parameter(write)
        if declared is not None:
            given, outside, note = declared
            yield from (v.via(given, note, "default") for v in self.of(given, outside, depth))
            yield from (v for v in found if v.kind != "unknown")
            return
        yield from found or [self.unknown(write.target, write.at, f"parameter {name} of {label}")]

    def _attribute(self, node: cst.Attribute, at: At, depth: int) -> Iterator[Value]:
        key = dotted(node)
        writes = lookup(key, at) if key else []
        if writes:
            for write in writes:
                yield from self._passed(key, at, write, self.of_write(write, key, depth))
            return
        yield from self._passed(key or "?", at, None, self._outside(node, at, depth))

    def _outside(self, node: cst.Attribute, at: At, depth: int) -> Iterator[Value]:
        """What an attribute can be that the code around does not write: of an object, an option, an enum."""
        name, key = node.attr.value, dotted(node)
        seen = False
        for ref in self.names.refs(node.value, at):
            if ref.scope is not None and ref.scope.kind == "module":
                for write in self.names.exported(ref.scope.file, name, at):
                    for value in self.of_write(write, key or name, depth):
                        seen = True
                        yield value
            elif ref.scope is not None and ref.scope.kind == "class":
                for value in self._member(ref.scope, name, ref.made, at, depth):
                    seen = True
                    yield value
            elif ref.name and (text := strings.CONSTANTS.get(f"{ref.name}.{name}")) is not None:
                seen = True
                yield Value("text", node, at, (Part(text),))
        if seen:
            return
        for option, place, note in self.defaults.of_attribute(node, at):
            seen = True
            yield from (v.via(option, note, "default") for v in self.of(option, place, depth))
        if seen:
            return
        if name in ("value", "name") and isinstance(node.value, cst.Attribute):  # of an enum's member
            yield from self.of(node.value, at, depth)
            return
        imported = next((r.name for r in self.names.refs(node.value, at) if r.name and not r.instance), "")
        yield self.unknown(node, at, f"{imported}.{name}" if imported else key)

    def _member(self, scope: Scope, name: str, made: object, at: At, depth: int) -> Iterator[Value]:
        """What an attribute of a class of this file can be: a constructor's keyword goes before the class's default."""
        for current in self.names.family(scope):
            writes = self.names.attribute_writes(current, name, at)
            if not writes:
                continue
            own_init = any(s.writes.get("__init__") for s in self.names.family(scope))
            call = getattr(made, "node", None)
            if not own_init and isinstance(call, cst.Call):
                fields = [key for key, (first, *_) in scope.writes.items() if first.annotation is not None]
                for index, arg in enumerate(call.args):
                    by_place = not arg.keyword and not arg.star and fields[index : index + 1] == [name]
                    if by_place or (arg.keyword is not None and arg.keyword.value == name):
                        note = f"passed to {scope.name} as {name}"
                        yield from (v.via(arg.value, note, "default") for v in self.of(arg.value, made.at, depth))  # type: ignore[attr-defined]
                        return
            for write in writes:
                if write.kind == "def" and write.scope is not None:
                    for value, place in write.scope.returns:
                        yield from self.of(value, place, depth)
                elif (
                    write.kind == "value"
                    and write.value is not None
                    and (inner := self.defaults.of_field(write)) is not None
                ):
                    yield from (v.via(inner, f"default of {name}", "default") for v in self.of(inner, write.at, depth))
                else:
                    yield from self.of_write(write, name, depth)
            return
