"""Sites, slots and trails: the exact characters that a finding marks and a fix changes."""

from __future__ import annotations

import pytest
from python_reading import listeners, read, said, slots

from bindlint.source import Source

UVICORN = "import uvicorn\n"
TORNADO = "import tornado.web\napp = tornado.web.Application()\n"


@pytest.mark.parametrize(
    ("call", "fixed"),
    [
        ('uvicorn.run(app, host="0.0.0.0")', 'uvicorn.run(app, host="127.0.0.1")'),
        ("uvicorn.run(app, host='0.0.0.0')", "uvicorn.run(app, host='127.0.0.1')"),
        ('uvicorn.run(app, host="""0.0.0.0""")', 'uvicorn.run(app, host="""127.0.0.1""")'),
        ('uvicorn.run(app, host=r"0.0.0.0")', 'uvicorn.run(app, host=r"127.0.0.1")'),
        ('uvicorn.run(app, host="::")', 'uvicorn.run(app, host="::1")'),
        ('uvicorn.run(app, host="")', 'uvicorn.run(app, host="127.0.0.1")'),
        ("uvicorn.run(app, host=None)", 'uvicorn.run(app, host="127.0.0.1")'),
        ('uvicorn.run(app, host=("0.0.0.0"))', 'uvicorn.run(app, host=("127.0.0.1"))'),
    ],
)
def test_a_fix_keeps_the_quotes_of_the_file(call: str, fixed: str) -> None:
    assert slots(f"{UVICORN}{call}\n") == [f"{UVICORN}{fixed}\n"]


@pytest.mark.parametrize(
    ("call", "fixed"),
    [
        ("app.listen()", 'app.listen(address="127.0.0.1")'),
        ("app.listen( )", 'app.listen(address="127.0.0.1" )'),
        ("app.listen(80)", 'app.listen(80, address="127.0.0.1")'),
        ("app.listen(80,)", 'app.listen(80, address="127.0.0.1",)'),
        ("app.listen((80))", 'app.listen((80), address="127.0.0.1")'),
        ("app.listen(\n    80,\n)", 'app.listen(\n    80, address="127.0.0.1",\n)'),
        ("app.listen(80, xheaders=True)", 'app.listen(80, xheaders=True, address="127.0.0.1")'),
        ("app.listen  (80)", 'app.listen  (80, address="127.0.0.1")'),
        ("app.listen  ()", 'app.listen  (address="127.0.0.1")'),
    ],
)
def test_an_omitted_address_is_written_after_the_last_argument(call: str, fixed: str) -> None:
    assert slots(f"{TORNADO}{call}\n") == [f"{TORNADO}{fixed}\n"]


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        ('"tcp://*:5555"', '"tcp://127.0.0.1:5555"'),
        ('f"tcp://*:{port}"', 'f"tcp://127.0.0.1:{port}"'),
        ('"tcp://*:%d" % port', '"tcp://127.0.0.1:%d" % port'),
        ('"tcp://{}:{}".format("*", port)', '"tcp://{}:{}".format("127.0.0.1", port)'),
        ('"tcp://" "*" ":5555"', '"tcp://" "127.0.0.1" ":5555"'),
        ('"tcp://" + "*" + ":5555"', '"tcp://" + "127.0.0.1" + ":5555"'),
    ],
)
def test_only_the_host_inside_a_larger_text_is_changed(text: str, fixed: str) -> None:
    before = "import zmq\ns = zmq.Context().socket(zmq.REP)\n"
    assert slots(f"{before}s.bind({text})\n") == [f"{before}s.bind({fixed})\n"]


def test_the_brackets_of_an_address_are_part_of_it() -> None:
    text = 'import grpc\ngrpc.server(pool).add_insecure_port("[::]:50051")\n'
    assert slots(text) == ['import grpc\ngrpc.server(pool).add_insecure_port("127.0.0.1:50051")\n']


def test_a_constant_is_changed_where_it_is_written() -> None:
    text = 'import uvicorn\nHOST = "0.0.0.0"\nuvicorn.run(app, host=HOST)\n'
    assert slots(text) == ['import uvicorn\nHOST = "127.0.0.1"\nuvicorn.run(app, host=HOST)\n']


def test_the_trail_leads_from_the_use_to_the_literal() -> None:
    text = 'import uvicorn\nA = "0.0.0.0"\nB = A\nuvicorn.run(app, host=B)\n'
    source = Source("app.py", text)
    [fact] = listeners(text)
    assert source.slice(fact.site.span) == "B"
    assert [(source.slice(step.site.span), step.note) for step in fact.address.trail] == [
        ("A", "B is set here"),
        ('"0.0.0.0"', "A is set here"),
    ]


def test_a_default_is_stated_where_it_stands_and_its_trail_leads_to_the_call() -> None:
    text = (
        "import argparse, uvicorn\n"
        "parser = argparse.ArgumentParser()\n"
        'parser.add_argument("--host", default="0.0.0.0")\n'
        "args = parser.parse_args()\n"
        "uvicorn.run(app, host=args.host)\n"
    )
    source = Source("app.py", text)
    [fact] = listeners(text)
    assert source.slice(fact.site.span) == '"0.0.0.0"'
    assert [(source.line(step.site.span.start), step.note) for step in fact.address.trail] == [(5, "used here")]


