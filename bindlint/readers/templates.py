"""Templates (Helm's Go templates, Jinja) blanked to text of the same length, so that what stands there can be read.

A file of a chart is no YAML until it is rendered, and a value that only rendering knows is not ours to guess. What
stands there in full (`hostNetwork: true` inside an `if`) is still a fact, at the same offsets.
"""

from __future__ import annotations

import re

# Stands for each character that a template's action writes. A private use character (Unicode 23.5): YAML allows it in
# plain scalars, and no real file gives it a meaning.
HOLE = "\ue000"

_CLOSERS = {"{{": "}}", "{%": "%}", "{#": "#}"}
_OPEN = re.compile(r"\{[{%#]")
# Actions that write nothing themselves: blank in the middle of a line too.
_SILENT = re.compile(
    r"[-+\s]*(?:/\*|if\b|else\b|end\b|endif\b|elif\b|range\b|with\b|define\b|block\b|for\b|endfor\b|set\b|\$[\w.]*\s*:?=)"
)
# The header of a block scalar, and lines of nothing but white space before its text: one that is longer than the text's
# indentation is refused (YAML 1.2.2, 8.1.1.1), so they become a part of the header's line.
_LEADING = re.compile(r"(?<=[\s:-])[|>][-+1-9]{0,2}[ \t]*\r?\n[ \t\r\n]*(?=\n)")
# What only the templates of a chart refer to (helm.sh/docs/chart_template_guide/builtin_objects).
_HELM = re.compile(
    r"\{\{[^{}]*(?:\.(?:Values|Release|Chart|Capabilities|Files|Template)\b|\b(?:include|template|define) \")"
)


def language(path: str, text: str) -> str:
    """What a template is a template of, in words: one text for all of a kind."""
    chart = _HELM.search(text) or ("/templates/" in f"/{path}" and "{%" not in text)
    return "a Helm template" if chart else "a template"


def present(text: str) -> bool:
    """Whether the text holds a template's action."""
    return "{{" in text or "{%" in text


def blank(text: str) -> str:
    """The text with holes where actions write something, and spaces where they write nothing or fill a whole line."""
    out: list[str] = []
    last = 0
    for start, end in actions(text):
        out += [text[last:start], _filled(text, start, end)]
        last = end
    lines = "".join([*out, text[last:]]).split("\n")
    blanked = "\n".join(line if line.replace(HOLE, "").strip() else _empty(line) for line in lines)
    return _LEADING.sub(lambda match: re.sub(r"\s", " ", match[0]), blanked)


def _empty(line: str) -> str:
    """A line that holds nothing but actions: spaces, also for the tabs around them, which YAML would refuse."""
    return re.sub(r"[^\r]", " ", line)


def actions(text: str) -> list[tuple[int, int]]:
    """The spans of the actions, in order; one that is never closed ends the search for its kind."""
    found: list[tuple[int, int]] = []
    at, never = 0, set()
    while match := _OPEN.search(text, at):
        opener = match[0]
        if opener in never:
            at = match.end()
            continue
        close = text.find(_CLOSERS[opener], match.end())
        if close < 0:
            never.add(opener)
            at = match.end()
            continue
        found.append((match.start(), close + 2))
        at = close + 2
    return found


def _filled(text: str, start: int, end: int) -> str:
    action = text[start:end]
    filler = " " if action[1] != "{" or _SILENT.match(action, 2) else HOLE
    return re.sub(r"[^\r\n]", filler, action)
