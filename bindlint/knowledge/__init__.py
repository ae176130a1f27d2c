"""The tables under rules/: parsed, checked, and handed out as frozen rows. Each folder is read when first asked for."""

from __future__ import annotations

from bindlint.knowledge.examples import Example
from bindlint.knowledge.load import Knowledge, rules_root
from bindlint.knowledge.rules import Rule

__all__ = ["Example", "Knowledge", "Rule", "rules_root"]
