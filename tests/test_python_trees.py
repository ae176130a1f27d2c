"""Trees made from Python's own `ast` beside those of libcst's parser: the same nodes, written at the same places."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import libcst as cst
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bindlint.readers.python import gates, suites
from bindlint.readers.python.concrete import MAX_DEPTH, UntranslatedError
from bindlint.readers.python.parse import Places
from bindlint.readers.python.scopes import children
from bindlint.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
SYNTAX = [
    "x = 1; y = 2\n",
    "if a: x = 1; y = 2\nelse: pass\n",
    "if a:\n    pass\nelif b:\n    pass\nelse:\n    if c:\n        pass\n",
    "if a:\n    pass\nelse:\n    if c:\n        pass\n    d\n",
    "for x in y:\n    break\nelse:\n    pass\nwhile a:\n    continue\n",
    "try:\n    a\nexcept (B, C) as d:\n    e\nexcept:\n    f\nelse:\n    g\nfinally:\n    h\n",
    "with a as b, c, d as (e, f):\n    pass\n",
    "async def f():\n    async with a: pass\n    async for x in y: pass\n    await z\n    return\n",
    "@a.b(c)\n@d\nclass E(F, *g, metaclass=H, **i):\n    x: int = 1\n    y: str\n",
    "def f(a, b: int = 1, /, c=2, *, d, e=3, **g) -> int:\n    yield\n    yield a\n    yield from b\n",
    "def f(*args: int, a): return (yield)\n",
    "lambda: 0\nlambda a, *b, c=1, **d: (a, b)\n",
    "f(a, *b, c=d, *e, **g)\nf()\nf ( )\nf(x for x in y)\nf((x for x in y), 1)\n",
    "a = b = c, d = (e, f)\n(g), h = (i), (j)\n() \n(k,)\n( l , m , )\n(\n  n,  # a comment, (\n)\n",
    "[a, *b]\n{a, *b}\n{a: b, **c}\n[]\n{}\n",
    "[a for b in c if d if e for f in g]\n{a for b in c}\n{a: b for c in d}\n",
    "a[b], a[b, c], a[(b, c)], a[b:c], a[::d], a[b, 1:2], a[()], a[b,]\n",
    "a and b and c or d or not e\n(a or b) or c\na < b <= c != d is not e not in f\n",
    "-a + ~b - +c * d @ e / f // g % h ** i << j >> k & l | m ^ n\n",
    "a if b else c\n(d := e)\n(a).b.c\n(f)(x)\n((g))\n",
    "x += 1\nx @= 2\nx //= 3\nx |= 4\n",
    "import a, b.c, d.e.f as g\nfrom . import h\nfrom ..i.j import (k, l as m,)\nfrom n import *\n",
    "global_ = 1\ndef f():\n    global a, b\n    def g():\n        nonlocal c\n",
    "raise\nraise A\nraise A from b\nassert c\nassert d, e\ndel f\ndel g, h[0]\n",
    "1, 0x1F, 1_000, 1.5, 1e3, 2j, ..., True, None\n",
    "'a', \"b\", b'c', r'\\d', u'e', '''f\ng''', 'h' 'i', ('j'\n  'k'), b'l' b'm'\n",
    "f'{a}', f'b{c!r:>{d}}e', f'{f}' 'g', 'h' f'{i}', f'''{\nj}''', rf'{k}\\d'\n",
    "a = 'ä€𝄞' ; b = f'ü{c}' ; d = e\nä.é(ö)\n",
    "x = (  # a comment\n  1\n  )\nf(a,  # b)\n  c\n)\ng(\n    h\n    ,\n)\n",
    "match a:\n    case 1 | 'b' | None: pass\n    case [c, *d, _]: pass\n    case {'e': f, **g}: pass\n",
    "match a:\n    case H(i, j=k) as l if m: pass\n    case -1 | 2.5: pass\n    case n.o: pass\n    case _: pass\n",
    "if True:\n\tx = [\n1,\n\t2]\n\ty\n",
    "x = 1 \\\n  + 2\n",
    "class A: x = 1; y = 2\n",
    "\f\nx = 1\n\n\n# a comment at the end",
]
if sys.version_info >= (3, 11):
    SYNTAX.append("try:\n    a\nexcept* B as c:\n    d\n")


def both(text: str) -> tuple[tuple[cst.Module, Places], tuple[cst.Module, Places]]:
    tree = gates.parsed(text)
    assert tree is not None
    made, marks = suites.module(tree, text)
    given = cst.parse_module(text)
    source = Source("x.py", text)
    return (made, Places(source, text, made, marks)), (given, Places(source, text, given))


def pairs(made: cst.CSTNode, given: cst.CSTNode) -> Iterator[tuple[cst.CSTNode, cst.CSTNode]]:
    """The nodes of two trees side by side."""
    todo = [(made, given)]
    while todo:
        one, other = todo.pop()
        yield one, other
        inner, outer = code(one), code(other)
        assert [type(node) for node in inner] == [type(node) for node in outer], cst.Module([]).code_for_node(other)
        todo += zip(inner, outer, strict=True)


def code(node: cst.CSTNode) -> list[cst.CSTNode]:
    """The parts of a node; those that no reader asks for are left out, and a pattern's tuple is a list."""
    left_out = (cst.BaseParenthesizableWhitespace, cst.Comma, cst.BitOr)
    return [child for child in children(node) if not isinstance(child, left_out)]


