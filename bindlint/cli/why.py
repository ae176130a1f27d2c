"""`bindlint why FILE:LINE`: the evidence for a finding, or for silence."""

from __future__ import annotations

import datetime as dt
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bindlint.cli import CLEAN, listing
from bindlint.cli.parser import Parser
from bindlint.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

_PLACE = re.compile(r"(.+?):([0-9]{1,9})(?::[0-9]+)?")
_DESCRIPTION = """\
What bindlint knows of one line: each finding that has a place there, with its story, also those that the default
persona does not show; and for what is silent, why."""


def run(arguments: Sequence[str]) -> int:
    """Print all that is known of a line."""
    parser = Parser("why", _DESCRIPTION, "[options] FILE:LINE")
    parser.add_argument("place", metavar="FILE:LINE", help="a line, as findings name it: compose.yaml:12")
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="colours (default: auto)")
    listing.add_options(parser)
    parser.add_argument("-h", "--help", action="help", help="show this help")
    asked = parser.parse_args(arguments)
    match = _PLACE.fullmatch(asked.place)
    if match is None:
        raise UsageError(f"expected FILE:LINE, as in compose.yaml:12, not {asked.place!r}")
    path, line = match[1], int(match[2])
    if not Path(path).is_file():
        raise UsageError(f"{path}: no such file")

    from bindlint.knowledge import Knowledge, rules_root  # noqa: PLC0415 - a wrong option must not wait for these
    from bindlint.reporters import Look, evidence  # noqa: PLC0415
    from bindlint.reporters.terminal import wants_colour  # noqa: PLC0415

    files, config = listing.listing([path], asked)
    name = files.focus[0]
    work = listing.workspace(Knowledge(rules_root()), config, asked)
    with work.loading(files):
        found = work.why(name, line, dt.date.today())  # noqa: DTZ011 - the day where the user is
    source = found.sources.get(name)
    if source is not None and not 1 <= line <= source.line_count:
        raise UsageError(f"{path} has {source.line_count} lines: there is no line {line}")
    look = Look(
        colour=wants_colour(asked.color, sys.stdout),
        runner=bool(os.environ.get("GITHUB_ACTIONS")),
        width=listing.width(),
    )
    sys.stdout.write(evidence.render(found, look))
    return CLEAN
