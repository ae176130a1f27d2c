"""Defaults of fields, options and variables, and pieces of texts."""

from __future__ import annotations

import pytest
from python_reading import connections, project_kinds, said

# texts of files (alone: of app.py); the kinds of the addresses that app.py listens on, "unknown" left out
CASES = [
    pytest.param(
        """\
import uvicorn
from dataclasses import dataclass, field
@dataclass
class S:
    host: str = field(default_factory=lambda: "0.0.0.0")
s = S()
uvicorn.run(app, host=s.host)
""",
        ["wildcard"],
        id="a dataclass field with a faa value giveny",
    ),
    pytest.param(
        """\
import uvicorn
from dataclasses import dataclass, field
@dataclass
class S:
    host: str = field(default_factory=lambda: "127.0.0.1")
s = S()
uvicorn.run(app, host=s.host)
""",
        ["loopback"],
        id="a dataclass field with a faa value giveny, loopback",
    ),
    pytest.param(
        """\
import uvicorn
import os
from dataclasses import dataclass, field
@dataclass
class S:
    host: str = field(default_factory=lambda: os.getenv("H", "0.0.0.0"))
s = S()
uvicorn.run(app, host=s.host)
""",
        ["wildcard"],
        id="a dataclass field with a faa value giveny getenv",
    ),
    pytest.param(
        """\
import uvicorn
import os
from dataclasses import dataclass, field
def d():
    return "0.0.0.0"
@dataclass
class S:
    host: str = field(default_factory=d)
s = S()
uvicorn.run(app, host=s.host)
""",
        ["wildcard"],
        id="a dataclass field with a faa value giveny def",
    ),
    pytest.param(
        """\
import uvicorn
from pydantic import Field, BaseModel
class S(BaseModel):
    host: str = Field(default_factory=lambda: "0.0.0.0")
s = S()
uvicorn.run(app, host=s.host)
""",
        ["wildcard"],
        id="a pydantic field with a faa value giveny",
    ),
    pytest.param(
        """\
import uvicorn
from pydantic import Field, BaseModel
class S(BaseModel):
    host: str = Field(...)
s = S()
uvicorn.run(app, host=s.host)
""",
        [],
        id="a pydantic field with a ellipsis",
    ),
    pytest.param(
        """\
import uvicorn
import attr
@attr.s
class S:
    host = attr.ib(factory=lambda: "0.0.0.0")
s = S()
uvicorn.run(app, host=s.host)
""",
        ["wildcard"],
        id="attrs faa value giveny",
    ),
    pytest.param(
        """\
import uvicorn
from attrs import define, field, Factory
@define
class S:
    host: str = field(default=Factory(lambda: "0.0.0.0"))
s = S()
uvicorn.run(app, host=s.host)
""",
        ["wildcard"],
        id="attrs define",
    ),
    pytest.param(
        """\
import uvicorn
import attr
@attr.s
class S:
    host = attr.ib(default="0.0.0.0")
s = S()
uvicorn.run(app, host=s.host)
""",
        ["wildcard"],
        id="attr.ib default noann",
    ),
    pytest.param(
        """\
import uvicorn
from pydantic import Field
from pydantic_settings import BaseSettings
class S(BaseSettings):
    host: str = Field("0.0.0.0", validation_alias="APP_HOST")
s = S()
uvicorn.run(app, host=s.host)
""",
        ["wildcard"],
        id="settings with alias",
    ),
    pytest.param(
        """\
import uvicorn
from pydantic import BaseSettings
class S(BaseSettings):
    host: str = "0.0.0.0"
    class Config:
        env_prefix = "APP_"
s = S()
uvicorn.run(app, host=s.host)
""",
        ["wildcard"],
        id="settings with prefix",
    ),
    pytest.param(
        """\
import uvicorn
from pydantic_settings import BaseSettings
class S(BaseSettings):
    host: str = "0.0.0.0"
s = S(host="127.0.0.1")
uvicorn.run(app, host=s.host)
""",
        ["loopback"],
        id="settings with a value given",
    ),
    pytest.param(
        """\
import uvicorn
from pydantic import BaseModel
class Srv(BaseModel):
    host: str = "0.0.0.0"
class S(BaseModel):
    server: Srv = Srv()
s = S()
uvicorn.run(app, host=s.server.host)
""",
        ["wildcard"],
        id="nested settings",
    ),
    pytest.param(
        """\
import uvicorn
from pydantic import BaseModel, Field
class Srv(BaseModel):
    host: str = "0.0.0.0"
class S(BaseModel):
    server: Srv = Field(default_factory=Srv)
s = S()
uvicorn.run(app, host=s.server.host)
""",
        ["wildcard"],
        id="nested settings faa value giveny",
    ),
    pytest.param(
        """\
import uvicorn, click
@click.command()
@click.option("--host", default=lambda: "0.0.0.0")
def main(host):
    uvicorn.run(app, host=host)
""",
        ["wildcard"],
        id="click lambda",
    ),
    pytest.param(
        """\
import uvicorn, click
@click.command()
@click.option("--host", default=lambda: "127.0.0.1")
def main(host):
    uvicorn.run(app, host=host)
""",
        ["loopback"],
        id="click lambda, loopback",
    ),
    pytest.param(
        """\
import uvicorn, click, os
@click.command()
@click.option("--host", default=os.getenv("HOST", "0.0.0.0"))
def main(host):
    uvicorn.run(app, host=host)
""",
        ["wildcard"],
        id="click getenv",
    ),
    pytest.param(
        """\
import uvicorn, click, os
@click.command()
@click.option("--host", default=lambda: os.environ.get("HOST", "0.0.0.0"))
def main(host):
    uvicorn.run(app, host=host)
""",
        ["wildcard"],
        id="click environ.get lambda",
    ),
    pytest.param(
        """\
import uvicorn, click, os
@click.command()
@click.option("--host")
def main(host):
    uvicorn.run(app, host=host)
""",
        [],
        id="click no default",
    ),
    pytest.param(
        """\
import uvicorn, click
@click.command()
@click.option("--host", default="0.0.0.0")
def main(**kwargs):
    uvicorn.run(app, host=kwargs["host"])
""",
        ["wildcard"],
        id="click kwargs",
    ),
    pytest.param(
        """\
import uvicorn, click
@click.command()
@click.option("--host", default="0.0.0.0")
def main(**kwargs):
    uvicorn.run(app, **kwargs)
""",
        ["wildcard"],
        id="click kwargs spread",
    ),
    pytest.param(
        """\
import uvicorn, click
@click.command()
@click.option("-h", "--host", "bind_host", default="0.0.0.0")
def main(bind_host):
    uvicorn.run(app, host=bind_host)
""",
        ["wildcard"],
        id="click param decl",
    ),
    pytest.param(
        """\
import uvicorn
import argparse
p = argparse.ArgumentParser()
p.add_argument("--host")
p.set_defaults(host="0.0.0.0")
args = p.parse_args()
uvicorn.run(app, host=args.host)
""",
        ["wildcard"],
        id="set_defaults",
    ),
    pytest.param(
        """\
import uvicorn
import argparse
p = argparse.ArgumentParser()
p.add_argument("--host", default="0.0.0.0")
p.set_defaults(host="127.0.0.1")
args = p.parse_args()
uvicorn.run(app, host=args.host)
""",
        ["loopback"],
        id="set_defaults over",
    ),
    pytest.param(
        """\
import uvicorn
import os
import argparse
p = argparse.ArgumentParser()
p.add_argument("--host", default=os.environ.get("H", "0.0.0.0"))
args = p.parse_args()
uvicorn.run(app, host=args.host)
""",
        ["wildcard"],
        id="argparse getenv",
    ),
    pytest.param(
        """\
import uvicorn
import argparse
p = argparse.ArgumentParser()
p.add_argument("--host")
args = p.parse_args()
uvicorn.run(app, host=args.host or '0.0.0.0')
""",
        ["wildcard"],
        id="argparse no default",
    ),
    pytest.param(
        """\
import uvicorn
DEF="0.0.0.0"
import argparse
p = argparse.ArgumentParser()
p.add_argument("--host", default=DEF)
a = p.parse_args()
uvicorn.run(app, host=a.host)
""",
        ["wildcard"],
        id="argparse const name",
    ),
    pytest.param(
        """\
import uvicorn
import argparse
p = argparse.ArgumentParser()
g = p.add_argument_group("x")
g.add_argument("--host", default="0.0.0.0")
a = p.parse_args()
h = a.host
uvicorn.run(app, host=h)
""",
        ["wildcard"],
        id="argparse group",
    ),
    pytest.param(
        """\
import uvicorn
import environ
env = environ.Env(HOST=(str, "0.0.0.0"))
uvicorn.run(app, host=env("HOST"))
""",
        ["wildcard"],
        id="django-environ tuple",
    ),
    pytest.param(
        """\
import uvicorn
import environ
env = environ.Env(HOST=(str, "127.0.0.1"))
uvicorn.run(app, host=env("HOST"))
""",
        ["loopback"],
        id="django-environ tuple, loopback",
    ),
    pytest.param(
        """\
import uvicorn
import environ
env = environ.Env(DEBUG=(bool, False))
uvicorn.run(app, host=env("HOST"))
""",
        [],
        id="django-environ none",
    ),
    pytest.param(
        """\
import uvicorn
import environ
env = environ.Env()
uvicorn.run(app, host=env.str("HOST", "0.0.0.0"))
""",
        ["wildcard"],
        id="django-environ a text",
    ),
    pytest.param(
        """\
import uvicorn
import environ
env = environ.Env()
uvicorn.run(app, host=env.str("HOST", default="0.0.0.0"))
""",
        ["wildcard"],
        id="django-environ str default",
    ),
    pytest.param(
        """\
import uvicorn
import environ
env = environ.Env()
uvicorn.run(app, host=env("HOST", default="0.0.0.0"))
""",
        ["wildcard"],
        id="django-environ call",
    ),
    pytest.param(
        """\
import uvicorn
from environs import Env, env
uvicorn.run(app, host=env.str("HOST", "0.0.0.0"))
""",
        ["wildcard"],
        id="environs",
    ),
    pytest.param(
        """\
import uvicorn
from decouple import config
uvicorn.run(app, host=config("HOST", default="0.0.0.0", cast=str))
""",
        ["wildcard"],
        id="decouple cast",
    ),
    pytest.param(
        """\
import uvicorn
from decouple import AutoConfig
config=AutoConfig()
uvicorn.run(app, host=config("HOST", "0.0.0.0"))
""",
        ["wildcard"],
        id="decouple AutoConfig",
    ),
    pytest.param(
        """\
import uvicorn
from starlette.config import Config
config=Config(".env")
uvicorn.run(app, host=config("HOST", cast=str, default="0.0.0.0"))
""",
        ["wildcard"],
        id="starlette config",
    ),
    pytest.param(
        """\
import uvicorn
import os
os.environ.setdefault("HOST", "0.0.0.0")
uvicorn.run(app, host=os.environ["HOST"])
""",
        ["wildcard"],
        id="setdefault environ",
    ),
    pytest.param(
        """\
import uvicorn
import os
os.environ.setdefault("HOST", "0.0.0.0")
uvicorn.run(app, host=os.environ.get("HOST"))
""",
        ["wildcard"],
        id="setdefault environ get",
    ),
    pytest.param(
        """\
import uvicorn
import os
os.environ.setdefault("HOST", "127.0.0.1")
uvicorn.run(app, host=os.getenv("HOST"))
""",
        ["loopback"],
        id="setdefault environ, loopback",
    ),
    pytest.param(
        """\
import uvicorn
import os
os.environ["HOST"] = "0.0.0.0"
uvicorn.run(app, host=os.environ.get("HOST", "127.0.0.1"))
""",
        ["wildcard"],
        id="environ assigned get",
    ),
    pytest.param(
        """\
import uvicorn
import os
uvicorn.run(app, host=os.environ["HOST"])
os.environ.setdefault("HOST", "0.0.0.0")
""",
        [],
        id="environ after",
    ),
    pytest.param(
        """\
import zmq
h="0.0.0.0"
zmq.Context().socket(zmq.REP).bind("tcp://%s:%s" % (h, 1))
""",
        ["wildcard"],
        id="percent",
    ),
    pytest.param(
        """\
from gevent.pywsgi import WSGIServer
h="0.0.0.0"
WSGIServer("%s:%s" % (h, 80), app)
""",
        ["wildcard"],
        id="percent a text",
    ),
    pytest.param(
        """\
from gevent.pywsgi import WSGIServer
h="0.0.0.0"
WSGIServer("%(h)s:%(p)s" % {"h": h, "p": 80}, app)
""",
        ["wildcard"],
        id="percent dict",
    ),
    pytest.param(
        """\
from gevent.pywsgi import WSGIServer
d={"h": "0.0.0.0"}
WSGIServer("{h}:80".format(**d), app)
""",
        ["wildcard"],
        id="format map",
    ),
    pytest.param(
        """\
import uvicorn
h, p = "0.0.0.0:80".split(":")
uvicorn.run(app, host=h)
""",
        ["wildcard"],
        id="split",
    ),
    pytest.param(
        """\
import uvicorn
a="0.0.0.0:80"
uvicorn.run(app, host=a.split(":")[0])
""",
        ["wildcard"],
        id="split[0]",
    ),
    pytest.param(
        """\
import uvicorn
a="127.0.0.1:80"
uvicorn.run(app, host=a.split(":")[0])
""",
        ["loopback"],
        id="split[0], loopback",
    ),
    pytest.param(
        """\
import uvicorn
h, p = "[::]:80".rsplit(":", 1)
uvicorn.run(app, host=h)
""",
        ["wildcard"],
        id="rsplit",
    ),
    pytest.param(
        """\
import uvicorn

uvicorn.run(app, host="0.0.0.0:80".rsplit(":", 1)[0])
""",
        ["wildcard"],
        id="rsplit[0]",
    ),
    pytest.param(
        """\
import uvicorn
h, _, p = "0.0.0.0:80".partition(":")
uvicorn.run(app, host=h)
""",
        ["wildcard"],
        id="partition",
    ),
    pytest.param(
        """\
import uvicorn

uvicorn.run(app, host="0.0.0.0:80".rpartition(":")[0])
""",
        ["wildcard"],
        id="rpartition[0]",
    ),
    pytest.param(
        """\
import uvicorn
import os
b = os.environ.get("BIND", "0.0.0.0:80")
host, port = b.split(":")
uvicorn.run(app, host=host)
""",
        ["wildcard"],
        id="split env",
    ),
    pytest.param(
        """\
import uvicorn
host, port = sys.argv[1].split(":")
uvicorn.run(app, host=host)
""",
        [],
        id="split unknown",
    ),
    pytest.param(
        """\
import uvicorn
for h in "0.0.0.0 127.0.0.1".split():
    uvicorn.run(app, host=h)
""",
        ["loopback", "wildcard"],
        id="split spaces",
    ),
    pytest.param(
        """\
import uvicorn
from urllib.parse import urlparse
u = urlparse("http://0.0.0.0:80")
uvicorn.run(app, host=u.hostname)
""",
        ["wildcard"],
        id="urlparse",
    ),
    pytest.param(
        """\
import uvicorn
from urllib.parse import urlparse
u = urlparse("http://[::]:80")
uvicorn.run(app, host=u.hostname)
""",
        ["wildcard"],
        id="urlparse v6",
    ),
    pytest.param(
        """\
import uvicorn
from urllib.parse import urlsplit
u = urlsplit("http://127.0.0.1:80/x")
uvicorn.run(app, host=u.hostname)
""",
        ["loopback"],
        id="urlparse, loopback",
    ),
    pytest.param(
        """\
import uvicorn
import urllib.parse
uvicorn.run(app, host=urllib.parse.urlparse("http://0.0.0.0:80").netloc.split(":")[0])
""",
        ["wildcard"],
        id="urlparse netloc split",
    ),
    pytest.param(
        """\
import uvicorn
import os
from urllib.parse import urlparse
u = urlparse(os.getenv("URL", "http://0.0.0.0:80"))
uvicorn.run(app, host=u.hostname)
""",
        ["wildcard"],
        id="urlparse env",
    ),
    pytest.param(
        """\
import uvicorn
h = "HOST".replace("HOST", "0.0.0.0")
uvicorn.run(app, host=h)
""",
        ["wildcard"],
        id="replace",
    ),
]


