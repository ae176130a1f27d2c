"""Configuration: data only, friendly about mistakes, and never a way out of the project."""

from __future__ import annotations

import datetime as dt
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bindlint import config
from bindlint.config import Config, IgnoreEntry
from bindlint.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = """\
exclude = ["vendor", "*.min.yaml"]
select = ["wildcard", "exposed-control"]
ignore = ["localhost-connect"]
fail-on = "high"
persona = "pedantic"
min-severity = "medium"
min-confidence = "high"

[[ignores]]
path = "deploy/*.json"
rules = ["wildcard"]
reason = "LAN demo box"
until = 2027-01-31

[[ignores]]
path = "legacy"
rules = ["host-network", "published-wildcard"]
until = "2027-06-30"
"""


def test_every_key_is_read() -> None:
    found = config.parse(".bindlint.toml", WHOLE.encode())
    assert found.exclude == ("vendor", "*.min.yaml")
    assert found.select == ("wildcard", "exposed-control")
    assert found.ignore == ("localhost-connect",)
    assert (found.fail_on, found.persona, found.min_severity, found.min_confidence) == (
        "high",
        "pedantic",
        "medium",
        "high",
    )
    assert found.ignores == (
        IgnoreEntry("deploy/*.json", ("wildcard",), "LAN demo box", "2027-01-31", 9),
        IgnoreEntry("legacy", ("host-network", "published-wildcard"), "", "2027-06-30", 15),
    )
    assert found.where("persona") == ".bindlint.toml:5: persona"


def test_the_section_of_pyproject_is_the_same() -> None:
    section = WHOLE.replace("exclude", "[tool.bindlint]\nexclude", 1).replace(
        "[[ignores]]", "[[tool.bindlint.ignores]]"
    )
    text = f'[project]\nname = "x"\npersona = 3\n{section}'
    found = config.parse("pyproject.toml", text.encode(), ("tool", "bindlint"))
    plain = config.parse(".bindlint.toml", WHOLE.encode())
    assert found.select == plain.select
    assert [entry.line for entry in found.ignores] == [13, 19]
    assert found.where("persona") == "pyproject.toml:9: persona"


def test_the_own_file_wins_over_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.bindlint]\npersona = "auditor"\n')
    assert config.load(tmp_path).persona == "auditor"
    (tmp_path / ".bindlint.toml").write_text('persona = "pedantic"\n')
    assert config.load(tmp_path).persona == "pedantic"


def test_no_file_no_section_and_an_empty_section_are_the_defaults(tmp_path: Path) -> None:
    assert config.load(tmp_path) == Config()
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n')
    assert config.load(tmp_path) == Config()
    (tmp_path / "pyproject.toml").write_text("[tool.bindlint]\n")
    assert config.load(tmp_path).select == ()


