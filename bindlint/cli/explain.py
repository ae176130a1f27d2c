"""`bindlint explain ID`: the page of a rule."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from bindlint.cli import CLEAN
from bindlint.cli.parser import Parser
from bindlint.config import closest
from bindlint.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence


def run(arguments: Sequence[str]) -> int:
    """Print what a rule finds, why it matters, when it is fine, how to fix it, and examples."""
    from bindlint import docs  # noqa: PLC0415 - after the options are known to be good
    from bindlint.knowledge import Knowledge, rules_root  # noqa: PLC0415

    parser = Parser("explain", "What a rule finds, why it matters, when it is fine, and how to fix it.", "ID [ID …]")
    parser.add_argument("ids", nargs="+", metavar="ID", help="a rule id, as findings name it: wildcard")
    parser.add_argument("--format", choices=("text", "markdown"), default="text", help="text (default) or markdown")
    parser.add_argument("-h", "--help", action="help", help="show this help")
    options = parser.parse_args(arguments)
    knowledge = Knowledge(rules_root())
    render = docs.page if options.format == "text" else docs.markdown
    pages = []
    for rule in options.ids:
        if rule not in knowledge.rules:
            raise UsageError(f"there is no rule {rule!r}{closest(rule, list(knowledge.rules))} (see bindlint rules)")
        pages.append(render(knowledge.rules[rule], knowledge))
    sys.stdout.write("\n".join(pages))
    return CLEAN
