"""What an expression refers to: a library's function, an instance of its class, something defined in this file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import libcst as cst

from bindlint.readers.python import held
from bindlint.readers.python.callees import HANDS_BACK
from bindlint.readers.python.callers import callers
from bindlint.readers.python.scopes import At, CallSite, Scope, Write, dotted, last_name, lookup, plain, reaching

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.knowledge.python import Library
    from bindlint.readers.python.modules import Modules
    from bindlint.readers.python.tree import Tree

MAX_DEPTH = 24
MAX_STEPS = 20_000  # of resolution in one file; what is beyond stays unresolved
MAX_STARS = 4  # star imports of star imports
END = 1 << 60  # later than anything in the file


@dataclass(frozen=True, slots=True)
class Ref:
    """One thing an expression may refer to.

    `name` is the qualified name in a library ("" for things of the project), `instance` whether it is an object of that
    class, `scope` the class, function or module of the project, `made` the call that made the object, `given` the calls
    of `functools.partial` around it.
    """

    name: str = ""
    instance: bool = False
    scope: Scope | None = None
    made: CallSite | None = None
    given: tuple[CallSite, ...] = ()


class Names:
    """Resolution of expressions in one file and in those that it leads to."""

    def __init__(self, modules: Modules, library: Library) -> None:
        self.modules = modules
        self.library = library
        self._memo: dict[tuple[cst.CSTNode, Scope, int], tuple[Ref, ...]] = {}
        self._steps = 0

    @property
    def exhausted(self) -> bool:
        """Whether there were more steps of resolution to take than allowed."""
        return self._steps > MAX_STEPS

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
                yield Ref(scope=at.scope.file.scopes.get(node))
            case cst.Subscript():
                writes = lookup(dotted(node) or "?", at)
                for write in writes:
                    yield from self.of_write(write, depth)
                if not writes:
                    yield from held.refs(self, node, at, depth)

    def _name(self, name: str, at: At, depth: int) -> Iterator[Ref]:
        writes = lookup(name, at)
        for write in writes:
            yield from self.of_write(write, depth)
        if writes:
            return
        for star in at.scope.file.stars:
            full = self.library.canonical(f"{star}.{name}")
            if full in self.library.known:
                yield Ref(full)
                return
        starred = self.starred(name, at)
        for write in starred:
            yield from self.of_write(write, depth)
        if not starred:
            yield Ref(self.library.canonical(name))

    # Other files

    def starred(self, name: str, at: At) -> list[Write]:
        """The writes to a name that `from … import *` brings into a file."""
        home = at.scope.file
        for star in home.stars:
            found = self.modules.find(star, home.path)
            if found is not None and not found[1] and found[0] is not home:
                writes = self.exported(found[0], name, at)
                if writes:
                    return writes
        return []

    def exported(self, tree: Tree, name: str, at: At, depth: int = 0) -> list[Write]:
        """The writes that a name of a module can mean for those who import it, through stars of its own, too."""
        if writes := tree.module.writes.get(name):
            return reaching(writes, At(at.scope, at.order), tree.module) if at.scope is not tree.module else writes[-1:]
        for star in tree.stars if depth < MAX_STARS else ():
            found = self.modules.find(star, tree.path)
            if found is not None and not found[1] and (writes := self.exported(found[0], name, at, depth + 1)):
                return writes
        return []

    def imported(self, write: Write) -> tuple[Tree, list[Write]] | None:
        """The file of the project that an import leads to, and the writes of the name that it takes from there.

        None for what is no file of the project, or known as a library; no writes for a module itself.
        """
        return self.of_module(write.text, write.at)

    def of_module(self, name: str, at: At) -> tuple[Tree, list[Write]] | None:
        """What a dotted name means in the project: a module, or writes to one name of a module."""
        home = at.scope.file
        if self.library.canonical(name) in self.library.known:
            return None
        found = self.modules.find(name, home.path, beside=name.partition(".")[0] not in self.library.known)
        if found is None or found[0] is home or len(found[1]) > 1:
            return None
        tree, rest = found
        if not rest:
            return tree, []
        writes = self.exported(tree, rest[0], at)
        return (tree, writes) if writes else None

    def of_write(self, write: Write, depth: int = 0) -> Iterator[Ref]:
        """What a name refers to through one write."""
        if write.kind == "import":
            yield from self._import(write, depth)
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

    def _import(self, write: Write, depth: int) -> Iterator[Ref]:
        found = self.imported(write) if depth < MAX_DEPTH else None
        if found is None:
            yield Ref(self.library.canonical(write.text))
            return
        tree, writes = found
        if not writes:
            yield Ref(scope=tree.module)
        for inner in writes:
            yield from self.of_write(inner, depth + 1)

    def _param(self, write: Write, depth: int) -> Iterator[Ref]:
        function = write.at.scope
        name = parameter_name(write)
        if function.me == name and function.parent is not None and function.parent.kind == "class":
            yield Ref(instance=not _of_class(function), scope=function.parent)
            return
        given = (
            []
            if write.text
            else [(a.get(name), call.at) for call, a in self.callers(function, depth, everywhere=False)]
        )
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
            writes = lookup(key, at)
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
                yield from self._of_library(base, name, at, depth)
            return
        if base.scope.kind == "module":
            yield from self._of_module(base.scope.file, name, at, depth)
            return
        if base.scope.kind != "class":
            return
        for scope in self.family(base.scope):
            writes = self.attribute_writes(scope, name, at)
            for write in writes:
                if write.kind == "def" and write.scope is not None and is_property(write.scope):
                    for value, place in write.scope.returns:
                        yield from self.refs(value, place, depth)
                else:
                    yield from self.of_write(write, depth)
            if writes:
                return
        for library_name in self.library_bases(base.scope):
            yield Ref(self.library.canonical(f"{library_name}.{name}"), instance=False, made=base.made)

    def _of_library(self, base: Ref, name: str, at: At, depth: int) -> Iterator[Ref]:
        full = f"{base.name}.{name}"
        canonical = self.library.canonical(full)
        if not base.instance and depth < MAX_DEPTH:
            found = self.of_module(full, at)  # of a folder that is no package
            if found is not None:
                if not found[1]:
                    yield Ref(scope=found[0].module)
                for write in found[1]:
                    yield from self.of_write(write, depth + 1)
                return
        yield Ref(canonical, made=base.made if base.instance else None)

    def _of_module(self, tree: Tree, name: str, at: At, depth: int) -> Iterator[Ref]:
        writes = self.exported(tree, name, at)
        for write in writes:
            yield from self.of_write(write, depth)
        if not writes and (found := self.modules.find(f".{name}", tree.path)) is not None and not found[1]:
            yield Ref(scope=found[0].module)

    def attribute_writes(self, scope: Scope, name: str, at: At) -> list[Write]:
        """What an attribute may hold at a point: by the method around, else by `__init__`, else by the class."""
        written = scope.attributes.get(name, [])
        method = at.scope.function
        if method is not None:
            here = [w for w in written if w.at.scope is at.scope]
            if here and (found := reaching(here, at, at.scope)):
                return found
        found = []
        started = [w for w in written if w.at.scope.name in ("__init__", "__new__", "__post_init__")]
        if started:
            home = started[0].at.scope
            found = reaching(started, At(home, END), home)
        found += [w for w in written if w not in started]
        if not started and (writes := scope.writes.get(name)):
            found += reaching(writes, At(scope, END), scope)
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
        yield from held.refs(self, node, at, depth)
        for callee in self.refs(node.func, at, depth):
            if callee.scope is not None and not callee.instance:
                if callee.scope.kind == "class":
                    yield Ref(instance=True, scope=callee.scope, made=site)
                else:
                    yield from self._returned(callee.scope, depth)
            elif callee.name == "super":
                yield from self._super(at, site)
            elif callee.name in HANDS_BACK and len(node.args) > HANDS_BACK[callee.name]:
                yield from self.refs(node.args[HANDS_BACK[callee.name]].value, at, depth)
            elif callee.name == "functools.partial" and node.args:
                for ref in self.refs(node.args[0].value, at, depth):
                    yield replace(ref, given=(*ref.given, site))
            elif callee.name and not callee.instance:
                name = self.library.returns.get(callee.name, callee.name)
                yield Ref(self.library.canonical(name), instance=True, made=site)

    def _returned(self, function: Scope, depth: int) -> Iterator[Ref]:
        found = False
        for value, place in function.returns:
            for ref in self.refs(value, place, depth):
                found = found or ref.scope is not None or ref.name in self.library.known
                yield ref
        node = function.node
        if not found and isinstance(node, cst.FunctionDef) and node.returns is not None and function.at is not None:
            yield from self._annotation(node.returns.annotation, function.at, depth)

    def _super(self, at: At, site: CallSite) -> Iterator[Ref]:
        owner = at.scope.owner
        if owner is not None:
            for ref in self._bases(owner):
                yield replace(ref, instance=True, made=site)

    def callers(
        self, function: Scope, depth: int = 0, *, everywhere: bool = True
    ) -> Iterator[tuple[CallSite, dict[str, cst.BaseExpression]]]:
        """The calls of a function, with their arguments by parameter name (those of `**` under "**")."""
        return callers(self, function, depth, everywhere=everywhere)

    @staticmethod
    def reachable(depth: int) -> bool:
        """Whether resolution may go on at a depth."""
        return depth < MAX_DEPTH


def _of_class(function: Scope) -> bool:
    """Whether a method gets the class itself as its first argument."""
    node = function.node
    return isinstance(node, cst.FunctionDef) and any(last_name(d.decorator) == "classmethod" for d in node.decorators)


def is_property(function: Scope) -> bool:
    """Whether a method is read like an attribute."""
    node = function.node
    return isinstance(node, cst.FunctionDef) and any(
        last_name(d.decorator).lower().endswith(("property", "setter")) for d in node.decorators
    )


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
