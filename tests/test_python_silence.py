"""What must stay silent in Python (verdicts, section 5): an address is no listener until something listens on it."""

from __future__ import annotations

import pytest
from python_reading import connections, kinds, listeners, read, said

from bindlint.facts import Listener

SOCKET = "import socket\n"

# Texts that mention wildcard addresses and open nothing to anybody.
SILENT = [
    pytest.param('if host == "0.0.0.0":\n    print("0.0.0.0")\n', id="comparisons and output"),
    pytest.param(
        'BLOCKED = {"0.0.0.0", "::"}\nif host in ("0.0.0.0", "::"):\n    raise ValueError(host)\n', id="block lists"
    ),
    pytest.param('ALLOWED_HOSTS = ["0.0.0.0", "localhost"]\nCORS = ["http://0.0.0.0:3000"]\n', id="allow lists"),
    pytest.param('NO_PROXY = "localhost,0.0.0.0"\nROUTE = "0.0.0.0/0"\n', id="proxies and routes"),
    pytest.param('import re\nPATTERN = re.compile(r"^0\\.0\\.0\\.0$|::")\n', id="regular expressions"),
    pytest.param('"""Run with host="0.0.0.0"."""\n# app.run(host="0.0.0.0")\n', id="docstrings and comments"),
    pytest.param('import logging\nlogging.info("listening on %s", "0.0.0.0")\n', id="log texts"),
    pytest.param('def test_it():\n    assert config.host == "0.0.0.0"\n', id="expected values"),
    pytest.param(SOCKET + 's = socket.socket()\ns.bind(("", 0))\nport = s.getsockname()[1]\n', id="a free port"),
    pytest.param(
        SOCKET + 's = socket.socket()\ns.bind(("0.0.0.0", 5000))\ns.connect(("192.0.2.1", 80))\n',
        id="the source address of a client",
    ),
    pytest.param(
        SOCKET + 's = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.bind(("", 9))\ns.sendto(b"", peer)\n',
        id="a sender of datagrams",
    ),
    pytest.param(
        SOCKET + 's = socket.socket(socket.AF_UNIX)\ns.bind("/run/app.sock")\ns.listen()\n', id="a Unix socket"
    ),
    pytest.param(
        SOCKET + "s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)\ns.bind((0, 0))\ns.listen()\n",
        id="a netlink socket",
    ),
    pytest.param(
        'import asyncio\nasync def go():\n    await asyncio.open_connection("h", 1, local_addr=("0.0.0.0", 0))\n',
        id="local_addr of a client",
    ),
    pytest.param(
        SOCKET + 'socket.create_connection(("192.0.2.1", 80), source_address=("0.0.0.0", 0))\n', id="source_address"
    ),
    pytest.param('import inspect\ninspect.signature(f).bind("0.0.0.0", host="0.0.0.0")\n', id="Signature.bind"),
    pytest.param('engine.bind("0.0.0.0")\nquery.bind(host="0.0.0.0")\n', id="SQL bind"),
    pytest.param('widget.bind("<Key>", "0.0.0.0")\nself.bind("<Button-1>", on_click)\n', id="widget bind"),
    pytest.param('import subprocess\nsubprocess.run(["echo", "0.0.0.0"])\n', id="subprocess.run"),
    pytest.param("from app import server\nserver.run()\nserver.listen(8000)\n", id="an unknown receiver, no address"),
    pytest.param('from app import server\nserver.run(host="127.0.0.1")\n', id="an unknown receiver on loopback"),
    pytest.param("import uvicorn\nuvicorn.run(app, uds='/run/x', host='0.0.0.0')\n", id="a Unix socket instead"),
    pytest.param(
        "from fastmcp import FastMCP\nFastMCP('x').run(transport='stdio', host='0.0.0.0')\n", id="standard input"
    ),
    pytest.param('def uvicorn(): ...\nuvicorn.run(host="127.0.0.1")\n', id="a name of the file"),
    "import asyncio\nasync def go(sock):\n    await asyncio.start_server(handle, None, None, sock=sock)\n",
]


@pytest.mark.parametrize("text", SILENT)
def test_no_listener_is_stated_for(text: str) -> None:
    assert [fact for fact in read(text) if isinstance(fact, Listener)] == []


@pytest.mark.parametrize(
    "guard",
    [
        'if HOST in ("0.0.0.0", "::", ""):\n    raise SystemExit("refused")\n',
        'if HOST == "0.0.0.0":\n    sys.exit(1)\n',
        "if ipaddress.ip_address(HOST).is_unspecified:\n    raise ValueError(HOST)\n",
        'if HOST == "0.0.0.0":\n    HOST = "127.0.0.1"\n',
    ],
)
def test_a_program_that_turns_a_wildcard_away_does_not_bind_it(guard: str) -> None:
    text = f'import ipaddress, sys, uvicorn\nHOST = "0.0.0.0"\n{guard}uvicorn.run(app, host=HOST)\n'
    assert "wildcard" not in kinds(text)


