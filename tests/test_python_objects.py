"""Attributes of objects: which class and which constructor call decides."""

from __future__ import annotations

import pytest
from python_reading import project_kinds

# texts of files (alone: of app.py); the kinds of the addresses that app.py listens on, "unknown" left out
CASES = [
    pytest.param(
        """\
import uvicorn
class Base:
    host = "0.0.0.0"
    def go(self):
        uvicorn.run(app, host=self.host)
class Safe(Base):
    host = "127.0.0.1"
Safe().go()
""",
        ["loopback"],
        id="override",
    ),
    pytest.param(
        """\
import uvicorn
class Base:
    host = "0.0.0.0"
    def go(self):
        uvicorn.run(app, host=self.host)
class Safe(Base):
    host = "127.0.0.1"
Safe().go()
Base().go()
""",
        ["loopback", "wildcard"],
        id="override both",
    ),
    pytest.param(
        """\
import uvicorn
class Base:
    host = "0.0.0.0"
    def go(self):
        uvicorn.run(app, host=self.host)
class Safe(Base):
    host = "127.0.0.1"
Base().go()
""",
        ["wildcard"],
        id="override base only",
    ),
    pytest.param(
        """\
import uvicorn
class Base:
    host = "0.0.0.0"
    def go(self):
        uvicorn.run(app, host=self.host)
""",
        ["wildcard"],
        id="base alone",
    ),
    pytest.param(
        """\
import uvicorn
class Base:
    host = "0.0.0.0"
class Safe(Base):
    host = "127.0.0.1"
s = Safe()
uvicorn.run(app, host=s.host)
""",
        ["loopback"],
        id="override outside",
    ),
    pytest.param(
        """\
import uvicorn
class Base:
    host = None
    def go(self):
        uvicorn.run(app, host=self.host)
class A(Base):
    host = "0.0.0.0"
A().go()
""",
        ["wildcard"],
        id="none override",
    ),
    pytest.param(
        """\
import uvicorn
class Base:
    host = None
    def go(self):
        uvicorn.run(app, host=self.host)
class A(Base):
    host = "127.0.0.1"
A().go()
""",
        ["loopback"],
        id="none override, loopback",
    ),
    pytest.param(
        """\
import uvicorn
class Base:
    def __init__(self, host="127.0.0.1"):
        self.host = host
    def go(self):
        uvicorn.run(app, host=self.host)
class A(Base):
    def __init__(self):
        super().__init__(host="0.0.0.0")
A().go()
""",
        ["wildcard"],
        id="super init",
    ),
    pytest.param(
        """\
import uvicorn
class Base:
    def __init__(self, host="127.0.0.1"):
        self.host = host
    def go(self):
        uvicorn.run(app, host=self.host)
class A(Base):
    def __init__(self):
        super().__init__("0.0.0.0")
A().go()
""",
        ["wildcard"],
        id="super init pos",
    ),
    pytest.param(
        """\
import uvicorn
class Base:
    def __init__(self, host="127.0.0.1"):
        self.host = host
    def go(self):
        uvicorn.run(app, host=self.host)
class A(Base):
    def __init__(self):
        Base.__init__(self, "0.0.0.0")
A().go()
""",
        ["wildcard"],
        id="Base init",
    ),
    pytest.param(
        """\
import uvicorn
class Base:
    def __init__(self, host="127.0.0.1"):
        self.host = host
    def go(self):
        uvicorn.run(app, host=self.host)
class A(Base):
    def __init__(self, **kw):
        super().__init__(**kw)
A(host="0.0.0.0").go()
""",
        ["wildcard"],
        id="super init kwargs",
    ),
    pytest.param(
        """\
import uvicorn
class Base:
    def __init__(self, host="127.0.0.1"):
        self.host = host
    def go(self):
        uvicorn.run(app, host=self.host)
class A(Base):
    def __init__(self, *a):
        super().__init__(*a)
A("0.0.0.0").go()
""",
        ["wildcard"],
        id="super init args",
    ),
    pytest.param(
        """\
import uvicorn
class C:
    @property
    def host(self):
        return "0.0.0.0"
c = C()
uvicorn.run(app, host=c.host)
""",
        ["wildcard"],
        id="property",
    ),
    pytest.param(
        """\
import uvicorn
from functools import cached_property
class C:
    @cached_property
    def host(self):
        return "0.0.0.0"
c = C()
uvicorn.run(app, host=c.host)
""",
        ["wildcard"],
        id="cached_property",
    ),
    pytest.param(
        """\
import uvicorn
class C:
    def __init__(self):
        self._h = "0.0.0.0"
    @property
    def host(self):
        return self._h
c = C()
uvicorn.run(app, host=c.host)
""",
        ["wildcard"],
        id="property self",
    ),
    pytest.param(
        """\
import uvicorn
class C:
    def __init__(self):
        self._h = "0.0.0.0"
    @property
    def host(self):
        return self._h
    @host.setter
    def host(self, v):
        self._h = v
c = C()
uvicorn.run(app, host=c.host)
""",
        ["wildcard"],
        id="property setter",
    ),
    pytest.param(
        """\
import uvicorn
class C:
    def host(self):
        return "0.0.0.0"
c = C()
uvicorn.run(app, host=c.host())
""",
        ["wildcard"],
        id="method",
    ),
    pytest.param(
        """\
import uvicorn
class C:
    @staticmethod
    def host():
        return "0.0.0.0"
uvicorn.run(app, host=C.host())
""",
        ["wildcard"],
        id="staticmethod",
    ),
    pytest.param(
        """\
import uvicorn
class C:
    def host(self):
        return "0.0.0.0"
c = C()
uvicorn.run(app, host=c.host)
""",
        [],
        id="method not called",
    ),
    pytest.param(
        """\
import uvicorn
class C:
    def __init__(self, host):
        self.host = host
    @classmethod
    def make(cls):
        return cls(host="0.0.0.0")
c = C.make()
uvicorn.run(app, host=c.host)
""",
        ["wildcard"],
        id="classmethod",
    ),
    pytest.param(
        """\
import uvicorn
from dataclasses import dataclass
@dataclass
class C:
    host: str
    @classmethod
    def make(cls):
        return cls("0.0.0.0")
c = C.make()
uvicorn.run(app, host=c.host)
""",
        ["wildcard"],
        id="classmethod dc",
    ),
    pytest.param(
        """\
import uvicorn
class C:
    def __init__(self):
        setattr(self, "host", "0.0.0.0")
c = C()
uvicorn.run(app, host=c.host)
""",
        ["wildcard"],
        id="setattr",
    ),
    pytest.param(
        """\
import uvicorn
class C:
    def __init__(self):
        self.__dict__.update(host="0.0.0.0")
c = C()
uvicorn.run(app, host=c.host)
""",
        ["wildcard"],
        id="__dict__.update with keywords",
    ),
    pytest.param(
        """\
import uvicorn
class C:
    def __init__(self, **kw):
        self.__dict__.update(kw)
c = C(host="0.0.0.0")
uvicorn.run(app, host=c.host)
""",
        ["wildcard"],
        id="__dict__.update with keywordsargs",
    ),
    pytest.param(
        """\
import uvicorn
class C:
    def __init__(self, **kw):
        for k, v in kw.items():
            setattr(self, k, v)
c = C(**load())
uvicorn.run(app, host=c.host)
""",
        [],
        id="setattr loop",
    ),
    pytest.param(
        """\
import uvicorn
class C:
    host = "0.0.0.0"
    def __init__(self, **kw):
        for k, v in kw.items():
            setattr(self, k, v)
c = C(port=1)
uvicorn.run(app, host=c.host)
""",
        ["wildcard"],
        id="setattr loop default",
    ),
    pytest.param(
        """\
import uvicorn
class C:
    def __init__(self, **kwargs):
        self.host = kwargs.get("host", "0.0.0.0")
c = C()
uvicorn.run(app, host=c.host)
""",
        ["wildcard"],
        id="kwargs.get",
    ),
    pytest.param(
        """\
import uvicorn
class C:
    def __init__(self, **kwargs):
        self.host = kwargs.get("host", "0.0.0.0")
c = C(host="127.0.0.1")
uvicorn.run(app, host=c.host)
""",
        ["loopback"],
        id="kwargs.get given",
    ),
    pytest.param(
        """\
import uvicorn
def run(**kwargs):
    uvicorn.run(app, host=kwargs.pop("host", "0.0.0.0"))
run(host="127.0.0.1")
run()
""",
        ["loopback", "wildcard"],
        id="kwargs.pop given some",
    ),
    pytest.param(
        """\
import uvicorn
def run(**kwargs):
    uvicorn.run(app, host=kwargs["host"])
run(host="0.0.0.0")
""",
        ["wildcard"],
        id="kwargs[host]",
    ),
    pytest.param(
        """\
from http.server import HTTPServer
class S(HTTPServer):
    def __init__(self, *args, **kw):
        super().__init__(*args, **kw)
S(("0.0.0.0", 80), H).serve_forever()
""",
        ["wildcard"],
        id="HTTPServer args",
    ),
    pytest.param(
        """\
from http.server import HTTPServer
class S(HTTPServer):
    def __init__(self, *args, **kw):
        super().__init__(*args, **kw)
S(("127.0.0.1", 80), H).serve_forever()
""",
        ["loopback"],
        id="HTTPServer args, loopback",
    ),
    pytest.param(
        """\
from http.server import HTTPServer
class S(HTTPServer):
    def __init__(self, addr, h):
        HTTPServer.__init__(self, addr, h)
S(("", 80), H).serve_forever()
""",
        ["wildcard"],
        id="HTTPServer addr",
    ),
    pytest.param(
        """\
import uvicorn
class C:
    def __init__(self, host="0.0.0.0"):
        self.host = host
c = C()
uvicorn.run(app, host=c.host)
""",
        ["wildcard"],
        id="init param default",
    ),
    pytest.param(
        """\
import uvicorn
class C:
    def __init__(self, host="0.0.0.0"):
        self.host = host
c = C("127.0.0.1")
uvicorn.run(app, host=c.host)
""",
        ["loopback"],
        id="init param given",
    ),
    pytest.param(
        """\
import uvicorn
class C:
    def __init__(self, host="0.0.0.0"):
        self.host = host
a = C("0.0.0.0")
c = C("127.0.0.1")
uvicorn.run(app, host=c.host)
""",
        ["loopback"],
        id="two objects",
    ),
    pytest.param(
        """\
import uvicorn
from dataclasses import dataclass
@dataclass
class C:
    host: str = None
    def __post_init__(self):
        self.host = self.host or "0.0.0.0"
c = C()
uvicorn.run(app, host=c.host)
""",
        ["wildcard"],
        id="post_init",
    ),
    pytest.param(
        """\
import uvicorn
from dataclasses import dataclass
@dataclass
class B:
    host: str = "0.0.0.0"
@dataclass
class C(B):
    port: int = 1
c = C()
uvicorn.run(app, host=c.host)
""",
        ["wildcard"],
        id="dataclass inherit",
    ),
    pytest.param(
        """\
import uvicorn
from dataclasses import dataclass
@dataclass
class B:
    host: str = "0.0.0.0"
@dataclass
class C(B):
    port: int = 1
c = C(host="127.0.0.1")
uvicorn.run(app, host=c.host)
""",
        ["loopback"],
        id="dataclass inherit kw",
    ),
    pytest.param(
        {
            "app.py": """\
import asyncio
class Base:
    async def listen(self):
        host, port = self.address()
        await asyncio.start_server(cb, host, port)
    def address(self):
        raise NotImplementedError
""",
            "main.py": """\
from app import Base
class Chat(Base):
    def address(self):
        return "0.0.0.0", 6667
Chat().listen()
""",
        },
        ["wildcard"],
        id="a method of an heir that gives a tuple 0.0.0.0",
    ),
    pytest.param(
        {
            "app.py": """\
import asyncio
class Base:
    async def listen(self):
        host, port = self.address()
        await asyncio.start_server(cb, host, port)
    def address(self):
        raise NotImplementedError
""",
            "main.py": """\
from app import Base
class Chat(Base):
    def address(self):
        return "127.0.0.1", 6667
Chat().listen()
""",
        },
        ["loopback"],
        id="a method of an heir that gives a tuple 127.0.0.1",
    ),
    pytest.param(
        {
            "app.py": """\
import asyncio
class Base:
    async def listen(self):
        host, port = self.address()
        await asyncio.start_server(cb, host, port)
    def address(self):
        return "0.0.0.0", 1
class Chat(Base):
    def address(self):
        return "127.0.0.1", 6667
Chat().listen()
""",
        },
        ["loopback"],
        id="a method of the only heir that is made outranks its base's",
    ),
    pytest.param(
        {
            "app.py": """\
import asyncio
class Base:
    async def listen(self):
        host, port = self.address()
        await asyncio.start_server(cb, host, port)
    def address(self):
        return "0.0.0.0", 1
class Chat(Base):
    pass
Chat().listen()
""",
        },
        ["wildcard"],
        id="a method that the heir leaves as it is",
    ),
    pytest.param(
        {
            "app.py": """\
import asyncio
class Base:
    async def listen(self):
        host, port = self.address()
        await asyncio.start_server(cb, host, port)
    def address(self):
        return self.host, 1
class Chat(Base):
    def __init__(self, host):
        self.host = host
Chat("0.0.0.0").listen()
""",
        },
        ["wildcard"],
        id="a method of the base that reads what the heir has",
    ),
]


