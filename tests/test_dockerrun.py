"""Containers that command lines start: what `docker run` publishes, as Docker reads it, and what runs in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from projects import told

from bindlint import readers
from bindlint.facts import Container, Fact, Guard, HostsEntry, Listener, Publication
from bindlint.fixes import apply, to_loopback
from bindlint.knowledge import Knowledge, rules_root
from bindlint.source import Source

KNOWLEDGE = Knowledge(rules_root())


def read(text: str, path: str = "run.sh") -> list[Fact]:
    return list(readers.read(path, text.encode(), KNOWLEDGE).facts)


def published(text: str) -> list[tuple[str, str, int | None, int | None, str]]:
    """The publications as (text their site covers, kind of address, host port, container port, protocol)."""
    return [
        (text[f.site.span.start : f.site.span.end], f.address.kind.value, f.port, f.container_port, f.protocol)
        for f in read(text)
        if isinstance(f, Publication)
    ]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("-p 8080:80", [("8080:80", "wildcard", 8080, 80, "tcp")]),
        ("-p8080:80", [("8080:80", "wildcard", 8080, 80, "tcp")]),
        ("-p=8080:80", [("8080:80", "wildcard", 8080, 80, "tcp")]),
        ("--publish 8080:80/udp", [("8080:80/udp", "wildcard", 8080, 80, "udp")]),
        ("--publish=80", [("80", "wildcard", None, 80, "tcp")]),
        ("-dp 8080:80", [("8080:80", "wildcard", 8080, 80, "tcp")]),
        ("-itp8080:80", [("8080:80", "wildcard", 8080, 80, "tcp")]),
        ("-p 0.0.0.0:8080:80", [("0.0.0.0:8080:80", "wildcard", 8080, 80, "tcp")]),
        ("-p '[::]:8080:80'", [("[::]:8080:80", "wildcard", 8080, 80, "tcp")]),
        ("-p 127.0.0.1:8080:80", [("127.0.0.1:8080:80", "loopback", 8080, 80, "tcp")]),
        ("-p 127.0.0.1::80", [("127.0.0.1::80", "loopback", None, 80, "tcp")]),
        ("-p 10.0.0.5:8080:80", [("10.0.0.5:8080:80", "specific", 8080, 80, "tcp")]),
        (
            "-p 8000-8001:80-81",
            [("8000-8001:80-81", "wildcard", 8000, 80, "tcp"), ("8000-8001:80-81", "wildcard", 8001, 81, "tcp")],
        ),
        ("-P", [("-P", "wildcard", None, None, "tcp")]),
        ("-p $PORT:80", [("$PORT:80", "wildcard", None, 80, "tcp")]),
        ('-p "${PORT:-8080}:80"', [("${PORT:-8080}:80", "wildcard", 8080, 80, "tcp")]),
        ("-p $IP:8080:80", [("$IP:8080:80", "unknown", 8080, 80, "tcp")]),
        ("-p $(free_port):80", [("$(free_port):80", "wildcard", None, 80, "tcp")]),
        ("-p $MAPPING", [("$MAPPING", "unknown", None, None, "tcp")]),
        ("-p localhost:8080:80", []),
        ("--expose 80", []),
        ("", []),
    ],
)
def test_each_form_opens_what_docker_opens(options: str, expected: list[tuple[str, str, int, int, str]]) -> None:
    text = f"docker run --rm {options} registry.example/shop serve -p 1:2\n"
    assert published(text) == expected


def test_a_value_known_from_the_script_is_put_in() -> None:
    text = "BIND=127.0.0.1\nPORT=9000\ndocker run -p $BIND:$PORT:80 registry.example/shop\n"
    assert [(kind, port) for _, kind, port, _, _ in published(text)] == [("loopback", 9000)]


@pytest.mark.parametrize(
    ("option", "fixed"),
    [
        ("-p 8080:80", "-p 127.0.0.1:8080:80"),
        ("-p 80", "-p 127.0.0.1::80"),
        ("-p 0.0.0.0:8080:80", "-p 127.0.0.1:8080:80"),
        ('-p "[::]:8080:80"', '-p "[::1]:8080:80"'),
        ("--publish=8080:80", "--publish=127.0.0.1:8080:80"),
    ],
)
def test_a_publication_can_be_moved_to_loopback(option: str, fixed: str) -> None:
    text = f"docker run {option} registry.example/shop\n"
    one = next(f for f in read(text) if isinstance(f, Publication))

    fix = to_loopback(one.address)
    assert fix is not None
    assert apply(Source("run.sh", text), fix.edits) == f"docker run {fixed} registry.example/shop\n"


def test_options_before_the_image_are_dockers_and_those_behind_it_the_programs() -> None:
    text = "docker --debug run -d -v data:/data --network=back redis:7 redis-server --bind 127.0.0.1 --requirepass x\n"
    listener = next(f for f in read(text) if isinstance(f, Listener))

    assert (listener.software, listener.address.text) == ("redis", "127.0.0.1")
    assert any(isinstance(f, Guard) and f.on for f in read(text))


def test_variables_and_the_image_decide_like_in_compose() -> None:
    text = "docker run -e MYSQL_ALLOW_EMPTY_PASSWORD=yes --name db mysql:8\n"
    box = next(f for f in read(text) if isinstance(f, Container))

    assert (box.name, box.image, box.origin) == ("db", "mysql:8", "docker")
    assert [f.on for f in read(text) if isinstance(f, Guard)] == [False]


def test_a_hosts_line_is_read() -> None:
    entries = [f for f in read("docker run --add-host localhost:10.0.0.5 alpine\n") if isinstance(f, HostsEntry)]
    assert [(e.names, e.address.text, e.origin) for e in entries] == [(("localhost",), "10.0.0.5", "extra_hosts")]


@pytest.mark.parametrize("name", ["compose run --rm -p 1:2", "exec web", "build -t", "stop", "logs"])
def test_what_only_names_a_container_starts_none(name: str) -> None:
    assert [f for f in read(f"docker {name} run\n") if isinstance(f, Container)] == []


def test_options_in_a_variable_are_passed_over() -> None:
    text = 'docker run $OPTIONS --name web -p 8080:80 "$IMAGE"\n'
    assert published(text) == [("8080:80", "wildcard", 8080, 80, "tcp")]


def test_a_configuration_that_is_mounted_belongs_to_the_container() -> None:
    files = {
        "run.sh": "docker run -p 127.0.0.1:6379:6379 -v $PWD/redis.conf:/etc/x.conf redis redis-server /etc/x.conf\n",
        "redis.conf": "bind 0.0.0.0\nprotected-mode no\n",
    }
    assert told(files) == []
    open_to_all = {**files, "run.sh": files["run.sh"].replace("127.0.0.1:", "")}
    assert told(open_to_all) == [("run.sh", "unauthenticated-exposure", "6379:6379")]


def test_a_makefile_and_python_start_containers_too() -> None:
    make = "run:\n\t@docker run -p 8080:80 registry.example/shop\n"
    python = 'import subprocess\nsubprocess.run(["docker", "run", "-p", "8080:80", "registry.example/shop"])\n'
    assert told({"Makefile": make}) == [("Makefile", "published-wildcard", "8080:80")]
    assert told({"start.py": python}) == [("start.py", "published-wildcard", "8080:80")]
    assert told({"tests/start.py": python}) == []


@given(st.lists(st.sampled_from([*"-pPev=:$'\"[] \n", "docker run ", "--net", "host", "80", "::", "image", "${A:-"])))
def test_any_text_is_read_without_an_error(parts: list[str]) -> None:
    reading = readers.read("run.sh", ("docker run " + "".join(parts)).encode(), KNOWLEDGE)
    assert reading.problems == ()


def test_a_site_is_never_outside_of_the_text() -> None:
    text = 'P=80\ndocker run -p "$P:80" -e "A=$P" "$IMAGE" --host "0.0.0.0"\n'
    size = len(Source("run.sh", text).text)
    assert all(0 <= f.site.span.start <= f.site.span.end <= size for f in read(text))


IMAGE = {
    "docker/web.Dockerfile": 'FROM python AS base\nCOPY . /srv\nENTRYPOINT ["python", "/srv/main.py"]\nCMD ["serve"]\n',
    "main.py": 'import uvicorn\nuvicorn.run("app", host="0.0.0.0", port=8000)\n',
}


@pytest.mark.parametrize(
    "build",
    [
        "docker build -f docker/web.Dockerfile -t shop:local .",
        "docker buildx build --tag shop:local --file=docker/web.Dockerfile --target base --build-arg A=b .",
        "podman build . -t other -t shop:local -f ./docker/web.Dockerfile",
    ],
)
def test_an_image_that_a_script_makes_is_run_under_its_name(build: str) -> None:
    script = f"cd $(dirname $0)/..\n{build}\ndocker run -p 8080:8000 shop:local\n"

    assert told({**IMAGE, "scripts/run.sh": script}) == [("scripts/run.sh", "wildcard", "8080:8000")]


@pytest.mark.parametrize(
    "build",
    [
        "docker build -f docker/$KIND.Dockerfile -t shop:local .",
        "docker build -f docker/web.Dockerfile -t $NAME .",
        "docker build -f other.Dockerfile -t shop:local .",
        "docker pull shop:local",
    ],
)
def test_an_image_of_which_nobody_knows_how_it_is_made_is_only_published(build: str) -> None:
    script = f"{build}\ndocker run -p 8080:8000 shop:local\n"

    assert told({**IMAGE, "run.sh": script})[-1:] == [("run.sh", "published-wildcard", "8080:8000")]


def test_another_entry_point_does_not_run_that_of_the_image() -> None:
    build = "docker build -f docker/web.Dockerfile -t shop .\n"
    script = f"{build}docker run -p 8080:8000 --entrypoint /bin/sh shop\n"

    assert told({**IMAGE, "run.sh": script})[-1:] == [("run.sh", "published-wildcard", "8080:8000")]


@pytest.mark.parametrize("value", ["0.0.0.0", "127.0.0.1"])
def test_a_file_of_variables_is_read(value: str) -> None:
    files = {
        "web.env": f"# for the container\nUVICORN_HOST={value}\n",
        "run.sh": "docker run --env-file web.env -p 8080:8000 registry.example/shop uvicorn app:app\n",
    }
    rules = {"0.0.0.0": "wildcard", "127.0.0.1": "loopback-unreachable"}

    assert [rule for _, rule, _ in told(files)] == [rules[value]]
