"""The whole rule interpreter: a subject's words against each rule's conditions, and what is said then."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from bindlint import fixes, words
from bindlint.facts import Step
from bindlint.findings import Confidence, Finding, Severity, Silence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bindlint.findings import Fix
    from bindlint.knowledge import Rule
    from bindlint.source import Site, Source

_BY_NAME = "this client, where the server listens on loopback only"
_WORD = re.compile(r"\{([a-z_]+)\}")


def judge(subjects: Iterable[words.Subject], rules: Mapping[str, Rule], sources: Mapping[str, Source]) -> list[Finding]:
    """Findings sorted by place: one per site, the most severe rule speaking, the others named in `also`."""
    by_site: dict[Site, list[tuple[Rule, words.Case]]] = defaultdict(list)
    for subject in subjects:
        for case in words.cases(subject):
            by_site[case.site] += [
                (rule, case) for rule in rules.values() if rule.subject == case.subject and _holds(rule.when, case)
            ]
    findings = [_finding(matches, sources) for _, matches in sorted(by_site.items()) if matches]
    return _fingerprinted(findings, sources)


def silences(subjects: Iterable[words.Subject], rules: Mapping[str, Rule]) -> list[Silence]:
    """What is known and fine: the subjects of which no rule speaks, not even to the auditor, by place."""
    found = []
    for subject in subjects:
        told = list(words.cases(subject))
        if not any(
            rule.subject == case.subject and _holds(rule.when, case) for rule in rules.values() for case in told
        ):
            case = told[0]
            found.append(Silence(case.site, case.claim, case.because, _told(case.story), case.route))
    return sorted(found, key=lambda one: one.site)


def _holds(condition: Mapping[str, tuple[str, ...]], case: words.Case) -> bool:
    return all(case.words.get(name) in allowed for name, allowed in condition.items())


def _finding(matches: list[tuple[Rule, words.Case]], sources: Mapping[str, Source]) -> Finding:
    ranked = sorted(matches, key=lambda m: (-_confidence(*m), -m[0].rank, m[0].id))
    least = min(Confidence.MEDIUM, _confidence(*ranked[0]))
    shown = [m for m in ranked if _confidence(*m) >= least]
    rule, case = min(shown, key=lambda m: (-m[0].rank, -_confidence(*m), m[0].id))
    sure = {id(one) for _, one in shown}
    told = [c for r, c in matches if c is case or (r is rule and id(c) in sure)]
    story = _told(step for one in told for step in one.story if step.site != case.site)
    found = _fixes([(rule, case), *matches], sources)
    also = tuple(sorted({r.id for r, _ in matches if r.id != rule.id and r.rank <= rule.rank}))
    return Finding(
        site=case.site,
        rule=rule.id,
        severity=Severity[rule.severity.upper()],
        confidence=_confidence(rule, case),
        message=fill(rule.message, case.words),
        note=fill(rule.note, case.words),
        story=story,
        route=case.route,
        fix=found[0] if found else None,
        alternatives=tuple(found[1:]),
        also=also,
        silenced=case.silenced,
    )


def _told(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The steps in order; what is said of one place is said there once."""
    notes: dict[Site, list[str]] = {}
    for step in steps:
        said = notes.setdefault(step.site, [])
        if step.note not in said:
            said.append(step.note)
    return tuple(Step(site, "; ".join(said)) for site, said in notes.items())


def _confidence(rule: Rule, case: words.Case) -> Confidence:
    confidence = min(case.confidence, Confidence[rule.confidence.upper()])
    if rule.pedantic and _holds(rule.pedantic, case):
        confidence = min(confidence, Confidence.LOW)
    return Confidence.AUDIT if case.silenced else confidence


def _fixes(matches: Sequence[tuple[Rule, words.Case]], sources: Mapping[str, Source]) -> list[Fix]:
    """What ends the finding of these cases, of which the first speaks, each once; first what cuts off nobody."""
    rule, case = matches[0]
    if (first := _fix(rule, case, sources)) is None:
        return []
    default = fixes.together([first, *(fix for r, c in matches[1:] if (fix := _fix(r, c, sources)))]) or first
    found = {default.edits: default}
    if default.edits == first.edits:
        for fix in _others(rule, case, default, sources):
            found.setdefault(fix.edits, fix)
    kind_first = sorted(found.values(), key=lambda fix: not fix.safe)
    return [fixes.titled(fix, sources, case.site.span) for fix in kind_first]


def _fix(rule: Rule, case: words.Case, sources: Mapping[str, Source]) -> Fix | None:
    """What keeps the service working for those who are known to use it."""
    if case.address is None or case.silenced:
        return None
    if rule.fix == "loopback":
        return fixes.to_loopback(case.address, case.cuts, sources)
    if rule.fix == "ipv4":
        return fixes.to_literal(case.address, case.cuts, sources)
    if rule.fix == "service" and case.words["service"]:
        return fixes.to_name(case.address, case.words["service"], case.cuts)
    return None


def _others(rule: Rule, case: words.Case, default: Fix, sources: Mapping[str, Source]) -> Iterator[Fix]:
    """Other ways to end a finding."""
    if case.address is not None and rule.fix in ("loopback", "ipv4"):
        yield from fixes.ways(case.address, default.cuts, sources)
        if (name := case.words.get("itself", "")) and (fix := fixes.to_name(case.address, name, _BY_NAME)):
            yield fix
    if case.removal is not None:
        yield fixes.without(case.removal, "clients on this machine")


def fill(message: str, values: Mapping[str, str]) -> str:
    """Put words into a message. Not str.format: a pack's message must not choose widths or walk attributes."""
    return _WORD.sub(lambda match: values.get(match[1], ""), message)


def _fingerprinted(findings: list[Finding], sources: Mapping[str, Source]) -> list[Finding]:
    """Give each finding an id that holds no line number: rule, path, the text at the place, and its count there."""
    counts: Counter[tuple[str, str, str]] = Counter()
    out = []
    for finding in findings:
        source = sources.get(finding.site.path)
        key = (finding.rule, finding.site.path, source.slice(finding.site.span) if source else "")
        counts[key] += 1
        digest = hashlib.sha256("\0".join((*key, str(counts[key]))).encode("utf-8", "surrogatepass")).hexdigest()
        out.append(replace(finding, fingerprint=digest[:32]))
    return out
