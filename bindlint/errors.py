"""Who is at fault, and how the process ends.

::

    BindlintError            exit_code 3   something broke inside bindlint
    ├── UsageError           exit_code 2   the command line cannot be obeyed
    ├── ConfigError          exit_code 2   a configuration file is wrong (file, line, key, what was expected)
    ├── KnowledgeError       exit_code 3   a table in rules/ is wrong (file, line, what was expected)
    └── UnreadableError      exit_code 3   one file could not be read; becomes a notice, never ends a run

A file that cannot be read is a value in the report (`facts.Problem`), so `UnreadableError` is caught where one file's
reading ends; it carries the line to show.
"""

from __future__ import annotations


class BindlintError(Exception):
    """Base of everything bindlint raises on purpose; `exit_code` is how the process ends if nobody catches it."""

    exit_code = 3


class UsageError(BindlintError):
    """The command line asks for something that cannot be done."""

    exit_code = 2


class ConfigError(BindlintError):
    """A configuration file is malformed; the message is one line: file, line, key, what was expected."""

    exit_code = 2


class KnowledgeError(BindlintError):
    """A table is malformed; the message is one line: file, line, what was expected."""


class UnreadableError(BindlintError):
    """One file cannot be read as what it claims to be. `line` is one-based, 0 when the whole file is meant."""

    def __init__(self, reason: str, line: int = 0) -> None:
        """Say why, and on which one-based line."""
        super().__init__(reason)
        self.reason = reason
        self.line = line
