"""What else ends a finding than its default fix, whom each fix may cut off, and that what is offered holds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from projects import KNOWLEDGE, findings

from bindlint.config import Config, Options
from bindlint.fixes import apply
from bindlint.mending import plan
from bindlint.source import Source
from bindlint.workspace import Workspace

if TYPE_CHECKING:
    from bindlint.findings import Finding
    from bindlint.knowledge import Example

SHOP = """\
services:
  web:
    image: registry.example/shop
    environment:
      DATABASE_URL: postgres://shop@db:5432/shop
  db:
    image: postgres:16
    ports:
      - "5432:5432"
    environment:
      POSTGRES_PASSWORD: secret
"""
PORTS = '    ports:\n      - "5432:5432"\n'


def afters(files: dict[str, str]) -> list[list[str]]:
    """For each finding: what its file becomes by each of its fixes."""
    return [
        [apply(Source(found.site.path, files[found.site.path]), fix.edits) for fix in found.fixes]
        for found in findings(files)
    ]


def cuts(files: dict[str, str]) -> list[list[str]]:
    """For each finding: whom each of its fixes may cut off."""
    return [[fix.cuts for fix in found.fixes] for found in findings(files)]


@pytest.mark.parametrize("example", KNOWLEDGE.examples, ids=lambda e: e.name)
def test_every_alternative_ends_its_finding_and_begins_no_other(example: Example) -> None:
    workspace = Workspace(KNOWLEDGE, Config())
    for path, text in example.files.items():
        workspace.update(path, text.encode())
    options = Options(persona=example.persona)
    report = workspace.report(options)

    for found in report.findings:
        for fix in found.alternatives:
            one = replace(report, findings=(replace(found, fix=fix),))
            made = plan(workspace, one, options, lambda _: True, unsafe=True)
            for change in made.changes:
                workspace.update(change.path, change.before)
            assert made.refused == (), fix.title


@pytest.mark.parametrize(
    ("path", "before", "others"),
    [
        ("redis.conf", "port 6379\n", ["bind 127.0.0.1 -::1\nport 6379\n", "bind ::1\nport 6379\n"]),
        (
            "postgresql.conf",
            "listen_addresses = '*'\n",
            ["listen_addresses = '127.0.0.1,::1'\n", "listen_addresses = '::1'\n"],
        ),
        ("httpd.conf", "Listen 8081\nUser www\n", ["Listen 127.0.0.1:8081\nListen [::1]:8081\nUser www\n"]),
        ("httpd.conf", "  Listen 8081", ["  Listen 127.0.0.1:8081\n  Listen [::1]:8081"]),
        ("www.conf", "[www]\nlisten = 0.0.0.0:9000\n", ["[www]\nlisten = /run/php/php-fpm.sock\n"]),
        ("Procfile", "web: gunicorn -b 0.0.0.0:8000 a:b\n", ["web: gunicorn -b unix:/run/gunicorn.sock a:b\n"]),
        ("Procfile", "web: uvicorn a:b --host 0.0.0.0\n", ["web: uvicorn a:b --uds /run/uvicorn.sock\n"]),
        ("Procfile", "web: uvicorn a:b --host=0.0.0.0\n", []),
        ("redis.conf", "bind 0.0.0.0\n", []),  # nobody came in by IPv6
    ],
)
def test_what_a_server_takes_instead_is_offered(path: str, before: str, others: list[str]) -> None:
    ((_, *found),) = afters({path: before})
    assert found == others


def test_a_port_can_be_published_for_both_families_or_not_at_all() -> None:
    ((default, both, without),) = afters({"compose.yaml": SHOP})

    assert default == SHOP.replace('"5432', '"127.0.0.1:5432')
    assert both == SHOP.replace(PORTS, '    ports:\n      - "127.0.0.1:5432:5432"\n      - "[::1]:5432:5432"\n')
    assert without == SHOP.replace(PORTS, "")
    assert cuts({"compose.yaml": SHOP}) == [["", "", "clients on this machine"]]


@pytest.mark.parametrize(
    ("ports", "left"),
    [
        ('ports: ["5432:5432"]\n', ""),
        ('ports:\n      - "80:80"\n      - "5432:5432"  # ours\n', 'ports:\n      - "80:80"\n'),
        ("ports:\n      - target: 5432\n        published: 5432\n", ""),
        ('ports:\n      - "5432:5432"\n    # the password\n', "# the password\n"),
    ],
)
def test_of_a_publication_that_is_taken_away_nothing_is_left(ports: str, left: str) -> None:
    text = SHOP.replace(PORTS.lstrip(), ports)
    found = next(f for f in findings({"compose.yaml": text}) if f.rule == "exposed-datastore")
    after = [apply(Source("compose.yaml", text), fix.edits) for fix in found.alternatives]
    assert SHOP.replace(PORTS, f"    {left}" if left else "") in after


def test_the_last_line_that_is_taken_away_leaves_no_line_break_behind() -> None:
    head = SHOP.partition("  db:")[0]
    text = f'{head}  db:\n    image: redis\n    ports: ["6379:6379"]'
    text = text.replace("5432", "6379")
    ((*_, without),) = afters({"compose.yaml": text})
    assert without == text.removesuffix('\n    ports: ["6379:6379"]')


def test_a_port_that_no_other_container_uses_is_not_taken_away() -> None:
    ((*_, last),) = afters({"compose.yaml": SHOP.replace("@db:", "@elsewhere:")})
    assert "[::1]:5432:5432" in last


def test_an_unquoted_bracket_would_open_a_list() -> None:
    assert len(findings({"compose.yaml": SHOP.replace('"5432:5432"', "5432:5432")})[0].fixes) == 2


def test_a_health_check_may_use_the_name_of_its_own_service() -> None:
    check = '    healthcheck:\n      test: ["CMD", "wget", "-q", "http://localhost:8000/"]\n'
    text = f"services:\n  web:\n    image: registry.example/shop\n{check}"
    assert afters({"compose.yaml": text}) == [[text.replace("localhost", name) for name in ("127.0.0.1", "web")]]


def test_the_health_check_of_an_image_knows_no_name_of_it() -> None:
    files = {
        "Dockerfile": "FROM alpine\nHEALTHCHECK CMD wget -q http://localhost:8000/\n",
        "compose.yaml": "services:\n  web:\n    build: .\n",
    }
    assert afters(files) == [[files["Dockerfile"].replace("localhost", "127.0.0.1")]]


def test_a_client_is_given_the_family_that_its_listener_has() -> None:
    check = '    healthcheck:\n      test: ["CMD", "curl", "http://localhost:8000/"]\n'
    text = f'services:\n  web:\n    image: python\n    command: uvicorn a:b --host "::1" --port 8000\n{check}'
    workspace = Workspace(KNOWLEDGE, Config())
    workspace.update("compose.yaml", text.encode())
    found = next(f for f in workspace.report(Options(persona="pedantic")).findings if f.rule == "localhost-connect")
    assert found.fix is not None
    assert apply(Source("compose.yaml", text), found.fix.edits) == text.replace("localhost", "[::1]")


DEBUGGED = {
    "app.py": 'import debugpy\ndebugpy.listen(("0.0.0.0", 5678))\n',
    "compose.yaml": "services:\n  web:\n    image: registry.example/shop\n",
}


def _fix_of(files: dict[str, str], path: str) -> Finding:
    return next(found for found in findings(files) if found.site.path == path)


def test_who_comes_in_by_a_published_port_that_nobody_knows_to_serve_is_not_cut_off_unasked() -> None:
    published = DEBUGGED["compose.yaml"] + '    ports: ["5678:5678"]\n'

    assert [f.cuts for f in _fix_of(DEBUGGED, "app.py").fixes] == [""]
    told = _fix_of({**DEBUGGED, "compose.yaml": published}, "app.py")
    assert [f.cuts for f in told.fixes] == ["clients of the port that compose.yaml publishes"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("listeners=PLAINTEXT://:9092\n", ""),
        ("listeners=PLAINTEXT://:9092\nadvertised.listeners=PLAINTEXT://localhost:9092\n", ""),
        (
            "listeners=PLAINTEXT://:9092\nadvertised.listeners=PLAINTEXT://kafka1.example:9092\n",
            "clients that are told to connect to kafka1.example",
        ),
    ],
)
def test_where_clients_are_told_to_connect_elsewhere_loopback_is_no_safe_fix(text: str, said: str) -> None:
    (found,) = findings({"server.properties": text})
    assert found.fix is not None
    assert found.fix.cuts == said


@pytest.mark.parametrize(
    ("host", "said"), [("broker", ""), ("192.168.1.2", "clients that are told to connect to 192.168.1.2")]
)
def test_a_published_broker_that_names_the_machine_is_no_safe_fix(host: str, said: str) -> None:
    text = (
        "services:\n  broker:\n    image: apache/kafka:3.8.0\n    environment:\n"
        "      KAFKA_LISTENERS: PLAINTEXT://:9092\n"
        f"      KAFKA_ADVERTISED_LISTENERS: PLAINTEXT://{host}:9092\n    ports:\n      - 9092:9092\n"
    )
    (found,) = findings({"compose.yaml": text})
    assert found.fix is not None
    assert found.fix.cuts == said


def test_all_listeners_that_are_shown_at_one_place_are_mended() -> None:
    ((after,),) = afters({"zoo.cfg": "dataDir=/data\n  clientPort=2181\n"})
    assert after == (
        "dataDir=/data\n  admin.serverAddress=127.0.0.1\n  clientPortAddress=127.0.0.1\n  clientPort=2181\n"
    )


def test_every_return_of_a_function_is_mended() -> None:
    text = (
        "import uvicorn\ndef host(v6):\n    if v6:\n        return '::'\n    return '0.0.0.0'\n"
        "uvicorn.run('a:b', host=host(FLAG))\n"
    )
    ((after, *_),) = afters({"app.py": text})
    assert after == text.replace("'::'", "'::1'").replace("'0.0.0.0'", "'127.0.0.1'")


@pytest.mark.parametrize("ports", ["$port:8080", "${port}:8080"])
def test_a_variable_that_is_a_port_stays_one(ports: str) -> None:
    text = f'port=8088\ndocker run -d -p "{ports}" registry.example/shop\ncurl "http://localhost:$port/"\n'
    ((after, *_),) = afters({"smoke.sh": text})
    assert after == text.replace(ports, f"127.0.0.1:{ports}")


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("Caddyfile", ":8080 {\n    respond ok\n}\n", ":8080 {\n    bind 127.0.0.1\n    respond ok\n}\n"),
        ("Caddyfile", ":8080 {\n}\n", ":8080 {\n\tbind 127.0.0.1\n}\n"),
        ("Caddyfile", ":8080", ":8080\n\tbind 127.0.0.1"),
        ("redis.conf", "# mine\n\n  port 7000", "# mine\n\n  bind 127.0.0.1\n  port 7000"),
    ],
)
def test_a_line_put_in_stands_as_its_neighbours_do(path: str, before: str, after: str) -> None:
    ((found, *_),) = afters({path: before})
    assert found == after


def test_both_addresses_of_a_name_cut_off_nobody() -> None:
    (found,) = findings({"postgresql.conf": "listen_addresses = 'localhost'\n"})
    assert [(fix.title, fix.cuts) for fix in found.fixes] == [
        ("127.0.0.1,::1", ""),
        ("127.0.0.1", "clients that connect to ::1"),
        ("::1", "clients that connect to 127.0.0.1"),
    ]


@pytest.mark.parametrize(
    ("said", "after"),
    [
        ("the address, default 0.0.0.0.", "the address, default 127.0.0.1."),
        ("10.0.0.0.0 or 0.0.0.0:80", "10.0.0.0.0 or 0.0.0.0:80"),
        ("where to listen", "where to listen"),
    ],
)
def test_the_help_of_an_option_says_its_new_default(said: str, after: str) -> None:
    text = (
        "import argparse, uvicorn\nparser = argparse.ArgumentParser()\n"
        f'parser.add_argument("--host", help="{said}", default="0.0.0.0")\n'
        'uvicorn.run("a:b", host=parser.parse_args().host)\n'
    )
    ((made, *_),) = afters({"app.py": text})
    assert made == text.replace('default="0.0.0.0"', 'default="127.0.0.1"').replace(said, after)
    assert findings({"app.py": text})[0].fixes[0].title == '"127.0.0.1"'
