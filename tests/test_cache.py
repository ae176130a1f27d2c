"""Kept readings and worker processes: the same report as without them, whatever becomes of the cache."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from projects import KNOWLEDGE
from toolbox import ROOT

from bindlint import cache, codec, discover, docs, pool, readers, workshop
from bindlint.config import Config, Options
from bindlint.facts import Guard, Reading
from bindlint.knowledge import Knowledge, rules_root
from bindlint.making import Made, Told
from bindlint.reporters import REPORTERS, Look
from bindlint.source import Files, Site, Source, Span
from bindlint.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bindlint.knowledge import Example

# A project in which nearly every reading depends on another file, and two on what all files together tell.
PROJECT = {
    "compose.yaml": "services:\n  web:\n    image: nginx\n    env_file: web.env\n"
    '    ports: ["${BIND:-127.0.0.1}:80:80"]'
    '\n  db:\n    extends: {file: base.yaml, service: db}\n    ports: ["5432:5432"]\n',
    "base.yaml": "services:\n  db:\n    image: postgres\n",
    "web.env": "A=1\n",
    ".env": "BIND=127.0.0.1\n",
    "dev.yaml": 'services:\n  admin:\n    image: nginx\n    ports: ["${BIND:-127.0.0.1}:8080:80"]\n',
    "prod.env": "BIND=0.0.0.0\n",
    "up.sh": "#!/bin/sh\ndocker compose -f dev.yaml --env-file prod.env up -d\n",
    "settings.py": 'HOST = "127.0.0.1"\n',
    "app.py": "import uvicorn\nfrom settings import HOST\n\nuvicorn.run('app:app', host=HOST, port=8000)\n",
    "server.py": "import uvicorn\n\n\ndef serve(host='127.0.0.1'):\n    uvicorn.run('app:app', host=host)\n",
    "start.py": "from server import serve\n\nserve('0.0.0.0')\n",
    "nginx/nginx.conf": "events {}\nhttp {\n  include conf.d/*.conf;\n}\n",
    "nginx/conf.d/a.conf": "server { listen 127.0.0.1:80; }\n",
    "README": "nothing\n",
    "broken/compose.yaml": "services: {a: [\n",
}
# What changes between two scans: each must show in the second, or be the same as without a cache.
CHANGES: dict[str, dict[str, str | None]] = {
    "nothing": {},
    "the file itself": {"app.py": PROJECT["app.py"].replace("HOST, port", "'0.0.0.0', port")},
    "an imported module": {"settings.py": 'HOST = "0.0.0.0"\n'},
    "an imported module goes": {"settings.py": None},
    "a variable file": {".env": "BIND=0.0.0.0\n"},
    "a variable file goes": {".env": None},
    "the base of a service": {"base.yaml": "services:\n  db:\n    image: nginx\n"},
    "a file that is merged comes": {"compose.override.yaml": 'services:\n  web:\n    ports: ["9090:90"]\n'},
    "a folder gets a file": {"nginx/conf.d/b.conf": "server { listen 0.0.0.0:81; }\n"},
    "a folder loses a file": {"nginx/conf.d/a.conf": None},
    "who calls": {"start.py": "from server import serve\n\nserve('127.0.0.1')\n"},
    "one more who calls": {"start.py": None, "main.py": "from server import serve\n\nserve('::')\n"},
    "how a project is started": {"up.sh": "#!/bin/sh\ndocker compose -f dev.yaml up -d\n"},
    "what a project is started with": {"prod.env": "BIND=127.0.0.1\n"},
    "a file that said nothing": {"README": "nothing more\n", "web.env": "POSTGRES_HOST_AUTH_METHOD=trust\n"},
}


def write(root: Path, files: dict[str, str] | dict[str, str | None], *, age: int = 100) -> None:
    """Write the files, as old as they must be for their status to count."""
    for path, text in files.items():
        if text is None:
            (root / path).unlink()
            continue
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
        status = (root / path).stat()
        os.utime(root / path, ns=(status.st_atime_ns, status.st_mtime_ns - age * 10**9))


@pytest.fixture(autouse=True)
def _status_counts_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of change (ctime) cannot be set: take away the margin instead of waiting for it."""
    monkeypatch.setattr(discover, "_MARGIN", -(10**12))


