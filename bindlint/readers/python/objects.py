"""What an attribute can be: of an object of the project's classes, of a module, an option, an enum, of settings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from bindlint.addresses import Kind, classify
from bindlint.readers.python import containers, contexts, effects, fields, instances, strings, texts
from bindlint.readers.python.names import END
from bindlint.readers.python.scopes import At, CallSite, Scope, Write, dotted, last_name, lookup, plain, same_path
from bindlint.readers.python.strings import Part
from bindlint.readers.python.value import MAX_VALUES, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.readers.python.tree import Tree
    from bindlint.readers.python.values import Values

# Objects whose attributes are the names of a module, and the environment variable that says which module
# (docs.djangoproject.com, topics/settings).
_SETTINGS = {"django.conf.settings": "DJANGO_SETTINGS_MODULE"}
_STARTERS = ("manage.py", "wsgi.py", "asgi.py", "settings.py")  # the first three may name the module, the last is it


def attribute(values: Values, node: cst.Attribute, at: At, depth: int) -> Iterator[Value]:
    """What `thing.name` can be."""
    key = dotted(node)
    surely = False
    for write in values.narrowing.reachable(lookup(key, at) if key else [], key):
        surely = surely or write.at.scope is not at.scope or bool(same_path(write.at.branch, at.branch))
        yield from values.passed(key, at, write, values.of_write(write, key, depth))
    for write, until in _deep(values, key, at):
        surely = surely or (write.at.scope is at.scope and bool(same_path(write.at.branch, at.branch)))
        yield from values.passed(key, until, write, values.of_write(write, key, depth))
    if not surely:
        found = (_imported(values, value, key, at) for value in _outside(values, node, at, depth))
        yield from values.passed(key or "?", at, None, found)


def _told(written: list[Value]) -> list[Value]:
    """What an object of the whole program says that many places write to: nothing of this machine if one is unknown."""
    if all(value.kind != "unknown" for value in written):
        return written
    here = (Kind.LOCALHOST, Kind.LOOPBACK)
    return [value for value in written if value.kind != "text" or classify(value.text)[0] not in here]


def _deep(values: Values, key: str, at: At) -> list[tuple[Write, At]]:
    """What the methods of a class write to an attribute of an attribute: `self.server.host = …`."""
    first, _, rest = key.partition(".")
    owner = at.scope.owner
    if owner is None or "." not in rest or first != _me(at):
        return []
    family = values.names.family(values.concrete(owner))
    return next((found for scope in family if (found := instances.attribute_writes(scope, rest, at))), [])


def _imported(values: Values, value: Value, key: str, at: At) -> Value:
    """A value of an object that another file makes, with the import in its story."""
    first = key.partition(".")[0].partition("[")[0]
    for write in lookup(first, at) if value.kind != "unknown" and first else ():
        if write.kind == "import" and (found := values.names.imported(write)) is not None:
            return value.via(write.target, f"{first} comes from {found[0].path}", "name")
    return value


def _outside(values: Values, node: cst.Attribute, at: At, depth: int) -> Iterator[Value]:
    """What an attribute can be that the code around does not surely write."""
    found = False
    for value in _of_refs(values, node, at, depth):
        found = True
        yield value
    if found:
        return
    for option, place, note in values.defaults.options.of_attribute(node, at):
        found = True
        yield from values.optional(option, place, note, depth)
    if found:
        return
    if flags := values.defaults.options.required(node.attr.value, node.value, at):
        yield replace(values.unknown(node, at, f"option {flags[0]}"), option=flags)
        return
    name, key = node.attr.value, dotted(node)
    for holder in containers.holders(values, node.value, at, depth, name):
        written = [
            value.via(element, f"{name} is set here", "name")
            for element, place in containers.members(holder, name)
            for value in values.of(element, place, depth)
        ]
        found = found or bool(written)
        yield from _told(written) if holder.open else written
    if found:
        return
    for value in (*texts.attribute(values, node, at, depth), *contexts.of(values, node, at, depth)):
        found = True
        yield value
    if found or lookup(key, at):
        return
    imported = next((r.name for r in values.names.refs(node.value, at) if r.name and not r.instance), "")
    yield values.unknown(node, at, f"{imported}.{name}" if imported else key)


def _of_refs(values: Values, node: cst.Attribute, at: At, depth: int) -> Iterator[Value]:
    name, key = node.attr.value, dotted(node)
    for ref in instances.things(values, node.value, at):
        if ref.scope is not None and ref.scope.kind == "module":
            yield from of_module(values, ref.scope.file, name, at, depth)
        elif ref.scope is not None and ref.scope.kind == "class":
            mine = ref.made is None and ref.instance and key == f"{_me(at)}.{name}"
            for concrete in instances.receivers(values, ref.scope, at) if mine else [ref.scope]:
                yield from member(values, instances.Made(concrete, ref.made), name, at, depth)
        elif ref.name in _SETTINGS:
            for tree in _settings(values, _SETTINGS[ref.name], name, at):
                yield from of_module(values, tree, name, at, depth)
        elif ref.name and (text := strings.CONSTANTS.get(f"{ref.name}.{name}")) is not None:
            yield Value("text", node, at, (Part(text),))


def _me(at: At) -> str:
    scope: Scope | None = at.scope
    while scope is not None and not scope.me:
        scope = scope.parent
    return scope.me if scope is not None else ""


def of_module(values: Values, tree: Tree, name: str, at: At, depth: int) -> Iterator[Value]:
    """What a name of a module can be for others."""
    for write in values.names.exported(tree, name, at):
        place = At(tree.module, END) if at.scope is not tree.module else at
        for value in values.of_write(write, name, depth):
            yield containers.changed(values, value, name, write, place, depth)
    yield from _written_to(values, tree, name, at, depth)


def _written_to(values: Values, tree: Tree, name: str, at: At, depth: int) -> Iterator[Value]:
    """What other files write to a name of a module: `state.HOST = …`."""
    for other in values.names.modules.writers(name, tree.path):
        scopes = (other.module, *other.scopes.values()) if other is not at.scope.file else ()
        writes = [
            w for scope in scopes for key, found in scope.writes.items() if key.endswith(f".{name}") for w in found
        ]
        for write in writes:
            if isinstance(write.target, cst.Attribute) and any(
                ref.scope is tree.module for ref in values.names.refs(write.target.value, write.at)
            ):
                known = (value for value in values.of_write(write, name, depth) if value.kind != "unknown")
                yield from (value.via(write.target, f"{name} is set in {other.path}", "name") for value in known)


def named(values: Values, node: cst.BaseExpression, at: At, name: str, depth: int) -> tuple[Value, ...]:
    """What a name is in an object: a module, class or object, or the text that names one (`"config.Dev"`)."""
    found: list[Value] = []
    text = plain(node)
    if text is None and dotted(node) == "__name__":
        found += of_module(values, at.scope.file, name, At(at.scope.file.module, END), depth)
    elif text is None:
        for ref in instances.things(values, node, at):
            found += _in(values, ref.scope, ref.made, name, at, depth) if ref.scope is not None else ()
    elif text.endswith((".py", ".cfg")):
        tree = values.names.modules.tree(f"{_folder(at.scope.file.path)}{text}")
        found += of_module(values, tree, name, at, depth) if tree is not None else ()
    elif (reached := values.names.of_module(text.replace(":", "."), at)) is not None:
        tree, writes = reached
        if not writes:
            found += of_module(values, tree, name, at, depth)
        for write in writes:
            for ref in values.names.of_write(write):
                found += _in(values, ref.scope, ref.made, name, at, depth) if ref.scope is not None else ()
    return tuple(value.via(node, f"{name} comes from here", "name") for value in found[:MAX_VALUES])


def _folder(path: str) -> str:
    return path[: path.rfind("/") + 1]


def _in(values: Values, scope: Scope, made: CallSite | None, name: str, at: At, depth: int) -> Iterator[Value]:
    if scope.kind == "module":
        yield from of_module(values, scope.file, name, at, depth)
    elif scope.kind == "class":
        yield from member(values, instances.Made(scope, made), name, at, depth)


def _settings(values: Values, variable: str, asked: str, at: At) -> Iterator[Tree]:
    """The module that holds a project's setting: the one that its programs name, else one that is called so."""
    folder = at.scope.file.path
    found = False
    while folder and not found:
        folder = folder.rpartition("/")[0]
        prefix = f"{folder}/" if folder else ""
        for name in _STARTERS:
            tree = values.names.modules.tree(f"{prefix}{name}")
            if tree is None:
                continue
            if name == _STARTERS[-1] and asked in tree.module.writes:
                found = True
                yield tree
            for call in tree.called.get("setdefault", ()) if name != _STARTERS[-1] else ():
                texts = [plain(arg.value) for arg in call.node.args]
                named = values.names.modules.find(texts[1], tree.path) if texts[:1] == [variable] and texts[1] else None
                if named is not None and not named[1] and values.names.exported(named[0], asked, at):
                    yield named[0]
                    return
    if not found:
        yield from (tree for tree in values.names.modules.speaking(asked, "settings") if asked in tree.module.writes)


