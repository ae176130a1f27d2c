"""Makefiles: what their recipes start, on a host.

Source: GNU make manual, sections 5.1 (recipes begin with a tab), 5.2 and 5.5 (the marks `@`, `-` and `+`), 6.2 (kinds
of variables), 5.1.2 (`$$` is the shell's dollar).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bindlint.facts import Word
from bindlint.readers import packages
from bindlint.readers.commands import Context, Variables, each, local, remember, simple_commands
from bindlint.readers.recipes import filled_in, logical_lines
from bindlint.source import is_test

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bindlint.facts import Fact, Problem
    from bindlint.knowledge import Knowledge
    from bindlint.source import Source

_NAMES = frozenset({"Makefile", "makefile", "GNUmakefile"})
_VARIABLE = re.compile(r"(?:export +|override +)*([A-Za-z_][\w.-]*)[ \t]*(\?|\+|::?:?)?=[ \t]*([^#\n]*)")
_MARKS = re.compile(r"\t[ \t]*[@+-]*[ \t]*")
_REFERENCE = re.compile(r"\$\$|\$\(([A-Za-z_][\w.-]*)\)")


def claims(path: str, data: bytes, _knowledge: Knowledge) -> bool:  # noqa: ARG001 - the shape of a reader
    """A file that make reads by its name or ending."""
    name = path.rpartition("/")[2]
    return name in _NAMES or name.startswith("Makefile.") or name.endswith(".mk")


def gate(data: bytes, knowledge: Knowledge) -> bool:
    """Whether any program that has something to say is named."""
    return bool(knowledge.telling_commands.search(data))


def read(source: Source, knowledge: Knowledge) -> Iterable[Fact | Problem]:
    """The facts of each recipe line, in order; make's variables are known to all of them."""
    environment = Variables()
    recipes: list[tuple[int, int]] = []
    for start, end in logical_lines(source.text):
        if marks := _MARKS.match(source.text, start, end):
            recipes.append((marks.end(), end))
        elif found := _VARIABLE.match(source.text, start, end):
            written = found[3].rstrip()
            value = Word(_expanded(written), source.site(found.start(3), found.start(3) + len(written)))
            environment.assign(found[1], value, perhaps=found[2] == "?" or found[1] in environment)
    context = Context(knowledge, joint=" ", certain=not is_test(source.path), packages=packages.around(source))
    for start, end in recipes:
        text, offsets = filled_in(source.text, start, end, _REFERENCE)
        inner = Variables(environment)
        for words in simple_commands(text, offsets, source.site(start, end)):
            if not remember(words, inner):
                yield from local(each(words, inner, context), knowledge)


def _expanded(text: str) -> str:
    return _REFERENCE.sub(lambda match: "${" + match[1] + "}" if match[1] else "$", text)
