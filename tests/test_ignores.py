"""Ignore comments: seen in every comment syntax, covering what their author points at, loud when not understood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bindlint.facts import Ignore
from bindlint.readers import ignores
from bindlint.source import Source


def scan(path: str, text: str) -> list[Ignore]:
    return list(ignores.scan(Source(path, text)))


def only(path: str, text: str) -> Ignore:
    found = scan(path, text)
    assert len(found) == 1, found
    return found[0]


def covered(path: str, text: str) -> tuple[int, int]:
    """The lines that the one good ignore of a text covers."""
    found = only(path, text)
    assert found.error == ""
    return found.lines


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("app.py", "run(host='0.0.0.0')  # bindlint: ignore[wildcard]\n"),
        ("compose.yaml", '  - "80:80" # bindlint: ignore[wildcard]\n'),
        ("Dockerfile", "CMD x  # bindlint: ignore[wildcard]\n"),
        ("redis.conf", "bind * # bindlint: ignore[wildcard]\n"),
        ("nginx.conf", "listen 80;# bindlint: ignore[wildcard]\n"),
        ("named.conf", "listen-on { any; }; // bindlint: ignore[wildcard]\n"),
        ("named.conf", "listen-on { any; }; /* bindlint: ignore[wildcard] */\n"),
        ("my.ini", "bind = * ; bindlint: ignore[wildcard]\n"),
        ("prosody.cfg.lua", 'interfaces = { "*" } -- bindlint: ignore[wildcard]\n'),
        ("server.xml", '<listen address="*"/> <!-- bindlint: ignore[wildcard] -->\n'),
        ("app.py", "run()  # noqa: S104  # bindlint: ignore[wildcard]\n"),
        ("app.py", "run()  # bindlint: ignore[wildcard]  # noqa: S104\n"),
        ("app.py", "run()  # it's fine # bindlint: ignore[wildcard]\n"),
        ("compose.yaml", "key: don't # bindlint: ignore[wildcard]\n"),
        ("app.py", "run()  #bindlint:ignore[wildcard]\r\n"),
        ("app.py", "run()  # bindlint : ignore [ wildcard ]\n"),
        ("a.yaml", "x: 1 # bindlint: ignore[wildcard]"),
    ],
)
def test_a_trailing_comment_of_any_syntax_covers_its_line(path: str, text: str) -> None:
    found = only(path, text)
    assert (found.rules, found.lines, found.error) == (("wildcard",), (1, 1), "")


def test_the_site_is_the_comment() -> None:
    text = '<listen address="*"/> <!-- bindlint: ignore[wildcard] reason="x" -->\n'
    span = only("server.xml", text).site.span
    assert text[span.start : span.end] == '<!-- bindlint: ignore[wildcard] reason="x"'


def test_rules_date_and_reason_are_read() -> None:
    found = only(
        "app.py", 'x # bindlint: ignore[wildcard, localhost-bind] until=2027-01-31 reason="LAN #1: demo box"\n'
    )
    assert found == Ignore(found.site, ("wildcard", "localhost-bind"), (1, 1), "LAN #1: demo box", "2027-01-31")
    assert only("a.yaml", "x: y # bindlint: ignore[wildcard] reason='it is \"meant\"' until=2027-01-31").until
    assert only("a.yaml", "x: y # bindlint: ignore[wildcard] reason=demo").reason == "demo"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("app.py", "x = '# bindlint: ignore[wildcard]'\n"),
        ("app.py", 'x = """\n# bindlint: ignore[wildcard]\n"""\n'),
        ("app.py", "x = '''\\'''\n# bindlint: ignore[wildcard]\n'''\n"),
        ("app.py", '"# bindlint: ignore[wildcard]"; y = 1\n'),
        ("a.yaml", 'x: "# bindlint: ignore[wildcard]"\n'),
        ("a.yaml", "x: y#bindlint: ignore[wildcard]\n"),
        ("a.json", '{"x": "// bindlint: ignore[wildcard]"}\n'),
        ("app.py", "bindlint: ignore[wildcard]\n"),
        ("app.py", "run() # about bindlint: it is a linter\n"),
        ("app.py", "run()  # nosec B104\n"),
        ("app.py", "run()  # noqa: S104\n"),
        ("app.py", "# bindlint ignores this\n"),
        ("app.py", ""),
    ],
)
def test_what_is_no_ignore_comment_is_not_one(path: str, text: str) -> None:
    assert scan(path, text) == []


@pytest.mark.parametrize(
    ("directive", "complaint"),
    [
        ("bindlint: ignore", "write `bindlint: ignore[rule-id]`"),
        ("bindlint: ignore[]", "names no rule"),
        ("bindlint: ignore[ , ]", "names no rule"),
        ("bindlint: ignore[*]", "'*' is no rule id"),
        ("bindlint: ignore[all the things]", "'all the things' is no rule id"),
        ("bindlint: ignore[B104]", "'B104' is no rule id"),
        ("bindlint: ignore[wildcard,]", "comma too many"),
        ("bindlint: ignore[wildcard", "write `bindlint: ignore[rule-id]`"),
        ("bindlint: ignore wildcard", "write `bindlint: ignore[rule-id]`"),
        ("bindlint: ignore(wildcard)", "write `bindlint: ignore[rule-id]`"),
        ("bindlint: disable-file", "write `bindlint: ignore[rule-id]`"),
        ("bindlint: skip=wildcard", "write `bindlint: ignore[rule-id]`"),
        ("bindlint ignore[wildcard]", "write `bindlint: ignore[rule-id]`"),
        ("bindlint: ignore[wildcard] LAN demo", "cannot read 'LAN demo'"),
        ("bindlint: ignore[wildcard] reason=LAN demo", "cannot read 'demo'"),
        ('bindlint: ignore[wildcard] reason="LAN', "cannot read"),
        ("bindlint: ignore[wildcard] until=soon", "until=soon is no date"),
        ("bindlint: ignore[wildcard] until=2027-02-30", "until=2027-02-30 is no date"),
        ("bindlint: ignore[wildcard] until=20270131", "until=20270131 is no date"),
        ("bindlint: ignore[wildcard] until=2027-01-31 until=2028-01-31", "says until twice"),
        ("bindlint: ignore[wildcard] expires=2027-01-31", "cannot read 'expires=2027-01-31'"),
    ],
)
def test_a_malformed_ignore_says_why_and_covers_nothing_more(directive: str, complaint: str) -> None:
    found = only("app.py", f"x = [  # {directive}\n  1,\n]\n")
    assert complaint in found.error
    assert found.lines == (1, 1)


