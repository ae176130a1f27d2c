"""Python's own `ast` as libcst nodes, with their places: what libcst's parser says of a text, in a third of the time.

libcst's parser makes an object of every blank and then has to write the whole text again to tell where a node stands
(libcst 1.9.0: two seconds a megabyte, and as much again for places). No reader looks at white space, so its fields stay
unset here; nodes are never written back. Texts that are put together of several, and f-strings (whose parts have wrong
places in the `ast` before Python 3.12), are parsed by libcst one by one. What has no sound translation raises
`UntranslatedError`; the file is then parsed by libcst as a whole.
"""

# ruff: noqa: SLF001, ANN401 - a table of its own methods; nodes are of whatever class libcst has

from __future__ import annotations

import ast
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import libcst as cst

from bindlint.readers.python import guard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bindlint.readers.python.marks import Marks

MAX_NODES = 200_000
MAX_DEPTH = 300  # of nested nodes, and of a chain of operators or `elif`
_STRING = re.compile(rf"[rRbBuU]{{0,2}}(?:{'|'.join(guard.STRINGS)})", re.DOTALL)
_CONSTANTS = {int: cst.Integer, float: cst.Float, complex: cst.Imaginary}


class UntranslatedError(Exception):
    """The text is too deep or too large, or holds what this module has no word for."""


def maker(kind: type[Any], *names: str) -> Callable[..., Any]:
    """What makes nodes of a class from these fields, without the checks and the white space of its constructor."""
    new, setters = object.__new__, [getattr(kind, name).__set__ for name in names]

    def make(*values: object) -> Any:
        node = new(kind)
        for setter, value in zip(setters, values, strict=True):
            setter(node, value)
        return node

    return make


def alone(kind: type[Any]) -> Any:
    """A node of a class without fields, which stands for all of them."""
    return object.__new__(kind)


_name = maker(cst.Name, "value")
_attribute = maker(cst.Attribute, "value", "attr")
_call = maker(cst.Call, "func", "args")
_arg = maker(cst.Arg, "value", "keyword", "star")
_string = maker(cst.SimpleString, "value")
_subscript = maker(cst.Subscript, "value", "slice")
_subscript_element = maker(cst.SubscriptElement, "slice")
_index = maker(cst.Index, "value", "star")
_slice = maker(cst.Slice, "lower", "upper", "step", "first_colon", "second_colon")
_element = maker(cst.Element, "value")
_starred_element = maker(cst.StarredElement, "value")
_dict = maker(cst.Dict, "elements")
_dict_element = maker(cst.DictElement, "key", "value")
_starred_dict_element = maker(cst.StarredDictElement, "value")
_binary = maker(cst.BinaryOperation, "left", "operator", "right")
_boolean = maker(cst.BooleanOperation, "left", "operator", "right")
_unary = maker(cst.UnaryOperation, "operator", "expression")
_comparison = maker(cst.Comparison, "left", "comparisons")
_comparison_target = maker(cst.ComparisonTarget, "operator", "comparator")
_if_exp = maker(cst.IfExp, "test", "body", "orelse")
_lambda = maker(cst.Lambda, "params", "body")
_named = maker(cst.NamedExpr, "target", "value")
_await = maker(cst.Await, "expression")
_yield = maker(cst.Yield, "value")
_from = maker(cst.From, "item")
_comp_for = maker(cst.CompFor, "target", "iter", "ifs", "inner_for_in")
_comp_if = maker(cst.CompIf, "test")
_dict_comp = maker(cst.DictComp, "key", "value", "for_in")
_generator = maker(cst.GeneratorExp, "elt", "for_in", "lpar")
_parameters = maker(cst.Parameters, "params", "star_arg", "kwonly_params", "star_kwarg", "posonly_params")
_param = maker(cst.Param, "name", "annotation", "default", "star")
annotation = maker(cst.Annotation, "annotation")
_sequences = {
    ast.Tuple: maker(cst.Tuple, "elements"),
    ast.List: maker(cst.List, "elements"),
    ast.Set: maker(cst.Set, "elements"),
}
_comprehensions = {ast.ListComp: maker(cst.ListComp, "elt", "for_in"), ast.SetComp: maker(cst.SetComp, "elt", "for_in")}
_numbers = {kind: maker(node, "value") for kind, node in _CONSTANTS.items()}
_COLON, _STAR = alone(cst.Colon), alone(cst.ParamStar)
OPERATORS = {
    getattr(ast, ours): alone(getattr(cst, theirs))
    for ours, theirs in (
        *(("Add", "Add"), ("Sub", "Subtract"), ("Mult", "Multiply"), ("Div", "Divide"), ("FloorDiv", "FloorDivide")),
        *(("Mod", "Modulo"), ("Pow", "Power"), ("MatMult", "MatrixMultiply"), ("LShift", "LeftShift")),
        *(("RShift", "RightShift"), ("BitAnd", "BitAnd"), ("BitOr", "BitOr"), ("BitXor", "BitXor"), ("And", "And")),
        *(("Or", "Or"), ("Not", "Not"), ("Invert", "BitInvert"), ("UAdd", "Plus"), ("USub", "Minus"), ("Eq", "Equal")),
        *(("NotEq", "NotEqual"), ("Lt", "LessThan"), ("LtE", "LessThanEqual"), ("Gt", "GreaterThan")),
        *(("GtE", "GreaterThanEqual"), ("Is", "Is"), ("IsNot", "IsNot"), ("In", "In"), ("NotIn", "NotIn")),
    )
}


