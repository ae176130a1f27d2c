"""Reports made by hand, for the tests of reporters."""

from __future__ import annotations

from bindlint.facts import Ignore, Problem, Step
from bindlint.findings import Confidence, Finding, Fix, Report, Severity
from bindlint.reporters import REPORTERS, Catalogue, Look, RuleText
from bindlint.source import Edit, Site, Source

COMPOSE = Source(
    "compose.yaml",
    "services:\n  cache:\n    image: redis\n    restart: always\n    volumes:\n      - ./redis.conf:/etc/redis.conf\n"
    '    environment:\n      - A=b\n      - C=d\n\n    ports:\n      - "6379:6379"\n',
)
REDIS = Source("redis.conf", "bind *\nport 6379\nprotected-mode no\n")
PUBLISHED = '"6379:6379"'


def site(source: Source, text: str) -> Site:
    """Where a text first stands."""
    start = source.text.index(text)
    return source.site(start, start + len(text))


def before(place: Site, text: str) -> Edit:
    """An edit that puts text behind the opening quote of a place."""
    start = place.span.start + 1
    return Edit(Site(place.path, type(place.span)(start, start)), text)


def exposure() -> Finding:
    """The example of the manual: a published redis without its guard."""
    place = site(COMPOSE, PUBLISHED)
    return Finding(
        site=place,
        rule="unauthenticated-exposure",
        severity=Severity.CRITICAL,
        confidence=Confidence.HIGH,
        message="redis answers anyone who can reach this machine, without a password",
        note="no host address: Docker publishes on 0.0.0.0 and [::], ahead of the host's firewall",
        story=(Step(site(REDIS, "protected-mode no"), "the guard is off"),),
        route="LAN → host :6379 → container cache :6379 → redis",
        fix=Fix((before(place, "127.0.0.1:"),), '"127.0.0.1:6379:6379"'),
        also=("published-wildcard",),
        fingerprint="ab" * 16,
    )


def finding(source: Source, text: str, **changes: object) -> Finding:
    """A finding of little interest at a text."""
    values: dict[str, object] = {
        "site": site(source, text),
        "rule": "wildcard",
        "severity": Severity.HIGH,
        "confidence": Confidence.HIGH,
        "message": "uvicorn listens on every interface",
    }
    return Finding(**{**values, **changes})  # type: ignore[arg-type]


def report(*findings: Finding, sources: tuple[Source, ...] = (COMPOSE, REDIS), **changes: object) -> Report:
    """A report of a small scan."""
    values: dict[str, object] = {"files": 412, "relevant": 38, "seconds": 0.21}
    return Report(findings, {source.path: source for source in sources}, **{**values, **changes})  # type: ignore[arg-type]


def ignored(ending: str = "") -> tuple[Finding, Ignore]:
    """A finding and the ignore that silenced it."""
    place = site(COMPOSE, "restart: always")
    return finding(COMPOSE, "redis"), Ignore(place, ("wildcard",), (4, 4), "LAN demo box", ending)


def unread(path: str = "charts/x.yaml", reason: str = "Helm template", line: int = 0) -> Problem:
    """A file that was read in part."""
    return Problem(path, reason, line, partial=True)


RULE = RuleText(
    id="unauthenticated-exposure",
    title="A server without its guard can be reached from outside this machine.",
    summary="A guard is off, and others can connect.",
    severity=Severity.CRITICAL,
    precision="high",
    text="What it is\n  A guard is off.\n",
    markdown="### What it is\n\nA guard is off.\n",
    cwe="306",
)
CATALOGUE = Catalogue("1.2.3", "https://example.org/bindlint", {RULE.id: RULE})


def render(format_: str, result: Report, look: Look | None = None) -> str:
    """The report in a format."""
    return REPORTERS[format_](result, CATALOGUE, look or Look())
