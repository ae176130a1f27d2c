"""Programs that the slow tests run, each set in an environment of its own under .build/, made once and kept."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / ".build"


def environment(name: str, *requirements: str) -> Path:
    """The bin folder of a virtual environment with the requirements installed; made anew when they change."""
    folder = BUILD / f"{name}-{sys.version_info.major}.{sys.version_info.minor}"
    stamp = folder / "requirements.txt"
    wanted = "\n".join(requirements)
    BUILD.mkdir(exist_ok=True)
    with (BUILD / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test processes may ask at once
        if not stamp.is_file() or stamp.read_text() != wanted:
            venv.create(folder, clear=True, with_pip=True)
            run(folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements)
            stamp.write_text(wanted)
    return folder / "bin"


def run(
    *words: str | Path, cwd: Path = ROOT, expect: int | None = 0, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, without input; show what it said when it ends otherwise than expected."""
    done = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert expect is None or done.returncode == expect, (
        f"{words} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    )
    return done


def tracked() -> list[str]:
    """The files of the project, as git knows them; those not yet added too."""
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").stdout
    return sorted(name for name in listed.split("\0") if name and (ROOT / name).is_file())
