"""A value that a test on the way replaces or refuses does not reach the listener; any other value does."""

from __future__ import annotations

import pytest
from python_reading import kinds, said

HEAD = "from aiohttp import web\n"
USE = "    web.run_app(app, host=host)\n"


@pytest.mark.parametrize("default", ["None", '""'])
@pytest.mark.parametrize(
    "body",
    [
        '    if not host:\n        host = "127.0.0.1"\n' + USE,
        '    if not host or not port:\n        host, port = "127.0.0.1", 1\n' + USE,
        "    if not host:\n        raise ValueError\n" + USE,
        "    if not host:\n        sys.exit(1)\n" + USE,
        '    if host in (None, ""):\n        return\n' + USE,
        '    if host:\n        pass\n    else:\n        host = "127.0.0.1"\n' + USE,
        '    if not host:\n        try:\n            host = "127.0.0.1"\n        except OSError:\n            raise\n'
        + USE,
        "    assert host\n" + USE,
        '    if (host := os.getenv("HOST", "")):\n    ' + USE,
        '    host = host or "127.0.0.1"\n' + USE,
        '    host = host if host else "127.0.0.1"\n' + USE,
        "    if host:\n    " + USE,
        "    if host and port:\n    " + USE,
        "    if not host:\n        print()\n    else:\n    " + USE,
        '    if not host:\n        host = "127.0.0.1"\n    def go():\n    ' + USE + "    go()\n",
        '    web.run_app(app, host=host or "127.0.0.1")\n',
    ],
)
def test_a_value_that_was_tested_false_does_not_reach_the_listener(default: str, body: str) -> None:
    assert "wildcard" not in kinds(f"{HEAD}def serve(host={default}, port=1):\n{body}")


@pytest.mark.parametrize(
    "body",
    [
        '    if host is None:\n        host = "127.0.0.1"\n' + USE,
        "    if host is None:\n        raise ValueError\n" + USE,
        "    assert host is not None\n" + USE,
        '    host = "127.0.0.1" if host is None else host\n' + USE,
        '    web.run_app(app, host="127.0.0.1" if host is None else host)\n',
        "    if host is not None:\n    " + USE,
        "    if port:\n        pass\n    elif host is not None:\n    " + USE,
    ],
)
def test_none_that_was_asked_for_does_not_reach_the_listener(body: str) -> None:
    assert "wildcard" not in kinds(f"{HEAD}def serve(host=None, port=1):\n{body}")


@pytest.mark.parametrize(
    "body",
    [
        USE,
        "    if not host:\n        print()\n" + USE,
        "    if not port:\n        raise ValueError\n" + USE,
        '    if port:\n        if not host:\n            host = "127.0.0.1"\n' + USE,
        "    if not host and port:\n        return\n" + USE,
        USE + "    assert host\n",
        "    if host:\n        pass\n    else:\n    " + USE,
        "    if host:\n        pass\n" + USE,
        '    if port:\n        port = 2\n    elif not host:\n        host = "127.0.0.1"\n' + USE,
        '    if not host:\n        host = ""\n' + USE,
    ],
)
def test_a_value_that_no_test_rules_out_reaches_the_listener(body: str) -> None:
    assert "wildcard" in kinds(f'{HEAD}def serve(host="", port=1):\n{body}')


@pytest.mark.parametrize(
    "text",
    [
        (
            'class A:\n    def go(self):\n        self.host = ""\n        if not self.host:\n'
            '            self.host = "127.0.0.1"\n        web.run_app(app, host=self.host)\n'
        ),
        'HOST = ""\nif not HOST:\n    HOST = "127.0.0.1"\ndef go():\n    web.run_app(app, host=HOST)\n',
        'HOST = ""\ndef go():\n    if not HOST:\n        raise ValueError\n    web.run_app(app, host=HOST)\n',
        (
            'import argparse\np = argparse.ArgumentParser()\np.add_argument("--host", default="")\n'
            "args = p.parse_args()\n"
            "if args.host:\n    web.run_app(app, host=args.host)\n"
        ),
    ],
)
def test_attributes_options_and_globals_are_tested_like_parameters(text: str) -> None:
    assert "wildcard" not in kinds(HEAD + text)


def test_none_that_is_a_parameters_default_is_a_constant() -> None:
    assert said(f"{HEAD}def serve(host=None):\n{USE}") == [("None", "wildcard", "constant")]
    assert said(f"{HEAD}web.run_app(app, host=None)\n") == [("None", "wildcard", "default")]


@pytest.mark.parametrize(("refused", "found"), [('""', ["wildcard"]), ('"::"', ["wildcard"]), ('"0.0.0.0"', [])])
def test_a_check_refuses_only_the_text_that_it_names(refused: str, found: list[str]) -> None:
    text = (
        f'import os\n{HEAD}host = os.getenv("HOST", "0.0.0.0")\nif host == {refused}:\n    raise SystemExit\n'
        "web.run_app(app, host=host)\n"
    )
    assert [kind for kind in kinds(text) if kind == "wildcard"] == found


@pytest.mark.parametrize(
    ("body", "calls", "expected"),
    [
        ("if bind:\n        s.bind(a)", 'make("tcp://0.0.0.0:1", False)\n', []),
        ("if not bind:\n        s.connect(a)\n    else:\n        s.bind(a)", 'make("tcp://0.0.0.0:1", False)\n', []),
        ("if bind and a:\n        s.bind(a)", 'make("tcp://0.0.0.0:1")\n', []),
        (
            "if bind:\n        s.bind(a)",
            'make("tcp://0.0.0.0:1", False)\nmake("tcp://127.0.0.1:2", True)\n',
            ["loopback"],
        ),
        ("if bind:\n        s.bind(a)", 'make("tcp://0.0.0.0:1", bind=True)\n', ["wildcard"]),
        ("if not bind:\n        s.bind(a)", 'make("tcp://0.0.0.0:1")\n', ["wildcard"]),
        ("if bind:\n        s.bind(a)", 'make("tcp://0.0.0.0:1", asked())\n', ["wildcard"]),
        ("if bind or a:\n        s.bind(a)", 'make("tcp://0.0.0.0:1", False)\n', ["wildcard"]),
        ("if bind:\n        pass\n    s.bind(a)", 'make("tcp://0.0.0.0:1", False)\n', ["wildcard"]),
        ("bind = bind or asked()\n    if bind:\n        s.bind(a)", 'make("tcp://0.0.0.0:1", False)\n', ["wildcard"]),
    ],
)
def test_a_flag_that_a_caller_gives_decides_whether_its_address_is_used(
    body: str, calls: str, expected: list[str]
) -> None:
    text = f"import zmq\ndef make(a, bind=False):\n    s = zmq.Context().socket(zmq.PUB)\n    {body}\n{calls}"
    assert [kind for kind in kinds(text) if kind != "unknown"] == expected
