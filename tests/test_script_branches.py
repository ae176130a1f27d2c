"""A script that a container starts executes what its arguments and variables choose, and nothing else."""

from __future__ import annotations

import pytest
from projects import messages, told

CASE = """#!/bin/sh
case "$1" in
  web|api) shift; exec gunicorn -b 0.0.0.0:8000 app:app ;;
  worker) exec celery worker ;;
  *) exec "$@" ;;
esac
"""
FUNCTIONS = """#!/bin/bash
web() {
  ADDRESS=${ADDRESS:-0.0.0.0:8000}
  exec gunicorn -b $ADDRESS app:app
}
function worker { exec celery worker; }
case $1 in
  web) shift; web "$@" ;;
  worker) worker ;;
esac
"""
INDIRECT = '#!/bin/sh\nweb() { exec gunicorn -b 0.0.0.0:8000 app:app; }\nworker() { exec celery worker; }\n"$@"\n'
MAIN = """#!/bin/sh
main() {
  if [ "$1" = web ]; then exec gunicorn -b 0.0.0.0:8000 app:app; fi
  exec celery worker
}
main "$@"
"""
IF = """#!/bin/sh
role=${1:-worker}
shift
if [ "$role" = worker ]; then
  exec celery worker
elif [[ $role == web ]]; then
  exec gunicorn -b 0.0.0.0:8000 app:app
fi
"""
ELSE = """#!/bin/sh
if [ "$1" != web ]; then
  exec celery worker
else
  exec gunicorn -b 0.0.0.0:8000 app:app
fi
"""
VARIABLE = """#!/bin/sh
ROLE=${ROLE:-worker}
case "$ROLE" in
  web) exec gunicorn -b 0.0.0.0:8000 app:app ;;
  worker) exec celery worker ;;
esac
"""
DOCKERFILE = 'FROM python\nWORKDIR /srv\nCOPY . .\nENTRYPOINT ["/srv/entrypoint.sh"]\n'
FOUND = [("compose.yaml", "wildcard", "'80:8000'")]
OPEN = [("compose.yaml", "published-wildcard", "'80:8000'")]


def service(keys: str, script: str, command: str = "") -> list[tuple[str, str, str]]:
    compose = f"services:\n  one:\n    build: .\n    ports: ['80:8000']\n{keys}"
    return told({"compose.yaml": compose, "Dockerfile": DOCKERFILE + command, "entrypoint.sh": script})


@pytest.mark.parametrize("script", [CASE, FUNCTIONS, INDIRECT, MAIN, IF, ELSE])
def test_the_command_of_a_service_chooses_a_part_of_its_entry_point(script: str) -> None:
    assert service("    command: web\n", script) == FOUND
    assert service("    command: [web, --reload]\n", script) == FOUND
    assert service("    command: worker\n", script) == OPEN


@pytest.mark.parametrize("script", [CASE, FUNCTIONS, INDIRECT, MAIN, IF, ELSE])
def test_the_command_of_the_image_chooses_where_the_service_has_none(script: str) -> None:
    assert service("", script, 'CMD ["web"]\n') == FOUND
    assert service("", script, 'CMD ["worker"]\n') == OPEN
    assert service("    command: worker\n", script, 'CMD ["web"]\n') == OPEN


def test_without_an_argument_the_default_counts() -> None:
    assert service("", IF) == OPEN
    assert service("", IF.replace("-worker}", "-web}")) == FOUND


@pytest.mark.parametrize("keys", ["    environment: {ROLE: web}\n", "    environment: ['ROLE=web']\n"])
def test_a_variable_of_the_container_chooses_too(keys: str) -> None:
    assert service(keys, VARIABLE) == FOUND
    assert service(keys.replace("web", "worker"), VARIABLE) == OPEN
    assert service("", VARIABLE, "ENV ROLE=web\n") == FOUND