def report(root: Path, place: Path | None = None, jobs: int = 1, knowledge: Knowledge = KNOWLEDGE) -> str:
    """All that the auditor is told, byte for byte but for the time that it took."""
    work = Workspace(knowledge, Config(), cache=place, jobs=jobs)
    found = work.scan(discover.discover([str(root)]), Options(persona="auditor", today=date(2026, 1, 1)))
    return REPORTERS["json"](replace(found, seconds=0.0), docs.catalogue(knowledge, ()), Look())


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that are read, as they are."""
    done: list[str] = []
    read = readers.read

    def counted(path: str, data: bytes, knowledge: Knowledge, files: Files | None = None) -> Reading:
        done.append(path)
        return read(path, data, knowledge, files)

    monkeypatch.setattr(readers, "read", counted)
    return done


def test_what_has_not_changed_is_not_read_again(tmp_path: Path, work: list[str]) -> None:
    write(tmp_path / "p", PROJECT)
    cold = report(tmp_path / "p")
    assert '"wildcard"' in cold
    assert report(tmp_path / "p", tmp_path / "c") == cold
    del work[:]
    assert report(tmp_path / "p", tmp_path / "c") == cold
    assert work == []
    write(tmp_path / "p", {"README": "more\n", "settings.py": 'HOST = "0.0.0.0"\n'})
    report(tmp_path / "p", tmp_path / "c")
    assert set(work) == {"README", "settings.py", "app.py"}


def test_a_file_that_states_nothing_is_not_even_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "p", {"a.txt": "nothing\n", "b.py": "x = 1\n"})
    report(tmp_path / "p", tmp_path / "c")
    monkeypatch.setattr(discover, "read", lambda *_: pytest.fail("opened"))
    report(tmp_path / "p", tmp_path / "c")


def test_a_file_changed_a_moment_ago_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work: list[str]
) -> None:
    monkeypatch.setattr(discover, "_MARGIN", 10**12)
    write(tmp_path / "p", {"a.txt": "nothing\n"})
    report(tmp_path / "p", tmp_path / "c")
    report(tmp_path / "p", tmp_path / "c")
    assert work == ["a.txt", "a.txt"]


@pytest.mark.parametrize("change", CHANGES)
def test_a_kept_reading_holds_only_while_all_that_it_asked_for_does(tmp_path: Path, change: str) -> None:
    root, place = tmp_path / "p", tmp_path / "c"
    write(root, PROJECT)
    report(root, place)
    write(root, CHANGES[change])
    cold = report(root)
    assert report(root, place) == cold
    assert report(root, place) == cold
    write(root, {path: None for path in CHANGES[change] if path not in PROJECT})
    write(root, {path: PROJECT[path] for path in CHANGES[change] if path in PROJECT})
    assert report(root, place) == report(root)


def test_a_change_that_leaves_size_and_time_is_seen(tmp_path: Path) -> None:
    root, place = tmp_path / "p", tmp_path / "c"
    write(root, {"app.py": "import uvicorn\nuvicorn.run('a:b', host='127.0.0.1')\n"})
    report(root, place)
    before = (root / "app.py").stat()
    (root / "app.py").write_text("import uvicorn\nuvicorn.run('a:b', host='0.0.0.0'  )\n")
    os.utime(root / "app.py", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (root / "app.py").stat().st_size == before.st_size
    assert report(root, place) == report(root)
    assert '"wildcard"' in report(root, place)


def test_a_folder_that_became_a_link_is_not_entered(tmp_path: Path) -> None:
    root, place = tmp_path / "p", tmp_path / "c"
    subprocess.run(["git", "init", "-q", root], check=True)
    write(root, {"a/app.py": PROJECT["app.py"], "a/README": "nothing\n"})
    subprocess.run(["git", "-C", root, "add", "."], check=True)
    report(root, place)
    (root / "a").rename(root / "b")
    (root / "a").symlink_to("b")
    assert report(root, place) == report(root)


def test_a_copy_of_the_project_elsewhere_has_the_same_readings(tmp_path: Path, work: list[str]) -> None:
    write(tmp_path / "p", PROJECT)
    write(tmp_path / "q", PROJECT)
    report(tmp_path / "p", tmp_path / "c")
    del work[:]
    assert report(tmp_path / "q", tmp_path / "c") == report(tmp_path / "p", tmp_path / "c").replace("/p", "/q")
    stating = {path for path in work if readers.states(path, PROJECT[path].encode(), KNOWLEDGE)}
    assert stating == set()


def test_other_tables_make_other_readings(tmp_path: Path) -> None:
    root, place = tmp_path / "p", tmp_path / "c"
    write(root, {"app.py": "import uvicorn\nuvicorn.run('a:b')\n"})
    assert '"wildcard"' not in report(root, place)
    rules = tmp_path / "rules"
    shutil.copytree(str(rules_root()), rules)
    table = rules / "python/uvicorn.toml"
    text = table.read_text()
    assert 'default = "127.0.0.1"' in text
    table.write_text(text.replace('default = "127.0.0.1"', 'default = "0.0.0.0"'))
    changed = Knowledge(rules)
    assert report(root, place, knowledge=changed) == report(root, knowledge=changed)
    assert report(root, place) == report(root)


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _garbage(file: Path) -> None:
    file.write_bytes(b"garbage " * 1000)


def _torn(file: Path) -> None:
    data = file.read_bytes()
    file.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))


def _another_base(file: Path) -> None:
    file.unlink()
    base = sqlite3.connect(file)
    base.execute("create table readings (x)")
    base.commit()
    base.close()


def _a_link(file: Path) -> None:
    other = file.with_name("other")
    file.rename(other)
    file.symlink_to(other)


def _other_types(file: Path) -> None:
    base = sqlite3.connect(file)
    base.execute("update readings set entry = x'ff'")
    base.execute("update files set stamp = 7")
    base.commit()
    base.close()


def _other_values(file: Path) -> None:
    base = sqlite3.connect(file)
    base.execute(
        """update readings set entry = '[[["app.py",[["Listener",[1]]],[],[],true,[],[]],[[],[],[],[],[],[]]],3]'"""
    )
    base.execute("update projects set speakers = '[1,2]'")
    base.commit()
    base.close()


@pytest.mark.parametrize("harm", [_empty, _garbage, _torn, _another_base, _a_link, _other_types, _other_values])
def test_a_broken_or_foreign_file_is_replaced(tmp_path: Path, harm: Callable[[Path], None], work: list[str]) -> None:
    root, place = tmp_path / "p", tmp_path / "c"
    write(root, PROJECT)
    cold = report(root)
    report(root, place)
    harm(place / "readings.sqlite")
    assert report(root, place) == cold
    assert report(root, place) == cold
    del work[:]
    assert report(root, place) == cold
    assert work == []
    assert not (place / "readings.sqlite").is_symlink()


def test_what_nothing_can_be_kept_in_is_done_without(tmp_path: Path) -> None:
    root = tmp_path / "p"
    write(root, PROJECT)
    (tmp_path / "file").write_text("")
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "folder/readings.sqlite").mkdir(parents=True, mode=0o700)
    places = [Path("/proc/bindlint"), tmp_path / "file", tmp_path / "open", tmp_path / "folder", root / "cache"]
    assert [report(root, place) == report(root) for place in places] == [True] * 5
    assert not (tmp_path / "open/readings.sqlite").exists(), "others may write there"
    assert not (root / "cache").exists(), "a pull request could bring one along"


def test_a_file_that_cannot_be_written_is_still_read(tmp_path: Path, work: list[str]) -> None:
    root, place = tmp_path / "p", tmp_path / "c"
    write(root, PROJECT)
    report(root, place)
    if os.geteuid() == 0:  # whom modes do not stop
        base = sqlite3.connect(place / "readings.sqlite")
        base.execute("create trigger no before insert on files begin select raise(abort, 'disk i/o error'); end")
        base.close()
    else:
        (place / "readings.sqlite").chmod(0o400)
        place.chmod(0o500)
    write(root, {"new.py": "x = 1\n"})
    del work[:]
    assert [report(root, place) == report(root), work.count("app.py")] == [True, 1]


def test_a_full_disk_costs_only_the_cache(tmp_path: Path) -> None:
    root, place = tmp_path / "p", tmp_path / "c"
    write(root, PROJECT)
    cold = report(root)

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    words = [sys.executable, "-m", "bindlint", "scan", "--persona", "auditor", "--format", "json", "--exit-zero", root]
    compiled = {"PYTHONDONTWRITEBYTECODE": "1"}  # half a compiled module would meet the next test
    environment = {**os.environ, **compiled, "BINDLINT_CACHE_DIR": str(place)}
    done = subprocess.run(words, env=environment, preexec_fn=small, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["findings"] == json.loads(cold)["findings"]
    assert report(root, place) == cold


def test_runs_at_the_same_time_do_not_disturb_one_another(tmp_path: Path) -> None:
    root, place = tmp_path / "p", tmp_path / "c"
    write(root, PROJECT)
    cold = json.loads(report(root))["findings"]
    words = [sys.executable, "-m", "bindlint", "scan", "--persona", "auditor", "--format", "json", "--exit-zero", root]
    environment = {**os.environ, "BINDLINT_CACHE_DIR": str(place)}
    runs = [subprocess.Popen(words, env=environment, stdout=subprocess.PIPE) for _ in range(3)]
    assert [json.loads(run.communicate()[0])["findings"] == cold for run in runs] == [True] * 3


def test_a_file_that_another_run_has_locked_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_PATIENCE", 0.01)
    root, place = tmp_path / "p", tmp_path / "c"
    write(root, PROJECT)
    report(root, place)
    other = sqlite3.connect(place / "readings.sqlite")
    other.execute("begin exclusive")
    assert report(root, place) == report(root)
    other.close()
    assert (place / "readings.sqlite").exists()


def test_nobody_else_may_read_what_is_kept(tmp_path: Path) -> None:
    write(tmp_path / "p", PROJECT)
    report(tmp_path / "p", tmp_path / "c/d")
    assert (tmp_path / "c/d").stat().st_mode & 0o777 == 0o700
    assert [(path.name, path.stat().st_mode & 0o777) for path in (tmp_path / "c/d").iterdir()] == [
        ("readings.sqlite", 0o600)
    ]


def test_what_was_used_least_recently_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "c"
    write(tmp_path / "q", {f"{i}.py": PROJECT["app.py"] + f"# {i}\n" for i in range(40)})
    write(tmp_path / "p", PROJECT)
    report(tmp_path / "q", place)
    base = sqlite3.connect(place / "readings.sqlite")
    base.execute("update projects set used = 1")
    base.execute("update readings set used = 1")
    base.commit()
    size = (place / "readings.sqlite").stat().st_size
    monkeypatch.setattr(cache, "MAX_BYTES", size)
    report(tmp_path / "p", place)
    assert (place / "readings.sqlite").stat().st_size <= size
    assert base.execute("select count(*) from projects").fetchone() == (1,)
    assert base.execute("select count(*) from readings where used > 1").fetchone() > (5,)
    base.close()
    assert report(tmp_path / "q", place) == report(tmp_path / "q")


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"HOME": "/h"}, "/h/.cache/bindlint"),
        ({"HOME": "/h", "XDG_CACHE_HOME": "/x"}, "/x/bindlint"),
        ({"HOME": "/h", "XDG_CACHE_HOME": "x"}, "/h/.cache/bindlint"),
        ({"HOME": "/h", "BINDLINT_CACHE_DIR": "/b", "CI": "true"}, "/b"),
        ({"HOME": "/h", "CI": "true"}, None),
        ({}, None),
    ],
)
def test_where_the_cache_is(environment: dict[str, str], expected: str | None) -> None:
    assert cache.folder(environment) == (Path(expected) if expected else None)


def test_without_cache_nothing_is_written(tmp_path: Path) -> None:
    write(tmp_path / "p", PROJECT)
    environment = {**os.environ, "BINDLINT_CACHE_DIR": str(tmp_path / "c")}
    for options, kept in ((["--no-cache"], False), ([], True)):
        words = [sys.executable, "-m", "bindlint", "scan", "-q", "--exit-zero", *options, tmp_path / "p"]
        subprocess.run(words, env=environment, stdout=subprocess.DEVNULL, check=True)
        assert (tmp_path / "c").exists() == kept


# Processes


@pytest.fixture
def _processes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workshop, "PATIENCE", 0.0)


@pytest.mark.usefixtures("_processes_at_once")
def test_processes_make_the_same_report(tmp_path: Path, work: list[str]) -> None:
    root, place = tmp_path / "p", tmp_path / "c"
    write(root, PROJECT)
    cold = report(root)
    del work[:]
    assert [report(root, jobs=jobs) == cold for jobs in (2, 3)] == [True, True]
    assert work.count("app.py") == 0, "another process reads it"
    assert report(root, place, jobs=2) == cold
    assert report(root, place) == cold


@pytest.mark.usefixtures("_processes_at_once")
def test_a_process_that_dies_costs_its_file_and_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dying = (
        "import os, bindlint.readers as r; read = r.read\n"
        "r.read = lambda path, *rest: os.kill(os.getpid(), 9) if path.startswith('bad') else read(path, *rest)\n"
    )
    monkeypatch.setattr(pool, "_BEGIN", pool._BEGIN.replace("serve()\n", f"{dying}serve()\n"))  # noqa: SLF001
    files = {
        f"{name}{i}.py": PROJECT["app.py"].replace("HOST,", "'0.0.0.0',") for i in range(3) for name in ("bad", "good")
    }
    write(tmp_path / "p", files)
    for _ in range(2):  # what was not read is no kept reading
        told = json.loads(report(tmp_path / "p", tmp_path / "c", jobs=2))
        assert {one["location"]["path"] for one in told["findings"]} == {"good0.py", "good1.py", "good2.py"}
        notices = [(one["path"], one["reason"]) for one in told["problems"]]
        reason = "bindlint failed on this file (its process ended with signal 9)"
        assert notices == [(f"bad{i}.py", reason) for i in range(3)]


@pytest.mark.usefixtures("_processes_at_once")
@pytest.mark.parametrize("begin", ["raise SystemExit(1)", "print('no frame')"])
def test_where_no_process_starts_all_is_read_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begin: str) -> None:
    write(tmp_path / "p", PROJECT)
    cold = report(tmp_path / "p")
    monkeypatch.setattr(pool, "_BEGIN", begin)
    assert report(tmp_path / "p", jobs=2) == cold


@pytest.mark.usefixtures("_processes_at_once")
def test_a_process_imports_nothing_from_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, PROJECT)
    for name in ("json", "bindlint", "signal", "gc"):
        write(tmp_path, {f"{name}.py": "open('imported', 'w').close()\n"})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    report(tmp_path, jobs=2)
    assert not (tmp_path / "imported").exists()


def test_an_interrupt_ends_all_processes(tmp_path: Path) -> None:
    write(tmp_path / "p", {f"{i}.py": PROJECT["app.py"] for i in range(20)})
    slow = "import time, bindlint.readers as r; r.read = lambda *_: time.sleep(600)\n"
    program = (
        "import sys; from bindlint import pool, workshop, __main__\n"
        f"pool._BEGIN = pool._BEGIN.replace('serve()\\n', {slow!r} + 'serve()\\n')\n"
        "workshop.PATIENCE = 0.0\n"
        "started = pool.Pool._give\n"
        "def give(self, worker, task):\n    started(self, worker, task)\n    print(worker.process.pid, flush=True)\n"
        "pool.Pool._give = give\n"
        f"sys.argv[1:] = ['scan', '-j2', {str(tmp_path / 'p')!r}]\nsys.exit(__main__.main())\n"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert run.stdout is not None
    workers = [int(run.stdout.readline()) for _ in range(2)]
    os.killpg(run.pid, signal.SIGINT)
    _, err = run.communicate()
    assert (run.returncode, err) == (130, b"bindlint: interrupted\n")
    assert [Path(f"/proc/{pid}").exists() for pid in workers] == [False, False]


# Facts as JSON


def _read(example: Example) -> Iterator[Reading]:
    files = {path: Source(path, text) for path, text in example.files.items()}
    for path, source in files.items():
        data = source.text.encode("utf-8", "surrogateescape")
        yield readers.read(path, data, KNOWLEDGE, Files(files.keys(), files.get))


def test_every_fact_of_every_example_comes_back_from_json() -> None:
    kinds = set()
    for example in KNOWLEDGE.examples:
        for reading in _read(example):
            kinds |= {type(fact).__name__ for fact in reading.facts}
            again = codec.decode(Reading, json.loads(json.dumps(codec.encode(reading))))
            assert again == reading
    assert kinds >= {"Listener", "Publication", "Connection", "Container", "Launch", "Binding", "Guard", "HostsEntry"}


GUARD = ["Guard", [["a", [1, 2]], "redis", "protected-mode", True, ""]]
GOOD = ["a\udcff", [GUARD], [], [], True, ["b", "c"], [["f", "m"]]]


def test_only_facts_are_made_of_json() -> None:
    reading = codec.decode(Reading, GOOD)
    assert reading.facts == (Guard(Site("a", Span(1, 2)), "redis", "protected-mode", on=True),)
    assert codec.encode(reading) == GOOD
    for bad in (
        None,
        {},
        [],
        GOOD[:-1],
        [*GOOD, 1],
        [1, *GOOD[1:]],
        ["a", [["Path", ["/etc/passwd"]]], *GOOD[2:]],
        ["a", [["Guard", [["a", [1, True]], *GUARD[1][1:]]]], *GOOD[2:]],  # a number that is none
        ["a", [["Guard", [["a", [1, 2]], "redis", "protected-mode", 1, ""]]], *GOOD[2:]],
        ["a", "Guard", *GOOD[2:]],
        [*GOOD[:6], [["f"]]],
        [*GOOD[:6], [[["f"], "m"]]],
    ):
        with pytest.raises(ValueError, match="expected"):
            codec.decode(Reading, bad)


def test_what_a_reading_was_told_comes_back_with_it() -> None:
    told = Told(frozenset({"n"}), frozenset({"y"}), frozenset({("o", "1")}), frozenset({("f", "2")}), frozenset())
    reading = Reading("a", asked=frozenset({"n", "y", "o", "f/"}))
    assert codec.decode(Made, codec.encode(Made(reading, told).lean())).whole() == Made(reading, told)
