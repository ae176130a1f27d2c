"""Containers that Python code starts by the Docker SDK."""

from __future__ import annotations

import pytest
from python_reading import KNOWLEDGE, read

from bindlint.config import Config, Options
from bindlint.facts import Container, Listener, Publication
from bindlint.source import Source
from bindlint.workspace import Workspace

HEAD = "import docker\nclient = docker.from_env()\n"


def published(text: str, path: str = "app.py") -> list[tuple[str, str, str, int | None, int | None]]:
    """Of each publication: the text of its site, kind and reach of its address, the ports outside and inside."""
    source = Source(path, HEAD + text)
    return [
        (source.slice(f.site.span), f.address.kind.value, f.reach.value, f.port, f.container_port)
        for f in read(HEAD + text, path)
        if isinstance(f, Publication)
    ]


@pytest.mark.parametrize(
    ("ports", "expected"),
    [
        ('{"80/tcp": 8080}', ("8080", "wildcard", "lan", 8080, 80)),
        ("{80: 8080}", ("8080", "wildcard", "lan", 8080, 80)),
        ('{"80/tcp": "8080"}', ('"8080"', "wildcard", "lan", 8080, 80)),
        ('{"80/tcp": None}', ("None", "wildcard", "lan", None, 80)),
        ('{"80/tcp": ("0.0.0.0", 8080)}', ("0.0.0.0", "wildcard", "lan", 8080, 80)),
        ('{"80/tcp": ("", 8080)}', ("", "wildcard", "lan", 8080, 80)),
        ('{"80/tcp": ("127.0.0.1", None)}', ("127.0.0.1", "loopback", "host", None, 80)),
        ('{"80/tcp": ("127.0.0.1",)}', ("127.0.0.1", "loopback", "host", None, 80)),
        ('{"80/tcp": ("10.0.0.1", 8080)}', ("10.0.0.1", "specific", "lan", 8080, 80)),
        ('{"80/tcp": {"HostIp": "127.0.0.1", "HostPort": 80}}', ("127.0.0.1", "loopback", "host", None, 80)),
        ('{"80/tcp": (HOST, 8080)}', ("HOST", "wildcard", "lan", 8080, 80)),
        ('{f"{PORT}/tcp": PORT}', ("PORT", "wildcard", "lan", 8000, 8000)),
        ('{"80/tcp": int(port)}', ("int(port)", "wildcard", "lan", None, 80)),
        ('{"80/tcp": port}', ("port", "unknown", "lan", None, 80)),
        ('{"80/tcp": (host, 80)}', ("host", "unknown", "lan", 80, 80)),
    ],
)
def test_each_form_of_a_port_is_understood(ports: str, expected: tuple[object, ...]) -> None:
    text = f'HOST = "0.0.0.0"\nPORT = 8000\nclient.containers.run("nginx", ports={ports})\n'

    assert published(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        'ports = {"80/tcp": 80}\nclient.containers.run("x", ports=ports)',
        'ports = {}\nports["80/tcp"] = 80\nclient.containers.run("x", ports=ports)',
        'options = {"ports": {"80/tcp": 80}}\nclient.containers.run("x", **options)',
        'docker.DockerClient(base_url="unix://x").containers.create("x", ports={"80/tcp": 80})',
        'class A:\n    def __init__(self, client):\n        client.containers.run("x", ports={"80/tcp": 80})',
        'def go(client: docker.DockerClient):\n    client.containers.run("x", ports={"80/tcp": 80})',
    ],
)
def test_the_call_is_found_however_it_is_written(text: str) -> None:
    assert [kind for _, kind, *_ in published(text)] == ["wildcard"]


@pytest.mark.parametrize(
    "text",
    [
        'client.containers.run("x")',
        'client.containers.get("x")',
        'runner.run("x", ports={"80/tcp": 80})',
        'ports = {"80/tcp": 80}',
        'client.containers.list(ports={"80/tcp": 80})',
    ],
)
def test_other_calls_publish_nothing(text: str) -> None:
    assert published(text) == []


def test_what_runs_in_it_is_said_by_image_command_and_environment() -> None:
    text = (
        'client.containers.run(image=f"redis:{version}", command="redis-server --requirepass x", ports={6379: 6379})\n'
        'client.containers.run("mongo:7", ["--auth"], name="db")\n'
        'client.containers.run("x/y", ["uvicorn", "a:a", "--host", "0.0.0.0"], environment=["A=b"])\n'
    )
    facts = read(HEAD + text)

    assert [f.software for f in facts if isinstance(f, Listener)] == ["redis", "mongodb", "uvicorn"]
    assert [f.name for f in facts if isinstance(f, Container)] == ["redis:", "db", "y"]


def test_the_hosts_network_is_said() -> None:
    text = 'client.containers.run("redis", network_mode="host")\n'

    assert [f.network for f in read(HEAD + text) if isinstance(f, Container)] == ["host"]


def scan(path: str, text: str, persona: str = "regular") -> list[str]:
    workspace = Workspace(KNOWLEDGE, Config())
    workspace.update(path, text.encode())
    return [f.rule for f in workspace.report(Options(persona=persona)).findings]


def test_test_code_is_a_guess() -> None:
    text = HEAD + 'client.containers.run("x/y", ports={80: 80})\nclient.containers.run("x/z", network_mode="host")\n'

    assert sorted(scan("app.py", text)) == ["host-network", "published-wildcard"]
    assert scan("tests/test_app.py", text) == []
    assert sorted(scan("tests/test_app.py", text, "pedantic")) == ["host-network", "published-wildcard"]
