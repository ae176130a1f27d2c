"""Whatever a file holds, reading it ends, raises nothing, and says the same twice."""

from __future__ import annotations

import sys
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_reading import KNOWLEDGE, kinds, listeners, problems, read

from bindlint import readers
from bindlint.facts import Listener, Problem

PIECES = [
    *(
        "import uvicorn",
        "import socket",
        "from flask import Flask",
        "app = Flask(x)",
        "HOST = '0.0.0.0'",
        "HOST = HOST",
    ),
    *("s = socket.socket()", "s.bind((HOST, 80))", "s.listen()", "uvicorn.run(app, host=HOST)", "app.run(HOST)"),
    *("def f(host=HOST, *a, **k):", "    f(host=host, *a, **k)", "    return f", "    uvicorn.run(app, **k)", "f(**f)"),
    *("class A(A):", "    host = host", "    def g(self): self.host = self.host", "A().g().host", "if HOST:", "else:"),
    *(
        "    pass",
        "for HOST in HOST:",
        "while (HOST := HOST):",
        "with HOST as HOST:",
        "lambda HOST: HOST",
        "HOST += HOST",
    ),
    *(
        "print 'x'",
        "except:",
        "try:",
        "(((",
        "'''",
        "HOST, (A, HOST) = HOST",
        "del HOST",
        "global HOST",
        "*HOST, = HOST",
    ),
    *("uvicorn.run(app, host=f'{HOST}{HOST!r:>{HOST}}')", "HOST = '%s%(x)s%%' % HOST", "HOST = '{}{x}{{'.format(HOST)"),
]


@settings(max_examples=120)
@given(st.lists(st.sampled_from(PIECES), max_size=14))
def test_odd_programs_end(lines: list[str]) -> None:
    text = "\n".join(lines)
    facts = read(text)
    assert facts == read(text)
    for fact in facts:
        if isinstance(fact, Listener):
            assert 0 <= fact.site.span.start <= fact.site.span.end <= len(text)


@settings(max_examples=80)
@given(st.binary(max_size=400))
def test_any_bytes_are_facts_or_problems(data: bytes) -> None:
    head = b"import uvicorn\nuvicorn.run(a, host='0.0.0.0')\n"
    reading = readers.read("app.py", head + data, KNOWLEDGE)
    assert reading.facts or reading.problems


@settings(max_examples=80)
@given(st.text(max_size=200))
def test_any_text_behind_a_listener_leaves_it_found(text: str) -> None:
    head = "import uvicorn\nuvicorn.run(a, host='0.0.0.0')\n"
    if "\0" in text or any("\ud800" <= c <= "\udfff" for c in text):
        return
    assert any(f.site.span.start == head.index("'0") for f in read(head + text) if isinstance(f, Listener))


@pytest.mark.parametrize(
    "text",
    [
        "import uvicorn\ndef f(h): return f(h)\nuvicorn.run(app, host=f(f))\n",
        "import uvicorn\nA = B\nB = A\nuvicorn.run(app, host=A)\n",
        "import uvicorn\nclass A(B): pass\nclass B(A): pass\nuvicorn.run(app, host=A().host)\n",
        "import uvicorn\nd = {**d}\nuvicorn.run(**d)\n",
        "import uvicorn\ndef f(**k): f(**k); uvicorn.run(**k)\n",
        "import uvicorn\nx = [*x]\nuvicorn.run(*x)\n",
    ],
)
def test_definitions_in_a_circle_end(text: str) -> None:
    assert all(f.address.kind.value in ("unknown", "loopback") for f in listeners(text))


def test_many_alternatives_are_bounded() -> None:
    branches = "".join(f"if c{n}:\n    h{n} = '10.0.0.{n}'\nelse:\n    h{n} = '0.0.0.0'\n" for n in range(20))
    text = (
        branches
        + "import zmq\nzmq.Context().socket(1).bind('tcp://' + "
        + " + ".join(f"h{n}" for n in range(20))
        + ")\n"
    )
    assert len(read(text)) <= 8


def test_reading_leaves_limits_as_they_were() -> None:
    before = sys.getrecursionlimit(), threading.stack_size()
    assert listeners("import uvicorn\nuvicorn.run(app, host='0.0.0.0')\n")
    assert (sys.getrecursionlimit(), threading.stack_size()) == before


def test_a_warning_in_a_file_is_not_ours(recwarn: pytest.WarningsRecorder) -> None:
    assert listeners("import uvicorn\nX = '\\d' is 'x'\nuvicorn.run(app, host='0.0.0.0')\n")
    assert not [w for w in recwarn if issubclass(w.category, SyntaxWarning | DeprecationWarning)]


def test_a_binary_file_named_python_is_a_problem() -> None:
    reading = readers.read("app.py", b"\x7fELF\0\0uvicorn.run", KNOWLEDGE)
    assert isinstance(reading.problems[0], Problem)


def test_a_file_in_which_too_much_refers_to_something_else_is_said_to_be_read_in_part(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bindlint.readers.python.values.MAX_STEPS", 3)
    text = 'import uvicorn\nA = "0.0.0.0"\nB = A\nC = B\nD = C\nE = D\nuvicorn.run(app, host=E)\n'
    assert kinds(text) == ["unknown"]
    assert [(problem.reason, problem.partial) for problem in problems(text)] == [
        ("too much refers to something else: not everything was followed", True)
    ]
