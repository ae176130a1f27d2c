"""The command line: what it prints where, how it ends, and what it costs to start."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from toolbox import ROOT

from bindlint import __version__, cli
from bindlint.knowledge import Knowledge, rules_root

if TYPE_CHECKING:
    from pathlib import Path

EXPOSED = 'import uvicorn\n\nuvicorn.run("web:app", host="0.0.0.0", port=8000)\n'
FINE = EXPOSED.replace("0.0.0.0", "127.0.0.1")
HOST_NETWORK = "services:\n  web:\n    image: python:3.12\n    network_mode: host\n"
FINDING = "app.py:3:29: high[wildcard] uvicorn listens on every IPv4 interface, port 8000\n"


@pytest.fixture(autouse=True)
def _no_colour_and_no_runner(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "GITHUB_ACTIONS", "BINDLINT_DEBUG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one finding; the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.py").write_text(EXPOSED)
    return tmp_path


def run(*arguments: str) -> int:
    return cli.main(arguments)


def bindlint(*arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """The program itself, in its own process."""
    words = [sys.executable, "-m", "bindlint", *arguments]
    return subprocess.run(words, cwd=cwd, env={**os.environ, **variables}, capture_output=True, text=True, check=False)


def test_alone_it_prints_help_and_is_no_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 2
    assert "bindlint scan" in capsys.readouterr().out


@pytest.mark.parametrize("word", ["--help", "-h", "help"])
def test_help_names_every_command(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(word) == 0
    out = capsys.readouterr().out
    assert all(f"  {name} " in out for name in cli.COMMANDS)


@pytest.mark.parametrize("command", list(cli.COMMANDS))
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(command, "--help")
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: bindlint {command}")


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version") == 0
    assert capsys.readouterr().out == f"bindlint {__version__}\n"


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["scna"], "there is no command 'scna' (did you mean 'scan'?)"),
        (["app.py"], "there is no command 'app.py' (did you mean: bindlint scan app.py)"),
        (["scan", "--formt", "json"], "unrecognized arguments: --formt"),
        (["scan", "--form", "json"], "unrecognized arguments: --form"),
        (["scan", "--format", "xml"], "invalid choice: 'xml'"),
        (["scan", "--fail-on", "hihg"], "invalid choice: 'hihg'"),
        (["scan", "-j", "-1"], "-j"),
        (["scan", "missing"], "missing: no such file or directory"),
        (["scan", "--select", "wildcrad"], "--select: there is no rule 'wildcrad' (did you mean 'wildcard'?)"),
        (["scan", "--ignore", "all"], "--ignore: there is no rule 'all'"),
        (["scan", "--select", ","], "--select: expected rule ids"),
        (["scan", "--output", "x.sarif"], "--output: expected FORMAT=FILE"),
        (["scan", "--output", "srif=x"], "(did you mean 'sarif'?)"),
        (["scan", "--output", "sarif="], "--output sarif: expected sarif=FILE"),
        (["scan", "--output", "sarif=no/such/x"], "there is no folder no/such"),
        (["scan", "--config", "missing.toml"], "there is none"),
        (["scan", "--config", "a", "--no-config"], "not allowed with argument"),
        (["explain"], "the following arguments are required: ID"),
        (["explain", "wildcrad"], "there is no rule 'wildcrad' (did you mean 'wildcard'?)"),
        (["rules", "--format", "xml"], "invalid choice"),
    ],
)
def test_a_wrong_command_line_is_one_line_on_stderr_and_exit_code_2(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert complaint in err
    assert err.count("\n") == 1


def test_findings_are_printed_and_exit_with_1(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("scan", "--format", "concise") == 1
    out, err = capsys.readouterr()
    assert out == FINDING
    assert err == ""
    (project / "app.py").write_text(FINE)
    assert run("scan", "--format", "concise") == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("format_", ["text", "concise", "json", "sarif", "github", "markdown"])
def test_exit_codes_do_not_depend_on_the_format(project: Path, format_: str) -> None:
    assert run("scan", "--format", format_) == 1
    (project / "app.py").write_text(FINE)
    assert run("scan", "--format", format_) == 0
    (project / "bad.yaml").write_text("a: [\nimage: x\nports: {\n")
    assert run("scan", "--format", format_) == 0


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], 1),
        (["--fail-on", "high"], 1),
        (["--fail-on", "critical"], 0),
        (["--fail-on", "never"], 0),
        (["--exit-zero"], 0),
        (["--ignore", "wildcard"], 0),
        (["--select", "host-network"], 0),
        (["--select", "host-network,wildcard"], 1),
        (["--select", "host-network", "--select", "wildcard"], 1),
        (["--min-severity", "critical"], 0),
        (["--min-confidence", "high"], 1),
        (["--persona", "auditor"], 1),
    ],
)
def test_options_decide_what_is_reported_and_how_it_ends(options: list[str], code: int) -> None:
    assert run("scan", *options) == code


def test_configuration_decides_as_options_do_and_options_win(project: Path) -> None:
    config = project / ".bindlint.toml"
    config.write_text('fail-on = "critical"\n')
    assert run("scan") == 0
    assert run("scan", "--fail-on", "high") == 1
    assert run("scan", "--no-config") == 1
    config.write_text('ignore = ["wildcard"]\n')
    assert run("scan") == 0
    config.write_text('exclude = ["app.py"]\n')
    assert run("scan") == 0
    assert run("scan", "app.py") == 1, "a file that is named is scanned"
    assert run("scan", "--force-exclude", "app.py") == 0
    config.unlink()
    (project / "other.toml").write_text('fail-on = "never"\n')
    assert run("scan", "--config", "other.toml") == 0


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('persona = "regluar"\n', ".bindlint.toml:1: persona: expected one of regular, pedantic, auditor"),
        ('\nselect = ["wildcrad"]\n', ".bindlint.toml:2: select: expected a rule id, not 'wildcrad' (did you mean"),
        (
            '[[ignores]]\npath = "a"\nrules = ["wildcrad"]\n',
            ".bindlint.toml:1: ignores.rules: expected a rule id, not 'wildcrad' (did you mean 'wildcard'?)",
        ),
    ],
)
def test_a_wrong_configuration_exits_with_2(
    project: Path, text: str, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / ".bindlint.toml").write_text(text)
    assert run("scan") == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert complaint in err


def test_ignores_silence_and_are_counted_unless_switched_off(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = EXPOSED.replace(")\n", ')  # bindlint: ignore[wildcard] reason="LAN demo box"\n')
    (project / "app.py").write_text(line)
    assert run("scan") == 0
    assert capsys.readouterr().out.startswith("No findings · 1 ignored\n")
    assert run("scan", "--no-ignores") == 1
    capsys.readouterr()
    (project / "app.py").write_text(line.replace("0.0.0.0", "127.0.0.1"))
    assert run("scan", "--fail-on", "low") == 1
    assert "low[unused-ignore] no wildcard finding here to ignore" in capsys.readouterr().out


def test_an_ignore_comment_cannot_widen_itself(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flood = "# bindlint: disable-file\n# bindlint: ignore[*]\n# noqa\n# nosec\n"
    (project / "app.py").write_text(flood + EXPOSED)
    assert run("scan", "--format", "concise") == 1
    out = capsys.readouterr().out
    assert "high[wildcard]" in out
    assert out.count("low[malformed-ignore]") == 2


def test_strict_exits_with_3_when_something_was_not_read(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("scan", "--strict") == 1
    (project / "compose.yaml").write_text("services: {a: [\n")
    assert run("scan") == 1
    assert "1 file not understood: compose.yaml" in capsys.readouterr().out
    assert run("scan", "--strict") == 3
    assert run("scan", "--strict", "--exit-zero") == 3


def test_outputs_are_written_beside_the_report(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("scan", "--output", "json=out.json", "--output", "sarif=out.sarif", "-q") == 1
    assert capsys.readouterr().out.startswith("high[wildcard]")
    assert json.loads((project / "out.json").read_text())["findings"][0]["rule"] == "wildcard"
    results = json.loads((project / "out.sarif").read_text())["runs"][0]["results"]
    assert [result["ruleId"] for result in results] == ["wildcard"]
    assert sorted(path.name for path in project.iterdir()) == ["app.py", "out.json", "out.sarif"]
    assert (project / "out.json").stat().st_mode & 0o777 == 0o666 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@pytest.mark.usefixtures("project")
def test_sarif_explains_the_rules_that_fired_as_explain_does(capsys: pytest.CaptureFixture[str]) -> None:
    run("scan", "--format", "sarif")
    rules = json.loads(capsys.readouterr().out)["runs"][0]["tool"]["driver"]["rules"]
    run("explain", "wildcard")
    assert [(rule["id"], rule["help"]["text"]) for rule in rules] == [("wildcard", capsys.readouterr().out)]


def test_a_planted_link_is_replaced_not_followed(project: Path) -> None:
    victim = project / "victim"
    victim.write_text("precious")
    (project / "out.json").symlink_to(victim)
    assert run("scan", "--output", "json=out.json") == 1
    assert victim.read_text() == "precious"
    assert not (project / "out.json").is_symlink()


def test_a_planted_folder_link_is_refused(
    project: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (project / "reports").symlink_to(elsewhere)
    assert run("scan", "--output", "json=reports/out.json") == 2
    assert "a link out of this folder" in capsys.readouterr().err
    assert list(elsewhere.iterdir()) == []


def test_an_output_that_cannot_be_written_is_no_verdict(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "out.json").mkdir()
    assert run("scan", "--output", "json=out.json") == 2
    assert "cannot be written" in capsys.readouterr().err


def test_names_are_focus_and_the_project_is_context(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "other.py").write_text(EXPOSED)
    assert run("scan", "other.py", "--format", "concise") == 1
    assert capsys.readouterr().out == FINDING.replace("app.py", "other.py")


def test_colour_only_where_asked(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run("scan")
    assert "\x1b" not in capsys.readouterr().out
    run("scan", "--color", "always", "--output", "text=out.txt")
    assert "\x1b[1;31mhigh[wildcard]\x1b[0m" in capsys.readouterr().out
    assert "\x1b" not in (project / "out.txt").read_text()
    monkeypatch.setenv("FORCE_COLOR", "1")
    run("scan")
    assert "\x1b" in capsys.readouterr().out
    run("scan", "--color", "never")
    assert "\x1b" not in capsys.readouterr().out


def test_verbose_tells_on_stderr(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / ".bindlint.toml").write_text('persona = "auditor"\n')
    run("scan", "-v")
    err = capsys.readouterr().err
    assert "bindlint: configuration .bindlint.toml\n" in err
    assert "persona auditor" in err


def test_rules_lists_every_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("rules") == 0
    rows = capsys.readouterr().out.splitlines()
    known = Knowledge(rules_root()).rules
    assert [row.split()[:2] for row in rows] == [[rule.id, rule.severity] for rule in known.values()]
    assert run("rules", "--format", "json") == 0
    assert [row["id"] for row in json.loads(capsys.readouterr().out)["rules"]] == list(known)


@pytest.mark.parametrize("rule", list(Knowledge(rules_root()).rules))
def test_every_rule_is_explained(rule: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("explain", rule) == 0
    page = capsys.readouterr().out
    for heading in ("What it is", "Why it matters", "When it is fine", "How to fix it"):
        assert f"\n{heading}\n  " in page
    assert run("explain", rule, "--format", "markdown") == 0
    assert "### Why it matters" in capsys.readouterr().out


def test_a_rule_is_explained_with_examples(capsys: pytest.CaptureFixture[str]) -> None:
    run("explain", "wildcard")
    page = capsys.readouterr().out
    assert re.search(r"^Bad \S+", page, re.MULTILINE)
    assert re.search(r"^Good \S+", page, re.MULTILINE)


@pytest.mark.usefixtures("project")
def test_a_crash_is_one_line_and_exit_code_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("a \x1b[2J reason\n::error::forged")

    monkeypatch.setattr("bindlint.workspace.Workspace.scan", broken)
    assert run("scan") == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(r"bindlint: internal error: ValueError: a \x1b[2J reason\n::error::forged at test_cli.py:")
    assert err.count("\n") == 1
    assert run("scan", "--exit-zero") == 3


@pytest.mark.usefixtures("project")
def test_a_reader_that_fails_on_a_file_is_no_clean_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("a reader's fault")

    monkeypatch.setattr("bindlint.readers.read", broken)
    assert run("scan") == 3


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("fault", [MemoryError(), RecursionError()])
def test_running_out_of_memory_or_stack_is_no_verdict(monkeypatch: pytest.MonkeyPatch, fault: Exception) -> None:
    def broken(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr("bindlint.workspace.Workspace.scan", broken)
    assert run("scan") == 3


@pytest.mark.usefixtures("project")
def test_an_interrupt_ends_as_shells_expect(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("bindlint.workspace.Workspace.scan", interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets background jobs ignore it
    try:
        assert run("scan") == 130
    finally:
        signal.signal(signal.SIGINT, before)
    assert capsys.readouterr().err == "bindlint: interrupted\n"


def test_a_closed_pipe_is_quiet(project: Path) -> None:
    (project / "app.py").write_text(EXPOSED + "x = 1\n" * 3)
    read, write = os.pipe()
    os.close(read)
    words = [sys.executable, "-m", "bindlint", "scan"]
    done = subprocess.run(words, cwd=project, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, "")


def test_closed_streams_do_not_change_the_verdict(project: Path) -> None:
    command = f"{sys.executable} -m bindlint scan >&- 2>&-"
    assert subprocess.run(command, cwd=project, shell=True, check=False).returncode == 1  # noqa: S602 - to close streams


def test_a_locale_that_knows_no_unicode_changes_nothing(project: Path) -> None:
    words = [sys.executable, "-m", "bindlint", "scan", "--quiet"]
    environment = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(words, cwd=project, env=environment, capture_output=True, check=False)
    assert "= path: LAN → uvicorn :8000\n".encode() in done.stdout


def test_on_a_runner_no_line_of_the_report_is_a_command(project: Path) -> None:
    name = "##[error]forged.py"
    (project / name).write_text(EXPOSED)
    done = bindlint("scan", cwd=project, GITHUB_ACTIONS="true")
    assert done.returncode == 1
    assert "##[" not in done.stdout + done.stderr
    assert not re.search(r"^\s*::", done.stdout + done.stderr, re.MULTILINE)


SHADOWS = [
    "__future__", "argparse", "ast", "attr", "bisect", "codecs", "dataclasses", "datetime", "difflib", "fnmatch",
    "hashlib", "ipaddress", "json", "libcst", "logging", "sarif_om", "shutil", "stat", "subprocess", "tempfile",
    "textwrap", "tomli", "tomllib", "traceback", "typing", "unicodedata", "urllib", "yaml",
]  # fmt: skip


@pytest.mark.parametrize("variables", [{}, {"PYTHONPATH": "."}, {"PYTHONPATH": ""}])
def test_nothing_in_the_working_directory_is_imported(project: Path, variables: dict[str, str]) -> None:
    for name in SHADOWS:
        (project / f"{name}.py").write_text(f"open('imported-{name}', 'w').close()\nraise SystemExit(0)\n")
    interpreter = {**os.environ, **variables}
    if variables.get("PYTHONPATH") == ".":  # Python itself imports some of these before anything of ours runs
        for name in SHADOWS:
            if name not in ("libcst", "yaml", "sarif_om", "attr", "argparse", "json", "tomllib", "tomli"):
                (project / f"{name}.py").unlink()
    for arguments in (["scan", "--format", "sarif"], ["explain", "wildcard"], ["rules"], ["--version"], ["nonsense"]):
        words = [sys.executable, "-m", "bindlint", *arguments]
        done = subprocess.run(words, cwd=project, env=interpreter, capture_output=True, text=True, check=False)
        assert [path.name for path in project.glob("imported-*")] == [], done.stderr
        assert done.returncode == {"scan": 1, "nonsense": 2}.get(arguments[0], 0), done.stderr


def test_a_package_of_our_name_in_the_working_directory_does_not_become_the_console_script(project: Path) -> None:
    script = os.path.join(os.path.dirname(sys.executable), "bindlint")  # noqa: PTH118, PTH120 - as it is installed
    if not os.path.exists(script):  # noqa: PTH110
        pytest.skip("bindlint is not installed in this environment")
    (project / "bindlint").mkdir()
    (project / "bindlint/__init__.py").write_text("open('imported', 'w').close()\n")
    done = subprocess.run([script, "scan"], cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert not (project / "imported").exists()


def modules(project: Path, *arguments: str) -> set[str]:
    """The modules that a run imports."""
    program = (
        "import sys\nfrom bindlint.__main__ import main\n"
        f"sys.argv[1:] = {list(arguments)!r}\nmain()\nsys.stderr.write(' '.join(sys.modules))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-c", program]
    done = subprocess.run(words, cwd=project, env=environment, capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_what_is_not_needed_is_not_imported(project: Path) -> None:
    dear = {
        "libcst",
        "yaml",
        "sarif_om",
        "attr",
        "tomllib",
        "tomli",
        "difflib",
        "subprocess",
        "argparse",
        "dataclasses",
    }
    assert modules(project, "--version") & dear == set()
    assert modules(project, "scan", "-q", "app.py") & {"yaml", "sarif_om", "attr", "difflib", "asyncio"} == set()
    (project / "app.py").write_text("x = 1\n")
    assert modules(project, "scan", "-q", "app.py") & {"libcst", "yaml", "sarif_om"} == set()
