"""Programs that Python code starts: their command lines are read, with the places of their words in the code."""

from __future__ import annotations

import pytest
from python_reading import KNOWLEDGE, listeners, read, slots

from bindlint.config import Config, Options
from bindlint.facts import Guard, Launch, Listener
from bindlint.readers import python
from bindlint.source import Source
from bindlint.workspace import Workspace

HEAD = "import asyncio, os, shlex, shutil, subprocess, sys\nfrom pathlib import Path\n"


def found(text: str) -> list[tuple[str, str, str, int | None]]:
    """Of each listener: software, the exact text of its site, the kind of its address, its port."""
    source = Source("app.py", HEAD + text)
    return [(f.software, source.slice(f.site.span), f.address.kind.value, f.port) for f in listeners(HEAD + text)]


WILD = [("uvicorn", "0.0.0.0", "wildcard", 8000)]


@pytest.mark.parametrize(
    "text",
    [
        'subprocess.run(["uvicorn", "app:app", "--host", "0.0.0.0"])',
        'subprocess.Popen(args=("uvicorn", "app:app", "--host=0.0.0.0"))',
        'subprocess.call("uvicorn app:app --host 0.0.0.0", shell=True)',
        'subprocess.check_output("uvicorn app:app --host 0.0.0.0")',
        'subprocess.run(shlex.split("uvicorn app:app --host 0.0.0.0"))',
        'subprocess.run("uvicorn app:app --host 0.0.0.0".split())',
        'subprocess.run(["sh", "-c", "cd /srv && exec uvicorn app:app --host 0.0.0.0"])',
        'subprocess.run([sys.executable, "-m", "uvicorn", "app:app", "--host", "0.0.0.0"])',
        'subprocess.run([PYTHON, "-m", "uvicorn", "app:app", "--host", "0.0.0.0"])',
        'subprocess.run([os.path.join(BIN, "uvicorn"), "app:app", "--host", "0.0.0.0"])',
        'subprocess.run([str(Path(BIN) / "uvicorn"), "app:app", "--host", "0.0.0.0"])',
        'subprocess.run([shutil.which("uvicorn"), "app:app", "--host", "0.0.0.0"])',
        'subprocess.run(["uvicorn", app, "--host", "0.0.0.0", "--port", str(8000)])',
        'subprocess.run(["uvicorn", "app:app"] + ["--host", "0.0.0.0"])',
        'subprocess.run(["uvicorn", "app:app", *["--host", "0.0.0.0"]])',
        'subprocess.run(["uvicorn", "app:app", "--host", "0.0.0.0", *sys.argv[1:]])',
        'subprocess.run(" ".join(["uvicorn", "app:app", "--host", "0.0.0.0"]), shell=True)',
        'subprocess.run([str(word) for word in ["uvicorn", "app:app", "--host", "0.0.0.0"]])',
        'subprocess.run(list(map(str, ["uvicorn", "app:app", "--host", "0.0.0.0"])))',
        'cmd = ["uvicorn", "app:app"]\ncmd += ["--host", "0.0.0.0"]\nsubprocess.run(cmd)',
        'cmd = ["uvicorn", "app:app"]\ncmd.extend(["--host", "0.0.0.0"])\nsubprocess.run(cmd)',
        'cmd = ["uvicorn"]\ncmd.append("--host")\ncmd.append("0.0.0.0")\ncmd.append("app:app")\nsubprocess.run(cmd)',
        'cmd = ["app:app", "--host", "0.0.0.0"]\ncmd.insert(0, "uvicorn")\nsubprocess.run(cmd)',
        'cmd = "uvicorn app:app"\ncmd += " --host 0.0.0.0"\nos.system(cmd)',
        'CMD = ["uvicorn", "app:app", "--host", "0.0.0.0"]\ndef serve():\n    subprocess.run(CMD)',
        'def start(cmd):\n    return subprocess.Popen(cmd)\nstart(["uvicorn", "app:app", "--host", "0.0.0.0"])',
        'def line():\n    return ["uvicorn", "app:app", "--host", "0.0.0.0"]\nsubprocess.run(line())',
        'class A:\n    c = ["uvicorn", "a:a", "--host", "0.0.0.0"]\n    def go(self):\n        subprocess.run(self.c)',
        'os.system("uvicorn app:app --host 0.0.0.0 &")',
        'os.popen("FOO=1 nohup uvicorn app:app --host 0.0.0.0 > log 2>&1")',
        'os.system(f"uvicorn {app} --host 0.0.0.0 --port {8000}")',
        'os.system("uvicorn %s --host 0.0.0.0" % app)',
        'os.system("uvicorn {} --host 0.0.0.0".format(app))',
        'os.system("uvicorn " + app + " --host 0.0.0.0")',
        'os.system("""\ncd web\nuvicorn app:app --host 0.0.0.0\n""")',
        'os.system("cd web\\nuvicorn app:app \\\n  --host 0.0.0.0\\n")',
        'os.execvp("uvicorn", ["uvicorn", "app:app", "--host", "0.0.0.0"])',
        'os.execlp("uvicorn", "uvicorn", "app:app", "--host", "0.0.0.0")',
        'os.execve(exe, ["uvicorn", "app:app", "--host", "0.0.0.0"], os.environ)',
        'os.posix_spawn("/usr/bin/uvicorn", ["uvicorn", "app:app", "--host", "0.0.0.0"], os.environ)',
        'os.spawnlp(os.P_WAIT, "uvicorn", "uvicorn", "app:app", "--host", "0.0.0.0")',
        'asyncio.run(asyncio.create_subprocess_exec("uvicorn", "app:app", "--host", "0.0.0.0"))',
        'cmd = ["uvicorn", "app:app", "--host", "0.0.0.0"]\nasyncio.run(asyncio.create_subprocess_exec(*cmd))',
        'asyncio.run(asyncio.to_thread(subprocess.run, ["uvicorn", "app:app", "--host", "0.0.0.0"]))',
        'from subprocess import run as start\nstart(["uvicorn", "app:app", "--host", "0.0.0.0"])',
        'import subprocess as sp\nsp.run(["uvicorn", "app:app", "--host", "0.0.0.0"])',
        'subprocess.run(["docker-entrypoint.sh", "uvicorn", "app:app", "--host", "0.0.0.0"])',
    ],
)
def test_a_command_line_is_read_however_it_is_put_together(text: str) -> None:
    assert found(text) == WILD


