"""Values and listeners across the Python files of a project: what is followed, where it is said to be, what is not."""

from __future__ import annotations

import dataclasses
import textwrap

import pytest
from projects import told
from python_reading import project_kinds

from bindlint.config import Config, Options
from bindlint.facts import Listener
from bindlint.knowledge import Knowledge, rules_root
from bindlint.workspace import Workspace

KNOWLEDGE = Knowledge(rules_root())
RUN = "import uvicorn\n{imports}\nuvicorn.run('app', host={host})\n"


def project(files: dict[str, str]) -> Workspace:
    workspace = Workspace(KNOWLEDGE, Config())
    for path, text in files.items():
        workspace.update(path, textwrap.dedent(text).encode())
    return workspace


def found(files: dict[str, str], persona: str = "regular") -> list[tuple[str, str]]:
    """Of each finding: its file and the text that it covers."""
    workspace = project(files)
    report = workspace.report(dataclasses.replace(Options(), persona=persona))
    assert [p for p in workspace.problems if p.internal] == []
    return [(f.site.path, report.sources[f.site.path].slice(f.site.span)) for f in report.findings]


def unknown(files: dict[str, str]) -> list[str]:
    """What is said to decide each address that nobody knows."""
    workspace = project(files)
    workspace.findings()
    facts = [fact for reading in workspace._readings.values() for fact in reading.facts]  # noqa: SLF001
    return [
        fact.address.maybe for fact in facts if isinstance(fact, Listener) and fact.address.known.value == "unknown"
    ]


def test_a_method_that_tells_enough_listens_where_the_library_is_not_named() -> None:
    files = {
        "app/__init__.py": "",
        "app/service.py": "import tornado.web\nclass Service(tornado.web.Application):\n    pass\n",
        "app/main.py": "from .service import Service\nService().listen(8888)\n",
        "other.py": "from app.things import Thing\nThing().listen(8888)\n",
    }
    assert found(files) == [("app/main.py", "Service().listen")]


@pytest.mark.parametrize(
    ("path", "imports", "host"),
    [
        ("main.py", "from config import HOST", "HOST"),
        ("main.py", "from config import HOST as H", "H"),
        ("main.py", "import config", "config.HOST"),
        ("main.py", "import config as c", "c.HOST"),
        ("main.py", "from config import *", "HOST"),
        ("main.py", "from config import Settings", "Settings.host"),
        ("main.py", "from config import Settings", "Settings().host"),
        ("main.py", "from config import settings", "settings.host"),
        ("main.py", "import config", "config.settings.host"),
        ("main.py", "from config import get", "get()"),
        ("main.py", "from config import get_settings", "get_settings().host"),
        ("main.py", "from config import SERVER", "SERVER['host']"),
        ("main.py", "import config", "config.SERVER['host']"),
        ("main.py", "from config import Hosts", "Hosts.ALL.value"),
        ("main.py", "from config import HOST", "f'{HOST}'"),
        ("main.py", "from config import HOST\nADDRESS = HOST", "ADDRESS"),
        ("main.py", "def f():\n    from config import HOST\n    return HOST", "f()"),
        ("main.py", "try:\n    from local import HOST\nexcept ImportError:\n    from config import HOST", "HOST"),
        ("tools/main.py", "from config import HOST", "HOST"),
        ("app/main.py", "from config import HOST", "HOST"),
    ],
)
def test_an_address_from_another_file_is_found_where_it_is_written(path: str, imports: str, host: str) -> None:
    config = """
        import enum
        HOST = "0.0.0.0"
        SERVER = {"host": HOST, "port": 80}
        class Settings:
            host: str = HOST
        class Hosts(enum.Enum):
            ALL = HOST
        settings = Settings()
        def get():
            return HOST
        def get_settings():
            return Settings()
        """
    files = {"config.py": config, path: RUN.format(imports=imports, host=host)}
    assert [file for file, _ in found(files)] in ([path], ["config.py"])


@pytest.mark.parametrize(
    ("path", "imports"),
    [
        ("app/main.py", "from .config import HOST"),
        ("app/main.py", "from . import config\nHOST = config.HOST"),
        ("app/web/main.py", "from ..config import HOST"),
        ("app/web/main.py", "from .. import config\nHOST = config.HOST"),
        ("app/main.py", "from app.config import HOST"),
        ("app/main.py", "import app.config\nHOST = app.config.HOST"),
        ("main.py", "from app.config import HOST"),
        ("main.py", "from app import config\nHOST = config.HOST"),
        ("main.py", "import app.config as c\nHOST = c.HOST"),
        ("scripts/run.py", "from app.config import HOST"),
    ],
)
@pytest.mark.parametrize("package", [{}, {"app/__init__.py": ""}])
def test_packages_are_resolved_as_python_does(path: str, imports: str, package: dict[str, str]) -> None:
    files = {**package, "app/config.py": "HOST = '0.0.0.0'\n", path: RUN.format(imports=imports, host="HOST")}
    assert len(found(files)) == 1


