"""The words of a shell text: what they say, and the exact places they stand at."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bindlint.facts import Known, Word
from bindlint.readers.commands import shell_words, word_commands
from bindlint.readers.commands.text import expand
from bindlint.readers.commands.words import cut, part
from bindlint.source import Source


def split(text: str) -> list[list[str]]:
    source = Source("run.sh", text)
    return [[word.text for word in command] for command in shell_words(source, 0, len(text))]


def placed(text: str) -> list[str]:
    """What stands in the source where each word says that it stands."""
    source = Source("run.sh", text)
    return [source.slice(word.site.span) for command in shell_words(source, 0, len(text)) for word in command]


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("a b  c", [["a", "b", "c"]]),
        ("a && b || c; d | e & f\ng", [["a"], ["b"], ["c"], ["d"], ["e"], ["f"], ["g"]]),
        ("a 'b c' \"d e\" f\\ g", [["a", "b c", "d e", "f g"]]),
        ("a 'b'\"c\"d", [["a", "bcd"]]),
        ("a '' \"\"", [["a", "", ""]]),
        ("a # b\nc#d", [["a"], ["c#d"]]),
        ("a \\\n  b \\\r\n c", [["a", "b", "c"]]),
        ("a > out 2>&1 b >> log < in &> all", [["a", "b"]]),
        ("a 2 > out", [["a", "2"]]),
        ("cat <<EOF\nredis-server --bind 0.0.0.0\nEOF\nb", [["cat"], ["b"]]),
        ("cat <<-'X' >f\n\tb\n\tX\nc", [["cat"], ["c"]]),
        ("a <<< 'b c' d", [["a", "d"]]),
        ('a $B ${C:-d e} $(f | g) `h; i` "$(j "k")"', [["a", "$B", "${C:-d e}", "$(f | g)", "`h; i`", '$(j "k")']]),
        ("if a; then b; else c; fi", [["a"], ["b"], ["c"]]),
        ("while ! a; do b; done", [["a"], ["b"]]),
        ("for x in a b; do c $x; done", [["c", "$x"]]),
        ('case "$1" in\n  web|api) a b;;\n  *) c;;\nesac', [["a", "b"], ["c"]]),
        ("f() { a; }\nfunction g { b; }", [["a"], ["b"]]),
        ("(a; b) && { c; }", [["a"], ["b"], ["c"]]),
        ("a --x='0.0.0.0' -y\"1\"", [["a", "--x=0.0.0.0", "-y1"]]),
        ("a 'open", [["a", "open"]]),
        ("a $(open b", [["open", "b"]]),
        ("", []),
    ],
)
def test_a_shell_text_is_split_as_a_shell_would(text: str, commands: list[list[str]]) -> None:
    assert split(text) == commands


def test_words_stand_where_they_say_without_their_quotes() -> None:
    assert placed("uvicorn 'app:app' --host \"0.0.0.0\" && x") == ["uvicorn", "app:app", "--host", "0.0.0.0", "x"]


def test_part_of_a_word_with_quotes_inside_it_has_a_place_of_its_own() -> None:
    source = Source("run.sh", 'uvicorn --host="0.0.0.0"')
    word = shell_words(source, 0, len(source.text))[0][1]

    site = part(word, len("--host="), len(word.text))

    assert word.text == "--host=0.0.0.0"
    assert site is not None
    assert source.slice(site.span) == "0.0.0.0"


def test_the_words_of_a_shell_text_in_a_word_keep_their_places() -> None:
    source = Source("run.sh", "sh -c 'cd x && uvicorn a:b'")
    inner = word_commands(shell_words(source, 0, len(source.text))[0][2])

    assert [source.slice(word.site.span) for word in inner[1]] == ["uvicorn", "a:b"]


def test_words_of_a_text_that_stands_nowhere_letter_for_letter_have_the_whole_texts_place() -> None:
    folded = Word("uvicorn a:b", Source("c.yaml", "uvicorn\n  a:b  ").site(0, 15))

    assert [word.site for word in word_commands(folded)[0]] == [folded.site, folded.site]
    assert part(word_commands(folded)[0][1], 0, 1) is None


@given(st.text(alphabet="ab '\"\\$`(){}<>|&;#\n\t=-:0.", max_size=60))
def test_any_text_is_split_without_an_error_and_every_place_is_inside_it(text: str) -> None:
    source = Source("run.sh", text)
    for command in shell_words(source, 0, len(text)):
        assert command
        for word in command:
            assert 0 <= word.site.span.start <= word.site.span.end <= len(text)


@given(st.lists(st.text(alphabet="ab:./=-_0", min_size=1, max_size=6), min_size=1, max_size=6))
def test_plain_words_joined_by_spaces_come_back_and_stand_letter_for_letter(words: list[str]) -> None:
    text = " ".join(["run", *words])

    assert placed(text) == ["run", *words]


def test_unclosed_quotations_cost_no_second_look() -> None:
    text = "a $(b ${c `d " * 2_000

    assert split(text)


def expanded(text: str, **variables: str) -> str:
    site = Source("x", text).site(0, len(text))
    known = {name: Word(value, site) for name, value in variables.items()}
    return expand(Word(text, site), known).text


@pytest.mark.parametrize(
    ("text", "variables", "result"),
    [
        ("$HOST:80", {"HOST": "::"}, ":::80"),
        ("${HOST}", {"HOST": "a"}, "a"),
        ("$(HOST)", {"HOST": "a"}, "a"),
        ("${HOST:-0.0.0.0}:${PORT:-80}", {}, "0.0.0.0:80"),
        ("${HOST:-0.0.0.0}", {"HOST": ""}, "0.0.0.0"),
        ("${HOST-0.0.0.0}", {"HOST": "a"}, "a"),
        ("${A:-${B:-c}}", {}, "c"),
        ("${BIND:-[::]:5000}", {}, "[::]:5000"),
        ("$HOST", {}, "$HOST"),
        ("$A", {"A": "$B", "B": "c"}, "c"),
        ("$A", {"A": "$B", "B": "$A"}, "$A"),
        ("$A", {"A": "${A:-x}"}, "x"),
        ("${#A} ${A%x} ${A", {"A": "b"}, "${#A} ${A%x} ${A"),
        ("$1 $@ $", {}, "$1 $@ $"),
    ],
)
def test_variables_are_put_in(text: str, variables: dict[str, str], result: str) -> None:
    assert expanded(text, **variables) == result


def test_a_default_stands_in_the_word_and_a_variable_where_it_was_set() -> None:
    source = Source("run.sh", "B=0.0.0.0 ${A:-1.2.3.4} $B")
    default = Word("${A:-1.2.3.4}", source.site(10, 23))
    use = Word("$B", source.site(24, 26))
    known = {"B": Word("0.0.0.0", source.site(2, 9))}

    one, other = expand(default, known), expand(use, known)

    assert source.slice(one.site(0, 7).span) == "1.2.3.4"
    assert (one.known(0, 7), one.trail(0, 7)) == (Known.CONSTANT, ())
    assert source.slice(other.site(0, 7).span) == "$B"
    slot = other.slot(0, 7)
    assert slot is not None
    assert slot.span.start == 2
    assert [source.slice(step.site.span) for step in other.trail(0, 7)] == ["0.0.0.0"]


def test_an_expansion_is_bounded() -> None:
    variables = {f"V{i}": f"$V{i + 1}" * 50 for i in range(10)}

    assert len(expanded("$V0", **variables)) <= 10_000


def test_a_cut_of_a_word_is_a_word_in_its_own_place() -> None:
    source = Source("x", "a --bind=::1")
    word = shell_words(source, 0, len(source.text))[0][1]

    assert source.slice(cut(word, 7).site.span) == "::1"
    assert cut(word, len(word.text)).text == ""
