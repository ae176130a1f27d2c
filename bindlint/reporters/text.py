"""The report for people: each finding as a story in annotated places, then what the scan covered."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bindlint.findings import Confidence, Severity
from bindlint.reporters import frames
from bindlint.reporters.terminal import for_runner, paint, severity_role, show

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bindlint.facts import Problem
    from bindlint.findings import Finding, Report
    from bindlint.reporters.catalogue import Catalogue, Look
    from bindlint.source import Source

_EXPIRES_SOON = 30  # days


def render(report: Report, _catalogue: Catalogue, look: Look) -> str:
    """Everything, as text that ends with a line break unless there is nothing to say."""
    lines: list[str] = []
    for found in report.findings:
        lines += [*finding(found, report.sources, look), ""]
    if not look.quiet:
        lines += summary(report, look)
    text = "".join(f"{line}\n" for line in lines)
    return for_runner(text) if look.runner else text


def finding(found: Finding, sources: Mapping[str, Source], look: Look, *, every: bool = False) -> Iterator[str]:
    """The lines of one finding, with every fix or with the default one."""
    role = severity_role(found.severity)
    head = paint(f"{found.severity.word}[{found.rule}]", role, colour=look.colour)
    yield f"{head} {paint(show(found.message), 'strong', colour=look.colour)}"
    shown, left_out = frames.places(found)
    yield from annotated(shown, _properties(found, left_out, every=every), sources, look, role)


def annotated(
    shown: Sequence[frames.Place],
    properties: Iterable[tuple[str, str]],
    sources: Mapping[str, Source],
    look: Look,
    role: str,
) -> Iterator[str]:
    """Annotated places, and the properties below them."""
    width = frames.gutter(shown, sources)
    for place in shown:
        yield from frames.frame(place, sources, width, look, role)
    for key, value in properties:
        yield paint(" " * width + " = ", "frame", colour=look.colour) + f"{key}: {show(value)}"


def _properties(finding: Finding, left_out: int, *, every: bool) -> Iterator[tuple[str, str]]:
    if left_out:
        yield "also at", f"{left_out} more places"
    if finding.route:
        yield "path", finding.route
    if finding.silenced:
        yield "silent because", finding.silenced
    elif finding.confidence < Confidence.MEDIUM:
        yield "confidence", finding.confidence.word
    if finding.also:
        yield "also", ", ".join(finding.also)
    for number, fix in enumerate(finding.fixes[: None if every else 1]):
        said = f"; may cut off {fix.cuts}" if fix.cuts else ""
        yield f"{'or' if number else 'fix'} ({'safe' if fix.safe else 'unsafe'})", f"{fix.title}{said}"
    yield "help", f"bindlint explain {finding.rule}"


def summary(report: Report, look: Look) -> list[str]:
    """What was found, and what was looked at."""
    found = " · ".join([_counted(report), *_ignored(report)])
    strong = severity_role(max(f.severity for f in report.findings)) if report.findings else "good"
    seconds = f"{report.seconds:.2f}" if report.seconds < 10 else f"{report.seconds:.0f}"
    scanned = f"Scanned {_many(report.files, 'file')} ({report.relevant} relevant) in {seconds} s"
    lines = [paint(found, strong, colour=look.colour)]
    if not report.problems:
        return [*lines, scanned]
    unread = len({problem.path for problem in report.problems})
    if len(report.problems) == 1:
        return [*lines, f"{scanned} · 1 file not understood: {_problem(report.problems[0])}"]
    listed = (f"  {_problem(problem)}" for problem in report.problems)
    return [*lines, f"{scanned} · {_many(unread, 'file')} not understood:", *listed]


def _counted(report: Report) -> str:
    if not report.findings:
        return "No findings"
    counts = Counter(found.severity for found in report.findings)
    words = ", ".join(f"{counts[severity]} {severity.word}" for severity in reversed(Severity) if counts[severity])
    return f"{_many(len(report.findings), 'finding')} ({words})"


def _ignored(report: Report) -> Iterator[str]:
    if fixable := sum(1 for found in report.findings if found.fix):
        yield f"{fixable} fixable"
    if report.suppressed:
        soon = sorted(days for days in report.days_to_expiry.values() if days <= _EXPIRES_SOON)
        first = _many(soon[0], "day") if soon else ""
        many = f" ({len(soon)} expire, the first in {first})"
        when = "" if not soon else f" (1 expires in {first})" if len(soon) == 1 else many
        yield f"{len(report.suppressed)} ignored{when}"
    for rule, word in (("unused-ignore", "unused"), ("expired-ignore", "expired"), ("malformed-ignore", "malformed")):
        if count := sum(1 for found in report.findings if found.rule == rule):
            yield f"{_many(count, 'ignore')} {word}"
    if report.hidden:
        yield f"{report.hidden} hidden from persona {report.persona}"


def _problem(problem: Problem) -> str:
    place = f"{show(problem.path)}:{problem.line}" if problem.line else show(problem.path)
    return f"{place} ({show(problem.reason)}{', partial' if problem.partial else ''})"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
