"""Dictionaries, lists and the like: what `d["key"]`, `t[0]`, `d.get("key")` and `**d` give, with what changed them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import libcst as cst

from bindlint.readers.python import effects
from bindlint.readers.python.names import unpacked
from bindlint.readers.python.scopes import At, constant_key, dotted, lookup, plain
from bindlint.readers.python.value import MAX_VALUES, Held, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.readers.python.scopes import Write
    from bindlint.readers.python.values import Values

MAX_MEMBERS = 64

Item = tuple[cst.BaseExpression, At]


@dataclass
class Record:
    """A dictionary in the making: what each key can hold, which keys may be missing, whether there may be more."""

    entries: dict[str, list[Item]] = field(default_factory=dict)
    loose: set[str] = field(default_factory=set)
    open: bool = False

    def put(self, key: str, item: Item, *, surely: bool = True) -> None:
        """Write a key, in place of what it held unless the write may not happen."""
        if surely:
            self.entries[key] = [item]
            self.loose.discard(key)
        else:
            if key not in self.entries:
                self.loose.add(key)
            self.entries.setdefault(key, []).append(item)

    def fall_back(self, key: str, item: Item) -> None:
        """Write a key unless it is there."""
        if key not in self.entries or key in self.loose:
            self.entries.setdefault(key, []).append(item)
            self.loose.discard(key)

    def merge(self, others: list[Value], *, surely: bool = True) -> None:
        """Take over the keys of other dictionaries, one of which it is."""
        found = [other for other in others if other.kind == "mapping"]
        self.open = self.open or len(found) < len(others) or any(other.open for other in found)
        sure = surely and len(others) == 1
        for other in found[:MAX_VALUES]:
            items: dict[str, list[Item]] = {}
            for key, node, at in other.entries:
                items.setdefault(key, []).append((node, at))
            for key, alternatives in items.items():
                for number, item in enumerate(alternatives):
                    self.put(key, item, surely=sure and not number and key not in other.loose)

    def value(self, node: cst.CSTNode, at: At, **more: object) -> Value:
        """The dictionary, as a value of an expression."""
        entries = tuple((key, *item) for key, items in self.entries.items() for item in items)
        made = Value("mapping", node, at, entries=entries, open=self.open, loose=frozenset(self.loose))
        return replace(made, **more) if more else made  # type: ignore[arg-type] # fields of a value


def record(value: Value) -> Record:
    """A dictionary to change."""
    found = Record(loose=set(value.loose), open=value.open)
    for key, node, at in value.entries:
        found.entries.setdefault(key, []).append((node, at))
    return found


# Reading


def subscript(values: Values, node: cst.Subscript, at: At, depth: int) -> Iterator[Value]:
    """What `d["key"]` and `t[0]` can be: written so, an option's default, a member, or decided at run time."""
    key, full = _key(node), dotted(node)
    if key is None:
        yield from _any_member(values, node, at, depth)
        return
    found = False
    environ = values.defaults.environment(node.value, at)
    if environ:
        put, found = values.put(key, at, depth)
        yield from put
    for option, place, note in values.defaults.options.of_subscript(node, key, at):
        found = True
        yield from values.optional(option, place, note, depth)
    if found:
        return
    for holder in holders(values, node.value, at, depth, key) if not environ else ():
        for value in _taken(values, holder, key, depth):
            found = True
            yield changed(values, value, full, None, at, depth) if full else value
    if found:
        return
    for write in lookup(full, at) if full else ():
        found = True
        yield from values.of_write(write, full, depth)
    if not found:
        yield values.unknown(node, at, f"environment variable {key}" if environ and key else full)


