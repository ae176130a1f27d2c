"""The reports: exact text for people, exact escapes for machines, and nothing from a scanned tree that is obeyed."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports import COMPOSE, PUBLISHED, REDIS, exposure, finding, ignored, render, report, site, unread
from toolbox import ROOT

from bindlint.facts import Step
from bindlint.findings import Confidence, Report, Severity
from bindlint.reporters import REPORTERS, Look
from bindlint.reporters.terminal import columns, for_runner, show, wants_colour
from bindlint.source import Source

UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def lines(text: str) -> list[str]:
    return text.splitlines()


def test_the_text_report_reads_as_the_manual_shows() -> None:
    result = report(
        exposure(), suppressed=(ignored("2026-12-02"),), problems=(unread(),), days_to_expiry={ignored()[1].site: 9}
    )
    assert render("text", result) == (
        "critical[unauthenticated-exposure] redis answers anyone who can reach this machine, without a password\n"
        "  --> compose.yaml:12:9\n"
        '12 |       - "6379:6379"\n'
        "   |         ^^^^^^^^^^^ no host address: Docker publishes on 0.0.0.0 and [::], ahead of the host's firewall\n"
        "  ::: redis.conf:3:1\n"
        " 3 | protected-mode no\n"
        "   | ----------------- the guard is off\n"
        "   = path: LAN → host :6379 → container cache :6379 → redis\n"
        "   = also: published-wildcard\n"
        '   = fix (safe): "127.0.0.1:6379:6379"\n'
        "   = help: bindlint explain unauthenticated-exposure\n"
        "\n"
        "1 finding (1 critical) · 1 fixable · 1 ignored (1 expires in 9 days)\n"
        "Scanned 412 files (38 relevant) in 0.21 s · 1 file not understood: charts/x.yaml (Helm template, partial)\n"
    )


def test_a_clean_report_still_says_what_was_looked_at() -> None:
    assert render("text", report()) == "No findings\nScanned 412 files (38 relevant) in 0.21 s\n"


def test_a_quiet_report_is_the_findings_only() -> None:
    assert render("text", report(), Look(quiet=True)) == ""
    assert "Scanned" not in render("text", report(exposure()), Look(quiet=True))


def test_every_file_that_was_not_understood_is_named() -> None:
    problems = tuple(unread(f"{n}.yaml", "not valid YAML", n) for n in range(1, 100))
    text = render("text", report(problems=problems))
    assert "99 files not understood:" in text
    assert all(f"  {n}.yaml:{n} (not valid YAML, partial)\n" in text for n in range(1, 100))


def test_ignores_that_end_soon_unused_ones_and_hidden_findings_are_counted() -> None:
    one, two = ignored("2026-12-02"), ignored("2026-12-05")
    two = (two[0], replace(two[1], site=site(COMPOSE, "image")))
    unused = finding(COMPOSE, "image", rule="unused-ignore", severity=Severity.LOW)
    days = {one[1].site: 9, two[1].site: 12}
    summary = lines(render("text", report(unused, suppressed=(one, two), hidden=3, days_to_expiry=days)))[-2]
    assert summary.split(" · ") == [
        "1 finding (1 low)",
        "2 ignored (2 expire, the first in 9 days)",
        "1 ignore unused",
        "3 hidden from persona regular",
    ]


def test_an_ignore_that_ends_in_a_year_is_no_news() -> None:
    result = report(suppressed=(ignored("2027-11-01"),), days_to_expiry={ignored()[1].site: 343})
    assert lines(render("text", result))[0] == "No findings · 1 ignored"


def under(source: Source, text: str, look: Look | None = None) -> tuple[str, str]:
    """The source line and the line of marks of a finding's frame."""
    out = lines(render("text", report(finding(source, text, note="here"), sources=(source,)), look))
    return out[2], out[3]


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("\thost\t= '0.0.0.0'", "'0.0.0.0'"),
        ("name = '日本語'; host = '0.0.0.0'", "'0.0.0.0'"),
        ("name = 'e\u0301te\u0301'; host = '0.0.0.0'", "'0.0.0.0'"),
        ("x = '\u202e\x1b[2J'; host = '0.0.0.0'", "'0.0.0.0'"),
        ("host = '日本.example'", "'日本.example'"),
    ],
)
def test_marks_stand_under_the_text_they_mean(line: str, place: str) -> None:
    shown, marks = under(Source("app.py", line + "\n"), place)
    start = marks.index("^")
    assert columns(shown[: shown.index(place)]) == start
    assert marks.count("^") == columns(place)


