"""What one file defines: scopes, writes, calls and their order, gathered in one walk over a libcst tree.

The walk goes over the fields that hold code, never over whitespace; it costs a tenth of libcst's metadata providers.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import libcst as cst

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Branch = tuple[tuple[int, int], ...]
_IDLE = {
    *("lpar", "rpar", "comma", "semicolon", "equal", "dot", "lbracket", "rbracket", "lbrace", "rbrace", "colon"),
    *("leading_lines", "lines_after_decorators", "header", "footer", "operator", "trailing_whitespace", "keyword"),
    *("attr", "posonly_ind", "type_parameters", "asynchronous", "start", "end", "first_line", "from_"),
}
_NO_NODES = (str, type(None), cst.MaybeSentinel, bool)
_LEAVES = frozenset({cst.Name, cst.SimpleString, cst.Integer, cst.Float, cst.Ellipsis, cst.FormattedStringText})


@dataclass(eq=False, slots=True)
class Scope:
    """A module, class, function, lambda or comprehension, with what is written to names in it.

    `writes` has names and dotted texts (`app.host`, `os.environ[HOST]`). `attributes` of a class are what its methods
    write to their first parameter.
    """

    kind: str
    node: cst.CSTNode
    parent: Scope | None
    name: str = ""
    writes: dict[str, list[Write]] = field(default_factory=dict)
    attributes: dict[str, list[Write]] = field(default_factory=dict)
    returns: list[tuple[cst.BaseExpression, At]] = field(default_factory=list)
    outer: set[str] = field(default_factory=set)
    me: str = ""  # the first parameter of a method
    at: At | None = None  # where it is defined

    @property
    def owner(self) -> Scope | None:
        """The class that this scope is a method of, also from inside a function in that method."""
        scope: Scope | None = self
        while scope is not None:
            if scope.kind == "function" and scope.parent is not None and scope.parent.kind == "class":
                return scope.parent
            scope = scope.parent
        return None

    @property
    def function(self) -> Scope | None:
        """The nearest function or lambda around, this scope included."""
        scope: Scope | None = self
        while scope is not None and scope.kind not in ("function", "lambda"):
            scope = scope.parent
        return scope


@dataclass(frozen=True, slots=True)
class At:
    """A point of execution: a scope, the order in it, and which arms of which branches hold it."""

    scope: Scope
    order: int
    branch: Branch = ()


@dataclass(frozen=True, slots=True, eq=False)
class Write:
    """A name gets a value. `kind`: value, element (of an iterable), import, param, def, class, note (an
    annotation without a value), unknown.

    `path` are the indexes to take of an unpacked value. `text` is what an import names. `annotation` may say the type.
    """

    kind: str
    at: At
    target: cst.CSTNode
    value: cst.BaseExpression | None = None
    path: tuple[int, ...] = ()
    text: str = ""
    annotation: cst.BaseExpression | None = None
    scope: Scope | None = None


@dataclass(frozen=True, slots=True, eq=False)
class CallSite:
    """A call and where it happens."""

    node: cst.Call
    at: At


@cache
def _fields(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    names = (f.name for f in dataclasses.fields(kind))
    return tuple(name for name in names if name not in _IDLE and not name.startswith("whitespace"))


def children(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The parts of a node that are code."""
    for name in _fields(type(node)):
        value = getattr(node, name)
        kind = type(value)
        if kind is list or kind is tuple:
            yield from value
        elif kind not in _NO_NODES:
            yield value


def dotted(node: cst.CSTNode | None) -> str:
    """`a.b.c` and `a.b[key]` as text, "" for what is no chain of names and constant keys."""
    parts: list[str] = []
    while True:
        if isinstance(node, cst.Attribute):
            parts.append(f".{node.attr.value}")
            node = node.value
        elif isinstance(node, cst.Subscript) and (key := constant_key(node)) is not None:
            parts.append(f"[{key}]")
            node = node.value
        elif isinstance(node, cst.Name):
            return node.value + "".join(reversed(parts))
        else:
            return ""


def constant_key(node: cst.Subscript) -> str | None:
    """The constant text or number that a subscript asks for, as text."""
    if len(node.slice) != 1 or not isinstance(index := node.slice[0].slice, cst.Index):
        return None
    if isinstance(index.value, cst.Integer):
        return index.value.value
    return plain(index.value)


