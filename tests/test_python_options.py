"""Options that one file declares and another takes over: parents, groups, decorators that stack them, a context."""

from __future__ import annotations

import pytest
from python_reading import project_kinds

PARSERS = """
import argparse

def add_net(parser):
    group = parser.add_argument_group("net")
    group.add_argument("--host", default="0.0.0.0")

def parent():
    parser = argparse.ArgumentParser(add_help=False)
    add_net(parser)
    return parser

shared = parent()
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("parser = argparse.ArgumentParser(parents=[common.parent()])", "wildcard"),
        ("base = common.parent()\nparser = argparse.ArgumentParser(parents=[base])", "wildcard"),
        ("parser = argparse.ArgumentParser()\ncommon.add_net(parser)", "wildcard"),
        ('parser = argparse.ArgumentParser()\ncommon.add_net(parser.add_argument_group("x"))', "wildcard"),
        (
            'parser = argparse.ArgumentParser()\ngroup = parser.add_argument_group("x")\ncommon.add_net(group)',
            "wildcard",
        ),
        (
            'parser = argparse.ArgumentParser()\nparser.add_subparsers().add_parser("run", parents=[common.shared])',
            "wildcard",
        ),
        ("parser = argparse.ArgumentParser()\nprint(common.shared)", "unknown"),
        (
            'parser = argparse.ArgumentParser(parents=[common.parent()])\nparser.add_argument("--host", default="::1")',
            "loopback",
        ),
    ],
)
def test_a_parser_has_the_options_of_its_parents_and_of_who_gets_it(text: str, expected: str) -> None:
    uses = 'args = parser.parse_args()\nuvicorn.run("a:b", host=args.host)\n'
    files = {"common.py": PARSERS, "app.py": f"import argparse, common, uvicorn\n{text}\n{uses}"}
    assert project_kinds(files) == [expected]


STACKED = [
    (
        "def server_options(f):\n"
        '    @click.option("--host", default="0.0.0.0")\n'
        "    @functools.wraps(f)\n"
        "    def wrapper(*args, **kwargs):\n"
        "        return f(*args, **kwargs)\n"
        "    return wrapper\n"
    ),
    'def server_options(f):\n    return click.option("--host", "-h", default="0.0.0.0")(f)\n',
    (
        "def server_options(f):\n"
        '    for option in [click.option("--port"), click.option("--host", default="0.0.0.0")]:\n'
        "        f = option(f)\n"
        "    return f\n"
    ),
]


@pytest.mark.parametrize("text", STACKED)
def test_a_decorator_of_the_project_declares_the_options_that_it_applies(text: str) -> None:
    main = (
        "import uvicorn\nfrom opts import server_options\n@server_options\n"
        'def serve({0}):\n    uvicorn.run("a:b", host={0})\n'
    )
    opts = f"import click, functools\n{text}"
    assert project_kinds({"opts.py": opts, "app.py": main.format("host")}) == ["wildcard"]
    assert project_kinds({"opts.py": opts, "app.py": main.format("address")}) == ["unknown"]


def test_a_decorator_is_given_a_list_of_options() -> None:
    opts = 'HOST = [click.option("--host", default="0.0.0.0")]\ndef add(options):\n    return lambda f: f\n'
    main = (
        'import uvicorn\nfrom opts import HOST, add\n@add(HOST)\ndef serve(host):\n    uvicorn.run("a:b", host=host)\n'
    )
    assert project_kinds({"opts.py": f"import click\n{opts}", "app.py": main}) == ["wildcard"]
    other = opts.replace("--host", "--bind")
    assert project_kinds({"opts.py": f"import click\n{other}", "app.py": main}) == ["unknown"]


GROUP = """
import click

@click.group()
@click.option("--host", default="0.0.0.0")
@click.pass_context
def cli(ctx, host):
    {0}
"""
COMMAND = """
import click, uvicorn
from types import SimpleNamespace

@cli.command()
@click.{0}
def serve({1}):
    uvicorn.run("a:b", host={2})
"""


@pytest.mark.parametrize(
    ("given", "command", "expected"),
    [
        ('ctx.ensure_object(dict)\n    ctx.obj["host"] = host', ("pass_context", "ctx", 'ctx.obj["host"]'), "wildcard"),
        ('ctx.obj = {"host": host}', ("pass_context", "c", 'c.obj["host"]'), "wildcard"),
        ('ctx.obj = {"host": host}', ("pass_context", "c", 'c.obj.get("host", "::1")'), "wildcard"),
        ('ctx.obj = {"host": host}', ("pass_obj", "obj", 'obj["host"]'), "wildcard"),
        ("ctx.obj = SimpleNamespace(host=host)", ("pass_context", "ctx", "ctx.obj.host"), "wildcard"),
        ("ctx.obj = Config(host)", ("pass_context", "ctx", "ctx.obj.host"), "wildcard"),
        ("ctx.obj = Config(host)", ("pass_obj", "config", "config.host"), "wildcard"),
        ("ctx.obj = host", ("pass_obj", "address", "address"), "wildcard"),
        ('ctx.obj = {"host": "127.0.0.1"}', ("pass_context", "ctx", 'ctx.obj["host"]'), "loopback"),
        ('ctx.obj = {"host": host}', ("pass_context", "ctx", 'ctx.obj["bind"]'), "unknown"),
        ('ctx.obj = {"host": host}', ("pass_meta", "ctx", 'ctx.obj["host"]'), "unknown"),
    ],
)
def test_a_command_finds_what_its_group_put_into_the_context(
    given: str, command: tuple[str, str, str], expected: str
) -> None:
    config = (
        "from types import SimpleNamespace\nclass Config:\n    def __init__(self, host):\n        self.host = host\n"
    )
    group, below = GROUP.format(given), COMMAND.format(*command)
    assert project_kinds({"app.py": f"{config}{group}{below}"}) == [expected]
    assert project_kinds({"main.py": f"{config}{group}", "app.py": f"from main import cli\n{below}"}) == [expected]


def test_the_context_of_typer_is_told_by_its_class() -> None:
    text = """
import typer, uvicorn
app = typer.Typer()

@app.callback()
def main(ctx: typer.Context, host: str = typer.Option("0.0.0.0")):
    ctx.obj = {"host": host}

@app.command()
def serve(context: %s):
    uvicorn.run("a:b", host=context.obj["host"])
"""
    assert project_kinds({"app.py": text % "typer.Context"}) == ["wildcard"]
    assert project_kinds({"app.py": text % "Context"}) == ["unknown"]
