"""What calls and operators make of values: formatted texts, environment reads, conversions, functions of the file."""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from bindlint.addresses import Kind, classify
from bindlint.readers.python import containers, environment, instances, texts
from bindlint.readers.python.defaults import FALLBACKS
from bindlint.readers.python.names import unpacked
from bindlint.readers.python.options import keywords
from bindlint.readers.python.scopes import At, CallSite, Scope, dotted, lookup, plain, words_of
from bindlint.readers.python.strings import Part
from bindlint.readers.python.value import MAX_VALUES, Held, Value, short

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bindlint.readers.python.names import Ref
    from bindlint.readers.python.values import Values

# What gives back its first argument, as far as an address goes.
_CONVERSIONS = frozenset(
    {
        *("str", "int", "bytes", "tuple", "list", "set", "frozenset", "sorted", "reversed", "iter", "repr", "format"),
        *("copy.copy", "copy.deepcopy", "types.MappingProxyType", "os.path.expandvars", "next"),
        *("ipaddress.ip_address", "ipaddress.IPv4Address", "ipaddress.IPv6Address"),
    }
)
_RECORDS = frozenset(  # what makes a dictionary, or an object, of its keywords
    {
        *("dict", "collections.OrderedDict", "collections.UserDict", "types.SimpleNamespace", "argparse.Namespace"),
        *("box.Box", "addict.Dict", "munch.Munch", "easydict.EasyDict", "omegaconf.OmegaConf.create"),
    }
)
_NAMED = ("collections.namedtuple", "namedtuple", "typing.NamedTuple")
_URLS = ("urllib.parse.urlparse", "urllib.parse.urlsplit", "urlparse.urlparse", "furl.furl", "yarl.URL", "httpx.URL")
# Functions that name this machine as others know it (docs.python.org, library/socket): never a wildcard.
_THIS_MACHINE = ("socket.gethostname", "socket.getfqdn", "platform.node")
_HOSTNAME = "gethostname()"
_AI_PASSIVE = "AI_PASSIVE"


def call(values: Values, node: cst.Call, at: At, depth: int) -> Iterator[Value]:
    """What a call can give: the fallback of a setting, a formatted text, a conversion, what a function returns."""
    function = node.func
    if found := containers.asked(values, node, at, depth):
        yield from found
        return
    refs = values.names.refs(function, at)
    if found := _got(values, node, refs, at, depth):
        yield from found
        return
    name = next((r.name for r in refs if r.name and not r.instance), "")
    if found := list(_setting(values, node, at, refs, depth)):
        yield from found
        return
    if isinstance(function, cst.Attribute) and function.attr.value in texts.METHODS and not any(r.scope for r in refs):
        yield from texts.method(values, node, function, at, depth)
        return
    if found := list(_of_library(values, node, name, at, depth)):
        yield from found
        return
    if isinstance(function, cst.Attribute) and (found := list(_view(values, node, function, at, depth))):
        yield from found
        return
    found = list(_own(values, node, refs, at, depth))
    if all(value.kind == "unknown" for value in found) and keywords(node).keys() & FALLBACKS:
        found = list(_setting(values, node, at, (), depth)) or found
    yield from found or [values.unknown(node, at, f"{dotted(function) or short(function)}()")]


def _own(values: Values, node: cst.Call, refs: Sequence[Ref], at: At, depth: int) -> Iterator[Value]:
    """What a function, method or named tuple of the project gives."""
    for ref in refs:
        if ref.name in _NAMED and ref.instance and ref.made is not None:
            yield _tuple(values, node, _field_names(ref.made.node), at, _defaults_of(ref.made.node, at))
        elif ref.scope is not None and not ref.instance and ref.scope.kind in ("function", "lambda"):
            yield from _returned(values, node, ref.scope, at, depth)
        elif ref.scope is not None and not ref.instance and _is_named_tuple(values, ref.scope):
            yield _tuple(values, node, instances.fields([ref.scope]), at, _class_defaults(ref.scope))


