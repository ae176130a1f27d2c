"""Text that is safe to print: nothing that came from a scanned tree may move a cursor, hide, reorder or give an order.

`show` makes one string inert; `columns` measures what a terminal does with it; `for_runner` keeps a GitHub runner from
taking a line for a workflow command.
"""

from __future__ import annotations

import os
import re
import unicodedata
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bindlint.findings import Severity

# C0, C1 and DEL; format characters (bidi, zero width, tags); surrogates; line and paragraph separators.
_UNSAFE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff"
    r"\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_NAMED = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}
# The runner obeys `::command` at the start of a line, after blanks, and `##[command]` anywhere in it
# (actions/runner src/Runner.Common/ActionCommand.cs, TryParseV2 and TryParse).
_COMMAND = re.compile(r"^(\s*)::", re.MULTILINE)

_RESET = "\x1b[0m"
_COLOURS = {
    "critical": "\x1b[1;35m",
    "high": "\x1b[1;31m",
    "medium": "\x1b[1;33m",
    "low": "\x1b[1;36m",
    "frame": "\x1b[34m",
    "story": "\x1b[36m",
    "strong": "\x1b[1m",
    "good": "\x1b[32m",
    "dim": "\x1b[2m",
}


def show(text: str) -> str:
    r"""The text with every character that could do more than be seen written as an escape (`\x1b`, `\u202e`)."""
    return _UNSAFE.sub(_escape, text) if not text.isascii() or not text.isprintable() else text


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    if character in _NAMED:
        return _NAMED[character]
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def columns(text: str) -> int:
    """How many columns a terminal gives the text: two for wide characters, none for combining ones (UAX 11)."""
    if text.isascii():
        return len(text)
    return sum(_width(character) for character in text)


def _width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def for_runner(text: str) -> str:
    """The same lines, none of which a GitHub runner would obey. For text that holds no commands of our own."""
    return _COMMAND.sub(r"\1\\x3a:", text.replace("##[", r"##\x5b"))


def paint(text: str, role: str, *, colour: bool) -> str:
    """The text in the colour of its role, where colours are wanted."""
    return f"{_COLOURS[role]}{text}{_RESET}" if colour and text else text


def severity_role(severity: Severity) -> str:
    """The role that colours a severity."""
    return severity.word


def wants_colour(choice: str, stream: TextIO | None, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether to use colours: as asked (`always`, `never`), else as the environment says, else on a terminal only.

    NO_COLOR (no-color.org) wins over FORCE_COLOR (force-color.org) and CLICOLOR_FORCE (bixense.com/clicolors); each
    counts when it is not empty, CLICOLOR_FORCE when it is also not 0.
    """
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR") or environment.get("CLICOLOR_FORCE", "0") not in ("", "0"):
        return True
    return stream is not None and stream.isatty() and environment.get("TERM") != "dumb"
