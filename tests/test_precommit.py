"""The pre-commit hooks, run by pre-commit itself on a repository with one file of every kind."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from toolbox import ROOT, environment, run, tracked

from bindlint.discover import SKIPPED_ENDINGS
from bindlint.knowledge import Knowledge, rules_root

if TYPE_CHECKING:
    from pathlib import Path

HOOKS: dict[str, dict[str, Any]] = {
    row["id"]: row for row in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
}

# Every kind of file that a reader claims by name.
KINDS = {
    "Dockerfile": 'FROM redis:7\nCMD ["redis-server", "--bind", "127.0.0.1"]\n',
    "web.Dockerfile": "FROM scratch\n",
    "Containerfile": "FROM scratch\n",
    "app.py": "print()\n",
    "compose.yaml": "services: {}\n",
    "docker-compose.yml": "services: {}\n",
    "hosts": "127.0.0.1 localhost\n",
    "redis.conf": "bind 127.0.0.1\n",
    "postgresql.conf": "listen_addresses = 'localhost'\n",
    "nginx.conf": "events {}\n",
    "my.cnf": "[mysqld]\nbind-address = 127.0.0.1\n",
    "pg_hba.conf": "local all all trust\n",
    "haproxy.cfg": "global\n",
    "supervisord.conf": "[supervisord]\n",
    "settings.ini": "[a]\n",
    "settings.toml": "[a]\n",
    "elasticsearch.yml": "network.host: 127.0.0.1\n",
    "server.properties": "listeners=PLAINTEXT://127.0.0.1:9092\n",
    "server.xml": "<Server/>\n",
    "daemon.json": "{}\n",
    "web.service": "[Service]\nExecStart=/bin/true\n",
    "web.socket": "[Socket]\nListenStream=127.0.0.1:80\n",
    "start.sh": "#!/bin/sh\ntrue\n",
    "entrypoint": "#!/bin/sh\ntrue\n",
    "sites-enabled/web": "server {}\n",
    "nginx.conf.j2": "events {}\n",
    "sshd_config": "ListenAddress 127.0.0.1\n",
    "Procfile": "web: true\n",
    "Caddyfile": "localhost\n",
    ".env": "HOST=127.0.0.1\n",
    ".env.local": "HOST=127.0.0.1\n",
}
OTHERS = {"README.md": "0.0.0.0\n", "page.html": "<p>\n", "logo.svg": "<svg/>\n", "main.go": "package main\n"}
EXPOSED = 'import uvicorn\n\nuvicorn.run("web:app", host="0.0.0.0")\n'


def test_the_hook_passes_over_what_no_reader_has_a_word_for_and_over_nothing_else() -> None:
    excluded = re.compile(HOOKS["bindlint"]["exclude"])
    endings = sorted({ending[1:].lower() for ending in SKIPPED_ENDINGS})
    assert excluded.pattern == rf"(?i)\.({'|'.join(endings)})$"
    assert "files" not in HOOKS["bindlint"]
    servers = [name.replace("*", "x") for server in Knowledge(rules_root()).servers for name in server.files]
    assert servers
    assert [name for name in (*KINDS, *servers) if excluded.search(name)] == []
    assert [name for name in OTHERS if not excluded.search(name)] == []


def test_both_hooks_look_at_the_same_files_in_one_process() -> None:
    assert set(HOOKS) == {"bindlint", "bindlint-full"}
    for word in ("exclude", "types", "language", "require_serial"):
        assert HOOKS["bindlint"][word] == HOOKS["bindlint-full"][word]
    assert HOOKS["bindlint"]["require_serial"] is True
    assert HOOKS["bindlint-full"]["pass_filenames"] is False


@pytest.fixture
def hooks(tmp_path: Path) -> Path:
    """This project as a repository of its own, as it stands here, committed or not."""
    folder = tmp_path / "hooks"
    for name in tracked():
        copy = folder / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, copy)
    run("git", "init", "--quiet", cwd=folder)
    run("git", "add", "--all", cwd=folder)
    who = ("-c", "user.name=someone", "-c", "user.email=someone@example.org")
    run("git", *who, "commit", "--quiet", "--message", "as it stands", cwd=folder)
    return folder


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    for name, text in (KINDS | OTHERS).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    run("git", "init", "--quiet", cwd=folder)
    run("git", "add", "--all", cwd=folder)
    return folder


@pytest.mark.slow
def test_the_hook_gets_every_kind_of_file_passes_when_clean_and_fails_on_a_finding(
    hooks: Path, repository: Path, tmp_path: Path
) -> None:
    precommit = environment("pre-commit", "pre-commit==4.7.0") / "pre-commit"
    home = {"PRE_COMMIT_HOME": str(tmp_path / "home"), "NO_COLOR": "1"}

    config = tmp_path / "config.yaml"
    listing = 'python3 -c "import sys; print(*sys.argv[1:], sep=chr(10))"'
    received = {"id": "received", "name": "received", "language": "system", "entry": listing, "verbose": True}
    row = {word: HOOKS["bindlint"][word] for word in ("exclude", "types", "require_serial")}
    config.write_text(yaml.safe_dump({"repos": [{"repo": "local", "hooks": [received | row]}]}))
    seen = run(precommit, "run", "--all-files", "--color=never", "--config", config, cwd=repository, **home).stdout
    assert sorted(set(seen.splitlines()) & set(KINDS | OTHERS)) == sorted(KINDS)

    def hook(name: str, expect: int, *files: str) -> str:
        chosen = ("--files", *files) if files else ("--all-files",)
        return run(
            precommit,
            "try-repo",
            hooks,
            name,
            "--color=never",
            "--verbose",
            *chosen,
            cwd=repository,
            expect=expect,
            **home,
        ).stdout

    assert "Passed" in hook("bindlint", 0)
    (repository / "app.py").write_text(EXPOSED)
    run("git", "add", "--all", cwd=repository)
    assert "app.py:3" in hook("bindlint", 1)
    assert "app.py" not in hook("bindlint", 0, "redis.conf"), "findings are asked for the files given"
    assert "app.py:3" in hook("bindlint-full", 1, "redis.conf"), "the other hook looks at everything"
