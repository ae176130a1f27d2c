"""`bindlint fix`: one finding at a time, with its story and the diff of its fix; fix it, ignore it or leave it."""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bindlint.cli import CLEAN, FINDINGS, listing, log
from bindlint.cli.parser import Parser
from bindlint.config import PERSONAS, Options
from bindlint.errors import UsageError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from bindlint.discover import Listing
    from bindlint.findings import Finding, Fix, Report
    from bindlint.mending import Change
    from bindlint.workspace import Workspace

_DESCRIPTION = """\
Go through the findings one by one. Each is shown with its story and with what its fix would change; nothing is written
before it is answered. `bindlint scan --fix` makes the safe fixes without asking."""
_HELP = """\
y  make this change
2  show the alternative of that number, to be answered with y
i  ignore the finding: a comment with your reason is put above the line
n  leave it (so does an empty answer)
q  leave it and all that follow"""


def run(arguments: Sequence[str]) -> int:
    """Ask about each finding; 1 when some are left."""
    parser = Parser("fix", _DESCRIPTION, "[options] [PATH …]")
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and folders (default: this folder)")
    parser.add_argument(
        "-i", "--interactive", action="store_true", help="ask about each finding (there is no other way yet)"
    )
    parser.add_argument("--persona", choices=PERSONAS, help="regular (default), pedantic: weak evidence too")
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="colours (default: auto)")
    listing.add_options(parser)
    parser.add_argument("-h", "--help", action="help", help="show this help")
    asked = parser.parse_args(arguments)
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError("fix asks about each finding and needs a terminal; bindlint scan --fix does not ask")

    from bindlint.knowledge import Knowledge, rules_root  # noqa: PLC0415 - a wrong option must not wait for these

    files, config = listing.listing(asked.paths, asked)
    today = dt.date.today()  # noqa: DTZ011 - the day where the user is
    options = Options(persona=asked.persona or config.persona, select=config.select, ignore=config.ignore, today=today)
    workspace = listing.workspace(Knowledge(rules_root()), config, asked)
    workspace.scan(files, options)
    return _Talk(workspace, files, options, asked).run()


@dataclass(frozen=True, slots=True)
class _Way:
    """A fix that holds, and what it changes."""

    fix: Fix
    changes: tuple[Change, ...]


class _Talk:
    """One walk through the findings; `left` are the fingerprints of those that were answered with no."""

    def __init__(self, workspace: Workspace, files: Listing, options: Options, asked: Namespace) -> None:
        self.workspace, self.files, self.options, self.asked = workspace, files, options, asked
        self.left: set[str] = set()
        self.fixed = self.ignored = 0

    def run(self) -> int:
        while True:
            report = self.workspace.report(self.options, self.files.focused)
            waiting = [f for f in report.findings if f.fingerprint not in self.left]
            if not waiting or not self._ask(waiting[0], report, len(waiting)):
                break
        many = len(report.findings)
        log(f"{self.fixed} fixed, {self.ignored} ignored, {many} left")
        return FINDINGS if many else CLEAN

    def _ask(self, finding: Finding, report: Report, waiting: int) -> bool:
        """Show one finding and do what is answered; False to end."""
        ways, reason = self._ways(finding, report)
        self._show(finding, report, ways, reason)
        chosen = 0
        numbers = [str(number) for number in range(1, len(ways) + 1)] if len(ways) > 1 else []
        choices = "/".join([*(["y"] if ways else []), *(["1-" + numbers[-1]] if numbers else []), "i/n/q/?"])
        while True:
            answer = _answer(f"{waiting} left. {'Make this change' if ways else 'No fix'} [{choices}]? ")
            if answer in ("q", None):
                return False
            if answer in ("n", ""):
                self.left.add(finding.fingerprint)
                return True
            if answer == "y" and ways:
                self.fixed += self._write(ways[chosen].changes, finding)
                return True
            if answer in numbers:
                chosen = int(answer) - 1
                sys.stdout.write("\n".join([*_diff(ways[chosen].changes), *_cuts(ways[chosen].fix)]) + "\n")
                continue
            if answer == "i":
                if self._ignore(finding):
                    return True
                continue
            sys.stdout.write(_HELP + "\n")

    def _ways(self, finding: Finding, report: Report) -> tuple[list[_Way], str]:
        """Its fixes that hold, each with what it changes, tried and taken back; or why there is none."""
        from bindlint.mending import plan  # noqa: PLC0415 - after the first question is known to be asked

        ways, reason = [], "there is no fix that bindlint knows to be right"
        for number, fix in enumerate(finding.fixes):
            one = replace(report, findings=(replace(finding, fix=fix),))
            found = plan(self.workspace, one, self.options, self.files.focused, unsafe=True)
            for change in found.changes:
                self.workspace.update(change.path, change.before)
            if found.changes:
                ways.append(_Way(fix, found.changes))
            elif found.refused and not number:
                reason = found.refused[0][1]
        return ways, "" if ways else reason

    def _show(self, finding: Finding, report: Report, ways: list[_Way], reason: str) -> None:
        from bindlint.reporters import Look, text  # noqa: PLC0415
        from bindlint.reporters.terminal import show, wants_colour  # noqa: PLC0415

        look = Look(colour=wants_colour(self.asked.color, sys.stdout), width=listing.width())
        lines = [*text.finding(finding, report.sources, look), ""]
        if ways:
            lines += [*_diff(ways[0].changes), *_cuts(ways[0].fix)]
        for number, way in enumerate(ways[1:], 2):
            lines.append(f"{number}: {show(way.fix.title)}")
        sys.stdout.write("\n".join([*lines, *([reason] if reason else [])]) + "\n")

    def _write(self, changes: tuple[Change, ...], finding: Finding) -> bool:
        """Write a change, whole or not at all, and know it from now on."""
        from bindlint import rewrite  # noqa: PLC0415

        for change in changes:
            try:
                rewrite.replace(self.files.root, change.path, change.before, change.after)
            except rewrite.UnwrittenError as error:
                log(f"{change.path}: {error}")
                self.workspace.update(change.path, change.before)
                self.left.add(finding.fingerprint)
                return False
            self.workspace.update(change.path, change.after)
        return True

    def _ignore(self, finding: Finding) -> bool:
        """Ask for the reason and put the comment there; False where none was given or no comment can stand."""
        from bindlint.mending import ignoring  # noqa: PLC0415

        reason = _answer("Why is it fine? ")
        if not reason:
            sys.stdout.write("Not ignored: an ignore has a reason.\n")
            return False
        change = ignoring(self.workspace, finding, reason, self.options)
        if change is None:
            sys.stdout.write("No comment can stand there: ignore it in the configuration (README, Ignores).\n")
            return False
        self.ignored += self._write((change,), finding)
        return True


def _diff(changes: tuple[Change, ...]) -> list[str]:
    from bindlint.diffs import unified  # noqa: PLC0415
    from bindlint.reporters.terminal import show  # noqa: PLC0415

    diffs = (unified(c.path, c.before, c.pieces).decode("utf-8", "replace") for c in changes)
    return [show(line) for diff in diffs for line in diff.splitlines()]


def _cuts(fix: Fix) -> list[str]:
    from bindlint.reporters.terminal import show  # noqa: PLC0415

    return [f"This may cut off {show(fix.cuts)}."] if fix.cuts else []


def _answer(question: str) -> str | None:
    """What is typed; None at the end of the input."""
    try:
        return input(question).strip()
    except EOFError:
        sys.stdout.write("\n")
        return None
