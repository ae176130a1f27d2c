"""Shell scripts and Procfiles: what they start, on a host."""

from __future__ import annotations

import pytest

from bindlint.config import Config, Options
from bindlint.facts import Connection, Fact, Launch, Listener, Problem
from bindlint.knowledge import Knowledge, rules_root
from bindlint.readers import shell
from bindlint.source import Source
from bindlint.workspace import Workspace

KNOWLEDGE = Knowledge(rules_root())


def read(text: str, path: str = "run.sh") -> list[Fact | Problem]:
    return list(shell.read(Source(path, text), KNOWLEDGE))


def listeners(text: str, path: str = "run.sh") -> list[tuple[str, str]]:
    return [
        (text[f.site.span.start : f.site.span.end], f.address.kind.value)
        for f in read(text, path)
        if isinstance(f, Listener)
    ]


@pytest.mark.parametrize(
    ("path", "data", "ours"),
    [
        ("run.sh", b"", True),
        ("Procfile", b"", True),
        ("Procfile.dev", b"", True),
        ("bin/docker-entrypoint", b"#!/bin/bash\n", True),
        ("start", b"#!/usr/bin/env bash\n", True),
        ("start", b"#!/usr/bin/env python\n", False),
        ("start", b"", False),
        ("a.py", b"#!/bin/sh\n", False),
    ],
)
def test_scripts_are_known_by_their_ending_or_first_line(path: str, data: bytes, ours: bool) -> None:  # noqa: FBT001 - a table's cell
    assert shell.claims(path, data, KNOWLEDGE) is ours


@pytest.mark.parametrize(
    ("data", "passes"),
    [
        (b"exec gunicorn a:app", True),
        (b"/usr/bin/python3.11 app.py", True),
        (b"redis-server-x", False),
        (b"sudo true\nsh -c 'set -e'", False),
        (b"echo hello", False),
    ],
)
def test_the_gate_lets_pass_what_names_a_program(data: bytes, passes: bool) -> None:  # noqa: FBT001 - a table's cell
    assert shell.gate(data, KNOWLEDGE) is passes


def test_the_program_that_a_script_ends_in_is_found() -> None:
    text = "#!/bin/bash\nset -e\nwhile true; do\n  flask db upgrade && break\ndone\nexec gunicorn -b :5000 app:app\n"

    assert listeners(text) == [(":5000", "wildcard")]
    assert [(f.program, f.files) for f in read(text) if isinstance(f, Launch)] == [
        ("gunicorn", ("app.py", "app/__init__.py"))
    ]


@pytest.mark.parametrize(
    "setting",
    [
        "HOST=0.0.0.0",
        "export HOST=0.0.0.0",
        'HOST="0.0.0.0"',
        "HOST=${HOST:-0.0.0.0}",
        ": ${HOST:=0.0.0.0}",
        ': "${HOST:=0.0.0.0}"',
        "declare -r HOST=0.0.0.0",
        "HOST=127.0.0.1\nHOST=0.0.0.0",
        "A=0.0.0.0\nHOST=$A",
    ],
)
def test_a_variable_set_before_is_known(setting: str) -> None:
    assert listeners(f'{setting}\nuvicorn a:app --host "$HOST"\n') == [("$HOST", "wildcard")]


def test_a_process_of_a_procfile_is_a_command() -> None:
    text = "web: uvicorn a:app --host 0.0.0.0\n# x: gunicorn\nworker: rq worker\n"

    assert listeners(text, "Procfile") == [("0.0.0.0", "wildcard")]


@pytest.mark.parametrize(
    ("bind", "port"),
    [("$HOST:$PORT", None), ("[::]:${PORT}", None), ("0.0.0.0:80$N", None), ("0.0.0.0", 8000), ("0.0.0.0:81", 81)],
)
def test_a_port_that_a_variable_gives_is_not_the_default_one(bind: str, port: int | None) -> None:
    found = [f.port for f in read(f"HOST=0.0.0.0\ngunicorn --bind {bind} app:app\n") if isinstance(f, Listener)]

    assert found == [port]


@pytest.mark.parametrize(
    "text",
    [
        "echo uvicorn --host 0.0.0.0\n",
        "# uvicorn --host 0.0.0.0\n",
        "cat > run <<EOF\nuvicorn a:app --host 0.0.0.0\nEOF\n",
        'case "$1" in\n  redis-server) shift;;\nesac\n',
        "pkill -f redis-server\n",
        "if pgrep redis-server; then true; fi\n",
        "kill $(pidof redis-server)\n",
        "if command -v redis-server >/dev/null 2>&1; then true; fi\n",
        "if ! command -v memcached; then exit 1; fi\n",
        "which redis-server || exit 1\n",
        "type -p redis-server memcached\n",
        "hash memcached 2>/dev/null\n",
        "redis-server --version\n",
        "memcached -h | head -1\n",
        "names=()\nnames+=(memcached)\nothers=(redis-server 'a b')\n",
    ],
)
def test_a_program_that_is_only_mentioned_is_silent(text: str) -> None:
    assert listeners(text) == []


