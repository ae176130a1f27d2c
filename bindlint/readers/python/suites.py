"""Statements of Python's own `ast` as libcst has them (see `concrete`)."""

# ruff: noqa: SLF001, ANN401 - a table of its own methods; nodes are of whatever class libcst has

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import libcst as cst

from bindlint.readers.python.concrete import (
    MAX_DEPTH,
    OPERATORS,
    Expressions,
    UntranslatedError,
    alone,
    annotation,
    maker,
)
from bindlint.readers.python.marks import Marks
from bindlint.readers.python.patterns import Patterns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_name = maker(cst.Name, "value")
_attribute = maker(cst.Attribute, "value", "attr")
_module = maker(cst.Module, "body", "encoding", "default_indent", "default_newline", "has_trailing_newline")
_line = maker(cst.SimpleStatementLine, "body")
_block = maker(cst.IndentedBlock, "body", "indent")
_suite = maker(cst.SimpleStatementSuite, "body", "leading_whitespace")
_expr = maker(cst.Expr, "value")
_assign = maker(cst.Assign, "targets", "value")
_assign_target = maker(cst.AssignTarget, "target")
_ann_assign = maker(cst.AnnAssign, "target", "annotation", "value")
_aug_assign = maker(cst.AugAssign, "target", "operator", "value")
_return = maker(cst.Return, "value")
_raise = maker(cst.Raise, "exc", "cause")
_from = maker(cst.From, "item")
_assert = maker(cst.Assert, "test", "msg")
_del = maker(cst.Del, "target")
_tuple = maker(cst.Tuple, "elements")
_element = maker(cst.Element, "value")
_import = maker(cst.Import, "names")
_import_from = maker(cst.ImportFrom, "module", "names", "relative")
_alias = maker(cst.ImportAlias, "name", "asname")
_as_name = maker(cst.AsName, "name")
_scoped = {ast.Global: maker(cst.Global, "names"), ast.Nonlocal: maker(cst.Nonlocal, "names")}
_name_item = maker(cst.NameItem, "name")
_if = maker(cst.If, "test", "body", "orelse")
_else = maker(cst.Else, "body")
_finally = maker(cst.Finally, "body")
_for = maker(cst.For, "target", "iter", "body", "orelse")
_while = maker(cst.While, "test", "body", "orelse")
_tries = {ast.Try: maker(cst.Try, "body", "handlers", "orelse", "finalbody")}
_handlers = {ast.Try: maker(cst.ExceptHandler, "body", "type", "name")}
if hasattr(ast, "TryStar"):  # Python 3.11
    _tries[ast.TryStar] = maker(cst.TryStar, "body", "handlers", "orelse", "finalbody")  # type: ignore[index]
    _handlers[ast.TryStar] = maker(cst.ExceptStarHandler, "body", "type", "name")  # type: ignore[index]
_with = maker(cst.With, "items", "body")
_with_item = maker(cst.WithItem, "item", "asname")
_function = maker(cst.FunctionDef, "name", "params", "body", "decorators", "returns")
_class = maker(cst.ClassDef, "name", "body", "bases", "keywords", "decorators")
_decorator = maker(cst.Decorator, "decorator")
_match = maker(cst.Match, "subject", "cases", "indent")
_match_case = maker(cst.MatchCase, "pattern", "body", "guard")
_augmented = {
    operator: alone(getattr(cst, f"{type(ours).__name__}Assign"))
    for operator, ours in OPERATORS.items()
    if hasattr(cst, f"{type(ours).__name__}Assign")
}
_DOT, _STAR = alone(cst.Dot), alone(cst.ImportStar)


def module(tree: ast.Module, text: str) -> tuple[cst.Module, Marks]:
    """A whole file, and where its nodes are written. Raises `UntranslatedError`."""
    marks = Marks(text)
    body = Statements(marks).several(tree.body)
    made: cst.Module = _module(body, "utf-8", "    ", "\n", True)  # noqa: FBT003 - a field
    return made, marks