def test_a_source_folder_is_a_root() -> None:
    files = {
        "src/app/config.py": "HOST = '0.0.0.0'\n",
        "run.py": RUN.format(imports="from app.config import HOST", host="HOST"),
    }
    assert found(files) == [("run.py", "HOST")]


def test_a_package_hands_on_what_it_imports() -> None:
    files = {
        "app/__init__.py": "from .settings.base import *\n",
        "app/settings/__init__.py": "",
        "app/settings/base.py": "from .hosts import HOST\n",
        "app/settings/hosts.py": "HOST = '::'\n",
        "main.py": RUN.format(imports="from app import HOST", host="HOST"),
    }
    assert found(files) == [("main.py", "HOST")]


def test_a_name_of_the_package_comes_before_its_module_of_that_name() -> None:
    files = {
        "app/__init__.py": "host = '127.0.0.1'\n",
        "app/host.py": "HOST = '0.0.0.0'\n",
        "main.py": RUN.format(imports="from app import host", host="host"),
    }
    assert found(files) == []


def test_the_neighbour_comes_before_the_file_of_the_same_name_further_up() -> None:
    files = {
        "config.py": "HOST = '0.0.0.0'\n",
        "service/config.py": "HOST = '127.0.0.1'\n",
        "service/main.py": RUN.format(imports="from config import HOST", host="HOST"),
    }
    assert found(files) == []


@pytest.mark.parametrize("name", ["numpy", "os", "json", "missing", ".missing", "....far"])
def test_what_is_not_in_the_project_stays_unknown(name: str) -> None:
    files = {
        "app/os.py": "HOST = '0.0.0.0'\n",
        "app/main.py": RUN.format(imports=f"from {name} import HOST", host="HOST"),
    }
    assert found(files) == []
    assert len(unknown(files)) == 1


def test_files_that_import_one_another_come_to_an_end() -> None:
    files = {
        "a.py": "from b import HOST\nfrom b import *\nOTHER = HOST\n",
        "b.py": "from a import OTHER as HOST\nfrom a import *\n",
        "main.py": RUN.format(imports="from a import HOST", host="HOST"),
    }
    assert found(files) == []


def test_a_chain_of_files_is_followed_so_far_and_no_further() -> None:
    files = {f"m{i}.py": f"from m{i + 1} import HOST\n" for i in range(60)}
    files |= {"m60.py": "HOST = '0.0.0.0'\n"}
    assert found({**files, "main.py": RUN.format(imports="from m55 import HOST", host="HOST")}) == [("main.py", "HOST")]
    assert found({**files, "main.py": RUN.format(imports="from m0 import HOST", host="HOST")}) == []


def test_the_last_write_of_the_other_file_counts() -> None:
    files = {
        "config.py": "HOST = '0.0.0.0'\nHOST = '127.0.0.1'\n",
        "main.py": RUN.format(imports="from config import HOST", host="HOST"),
    }
    assert found(files) == []


def test_every_arm_of_the_other_file_counts() -> None:
    files = {
        "config.py": "import os\nif os.getenv('DEV'):\n    HOST = '127.0.0.1'\nelse:\n    HOST = '0.0.0.0'\n",
        "main.py": RUN.format(imports="from config import HOST", host="HOST"),
    }
    assert found(files) == [("main.py", "HOST")]


WRAPPER = """
    import uvicorn
    def serve(host, port=8000):
        uvicorn.run("app", host=host, port=port)
    class Server:
        def __init__(self, host="127.0.0.1"):
            self.host = host
        def start(self):
            uvicorn.run("app", host=self.host)
    """


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("from server import serve\nserve('0.0.0.0')", "'0.0.0.0'"),
        ("import server\nserver.serve(host='0.0.0.0')", "'0.0.0.0'"),
        ("from server import serve\nHOST = '0.0.0.0'\nserve(HOST)", "HOST"),
        ("from server import serve\ndef main(host='0.0.0.0'):\n    serve(host)", "'0.0.0.0'"),
        ("import threading, server\nthreading.Thread(target=server.serve, args=('0.0.0.0',)).start()", "'0.0.0.0'"),
        ("from server import Server\nServer('0.0.0.0').start()", "'0.0.0.0'"),
        ("from server import Server\nServer(host='0.0.0.0').start()", "'0.0.0.0'"),
        ("from server import Server\nclass Own(Server):\n    pass\nOwn('0.0.0.0').start()", "'0.0.0.0'"),
    ],
)
def test_an_address_passed_in_by_another_file_is_found_there(call: str, text: str) -> None:
    assert found({"server.py": WRAPPER, "main.py": call + "\n"}) == [("main.py", text)]