def test_a_value_left_out_is_marked_where_it_would_stand() -> None:
    source = Source("app.py", "run()\n")
    place = replace(finding(source, "run"), site=source.site(4, 4), note="no host")
    out = lines(render("text", report(place, sources=(source,))))
    assert out[2:4] == ["1 | run()", "  |     ^ no host"]


def test_a_long_line_is_cut_around_the_place() -> None:
    source = Source("app.py", "a = '" + "x" * 500 + "'; host = '0.0.0.0'; b = '" + "y" * 500 + "'\n")
    shown, marks = under(source, "'0.0.0.0'")
    assert len(shown) <= 120
    assert shown.count("…") == 2
    assert shown.index("'0.0.0.0'") == marks.index("^")


def test_a_megabyte_on_one_line_is_cut_at_once() -> None:
    source = Source("app.json", "[" + '"0.0.0.0", ' * 100_000 + "]\n")
    shown, _ = under(source, '"0.0.0.0"')
    assert len(shown) <= 120


def test_a_place_of_several_lines_shows_its_first() -> None:
    source = Source("app.py", "run(\n    app,\n)\n")
    out = lines(render("text", report(finding(source, "run(\n    app,\n)", note="here"), sources=(source,))))
    assert out[1:4] == [" --> app.py:1:1", "1 | run(", "  | ^^^^ here (to line 3)"]


def test_a_finding_without_its_text_is_still_shown() -> None:
    text = render("text", report(exposure(), sources=()))
    assert "  --> compose.yaml:1:1\n" in text.replace(" -->", "  -->")
    assert "the guard is off" in text


def test_a_long_story_is_cut_and_counted() -> None:
    source = Source("a.py", "x\n" * 100)
    story = tuple(Step(source.site(2 * n, 2 * n + 1), f"hop {n}") for n in range(1, 40))
    text = render("text", report(replace(finding(source, "x"), story=story), sources=(source,)))
    assert text.count(":::") == 12
    assert "= also at: 27 more places" in text


def test_weak_and_silenced_findings_say_so() -> None:
    weak = replace(exposure(), confidence=Confidence.LOW)
    silent = replace(exposure(), confidence=Confidence.AUDIT, silenced="published on loopback only")
    assert "= confidence: low" in render("text", report(weak))
    assert "= silent because: published on loopback only" in render("text", report(silent))


def test_colours_are_escape_codes_around_the_same_text() -> None:
    plain = render("text", report(exposure()))
    coloured = render("text", report(exposure()), Look(colour=True))
    assert coloured != plain
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("choice", "terminal", "environment", "expected"),
    [
        ("auto", True, {}, True),
        ("auto", False, {}, False),
        ("auto", True, {"TERM": "dumb"}, False),
        ("auto", True, {"NO_COLOR": "1"}, False),
        ("auto", True, {"NO_COLOR": ""}, True),
        ("auto", False, {"FORCE_COLOR": "1"}, True),
        ("auto", False, {"CLICOLOR_FORCE": "1"}, True),
        ("auto", False, {"CLICOLOR_FORCE": "0"}, False),
        ("auto", False, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ("always", False, {"NO_COLOR": "1"}, True),
        ("never", True, {"FORCE_COLOR": "1"}, False),
    ],
)
def test_colour_is_decided_as_asked_then_by_the_environment_then_by_the_terminal(
    choice: str,
    terminal: bool,  # noqa: FBT001 - a column of the table
    environment: dict[str, str],
    expected: bool,  # noqa: FBT001 - likewise
) -> None:
    assert wants_colour(choice, Terminal() if terminal else io.StringIO(), environment) is expected


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ünïcode 日本 →", "plain ünïcode 日本 →"),
        ("\x1b[31m", r"\x1b[31m"),
        ("a\nb\tc\rd", r"a\nb\tc\rd"),
        ("\x7f\x85\x9b", r"\x7f\x85\x9b"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\u2028\ufeff\u200b", r"\u2028\ufeff\u200b"),
        ("bad\udcff", r"bad\xff"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
    ],
)
def test_show_escapes_what_is_not_only_seen(text: str, shown: str) -> None:
    assert show(text) == shown


