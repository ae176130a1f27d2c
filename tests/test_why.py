"""`bindlint why FILE:LINE`: the evidence for a finding, or for silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bindlint import cli

if TYPE_CHECKING:
    from pathlib import Path

COMPOSE = """\
services:
  web:
    image: python:3.12
    command: uvicorn app:app --host 0.0.0.0 --port 8000
    ports:
      - "127.0.0.1:8000:8000"
  cache:
    image: redis:7
    ports:
      - "6379:6379" # bindlint: ignore[unauthenticated-exposure] reason="the demo box"
  shop:
    image: registry.example/shop
    ports:
      - "127.0.0.1:9000:9000"
"""
CODE = """\
import uvicorn

# nothing here
uvicorn.run("web:app", host="127.0.0.1", port=8000)
uvicorn.run("web:app", host="0.0.0.0", port=8001)
uvicorn.run("web:app", host=given(), port=8002)
"""


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    (tmp_path / "serve.py").write_text(CODE)
    (tmp_path / "hosts").write_text("127.0.0.1 localhost\n0.0.0.0 ads.example\n")
    (tmp_path / "notes.md").write_text("0.0.0.0\n")


def why(place: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    assert cli.main(["why", place]) == 0
    return capsys.readouterr().out.splitlines()


def test_a_finding_is_told_with_its_story(capsys: pytest.CaptureFixture[str]) -> None:
    out = why("serve.py:5", capsys)
    assert out[:2] == ["high[wildcard] uvicorn listens on every IPv4 interface, port 8001", " --> serve.py:5:29"]


def test_a_listener_on_loopback_is_silent_because_of_that(capsys: pytest.CaptureFixture[str]) -> None:
    assert why("serve.py:4", capsys) == [
        "silent uvicorn listens on 127.0.0.1:8000",
        " --> serve.py:4:29",
        '4 | uvicorn.run("web:app", host="127.0.0.1", port=8000)',
        "  |                             ^^^^^^^^^^^",
        "  = path: this host → uvicorn :8000",
        "  = because: bound to loopback: only this machine can connect",
    ]


def test_a_port_published_on_loopback_says_so_at_the_port_and_at_the_program(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for place in ("compose.yaml:6", "compose.yaml:4"):
        out = why(place, capsys)
        assert out[:2] == ["silent[wildcard] published as 127.0.0.1 only", " --> compose.yaml:6:9"]


def test_a_published_port_of_software_that_nobody_knows_is_silent_on_loopback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = why("compose.yaml:14", capsys)
    assert out[0] == "silent port 9000 of shop is opened at host :9000"
    assert out[-1] == "   = because: published on 127.0.0.1: only this machine can connect"


def test_an_ignored_finding_names_its_ignore(capsys: pytest.CaptureFixture[str]) -> None:
    out = why("compose.yaml:10", capsys)
    assert out[0].startswith("critical[unauthenticated-exposure]")
    assert out[-1] == "   = ignored: the demo box"


def test_what_only_other_personas_see_names_the_persona(capsys: pytest.CaptureFixture[str]) -> None:
    assert "   = shown with: --persona auditor" in why("serve.py:6", capsys)


def test_a_line_that_is_part_of_no_finding_says_what_is_known_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    out = why("hosts:2", capsys)
    assert out[0] == "known here"
    assert "ads.example is mapped to 0.0.0.0 (a sinkhole: nothing answers there)" in out[3]
    assert out[-1].startswith("hosts:2: no finding; read as a hosts file")


def test_a_line_of_which_nothing_is_known_says_how_it_was_read(capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = why("serve.py:3", capsys)
    assert line.startswith("serve.py:3: no finding; read as Python code, and no listener")
    assert why("notes.md:1", capsys) == ["notes.md:1: no finding; bindlint reads no file of this kind"]


@pytest.mark.parametrize(
    ("place", "complaint"),
    [
        ("serve.py", "expected FILE:LINE, as in compose.yaml:12, not 'serve.py'"),
        ("absent.py:3", "absent.py: no such file"),
        ("serve.py:70", "serve.py has 6 lines: there is no line 70"),
        ("serve.py:0", "serve.py has 6 lines: there is no line 0"),
    ],
)
def test_a_place_that_is_not_there_is_a_usage_error(
    place: str, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["why", place]) == 2
    assert complaint in capsys.readouterr().err