def test_connections_to_other_machines_say_nothing_here() -> None:
    text = "curl https://example.com/x\ncurl http://localhost:80/\n"

    assert [f.address.text for f in read(text) if isinstance(f, Connection)] == ["localhost"]


@pytest.mark.parametrize(
    "setting",
    [
        'HOST=0.0.0.0\nif [ -n "$X" ]; then\n  HOST=127.0.0.1\nfi\n',
        'HOST=0.0.0.0; if [ -n "$X" ]; then HOST=127.0.0.1; fi\n',
        'HOST=127.0.0.1\n[ -n "$X" ] && HOST=0.0.0.0\n',
        'HOST=0.0.0.0\n[ -z "$X" ] || { A=1; HOST=127.0.0.1; }\n',
        'HOST=127.0.0.1\ncase "$1" in\n  dev) true ;;\n  prod) HOST=0.0.0.0 ;;\nesac\n',
        'if [ "$1" = dev ]; then HOST=127.0.0.1; else HOST=0.0.0.0; fi\n',
    ],
)
def test_a_variable_set_on_a_condition_may_have_each_value(setting: str) -> None:
    found = listeners(f"{setting}gunicorn -b $HOST:8000 a:app\n")

    assert sorted(found) == [("$HOST", "loopback"), ("$HOST", "wildcard")]


@pytest.mark.parametrize(
    "setting",
    [
        'if [ -n "$X" ]; then HOST=127.0.0.1; fi; HOST=0.0.0.0\n',
        "HOST=127.0.0.1\ncase $1 in a) true ;; esac\nHOST=0.0.0.0\n",
        "HOST=127.0.0.1\ncd app && make\nHOST=0.0.0.0\n",
        "HOST=127.0.0.1\nfor x in 1 2; do true; done\nHOST=0.0.0.0\n",
    ],
)
def test_a_variable_set_for_sure_forgets_what_it_was(setting: str) -> None:
    assert listeners(f"{setting}gunicorn -b $HOST:8000 a:app\n") == [("$HOST", "wildcard")]


@pytest.mark.parametrize(
    "command",
    ["OPT='--host 0.0.0.0 --port 80'; flask run $OPT\n", 'OPT="--host 0.0.0.0"\nexec flask run ${OPT} --debug\n'],
)
def test_a_variable_without_quotes_is_several_words(command: str) -> None:
    assert listeners(command) == [("0.0.0.0", "wildcard")]


def test_a_variable_in_quotes_is_one_word() -> None:
    assert listeners('OPT="--host 0.0.0.0"; flask run "$OPT"\n') == [("flask run", "loopback")]


def test_a_script_of_a_package_is_told_where_it_is_written() -> None:
    package = '{"scripts": {"dev": "vite --host 0.0.0.0", "other": "next start"}}'
    workspace = Workspace(KNOWLEDGE, Config())
    workspace.update("package.json", package.encode())
    workspace.update("Procfile", b"web: npm run dev\n")
    found = workspace.report(Options()).findings

    assert [(f.site.path, f.rule, package[f.site.span.start : f.site.span.end]) for f in found] == [
        ("package.json", "wildcard", "0.0.0.0")
    ]


@pytest.mark.parametrize(
    "more", ['"$@"', "$@", "$*", "${@:2}", "$(options)", "`options`", "$ARGS", "$EXTRA_OPTS", "${flags}"]
)
def test_words_that_nobody_knows_may_say_what_is_not_said(more: str) -> None:
    assert [kind for _, kind in listeners(f"exec mlflow server {more}\n")] == ["unknown"]
    assert [kind for _, kind in listeners(f"exec mlflow server --host 0.0.0.0 {more}\n")] == ["wildcard"]


@pytest.mark.parametrize(
    ("default", "kind"), [("--port 5000", "unknown"), ("", "unknown"), ("--host 0.0.0.0 --port 5000", "wildcard")]
)
def test_arguments_that_are_only_a_default_may_be_others(default: str, kind: str) -> None:
    script = f". /etc/default/mlflow\nOPTS=${{OPTS:-{default}}}\nexec mlflow server ${{OPTS}}\n"
    assert [found for _, found in listeners(script)] == [kind]


@pytest.mark.parametrize(
    "command", ["python -m http.server $PORT", "mlflow server --port $(port)", "mlflow server --port $ARGS"]
)
def test_one_unknown_word_in_its_own_place_says_nothing_of_the_rest(command: str) -> None:
    assert [kind for _, kind in listeners(f"{command}\n")] in (["wildcard"], ["loopback"])
