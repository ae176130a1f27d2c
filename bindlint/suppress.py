"""What ignores silence, and what is said about the ignores themselves.

An ignore silences the findings whose rule it names and whose primary place it covers; never a rule that it only comes
near to. Expired and malformed ones silence nothing. One that silences nothing is a finding, too.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from bindlint.config import closest, iso_date
from bindlint.facts import Ignore
from bindlint.findings import Confidence, Finding, Fix, Severity
from bindlint.source import Edit, Site, Source, Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from bindlint.config import Config, IgnoreEntry
    from bindlint.knowledge import Knowledge


def apply(
    findings: Sequence[Finding],
    ignores_by_path: Mapping[str, Sequence[Ignore]],
    config: Config,
    today: date,
    knowledge: Knowledge,
    sources: Mapping[str, Source],
) -> tuple[list[Finding], list[tuple[Finding, Ignore]], list[Finding]]:
    """Findings that stay, those silenced (each with its ignore), and findings about the ignores.

    `findings` must be all there are, of every confidence and rule: an ignore for one that is not shown is not unused.
    Findings about `[[ignores]]` tables lie in the configuration file, whose text is `config_source`.
    """
    known = knowledge.rules
    desk = _Desk(findings, sources)
    about: list[Finding] = []
    for path, ignores in sorted(ignores_by_path.items()):
        for ignore in ignores:
            if error := ignore.error or _unknown(ignore.rules, known):
                about.append(_about("malformed", ignore, f"this ignore silences nothing: {error}", sources, knowledge))
            elif _expired(ignore.until, today):
                about.append(_about("expired", ignore, f"this ignore ended on {ignore.until}", sources, knowledge))
            elif unused := desk.silence(path, ignore):
                found = _about("unused", ignore, desk.detail(path, ignore, unused), sources, knowledge)
                useless = len(unused) == len(set(ignore.rules))
                about.append(replace(found, fix=_removal(ignore, sources.get(path)) if useless else None))
    config_text = config_source(config)
    for entry in config.ignores:
        ignore = _entry(entry, config, config_text)
        texts = {config.file: config_text} if config_text else {}
        detail, state = "", ""
        if _expired(entry.until, today):
            state, detail = "expired", f"the ignores for {entry.path!r} ended on {entry.until}"
        elif unused := desk.silence_matching(entry.path, ignore):
            state, detail = "unused", f"no {' or '.join(unused)} finding in {entry.path!r} to ignore"
        if state and config_text:
            about.append(_about(state, ignore, detail, texts, knowledge))
    return desk.kept, desk.suppressed, about


def config_source(config: Config) -> Source | None:
    """The configuration file as a source that findings may point at, or None when it is not one of the project."""
    return Source(config.file, config.text) if config.text else None


def days_to_expiry(suppressed: Sequence[tuple[Finding, Ignore]], today: date) -> dict[Site, int]:
    """How many days each ignore in use has left, by its site; those without a date are not in it."""
    ends = {ignore.site: iso_date(ignore.until) for _, ignore in suppressed}
    return {site: (end - today).days for site, end in ends.items() if end is not None}


class _Desk:
    """The findings by file, and which ignore silenced each."""

    def __init__(self, findings: Sequence[Finding], sources: Mapping[str, Source]) -> None:
        self.findings = findings
        self._silenced: dict[int, Ignore] = {}
        self._by_path: dict[str, list[tuple[int, int, int]]] = {}
        self._story_lines: dict[tuple[str, int], Finding] = {}
        for index, finding in enumerate(findings):
            first, last = _lines(finding.site, sources)
            self._by_path.setdefault(finding.site.path, []).append((index, first, last))
            for step in finding.story:
                self._story_lines.setdefault((step.site.path, _lines(step.site, sources)[0]), finding)

    @property
    def kept(self) -> list[Finding]:
        return [finding for index, finding in enumerate(self.findings) if index not in self._silenced]

    @property
    def suppressed(self) -> list[tuple[Finding, Ignore]]:
        return [(self.findings[index], ignore) for index, ignore in sorted(self._silenced.items())]

    def silence(self, path: str, ignore: Ignore) -> list[str]:
        """Silence what the ignore covers; the rules among its own that found nothing there."""
        return self._silence(self._covered(path, ignore), ignore)

    def detail(self, path: str, ignore: Ignore, unused: Sequence[str]) -> str:
        """Why an ignore is of no use, and what its author may have meant."""
        first, last = ignore.lines
        covered = self._covered(path, ignore)
        detail = f"no {' or '.join(unused)} finding here to ignore"
        if others := sorted({self.findings[i].rule for i in covered} - set(ignore.rules)):
            return f"{detail}; the finding is {others[0]}"
        lines = ((path, line) for line in range(first, min(last, first + 100) + 1))
        if elsewhere := next((self._story_lines[key] for key in lines if key in self._story_lines), None):
            return f"{detail}; it is reported in {elsewhere.site.path}, where it can be stopped"
        return detail

    def silence_matching(self, pattern: str, ignore: Ignore) -> list[str]:
        """The same for every file that a pattern names."""
        paths = [p for p in self._by_path if fnmatchcase(p, pattern) or fnmatchcase(p, pattern.rstrip("/") + "/*")]
        return self._silence([index for p in paths for index, _, _ in self._by_path[p]], ignore)

    def _covered(self, path: str, ignore: Ignore) -> list[int]:
        first, last = ignore.lines
        return [index for index, begin, end in self._by_path.get(path, ()) if begin <= last and first <= end]

    def _silence(self, covered: Sequence[int], ignore: Ignore) -> list[str]:
        used = set()
        for index in covered:
            rule = self.findings[index].rule
            if rule in ignore.rules:
                self._silenced.setdefault(index, ignore)
                used.add(rule)
        return [rule for rule in dict.fromkeys(ignore.rules) if rule not in used]


def _lines(site: Site, sources: Mapping[str, Source]) -> tuple[int, int]:
    source = sources.get(site.path)
    if source is None:
        return 0, 0
    return source.line(site.span.start), source.line(max(site.span.start, site.span.end - 1))


def _expired(until: str, today: date) -> bool:
    end = iso_date(until)
    return end is not None and end < today


def _unknown(rules: Sequence[str], known: Mapping[str, object]) -> str:
    """A complaint about the first id that no rule has, or ""."""
    for rule in rules:
        if rule not in known:
            return f"there is no rule {rule[:64]!r}{closest(rule, list(known))}"
    return ""


def _entry(entry: IgnoreEntry, config: Config, source: Source | None) -> Ignore:
    """A `[[ignores]]` table as an ignore that lies in the configuration file."""
    line = max(entry.line, 1)
    start = source.offset(line) if source else 0
    width = len(source.line_text(line)) if source else 0
    site = Site(config.file, Span(start, start + width))
    return Ignore(site, entry.rules, (line, line), entry.reason, entry.until)


def _about(state: str, ignore: Ignore, detail: str, sources: Mapping[str, Source], knowledge: Knowledge) -> Finding:
    rule = knowledge.rules[f"{state}-ignore"]
    source = sources.get(ignore.site.path)
    text = source.slice(ignore.site.span) if source else ""
    key = "\0".join((rule.id, ignore.site.path, text, str(ignore.site.span.start if not text else "")))
    return Finding(
        site=ignore.site,
        rule=rule.id,
        severity=Severity[rule.severity.upper()],
        confidence=Confidence.HIGH,
        message=rule.message.replace("{detail}", detail),
        note=f"reason given: {ignore.reason}" if ignore.reason else "",
        fingerprint=hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32],
    )


def _removal(ignore: Ignore, source: Source | None) -> Fix | None:
    """Take the comment away, with the blanks before it; the whole line if nothing else is on it."""
    if source is None:
        return None
    line = source.line(ignore.site.span.start)
    begin, text = source.offset(line), source.line_text(line)
    start, end = ignore.site.span.start, ignore.site.span.end
    if text[end - begin :].strip():
        return None  # something follows: a comment's end, or another comment
    if not text[: start - begin].strip():
        following = source.offset(line + 1) if line < source.line_count else len(source.text)
        edit = Edit(source.site(begin, following), "")
    else:
        edit = Edit(source.site(begin + len(text[: start - begin].rstrip()), begin + len(text)), "")
    return Fix((edit,), "remove the comment")