@pytest.mark.parametrize(("files", "expected"), CASES)
def test_an_address_is_followed_through(files: str | dict[str, str], expected: list[str]) -> None:
    found = project_kinds({"app.py": files} if isinstance(files, str) else files)
    assert sorted(set(found) - {"unknown"}) == sorted(expected)


@pytest.mark.parametrize("given", ['"web", "host"', 'SECTION, "host"'])
def test_the_option_of_a_section_is_no_fallback(given: str) -> None:
    text = f"import uvicorn\nfrom settings import config\nuvicorn.run(app, host=config.get({given}))\n"
    assert [kind for _, kind, _ in said(text)] == ["unknown"]


def test_a_fallback_given_to_a_reader_of_the_projects_own() -> None:
    files = {
        "app.py": """\
import uvicorn
from conf import config
uvicorn.run(app, host=config.get("web", "host", fallback="::"))
""",
        "conf.py": """\
import configparser
import os
class Parser(configparser.ConfigParser):
    def get(self, section, option, **kwargs):
        if option in os.environ:
            return os.environ[option]
        return super().get(section, option, **kwargs)
def load() -> configparser.ConfigParser:
    parser = Parser()
    return parser
config = load()
""",
    }
    assert project_kinds(files) == ["wildcard"]


WEB = "import os\nfrom aiohttp import web\n"


