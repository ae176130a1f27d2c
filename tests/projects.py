"""Small projects of several files, for the tests of what is told of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bindlint.config import Config, Options
from bindlint.knowledge import Knowledge, rules_root
from bindlint.workspace import Workspace

if TYPE_CHECKING:
    from bindlint.findings import Finding

KNOWLEDGE = Knowledge(rules_root())


def findings(files: dict[str, str]) -> tuple[Finding, ...]:
    """What the regular persona is told."""
    workspace = Workspace(KNOWLEDGE, Config())
    for path, text in files.items():
        workspace.update(path, text.encode())
    return workspace.report(Options()).findings


def messages(files: dict[str, str]) -> list[str]:
    """What it is told, in words."""
    return [found.message for found in findings(files)]


def told(files: dict[str, str]) -> list[tuple[str, str, str]]:
    """What it is told: path, rule, and the text it stands at."""
    found = findings(files)
    return [(f.site.path, f.rule, files[f.site.path][f.site.span.start : f.site.span.end]) for f in found]