@pytest.mark.parametrize(
    "call",
    [
        "from server import serve\nserve('127.0.0.1')",
        "from server import serve\nprint('0.0.0.0', serve)",
        "from elsewhere import serve\nserve('0.0.0.0') # not that of server",
        "def serve(host): ...\nserve('0.0.0.0')  # server",
        "from server import Server\nServer().start()",
    ],
)
def test_calls_of_something_else_state_nothing(call: str) -> None:
    assert found({"server.py": WRAPPER, "main.py": call + "\n"}) == []


def test_callers_are_followed_over_several_files() -> None:
    files = {
        "server.py": WRAPPER,
        "middle.py": "import server\ndef start(address):\n    server.serve(address)\n",
        "main.py": "from middle import start\nstart('0.0.0.0')\n",
    }
    assert found(files) == [("main.py", "'0.0.0.0'")]


def test_a_test_that_calls_says_nothing_of_the_program() -> None:
    assert found({"server.py": WRAPPER, "tests/test_server.py": "from server import serve\nserve('0.0.0.0')\n"}) == []


def test_options_declared_in_another_file_are_found_there() -> None:
    options = """
        import argparse
        def parse():
            parser = argparse.ArgumentParser()
            parser.add_argument("--host", default="0.0.0.0")
            return parser.parse_args()
        args = parse()
        """
    for imports, host in [
        ("from options import parse\nargs = parse()", "args.host"),
        ("from options import args", "args.host"),
        ("import options", "options.args.host"),
        ("import options\ndef main(args):\n    return args.host", "main(options.parse())"),
    ]:
        files = {"options.py": options, "main.py": RUN.format(imports=imports, host=host)}
        assert found(files) == [("options.py", '"0.0.0.0"')], imports


@pytest.mark.parametrize(
    "run",
    [
        "from app import app\napp.run(host='0.0.0.0')\n",
        "import app\napp.app.run(host='0.0.0.0')\n",
        "from app import create\ncreate().run(host='0.0.0.0')\n",
        "from app import create\napp = create()\nif __name__ == '__main__':\n    app.run('0.0.0.0', 80)\n",
        "from config import HOST\nfrom app import app\napp.run(host=HOST)\n",
    ],
)
def test_an_application_made_in_another_file_listens_where_it_is_run(run: str) -> None:
    files = {
        "app.py": "from flask import Flask\napp = Flask(__name__)\ndef create():\n    return app\n",
        "config.py": "HOST = '0.0.0.0'\n",
        "run.py": run,
    }
    assert [path for path, _ in found(files)] == ["run.py"]


def test_the_story_says_which_file_each_step_is_in() -> None:
    files = {
        "config.py": "import os\nHOST = os.getenv('HOST', '0.0.0.0')\n",
        "main.py": RUN.format(imports="from config import HOST", host="HOST"),
    }
    workspace = project(files)
    (finding,) = workspace.report(Options()).findings
    steps = [(s.site.path, files[s.site.path][s.site.span.start : s.site.span.end]) for s in finding.story]
    assert steps == [("main.py", "uvicorn.run"), ("main.py", "HOST"), ("config.py", "os.getenv('HOST', '0.0.0.0')")]


def test_the_fix_changes_the_constant_where_it_is_written() -> None:
    files = {"config.py": "HOST = '0.0.0.0'\n", "main.py": RUN.format(imports="from config import HOST", host="HOST")}
    (finding,) = project(files).report(Options()).findings
    assert finding.fix is not None
    assert [(e.site.path, files[e.site.path][e.site.span.start : e.site.span.end]) for e in finding.fix.edits] == [
        ("config.py", "0.0.0.0")
    ]


def test_a_file_that_changes_makes_those_anew_that_depend_on_it() -> None:
    workspace = project({"main.py": RUN.format(imports="from config import HOST", host="HOST")})
    assert workspace.report(Options()).findings == ()
    workspace.update("config.py", b"HOST = '0.0.0.0'\n")
    assert len(workspace.report(Options()).findings) == 1
    workspace.update("config.py", b"HOST = '127.0.0.1'\n")
    assert workspace.report(Options()).findings == ()