@pytest.mark.parametrize("read", ['os.environ.get("HOST")', 'os.getenv("HOST")'])
def test_a_variable_that_is_not_set_is_none(read: str) -> None:
    assert said(f"{WEB}web.run_app(app, host={read})\n") == [(read, "wildcard", "constant")]


@pytest.mark.parametrize(
    "text",
    [
        'web.run_app(app, host=os.environ["HOST"])',
        'web.run_app(app, host=os.environ.get("HOST") or "127.0.0.1")',
        'web.run_app(app, host=os.environ.get("HOST", "127.0.0.1"))',
        'if "HOST" in os.environ:\n    web.run_app(app, host=os.environ.get("HOST"))',
        'if not os.getenv("HOST"):\n    raise SystemExit\nweb.run_app(app, host=os.getenv("HOST"))',
        'host = os.getenv("HOST")\nif not host:\n    raise SystemExit\nweb.run_app(app, host=host)',
        'os.environ["HOST"] = "127.0.0.1"\nweb.run_app(app, host=os.getenv("HOST"))',
    ],
)
def test_a_variable_that_is_set_or_asked_for_is_not_none(text: str) -> None:
    assert "wildcard" not in [kind for _, kind, _ in said(f"{WEB}{text}\n")]


def test_a_client_whose_server_a_variable_names_has_no_default() -> None:
    assert connections('import os, redis\nredis.Redis(host=os.getenv("REDIS_HOST"))\n') == []
