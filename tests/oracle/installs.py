"""Virtual environments with what the cases need, under .build/oracle/: made once, added to, and kept."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from oracle.cases import Case, Environment

BUILD = Path(__file__).resolve().parents[2] / ".build" / "oracle"
RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"


class UnavailableError(Exception):
    """This machine lacks the interpreter that an environment needs."""


class InstallError(Exception):
    """Packages do not install, or not together."""


def installed(cases: Iterable[Case]) -> tuple[dict[str, Path], dict[str, UnavailableError | InstallError]]:
    """The bin folder of each environment that the cases need, and why some cannot be had."""
    folders: dict[str, Path] = {}
    absent: dict[str, UnavailableError | InstallError] = {}
    needs: dict[Environment, list[str]] = {}
    for case in cases:
        needs.setdefault(case.environment, []).extend(case.packages)
    for environment, packages in needs.items():
        try:
            folders[environment.name] = ready(environment, packages)
        except (UnavailableError, InstallError) as error:  # noqa: PERF203 - one of few, and each takes minutes
            absent[environment.name] = error
    return folders, absent


def ready(environment: Environment, packages: Sequence[str]) -> Path:
    """The bin folder of an environment that holds the packages, whatever else it holds already."""
    python = interpreter(environment.python)
    if not packages:
        return Path(python).parent
    folder = BUILD / f"{environment.name}-{environment.python or RUNNING}"
    stamp = folder / "packages.txt"
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        held = set(stamp.read_text().splitlines()) if stamp.is_file() else set()
        if not (folder / "bin/python").exists():
            _make(python, folder)
        if missing := sorted(set(packages) - held):
            renewed = {_name(package) for package in missing}
            wanted = sorted({package for package in held if _name(package) not in renewed} | set(missing))
            _run(str(folder / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted)
            stamp.write_text("".join(f"{package}\n" for package in wanted))
    return folder / "bin"


def interpreter(version: str) -> str:
    """A Python of a version ("" is the one that runs this), or `UnavailableError`."""
    if version in ("", RUNNING):
        return sys.executable
    for path in _candidates(version):
        asked = subprocess.run(
            [path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
            capture_output=True,
            text=True,
            check=False,
        )
        if asked.stdout.strip() == version:
            return path
    raise UnavailableError(f"no Python {version} on this machine")


def _candidates(version: str) -> Iterator[str]:
    if found := shutil.which(f"python{version}"):
        yield found
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from (str(path) for path in sorted(root.glob(f"versions/{version}.*/bin/python")))


def _make(python: str, folder: Path) -> None:
    if python == sys.executable:
        venv.create(folder, clear=True, with_pip=True)
    else:
        _run(python, "-m", "venv", "--clear", str(folder))


def _name(package: str) -> str:
    return package.partition("==")[0]


def _run(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if not line.startswith("WARNING")]
        raise InstallError("\n".join(lines[-3:]) or f"{words[0]} ended with {done.returncode}")
