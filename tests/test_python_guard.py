"""The guard before libcst, the reading of last resort behind it, and the salvage of what is not Python 3."""

from __future__ import annotations

import pytest
from python_reading import kinds, listeners, problems, said

from bindlint.readers.python import guard
from bindlint.readers.python.salvage import salvage

BIND = 'import socket\ns = socket.socket()\ns.bind(("0.0.0.0", 8000))\n'

# Every one kills libcst's parser or stops it for minutes when it is only long enough.
BOMBS = {
    "brackets": "x = " + "(" * 3000 + ")" * 3000,
    "open brackets": "x = " + "(" * 3000,
    "calls": "x = " + "f(" * 3000 + ")" * 3000,
    "dictionaries": "x = " + "{1:" * 3000 + "1" + "}" * 3000,
    "and": "x = " + " and ".join(["a"] * 3000),
    "additions": "x = " + "+".join(["1"] * 3000),
    "attributes": "x = a" + ".b" * 3000,
    "chained calls": "x = a" + ".b()" * 3000,
    "subscripts": "x = a" + "[0]" * 3000,
    "not": "x = " + "not " * 3000 + "a",
    "lambdas": "x = " + "lambda:" * 3000 + "0",
    "elif": "if a:\n    pass\n" + "elif b:\n    pass\n" * 3000,
    "indents": "".join(" " * n + "if a:\n" for n in range(90)) + " " * 90 + "pass",
    "f-string": 'x = f"' + "{(" * 200 + "1" + ")}" * 200 + '"',
    "brackets in an f-string": 'x = f"{' + "(" * 300 + "1" + ")" * 300 + '}"',
    "doubled braces in a field": 'x = f"{ ' + "{{" * 200 + "1" + "}}" * 200 + ' }"',
    "a chain in an f-string": 'x = f"{' + "+".join(["a"] * 3000) + '}"',
    "brackets between quotes of an f-string": 'x = f"{"a" + ' + "(" * 300 + "1" + ")" * 300 + ' + "b"}"',
    "strings": "x = (" + '"a" ' * 6000 + ")",
    "tokens": "x = [" + "1," * 120_000 + "]",
}


HARMLESS = {"indents", "tokens"}  # to Python's own parser


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_and_the_bind_beside_it_is_found(name: str) -> None:
    text = f"{BIND}{BOMBS[name]}\n"
    assert guard.refuse(text)
    assert len(problems(text)) == (name not in HARMLESS)
    assert said(text) == [('"0.0.0.0"', "wildcard", "literal")]


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "(" * 60 + ")" * 60,
        "x = [" + "a.b(c), " * 5000 + "]",
        "if a:\n    pass\n" + "elif b:\n    pass\n" * 150,
        'x = f"' + "{a} " * 500 + '"',
        'x = f"' + "{{" * 500 + '"',
        "x = (" + '"a"\n' * 2500 + ")",
        '"""' + "(" * 5000 + '"""',
        "# " + "(" * 5000,
    ],
    ids=["brackets", "a table", "elif", "fields", "escaped braces", "a long text", "a docstring", "a comment"],
)
def test_what_real_code_does_passes(text: str) -> None:
    assert guard.refuse(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        '"""' * 100_001,
        '\\"' * 200_000,
        '"' + "\\" * 399_999,
        "'''\\" * 100_000,
        '"""' + '\\"""' * 100_000,
        "'" * 400_001,
    ],
    ids=["triple quotes", "escaped quotes", "backslashes", "escapes", "escaped triple quotes", "single quotes"],
)
def test_open_and_escaped_quotes_are_one_pass(text: str) -> None:
    assert guard.refuse(text).endswith(("", "tokens", "adjacent strings"))  # a quadratic pass would take hours


@pytest.mark.parametrize(
    ("line", "blanked"),
    [
        ('print "hello"', True),
        ("exec code in names", True),
        ("raise ValueError, 'no'", True),
        ("x = `y`", True),
        ("if x <> y: pass", True),
        ("x = 0777", True),
        ("{% if debug %}", True),
        ("<<<<<<< HEAD", True),
        ("%matplotlib inline", True),
        ("x = ur'text'", True),
        ("x = (", True),
        ("x = '''", True),
    ],
)
@pytest.mark.parametrize("indented", [False, True])
def test_a_line_that_is_not_python_3_costs_only_itself(line: str, *, blanked: bool, indented: bool) -> None:
    if indented and line == "x = '''":
        pytest.skip("an open text takes what follows in its block")
    text = f"def f():\n    a = 1\n    {line}\n    b = 2\n{BIND}" if indented else f"{line}\n{BIND}"
    assert said(text) == [('"0.0.0.0"', "wildcard", "literal")]
    [problem] = problems(text)
    assert problem.partial is blanked
    assert problem.line == (3 if indented else 1)


def test_an_old_exception_handler_keeps_its_body() -> None:
    text = f"import socket\ntry:\n    pass\nexcept (OSError, IOError), error:\n    print error\n{BIND}"
    assert kinds(text) == ["wildcard"]


def test_every_offset_survives_salvage() -> None:
    text = f'print "a"\n{BIND}print "b"\nprint ("c",\n  "d"), 1\nclass A:\n    print "e"\n'
    saved = salvage(text)
    assert saved is not None
    assert len(saved.text) == len(text)
    assert saved.text.count("\n") == text.count("\n")
    assert BIND in saved.text


def test_a_bind_in_a_statement_that_does_not_parse_is_found_by_its_words() -> None:
    assert said('import socket\ns = socket.socket()\ns.bind(("0.0.0.0", 8000\n') == [
        ('"0.0.0.0"', "wildcard", "literal")
    ]


def test_newer_syntax_than_ours_is_read() -> None:
    text = f"type Pair[T] = tuple[T, T]\ntry:\n    pass\nexcept* ValueError:\n    pass\n{BIND}"
    assert kinds(text) == ["wildcard"]
    assert problems(text) == []


def test_hopeless_text_is_one_problem() -> None:
    text = "import socket bind (((( )))) ]]]] 0.0.0.0\n" * 200
    assert len(problems(text)) == 1
    assert listeners(text) == []