def test_a_caller_that_appears_later_is_found() -> None:
    workspace = project({"server.py": textwrap.dedent(WRAPPER)})
    assert workspace.report(Options()).findings == ()
    workspace.update("main.py", b"from server import serve\nserve('0.0.0.0')\n")
    assert len(workspace.report(Options()).findings) == 1


@pytest.mark.parametrize("text", ["HOST = (\n", "\x00", "HOST = " + "(" * 3000 + ")" * 3000, "x = 1\n" * 90_000])
def test_a_file_that_cannot_be_followed_costs_no_other_finding(text: str) -> None:
    run = "import uvicorn\nfrom config import HOST\nuvicorn.run('a', host=HOST)\nuvicorn.run('a', host='0.0.0.0')\n"
    assert ("main.py", "'0.0.0.0'") in found({"config.py": text, "main.py": run})


CONTAINER = {
    "Dockerfile": "FROM python:3.12\nCOPY . .\nCMD python main.py\n",
    "compose.yaml": "services:\n  api:\n    build: .\n    ports: ['127.0.0.1:8000:8000']\n",
}


@pytest.mark.parametrize(
    "files",
    [
        {"main.py": "import server\n", "server.py": "import uvicorn\nuvicorn.run('a', host='0.0.0.0')\n"},
        {
            "main.py": "from api import (  # all of it\n    server,\n)\n",
            "api/server.py": "import uvicorn\nuvicorn.run('a', host='0.0.0.0')\n",
        },
        {
            "main.py": "from api import start\n",
            "api/__init__.py": "from .server import *\n",
            "api/server.py": "import uvicorn\nuvicorn.run('a', host='0.0.0.0')\n",
        },
        {
            "main.py": RUN.format(imports="import config", host="config.HOST"),
            "config.py": "import os\nHOST = os.getenv('H', '0.0.0.0')\n",
        },
        {
            "main.py": "from server import serve\nserve('0.0.0.0')\n",
            "server.py": "import uvicorn\ndef serve(h):\n    uvicorn.run('a', host=h)\n",
        },
    ],
)
def test_what_a_started_file_imports_runs_where_it_runs(files: dict[str, str]) -> None:
    assert found({**CONTAINER, **files}) == []
    assert len(found(files)) == 1


def test_a_shared_setting_does_not_place_the_program_that_uses_it() -> None:
    config = "import os\nHOST = os.getenv('H', '0.0.0.0')\n"
    other = RUN.format(imports="import config", host="config.HOST")
    assert len(found({**CONTAINER, "config.py": config, "main.py": "import config\n", "other.py": other})) == 1


def test_programs_that_import_one_another_come_to_an_end() -> None:
    files = {
        **CONTAINER,
        "main.py": "import a\n",
        "a.py": "import b\nimport main\n",
        "b.py": "import a\n" + RUN.format(imports="", host="''"),
    }
    assert found(files) == []


def test_an_option_kept_as_a_decorator_in_another_file_is_followed() -> None:
    files = {
        "tool/__init__.py": "",
        "tool/options.py": 'import click\nhost_option = click.option("--host", default="0.0.0.0")\n',
        "tool/cli.py": """
            import click, uvicorn
            from tool.options import host_option
            @click.command()
            @host_option
            def serve(host):
                uvicorn.run("app", host=host)
            """,
    }
    assert found(files) == [("tool/options.py", '"0.0.0.0"')]


def test_a_module_that_has_a_librarys_name_is_the_projects() -> None:
    files = {
        "web/__init__.py": "",
        "web/settings.py": "HOST = '0.0.0.0'\n",
        "main.py": RUN.format(imports="from web.settings import HOST", host="HOST"),
    }
    assert found(files) == [("main.py", "HOST")]


def test_a_file_of_a_package_does_not_stand_for_a_library() -> None:
    files = {
        "tool/__init__.py": "",
        "tool/flask.py": "class Flask:\n    def run(self, host): ...\n",
        "tool/main.py": "import flask\nflask.Flask('x').run(host='0.0.0.0')\n",
    }
    assert found(files) == [("tool/main.py", "'0.0.0.0'")]


