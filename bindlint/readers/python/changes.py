"""What changes a thing in place: `d.update(…)`, `d.setdefault(…)`, `setattr(o, "k", v)`; and which code never runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from bindlint.readers.python.scopes import children, dotted, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bindlint.readers.python.scopes import Scope

ANY = "*"  # a key that only a run knows, or all keys of another mapping
MORE = "+"  # one more member of a list
SOME = "?"  # one key that only a run knows
_OBJECTS = ("from_object", "from_pyfile", "config_from_object")  # flask.Config, celery: a module, class or file by name
_LEAVES = (cst.Return, cst.Raise, cst.Continue, cst.Break)

Change = tuple[str, str, str, cst.BaseExpression]


def changes(call: cst.Call) -> Iterator[Change]:
    """What a call changes: the name of the thing, which part of it, the kind of the write, and the new value.

    Parts are `[key]`, `.attribute`, `ANY` (`.*` of attributes) and `MORE`. Kinds: value, fallback (when nothing was
    there), merge (of a mapping), object (of the names of a module, class or file), append and extend (of a list).
    """
    function = call.func
    if isinstance(function, cst.Name):
        if function.value == "setattr" and len(call.args) == 3 and (base := dotted(call.args[0].value)):
            name = plain(call.args[1].value)
            yield base, f".{name}" if name else f".{ANY}", "value" if name else "unknown", call.args[2].value
        return
    if not isinstance(function, cst.Attribute) or not (base := dotted(function.value)):
        return
    method, given = function.attr.value, [arg.value for arg in call.args if arg.keyword is None]
    if method in ("update", "from_mapping"):
        yield from _updated(base, call.args)
    elif method == "setdefault" and len(given) == 2 and (key := plain(given[0])) is not None:
        yield base, f"[{key}]", "fallback", given[1]
    elif method in ("append", "add", "appendleft") and len(given) == 1:
        yield base, MORE, "append", given[0]
    elif method == "insert" and len(given) == 2:
        yield base, MORE, "append", given[1]
    elif method == "extend" and len(given) == 1:
        yield base, MORE, "extend", given[0]
    elif method in _OBJECTS and given:
        yield base, ANY, "object", given[0]


def _updated(base: str, arguments: Iterable[cst.Arg]) -> Iterator[Change]:
    of_attributes = base.endswith(".__dict__")
    base = base.removesuffix(".__dict__")
    for arg in arguments:
        if arg.keyword is None:
            yield base, f".{ANY}" if of_attributes else ANY, "merge", arg.value
        else:
            name = arg.keyword.value
            yield base, f".{name}" if of_attributes else f"[{name}]", "value", arg.value


def parted(name: str) -> tuple[str, str]:
    """A dotted name as the thing and the part of it that the name says: `a.b` and `[c]` of `a.b[c]`."""
    if name.endswith("]"):
        base, _, key = name[:-1].rpartition("[")
        return base, f"[{key}]"
    base, dot, attribute = name.rpartition(".")
    return base, f"{dot}{attribute}"


def settle(scopes: Iterable[Scope]) -> None:
    """Give the scope that a name is of the changes that functions inside make to what it names."""
    for scope in scopes:
        for base, found in scope.changes.items() if scope.kind != "class" else ():
            first = base.partition(".")[0].partition("[")[0]
            home: Scope | None = scope
            while home is not None and (first not in home.writes or home.kind == "class"):
                home = home.parent
            if home is not None and home is not scope and first:
                home.changes.setdefault(base, []).extend(found)


def decided(test: cst.BaseExpression) -> bool | None:
    """Whether a test is always true or always false, as written; a type checker's own code is never run."""
    match test:
        case cst.Name(value="True"):
            return True
        case cst.Name(value="False" | "None" | "TYPE_CHECKING") | cst.Attribute(attr=cst.Name(value="TYPE_CHECKING")):
            return False
        case cst.Integer():
            return test.evaluated_value != 0
        case cst.UnaryOperation(operator=cst.Not()):
            inner = decided(test.expression)
            return None if inner is None else not inner
        case cst.BooleanOperation():
            arms = (decided(test.left), decided(test.right))
            final = isinstance(test.operator, cst.Or)
            if final in arms:
                return final
            return None if None in arms else not final
    return None


def leaves(statement: cst.CSTNode) -> bool:
    """Whether what comes after a statement in its block is never reached."""
    match statement:
        case cst.SimpleStatementLine():
            return isinstance(statement.body[-1], _LEAVES)
        case cst.If(orelse=(cst.If() | cst.Else()) as other):
            return _ends(statement.body) and (leaves(other) if isinstance(other, cst.If) else _ends(other.body))
        case cst.While():
            return decided(statement.test) is True and not _breaks(statement.body)
    return False


def _ends(body: cst.BaseSuite) -> bool:
    """Whether what comes after a block is never reached through it."""
    if isinstance(body, cst.SimpleStatementSuite):
        return isinstance(body.body[-1], _LEAVES)
    return any(leaves(statement) for statement in body.body)


def _breaks(node: cst.CSTNode) -> bool:
    """Whether a `break` in the body of a loop ends that loop."""
    if isinstance(node, cst.Break):
        return True
    if isinstance(node, (cst.FunctionDef, cst.ClassDef, cst.BaseExpression)):
        return False
    if isinstance(node, (cst.For, cst.While)):
        return node.orelse is not None and _breaks(node.orelse)
    return any(_breaks(child) for child in children(node))


def imports(body: cst.BaseSuite) -> Iterator[cst.Import | cst.ImportFrom]:
    """The imports in a block that never runs: annotations speak of their names."""
    for statement in body.body:
        for small in statement.body if isinstance(statement, cst.SimpleStatementLine) else ():
            if isinstance(small, (cst.Import, cst.ImportFrom)):
                yield small


def takes_all(case: cst.MatchCase) -> bool:
    """Whether a `case` takes whatever the ones before it left."""
    return case.guard is None and isinstance(case.pattern, cst.MatchAs) and case.pattern.pattern is None