def test_a_comment_alone_covers_the_next_line_of_code() -> None:
    assert covered("app.py", "# bindlint: ignore[wildcard]\n\n# another comment\nrun()\nrun()\n") == (1, 4)
    assert covered("a.conf", "; bindlint: ignore[wildcard]\nbind *\nport 1\n") == (1, 2)
    assert covered("a.yaml", "# bindlint: ignore[wildcard]") == (1, 1)


def test_the_brackets_that_a_line_opens_are_covered_to_their_end() -> None:
    text = "# bindlint: ignore[wildcard]\nrun(\n    app,\n    host='0.0.0.0',  # a ) here\n)\nrun()\n"
    assert covered("app.py", text) == (1, 5)
    assert covered("app.py", "run(  # bindlint: ignore[wildcard]\n  '(', [\n  1]\n)\nx\n") == (1, 4)
    assert covered("nginx.conf", "server {  # bindlint: ignore[wildcard]\n  listen 80;\n}\nserver {\n}\n") == (1, 3)


def test_continued_lines_are_covered() -> None:
    assert covered("Dockerfile", "# bindlint: ignore[wildcard]\nCMD a \\\n  b \\\n  c\nCMD d\n") == (1, 4)


SERVICES = """\
services:
  web:{on_service}
    image: x
    ports:{on_ports}
      - "80:80"

      # a comment
      - "81:81"
    restart: always
  db:
    image: y
"""


def test_the_key_of_a_block_covers_the_block() -> None:
    comment = "  # bindlint: ignore[wildcard]"
    assert covered("compose.yaml", SERVICES.format(on_service="", on_ports=comment)) == (4, 8)
    assert covered("compose.yaml", SERVICES.format(on_service=comment, on_ports="")) == (2, 9)
    assert covered("compose.yaml", SERVICES.format(on_service=" &web" + comment, on_ports="")) == (2, 9)


def test_a_list_at_the_column_of_its_key_is_its_block() -> None:
    text = "ports:  # bindlint: ignore[wildcard]\n- 80\n- 81\nother:\n- 1\n"
    assert covered("a.yaml", text) == (1, 3)
    text = "- ports:  # bindlint: ignore[wildcard]\n  - 80\n  name: x\n- ports: []\n"
    assert covered("a.yaml", text) == (1, 2)


def test_a_comment_above_a_block_or_a_list_item_covers_all_of_it() -> None:
    text = "services:\n  # bindlint: ignore[host-network]\n  web:\n    network_mode: host\n  db:\n    x: y\n"
    assert covered("compose.yaml", text) == (2, 4)
    text = "containers:\n  # bindlint: ignore[host-network]\n  - name: a\n    ports: [80]\n  - name: b\n"
    assert covered("pod.yaml", text) == (2, 4)


def test_a_function_is_a_block() -> None:
    assert covered(
        "app.py", "def main(\n):\n    x\n".replace("def main(", "def main(  # bindlint: ignore[wildcard]")
    ) == (
        1,
        3,
    )


def test_several_ignores_are_given_in_source_order() -> None:
    text = "a # bindlint: ignore[wildcard]\nb\nc # bindlint: ignore[*]\nd # bindlint: ignore[localhost-bind]\n"
    assert [(i.rules, i.lines[0], bool(i.error)) for i in scan("app.py", text)] == [
        (("wildcard",), 1, False),
        ((), 3, True),
        (("localhost-bind",), 4, False),
    ]


@pytest.mark.parametrize(
    "text",
    [
        '\\"""\n' * 50_000 + "# bindlint: ignore[wildcard]\n",
        "\\'" * 100_000 + "# bindlint: ignore[wildcard]\n",
        "(" * 200_000 + "# bindlint: ignore[wildcard]\n",
        "# bindlint: ignore[wildcard] " + "reason=" * 50_000 + "\n",
        "# bindlint: ignore[" + "a," * 50_000 + "\n",
        "x\n" * 100_000 + "# bindlint: ignore[wildcard]\n" * 5_000,
        "# bindlint: ignore[wildcard]" + " " * 200_000 + "x\n",
        "##" * 100_000 + " bindlint: ignore[wildcard]\n",
    ],
)
@pytest.mark.parametrize("path", ["app.py", "a.yaml", "a.conf"])
def test_no_text_makes_the_search_slow(path: str, text: str) -> None:
    assert len(scan(path, text)) <= ignores.MAX_IGNORES  # a search that is not linear would not end


@given(
    st.text(st.sampled_from("#/;-<>!*'\"\\ \nbindlint: ignore[wildcard]until=reason")),
    st.sampled_from(["py", "yaml", "conf"]),
)
def test_any_text_gives_ignores_with_lines_of_that_text(text: str, ending: str) -> None:
    for found in scan(f"a.{ending}", f"{text}# bindlint: ignore[wildcard]{text}"):
        assert 1 <= found.lines[0] <= found.lines[1]
        assert found.site.span.start < found.site.span.end