def _returned(values: Values, node: cst.Call, function: Scope, at: At, depth: int) -> Iterator[Value]:
    """What a function of the project returns; for a method of the object around, that of the object's own class."""
    note = f"{function.name or 'a lambda'}() returns this"
    for method, owner in instances.methods(values, node.func, function, at):
        known = owner in (None, at.scope.owner) or any(thing.scope is owner for thing in values.things[-1:])
        with contextlib.nullcontext() if known or owner is None else values.within(instances.Made(owner)):
            found = list(values.returned(method, CallSite(node, at), depth))
        yield from (value.via(given, note, "name") for given, value in found)


def _got(values: Values, node: cst.Call, refs: Sequence[Ref], at: At, depth: int) -> list[Value]:
    """What `getattr(thing, "name", …)` gives of a thing that is known to have it."""
    if not any(ref.name == "getattr" and not ref.instance for ref in refs) or len(node.args) < 2:
        return []
    name = plain(node.args[1].value)
    if name is None or not name.isidentifier():
        return []
    attribute = cst.Attribute(node.args[0].value, cst.Name(name))
    found = [value for value in values.of(attribute, at, depth) if value.kind != "unknown"]
    return [value.via(node, f"{name} is read here", "name") if value.node is attribute else value for value in found]


def _is_named_tuple(values: Values, scope: Scope) -> bool:
    return scope.kind == "class" and any(base.endswith("NamedTuple") for base in values.names.library_bases(scope))


def _setting(values: Values, node: cst.Call, at: At, refs: Sequence[Ref], depth: int) -> Iterator[Value]:
    """What a call that reads a setting gives: what the program puts there, else its fallback."""
    asked = next((arg.value for arg in node.args if arg.keyword is None and not arg.star), None)
    key = containers.key_of(values, asked, at, depth) if asked is not None else None
    default = values.defaults.of_call(node, at, refs, key)
    if default is None:
        return
    written = plain(asked) is not None
    put, surely = environment.put(values, default.variable, at, depth)
    yield from put
    if surely:
        return
    if default.value is None:
        if not put:
            absent = replace(values.unknown(node, at, default.what), variable=default.variable)
            none = default.none and written and not environment.asked_for(default.variable, at)
            yield replace(absent, kind="none", origin="default") if none else absent
        return
    for value in values.of(default.value, default.at or at, depth):
        if (value.kind == "none" and not written) or (not default.variable and _names_option(value)):
            # nobody gave a fallback to what asks for any setting, or for an option of a section
            yield replace(values.unknown(node, at, default.what), variable=default.variable)
            continue
        yield replace(value.via(default.value, default.note, "default"), variable=default.variable or value.variable)


def _names_option(value: Value) -> bool:
    """Whether a text is a name rather than an address: `config.get("web", "host")` asks for an option of a section."""
    return value.kind == "text" and value.text.isidentifier() and classify(value.text)[0] is Kind.SPECIFIC


def _of_library(values: Values, node: cst.Call, name: str, at: At, depth: int) -> Iterator[Value]:
    """What functions of the standard library and a few others give."""
    first = node.args[0] if node.args else None
    if name in _RECORDS:
        yield containers.called(values, node, at, depth)
    elif name == "collections.ChainMap":
        yield containers.called(values, node, at, depth, first=True)
    elif name in _THIS_MACHINE:
        yield Value("text", node, at, (Part(_HOSTNAME),))
    elif first is not None and not first.star:
        if name in _CONVERSIONS:
            yield from values.of(first.value, at, depth)
        elif (function := _FUNCTIONS.get(name)) is not None:
            yield from function(values, node, at, depth)


def _cast(values: Values, node: cst.Call, at: At, depth: int) -> Iterator[Value]:
    yield from values.of(node.args[-1].value, at, depth)


