"""Ignores at work: exactly the named rule at the covered place, and a word about those of no use."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from reports import COMPOSE, PUBLISHED, REDIS, exposure, finding

from bindlint import config as configuration
from bindlint import fixes, suppress
from bindlint.config import Config
from bindlint.facts import Ignore
from bindlint.findings import Finding
from bindlint.knowledge import Knowledge, rules_root
from bindlint.readers import ignores
from bindlint.source import Source

KNOWLEDGE = Knowledge(rules_root())
TODAY = dt.date(2026, 11, 23)

Outcome = tuple[list[Finding], list[tuple[Finding, Ignore]], list[Finding]]


def at(source: Source, text: str, rule: str = "wildcard") -> Finding:
    return finding(source, text, rule=rule)


def apply(*findings: Finding, source: Source, config: Config | None = None) -> Outcome:
    """The outcome for findings in a source that holds its own ignores."""
    sources = {source.path: source, REDIS.path: REDIS, COMPOSE.path: COMPOSE}
    found = tuple(ignores.scan(source))
    return suppress.apply(
        findings, {source.path: found} if found else {}, config or Config(), TODAY, KNOWLEDGE, sources
    )


def rules(findings: list[Finding]) -> list[str]:
    return [found.rule for found in findings]


def test_an_ignore_silences_its_rule_at_its_place_only() -> None:
    source = Source("a.conf", "bind *  # bindlint: ignore[wildcard]\nbind ::\n")
    here, there, other = at(source, "*"), at(source, "::"), at(source, "*", "host-network")
    kept, suppressed, about = apply(here, there, other, source=source)
    assert kept == [there, other]
    assert [found for found, _ in suppressed] == [here]
    assert about == []


def test_a_milder_rule_s_ignore_does_not_silence_the_finding_that_outranks_it() -> None:
    source = Source("a.conf", "bind *  # bindlint: ignore[wildcard]\n")
    worse = replace(at(source, "*", "exposed-datastore"), also=("wildcard",))
    kept, suppressed, about = apply(worse, source=source)
    assert (kept, suppressed) == ([worse], [])
    assert rules(about) == ["unused-ignore"]
    assert about[0].message == "no wildcard finding here to ignore; the finding is exposed-datastore"


def test_an_unused_ignore_is_a_finding_with_a_fix() -> None:
    source = Source("a.conf", "bind 127.0.0.1  # bindlint: ignore[wildcard]\n# bindlint: ignore[wildcard]\nport 1\n")
    _, _, about = apply(source=source)
    assert [found.message for found in about] == ["no wildcard finding here to ignore"] * 2
    assert source.slice(about[0].site.span) == "# bindlint: ignore[wildcard]"
    edits = [edit for found in about if found.fix for edit in found.fix.edits]
    assert fixes.apply(source, edits) == "bind 127.0.0.1\nport 1\n"
    assert about[0].fingerprint != ""


def test_one_unused_id_among_several_is_named_and_nothing_is_removed() -> None:
    source = Source("a.conf", "bind *  # bindlint: ignore[wildcard,host-network]\n")
    kept, suppressed, about = apply(at(source, "*"), source=source)
    assert (kept, len(suppressed)) == ([], 1)
    assert about[0].message == "no host-network finding here to ignore"
    assert about[0].fix is None


def test_an_ignore_at_the_far_end_of_a_story_is_told_where_the_finding_is() -> None:
    source = Source(REDIS.path, "bind *\nport 6379\nprotected-mode no # bindlint: ignore[unauthenticated-exposure]\n")
    sources = {source.path: source, COMPOSE.path: COMPOSE}
    found = tuple(ignores.scan(source))
    kept, _, about = suppress.apply([exposure()], {source.path: found}, Config(), TODAY, KNOWLEDGE, sources)
    assert rules(kept) == ["unauthenticated-exposure"]
    assert about[0].message == (
        "no unauthenticated-exposure finding here to ignore; it is reported in compose.yaml, where it can be stopped"
    )


def test_an_expired_ignore_silences_nothing_from_the_day_after() -> None:
    source = Source("a.conf", "bind *  # bindlint: ignore[wildcard] until=2026-11-22\n")
    kept, suppressed, about = apply(at(source, "*"), source=source)
    assert (rules(kept), suppressed, rules(about)) == (["wildcard"], [], ["expired-ignore"])
    assert about[0].message == "this ignore ended on 2026-11-22"
    last_day = Source("a.conf", source.text.replace("22", "23"))
    kept, suppressed, about = apply(at(last_day, "*"), source=last_day)
    assert (kept, len(suppressed), about) == ([], 1, [])


def test_a_malformed_ignore_silences_nothing_and_is_a_finding() -> None:
    source = Source("a.conf", "bind *  # bindlint: ignore[*]\n")
    kept, suppressed, about = apply(at(source, "*"), source=source)
    assert (rules(kept), suppressed, rules(about)) == (["wildcard"], [], ["malformed-ignore"])
    assert about[0].message == "this ignore silences nothing: '*' is no rule id"


def test_an_unknown_id_is_malformed_with_the_nearest_known_one() -> None:
    source = Source("a.conf", "bind *  # bindlint: ignore[wildcard,published-wilcard]\n")
    kept, _, about = apply(at(source, "*"), source=source)
    assert rules(kept) == ["wildcard"]
    assert about[0].message == (
        "this ignore silences nothing: there is no rule 'published-wilcard' (did you mean 'published-wildcard'?)"
    )


def test_a_finding_of_several_lines_is_silenced_from_any_of_them() -> None:
    source = Source("app.py", "run(\n    app,\n)  # bindlint: ignore[wildcard]\n")
    kept, suppressed, _ = apply(at(source, "run(\n    app,\n)"), source=source)
    assert (kept, len(suppressed)) == ([], 1)


CONFIG = """\
[[ignores]]
path = "deploy/*.json"
rules = ["wildcard"]
reason = "LAN demo box"
until = "2026-12-02"