@pytest.mark.parametrize(("files", "expected"), CASES)
def test_an_address_is_followed_through(files: str | dict[str, str], expected: list[str]) -> None:
    found = project_kinds({"app.py": files} if isinstance(files, str) else files)
    assert sorted(set(found) - {"unknown"}) == sorted(expected)


MANAGER = """
import asyncio
from dataclasses import dataclass, field

class Spec:
    def __init__(self, host, port):
        self.host = host
        self.port = port

{0}
    def add(self, host, port):
        self.specs.append(Spec(host, port))

    async def run(self):
        for spec in self.specs:
            await asyncio.start_server(cb, spec.host, spec.port)
"""


@pytest.mark.parametrize(
    "manager",
    [
        "class Manager:\n    def __init__(self):\n        self.specs = []\n",
        "@dataclass\nclass Manager:\n    specs: list[Spec] = field(default_factory=list)\n",
    ],
)
def test_objects_that_a_method_adds_to_a_list_are_gone_through(manager: str) -> None:
    text = MANAGER.format(manager)
    main = 'from manager import Manager\nm = Manager()\nm.add("{}", 80)\nm.add("127.0.0.1", 81)\n'
    files = {"manager.py": text, "main.py": main.format("0.0.0.0")}
    assert project_kinds(files, "manager.py") == ["wildcard", "loopback"]
    assert set(project_kinds({**files, "main.py": main.format("::1")}, "manager.py")) == {"loopback"}
    assert project_kinds({"manager.py": text}, "manager.py") == ["unknown"]


