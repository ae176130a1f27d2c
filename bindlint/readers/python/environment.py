"""What the program itself puts into its environment before it reads a variable: `os.environ.setdefault("HOST", …)`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bindlint.readers.python import containers, effects
from bindlint.readers.python.scopes import children, plain

if TYPE_CHECKING:
    import libcst as cst

    from bindlint.readers.python.scopes import At
    from bindlint.readers.python.value import Value
    from bindlint.readers.python.values import Values

MAX_TESTS = 100  # in one scope
_NAMES = ("os.environ", "environ")
_READERS = ("environ", "getenv")


def asked_for(variable: str, at: At) -> bool:
    """Whether a test before a point asks for a variable: `if "HOST" in os.environ:`, `if not os.getenv("HOST"):`."""
    tests = (test for word in _READERS for test in at.scope.file.tests.get((at.scope, word), ())[:MAX_TESTS])
    return any(test.at.order < at.order and _names(test.node.test, variable) for test in tests)


def _names(node: cst.CSTNode, text: str) -> bool:
    return plain(node) == text or any(_names(child, text) for child in children(node))


def put(values: Values, variable: str, at: At, depth: int) -> tuple[list[Value], bool]:
    """What a variable is set to before a point, and whether it surely is."""
    found: list[Value] = []
    surely = False
    for name in _NAMES if variable else ():
        made = containers.Record(open=True)
        effects.put_in(values, made, name, at, variable, depth)
        items = made.entries.get(variable, [])
        surely = surely or (bool(items) and variable not in made.loose)
        outranked = variable if effects.falls_back(values, name, at, f"[{variable}]") else ""
        for node, place in items:
            for value in values.of(node, place, depth):
                reached = value.via(node, f"{variable} is set here", "default")
                found.append(replace(reached, variable=outranked or value.variable))
    return found, surely
