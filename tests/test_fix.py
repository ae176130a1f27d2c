"""`bindlint fix`, talked to through a terminal."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from toolbox import ROOT

if TYPE_CHECKING:
    from pathlib import Path

COMPOSE = 'services:\n  cache:\n    image: redis\n    ports:\n      - "6379:6379"\n'
APP = 'import uvicorn\nuvicorn.run("a:b", host="0.0.0.0")\n'


def talk(folder: Path, answers: list[str]) -> tuple[int, str]:
    """The exit code and what was said; each answer is given when a question is asked."""
    mine, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    command = [sys.executable, "-m", "bindlint", "fix", "-i", "--color", "never"]
    process = subprocess.Popen(command, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    said = b""
    while select.select([mine], [], [], 60)[0]:
        try:
            more = os.read(mine, 65536)
        except OSError:  # the other end is closed
            break
        if not more:
            break
        said += more
        if said.rstrip(b" ").endswith(b"?") and said.endswith(b" "):
            os.write(mine, (answers.pop(0) if answers else "q").encode() + b"\n")
            said += b"|"
    os.close(mine)
    return process.wait(60), said.decode()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    (tmp_path / "main.py").write_text(APP)
    return tmp_path


def test_each_finding_is_fixed_ignored_or_left_as_answered(project: Path) -> None:
    code, said = talk(project, ["?", "y", "i", "only in the lab"])

    assert code == 0
    assert '+      - "127.0.0.1:6379:6379"' in said
    assert "This may cut off clients on other machines." in said
    assert "1 fixed, 1 ignored, 0 left" in said
    assert (project / "compose.yaml").read_text() == COMPOSE.replace("6379:", "127.0.0.1:6379:", 1)
    ignore = '# bindlint: ignore[wildcard] reason="only in the lab"\n'
    assert (project / "main.py").read_text() == APP.replace("uvicorn.run", f"{ignore}uvicorn.run")


def test_an_alternative_is_shown_and_made_when_its_number_is_given(project: Path) -> None:
    (project / "main.py").write_text("")

    code, said = talk(project, ["2", "y"])

    assert code == 0
    assert '2: "127.0.0.1:6379:6379" and "[::1]:6379:6379"' in said
    both = '      - "127.0.0.1:6379:6379"\n      - "[::1]:6379:6379"\n'
    assert (project / "compose.yaml").read_text() == COMPOSE.replace('      - "6379:6379"\n', both)


def test_what_is_left_stays_as_it_was(project: Path) -> None:
    code, said = talk(project, ["n", "i", "", "q"])

    assert code == 1
    assert "an ignore has a reason" in said
    assert "0 fixed, 0 ignored, 2 left" in said
    assert ((project / "compose.yaml").read_text(), (project / "main.py").read_text()) == (COMPOSE, APP)


def test_without_a_terminal_it_says_what_does_not_ask(project: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bindlint", "fix"],
        cwd=project, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip

    assert (done.returncode, done.stdout) == (2, "")
    assert "bindlint scan --fix does not ask" in done.stderr
