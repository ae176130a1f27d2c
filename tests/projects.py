"""Small projects of several files, for the tests of what is told of them."""

from __future__ import annotations

from bindlint.config import Config, Options
from bindlint.knowledge import Knowledge, rules_root
from bindlint.workspace import Workspace

KNOWLEDGE = Knowledge(rules_root())


def told(files: dict[str, str]) -> list[tuple[str, str, str]]:
    """What the regular persona is told: path, rule, and the text it stands at."""
    workspace = Workspace(KNOWLEDGE, Config())
    for path, text in files.items():
        workspace.update(path, text.encode())
    found = workspace.report(Options()).findings
    return [(f.site.path, f.rule, files[f.site.path][f.site.span.start : f.site.span.end]) for f in found]
