"""Dictionaries, objects that hold settings, and what is done to them."""

from __future__ import annotations

import pytest
from python_reading import project_kinds

# texts of files (alone: of app.py); the kinds of the addresses that app.py listens on, "unknown" left out
CASES = [
    pytest.param(
        """\
import uvicorn
cfg = {}
cfg.update({"host": "0.0.0.0"})
uvicorn.run(app, host=cfg["host"])
""",
        ["wildcard"],
        id="update dict",
    ),
    pytest.param(
        """\
import uvicorn
cfg = {"host": "0.0.0.0"}
cfg.update({"host": "127.0.0.1"})
uvicorn.run(app, host=cfg["host"])
""",
        ["loopback"],
        id="update dict over",
    ),
    pytest.param(
        """\
import uvicorn
cfg = {"port": 1}
cfg.update(host="0.0.0.0")
uvicorn.run(app, host=cfg["host"])
""",
        ["wildcard"],
        id="update with keywords",
    ),
    pytest.param(
        """\
import uvicorn
cfg = {"port": 1}
cfg.update(host="0.0.0.0")
uvicorn.run(app, **cfg)
""",
        ["wildcard"],
        id="update then spread",
    ),
    pytest.param(
        """\
import uvicorn
cfg = {"host": "0.0.0.0"}
cfg.update(host="127.0.0.1")
uvicorn.run(app, **cfg)
""",
        ["loopback"],
        id="spread update over",
    ),
    pytest.param(
        """\
import uvicorn
cfg = {"host": "0.0.0.0"}
cfg.update(load())
uvicorn.run(app, host=cfg["host"])
""",
        ["wildcard"],
        id="update unknown",
    ),
    pytest.param(
        """\
import uvicorn
cfg = {"host": "0.0.0.0"}
if x:
    cfg.update(host="127.0.0.1")
uvicorn.run(app, host=cfg["host"])
""",
        ["loopback", "wildcard"],
        id="update in branch",
    ),
    pytest.param(
        """\
import uvicorn
cfg = {"host": "127.0.0.1"}
uvicorn.run(app, host=cfg["host"])
cfg.update(host="0.0.0.0")
""",
        ["loopback"],
        id="update later",
    ),
    pytest.param(
        """\
import uvicorn
a = {"host": "127.0.0.1"}
b = {"host": "0.0.0.0"}
c = a | b
uvicorn.run(app, host=c["host"])
""",
        ["wildcard"],
        id="merge or",
    ),
    pytest.param(
        """\
import uvicorn
a = {"host": "0.0.0.0"}
b = {"host": "127.0.0.1"}
c = a | b
uvicorn.run(app, host=c["host"])
""",
        ["loopback"],
        id="merge or, loopback",
    ),
    pytest.param(
        """\
import uvicorn
a = {"host": "127.0.0.1"}
a |= {"host": "0.0.0.0"}
uvicorn.run(app, host=a["host"])
""",
        ["wildcard"],
        id="merge ior",
    ),
    pytest.param(
        """\
import uvicorn
a = {"host": "127.0.0.1"}
b = {"host": "0.0.0.0"}
c = {**a, **b}
uvicorn.run(app, host=c["host"])
""",
        ["wildcard"],
        id="merge star",
    ),
    pytest.param(
        """\
import uvicorn
a = {"host": "0.0.0.0"}
c = {**a, "host": "127.0.0.1"}
uvicorn.run(app, host=c["host"])
""",
        ["loopback"],
        id="merge star override",
    ),
    pytest.param(
        """\
import uvicorn
a = {"host": "0.0.0.0"}
c = {**a, **load()}
uvicorn.run(app, host=c["host"])
""",
        ["wildcard"],
        id="merge star unknown",
    ),
    pytest.param(
        """\
import uvicorn
def run(**kw):
    kw.setdefault("host", "0.0.0.0")
    uvicorn.run(app, **kw)
""",
        ["wildcard"],
        id="keywords with setdefault,",
    ),
    pytest.param(
        """\
import uvicorn
def run(**kw):
    kw.setdefault("host", "127.0.0.1")
    uvicorn.run(app, **kw)
""",
        ["loopback"],
        id="keywords with setdefault,, loopback",
    ),
    pytest.param(
        """\
import uvicorn
def run(**kw):
    kw.setdefault("host", "0.0.0.0")
    uvicorn.run(app, **kw)
run(host="127.0.0.1")
""",
        ["loopback"],
        id="keywords with setdefault, given",
    ),
    pytest.param(
        """\
import uvicorn
def run(**kw):
    kw.setdefault("host", "0.0.0.0")
    uvicorn.run(app, **kw)
run(host="127.0.0.1")
run()
""",
        ["loopback", "wildcard"],
        id="keywords with setdefault, given some",
    ),
    pytest.param(
        """\
import uvicorn
cfg = {"host": "127.0.0.1"}
cfg.setdefault("host", "0.0.0.0")
uvicorn.run(app, host=cfg["host"])
""",
        ["loopback"],
        id="setdefault dict",
    ),
    pytest.param(
        """\
import uvicorn
cfg = {}
uvicorn.run(app, host=cfg.setdefault("host", "0.0.0.0"))
""",
        ["wildcard"],
        id="setdefault value",
    ),
    pytest.param(
        """\
import uvicorn
cfg = {"host": "127.0.0.1"}
uvicorn.run(app, host=cfg.get("host", "0.0.0.0"))
""",
        ["loopback"],
        id="get known",
    ),
    pytest.param(
        """\
import uvicorn
cfg = {"port": 1}
uvicorn.run(app, host=cfg.get("host", "0.0.0.0"))
""",
        ["wildcard"],
        id="get absent",
    ),
    pytest.param(
        """\
import uvicorn
cfg = load()
uvicorn.run(app, host=cfg.get("host", "0.0.0.0"))
""",
        ["wildcard"],
        id="get open",
    ),
    pytest.param(
        {
            "conf.py": 'CONFIG = {"host": "127.0.0.1"}\n',
            "app.py": """\
import uvicorn
from conf import CONFIG
uvicorn.run(app, host=CONFIG.get("host", "0.0.0.0"))
""",
        },
        ["loopback"],
        id="get other file",
    ),
    pytest.param(
        {
            "conf.py": 'CONFIG = {"host": "0.0.0.0"}\n',
            "app.py": """\
import uvicorn
import conf
uvicorn.run(app, host=conf.CONFIG.get("host", "127.0.0.1"))
""",
        },
        ["wildcard"],
        id="get other file W",
    ),
    pytest.param(
        """\
import uvicorn
CONFIG = {"server": {"host": "0.0.0.0"}}
uvicorn.run(app, host=CONFIG["server"]["host"])
""",
        ["wildcard"],
        id="nested",
    ),
    pytest.param(
        """\
import uvicorn
CONFIG = {"server": {"host": "0.0.0.0"}}
CONFIG["server"]["host"] = "127.0.0.1"
uvicorn.run(app, host=CONFIG["server"]["host"])
""",
        ["loopback"],
        id="nested set",
    ),
    pytest.param(
        """\
import uvicorn
CONFIG = {"server": {"host": "0.0.0.0"}}
uvicorn.run(app, host=CONFIG.get("server", {}).get("host"))
""",
        ["wildcard"],
        id="nested get",
    ),
    pytest.param(
        """\
import uvicorn
CONFIG = load()
uvicorn.run(app, host=CONFIG.get("server", {}).get("host", "0.0.0.0"))
""",
        ["wildcard"],
        id="nested get default",
    ),
    pytest.param(
        {
            "conf.py": 'CONFIG = {"server": {"host": "0.0.0.0"}}\n',
            "app.py": """\
import uvicorn
from conf import CONFIG
uvicorn.run(app, host=CONFIG["server"]["host"])
""",
        },
        ["wildcard"],
        id="nested other file",
    ),
    pytest.param(
        {
            "conf.py": 'CONFIG = {"server": {"host": "0.0.0.0"}}\n',
            "app.py": 'import uvicorn\nfrom conf import CONFIG\nuvicorn.run(app, **CONFIG["server"])\n',
        },
        ["wildcard"],
        id="nested other file spread",
    ),
    pytest.param(
        """\
import uvicorn
from types import SimpleNamespace
c = SimpleNamespace(host="0.0.0.0")
uvicorn.run(app, host=c.host)
""",
        ["wildcard"],
        id="SimpleNamespace",
    ),
    pytest.param(
        """\
import uvicorn
from types import SimpleNamespace
c = SimpleNamespace(**{"host": "0.0.0.0"})
uvicorn.run(app, host=c.host)
""",
        ["wildcard"],
        id="SimpleNamespace spread",
    ),
    pytest.param(
        """\
import uvicorn
import argparse
c = argparse.Namespace(host="0.0.0.0")
uvicorn.run(app, host=c.host)
""",
        ["wildcard"],
        id="argparse.Namespace",
    ),
    pytest.param(
        """\
import uvicorn
from types import MappingProxyType
c = MappingProxyType({"host": "0.0.0.0"})
uvicorn.run(app, host=c["host"])
""",
        ["wildcard"],
        id="MappingProxy",
    ),
    pytest.param(
        """\
import uvicorn
from collections import ChainMap
c = ChainMap({"host": "127.0.0.1"}, {"host": "0.0.0.0"})
uvicorn.run(app, host=c["host"])
""",
        ["loopback"],
        id="ChainMap",
    ),
    pytest.param(
        """\
import uvicorn
from collections import ChainMap
c = ChainMap({"port": 1}, {"host": "0.0.0.0"})
uvicorn.run(app, host=c["host"])
""",
        ["wildcard"],
        id="ChainMap fallback",
    ),
    pytest.param(
        """\
import uvicorn
from collections import OrderedDict
c = OrderedDict(host="0.0.0.0")
uvicorn.run(app, host=c["host"])
""",
        ["wildcard"],
        id="OrderedDict",
    ),
    pytest.param(
        """\
import uvicorn
c = dict([("host", "0.0.0.0")])
uvicorn.run(app, host=c["host"])
""",
        ["wildcard"],
        id="dict of pairs",
    ),
    pytest.param(
        """\
import uvicorn
a = {"host": "0.0.0.0"}
c = a.copy()
uvicorn.run(app, host=c["host"])
""",
        ["wildcard"],
        id="copy",
    ),
    pytest.param(
        """\
import uvicorn
import copy
a = {"host": "0.0.0.0"}
c = copy.deepcopy(a)
uvicorn.run(app, host=c["host"])
""",
        ["wildcard"],
        id="deepcopy",
    ),
    pytest.param(
        """\
import uvicorn
from collections import namedtuple
C = namedtuple("C", "host port")
c = C(host="0.0.0.0", port=1)
uvicorn.run(app, host=c.host)
""",
        ["wildcard"],
        id="a namedtuple, kw",
    ),
    pytest.param(
        """\
import uvicorn
from collections import namedtuple
C = namedtuple("C", ["host", "port"])
c = C("0.0.0.0", 1)
uvicorn.run(app, host=c.host)
""",
        ["wildcard"],
        id="a namedtuple, pos",
    ),
    pytest.param(
        """\
import uvicorn
from collections import namedtuple
C = namedtuple("C", ["port", "host"], defaults=["0.0.0.0"])
c = C(1)
uvicorn.run(app, host=c.host)
""",
        ["wildcard"],
        id="a namedtuple, defaults",
    ),
    pytest.param(
        """\
import uvicorn
from typing import NamedTuple
class C(NamedTuple):
    host: str = "0.0.0.0"
c = C()
uvicorn.run(app, host=c.host)
""",
        ["wildcard"],
        id="a NamedTuple,",
    ),
    pytest.param(
        """\
import uvicorn
from typing import NamedTuple
class C(NamedTuple):
    host: str = "0.0.0.0"
c = C("127.0.0.1")
uvicorn.run(app, host=c.host)
""",
        ["loopback"],
        id="a NamedTuple, pos",
    ),
    pytest.param(
        """\
import uvicorn
from typing import NamedTuple
class C(NamedTuple):
    host: str
    port: int
c = C("0.0.0.0", 1)
h, p = c
uvicorn.run(app, host=h)
""",
        ["wildcard"],
        id="a namedtuple, unpack",
    ),
    pytest.param(
        """\
import uvicorn
from enum import Enum
class C(Enum):
    ALL = "0.0.0.0"
uvicorn.run(app, host=C.ALL.value)
""",
        ["wildcard"],
        id="enum value",
    ),
    pytest.param(
        """\
import uvicorn
from enum import Enum
class C(Enum):
    ALL = "0.0.0.0"
x = C.ALL
uvicorn.run(app, host=x.value)
""",
        ["wildcard"],
        id="enum call",
    ),
    pytest.param(
        """\
import uvicorn
from enum import Enum
class C(str, Enum):
    ALL = "0.0.0.0"
uvicorn.run(app, host=C.ALL)
""",
        ["wildcard"],
        id="StrEnum",
    ),
    pytest.param(
        """\
import uvicorn
class C:
    HOST = "0.0.0.0"
uvicorn.run(app, host=C.HOST)
""",
        ["wildcard"],
        id="class attr",
    ),
    pytest.param(
        """\
import uvicorn
class C:
    HOST = "0.0.0.0"
c = C()
uvicorn.run(app, host=c.HOST)
""",
        ["wildcard"],
        id="class attr object",
    ),
    pytest.param(
        """\
import uvicorn
class C:
    HOST = "0.0.0.0"
C.HOST = "127.0.0.1"
uvicorn.run(app, host=C.HOST)
""",
        ["loopback"],
        id="class attr set outside",
    ),
    pytest.param(
        """\
import uvicorn
class C:
    HOST = "0.0.0.0"
c = C()
c.HOST = "127.0.0.1"
uvicorn.run(app, host=c.HOST)
""",
        ["loopback"],
        id="inst attr set outside",
    ),
    pytest.param(
        """\
from flask import Flask
app = Flask(__name__)
app.config["HOST"] = "0.0.0.0"
app.run(host=app.config["HOST"])
""",
        ["wildcard"],
        id="app.config[]=",
    ),
    pytest.param(
        """\
from flask import Flask
app = Flask(__name__)
app.config["HOST"] = "0.0.0.0"
app.run(host=app.config.get("HOST"))
""",
        ["wildcard"],
        id="app.config get",
    ),
    pytest.param(
        """\
from flask import Flask
app = Flask(__name__)
app.config["HOST"] = "127.0.0.1"
app.run(host=app.config.get("HOST", "0.0.0.0"))
""",
        ["loopback"],
        id="app.config get, loopback",
    ),
    pytest.param(
        """\
from flask import Flask
app = Flask(__name__)
app.config.update(HOST="0.0.0.0")
app.run(host=app.config["HOST"])
""",
        ["wildcard"],
        id="app.config.update",
    ),
    pytest.param(
        """\
from flask import Flask
app = Flask(__name__)
app.config.update(HOST="0.0.0.0")
app.run(host=app.config.get("HOST", "127.0.0.1"))
""",
        ["wildcard"],
        id="app.config.update get",
    ),
    pytest.param(
        """\
from flask import Flask
app = Flask(__name__)
app.config.from_mapping(HOST="0.0.0.0")
app.run(host=app.config["HOST"])
""",
        ["wildcard"],
        id="app.config.from_mapping",
    ),
    pytest.param(
        """\
from flask import Flask
app = Flask(__name__)
class Dev:
    HOST = "0.0.0.0"
app.config.from_object(Dev)
app.run(host=app.config["HOST"])
""",
        ["wildcard"],
        id="from_object a class",
    ),
    pytest.param(
        """\
from flask import Flask
app = Flask(__name__)
class Dev:
    HOST = "0.0.0.0"
app.config.from_object(Dev())
app.run(host=app.config["HOST"])
""",
        ["wildcard"],
        id="from_object object",
    ),
    pytest.param(
        {
            "config.py": 'class Base:\n    HOST = "127.0.0.1"\nclass Dev(Base):\n    HOST = "0.0.0.0"\n',
            "app.py": """\
from flask import Flask
app = Flask(__name__)
app.config.from_object("config.Dev")
app.run(host=app.config["HOST"])
""",
        },
        ["wildcard"],
        id="from_object a text",
    ),
    pytest.param(
        {
            "config.py": 'class Base:\n    HOST = "127.0.0.1"\nclass Dev(Base):\n    X = "0.0.0.0"\n',
            "app.py": """\
from flask import Flask
app = Flask(__name__)
app.config.from_object("config.Dev")
app.run(host=app.config["HOST"])
""",
        },
        ["loopback"],
        id="from_object str base",
    ),
    pytest.param(
        {
            "config.py": 'HOST = "0.0.0.0"\n',
            "app.py": """\
from flask import Flask
app = Flask(__name__)
app.config.from_object("config")
app.run(host=app.config.get("HOST"))
""",
        },
        ["wildcard"],
        id="from_object module",
    ),
    pytest.param(
        {
            "config.py": 'HOST = "0.0.0.0"\n',
            "app.py": """\
from flask import Flask
app = Flask(__name__)
import config
app.config.from_object(config)
app.run(host=app.config.get("HOST"))
""",
        },
        ["wildcard"],
        id="from_object module imported",
    ),
    pytest.param(
        {
            "config.py": 'HOST = "0.0.0.0"\n',
            "app.py": """\
from flask import Flask
app = Flask(__name__)
app.config.from_pyfile("config.py")
app.run(host=app.config.get("HOST"))
""",
        },
        ["wildcard"],
        id="from_pyfile",
    ),
    pytest.param(
        {
            "site_/__init__.py": """\
from flask import Flask
def create():
    app = Flask(__name__)
    app.config["HOST"] = "0.0.0.0"
    return app
""",
            "app.py": 'from site_ import create\napp = create()\napp.run(host=app.config["HOST"])\n',
        },
        ["wildcard"],
        id="app faa value giveny",
    ),
    pytest.param(
        {
            "manage.py": 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "proj.settings")\n',
            "proj/__init__.py": "",
            "proj/settings.py": 'BIND = "0.0.0.0"\n',
            "app.py": """\
import uvicorn
from django.conf import settings
uvicorn.run(app, host=settings.BIND)
""",
        },
        ["wildcard"],
        id="django settings",
    ),
    pytest.param(
        {
            "manage.py": 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "proj.settings.dev")\n',
            "proj/__init__.py": "",
            "proj/settings/__init__.py": "",
            "proj/settings/base.py": 'BIND = "0.0.0.0"\n',
            "proj/settings/dev.py": "from .base import *\n",
            "app.py": """\
import uvicorn
from django.conf import settings
uvicorn.run(app, host=settings.BIND)
""",
        },
        ["wildcard"],
        id="django settings base",
    ),
    pytest.param(
        {
            "manage.py": 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "proj.settings")\n',
            "proj/__init__.py": "",
            "proj/settings.py": 'BIND = "127.0.0.1"\n',
            "app.py": """\
import uvicorn
from django.conf import settings
uvicorn.run(app, host=getattr(settings, "BIND", "0.0.0.0"))
""",
        },
        ["loopback"],
        id="django settings getattr",
    ),
    pytest.param(
        {
            "settings.py": 'BIND = "0.0.0.0"\n',
            "app.py": """\
import uvicorn
from django.conf import settings
uvicorn.run(app, host=settings.BIND)
""",
        },
        ["wildcard"],
        id="django settings nearest",
    ),
    pytest.param(
        {
            "settings.py": 'X = "0.0.0.0"\n',
            "app.py": """\
import uvicorn
from django.conf import settings
uvicorn.run(app, host=settings.BIND)
""",
        },
        [],
        id="django settings absent",
    ),
    pytest.param(
        """\
import uvicorn
class C:
    host = "127.0.0.1"
uvicorn.run(app, host=getattr(C, "host", "0.0.0.0"))
""",
        ["loopback"],
        id="getattr obj",
    ),
    pytest.param(
        """\
import uvicorn
class C:
    port = 1
uvicorn.run(app, host=getattr(C, "host", "0.0.0.0"))
""",
        ["wildcard"],
        id="getattr absent",
    ),
    pytest.param(
        {
            "app.py": """\
import uvicorn
def run(app, **kwargs):
    options = {"host": "0.0.0.0", **kwargs}
    uvicorn.run(app, **options)
""",
            "main.py": """\
from app import run
run("web:app", host="127.0.0.1")
""",
        },
        ["loopback"],
        id="a caller of another file over an item before it",
    ),
    pytest.param(
        {
            "app.py": """\
import uvicorn
def run(app, **kwargs):
    options = {"host": "0.0.0.0", **kwargs}
    uvicorn.run(app, **options)
""",
            "main.py": """\
from app import run
run("web:app", port=1)
""",
        },
        ["wildcard"],
        id="a caller of another file beside an item",
    ),
    pytest.param(
        {
            "conf.py": """\
class Conf:
    def __init__(self):
        self.values = load()
    def get(self, key, default=None):
        return self.values.get(key, default)
""",
            "app.py": """\
import uvicorn
from conf import Conf
uvicorn.run(app, host=Conf().get("host", "0.0.0.0"))
""",
        },
        ["wildcard"],
        id="a fallback given to a method of the project",
    ),
    pytest.param(
        {
            "conf.py": """\
class Conf:
    def __init__(self):
        self.values = load()
    def get(self, key, default=None):
        return self.values.get(key, default)
""",
            "app.py": """\
import uvicorn
from conf import Conf
uvicorn.run(app, host=Conf().get("host", "127.0.0.1"))
""",
        },
        ["loopback"],
        id="a fallback given to a method of the project, of this machine",
    ),
    pytest.param(
        {
            "conf.py": """\
class Conf:
    def __init__(self):
        self.values = load()
    def get(self, key, default=None):
        return self.values.get(key, default)
""",
            "app.py": """\
from aiohttp import web
from conf import Conf
web.run_app(app, host=Conf().get("host"))
""",
        },
        [],
        id="no fallback given to a method of the project",
    ),
    pytest.param(
        {
            "config.py": """\
class Base:
    HOST = "127.0.0.1"
class Production(Base):
    HOST = "0.0.0.0"
config = {"production": Production, "default": Base}
""",
            "web/__init__.py": """\
from flask import Flask
from config import config
def create_app(name="default"):
    app = Flask(__name__)
    app.config.from_object(config[name])
    return app
""",
            "app.py": """\
import os
from web import create_app
app = create_app(os.getenv("CONFIG", "production"))
app.run(host=app.config["HOST"])
""",
        },
        ["loopback", "wildcard"],
        id="from_object of one class of several",
    ),
    pytest.param(
        {
            "config.py": """\
class Base:
    HOST = "127.0.0.1"
class Production(Base):
    HOST = "127.0.0.1"
config = {"production": Production, "default": Base}
""",
            "web/__init__.py": """\
from flask import Flask
from config import config
def create_app(name="default"):
    app = Flask(__name__)
    app.config.from_object(config[name])
    return app
""",
            "app.py": """\
import os
from web import create_app
app = create_app(os.getenv("CONFIG", "production"))
app.run(host=app.config["HOST"])
""",
        },
        ["loopback"],
        id="from_object of one class of several, all of this machine",
    ),
]


@pytest.mark.parametrize(("files", "expected"), CASES)
def test_an_address_is_followed_through(files: str | dict[str, str], expected: list[str]) -> None:
    found = project_kinds({"app.py": files} if isinstance(files, str) else files)
    assert sorted(set(found) - {"unknown"}) == sorted(expected)
