"""Name and value of a setting out of one loop: `for name, value in options.items(): config.set(name, value)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from bindlint.readers.python.containers import members
from bindlint.readers.python.scopes import At, Write, lookup
from bindlint.readers.python.value import Held

if TYPE_CHECKING:
    from bindlint.knowledge.apis import Row
    from bindlint.readers.python.arguments import Arguments, Given
    from bindlint.readers.python.values import Values

_VIEW = "items"


def paired(values: Values, row: Row, arguments: Arguments) -> bool:
    """Put what a loop gives under the names that a row asks for in place of the loop's value; whether there is any.

    A call whose name and value do not come out of one loop stays as it is.
    """
    host = arguments.host(row)
    for key, allowed in row.only.items():
        name = arguments.under(key)
        view = _view(name, host) if name is not None and host is not None else None
        if view is None:
            continue
        found: list[Given] = []
        known = [holder for holder in values.of(*view) if holder.kind == "mapping"]
        for holder in known:
            found += [item for text in allowed if text for item in members(holder, text)]
        if known and not found:
            return False
        if found:
            several = Held(tuple(value for item in found for value in values.of(*item)))
            _put(row, arguments, found[0] if len(found) == 1 else (several, found[0][1]))
    return True


def _put(row: Row, arguments: Arguments, item: Given) -> None:
    for keyword in row.host.keywords:
        if keyword in arguments.keywords:
            arguments.keywords[keyword] = item
            return
    if row.host.position is not None:
        arguments.positional[row.host.position] = item


def _view(name: Given, value: Given) -> Given | None:
    """The dictionary whose items a loop goes through, where it gives both the name and the value; else None."""
    first, second = _element(*_bare(name), 0), _element(*value, 1)
    if first is None or second is None or first.value is not second.value:
        return None
    view = first.value
    if isinstance(view, cst.Call) and isinstance(view.func, cst.Attribute) and view.func.attr.value == _VIEW:
        return view.func.value, first.at
    return None


def _bare(name: Given) -> Given:
    """A name without the method that changes its letters: `name.lower()`."""
    node, at = name
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and not node.args:
        return node.func.value, at
    return name


def _element(node: cst.BaseExpression, at: At, index: int) -> Write | None:
    writes = lookup(node.value, at) if isinstance(node, cst.Name) else []
    if len(writes) == 1 and writes[0].kind == "element" and writes[0].path == (index,):
        return writes[0]
    return None
