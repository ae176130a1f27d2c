"""Examples: small files with the findings expected in them, written where they stand: `host=«wildcard|"0.0.0.0"»`.

Every row carries at least one bad and one good example. They are its tests and its manual.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bindlint.knowledge.check import Table

PERSONAS = ("regular", "pedantic", "auditor")
_MARK = re.compile(r"«([a-z-]+)\|([^«»]*)»")


@dataclass(frozen=True, slots=True)
class Example:
    """Files, and the findings expected in them: (path, start, end, rule id), and nothing else.

    `name` is the table file, the row's position and the title. `fixed` maps paths to the text after all edits, {} when
    the example does not say. `persona` is the one whose findings are compared.
    """

    name: str
    title: str
    files: dict[str, str]
    expected: tuple[tuple[str, int, int, str], ...]
    fixed: dict[str, str]
    persona: str = "regular"


def unmark(path: str, marked: str) -> tuple[str, list[tuple[str, int, int, str]]]:
    """The text without its marks, and what the marks say."""
    out: list[str] = []
    expected: list[tuple[str, int, int, str]] = []
    length = last = 0
    for mark in _MARK.finditer(marked):
        before = marked[last : mark.start()]
        out += [before, mark[2]]
        length += len(before)
        expected.append((path, length, length + len(mark[2]), mark[1]))
        length += len(mark[2])
        last = mark.end()
    return "".join([*out, marked[last:]]), expected


def row_examples(table: Table, file: str) -> tuple[Example, ...]:
    """The `bad`, `good` and `fixed` texts of one row, as examples in a file of the given name.

    `bad` and `good` are a text or a list of texts; `fixed` is the first bad text after its edits. `example_file` says
    another file name, `persona` whose findings the bad ones show. A row without a bad and a good one is refused.
    """
    file = table.text("example_file", file)
    bad, good = table.texts("bad", ()), table.texts("good", ())
    fixed = table.text("fixed", "")
    persona = table.choice("persona", PERSONAS, "regular")
    if not bad:
        table.fail("at least one bad example (`bad`), with its finding marked «rule|text»")
    if not good:
        table.fail("at least one good example (`good`), which must stay silent")
    where = f"{table.document.name}{''.join(f'[{p}]' for p in table.path)}"
    out = []
    for index, text in enumerate((*bad, *good)):
        clean, expected = unmark(file, text)
        if bool(expected) != (index < len(bad)):
            table.fail(
                "findings marked «rule|text» in bad examples, and none in good ones",
                "bad" if index < len(bad) else "good",
            )
        title = "bad" if index < len(bad) else "good"
        after = {file: fixed} if fixed and index == 0 else {}
        who = persona if index < len(bad) else "regular"
        out.append(Example(f"{where} {title} {index}", title, {file: clean}, tuple(expected), after, who))
    return tuple(out)


def file_examples(table: Table) -> tuple[Example, ...]:
    """The `[[example]]` tables of a file: title, files, and optionally fixed files and a persona."""
    out = []
    for index, row in enumerate(table.tables("example")):
        title = row.text("title")
        persona = row.choice("persona", PERSONAS, "regular")
        files, expected = {}, []
        for path, marked in row.mapping("files").items():
            files[path], found = unmark(path, marked)
            expected += found
        if not files:
            row.fail("at least one file under [example.files]")
        name = f"{table.document.name}[example][{index}] {title}"
        out.append(Example(name, title, files, tuple(expected), row.mapping("fixed"), persona))
        row.done()
    return tuple(out)