def test_a_constant_in_it_is_followed_and_fixed_where_it_is_written() -> None:
    text = 'import os\nHOST = "0.0.0.0"\nos.system(f"uvicorn app:app --host {HOST}")\n'
    source = Source("app.py", text)
    (listener,) = listeners(text)

    assert source.slice(listener.site.span) == "HOST"
    assert listener.address.known.value == "constant"
    assert [(source.slice(step.site.span), step.note) for step in listener.address.trail] == [
        ('"0.0.0.0"', "HOST is set here")
    ]
    assert slots(text) == [text.replace("0.0.0.0", "127.0.0.1")]


def test_a_constant_beside_a_port_is_found_in_its_word() -> None:
    text = 'import subprocess\nHOST = "0.0.0.0"\nsubprocess.run(["gunicorn", "-b", f"{HOST}:{port}", "a:a"])\n'

    assert slots(text) == [text.replace("0.0.0.0", "127.0.0.1")]


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        (
            'subprocess.run(["fastapi", "run", "app.py"])',
            'subprocess.run(["fastapi", "run", "--host", "127.0.0.1", "app.py"])',
        ),
        (
            "subprocess.run(['waitress-serve', 'app:app'])",
            "subprocess.run(['waitress-serve', '--host', '127.0.0.1:8080', 'app:app'])",
        ),
        ('os.system("waitress-serve app:app")', 'os.system("waitress-serve --host 127.0.0.1:8080 app:app")'),
        ("subprocess.run(['waitress-serve', \"app:app\"])", None),  # quotes that differ
        ('NAME = "waitress-serve"\nsubprocess.run([NAME, "app:app"])', None),
    ],
)
def test_an_option_is_added_where_the_words_are_written(text: str, fixed: str | None) -> None:
    assert slots(HEAD + text) == ([] if fixed is None else [HEAD + fixed])


def test_an_escape_in_a_text_moves_no_place() -> None:
    text = 'import os\nos.system("printf \\"\\x41\\"\\n uvicorn app:app --host 0.0.0.0")\n'

    assert slots(text) == [text.replace("0.0.0.0", "127.0.0.1")]


def test_what_an_escape_stands_for_is_found_but_not_rewritten() -> None:
    text = 'import os\nos.system("uvicorn app:app --host 0.0.0.\\x30")\n'

    assert [f.address.kind.value for f in listeners(text)] == ["wildcard"]
    assert slots(text) == []


