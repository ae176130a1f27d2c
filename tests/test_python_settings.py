"""Addresses that are written into settings: by assignments, keys, lists that grow, and what stands at the end."""

from __future__ import annotations

import pytest
from python_reading import kinds, listeners, read, said

from bindlint.facts import Listener

GUNICORN = "import gunicorn.app.base\n"
HYPERCORN = "from hypercorn.config import Config\nconfig = Config()\n"
CONF = "gunicorn.conf.py"


@pytest.mark.parametrize(
    "text",
    [
        'options = {"bind": HOST}\n',
        "options = dict(bind=HOST, workers=2)\n",
        "options = {}\noptions.update(bind=HOST)\n",
        'options = {}\noptions.update({"bind": HOST})\n',
        'options = {}\noptions.setdefault("bind", HOST)\n',
    ],
)
def test_a_key_is_written_in_many_ways(text: str) -> None:
    assert kinds(f'{GUNICORN}HOST = "0.0.0.0:80"\n{text}') == ["wildcard"]
    assert kinds(f'{GUNICORN}HOST = "127.0.0.1:80"\n{text}') == ["loopback"]
    assert kinds(f'HOST = "0.0.0.0:80"\n{text}') == []


@pytest.mark.parametrize(
    "text",
    [
        'config.bind = ["0.0.0.0:80"]\n',
        'config.bind.append("0.0.0.0:80")\n',
        'config.bind.extend(["127.0.0.1:80", "0.0.0.0:80"])\n',
        'config.bind += ["0.0.0.0:80"]\n',
        'setattr(config, "bind", "0.0.0.0:80")\n',
    ],
)
def test_a_list_of_addresses_grows(text: str) -> None:
    assert "wildcard" in kinds(HYPERCORN + text)


def test_what_is_added_to_a_text_is_no_address() -> None:
    assert kinds('HOST = "127.0.0.1"\nbind = HOST\nbind += ":80"\n', CONF) == ["loopback"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('bind = "0.0.0.0"\nbind = "unix:/run/app.sock"\n', []),
        ('bind = "0.0.0.0"\nif DEBUG:\n    bind = "127.0.0.1"\n', ["wildcard", "loopback"]),
        ('if DEBUG:\n    bind = "127.0.0.1"\nelse:\n    bind = "0.0.0.0"\n', ["loopback", "wildcard"]),
        ('bind = ["0.0.0.0:80"]\nbind += ["127.0.0.1:81"]\n', ["wildcard", "loopback"]),
    ],
)
def test_the_last_write_in_a_configuration_file_counts(text: str, found: list[str]) -> None:
    assert kinds(text, CONF) == found


def test_a_variable_of_the_environment_is_set_unless_it_is_there() -> None:
    text = 'import os, gradio\nos.environ.setdefault("GRADIO_SERVER_NAME", "0.0.0.0")\n'
    assert said(text) == [('"0.0.0.0"', "wildcard", "literal")]


RAY = "from ray import serve\n"


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ('{"host": "0.0.0.0"}', ["wildcard"]),
        ("dict(host=HOST)", ["wildcard"]),
        ('{"host": "127.0.0.1"}', ["loopback"]),
        ('{"location": "HeadOnly"}', ["loopback"]),
        ("None", ["loopback"]),
        ("options()", ["unknown"]),
    ],
)
def test_a_key_of_a_dictionary_that_is_given(options: str, found: list[str]) -> None:
    assert kinds(f'{RAY}HOST = "0.0.0.0"\nserve.start(http_options={options})\n') == found


def test_what_may_hold_the_address_in_some_runs_makes_a_guess() -> None:
    text = "from aiohttp import web\nclass A:\n    def __init__(self, more=None):\n        self.more = more or {}\n"
    call = "    def run(self):\n        web.run_app(app, **self.more)\n"
    assert [(f.address.kind.value, f.certain) for f in listeners(text + call)] == [("wildcard", False)]
    sure = call.replace("**self.more", "")
    assert [(f.address.kind.value, f.certain) for f in listeners(text + sure)] == [("wildcard", True)]


def test_a_settings_file_is_known_by_what_stands_beside() -> None:
    text = "server = {'host': '0.0.0.0', 'port': '8080'}\n"
    app = "app = {'root': 'a.B', 'modules': ['a']}\n"
    assert kinds(text + app, "config.py") == ["wildcard"]
    assert kinds(text, "config.py") == []
    assert [f for f in read(text + app, "notes.py") if isinstance(f, Listener)] == []