@pytest.mark.parametrize(
    ("server", "run", "text"),
    [
        (
            "from http.server import ThreadingHTTPServer\nclass Srv(ThreadingHTTPServer):\n    daemon_threads = True\n",
            "from server import Srv\nSrv(('0.0.0.0', 80), None).serve_forever()\n",
            "'0.0.0.0'",
        ),
        (
            "import tornado.web\nclass Service(tornado.web.Application):\n    pass\n",
            "import server\napp = server.Service()\napp.listen(8888)\n",
            "app.listen",
        ),
        (
            "from http.server import HTTPServer\nclass Base(HTTPServer):\n    pass\nclass Srv(Base):\n    pass\n",
            "from server import Srv\nADDRESS = ('', 80)\nwith Srv(ADDRESS, None) as s:\n    s.serve_forever()\n",
            "ADDRESS",
        ),
    ],
)
def test_a_server_class_of_the_project_listens_where_another_file_makes_it(server: str, run: str, text: str) -> None:
    assert [(path, said) for path, said in found({"server.py": server, "main.py": run})] == [("main.py", text)]


@pytest.mark.parametrize(
    "run",
    [
        "from server import Srv\nSrv(('127.0.0.1', 80), None).serve_forever()\n",
        "from other import Srv\nSrv(('', 80), None)\n# server\n",
    ],
)
def test_loopback_and_other_classes_of_that_name_are_silent(run: str) -> None:
    server = "from http.server import HTTPServer\nclass Srv(HTTPServer):\n    pass\n"
    assert found({"server.py": server, "main.py": run}) == []


@pytest.mark.parametrize("handed_on", ["from .server import serve, Server\n", "from .server import *\n"])
@pytest.mark.parametrize(
    "run",
    [
        "from lib import serve\nserve('0.0.0.0')\n",
        "import lib\nlib.serve('0.0.0.0')\n",
        "from lib import Server\nServer('0.0.0.0').start()\n",
    ],
)
def test_a_wrapper_that_a_package_hands_on_is_found_where_it_is_called(handed_on: str, run: str) -> None:
    files = {"lib/__init__.py": handed_on, "lib/server.py": WRAPPER, "main.py": run}
    assert found(files) == [("main.py", "'0.0.0.0'")]


@pytest.mark.parametrize(
    ("main", "expected"),
    [
        ('import state\nif x:\n    state.HOST = "0.0.0.0"\n', ["loopback", "wildcard"]),
        ('import state as s\ndef go():\n    s.HOST = "0.0.0.0"\n', ["loopback", "wildcard"]),
        ('import state\nif state.HOST == "0.0.0.0":\n    pass\n', ["loopback"]),
        ('import state\nother.state.HOST = "0.0.0.0"\n', ["loopback"]),
        ("import state\nstate.HOST = ask()\n", ["loopback"]),
        ('import state\nstate.PORT, HOST = 1, "0.0.0.0"\n', ["loopback"]),
    ],
)
def test_a_name_of_a_module_may_be_written_by_another(main: str, expected: list[str]) -> None:
    files = {
        "state.py": 'HOST = "127.0.0.1"\n',
        "main.py": main,
        "app.py": "import state\nfrom aiohttp import web\nweb.run_app(app, host=state.HOST)\n",
    }
    assert sorted(project_kinds(files)) == expected
    tests = {name if name != "main.py" else "test_main.py": text for name, text in files.items()}
    assert project_kinds(tests) == ["loopback"]


def test_a_package_comes_before_a_module_of_its_name() -> None:
    files = {
        "app.py": "import uvicorn\nfrom shop.settings import HOST\nuvicorn.run(app, host=HOST)\n",
        "shop.py": "from shop import app\n",
        "shop/__init__.py": "",
        "shop/settings.py": 'HOST = "0.0.0.0"\n',
    }
    assert project_kinds(files) == ["wildcard"]
    assert project_kinds({**files, "shop.py": 'class settings:\n    HOST = "::1"\n'}) == ["wildcard"]
    del files["shop/__init__.py"]
    assert project_kinds({**files, "shop.py": "settings = None\n"}) == ["unknown"]


def test_a_caller_is_found_among_many_files_that_only_have_the_same_words() -> None:
    others = {f"n{i}.py": "def serve_all(server):\n    return server.serve\n" for i in range(30)}
    files = {
        **others,
        "server.py": "import uvicorn\ndef serve(host):\n    uvicorn.run(app, host=host)\n",
        "far/away/cli.py": "import os\nfrom server import (\n    serve,\n)\nserve(host='0.0.0.0')\n",
    }

    assert told(files) == [("far/away/cli.py", "wildcard", "'0.0.0.0'")]
