"""Debian's packages unpacked beside the machine, not installed: nothing global changes, and no daemon is started.

`apt-get` says what a package needs beyond what this machine has, and fetches it into `.build/oracle/debian/`, with
lists of its own: root is not needed. Where the machine has a package already, nothing is fetched.
"""

from __future__ import annotations

import fcntl
import re
import shutil
import subprocess
import time
from typing import TYPE_CHECKING
from urllib.parse import unquote

from oracle.installs import BUILD, InstallError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

HOME = BUILD / "debian"
LAYER, ARCHIVES = HOME / "layer", HOME / "cache" / "archives"
MERGED = ("bin", "sbin", "lib", "lib64")  # links into usr, as Debian has them since release 12
DAY = 86400
_ARCHIVE = re.compile(r"(?P<name>[^_]+)_(?P<version>[^_]+)_[^_]+\.deb")


def unpacked(packages: Iterable[str]) -> Path:
    """A folder that holds the packages and what they need, whatever else it holds already."""
    if not all(shutil.which(program) for program in ("apt-get", "dpkg-deb", "tar")):
        raise UnavailableError("no apt-get and dpkg-deb on this machine")
    for name in MERGED:
        (LAYER / "usr" / name).mkdir(parents=True, exist_ok=True)
        if not (LAYER / name).is_symlink():
            (LAYER / name).symlink_to(f"usr/{name}")
    for name in ("etc", "var", "opt"):
        (LAYER / name).mkdir(exist_ok=True)
    stamp = HOME / "packages.txt"
    with (HOME / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        held = set(stamp.read_text().split()) if stamp.is_file() else set()
        missing = sorted(set(packages) - held)
        if missing:
            _fetch(missing)
            _unpack()
            stamp.write_text("\n".join(sorted(held | set(missing))))
    return LAYER


def archive(package: str) -> Path | None:
    """The file of a package that was fetched."""
    return max(ARCHIVES.glob(f"{package}_*.deb"), key=lambda path: path.stat().st_mtime, default=None)


def version(package: str) -> str:
    """The version of a package: as fetched, else as this machine has it."""
    found = archive(package)
    if found is not None and (match := _ARCHIVE.fullmatch(found.name)):
        return unquote(match["version"])
    return _said("dpkg-query", "--show", "--showformat=${Version}", package)


def _fetch(packages: list[str]) -> None:
    """Everything at once; one by one where packages do not install together, which need not be."""
    for folder in (HOME / "state" / "lists" / "partial", ARCHIVES / "partial"):
        folder.mkdir(parents=True, exist_ok=True)
    lists = HOME / "updated"
    if not lists.is_file() or time.time() - lists.stat().st_mtime > DAY:
        _apt("update")
        lists.touch()
    try:
        _apt("--download-only", "install", *packages)
    except InstallError:
        for package in packages:
            _apt("--download-only", "install", package)


def _apt(*words: str) -> None:
    own = (f"Dir::State={HOME / 'state'}", f"Dir::Cache={HOME / 'cache'}", "Dir::State::status=/var/lib/dpkg/status")
    options = [part for one in (*own, "APT::Sandbox::User=root") for part in ("-o", one)]
    _said("apt-get", "-qq", "-y", "--no-install-recommends", *options, *words)


def _unpack() -> None:
    stamp = HOME / "unpacked.txt"
    done = set(stamp.read_text().split()) if stamp.is_file() else set()
    for path in sorted(ARCHIVES.glob("*.deb")):
        if path.name not in done:
            extract(path, LAYER)
            done.add(path.name)
    stamp.write_text("\n".join(sorted(done)))


def extract(path: Path, folder: Path) -> None:
    """Unpack one package, into the folders that links lead to."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(path)], stdout=subprocess.PIPE) as packed:
        done = subprocess.run(
            ["tar", "-x", "--keep-directory-symlink", "-C", str(folder)],
            stdin=packed.stdout,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode or packed.returncode:
        raise InstallError(f"{path.name} does not unpack: {done.stderr.strip()[-200:]}")


def _said(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("E:")]
        raise InstallError("\n".join(lines[-3:]) or f"{words[0]} ended with {done.returncode}")
    return done.stdout