def test_every_arm_of_a_condition_is_a_command_line() -> None:
    text = (
        'cmd = ["waitress-serve"]\n'
        "if public:\n"
        '    cmd += ["--host", "0.0.0.0"]\n'
        "else:\n"
        '    cmd += ["--host", "127.0.0.1"]\n'
        'cmd += ["app:app"]\n'
        "subprocess.run(cmd)\n"
    )

    assert sorted(kind for _, _, kind, _ in found(text)) == ["loopback", "wildcard"]


def test_a_condition_without_an_else_leaves_the_default() -> None:
    text = 'cmd = ["waitress-serve"]\nif host:\n    cmd += ["--host", host]\nsubprocess.run([*cmd, "app:app"])\n'

    assert sorted((site, kind) for _, site, kind, _ in found(text)) == [
        ("host", "unknown"),
        ("waitress-serve", "wildcard"),
    ]


def test_an_unknown_value_says_what_decides_it() -> None:
    text = 'import os, subprocess\nsubprocess.run(["uvicorn", "a:a", "--host", os.environ["HOST"]])\n'

    assert [(f.address.kind.value, f.address.text, f.address.maybe) for f in listeners(text)] == [
        ("unknown", "", "environment variable HOST")
    ]


@pytest.mark.parametrize(
    "text",
    [
        'subprocess.run(["waitress-serve", *arguments])',
        'cmd = ["waitress-serve"]\ncmd += arguments\nsubprocess.run(cmd)',
        'subprocess.run(["waitress-serve"] + arguments)',
    ],
)
def test_words_that_may_come_can_state_the_address(text: str) -> None:
    assert [(kind) for _, _, kind, _ in found(text)] == ["unknown"]


@pytest.mark.parametrize(
    "text",
    [
        'subprocess.Popen(["ollama", "serve"], env={"OLLAMA_HOST": "0.0.0.0"})',
        'subprocess.Popen(["ollama", "serve"], env={**os.environ, "OLLAMA_HOST": "0.0.0.0"})',
        'subprocess.Popen(["ollama", "serve"], env=dict(os.environ, OLLAMA_HOST="0.0.0.0"))',
        'env = os.environ.copy()\nenv["OLLAMA_HOST"] = "0.0.0.0"\nsubprocess.Popen(["ollama", "serve"], env=env)',
        'os.environ["OLLAMA_HOST"] = "0.0.0.0"\nsubprocess.Popen(["ollama", "serve"])',
        'os.environ.setdefault("OLLAMA_HOST", "0.0.0.0")\nos.system("ollama serve")',
        'os.environ.update({"OLLAMA_HOST": "0.0.0.0"})\nos.system("ollama serve")',
        'os.environ.update(OLLAMA_HOST="0.0.0.0")\nos.system("ollama serve")',
        'subprocess.run("OLLAMA_HOST=0.0.0.0 ollama serve", shell=True)',
    ],
)
def test_variables_that_it_is_given_are_read(text: str) -> None:
    assert [(software, site, kind) for software, site, kind, _ in found(text)] == [("ollama", "0.0.0.0", "wildcard")]


def test_an_environment_of_its_own_hides_that_of_the_code() -> None:
    text = 'os.environ["OLLAMA_HOST"] = "0.0.0.0"\nsubprocess.Popen(["ollama", "serve"], env={"A": "1"})'

    assert [kind for _, _, kind, _ in found(text)] == ["loopback"]


@pytest.mark.parametrize(
    "text",
    [
        'print("uvicorn app:app --host 0.0.0.0")',
        'log.info("run %s", "uvicorn app:app --host 0.0.0.0")',
        'subprocess.run(["echo", "uvicorn app:app --host 0.0.0.0"])',
        'os.system("echo uvicorn app:app --host 0.0.0.0")',
        'subprocess.run(["grep", "0.0.0.0", "uvicorn"])',
        'subprocess.run(["uvicorn", "--help", "--host", "0.0.0.0"])',
        'subprocess.run(["docker", "exec", "web", "uvicorn", "app:app", "--host", "0.0.0.0"])',
        'cmd = ["uvicorn", "app:app", "--host", "0.0.0.0"]\nprint(cmd)\nsubprocess.run(["ls"])',
        'import paramiko\nclient = paramiko.SSHClient()\nclient.exec_command("uvicorn app:app --host 0.0.0.0")',
        'from fabric import Connection\nConnection("web").run("uvicorn app:app --host 0.0.0.0")',
        'subprocess.run(["ssh", "web", "uvicorn app:app --host 0.0.0.0"])',
        'subprocess.run(["curl", "http://0.0.0.0:8000/"])',
        'runner.run(["uvicorn", "app:app", "--host", "0.0.0.0"])',
        'class subprocess:\n    pass\nsubprocess.run(["uvicorn", "app:app", "--host", "0.0.0.0"])',
    ],
)
def test_what_starts_no_listener_here_is_silent(text: str) -> None:
    assert found(text) == []


