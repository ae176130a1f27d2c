"""Dockerfiles: what a stage finally runs, with every place exact."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from projects import told

from bindlint.config import Config, Options
from bindlint.facts import Connection, Container, Fact, Guard, Launch, Listener, Problem
from bindlint.knowledge import Knowledge, rules_root
from bindlint.readers import dockerfile
from bindlint.source import Source
from bindlint.workspace import Workspace

KNOWLEDGE = Knowledge(rules_root())


def read(text: str, path: str = "web/Dockerfile") -> list[Fact | Problem]:
    return list(dockerfile.read(Source(path, text), KNOWLEDGE))


def listeners(text: str) -> list[tuple[str, str, str, int | None]]:
    """The listeners as (container, text their site covers, kind, port)."""
    return [
        (f.container, text[f.site.span.start : f.site.span.end], f.address.kind.value, f.port)
        for f in read(text)
        if isinstance(f, Listener)
    ]


def containers(text: str) -> list[Container]:
    return [f for f in read(text) if isinstance(f, Container)]


@pytest.mark.parametrize(
    ("path", "ours"),
    [
        ("Dockerfile", True),
        ("a/b/Dockerfile.prod", True),
        ("web.Dockerfile", True),
        ("dockerfile", True),
        ("Dockerfile-dev", True),
        ("Containerfile", True),
        ("Dockerfile.dockerignore", False),
        ("Dockerfile.md", False),
        ("dockerfile.py", False),
        ("compose.yaml", False),
    ],
)
def test_dockerfiles_are_known_by_their_names(path: str, ours: bool) -> None:  # noqa: FBT001 - a table's cell
    assert dockerfile.claims(path, b"", KNOWLEDGE) is ours


@pytest.mark.parametrize(
    "command",
    [
        "CMD uvicorn a:app --host 0.0.0.0",
        'CMD ["uvicorn", "a:app", "--host", "0.0.0.0"]',
        'CMD [ "uvicorn","a:app","--host=0.0.0.0" ]',
        'ENTRYPOINT ["uvicorn"]\nCMD ["a:app", "--host", "0.0.0.0"]',
        'CMD ["a:app", "--host", "0.0.0.0"]\nENTRYPOINT ["uvicorn"]',
        "ENTRYPOINT uvicorn a:app --host 0.0.0.0",
        'CMD ["sh", "-c", "cd /app && exec uvicorn a:app --host 0.0.0.0"]',
        'CMD ["sh", "-c", "exec \\"uvicorn\\" a:app --host 0.0.0.0"]',
        'ENTRYPOINT ["/docker-entrypoint.sh"]\nCMD ["uvicorn", "a:app", "--host", "0.0.0.0"]',
        'ENTRYPOINT ["tini", "--"]\nCMD uvicorn a:app --host 0.0.0.0',
        "CMD uvicorn a:app \\\n  # why\n\n  --host 0.0.0.0",
        'CMD ["uvicorn", \\\n  "a:app", \\\n  "--host", "0.0.0.0"]',
        "ENV HOST=127.0.0.1\nCMD uvicorn a:app --host ${HOSTS:-0.0.0.0}",
        "cmd uvicorn a:app --host 0.0.0.0",
        "CMD gunicorn x\nCMD uvicorn a:app --host 0.0.0.0",
        'RUN <<EOF\nCMD ["gunicorn"]\nEOF\nCMD uvicorn a:app --host 0.0.0.0',
    ],
)
def test_what_a_stage_runs_is_found_in_every_form(command: str) -> None:
    assert listeners(f"FROM python\n{command}\n") == [("web/Dockerfile#", "0.0.0.0", "wildcard", 8000)]


@pytest.mark.parametrize(
    "text",
    [
        "FROM python\nRUN uvicorn a:app --host 0.0.0.0\n",
        "FROM python\n# CMD uvicorn a:app --host 0.0.0.0\n",
        "FROM python\nLABEL run='uvicorn --host 0.0.0.0'\n",
        "FROM python\nEXPOSE 8000\n",
        "FROM python\nCMD uvicorn a:app --host 0.0.0.0\nCMD true\n",
        "FROM python\nCMD uvicorn a:app --host 0.0.0.0\nENTRYPOINT sleep 1\n",
        "FROM python\nCOPY <<EOF /x\nCMD uvicorn a:app --host 0.0.0.0\nEOF\n",
    ],
)
def test_what_a_stage_does_not_run_is_silent(text: str) -> None:
    assert listeners(text) == []


def test_a_missing_option_can_be_added_to_the_exec_form() -> None:
    text = 'FROM python\nCMD ["waitress-serve", "a:app"]\n'
    listener = next(f for f in read(text) if isinstance(f, Listener))

    slot = listener.address.slot
    assert slot is not None
    start = slot.site.span.start
    assert text[:start] + slot.before + "127.0.0.1" + slot.after + text[start:] == (
        'FROM python\nCMD ["waitress-serve", "--host", "127.0.0.1:8080", "a:app"]\n'
    )


def test_a_variable_of_the_image_is_followed_to_its_env_line() -> None:
    text = "FROM python\nENV A=b HOST='0.0.0.0'\nENV OLD 1\nCMD uvicorn a:app --host $HOST\n"
    listener = next(f for f in read(text) if isinstance(f, Listener))

    slot = listener.address.slot
    assert text[listener.site.span.start : listener.site.span.end] == "$HOST"
    assert slot is not None
    assert text[slot.site.span.start : slot.site.span.end] == "0.0.0.0"


def test_a_variable_that_the_program_reads_is_enough() -> None:
    text = "FROM python\nENV FLASK_RUN_HOST=0.0.0.0\nCMD flask run\n"

    assert listeners(text) == [("web/Dockerfile#", "0.0.0.0", "wildcard", 5000)]


def test_an_image_of_a_known_family_runs_its_own_program() -> None:
    text = "ARG TAG=7\nFROM redis:$TAG\n"

    assert listeners(text) == [("web/Dockerfile#", "redis:$TAG", "wildcard", 6379)]
    assert [f.on for f in read(text) if isinstance(f, Guard)] == [False]


def test_arguments_for_the_base_images_program_are_joined_with_it() -> None:
    assert listeners('FROM redis\nCMD ["redis-server", "--bind", "127.0.0.1"]\n') == [
        ("web/Dockerfile#", "127.0.0.1", "loopback", 6379)
    ]


def test_each_stage_is_a_container_and_the_last_has_no_name_in_its_id() -> None:
    text = "FROM python AS base\nEXPOSE 80\nFROM base AS dev\nCMD flask run\nFROM base\nEXPOSE 8000-8001/tcp $P\n"

    assert [(c.id, c.image, c.ports, c.origin) for c in containers(text)] == [
        ("web/Dockerfile#base", "python", (80,), "dockerfile"),
        ("web/Dockerfile#dev", "python", (80,), "dockerfile"),
        ("web/Dockerfile#", "python", (80, 8000, 8001), "dockerfile"),
    ]
    assert [c for c, *_ in listeners(text)] == ["web/Dockerfile#dev"]


def test_a_stage_runs_what_the_stage_it_is_built_from_runs() -> None:
    text = "FROM python AS base\nENV HOST=::\nCMD uvicorn a:app --host $HOST\nFROM base\nENV HOST=127.0.0.1\n"

    assert [(c, kind) for c, _, kind, _ in listeners(text)] == [
        ("web/Dockerfile#base", "wildcard"),
        ("web/Dockerfile#", "loopback"),
    ]


def test_an_entrypoint_drops_the_command_of_the_stage_before() -> None:
    text = 'FROM python AS base\nCMD ["a:app", "--host", "0.0.0.0"]\nFROM base\nENTRYPOINT ["uvicorn"]\n'

    assert [(c, kind) for c, _, kind, _ in listeners(text)] == [("web/Dockerfile#", "loopback")]


def test_copied_files_are_repository_paths() -> None:
    text = (
        'FROM redis\nCOPY redis.conf conf/a.conf /etc/\nADD ["./b.conf", "/etc/"]\n'
        "COPY --from=x c.conf /\nCOPY . /app\nADD https://x/y /\n"
    )

    files = containers(text)[0].files
    assert sorted(files) == ["conf/a.conf", "web/b.conf", "web/conf/a.conf", "web/redis.conf"]


def test_a_health_check_is_a_connection_of_the_container() -> None:
    text = "FROM alpine\nHEALTHCHECK --interval=5s \\\n  --timeout=3s CMD wget -q http://localhost:80/ || exit 1\n"
    found = [f for f in read(text) if isinstance(f, Connection)]

    assert [(f.container, f.tries, f.purpose, f.port) for f in found] == [
        ("web/Dockerfile#", "first", "healthcheck", 80)
    ]
    assert text[found[0].site.span.start : found[0].site.span.end] == "localhost"


@pytest.mark.parametrize("line", ["HEALTHCHECK NONE", "HEALTHCHECK", "HEALTHCHECK --interval=5s"])
def test_no_health_check_asks_nobody(line: str) -> None:
    assert not any(isinstance(f, Connection) for f in read(f"FROM alpine\n{line}\n"))


def test_the_escape_directive_is_obeyed() -> None:
    text = "# escape=`\nFROM python\nCMD uvicorn a:app `\n  --host 0.0.0.0\n"

    assert listeners(text) == [("web/Dockerfile#", "0.0.0.0", "wildcard", 8000)]


def test_a_line_that_is_no_instruction_is_one_problem_and_the_rest_is_read() -> None:
    found = read("FROM python\n{{ template }}\nNOPE x\nCMD uvicorn a:app --host 0.0.0.0\n")

    assert [(p.line, p.partial) for p in found if isinstance(p, Problem)] == [(2, True)]
    assert any(isinstance(f, Listener) for f in found)


def test_a_launch_says_which_script_runs() -> None:
    found = [f for f in read('FROM python\nENTRYPOINT ["./boot.sh"]\nCMD ["server"]\n') if isinstance(f, Launch)]

    assert [(f.program, f.files, [w.text for w in f.arguments], f.container) for f in found] == [
        ("boot.sh", ("boot.sh",), ["server"], "web/Dockerfile#")
    ]


@given(st.text(alphabet='FROMCDENV []",\\\n#`$={}a-', max_size=80))
def test_any_text_is_read_without_an_error(text: str) -> None:
    for fact in read(f"FROM python\n{text}"):
        if not isinstance(fact, Problem):
            assert fact.site.span.start <= fact.site.span.end


@given(st.text(max_size=20))
def test_a_string_of_the_exec_form_is_read_as_json_reads_it(value: str) -> None:
    import json  # noqa: PLC0415 - the oracle of this one law

    text = f'FROM python\nCMD ["run", {json.dumps(value)}]\n'
    launches = [f for f in read(text) if isinstance(f, Launch)]

    assert [w.text for w in launches[0].arguments] == [value]


def test_many_stages_are_a_problem_not_a_wait() -> None:
    found = read("FROM a AS b\n" * 300)

    assert [p.reason for p in found if isinstance(p, Problem)] == ["more than 200 stages"]


@pytest.mark.parametrize(
    ("image", "runs"),
    [
        ("nginx:alpine", 'ENTRYPOINT ["nginx", "-g", "daemon off;"]'),
        ("nginx:alpine", 'CMD ["nginx", "-g", "daemon off;"]'),
        ("nginx:alpine", "CMD nginx -g 'daemon off;'"),
        ("nginx:alpine", "ENTRYPOINT envsubst < a > b && exec nginx -g 'daemon off;'"),
        ("nginx:alpine", 'ENTRYPOINT ["/usr/sbin/nginx"]\nCMD ["-g", "daemon off;"]'),
        ("httpd:2.4", 'ENTRYPOINT ["httpd-foreground"]'),
        ("caddy:2", 'ENTRYPOINT ["caddy", "run"]'),
    ],
)
def test_an_image_keeps_its_identity_when_its_own_program_is_started(image: str, runs: str) -> None:
    found = [f for f in read(f"FROM {image}\n{runs}\n") if isinstance(f, Listener)]

    assert found
    assert all(f.front for f in found)


def test_an_image_loses_its_identity_when_another_program_is_started() -> None:
    assert listeners('FROM nginx:alpine\nENTRYPOINT ["./server"]\n') == []
    assert listeners("FROM redis:7\nENTRYPOINT node server.js\n") == []


def test_the_arguments_of_an_images_own_program_count() -> None:
    text = 'FROM redis:7\nENTRYPOINT ["redis-server", "--bind", "127.0.0.1"]\n'

    assert listeners(text) == [("web/Dockerfile#", "127.0.0.1", "loopback", 6379)]


@pytest.mark.parametrize(
    ("command", "changed"),
    [
        ('["fastapi", "run", "app.py"]', '["fastapi", "run", "--host", "127.0.0.1", "app.py"]'),
        ("fastapi run app.py", "fastapi run --host 127.0.0.1 app.py"),
        ('["python", "-m", "http.server"]', '["python", "-m", "http.server", "--bind", "127.0.0.1"]'),
    ],
)
def test_a_missing_option_is_added_behind_the_sub_command(command: str, changed: str) -> None:
    text = f"FROM python:3.12\nCMD {command}\n"
    slot = next(f for f in read(text) if isinstance(f, Listener)).address.slot

    assert slot is not None
    at = slot.site.span
    assert (
        f"{text[: at.start]}{slot.before}127.0.0.1{slot.after}{text[at.end :]}" == f"FROM python:3.12\nCMD {changed}\n"
    )


PROJECT = {
    "web/app.py": "import uvicorn\nuvicorn.run('a:b', host='0.0.0.0', port=1)\n",
    "jobs/app.py": "import uvicorn\nuvicorn.run('a:b', host='0.0.0.0', port=2)\n",
}


@pytest.mark.parametrize(
    "text",
    [
        "FROM python\nWORKDIR /srv\nCOPY web/ .\nCMD python app.py\n",
        "FROM python\nWORKDIR /srv\nCOPY web .\nCMD python app.py\n",
        "FROM python\nWORKDIR /srv\nCOPY . .\nCMD python web/app.py\n",
        "FROM python\nWORKDIR /srv\nCOPY . .\nWORKDIR web\nCMD python app.py\n",
        "FROM python\nCOPY web/app.py jobs/other.py /srv/\nCMD python /srv/app.py\n",
        "FROM python\nCOPY web/app.py /srv/main.py\nCOPY jobs /srv/jobs\nWORKDIR /srv\nCMD python main.py\n",
        "FROM python AS a\nCOPY web /build\nFROM python\nCOPY --from=a /build /srv\nCMD python /srv/app.py\n",
        "FROM python AS a\nCOPY . /build\nFROM python\nCOPY --from=a /build/web /srv\nCMD python /srv/app.py\n",
        "FROM python AS a\nWORKDIR /srv\nCOPY web .\nFROM a\nCMD python app.py\n",
        "FROM python\nARG APP=web\nENV HOME=/srv\nWORKDIR $HOME\nCOPY ${APP} .\nCMD python app.py\n",
        "FROM python AS a\nONBUILD COPY web /srv\nONBUILD WORKDIR /srv\nFROM a\nCMD python app.py\n",
    ],
)
def test_the_file_that_runs_is_told_from_another_of_its_name(text: str) -> None:
    assert told({**PROJECT, "Dockerfile": text}) == [("jobs/app.py", "wildcard", "'0.0.0.0'")]


def test_a_build_folder_above_the_dockerfile_is_found_by_what_it_copies() -> None:
    text = "FROM python\nWORKDIR /srv\nCOPY web/ .\nCMD python app.py\n"
    assert told({**PROJECT, "docker/prod/Dockerfile": text}) == [("jobs/app.py", "wildcard", "'0.0.0.0'")]


def test_an_argument_of_the_build_is_not_there_when_the_container_runs() -> None:
    text = "FROM python\nARG HOST=0.0.0.0\nCMD uvicorn a:app --host $HOST\n"
    assert [kind for _, _, kind, _ in listeners(text)] == ["unknown"]
    kept = "FROM python\nARG HOST=0.0.0.0\nENV UVICORN_HOST=$HOST\nCMD uvicorn a:app\n"
    assert listeners(kept) == [("web/Dockerfile#", "0.0.0.0", "wildcard", 8000)]


def test_an_argument_given_before_the_first_stage_is_known_where_it_is_asked_for() -> None:
    text = "ARG HOST=0.0.0.0\nFROM python\nARG HOST\nENV BIND=$HOST\nCMD uvicorn a:app --host $BIND\n"
    assert [kind for _, _, kind, _ in listeners(text)] == ["wildcard"]
    assert [kind for _, _, kind, _ in listeners(text.replace("ARG HOST\n", ""))] == ["unknown"]


def test_what_a_base_leaves_for_later_is_told_to_the_stage_built_from_it() -> None:
    text = "FROM python AS a\nONBUILD CMD uvicorn a:app --host 0.0.0.0\nFROM a\n"
    assert listeners(text) == [("web/Dockerfile#", "0.0.0.0", "wildcard", 8000)]
    assert listeners("FROM python\nONBUILD CMD uvicorn a:app --host 0.0.0.0\n") == []


@pytest.mark.parametrize(
    ("script", "runs"),
    [
        ('#!/bin/sh\nexec "$@"\n', True),
        ("#!/bin/sh\nset -e\nexec gosu www $*\n", True),
        ("#!/bin/sh\nsleep 1\n", False),
    ],
)
def test_an_entry_script_that_drops_its_arguments_does_not_run_the_command(script: str, runs: bool) -> None:  # noqa: FBT001 - a table's cell
    text = 'FROM python\nCOPY start.sh /\nENTRYPOINT ["/start.sh"]\nCMD ["uvicorn", "a:app", "--host", "0.0.0.0"]\n'
    workspace = Workspace(KNOWLEDGE, Config())
    workspace.update("start.sh", script.encode())
    workspace.update("Dockerfile", text.encode())
    assert [f.rule for f in workspace.report(Options(persona="pedantic")).findings] == ["wildcard"] * runs


def test_a_configuration_that_is_copied_decides_for_the_images_own_program() -> None:
    files = {
        "cache/Dockerfile": 'FROM redis:7\nCOPY redis.conf /etc/redis.conf\nCMD ["redis-server", "/etc/redis.conf"]\n',
        "cache/redis.conf": "bind 127.0.0.1\n",
        "compose.yaml": "services:\n  cache:\n    build: cache\n    ports: ['6379:6379']\n",
    }
    assert [rule for _, rule, _ in told(files)] == ["loopback-unreachable"]
    open_to_all = {**files, "cache/redis.conf": "bind * -::*\nprotected-mode no\n"}
    assert told(open_to_all) == [("compose.yaml", "unauthenticated-exposure", "'6379:6379'")]


def test_a_default_of_the_image_outweighs_one_of_the_program_that_a_service_starts_in_it() -> None:
    files = {
        "Dockerfile": "FROM quay.io/jupyter/base-notebook\n",
        "compose.yaml": "services:\n  n:\n    build: .\n    command: start-notebook.py\n    ports: ['80:8888']\n",
    }
    assert told(files) == [("compose.yaml", "exposed-control", "'80:8888'")]


@pytest.mark.parametrize(
    ("copy", "known"),
    [
        ("COPY data /mosquitto/data/", True),
        ("COPY mosquitto.conf /mosquitto/config/", False),
        ('ADD ["a.conf", "/mosquitto/config/mosquitto.conf"]', False),
    ],
)
def test_what_is_copied_over_a_configuration_leaves_the_images_guard_unknown(copy: str, known: bool) -> None:  # noqa: FBT001 - a row of a table
    found = read(f"FROM eclipse-mosquitto:2.1\n{copy}\n")
    assert [f.on for f in found if isinstance(f, Guard)] == ([False] if known else [])


@pytest.mark.parametrize(
    ("check", "host", "rules"),
    [
        ("wget -q http://localhost:8000/", "0.0.0.0", ["localhost-connect"]),
        ("wget -q http://localhost:8000/", "127.0.0.1", ["localhost-connect"]),
        ("wget -q http://localhost:8000/", "::1", []),
        ("wget -q http://127.0.0.1:8000/", "0.0.0.0", []),
        ("curl -f http://localhost:8000/", "0.0.0.0", []),
        ("redis-cli -h localhost -p 8000 ping", "0.0.0.0", []),
        ("redis-cli -h localhost -p 8000 ping", "::1", ["localhost-connect"]),
        ("redis-cli -h localhost -p 8001 ping", "0.0.0.0", ["localhost-connect"]),
    ],
)
def test_a_health_check_is_judged_by_the_families_of_what_it_asks(check: str, host: str, rules: list[str]) -> None:
    text = f"FROM python:3-alpine\nHEALTHCHECK CMD {check}\nCMD uvicorn a:app --host {host} --port 8000\n"
    assert [rule for _, rule, _ in told({"Dockerfile": text})] == rules


def test_the_story_of_a_health_check_names_the_listener_that_it_misses() -> None:
    text = "FROM alpine\nHEALTHCHECK CMD wget -q http://localhost:8000/\nCMD uvicorn a:app --host 0.0.0.0\n"
    workspace = Workspace(KNOWLEDGE, Config())
    workspace.update("Dockerfile", text.encode())
    finding = workspace.report(Options()).findings[0]

    assert [step.note for step in finding.story] == ["uvicorn listens on IPv4 only"]


@pytest.mark.parametrize(
    ("lines", "variables", "rule"),
    [
        ("ENV HOST=0.0.0.0\nCMD uvicorn a:app --host $HOST", "", "wildcard"),
        ("ENV HOST=0.0.0.0\nCMD uvicorn a:app --host $HOST", "HOST: 127.0.0.1", "loopback-unreachable"),
        ("CMD uvicorn a:app --host ${HOST:-127.0.0.1}", "HOST: 0.0.0.0", "wildcard"),
        ("CMD uvicorn a:app --host ${HOST:-0.0.0.0}", "HOST: localhost", "loopback-unreachable"),
        ("CMD uvicorn a:app", "UVICORN_HOST: 0.0.0.0", "wildcard"),
        ("ENV UVICORN_HOST=0.0.0.0\nCMD uvicorn a:app", "UVICORN_HOST: 127.0.0.1", "loopback-unreachable"),
        ("COPY run.sh /\nCMD /run.sh", "", "published-wildcard"),
        ("COPY run.sh /\nCMD /run.sh", "HOST: 0.0.0.0", "wildcard"),
        ("COPY run.sh /\nCMD /run.sh", "HOST: 127.0.0.1", "loopback-unreachable"),
        ('COPY run.sh /\nENV HOST=0.0.0.0\nENTRYPOINT ["/run.sh"]', "", "wildcard"),
    ],
)
def test_what_the_service_sets_outranks_what_the_image_does(lines: str, variables: str, rule: str) -> None:
    files = {
        "Dockerfile": f"FROM python\n{lines}\n",
        "run.sh": "#!/bin/sh\nexec uvicorn a:app --host $HOST\n",
        "compose.yaml": f"services:\n  a:\n    build: .\n    environment: {{{variables}}}\n    ports: ['80:8000']\n",
    }
    assert [found for _, found, _ in told(files) if found != "localhost-bind"] == [rule]


PACKAGE = """{
  "name": "web",
  "scripts": {
    "dev": "vite --host 0.0.0.0",
    "start": "NODE_ENV=production npm run serve",
    "serve": "next start -H 0.0.0.0 -p 3000",
    "local": "next start -H 127.0.0.1 -p 3000",
    "bare": "vite"
  }
}
"""


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        ('["npm", "start"]', "wildcard"),
        ("npm run serve", "wildcard"),
        ("yarn serve", "wildcard"),
        ("pnpm run serve", "wildcard"),
        ("exec npm --loglevel=warn run serve", "wildcard"),
        ("npm run local", "loopback-unreachable"),
        ("npm run bare -- --host 0.0.0.0 --port 3000", "wildcard"),
        ("yarn bare --host 127.0.0.1 --port 3000", "loopback-unreachable"),
        ("npm run nothing", "published-wildcard"),
    ],
)
def test_a_script_of_the_package_is_what_runs(command: str, rule: str) -> None:
    files = {
        "web/package.json": PACKAGE,
        "package.json": '{"scripts": {"start": "next start -H 127.0.0.1", "serve": "vite"}}',
        "web/Dockerfile": f"FROM node\nWORKDIR /app\nCOPY package.json .\nCMD {command}\n",
        "compose.yaml": "services:\n  a:\n    build: web\n    ports: ['80:3000']\n",
    }
    assert [found for path, found, _ in told(files) if path != "package.json"] == [rule]


def test_a_script_that_a_container_runs_says_nothing_of_the_host() -> None:
    files = {"package.json": PACKAGE, "Dockerfile": "FROM node\nCOPY . .\nCMD npm start\n"}
    assert told(files) == []
