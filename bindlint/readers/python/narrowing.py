"""What a test on the way from a write to a use rules out: `if not host: host = …`, `assert host`, `if host: run(host)`.

Only what a test surely rules out counts: None, the empty text, and texts that the name is compared with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from bindlint.readers.python.names import END
from bindlint.readers.python.scopes import dotted, plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bindlint.readers.python.scopes import At, Scope, Test
    from bindlint.readers.python.value import Value

MAX_TESTS = 100  # of one name in one scope; what is beyond rules nothing out
NONE = None
FALSE: frozenset[str | None] = frozenset({NONE, ""})  # the values of an address that Python takes for false
_NOTHING: frozenset[str | None] = frozenset()
_EXITS = ("exit", "_exit", "error", "fail", "abort")


def excluded(name: str, at: At, home: Scope, since: int) -> frozenset[str | None]:
    """The values that a name written in `home` at the order `since` cannot have any more at a point; None for None."""
    found = _NOTHING
    word = name.partition(".")[0].partition("[")[0]
    scopes = dict.fromkeys((home, at.scope))
    for test in (test for scope in scopes for test in scope.file.tests.get((scope, word), ())[:MAX_TESTS]):
        order, branch = (at.order, at.branch) if test.at.scope is at.scope else (END, ())
        if test.at.order > order or (test.at.scope is home and test.at.order < since):
            continue
        arm = next((arm for number, arm in branch if number == test.branch), None)
        if isinstance(test.node, cst.If) and arm is not None:
            if arm >= test.arm:
                found |= ruled_out(test.node.test, name, outcome=arm == test.arm)
        elif test.at.branch == branch[: len(test.at.branch)]:
            found |= _passed(test, name)
    return found


def _passed(test: Test, name: str) -> frozenset[str | None]:
    """What a test rules out for the code that comes after it."""
    node = test.node
    if isinstance(node, cst.Assert):
        return ruled_out(node.test, name, outcome=True)
    if test.arm:
        return _NOTHING  # an `elif` is not always asked
    found = ruled_out(node.test, name, outcome=False) if replaces(node.body, name) else _NOTHING
    if isinstance(node.orelse, cst.Else) and replaces(node.orelse.body, name):
        found |= ruled_out(node.test, name, outcome=True)
    return found


def ruled_out(test: cst.BaseExpression, name: str, *, outcome: bool) -> frozenset[str | None]:
    """The values that a name cannot have when a test came out true, or false."""
    match test:
        case cst.UnaryOperation(operator=cst.Not()):
            return ruled_out(test.expression, name, outcome=not outcome)
        case cst.BooleanOperation():
            if isinstance(test.operator, cst.And) is not outcome:
                return _NOTHING
            left = ruled_out(test.left, name, outcome=outcome)
            return left | ruled_out(test.right, name, outcome=outcome)
        case cst.Comparison():
            return _compared(test, name, outcome=outcome)
        case cst.NamedExpr():
            return FALSE if outcome and dotted(test.target) == name else _NOTHING
        case cst.Name() | cst.Attribute() | cst.Subscript():
            return FALSE if outcome and dotted(test) == name else _NOTHING
    return _NOTHING


def _compared(test: cst.Comparison, name: str, *, outcome: bool) -> frozenset[str | None]:
    if len(test.comparisons) != 1 or dotted(test.left) != name:
        return _NOTHING
    operator, right = test.comparisons[0].operator, test.comparisons[0].comparator
    same = isinstance(operator, (cst.Is, cst.Equal, cst.In))
    if same is outcome or not isinstance(operator, (cst.Is, cst.Equal, cst.In, cst.IsNot, cst.NotEqual, cst.NotIn)):
        return _NOTHING
    if isinstance(operator, (cst.In, cst.NotIn)):
        members = right.elements if isinstance(right, (cst.Tuple, cst.List, cst.Set)) else ()
        return frozenset().union(*(_constant(member.value) for member in members))
    return _constant(right)


def _constant(node: cst.BaseExpression) -> frozenset[str | None]:
    if isinstance(node, cst.Name) and node.value == "None":
        return frozenset({NONE})
    text = plain(node)
    return _NOTHING if text is None else frozenset({text})


def replaces(body: cst.CSTNode, name: str) -> bool:
    """Whether a block surely leaves, or gives a name another value."""
    return leaves(body) or any(_replaces(statement, name) for statement in _statements(body))


def leaves(body: cst.CSTNode) -> bool:
    """Whether what comes after a block is not reached through it."""
    statements = _statements(body)
    last = statements[-1] if statements else None
    if isinstance(last, (cst.Raise, cst.Return, cst.Continue, cst.Break)):
        return True
    if isinstance(last, cst.Expr) and isinstance(last.value, cst.Call):
        return dotted(last.value.func).rpartition(".")[2] in _EXITS
    return False


def _statements(body: cst.CSTNode) -> list[cst.CSTNode]:
    found: list[cst.CSTNode] = []
    for statement in getattr(body, "body", ()):
        found += statement.body if isinstance(statement, cst.SimpleStatementLine) else [statement]
    return found


def _replaces(statement: cst.CSTNode, name: str) -> bool:
    match statement:
        case cst.Assign():
            return name in _names(target.target for target in statement.targets)
        case cst.AnnAssign():
            return statement.value is not None and dotted(statement.target) == name
        case cst.With() | cst.Try():
            return replaces(statement.body, name)
        case cst.If(orelse=cst.Else() as other):
            return replaces(statement.body, name) and replaces(other.body, name)
    return False


def _names(targets: Iterable[cst.BaseExpression]) -> set[str]:
    found: set[str] = set()
    for target in targets:
        if isinstance(target, (cst.Tuple, cst.List)):
            found |= _names(element.value for element in target.elements)
        else:
            found.add(dotted(target))
    return found


def survives(value: Value, out: frozenset[str | None]) -> bool:
    """Whether a value is none of those ruled out."""
    if value.kind == "none":
        return NONE not in out
    return value.kind != "text" or value.text not in out