def _looked_up(values: Values, node: cst.Call, at: At, depth: int) -> Iterator[Value]:
    """What `gethostbyname` gives: an IPv4 address."""
    for value in values.of(node.args[0].value, at, depth):
        is_name = value.kind == "text" and classify(value.text)[0] is Kind.LOCALHOST
        yield replace(value, parts=(Part("127.0.0.1"),)) if is_name else value


def _enumerated(values: Values, node: cst.Call, at: At, depth: int) -> Iterator[Value]:
    for value in values.of(node.args[0].value, at, depth):
        yield replace(value, elements=tuple((_pair(values, None, item), item[1]) for item in value.elements))


def _zipped(values: Values, node: cst.Call, at: At, depth: int) -> Iterator[Value]:
    columns = [values.of(arg.value, at, depth)[0].elements for arg in node.args]
    rows = tuple((_pair(values, *row), row[0][1]) for row in zip(*columns, strict=False))
    yield Value("sequence", node, at, elements=rows)


def _vars(values: Values, node: cst.Call, at: At, depth: int) -> Iterator[Value]:
    first = node.args[0].value
    entries = [(key, option[0], option[1]) for key, option in values.defaults.options.entries(first, at).items()]
    if entries:
        yield Value("mapping", node, at, entries=tuple(entries), origin="default", open=True)
    else:
        yield from (v for v in values.of(first, at, depth) if v.kind == "mapping")


def _view(values: Values, node: cst.Call, function: cst.Attribute, at: At, depth: int) -> Iterator[Value]:
    """The keys, values and items of a dictionary, and its copy."""
    name = function.attr.value
    if name not in ("values", "items", "copy", "_asdict", "_replace") or (node.args and name != "_replace"):
        return
    for value in values.of(function.value, at, depth):
        if name == "copy" and value.kind == "sequence":
            yield value
        elif value.kind != "mapping":
            continue
        elif name in ("copy", "_asdict"):
            yield value
        elif name == "_replace":
            made = containers.record(value)
            for arg in node.args:
                if arg.keyword is not None:
                    made.put(arg.keyword.value, (arg.value, at))
            yield made.value(node, at)
        else:
            items = [(entry, place) for _, entry, place in value.entries]
            if name == "items":
                items = [(_pair(values, None, item), item[1]) for item in items]
            yield Value("sequence", value.node, value.at, elements=tuple(items), trail=value.trail)


def _pair(values: Values, *items: tuple[cst.BaseExpression, At] | None) -> Held:
    """A tuple of items that stand in different places; None is an item that nobody needs."""
    known = [item for item in items if item is not None]
    node, at = known[0]
    unknown = Held((values.unknown(node, at),))
    elements = tuple(item if item is not None else (unknown, at) for item in items)
    return Held((Value("sequence", node, at, elements=elements),))


def _resolved(values: Values, node: cst.Call, at: At, depth: int) -> Iterator[Value]:
    """The socket addresses that `getaddrinfo` gives: those of the host, and for None any with AI_PASSIVE."""
    passive = _AI_PASSIVE in set(words_of(node)) or any(
        _AI_PASSIVE in set(words_of(write.value))
        for arg in node.args
        for write in (lookup(dotted(arg.value), at) if dotted(arg.value) else ())
        if write.value is not None
    )
    given = instances.argument(values, CallSite(node, at), "host", 0, depth)
    hosts = values.of(*given, depth) if given is not None else ()
    for host in hosts:
        value = host
        if host.kind == "none" or (host.kind == "text" and not host.text):
            value = Value("text", host.node, host.at, (Part("::" if passive else "127.0.0.1"),), trail=host.trail)
        elif host.kind not in ("text", "unknown"):
            continue
        port = Held((values.unknown(node, at, "port"),))
        address = _sequence(node, at, Held((value,)), port)
        row = _sequence(node, at, port, port, port, port, address)
        yield Value("sequence", node, at, elements=((row, at),))


def _sequence(node: cst.Call, at: At, *members: Held) -> Held:
    return Held((Value("sequence", node, at, elements=tuple((member, at) for member in members)),))


