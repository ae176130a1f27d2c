"""The parser of one command's options."""

from __future__ import annotations

import argparse
from typing import NoReturn

from bindlint.errors import UsageError


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are our errors, and that takes no abbreviation for an option."""

    def __init__(self, command: str, description: str, usage: str) -> None:
        """Describe one command."""
        super().__init__(
            prog=f"bindlint {command}",
            description=description,
            usage=f"bindlint {command} {usage}",
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            add_help=False,
        )

    def error(self, message: str) -> NoReturn:
        """Complain in one line."""
        raise UsageError(f"{message} (see {self.prog} --help)")
