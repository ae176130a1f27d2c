"""What code waits for: that its file is the one that is started, not imported; that an environment variable is set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from bindlint.readers.python.scopes import dotted, last_name, plain

if TYPE_CHECKING:
    from bindlint.readers.python.scopes import At
    from bindlint.readers.python.tree import Tree

MAX_DEPTH = 4  # of functions that call one another


def only_started(at: At, depth: int = 0) -> bool:
    """Whether a point lies under `if __name__ == "__main__"`, or in a function that is called only from there."""
    tree = at.scope.file
    if at.scope is tree.module:
        return not _main(tree).isdisjoint(at.branch)
    function = at.scope.function
    if function is None or function.parent is not tree.module or depth > MAX_DEPTH:
        return False
    calls = tree.called.get(function.name, ())
    return bool(calls) and all(only_started(call.at, depth + 1) for call in calls)


def wanted(at: At) -> str:
    """The environment variable without which a point is not reached, as in `if os.getenv("DEBUG"): …`; "" for none."""
    tests = at.scope.file.tests
    for test in (*tests.get((at.scope, "environ"), ()), *tests.get((at.scope, "getenv"), ())):
        if isinstance(test.node, cst.If) and (test.branch, test.arm) in at.branch and (name := _set(test.node.test)):
            return name
    return ""


def _set(test: cst.BaseExpression) -> str:
    """The variable that a test wants to be set."""
    if isinstance(test, cst.BooleanOperation):
        return (_set(test.left) or _set(test.right)) if isinstance(test.operator, cst.And) else ""
    if isinstance(test, cst.Comparison) and len(test.comparisons) == 1:
        [target] = test.comparisons
        if isinstance(target.operator, cst.In) and dotted(target.comparator).endswith("environ"):
            return plain(test.left) or ""
        value = plain(target.comparator)
        nothing = isinstance(target.operator, (cst.IsNot, cst.NotEqual)) and dotted(target.comparator) == "None"
        return _set(test.left) if nothing or (isinstance(target.operator, cst.Equal) and value) else ""
    if isinstance(test, cst.Call) and last_name(test.func) in ("get", "getenv") and len(test.args) == 1:
        asked = dotted(test.func)
        return (plain(test.args[0].value) or "") if asked.endswith(("environ.get", "getenv")) else ""
    return ""


def _main(tree: Tree) -> set[tuple[int, int]]:
    """The arms that are run where the file is started."""
    tests = tree.tests.get((tree.module, "__name__"), ())
    return {(test.branch, test.arm) for test in tests if isinstance(test.node, cst.If) and _asks(test.node.test)}


def _asks(test: cst.BaseExpression) -> bool:
    """Whether a test is `__name__ == "__main__"`."""
    if not isinstance(test, cst.Comparison) or len(test.comparisons) != 1:
        return False
    [target] = test.comparisons
    return isinstance(target.operator, cst.Equal) and "__main__" in (plain(test.left), plain(target.comparator))
