"""Command lines: what runs in the end, what it opens, whom it asks; everything at its exact place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bindlint.addresses import Kind
from bindlint.facts import Connection, Fact, Guard, Known, Launch, Listener, Word
from bindlint.knowledge import Knowledge, rules_root
from bindlint.readers.commands import Context, check, run, shell_words
from bindlint.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KNOWLEDGE = Knowledge(rules_root())


def facts(text: str, how: Callable[..., Iterator[Fact]] = run, container: str = "", **variables: str) -> list[Fact]:
    source = Source("run.sh", text)
    elsewhere = source.site(0, 0)
    environment = {name: Word(value, elsewhere) for name, value in variables.items()}
    context = Context(KNOWLEDGE, container, environment, joint=" ")
    return [fact for words in shell_words(source, 0, len(text)) for fact in how(words, context)]


def listeners(text: str, **variables: str) -> list[tuple[str, str, str, int | None]]:
    """The listeners as (software, the text their site covers, kind, port)."""
    return [
        (f.software, text[f.site.span.start : f.site.span.end], f.address.kind.value, f.port)
        for f in facts(text, **variables)
        if isinstance(f, Listener)
    ]


def launched(text: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(f.program, f.files) for f in facts(text) if isinstance(f, Launch)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("uvicorn a:app --host 0.0.0.0 --port 80", [("uvicorn", "0.0.0.0", "wildcard", 80)]),
        ('uvicorn a:app --host="0.0.0.0"', [("uvicorn", "0.0.0.0", "wildcard", 8000)]),
        ("uvicorn a:app", [("uvicorn", "uvicorn", "loopback", 8000)]),
        ("uvicorn a:app --uds /run/a.sock", []),
        ("uvicorn a:app --host ${HOST:-0.0.0.0}", [("uvicorn", "0.0.0.0", "wildcard", 8000)]),
        ("uvicorn a:app --host $HOST", [("uvicorn", "$HOST", "unknown", 8000)]),
        ("uvicorn a:app --host $1", [("uvicorn", "$1", "unknown", 8000)]),
        ("HOST=:: uvicorn a:app --host $HOST", [("uvicorn", "$HOST", "wildcard", 8000)]),
        ("gunicorn -b0.0.0.0:80 a:app", [("gunicorn", "0.0.0.0", "wildcard", 80)]),
        (
            "gunicorn -b 127.0.0.1:80 -b [::]:81 a:app",
            [("gunicorn", "127.0.0.1", "loopback", 80), ("gunicorn", "[::]", "wildcard", 81)],
        ),
        ("gunicorn -b :5000 a:app", [("gunicorn", ":5000", "wildcard", 5000)]),
        ("gunicorn --bind 0.0.0.0:$PORT a:app", [("gunicorn", "0.0.0.0", "wildcard", None)]),
        ("gunicorn --bind unix:/a.sock a:app", []),
        ("gunicorn -c conf.py a:app", []),
        ("PORT=5000 gunicorn a:app", [("gunicorn", "gunicorn", "wildcard", 5000)]),
        ("flask --app x run -h 0.0.0.0 -p 80", [("flask", "0.0.0.0", "wildcard", 80)]),
        ("flask db upgrade", []),
        ("python manage.py runserver 0:8000", [("django", "0", "wildcard", 8000)]),
        ("python manage.py runserver 8080", [("django", "8080", "loopback", 8080)]),
        ("python3 -m http.server 80", [("http.server", "http.server", "wildcard", 80)]),
        (
            "redis-server --port 7000 --bind 127.0.0.1 ::",
            [("redis", "127.0.0.1", "loopback", 7000), ("redis", "::", "wildcard", 7000)],
        ),
        ("redis-server /etc/redis.conf", []),
        ("redis-server --save 60 1", [("redis", "redis-server", "wildcard", 6379)]),
        ("postgres -c listen_addresses=*", [("postgresql", "*", "wildcard", 5432)]),
        ("mongod --bind_ip_all", [("mongodb", "--bind_ip_all", "wildcard", 27017)]),
        ("mysqld --bind_address=0.0.0.0", [("mysql", "0.0.0.0", "wildcard", 3306)]),
        ("mysqld --skip-networking --bind-address=0.0.0.0", []),
        (
            "etcd -listen-client-urls http://0.0.0.0:2379,http://127.0.0.1:4001",
            [
                ("etcd", "0.0.0.0", "wildcard", 2379),
                ("etcd", "127.0.0.1", "loopback", 4001),
                ("etcd", "etcd", "loopback", 2380),
            ],
        ),
        ("node --inspect server.js", [("node", "--inspect", "loopback", 9229)]),
        ("node --inspect=0.0.0.0 server.js", [("node", "0.0.0.0", "wildcard", 9229)]),
        ("node server.js --host 0.0.0.0", []),
        ("npm run dev -- --host", [("a development server", "--host", "wildcard", None)]),
        ("nc -lvp 4444", [("netcat", "-lvp", "wildcard", 4444)]),
        ("nc -z db 5432", []),
        ("socat TCP-LISTEN:80,fork,bind=127.0.0.1 TCP:db:80", [("socat", "127.0.0.1", "loopback", 80)]),
        (
            "java -agentlib:jdwp=transport=dt_socket,server=y,address=*:5005 -jar a.jar",
            [("java", "*", "wildcard", 5005)],
        ),
        ("dockerd -H unix:///run/docker.sock", []),
        ("php -S 0.0.0.0:80", [("php", "0.0.0.0", "wildcard", 80)]),
    ],
)
def test_a_command_line_states_its_listeners(text: str, found: list[tuple[str, str, str, int | None]]) -> None:
    assert listeners(text) == found


@pytest.mark.parametrize(
    "wrapper",
    [
        "exec",
        "env A=b",
        "A=b",
        "sudo -u www",
        "nohup",
        "gosu www",
        "su-exec www:www",
        "tini --",
        "dumb-init",
        "time",
        "nice -n 5",
        "timeout 60",
        "poetry run",
        "pipenv run",
        "uv run",
        "python -m",
        "python3.11 -u -m",
        "/usr/bin/env",
        "wait-for-it.sh db:5432 -t 60 --",
        "./docker-entrypoint.sh",
        "ddtrace-run",
        "xvfb-run",
        "if true; then",
        "sudo env A=b nohup",
    ],
)
def test_what_a_wrapper_starts_is_found(wrapper: str) -> None:
    assert listeners(f"{wrapper} uvicorn a:app --host 0.0.0.0") == [("uvicorn", "0.0.0.0", "wildcard", 8000)]


@pytest.mark.parametrize(
    "wrapper", ["sh -c", "bash -lc", "/bin/bash -euxc", "su www -c", "nodemon --exec", "concurrently"]
)
def test_shell_text_inside_a_word_keeps_its_places(wrapper: str) -> None:
    text = f"{wrapper} 'cd src && exec uvicorn a:app --host 0.0.0.0'"

    assert listeners(text) == [("uvicorn", "0.0.0.0", "wildcard", 8000)]


def test_shell_texts_within_shell_texts_end_somewhere() -> None:
    text = "sh -c " * 300 + "'uvicorn a:app --host 0.0.0.0'"

    assert listeners(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "echo uvicorn --host 0.0.0.0",
        "pip install uvicorn",
        "which gunicorn",
        "ray job submit -- python start --head",
        "grep -r 0.0.0.0 .",
        "vite build",
        "python -c 'import http.server'",
        "rsync -a a/ b/",
        "",
    ],
)
def test_words_that_start_nothing_are_silent(text: str) -> None:
    assert listeners(text) == []


def test_an_omitted_address_has_a_place_where_it_could_be_written() -> None:
    listener = next(f for f in facts("web=1 flask run --debug") if isinstance(f, Listener))
    default = next(f for f in facts("exec http-server dist") if isinstance(f, Listener))

    assert listener.address.known is Known.DEFAULT
    slot = default.address.slot
    assert slot is not None
    assert (slot.site.span.start, slot.site.span.end, slot.before) == (16, 16, " -a ")


def test_a_value_followed_through_a_variable_is_changed_where_it_was_set() -> None:
    text = "HOST=0.0.0.0 uvicorn a:app --host $HOST"
    listener = next(f for f in facts(text) if isinstance(f, Listener))

    slot = listener.address.slot
    assert slot is not None
    assert text[slot.site.span.start : slot.site.span.end] == "0.0.0.0"
    assert (slot.site.span.start, listener.address.known, len(listener.address.trail)) == (5, Known.CONSTANT, 1)


def test_variables_that_hold_arguments_are_read() -> None:
    text = "GUNICORN_CMD_ARGS='--bind=0.0.0.0:80' gunicorn a:app"

    assert listeners(text) == [("gunicorn", "0.0.0.0", "wildcard", 80)]


def test_a_variable_that_the_program_reads_states_its_address() -> None:
    assert listeners("OLLAMA_HOST=http://0.0.0.0:80 ollama serve") == [("ollama", "0.0.0.0", "wildcard", 80)]
    assert listeners("ollama pull x", OLLAMA_HOST="0.0.0.0") == []


@pytest.mark.parametrize(
    ("text", "guards"),
    [
        ("redis-server --bind 0.0.0.0 --protected-mode no", [False]),
        ("redis-server --protected-mode no --requirepass x", [True]),
        ("redis-server --requirepass ''", []),
        ("jupyter lab --ServerApp.token=''", [False]),
        ("jupyter lab --ServerApp.token=x", []),
        ("mongod --auth", [True]),
        ("mongod", [False]),
        ("mongod -f /etc/mongod.conf", []),
        ("mysqld --skip-grant-tables", [False]),
    ],
)
def test_guards_are_stated_where_the_words_switch_them(text: str, guards: list[bool]) -> None:
    assert [f.on for f in facts(text) if isinstance(f, Guard)] == guards


def test_a_debugger_makes_a_server_a_control_surface() -> None:
    surfaces = [
        f.surface
        for f in facts("flask run --debug; flask run; FLASK_DEBUG=1 flask run; FLASK_DEBUG=0 flask run")
        if isinstance(f, Listener)
    ]

    assert surfaces == ["control", "plain", "control", "plain"]


@pytest.mark.parametrize(
    ("text", "program", "files"),
    [
        ("python app.py", "python", ("app.py",)),
        ("python -u src/app.py --x", "python", ("src/app.py",)),
        ("python -m pkg.mod", "python", ("pkg/mod.py", "pkg/mod/__main__.py")),
        ("uvicorn pkg.main:app --reload", "uvicorn", ("pkg/main.py", "pkg/main/__init__.py")),
        ("uvicorn --app-dir src main:app", "uvicorn", ("src/main.py", "src/main/__init__.py")),
        (
            "gunicorn -w 4 -k uvicorn.workers.UvicornWorker pkg.wsgi",
            "gunicorn",
            ("pkg/wsgi.py", "pkg/wsgi/__init__.py"),
        ),
        ("gunicorn 'pkg:create_app()'", "gunicorn", ("pkg.py", "pkg/__init__.py")),
        ("streamlit run ui.py", "streamlit", ("ui.py",)),
        ("./boot.sh server", "boot.sh", ("boot.sh",)),
        ("bash scripts/run.sh", "bash", ("scripts/run.sh",)),
        ("node server.js", "node", ("server.js",)),
    ],
)
def test_a_launch_names_the_files_it_runs(text: str, program: str, files: tuple[str, ...]) -> None:
    assert launched(text) == [(program, files)]


@pytest.mark.parametrize(
    ("text", "host", "port", "tries"),
    [
        ("curl -f http://localhost:8000/health || exit 1", "localhost", 8000, "all"),
        ("curl --fail -s -o /dev/null localhost:8000", "localhost", 8000, "all"),
        ("wget -q --spider http://localhost/", "localhost", 80, "first"),
        ("sh -c 'wget -qO- http://localhost:3000 > /dev/null'", "localhost", 3000, "first"),
        ("pg_isready -U x -h localhost -p 5433", "localhost", 5433, "all"),
        ("pg_isready -hlocalhost", "localhost", 5432, "all"),
        ("mysqladmin ping -h localhost", "localhost", 3306, "socket"),
        ("redis-cli -h localhost ping", "localhost", 6379, "v4"),
        ("nc -z localhost 5432", "localhost", 5432, "first"),
        ("mongosh localhost:27017/test --quiet", "localhost", 27017, "all"),
        ("node -e \"fetch('http://localhost:3000/x')\"", "localhost", 3000, "all"),
        ("python -c \"urlopen('http://localhost:8000')\"", "localhost", 8000, "all"),
        ("php -r 'file_get_contents(\"http://localhost:80/a\");'", "localhost", 80, "all"),
        ("curl http://127.0.0.1:80/", "127.0.0.1", 80, "all"),
        ("curl http://user:pw@db:80/", "db", 80, "all"),
        ('curl "http://${HOST:-localhost}:${PORT:-80}/"', "localhost", 80, "all"),
    ],
)
def test_a_health_check_says_whom_it_asks(text: str, host: str, port: int, tries: str) -> None:
    found = facts(text, how=check, container="c")

    assert len(found) == 1
    asked = found[0]
    assert isinstance(asked, Connection)
    assert text[asked.site.span.start : asked.site.span.end] == host
    assert (asked.address.text, asked.port, asked.tries, asked.purpose) == (host, port, tries, "healthcheck")


@pytest.mark.parametrize(
    "text", ["pg_isready -U x", "redis-cli ping", "supervisorctl status", "true", "curl --version"]
)
def test_a_health_check_that_names_no_host_asks_nobody(text: str) -> None:
    assert facts(text, how=check, container="c") == []


def test_wget_on_a_host_is_not_busybox() -> None:
    found = [f for f in facts("wget http://localhost:80/") if isinstance(f, Connection)]

    assert [f.tries for f in found] == ["all"]


def test_each_row_of_a_command_has_a_kind_of_its_own() -> None:
    assert listeners("ollama serve")[0][2] == Kind.LOOPBACK.value
    assert KNOWLEDGE.commands["flask run"] is KNOWLEDGE.commands["manage.py run"]


@pytest.mark.parametrize(
    "text",
    [
        "php -S [::]:80",
        "flask run -h ::",
        "python -m http.server -b ::",
        "python manage.py runserver [::]:80",
        "hypercorn -b [::]:80 a:app",
        "granian --host :: a:app",
        "daphne -b :: a:app",
        "sanic a:app -H ::",
        "nats-server -a ::",
        "traefik --entrypoints.web.address=[::]:80",
        "http-server -a ::",
    ],
)
def test_two_colons_are_both_families_where_that_was_measured(text: str) -> None:
    assert [f.address.families.value for f in facts(text) if isinstance(f, Listener)] == ["dual"]
