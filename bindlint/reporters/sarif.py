"""SARIF 2.1.0 as GitHub code scanning takes it in, and clean under the rules of the SARIF multitool.

Objects come from sarif_om; the serialiser is ours, because the one made for them drops every property that equals its
schema default, such as a result's level "warning" under a rule whose own level is "error".
What GitHub reads: docs.github.com, "SARIF support for code scanning". Ignored findings are left out: it would open them
as alerts (github/codeql-action#1230).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import attr
import sarif_om as om

from bindlint.findings import Severity
from bindlint.reporters.fingerprints import line_hashes
from bindlint.reporters.terminal import show
from bindlint.reporters.uris import uri

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bindlint.facts import Problem, Step
    from bindlint.findings import Finding, Fix, Report
    from bindlint.reporters.catalogue import Catalogue, Look, RuleText
    from bindlint.source import Site, Source

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MAX_RESULTS = 5000  # what code scanning keeps of a run
MAX_STORY = 50
MAX_NOTICES = 5000
_MAX_SNIPPET = 200
_ROOT = "%SRCROOT%"

_LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
# Over 9.0 is shown as critical, from 7.0 as high, from 4.0 as medium, below as low.
_SCORES = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.5"}
# Written even where it equals the schema's default: a missing level means the rule's, not the default.
_ALWAYS = {("Result", "level"), ("Notification", "level"), ("ReportingConfiguration", "level")}


def render(report: Report, catalogue: Catalogue, _look: Look) -> str:
    """The log, in ASCII without superfluous blanks, ending with a line break."""
    return json.dumps(_plain(_log(report, catalogue)), separators=(",", ":"), allow_nan=False) + "\n"


def _log(report: Report, catalogue: Catalogue) -> om.SarifLog:
    kept = report.findings
    if len(kept) > MAX_RESULTS:
        worst = sorted(range(len(kept)), key=lambda i: (-kept[i].severity, i))[:MAX_RESULTS]
        kept = tuple(kept[i] for i in sorted(worst))
    ids = sorted({finding.rule for finding in kept})
    hashes = _hashes(kept, report.sources)
    driver = om.ToolComponent(
        name="bindlint",
        semantic_version=catalogue.version,
        information_uri=catalogue.home or None,
        rules=[
            _rule(catalogue.rules[rule]) if rule in catalogue.rules else om.ReportingDescriptor(id=rule) for rule in ids
        ],
    )
    run = om.Run(
        tool=om.Tool(driver=driver),
        automation_details=om.RunAutomationDetails(id="bindlint/"),  # up to the last slash it is the category
        column_kind="utf16CodeUnits",
        original_uri_base_ids={
            _ROOT: om.ArtifactLocation(description=om.Message(text="The root of the scanned tree."))
        },
        invocations=[
            om.Invocation(execution_successful=True, tool_execution_notifications=_notices(report, len(kept)))
        ],
        results=[_result(f, ids.index(f.rule), report.sources, hashes) for f in kept],
    )
    return om.SarifLog(version="2.1.0", schema_uri=SCHEMA, runs=[run])


def _rule(rule: RuleText) -> om.ReportingDescriptor:
    parts = rule.id.split("-")
    tags = ["security", "network"]
    if rule.cwe:
        tags.append(f"external/cwe/cwe-{rule.cwe}")
    return om.ReportingDescriptor(
        id=rule.id,
        name="".join(part.capitalize() for part in parts) if len(parts) > 1 else None,  # else it is the id again
        short_description=om.MultiformatMessageString(text=rule.title[:1024]),
        full_description=om.MultiformatMessageString(text=rule.summary[:1024]),
        help=om.MultiformatMessageString(text=rule.text, markdown=rule.markdown),
        default_configuration=om.ReportingConfiguration(level=_LEVELS[rule.severity]),
        properties={"tags": tags, "precision": rule.precision, "security-severity": _SCORES[rule.severity]},
    )


def _result(
    finding: Finding, index: int, sources: Mapping[str, Source], hashes: Mapping[tuple[str, int], str]
) -> om.Result:
    story = list(dict.fromkeys(step for step in finding.story if step.site != finding.site))[:MAX_STORY]
    message = _sentence(finding.message)
    if story:
        links = ", ".join(f"[{_link(step.note or step.site.path)}]({number})" for number, step in enumerate(story, 1))
        message += f" See {links}."
    prints = {"bindlint/v1": finding.fingerprint} if finding.fingerprint else {}
    source = sources.get(finding.site.path)
    line = source.line(finding.site.span.start) if source else 1
    if digest := hashes.get((finding.site.path, line)):
        prints["primaryLocationLineHash"] = digest
    properties: dict[str, Any] = {"confidence": finding.confidence.word}
    if finding.route:
        properties["route"] = show(finding.route)
    if finding.also:
        properties["also"] = list(finding.also)
    return om.Result(
        rule_id=finding.rule,
        rule_index=index,
        level=_LEVELS[finding.severity],
        message=om.Message(text=message),
        locations=[_location(finding.site, finding.note, sources)],
        related_locations=[_location(s.site, s.note, sources, number) for number, s in enumerate(story, 1)] or None,
        code_flows=[_flow(finding, story, sources)] if story else None,
        fixes=[_fix(fix, sources) for fix in finding.fixes if _writable(fix, sources)] or None,
        partial_fingerprints=prints or None,
        properties=properties,
    )


def _sentence(text: str) -> str:
    """Message text: code scanning shows the first sentence; brackets and backslashes have a meaning (3.11.6)."""
    text = _escape(show(text)).strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _link(text: str) -> str:
    return _escape(show(text))


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _flow(finding: Finding, story: Sequence[Step], sources: Mapping[str, Source]) -> om.CodeFlow:
    first = om.ThreadFlowLocation(location=_location(finding.site, finding.note or finding.message, sources))
    rest = [om.ThreadFlowLocation(location=_location(step.site, step.note, sources)) for step in story]
    return om.CodeFlow(thread_flows=[om.ThreadFlow(locations=[first, *rest])])


def _location(site: Site, note: str, sources: Mapping[str, Source], number: int | None = None) -> om.Location:
    source = sources.get(site.path)
    place = om.PhysicalLocation(
        artifact_location=om.ArtifactLocation(uri=uri(site.path), uri_base_id=_ROOT),
        region=_region(site, source, snippet=True) if source else om.Region(start_line=1),
    )
    message = om.Message(text=_escape(show(note))) if note else None
    # sarif_om writes -1, the schema's default, for a location without an id
    return om.Location(physical_location=place, message=message, id=-1 if number is None else number)


def _region(site: Site, source: Source, *, snippet: bool = False) -> om.Region:
    line, column = source.line_column(site.span.start)
    end_line, end_column = source.line_column(site.span.end)
    text = source.slice(site.span)
    return om.Region(
        start_line=line,
        start_column=_utf16(source, line, column),
        end_line=end_line,
        end_column=_utf16(source, end_line, end_column),
        snippet=om.ArtifactContent(text=text) if snippet and 0 < len(text) <= _MAX_SNIPPET and _inert(text) else None,
    )


def _utf16(source: Source, line: int, column: int) -> int:
    """A one-based column of characters as one of UTF-16 code units."""
    start = source.offset(line)
    before = source.text[start : start + column - 1]
    return column if before.isascii() else column + sum(character > "\uffff" for character in before)


def _writable(fix: Fix, sources: Mapping[str, Source]) -> bool:
    """Whether the edits can be told in SARIF: their files are at hand, and the text holds nothing unprintable."""
    return all(edit.site.path in sources and _inert(edit.text) for edit in fix.edits)


def _inert(text: str) -> bool:
    """Whether the text can be given as it is: blanks and line breaks apart, it holds nothing that `show` escapes."""
    return all(show(line) == line for line in re.split(r"[\t\r\n]", text))


def _fix(fix: Fix, sources: Mapping[str, Source]) -> om.Fix:
    changes: dict[str, list[Any]] = {}
    for edit in fix.edits:
        replacement = om.Replacement(
            deleted_region=_region(edit.site, sources[edit.site.path]),
            inserted_content=om.ArtifactContent(text=edit.text),
        )
        changes.setdefault(edit.site.path, []).append(replacement)
    cuts = f" (may cut off {fix.cuts})" if fix.cuts else ""
    description = f"{'Safe' if fix.safe else 'Unsafe'} fix: {_escape(show(fix.title + cuts))}"
    return om.Fix(
        description=om.Message(text=description),
        artifact_changes=[
            om.ArtifactChange(
                artifact_location=om.ArtifactLocation(uri=uri(path), uri_base_id=_ROOT), replacements=made
            )
            for path, made in sorted(changes.items())
        ],
    )


def _hashes(findings: Iterable[Finding], sources: Mapping[str, Source]) -> dict[tuple[str, int], str]:
    wanted: dict[str, set[int]] = {}
    for finding in findings:
        if source := sources.get(finding.site.path):
            wanted.setdefault(finding.site.path, set()).add(source.line(finding.site.span.start))
    return {
        (path, line): digest
        for path, lines in sorted(wanted.items())
        for line, digest in line_hashes(sources[path].text, lines).items()
    }


def _notices(report: Report, kept: int) -> list[om.Notification] | None:
    notices = []
    if kept < len(report.findings):
        cut = f"{len(report.findings)} findings, of which the {kept} most severe are in this log."
        notices.append(om.Notification(level="warning", message=om.Message(text=cut)))
    if len(report.problems) > MAX_NOTICES:
        cut = f"{len(report.problems)} notices, of which the first {MAX_NOTICES} are in this log."
        notices.append(om.Notification(level="warning", message=om.Message(text=cut)))
    notices += [_notice(problem) for problem in report.problems[:MAX_NOTICES]]
    return notices or None


def _notice(problem: Problem) -> om.Notification:
    place = om.PhysicalLocation(
        artifact_location=om.ArtifactLocation(uri=uri(problem.path), uri_base_id=_ROOT),
        region=om.Region(start_line=problem.line) if problem.line else None,
    )
    what = "Read in part only" if problem.partial else "Not understood"
    return om.Notification(
        level="warning",
        message=om.Message(text=_sentence(f"{what}: {problem.reason}")),
        locations=[om.Location(physical_location=place)],
    )


def _plain(value: Any) -> Any:  # noqa: ANN401 - a tree of sarif_om objects, lists, dicts and scalars
    """Sarif_om objects as plain values under their schema names, without what says nothing."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if not attr.has(type(value)):
        return value
    kind = type(value).__name__
    out = {}
    for field in attr.fields(type(value)):
        item = getattr(value, field.name)
        default = field.default.factory() if isinstance(field.default, attr.Factory) else field.default  # type: ignore[arg-type]
        if item is not None and (item != default or (kind, field.name) in _ALWAYS):
            out[field.metadata["schema_property_name"]] = _plain(item)
    return out