def member(values: Values, thing: instances.Made, name: str, at: At, depth: int) -> Iterator[Value]:
    """What an attribute of an object of the project's class can be, or of the class itself."""
    family = values.names.family(thing.scope)
    with values.within(thing):
        found = list(_given(values, thing, family, name, at, depth) or _written(values, thing, family, name, at, depth))
    filled = effects.sets_any(family)
    yield from (values.unknown(v.node, v.at, name) if v.kind == "none" and filled else v for v in found)


def _given(
    values: Values, thing: instances.Made, family: list[Scope], name: str, at: At, depth: int
) -> list[Value] | None:
    """What makes an object gives to a field; None when that says nothing, or not all."""
    if any(scope.writes.get("__init__") for scope in family) or not any(name in scope.writes for scope in family):
        return None
    if any(name in scope.attributes for scope in family):
        return None
    fields = instances.fields(family)
    calls = [thing.made] if thing.made is not None else list(instances.makers(values.names, thing.scope))
    if thing.made is None and at.scope.owner not in family:
        return None
    found: list[Value] = []
    for call in calls:
        given = instances.argument(values, call, name, fields.index(name) if name in fields else -1, depth)
        if given is None:
            found += _written(values, thing, family, name, at, depth)
            continue
        note = f"passed to {thing.scope.name} as {name}"
        found += [v.via(given[0], note, "default") for v in values.of(*given, depth)]
    return found or None


