"""Processes that make readings. One that dies costs the file that it was reading, and that is said.

Each is a Python of its own that has the file to read, and what only all files together tell, through a pipe as JSON; it
opens other files itself, below the same root and by the same rules. It is started in isolated mode with the code and
the module path of this process, from which the working directory is gone: nothing there is imported (`__main__`). No
fork, since reading starts threads (`readers.python.parse`).
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import struct
import subprocess
import sys
from collections import deque
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import bindlint
from bindlint import codec
from bindlint.errors import KnowledgeError
from bindlint.making import Elsewhere, Made, failed, make
from bindlint.project import Project
from bindlint.source import Composed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.knowledge import Knowledge

_WAITING = 4  # files for each process that are held ready
_STARTS = 2  # of each process that may fail
_BEGIN = """\
import sys, json, importlib.util as u
home, *sys.path[:] = json.loads(sys.argv[1])
spec = u.spec_from_file_location("bindlint", home)
sys.modules["bindlint"] = module = u.module_from_spec(spec)
spec.loader.exec_module(module)
from bindlint.pool import serve
serve()
"""
_HEAD = struct.Struct("!II")  # the lengths of the JSON and of the bytes of a message


class _Task(NamedTuple):
    path: str
    data: bytes


class _Worker:
    """One process, and the file that it reads."""

    def __init__(self, greeting: bytes) -> None:
        words = [sys.executable, "-IB", "-c", _BEGIN, json.dumps([bindlint.__file__, *filter(None, sys.path)])]
        error = None if os.environ.get("BINDLINT_DEBUG") else subprocess.DEVNULL
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=error)  # noqa: S603 - ourselves
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.to, self.back = self.process.stdin, self.process.stdout
        self.ready = False
        self.task: _Task | None = None
        self.told: Elsewhere | None = None
        with contextlib.suppress(OSError):  # it is dead, as its other pipe will say
            _write(self.to, greeting)

    def end(self) -> str:
        """End it; how it ended by itself."""
        with contextlib.suppress(subprocess.TimeoutExpired):  # its pipe is closed: it is about to end
            self.process.wait(1)
        self.process.kill()
        code = self.process.wait()
        for pipe in (self.to, self.back):
            with contextlib.suppress(OSError):
                pipe.close()
        return f"its process ended with signal {-code}" if code < 0 else f"its process ended with exit code {code}"


class Pool:
    """Some processes, and the files that wait for one."""

    def __init__(self, jobs: int, knowledge: Knowledge, project: Project) -> None:
        """Start them; nothing waits for them to be ready."""
        setup = {"rules": str(knowledge.root), "root": str(project.root), "paths": sorted(project.paths)}
        self._greeting = _message(setup)
        self._limit = jobs
        self._starts = jobs * _STARTS
        self._waiting: deque[_Task] = deque()
        self._elsewhere = Elsewhere()
        self._selector = selectors.DefaultSelector()
        self._workers: list[_Worker] = []
        self._grow()

    def _grow(self) -> None:
        while len(self._workers) < self._limit and self._starts > 0:
            self._starts -= 1  # one that gets ready gives it back
            try:
                worker = _Worker(self._greeting)
            except OSError:
                continue
            self._workers.append(worker)
            self._selector.register(worker.back, selectors.EVENT_READ, worker)

    def put(self, path: str, data: bytes, elsewhere: Elsewhere) -> Iterator[tuple[str, Made]]:
        """Give a file to read; what has been read meanwhile. Waits while there is enough to do."""
        self._elsewhere = elsewhere
        self._waiting.append(_Task(path, data))
        yield from self._turn(0)
        while self._workers and len(self._waiting) > self._limit * _WAITING:
            yield from self._turn(None)

    def rest(self) -> Iterator[tuple[str, Made]]:
        """Wait for all that was given, as far as there is a process for it."""
        while self._workers and (self._waiting or any(worker.task for worker in self._workers)):
            yield from self._turn(None)

    def left(self) -> Iterator[_Task]:
        """The files that no process was there for."""
        while self._waiting:
            yield self._waiting.popleft()

    def _turn(self, timeout: float | None) -> Iterator[tuple[str, Made]]:
        """Take what is finished, and give out what waits."""
        for key, _ in self._selector.select(timeout) if self._workers else ():
            worker: _Worker = key.data
            try:
                answer, _ = _read(worker.back)
                if worker.task is not None:
                    yield worker.task.path, _result(answer)
                worker.task = None
                self._starts += not worker.ready
                worker.ready = True
            except (EOFError, OSError, ValueError):
                yield from self._lost(worker)
        for worker in [worker for worker in self._workers if worker.ready and worker.task is None]:
            if self._waiting:
                self._give(worker, self._waiting.popleft())

    def _give(self, worker: _Worker, task: _Task) -> None:
        worker.task = task
        head: dict[str, Any] = {"path": task.path}
        if worker.told is not self._elsewhere:
            worker.told = self._elsewhere
            head["mentions"] = [[*pair, *paths] for pair, paths in self._elsewhere.mentions.items()]
            head["composed"] = [
                [first, [codec.encode(way) for way in ways]] for first, ways in self._elsewhere.composed.items()
            ]
        with contextlib.suppress(OSError):  # it is dead, as its other pipe will say
            _write(worker.to, _message(head, task.data))

    def _lost(self, worker: _Worker) -> Iterator[tuple[str, Made]]:
        """A process that has ended: its file is not read, another process takes its place."""
        self._selector.unregister(worker.back)
        self._workers.remove(worker)
        how = worker.end()
        if worker.task is not None:
            yield worker.task.path, Made(failed(worker.task.path, how))
        self._grow()

    def close(self) -> None:
        """End all processes."""
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.end()
        self._workers.clear()
        self._selector.close()


def _result(answer: dict[str, Any]) -> Made:
    """What a process sent, which is what it made or why it cannot go on."""
    if "knowledge" in answer:
        raise KnowledgeError(answer["knowledge"])
    return codec.decode(Made, answer["made"]).whole()


def serve() -> None:
    """Be such a process: read what comes in until nothing more does."""
    import gc  # noqa: PLC0415 - here only
    import signal  # noqa: PLC0415

    from bindlint.knowledge import Knowledge  # noqa: PLC0415

    gc.set_threshold(100_000, 5, 3)  # as `cli.main`
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that started this one ends it
    inward, outward = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing that is printed gets between the answers
    with contextlib.suppress(EOFError, OSError):
        setup, _ = _read(inward)
        knowledge, project = Knowledge(Path(setup["rules"])), Project(Path(setup["root"]), setup["paths"])
        elsewhere = Elsewhere()
        _write(outward, _message({}))
        while True:
            head, data = _read(inward)
            if "mentions" in head:
                mentions = {(name, module): tuple(paths) for name, module, *paths in head["mentions"]}
                ways = {first: tuple(codec.decode(Composed, way) for way in some) for first, some in head["composed"]}
                elsewhere = Elsewhere(mentions, ways)
            try:
                made = make(head["path"], data, knowledge, project, elsewhere)
                _write(outward, _message({"made": codec.encode(made.lean())}))
            except KnowledgeError as error:
                _write(outward, _message({"knowledge": str(error)}))


def _message(head: dict[str, Any], data: bytes = b"") -> bytes:
    text = json.dumps(head).encode()
    return _HEAD.pack(len(text), len(data)) + text + data


def _write(pipe: IO[bytes], message: bytes) -> None:
    pipe.write(message)
    pipe.flush()


def _read(pipe: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    """The next message; `EOFError` where there is none."""
    text, data = _HEAD.unpack(_exactly(pipe, _HEAD.size))
    head = json.loads(_exactly(pipe, text))
    return head, _exactly(pipe, data)


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    data = pipe.read(size)
    if len(data) < size:
        raise EOFError
    return data
