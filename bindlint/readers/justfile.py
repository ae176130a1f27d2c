"""Justfiles: what their recipes start, on a host.

Source: just manual (casey/just, README): "Variables and Substitution", "Recipe Parameters", "Shebang Recipes", "Quiet
Recipes", "Ignoring Errors": each line of a recipe is a shell of its own, the body of one with a shebang is a script.
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
    from collections.abc import Iterable, Iterator

    from bindlint.facts import Fact, Problem
    from bindlint.knowledge import Knowledge
    from bindlint.source import Source

_NAME = re.compile(r"\.?[Jj]ustfile|.*\.just|\.JUSTFILE|JUSTFILE")
_TEXT = r"(?:\"([^\"\n]*)\"|'([^'\n]*)')"
_VARIABLE = re.compile(rf"(?:export +)?([A-Za-z_][\w-]*) *:= *(?:env(?:_var_or_default)?\( *{_TEXT} *, *)?{_TEXT}")
_HEADER = re.compile(r"@?([A-Za-z_][\w-]*)([^:\n]*):(?!=)")
_PARAMETER = re.compile(rf"([A-Za-z_][\w-]*) *= *{_TEXT}")
_BODY = re.compile(r"[ \t]+[@-]*[ \t]*")
_SHELL = re.compile(r"[ \t]*#!.*\b(?:sh|bash|dash|ash|zsh|ksh)\b")
_REFERENCE = re.compile(r"\{\{ *([A-Za-z_][\w-]*) *\}\}")
MAX_RECIPES = 2_000


def claims(path: str, data: bytes, _knowledge: Knowledge) -> bool:  # noqa: ARG001 - the shape of a reader
    """A file that just reads by its name or ending."""
    return _NAME.fullmatch(path.rpartition("/")[2]) is not None


def gate(data: bytes, knowledge: Knowledge) -> bool:
    """Whether any program that has something to say is named."""
    return bool(knowledge.telling_commands.search(data))


def read(source: Source, knowledge: Knowledge) -> Iterable[Fact | Problem]:
    """The facts of each recipe; the file's variables are known to all of them, its parameters' defaults to its own."""
    environment = Variables()
    recipes: list[tuple[dict[str, Word], list[tuple[int, int]]]] = []
    for start, end in logical_lines(source.text):
        if found := _VARIABLE.match(source.text, start, end):
            environment.assign(found[1], _word(source, found, 4 if found[4] is not None else 5), perhaps=False)
        elif header := _HEADER.match(source.text, start, end):
            named = _PARAMETER.finditer(source.text, header.start(2), header.end(2))
            recipes.append(({one[1]: _word(source, one, 2 if one[2] is not None else 3) for one in named}, []))
        elif recipes and source.text[start:end].strip() and source.text[start] in " \t":
            recipes[-1][1].append((start, end))
    context = Context(knowledge, joint=" ", certain=not is_test(source.path), packages=packages.around(source))
    for parameters, lines in recipes[:MAX_RECIPES]:
        for start, end in _texts(source.text, lines):
            inner = Variables({**environment, **parameters})
            text, offsets = filled_in(source.text, start, end, _REFERENCE)
            for words in simple_commands(text, offsets, source.site(start, end)):
                if not remember(words, inner):
                    yield from local(each(words, inner, context), knowledge)


def _word(source: Source, match: re.Match[str], group: int) -> Word:
    return Word(match[group], source.site(*match.span(group)))


def _texts(text: str, lines: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The shell texts of a recipe: each of its lines, or all of them where its first names a shell."""
    if lines and text[slice(*lines[0])].lstrip().startswith("#!"):
        if _SHELL.match(text, *lines[0]):
            yield lines[0][1], lines[-1][1]
        return
    for start, end in lines:
        marks = _BODY.match(text, start, end)
        yield marks.end() if marks else start, end
