"""What reporters know besides the findings: texts about rules, made elsewhere, and how the output is to look."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bindlint.findings import Severity


@dataclass(frozen=True, slots=True)
class RuleText:
    """One rule as a report explains it. `text` and `markdown` are the page that `bindlint explain` shows."""

    id: str
    title: str
    summary: str
    severity: Severity
    precision: str
    text: str
    markdown: str
    cwe: str = ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The version of the program, where it lives, and the texts of the rules that a report needs."""

    version: str
    home: str = ""
    rules: Mapping[str, RuleText] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Look:
    """How a report for people is to look. `runner`: a GitHub runner reads the lines and would obey some of them.

    `quiet` leaves out the summary; `width` is where long source lines are cut.
    """

    colour: bool = False
    quiet: bool = False
    runner: bool = False
    width: int = 120
