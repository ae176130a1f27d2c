"""What is reported: a finding is a place, a rule's verdict, and the story that proves it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bindlint.facts import Ignore, Problem, Step
    from bindlint.source import Edit, Site, Source


class Severity(IntEnum):
    """How bad it is if it is right; one per rule."""

    LOW = 0
    MEDIUM = 1
    HIGH = 2
    CRITICAL = 3

    @property
    def word(self) -> str:
        """The name in lower case, as rows and reports write it."""
        return self.name.lower()


class Confidence(IntEnum):
    """How sure it is (verdicts.md, section 4). AUDIT: unknown, or silenced by context; only the auditor sees it."""

    AUDIT = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3

    @property
    def word(self) -> str:
        """The name in lower case."""
        return self.name.lower()


PERSONAS: dict[str, Confidence] = {
    "regular": Confidence.MEDIUM,
    "pedantic": Confidence.LOW,
    "auditor": Confidence.AUDIT,
}


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that end a finding. `title` shows the text that will stand there.

    `cuts` says whom they may cut off, "" for nobody that the project itself shows: then they are safe.
    """

    edits: tuple[Edit, ...]
    title: str
    cuts: str = ""

    @property
    def safe(self) -> bool:
        """Whether nobody is known to be cut off."""
        return not self.cuts


@dataclass(frozen=True, slots=True)
class Finding:
    """One verdict at one place.

    `site` is the primary place: the text to change. `note` labels it. `story` are the other places, each with its note,
    from the primary one to the listener. `fix` is the one that keeps the service working for those who are known to use
    it, `alternatives` are other ways. `route` is how a client comes in, outside first ("LAN → host :80 → …").
    `also` names milder rules that hold at the same place. `silenced` says why only the auditor sees it. `fingerprint`
    is stable while the construct stays the same: it holds no line number.
    """

    site: Site
    rule: str
    severity: Severity
    confidence: Confidence
    message: str
    note: str = ""
    story: tuple[Step, ...] = ()
    route: str = ""
    fix: Fix | None = None
    alternatives: tuple[Fix, ...] = ()
    also: tuple[str, ...] = ()
    silenced: str = ""
    fingerprint: str = ""

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """Every way to end it, the default first."""
        return (self.fix, *self.alternatives) if self.fix else ()


@dataclass(frozen=True, slots=True)
class Silence:
    """Something known of which no rule speaks: what it is, why that is fine, and the story and route that prove it."""

    site: Site
    claim: str
    because: str
    story: tuple[Step, ...] = ()
    route: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of one line of a file: `bindlint why`.

    `findings` have a place on the line, whatever the persona; `ignored` are those of them that an ignore silences, each
    with the ignore. `silences` are what no rule speaks of, `notes` what the line says beside that. `reader` is the kind
    of file it was read as, "" for none.
    """

    path: str
    line: int
    findings: tuple[Finding, ...]
    ignored: tuple[tuple[Finding, Ignore], ...]
    silences: tuple[Silence, ...]
    notes: tuple[Step, ...]
    problems: tuple[Problem, ...]
    reader: str
    sources: Mapping[str, Source]


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a scan, which reporters print.

    `findings` are those to show, sorted by path and place; `suppressed` were ignored, each with its ignore. `sources`
    hold the text of every file that a finding or its story points at. `files` and `relevant` count what was looked
    at and what stated facts or could have. `seconds` is wall time.
    """

    findings: tuple[Finding, ...]
    sources: dict[str, Source]
    problems: tuple[Problem, ...] = ()
    suppressed: tuple[tuple[Finding, Ignore], ...] = ()
    files: int = 0
    relevant: int = 0
    hidden: int = 0
    seconds: float = 0.0
    root: str = ""
    persona: str = "regular"
    days_to_expiry: dict[Site, int] = field(default_factory=dict)
