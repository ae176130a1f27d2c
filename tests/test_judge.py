"""Judgement: one finding a place, the most severe rule speaking; confidence and fingerprints as verdicts.md says."""

from __future__ import annotations

import dataclasses

from bindlint.addresses import classify
from bindlint.facts import Address, Container, Guard, Known, Listener, Publication, Reach
from bindlint.findings import Confidence, Finding, Severity
from bindlint.fixes import apply
from bindlint.judge import fill, judge
from bindlint.knowledge import Knowledge, rules_root
from bindlint.resolve import resolve
from bindlint.source import Site, Slot, Source, Span

RULES = Knowledge(rules_root()).rules
TEXT = 'serve("0.0.0.0", 6379)\n' * 3
SOURCE = Source("app.py", TEXT)


def at(start: int, end: int, path: str = "app.py") -> Site:
    return Site(path, Span(start, end))


def listener(text: str = "0.0.0.0", known: Known = Known.LITERAL, start: int = 6, **more: object) -> Listener:
    kind, families = classify(text)
    slot = Slot(at(start, start + 9), '"', '"')
    return Listener(at(start, start + 9), "thing", Address(text, kind, known, families, slot), 6379, **more)  # type: ignore[arg-type]


def findings(*facts: object) -> list[Finding]:
    return judge(resolve(facts), RULES, {"app.py": SOURCE})  # type: ignore[arg-type]


def test_the_surface_decides_the_rule() -> None:
    surfaces = {"plain": "wildcard", "datastore": "exposed-datastore", "control": "exposed-control"}
    assert {s: [f.rule for f in findings(listener(surface=s))] for s in surfaces} == {
        s: [r] for s, r in surfaces.items()
    }
    assert [f.rule for f in findings(listener(known=Known.DEFAULT))] == ["default-wildcard"]


def test_one_place_has_one_finding_and_it_names_the_milder_rules() -> None:
    guard = Guard(at(30, 35), "thing", "password", on=False)
    (finding,) = findings(listener(surface="datastore"), guard)
    assert (finding.rule, finding.severity, finding.also) == (
        "unauthenticated-exposure",
        Severity.CRITICAL,
        ("exposed-datastore",),
    )
    assert [step.note for step in finding.story][-1] == "password: the guard is off"


def test_confidence_follows_how_the_address_is_known() -> None:
    known = {
        Known.LITERAL: Confidence.HIGH,
        Known.CONSTANT: Confidence.MEDIUM,
    }
    assert {k: findings(listener(known=k))[0].confidence for k in known} == known
    assert findings(listener(certain=False))[0].confidence is Confidence.LOW


def test_what_context_silences_is_left_to_the_auditor_with_the_reason() -> None:
    web = Container(at(0, 1), "c#web", "web", "compose")
    (finding,) = findings(web, listener(container="c#web"))
    assert (finding.confidence, finding.silenced) == (Confidence.AUDIT, "no port of web leads to it")


def test_loopback_and_published_on_loopback_say_nothing_even_to_the_auditor() -> None:
    assert findings(listener("127.0.0.1")) == []
    web = Container(at(0, 1), "c#web", "web", "compose")
    door = Publication(
        at(50, 55), Address("127.0.0.1", classify("127.0.0.1")[0]), Reach.HOST, container="c#web", container_port=6379
    )
    (finding,) = findings(web, listener(container="c#web"), door)
    assert (finding.confidence, finding.silenced) == (Confidence.AUDIT, "published as 127.0.0.1 only")


def test_a_fix_replaces_the_slot_and_is_shown_as_it_will_stand() -> None:
    (finding,) = findings(listener())
    assert finding.fix is not None
    assert apply(SOURCE, finding.fix.edits).startswith('serve("127.0.0.1", 6379)\n')
    assert finding.fix.title == '"127.0.0.1"'


def test_a_fix_keeps_the_family() -> None:
    (finding,) = findings(listener("::"))
    assert finding.fix is not None
    assert finding.fix.edits[0].text == '"::1"'


def test_fingerprints_hold_no_line_number_and_tell_equal_constructs_apart() -> None:
    first, second = findings(listener(start=6), listener(start=6 + 23))
    assert first.fingerprint != second.fingerprint
    moved = Source("app.py", "\n\n" + TEXT)
    site = at(8, 17)
    (later,) = judge(resolve([dataclasses.replace(listener(), site=site)]), RULES, {"app.py": moved})
    assert later.fingerprint == first.fingerprint


def test_a_message_is_filled_with_words_and_nothing_else() -> None:
    assert fill("{a} {b!r} {c:>9999999} {__class__} {unknown}", {"a": "x"}) == "x {b!r} {c:>9999999}  "


def test_an_address_decided_at_run_time_is_for_the_auditor() -> None:
    (finding,) = findings(listener("$HOST", Known.UNKNOWN))
    assert (finding.rule, finding.confidence) == ("wildcard", Confidence.AUDIT)


def test_test_code_and_test_data_are_a_guess() -> None:
    place = dataclasses.replace(listener(surface="datastore"), site=at(0, 3, "tests/data/redis.conf"))
    (finding,) = findings(place)
    assert finding.confidence is Confidence.LOW
