"""One line a finding, `path:line:column: severity[rule] message`, for editors, grep and diffs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bindlint.reporters.frames import position
from bindlint.reporters.terminal import for_runner, paint, severity_role, show

if TYPE_CHECKING:
    from bindlint.findings import Report
    from bindlint.reporters.catalogue import Catalogue, Look


def render(report: Report, _catalogue: Catalogue, look: Look) -> str:
    """A line for each finding, then one for each file, or part of one, that was not understood."""
    lines = []
    for finding in report.findings:
        line, column = position(finding.site, report.sources)
        word = paint(f"{finding.severity.word}[{finding.rule}]", severity_role(finding.severity), colour=look.colour)
        lines.append(f"{show(finding.site.path)}:{line}:{column}: {word} {show(finding.message)}")
    if not look.quiet:
        lines += [
            f"{show(problem.path)}:{problem.line or 1}:1: notice[not-understood] {show(problem.reason)}"
            for problem in report.problems
        ]
    text = "".join(f"{line}\n" for line in lines)
    return for_runner(text) if look.runner else text
