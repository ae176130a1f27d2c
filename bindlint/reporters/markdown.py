"""A job summary in Markdown.

Whatever came from the tree stands in code spans, where nothing is a link, a tag or a mention.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bindlint.reporters.catalogue import Look
from bindlint.reporters.frames import position
from bindlint.reporters.terminal import for_runner, show
from bindlint.reporters.text import summary

if TYPE_CHECKING:
    from bindlint.findings import Report
    from bindlint.reporters.catalogue import Catalogue

MAX_ROWS = 500  # GitHub takes 1 MiB a step
_MAX_TEXT = 300


def render(report: Report, _catalogue: Catalogue, _look: Look) -> str:
    """A heading, the findings as a table, the worst first, and what was not understood."""
    first, second, *_ = summary(report, Look())
    lines = ["## bindlint", "", _code(first), "", _code(second.partition(" · ")[0]), ""]
    if report.findings:
        lines += ["| severity | rule | place | message |", "|---|---|---|---|"]
    for finding in sorted(report.findings, key=lambda f: -f.severity)[:MAX_ROWS]:
        line, _ = position(finding.site, report.sources)
        place = _code(f"{finding.site.path}:{line}")
        lines.append(f"| {finding.severity.word} | `{finding.rule}` | {place} | {_code(finding.message)} |")
    if len(report.findings) > MAX_ROWS:
        lines.append(f"| | | | {len(report.findings) - MAX_ROWS} more are left out here |")
    if report.suppressed:
        lines += ["", "### Ignored", "", "| rule | place | reason | until |", "|---|---|---|---|"]
    for finding, ignore in report.suppressed[:MAX_ROWS]:
        line, _ = position(finding.site, report.sources)
        place = _code(f"{finding.site.path}:{line}")
        lines.append(f"| `{finding.rule}` | {place} | {_code(ignore.reason)} | {_code(ignore.until)} |")
    if report.problems:
        lines += ["", "### Not understood", "", "| file | reason |", "|---|---|"]
    for problem in report.problems[:MAX_ROWS]:
        lines.append(f"| {_code(problem.path)} | {_code(problem.reason)} |")
    if len(report.problems) > MAX_ROWS:
        lines.append(f"| | {len(report.problems) - MAX_ROWS} more are left out here |")
    return for_runner("".join(f"{line}\n" for line in lines))


def _code(text: str) -> str:
    """A code span that its content cannot leave; a bar would end the table's cell even there (GFM, section 4.10)."""
    text = show(text[:_MAX_TEXT]).replace("|", "\\|").strip()
    if not text:
        return ""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text}{space}{fence}"
