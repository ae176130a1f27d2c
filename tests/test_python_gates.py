"""The gates are sound: what they let through and what they do not, a reading without them states the same facts."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_reading import KNOWLEDGE, read

from bindlint.facts import Connection, Listener
from bindlint.readers import python
from bindlint.readers.python import gates, reading
from bindlint.source import Source

LIBRARY = KNOWLEDGE.python
EXAMPLES = [
    (path, text)
    for example in KNOWLEDGE.examples
    if example.name.startswith("python/")
    for path, text in example.files.items()
]
LINES = [line for _, text in EXAMPLES for line in text.splitlines() if line and not line[0].isspace()]


def ungated(text: str, path: str = "app.py") -> list[object]:
    """Every fact, with every row alive and no look beforehand."""
    everything = frozenset(id(row) for row in LIBRARY.rows)
    return [
        fact
        for fact in reading.read(Source(path, text), KNOWLEDGE, everything)
        if isinstance(fact, Listener | Connection)
    ]


def gated(text: str, path: str = "app.py") -> list[object]:
    if not python.gate(text.encode(), KNOWLEDGE):
        return []
    return [fact for fact in read(text, path) if isinstance(fact, Listener | Connection)]


def test_the_examples_read_the_same_without_gates() -> None:
    for path, text in EXAMPLES:
        assert gated(text, path) == ungated(text, path), text


@settings(max_examples=60)
@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=12))
def test_any_mixture_of_their_lines_does_too(lines: list[str]) -> None:
    text = "\n".join(lines) + "\n"
    assert gated(text) == ungated(text)


@pytest.mark.parametrize(
    "text",
    [
        "print('hello')\n",
        "import os\nos.listdir('.')\n",
        "x = '0.0.0.0'\n",
        "import json\njson.dumps({'host': 1})\n",
    ],
)
def test_a_file_that_can_say_nothing_is_not_parsed_twice(text: str) -> None:
    rows = gates.live(text.encode(), LIBRARY)
    tree = gates.parsed(text)
    assert tree is not None
    assert not rows or not gates.look(gates.Words(tree, text), LIBRARY, rows)


def test_whole_words_count_not_their_parts() -> None:
    row = next(row for row in LIBRARY.rows if "ray.init" in row.names)
    assert id(row) in gates.live(b"import ray\nray.init()\n", LIBRARY)
    assert id(row) not in gates.live(b"import array\narray.init()\n", LIBRARY)


@pytest.mark.parametrize(
    "statement",
    [
        "import os; import ray",
        "import os, ray as cluster",
        "import os, \\\n    ray",
        "from ray import(init)",
        "from ray \\\n    import init",
        "from \\\r\n    ray import *",
        "try: import ray\nexcept ImportError: pass",
        "# taken from \\\nimport ray",
        "def f():\n    yield from g(); import ray",
    ],
)
def test_an_import_counts_however_it_is_written(statement: str) -> None:
    row = next(row for row in LIBRARY.rows if "ray.init" in row.names)
    assert id(row) in gates.live(f"{statement}\ninit()\n".encode(), LIBRARY)


@pytest.mark.parametrize("said", ["# import of ray\n", "from . import ray\n", "from tools.ray import start\n"])
def test_a_name_that_is_not_imported_does_not_count(said: str) -> None:
    row = next(row for row in LIBRARY.rows if "ray.init" in row.names)
    assert id(row) not in gates.live(f"{said}ray.init()\n".encode(), LIBRARY)


@pytest.mark.parametrize(
    ("call", "alive"),
    [
        ("app.run(host=HOST)", True),
        ("app . run (\n    host = HOST)", True),
        ("app.run(**{'host': HOST})", True),
        ("app.run('0.0.0.0')", True),
        ("app.run('::')", True),
        ("app.run(HOST[::2])", False),
        ("app.run(HOST == host)", False),
        ("run(host=HOST)", False),
    ],
)
def test_what_another_file_makes_listens_where_the_address_is_given(call: str, *, alive: bool) -> None:
    row = next(row for row in LIBRARY.rows if "flask.Flask.run" in row.names)
    assert (id(row) in gates.live(f"from .web import app\n{call}\n".encode(), LIBRARY)) is alive


@pytest.mark.parametrize(
    ("path", "data", "claimed"),
    [
        ("app.py", b"", True),
        ("stub.pyi", b"", True),
        ("tray.pyw", b"", True),
        ("bin/serve", b"#!/usr/bin/env python3\n", True),
        ("bin/serve", b"#!/bin/sh\npython3 app.py\n", False),
        ("notes.txt", b"#!/usr/bin/python\n", False),
        ("app.pyc", b"", False),
    ],
)
def test_a_file_is_python_by_its_name_or_its_first_line(path: str, data: bytes, *, claimed: bool) -> None:
    assert python.claims(path, data, KNOWLEDGE) is claimed


def test_utf_16_passes_the_byte_gate() -> None:
    assert python.gate('import uvicorn\nuvicorn.run(app, host="0.0.0.0")\n'.encode("utf-16"), KNOWLEDGE)


def test_libcst_is_not_imported_before_it_is_needed() -> None:
    code = (
        "import sys\n"
        "from bindlint.knowledge import Knowledge, rules_root\n"
        "from bindlint.readers import python\n"
        "from bindlint.source import Source\n"
        "k = Knowledge(rules_root())\n"
        "list(python.read(Source('a.py', 'import os\\nprint(os.name)\\n'), k))\n"
        "print('libcst' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_a_base_that_goes_by_another_name_passes() -> None:
    text = "import asyncio\n_Base = asyncio.AbstractEventLoop\nclass Loop(_Base):\n    pass\n"
    tree = gates.parsed(text)
    assert tree is not None
    row = next(row for row in LIBRARY.rows if "asyncio.AbstractEventLoop.create_server" in row.names)
    assert gates.look(gates.Words(tree, text), LIBRARY, frozenset({id(row)}))
