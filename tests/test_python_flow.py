"""Which values reach a listener: branches, loops, checks that refuse."""

from __future__ import annotations

import pytest
from python_reading import project_kinds

# texts of files (alone: of app.py); the kinds of the addresses that app.py listens on, "unknown" left out
CASES = [
    pytest.param(
        """\
import sys, uvicorn
host = "127.0.0.1"
if len(sys.argv) > 1: host = "0.0.0.0"
uvicorn.run(app, host=host)
""",
        ["loopback", "wildcard"],
        id="an assignment on the line of its if",
    ),
    pytest.param(
        """\
import uvicorn
if False:
    uvicorn.run(app, host="0.0.0.0")
""",
        [],
        id="if False",
    ),
    pytest.param(
        """\
import uvicorn
if 0:
    uvicorn.run(app, host="0.0.0.0")
""",
        [],
        id="if 0",
    ),
    pytest.param(
        """\
import uvicorn
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    uvicorn.run(app, host="0.0.0.0")
""",
        [],
        id="if TYPE_CHECKING",
    ),
    pytest.param(
        """\
import uvicorn
import typing
if typing.TYPE_CHECKING:
    uvicorn.run(app, host="0.0.0.0")
""",
        [],
        id="if typing.TYPE_CHECKING",
    ),
    pytest.param(
        """\
import uvicorn
if True:
    uvicorn.run(app, host="0.0.0.0")
""",
        ["wildcard"],
        id="if True",
    ),
    pytest.param(
        """\
import uvicorn
if False:
    pass
else:
    uvicorn.run(app, host="0.0.0.0")
""",
        ["wildcard"],
        id="if False else",
    ),
    pytest.param(
        """\
import uvicorn
if True:
    pass
else:
    uvicorn.run(app, host="0.0.0.0")
""",
        [],
        id="if True else",
    ),
    pytest.param(
        """\
import uvicorn
H = "127.0.0.1"
if False:
    H = "0.0.0.0"
uvicorn.run(app, host=H)
""",
        ["loopback"],
        id="if False write",
    ),
    pytest.param(
        """\
import uvicorn
if 0:
    def f():
        uvicorn.run(app, host="0.0.0.0")
""",
        [],
        id="if 0 def",
    ),
    pytest.param(
        """\
import uvicorn
while False:
    uvicorn.run(app, host="0.0.0.0")
""",
        [],
        id="while False",
    ),
    pytest.param(
        """\
import uvicorn
def f():
    return
    uvicorn.run(app, host="0.0.0.0")
""",
        [],
        id="after return",
    ),
    pytest.param(
        """\
import uvicorn
DEBUG = False
if DEBUG:
    uvicorn.run(app, host="0.0.0.0")
""",
        ["wildcard"],
        id="if DEBUG const",
    ),
    pytest.param(
        """\
import uvicorn
H = "0.0.0.0"
try:
    if H == "0.0.0.0":
        raise ValueError
except ValueError:
    print("careful")
uvicorn.run(app, host=H)
""",
        ["wildcard"],
        id="raise caught",
    ),
    pytest.param(
        """\
import uvicorn
H = "0.0.0.0"
try:
    if H == "0.0.0.0":
        raise ValueError
except KeyError:
    print("careful")
uvicorn.run(app, host=H)
""",
        [],
        id="raise caught other",
    ),
    pytest.param(
        """\
import uvicorn
H = "0.0.0.0"
try:
    if H == "0.0.0.0":
        raise ValueError
except ValueError:
    raise
uvicorn.run(app, host=H)
""",
        [],
        id="raise caught reraised",
    ),
    pytest.param(
        """\
import uvicorn
import sys
H = "0.0.0.0"
try:
    if H == "0.0.0.0":
        raise ValueError
except ValueError:
    sys.exit(1)
uvicorn.run(app, host=H)
""",
        [],
        id="raise caught exit",
    ),
    pytest.param(
        """\
import uvicorn
import os
BAD = {"0.0.0.0", "::"}
H = os.getenv("H", "0.0.0.0")
if H in BAD:
    raise SystemExit
uvicorn.run(app, host=H)
""",
        [],
        id="refused members of a set",
    ),
    pytest.param(
        """\
import uvicorn
import os
BAD = frozenset({"0.0.0.0", "::"})
H = os.getenv("H", "0.0.0.0")
if H in BAD:
    raise SystemExit
uvicorn.run(app, host=H)
""",
        [],
        id="refused members of a frozenset",
    ),
    pytest.param(
        """\
import uvicorn
import os
BAD = ("0.0.0.0", "::")
H = os.getenv("H", "0.0.0.0")
if H in BAD:
    raise SystemExit
uvicorn.run(app, host=H)
""",
        [],
        id="refused members of a tuple",
    ),
    pytest.param(
        """\
import uvicorn
import os
BAD = set(["0.0.0.0"])
H = os.getenv("H", "0.0.0.0")
if H in BAD:
    raise SystemExit
uvicorn.run(app, host=H)
""",
        [],
        id="refused members of a setcall",
    ),
    pytest.param(
        """\
import uvicorn
import os
BAD = {"0.0.0.0": 1}
H = os.getenv("H", "0.0.0.0")
if H in BAD:
    raise SystemExit
uvicorn.run(app, host=H)
""",
        [],
        id="refused members of a dict",
    ),
    pytest.param(
        """\
import uvicorn
import os
BAD = {"::"}
H = os.getenv("H", "0.0.0.0")
if H in BAD:
    raise SystemExit
uvicorn.run(app, host=H)
""",
        ["wildcard"],
        id="refused members of a not covering",
    ),
    pytest.param(
        """\
import uvicorn
import os
BAD = set()
H = os.getenv("H", "0.0.0.0")
if H in BAD:
    raise SystemExit
uvicorn.run(app, host=H)
""",
        ["wildcard"],
        id="refused members of a list appended?",
    ),
    pytest.param(
        """\
import uvicorn
import os
OK = {"127.0.0.1", "localhost"}
H = os.getenv("H", "0.0.0.0")
if H not in OK:
    raise SystemExit
uvicorn.run(app, host=H)
""",
        [],
        id="not in ALLOWED",
    ),
    pytest.param(
        """\
import uvicorn
import os
OK = {"127.0.0.1", "0.0.0.0"}
H = os.getenv("H", "0.0.0.0")
if H not in OK:
    raise SystemExit
uvicorn.run(app, host=H)
""",
        ["wildcard"],
        id="not in ALLOWED with",
    ),
    pytest.param(
        """\
import uvicorn
import os
OK = load()
H = os.getenv("H", "0.0.0.0")
if H not in OK:
    raise SystemExit
uvicorn.run(app, host=H)
""",
        ["wildcard"],
        id="not in ALLOWED unknown",
    ),
    pytest.param(
        """\
import uvicorn
import os
H = os.getenv("H", "0.0.0.0")
if H != "127.0.0.1":
    raise SystemExit
uvicorn.run(app, host=H)
""",
        [],
        id="!= loopback",
    ),
    pytest.param(
        """\
import uvicorn
import os, ipaddress
H = os.getenv("H", "0.0.0.0")
if not ipaddress.ip_address(H).is_loopback:
    raise SystemExit
uvicorn.run(app, host=H)
""",
        [],
        id="is_loopback",
    ),
    pytest.param(
        """\
import uvicorn
import os, ipaddress
H = os.getenv("H", "0.0.0.0")
assert ipaddress.ip_address(H).is_loopback
uvicorn.run(app, host=H)
""",
        [],
        id="assert is_loopback",
    ),
    pytest.param(
        {
            "safe.py": 'BAD = frozenset({"0.0.0.0", "::"})\n',
            "app.py": """\
import uvicorn
import os
from safe import BAD
H = os.getenv("H", "0.0.0.0")
if H in BAD:
    raise SystemExit
uvicorn.run(app, host=H)
""",
        },
        [],
        id="refused members of a imported",
    ),
    pytest.param(
        """\
import uvicorn
import os
def check(host):
    if host in ("0.0.0.0", "::", ""):
        raise ValueError(host)
H = os.getenv("H", "0.0.0.0")
check(H)
uvicorn.run(app, host=H)
""",
        [],
        id="a function that checks,",
    ),
    pytest.param(
        """\
import os, uvicorn
def check(host):
    if host in ("0.0.0.0", "::", ""):
        raise ValueError(host)
H = os.getenv("H", "0.0.0.0")
uvicorn.run(app, host=H)
check(H)
""",
        ["wildcard"],
        id="a function that checks, after",
    ),
    pytest.param(
        """\
import uvicorn
import os
def check(host):
    if host in ("0.0.0.0", "::", ""):
        raise ValueError(host)
H = os.getenv("H", "0.0.0.0")
check(X)
uvicorn.run(app, host=H)
""",
        ["wildcard"],
        id="a function that checks, other",
    ),
    pytest.param(
        """\
import uvicorn
import os
def check(host):
    if host in ("0.0.0.0", "::", ""):
        raise ValueError(host)
H = os.getenv("H", "0.0.0.0")
if strict:
    check(H)
uvicorn.run(app, host=H)
""",
        ["wildcard"],
        id="a function that checks, conditional",
    ),
    pytest.param(
        """\
import uvicorn
import os
def check(host):
    if host in ("0.0.0.0", "::", ""):
        raise ValueError(host)
H = os.getenv("H", "0.0.0.0")
try:
    check(H)
except ValueError:
    pass
uvicorn.run(app, host=H)
""",
        ["wildcard"],
        id="a function that checks, caught",
    ),
    pytest.param(
        """\
import uvicorn
import os
def check(host):
    if host == "0.0.0.0":
        raise ValueError
    return host
H = check(os.getenv("H", "0.0.0.0"))
uvicorn.run(app, host=H)
""",
        [],
        id="a function that checks, returns",
    ),
    pytest.param(
        """\
import uvicorn
import os
def check(host):
    return host
H = check(os.getenv("H", "0.0.0.0"))
uvicorn.run(app, host=H)
""",
        ["wildcard"],
        id="a function that checks, returns W",
    ),
    pytest.param(
        {
            "safe.py": """\
def check(host):
    if host in ("0.0.0.0", "::", ""):
        raise ValueError(host)
""",
            "app.py": """\
import uvicorn
import os
from safe import check
H = os.getenv("H", "0.0.0.0")
check(H)
uvicorn.run(app, host=H)
""",
        },
        [],
        id="a function that checks, imported",
    ),
    pytest.param(
        """\
import uvicorn
import os, sys
def is_bad(h):
    return h in ("0.0.0.0", "::")
H = os.getenv("H", "0.0.0.0")
if is_bad(H):
    sys.exit(1)
uvicorn.run(app, host=H)
""",
        [],
        id="check bool",
    ),
    pytest.param(
        """\
import uvicorn
class S:
    def __init__(self, host="0.0.0.0"):
        self.host = host
    def check(self):
        if self.host == "0.0.0.0":
            raise ValueError
    def go(self):
        self.check()
        uvicorn.run(app, host=self.host)
S().go()
""",
        [],
        id="check self",
    ),
    pytest.param(
        """\
from werkzeug.serving import run_simple
class Cmd:
    def handle(self, addr=""):
        self.addr = ""
        if addr:
            self.addr = addr
        if not self.addr:
            self.addr = "127.0.0.1"
        self.inner()
    def inner(self):
        run_simple(self.addr, 80, app)
""",
        ["loopback"],
        id="runserver_plus",
    ),
    pytest.param(
        """\
import uvicorn
h = None
uvicorn.run(app, host=h or "127.0.0.1")
""",
        ["loopback"],
        id="or",
    ),
    pytest.param(
        """\
import uvicorn
def f(host=None):
    host = host or "127.0.0.1"
    uvicorn.run(app, host=host)
""",
        ["loopback"],
        id="or self",
    ),
    pytest.param(
        """\
import uvicorn
if (h := "0.0.0.0"):
    uvicorn.run(app, host=h)
""",
        ["wildcard"],
        id="walrus",
    ),
    pytest.param(
        """\
import uvicorn
match mode:
    case "a":
        h = "0.0.0.0"
    case _:
        h = "127.0.0.1"
uvicorn.run(app, host=h)
""",
        ["loopback", "wildcard"],
        id="match",
    ),
    pytest.param(
        """\
import uvicorn
h = "0.0.0.0"
match mode:
    case "a":
        h = "127.0.0.2"
    case _:
        h = "127.0.0.1"
uvicorn.run(app, host=h)
""",
        ["loopback"],
        id="match cover",
    ),
    pytest.param(
        """\
import uvicorn
h = "0.0.0.0" if x else "127.0.0.1"
uvicorn.run(app, host=h)
""",
        ["loopback", "wildcard"],
        id="ternary",
    ),
    pytest.param(
        """\
import uvicorn
def f(h="0.0.0.0"):
    if h == "0.0.0.0":
        return
    uvicorn.run(app, host=h)
""",
        [],
        id="early return",
    ),
    pytest.param(
        """\
import uvicorn
def f(host=""):
    host = host if host else "127.0.0.1"
    uvicorn.run(app, host=host)
""",
        ["loopback"],
        id="host if host",
    ),
    pytest.param(
        """\
import uvicorn
try:
    host = cfg["h"]
except KeyError:
    host = "0.0.0.0"
uvicorn.run(app, host=host)
""",
        ["wildcard"],
        id="try except",
    ),
    pytest.param(
        """\
import uvicorn
cfg={"h":"127.0.0.1"}
try:
    host = cfg["h"]
except KeyError:
    host = "127.0.0.1"
uvicorn.run(app, host=host)
""",
        ["loopback"],
        id="try dict",
    ),
    pytest.param(
        """\
import uvicorn
HOSTS = ["0.0.0.0", "127.0.0.1"]
for h in HOSTS:
    uvicorn.run(app, host=h)
""",
        ["loopback", "wildcard"],
        id="loop list",
    ),
    pytest.param(
        """\
import uvicorn
HOSTS = ["0.0.0.0", "127.0.0.1"]
for i, h in enumerate(HOSTS):
    uvicorn.run(app, host=h)
""",
        ["loopback", "wildcard"],
        id="loop enumerate",
    ),
    pytest.param(
        """\
import uvicorn
HOSTS = {"a": "0.0.0.0"}
for k, h in HOSTS.items():
    uvicorn.run(app, host=h)
""",
        ["wildcard"],
        id="loop dict items",
    ),
    pytest.param(
        """\
import uvicorn
HOSTS = {"a": "0.0.0.0"}
for h in HOSTS.values():
    uvicorn.run(app, host=h)
""",
        ["wildcard"],
        id="loop dict values",
    ),
    pytest.param(
        """\
import uvicorn
for h, p in zip(["0.0.0.0"], [80]):
    uvicorn.run(app, host=h)
""",
        ["wildcard"],
        id="loop zip",
    ),
    pytest.param(
        """\
import uvicorn
HOSTS = []
HOSTS.append("0.0.0.0")
for h in HOSTS:
    uvicorn.run(app, host=h)
""",
        ["wildcard"],
        id="loop append",
    ),
    pytest.param(
        """\
import uvicorn
[uvicorn.run(app, host=h) for h in ["0.0.0.0"]]
""",
        ["wildcard"],
        id="comp",
    ),
    pytest.param(
        """\
import uvicorn
host = "0.0.0.0"
while True:
    try:
        uvicorn.run(app, host=host)
        break
    except OSError:
        pass
""",
        ["wildcard"],
        id="while True",
    ),
    pytest.param(
        """\
import uvicorn
host = "127.0.0.1"
while True:
    uvicorn.run(app, host=host)
    host = "0.0.0.0"
""",
        ["loopback", "wildcard"],
        id="while later write",
    ),
    pytest.param(
        """\
import uvicorn
host = "127.0.0.1"
for i in range(3):
    uvicorn.run(app, host=host)
    host = "0.0.0.0"
""",
        ["loopback", "wildcard"],
        id="for later write",
    ),
    pytest.param(
        """\
import uvicorn
H = "127.0.0.1"
def conf():
    global H
    H = "0.0.0.0"
def go():
    uvicorn.run(app, host=H)
""",
        ["loopback", "wildcard"],
        id="global",
    ),
    pytest.param(
        """\
import uvicorn
import ipaddress
uvicorn.run(app, host=ipaddress.ip_address("0.0.0.0").compressed)
""",
        ["wildcard"],
        id="ip compressed",
    ),
    pytest.param(
        """\
import uvicorn
import ipaddress
uvicorn.run(app, host=ipaddress.IPv4Address("0.0.0.0").exploded)
""",
        ["wildcard"],
        id="ip exploded",
    ),
    pytest.param(
        """\
import uvicorn
import ipaddress
ip = ipaddress.ip_address("0.0.0.0")
uvicorn.run(app, host=str(ip))
""",
        ["wildcard"],
        id="str ip",
    ),
    pytest.param(
        """\
import uvicorn
import ipaddress
ip = ipaddress.ip_address("0.0.0.0")
uvicorn.run(app, host=f"{ip}")
""",
        ["wildcard"],
        id="format ip",
    ),
    pytest.param(
        """\
import uvicorn
import socket
uvicorn.run(app, host=socket.gethostbyname("localhost"))
""",
        ["loopback"],
        id="gethostbyname",
    ),
    pytest.param(
        """\
import uvicorn
import socket
uvicorn.run(app, host=socket.gethostbyname("0.0.0.0"))
""",
        ["wildcard"],
        id="gethostbyname W",
    ),
    pytest.param(
        """\
import uvicorn
import socket
uvicorn.run(app, host=socket.gethostname())
""",
        ["specific"],
        id="gethostname",
    ),
    pytest.param(
        """\
import uvicorn
import socket
uvicorn.run(app, host=socket.getfqdn())
""",
        ["specific"],
        id="getfqdn",
    ),
    pytest.param(
        """\
import uvicorn
import socket
uvicorn.run(app, host=socket.gethostbyname(socket.gethostname()))
""",
        ["specific"],
        id="gethostbyname gethostname",
    ),
    pytest.param(
        """\
import uvicorn
import socket
h = socket.gethostname()
uvicorn.run(app, host=h)
""",
        ["specific"],
        id="gethostname name",
    ),
    pytest.param(
        """\
import socket
for res in socket.getaddrinfo(None, 80, socket.AF_UNSPEC, socket.SOCK_STREAM, 0, socket.AI_PASSIVE):
    af, t, p, c, sa = res
    s = socket.socket(af, t, p)
    s.bind(sa)
    s.listen(1)
""",
        ["wildcard"],
        id="getaddrinfo passive",
    ),
    pytest.param(
        """\
import socket
HOST = "127.0.0.1"
for af, t, p, c, sa in socket.getaddrinfo(HOST, 80, socket.AF_UNSPEC, socket.SOCK_STREAM, 0, socket.AI_PASSIVE):
    s = socket.socket(af, t, p)
    s.bind(sa)
    s.listen(1)
""",
        ["loopback"],
        id="getaddrinfo const",
    ),
    pytest.param(
        """\
import socket
for af, t, p, c, sa in socket.getaddrinfo(None, 80):
    s = socket.socket(af, t, p)
    s.bind(sa)
    s.listen(1)
""",
        ["loopback"],
        id="getaddrinfo none active",
    ),
    pytest.param(
        """\
import socket
sa = socket.getaddrinfo("::", 80)[0][4]
s = socket.socket()
s.bind(sa)
s.listen(1)
""",
        ["wildcard"],
        id="getaddrinfo [0][4]",
    ),
    pytest.param(
        """\
import socket
sa = socket.getaddrinfo("0.0.0.0", 80)[0][-1]
s = socket.socket()
s.bind(sa)
s.listen(1)
""",
        ["wildcard"],
        id="getaddrinfo [0][-1]",
    ),
    pytest.param(
        """\
import contextlib, socket
def serve(host="0.0.0.0"):
    (family, _, _, _, addr) = socket.getaddrinfo(host, 5900, type=socket.SOCK_STREAM)[0]
    with contextlib.closing(socket.socket(family, socket.SOCK_STREAM)) as s:
        s.bind(addr)
        s.listen()
""",
        ["wildcard"],
        id="contextlib.closing gives the socket back",
    ),
    pytest.param(
        """\
import contextlib, socket
with contextlib.ExitStack() as stack:
    s = stack.enter_context(socket.socket())
    s.bind(("", 80))
    s.listen()
""",
        ["wildcard"],
        id="an exit stack gives the socket back",
    ),
    pytest.param(
        """\
from twisted.internet import tcp
def serve():
    s = tcp.Port(None, None).createInternetSocket()
    s.bind(("", 80))
    s.listen()
""",
        ["wildcard"],
        id="a socket that Twisted makes",
    ),
]


@pytest.mark.parametrize(("files", "expected"), CASES)
def test_an_address_is_followed_through(files: str | dict[str, str], expected: list[str]) -> None:
    found = project_kinds({"app.py": files} if isinstance(files, str) else files)
    assert sorted(set(found) - {"unknown"}) == sorted(expected)