def asked(values: Values, node: cst.Call, at: At, depth: int) -> list[Value]:
    """What `d.get("key", …)`, `pop` and `setdefault` give of a dictionary that is known; [] for any other call."""
    function, given = node.func, [arg.value for arg in node.args if arg.keyword is None and not arg.star]
    if not isinstance(function, cst.Attribute) or function.attr.value not in ("get", "pop", "setdefault", "get_value"):
        return []
    if len(given) > 2 or not given:
        return []
    key = key_of(values, given[0], at, depth)
    if key is None:
        items = chosen(values, node, at, depth)
        return [v.via(item, "one of these", "name") for item, place in items for v in values.of(item, place, depth)]
    found: list[Value] = []
    for holder in holders(values, function.value, at, depth, key):
        taken = list(_taken(values, holder, key, depth))
        found += taken
        if not taken and holder.open:
            continue
        if (not taken or key in holder.loose) and len(given) == 2:
            note = f"fallback of {key}"
            found += [v.via(given[1], note, "default") for v in values.of(given[1], at, depth)]
        elif not taken and function.attr.value == "get":
            found.append(Value("none", node, at, origin="default"))
    return found


def chosen(values: Values, node: cst.BaseExpression, at: At, depth: int) -> list[Item]:
    """The members of a known dictionary, one of which `d[key]` or `d.get(key, …)` takes; [] for anything else."""
    rest: list[Item] = []
    if isinstance(node, cst.Subscript):
        base, key = node.value, _key(node)
    elif isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and node.func.attr.value == "get":
        given = [arg.value for arg in node.args]
        base, key = node.func.value, plain(given[0]) if given else None
        rest = [(value, at) for value in given[1:2]]
    else:
        return []
    found = [value for value in values.of(base, at, depth) if value.kind == "mapping" and not value.open]
    items = [(item, place) for value in found for name, item, place in value.entries if key in (None, name)]
    return [*items[:MAX_VALUES], *rest] if items else []


def holders(values: Values, node: cst.BaseExpression, at: At, depth: int, key: str) -> list[Value]:
    """The dictionaries and lists that an expression can be; for what nobody knows, what is known to be put in it."""
    found = [value for value in values.of(node, at, depth) if value.kind in ("mapping", "sequence")]
    if found:
        return found
    made = Record(open=True)
    if name := dotted(node):
        effects.put_in(values, made, name, at, key, depth)
    return [made.value(node, at)] if made.entries else []


def _taken(values: Values, holder: Value, key: str, depth: int) -> Iterator[Value]:
    for element, place in members(holder, key):
        for value in values.of(element, place, depth):
            found = value.via(element, f"[{key}] is set here", "name")
            yield replace(found, trail=(*holder.trail, *found.trail))


def followed(values: Values, holder: Value, item: Item, depth: int) -> Item:
    """A member of what an expression is, with the way to the list or dictionary that holds it."""
    if not holder.trail and holder.origin == "here":
        return item
    found = (value.via(item[0], "one of these", "name") for value in values.of(*item, depth))
    return Held(tuple(holder.leading_to(value) for value in found)), item[1]


def members(holder: Value, key: str) -> list[Item]:
    """What a dictionary or a list holds under a key."""
    if holder.kind == "mapping":
        found = [(value, place) for name, value, place in holder.entries if name == key]
        if found or not holder.elements:
            return found
    number = int(key) if key.lstrip("-").isdigit() else None
    if number is not None and -len(holder.elements) <= number < len(holder.elements):
        return [holder.elements[number]]
    return []


def _any_member(values: Values, node: cst.Subscript, at: At, depth: int) -> Iterator[Value]:
    """What an item can be whose key only a run knows: any of them."""
    whole = len(node.slice) == 1 and isinstance(node.slice[0].slice, cst.Index)
    found = False
    for holder in values.of(node.value, at, depth) if whole else ():
        items = holder.elements if holder.kind == "sequence" else [(value, place) for _, value, place in holder.entries]
        for element, place in items[:MAX_VALUES] if holder.kind in ("sequence", "mapping") and not holder.open else ():
            found = True
            yield from (v.via(element, "one of these", "name") for v in values.of(element, place, depth))
    if not found:
        yield values.unknown(node, at)


def key_of(values: Values, node: cst.BaseExpression, at: At, depth: int) -> str | None:
    """The text by which something is asked for: written there, or the only one that a name can be."""
    if not isinstance(node, cst.Name):
        return plain(node)
    found = values.of(node, at, depth)
    return found[0].text if len(found) == 1 and found[0].kind == "text" else None


