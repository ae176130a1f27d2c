"""`bindlint scan`: look at a project and report."""

from __future__ import annotations

import datetime as dt
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from bindlint.cli import CLEAN, FINDINGS, INTERNAL, listing, log, outputs
from bindlint.cli.parser import Parser
from bindlint.config import CONFIDENCES, FAIL_ON, PERSONAS, SEVERITIES, Options, closest
from bindlint.errors import ConfigError, UsageError
from bindlint.reporters import REPORTERS, Look
from bindlint.reporters.terminal import wants_colour

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Sequence

    from bindlint.config import Config
    from bindlint.findings import Report
    from bindlint.knowledge import Knowledge

FIXES = ("safe", "all")
_DESCRIPTION = """\
Find services bound where they should not be.

Files and folders that are named are what is reported on; the rest of their repository is read as context, because
a port published in one file decides about a listener in another."""


def run(arguments: Sequence[str]) -> int:
    """Scan, print the report, write the outputs asked for, and return the verdict."""
    asked = _parser().parse_args([f"{word}=safe" if word in ("--fix", "--diff") else word for word in arguments])
    written = [outputs.parse(text, list(REPORTERS)) for text in asked.output]

    from bindlint import docs  # noqa: PLC0415 - a wrong option must not wait for these
    from bindlint.knowledge import Knowledge, rules_root  # noqa: PLC0415

    knowledge = Knowledge(rules_root())
    files, config = listing.listing(asked.paths, asked, force_exclude=asked.force_exclude)
    _check_ids(asked, config, knowledge)
    options = _options(asked, config)
    progress = _progress() if not asked.quiet and sys.stderr is not None and sys.stderr.isatty() else None
    project = listing.workspace(knowledge, config, asked)
    report = project.scan(files, options, progress)
    if progress is not None:
        sys.stderr.write("\r\x1b[K")
    if asked.fix or asked.diff:
        from bindlint.cli import mend  # noqa: PLC0415 - most scans change nothing

        report = mend.run(project, files, report, options, asked)
    formats = {asked.format, *(format_ for format_, _ in written)}
    texts = docs.catalogue(knowledge, {f.rule for f in report.findings} if "sarif" in formats else ())
    look = Look(
        colour=wants_colour(asked.color, sys.stdout),
        quiet=asked.quiet,
        runner=bool(os.environ.get("GITHUB_ACTIONS")),
        width=listing.width(),
    )
    for format_, path in written:
        outputs.write(path, REPORTERS[format_](report, texts, replace(look, colour=False, runner=False)))
    if sys.stdout is not None and not asked.diff:
        sys.stdout.write(REPORTERS[asked.format](report, texts, look))
    if asked.verbose:
        _tell(report, config, options)
    return _verdict(report, asked.fail_on or config.fail_on, asked)


def _parser() -> Parser:
    parser = Parser("scan", _DESCRIPTION, "[options] [PATH …]")
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="files and folders to report on (default: this folder)"
    )
    what = parser.add_argument_group("what is reported")
    what.add_argument(
        "--persona", choices=PERSONAS, help="regular (default), pedantic: weak evidence too, auditor: all"
    )
    what.add_argument("--min-severity", choices=SEVERITIES, help="leave out milder findings")
    what.add_argument("--min-confidence", choices=CONFIDENCES, help="leave out less certain findings")
    what.add_argument("--select", action="append", metavar="IDS", help="only these rules (comma separated)")
    what.add_argument("--ignore", action="append", metavar="IDS", help="all but these rules (comma separated)")
    what.add_argument("--no-ignores", action="store_true", help="obey no ignore, neither comments nor configuration")
    what.add_argument("--force-exclude", action="store_true", help="apply excludes to files given by name, too")
    fixes = parser.add_argument_group("fixes").add_mutually_exclusive_group()
    fixes.add_argument(
        "--fix", choices=FIXES, metavar="safe|all", help="make the fixes that cut off nobody known (--fix=all: all)"
    )
    fixes.add_argument(
        "--diff", choices=FIXES, metavar="safe|all", help="print what --fix would change, for `git apply`"
    )
    how = parser.add_argument_group("how it is reported")
    how.add_argument("--format", choices=list(REPORTERS), default="text", help="format of the report on stdout")
    how.add_argument(
        "--output", action="append", default=[], metavar="FORMAT=FILE", help="write a report to a file, too; repeatable"
    )
    how.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="colours (default: auto)")
    how.add_argument("-q", "--quiet", action="store_true", help="findings only: no summary, no progress")
    how.add_argument("-v", "--verbose", action="store_true", help="say on stderr what was read and obeyed")
    end = parser.add_argument_group("how it ends")
    end.add_argument(
        "--fail-on", choices=FAIL_ON, help="exit 1 for findings of this severity or above (default: medium)"
    )
    end.add_argument("--exit-zero", action="store_true", help="exit 0 although there are findings")
    end.add_argument("--strict", action="store_true", help="exit 3 if anything could not be read")
    other = parser.add_argument_group("other")
    listing.add_options(other)
    other.add_argument("-h", "--help", action="help", help="show this help")
    return parser


