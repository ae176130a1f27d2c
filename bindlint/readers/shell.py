"""Shell scripts and Procfiles: what they start, on a host unless a container is known to run them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bindlint.facts import places
from bindlint.readers import packages
from bindlint.readers.commands import Context, Script, Variables, each, local, remember, shell_words
from bindlint.source import is_test

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bindlint.facts import Fact, Problem
    from bindlint.knowledge import Knowledge
    from bindlint.source import Source

_SHEBANG = re.compile(rb"#![^\n]{0,80}\b(?:sh|bash|dash|ash|zsh|ksh)\b")
_PROCESS = re.compile(r"^[ \t]*[A-Za-z0-9_-]+[ \t]*:[ \t]*", re.MULTILINE)  # Procfile: `web: command`
_NAMES = re.compile(r"(?:Procfile(?:\.\w+)?|(?:docker-)?entrypoint(?:\.\w+)?)")


def claims(path: str, data: bytes, _knowledge: Knowledge) -> bool:
    """A Procfile, a script by its ending, by its name or by its first line."""
    name = path.rpartition("/")[2]
    if name.endswith((".sh", ".bash", ".ksh", ".zsh")):
        return True
    if "." in name and not _NAMES.fullmatch(name):
        return False
    return name.startswith("Procfile") or bool(_SHEBANG.match(data))


def gate(data: bytes, knowledge: Knowledge) -> bool:
    """Whether any program that has something to say is named."""
    return bool(knowledge.telling_commands.search(data))


def read(source: Source, knowledge: Knowledge) -> Iterable[Fact | Problem]:
    """The facts of each command, in order; variables set before are known to it."""
    environment = Variables()
    context = Context(knowledge, joint=" ", certain=not is_test(source.path), packages=packages.around(source))
    facts: list[Fact] = []
    commands = [words for start, end in _texts(source) for words in shell_words(source, start, end)]
    for words in commands:
        if not remember(words, environment):
            facts += local(each(words, environment, context), knowledge)
    yield from facts
    yield from Script(commands).branches([site for fact in facts for site in places(fact) if site.path == source.path])


def _texts(source: Source) -> Iterator[tuple[int, int]]:
    """The ranges that hold shell text: all of a script, what follows the colon in a Procfile."""
    if not source.name.startswith("Procfile"):
        yield 0, len(source.text)
        return
    for match in _PROCESS.finditer(source.text):
        end = source.text.find("\n", match.end())
        yield match.end(), len(source.text) if end < 0 else end