def test_a_wildcard_that_is_only_warned_about_is_bound() -> None:
    text = (
        'import uvicorn\nHOST = "0.0.0.0"\nif HOST == "0.0.0.0":\n    print("careful")\nuvicorn.run(app, host=HOST)\n'
    )
    assert kinds(text) == ["wildcard"]


def test_a_bind_to_an_unknown_port_that_nobody_listens_on_is_uncertain() -> None:
    text = SOCKET + 's = socket.socket()\ns.bind(("", port))\n'
    assert [(f.address.kind.value, f.certain) for f in listeners(text)] == [("wildcard", False)]


@pytest.mark.parametrize(
    "text",
    [
        's = socket.socket()\ns.bind(("0.0.0.0", 8000))\ns.close()\n',
        'def is_free(port):\n    s = socket.socket()\n    s.bind(("", port))\n    s.close()\n',
        'with socket.socket() as s:\n    try:\n        s.bind(("0.0.0.0", 8000))\n    except OSError:\n        x()\n',
        's = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.bind(("", 0))\ns.sendto(b"", p)\ns.recvfrom(9)\n',
    ],
)
def test_a_port_probe_and_a_sender_that_waits_for_its_answer_are_no_listeners(text: str) -> None:
    assert listeners(SOCKET + text) == []


@pytest.mark.parametrize(
    "text",
    [
        'with socket.socket() as s:\n    s.bind(("0.0.0.0", 8000))\n    serve(s)\n',
        's = socket.socket()\ns.bind(("0.0.0.0", 8000))\ns.listen()\ns.close()\n',
        's = socket.socket()\ns.bind(("0.0.0.0", 8000))\nserve(fd=s.fileno())\ns.close()\n',
        's = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.bind(("", 9))\ns.recvfrom(9)\ns.sendto(b"", p)\n',
        's = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.bind(("", 0))\ns.recvfrom(9)\n',
    ],
)
def test_a_socket_that_is_closed_later_or_answers_is_a_listener(text: str) -> None:
    assert [(f.address.kind.value, f.certain) for f in listeners(SOCKET + text)] == [("wildcard", True)]


@pytest.mark.parametrize(
    ("call", "certain"),
    [
        ('exp.run("0.0.0.0")', False),
        ('exp.listen("0.0.0.0")', False),
        ('exp.run(host="0.0.0.0")', False),
        ('exp.run(host="0.0.0.0", port=80)', True),
        ('exp.run(host="0.0.0.0", debug=True)', True),
    ],
)
def test_a_method_of_an_unknown_class_is_evidence_when_it_names_host_and_port(call: str, *, certain: bool) -> None:
    assert [f.certain for f in listeners(f"from x import exp\n{call}\n")] == [certain]


@pytest.mark.parametrize(
    ("made", "count"),
    [('S(host="127.0.0.1")', 0), ('S("127.0.0.1")', 0), ('S("0.0.0.0")', 1), ("S()", 1), ("load()", 1)],
)
def test_the_default_of_a_field_counts_unless_every_caller_overrides_it(made: str, count: int) -> None:
    text = (
        'import uvicorn\nfrom pydantic import BaseModel\nclass S(BaseModel):\n    host: str = "0.0.0.0"\n'
        f"def run(s: S):\n    uvicorn.run(a, host=s.host)\nrun({made})\n"
    )
    assert kinds(text).count("wildcard") == count


@pytest.mark.parametrize(
    ("path", "certain"),
    [
        ("app.py", True),
        ("examples/app.py", True),
        ("tests/app.py", False),
        ("test_app.py", False),
        ("conftest.py", False),
    ],
)
def test_test_code_is_a_guess(path: str, *, certain: bool) -> None:
    assert [f.certain for f in listeners('import uvicorn\nuvicorn.run(app, host="0.0.0.0")\n', path)] == [certain]


def test_a_test_case_is_test_code_in_any_file() -> None:
    text = (
        "import unittest, uvicorn\n"
        "class Case(unittest.TestCase):\n"
        "    def test_it(self):\n"
        '        uvicorn.run(app, host="0.0.0.0")\n'
    )
    assert [f.certain for f in listeners(text)] == [False]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('from flask import Flask\nFlask("x").run(host="")\n', "loopback"),
        ('from quart import Quart\nQuart("x").run(host="")\n', "wildcard"),
        ('from flask import Flask\nFlask("x").run(host=None)\n', "loopback"),
        ("import uvicorn\nuvicorn.run(app, host=None)\n", "wildcard"),
        ("from waitress import serve\nserve(app)\n", "wildcard"),
        ("import debugpy\ndebugpy.listen(5678)\n", "loopback"),
        ("from gevent.pywsgi import WSGIServer\nWSGIServer(5678, app)\n", "wildcard"),
    ],
)
def test_one_text_means_what_it_means_to_that_library(text: str, kind: str) -> None:
    assert kinds(text) == [kind]