class Statements(Expressions):
    """Statements of one file."""

    def several(self, body: Sequence[ast.stmt]) -> list[Any]:
        """The statements of a block; those on one line are one to libcst."""
        found: list[Any] = []
        line: list[Any] | None = None
        for node in body:
            if (translate := _COMPOUND.get(type(node))) is not None:
                line = None
                with self.nested():
                    made = translate(self, node)
                found.append(made)
            else:
                made = self._small(node)
                if line is not None and not self.marks.leads(node):
                    line.append(made)
                else:
                    line = [made]
                    found.append(whole := _line(line))
                    self.marks.at[whole] = node
            self.marks.at[made] = node
        return found

    def _body(self, body: Sequence[ast.stmt]) -> Any:
        found = self.several(body)
        if not self.marks.leads(body[0]) and all(isinstance(one, cst.SimpleStatementLine) for one in found):
            made = _suite([small for one in found for small in one.body], None)
        else:
            made = _block(found, None)
        self.marks.from_to(made, body[0], body[-1])
        return made

    def _tail(self, body: Sequence[ast.stmt], make: Callable[..., Any] = _else) -> Any:
        if not body:
            return None
        made = make(self._body(body))
        self.marks.from_to(made, body[0], body[-1])
        return made

    def _small(self, node: ast.stmt) -> Any:
        translate = _SIMPLE.get(type(node))
        if translate is None:
            raise UntranslatedError(type(node).__name__)
        return translate(self, node)

    # Simple statements

    def _expr(self, node: ast.Expr) -> Any:
        return _expr(self.of(node.value))

    def _assign(self, node: ast.Assign) -> Any:
        targets = []
        for one in node.targets:
            targets.append(target := _assign_target(self.of(one)))
            self.marks.at[target] = one
        return _assign(targets, self.of(node.value))

    def _annotated(self, node: ast.AnnAssign) -> Any:
        return _ann_assign(self.of(node.target), self._note(node.annotation), self.maybe(node.value))

    def _note(self, node: ast.expr) -> Any:
        made = annotation(self.of(node))
        self.marks.at[made] = node
        return made

    def _augmented(self, node: ast.AugAssign) -> Any:
        return _aug_assign(self.of(node.target), _augmented[type(node.op)], self.of(node.value))

    def _return(self, node: ast.Return) -> Any:
        return _return(self.maybe(node.value))

    def _raise(self, node: ast.Raise) -> Any:
        cause = None
        if node.cause is not None:
            cause = _from(self.of(node.cause))
            self.marks.at[cause] = node.cause
        return _raise(self.maybe(node.exc), cause)

    def _assert(self, node: ast.Assert) -> Any:
        return _assert(self.of(node.test), self.maybe(node.msg))

    def _del(self, node: ast.Delete) -> Any:
        if len(node.targets) == 1:
            return _del(self.of(node.targets[0]))
        elements = []
        for one in node.targets:
            elements.append(element := _element(self.of(one)))
            self.marks.at[element] = one
        made = _tuple(elements)
        self.marks.from_to(made, node.targets[0], node.targets[-1])
        return _del(made)

    def _import(self, node: ast.Import) -> Any:
        return _import([self._alias(one) for one in node.names])

    def _import_from(self, node: ast.ImportFrom) -> Any:
        named = None if node.module is None else self._dotted(node.module, node)
        names = _STAR if node.names[0].name == "*" else [self._alias(one) for one in node.names]
        return _import_from(named, names, [_DOT] * node.level)

    def _alias(self, node: ast.alias) -> Any:
        asname = None
        if node.asname is not None:
            self.marks.tail(name := _name(node.asname), node, node.asname)
            self.marks.at[asname := _as_name(name)] = node
        made = _alias(self._dotted(node.name, node), asname)
        self.marks.at[made] = node
        return made

    def _dotted(self, text: str, node: ast.alias | ast.ImportFrom) -> Any:
        parts = text.split(".")
        if len(parts) > MAX_DEPTH:
            raise UntranslatedError
        made, length = _name(parts[0]), len(parts[0])
        self.marks.head(made, node, parts[0])
        for part in parts[1:]:
            attr = _name(part)
            made, length = _attribute(made, attr), length + 1 + len(part)
            self.marks.head(made, node, text[:length])
            self.marks.head(attr, node, text[:length])
        return made

    def _scoped(self, node: ast.Global | ast.Nonlocal) -> Any:
        items = []
        for text in node.names:
            name = _name(text)
            items.append(item := _name_item(name))
            self.marks.at[name] = self.marks.at[item] = node
        return _scoped[type(node)](items)

    # Compound statements

    def _if(self, node: ast.If) -> Any:
        test, body = self.of(node.test), self._body(node.body)
        orelse, following = None, node.orelse
        if len(following) == 1 and isinstance(other := following[0], ast.If) and self.marks.elif_(other):
            with self.nested():
                orelse = self._if(other)
            self.marks.at[orelse] = other
        elif following:
            orelse = self._tail(following)
        return _if(test, body, orelse)

    def _for(self, node: ast.For | ast.AsyncFor) -> Any:
        return _for(self.of(node.target), self.of(node.iter), self._body(node.body), self._tail(node.orelse))

    def _while(self, node: ast.While) -> Any:
        return _while(self.of(node.test), self._body(node.body), self._tail(node.orelse))

    def _try(self, node: ast.Try) -> Any:
        body, handlers = self._body(node.body), []
        for one in node.handlers:
            asname = None
            if one.name is not None:
                name = _name(one.name)
                asname = _as_name(name)
                self.marks.at[name] = self.marks.at[asname] = one
            handlers.append(made := _handlers[type(node)](self._body(one.body), self.maybe(one.type), asname))
            self.marks.at[made] = one
        return _tries[type(node)](body, handlers, self._tail(node.orelse), self._tail(node.finalbody, _finally))

    def _with(self, node: ast.With | ast.AsyncWith) -> Any:
        items = []
        for one in node.items:
            item, asname = self.of(one.context_expr), None
            if one.optional_vars is not None:
                asname = _as_name(self.of(one.optional_vars))
                self.marks.at[asname] = one.optional_vars
            items.append(made := _with_item(item, asname))
            self.marks.from_to(made, one.context_expr, one.optional_vars or one.context_expr)
        return _with(items, self._body(node.body))

    def _decorators(self, nodes: Sequence[ast.expr]) -> list[Any]:
        found = []
        for node in nodes:
            found.append(made := _decorator(self.of(node)))
            self.marks.at[made] = node
        return found

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Any:
        decorators, name = self._decorators(node.decorator_list), _name(node.name)
        self.marks.name(name, node, node.name)
        params = self.parameters(node.args)
        returns = None if node.returns is None else self._note(node.returns)
        return _function(name, params, self._body(node.body), decorators, returns)

    def _class(self, node: ast.ClassDef) -> Any:
        decorators, name = self._decorators(node.decorator_list), _name(node.name)
        self.marks.name(name, node, node.name)
        bases, keywords = [self.argument(one) for one in node.bases], [self.argument(one) for one in node.keywords]
        return _class(name, self._body(node.body), bases, keywords, decorators)

    def _match(self, node: ast.Match) -> Any:
        subject, patterns, cases = self.of(node.subject), Patterns(self), []
        for one in node.cases:
            pattern, guarded = patterns.of(one.pattern), self.maybe(one.guard)
            cases.append(made := _match_case(pattern, self._body(one.body), guarded))
            self.marks.from_to(made, one.pattern, one.body[-1])
        return _match(subject, cases, None)


