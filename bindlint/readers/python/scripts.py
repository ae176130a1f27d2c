"""Which code of a file runs only where that file is the one that is started, not where a server imports it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from bindlint.readers.python.scopes import plain

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
