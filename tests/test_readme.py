"""The pages say what the program says: output blocks and tables are made by the program, and compared.

`make readme` writes them anew.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
import tempfile
from pathlib import Path

import pytest
import yaml
from toolbox import ROOT, run

from bindlint.knowledge import Knowledge, rules_root

README = ROOT / "README.md"
PAGES = (README, ROOT / "CONTRIBUTING.md")
CONSOLE = re.compile(r"^```console\n\$ (.+)\n(?s:.*?)^```$", re.MULTILINE)
RULES = re.compile(r"<!-- rules -->\n(?s:.*?)<!-- /rules -->")
SHOWN = re.compile(r"<!-- file (.+) -->\n```(\w+)\n(?s:.*?)^```$", re.MULTILINE)
SNIPPET = re.compile(r"^```yaml\n((?s:.*?))^```$", re.MULTILINE)


def rendered(text: str) -> str:
    """A page with every part that the program makes made again, and every file it shows copied again."""
    text = SHOWN.sub(lambda block: f"<!-- file {block[1]} -->\n```{block[2]}\n{(ROOT / block[1]).read_text()}```", text)
    text = CONSOLE.sub(lambda block: f"```console\n$ {block[1]}\n{answer(block[1])}```", text)
    return RULES.sub(lambda _: f"<!-- rules -->\n{rules_table()}<!-- /rules -->", text)


def answer(command: str) -> str:
    """What a command prints, run as it is written but for the place of /tmp; only the seconds are made the same."""
    with tempfile.TemporaryDirectory() as scratch:
        bin_folder = Path(scratch) / "bin"
        bin_folder.mkdir()
        program = bin_folder / "bindlint"
        program.write_text(
            f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT))} exec {shlex.quote(sys.executable)} -m bindlint "$@"\n'
        )
        program.chmod(0o755)
        path = f"{bin_folder}{os.pathsep}{os.environ['PATH']}"
        command = command.replace("/tmp/", f"{scratch}/")  # noqa: S108 - what stands in the page, not what is used
        done = run("sh", "-c", command, expect=None, PATH=path, NO_COLOR="1")
        assert done.stderr == ""
        return re.sub(r"in \d+(?:\.\d+)? s", "in 0.12 s", done.stdout)


def rules_table() -> str:
    rows = [f"| `{rule.id}` | {rule.severity} | {rule.title} |" for rule in Knowledge(rules_root()).rules.values()]
    return "\n".join(["| rule | severity | what it finds |", "|---|---|---|", *rows, ""])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_shows_what_the_program_prints_and_the_files_hold(page: Path) -> None:
    written = page.read_text(encoding="utf-8")
    made = rendered(written)
    if os.environ.get("BINDLINT_WRITE_PAGES"):
        page.write_text(made, encoding="utf-8")
    else:
        assert written == made, "run `make readme`"


def test_the_example_has_output_and_the_table_has_rows() -> None:
    written = README.read_text(encoding="utf-8")
    assert "critical[unauthenticated-exposure]" in written
    assert written.count("\n| `") >= 15


def test_the_snippets_name_hooks_and_inputs_that_exist() -> None:
    snippets = [yaml.safe_load(text) for text in SNIPPET.findall(README.read_text(encoding="utf-8"))]
    hooks = {row["id"] for row in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
    inputs = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["inputs"]
    (commit,) = (snippet for snippet in snippets if "repos" in snippet)
    assert {hook["id"] for hook in commit["repos"][0]["hooks"]} == hooks
    (workflow,) = (snippet for snippet in snippets if "jobs" in snippet)
    (step,) = (step for step in workflow["jobs"]["bindlint"]["steps"] if "/bindlint@" in step["uses"])
    assert set(step["with"]) <= set(inputs)


def test_the_commands_it_names_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z]+)", README.read_text(encoding="utf-8"), re.MULTILINE)) <= targets


def test_links_lead_to_files() -> None:
    for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"):
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / name).read_text(encoding="utf-8")):
            assert (ROOT / link).exists(), f"{name}: {link}"
