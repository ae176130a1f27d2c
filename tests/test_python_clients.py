"""Clients that name localhost: where the name matters, where it does not, and where it means another machine."""

from __future__ import annotations

import dataclasses
import textwrap

import pytest

from bindlint.config import Config, Options
from bindlint.errors import KnowledgeError
from bindlint.findings import Confidence, Finding
from bindlint.knowledge import Knowledge, clients, rules_root
from bindlint.knowledge.load import parse
from bindlint.workspace import Workspace

KNOWLEDGE = Knowledge(rules_root())


def findings(files: dict[str, str], persona: str = "regular") -> list[Finding]:
    workspace = Workspace(KNOWLEDGE, Config())
    for path, text in files.items():
        workspace.update(path, textwrap.dedent(text).encode())
    assert [p for p in workspace.problems if p.internal] == []
    return list(workspace.report(dataclasses.replace(Options(), persona=persona)).findings)


def said(text: str, persona: str = "regular", path: str = "app.py") -> list[str]:
    return [finding.message for finding in findings({path: text}, persona)]


def engine(url: str) -> str:
    return f"from sqlalchemy import create_engine\nengine = create_engine({url!r})\n"


@pytest.mark.parametrize(
    ("scheme", "tried"),
    [
        ("mysql", "takes the Unix socket for this name, not TCP"),
        ("mariadb", "takes the Unix socket for this name, not TCP"),
        ("mysql+mysqldb", "takes the Unix socket for this name, not TCP"),
        ("mysql+mysqlconnector", "tries IPv4 only"),
    ],
)
def test_the_driver_that_a_scheme_names_decides_what_is_tried(scheme: str, tried: str) -> None:
    message = f"SQLAlchemy connects to the name localhost and {tried}"
    assert said(engine(f"{scheme}://app:secret@localhost:3306/shop")) == [message]
    assert said(engine(f"{scheme}://app:secret@127.0.0.1:3306/shop"), "pedantic") == []
    assert said(engine(f"{scheme}://app:secret@db:3306/shop"), "pedantic") == []


@pytest.mark.parametrize("scheme", ["mysql+pymysql", "mysql+aiomysql", "postgresql", "postgresql+asyncpg", "mssql"])
def test_a_driver_that_tries_every_address_is_for_the_pedantic(scheme: str) -> None:
    assert said(engine(f"{scheme}://app@localhost/shop")) == []
    assert [f.confidence for f in findings({"app.py": engine(f"{scheme}://app@localhost/shop")}, "pedantic")] == [
        Confidence.LOW
    ]


def test_a_socket_becomes_tcp_only_by_a_fix_that_is_not_safe() -> None:
    (finding,) = findings({"app.py": engine("mysql://app@localhost/shop")})
    assert finding.fix is not None
    assert (finding.fix.title, finding.fix.safe) == ("'mysql://app@127.0.0.1/shop'", False)
    (finding,) = findings({"app.py": engine("mysql+mysqlconnector://app@localhost/shop")})
    assert finding.fix is not None
    assert (finding.fix.title, finding.fix.safe) == ("'mysql+mysqlconnector://app@127.0.0.1/shop'", True)


DJANGO = """
    DATABASES = {"default": {"ENGINE": "django.db.backends.mysql", "NAME": "shop", "HOST": "localhost"}}
    """


@pytest.mark.parametrize("path", ["shop/__init__.py", "shop/settings/base.py", "manage.py"])
def test_a_driver_that_the_project_puts_in_place_of_mysqlclient_is_the_one_that_connects(path: str) -> None:
    settings = "shop/settings/base.py"
    replaced = "import pymysql\npymysql.install_as_MySQLdb()\n"
    files = {settings: textwrap.dedent(DJANGO)}
    assert [f.confidence for f in findings(files)] == [Confidence.HIGH]
    files[path] = replaced + textwrap.dedent(files.get(path, ""))
    assert findings(files) == []
    assert [f.confidence for f in findings(files, "pedantic")] == [Confidence.LOW]