def _tuple(
    values: Values, node: cst.Call, names: list[str], at: At, defaults: dict[str, tuple[cst.BaseExpression, At]]
) -> Value:
    """An object of a class of named tuples: its fields by name and in order."""
    made = containers.Record()
    for index, name in enumerate(names):
        given = instances.argument(values, CallSite(node, at), name, index, 0) or defaults.get(name)
        if given is not None:
            made.put(name, given)
    unknown = (Held((values.unknown(node, at),)), at)
    elements = tuple(made.entries[name][0] if name in made.entries else unknown for name in names)
    return made.value(node, at, elements=elements)


def _field_names(node: cst.Call) -> list[str]:
    """The fields that a call of `namedtuple` or `NamedTuple` declares, in order."""
    given = node.args[1].value if len(node.args) > 1 else None
    if (text := plain(given)) is not None:
        return text.replace(",", " ").split()
    if not isinstance(given, (cst.List, cst.Tuple)):
        return []
    members = [element.value for element in given.elements]
    return [plain(unpacked(member, (0,)) if isinstance(member, cst.Tuple) else member) or "" for member in members]


def _defaults_of(node: cst.Call, at: At) -> dict[str, tuple[cst.BaseExpression, At]]:
    given = next((arg.value for arg in node.args if arg.keyword is not None and arg.keyword.value == "defaults"), None)
    members = [e.value for e in given.elements] if isinstance(given, (cst.List, cst.Tuple)) else []
    names = _field_names(node)
    return {name: (member, at) for name, member in zip(names[len(names) - len(members) :], members, strict=False)}


def _class_defaults(scope: Scope) -> dict[str, tuple[cst.BaseExpression, At]]:
    found = {}
    for name, writes in scope.writes.items():
        if writes[-1].value is not None and writes[-1].kind == "value":
            found[name] = (writes[-1].value, writes[-1].at)
    return found


_FUNCTIONS = {
    **dict.fromkeys(_URLS, texts.url),
    "enumerate": _enumerated,
    "socket.getaddrinfo": _resolved,
    "socket.gethostbyname": _looked_up,
    "typing.cast": _cast,
    "vars": _vars,
    "zip": _zipped,
}


def operation(values: Values, node: cst.BinaryOperation, at: At, depth: int) -> Iterator[Value]:
    """What `+`, `%` and `|` make of texts, lists and dictionaries."""
    if isinstance(node.operator, cst.Add):
        sides = [values.of(side, at, depth) for side in (node.left, node.right)]
        if all(value.kind == "sequence" for side in sides for value in side):
            elements = tuple(element for side in sides for value in side for element in value.elements)
            yield Value("sequence", node, at, elements=elements)
            return
        left, right = values.words(node.left, at, depth), values.words(node.right, at, depth)
        for one, two in itertools.islice(itertools.product(left, right), MAX_VALUES):
            yield Value("text", node, at, (*one, *two))
    elif isinstance(node.operator, cst.Modulo):
        for template in values.known(node.left, at, depth):
            if template.kind == "text":
                yield from texts.percent(values, node, template, at, depth)
            else:
                yield values.unknown(node, at)
    elif isinstance(node.operator, cst.BitOr) and (made := containers.merged(values, node, at, depth)) is not None:
        yield made
    else:
        yield values.unknown(node, at)


def either(values: Values, node: cst.BooleanOperation, at: At, depth: int) -> Iterator[Value]:
    """What `a or b` and `a and b` can be."""
    if isinstance(node.operator, cst.Or):
        left = values.of(node.left, at, depth)
        yield from (v for v in left if not _is_false(v))
        if all(v.kind in ("text", "number") and not _is_false(v) and v.origin == "here" for v in left):
            return
    yield from values.of(node.right, at, depth)


def _is_false(value: Value) -> bool:
    return (
        value.kind == "none"
        or (value.kind == "text" and not value.text)
        or (value.kind in ("flag", "number") and value.text in ("False", "0"))
    )
