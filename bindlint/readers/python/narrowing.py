"""What a test on the way from a write to a use rules out: `if not host: host = …`, `assert host`, `check(host)`.

Only what a test surely rules out counts. A `raise` that its own `try` catches rules nothing out after it.
"""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

import libcst as cst

from bindlint.addresses import Kind, classify
from bindlint.readers.python.names import END, parameter_name
from bindlint.readers.python.scopes import At, conjuncts, dotted, last_name, plain, same_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from bindlint.readers.python.scopes import CallSite, Scope, Test, Write
    from bindlint.readers.python.value import Value
    from bindlint.readers.python.values import Values

    Rule = Callable[[str | None], bool]  # whether a text, or None, is ruled out
    Rules = tuple[Rule, ...]

MAX_TESTS = 100  # of one name in one scope; what is beyond rules nothing out
MAX_NESTED = 3  # functions that check for functions that check
_EXITS = ("exit", "_exit", "error", "fail", "abort")
_SAME = ("strip", "lower", "casefold", "rstrip", "lstrip", "upper")  # methods that keep an address what it is
_MADE_OF = ("ip_address", "IPv4Address", "IPv6Address", "str")  # functions whose result is the same address
_KINDS = {"is_unspecified": Kind.WILDCARD, "is_loopback": Kind.LOOPBACK}


def _false(text: str | None) -> bool:
    return not text


