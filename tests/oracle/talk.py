"""How the tiers' commands talk: the table on stdout, signs of life on stderr."""

from __future__ import annotations

import sys


def sign(*, good: bool) -> None:
    """A sign of life: a dot for what came out right, `!` for what did not."""
    sys.stderr.write("." if good else "!")
    sys.stderr.flush()


def say(text: str) -> None:
    """A line of the table."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
