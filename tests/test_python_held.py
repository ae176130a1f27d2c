"""Functions and classes that a dictionary or list holds, and calls of them by what holds them."""

from __future__ import annotations

import pytest
from python_reading import kinds, project_kinds

FUNCTIONS = """
import sys, uvicorn, waitress

def run(host):
    uvicorn.run("a:b", host=host)

def other(host):
    print(host)

"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('RUNNERS = {"a": run, "b": other}\nRUNNERS[sys.argv[1]]("0.0.0.0")', ["wildcard"]),
        ('RUNNERS = {"a": run, "b": other}\nRUNNERS["a"]("0.0.0.0")', ["wildcard"]),
        ('RUNNERS = {"a": run, "b": other}\nRUNNERS["b"]("0.0.0.0")\nrun("127.0.0.1")', ["loopback"]),
        ('RUNNERS = {"a": run, "b": other}\nRUNNERS[sys.argv[1]]("127.0.0.1")', ["loopback"]),
        ('RUNNERS = {"a": run}\nRUNNERS.get(sys.argv[1], other)("0.0.0.0")', ["wildcard"]),
        ('RUNNERS = {"a": run}\nchosen = RUNNERS[sys.argv[1]]\nchosen("0.0.0.0")', ["wildcard"]),
        ('RUNNERS = {}\nRUNNERS["a"] = run\nRUNNERS[sys.argv[1]]("0.0.0.0")', ["wildcard"]),
        ("RUNNERS = [other, run]\nRUNNERS[1]('0.0.0.0')", ["wildcard"]),
        ("RUNNERS = [other, run]\nRUNNERS[0]('0.0.0.0')", ["unknown"]),
        (
            'RUNNERS = {"u": uvicorn.run, "w": waitress.serve}\nRUNNERS["w"](app, host="0.0.0.0")',
            ["unknown", "wildcard"],
        ),
    ],
)
def test_what_a_dictionary_or_list_holds_is_called(text: str, expected: list[str]) -> None:
    assert kinds(f"{FUNCTIONS}{text}\n") == expected


REGISTRY = """
REGISTRY = {}

def register(name):
    def put(cls):
        REGISTRY[name] = cls
        return cls
    return put
"""
SERVER = """
import socketserver
from registry import register

@register("tcp")
class Tcp:
    def __init__(self, host):
        self.host = host

    def run(self):
        socketserver.TCPServer((self.host, 80), None).serve_forever()
"""


def test_a_class_is_put_into_a_registry_by_its_decorator() -> None:
    main = 'import sys\nimport tcp\nfrom registry import REGISTRY\nREGISTRY[sys.argv[1]]("{}").run()\n'
    files = {"registry.py": REGISTRY, "tcp.py": SERVER}
    assert project_kinds({**files, "main.py": main.format("0.0.0.0")}, "tcp.py") == ["wildcard"]
    assert project_kinds({**files, "main.py": main.format("127.0.0.1")}, "tcp.py") == ["loopback"]
    assert project_kinds({**files, "main.py": "import tcp\nother = {}\nother[1]('0.0.0.0')\n"}, "tcp.py") == ["unknown"]