[[ignores]]
path = "legacy"
rules = ["host-network"]

[[ignores]]
path = "*.conf"
rules = ["wildcard"]
until = "2020-01-01"
"""


def test_the_configuration_ignores_by_path_for_files_without_comments() -> None:
    config = configuration.parse(".bindlint.toml", CONFIG.encode())
    deployed, other = Source("deploy/eu/app.json", '{"host": "::"}\n'), Source("app.json", '{"host": "::"}\n')
    old = Source("legacy/a/b.yaml", "network_mode: host\n")
    findings = [at(deployed, "::"), at(other, "::"), at(old, "host", "host-network"), at(REDIS, "*")]
    sources = {s.path: s for s in (deployed, other, old, REDIS)}
    kept, suppressed, about = suppress.apply(findings, {}, config, TODAY, KNOWLEDGE, sources)
    assert [found.site.path for found in kept] == ["app.json", "redis.conf"]
    assert [ignore.reason for _, ignore in suppressed] == ["LAN demo box", ""]
    assert rules(about) == ["expired-ignore"]
    assert about[0].site.path == ".bindlint.toml"
    source = suppress.config_source(config)
    assert source is not None
    assert source.line(about[0].site.span.start) == 11
    assert list(suppress.days_to_expiry(suppressed, TODAY).values()) == [9]


def test_unused_tables_are_findings_in_the_configuration_unless_it_is_shared() -> None:
    config = configuration.parse(".bindlint.toml", CONFIG.encode())
    _, _, about = suppress.apply([], {}, config, TODAY, KNOWLEDGE, {})
    assert [found.message for found in about] == [
        "no wildcard finding in 'deploy/*.json' to ignore",
        "no host-network finding in 'legacy' to ignore",
        "the ignores for '*.conf' ended on 2020-01-01",
    ]
    assert suppress.apply([], {}, replace(config, text=""), TODAY, KNOWLEDGE, {}) == ([], [], [])


def test_a_published_port_is_silenced_on_its_line() -> None:
    source = Source(COMPOSE.path, COMPOSE.text.replace(PUBLISHED, f"{PUBLISHED}  # bindlint: ignore[wildcard]"))
    kept, suppressed, about = apply(at(source, PUBLISHED), source=source)
    assert (kept, len(suppressed), about) == ([], 1, [])
