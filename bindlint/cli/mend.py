"""`--fix` and `--diff` of `bindlint scan`: make the edits that hold, or show them."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from bindlint import rewrite
from bindlint.cli import log
from bindlint.diffs import unified
from bindlint.facts import Problem
from bindlint.mending import plan

if TYPE_CHECKING:
    from argparse import Namespace

    from bindlint.config import Options
    from bindlint.discover import Listing
    from bindlint.findings import Report
    from bindlint.mending import Plan
    from bindlint.workspace import Workspace


def run(workspace: Workspace, listing: Listing, report: Report, options: Options, asked: Namespace) -> Report:
    """Show or make the edits; the report of what is left, which for `--diff` is all of it."""
    unsafe = "all" in (asked.fix, asked.diff)
    found = plan(workspace, report, options, listing.focused, unsafe=unsafe)
    if asked.diff:
        _show(found)
        _tell(report, found, "would be fixed" if found.mended else "", unsafe=unsafe)
        return report
    problems = _write(listing, found, workspace)
    left = workspace.report(options, listing.focused)
    failed = {problem.path for problem in problems}
    done = [f for f in found.mended if f.fix and not failed & {edit.site.path for edit in f.fix.edits}]
    _tell(report, replace(found, mended=tuple(done)), "fixed", unsafe=unsafe)
    return replace(
        left,
        problems=tuple(sorted((*report.problems, *problems), key=lambda p: (p.path, p.line))),
        files=report.files,
        seconds=report.seconds,
        root=report.root,
    )


def _show(found: Plan) -> None:
    """The diff, as bytes: it is for `git apply`, and the files may be in any encoding."""
    if sys.stdout is None:
        return
    sys.stdout.flush()
    for change in found.changes:
        sys.stdout.buffer.write(unified(change.path, change.before, change.pieces))
    sys.stdout.buffer.flush()


def _write(listing: Listing, found: Plan, workspace: Workspace) -> list[Problem]:
    """Write each file; one that cannot be written is a problem, and is again what it was."""
    problems = []
    for change in found.changes:
        try:
            rewrite.replace(listing.root, change.path, change.before, change.after)
        except rewrite.UnwrittenError as error:  # noqa: PERF203 - one file's fault is not the others'
            problems.append(Problem(change.path, str(error), internal=True))
            workspace.update(change.path, change.before)
    return problems


def _tell(report: Report, found: Plan, done: str, *, unsafe: bool) -> None:
    for finding, reason in found.refused:
        source = report.sources.get(finding.site.path)
        line = source.line(finding.site.span.start) if source else 0
        log(f"{finding.site.path}:{line}: {finding.rule} not fixed: {reason}")
    count, files = len(found.mended), len(found.changes)
    if count:
        log(f"{_many(count, 'finding')} {done} in {_many(files, 'file')}")
    else:
        log("nothing to fix")
    if more := sum(1 for f in report.findings if f.fix is not None and not f.fix.safe) if not unsafe else 0:
        log(f"{_many(more, 'finding')} with a fix that may cut off a client: --fix=all, or --diff=all to see it")


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