def plain(node: cst.CSTNode | None) -> str | None:
    """The text of a simple string without interpolation, None for anything else."""
    if isinstance(node, (cst.SimpleString, cst.ConcatenatedString)):
        try:
            value = node.evaluated_value
        except (SyntaxError, ValueError):
            return None
        if isinstance(value, bytes):
            return value.decode("latin-1")
        return value if isinstance(value, str) else None
    return None


def words_of(node: cst.CSTNode) -> Iterator[str]:
    """The names and attribute names in an expression."""
    if isinstance(node, cst.Name):
        yield node.value
    elif isinstance(node, cst.Attribute):
        yield node.attr.value
    for child in children(node):
        yield from words_of(child)


class Tree:
    """The walk and what it found."""

    def __init__(self, module: cst.Module) -> None:
        self.module = Scope("module", module, None)
        self.calls: list[CallSite] = []
        self.assigned: list[tuple[str, Write]] = []
        self.dicts: list[tuple[cst.Dict, At]] = []
        self.stars: list[str] = []
        self.arms: dict[int, int] = {}  # of each branch that has an `else`: how many arms
        self.scopes: dict[cst.CSTNode, Scope] = {}
        self.ifs: list[tuple[cst.If, At]] = []
        self.loose: list[tuple[str, At]] = []  # dotted names handed on: passed, returned or stored
        self._scope = self.module
        self._branch: Branch = ()
        self._order = 0
        for statement in module.body:
            self._statement(statement)

    # Statements

    def _here(self) -> At:
        self._order += 1
        return At(self._scope, self._order, self._branch)

    def _block(self, body: cst.CSTNode | Sequence[cst.CSTNode]) -> None:
        statements = body if isinstance(body, (list, tuple)) else getattr(body, "body", ())
        for statement in statements:
            self._statement(statement)

    def _arm(self, branch: int, arm: int, body: cst.CSTNode) -> None:
        outside = self._branch
        self._branch = (*outside, (branch, arm))
        self._block(body)
        self._branch = outside

    def _statement(self, node: cst.CSTNode) -> None:  # noqa: C901, PLR0912 - one arm for each kind of statement
        match node:
            case cst.SimpleStatementLine():
                for small in node.body:
                    self._small(small)
            case cst.If():
                self._if(node)
            case cst.For():
                self._expression(node.iter)
                branch = self._new_branch()
                outside, self._branch = self._branch, (*self._branch, (branch, 0))
                self._write(node.target, node.iter, "element")
                self._block(node.body)
                self._branch = outside
                if node.orelse:
                    self._block(node.orelse.body)
            case cst.While():
                self._expression(node.test)
                self._arm(self._new_branch(), 0, node.body)
                if node.orelse:
                    self._block(node.orelse.body)
            case cst.Try() | cst.TryStar():
                self._block(node.body)
                branch = self._new_branch()
                for number, handler in enumerate(node.handlers):
                    self._arm(branch, number, handler.body)
                for part in (node.orelse, node.finalbody):
                    if part:
                        self._block(part.body)
            case cst.With():
                for item in node.items:
                    self._expression(item.item)
                    if item.asname:
                        self._write(item.asname.name, item.item)
                self._block(node.body)
            case cst.FunctionDef():
                self._function(node)
            case cst.ClassDef():
                self._class(node)
            case cst.Match():
                self._expression(node.subject)
                branch = self._new_branch()
                for number, case in enumerate(node.cases):
                    self._arm(branch, number, case.body)
            case _:
                for child in children(node):
                    self._expression(child)

    def _small(self, node: cst.CSTNode) -> None:  # noqa: C901 - one arm for each kind of statement
        match node:
            case cst.Assign():
                self._expression(node.value)
                self._hand_on(node.value)
                for target in node.targets:
                    self._write(target.target, node.value)
            case cst.AnnAssign():
                if node.value is not None:
                    self._expression(node.value)
                self._write(node.target, node.value, "value" if node.value else "note", node.annotation.annotation)
            case cst.AugAssign():
                self._expression(node.value)
                self._write(node.target, None, "unknown")
            case cst.Import():
                for alias in node.names:
                    self._import(alias)
            case cst.ImportFrom():
                self._import_from(node)
            case cst.Return():
                if node.value is not None:
                    self._expression(node.value)
                    self._hand_on(node.value)
                    if (function := self._scope.function) is not None:
                        function.returns.append((node.value, self._here()))
            case cst.Global() | cst.Nonlocal():
                self._scope.outer.update(item.name.value for item in node.names)
            case _:
                for child in children(node):
                    self._expression(child)

    def _new_branch(self) -> int:
        self._order += 1
        return self._order

    def _if(self, node: cst.If) -> None:
        branch = self._new_branch()
        arm = 0
        part: cst.If | cst.Else | None = node
        while isinstance(part, cst.If):
            self._expression(part.test)
            self.ifs.append((part, self._here()))
            self._arm(branch, arm, part.body)
            arm += 1
            part = part.orelse
        if part is not None:
            self._arm(branch, arm, part.body)
            self.arms[branch] = arm + 1

    def _function(self, node: cst.FunctionDef) -> None:
        for decorator in node.decorators:
            self._expression(decorator.decorator)
        scope = Scope("function", node, self._scope, node.name.value, at=self._here())
        self.scopes[node] = scope
        self._record(node.name.value, Write("def", self._here(), node.name, scope=scope))
        outside = self._scope
        static = any(dotted(d.decorator) == "staticmethod" for d in node.decorators)
        self._parameters(node.params, scope, method=outside.kind == "class" and not static)
        self._inside(scope, node.body)

    def _inside(self, scope: Scope, body: cst.CSTNode) -> None:
        outside, branch = self._scope, self._branch
        self._scope, self._branch = scope, ()
        if scope.kind == "lambda":
            self._expression(body)
            scope.returns.append((body, self._here()))  # type: ignore[arg-type] # the body of a lambda is an expression
        else:
            self._block(body)
        self._scope, self._branch = outside, branch

    def _parameters(self, params: cst.Parameters, scope: Scope, *, method: bool) -> None:
        ordered = [*params.posonly_params, *params.params, *params.kwonly_params]
        if method and (params.posonly_params or params.params):
            scope.me = ordered[0].name.value
        for param in ordered:
            if param.default is not None:
                self._expression(param.default)
        for param in [*ordered, params.star_arg, params.star_kwarg]:
            if not isinstance(param, cst.Param):
                continue
            note = param.annotation.annotation if param.annotation else None
            at = At(scope, self._order, ())
            write = Write("param", at, param, param.default, annotation=note, text=str(param.star or ""))
            scope.writes.setdefault(param.name.value, []).append(write)

    def _class(self, node: cst.ClassDef) -> None:
        for part in [*node.decorators, *node.bases, *node.keywords]:
            self._expression(part)
        scope = Scope("class", node, self._scope, node.name.value, at=self._here())
        self.scopes[node] = scope
        self._record(node.name.value, Write("class", self._here(), node.name, scope=scope))
        self._inside(scope, node.body)

    # Names

    def _import(self, alias: cst.ImportAlias) -> None:
        name = dotted(alias.name)
        if alias.asname is not None:
            self._record(dotted(alias.asname.name), Write("import", self._here(), alias, text=name))
        else:
            first = name.partition(".")[0]
            self._record(first, Write("import", self._here(), alias, text=first))

    def _import_from(self, node: cst.ImportFrom) -> None:
        module = "." * len(node.relative) + (dotted(node.module) if node.module else "")
        if isinstance(node.names, cst.ImportStar):
            self.stars.append(module)
            return
        for alias in node.names:
            name = dotted(alias.name)
            text = f"{module}{name}" if module.endswith(".") else f"{module}.{name}"
            self._record(
                dotted(alias.asname.name) if alias.asname else name, Write("import", self._here(), alias, text=text)
            )

    def _write(
        self,
        target: cst.CSTNode,
        value: cst.BaseExpression | None,
        kind: str = "value",
        annotation: cst.BaseExpression | None = None,
        path: tuple[int, ...] = (),
    ) -> None:
        if isinstance(target, (cst.Tuple, cst.List)):
            for index, element in enumerate(target.elements):
                if isinstance(element, cst.StarredElement):
                    self._write(element.value, None, "unknown")
                else:
                    self._write(element.value, value, kind, None, (*path, index))
            return
        name = dotted(target)
        if not name:
            return
        write = Write(kind, self._here(), target, value, path, annotation=annotation)
        if not isinstance(target, cst.Name):
            self.assigned.append((name, write))
        elif self._scope.kind in ("module", "class"):
            self.assigned.append((name, write))
        self._record(name, write)

    def _record(self, name: str, write: Write) -> None:
        first, dot, rest = name.partition(".")
        owner = self._scope.owner
        if dot and owner is not None and first == self._me():
            owner.attributes.setdefault(rest, []).append(write)
            return
        scope = self._scope
        if first in scope.outer:
            scope = self.module
        scope.writes.setdefault(name, []).append(write)

    def _me(self) -> str:
        scope: Scope | None = self._scope
        while scope is not None and not scope.me:
            scope = scope.parent
        return scope.me if scope else ""

    # Expressions

    def _hand_on(self, node: cst.BaseExpression) -> None:
        parts = [e.value for e in node.elements] if isinstance(node, (cst.Tuple, cst.List)) else [node]
        for part in parts:
            if name := dotted(part):
                self.loose.append((name, self._here()))

    def _expression(self, node: cst.CSTNode) -> None:
        kind = type(node)
        if kind in _LEAVES:
            return
        if kind is cst.Call:
            self._call(node)  # type: ignore[arg-type] # a call
        elif kind is cst.Lambda:
            self._lambda(node)  # type: ignore[arg-type] # a lambda
        elif kind is cst.NamedExpr:
            self._expression(node.value)  # type: ignore[attr-defined] # a named expression
            self._write(node.target, node.value)  # type: ignore[attr-defined] # likewise
        elif kind in (cst.ListComp, cst.SetComp, cst.GeneratorExp, cst.DictComp):
            self._comprehension(node)  # type: ignore[arg-type] # a comprehension
        else:
            if kind is cst.Dict:
                self.dicts.append((node, self._here()))  # type: ignore[arg-type] # a dictionary
            for child in children(node):
                self._expression(child)

    def _call(self, node: cst.Call) -> None:
        self._expression(node.func)
        for arg in node.args:
            self._expression(arg.value)
            self._hand_on(arg.value)
        self.calls.append(CallSite(node, self._here()))

    def _lambda(self, node: cst.Lambda) -> None:
        scope = Scope("lambda", node, self._scope, at=self._here())
        self.scopes[node] = scope
        self._parameters(node.params, scope, method=False)
        self._inside(scope, node.body)

    def _comprehension(self, node: cst.BaseComp) -> None:
        outside = self._scope
        self._scope = Scope("comprehension", node, outside, me=outside.me)
        part: cst.CompFor | None = node.for_in
        while part is not None:
            self._expression(part.iter)
            self._write(part.target, part.iter, "element")
            for condition in part.ifs:
                self._expression(condition.test)
            part = part.inner_for_in
        for child in children(node):
            if not isinstance(child, cst.CompFor):
                self._expression(child)
        self._scope = outside


