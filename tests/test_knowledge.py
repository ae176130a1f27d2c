"""The checker: a wrong table is refused with one line that names the file, the line and what was expected."""

from __future__ import annotations

import pytest

from bindlint.errors import KnowledgeError
from bindlint.knowledge import Knowledge, rules_root
from bindlint.knowledge.check import Document, Table
from bindlint.knowledge.examples import row_examples, unmark
from bindlint.knowledge.load import parse
from bindlint.knowledge.rules import rule

RULE = """\
[rule]
id = "x"
subject = "listener"
severity = "high"
title = "T."
message = "m"
what = "w"
why = "w"
fine = "f"
how = "h"
"""


def part(text: str) -> Table:
    table = parse("judgements/x.toml", text.encode()).table("rule")
    assert table is not None
    return table


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('"high"', '"severe"'), "judgements/x.toml:4: rule.severity: expected one of low, medium, high, critical"),
        (('title = "T."\n', ""), "judgements/x.toml:1: rule: expected a string under the key 'title'"),
        (('"m"', "7"), "judgements/x.toml:6: rule.message: expected a string"),
        (('id = "x"', 'id = "x"\nidd = "y"'), "judgements/x.toml:3: rule.idd: expected one of the known keys"),
        (
            ('"h"\n', '"h"\n[rule.when]\nreach = ["moon"]\n'),
            "judgements/x.toml:12: rule.when.reach: expected only words among",
        ),
    ],
)
def test_a_wrong_key_is_named_with_its_line(change: tuple[str, str], message: str) -> None:
    with pytest.raises(KnowledgeError) as caught:
        rule(part(RULE.replace(*change)))
    assert str(caught.value).startswith(message)


def test_the_right_one_of_several_rows_is_named() -> None:
    table = parse("t.toml", b'[[row]]\na = "1"\n\n[[row]]\na = 2\n')
    with pytest.raises(KnowledgeError, match=r"^t.toml:5: row.a: expected a string$"):
        [row.text("a") for row in table.tables("row")]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a = \n", "t.toml: expected TOML: "),
        (b"a = '\xff'\n", "t.toml: expected TOML: "),
        (b"#" * 300_000, "t.toml:1: expected at most 262144 bytes"),
    ],
)
def test_a_file_that_is_no_table_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(KnowledgeError) as caught:
        parse("t.toml", data)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"good": "x"}, "at least one bad example"),
        ({"bad": "«wildcard|x»"}, "at least one good example"),
        ({"bad": "x", "good": "y"}, "findings marked"),
        ({"bad": "«wildcard|x»", "good": "«wildcard|x»"}, "findings marked"),
    ],
)
def test_a_row_without_a_bad_and_a_good_example_is_refused(row: dict[str, str], expected: str) -> None:
    with pytest.raises(KnowledgeError, match=expected):
        row_examples(Table(Document("t.toml", ""), row), "app.py")


def test_marks_say_where_a_finding_is() -> None:
    assert unmark("a.py", "f(«wildcard|'0'», «localhost-bind|x»)") == (
        "f('0', x)",
        [("a.py", 2, 5, "wildcard"), ("a.py", 7, 8, "localhost-bind")],
    )


def test_every_program_and_image_says_where_its_facts_come_from() -> None:
    """A row is named by its document or file (`name.py`, `Dockerfile`, `docs.x.org`, `README`), or by what was run."""
    knowledge = Knowledge(rules_root())
    rows = {id(row): row for row in (*knowledge.commands.values(), *knowledge.images)}
    for row in rows.values():
        assert len(row.source) > 8, row
        assert "memory" not in row.source.lower().split(), row.source


def test_every_built_in_table_passes_and_every_rule_is_explained() -> None:
    knowledge = Knowledge(rules_root())
    assert len({example.name for example in knowledge.examples}) == len(knowledge.examples) > 0
    for found in knowledge.rules.values():
        assert found.title.endswith(".")
        assert all(len(text) > 20 for text in (found.what, found.why, found.how)), found.id
