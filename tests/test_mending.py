"""`--fix` and `--diff`: what is changed, what is not, and that nothing else is."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from projects import KNOWLEDGE

from bindlint.cli import CLEAN, FINDINGS, INTERNAL, USAGE, main
from bindlint.config import Config, Options
from bindlint.findings import Fix
from bindlint.mending import plan
from bindlint.source import Edit
from bindlint.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

COMPOSE = 'services:\n  cache:\n    image: redis\n    ports:\n      - "6379:6379"\n'


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(project: Path, files: dict[str, str | bytes]) -> None:
    for name, text in files.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)


def test_a_safe_fix_is_made_and_a_second_run_changes_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, {"compose.yaml": COMPOSE})

    assert main(["scan", "--fix"]) == CLEAN
    assert (project / "compose.yaml").read_text() == COMPOSE.replace("6379:", "127.0.0.1:6379:", 1)
    assert "1 finding fixed in 1 file" in capsys.readouterr().err
    assert main(["scan", "--fix=all"]) == CLEAN
    assert "nothing to fix" in capsys.readouterr().err


def test_what_may_cut_off_a_client_is_left_to_all(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = 'import uvicorn\nuvicorn.run("a:b", host="0.0.0.0")\n'
    write(project, {"app.py": text})

    assert main(["scan", "--fix", "."]) == FINDINGS
    assert (project / "app.py").read_text() == text
    assert "1 finding with a fix that may cut off a client: --fix=all" in capsys.readouterr().err
    assert main(["scan", "--fix=all"]) == CLEAN
    assert (project / "app.py").read_text() == text.replace("0.0.0.0", "127.0.0.1")


def test_a_diff_is_printed_alone_and_applies(project: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write(project, {"deploy/compose.yaml": COMPOSE})

    assert main(["scan", "--diff"]) == FINDINGS
    diff, told = capfdbinary.readouterr()
    assert (project / "deploy/compose.yaml").read_text() == COMPOSE
    assert b"1 finding would be fixed in 1 file" in told
    subprocess.run(["git", "apply", "-"], input=diff, cwd=project, check=True)
    assert main(["scan"]) == CLEAN


@pytest.mark.parametrize(
    "before",
    [
        b"\xef\xbb\xbf" + COMPOSE.encode(),
        COMPOSE.replace("\n", "\r\n").encode(),
        COMPOSE.rstrip("\n").encode(),
        COMPOSE.replace("cache", "caf\u00e9").encode(),
    ],
    ids=["byte order mark", "CRLF", "no last line end", "UTF-8"],
)
def test_a_file_stays_as_it_was_written(project: Path, before: bytes) -> None:
    write(project, {"compose.yaml": before})

    assert main(["scan", "--fix"]) == CLEAN
    assert (project / "compose.yaml").read_bytes() == before.replace(b'"6379', b'"127.0.0.1:6379')


def test_bytes_of_no_encoding_stay(project: Path) -> None:
    write(project, {"redis.conf": b"# caf\xe9\r\nbind 0.0.0.0\r\nmaxmemory 1gb\r\n"})

    assert main(["scan", "--fix=all"]) == CLEAN
    assert (project / "redis.conf").read_bytes() == b"# caf\xe9\r\nbind 127.0.0.1\r\nmaxmemory 1gb\r\n"


def test_a_line_put_in_ends_as_the_others_do(project: Path) -> None:
    write(project, {"redis.conf": b"port 6379\r\nmaxmemory 1gb\r\n"})

    assert main(["scan", "--fix=all"]) == CLEAN
    assert (project / "redis.conf").read_bytes() == b"bind 127.0.0.1\r\nport 6379\r\nmaxmemory 1gb\r\n"


def test_only_what_was_named_is_changed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = 'HOST = "0.0.0.0"\n'
    write(
        project,
        {"settings.py": settings, "app.py": "import uvicorn, settings\nuvicorn.run('a:b', host=settings.HOST)\n"},
    )

    main(["scan", "--fix=all", "app.py"])
    assert (project / "settings.py").read_text() == settings
    assert "it would change settings.py, which was not named" in capsys.readouterr().err


def test_one_text_that_serves_several_is_changed_once(project: Path) -> None:
    service = "    image: redis\n    ports: *ports\n"
    text = f'x-ports: &ports\n  - "6379:6379"\nservices:\n  a:\n{service}  b:\n{service}'
    write(project, {"compose.yaml": text})

    assert main(["scan", "--fix=all"]) == CLEAN
    assert (project / "compose.yaml").read_text() == text.replace('"6379', '"127.0.0.1:6379')


def test_a_file_that_cannot_be_written_is_said_and_costs_no_other(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(project, {"a/compose.yaml": COMPOSE, "b/compose.yaml": COMPOSE})
    os.link(project / "a/compose.yaml", project / "a/other.txt")

    assert main(["scan", "--fix"]) == FINDINGS
    said = capsys.readouterr()
    assert "a/compose.yaml" in said.out
    assert "hard links" in said.out
    assert (project / "a/compose.yaml").read_text() == COMPOSE
    assert "127.0.0.1" in (project / "b/compose.yaml").read_text()
    assert main(["scan", "--fix", "--exit-zero"]) == INTERNAL


def test_fix_and_diff_take_no_path_for_their_value(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, {"compose.yaml": COMPOSE})

    assert main(["scan", "--fix=some"]) == USAGE
    assert main(["scan", "--fix", "--diff"]) == USAGE
    capsys.readouterr()
    assert main(["scan", "--diff", "compose.yaml"]) == FINDINGS


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('"::"', "the finding would stay"),
        ('"localhost"', "localhost-bind would be found in app.py instead"),
        ('"127.0.0.1', "app.py could not be read any more"),
        ('"127.0.0.1"', ""),
    ],
)
def test_an_edit_is_made_only_if_the_finding_ends_and_nothing_else_begins(text: str, reason: str) -> None:
    before = 'import uvicorn\nuvicorn.run("a:b", host="0.0.0.0")\n'
    workspace = Workspace(KNOWLEDGE, Config())
    workspace.update("app.py", before.encode())
    report = workspace.report(Options())
    (found,) = report.findings
    bent = replace(found, fix=Fix((Edit(found.site, text),), text))

    made = plan(workspace, replace(report, findings=(bent,)), Options(), lambda _: True, unsafe=False)

    assert [why.startswith(reason) for _, why in made.refused] == ([True] if reason else [])
    after = before.encode() if reason else before.replace("0.0.0.0", "127.0.0.1").encode()
    assert workspace.data("app.py") == after
    assert [change.after for change in made.changes] == ([] if reason else [after])


def test_none_in_place_of_a_whole_pair_becomes_no_address(project: Path) -> None:
    text = (
        "from pymodbus.server import StartTcpServer\n\n\ndef run(port):\n"
        '    address = ("", port) if port else None\n    StartTcpServer(context=1, address=address)\n'
    )
    write(project, {"app.py": text})
    main(["scan", ".", "--fix=all"])
    assert " else None\n" in (project / "app.py").read_text()
