"""Pages about rules, rendered from the tables: what `explain` prints, SARIF carries and docs/ may quote."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

from bindlint import __version__
from bindlint.findings import Severity
from bindlint.reporters import Catalogue, RuleText

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bindlint.knowledge import Example, Knowledge, Rule

HOME = "https://github.com/bindlint/bindlint"
MAX_EXAMPLES = 3  # of a kind
_WIDTH = 88
_SECTIONS = (("What it is", "what"), ("Why it matters", "why"), ("When it is fine", "fine"), ("How to fix it", "how"))


def catalogue(knowledge: Knowledge, rules: Iterable[str] = ()) -> Catalogue:
    """The texts of some rules; asking for any reads every example of the tables."""
    texts = {}
    for rule in sorted(set(rules)):
        row = knowledge.rules[rule]
        texts[rule] = RuleText(
            id=row.id,
            title=row.title,
            summary=row.what,
            severity=Severity[row.severity.upper()],
            precision={"high": "high", "medium": "medium"}.get(row.confidence, "low"),
            text=page(row, knowledge),
            markdown=markdown(row, knowledge),
            cwe=row.cwe,
        )
    return Catalogue(__version__, HOME, texts)


def page(rule: Rule, knowledge: Knowledge) -> str:
    """The page of a rule as plain text."""
    lines = [f"{rule.id} ({rule.severity})", "", rule.title]
    for heading, key in _SECTIONS:
        lines += ["", heading, *_indented(textwrap.fill(_bare(getattr(rule, key)), _WIDTH))]
    for heading, examples in examples_of(rule.id, knowledge):
        for example in examples:
            for index, (path, text) in enumerate(example.files.items()):
                lines += ["", f"{'with' if index else heading} {path}{_titled(example, index)}"]
                lines += _indented(text.strip("\n"))
    if rule.cwe:
        lines += ["", f"Weakness: CWE-{rule.cwe} (https://cwe.mitre.org/data/definitions/{rule.cwe}.html)"]
    ignore = f'# bindlint: ignore[{rule.id}] until=2030-01-31 reason="why it is meant"'
    if not rule.id.endswith("-ignore"):
        lines += ["", "To accept one finding, on its line or alone above it", *_indented(ignore)]
    return "\n".join(lines) + "\n"


def markdown(rule: Rule, knowledge: Knowledge) -> str:
    """The same page as Markdown, without a heading of its own."""
    lines = [f"**{rule.title}** Severity: {rule.severity}."]
    for heading, key in _SECTIONS:
        lines += ["", f"### {heading}", "", getattr(rule, key)]
    for heading, examples in examples_of(rule.id, knowledge):
        for example in examples:
            for index, (path, text) in enumerate(example.files.items()):
                lines += ["", f"{'with' if index else heading} `{path}`{_titled(example, index)}"]
                lines += ["", *_fenced(text.strip("\n"), path)]
    if rule.cwe:
        lines += ["", f"Weakness: [CWE-{rule.cwe}](https://cwe.mitre.org/data/definitions/{rule.cwe}.html)"]
    return "\n".join(lines) + "\n"


def table(knowledge: Knowledge) -> str:
    """All rules, the most severe first, as aligned text."""
    width = max(len(rule) for rule in knowledge.rules)
    return "".join(f"{r.id:<{width}}  {r.severity:<8}  {r.title}\n" for r in knowledge.rules.values())


def examples_of(rule: str, knowledge: Knowledge) -> Iterator[tuple[str, list[Example]]]:
    """A few examples that are findings of the rule, and their harmless neighbours; short ones, of different formats."""
    bad: dict[str, Example] = {}
    ranked = sorted(knowledge.examples, key=lambda e: (not e.name.startswith("judgements/"), _length(e), e.name))
    for example in ranked:
        if any(found == rule for *_, found in example.expected):
            ending = next(iter(example.files)).rpartition(".")[2]
            bad.setdefault(ending, example)
    chosen = list(bad.values())[:MAX_EXAMPLES]
    rows = {_row(example) for example in chosen}
    good = [example for example in ranked if not example.expected and _row(example) in rows]
    yield "Bad", chosen
    yield "Good", good[: MAX_EXAMPLES - 1]


def _row(example: Example) -> str:
    """The table row that an example belongs to; the `[[example]]` tables of a file count as one row."""
    return re.sub(r"(?:\[example\]\[\d+\].*| (?:bad|good) \d+)$", "", example.name)


def _titled(example: Example, index: int) -> str:
    """What an example shows, beside its first file, where its author said so."""
    return f": {example.title}" if index == 0 and example.title not in ("bad", "good") else ""


def _length(example: Example) -> int:
    return sum(len(path) + len(text) for path, text in example.files.items()) + 1000 * (len(example.files) - 1)


def _indented(text: str) -> list[str]:
    return [f"  {line}".rstrip() for line in text.split("\n")]


def _bare(text: str) -> str:
    return text.replace("`", "")


def _fenced(text: str, path: str) -> list[str]:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    ending = path.rpartition(".")[2] if "." in path else ""
    language = {"py": "python", "yaml": "yaml", "yml": "yaml", "sh": "sh", "toml": "toml", "json": "json"}.get(
        ending, ""
    )
    return [f"{fence}{language}", text, fence]