def test_an_unknown_address_says_what_decides_it() -> None:
    [fact] = listeners('import os, uvicorn\nuvicorn.run(app, host=os.environ["HOST"])\n')
    assert (fact.address.kind.value, fact.address.maybe) == ("unknown", "environment variable HOST")
    [fact] = listeners("import uvicorn\nfrom settings import HOST\nuvicorn.run(app, host=HOST)\n")
    assert fact.address.maybe == "settings.HOST"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: text.replace("\n", "\r\n", 2),
        lambda text: "\ufeff" + text,
        lambda text: "# Gruß, 世界, 🎉\n" + text,
        lambda text: text.replace("import", "\x0cimport", 1),
        lambda text: text.replace("host=", "host = "),
        lambda text: text.replace('("', '(\t"'),
        lambda text: text.rstrip("\n"),
        lambda text: "try:\n    pass\nexcept ValueError :\n    pass\n" + text,
    ],
)
def test_line_ends_marks_and_wide_characters_move_no_place(change: object) -> None:
    text = change('import uvicorn\nNAME = "é"\nuvicorn.run("app", host="0.0.0.0")\n')  # type: ignore[operator] # a lambda
    [fact] = listeners(text)
    assert text[fact.site.span.start : fact.site.span.end] == '"0.0.0.0"'
    assert fact.address.slot is not None
    assert text[fact.address.slot.site.span.start : fact.address.slot.site.span.end] == "0.0.0.0"


def test_facts_come_in_source_order_and_once() -> None:
    text = (
        "import uvicorn, socketserver\n"
        'socketserver.TCPServer(("", 1), H)\n'
        'uvicorn.run(app, host="0.0.0.0")\n'
        'socketserver.UDPServer(("0.0.0.0", 2), H)\n'
    )
    assert [site for site, _, _ in said(text)] == ['""', '"0.0.0.0"', '"0.0.0.0"']
    starts = [fact.site.span.start for fact in read(text)]  # type: ignore[union-attr] # facts have sites
    assert starts == sorted(starts)


@pytest.mark.parametrize(
    ("call", "port"),
    [
        ('uvicorn.run(app, host="0.0.0.0", port=9000)', 9000),
        ('uvicorn.run(app, host="0.0.0.0")', 8000),
        ('uvicorn.run(app, host="0.0.0.0", port=int(os.environ.get("PORT", "9001")))', 9001),
        ('uvicorn.run(app, host="0.0.0.0", port=PORT)', 9002),
        ('uvicorn.run(app, host="0.0.0.0", port=unknown)', None),
    ],
)
def test_ports_are_followed_like_hosts(call: str, port: int | None) -> None:
    assert [f.port for f in listeners(f"import os, uvicorn\nPORT = 9_002\n{call}\n")] == [port]


def test_a_debugger_is_control_only_when_it_is_literally_on() -> None:
    flask = 'from flask import Flask\napp = Flask("x")\n'
    assert [f.surface for f in listeners(f'{flask}app.run("0.0.0.0", debug=True)\n')] == ["control"]
    assert [f.surface for f in listeners(f'{flask}app.run("0.0.0.0", debug=False)\n')] == ["plain"]
    assert [f.surface for f in listeners(f'{flask}app.run("0.0.0.0", debug=DEBUG)\n')] == ["plain"]


@pytest.mark.parametrize("listen", ['f"{host}:80"', '"%s:80" % host', '"{}:80".format(host)', '":".join([host, "80"])'])
def test_a_piece_of_a_text_is_changed_where_it_is_written(listen: str) -> None:
    text = f'import waitress\ndef run(host="0.0.0.0"):\n    waitress.serve(app, listen={listen})\n'
    assert said(text) == [('"0.0.0.0"', "wildcard", "constant")]
    assert slots(text) == [text.replace("0.0.0.0", "127.0.0.1")]


def test_a_followed_port_says_nothing_of_the_host_beside_it() -> None:
    text = 'import waitress\nPORT = 80\nwaitress.serve(app, listen=f"0.0.0.0:{PORT}")\n'
    assert said(text) == [('f"0.0.0.0:{PORT}"', "wildcard", "literal")]
    assert said(text.replace("0.0.0.0", "127.0.0.1")) == [('f"127.0.0.1:{PORT}"', "loopback", "literal")]


def test_the_host_of_a_looked_up_address_is_changed_and_not_the_look_up() -> None:
    text = """\
import socket
HOST = None
for family, kind, proto, _, place in socket.getaddrinfo(HOST, 80, flags=socket.AI_PASSIVE):
    s = socket.socket(family, kind, proto)
    s.bind(place)
    s.listen()
"""
    assert slots(text) == [text.replace("HOST = None", 'HOST = "127.0.0.1"')]
