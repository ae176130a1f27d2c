"""YAML as places: what is read of a file that is broken, a template or made to hurt, and where characters stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bindlint.errors import UnreadableError
from bindlint.facts import Problem
from bindlint.readers import templates, yamltree
from bindlint.source import Source


def read(text: str) -> tuple[list[yamltree.Node], list[Problem]]:
    found = list(yamltree.readable(Source("f.yaml", text)))
    return [n for n in found if not isinstance(n, Problem)], [p for p in found if isinstance(p, Problem)]


def value(text: str) -> tuple[Source, yamltree.Node]:
    source = Source("f.yaml", text)
    node = yamltree.get(next(iter(yamltree.documents(source))), "key")
    assert node is not None
    return source, node


def test_numbers_dates_and_words_stay_the_text_that_was_written() -> None:
    nodes, _ = read("a: 22:22\nb: on\nc: 2001-13-45\nd: 010\ne: !!python/object:os.system x\n")
    assert [yamltree.text(v) for v in yamltree.fields(nodes[0]).values()] == ["22:22", "on", "2001-13-45", "010", "x"]


def test_nothing_is_no_text_but_empty_quotes_are() -> None:
    nodes, _ = read("a:\nb: ~\nc: ''\nd: null\n")
    assert [yamltree.text(v) for v in yamltree.fields(nodes[0]).values()] == [None, None, "", None]


@pytest.mark.parametrize("word", ["true", "True", "yes", "on"])
def test_a_flag_is_a_plain_boolean_word(word: str) -> None:
    nodes, _ = read(f"a: {word}\nb: '{word}'\n")
    fields = yamltree.fields(nodes[0])
    assert yamltree.flag(fields["a"])
    assert not yamltree.flag(fields["b"])


def test_a_broken_document_is_one_problem_with_its_line_and_its_neighbours_are_read() -> None:
    nodes, problems = read("a: 1\n---\nb: c: d\n---\ne: 'open\n---\nf: 2\n")
    assert [list(yamltree.fields(n)) for n in nodes] == [["a"], ["f"]]
    assert [(p.line, p.partial) for p in problems] == [(3, True), (6, True)]


def test_a_broken_only_document_is_a_problem_that_nothing_was_read() -> None:
    nodes, problems = read("a: b: c\n")
    assert nodes == []
    assert [(p.line, p.partial) for p in problems] == [(1, False)]


def test_comments_before_the_first_separator_are_no_document() -> None:
    nodes, problems = read("# a comment\n---\nb: c: d\n---\na: 1\n")
    assert [list(yamltree.fields(n)) for n in nodes] == [["a"]]
    assert [p.line for p in problems] == [3]


def test_the_offsets_of_later_documents_are_those_of_the_file() -> None:
    text = "a: b: c\n---\nhost: 0.0.0.0\n"
    nodes, _ = read(text)
    span = yamltree.site(Source("f.yaml", text), yamltree.fields(nodes[0])["host"]).span
    assert text[span.start : span.end] == "0.0.0.0"


@pytest.mark.parametrize("text", ["[" * 30_000, "{a: " * 20_000, "- " * 30_000, "? " * 30_000, "[a: " * 5_000])
def test_nesting_without_end_is_a_problem_and_not_a_crash(text: str) -> None:
    nodes, problems = read(text)
    assert nodes == []
    assert "nested" in problems[0].reason


def test_a_document_nested_too_deeply_costs_that_document_only() -> None:
    nodes, problems = read(f"a: 1\n---\nb: {'[' * 200}{']' * 200}\n---\nc: 2\n")
    assert [list(yamltree.fields(n)) for n in nodes] == [["a"], ["c"]]
    assert [p.line for p in problems] == [3]


@pytest.mark.parametrize(
    "text", ["a: \x00b", "a: \x07", "\ud800: a", "a: \ufffe", "@a", "a: *nobody", "%YAML 9.9\n---\na: 1"]
)
def test_text_that_no_yaml_is_made_of_is_a_problem(text: str) -> None:
    nodes, problems = read(text)
    assert nodes == [] or "%YAML" in text
    assert len(problems) <= 1


def test_a_character_that_yaml_forbids_is_reported_on_its_line() -> None:
    _, problems = read("a: é\nb: 1\nc: \x07\n")
    assert [p.line for p in problems] == [3]


def test_a_strict_reader_gets_the_good_documents_and_then_the_error() -> None:
    documents = yamltree.documents(Source("f.yaml", "a: 1\n---\nb: c: d\n"))
    assert list(yamltree.fields(next(documents))) == ["a"]
    with pytest.raises(UnreadableError) as error:
        next(documents)
    assert error.value.line == 3


def test_merge_keys_give_way_to_local_keys_and_the_first_merge_wins() -> None:
    nodes, _ = read("a: &a {x: 1, y: 1}\nb: &b {x: 2, z: 2}\nc: {z: 3, <<: [*a, *b]}\n")
    merged = yamltree.fields(yamltree.get(nodes[0], "c"))
    assert {key: yamltree.text(v) for key, v in merged.items()} == {"z": "3", "x": "1", "y": "1"}


def test_a_quoted_merge_key_is_a_key() -> None:
    nodes, _ = read("a: {'<<': 1}\n")
    assert list(yamltree.fields(yamltree.get(nodes[0], "a"))) == ["<<"]


def test_a_merge_bomb_and_a_merge_cycle_end() -> None:
    bomb = "a0: &a0 {k: v}\n" + "".join(
        f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 10)}]}}\n" for i in range(1, 12)
    )
    nodes, _ = read(bomb)
    assert list(yamltree.fields(yamltree.get(nodes[0], "a11"))) == ["k"]
    nodes, _ = read("a: &a\n  <<: *a\n  k: v\n")
    assert list(yamltree.fields(yamltree.get(nodes[0], "a"))) == ["k"]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("0.0.0.0", "0.0.0.0"),
        ("'0.0.0.0'", "0.0.0.0"),
        ('&anchor "0.0.0.0"', "0.0.0.0"),
        ("!!str 0.0.0.0", "0.0.0.0"),
        ("a 0.0.0.0\n  folded", "a 0.0.0.0 folded"),
        ("'it''s 0.0.0.0'", "it's 0.0.0.0"),
        ('"tab\\t \\"0.0.0.0\\""', 'tab\t "0.0.0.0"'),
        ('"a \\\n   0.0.0.0"', "a 0.0.0.0"),
        (">\n  a\n  0.0.0.0\n\n  b", "a 0.0.0.0\nb\n"),
        (">-\n  a\n  0.0.0.0", "a 0.0.0.0"),
        ("|\n  a\n    0.0.0.0", "a\n  0.0.0.0\n"),
        ("|2\n   a\n  0.0.0.0", " a\n0.0.0.0\n"),
    ],
)
def test_every_character_of_a_scalar_is_found_where_it_is_written(written: str, text: str) -> None:
    source, node = value(f"# é\r\nkey: {written}\n")
    assert node.value == text
    offsets = yamltree.offsets(source, node)
    start = text.index("0.0.0.0")
    assert source.text[offsets[start] : offsets[start + 6] + 1] == "0.0.0.0"
    assert len(offsets) == len(text)


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=30), st.sampled_from("'\"|>"))
def test_offsets_are_ascending_and_lead_to_the_same_character(text: str, style: str) -> None:
    if style in "|>":
        written = f"{style}2-\n  {text}\n"
    else:
        escaped = text.replace("'", "''") if style == "'" else text.replace("\\", "\\\\").replace('"', '\\"')
        written = style + escaped + style
    source = Source("f.yaml", f"key: {written}\n")
    nodes = [n for n in yamltree.readable(source) if not isinstance(n, Problem)]
    node = yamltree.get(nodes[0], "key") if nodes else None
    if node is None:
        return
    offsets = yamltree.offsets(source, node)
    assert len(offsets) in (0, len(node.value))
    assert list(offsets) == sorted(offsets)
    for character, at in zip(node.value, offsets, strict=False):
        assert source.text[at] == character or character.isspace() or source.text[at] == "\\"


def test_the_text_between_two_words_of_a_list_is_how_one_more_would_be_written() -> None:
    for written, joint in (
        ('["a", "b"]', '", "'),
        ("[a,b]", ","),
        ("\n  - a\n  - b", "\n  - "),
        ('["a", b]', ""),
        ("[a]", ""),
    ):
        source, node = value(f"key: {written}\n")
        assert yamltree.joint(source, node) == joint


def test_a_template_is_read_in_part_and_says_so() -> None:
    nodes, problems = read("{{- if .Values.on }}\na: {{ .Values.a }}\nhostNetwork: true\n{{- end }}\n")
    fields = yamltree.fields(nodes[0])
    assert yamltree.text(fields["a"]) is None
    assert yamltree.flag(fields["hostNetwork"])
    assert [(p.partial, "template" in p.reason) for p in problems] == [(True, True)]


def test_a_file_that_is_yaml_with_its_actions_in_it_needs_no_second_reading() -> None:
    nodes, problems = read("a: '{{ b }}'\n")
    assert yamltree.text(yamltree.fields(nodes[0])["a"]) == "{{ b }}"
    assert problems == []


def test_every_branch_of_a_template_is_seen() -> None:
    nodes, _ = read("{{ if .a }}\ntype: NodePort\n{{ else }}\ntype: ClusterIP\n{{ end }}\n")
    assert [yamltree.text(v) for v in yamltree.every(nodes[0], "type")] == ["NodePort", "ClusterIP"]


@given(st.text("{}%#-+ \n\tax:\"'/*", max_size=80))
def test_blanking_a_template_keeps_every_offset_and_line(text: str) -> None:
    blanked = templates.blank(text)
    assert len(blanked) == len(text)
    assert [i for i, c in enumerate(blanked) if c == "\n"] == [i for i, c in enumerate(text) if c == "\n"]


def test_a_template_whose_actions_never_close_is_left_alone() -> None:
    text = "{{ {% {# " * 20_000
    assert templates.blank(text) == text


def test_a_file_of_broken_documents_is_given_up_after_some() -> None:
    _, problems = read("a: b: c\n---\n" * 1_000)
    assert len(problems) == yamltree.MAX_FAILURES


def test_an_anchor_that_is_defined_again_means_the_last_definition_before_its_alias() -> None:
    text = "a: &x 1\nb: *x\nc: &x 2\nd: [*x, &x 3, *x]\n"
    nodes, problems = read(text)
    found = yamltree.fields(nodes[0])
    assert [yamltree.text(found[key]) for key in "abc"] == ["1", "1", "2"]
    assert [yamltree.text(node) for node in yamltree.elements(found["d"])] == ["2", "3", "3"]
    assert problems == []
    assert [text[slice(s.start, s.end)] for s in [yamltree.site(Source("f.yaml", text), found["c"]).span]] == ["2"]
