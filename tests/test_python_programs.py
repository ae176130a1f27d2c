"""Shapes that real programs take on the way to a listener."""

from __future__ import annotations

import pytest
from python_reading import project_kinds

# texts of files (alone: of app.py); the kinds of the addresses that app.py listens on, "unknown" left out
CASES = [
    pytest.param(
        """\
import uvicorn
import os
class Lazy:
    def __init__(self, f):
        self.f = f
class C:
    @Lazy
    def host(self):
        return os.getenv("H", "0.0.0.0")
c = C()
uvicorn.run(app, host=c.host)
""",
        ["wildcard"],
        id="lazy property",
    ),
    pytest.param(
        """\
class S:
    def __init__(self, config=None):
        self.addr = config.getVal("device.listen_addr", default="")
    def go(self):
        import uvicorn; uvicorn.run(app, host=self.addr)
""",
        ["wildcard"],
        id="getVal",
    ),
    pytest.param(
        """\
import uvicorn
class Cfg:
    def get_val(self, key, default=None):
        try:
            return self.d[key]
        except KeyError:
            return default
cfg = Cfg()
a = cfg.get_val("b", default="0.0.0.0")
h = cfg.get_val("h", default="127.0.0.1")
uvicorn.run(app, host=h)
""",
        ["loopback"],
        id="getVal own",
    ),
    pytest.param(
        """\
import uvicorn
def pick(d):
    return d
a = pick("0.0.0.0")
h = pick("127.0.0.1")
uvicorn.run(app, host=h)
""",
        ["loopback"],
        id="own function args",
    ),
    pytest.param(
        """\
import uvicorn
def pick(d="0.0.0.0"):
    return d
a = pick("127.0.0.1")
h = pick()
uvicorn.run(app, host=h)
""",
        ["wildcard"],
        id="own function default arg",
    ),
    pytest.param(
        {
            "src/config/config.py": """\
from src.config.dev import Dev
from src.config.prod import Prod
class Config:
    def __init__(self):
        self.dev = Dev()
        self.prod = Prod()
""",
            "src/config/__init__.py": "",
            "src/config/dev.py": 'class Dev:\n    def __init__(self):\n        self.HOST = "127.0.0.1"\n',
            "src/config/prod.py": 'class Prod:\n    def __init__(self):\n        self.HOST = "0.0.0.0"\n',
            "src/__init__.py": """\
import os
from flask import Flask
from src.config.config import Config
if os.environ.get("E") == "x":
    config = Config().prod
else:
    config = Config().prod
app = Flask(__name__)
""",
            "app.py": "from src import config, app\napp.run(host=config.HOST, port=1)\n",
        },
        ["wildcard"],
        id="an object held in an attribute, across files",
    ),
    pytest.param(
        """\
import uvicorn
import argparse
p = argparse.ArgumentParser()
p.add_argument("--host", default="127.0.0.1")
args = p.parse_args()
host = args.host
if host == "None":
    host = None
uvicorn.run(app, host=host)
""",
        ["loopback"],
        id="an arm for another text",
    ),
    pytest.param(
        """\
import uvicorn
host = cfg["x"]
if host == "::":
    host = None
uvicorn.run(app, host=host)
""",
        [],
        id="an arm for another text unknown",
    ),
    pytest.param(
        """\
import uvicorn
import os
host = os.getenv("H", "all")
if host == "all":
    host = "0.0.0.0"
uvicorn.run(app, host=host)
""",
        ["wildcard"],
        id="an arm for another text known",
    ),
    pytest.param(
        """\
import uvicorn
import os
host = os.getenv("H", "127.0.0.1")
if host in ("all", "*"):
    host = "0.0.0.0"
uvicorn.run(app, host=host)
""",
        ["loopback"],
        id="an arm for another text in",
    ),
    pytest.param(
        """\
import uvicorn
import os
host = os.getenv("H", "127.0.0.1")
if debug and (ipv6 and host == "*"):
    host = "::"
uvicorn.run(app, host=host)
""",
        ["loopback"],
        id="an arm for another text and more",
    ),
    pytest.param(
        """\
import uvicorn
import os
host = os.getenv("H", "127.0.0.1")
if debug or host == "*":
    host = "::"
uvicorn.run(app, host=host)
""",
        ["loopback", "wildcard"],
        id="an arm for another text or else",
    ),
    pytest.param(
        {
            "constants.py": 'X = "0.0.0.0"\n',
            "cmdline.py": """\
import click
from constants import X
@click.command()
@click.option("--host", "-H", default=X, type=str)
def supervisor(host, port):
    from deploy.supervisor import main
    main(host=host, port=port)
""",
            "deploy/__init__.py": "",
            "deploy/supervisor.py": "def main(host, port):\n    import app\n    app.run(host=host, port=port)\n",
            "app.py": """\
from multiprocessing import Process
import uvicorn
class R:
    def __init__(self, host, port):
        self._host = host
    def serve(self):
        uvicorn.run(app, host=self._host)
def run(host, port):
    R(host=host, port=port).serve()
def run_sub(host, port):
    Process(target=run, args=(host, port)).start()
""",
        },
        ["wildcard"],
        id="a click option through two files",
    ),
    pytest.param(
        {
            "s.py": """\
from pydantic import Field
from pydantic_settings import BaseSettings
class Web(BaseSettings):
    host: str = Field(default="0.0.0.0")
class Worker(BaseSettings):
    web: Web = Field(default_factory=Web)
class Settings(BaseSettings):
    worker: Worker = Field(default_factory=Worker)
def current() -> Settings:
    return CTX.get()
""",
            "app.py": """\
import uvicorn
from s import current
settings = current()
uvicorn.run(app, host=settings.worker.web.host)
""",
        },
        ["wildcard"],
        id="nested settings classes",
    ),
    pytest.param(
        """\
import uvicorn
addrs = []
if a:
    addrs.append(x.host)
else:
    addrs.append("0.0.0.0" if a else "127.0.0.1")
uvicorn.run(app, host=addrs)
""",
        ["loopback", "wildcard"],
        id="a list filled by append",
    ),
    pytest.param(
        {
            "game/settings_default.py": 'TI = ["0.0.0.0"]\n',
            "game/portal.py": "",
            "app.py": """\
import uvicorn
from django.conf import settings
def check(i):
    return ["127.0.0.1"] if settings.LOCK else i
for x in check(settings.TI):
    uvicorn.run(app, host=x)
""",
        },
        ["loopback", "wildcard"],
        id="Django settings, a function, a loop",
    ),
    pytest.param(
        {
            "game/settings_default.py": 'TI = "0.0.0.0"\n',
            "app.py": """\
import uvicorn
from django.conf import settings
h = "127.0.0.1" if settings.LOCK else settings.TI
uvicorn.run(app, host=h)
""",
        },
        ["loopback", "wildcard"],
        id="Django settings in one arm",
    ),
    pytest.param(
        """\
import uvicorn
class B:
    def __init__(self, host):
        self.host = host
class A(B):
    pass
a = A("0.0.0.0")
uvicorn.run(app, host=a.host)
""",
        ["wildcard"],
        id="inherited init",
    ),
    pytest.param(
        """\
import argparse
from aiohttp import web
p = argparse.ArgumentParser()
p.add_argument("--host")
a = p.parse_args()
web.run_app(app, host=a.host)
""",
        ["wildcard"],
        id="argparse none aiohttp",
    ),
    pytest.param(
        """\
import argparse
from aiohttp import web
p = argparse.ArgumentParser()
p.add_argument("--host", required=True)
a = p.parse_args()
web.run_app(app, host=a.host)
""",
        [],
        id="argparse none aiohttp required",
    ),
    pytest.param(
        """\
class H:
    host = "0.0.0.0"
class S:
    def __init__(self):
        self.h = H
    def go(self):
        self.h.host = "127.0.0.1"
        import uvicorn
        uvicorn.run(app, host=self.h.host)
S().go()
""",
        ["loopback"],
        id="deep attribute",
    ),
    pytest.param(
        """\
class H:
    host = None
class S:
    def __init__(self):
        self.h = H()
        self.h.host = "0.0.0.0"
    def go(self):
        import uvicorn
        if self.h.host:
            uvicorn.run(app, host=self.h.host)
S().go()
""",
        ["wildcard"],
        id="deep attribute elsewhere",
    ),
    pytest.param(
        """\
import uvicorn
host = {}
uvicorn.run(app, host=host)
""",
        [],
        id="a dictionary for a host",
    ),
    pytest.param(
        {
            "utils/__init__.py": "",
            "utils/config.py": """\
class Cfg:
    def __init__(self):
        self.interfaceIp = None
    def setInterfaceIp(self, ip):
        self.interfaceIp = ip
""",
            "main.py": """\
import argparse
from utils.config import Cfg
from app import Relay
def go(options):
    options.interface_ip = "::" if options.ipv6 else "0.0.0.0"
    c = Cfg()
    c.setInterfaceIp(options.interface_ip)
    server = Relay(c)
    server.start()
""",
            "app.py": """\
from threading import Thread
import socketserver
class Relay(Thread):
    class HTTPServer(socketserver.ThreadingMixIn, socketserver.TCPServer):
        def __init__(self, server_address, H, config):
            self.config = config
            socketserver.TCPServer.__init__(self, server_address, H)
    def __init__(self, config):
        Thread.__init__(self)
        self.config = config
    def run(self):
        self.server = self.HTTPServer((self.config.interfaceIp, 80), H, self.config)
""",
        },
        ["wildcard"],
        id="a setter called in another file",
    ),
    pytest.param(
        """\
class C:
    def __init__(self):
        self.host = None
    def set_host(self, host):
        self.host = host
    def go(self):
        import uvicorn
        if self.host:
            uvicorn.run(app, host=self.host)
c = C()
c.set_host("0.0.0.0")
c.go()
""",
        ["wildcard"],
        id="a setter",
    ),
    pytest.param(
        """\
class C:
    def __init__(self):
        self.host = "127.0.0.1"
    def set_host(self, host):
        self.host = host
    def go(self):
        import uvicorn
        uvicorn.run(app, host=self.host)
c = C()
c.set_host("127.0.0.2")
c.go()
""",
        ["loopback"],
        id="a setter, loopback",
    ),
    pytest.param(
        """\
from data import conf
def direct():
    conf.host = "localhost"
def parsed(url):
    conf.host = url.host
def go():
    import uvicorn
    uvicorn.run(app, host=conf.host)
""",
        [],
        id="an object that many places write to",
    ),
    pytest.param(
        """\
from data import conf
def direct():
    conf.host = "0.0.0.0"
def parsed(url):
    conf.host = url.host
def go():
    import uvicorn
    uvicorn.run(app, host=conf.host)
""",
        ["wildcard"],
        id="an object that many places write to, a wildcard among them",
    ),
    pytest.param(
        """\
import socket
class A:
    def __init__(self, addr="", port=0):
        self.addr = addr
        self.port = port
class S(A):
    def __init__(self, addr="", port=0):
        A.__init__(self, addr, port)
    def start(self):
        self.fd = socket.socket()
        self.fd.bind((self.addr, self.port))
        self.fd.listen()
""",
        ["wildcard"],
        id="a base class's construa value given called by name",
    ),
    pytest.param(
        """\
import uvicorn
H = {"dev": "127.0.0.1", "prod": "0.0.0.0"}
uvicorn.run(app, host=H.get(mode, "127.0.0.1"))
""",
        ["loopback", "wildcard"],
        id="one of several hosts, with a fallback",
    ),
    pytest.param(
        """\
import uvicorn
class Dev:
    HOST = "127.0.0.1"
class Prod:
    HOST = "0.0.0.0"
configs = {"dev": Dev, "prod": Prod}
cfg = configs[mode]
uvicorn.run(app, host=cfg.HOST)
""",
        ["loopback", "wildcard"],
        id="one of several settings classes",
    ),
    pytest.param(
        """\
import uvicorn
class Dev:
    HOST = "127.0.0.1"
class Prod:
    HOST = "0.0.0.0"
configs = {"dev": Dev, "prod": Prod}
cfg = configs["dev"]
uvicorn.run(app, host=cfg.HOST)
""",
        ["loopback"],
        id="a settings class by its name",
    ),
    pytest.param(
        """\
from flask import Flask
app = Flask("x")
class Dev:
    HOST = "0.0.0.0"
configs = {"dev": Dev}
app.config.from_object(configs["dev"])
app.run(host=app.config["HOST"])
""",
        ["wildcard"],
        id="a settings class from a registry",
    ),
]


@pytest.mark.parametrize(("files", "expected"), CASES)
def test_an_address_is_followed_through(files: str | dict[str, str], expected: list[str]) -> None:
    found = project_kinds({"app.py": files} if isinstance(files, str) else files)
    assert sorted(set(found) - {"unknown"}) == sorted(expected)
