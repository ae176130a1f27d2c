"""What the program itself puts into its environment before it reads a variable: `os.environ.setdefault("HOST", …)`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bindlint.readers.python import containers, effects

if TYPE_CHECKING:
    from bindlint.readers.python.scopes import At
    from bindlint.readers.python.value import Value
    from bindlint.readers.python.values import Values

_NAMES = ("os.environ", "environ")


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
