"""Discovery: git's list in a work tree, a walk elsewhere; never out of the root, never through a link."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from bindlint.discover import discover, read, relevant
from bindlint.errors import UnreadableError, UsageError


def write(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("x = 1\n")


def git(root: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments], cwd=root, check=True, capture_output=True
    )


def test_a_work_tree_lists_tracked_and_untracked_but_not_ignored_files(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path, "tracked.py", "untracked.py", "ignored.py", "sub/deep.py")
    (tmp_path / ".gitignore").write_text("ignored.py\n")
    git(tmp_path, "add", "tracked.py", "sub")
    listing = discover([str(tmp_path)])
    assert listing.paths == (".gitignore", "sub/deep.py", "tracked.py", "untracked.py")
    assert listing.root == tmp_path


def test_an_ignored_file_or_folder_is_scanned_when_it_is_named(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path, "a.py", "out/b.py")
    (tmp_path / ".gitignore").write_text("out\n")
    assert "out/b.py" in discover([str(tmp_path / "out")]).paths
    assert "out/b.py" in discover([str(tmp_path / "out/b.py")]).paths


def test_a_named_file_is_the_focus_and_its_work_tree_the_context(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path, "app.py", "compose.yaml")
    listing = discover([str(tmp_path / "app.py")])
    assert listing.paths == ("app.py", "compose.yaml")
    assert (listing.focused("app.py"), listing.focused("compose.yaml")) == (True, False)


def test_elsewhere_it_walks_but_not_into_other_peoples_code(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "b/c.py", "node_modules/x/d.py", ".venv/e.py")
    assert discover([str(tmp_path)]).paths == ("a.py", "b/c.py")


def test_a_walk_of_a_very_deep_tree_does_not_recurse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(1200):  # a path of 1,200 names is too long for one call, so one step at a time
        Path("d").mkdir()
        os.chdir("d")
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "a.py")
    assert "a.py" in discover([str(tmp_path)]).paths
    subprocess.run(["rm", "-rf", "d"], cwd=tmp_path, check=True)  # pytest's own clean-up recurses


def test_a_file_outside_a_work_tree_has_its_neighbours_as_context_but_not_the_folders_below(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "b.py", "sub/c.py")
    listing = discover([str(tmp_path / "a.py")])
    assert (listing.paths, listing.focus) == (("a.py", "b.py"), ("a.py",))


def test_excludes_hide_files_but_not_named_ones_unless_forced(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "vendor/b.py")
    assert discover([str(tmp_path)], ["vendor"]).paths == ("a.py",)
    named = [str(tmp_path), str(tmp_path / "vendor/b.py")]
    assert "vendor/b.py" in discover(named, ["vendor"]).paths
    assert "vendor/b.py" not in discover(named, ["vendor"], force_exclude=True).paths


def test_a_missing_path_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        discover([str(tmp_path / "nothing")])


def test_links_fifos_and_large_files_are_never_read(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(root, "a.py", "real/b.py")
    (tmp_path / "secret.py").write_text("secret")
    (root / "inside.py").symlink_to("a.py")
    (root / "outside.py").symlink_to("../secret.py")
    (root / "linked").symlink_to("real")
    os.mkfifo(root / "pipe.py")
    (root / "large.py").write_bytes(b"#" * 1_000_001)
    assert read(root, "a.py") == b"x = 1\n"
    assert read(root, "inside.py") is None
    for path, reason in [
        ("outside.py", "leaves the root"),
        ("linked/b.py", "link to a folder"),
        ("pipe.py", "not a regular file"),
        ("large.py", "larger than"),
    ]:
        with pytest.raises(UnreadableError, match=reason):
            read(root, path)


def test_a_hostile_git_configuration_runs_nothing(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path, "a.py")
    marker = tmp_path.parent / "ran"
    git(tmp_path, "config", "core.fsmonitor", f"touch {marker}; false")
    discover([str(tmp_path)])
    assert not marker.exists()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.py", True),
        ("Dockerfile.js", True),
        ("etc/hosts", True),
        ("logo.png", False),
        ("x.min.js", False),
        (".env", True),
    ],
)
def test_only_files_that_a_reader_may_know_are_opened(path: str, expected: bool) -> None:  # noqa: FBT001 - a table's column
    assert relevant(path) is expected
