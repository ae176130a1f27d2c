"""Rules as rows: which words of a subject make it a finding, and what is said then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bindlint.facts import ENTRANCES

if TYPE_CHECKING:
    from bindlint.knowledge.check import Table

SEVERITIES = ("low", "medium", "high", "critical")
CONFIDENCES = ("audit", "low", "medium", "high")
SUBJECTS = ("listener", "publication", "container", "connection", "hosts", "ignore")
FIXES = ("", "loopback", "ipv4", "service", "own-network", "unused-ignore")

# The closed vocabulary of `when`: the words that `judge` knows of each subject, and their values ("" = any text).
VOCABULARY: dict[str, dict[str, tuple[str, ...]]] = {
    "listener": {
        "address": ("wildcard", "loopback", "localhost", "specific", "unknown"),
        "known": ("literal", "constant", "default", "unknown"),
        "reach": ("self", "peers", "host", "lan", "public"),
        "surface": ("plain", "login", "datastore", "control"),
        "role": ("main", "admin", "cluster", "metrics", "debug"),
        "guard": ("on", "off"),
        "wanted": ("yes", "no"),  # whether somebody outside is meant to reach it: published, selected, probed, a peer
    },
    "publication": {
        "address": ("wildcard", "loopback", "localhost", "specific", "unknown"),
        "reach": ("self", "peers", "host", "lan", "public"),
        "via": ("port", "hostPort", "NodePort", "LoadBalancer", "externalIP", "ClusterIP", *ENTRANCES),
        "listens": ("yes", "no", "unknown"),  # whether something known listens behind it
    },
    "container": {"network": ("own", "host", "none", "shared")},
    "connection": {
        "address": ("wildcard", "loopback", "localhost", "specific", "unknown"),
        "tries": ("all", "first", "v4", "socket"),
        "purpose": ("client", "healthcheck", "probe", "redirect"),
        "target": ("same", "elsewhere", "unknown"),  # whether this machine, another container, or nobody knows
        "misses": ("yes", "no"),  # whether it is known to be able to miss the listener that it means
    },
    "hosts": {
        "address": ("wildcard", "loopback", "localhost", "specific", "unknown"),
        "names": ("localhost", "localhost-one-family", "public", "other"),
    },
    "ignore": {"state": ("unused", "expired", "malformed")},
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A judgement: a subject whose words are all among the listed ones is a finding.

    `when` maps a word of the subject's vocabulary to the values that count. `confidence` is the most that this rule may
    claim. `message` and `note` are filled with words of the subject; nothing else is substituted. `pedantic` is a
    further condition under which the confidence is low. The four texts explain it.
    """

    id: str
    subject: str
    severity: str
    confidence: str
    title: str
    message: str
    note: str
    fix: str
    when: dict[str, tuple[str, ...]]
    pedantic: dict[str, tuple[str, ...]]
    what: str
    why: str
    fine: str
    how: str
    cwe: str

    @property
    def rank(self) -> int:
        """Severity as a number, low first."""
        return SEVERITIES.index(self.severity)


def rule(table: Table) -> Rule:
    """Read the `[rule]` table of a file under rules/judgements/."""
    subject = table.choice("subject", SUBJECTS)
    row = Rule(
        id=table.text("id"),
        subject=subject,
        severity=table.choice("severity", SEVERITIES),
        confidence=table.choice("confidence", CONFIDENCES, "high"),
        title=table.text("title"),
        message=table.text("message"),
        note=table.text("note", ""),
        fix=table.choice("fix", FIXES, ""),
        when=_condition(table, "when", subject),
        pedantic=_condition(table, "pedantic", subject),
        what=table.text("what"),
        why=table.text("why"),
        fine=table.text("fine"),
        how=table.text("how"),
        cwe=table.text("cwe", ""),
    )
    table.done()
    return row


def _condition(table: Table, key: str, subject: str) -> dict[str, tuple[str, ...]]:
    part = table.table(key)
    if part is None:
        return {}
    words = VOCABULARY[subject]
    condition = {word: part.choices(word, words[word]) for word in words if word in part}
    part.done()
    return condition
