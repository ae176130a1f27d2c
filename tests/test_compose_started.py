"""Compose projects as the command lines of a repository start them: of which files, with which variables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conformance import theirs
from projects import findings, told

if TYPE_CHECKING:
    from pathlib import Path

    from bindlint.findings import Finding

BASE = 'services:\n  db:\n    image: postgres:16\n    ports:\n      - "${BIND:-127.0.0.1}:5432:5432"\n'
LOCAL = 'services:\n  db:\n    image: postgres:16\n    ports:\n      - "127.0.0.1:5432:5432"\n'
PORT = '"${BIND:-127.0.0.1}:5432:5432"'
OPEN = "BIND=0.0.0.0\n"
CLOSED = "BIND=127.0.0.1\n"
UP = "docker compose --env-file prod.env up -d\n"


def notes(found: Finding) -> list[tuple[str, str]]:
    return [(step.site.path, step.note) for step in found.story]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("deploy.sh", UP),
        ("Makefile", "ENV = prod\nup:\n\tdocker-compose --env-file $(ENV).env up -d\n"),
        ("justfile", "up:\n    docker compose --env-file=prod.env up\n"),
        ("deploy.sh", "ENV=prod\nsudo docker compose -p shop --env-file ${ENV}.env up -d --build db\n"),
        ("deploy.sh", "podman-compose --env-file prod.env up -d\n"),
        ("deploy.sh", "docker compose --env-file .env --env-file prod.env up\n"),
        ("scripts/up.sh", UP),
    ],
)
def test_a_file_of_variables_that_a_command_line_names_takes_the_place_of_the_env_file(path: str, text: str) -> None:
    files = {"compose.yaml": BASE, ".env": CLOSED, "prod.env": OPEN, path: text}
    assert told(files) == [("compose.yaml", "exposed-datastore", PORT)]
    assert [note for place, note in notes(findings(files)[0]) if place == path] == [
        f"started here, and the variables of {'.env, prod.env' if '--env-file .env' in text else 'prod.env'}"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "docker compose --env-file prod.env --env-file .env up\n",  # the later wins
        "docker compose --env-file prod.env down\n",
        "docker compose --env-file prod.env logs -f db\n",
        "docker compose --env-file missing.env up\n",
        'docker compose --env-file "$FILE" up\n',
        "docker compose -f other.yaml --env-file prod.env up\n",
        "docker compose --env-file /etc/prod.env up\n",
        "echo docker compose --env-file prod.env up\n",
        "docker compose up\n",
    ],
)
def test_a_command_line_that_opens_nothing_says_nothing(text: str) -> None:
    assert told({"compose.yaml": BASE, ".env": CLOSED, "prod.env": OPEN, "deploy.sh": text}) == []


def test_what_the_env_file_opens_stays_found_where_a_command_line_names_another() -> None:
    (found,) = findings({"compose.yaml": BASE, ".env": OPEN, "prod.env": CLOSED, "deploy.sh": UP})
    assert found.rule == "exposed-datastore"
    assert not [path for path, _ in notes(found) if path == "deploy.sh"]


def test_what_both_ways_open_is_found_once() -> None:
    files = {"compose.yaml": BASE, ".env": OPEN, "prod.env": OPEN, "deploy.sh": UP, "again.sh": UP}
    assert told(files) == [("compose.yaml", "exposed-datastore", PORT)]


def test_a_required_variable_has_the_value_that_the_named_file_gives_it() -> None:
    files = {"compose.yaml": BASE.replace(":-127.0.0.1", ":?"), "prod.env": OPEN, "deploy.sh": UP}
    assert told(files) == [("compose.yaml", "exposed-datastore", '"${BIND:?}:5432:5432"')]


def test_named_files_are_one_project_and_the_story_names_the_command_line() -> None:
    files = {
        "docker-compose.base.yml": "services:\n  db:\n    image: shop/base\n",
        "deploy/ports.yml": 'services:\n  db:\n    image: shop/db\n    ports:\n      - "5432:5432"\n',
        "deploy.sh": "docker compose -f docker-compose.base.yml -f deploy/ports.yml up -d\n",
        "deploy/up.sh": "docker compose -f ../docker-compose.base.yml -f ports.yml up -d\n",
    }
    (found,) = findings(files)
    assert (found.rule, found.site.path) == ("published-wildcard", "deploy/ports.yml")
    assert ("deploy.sh", "started here with docker-compose.base.yml, deploy/ports.yml") in notes(found)


def test_named_files_leave_the_override_out() -> None:
    """Source: docker compose 2.40.3 `-f compose.yaml config`: compose.override.yaml is not merged."""
    base = LOCAL.replace("127.0.0.1:", "0.0.0.0:")
    over = "services:\n  db:\n    ports: !override\n      - 127.0.0.1:5432:5432\n"
    files = {"compose.yaml": base, "compose.override.yaml": over}
    assert told(files) == []
    assert told({**files, "Makefile": "up:\n\tdocker compose -f compose.yaml up\n"}) == [
        ("compose.yaml", "exposed-datastore", '"0.0.0.0:5432:5432"')
    ]


def test_the_image_of_the_first_file_says_what_the_port_of_the_second_opens() -> None:
    files = {
        "stack/base.yml": "services:\n  cache:\n    image: redis:7\n",
        "ops/open.yml": "services:\n  cache:\n    ports: ['6379:6379']\n",
        "up.sh": "docker compose -f stack/base.yml -f ops/open.yml up -d\n",
    }
    assert told(files) == [("ops/open.yml", "unauthenticated-exposure", "'6379:6379'")]


def test_a_profile_that_a_command_line_asks_for_is_no_condition() -> None:
    files = {"compose.yaml": LOCAL.replace("127.0.0.1:", "") + "    profiles: [ops]\n"}
    (before,) = findings(files)
    (after,) = findings({**files, "up.sh": "docker compose --profile ops up\n"})
    assert (before.confidence.name, after.confidence.name) == ("MEDIUM", "HIGH")


def test_what_only_ci_starts_is_a_guess() -> None:
    """docs/decisions/0009: it lives as long as the job."""
    workflow = "jobs:\n  test:\n    runs-on: x\n    steps:\n      - run: docker compose --env-file prod.env up -d\n"
    files = {"compose.yaml": BASE, ".env": CLOSED, "prod.env": OPEN, ".github/workflows/ci.yml": workflow}
    assert told(files) == []


def test_who_shares_a_network_that_a_command_line_opens_is_reached_through_it() -> None:
    shared = "  cache:\n    image: redis:7\n    network_mode: service:web\n"
    web = 'services:\n  web:\n    image: shop/web\n    ports:\n      - "${BIND:-127.0.0.1}:6379:6379"\n'
    files = {"compose.yaml": web + shared, "prod.env": OPEN, "deploy.sh": UP}
    assert [rule for _, rule, _ in told(files)] == ["unauthenticated-exposure"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "host"),
    [
        (("--env-file", "prod.env"), "0.0.0.0"),
        (("--env-file", "prod.env", "--env-file", ".env"), "127.0.0.1"),
        (("-f", "compose.yaml", "--env-file", ".env", "--env-file", "prod.env"), "0.0.0.0"),
        ((), "127.0.0.1"),
    ],
)
def test_docker_compose_reads_the_variables_so(options: tuple[str, ...], host: str, tmp_path: Path) -> None:
    files = {"compose.yaml": BASE, ".env": CLOSED, "prod.env": OPEN}
    theirs.write(tmp_path, files)
    (port,) = theirs.resolved(tmp_path, *options).services["db"].ports
    assert port[0] == host
    assert bool(told({**files, "up.sh": f"docker compose {' '.join(options)} up\n"})) == (host == "0.0.0.0")
