"""CI workflows: what jobs start is told, but never to the regular persona (docs/decisions/0009)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bindlint import readers
from bindlint.config import Config, Options
from bindlint.facts import Connection, Container, Fact, Launch, Listener, Publication
from bindlint.knowledge import Knowledge, rules_root
from bindlint.readers import workflows
from bindlint.workspace import Workspace

KNOWLEDGE = Knowledge(rules_root())
PATH = ".github/workflows/ci.yml"

SERVICES = """
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    services:
      cache:
        image: redis:${{ matrix.redis }}
        ports:
          - 6379:6379
        options: >-
          --health-cmd "redis-cli ping"
          --health-retries 5
    steps:
      - uses: actions/checkout@v4
"""


def read(text: str, path: str = PATH) -> list[Fact]:
    return list(readers.read(path, text.encode(), KNOWLEDGE).facts)


def findings(files: dict[str, str], persona: str = "regular") -> list[tuple[str, str, str]]:
    workspace = Workspace(KNOWLEDGE, Config())
    for path, text in files.items():
        workspace.update(path, text.encode())
    found = workspace.report(Options(persona=persona)).findings
    return [(f.site.path, f.rule, files[f.site.path][f.site.span.start : f.site.span.end]) for f in found]


@pytest.mark.parametrize(
    ("path", "ours"),
    [
        (".github/workflows/ci.yml", True),
        ("sub/.github/workflows/ci.yaml", True),
        (".forgejo/workflows/ci.yml", True),
        ("action.yml", True),
        (".gitlab-ci.yml", True),
        ("ci/build.gitlab-ci.yml", True),
        (".circleci/config.yml", True),
        ("azure-pipelines.yml", True),
        ("github/workflows/ci.yml", False),
        ("compose.yml", False),
        ("config.yml", False),
    ],
)
def test_workflows_are_known_by_their_place(path: str, ours: bool) -> None:  # noqa: FBT001 - a table's cell
    assert workflows.claims(path, b"", KNOWLEDGE) is ours


def test_a_service_publishes_its_ports_but_only_the_pedantic_are_told() -> None:
    assert findings({PATH: SERVICES}) == []
    assert findings({PATH: SERVICES}, "pedantic") == [(PATH, "unauthenticated-exposure", "6379:6379")]


def test_the_story_says_why_it_is_a_guess() -> None:
    workspace = Workspace(KNOWLEDGE, Config())
    workspace.update(PATH, SERVICES.encode())
    finding = workspace.report(Options(persona="pedantic")).findings[0]

    assert any("CI job" in step.note for step in finding.story)


@pytest.mark.parametrize(
    "text",
    [
        "jobs:\n  a:\n    steps:\n      - run: uvicorn app:app --host 0.0.0.0\n",
        "jobs:\n  a:\n    steps:\n      - run: |\n          cd src\n          uvicorn app:app --host 0.0.0.0 &\n",
        "env:\n  HOST: 0.0.0.0\njobs:\n  a:\n    steps:\n      - run: uvicorn app:app --host $HOST\n",
        "jobs:\n  a:\n    steps:\n      - run: uvicorn app:app --host $HOST\n        env: {HOST: 0.0.0.0}\n",
        "jobs:\n  a:\n    steps:\n      - run: {command: uvicorn app:app --host 0.0.0.0}\n",
        "steps:\n  - script: uvicorn app:app --host 0.0.0.0\n",
        "runs:\n  using: composite\n  steps:\n    - run: uvicorn app:app --host 0.0.0.0\n      shell: bash\n",
        "a:\n  script:\n    - uvicorn app:app --host 0.0.0.0\n",
        "a:\n  before_script: HOST=0.0.0.0\n  script: uvicorn app:app --host $HOST\n",
    ],
)
def test_what_a_step_starts_is_found_and_not_certain(text: str) -> None:
    assert [(f.address.kind.value, f.certain) for f in read(text) if isinstance(f, Listener)] == [("wildcard", False)]


def test_a_job_in_a_container_has_its_steps_there() -> None:
    text = "jobs:\n  a:\n    container: python:3.12\n    steps:\n      - run: uvicorn app:app --host 0.0.0.0\n"
    box = next(f for f in read(text) if isinstance(f, Container))

    assert box.image == "python:3.12"
    assert [f.container for f in read(text) if isinstance(f, Listener)] == [box.id]


def test_a_port_of_a_service_is_one_of_docker_create() -> None:
    text = "jobs:\n  a:\n    services:\n      web: {image: nginx, ports: ['80', '8080:80', '127.0.0.1:1:2/udp']}\n"
    ports = [f for f in read(text) if isinstance(f, Publication)]

    assert [(p.port, p.container_port, p.protocol) for p in ports] == [
        (None, 80, "tcp"),
        (8080, 80, "tcp"),
        (1, 2, "udp"),
    ]


def test_what_a_job_runs_does_not_place_the_files_of_the_project() -> None:
    server = "import uvicorn\nuvicorn.run('app:app', host='0.0.0.0')\n"
    job = "jobs:\n  a:\n    steps:\n      - run: docker run -v $PWD:/src python:3 python /src/server.py\n"
    assert [f for f in read(job) if isinstance(f, Launch)] == []
    assert findings({PATH: job, "server.py": server}) == [("server.py", "wildcard", "'0.0.0.0'")]


def test_a_connection_of_a_step_is_for_the_pedantic() -> None:
    text = "jobs:\n  a:\n    steps:\n      - run: mysql -h localhost -e 'select 1'\n"
    assert [f.certain for f in read(text) if isinstance(f, Connection)] == [False]
    assert findings({PATH: text}) == []
    assert findings({PATH: text}, "pedantic") == [(PATH, "localhost-connect", "localhost")]


def test_what_no_step_runs_is_silent() -> None:
    text = "name: uvicorn --host 0.0.0.0\njobs:\n  a:\n    name: docker run -p 80:80 x\n    steps:\n      - run: echo\n"
    assert read(text) == []


@given(
    st.lists(
        st.sampled_from(
            [
                "jobs:\n",
                "  a:\n",
                "    services:\n",
                "    steps:\n",
                "      - run: ",
                "x\n",
                "image: ",
                "[",
                "{",
                "docker run -p 1:1 x\n",
                "&a ",
                "*a\n",
                "script:\n",
            ]
        )
    )
)
def test_any_text_is_read_without_an_error(parts: list[str]) -> None:
    reading = readers.read(PATH, "".join([*parts, "# services\n"]).encode(), KNOWLEDGE)
    assert not any(problem.internal for problem in reading.problems)
