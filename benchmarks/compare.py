"""bindlint beside ruff S104 and bandit B104, in one run on one machine: `make bench` prints a Markdown table.

The three look for different things: ruff and bandit look for the text "0.0.0.0" in Python, bindlint for listeners
in every format. So the table says what a user waits, not who does more. Runs are interleaved, so that a busy moment
hits all alike; each figure is the median of N wall times of whole processes, start-up included, caches off.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PEERS = ("ruff", "bandit")
SMALL = '''"""A server of eight lines."""

import uvicorn

HOST = "0.0.0.0"

if __name__ == "__main__":
    uvicorn.run("web:app", host=HOST, port=8000)
'''


def peers() -> Path:
    """The bin folder of the environment that the peers live in, made on the first run."""
    folder = ROOT / ".build" / "peers"
    if not all((folder / "bin" / name).is_file() for name in PEERS):
        venv.create(folder, with_pip=True)
        subprocess.run([folder / "bin/python", "-m", "pip", "install", "--quiet", *PEERS], check=True)
    return folder / "bin"


def commands(target: Path) -> dict[str, list[str | Path]]:
    """How each program is asked to look at a file or folder."""
    folder = peers()
    return {
        "bindlint": [sys.executable, "-m", "bindlint", "scan", "--no-config", "--format", "concise", target],
        "ruff S104": [folder / "ruff", "check", "--isolated", "--no-cache", "--select", "S104", "--quiet", target],
        "bandit B104": [folder / "bandit", "-q", "-t", "B104", "-r", target],
    }


def library(folder: Path) -> Path:
    """A copy of the standard library without installed packages and byte code: the same files for everyone."""
    source = Path(sysconfig.get_path("stdlib"))
    for path in source.rglob("*.py"):
        inside = path.relative_to(source)
        if inside.parts[0] not in {"site-packages", "dist-packages"}:
            copy = folder / inside
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    return folder


def seconds(command: list[str | Path]) -> float:
    """Wall time of one process; what it prints and finds does not matter here, that it ran does."""
    start = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    spent = time.perf_counter() - start
    if done.returncode not in {0, 1}:
        sys.exit(f"{command[0]} ended with {done.returncode}:\n{done.stderr}")
    return spent


def measure(target: Path, runs: int) -> dict[str, float]:
    """Median wall seconds by program."""
    asked = commands(target)
    taken: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(runs):
        for name, command in asked.items():
            taken[name].append(seconds(command))
    return {name: statistics.median(times) for name, times in taken.items()}


def version(*command: str | Path) -> str:
    """The first line a program says of its version."""
    said = subprocess.run([*command, "--version"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return said.splitlines()[0].split()[-1]


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=5, help="measured runs of each program (default 5)")
    runs = parser.parse_args().runs
    folder = peers()
    with tempfile.TemporaryDirectory() as scratch:
        small = Path(scratch) / "small" / "web.py"  # in a folder of its own: its neighbours would be read as context
        small.parent.mkdir()
        small.write_text(SMALL, encoding="utf-8")
        whole = library(Path(scratch) / "library")
        files = [path.stat().st_size for path in whole.rglob("*.py")]
        subjects = {
            "one Python file of 8 lines": measure(small, runs),
            f"the standard library ({len(files):,} files, {sum(files) / 1e6:.1f} MB)": measure(whole, runs),
        }
    programs = {
        "bindlint": (sys.executable, "-m", "bindlint"),
        "ruff": (folder / "ruff",),
        "bandit": (folder / "bandit",),
    }
    said = ", ".join(f"{name} {version(*command)}" for name, command in programs.items())
    print(f"{said}; Python {platform.python_version()}; medians of {runs} interleaved runs\n")
    print("| subject | bindlint | ruff S104 | bandit B104 | bindlint / ruff | bandit / bindlint |")
    print("|---|---:|---:|---:|---:|---:|")
    for subject, taken in subjects.items():
        ours, ruff, bandit = taken.values()
        print(f"| {subject} | {ours:.3f} s | {ruff:.3f} s | {bandit:.3f} s | {ours / ruff:.1f} | {bandit / ours:.1f} |")


if __name__ == "__main__":
    main()