def test_none_is_no_address_where_a_method_sets_attributes_by_names_from_a_run() -> None:
    text = """
import uvicorn
class Base:
    def __init__(self):
        self.host = {0}
    def load(self, names):
        for name in names:
            setattr(self, name, read(name))
class Exporter(Base):
    def run(self):
        self.load(["host"])
        uvicorn.run(app, host=self.host)
"""
    assert project_kinds({"app.py": text.format("None")}) == ["unknown"]
    assert project_kinds({"app.py": text.format('"0.0.0.0"')}) == ["wildcard"]


def test_an_object_in_an_object_that_another_file_defines() -> None:
    parts = """
class Params:
    def __init__(self, ip):
        self.ip = ip
class Context:
    def __init__(self, server=None):
        self.server = server
    def __enter__(self):
        return self
"""
    text = """
import uvicorn
from parts import Context, Params
def run(context):
    uvicorn.run(app, host=context.server.ip)
def main():
    with Context(server=Params("{0}")) as context:
        run(context)
"""
    for address, kind in (("0.0.0.0", "wildcard"), ("127.0.0.1", "loopback")):
        assert project_kinds({"app.py": text.format(address), "parts.py": parts}) == [kind]
    made_without = text.replace('server=Params("{0}")', "")
    assert project_kinds({"app.py": made_without, "parts.py": parts}) == ["unknown"]
