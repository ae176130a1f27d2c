"""The arguments that a container or a host gives to the project's own program decide where it listens."""

from __future__ import annotations

import pytest

from bindlint.config import Config, Options
from bindlint.knowledge import Knowledge, rules_root
from bindlint.workspace import Workspace

KNOWLEDGE = Knowledge(rules_root())
MAIN = """import argparse, uvicorn
parser = argparse.ArgumentParser()
parser.add_argument("-b", "--host"{default})
args = parser.parse_args()
uvicorn.run("app", host=args.host, port=8000)
"""
LOCAL, ALL, NONE = ", default='127.0.0.1'", ", default='0.0.0.0'", ", required=True"
COMPOSE = "services:\n  api:\n    build: .\n    ports: ['8000:8000']\n"


def found(files: dict[str, str]) -> list[tuple[str, str, str]]:
    workspace = Workspace(KNOWLEDGE, Config())
    for path, text in files.items():
        workspace.update(path, text.encode())
    report = workspace.report(Options())
    return [(f.rule, f.site.path, report.sources[f.site.path].slice(f.site.span)) for f in report.findings]


def image(arguments: str) -> dict[str, str]:
    return {"Dockerfile": f'FROM python\nCOPY . .\nCMD ["python", "main.py"{arguments}]\n', "compose.yaml": COMPOSE}


@pytest.mark.parametrize("default", [LOCAL, NONE])
@pytest.mark.parametrize("arguments", [', "--host", "0.0.0.0"', ', "--host=0.0.0.0"', ', "-b", "0.0.0.0"'])
def test_a_wildcard_in_the_command_of_a_container_outranks_the_default(default: str, arguments: str) -> None:
    files = {**image(arguments), "main.py": MAIN.format(default=default)}
    assert found(files) == [("wildcard", "compose.yaml", "'8000:8000'")]


def test_a_loopback_in_the_command_of_a_container_outranks_the_default() -> None:
    files = {**image(', "--host", "127.0.0.1"'), "main.py": MAIN.format(default=ALL)}
    assert [rule for rule, _, _ in found(files)] == ["loopback-unreachable"]


def test_the_last_one_counts() -> None:
    files = {**image(', "--host", "0.0.0.0", "--host", "127.0.0.1"'), "main.py": MAIN.format(default=NONE)}
    assert "wildcard" not in [rule for rule, _, _ in found(files)]


@pytest.mark.parametrize("line", ["python main.py --host 0.0.0.0\n", "python3 ./main.py -b 0.0.0.0 --port 80\n"])
@pytest.mark.parametrize("default", [LOCAL, NONE])
def test_a_wildcard_on_a_host_is_found_in_the_command_line(line: str, default: str) -> None:
    assert found({"Procfile": f"web: {line}", "main.py": MAIN.format(default=default)}) == [
        ("wildcard", "Procfile", "0.0.0.0")
    ]


@pytest.mark.parametrize(
    "line", ["python main.py\n", "web: python other.py --host 0.0.0.0\n", "web: python main.py --name 0.0.0.0\n"]
)
def test_other_programs_and_other_options_decide_nothing(line: str) -> None:
    assert found({"Procfile": f"web: python {line}", "main.py": MAIN.format(default=LOCAL), "other.py": ""}) == []


def test_options_of_click_are_options_too() -> None:
    main = """import click, uvicorn
@click.command()
@click.option("--host", default="127.0.0.1")
def main(host):
    uvicorn.run("app", host=host)
main()
"""
    assert found({"Procfile": "web: python main.py --host 0.0.0.0\n", "main.py": main}) == [
        ("wildcard", "Procfile", "0.0.0.0")
    ]


def test_the_program_may_listen_in_a_file_that_it_imports() -> None:
    server = "import uvicorn\ndef serve(host):\n    uvicorn.run('app', host=host)\n"
    main = """import argparse, server
parser = argparse.ArgumentParser()
parser.add_argument("--host", default="127.0.0.1")
server.serve(parser.parse_args().host)
"""
    files = {"Procfile": "web: python main.py --host 0.0.0.0\n", "main.py": main, "server.py": server}
    assert found(files) == [("wildcard", "Procfile", "0.0.0.0")]


@pytest.mark.parametrize(("value", "rule"), [("0.0.0.0", "wildcard"), ("127.0.0.1", "loopback-unreachable")])
def test_the_default_of_a_variable_in_a_script_decides_where_nothing_sets_it(value: str, rule: str) -> None:
    files = {
        "Dockerfile": 'FROM python\nCOPY . .\nCMD ["./run.sh"]\n',
        "run.sh": f'#!/bin/sh\npython3 -u main.py --host "${{ADDRESS:-{value}}}"\n',
        "main.py": MAIN.format(default=LOCAL),
        "compose.yaml": COMPOSE,
    }

    assert rule in [one for one, _, _ in found(files)]