@given(st.text(st.characters()))
def test_shown_text_is_inert_whatever_it_was(text: str) -> None:
    assert not UNSAFE.search(show(text))
    assert not set("\n\t\r") & set(show(text))


HOSTILE = [
    "a\n::error file=README.md,line=1::forged",
    "::set-env name=PATH::x",
    "##[error]forged",
    "x ##[add-mask]x",
    "\x1b[2J\u202e.py",
    "bad\udcff.py",
    "a:b,c=d%0A.py",
    "`</code><script>alert(1)</script>`|@someone",
]


def hostile(path: str) -> Report:
    source = Source(path, f"{path}\nhost = '0.0.0.0' # {path}\n")
    story = (Step(source.site(0, 1), path),)
    found = finding(source, "'0.0.0.0'", message=path, note=path, story=story, route=path)
    return report(found, sources=(source,), problems=(unread(path, path, 3),))


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("format_", sorted(REPORTERS))
def test_no_format_lets_a_name_move_a_cursor_or_leave_utf_8(format_: str, name: str) -> None:
    text = render(format_, hostile(name), Look(runner=True))
    assert not UNSAFE.search(text)
    text.encode("utf-8")


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("format_", ["text", "concise", "json", "markdown", "sarif"])
def test_on_a_runner_no_line_is_a_workflow_command(format_: str, name: str) -> None:
    text = render(format_, hostile(name), Look(runner=True))
    if format_ in ("json", "sarif"):
        assert all(not line.lstrip().startswith("::") for line in lines(text))
        return
    assert [line for line in lines(text) if line.lstrip().startswith("::") or "##[" in line] == []


def test_the_runner_is_given_another_arrow() -> None:
    assert "  ==> redis.conf:3:1\n" in render("text", report(exposure()), Look(runner=True))


def test_commands_are_broken_wherever_a_runner_would_see_them() -> None:
    assert for_runner("  ::error::x\n a ##[error]y\n::x::\nb ::c\n") == (
        "  \\x3a:error::x\n a ##\\x5berror]y\n\\x3a:x::\nb ::c\n"
    )


def test_concise_is_one_line_a_finding() -> None:
    assert lines(render("concise", report(exposure(), problems=(unread(line=7),)))) == [
        f"compose.yaml:12:9: critical[unauthenticated-exposure] {exposure().message}",
        "charts/x.yaml:7:1: notice[not-understood] Helm template",
    ]


def test_github_commands_say_where_and_what() -> None:
    mild = finding(REDIS, "port", rule="localhost-bind", severity=Severity.LOW)
    medium = finding(REDIS, "bind *\nport", rule="host-network", severity=Severity.MEDIUM, note="")
    out = lines(render("github", report(mild, medium, exposure(), problems=(unread(),))))
    assert out[0] == (
        "::error file=compose.yaml,line=12,col=9,endLine=12,endColumn=20,title=bindlint%3A unauthenticated-exposure::"
        "redis answers anyone who can reach this machine, without a password%0A"
        "no host address: Docker publishes on 0.0.0.0 and [::], ahead of the host's firewall%0A"
        "path: LAN → host :6379 → container cache :6379 → redis%0A"
        'fix: "127.0.0.1:6379:6379"'
    )
    assert [line.split(" ")[0] for line in out] == ["::error", "::warning", "::notice", "::notice"]
    assert "endColumn" not in out[1], "columns mean nothing over several lines"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_github_command_cannot_be_left(name: str) -> None:
    text = render("github", hostile(name))
    assert len(lines(text)) == 2
    for line in lines(text):
        match = re.fullmatch(r"::(?:error|notice) file=([^:,]*),line=\d+,[^:]*::(.*)", line)
        assert match, line
        assert "forged" not in line.split("::")[0]


def test_markdown_keeps_everything_in_code_spans() -> None:
    text = render("markdown", hostile(HOSTILE[-1]))
    rest = re.sub(r"(?<!`)(`+)(?!`)(?: )?.*?(?: )?(?<!`)\1(?!`)", "", text)
    assert "<script>" not in rest
    assert "@someone" not in rest


def test_markdown_is_a_table_of_the_worst_first() -> None:
    text = render("markdown", report(finding(REDIS, "bind *"), exposure(), suppressed=(ignored("2026-12-02"),)))
    rows = [line for line in lines(text) if line.startswith("| ")]
    assert rows[1].startswith("| critical | `unauthenticated-exposure` | `compose.yaml:12` |")
    assert rows[2].startswith("| high | `wildcard` | `redis.conf:1` |")
    assert "| `wildcard` | `compose.yaml:3` | `LAN demo box` | `2026-12-02` |" in rows