@pytest.mark.parametrize(
    ("entries", "regular", "pedantic"),
    [
        ('"ENGINE": "django.db.backends.mysql", "HOST": "localhost"', 1, 1),
        ('"HOST": "localhost", "ENGINE": "django.contrib.gis.db.backends.mysql"', 1, 1),
        ('"ENGINE": ENGINE, "HOST": "localhost"', 1, 1),
        ('"ENGINE": "django.db.backends.postgresql", "HOST": "localhost"', 0, 1),
        ('"ENGINE": "django.db.backends.postgresql", "HOST": ""', 0, 0),
        ('"ENGINE": "django.db.backends.mysql", "HOST": ""', 0, 0),
        ('"ENGINE": "django.db.backends.mysql", "HOST": "/run/mysqld.sock"', 0, 0),
        ('"ENGINE": "django.db.backends.sqlite3", "HOST": "localhost"', 0, 0),
        ('"ENGINE": unknown(), "HOST": "localhost"', 0, 0),
        ('"HOST": "localhost"', 0, 0),
    ],
)
def test_the_engine_beside_a_host_decides(entries: str, regular: int, pedantic: int) -> None:
    text = f'ENGINE = "django.db.backends.mysql"\nDATABASES = {{"default": {{{entries}}}}}\n'
    assert len(said(text, "regular", "settings.py")) == regular
    assert len(said(text, "pedantic", "settings.py")) == pedantic


def test_a_setting_is_said_once_where_it_is_used() -> None:
    text = """
        from flask import Flask
        from sqlalchemy import create_engine
        SQLALCHEMY_DATABASE_URI = "mysql://root@localhost/shop"
        engine = create_engine(SQLALCHEMY_DATABASE_URI)
        """
    assert said(text) == ["SQLAlchemy connects to the name localhost and takes the Unix socket for this name, not TCP"]


def test_a_setting_is_said_once_when_another_file_uses_it() -> None:
    files = {
        "config.py": 'class Config:\n    SQLALCHEMY_DATABASE_URI = "mysql://root@localhost/shop"\n',
        "main.py": "from sqlalchemy import create_engine\nfrom config import Config\n"
        "engine = create_engine(Config.SQLALCHEMY_DATABASE_URI)\n",
    }
    assert [finding.site.path for finding in findings(files)] == ["main.py"]


def test_what_a_driver_of_the_project_reads_is_not_the_usual_one() -> None:
    config = 'import os\nDATABASE_URL = os.getenv("DATABASE_URL", "mysql://root@localhost/shop")\n'
    assert len(findings({"config.py": config})) == 1
    assert findings({"config.py": config, "main.py": "from tortoise import Tortoise\nTortoise.init()\n"}) == []


@pytest.mark.parametrize(
    "text",
    [
        'app.config["SQLALCHEMY_DATABASE_URI"] = "mysql://root@localhost/shop"\n',
        'app.config.update(SQLALCHEMY_DATABASE_URI="mysql://root@localhost/shop")\n',
        'app.config.from_mapping({"SQLALCHEMY_DATABASE_URI": "mysql://root@localhost/shop"})\n',
        'class Development(Config):\n    SQLALCHEMY_DATABASE_URI = "mysql://root@localhost/shop"\n',
        'HOST = "localhost"\nSQLALCHEMY_DATABASE_URI = f"mysql://root@{HOST}/shop"\n',
        'HOST = "localhost"\nSQLALCHEMY_DATABASE_URI = "mysql://root@%s/shop" % HOST\n',
    ],
)
def test_a_setting_is_known_by_its_name_in_every_form(text: str) -> None:
    assert len(said(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        'print("SQLALCHEMY_DATABASE_URI", "mysql://root@localhost/shop")\n',
        'if SQLALCHEMY_DATABASE_URI == "mysql://root@localhost/shop":\n    pass\n',
        '# SQLALCHEMY_DATABASE_URI = "mysql://root@localhost/shop"\n',
        'SQLALCHEMY_DATABASE_URI = "sqlite:///localhost.db"\n',
        'SQLALCHEMY_DATABASE_URI = "mysql://root@db/shop"\n',
        'SQLALCHEMY_DATABASE_URI = "mysql:// root@localhost for example"\n',
        'EMAIL_HOST_USER = "root@localhost"\n',
        'CELERY_BROKER_URL = "memory://localhost"\n',
    ],
)
def test_what_is_no_such_setting_is_silent(text: str) -> None:
    assert said(text, "pedantic") == []