def unplaced(node: cst.CSTNode) -> set[cst.CSTNode]:
    """Names whose place nobody asks for: the `ast` has none."""
    match node:
        case cst.ImportFrom(module=cst.Name() | cst.Attribute()):
            return {node.module, *children(node.module)} | unplaced(node.module)
        case cst.Attribute():
            return {node.value, node.attr} | unplaced(node.value)
        case cst.AsName() | cst.NameItem() | cst.MatchStar():
            return {node.name} if node.name else set()
        case cst.MatchAs():
            return {node.name} if node.name else set()
        case cst.MatchMapping():
            return {node.rest} if node.rest else set()
        case cst.MatchKeywordElement():
            return {node.key}
        case cst.MatchSingleton():
            return {node.value}
    return set()


def agree(text: str) -> None:
    (made, ours), (given, theirs) = both(text)
    nowhere: set[cst.CSTNode] = set()
    for one, other in pairs(made, given):
        nowhere |= unplaced(one) if not isinstance(one, cst.Attribute) else set()
        for name in ("value", "star", "keyword", "name", "attr", "operator"):
            left, right = getattr(one, name, None), getattr(other, name, None)
            if isinstance(right, str) or isinstance(left, str):
                assert left == right
            elif not isinstance(right, (list, tuple)):
                assert type(left) is type(right), (name, one)
        if isinstance(one, (cst.BaseExpression, cst.Param, cst.ImportAlias)) and one not in nowhere:
            assert ours.written(one) == theirs.written(other)
            assert ours.site(one) == theirs.site(other)
        if isinstance(one, cst.Call) and isinstance(other, cst.Call):
            where = [
                places.closed(call) if call.args else places.opened(call)
                for places, call in ((ours, one), (theirs, other))
            ]
            assert where[0] == where[1]


@pytest.mark.parametrize("text", SYNTAX)
def test_every_kind_of_syntax_is_the_same(text: str) -> None:
    agree(text)


@pytest.mark.parametrize("path", sorted((ROOT / "bindlint/readers/python").glob("*.py")), ids=lambda path: path.stem)
def test_real_code_is_the_same(path: Path) -> None:
    agree(path.read_text(encoding="utf-8"))


@given(st.lists(st.sampled_from(SYNTAX), min_size=1, max_size=4), st.booleans())
def test_so_is_what_is_put_together_of_them(texts: list[str], inside: object) -> None:
    text = "".join(text if text.endswith("\n") else text + "\n" for text in texts).replace("\f\n", "")
    if inside and "from n import *" not in text and "''" not in text and "\n1," not in text:
        text = "def outer():\n" + "".join(f"    {line}\n" for line in text.splitlines())
    if gates.parsed(text) is not None:
        agree(text)


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "-" * (MAX_DEPTH + 1) + "1\n",
        "x = " + " + ".join("a" * (MAX_DEPTH + 2)) + "\n",
        "x = " + " or ".join("a" * (MAX_DEPTH + 2)) + "\n",
        "if a:\n    pass\n" + "elif b:\n    pass\n" * (MAX_DEPTH + 1),
        "x = f'{" + "(" * 70 + "a" + ")" * 70 + "}'\n",
    ],
    ids=["signs", "sums", "alternatives", "elif", "fields"],
)
def test_what_is_too_deep_is_left_to_the_guard(text: str) -> None:
    tree = gates.parsed(text)
    if tree is not None:
        with pytest.raises(UntranslatedError):
            suites.module(tree, text)