def test_a_pyproject_that_does_not_speak_of_us_may_be_broken(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"[tool.other\n\xff")
    assert config.load(tmp_path) == Config()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('\nexclude = "vendor"', "2: exclude: expected a list of strings"),
        ("exclude = [1]", "1: exclude: expected a list of strings"),
        ('exclude = ["a\\u0000"]', "1: exclude: expected at most 1000 printable strings of at most 256 characters"),
        ('select = ["*"]', "1: select: expected rule ids such as 'wildcard', not '*'"),
        ("select = {a = 1}", "1: select: expected a list of strings"),
        ('fail-on = "hihg"', "1: fail-on: expected one of low, medium, high, critical, never (did you mean 'high'?)"),
        ("persona = 3", "1: persona: expected one of regular, pedantic, auditor"),
        ("min-severity = 2001-01-01", "1: min-severity: expected one of low, medium, high, critical"),
        ('persona = "regular"\nfail_on = "low"', "2: fail_on: expected one of the keys exclude, select,"),
        ('output = "../../x.sarif"', "1: output: expected one of the keys"),
        ('plugins = ["evil"]', "1: plugins: expected one of the keys"),
        ("ignores = 3", "1: ignores: expected tables"),
        ('[[ignores]]\nrules = ["wildcard"]', "1: ignores.path: expected a pattern for paths"),
        ('[[ignores]]\npath = "**"\nrules = ["wildcard"]', "1: ignores.path: expected a pattern that names something"),
        ('[[ignores]]\npath = "a"\nrules = []', "1: ignores.rules: expected a list of at least one rule id"),
        ('[[ignores]]\npath = "a"\nrules = ["*"]', "1: ignores.rules: expected rule ids such as 'wildcard', not '*'"),
        (
            '[[ignores]]\npath = "a"\nrules = ["wildcard"]\n[[ignores]]\npath = "b"\nrules = ["wildcard"]\nuntil = "x"',
            "4: ignores.until: expected a date such as 2027-01-31",
        ),
        (
            '[[ignores]]\npath = "a"\nrules = ["wildcard"]\nexpires = "x"',
            "1: ignores.expires: expected one of the keys path, rules, reason, until",
        ),
        ("a = ", "1: expected TOML: Invalid value"),
        ("a = 1\na = 2", "expected TOML: "),
        ("[tool.bindlint\n\x00", "1: expected TOML: "),
        ("a = " + "[" * 100_000, "expected TOML: "),
        ("a = " + "9" * 10_000, "expected TOML: "),
    ],
)
def test_a_mistake_is_one_line_with_its_place_and_what_was_expected(text: str, complaint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config.parse(".bindlint.toml", text.encode())
    message = str(caught.value)
    assert complaint in message
    assert message.startswith(".bindlint.toml:")
    assert "\n" not in message
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("text", ["[tool]\nbindlint = 3\n", 'tool = "bindlint"\n'])
def test_a_section_must_be_a_table(text: str) -> None:
    with pytest.raises(ConfigError, match="expected a table"):
        config.parse("pyproject.toml", text.encode(), ("tool", "bindlint"))


def test_text_that_is_not_utf_8_is_named_with_its_line() -> None:
    with pytest.raises(ConfigError, match=r"^\.bindlint\.toml:2: expected UTF-8 text$"):
        config.parse(".bindlint.toml", b'persona = "regular"\n# \xe9\n')


def test_links_pipes_folders_and_monsters_are_refused_not_read(tmp_path: Path) -> None:
    path = tmp_path / ".bindlint.toml"
    outside = tmp_path / "outside.toml"
    outside.write_text('persona = "auditor"\n')
    path.symlink_to(outside)
    with pytest.raises(ConfigError, match=r"links are not followed"):
        config.load(tmp_path)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(ConfigError, match=r"expected a regular file"):
        config.load(tmp_path)
    path.unlink()
    path.mkdir()
    with pytest.raises(ConfigError, match=r"expected a regular file"):
        config.load(tmp_path)
    path.rmdir()
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(ConfigError, match=r"expected at most 1048576 bytes"):
        config.load(tmp_path)


def test_a_file_named_outside_the_project_is_obeyed_but_not_reported_on(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    shared = tmp_path / "shared.toml"
    shared.write_text(WHOLE)
    found = config.load_file(shared, root)
    assert found.persona == "pedantic"
    assert found.text == ""
    inside = root / "conf.toml"
    inside.write_text(WHOLE)
    assert config.load_file(inside, root).file == "conf.toml"
    with pytest.raises(ConfigError, match="there is none"):
        config.load_file(root / "missing.toml", root)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_configuration_or_a_complaint(data: bytes) -> None:
    complaint = ""
    try:
        config.parse(".bindlint.toml", data)
    except ConfigError as error:
        complaint = str(error)
    assert "\n" not in complaint


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2027-01-31", dt.date(2027, 1, 31)),
        ("2027-02-30", None),
        ("20270131", None),
        ("2027-1-31", None),
        ("2027-W05", None),
        ("tomorrow", None),
        ("", None),
    ],
)
def test_dates_have_one_form(text: str, date: dt.date | None) -> None:
    assert config.iso_date(text) == date
