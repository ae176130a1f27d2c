"""New bytes take the place of old ones whole or not at all, and nothing else is touched."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from bindlint import rewrite
from bindlint.rewrite import UnwrittenError, replace

if TYPE_CHECKING:
    from pathlib import Path

OLD, NEW = b"bind 0.0.0.0\n" * 3000, b"bind 127.0.0.1\n" * 3000
CALLS = ("open", "fstat", "read", "fchmod", "write", "fsync", "link", "stat", "rename")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "etc" / "redis.conf"
    path.parent.mkdir()
    path.write_bytes(OLD)
    return path


def put(file: Path, before: bytes = OLD) -> None:
    replace(file.parent.parent, f"{file.parent.name}/{file.name}", before, NEW)


def test_the_new_bytes_are_there_with_the_old_mode_and_nothing_beside_them(file: Path) -> None:
    file.chmod(0o640)

    put(file)

    assert file.read_bytes() == NEW
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert list(file.parent.iterdir()) == [file]


def test_a_file_that_changed_meanwhile_is_left_alone(file: Path) -> None:
    with pytest.raises(UnwrittenError, match="changed since it was read"):
        put(file, before=OLD + b"#")
    assert file.read_bytes() == OLD


def test_a_file_of_two_names_is_left_alone(file: Path) -> None:
    os.link(file, file.parent / "other")

    with pytest.raises(UnwrittenError, match="hard links"):
        put(file)
    assert file.read_bytes() == OLD


def test_no_link_is_followed(file: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "redis.conf").write_bytes(OLD)
    (tmp_path / "way").symlink_to(outside)
    (file.parent / "link").symlink_to(outside / "redis.conf")

    for path in ("way/redis.conf", "etc/link"):
        with pytest.raises(UnwrittenError):
            replace(tmp_path, path, OLD, NEW)
    assert (outside / "redis.conf").read_bytes() == OLD


def test_what_is_no_file_is_left_alone(file: Path) -> None:
    os.mkfifo(file.parent / "pipe")

    with pytest.raises(UnwrittenError):
        replace(file.parent, "pipe", b"", NEW)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("nameless", [True, False])
def test_whichever_call_fails_the_file_is_old_or_new(
    file: Path, monkeypatch: pytest.MonkeyPatch, call: str, *, nameless: bool
) -> None:
    real = getattr(os, call)
    failed = 0
    for count in range(20):
        file.write_bytes(OLD)
        calls = 0

        def failing(*args: object, at: int = count, **kwargs: object) -> object:
            nonlocal calls
            calls += 1
            if calls == at + 1:
                raise OSError(28, "No space left on device")
            return real(*args, **kwargs)

        with monkeypatch.context() as patch:
            if not nameless:  # as on a file system without nameless files
                patch.delattr(rewrite.os, "O_TMPFILE")
            patch.setattr(rewrite.os, call, failing)
            try:
                put(file)
            except UnwrittenError:
                failed += 1
        assert file.read_bytes() in (OLD, NEW)
        assert list(file.parent.iterdir()) == [file]
    assert failed or (call == "link" and not nameless)


LOOP = """
import sys
from pathlib import Path
from bindlint.rewrite import replace
root, one, other = Path(sys.argv[1]), Path(sys.argv[2]).read_bytes(), Path(sys.argv[3]).read_bytes()
if (root / "file").read_bytes() == other:
    one, other = other, one
print("ready", flush=True)
while True:
    replace(root, "file", one, other)
    one, other = other, one
"""


@pytest.mark.slow
def test_killed_at_any_moment_the_file_is_old_or_new(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    for name, data in ((tmp_path / "old", OLD), (tmp_path / "new", NEW), (root / "file", OLD)):
        name.write_bytes(data)
    for moment in range(200):
        command = [sys.executable, "-c", LOOP, str(root), str(tmp_path / "old"), str(tmp_path / "new")]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            time.sleep((moment * 7919 % 200) / 10_000)
            process.send_signal(signal.SIGKILL)
            process.stdout.read()  # until the last process that it began has ended
        assert list(root.iterdir()) == [root / "file"]
        assert (root / "file").read_bytes() in (OLD, NEW)