def _key(node: cst.Subscript) -> str | None:
    key = constant_key(node)
    if key is None and len(node.slice) == 1 and isinstance(index := node.slice[0].slice, cst.Index):
        value = index.value
        if isinstance(value, cst.UnaryOperation) and isinstance(value.operator, cst.Minus):
            inner = value.expression
            return f"-{inner.value}" if isinstance(inner, cst.Integer) else None
    return key


# Making


def written(values: Values, node: cst.Dict, at: At, depth: int) -> Value:
    """A dictionary display, with what it unpacks."""
    made = Record()
    for element in node.elements:
        if isinstance(element, cst.StarredDictElement):
            made.merge(mappings(values, element.value, at, depth))
        elif isinstance(element, cst.DictElement) and (key := plain(element.key)) is not None:
            made.put(key, (element.value, at))
        elif isinstance(element, cst.DictElement):
            made.open = True
    return made.value(node, at)


def called(values: Values, node: cst.Call, at: At, depth: int, *, first: bool = False) -> Value:
    """A call of `dict` or of a class like it; `first`: what comes first goes before what comes later."""
    made = Record()
    arguments = [arg for arg in node.args if arg.keyword is None]
    for arg in reversed(arguments) if first else arguments:
        if arg.star == "*":
            made.open = True
            continue
        others = mappings(values, arg.value, at, depth)
        made.merge([_of_pairs(value) for value in others])
    for arg in node.args:
        if arg.keyword is not None:
            made.put(arg.keyword.value, (arg.value, at))
    return made.value(node, at)


def _of_pairs(value: Value) -> Value:
    """The dictionary that a list of pairs makes."""
    pairs = [element for element, _ in value.elements]
    if value.kind != "sequence" or not all(
        isinstance(p, (cst.Tuple, cst.List)) and len(p.elements) == 2 for p in pairs
    ):
        return value
    made = Record()
    for (pair, place), _ in zip(value.elements, range(MAX_MEMBERS), strict=False):
        key, given = unpacked(pair, (0,)), unpacked(pair, (1,))
        if (name := plain(key)) is not None and isinstance(given, cst.BaseExpression):
            made.put(name, (given, place))
        else:
            made.open = True
    return made.value(value.node, value.at, trail=value.trail)


def merged(values: Values, node: cst.BinaryOperation, at: At, depth: int) -> Value | None:
    """What `a | b` makes of dictionaries."""
    left, right = mappings(values, node.left, at, depth), mappings(values, node.right, at, depth)
    if not any(value.kind == "mapping" for value in (*left, *right)):
        return None
    made = Record()
    made.merge(left)
    made.merge(right)
    return made.value(node, at)


def mappings(values: Values, node: cst.CSTNode, at: At, depth: int = 0) -> list[Value]:
    """The values of an expression that is unpacked."""
    return list(values.of(node, at, depth + 1))


def mapping(values: Values, node: cst.CSTNode, at: At, depth: int = 0) -> Value | None:
    """The dictionary that an expression is, each key with all that it can hold; None when unknown."""
    found = [value for value in mappings(values, node, at, depth) if value.kind == "mapping"]
    if not found:
        return None
    made = Record()
    made.merge(found)
    entries = []
    for key, items in made.entries.items():
        if len(items) > 1:
            every = [value for item, place in items for value in values.of(item, place, depth)]
            items = [(Held(tuple(every[:MAX_VALUES])), items[0][1])]  # noqa: PLW2901 - one for all
        entries.append((key, *items[0]))
    return Value("mapping", found[0].node, at, entries=tuple(entries), open=made.open, loose=frozenset(made.loose))


def changed(values: Values, value: Value, name: str, since: Write | None, at: At, depth: int) -> Value:
    """A dictionary or list with what the code did to it, under a name, between a write and a use."""
    if value.kind not in ("mapping", "sequence"):
        return value
    done = effects.of_name(values, name, at, since)
    if not done:
        return value
    if value.kind == "sequence":
        return replace(value, elements=(*value.elements, *effects.added(values, done, depth)))
    made = record(value)
    effects.apply(values, made, done, "", depth)
    return made.value(value.node, value.at, origin=value.origin, trail=value.trail, elements=value.elements)