def test_guards_and_surfaces_are_said_too() -> None:
    facts = read('import os\nos.system("redis-server --bind 0.0.0.0 --protected-mode no")\n')

    assert [(f.name, f.on) for f in facts if isinstance(f, Guard)] == [("protected-mode", False)]
    assert [f.surface for f in facts if isinstance(f, Listener)] == ["datastore"]


def test_test_code_is_not_certain() -> None:
    text = 'import os\nos.system("uvicorn app:app --host 0.0.0.0")\n'

    assert [f.certain for f in listeners(text)] == [True]
    assert [f.certain for f in listeners(text, "tests/test_app.py")] == [False]


def test_the_files_that_it_runs_are_said() -> None:
    text = HEAD + 'subprocess.run([sys.executable, os.path.join(HERE, "web", "server.py")])\n'

    assert [(f.program, f.files) for f in read(text) if isinstance(f, Launch)] == [("python3", ("web/server.py",))]


def scan(files: dict[str, str]) -> list[tuple[str, str, str]]:
    workspace = Workspace(KNOWLEDGE, Config())
    for path, text in files.items():
        workspace.update(path, text.encode())
    found = workspace.report(Options()).findings
    return [(f.site.path, f.rule, files[f.site.path][f.site.span.start : f.site.span.end]) for f in found]


START = 'import subprocess\nsubprocess.run(["uvicorn", "app:app", "--host", "0.0.0.0", "--port", "8000"])\n'
IMAGE = 'FROM python:3.12\nCOPY . .\nCMD ["python", "start.py"]\n'


def test_it_runs_in_the_container_that_runs_its_file() -> None:
    quiet = {"Dockerfile": IMAGE, "start.py": START, "compose.yaml": "services:\n  web:\n    build: .\n"}
    loud = {**quiet, "compose.yaml": 'services:\n  web:\n    build: .\n    ports: ["8000:8000"]\n'}

    assert scan({"start.py": START}) == [("start.py", "wildcard", "0.0.0.0")]
    assert scan(quiet) == []
    assert scan(loud) == [("compose.yaml", "wildcard", '"8000:8000"')]


def test_a_command_line_of_another_file_is_stated_at_the_call() -> None:
    files = {
        "settings.py": 'COMMAND = ["uvicorn", "app:app", "--host", "0.0.0.0"]\n',
        "run.py": "import subprocess\nfrom settings import COMMAND\nsubprocess.run(COMMAND)  # uvicorn\nuvicorn = 1\n",
    }

    assert scan(files) == [("run.py", "wildcard", "subprocess.run")]


def test_a_host_that_another_file_hands_over_is_followed() -> None:
    files = {
        "serving.py": 'import subprocess\ndef start(host):\n    subprocess.run(["uvicorn", "a:a", "--host", host])\n',
        "run.py": 'from serving import start\nstart("0.0.0.0")\n',
    }

    assert scan(files) == [("serving.py", "wildcard", "host")]


@pytest.mark.parametrize(
    ("text", "let_through"),
    [
        ("import subprocess\nsubprocess.run(['ls'])\n", False),
        ("import subprocess\nsubprocess.run(['uvicorn', 'a:a'])\n", True),
        ("print('uvicorn a:a')\n", False),
    ],
)
def test_a_file_must_name_a_start_and_a_program(text: str, *, let_through: bool) -> None:
    assert python.gate(text.encode(), KNOWLEDGE) is let_through


def test_a_hole_that_may_be_options_leaves_the_default_open() -> None:
    text = "import os\ndef f(options):\n    os.system(f'streamlit run app.py {options} >log 2>&1')\n"
    assert [fact.address.kind.value for fact in read(text) if isinstance(fact, Listener)] == ["unknown"]


def test_a_program_that_nobody_knows_is_not_said_to_be_started() -> None:
    text = "import subprocess\nsubprocess.run(['ansible-playbook', 'site.yml'])\n"
    assert read(text) == []