def reaching(writes: Sequence[Write], at: At, home: Scope, arms: dict[int, int]) -> list[Write]:
    """The writes, latest first, whose value a name of the scope `home` can have at a point; [] when none came before.

    In one scope: straight-line writes hide what came before them, other arms of a branch do not count. From another
    scope, which runs later: what holds at the end of `home`, and what other functions write to it.
    """
    inside = at.scope is home
    found: list[Write] = []
    covered: dict[tuple[Branch, int], set[int]] = {}
    use = at.branch if inside else ()
    for write in reversed(writes):
        local = write.at.scope is home
        if inside and (not local or write.at.order >= at.order):
            continue
        if not local:
            found.append(write)
            continue
        branch = write.at.branch
        shared = _shared(branch, use)
        if shared < len(branch) and shared < len(use) and branch[shared][0] == use[shared][0]:
            continue  # another arm of the same branch
        found.append(write)
        rest = branch[shared:]
        if not rest or (len(rest) == 1 and _covers(rest[0], branch[:shared], covered, arms)):
            break
    return found


def _covers(
    arm: tuple[int, int], outside: Branch, covered: dict[tuple[Branch, int], set[int]], arms: dict[int, int]
) -> bool:
    seen = covered.setdefault((outside, arm[0]), set())
    seen.add(arm[1])
    return len(seen) == arms.get(arm[0], -1)


def _shared(one: Branch, two: Branch) -> int:
    count = 0
    for left, right in zip(one, two, strict=False):
        if left != right:
            break
        count += 1
    return count


def lookup(name: str, at: At, arms: dict[int, int]) -> list[Write]:
    """The writes that a name can mean at a point: of the nearest scope that has any, as Python looks names up."""
    scope: Scope | None = at.scope
    while scope is not None:
        writes = scope.writes.get(name)
        if writes and name.partition(".")[0] not in scope.outer and (scope.kind != "class" or scope is at.scope):
            if found := reaching(writes, at, scope, arms):
                return found
            if scope is at.scope and scope.kind == "function":
                return list(writes[:1])
        parent = scope.parent
        if at.scope is scope and scope.kind == "comprehension" and parent is not None:
            at = At(parent, at.order, at.branch)
        scope = parent
    return []
