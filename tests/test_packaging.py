"""What people install is what the checkout is: the wheel carries the tables, works anywhere, and brings no tests."""

from __future__ import annotations

import sys
import tarfile
import venv
import zipfile
from typing import TYPE_CHECKING

import pytest
from toolbox import ROOT, run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")
TABLES = sorted(path.relative_to(ROOT / "rules").as_posix() for path in (ROOT / "rules").rglob("*.toml"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(*PIP, "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT)
    (made,) = folder.glob("*.whl")
    return made


def names(archive: Path) -> list[str]:
    with zipfile.ZipFile(archive) as opened:
        return sorted(opened.namelist())


def test_the_wheel_carries_every_table_and_only_the_package(wheel: Path) -> None:
    carried = names(wheel)
    assert TABLES
    assert [name.removeprefix("bindlint/_rules/") for name in carried if name.startswith("bindlint/_rules/")] == TABLES
    assert {name.split("/")[0].split("-")[0] for name in carried} == {"bindlint"}
    assert "bindlint/__main__.py" in carried


def test_the_installed_wheel_finds_what_the_checkout_finds(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv/bin/python"
    run(python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", wheel)
    project = tmp_path / "project"
    project.mkdir()
    (project / "web.py").write_text('import uvicorn\n\nuvicorn.run("web:app", host="0.0.0.0")\n')
    (project / "compose.yaml").write_text('services:\n  cache:\n    image: redis:7\n    ports: ["6379:6379"]\n')

    installed = run(tmp_path / "venv/bin/bindlint", "scan", ".", "--format", "concise", cwd=project, expect=1)
    for place in ("web.py:3", "compose.yaml:4"):
        assert place in installed.stdout
    checkout = run(
        sys.executable,
        "-m",
        "bindlint",
        "scan",
        ".",
        "--format",
        "concise",
        cwd=project,
        expect=1,
        PYTHONPATH=str(ROOT),
    )
    assert installed.stdout == checkout.stdout


def test_a_wheel_made_from_the_source_archive_is_the_same(wheel: Path, tmp_path: Path) -> None:
    build = "import hatchling.build as build, sys; print(build.build_sdist(sys.argv[1]))"
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv/bin/python"
    run(python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "hatchling")
    run(python, "-c", build, tmp_path)
    (source,) = tmp_path.glob("bindlint-*.tar.gz")
    with tarfile.open(source) as archive:
        carried = {name.partition("/")[2] for name in archive.getnames()}
    assert {"README.md", "LICENSE", "pyproject.toml", "Makefile", "tests/test_packaging.py"} <= carried
    assert not {name for name in carried if name.startswith((".venv", ".build", ".git/"))}
    run(*PIP, "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path, source)
    (again,) = tmp_path.glob("*.whl")
    assert names(again) == names(wheel)
