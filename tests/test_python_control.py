"""What gives strangers control of a listener: its arguments, what is done to the object, what takes its socket over."""

from __future__ import annotations

import pytest
from python_reading import listeners

FLASK = "import os\nfrom flask import Flask\napp = Flask(__name__)\n"
WERKZEUG = "from werkzeug.serving import run_simple\nfrom werkzeug.debug import DebuggedApplication\n"
RPYC = "import rpyc\nfrom rpyc.utils.server import ThreadedServer\n"


def surfaces(text: str) -> list[str]:
    return [fact.surface for fact in listeners(text)]


@pytest.mark.parametrize(
    ("text", "surface"),
    [
        ('app.run("0.0.0.0")\n', "plain"),
        ('app.run("0.0.0.0", 80, True)\n', "control"),
        ('app.debug = True\napp.run("0.0.0.0")\n', "control"),
        ('app.run("0.0.0.0")\napp.debug = True\n', "plain"),
        ('app.debug = True\napp.run("0.0.0.0", debug=False)\n', "plain"),
        ('app.debug = True\napp.debug = False\napp.run("0.0.0.0")\n', "plain"),
        ('app.debug = os.getenv("DEBUG")\napp.run("0.0.0.0")\n', "plain"),
        ('app.config["DEBUG"] = True\napp.run("0.0.0.0")\n', "control"),
        ('app.config.update(DEBUG=True)\napp.run("0.0.0.0")\n', "control"),
        ('other.debug = True\napp.run("0.0.0.0")\n', "plain"),
        ('os.environ["FLASK_DEBUG"] = "1"\napp.run("0.0.0.0")\n', "control"),
        ('os.environ["FLASK_DEBUG"] = "0"\napp.run("0.0.0.0")\n', "plain"),
        ('app.run("0.0.0.0", debug=True, use_evalex=False)\n', "plain"),
    ],
)
def test_flask_has_a_console_when_it_debugs(text: str, surface: str) -> None:
    assert surfaces(FLASK + text) == [surface]


@pytest.mark.parametrize(
    ("text", "surface"),
    [
        ('run_simple("0.0.0.0", 80, DebuggedApplication(app, evalex=True))\n', "control"),
        ('app = DebuggedApplication(app, True)\nrun_simple("0.0.0.0", 80, app)\n', "control"),
        ('run_simple("0.0.0.0", 80, DebuggedApplication(app))\n', "plain"),
        ('run_simple("0.0.0.0", 80, app, use_debugger=True)\n', "control"),
        ('run_simple("0.0.0.0", 80, app, use_debugger=True, use_evalex=False)\n', "plain"),
    ],
)
def test_a_wrapper_around_the_application_counts(text: str, surface: str) -> None:
    assert surfaces(WERKZEUG + text) == [surface]


@pytest.mark.parametrize(
    ("text", "surface"),
    [
        ('ThreadedServer(rpyc.ClassicService, hostname="0.0.0.0")\n', "control"),
        ('class S(rpyc.SlaveService):\n    pass\nThreadedServer(S, hostname="0.0.0.0")\n', "control"),
        ('class S(rpyc.Service):\n    pass\nThreadedServer(S, hostname="0.0.0.0")\n', "plain"),
    ],
)
def test_a_class_among_the_arguments_counts(text: str, surface: str) -> None:
    assert surfaces(RPYC + text) == [surface]


XMLRPC = 'from xmlrpc.server import SimpleXMLRPCServer\ns = SimpleXMLRPCServer(("", 80))\n'


@pytest.mark.parametrize(
    ("text", "surface"),
    [
        ("s.register_instance(x)\n", "plain"),
        ("s.register_instance(x, allow_dotted_names=True)\n", "control"),
        ("other.register_instance(x, allow_dotted_names=True)\n", "plain"),
    ],
)
def test_a_method_called_on_the_server_counts(text: str, surface: str) -> None:
    assert surfaces(XMLRPC + text) == [surface]


EVENTLET = (
    'import eventlet\nimport eventlet.backdoor\nfrom eventlet.green import socket\nsock = eventlet.listen(("", 80))\n'
)


@pytest.mark.parametrize(
    ("text", "surface"),
    [
        ("eventlet.wsgi.server(sock, app)\n", "plain"),
        ("eventlet.backdoor.backdoor_server(sock)\n", "control"),
        ("eventlet.spawn(eventlet.backdoor.backdoor_server, sock)\n", "control"),
    ],
)
def test_what_takes_a_socket_over_says_what_it_is_for(text: str, surface: str) -> None:
    assert surfaces(EVENTLET + text) == [surface]


def test_a_bound_socket_is_taken_over_too() -> None:
    text = (
        "import eventlet.backdoor\nfrom eventlet.green import socket\ns = socket.socket()\n"
        's.bind(("", 80))\ns.listen()\neventlet.backdoor.backdoor_server(s)\n'
    )
    assert surfaces(text) == ["control"]
