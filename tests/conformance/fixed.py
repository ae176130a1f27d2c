"""Projects as bindlint's fixes leave them: compose still loads them, publishes on loopback, all else stays."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bindlint.config import Config, Options
from bindlint.mending import plan
from bindlint.workspace import Workspace
from conformance import theirs
from conformance.ours import KNOWLEDGE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.cases import Case
    from conformance.outcome import Outcome

LOOPBACK = ("127.0.0.1", "::1")


def mended(files: Mapping[str, str]) -> tuple[dict[str, str], int]:
    """The files after all fixes, and of how many findings."""
    workspace = Workspace(KNOWLEDGE, Config())
    for path, text in files.items():
        workspace.update(path, text.encode())
    made = plan(workspace, workspace.report(Options()), Options(), lambda _: True, unsafe=True)
    return {path: (workspace.data(path) or b"").decode() for path in files}, len(made.mended)


def compared(case: Case) -> tuple[int, list[str]]:
    """How many findings of a project end by fixes, and what compose says of them that was not promised."""
    files, count = mended(case.files)
    if not count:
        return 0, []
    before, after = (_resolved(one) for one in (case.files, files))
    return count, [] if before.refused else list(differences(before, after))


def differences(before: Outcome, after: Outcome) -> Iterator[str]:
    """What a fix changed beside the addresses that are published, in words."""
    if after.refused:
        yield f"refused after the fix: {after.refused}"
        return
    if before.services.keys() != after.services.keys():
        yield f"services: {sorted(before.services)} before, {sorted(after.services)} after"
        return
    for name, was in before.services.items():
        now = after.services[name]
        if replace(was, ports=()) != replace(now, ports=()):
            yield f"{name}: {was} before, {now} after"
        if {port[1:] for port in was.ports} != {port[1:] for port in now.ports}:
            yield f"{name}: ports: {was.ports} before, {now.ports} after"
        elif wide := [port for port in now.ports if port not in was.ports and port[0] not in LOOPBACK]:
            yield f"{name}: published elsewhere than on loopback: {wide}"


def _resolved(files: Mapping[str, str]) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        theirs.write(Path(folder), files)
        return theirs.resolved(Path(folder))
