"""`bindlint rules`: the list of rules."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from bindlint.cli import CLEAN
from bindlint.cli.parser import Parser

if TYPE_CHECKING:
    from collections.abc import Sequence


def run(arguments: Sequence[str]) -> int:
    """Print every rule with its severity and title."""
    from bindlint import docs  # noqa: PLC0415 - after the options are known to be good
    from bindlint.knowledge import Knowledge, rules_root  # noqa: PLC0415

    parser = Parser("rules", "The rules, the most severe first.", "[--format text|json]")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="text (default) or json")
    parser.add_argument("-h", "--help", action="help", help="show this help")
    options = parser.parse_args(arguments)
    knowledge = Knowledge(rules_root())
    if options.format == "text":
        sys.stdout.write(docs.table(knowledge))
        return CLEAN
    rows = [
        {"id": r.id, "severity": r.severity, "title": r.title, "subject": r.subject, "cwe": r.cwe}
        for r in knowledge.rules.values()
    ]
    sys.stdout.write(json.dumps({"version": 1, "rules": rows}, indent=2) + "\n")
    return CLEAN
