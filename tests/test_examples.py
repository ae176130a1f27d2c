"""Every example of every table is a test: its findings, at exactly the marked places, and the text after its fixes."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from bindlint.config import Config, Options
from bindlint.fixes import apply
from bindlint.knowledge import Example, Knowledge, rules_root
from bindlint.mending import plan
from bindlint.source import Source
from bindlint.workspace import Workspace

if TYPE_CHECKING:
    from bindlint.findings import Finding

KNOWLEDGE = Knowledge(rules_root())


def scan(files: dict[str, str], persona: str) -> tuple[Finding, ...]:
    workspace = Workspace(KNOWLEDGE, Config())
    for path, text in files.items():
        workspace.update(path, text.encode())
    assert [p for p in workspace.problems if p.internal] == []
    return workspace.report(dataclasses.replace(Options(), persona=persona)).findings


def told(files: dict[str, str], findings: tuple[Finding, ...]) -> list[tuple[str, str, str, int]]:
    """Findings as (path, rule, the text they cover, where): readable when they differ."""
    return sorted(
        (f.site.path, f.rule, files[f.site.path][f.site.span.start : f.site.span.end], f.site.span.start)
        for f in findings
    )


@pytest.mark.parametrize("example", KNOWLEDGE.examples, ids=lambda e: e.name)
def test_the_marked_places_are_found_and_nothing_else(example: Example) -> None:
    findings = scan(example.files, example.persona)

    expected = sorted(
        (path, rule, example.files[path][start:end], start) for path, start, end, rule in example.expected
    )
    assert told(example.files, findings) == expected


@pytest.mark.parametrize("example", [e for e in KNOWLEDGE.examples if e.fixed], ids=lambda e: e.name)
def test_the_fix_writes_exactly_this_and_ends_the_findings(example: Example) -> None:
    edits = [edit for f in scan(example.files, example.persona) if f.fix for edit in f.fix.edits]

    after = {path: apply(Source(path, text), edits) for path, text in example.files.items()}

    assert {path: after[path] for path in example.fixed} == example.fixed
    assert [f for f in scan(after, example.persona) if f.fix] == []


@pytest.mark.parametrize("example", [e for e in KNOWLEDGE.examples if e.expected], ids=lambda e: e.name)
def test_every_fix_ends_its_finding_begins_no_other_and_is_made_once(example: Example) -> None:
    """`mending.plan` refuses a fix for which that does not hold; a fix that is offered should never be refused."""
    workspace = Workspace(KNOWLEDGE, Config())
    for path, text in example.files.items():
        workspace.update(path, text.encode())
    options = dataclasses.replace(Options(), persona=example.persona)

    made = plan(workspace, workspace.report(options), options, lambda _: True, unsafe=True)

    assert [(finding.rule, why) for finding, why in made.refused] == []
    left = workspace.report(options)
    again = plan(workspace, left, options, lambda _: True, unsafe=True)
    assert again.changes == ()
    assert [finding.rule for finding in left.findings if finding.fix] == []