class Narrowing:
    """The tests in the files that one reading looks at."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self._handed: dict[Scope, dict[str, list[CallSite]]] = {}
        self._nested = 0

    def survives(self, value: Value, rules: Rules) -> bool:
        """Whether a value is none of those ruled out."""
        if value.kind == "none":
            return not any(rule(None) for rule in rules)
        return value.kind != "text" or not any(rule(value.text) for rule in rules)

    def excluded(self, name: str, at: At, home: Scope, since: int) -> Rules:
        """What rules out values of a name, written in `home` at the order `since`, at a point."""
        found: list[Rule] = []
        for other in (name, *self._same_as(name, home, at)):
            found += self._excluded(other, at, home, since)
        return tuple(found)

    def _excluded(self, name: str, at: At, home: Scope, since: int) -> Iterator[Rule]:
        word = name.partition(".")[0].partition("[")[0]
        for scope in dict.fromkeys((home, at.scope)):
            for test in scope.file.tests.get((scope, word), ())[:MAX_TESTS]:
                order, branch = (at.order, at.branch) if test.at.scope is at.scope else (END, ())
                if test.at.order > order or (test.at.scope is home and test.at.order < since):
                    continue
                arm = next((arm for number, arm in branch if number == test.branch), None)
                if isinstance(test.node, cst.If) and arm is not None:
                    if arm >= test.arm:
                        yield from self.ruled_out(test.node.test, name, test.at, outcome=arm == test.arm)
                elif test.at.branch == branch[: len(test.at.branch)]:
                    yield from self._passed(test, name, at)
            yield from self._checked(name, at, scope, since if scope is home else -1)

    def _same_as(self, name: str, home: Scope, at: At) -> Iterator[str]:
        """Other names for the same address: `ip = ip_address(host)`."""
        for scope in dict.fromkeys((home, at.scope)):
            for call in self._handing(scope).get(name, ()):
                if last_name(call.node.func) in _MADE_OF and (target := _assigned(scope, call.node)):
                    yield target

    def reachable(self, writes: list[Write], name: str) -> list[Write]:
        """The writes but for those that only other texts than the known ones lead to: `if host == "all": host = …`."""
        return [write for write in writes if not (write.at.branch and self._respells(write, name))]

    def _respells(self, write: Write, name: str) -> bool:
        word = name.partition(".")[0].partition("[")[0]
        for test in write.at.scope.file.tests.get((write.at.scope, word), ())[:MAX_TESTS]:
            if (test.branch, test.arm) not in write.at.branch:
                continue
            for asked in conjuncts(test.node.test):
                operator = asked.comparisons[0].operator
                constants, every = self._asked_for(asked, test.at)
                if not isinstance(operator, (cst.Equal, cst.In)) or not every or None in constants:
                    continue
                if dotted(asked.left) == name and self._nested < MAX_NESTED:
                    self._nested += 1
                    place = At(test.at.scope, test.at.order - 1, test.at.branch)
                    before = self.values.of(asked.left, place, MAX_NESTED * 2)
                    self._nested -= 1
                    return not any(value.kind == "text" and _folded(value.text) in constants for value in before)
        return False

    def _asked_for(self, test: cst.Comparison, at: At) -> tuple[frozenset[str | None], bool]:
        target = test.comparisons[0]
        if isinstance(target.operator, cst.Equal):
            return _constant(target.comparator)
        return self._members(target.comparator, at)

    # Functions that check

    def _checked(self, name: str, at: At, scope: Scope, since: int) -> Iterator[Rule]:
        """What functions of the project that were called with a name refuse by raising an exception."""
        if self._nested >= MAX_NESTED:
            return
        for call in self._handing(scope).get(name, ()):
            order, branch = (at.order, at.branch) if scope is at.scope else (END, ())
            if since <= call.at.order < order and same_path(call.at.branch, branch):
                caught = [handler for handlers in _tries(call.at, at) for handler in handlers]
                if all(replaces(handler.body, name) for handler in caught):
                    self._nested += 1
                    yield from self._refused_by(call, name)
                    self._nested -= 1

    def _refused_by(self, call: CallSite, name: str) -> Iterator[Rule]:
        for ref in self.values.names.refs(call.node.func, call.at):
            function = ref.scope
            if function is None or function.kind != "function" or ref.instance:
                continue
            inner = _own_name(function, call.node, name)
            if inner:
                yield from self.excluded(inner, At(function, END), function, -1)

    def _handing(self, scope: Scope) -> dict[str, list[CallSite]]:
        """The calls in a scope, by the names that they are given, and by the attributes of the object around."""
        if scope not in self._handed:
            found = self._handed[scope] = {}
            for call in scope.file.calls:
                if call.at.scope is not scope:
                    continue
                for arg in call.node.args[:8]:
                    if name := dotted(arg.value):
                        found.setdefault(name, []).append(call)
                if scope.me and isinstance(call.node.func, cst.Attribute) and dotted(call.node.func.value) == scope.me:
                    for attribute in scope.owner.attributes if scope.owner is not None else ():
                        found.setdefault(f"{scope.me}.{attribute}", []).append(call)
        return self._handed[scope]

    # Tests

    def _passed(self, test: Test, name: str, at: At) -> Rules:
        """What a test rules out for the code that comes after it."""
        node = test.node
        if isinstance(node, cst.Assert):
            return self.ruled_out(node.test, name, test.at, outcome=True)
        if test.arm:
            return ()  # an `elif` is not always asked
        found: Rules = ()
        if replaces(node.body, name) and not _caught(node.body, name, test.at, at):
            found = self.ruled_out(node.test, name, test.at, outcome=False)
        other = node.orelse.body if isinstance(node.orelse, cst.Else) else None
        if other is not None and replaces(other, name) and not _caught(other, name, test.at, at):
            found = (*found, *self.ruled_out(node.test, name, test.at, outcome=True))
        return found

    def ruled_out(  # noqa: PLR0911 - one for each kind of test
        self, test: cst.BaseExpression, name: str, at: At, *, outcome: bool
    ) -> Rules:
        """What a name cannot be when a test came out true, or false."""
        match test:
            case cst.UnaryOperation(operator=cst.Not()):
                return self.ruled_out(test.expression, name, at, outcome=not outcome)
            case cst.BooleanOperation():
                if isinstance(test.operator, cst.And) is not outcome:
                    return ()
                left = self.ruled_out(test.left, name, at, outcome=outcome)
                return (*left, *self.ruled_out(test.right, name, at, outcome=outcome))
            case cst.Comparison():
                return self._compared(test, name, at, outcome=outcome)
            case cst.NamedExpr():
                return (_false,) if outcome and dotted(test.target) == name else ()
            case cst.Attribute(attr=cst.Name(value="is_unspecified" | "is_loopback" as word)):
                kind = _KINDS[word]
                if _subject(test.value) != name:
                    return ()
                return (lambda text: (classify(text or "")[0] is kind) is not outcome,)
            case cst.Name() | cst.Attribute() | cst.Subscript():
                return (_false,) if outcome and dotted(test) == name else ()
            case cst.Call():
                return self._called(test, name, at, outcome=outcome)
        return ()

    def _called(self, test: cst.Call, name: str, at: At, *, outcome: bool) -> Rules:
        function = test.func
        if isinstance(function, cst.Attribute) and function.attr.value == "startswith" and test.args:
            start = plain(test.args[0].value)
            if start is None or _subject(function.value) != name:
                return ()
            return (lambda text: (text or "").startswith(start) is not outcome,)
        if self._nested >= MAX_NESTED:
            return ()
        found: Rules = ()
        for ref in self.values.names.refs(function, at):
            asked = ref.scope
            if asked is None or asked.kind != "function" or ref.instance or len(asked.returns) != 1:
                continue
            answer, place = asked.returns[0]
            if inner := _own_name(asked, test, name):
                self._nested += 1
                found = (*found, *self.ruled_out(answer, inner, place, outcome=outcome))
                self._nested -= 1
        return found

    def _compared(self, test: cst.Comparison, name: str, at: At, *, outcome: bool) -> Rules:
        if len(test.comparisons) != 1:
            return ()
        left, operator, right = test.left, test.comparisons[0].operator, test.comparisons[0].comparator
        if isinstance(operator, (cst.Is, cst.Equal, cst.IsNot, cst.NotEqual)):
            if _subject(right) == name:
                left, right = right, left
            same = isinstance(operator, (cst.Is, cst.Equal))
            constants, every = _constant(right)
        elif isinstance(operator, (cst.In, cst.NotIn)):
            same = isinstance(operator, cst.In)
            constants, every = self._members(right, at)
        else:
            return ()
        if _subject(left) != name:
            return ()
        if same is not outcome:
            return (lambda text: _folded(text) in constants,) if constants else ()
        return (lambda text: _folded(text) not in constants,) if every else ()

    def _members(self, node: cst.BaseExpression, at: At) -> tuple[frozenset[str | None], bool]:
        """The texts in a set, list or dictionary, and whether those are all."""
        every = True
        found: set[str | None] = set()
        values = self.values.of(node, at, MAX_NESTED * 2)
        for value in values:
            every = every and value.kind in ("sequence", "mapping") and not value.open and len(values) == 1
            if value.kind == "mapping":
                found.update(key.lower() for key, _, _ in value.entries)
            for element, place in value.elements:
                constants, known = _constant(element)
                if not known:
                    inner = self.values.of(element, place, MAX_NESTED * 2)
                    known = all(v.kind in ("text", "none") for v in inner)
                    constants = frozenset(_folded(v.text) if v.kind == "text" else None for v in inner if known)
                every = every and known
                found |= constants
        return frozenset(found), every and bool(values)


def _folded(text: str | None) -> str | None:
    return text if text is None else text.strip().lower()


def _constant(node: cst.BaseExpression) -> tuple[frozenset[str | None], bool]:
    if isinstance(node, cst.Name) and node.value == "None":
        return frozenset({None}), True
    text = plain(node)
    return (frozenset(), False) if text is None else (frozenset({_folded(text)}), True)


def _subject(node: cst.BaseExpression) -> str:
    """The name whose address an expression asks about: `host`, `host.strip()`, `ip_address(host)`."""
    while isinstance(node, cst.Call):
        function = node.func
        if isinstance(function, cst.Attribute) and function.attr.value in _SAME:
            node = function.value
        elif last_name(function) in _MADE_OF and node.args:
            node = node.args[0].value
        else:
            return ""
    return dotted(node)


def _assigned(scope: Scope, call: cst.Call) -> str:
    for name, writes in scope.writes.items():
        if any(write.value is call for write in writes):
            return name
    return ""


def _own_name(function: Scope, call: cst.Call, name: str) -> str:
    """What a function calls the thing that its caller calls by a name."""
    node = function.node
    if not isinstance(node, cst.FunctionDef):
        return ""
    first, dot, rest = name.partition(".")
    if dot and function.me and isinstance(call.func, cst.Attribute) and dotted(call.func.value) == first:
        return f"{function.me}.{rest}"
    names = [param.name.value for param in (*node.params.posonly_params, *node.params.params)]
    names = names[1:] if function.me and names[:1] == [function.me] else names
    for index, arg in enumerate(call.args):
        if not arg.star and dotted(arg.value) == name:
            own = arg.keyword.value if arg.keyword is not None else names[index] if index < len(names) else ""
            writes = function.writes.get(own, ())
            return own if len(writes) == 1 and parameter_name(writes[0]) == own else ""
    return ""


# Blocks that leave


def _tries(inside: At, at: At) -> Iterator[list[cst.ExceptHandler | cst.ExceptStarHandler]]:
    """The handlers of each `try` whose body holds one point but not the other."""
    for scope, orders, node in inside.scope.file.tried:
        if scope is inside.scope and inside.order in orders and not (at.scope is scope and at.order in orders):
            yield list(node.handlers)


def _caught(body: cst.CSTNode, name: str, inside: At, at: At) -> bool:
    """Whether a block that leaves by an exception is caught on the way to a use, and the name kept as it was."""
    raised = _raised(body)
    for handlers in _tries(inside, at) if raised else ():
        for handler in handlers:
            if _catches(handler, raised):
                return not replaces(handler.body, name)
    return False


def _raised(body: cst.CSTNode) -> str:
    statements = _statements(body)
    last = statements[-1] if statements else None
    if isinstance(last, cst.Raise):
        made = last.exc.func if isinstance(last.exc, cst.Call) else last.exc
        return last_name(made) if made is not None else "Exception"
    if isinstance(last, cst.Expr) and leaves(body):
        return "SystemExit"
    return ""


def _catches(handler: cst.ExceptHandler | cst.ExceptStarHandler, raised: str) -> bool:
    if handler.type is None:
        return True
    types = [e.value for e in handler.type.elements] if isinstance(handler.type, cst.Tuple) else [handler.type]
    exception = getattr(builtins, raised, None)
    for node in types:
        name = last_name(node)
        caught = getattr(builtins, name, None)
        if name in (raised, "BaseException") or (exception is None and name == "Exception"):
            return True
        if isinstance(exception, type) and isinstance(caught, type) and issubclass(exception, caught):
            return True
    return False


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
        return last_name(last.value.func) in _EXITS
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
