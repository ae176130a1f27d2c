"""The versioned JSON report: docs/json.md says what each key means, docs/schema/report-v1.json checks it.

It holds nothing that differs from run to run (no clock, no absolute path), so that two reports can be compared.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bindlint.findings import Severity
from bindlint.reporters.terminal import show
from bindlint.reporters.uris import plain, uri

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bindlint.facts import Ignore
    from bindlint.findings import Finding, Fix, Report
    from bindlint.reporters.catalogue import Catalogue, Look
    from bindlint.source import Site, Source

VERSION = 1
_MAX_TEXT = 2000  # characters of source text at one place


def render(report: Report, catalogue: Catalogue, _look: Look) -> str:
    """The report as JSON in ASCII, one value a line, ending with a line break."""
    return json.dumps(document(report, catalogue), indent=2) + "\n"


def document(report: Report, catalogue: Catalogue) -> dict[str, Any]:
    """The report as plain values."""
    sources = report.sources
    return {
        "version": VERSION,
        "tool": {"name": "bindlint", "version": catalogue.version},
        "summary": {
            "findings": len(report.findings),
            "by_severity": {s.word: sum(f.severity is s for f in report.findings) for s in reversed(Severity)},
            "ignored": len(report.suppressed),
            "hidden": report.hidden,
            "persona": report.persona,
            "files": report.files,
            "relevant": report.relevant,
            "not_understood": len({problem.path for problem in report.problems}),
        },
        "findings": [_finding(finding, sources) for finding in report.findings],
        "ignored": [
            {**_finding(finding, sources), "ignore": _ignore(ignore, report)} for finding, ignore in report.suppressed
        ],
        "problems": [
            {
                "path": show(problem.path),
                "uri": uri(problem.path),
                "line": problem.line,
                "reason": show(problem.reason),
                "partial": problem.partial,
            }
            for problem in report.problems
        ],
    }


def _finding(finding: Finding, sources: Mapping[str, Source]) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity.word,
        "confidence": finding.confidence.word,
        "message": show(finding.message),
        "note": show(finding.note),
        "location": _location(finding.site, sources),
        "story": [{"location": _location(step.site, sources), "note": show(step.note)} for step in finding.story],
        "route": show(finding.route),
        "fix": finding.fix and _fix(finding.fix, sources),
        "alternatives": [_fix(fix, sources) for fix in finding.alternatives],
        "also": list(finding.also),
        "silenced": show(finding.silenced),
        "fingerprint": finding.fingerprint,
    }


def _fix(fix: Fix, sources: Mapping[str, Source]) -> dict[str, Any]:
    return {
        "title": show(fix.title),
        "safe": fix.safe,
        "cuts": show(fix.cuts),
        "edits": [{"location": _location(e.site, sources), "text": plain(e.text)} for e in fix.edits],
    }


def _ignore(ignore: Ignore, report: Report) -> dict[str, Any]:
    return {
        "rules": list(ignore.rules),
        "reason": show(ignore.reason),
        "until": ignore.until,
        "days_left": report.days_to_expiry.get(ignore.site),
        "location": _location(ignore.site, report.sources),
    }


def _location(site: Site, sources: Mapping[str, Source]) -> dict[str, Any]:
    place: dict[str, Any] = {"path": show(site.path), "uri": uri(site.path)}
    source = sources.get(site.path)
    if source is None:
        return place
    for key, offset in (("start", site.span.start), ("end", site.span.end)):
        line, column = source.line_column(offset)
        place[key] = {"line": line, "column": column, "offset": offset}
    place["text"] = plain(source.slice(site.span)[:_MAX_TEXT])
    return place