def _options(asked: Namespace, config: Config) -> Options:
    return Options(
        persona=asked.persona or config.persona,
        select=_ids(asked.select) if asked.select else config.select,
        ignore=(*config.ignore, *_ids(asked.ignore or [])),
        min_severity=asked.min_severity or config.min_severity,
        min_confidence=asked.min_confidence or config.min_confidence,
        no_ignores=asked.no_ignores,
        force_exclude=asked.force_exclude,
        today=dt.date.today(),  # noqa: DTZ011 - the day where the user is: expiry dates are local
    )


def _ids(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(part.strip() for text in texts for part in text.split(",") if part.strip())


def _check_ids(asked: Namespace, config: Config, knowledge: Knowledge) -> None:
    """Refuse ids that no rule has: a misspelt one would silently find, or ignore, nothing."""
    known = list(knowledge.rules)
    for option, texts in (("--select", asked.select), ("--ignore", asked.ignore)):
        if texts is not None and not _ids(texts):
            raise UsageError(f"{option}: expected rule ids, comma separated (see bindlint rules)")
        for rule in _ids(texts or []):
            if rule not in known:
                raise UsageError(f"{option}: there is no rule {rule!r}{closest(rule, known)} (see bindlint rules)")
    for key, rules in (("select", config.select), ("ignore", config.ignore)):
        for rule in rules:
            if rule not in known:
                raise ConfigError(f"{config.where(key)}: expected a rule id, not {rule!r}{closest(rule, known)}")
    for entry in config.ignores:
        for rule in entry.rules:
            if rule not in known:
                place = f"{config.file}:{entry.line}: ignores.rules"
                raise ConfigError(f"{place}: expected a rule id, not {rule!r}{closest(rule, known)}")


def _verdict(report: Report, fail_on: str, asked: Namespace) -> int:
    """Findings, else clean; but not clean where bindlint itself failed on a file, and under --strict nothing unread."""
    if asked.strict and report.problems:
        return INTERNAL
    failing = fail_on != "never" and any(f.severity >= SEVERITIES.index(fail_on) for f in report.findings)
    if failing and not asked.exit_zero:
        return FINDINGS
    return INTERNAL if any(problem.internal for problem in report.problems) else CLEAN


def _tell(report: Report, config: Config, options: Options) -> None:
    log(f"root {report.root}")
    log(f"configuration {config.file or 'none'}")
    log(f"persona {options.persona}, {len(report.suppressed)} ignored, {report.hidden} below what the persona shows")
    for finding, ignore in report.suppressed:
        log(f"ignored {finding.rule} in {finding.site.path}: {ignore.reason or 'no reason given'}")


def _progress() -> Callable[[int, int], None]:
    """Say how far it is, a few times a second, once it has taken longer than a moment."""
    import time  # noqa: PLC0415

    shown = time.monotonic() + 0.5

    def progress(done: int, total: int) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - shown > 0.1:
            shown = now
            sys.stderr.write(f"\r\x1b[K{done} of {total} files")
            sys.stderr.flush()

    return progress
