"""Values are followed to where they are written: one hop of every kind that a listener's address takes in real code."""

from __future__ import annotations

import pytest
from python_reading import listeners, said

from bindlint.addresses import Families

# text; of each listener: the text of its site, the kind of its address, how it is known
CASES = [
    pytest.param(
        """
import uvicorn
HOST, PORT = "0.0.0.0", 80
uvicorn.run(app, host=HOST, port=PORT)
""",
        [("HOST", "wildcard", "constant")],
        id="a constant unpacked from a tuple",
    ),
    pytest.param(
        """
import uvicorn
class Config:
    HOST = "0.0.0.0"
uvicorn.run(app, host=Config.HOST)
""",
        [("Config.HOST", "wildcard", "constant")],
        id="a class attribute",
    ),
    pytest.param(
        """
import uvicorn
class A:
    def __init__(self):
        self.host = "0.0.0.0"
    def go(self):
        uvicorn.run(app, host=self.host)
""",
        [("self.host", "wildcard", "constant")],
        id="an attribute set in __init__",
    ),
    pytest.param(
        """
import uvicorn
conf = {"host": "0.0.0.0", "port": 1}
uvicorn.run(app, **conf)
""",
        [('"0.0.0.0"', "wildcard", "constant")],
        id="a dictionary unpacked into the call",
    ),
    pytest.param(
        """
import uvicorn
conf = {"host": "0.0.0.0"}
uvicorn.run(app, host=conf["host"])
""",
        [('conf["host"]', "wildcard", "constant")],
        id="a dictionary item",
    ),
    pytest.param(
        """
import uvicorn
conf = {"host": "0.0.0.0"}
uvicorn.run(app, host=conf.get("host", "127.0.0.1"))
""",
        [('conf.get("host", "127.0.0.1")', "wildcard", "constant")],
        id="a dictionary item asked for with get",
    ),
    pytest.param(
        """
import uvicorn
conf = dict(host="0.0.0.0", port=1)
uvicorn.run(app, **conf)
""",
        [('"0.0.0.0"', "wildcard", "constant")],
        id="a dictionary made with dict()",
    ),
    pytest.param(
        """
import uvicorn
conf = {}
conf["host"] = "0.0.0.0"
uvicorn.run(app, **conf)
""",
        [('"0.0.0.0"', "wildcard", "constant")],
        id="a dictionary filled later",
    ),
    pytest.param(
        """
import uvicorn
uvicorn.run(app, host="127.0.0.1" if debug else "0.0.0.0")
""",
        [('"127.0.0.1"', "loopback", "literal"), ('"0.0.0.0"', "wildcard", "literal")],
        id="both arms of a conditional",
    ),
    pytest.param(
        """
import uvicorn
import os
uvicorn.run(app, host=os.environ.get("HOST") or "0.0.0.0")
""",
        [('"0.0.0.0"', "wildcard", "literal")],
        id="what follows an environment variable after or",
    ),
    pytest.param(
        """
import uvicorn
import os
uvicorn.run(app, host=os.getenv("HOST", "0.0.0.0"))
""",
        [('"0.0.0.0"', "wildcard", "constant")],
        id="the default of an environment variable",
    ),
    pytest.param(
        """
import uvicorn
import os
HOST = os.getenv("HOST", "0.0.0.0")
uvicorn.run(app, host=HOST)
""",
        [('"0.0.0.0"', "wildcard", "constant")],
        id="the default of an environment variable behind a constant",
    ),
    pytest.param(
        """
import uvicorn
import os
uvicorn.run(app, host=os.environ["HOST"])
""",
        [('os.environ["HOST"]', "unknown", "unknown")],
        id="a variable without default is unknown",
    ),
    pytest.param(
        """
import uvicorn
import click
@click.command()
@click.option("--host", "-h", default="0.0.0.0")
def main(host):
    uvicorn.run(app, host=host)
""",
        [('"0.0.0.0"', "wildcard", "constant")],
        id="the default of a click option",
    ),
    pytest.param(
        """
import uvicorn
import typer
def main(host: str = typer.Option("0.0.0.0", "--host")):
    uvicorn.run(app, host=host)
""",
        [('"0.0.0.0"', "wildcard", "constant")],
        id="the default of a typer option",
    ),
    pytest.param(
        """
import uvicorn
import typer
from typing import Annotated
def main(host: Annotated[str, typer.Option()] = "0.0.0.0"):
    uvicorn.run(app, host=host)
""",
        [('"0.0.0.0"', "wildcard", "constant")],
        id="the default of an annotated typer option",
    ),
    pytest.param(
        """
import uvicorn
from optparse import OptionParser
p = OptionParser()
p.add_option("--host", dest="addr", default="0.0.0.0")
(options, args) = p.parse_args()
uvicorn.run(app, host=options.addr)
""",
        [('"0.0.0.0"', "wildcard", "constant")],
        id="the default of an optparse option by its dest",
    ),
    pytest.param(
        """
import uvicorn
import argparse
def parse():
    p = argparse.ArgumentParser()
    p.add_argument("--bind-host", default="0.0.0.0")
    return p.parse_args()
def main():
    cfg = parse()
    uvicorn.run(app, host=cfg.bind_host)
""",
        [('"0.0.0.0"', "wildcard", "constant")],
        id="the default of an argparse option parsed in a function",
    ),
    pytest.param(
        """
import uvicorn
import argparse
p = argparse.ArgumentParser()
p.add_argument("--host", default="0.0.0.0")
args = p.parse_args()
uvicorn.run(app, **vars(args))
""",
        [('"0.0.0.0"', "wildcard", "constant")],
        id="options handed on with vars",
    ),
    pytest.param(
        """
import uvicorn
def serve(host="0.0.0.0"):
    uvicorn.run(app, host=host)
""",
        [('"0.0.0.0"', "wildcard", "constant")],
        id="the default of a parameter",
    ),
    pytest.param(
        """
import uvicorn
def serve(host):
    uvicorn.run(app, host=host)
serve("0.0.0.0")
""",
        [('"0.0.0.0"', "wildcard", "constant")],
        id="the argument of a thin wrapper",
    ),
    pytest.param(
        """
import uvicorn
def serve(host):
    uvicorn.run(app, host=host)
serve("0.0.0.0")
serve("127.0.0.1")
""",
        [('"0.0.0.0"', "wildcard", "constant"), ('"127.0.0.1"', "loopback", "constant")],
        id="the arguments of a wrapper called twice",
    ),
    pytest.param(
        """
import uvicorn
def serve(host="0.0.0.0"):
    uvicorn.run(app, host=host)
serve("127.0.0.1")
""",
        [('"127.0.0.1"', "loopback", "constant")],
        id="a default that every call overrides does not count",
    ),
    pytest.param(
        """
import uvicorn
def serve(**kwargs):
    uvicorn.run(app, **kwargs)
serve(host="0.0.0.0", port=1)
""",
        [('"0.0.0.0"', "wildcard", "constant")],
        id="keywords handed on by a wrapper",
    ),
    pytest.param(
        """
import uvicorn
from dataclasses import dataclass
@dataclass
class Settings:
    host: str = "0.0.0.0"
settings = Settings()
uvicorn.run(app, host=settings.host)
""",
        [('"0.0.0.0"', "wildcard", "constant")],
        id="the default of a dataclass field",
    ),
    pytest.param(
        """
import uvicorn
from dataclasses import dataclass
@dataclass
class Settings:
    host: str = "0.0.0.0"
settings = Settings(host="127.0.0.1")
uvicorn.run(app, host=settings.host)
""",
        [('"127.0.0.1"', "loopback", "constant")],
        id="a field given when the object is made",
    ),
    pytest.param(
        """
import uvicorn
from pydantic import Field
from pydantic_settings import BaseSettings
class Settings(BaseSettings):
    host: str = Field(default="0.0.0.0", alias="H")
def main():
    settings = Settings()
    uvicorn.run(app, host=settings.host)
""",
        [('"0.0.0.0"', "wildcard", "constant")],
        id="the default inside a pydantic Field",
    ),
    pytest.param(
        """
import uvicorn
from functools import partial
serve = partial(uvicorn.run, host="0.0.0.0")
serve(app)
""",
        [('"0.0.0.0"', "wildcard", "literal")],
        id="the keywords of a partial",
    ),
    pytest.param(
        """
import uvicorn
import threading
threading.Thread(target=uvicorn.run, args=(app,), kwargs={"host": "0.0.0.0"}).start()
""",
        [('"0.0.0.0"', "wildcard", "constant")],
        id="the keywords of a thread",
    ),
    pytest.param(
        """
import zmq
p = 5
zmq.Context().socket(zmq.REP).bind(f"tcp://*:{p}")
""",
        [('f"tcp://*:{p}"', "wildcard", "literal")],
        id="an f-string with a known host",
    ),
    pytest.param(
        """
import zmq
HOST = "0.0.0.0"
zmq.Context().socket(zmq.REP).bind(f"tcp://{HOST}:{p}")
""",
        [('f"tcp://{HOST}:{p}"', "wildcard", "constant")],
        id="an f-string with the host interpolated",
    ),
    pytest.param(
        """
import zmq
HOST = "0.0.0.0"
zmq.Context().socket(zmq.REP).bind("tcp://%s:%d" % (HOST, 5))
""",
        [('"tcp://%s:%d" % (HOST, 5)', "wildcard", "constant")],
        id="a percent template",
    ),
    pytest.param(
        """
import zmq
zmq.Context().socket(zmq.REP).bind("tcp://{}:{port}".format("*", port=5))
""",
        [('"tcp://{}:{port}".format("*", port=5)', "wildcard", "literal")],
        id="a format template",
    ),
    pytest.param(
        """
import zmq
zmq.Context().socket(zmq.REP).bind("tcp://" + ":".join(["*", str(5)]))
""",
        [('"tcp://" + ":".join(["*", str(5)])', "wildcard", "literal")],
        id="joined and added texts",
    ),
    pytest.param(
        """
import uvicorn
H = "0.0.0.0"
H = "127.0.0.1"
uvicorn.run(app, host=H)
""",
        [("H", "loopback", "constant")],
        id="the last write wins",
    ),
    pytest.param(
        """
import uvicorn
if x:
    H = "0.0.0.0"
else:
    H = "127.0.0.1"
uvicorn.run(app, host=H)
""",
        [("H", "loopback", "constant"), ("H", "wildcard", "constant")],
        id="both branches count",
    ),
    pytest.param(
        """
import uvicorn
H = "0.0.0.0"
if x:
    H = "127.0.0.1"
else:
    H = "::1"
uvicorn.run(app, host=H)
""",
        [("H", "loopback", "constant"), ("H", "loopback", "constant")],
        id="branches that both write hide what came before",
    ),
    pytest.param(
        """
import uvicorn
if x:
    H = "0.0.0.0"
else:
    H = "127.0.0.1"
    uvicorn.run(app, host=H)
""",
        [("H", "loopback", "constant")],
        id="the other arm does not count",
    ),
    pytest.param(
        """
import uvicorn
import os
try:
    H = os.environ["H"]
except KeyError:
    H = "0.0.0.0"
uvicorn.run(app, host=H)
""",
        [("H", "wildcard", "constant")],
        id="a fallback in an exception handler",
    ),
    pytest.param(
        """
import uvicorn
serve = uvicorn.run
serve(app, host="0.0.0.0")
""",
        [('"0.0.0.0"', "wildcard", "literal")],
        id="an alias of the function",
    ),
    pytest.param(
        """
def main():
    import uvicorn as u
    u.run(app, host="0.0.0.0")
""",
        [('"0.0.0.0"', "wildcard", "literal")],
        id="an import inside a function under another name",
    ),
    pytest.param(
        """
from flask import Flask
def create():
    app = Flask(__name__)
    return app
if __name__ == "__main__":
    app = create()
    app.run("0.0.0.0")
""",
        [('"0.0.0.0"', "wildcard", "literal")],
        id="an object made by a factory of the file",
    ),
    pytest.param(
        """
from flask import Flask
def go(app: "Flask"):
    app.run("0.0.0.0")
""",
        [('"0.0.0.0"', "wildcard", "literal")],
        id="a parameter annotated with the class",
    ),
    pytest.param(
        """
from flask import Flask
class S:
    def __init__(self):
        self.app = Flask(__name__)
    def go(self):
        self.app.run(host="")
""",
        [('""', "loopback", "literal")],
        id="an object kept in an attribute",
    ),
    pytest.param(
        """
import socketserver
class S(socketserver.ThreadingMixIn, socketserver.TCPServer): pass
with S(("", 80), H) as s:
    s.serve_forever()
""",
        [('""', "wildcard", "literal")],
        id="a subclass of the library class",
    ),
    pytest.param(
        """
import socketserver
class S(socketserver.TCPServer):
    def __init__(self, host, port):
        super().__init__((host, port), H)
S("0.0.0.0", 80)
""",
        [('"0.0.0.0"', "wildcard", "constant")],
        id="an address handed to super().__init__",
    ),
    pytest.param(
        """
import socketserver
class S(socketserver.TCPServer):
    def __init__(self, port):
        socketserver.TCPServer.__init__(self, ("", port), H)
S(80)
""",
        [('""', "wildcard", "literal")],
        id="an address handed to the base class",
    ),
    pytest.param(
        """
import socket
s = socket.socket()
addr = ("0.0.0.0", 80)
s.bind(addr)
s.listen()
""",
        [("addr", "wildcard", "constant")],
        id="a tuple behind a name",
    ),
    pytest.param(
        """
import socket
class S:
    def __init__(self, host="0.0.0.0", port=80):
        self.addr = (host, port)
        self.sock = socket.socket()
    def go(self):
        self.sock.bind(self.addr)
        self.sock.listen()
""",
        [('"0.0.0.0"', "wildcard", "constant")],
        id="a tuple behind an attribute of a parameter with default",
    ),
    pytest.param(
        """
import uvicorn
import enum
class H(enum.Enum):
    ALL = "0.0.0.0"
uvicorn.run(app, host=H.ALL.value)
""",
        [("H.ALL.value", "wildcard", "constant")],
        id="the value of an enum member",
    ),
    pytest.param(
        """
import socket
for host in ("0.0.0.0", "::"):
    s = socket.socket()
    s.bind((host, 80))
    s.listen()
""",
        [("host", "wildcard", "constant"), ("host", "wildcard", "constant")],
        id="each element of a loop",
    ),
    pytest.param(
        """
from aiohttp import web
web.run_app(app, host=["127.0.0.1", "0.0.0.0"])
""",
        [('"127.0.0.1"', "loopback", "literal"), ('"0.0.0.0"', "wildcard", "literal")],
        id="each host of a list",
    ),
    pytest.param(
        """
import ipaddress
import uvicorn
uvicorn.run(app, host=str(ipaddress.IPv4Address("0.0.0.0")))
""",
        [('"0.0.0.0"', "wildcard", "literal")],
        id="an address object turned into text",
    ),
    pytest.param(
        """
import uvicorn
import os
def host():
    return os.environ.get("H", "0.0.0.0")
uvicorn.run(app, host=host())
""",
        [('"0.0.0.0"', "wildcard", "constant")],
        id="what a function of the file returns",
    ),
    pytest.param(
        """
import uvicorn
uvicorn.run(app, host=(h := "0.0.0.0"))
""",
        [('"0.0.0.0"', "wildcard", "literal")],
        id="an assignment expression",
    ),
    pytest.param(
        """
import uvicorn
HOST = "127.0.0.1"
def conf():
    global HOST
    HOST = "0.0.0.0"
def go():
    uvicorn.run(app, host=HOST)
""",
        [("HOST", "wildcard", "constant"), ("HOST", "loopback", "constant")],
        id="a constant that a function may change",
    ),
    pytest.param(
        """
import uvicorn
serve = lambda h: uvicorn.run(app, host=h)
serve("0.0.0.0")
""",
        [("h", "unknown", "unknown")],
        id="the parameter of a lambda is unknown",
    ),
    pytest.param(
        """
import uvicorn
uvicorn.run(app, host="0")
""",
        [('"0"', "wildcard", "literal")],
        id="the short numeric spelling",
    ),
    pytest.param(
        """
import uvicorn
def go(host):
    uvicorn.run(app, host=host)
""",
        [("host", "unknown", "unknown")],
        id="a parameter that nobody gives is unknown",
    ),
    pytest.param(
        """
import uvicorn
from decouple import config
uvicorn.run(app, host=config("HOST", default="0.0.0.0"))
""",
        [('"0.0.0.0"', "wildcard", "constant")],
        id="the default of decouple",
    ),
    pytest.param(
        """
import uvicorn
from environs import Env
env = Env()
uvicorn.run(app, host=env.str("HOST", "0.0.0.0"))
""",
        [('"0.0.0.0"', "wildcard", "constant")],
        id="the default of environs",
    ),
    pytest.param(
        """
import uvicorn
uvicorn.run(app, host=cp.get("server", "host", fallback="0.0.0.0"))
""",
        [('"0.0.0.0"', "wildcard", "constant")],
        id="the fallback of configparser",
    ),
    pytest.param(
        """
import uvicorn
uvicorn.run(app, host=getattr(settings, "HOST", "0.0.0.0"))
""",
        [('"0.0.0.0"', "wildcard", "constant")],
        id="the fallback of getattr",
    ),
    pytest.param(
        """
from tornado.options import define, options
import tornado.web
define("address", default="0.0.0.0")
app = tornado.web.Application()
app.listen(80, options.address)
""",
        [('"0.0.0.0"', "wildcard", "constant")],
        id="the default of a tornado option",
    ),
    pytest.param(
        """
import asyncio
class S:
    async def go(self):
        loop = asyncio.get_event_loop()
        self.server = await loop.create_server(P, host="0.0.0.0", port=1)
""",
        [('"0.0.0.0"', "wildcard", "literal")],
        id="a server of the running event loop",
    ),
    pytest.param(
        """
import asyncio
class S:
    def __init__(self, loop):
        self.loop = loop
    async def go(self):
        await self.loop.create_server(P, "0.0.0.0", 1)
""",
        [('"0.0.0.0"', "wildcard", "literal")],
        id="a server of a loop of unknown class",
    ),
    pytest.param(
        """
from x import server
server.run(host='0.0.0.0')
""",
        [("'0.0.0.0'", "wildcard", "literal")],
        id="a server imported from another file",
    ),
    pytest.param(
        """
import socket
s = socket.socket()
s.bind((b"", 80))
s.listen()
""",
        [('b""', "wildcard", "literal")],
        id="an address in bytes",
    ),
    pytest.param(
        """
import uvicorn
host = "127.0.0.1"
while True:
    uvicorn.run(app, host=host)
    host = "0.0.0.0"
""",
        [("host", "loopback", "constant"), ("host", "wildcard", "constant")],
        id="a value for the next round of a loop",
    ),
    pytest.param(
        """
import uvicorn
while True:
    host = "127.0.0.1"
    uvicorn.run(app, host=host)
    host = "0.0.0.0"
""",
        [("host", "loopback", "constant")],
        id="a value that the next round of a loop replaces",
    ),
    pytest.param(
        """
import uvicorn
host = "0.0.0.0"
match mode:
    case "dev":
        host = "127.0.0.2"
    case _:
        host = "127.0.0.1"
uvicorn.run(app, host=host)
""",
        [("host", "loopback", "constant"), ("host", "loopback", "constant")],
        id="cases that cover everything hide what came before",
    ),
    pytest.param(
        """
import uvicorn
HOST = "127.0.0.1"
def configure():
    global HOST
    HOST = "0.0.0.0"
configure()
uvicorn.run(app, host=HOST)
""",
        [("HOST", "wildcard", "constant"), ("HOST", "loopback", "constant")],
        id="a global that a function called before may have set",
    ),
    pytest.param(
        """
import uvicorn
HOST = "127.0.0.1"
def configure():
    global HOST
    HOST = "0.0.0.0"
uvicorn.run(app, host=HOST)
configure()
""",
        [("HOST", "loopback", "constant")],
        id="a global that a function called later sets",
    ),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_an_address_is_followed_through(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert said(text) == expected


def test_a_partial_and_its_call_are_one_listener() -> None:
    text = (
        "import asyncio\nfrom functools import partial\nasync def go():\n    loop = asyncio.get_running_loop()\n"
        '    host = "0.0.0.0"\n    f = partial(loop.create_datagram_endpoint, P, local_addr=(host, 9))\n    await f()\n'
    )
    assert said(text) == [("host", "wildcard", "constant")]


def test_an_endpoint_without_an_interface_leaves_the_address_out() -> None:
    text = "from twisted.internet import endpoints, reactor\nendpoints.serverFromString(reactor, "
    assert said(f'{text}"tcp:8080")\n') == [('"tcp:8080"', "wildcard", "default")]
    assert said(f'{text}"tcp:8080:interface=0.0.0.0")\n') == [('"tcp:8080:interface=0.0.0.0"', "wildcard", "literal")]


@pytest.mark.parametrize(
    "text",
    [
        'import bottle\nbottle.run(host="::")\n',
        'from pyftpdlib.servers import FTPServer\nFTPServer(("::", 2121), h)\n',
        'from prometheus_client import start_http_server\nstart_http_server(8000, addr="::")\n',
        'import smtpd\nsmtpd.SMTPServer(("::", 25), None)\n',
        'from robyn import Robyn\nRobyn(__file__).start(host="::")\n',
        'import http.server\nhttp.server.test(bind="::")\n',
        'from cheroot import wsgi\nwsgi.Server(("::", 80), app)\n',
        'from dnslib.server import DNSServer\nDNSServer(r, address="::")\n',
        'import Pyro5.api\nPyro5.api.Daemon(host="::")\n',
    ],
)
def test_two_colons_are_both_families_where_they_were_measured_to_be(text: str) -> None:
    assert [f.address.families for f in listeners(text)] == [Families.DUAL]


def test_the_servers_of_http_server_refuse_an_empty_text_and_listen_everywhere_without_one() -> None:
    text = "import http.server\nhttp.server.test("
    assert said(f'{text}bind="")\n') == []
    assert [kind for _, kind, _ in said(f"{text}bind=None)\n") + said(f"{text})\n")] == ["wildcard", "wildcard"]