def test_a_redirect_is_told_as_one_and_never_changed() -> None:
    text = """
        from spotipy.oauth2 import SpotifyOAuth
        auth = SpotifyOAuth(redirect_uri="http://localhost:8888/callback")
        """
    (finding,) = findings({"app.py": text})
    assert finding.message.startswith("Spotipy sends the browser back to the name localhost")
    assert (finding.confidence, finding.fix) == (Confidence.HIGH, None)


COMPOSE = """
    services:
      web:
        build: .
        command: python main.py
        {environment}
      db:
        image: mysql:8
        environment:
          MYSQL_ROOT_PASSWORD: secret
    """
CLIENT = """
    import os
    from sqlalchemy import create_engine
    engine = create_engine(os.environ.get("DATABASE_URL", "{url}"))
    """
DOCKERFILE = "FROM python:3\nCOPY . .\nCMD python main.py\n"


def imported(url: str, environment: str = "") -> list[Finding]:
    files = {
        "compose.yaml": COMPOSE.format(environment=environment),
        "Dockerfile": DOCKERFILE,
        "main.py": "from shop import store\nstore.engine\n",
        "shop/__init__.py": "",
        "shop/store.py": CLIENT.format(url=url),
    }
    return [f for f in findings(files) if f.site.path.endswith(".py")]


def composed(url: str, environment: str = "") -> list[tuple[str, str]]:
    return [(f.site.path, f.rule) for f in imported(url, environment)]


def test_the_name_of_a_container_in_code_that_may_run_outside_of_it_is_no_safe_fix() -> None:
    (found,) = imported("mysql+pymysql://root@localhost:3306/shop")

    assert found.fix is not None
    assert not found.fix.safe


def test_the_loopback_of_the_container_that_imports_the_client_is_not_the_databases() -> None:
    assert composed("mysql+pymysql://root@localhost:3306/shop") == [("shop/store.py", "localhost-wrong-host")]
    assert composed("mysql+pymysql://root@127.0.0.1/shop") == [("shop/store.py", "localhost-wrong-host")]
    assert composed("mysql+pymysql://root@localhost:3307/shop") == []
    assert composed("mysql+pymysql://root@db:3306/shop") == []


def test_a_default_that_the_container_overrides_is_silent() -> None:
    environment = "environment:\n          DATABASE_URL: mysql+pymysql://root@db/shop"
    assert composed("mysql+pymysql://root@localhost:3306/shop", environment) == []


SETTINGS = """
    from pydantic import Field
    from pydantic_settings import BaseSettings
    class Settings(BaseSettings):
        {config}
        {field}
    settings = Settings()
    """
USE = "import redis\nfrom config import settings\nconnection = redis.from_url(settings.redis_url)\n"


