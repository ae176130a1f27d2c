"""Scopes and what is written to names in them: what the walk over a file gathers, and how a name is looked up."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import libcst as cst

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bindlint.readers.python.tree import Tree

Branch = tuple[tuple[int, int], ...]
_IDLE = {
    *("lpar", "rpar", "comma", "semicolon", "equal", "dot", "lbracket", "rbracket", "lbrace", "rbrace", "colon"),
    *("leading_lines", "lines_after_decorators", "header", "footer", "operator", "trailing_whitespace", "keyword"),
    *("attr", "posonly_ind", "type_parameters", "asynchronous", "start", "end", "first_line", "from_"),
}
_NO_NODES = (str, type(None), cst.MaybeSentinel, bool)


@dataclass(eq=False, slots=True)
class Scope:
    """A module, class, function, lambda or comprehension, with what is written to names in it.

    `writes` has names and dotted texts (`app.host`, `os.environ[HOST]`). `attributes` of a class are what its methods
    write to their first parameter. `changes` are the writes to parts of things, by the name of the thing (of a class:
    ".x" for an attribute of its objects): `[key]`, `.attribute`, and others that the module `changes` names.
    """

    kind: str
    node: cst.CSTNode
    parent: Scope | None
    name: str = ""
    writes: dict[str, list[Write]] = field(default_factory=dict)
    attributes: dict[str, list[Write]] = field(default_factory=dict)
    returns: list[tuple[cst.BaseExpression, At]] = field(default_factory=list)
    changes: dict[str, list[tuple[str, Write]]] = field(default_factory=dict)
    outer: set[str] = field(default_factory=set)
    me: str = ""  # the first parameter of a method
    at: At | None = None  # where it is defined
    file: Tree = field(init=False, repr=False)  # the file that it lies in

    def __post_init__(self) -> None:
        if self.parent is not None:
            self.file = self.parent.file

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
    """A name gets a value.

    `kind`: value, element (of an iterable), import, param, def, class, note (an annotation without a value), unknown;
    of a change in place also fallback, merge, object, append, extend.
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


@dataclass(frozen=True, slots=True, eq=False)
class Test:
    """An `if`, `elif` or `assert`, where it is asked, and the arm that it opens (of the branch 0 for an `assert`)."""

    node: cst.If | cst.Assert
    at: At
    branch: int = 0
    arm: int = 0


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


def last_name(node: cst.CSTNode) -> str:
    """The last part of a name or attribute, "" for anything else."""
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else ""


def constant_key(node: cst.Subscript) -> str | None:
    """The constant text or number that a subscript asks for, as text."""
    if len(node.slice) != 1 or not isinstance(index := node.slice[0].slice, cst.Index):
        return None
    if isinstance(index.value, cst.Integer):
        return index.value.value
    return plain(index.value)


def plain(node: cst.CSTNode | None) -> str | None:
    """The text of a simple string without interpolation, None for anything else."""
    if type(node) is cst.SimpleString and (text := node.value)[0] in "'\"" and "\\" not in text:
        return text[3:-3] if text[:3] in ('"""', "'''") and len(text) > 5 else text[1:-1]
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


def reaching(writes: Sequence[Write], at: At, home: Scope) -> list[Write]:
    """The writes, latest first, whose value a name of the scope `home` can have at a point; [] when none came before.

    In one scope: straight-line writes hide what came before them, other arms of a branch do not count. From another
    scope, which runs later: what holds at the end of `home`, and what other functions write to it.
    """
    arms = home.file.arms
    inside = at.scope is home
    found: list[Write] = []
    covered: dict[tuple[Branch, int], set[int]] = {}
    use = at.branch if inside else ()
    last: Branch = ()  # of the write that hides those before it
    for write in reversed(writes):
        local = write.at.scope is home
        if inside and (not called_before(write.at.scope, at) if not local else write.at.order >= at.order):
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
            last = branch
            break
    if inside and home.file.loops:
        found += _from_last_round(writes, at, last, home)
    return found


def called_before(function: Scope, at: At) -> bool:
    """Whether a function is called in the scope of a point before that point."""
    calls = at.scope.file.called.get(function.name, ()) if function.kind == "function" else ()
    return any(call.at.scope is at.scope and call.at.order < at.order for call in calls)


def same_path(before: Branch, now: Branch) -> bool | None:
    """Whether what happened in some arms surely happened when others are run; None when it surely did not."""
    shared = _shared(before, now)
    if shared < len(before) and shared < len(now) and before[shared][0] == now[shared][0]:
        return None
    return shared == len(before)


def _from_last_round(writes: Sequence[Write], at: At, last: Branch, home: Scope) -> list[Write]:
    """The writes after a point of a loop, which the next round sees, unless one before the point in it hides them."""
    found = []
    for write in writes:
        if write.at.scope is home and write.at.order >= at.order:
            loops = [
                number for number, _ in at.branch[: _shared(write.at.branch, at.branch)] if number in home.file.loops
            ]
            if loops and loops[-1] not in [number for number, _ in last]:
                found.append(write)
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


def lookup(name: str, at: At) -> list[Write]:
    """The writes that a name can mean at a point: of the nearest scope that has any, as Python looks names up."""
    scope: Scope | None = at.scope
    while scope is not None:
        writes = scope.writes.get(name)
        if writes and name.partition(".")[0] not in scope.outer and (scope.kind != "class" or scope is at.scope):
            if found := reaching(writes, at, scope):
                return found
            if scope is at.scope and scope.kind == "function":
                return list(writes[:1])
        parent = scope.parent
        if at.scope is scope and scope.kind == "comprehension" and parent is not None:
            at = At(parent, at.order, at.branch)
        scope = parent
    return []


def inside(function: Scope) -> Iterator[CallSite]:
    """The calls in a function and in what is defined in it."""
    for call in function.file.calls:
        scope: Scope | None = call.at.scope
        while scope is not None and scope is not function:
            scope = scope.parent
        if scope is function:
            yield call


def conjuncts(test: cst.BaseExpression) -> Iterator[cst.Comparison]:
    """The comparisons that must all be true for a test to be."""
    if isinstance(test, cst.BooleanOperation) and isinstance(test.operator, cst.And):
        yield from conjuncts(test.left)
        yield from conjuncts(test.right)
    elif isinstance(test, cst.Comparison):
        yield test