def test_json_says_everything_with_its_places() -> None:
    data = json.loads(render("json", report(exposure(), suppressed=(ignored("2026-12-02"),), problems=(unread(),))))
    assert data["version"] == 1
    assert data["summary"]["by_severity"] == {"critical": 1, "high": 0, "medium": 0, "low": 0}
    found = data["findings"][0]
    start = COMPOSE.text.index(PUBLISHED)
    assert found["location"] == {
        "path": "compose.yaml",
        "uri": "compose.yaml",
        "start": {"line": 12, "column": 9, "offset": start},
        "end": {"line": 12, "column": 20, "offset": start + 11},
        "text": PUBLISHED,
    }
    assert found["fix"]["edits"][0]["text"] == "127.0.0.1:"
    assert found["story"][0]["location"]["path"] == "redis.conf"
    assert data["ignored"][0]["ignore"]["until"] == "2026-12-02"
    assert data["problems"] == [
        {"path": "charts/x.yaml", "uri": "charts/x.yaml", "line": 0, "reason": "Helm template", "partial": True}
    ]


def keys(value: object, place: str = "") -> set[str]:
    """Every key path that a document holds."""
    if isinstance(value, dict):
        return {f"{place}.{key}" for key in value} | {k for key in value for k in keys(value[key], f"{place}.{key}")}
    if isinstance(value, list):
        return {k for item in value for k in keys(item, f"{place}[]")}
    return set()


def conforms(value: object, schema: dict[str, object], whole: dict[str, object]) -> list[str]:
    """What a value violates of the small part of JSON Schema that ours uses."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        return conforms(value, whole["$defs"][name], whole)  # type: ignore[index]
    if "anyOf" in schema:
        tries = [conforms(value, part, whole) for part in schema["anyOf"]]  # type: ignore[attr-defined]
        return [] if any(not found for found in tries) else tries[0]
    if "const" in schema and value != schema["const"]:
        return [f"{value!r} is not {schema['const']!r}"]
    if "enum" in schema and value not in schema["enum"]:  # type: ignore[operator]
        return [f"{value!r} is not one of {schema['enum']!r}"]
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}
    if "type" in schema and type(value) is not kinds[str(schema["type"])]:
        return [f"{value!r} is no {schema['type']}"]
    if isinstance(value, dict):
        properties: dict[str, dict[str, object]] = schema.get("properties", {})  # type: ignore[assignment]
        wrong = [f"{key} is missing" for key in schema.get("required", []) if key not in value]  # type: ignore[attr-defined]
        wrong += [f"{key} is unknown" for key in value if key not in properties]
        return wrong + [w for key in value if key in properties for w in conforms(value[key], properties[key], whole)]
    if isinstance(value, list):
        return [w for item in value for w in conforms(item, schema["items"], whole)]  # type: ignore[arg-type]
    return []


@pytest.mark.parametrize("name", ["plain.py", *HOSTILE])
def test_json_conforms_to_its_published_schema(name: str) -> None:
    schema = json.loads((ROOT / "docs/schema/report-v1.json").read_text(encoding="utf-8"))
    other = hostile(name)
    result = replace(
        other,
        findings=(*other.findings, exposure()),
        sources={**other.sources, COMPOSE.path: COMPOSE},
        suppressed=(ignored("2026-12-02"), ignored()),
    )
    assert conforms(json.loads(render("json", result)), schema, schema) == []


def test_every_key_of_the_json_report_is_documented() -> None:
    text = (ROOT / "docs/json.md").read_text(encoding="utf-8")
    result = report(exposure(), suppressed=(ignored("2026-12-02"),), problems=(unread(),))
    names = {path.rpartition(".")[2] for path in keys(json.loads(render("json", result)))}
    assert {name for name in names if f"`{name}`" not in text} == set()


@pytest.mark.parametrize("format_", ["json", "sarif"])
def test_machine_reports_hold_nothing_that_changes_from_run_to_run(format_: str) -> None:
    one = report(exposure(), seconds=0.1, root="/home/one")
    other = report(exposure(), seconds=9.9, root="/home/other")
    assert render(format_, one) == render(format_, other)