def _written(
    values: Values, thing: instances.Made, family: list[Scope], name: str, at: At, depth: int
) -> Iterator[Value]:
    """What the methods write to an attribute, else what the class does."""
    started = False
    for scope in family:
        writes = instances.attribute_writes(scope, name, at)
        for write, until in writes:
            started = started or write.at.scope.name in instances.STARTERS or write.at.scope is at.scope
            full = f"{_me(write.at)}.{name}"
            found = [containers.changed(values, v, full, write, at, depth) for v in values.of_write(write, name, depth)]
            yield from values.passed(full, until, write, found)
        if writes:
            break
        if items := effects.of_object(values, scope, name, depth):
            for given, place in items:
                yield from (v.via(given, f"{name} is set here", "name") for v in values.of(given, place, depth))
            return
    if started:
        return
    for scope in family:
        if name in scope.writes:
            methods = [write for write in scope.writes[name] if write.kind == "def"]  # of a property: all of them
            for write in methods or instances.class_writes(scope, name):
                yield from _of_class(values, thing, write, name, depth)
            return


def _of_class(values: Values, thing: instances.Made, write: Write, name: str, depth: int) -> Iterator[Value]:
    if write.kind == "def" and write.scope is not None:
        for given, place in write.scope.returns if _is_read(write.scope) else ():
            note = f"{name} returns this"
            yield from (v.via(given, note, "name") for v in values.of(given, place, depth))
    elif write.kind == "value" and write.value is not None and (inner := values.defaults.of_field(write)) is not None:
        family = values.names.family(thing.scope)
        read = any(fields.is_read(values.names.library_bases(scope)) for scope in family[:1])
        variable = fields.variable(family, write, name) if read else ""
        for given, place in inner:
            for value in values.of(given, place, depth):
                reached = value.via(given, f"default of {name}", "default")
                if reached.kind == "sequence":
                    done = [(*change, True) for scope in family for change in scope.changes.get(f".{name}", ())]
                    reached = replace(reached, elements=(*reached.elements, *effects.added(values, done, depth)))
                yield replace(reached, variable=variable or value.variable)
    elif write.kind != "def":
        for value in values.of_write(write, name, depth):
            full, end = f"{thing.scope.name}.{name}", At(write.at.scope, END)
            yield containers.changed(values, value, full, write, end, depth)


def _is_read(method: Scope) -> bool:
    """Whether a method is read like an attribute: by a property of whatever kind, which its decorator makes."""
    node = method.node
    decorators = [last_name(d.decorator) for d in node.decorators] if isinstance(node, cst.FunctionDef) else []
    return any(name not in ("staticmethod", "classmethod", "abstractmethod") for name in decorators)
