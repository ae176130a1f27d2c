"""What keeps the project changeable, checked: sizes, layers, rules as data, and no way to run what is scanned."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
from toolbox import ROOT, run

from bindlint.knowledge import Knowledge, rules_root

MODULES = sorted((ROOT / "bindlint").rglob("*.py"))
TABLES = [path for path in sorted((ROOT / "rules").rglob("*")) if path.is_file()]

# Names whose call, or import, could run or construct what a scanned file says, or reach the network.
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__"}
FORBIDDEN_METHODS = {
    "yaml": {"load", "load_all", "safe_load", "safe_load_all", "full_load", "unsafe_load"},
    "os": {"system", "popen"},
}
FORBIDDEN_IMPORTS = {
    "pickle",
    "marshal",
    "shelve",
    "dill",
    "socket",
    "ssl",
    "urllib.request",
    "http",
    "ftplib",
    "smtplib",
}


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=short)
def test_a_module_is_short_enough_to_read_at_once(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= 400, "split it by what it knows"


def test_rules_are_data_only() -> None:
    assert TABLES
    assert [short(path) for path in TABLES if path.suffix != ".toml"] == []


def test_import_contracts_hold() -> None:
    run(Path(sys.executable).parent / "lint-imports", "--no-cache")


@pytest.mark.parametrize("path", MODULES, ids=short)
def test_nothing_scanned_can_be_run_constructed_or_sent(path: Path) -> None:
    assert dangers(path.read_text(encoding="utf-8")) == []


def test_the_search_for_dangers_finds_them() -> None:
    bad = [
        "import pickle",
        "from urllib import request",
        "import socket as s",
        "yaml.safe_load(x)",
        "eval(x)",
        "from yaml import load",
    ]
    good = ["import socketserver", "from urllib import parse", "re.compile(x)", "yaml.compose(x)", "load(x)"]
    assert [bool(dangers(text)) for text in [*bad, *good]] == [True] * len(bad) + [False] * len(good)


def dangers(text: str) -> list[str]:
    """Line and name of each forbidden import and call."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names = {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names = {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
            names |= {
                f"{node.module}.{alias.name}()"
                for alias in node.names
                if alias.name in FORBIDDEN_METHODS.get(node.module or "", ())
            }
        elif isinstance(node, ast.Call):
            names = {f"{ast.unparse(node.func)}()"} if isinstance(node.func, (ast.Name, ast.Attribute)) else set()
        else:
            continue
        found += [(node.lineno, name) for name in names if forbidden(name)]
    return [f"{line}: {name}" for line, name in sorted(found)]


def forbidden(name: str) -> bool:
    if not name.endswith("()"):
        return any(name == banned or name.startswith(f"{banned}.") for banned in FORBIDDEN_IMPORTS)
    owner, _, method = name[:-2].rpartition(".")
    return name[:-2] in FORBIDDEN_CALLS or method in FORBIDDEN_METHODS.get(owner, ())


def test_every_rule_explains_itself_in_sentences() -> None:
    rules = Knowledge(rules_root()).rules
    assert rules
    for rule in rules.values():
        for word in ("title", "message", "what", "why", "fine", "how"):
            assert getattr(rule, word).strip(), f"{rule.id} has no text under {word!r}"
        for word in ("what", "why", "fine", "how"):
            assert getattr(rule, word).strip().endswith((".", "`", "```")), f"{rule.id}: {word!r} is no sentence"


def test_a_rule_has_one_file_of_its_own_name() -> None:
    files = {path.stem for path in TABLES if path.parent.name == "judgements"}
    assert files == set(Knowledge(rules_root()).rules)