@pytest.mark.parametrize(
    "script",
    [
        'while [ $# -gt 0 ]; do case "$1" in web) gunicorn -b 0.0.0.0:8000 a:b ;; esac; shift; done\n',
        'if [ "$1" = -x ]; then shift; fi\ncase "$1" in web) gunicorn -b 0.0.0.0:8000 a:b ;; esac\n',
        'set -- "$KIND"\ncase "$1" in web) gunicorn -b 0.0.0.0:8000 a:b ;; esac\n',
        'case "$KIND" in web) gunicorn -b 0.0.0.0:8000 a:b ;; esac\n',
        'if [ -f /etc/web ] || [ "$1" = web ]; then gunicorn -b 0.0.0.0:8000 a:b; fi\n',
        'case "$(uname)" in Linux) gunicorn -b 0.0.0.0:8000 a:b ;; esac\n',
        "web() { case $1 in x) gunicorn -b 0.0.0.0:8000 a:b ;; esac; }\nweb x\n",
        "case $1 in worker) true ;; esac\ngunicorn -b 0.0.0.0:8000 a:b\n",
    ],
)
def test_what_nobody_knows_chooses_nothing(script: str) -> None:
    assert service("    command: worker\n", f"#!/bin/sh\n{script}") == FOUND


def test_an_argument_that_a_variable_gives_may_be_any() -> None:
    assert service("    command: ${KIND}\n", CASE) == FOUND


def test_each_service_is_told_by_its_own_argument() -> None:
    compose = "".join(
        f"  {name}:\n    build: .\n    ports: ['{port}:8000']\n    command: {name}\n"
        for name, port in (("web", 80), ("worker", 81))
    )
    files = {"compose.yaml": f"services:\n{compose}", "Dockerfile": DOCKERFILE, "entrypoint.sh": CASE}

    assert [(rule, text) for _, rule, text in told(files)] == [
        ("wildcard", "'80:8000'"),
        ("published-wildcard", "'81:8000'"),
    ]


def test_a_pod_chooses_by_its_arguments() -> None:
    pod = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: one}\nspec:\n  containers:\n"
        "    - {name: shop, image: acme/shop, args: [WORD], ports: [{containerPort: 8000, hostPort: 80}]}\n"
    )
    files = {"shop/Dockerfile": DOCKERFILE, "shop/entrypoint.sh": CASE}

    assert [rule for _, rule, _ in told({**files, "pod.yaml": pod.replace("WORD", "web")})] == ["wildcard"]
    assert [rule for _, rule, _ in told({**files, "pod.yaml": pod.replace("WORD", "worker")})] == ["published-wildcard"]


def test_a_script_on_a_host_may_be_given_any_argument() -> None:
    assert told({"run.sh": CASE}) == [("run.sh", "wildcard", "0.0.0.0")]


def test_an_image_that_no_service_is_built_from_may_be_given_any_argument() -> None:
    files = {"Dockerfile": f'{DOCKERFILE}CMD ["worker"]\n', "entrypoint.sh": CASE}

    assert told(files) == []  # it is presumed, and so for the pedantic


@pytest.mark.parametrize(
    "manage",
    [
        {"manage.py": "from flask_script import Manager\n"},
        {"manage.py": "from shop.cli import manager\n", "shop/cli.py": "from flask.cli import FlaskGroup\n"},
        {"manage.py": "from shop.cli import manager\n", "shop/cli/__init__.py": "import click, os\nimport flask.cli\n"},
    ],
)
def test_a_script_has_the_command_line_of_the_library_that_it_imports(manage: dict[str, str]) -> None:
    script = "#!/bin/sh\nexec /srv/manage.py runserver -h 0.0.0.0\n"

    assert messages({**manage, "bin/start.sh": script}) == ["flask listens on every IPv4 interface, port 5000"]


def test_a_script_that_imports_no_such_library_has_the_command_line_of_its_name() -> None:
    files = {"manage.py": "import django.core.management\n", "Procfile": "web: python manage.py runserver 0.0.0.0:80\n"}

    assert messages(files) == ["django listens on every IPv4 interface, port 80"]