def _alone(kind: type[cst.CSTNode]) -> Callable[[Statements, Any], Any]:
    return lambda _self, _node: alone(kind)


_SIMPLE: dict[type, Callable[[Statements, Any], Any]] = {
    ast.Expr: Statements._expr,
    ast.Assign: Statements._assign,
    ast.AnnAssign: Statements._annotated,
    ast.AugAssign: Statements._augmented,
    ast.Return: Statements._return,
    ast.Raise: Statements._raise,
    ast.Assert: Statements._assert,
    ast.Delete: Statements._del,
    ast.Import: Statements._import,
    ast.ImportFrom: Statements._import_from,
    ast.Global: Statements._scoped,
    ast.Nonlocal: Statements._scoped,
    ast.Pass: _alone(cst.Pass),
    ast.Break: _alone(cst.Break),
    ast.Continue: _alone(cst.Continue),
}
_COMPOUND: dict[type, Callable[[Statements, Any], Any]] = {
    ast.If: Statements._if,
    ast.For: Statements._for,
    ast.AsyncFor: Statements._for,
    ast.While: Statements._while,
    ast.Try: Statements._try,
    ast.With: Statements._with,
    ast.AsyncWith: Statements._with,
    ast.FunctionDef: Statements._function,
    ast.AsyncFunctionDef: Statements._function,
    ast.ClassDef: Statements._class,
    ast.Match: Statements._match,
}
if hasattr(ast, "TryStar"):
    _COMPOUND[ast.TryStar] = Statements._try
