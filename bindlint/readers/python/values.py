"""What an expression can be: texts with the place of each of their characters, numbers, tuples and dictionaries.

Nothing is computed that the source does not say: a value decided at run time is UNKNOWN and says what decides it.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import libcst as cst

from bindlint.readers.python import strings
from bindlint.readers.python.defaults import Defaults
from bindlint.readers.python.names import parameter_name, unpacked
from bindlint.readers.python.strings import Part
from bindlint.readers.python.tree import At, Scope, Tree, Write, constant_key, dotted, lookup, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bindlint.readers.python.names import Names

MAX_DEPTH = 20
MAX_STEPS = 20_000
MAX_VALUES = 8


@dataclass(frozen=True, slots=True)
class Hop:
    """One step from a use to where the value is written."""

    node: cst.CSTNode
    note: str


@dataclass(frozen=True, slots=True)
class Value:
    """One thing an expression can be.

    `kind`: text, number, flag, none, sequence, mapping, unknown. `origin` is how it got there: "here" (written in the
    expression itself), "name" (a constant), "default" (the default of an option, variable or parameter, or an argument
    of the function around). `elements` are the members of a sequence, `entries` those of a mapping.
    """

    kind: str
    node: cst.CSTNode
    at: At
    parts: tuple[Part, ...] = ()
    origin: str = "here"
    trail: tuple[Hop, ...] = ()
    maybe: str = ""
    elements: tuple[tuple[cst.BaseExpression, At], ...] = ()
    entries: tuple[tuple[str, cst.BaseExpression, At], ...] = ()
    open: bool = False  # a mapping that may hold more

    @property
    def text(self) -> str:
        """The whole text, unknown parts as `${what}`."""
        return "".join(part.text for part in self.parts)

    def via(self, node: cst.CSTNode, note: str, origin: str) -> Value:
        """The same value, reached through one more hop."""
        return replace(
            self, trail=(Hop(node, note), *self.trail), origin=self.origin if self.origin != "here" else origin
        )


class Values:
    """Evaluation of expressions in one file."""

    def __init__(self, tree: Tree, names: Names) -> None:
        self.tree = tree
        self.names = names
        self.defaults = Defaults(tree, names)
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
        return Value("unknown", node, at, origin="here", maybe=maybe or dotted(node) or _short(node))

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
                yield self._mapping(node, at, depth)
            case cst.Call():
                yield from self._call(node, at, depth)
            case cst.Subscript():
                yield from self._subscript(node, at, depth)
            case cst.BooleanOperation():
                yield from self._either(node, at, depth)
            case cst.IfExp():
                yield from self.of(node.body, at, depth)
                yield from self.of(node.orelse, at, depth)
            case cst.NamedExpr():
                yield from self.of(node.value, at, depth)
            case cst.Await():
                yield from self.of(node.expression, at, depth)
            case cst.BinaryOperation():
                yield from self._operation(node, at, depth)
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
        writes = lookup(node.value, at, self.tree.arms)
        for write in writes:
            yield from self.of_write(write, node.value, depth)
        if not writes:
            yield self.unknown(node, at, node.value)

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
            yield self.unknown(write.target, write.at, write.text)
        elif write.kind != "note":
            yield self.unknown(write.target, write.at, name)

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
                    found += [
                        v.via(given, f"passed to {label} as {name}", "default") for v in self.of(given, call.at, depth)
                    ]
                else:
                    omitted = True
            found = [v for v in found if v.kind != "unknown"] or found
            if found and not omitted and any(v.kind != "unknown" for v in found):
                yield from found
                return
        declared = self.defaults.of_parameter(write)
        if declared is not None:
            given, note = declared
            outside = function.at or write.at
            yield from (v.via(given, note, "default") for v in self.of(given, outside, depth))
            yield from (v for v in found if v.kind != "unknown")
            return
        yield from found or [self.unknown(write.target, write.at, f"parameter {name} of {label}")]

    def _attribute(self, node: cst.Attribute, at: At, depth: int) -> Iterator[Value]:
        name, key = node.attr.value, dotted(node)
        writes = lookup(key, at, self.tree.arms) if key else []
        if writes:
            for write in writes:
                yield from self.of_write(write, key, depth)
            return
        seen = False
        for ref in self.names.refs(node.value, at):
            if ref.scope is not None and ref.scope.kind == "class":
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
                for arg in call.args:
                    if arg.keyword is not None and arg.keyword.value == name:
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

    # Calls

    def _call(self, node: cst.Call, at: At, depth: int) -> Iterator[Value]:  # noqa: C901, PLR0911, PLR0912 - one arm per kind of call
        function = node.func
        refs = self.names.refs(function, at)
        default = self.defaults.of_call(node, at, refs)
        if default is not None:
            if default.value is None:
                yield self.unknown(node, at, default.what)
                return
            for value in self.of(default.value, at, depth):
                yield value.via(default.value, default.note, "default")
            return
        if isinstance(function, cst.Attribute) and function.attr.value in (
            "format",
            "join",
            "strip",
            "lower",
            "rstrip",
            "lstrip",
        ):
            yield from self._method(node, function, at, depth)
            return
        name = next((r.name for r in refs if r.name and not r.instance), "")
        if name in (
            "str",
            "int",
            "ipaddress.ip_address",
            "ipaddress.IPv4Address",
            "ipaddress.IPv6Address",
            "typing.cast",
            "tuple",
            "list",
            "bytes",
        ):
            if node.args and not node.args[-1].star:
                yield from self.of(node.args[-1 if name == "typing.cast" else 0].value, at, depth)
                return
        if name == "dict":
            yield self._dict_call(node, at, depth)
            return
        if name == "vars" and node.args:
            entries = [
                (key, option[0], option[1]) for key, option in self.defaults.entries(node.args[0].value, at).items()
            ]
            if entries:
                yield Value("mapping", node, at, entries=tuple(entries), origin="default", open=True)
                return
        returned = False
        for ref in refs:
            if ref.scope is not None and not ref.instance and ref.scope.kind in ("function", "lambda"):
                for value, place in ref.scope.returns:
                    returned = True
                    note = f"{ref.scope.name or 'a lambda'}() returns this"
                    yield from (v.via(value, note, "name") for v in self.of(value, place, depth))
        if not returned:
            yield self.unknown(node, at, f"{dotted(function) or _short(function)}()")

    def _method(self, node: cst.Call, function: cst.Attribute, at: At, depth: int) -> Iterator[Value]:
        name = function.attr.value
        if name in ("strip", "lower", "rstrip", "lstrip"):
            yield from self.of(function.value, at, depth)
            return
        for template in self.known(function.value, at, depth):
            if template.kind != "text":
                yield self.unknown(node, at)
                continue
            if name == "join":
                yield from self._join(node, template, at, depth)
                continue
            named = {a.keyword.value: a.value for a in node.args if a.keyword is not None}
            given = [a.value for a in node.args if a.keyword is None and not a.star]
            fill = {**named, **{str(i): v for i, v in enumerate(given)}}
            yield from self._filled(node, template, strings.braces(template.parts), fill, at, depth)

    def _join(self, node: cst.Call, separator: Value, at: At, depth: int) -> Iterator[Value]:
        for sequence in self.of(node.args[0].value, at, depth) if node.args else ():
            if sequence.kind != "sequence" or not sequence.elements:
                yield self.unknown(node, at)
                continue
            pieces = [self.words(element, place, depth) for element, place in sequence.elements[:8]]
            for chosen in itertools.islice(itertools.product(*pieces), MAX_VALUES):
                parts: tuple[Part, ...] = chosen[0]
                for more in chosen[1:]:
                    parts = (*parts, Part(separator.text), *more)
                yield Value("text", node, at, parts, origin=separator.origin)

    def _filled(
        self,
        node: cst.CSTNode,
        template: Value,
        pieces: Sequence[Part | str],
        fill: dict[str, cst.BaseExpression],
        at: At,
        depth: int,
    ) -> Iterator[Value]:
        choices: list[list[tuple[Part, ...]]] = []
        for piece in pieces:
            if isinstance(piece, Part):
                choices.append([(piece,)])
            elif piece in fill:
                choices.append(self.words(fill[piece], at, depth))
            else:
                choices.append([(Part("${" + (piece or "value") + "}"),)])
        for chosen in itertools.islice(itertools.product(*choices), MAX_VALUES):
            parts = tuple(part for group in chosen for part in group)
            yield Value("text", node, at, parts, origin=template.origin, trail=template.trail)

    # Operators and containers

    def _operation(self, node: cst.BinaryOperation, at: At, depth: int) -> Iterator[Value]:
        if isinstance(node.operator, cst.Add):
            left, right = self.words(node.left, at, depth), self.words(node.right, at, depth)
            for one, two in itertools.islice(itertools.product(left, right), MAX_VALUES):
                yield Value("text", node, at, (*one, *two))
        elif isinstance(node.operator, cst.Modulo):
            for template in self.known(node.left, at, depth):
                if template.kind != "text":
                    yield self.unknown(node, at)
                    continue
                fill: dict[str, cst.BaseExpression] = {"0": node.right}
                if isinstance(node.right, cst.Tuple):
                    fill = {str(i): e.value for i, e in enumerate(node.right.elements)}
                elif isinstance(node.right, cst.Dict):
                    fill = {key: value for key, value, _ in self._mapping(node.right, at, depth).entries}
                yield from self._filled(node, template, strings.percents(template.parts), fill, at, depth)
        else:
            yield self.unknown(node, at)

    def _either(self, node: cst.BooleanOperation, at: At, depth: int) -> Iterator[Value]:
        if isinstance(node.operator, cst.Or):
            left = self.of(node.left, at, depth)
            yield from (v for v in left if not _is_false(v))
            if all(v.kind in ("text", "number") and not _is_false(v) and v.origin == "here" for v in left):
                return
        yield from self.of(node.right, at, depth)

    def _subscript(self, node: cst.Subscript, at: At, depth: int) -> Iterator[Value]:
        key = constant_key(node)
        if (full := dotted(node)) and (writes := lookup(full, at, self.tree.arms)):
            for write in writes:
                yield from self.of_write(write, full, depth)
            return
        if key is not None:
            found = False
            for option, place, note in self.defaults.of_subscript(node, key, at):
                found = True
                yield from (v.via(option, note, "default") for v in self.of(option, place, depth))
            if found:
                return
            for container in self.of(node.value, at, depth):
                for element, place in self._taken(container, key):
                    found = True
                    yield from (v.via(element, f"[{key}] is set here", "name") for v in self.of(element, place, depth))
            if found:
                return
        environment = self.defaults.environment(node.value, at)
        yield self.unknown(node, at, f"environment variable {key}" if environment and key else full)

    def _taken(self, container: Value, key: str) -> Iterator[tuple[cst.BaseExpression, At]]:
        if container.kind == "mapping":
            yield from ((value, place) for name, value, place in container.entries if name == key)
        elif container.kind == "sequence" and key.isdigit() and int(key) < len(container.elements):
            yield container.elements[int(key)]

    def _mapping(self, node: cst.Dict, at: At, depth: int) -> Value:
        entries: dict[str, tuple[cst.BaseExpression, At]] = {}
        more = False
        for element in node.elements:
            if isinstance(element, cst.StarredDictElement):
                inner = self.mapping(element.value, at, depth)
                entries.update({key: (value, place) for key, value, place in inner.entries} if inner else {})
                more = more or inner is None or inner.open
            elif isinstance(element, cst.DictElement) and (key := plain(element.key)) is not None:
                entries[key] = (element.value, at)
        return Value("mapping", node, at, entries=tuple((k, v, p) for k, (v, p) in entries.items()), open=more)

    def _dict_call(self, node: cst.Call, at: At, depth: int) -> Value:
        entries: dict[str, tuple[cst.BaseExpression, At]] = {}
        more = False
        for arg in node.args:
            if arg.keyword is not None:
                entries[arg.keyword.value] = (arg.value, at)
            else:
                inner = self.mapping(arg.value, at, depth)
                entries.update({key: (value, place) for key, value, place in inner.entries} if inner else {})
                more = more or inner is None or inner.open
        return Value("mapping", node, at, entries=tuple((k, v, p) for k, (v, p) in entries.items()), open=more)

    def mapping(self, node: cst.CSTNode, at: At, depth: int = 0) -> Value | None:
        """The dictionary that an expression is, with later `d["key"] = …`; None when unknown."""
        name = dotted(node)
        for value in self.of(node, at, depth + 1):
            if value.kind != "mapping":
                continue
            extra = {}
            for key, writes in (at.scope.writes if name else {}).items():
                if key.startswith(f"{name}[") and key.endswith("]") and key.count("[") == name.count("[") + 1:
                    latest = [w for w in writes if w.value is not None and w.at.order < at.order]
                    if latest and latest[-1].value is not None and not latest[-1].path:
                        extra[key[len(name) + 1 : -1]] = (latest[-1].value, latest[-1].at)
            kept = [(k, v, p) for k, v, p in value.entries if k not in extra]
            return replace(value, entries=(*kept, *((k, v, p) for k, (v, p) in extra.items())))
        return self._keywords(node, at, depth)

    def _keywords(self, node: cst.CSTNode, at: At, depth: int) -> Value | None:
        """A function's own `**kwargs`: the keywords that its callers in this file pass on."""
        if not isinstance(node, cst.Name):
            return None
        for write in lookup(node.value, at, self.tree.arms):
            if write.kind != "param" or write.text != "**":
                continue
            entries: list[tuple[str, cst.BaseExpression, At]] = []
            own = {parameter_name(w) for group in write.at.scope.writes.values() for w in group if w.kind == "param"}
            calls = 0
            for call, arguments in self.names.callers(write.at.scope):
                calls += 1
                entries += [(key, value, call.at) for key, value in arguments.items() if key not in own and key != "**"]
            return Value("mapping", node, at, entries=tuple(entries), origin="default", open=not calls)
        return None


def _is_false(value: Value) -> bool:
    return (
        value.kind == "none"
        or (value.kind == "text" and not value.text)
        or (value.kind in ("flag", "number") and value.text in ("False", "0"))
    )


def _short(node: cst.CSTNode) -> str:
    """A few words for an expression without a name."""
    return {cst.Call: "a call", cst.Subscript: "an item", cst.Lambda: "a function"}.get(type(node), "an expression")


def first_text(values: Iterable[Value]) -> str:
    """The text of the first value, "" when it has none."""
    return next((v.text for v in values if v.kind in ("text", "number", "flag")), "")
