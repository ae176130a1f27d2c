"""Defaults that changed: the version that the project is pinned to decides, and the story says where."""

from __future__ import annotations

import pytest

from bindlint.config import Config, Options
from bindlint.knowledge import Knowledge, rules_root
from bindlint.readers.python.versions import version
from bindlint.workspace import Workspace

KNOWLEDGE = Knowledge(rules_root())
SERVER = 'from mcp.server.fastmcp import FastMCP\nmcp = FastMCP("tools")\nmcp.run(transport="sse")\n'


def found(files: dict[str, str]) -> list[tuple[str, list[tuple[str, str]]]]:
    workspace = Workspace(KNOWLEDGE, Config())
    for path, text in files.items():
        workspace.update(path, text.encode())
    findings = workspace.report(Options()).findings
    return [
        (f.rule, [(s.site.path, files[s.site.path][s.site.span.start : s.site.span.end]) for s in f.story])
        for f in findings
    ]


@pytest.mark.parametrize(
    ("path", "text", "pin"),
    [
        ("requirements.txt", "starlette\nmcp==1.6.0  # tools\n", "1.6.0"),
        ("requirements.txt", "mcp[cli]==1.6.0\n", "1.6.0"),
        ("requirements/base.txt", "mcp<1.7\n", "1.7"),
        ("pyproject.toml", '[project]\ndependencies = [\n    "mcp==1.9.0",\n]\n', "1.9.0"),
        ("uv.lock", '[[package]]\nname = "mcp"\nversion = "1.2.0"\nsource = {}\n', "1.2.0"),
        ("poetry.lock", '[[package]]\nname = "mcp"\nversion = "1.2.0"\n', "1.2.0"),
        ("Pipfile.lock", '{"default": {"mcp": {"hashes": ["a"], "version": "==1.2.0"}}}', "1.2.0"),
    ],
)
@pytest.mark.parametrize("server", ["server.py", "src/tools/server.py"])
def test_an_old_version_has_its_old_default(path: str, text: str, pin: str, server: str) -> None:
    [(rule, story)] = found({path: text, server: SERVER})
    assert rule == "default-wildcard"
    assert (path, pin) in story


@pytest.mark.parametrize(
    "text",
    ["mcp==1.9.1\n", "mcp\n", "mcp>=1.2\n", "mcp-extra==1.2\n", "other-mcp==1.2\n", "# mcp==1.2\n", "mcp<=1.30\n"],
)
def test_newer_versions_other_packages_and_no_pin_have_the_new_one(text: str) -> None:
    assert found({"requirements.txt": text, "server.py": SERVER}) == []


def test_the_nearest_pin_counts() -> None:
    pins = {"requirements.txt": "mcp==1.2\n", "new/requirements.txt": "mcp==1.20\n"}
    assert found({**pins, "new/server.py": SERVER}) == []
    assert len(found({**pins, "server.py": SERVER})) == 1


def test_an_address_that_is_given_needs_no_default() -> None:
    given = SERVER.replace('"tools"', '"tools", host="127.0.0.1"')
    assert found({"requirements.txt": "mcp==1.2\n", "server.py": given}) == []


def test_versions_compare_by_their_numbers() -> None:
    assert version("1.10") > version("1.9.1") > version("1.9.0") == version("1.9")
    assert version("1.9.1") > version("1.9.1", below=True) > version("1.9.0")