def test_a_refused_value_is_no_listener() -> None:
    assert kinds('from granian import Granian\nGranian("app:app", address="localhost").serve()\n') == []


def test_clients_are_connections_not_listeners() -> None:
    text = 'import redis\nredis.Redis(host="localhost")\n'
    assert said(text) == []
    assert [(c.client, c.address.kind.value, c.port, c.tries) for c in connections(text)] == [
        ("redis-py", "localhost", 6379, "all")
    ]


@pytest.mark.parametrize(
    ("variable", "default", "count"),
    [
        ("REDIS_URL", "redis://localhost:6379/0", 1),
        ("DATABASE_URL", "postgresql+asyncpg://u:p@localhost/db", 1),
        ("SMTP_HOST", "localhost", 1),
        ("BIND_HOST", "localhost", 0),
        ("HOST", "localhost", 0),
        ("ALLOWED_HOST", "localhost", 0),
        ("SITE_URL", "http://localhost:8000", 0),
        ("CORS_URL", "http://localhost:3000", 0),
        ("REDIS_URL", "redis://redis:6379/0", 0),
        ("GREETING", "localhost", 0),
    ],
)
def test_the_default_of_a_variable_is_a_connection_when_its_name_says_so(
    variable: str, default: str, count: int
) -> None:
    assert len(connections(f'import os\nX = os.environ.get("{variable}", "{default}")\n')) == count


def test_a_default_that_a_listener_takes_is_no_connection() -> None:
    text = 'import os, uvicorn\nuvicorn.run(app, host=os.getenv("WEBAPI_HOST", "localhost"))\n'
    assert kinds(text) == ["localhost"]
    assert connections(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "if False:\n    {}",
        "if 0:\n    {}",
        "if not True:\n    {}",
        "if debug and False:\n    {}",
        "while False:\n    {}",
        "if 0:\n    def serve():\n        {}",
        "if True:\n    pass\nelse:\n    {}",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    {}",
        "import typing\nif typing.TYPE_CHECKING:\n    {}",
        "def serve():\n    return\n    {}",
        "def serve():\n    raise SystemExit\n    {}",
        "while True:\n    work()\n{}",
        "while 1:\n    for x in y:\n        break\n{}",
        "def serve(x):\n    if x:\n        return 1\n    else:\n        raise ValueError\n    {}",
        "def serve(x):\n    if x:\n        return 1\n    elif y: return 2\n    else:\n        raise ValueError\n    {}",
    ],
)
def test_code_that_never_runs_states_nothing(text: str) -> None:
    assert kinds("import uvicorn\n" + text.format('uvicorn.run(app, host="0.0.0.0")\n')) == []


@pytest.mark.parametrize(
    "text",
    [
        "if True:\n    {}",
        "if False:\n    pass\nelse:\n    {}",
        "if 1:\n    {}",
        "while True:\n    {}",
        "while True:\n    if x:\n        break\n{}",
        "while x:\n    work()\n{}",
        "while True:\n    try:\n        work()\n    except OSError:\n        break\n{}",
        "while True:\n    for x in y:\n        pass\n    else:\n        break\n{}",
        "try:\n    while True:\n        work()\nexcept OSError:\n    pass\n{}",
        "def serve(x):\n    if x:\n        return 1\n    elif y:\n        return 2\n    {}",
        "def serve(x):\n    if x:\n        return 1\n    else:\n        work()\n    {}",
        "if False or x:\n    {}",
    ],
)
def test_code_behind_a_test_that_lets_it_through_is_read(text: str) -> None:
    assert kinds("import uvicorn\n" + text.format('uvicorn.run(app, host="0.0.0.0")\n')) == ["wildcard"]


def test_a_value_written_in_code_that_never_runs_is_none() -> None:
    assert kinds('import uvicorn\nH = "127.0.0.1"\nif False:\n    H = "0.0.0.0"\nuvicorn.run(app, host=H)\n') == [
        "loopback"
    ]


def test_imports_for_the_type_checker_say_what_annotations_mean() -> None:
    text = (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from flask import Flask\n"
        'def go(app: "Flask"):\n    app.run("0.0.0.0")\n'
    )
    assert kinds(text) == ["wildcard"]