@pytest.mark.parametrize(
    ("config", "field", "variable"),
    [
        ("", 'redis_url: str = "redis://localhost:3306"', "REDIS_URL"),
        ("", 'redis_url: str = Field("redis://localhost:3306")', "REDIS_URL"),
        ("", 'redis_url: str = Field(default="redis://localhost:3306", alias="CACHE_URL")', "CACHE_URL"),
        ('model_config = {"env_prefix": "shop_"}', 'redis_url: str = "redis://localhost:3306"', "SHOP_REDIS_URL"),
        ('class Config: env_prefix = "SHOP_"', 'redis_url: str = "redis://localhost:3306"', "SHOP_REDIS_URL"),
    ],
)
@pytest.mark.parametrize("use", [USE, "from config import settings\n"])
def test_a_field_of_settings_is_the_default_of_a_variable(config: str, field: str, variable: str, use: str) -> None:
    def told(environment: str) -> list[str]:
        files = {
            "compose.yaml": COMPOSE.format(environment=environment),
            "main.py": use,
            "config.py": SETTINGS.format(config=config, field=field),
        }
        return [f.rule for f in findings(files) if f.site.path.endswith(".py")]

    assert told("environment: [A=1]") == ["localhost-wrong-host"]
    assert told(f"environment: ['{variable}=redis://db:3306']") == []
    assert told(f"environment: [{variable}]") == []


@pytest.mark.parametrize("given", ["env_file: .env", "env_file: [web.env]"])
def test_a_file_of_variables_that_is_not_there_may_set_any(given: str) -> None:
    assert composed("mysql+pymysql://root@localhost:3306/shop", given) == []


def test_a_redirect_leads_to_the_browsers_machine_wherever_it_runs() -> None:
    files = {
        "compose.yaml": COMPOSE.format(environment=""),
        "main.py": 'import spotipy\nauth = spotipy.SpotifyOAuth(redirect_uri="http://localhost:3306/callback")\n',
    }
    assert [f.rule for f in findings(files) if f.site.path == "main.py"] == ["localhost-connect"]


@pytest.mark.parametrize(
    ("uri", "host"),
    [
        ("PYRO:shop@localhost:9999", "localhost"),
        ("pyro:obj_1a@b@localhost:9999", "localhost"),
        ("PYRONAME:shop@localhost", "localhost"),
        ("PYRO:shop@[::1]:9999", None),
        ("PYRONAME:localhost", None),
        ("PYRO:shop@./u:localhost", None),
        ("PYRO:shop@localhost.example:9999", None),
    ],
)
def test_the_host_of_a_pyro_uri_is_what_follows_its_last_at(uri: str, host: str | None) -> None:
    text = f'import Pyro4\np = Pyro4.Proxy("{uri}")\n'
    found = findings({"app.py": text})
    assert len(found) == (host is not None)
    if host is not None:
        assert found[0].fix is not None
        assert found[0].fix.title == f'"{uri.replace("localhost", "127.0.0.1")}"'


def test_what_is_tried_is_one_word_or_words_by_scheme() -> None:
    assert clients.tries(parse("x.toml", b"")) == {"": "all"}
    assert clients.tries(parse("x.toml", b'tries = "v4"')) == {"": "v4"}
    by_scheme = parse("x.toml", b'tries = { default = "first", MySQL = "socket" }')
    assert clients.tries(by_scheme) == {"": "first", "mysql": "socket"}
    with pytest.raises(KnowledgeError, match=r"^x.toml:1: tries: expected words among all, first, v4, socket, not"):
        clients.tries(parse("x.toml", b'tries = { mysql = "unix" }'))
    with pytest.raises(KnowledgeError, match=r"^x.toml:1: where: expected conditions like"):
        clients.where(parse("x.toml", b'where = ["ENGINE"]'))


@pytest.mark.parametrize(
    ("text", "silent"),
    [
        ('create_engine("mysql://root@localhost/shop?unix_socket=/run/mysqld.sock")', True),
        ('create_engine("mysql://root@localhost/shop?charset=utf8")', False),
        ('create_engine(f"mysql://root@localhost/{name}")', False),
        ('create_engine(f"mysql://root@{host}/shop")', True),
    ],
)
def test_a_socket_that_the_url_names_is_meant(text: str, *, silent: bool) -> None:
    assert (said(f"from sqlalchemy import create_engine\n{text}\n") == []) is silent
