"""What an expression refers to: a library's function, an instance of its class, something defined in this file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import libcst as cst

from bindlint.readers.python.scopes import At, CallSite, Scope, Write, dotted, lookup, plain, reaching

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.knowledge.python import Library
    from bindlint.readers.python.tree import Tree

MAX_DEPTH = 24
MAX_STEPS = 20_000  # of resolution in one file; what is beyond stays unresolved
MAX_CALLERS = 24
END = 1 << 60  # later than anything in the file
_SPAWN = {  # calls that call their argument: (where the callee is given, where its arguments begin)
    "threading.Thread": ("target", -1),
    "multiprocessing.Process": ("target", -1),
    "multiprocessing.context.Process": ("target", -1),
    "asyncio.to_thread": ("", 1),
    "gevent.spawn": ("", 1),
    "eventlet.spawn": ("", 1),
    "eventlet.spawn_n": ("", 1),
    "functools.partial": ("", 1),
}


@dataclass(frozen=True, slots=True)
class Ref:
    """One thing an expression may refer to.

    `name` is the qualified name in a library ("" for things of this file), `instance` whether it is an object of that
    class, `scope` the class or function of this file, `made` the call that made the object, `given` the calls of
    `functools.partial` around it.
    """

    name: str = ""
    instance: bool = False
    scope: Scope | None = None
    made: CallSite | None = None
    given: tuple[CallSite, ...] = ()


class Names:
    """Resolution of expressions in one file."""

    def __init__(self, tree: Tree, library: Library) -> None:
        self.tree = tree
        self.library = library
        self._memo: dict[tuple[cst.CSTNode, Scope, int], tuple[Ref, ...]] = {}
        self._steps = 0
        self._by_name: dict[str, list[CallSite]] = {}
        for call in tree.calls:
            self._by_name.setdefault(_last(call.node.func), []).append(call)

    def refs(self, node: cst.CSTNode, at: At, depth: int = 0) -> tuple[Ref, ...]:
        """What an expression refers to; () when nobody can say."""
        key = (node, at.scope, at.order)
        if key in self._memo:
            return self._memo[key]
        self._steps += 1
        if depth > MAX_DEPTH or self._steps > MAX_STEPS:
            return ()
        self._memo[key] = ()  # a name defined by itself
        found = tuple(dict.fromkeys(self._refs(node, at, depth + 1)))
        self._memo[key] = found
        return found

    def _refs(self, node: cst.CSTNode, at: At, depth: int) -> Iterator[Ref]:
        match node:
            case cst.Name():
                yield from self._name(node.value, at, depth)
            case cst.Attribute():
                yield from self._attribute(node, at, depth)
            case cst.Call():
                yield from self._call(node, at, depth)
            case cst.Await():
                yield from self.refs(node.expression, at, depth)
            case cst.NamedExpr():
                yield from self.refs(node.value, at, depth)
            case cst.BooleanOperation():
                yield from self.refs(node.left, at, depth)
                yield from self.refs(node.right, at, depth)
            case cst.IfExp():
                yield from self.refs(node.body, at, depth)
                yield from self.refs(node.orelse, at, depth)
            case cst.Lambda():
                yield Ref(scope=self.tree.scopes.get(node))
            case cst.Subscript():
                for write in lookup(dotted(node) or "?", at, self.tree.arms):
                    yield from self.of_write(write, depth)

    def _name(self, name: str, at: At, depth: int) -> Iterator[Ref]:
        writes = lookup(name, at, self.tree.arms)
        for write in writes:
            yield from self.of_write(write, depth)
        if writes:
            return
        for star in self.tree.stars:
            full = self.library.canonical(f"{star}.{name}")
            if full in self.library.known:
                yield Ref(full)
                return
        yield Ref(self.library.canonical(name))

    def of_write(self, write: Write, depth: int = 0) -> Iterator[Ref]:
        """What a name refers to through one write."""
        if write.kind == "import":
            yield Ref(self.library.canonical(write.text))
        elif write.kind in ("def", "class"):
            yield Ref(scope=write.scope)
        elif write.kind == "param":
            yield from self._param(write, depth)
        elif write.annotation is not None and (found := tuple(self._annotation(write.annotation, write.at, depth))):
            yield from found
            if write.value is not None:
                yield from self.refs(write.value, write.at, depth)
        elif write.kind == "value" and write.value is not None:
            value = unpacked(write.value, write.path)
            if value is not None:
                yield from self.refs(value, write.at, depth)
        elif write.kind == "element" and isinstance(write.value, (cst.Tuple, cst.List)):
            for element in write.value.elements[:8]:
                if (value := unpacked(element.value, write.path)) is not None:
                    yield from self.refs(value, write.at, depth)

    def _param(self, write: Write, depth: int) -> Iterator[Ref]:
        function = write.at.scope
        name = parameter_name(write)
        if function.me == name and function.parent is not None and function.parent.kind == "class":
            yield Ref(instance=True, scope=function.parent)
            return
        given = [] if write.text else [(a.get(name), call.at) for call, a in self.callers(function, depth)]
        passed = [tuple(self.refs(node, at, depth)) if node is not None else () for node, at in given]
        made = bool(passed) and all(any(ref.scope and ref.made for ref in refs) for refs in passed)
        if write.annotation is not None:
            for ref in self._annotation(write.annotation, function.at or write.at, depth):
                if ref.scope is None or not made:  # who makes the object says more than its class
                    yield ref
        if write.value is not None:
            yield from self.refs(write.value, function.at or write.at, depth)
        for refs in passed:
            yield from refs

    def _annotation(self, node: cst.CSTNode, at: At, depth: int) -> Iterator[Ref]:
        if (text := plain(node)) is not None:
            if text.replace(".", "").replace("_", "").isalnum():
                first, dot, rest = text.partition(".")
                for ref in self._name(first, at, depth):
                    if ref.scope is not None and not dot:
                        yield Ref(instance=True, scope=ref.scope)
                    elif ref.name:
                        yield Ref(self.library.canonical(f"{ref.name}{dot}{rest}"), instance=True)
            return
        if isinstance(node, cst.Subscript):
            for element in node.slice:
                if isinstance(element.slice, cst.Index):
                    yield from self._annotation(element.slice.value, at, depth)
        elif isinstance(node, cst.BinaryOperation):
            yield from self._annotation(node.left, at, depth)
            yield from self._annotation(node.right, at, depth)
        elif isinstance(node, (cst.Name, cst.Attribute)):
            for ref in self.refs(node, at, depth):
                if not ref.instance and (ref.name in self.library.known or ref.scope is not None):
                    yield replace(ref, instance=True)

    def _attribute(self, node: cst.Attribute, at: At, depth: int) -> Iterator[Ref]:
        name = node.attr.value
        if key := dotted(node):
            writes = lookup(key, at, self.tree.arms)
            for write in writes:
                yield from self.of_write(write, depth)
            if writes:
                return
        for base in self.refs(node.value, at, depth):
            yield from self.member(base, name, at, depth)

    def member(self, base: Ref, name: str, at: At, depth: int = 0) -> Iterator[Ref]:
        """What `base.name` refers to."""
        if base.scope is None:
            if base.name:
                yield Ref(self.library.canonical(f"{base.name}.{name}"), made=base.made if base.instance else None)
            return
        if base.scope.kind != "class":
            return
        for scope in self.family(base.scope):
            writes = self.attribute_writes(scope, name, at)
            for write in writes:
                if write.kind == "def" and write.scope is not None and _is_property(write.scope):
                    for value, place in write.scope.returns:
                        yield from self.refs(value, place, depth)
                else:
                    yield from self.of_write(write, depth)
            if writes:
                return
        for library_name in self.library_bases(base.scope):
            yield Ref(self.library.canonical(f"{library_name}.{name}"), instance=False, made=base.made)

    def attribute_writes(self, scope: Scope, name: str, at: At) -> list[Write]:
        """What an attribute may hold at a point: by the method around, else by `__init__`, else by the class."""
        written = scope.attributes.get(name, [])
        method = at.scope.function
        if method is not None:
            here = [w for w in written if w.at.scope is at.scope]
            if here and (found := reaching(here, at, at.scope, self.tree.arms)):
                return found
        found = []
        started = [w for w in written if w.at.scope.name in ("__init__", "__new__", "__post_init__")]
        if started:
            home = started[0].at.scope
            found = reaching(started, At(home, END), home, self.tree.arms)
        found += [w for w in written if w not in started]
        if not started and (writes := scope.writes.get(name)):
            found += reaching(writes, At(scope, END), scope, self.tree.arms)
        return found

    def family(self, scope: Scope) -> list[Scope]:
        """A class of this file and those of its bases that are of this file too."""
        found = [scope]
        for current in found:
            for ref in self._bases(current):
                if ref.scope is not None and ref.scope.kind == "class" and ref.scope not in found and len(found) < 16:
                    found.append(ref.scope)
        return found

    def library_bases(self, scope: Scope) -> list[str]:
        """The library classes that a class of this file inherits from."""
        return [r.name for s in self.family(scope) for r in self._bases(s) if r.name and not r.instance]

    def _bases(self, scope: Scope) -> list[Ref]:
        node = scope.node
        if not isinstance(node, cst.ClassDef) or scope.at is None:
            return []
        return [ref for base in node.bases if not base.star for ref in self.refs(base.value, scope.at)]

    def _call(self, node: cst.Call, at: At, depth: int) -> Iterator[Ref]:
        site = CallSite(node, at)
        for callee in self.refs(node.func, at, depth):
            if callee.scope is not None and not callee.instance:
                if callee.scope.kind == "class":
                    yield Ref(instance=True, scope=callee.scope, made=site)
                else:
                    for value, place in callee.scope.returns:
                        yield from self.refs(value, place, depth)
            elif callee.name == "super":
                yield from self._super(at, site)
            elif callee.name in ("typing.cast", "cast") and len(node.args) > 1:
                yield from self.refs(node.args[1].value, at, depth)
            elif callee.name == "functools.partial" and node.args:
                for ref in self.refs(node.args[0].value, at, depth):
                    yield replace(ref, given=(*ref.given, site))
            elif callee.name and not callee.instance:
                name = self.library.returns.get(callee.name, callee.name)
                yield Ref(self.library.canonical(name), instance=True, made=site)

    def _super(self, at: At, site: CallSite) -> Iterator[Ref]:
        owner = at.scope.owner
        if owner is not None:
            for ref in self._bases(owner):
                yield replace(ref, instance=True, made=site)

    def callers(self, function: Scope, depth: int = 0) -> Iterator[tuple[CallSite, dict[str, cst.BaseExpression]]]:
        """The calls of a function of this file, with their arguments by parameter name (those of `**` under "**")."""
        is_method = bool(function.me) and function.parent is not None and function.parent.kind == "class"
        name = function.name
        if is_method and name == "__init__" and function.parent is not None:
            name = function.parent.name
        if not name:
            return
        count = 0
        for call in [*self._by_name.get(name, ()), *self._indirect(name)]:
            func, arguments = _callee(call, name)
            if func is None or not self._calls(func, call.at, function, name, depth):
                continue
            count += 1
            if count > MAX_CALLERS:
                return
            yield call, bind(function, arguments, skip=1 if is_method else 0)

    def _calls(self, func: cst.BaseExpression, at: At, function: Scope, name: str, depth: int) -> bool:
        if isinstance(func, cst.Attribute) and function.me and function.name == name:
            owner = function.parent
            bases = self.refs(func.value, at, depth) if depth < MAX_DEPTH else ()
            local = [b.scope for b in bases if b.scope is not None]
            return not bases or any(owner is not None and owner in self.family(s) for s in local if s.kind == "class")
        target = function.parent if function.name == "__init__" else function
        return any(ref.scope is target for ref in self.refs(func, at, depth))

    def _indirect(self, name: str) -> Iterator[CallSite]:
        for spawn in {full.rpartition(".")[2] for full in _SPAWN}:
            for call in self._by_name.get(spawn, ()):
                if _callee(call, name)[0] is not None:
                    yield call


def spawned(call: cst.Call, refs: tuple[Ref, ...]) -> tuple[cst.BaseExpression, list[cst.Arg]] | None:
    """The callee and arguments of a call that only calls its argument (Thread(target=…), partial(…)), or None."""
    for ref in refs:
        if ref.name in _SPAWN and not ref.instance:
            return _inner(call, *_SPAWN[ref.name])
    return None


def _inner(call: cst.Call, keyword: str, first: int) -> tuple[cst.BaseExpression, list[cst.Arg]] | None:
    if not keyword:
        if not call.args or call.args[0].star or call.args[0].keyword:
            return None
        return call.args[0].value, list(call.args[first:])
    given = {arg.keyword.value: arg.value for arg in call.args if arg.keyword}
    if keyword not in given:
        return None
    arguments: list[cst.Arg] = []
    if isinstance(items := given.get("args"), (cst.Tuple, cst.List)):
        arguments += [cst.Arg(element.value) for element in items.elements]
    if "kwargs" in given:
        arguments.append(cst.Arg(given["kwargs"], star="**"))
    return given[keyword], arguments


def _callee(call: CallSite, name: str) -> tuple[cst.BaseExpression | None, list[cst.Arg]]:
    node = call.node
    if _last(node.func) == name:
        return node.func, list(node.args)
    for full, (keyword, first) in _SPAWN.items():
        if full.rpartition(".")[2] == _last(node.func):
            found = _inner(node, keyword, first)
            if found is not None and _last(found[0]) == name:
                return found
    return None, []


def _last(node: cst.CSTNode) -> str:
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else ""


def _is_property(function: Scope) -> bool:
    node = function.node
    return isinstance(node, cst.FunctionDef) and any(_last(d.decorator).endswith("property") for d in node.decorators)


def parameter_name(write: Write) -> str:
    """The name of a parameter's write."""
    return write.target.name.value if isinstance(write.target, cst.Param) else ""


def unpacked(value: cst.CSTNode, path: tuple[int, ...]) -> cst.CSTNode | None:
    """The element of a written tuple that an unpacking gives, None when the value is no written tuple."""
    for index in path:
        if not isinstance(value, (cst.Tuple, cst.List)) or index >= len(value.elements):
            return None
        value = value.elements[index].value
    return value


def bind(function: Scope, arguments: list[cst.Arg], skip: int) -> dict[str, cst.BaseExpression]:
    """Arguments by parameter name; keywords that no parameter takes stay under their own name."""
    node = function.node
    params = node.params if isinstance(node, (cst.FunctionDef, cst.Lambda)) else None
    if params is None:
        return {}
    names = [p.name.value for p in [*params.posonly_params, *params.params]][skip:]
    found: dict[str, cst.BaseExpression] = {}
    for index, arg in enumerate(arguments):
        if arg.star == "*":
            break
        if arg.keyword is None and not arg.star and index < len(names):
            found[names[index]] = arg.value
    for arg in arguments:
        if arg.keyword is not None:
            found[arg.keyword.value] = arg.value
        elif arg.star == "**":
            found["**"] = arg.value
    return found
