"""What one file defines: scopes, writes, calls and their order, gathered in one walk over a libcst tree.

The walk goes over the fields that hold code, never over whitespace; it costs a tenth of libcst's metadata providers.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import libcst as cst

from bindlint.readers.python.changes import ANY, SOME, changes, decided, imports, leaves, parted, settle, takes_all
from bindlint.readers.python.scopes import (
    At,
    Branch,
    CallSite,
    Scope,
    Test,
    Write,
    children,
    dotted,
    last_name,
    words_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bindlint.readers.python.parse import Places

_LEAVES = frozenset({cst.Name, cst.SimpleString, cst.Integer, cst.Float, cst.Ellipsis, cst.FormattedStringText})


class Tree:
    """The walk and what it found."""

    def __init__(self, module: cst.Module, path: str, places: Places) -> None:
        self.path = path
        self.places = places
        self.module = Scope("module", module, None)
        self.module.file = self
        self.calls: list[CallSite] = []
        self.assigned: list[tuple[str, Write]] = []
        self.dicts: list[tuple[cst.Dict, At]] = []
        self.added: dict[cst.CSTNode, cst.BaseExpression] = {}  # what `+=` adds, by the target that is written
        self.stars: list[str] = []
        self.arms: dict[int, int] = {}  # of each branch that has an `else`: how many arms
        self.scopes: dict[cst.CSTNode, Scope] = {}
        self.tests: dict[tuple[Scope, str], list[Test]] = {}  # by the words in them
        self.loose: list[tuple[str, At]] = []  # dotted names handed on: passed, returned or stored
        self.managed: list[tuple[str, At]] = []  # dotted names that a `with` closes at its end
        self.implied: list[tuple[cst.BaseExpression, str, At]] = []  # what a `with` enters and a `for` asks for items
        self.tried: list[tuple[Scope, range, cst.Try | cst.TryStar]] = []  # which orders the body of a `try` holds
        self.loops: set[int] = set()  # the branches that are bodies of loops
        self._scope = self.module
        self._branch: Branch = ()
        self._order = 0
        self._block(module.body)
        settle(self.scopes.values())

    @cached_property
    def called(self) -> dict[str, list[CallSite]]:
        """The calls by the last name of what they call."""
        found: dict[str, list[CallSite]] = {}
        for call in self.calls:
            found.setdefault(last_name(call.node.func), []).append(call)
        return found

    # Statements

    def _here(self) -> At:
        self._order += 1
        return At(self._scope, self._order, self._branch)

    def _block(self, body: cst.CSTNode | Sequence[cst.CSTNode]) -> None:
        for statement in body if isinstance(body, (list, tuple)) else getattr(body, "body", ()):
            self._statement(statement)
            if leaves(statement):
                return

    def _arm(self, branch: int, arm: int, body: cst.CSTNode) -> None:
        outside = self._branch
        self._branch = (*outside, (branch, arm))
        self._block(body)
        self._branch = outside

    def _statement(self, node: cst.CSTNode) -> None:  # noqa: C901, PLR0912, PLR0915 - an arm for each kind of statement
        match node:
            case cst.SimpleStatementLine():
                for small in node.body:
                    self._small(small)
            case cst.If():
                self._if(node)
            case cst.For():
                self._expression(node.iter)
                self.implied.append((node.iter, "__iter__", self._here()))
                branch = self._new_branch()
                self.loops.add(branch)
                outside, self._branch = self._branch, (*self._branch, (branch, 0))
                self._write(node.target, node.iter, "element")
                self._block(node.body)
                self._branch = outside
                if node.orelse:
                    self._block(node.orelse.body)
            case cst.While():
                self._expression(node.test)
                if decided(node.test) is not False:
                    branch = self._new_branch()
                    self.loops.add(branch)
                    self._arm(branch, 0, node.body)
                if node.orelse:
                    self._block(node.orelse.body)
            case cst.Try() | cst.TryStar():
                start = self._order
                self._block(node.body)
                self.tried.append((self._scope, range(start, self._order + 1), node))
                branch = self._new_branch()
                handlers: Sequence[cst.ExceptHandler | cst.ExceptStarHandler] = node.handlers
                for number, handler in enumerate(handlers):
                    self._arm(branch, number, handler.body)
                if node.orelse:
                    self._block(node.orelse.body)
                if node.finalbody:
                    self._block(node.finalbody.body)
            case cst.With():
                for item in node.items:
                    self._expression(item.item)
                    self.implied.append((item.item, "__enter__", self._here()))
                    if name := dotted(item.asname.name if item.asname else item.item):
                        self.managed.append((name, self._here()))
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
                    if takes_all(case):
                        self.arms[branch] = number + 1
            case cst.BaseSmallStatement():  # on the line of its `if`
                self._small(node)
            case _:
                for child in children(node):
                    self._expression(child)

    def _small(self, node: cst.CSTNode) -> None:  # noqa: C901, PLR0912 - one arm for each kind of statement
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
                name = dotted(node.target)
                if name and isinstance(node.operator, cst.BitOrAssign):
                    self._change(name, ANY, Write("merge", self._here(), node.target, node.value))
                else:
                    if isinstance(node.operator, cst.AddAssign):
                        self.added[node.target] = node.value
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
            case cst.Assert():
                self._expression(node.test)
                self._test(Test(node, self._here()))
            case cst.Global() | cst.Nonlocal():
                self._scope.outer.update(item.name.value for item in node.names)
            case _:
                for child in children(node):
                    self._expression(child)

    def _test(self, test: Test) -> None:
        for word in set(words_of(test.node.test)):
            self.tests.setdefault((test.at.scope, word), []).append(test)

    def _new_branch(self) -> int:
        self._order += 1
        return self._order

    def _if(self, node: cst.If) -> None:
        branch = self._new_branch()
        arm = 0
        part: cst.If | cst.Else | None = node
        while isinstance(part, cst.If):
            self._expression(part.test)
            always = decided(part.test)
            if always is False:
                for small in imports(part.body):
                    self._small(small)
            elif always:
                break
            else:
                self._test(Test(part, self._here(), branch, arm))
                self._arm(branch, arm, part.body)
                arm += 1
            part = part.orelse
        if part is not None and not arm:
            self._block(part.body)
        elif part is not None:
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
        starred = [param for param in (params.star_arg, params.star_kwarg) if isinstance(param, cst.Param)]
        for param in [*ordered, *starred]:
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
        if not (name := dotted(target)):
            if isinstance(target, cst.Subscript) and (base := dotted(target.value)):
                self._change(base, SOME, Write(kind, self._here(), target, value, path))
            return
        write = Write(kind, self._here(), target, value, path, annotation=annotation)
        if not isinstance(target, cst.Name) or self._scope.kind in ("module", "class"):
            self.assigned.append((name, write))
        self._record(name, write)

    def _record(self, name: str, write: Write) -> None:
        base, part = parted(name)
        if base:
            self._change(base, part, write)
        first, dot, rest = name.partition(".")
        owner = self._scope.owner
        if dot and owner is not None and first == self._me():
            owner.attributes.setdefault(rest, []).append(write)
            return
        scope = self._scope
        if first in scope.outer:
            scope = self.module
        scope.writes.setdefault(name, []).append(write)

    def _change(self, base: str, part: str, write: Write) -> None:
        """Note a write to a part of a thing: of an attribute of the object around (`.x`), else of a name."""
        first, dot, rest = base.partition(".")
        owner = self._scope.owner
        if owner is not None and first == self._me():
            owner.changes.setdefault(f"{dot}{rest}", []).append((part, write))
        else:
            self._scope.changes.setdefault(base, []).append((part, write))

    def _me(self) -> str:
        scope: Scope | None = self._scope
        while scope is not None and not scope.me:
            scope = scope.parent
        return scope.me if scope else ""

    # Expressions

    def _hand_on(self, node: cst.BaseExpression) -> None:
        for part in [e.value for e in node.elements] if isinstance(node, (cst.Tuple, cst.List)) else [node]:
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
        for base, part, kind, value in changes(node):
            write = Write(kind, self._here(), node, value)
            if part.startswith(".") and part != f".{ANY}":
                self._record(f"{base}{part}", write)
            else:
                self._change(base, part, write)

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