class Expressions:
    """Expressions of one file. `marks` are told where each node is written."""

    def __init__(self, marks: Marks) -> None:
        self.marks = marks
        self._left = MAX_NODES
        self._depth = 0

    def of(self, node: ast.expr) -> Any:
        """The expression as libcst has it."""
        self._left -= 1
        self._depth += 1
        if self._left < 0 or self._depth > MAX_DEPTH:
            raise UntranslatedError
        kind = type(node)
        if kind is ast.Name:
            made = _name(node.id)  # type: ignore[attr-defined] # by its class
        elif kind is ast.Constant:
            made = self._constant(node)  # type: ignore[arg-type]
        elif kind is ast.Attribute:
            attr = _name(node.attr)  # type: ignore[attr-defined]
            made = _attribute(self.of(node.value), attr)  # type: ignore[attr-defined]
            self.marks.tail(attr, node, node.attr)  # type: ignore[attr-defined]
        else:
            translate = _TRANSLATIONS.get(kind)
            if translate is None:
                raise UntranslatedError(kind.__name__)
            made = translate(self, node)
        self._depth -= 1
        self.marks.at[made] = node
        return made

    @contextmanager
    def nested(self) -> Iterator[None]:
        """One level deeper."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise UntranslatedError
        yield
        self._depth -= 1

    def maybe(self, node: ast.expr | None) -> Any:
        """The same of what may be left out."""
        return None if node is None else self.of(node)

    def _constant(self, node: ast.Constant) -> Any:
        value = node.value
        if value is None or value is True or value is False:
            return _name(str(value))
        text = self.marks.text(node)
        if isinstance(value, (str, bytes)):
            match = _STRING.match(text)
            return _string(text) if match is not None and match.end() == len(text) else self._pieces(node, text)
        if value is ...:
            return alone(cst.Ellipsis)
        return _numbers[type(value)](text)

    def _pieces(self, node: ast.expr, text: str) -> Any:
        """A text of several, or with fields, as libcst's parser has it."""
        if guard.refuse(text):
            raise UntranslatedError
        try:
            made = cst.parse_expression(f"({text})" if "\n" in text else text)
        except (cst.ParserSyntaxError, ValueError, RecursionError):
            raise UntranslatedError from None
        self.marks.parsed(made, node)
        return made

    def _joined(self, node: ast.JoinedStr) -> Any:
        return self._pieces(node, self.marks.text(node))

    def _call(self, node: ast.Call) -> Any:
        function = self.of(node.func)
        given: list[ast.expr | ast.keyword] = [*node.args]
        if node.keywords:
            given += node.keywords
            if any(isinstance(one, ast.Starred) for one in node.args):
                given.sort(key=lambda one: (one.lineno, one.col_offset))
        return _call(function, [self.argument(one) for one in given])

    def argument(self, node: ast.expr | ast.keyword) -> Any:
        """An argument of a call, or a base of a class."""
        if isinstance(node, ast.keyword):
            value = self.of(node.value)
            name = None if node.arg is None else _name(node.arg)
            if name is not None:
                self.marks.head(name, node, node.arg or "")
            made = _arg(value, name, "" if name else "**")
        elif isinstance(node, ast.Starred):
            made = _arg(self.of(node.value), None, "*")
        else:
            made = _arg(self.of(node), None, "")
        self.marks.at[made] = node
        return made

    def _subscript(self, node: ast.Subscript) -> Any:
        value, inner = self.of(node.value), node.slice
        several = isinstance(inner, ast.Tuple) and inner.elts and not self.marks.bracketed(inner)
        parts: Sequence[ast.expr] = inner.elts if several else [inner]  # type: ignore[attr-defined]
        return _subscript(value, [self._subscripted(part) for part in parts])

    def _subscripted(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Slice):
            colon = cst.MaybeSentinel.DEFAULT if node.step is None else _COLON
            lower, upper, step = (self.maybe(part) for part in (node.lower, node.upper, node.step))
            made = _slice(lower, upper, step, _COLON, colon)
        elif isinstance(node, ast.Starred):
            made = _index(self.of(node.value), "*")
        else:
            made = _index(self.of(node), None)
        self.marks.at[made] = node
        element = _subscript_element(made)
        self.marks.at[element] = node
        return element

    def _sequence(self, node: ast.Tuple | ast.List | ast.Set) -> Any:
        return _sequences[type(node)]([self._item(one) for one in node.elts])

    def _item(self, node: ast.expr) -> Any:
        starred = isinstance(node, ast.Starred)
        made = _starred_element(self.of(node.value)) if starred else _element(self.of(node))  # type: ignore[attr-defined]
        self.marks.at[made] = node
        return made

    def _dict(self, node: ast.Dict) -> Any:
        found = []
        for key, value in zip(node.keys, node.values, strict=True):
            made = _starred_dict_element(self.of(value)) if key is None else _dict_element(self.of(key), self.of(value))
            self.marks.from_to(made, key or value, value)
            found.append(made)
        return _dict(found)

    def _binary(self, node: ast.BinOp) -> Any:
        return _binary(self.of(node.left), OPERATORS[type(node.op)], self.of(node.right))

    def _boolean(self, node: ast.BoolOp) -> Any:
        made, operator = self.of(node.values[0]), OPERATORS[type(node.op)]
        if len(node.values) > MAX_DEPTH:
            raise UntranslatedError
        for value in node.values[1:]:
            made = _boolean(made, operator, self.of(value))
            self.marks.from_to(made, node, value)
        return made

    def _unary(self, node: ast.UnaryOp) -> Any:
        return _unary(OPERATORS[type(node.op)], self.of(node.operand))

    def _comparison(self, node: ast.Compare) -> Any:
        left, targets = self.of(node.left), []
        for operator, comparator in zip(node.ops, node.comparators, strict=True):
            made = _comparison_target(OPERATORS[type(operator)], self.of(comparator))
            self.marks.at[made] = comparator
            targets.append(made)
        return _comparison(left, targets)

    def _conditional(self, node: ast.IfExp) -> Any:
        return _if_exp(self.of(node.test), self.of(node.body), self.of(node.orelse))

    def _lambda(self, node: ast.Lambda) -> Any:
        return _lambda(self.parameters(node.args), self.of(node.body))

    def _named(self, node: ast.NamedExpr) -> Any:
        return _named(self.of(node.target), self.of(node.value))

    def _await(self, node: ast.Await) -> Any:
        return _await(self.of(node.value))

    def _yield(self, node: ast.Yield) -> Any:
        return _yield(self.maybe(node.value))

    def _yield_from(self, node: ast.YieldFrom) -> Any:
        made = _from(self.of(node.value))
        self.marks.at[made] = node.value
        return _yield(made)

    def _comprehension(self, node: ast.ListComp | ast.SetComp) -> Any:
        return _comprehensions[type(node)](self.of(node.elt), self._clauses(node.generators))

    def _generator(self, node: ast.GeneratorExp) -> Any:
        return _generator(self.of(node.elt), self._clauses(node.generators), ())

    def _dict_comprehension(self, node: ast.DictComp) -> Any:
        if node.value is None:
            raise UntranslatedError
        return _dict_comp(self.of(node.key), self.of(node.value), self._clauses(node.generators))

    def _clauses(self, generators: Sequence[ast.comprehension]) -> Any:
        rows = []
        for clause in generators:
            conditions = []
            target, asked = self.of(clause.target), self.of(clause.iter)
            for test in clause.ifs:
                condition = _comp_if(self.of(test))
                self.marks.at[condition] = test
                conditions.append(condition)
            rows.append((clause, target, asked, conditions))
        made = None
        for clause, target, asked, conditions in reversed(rows):
            made = _comp_for(target, asked, conditions, made)
            self.marks.from_to(made, clause.target, generators[-1].iter)
        return made

    def parameters(self, node: ast.arguments) -> Any:
        """The parameters of a function or lambda."""
        plain = [*node.posonlyargs, *node.args]
        given: list[ast.expr | None] = [None] * (len(plain) - len(node.defaults)) + list(node.defaults)
        made = [self._parameter(one, default) for one, default in zip(plain, given, strict=True)]
        split = len(node.posonlyargs)
        named = [self._parameter(*pair) for pair in zip(node.kwonlyargs, node.kw_defaults, strict=True)]
        star: Any = cst.MaybeSentinel.DEFAULT
        if node.vararg is not None:
            star = self._parameter(node.vararg, None, "*")
        elif node.kwonlyargs:
            star = _STAR
        stars = None if node.kwarg is None else self._parameter(node.kwarg, None, "**")
        return _parameters(made[split:], star, named, stars, made[:split])

    def _parameter(self, node: ast.arg, default: ast.expr | None, star: str = "") -> Any:
        name = _name(node.arg)
        note = None if node.annotation is None else annotation(self.of(node.annotation))
        made = _param(name, note, self.maybe(default), star)
        self.marks.head(name, node, node.arg)
        self.marks.at[made] = node
        return made


_TRANSLATIONS: dict[type, Callable[[Expressions, Any], Any]] = {
    ast.Call: Expressions._call,
    ast.Subscript: Expressions._subscript,
    ast.Tuple: Expressions._sequence,
    ast.List: Expressions._sequence,
    ast.Set: Expressions._sequence,
    ast.Dict: Expressions._dict,
    ast.JoinedStr: Expressions._joined,
    ast.BinOp: Expressions._binary,
    ast.BoolOp: Expressions._boolean,
    ast.UnaryOp: Expressions._unary,
    ast.Compare: Expressions._comparison,
    ast.IfExp: Expressions._conditional,
    ast.Lambda: Expressions._lambda,
    ast.NamedExpr: Expressions._named,
    ast.Await: Expressions._await,
    ast.Yield: Expressions._yield,
    ast.YieldFrom: Expressions._yield_from,
    ast.ListComp: Expressions._comprehension,
    ast.SetComp: Expressions._comprehension,
    ast.GeneratorExp: Expressions._generator,
    ast.DictComp: Expressions._dict_comprehension,
}
