"""The command line: finds the command, runs it, and decides how the process ends.

Exit codes: 0 clean, 1 findings, 2 usage or configuration error, 3 internal error or (`--strict`) something not read;
130 when interrupted and 141 when the reader of the output went away, as shells count signals. The report goes to
stdout, everything else to stderr.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from bindlint import __version__
from bindlint.errors import BindlintError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

CLEAN, FINDINGS, USAGE, INTERNAL = 0, 1, 2, 3
INTERRUPTED, CLOSED = 130, 141

COMMANDS = {
    "scan": "find services bound where they should not be",
    "fix": "go through the findings one by one: fix, ignore or leave each",
    "why": "the evidence for a finding, or for silence, at FILE:LINE",
    "explain": "what a rule finds, why, when it is fine, and how to fix it",
    "rules": "list the rules",
}
USAGE_TEXT = f"""\
bindlint {__version__}: who can connect to this?

usage: bindlint COMMAND [options]

commands:
{"".join(f"  {name:<9} {summary}{chr(10)}" for name, summary in COMMANDS.items())}
  bindlint scan               look at the project in this folder
  bindlint COMMAND --help     the options of a command
  bindlint --version          the version

exit codes: 0 clean, 1 findings, 2 usage or configuration error, 3 internal error or (--strict) something not read
"""


def main(arguments: Sequence[str]) -> int:
    """Run a command line; never raises, and ends with 0 or 1 only if that is the verdict."""
    try:
        _prepare_streams()
        _rarely_collect()
        code = _run(list(arguments))
        if sys.stdout is not None:
            sys.stdout.flush()
    except BindlintError as error:
        _complain(f"error: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        _complain("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        _discard_output()
        return CLOSED
    except Exception as error:  # noqa: BLE001 - the last line of defence: a crash must not look like a verdict
        return _crash(error)
    return code


def _rarely_collect() -> None:
    """Let the cyclic collector run less often: trees of code are many objects that live long (a third of a scan)."""
    gc.set_threshold(100_000, 5, 3)


def _run(arguments: list[str]) -> int:
    if not arguments:
        sys.stdout.write(USAGE_TEXT)
        return USAGE
    command, *rest = arguments
    if command in ("-h", "--help", "help"):
        sys.stdout.write(USAGE_TEXT)
        return CLEAN
    if command in ("-V", "--version"):
        sys.stdout.write(f"bindlint {__version__}\n")
        return CLEAN
    if command not in COMMANDS:
        raise UsageError(_unknown_command(command))
    module = import_module(f"bindlint.cli.{command}")
    return int(module.run(rest))


def _unknown_command(command: str) -> str:
    from bindlint.config import closest  # noqa: PLC0415 - only for complaints

    if os.path.lexists(command):
        return f"there is no command {command!r} (did you mean: bindlint scan {command})"
    return f"there is no command {command!r}{closest(command, list(COMMANDS))} (see bindlint --help)"


def _prepare_streams() -> None:
    """UTF-8 whatever the locale says, and no failure for what cannot be written."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")


def log(message: str) -> None:
    """One line to stderr, made inert."""
    from bindlint.reporters.terminal import for_runner, show  # noqa: PLC0415 - `--version` needs nothing of the kind

    if sys.stderr is not None:
        line = show(f"bindlint: {message}")
        sys.stderr.write((for_runner(line) if os.environ.get("GITHUB_ACTIONS") else line) + "\n")
        sys.stderr.flush()


def _complain(message: str) -> None:
    with contextlib.suppress(OSError, ValueError):  # nobody listens; the exit code says it
        log(message)


def _crash(error: Exception) -> int:
    import traceback  # noqa: PLC0415 - only for crashes

    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""  # noqa: PTH119 - a name
    _complain(f"internal error: {type(error).__name__}: {error}{place}; set BINDLINT_DEBUG=1 for the whole trace")
    if os.environ.get("BINDLINT_DEBUG") and sys.stderr is not None:
        traceback.print_exception(type(error), error, error.__traceback__)
    return INTERNAL


def _discard_output() -> None:
    """Point stdout at nothing, or the interpreter complains about the closed pipe when it ends."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
