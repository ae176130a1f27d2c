"""SARIF: what GitHub code scanning reads is there and exact, and the multitool has nothing to say."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import time
from dataclasses import replace
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports import CATALOGUE, COMPOSE, REDIS, exposure, finding, ignored, render, report, unread
from toolbox import BUILD, run

from bindlint.facts import Problem, Step
from bindlint.findings import Fix, Report, Severity
from bindlint.reporters import sarif
from bindlint.reporters.fingerprints import line_hashes
from bindlint.reporters.uris import uri
from bindlint.source import Edit, Source

# The vectors of github/codeql-action src/fingerprints.test.ts: text, and the hash of each of its lines.
GREETINGS = [
    "e9496ae3ebfced30:1",
    "fb7c023a8b9ccb3f:1",
    "ce8ba1a563dcdaca:1",
    "e20e36e16fcb0cc8:1",
    "b3edc88f2938467e:1",
    "c8e28b0b4002a3a0:1",
    "c129715d7a2bc9a3:1",
]
VECTORS = [
    ("", ["c129715d7a2bc9a3:1"]),
    (" a\nb\n  \t\tc\n d", ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"]),
    (
        " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End",
        [
            "8b7cf3e952e7aeb2:1",
            "b1ae1287ec4718d9:1",
            "bff680108adb0fcc:1",
            "c6805c5e1288b612:1",
            "b86d3392aea1be30:1",
            "e6ceba753e1a442:1",
        ],
    ),
    (" hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n", GREETINGS),
    (" hello; \t\nworld!!!\r\r\r  \t\tGreetings\r End\r", GREETINGS),
    (" hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End\r\n", GREETINGS),
    (" hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n", GREETINGS),
    (
        "Lorem ipsum dolor sit amet.\n" * 10,
        [
            *(f"a7f2ff13bc495cf2:{count}" for count in range(1, 7)),
            "a7f2ff1481e87703:1",
            "a9cf91f7bbf1862b:1",
            "55ec222b86bcae53:1",
            "cc97dc7b1d7d8f7b:1",
            "c129715d7a2bc9a3:1",
        ],
    ),
    (
        "x = 2\nx = 1\nprint(x)\nx = 3\nprint(x)\nx = 4\nprint(x)\n",
        [
            "e54938cc54b302f1:1",
            "bb609acbe9138d60:1",
            "1131fd5871777f34:1",
            "5c482a0f8b35ea28:1",
            "54517377da7028d2:1",
            "2c644846cb18d53e:1",
            "f1b89f20de0d133:1",
            "c129715d7a2bc9a3:1",
        ],
    ),
]


@pytest.mark.parametrize(("text", "expected"), VECTORS)
def test_line_hashes_are_those_of_the_upload_action(text: str, expected: list[str]) -> None:
    count = len(re.split(r"\r\n|\r|\n", text))
    assert line_hashes(text, range(1, count + 1)) == dict(enumerate(expected, 1))


def rolling(text: str) -> list[str]:
    """The algorithm as src/fingerprints.ts writes it, unit by unit."""
    data = text.encode("utf-16-le")
    units = [data[i] | data[i + 1] << 8 for i in range(0, len(data), 2)]
    window, starts = [0] * 100, [-1] * 100
    state = {"hash": 0, "index": 0, "line": 0, "start": True}
    counts: dict[int, int] = {}
    out: dict[int, str] = {}

    def flush() -> None:
        value = state["hash"]
        counts[value] = counts.get(value, 0) + 1
        out[starts[state["index"]]] = f"{value:x}:{counts[value]}"
        starts[state["index"]] = -1

    def push(unit: int) -> None:
        i = state["index"]
        old, window[i] = window[i], unit
        state["hash"] = (37 * state["hash"] + unit - pow(37, 100) * old) % 2**64
        state["index"] = (i + 1) % 100

    previous_cr = False
    for unit in [*units, 65535]:
        if unit in (32, 9) or (previous_cr and unit == 10):
            previous_cr = False
            continue
        previous_cr = unit == 13
        current = 10 if previous_cr else unit
        if starts[state["index"]] != -1:
            flush()
        if state["start"]:
            state["start"] = False
            state["line"] += 1
            starts[state["index"]] = state["line"]
        if current == 10:
            state["start"] = True
        push(current)
    for _ in range(100):
        if starts[state["index"]] != -1:
            flush()
        push(0)
    return [out[line] for line in sorted(out)]


@given(st.text(st.sampled_from("ab \t\n\r😀é"), max_size=300))
def test_line_hashes_agree_with_a_literal_transcription(text: str) -> None:
    expected = rolling(text)
    assert list(line_hashes(text, range(1, len(expected) + 1)).values()) == expected


def load(result: Report) -> dict[str, Any]:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len({key for key, _ in pairs}) == len(pairs)
        return dict(pairs)

    log = json.loads(render("sarif", result), object_pairs_hook=unique)
    assert log["version"] == "2.1.0"
    run_: dict[str, Any] = log["runs"][0]
    return run_


def test_a_rule_carries_what_code_scanning_shows() -> None:
    assert load(report(exposure()))["tool"]["driver"] == {
        "name": "bindlint",
        "semanticVersion": "1.2.3",
        "informationUri": "https://example.org/bindlint",
        "rules": [
            {
                "id": "unauthenticated-exposure",
                "name": "UnauthenticatedExposure",
                "shortDescription": {"text": "A server without its guard can be reached from outside this machine."},
                "fullDescription": {"text": "A guard is off, and others can connect."},
                "help": {
                    "text": "What it is\n  A guard is off.\n",
                    "markdown": "### What it is\n\nA guard is off.\n",
                },
                "defaultConfiguration": {"level": "error"},
                "properties": {
                    "tags": ["security", "network", "external/cwe/cwe-306"],
                    "precision": "high",
                    "security-severity": "9.5",
                },
            }
        ],
    }


def test_a_result_points_at_the_value_and_walks_the_story() -> None:
    result = load(report(exposure()))["results"][0]
    region = {
        "startLine": 12,
        "startColumn": 9,
        "endLine": 12,
        "endColumn": 20,
        "snippet": {"text": '"6379:6379"'},
    }
    assert result["message"] == {
        "text": "redis answers anyone who can reach this machine, without a password. See [the guard is off](1)."
    }
    assert result["level"] == "error"
    assert result["ruleIndex"] == 0
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "compose.yaml", "uriBaseId": "%SRCROOT%"},
        "region": region,
    }
    assert [place["id"] for place in result["relatedLocations"]] == [1]
    flow = result["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [step["location"]["physicalLocation"]["artifactLocation"]["uri"] for step in flow] == [
        "compose.yaml",
        "redis.conf",
    ]
    assert result["fixes"][0]["artifactChanges"] == [
        {
            "artifactLocation": {"uri": "compose.yaml", "uriBaseId": "%SRCROOT%"},
            "replacements": [
                {
                    "deletedRegion": {"startLine": 12, "startColumn": 10, "endLine": 12, "endColumn": 10},
                    "insertedContent": {"text": "127.0.0.1:"},
                }
            ],
        }
    ]
    assert result["partialFingerprints"] == {
        "bindlint/v1": "ab" * 16,
        "primaryLocationLineHash": line_hashes(COMPOSE.text, [12])[12],
    }


def test_the_run_is_one_category_counts_utf_16_and_names_no_absolute_path() -> None:
    run_ = load(report(exposure(), root="/home/someone/secret"))
    assert run_["automationDetails"] == {"id": "bindlint/"}
    assert run_["columnKind"] == "utf16CodeUnits"
    assert "someone" not in json.dumps(run_)


@pytest.mark.parametrize("severity", list(Severity))
def test_every_level_is_written_even_where_it_is_the_default(severity: Severity) -> None:
    level = {"CRITICAL": "error", "HIGH": "error", "MEDIUM": "warning", "LOW": "note"}[severity.name]
    result = load(report(finding(REDIS, "bind *", severity=severity)))["results"][0]
    assert result["level"] == level


def test_columns_are_utf_16_code_units() -> None:
    source = Source("app.py", "name = '😀日'; host = '0.0.0.0'\n")
    region = load(report(finding(source, "'0.0.0.0'"), sources=(source,)))["results"][0]["locations"][0][
        "physicalLocation"
    ]["region"]
    line = source.text.encode("utf-16-le")
    start, end = 2 * (region["startColumn"] - 1), 2 * (region["endColumn"] - 1)
    assert line[start:end].decode("utf-16-le") == "'0.0.0.0'"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("src/app.py", "src/app.py"),
        ("a b/ü.py", "a%20b/%C3%BC.py"),
        ("a:b.py", "a%3Ab.py"),
        ("100%.py", "100%25.py"),
        ("q?x#y.py", "q%3Fx%23y.py"),
        ("bad\udcff.py", "bad%FF.py"),
        ("line\nbreak.py", "line%0Abreak.py"),
        ("back\\slash.py", "back%5Cslash.py"),
    ],
)
def test_uris_are_made_from_the_bytes_of_the_path(path: str, expected: str) -> None:
    assert uri(path) == expected


@given(st.binary(min_size=1).filter(lambda data: b"\0" not in data))
def test_a_uri_gives_the_bytes_of_any_name_back(data: bytes) -> None:
    text = uri(os.fsdecode(data))
    assert re.fullmatch(r"(?:[A-Za-z0-9\-._~/]|%[0-9A-F]{2})+", text)
    assert unquote_to_bytes(text) == data


def test_what_was_not_understood_is_a_notification_that_names_the_file() -> None:
    problems = (unread(), Problem("bad\udcff.py", "not valid utf-8", 3))
    notices = load(report(problems=problems))["invocations"][0]["toolExecutionNotifications"]
    places = [notice["locations"][0]["physicalLocation"] for notice in notices]
    assert [place["artifactLocation"]["uri"] for place in places] == ["charts/x.yaml", "bad%FF.py"]
    assert places[1]["region"] == {"startLine": 3}
    assert notices[0]["message"]["text"] == "Read in part only: Helm template."
    assert {notice["level"] for notice in notices} == {"warning"}


def test_ignored_findings_are_left_out() -> None:
    run_ = load(report(suppressed=(ignored(),)))
    assert run_["results"] == []
    assert run_["tool"]["driver"]["rules"] == []


def test_the_worst_results_are_kept_and_the_cut_is_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MAX_RESULTS", 3)
    low = [replace(finding(REDIS, "port"), severity=Severity.LOW, rule="localhost-bind") for _ in range(5)]
    run_ = load(report(*low, exposure()))
    assert [r["ruleId"] for r in run_["results"]] == ["localhost-bind", "localhost-bind", "unauthenticated-exposure"]
    notice = run_["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
    assert notice == "6 findings, of which the 3 most severe are in this log."


def test_no_string_of_a_log_holds_a_control_character() -> None:
    def strings(value: Any) -> list[str]:  # noqa: ANN401 - any JSON value
        if isinstance(value, dict):
            return [*value, *(text for item in value.values() for text in strings(item))]
        if isinstance(value, list):
            return [text for item in value for text in strings(item)]
        return [value] if isinstance(value, str) else []

    unsafe = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
    assert [text for text in strings(load(every_kind())) if unsafe.search(text)] == []


def test_brackets_in_messages_are_no_links() -> None:
    found = finding(REDIS, "bind *", message="listens on [::] (\\o/)", story=(Step(REDIS.site(7, 11), "see [x](9)"),))
    text = load(report(found))["results"][0]["message"]["text"]
    assert text == "listens on \\[::\\] (\\\\o/). See [see \\[x\\](9)](1)."


def test_a_fix_with_unprintable_text_or_of_an_unknown_file_is_left_out() -> None:
    place = REDIS.site(0, 4)
    for edit in (Edit(place, "\x1b[2J"), Edit(replace(place, path="gone.conf"), "x")):
        found = finding(REDIS, "bind *", fix=Fix((edit,), "x"))
        assert "fixes" not in load(report(found))["results"][0]


def test_a_rule_without_a_text_is_still_named() -> None:
    assert load(report(finding(REDIS, "bind *")))["tool"]["driver"]["rules"] == [{"id": "wildcard"}]


@pytest.mark.slow
def test_the_multitool_finds_no_error_and_no_warning() -> None:
    validated = multitool(render("sarif", every_kind()))
    assert [r for r in validated if r.get("level", "warning") in ("error", "warning")] == []


@pytest.mark.slow
def test_the_multitool_would_find_an_error() -> None:
    bad = render("sarif", every_kind()).replace('"ruleIndex":0', '"ruleIndex":99')
    assert [r for r in multitool(bad) if r.get("level", "warning") in ("error", "warning")] != []


def every_kind() -> Report:
    """A report in which every property that we write occurs, with hostile names."""
    source = Source("dir/bad\udcff :😀.py", "😀 host = '0.0.0.0'\nother = 1\n")
    rule = CATALOGUE.rules["unauthenticated-exposure"].id
    hostile = finding(source, "'0.0.0.0'", rule=rule, severity=Severity.MEDIUM, note="see [x](y) \\ \x1b\u202e")
    several = finding(source, "'0.0.0.0'\nother", rule=rule, story=(Step(REDIS.site(0, 0), ""),))
    return report(
        exposure(),
        hostile,
        several,
        sources=(COMPOSE, REDIS, source),
        problems=(unread(), Problem("bad\udcff.py", "not valid utf-8", 3)),
    )


def multitool(log: str) -> list[dict[str, Any]]:
    """What the SARIF multitool says of a log, under its own rules and those of GitHub code scanning.

    The native program is called, because its node wrapper passes `Sarif;Ghas` through a shell; and its results are
    read, because it exits with 0 whatever it found. It is installed once, under .build/.
    """
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        pytest.skip("the program is installed for Linux on x86-64 only")
    folder = BUILD / "sarif-multitool"
    program = folder / "node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"
    folder.mkdir(parents=True, exist_ok=True)
    if not program.is_file():
        (folder / "package.json").write_text("{}")
        run("npm", "install", "--silent", "--no-audit", "--no-fund", "@microsoft/sarif-multitool@5.7.0", cwd=folder)
    program.chmod(0o755)
    given_, validated = folder / f"given-{time.monotonic_ns()}.sarif", folder / f"said-{time.monotonic_ns()}.sarif"
    try:
        given_.write_text(log, encoding="utf-8")
        words = ["validate", given_, "--rule-kind", "Sarif;Ghas", "--level", "Error;Warning", "--output", validated]
        subprocess.run([str(w) for w in (program, *words)], check=True, capture_output=True)
        results: list[dict[str, Any]] = json.loads(validated.read_text(encoding="utf-8-sig"))["runs"][0]["results"]
        return results
    finally:
        given_.unlink(missing_ok=True)
        validated.unlink(missing_ok=True)
