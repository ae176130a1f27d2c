"""Command lines, wherever they occur: which program runs in the end, what it opens, whom it connects to.

Not a reader itself: compose, Kubernetes, Dockerfile and shell readers hand over words with the places they stand at.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bindlint.addresses import Kind
from bindlint.facts import Connection, Fact, Launch, Word
from bindlint.readers.commands.branches import Script
from bindlint.readers.commands.programs import Context, each, run, shell
from bindlint.readers.commands.tokens import shell_words, simple_commands, split_words, word_commands
from bindlint.readers.commands.variables import Variables, remember
from bindlint.readers.commands.words import made

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bindlint.knowledge import Knowledge


def check(words: Sequence[Word], context: Context) -> Iterator[Fact]:
    """Whom the command line of a health check or an exec probe connects to."""
    for fact in run(words, context):
        if isinstance(fact, Connection):
            yield replace(fact, purpose="healthcheck")


def local(facts: Iterable[Fact], knowledge: Knowledge) -> Iterator[Fact]:
    """The facts without what says nothing of this machine: launches of echo and cd, connections to other machines."""
    for fact in facts:
        if isinstance(fact, Launch) and not fact.files and fact.program not in knowledge.commands:
            continue
        if isinstance(fact, Connection) and fact.address.kind not in (Kind.LOCALHOST, Kind.LOOPBACK):
            continue
        yield fact


__all__ = [
    "Context",
    "Script",
    "Variables",
    "check",
    "each",
    "local",
    "made",
    "remember",
    "run",
    "shell",
    "shell_words",
    "simple_commands",
    "split_words",
    "word_commands",
]
