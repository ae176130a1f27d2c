"""Quadlet units: containers that systemd starts with Podman."""

from __future__ import annotations

import pytest
from test_kubernetes_configmaps import found, workspace

from bindlint.config import Options
from bindlint.fixes import apply
from bindlint.source import Source

UNIT = "[Unit]\nDescription=x\n\n[Container]\nImage={0}\n{1}\n\n[Install]\nWantedBy=default.target\n"


@pytest.mark.parametrize(
    ("image", "lines", "expected"),
    [
        ("registry.example/shop", "PublishPort=8080:80", [("published-wildcard", "8080:80")]),
        ("registry.example/shop", "PublishPort = 0.0.0.0:8080:80", [("published-wildcard", "0.0.0.0:8080:80")]),
        ("docker.io/library/postgres:16", "PublishPort=5432:5432", [("exposed-datastore", "5432:5432")]),
        ("docker.io/library/redis:7", "PublishPort=6379:6379", [("unauthenticated-exposure", "6379:6379")]),
        ("docker.io/library/redis:7", "PublishPort=6379:6379\nExec=redis-server \\\n  --requirepass x", [
            ("exposed-datastore", "6379:6379"),
        ]),
        ("registry.example/shop", "Network=host", [("host-network", "host")]),
        ("registry.example/shop", "PodmanArgs=--publish 8080:80 --rm", [("published-wildcard", "8080:80")]),
        ("registry.example/shop", "Network=host\nExec=uvicorn a:b --host 0.0.0.0", [
            ("host-network", "host"), ("wildcard", "0.0.0.0"),
        ]),
        ("registry.example/shop", "AddHost=localhost:10.0.0.5", [("hosts-file", "localhost:10.0.0.5")]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_what_a_unit_opens_is_found_where_it_is_written(
    image: str, lines: str, expected: list[tuple[str, str]], newline: str
) -> None:
    files = {"systemd/web.container": UNIT.format(image, lines).replace("\n", newline)}
    assert [(rule, text) for rule, _, text in found(files)] == expected


@pytest.mark.parametrize(
    "lines",
    [
        "PublishPort=127.0.0.1:8080:80",
        "PublishPort=[::1]:8080:80",
        "# PublishPort=8080:80",
        "; PublishPort=8080:80",
        "Network=shop.network",
        "Exec=uvicorn a:b --host 0.0.0.0",
        "ExposeHostPort=80",
        "Label=x \\\nPublishPort=8080:80",
        "\n[Service]\nPublishPort=8080:80",
    ],
)
def test_what_stays_inside_is_silent(lines: str) -> None:
    assert found({"web.container": UNIT.format("registry.example/shop", lines)}) == []


def test_the_variables_of_the_unit_reach_its_server() -> None:
    lines = 'PublishPort=3306:3306\nEnvironment=MYSQL_ALLOW_EMPTY_PASSWORD=yes "A=b c"\n'
    assert found({"db.container": UNIT.format("mysql:8", lines)}) == [
        ("unauthenticated-exposure", "db.container", "3306:3306")
    ]


def test_a_container_is_published_by_its_pod() -> None:
    files = {
        "web.pod": "[Pod]\nPublishPort=6379:6379\n",
        "db.container": UNIT.format("redis:7", "Pod=web.pod"),
        "other.container": UNIT.format("redis:7", "Pod=none.pod"),
    }
    assert found(files) == [("unauthenticated-exposure", "web.pod", "6379:6379")]


def test_a_kube_unit_publishes_and_an_image_unit_names_the_image() -> None:
    assert found({"web.kube": "[Kube]\nYaml=web.yml\nPublishPort=8080:80\n"}) == [
        ("published-wildcard", "web.kube", "8080:80")
    ]
    files = {
        "db.container": UNIT.format("redis.image", "PublishPort=6379:6379"),
        "redis.image": "[Image]\nImage=docker.io/library/redis:7\n",
    }
    assert found(files) == [("unauthenticated-exposure", "db.container", "6379:6379")]


def test_the_fix_puts_the_port_on_loopback() -> None:
    text = UNIT.format("registry.example/shop", "PublishPort=8080:80")
    (finding,) = workspace({"web.container": text}).report(Options()).findings
    assert finding.fix is not None
    assert apply(Source("web.container", text), list(finding.fix.edits)) == text.replace("8080:80", "127.0.0.1:8080:80")
    assert "container web" in finding.route or "web :80" in finding.route


@pytest.mark.parametrize(
    "text",
    ["[Container]\nImage", "[Container]\nImage=\n", "[Container]\nImage=a\\", "[Container\nImage=a", "\\\n" * 50,
     "[Container]\nImage=a\nExec='\nEnvironment=\"\nPublishPort=\nPublishPort=x\nPod=../x.pod", "[Kube]\nYaml=\n"],
)  # fmt: skip
def test_nonsense_breaks_nothing(text: str) -> None:
    for name in ("a.container", "a.kube"):
        assert [p for p in workspace({name: text}).problems if p.internal] == []
        assert found({name: text}) == []
