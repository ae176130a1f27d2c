"""A program run in network, mount, process and name namespaces of its own, and what the kernel bound for it."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

CELL = Path(__file__).with_name("cell.py")
KEPT = ("PATH", "LANG", "TZ", "LD_LIBRARY_PATH")  # nothing else of the caller's environment: a HOST or PORT decides


@dataclass(frozen=True)
class Socket:
    """A listening socket. `dual`: an IPv6 wildcard that serves IPv4 too."""

    protocol: str
    address: str
    port: int
    dual: bool

    def __str__(self) -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address
        family = "" if self.address != "::" else " (both)" if self.dual else " (IPv6 only)"
        return f"{self.protocol}/{host}:{self.port}{family}"


@dataclass(frozen=True)
class Seen:
    """What one run came to: the sockets, how the program ended (None: still running), the end of what it said."""

    sockets: tuple[Socket, ...] = ()
    ended: int | None = None
    said: str = ""
    failure: str = ""  # of the measurement itself
    reached: tuple[tuple[int, str], ...] = ()  # ports and addresses at which a connection was taken, of a machine


@dataclass(frozen=True)
class Machine:
    """What a server has around it: packages unpacked in `layer`, users, and a folder that was made before.

    `before` are shell texts that root runs in the program's folder; `user` is who starts the program.
    """

    layer: str
    prepared: str
    users: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    user: str = ""


@dataclass(frozen=True)
class Program:
    """Words to start it by, the files it finds in its folder, and how long to watch it."""

    words: tuple[str, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    limit: float = 90.0
    settle: float = 0.6
    ports: tuple[int, ...] = ()
    machine: Machine | None = None


def run(program: Program) -> Seen:
    """Start a program in namespaces of its own and see what listens."""
    folder = Path(tempfile.mkdtemp(prefix="oracle-"))
    try:
        folder.chmod(0o755 if program.machine is None else 0o777)
        for name, text in program.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        variables = {**kept, "HOME": str(folder), "PYTHONUNBUFFERED": "1", "NO_COLOR": "1", **program.variables}
        asked = {
            "folder": str(folder),
            "words": program.words,
            "variables": variables,
            "limit": program.limit,
            "settle": program.settle,
            "ports": program.ports,
            "machine": asdict(program.machine) if program.machine else None,
        }
        return _measured(asked, program.limit)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measured(asked: Mapping[str, object], limit: float) -> Seen:
    mapped = ("--map-root-user",) if os.geteuid() else ()
    words = ("unshare", *mapped, "--net", "--mount", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc")
    try:
        done = subprocess.run(
            [*words, sys.executable, "-I", str(CELL)],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            timeout=limit + 60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Seen(failure=str(error))
    if done.returncode or not done.stdout:
        return Seen(failure=(done.stderr.strip().splitlines() or [f"ended with {done.returncode}"])[-1])
    answer = json.loads(done.stdout)
    return Seen(
        tuple(Socket(*one) for one in answer["bound"]),
        answer["ended"],
        answer["said"],
        reached=tuple((port, address) for port, address in answer["reached"]),
    )


@functools.cache
def refusal() -> str:
    """Why nothing can be measured on this machine, "" when it can."""
    words = (sys.executable, "-c", "import socket, time; s = socket.create_server(('', 8000)); time.sleep(60)")
    seen = run(Program(words, settle=0.1))
    if seen.failure:
        return f"namespaces are not permitted: {seen.failure}"
    return "" if seen.sockets else f"nothing listens in a namespace: {seen.said}"
