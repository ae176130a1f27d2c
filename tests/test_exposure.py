"""Code, Dockerfile and compose file or manifest together: who can reach what listens, and why (verdicts.md)."""

from __future__ import annotations

import pytest

from bindlint.config import Config, Options
from bindlint.findings import Finding
from bindlint.knowledge import Knowledge, rules_root
from bindlint.workspace import Workspace

KNOWLEDGE = Knowledge(rules_root())


def findings(files: dict[str, str], persona: str = "regular") -> tuple[Finding, ...]:
    workspace = Workspace(KNOWLEDGE, Config())
    for path, text in files.items():
        workspace.update(path, text.encode())
    return workspace.report(Options(persona=persona)).findings


def told(files: dict[str, str], persona: str = "regular") -> list[tuple[str, str, str]]:
    """What is told: rule, text it stands at, route."""
    return [
        (f.rule, files[f.site.path][f.site.span.start : f.site.span.end], f.route) for f in findings(files, persona)
    ]


COMPOSE = "services:\n  web:\n    build: .\n    ports: ['8080:80']\n"
GUARDED = 'if __name__ == "__main__":\n    app.run("0.0.0.0", 80, debug=True)\n'
APP = f"import flask\napp = flask.Flask(__name__)\n{GUARDED}"
MAIN = 'import flask\napp = flask.Flask(__name__)\ndef main():\n    app.run("0.0.0.0", 80)\n'
STARTED_MAIN = f"{MAIN}if '__main__' == __name__:\n    main()\n"


@pytest.mark.parametrize(
    ("code", "command", "software"),
    [
        (APP, "python app.py", "Flask"),
        (APP, "gunicorn -b 0.0.0.0:80 app:app", "gunicorn"),
        (APP, "uvicorn --host 0.0.0.0 --port 80 app:app", "uvicorn"),
        (STARTED_MAIN, "python app.py", "Flask"),
        (STARTED_MAIN, "gunicorn -b 0.0.0.0:80 app:app", "gunicorn"),
    ],
)
def test_a_server_that_imports_a_file_does_not_run_what_only_its_start_runs(
    code: str, command: str, software: str
) -> None:
    files = {"compose.yaml": COMPOSE, "Dockerfile": f"FROM python\nCOPY . .\nCMD {command}\n", "app.py": code}

    routes = [route for _, text, route in told(files) if text == "'8080:80'"]

    assert routes == [f"LAN → host :8080 → container web :80 → {software}"]


@pytest.mark.parametrize("code", [MAIN + "main()\n", APP.replace("__main__", "app"), APP.replace("==", "!=")])
def test_what_an_import_runs_is_run_by_the_server_that_imports_it(code: str) -> None:
    files = {"compose.yaml": COMPOSE, "Dockerfile": "FROM python\nCOPY . .\nCMD gunicorn app:app\n", "app.py": code}

    assert [route for _, text, route in told(files) if text == "'8080:80'"] == [
        "LAN → host :8080 → container web :80 → Flask"
    ]


def test_the_module_of_a_server_is_no_other_package_of_the_project() -> None:
    files = {
        "compose.yaml": "services:\n  web:\n    build: .\n    ports: ['8000:8000', '5678:5678']\n",
        "Dockerfile": "FROM python\nCOPY . /srv\nCMD gunicorn -b 0.0.0.0:8000 shop.wsgi:app\n",
        "tests/__init__.py": 'import debugpy\ndebugpy.listen(("0.0.0.0", 5678))\n',
    }

    assert ("published-wildcard", "'5678:5678'", "LAN → host :5678 → web :5678") in told(files)
