"""Workflow commands that become annotations (actions/toolkit packages/core/src/command.ts says how to escape them)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bindlint.findings import Severity
from bindlint.reporters.frames import position
from bindlint.reporters.terminal import show

if TYPE_CHECKING:
    from bindlint.findings import Finding, Report
    from bindlint.reporters.catalogue import Catalogue, Look

_COMMANDS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "notice"}


def render(report: Report, _catalogue: Catalogue, look: Look) -> str:
    """A command for each finding, the worst first because GitHub shows ten of a kind, then for what was not read."""
    lines = [_finding(finding, report) for finding in sorted(report.findings, key=lambda f: -f.severity)]
    if not look.quiet:
        for problem in report.problems:
            place = {"file": show(problem.path), "line": str(problem.line or 1), "title": "bindlint: not understood"}
            lines.append(_command("notice", place, show(problem.reason)))
    return "".join(f"{line}\n" for line in lines)


def _finding(finding: Finding, report: Report) -> str:
    line, column = position(finding.site, report.sources)
    place = {"file": show(finding.site.path), "line": str(line), "col": str(column)}
    source = report.sources.get(finding.site.path)
    if source is not None:
        end_line, end_column = source.line_column(finding.site.span.end)
        place["endLine"] = str(end_line)
        if end_line == line and end_column > column:
            place["endColumn"] = str(end_column)
    place["title"] = f"bindlint: {finding.rule}"
    parts = [finding.message, finding.note, finding.route and f"path: {finding.route}"]
    if finding.fix:
        parts.append(f"fix: {finding.fix.title}")
    return _command(_COMMANDS[finding.severity], place, "\n".join(show(part) for part in parts if part))


def _command(name: str, properties: dict[str, str], data: str) -> str:
    words = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {words}::{_data(data)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A").replace("##[", "##%5B")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
