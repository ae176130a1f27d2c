"""The story of an address: each hop between the listener and the text that decides, in order, at its exact text."""

from __future__ import annotations

import pytest
from python_reading import stories

APP = "import uvicorn\nimport waitress\n"
SERVE = "waitress.serve"
USED = ("app.py", "uvicorn.run", "used here")

# files of a project; the hops of the one listener of app.py
CASES = [
    pytest.param(
        {"app.py": 'A = "0.0.0.0"\nB = A\nuvicorn.run(app, host=B)\n'},
        [("app.py", "A", "B is set here"), ("app.py", '"0.0.0.0"', "A is set here")],
        id="a constant by another name",
    ),
    pytest.param(
        {"conf.py": 'HOST = "0.0.0.0"\n', "app.py": "from conf import HOST\nuvicorn.run(app, host=HOST)\n"},
        [("app.py", "HOST", "HOST comes from conf.py"), ("conf.py", '"0.0.0.0"', "HOST is set here")],
        id="an imported constant",
    ),
    pytest.param(
        {"conf.py": 'HOST = "0.0.0.0"\n', "app.py": "import conf as c\nuvicorn.run(app, host=c.HOST)\n"},
        [("app.py", "conf", "c comes from conf.py"), ("conf.py", '"0.0.0.0"', "HOST is set here")],
        id="a constant of an imported module",
    ),
    pytest.param(
        {
            "conf.py": 'class Config:\n    HOST = "0.0.0.0"\n',
            "app.py": "from conf import Config\nuvicorn.run(app, host=Config.HOST)\n",
        },
        [("app.py", "Config", "Config comes from conf.py"), ("conf.py", '"0.0.0.0"', "HOST is set here")],
        id="an attribute of an imported class",
    ),
    pytest.param(
        {
            "conf.py": "from pydantic_settings import BaseSettings\n"
            'class Settings(BaseSettings):\n    host: str = "0.0.0.0"\nsettings = Settings()\n',
            "app.py": "from conf import settings\nuvicorn.run(app, host=settings.host)\n",
        },
        [USED, ("app.py", "settings", "settings comes from conf.py")],
        id="a settings object of another file; the finding stands at its default",
    ),
    pytest.param(
        {
            "conf.py": 'CONFIG = {"server": {"host": "0.0.0.0"}}\n',
            "app.py": 'from conf import CONFIG\nuvicorn.run(app, host=CONFIG["server"]["host"])\n',
        },
        [
            ("app.py", "CONFIG", "CONFIG comes from conf.py"),
            ("conf.py", '{"server": {"host": "0.0.0.0"}}', "CONFIG is set here"),
            ("conf.py", '{"host": "0.0.0.0"}', "[server] is set here"),
            ("conf.py", '"0.0.0.0"', "[host] is set here"),
        ],
        id="an item of a dictionary of another file",
    ),
    pytest.param(
        {"app.py": 'cfg = {}\ncfg.update(host="0.0.0.0")\nuvicorn.run(app, host=cfg["host"])\n'},
        [("app.py", "{}", "cfg is set here"), ("app.py", '"0.0.0.0"', "[host] is set here")],
        id="an item that update puts in",
    ),
    pytest.param(
        {"app.py": 'a = "0.0.0.0:80"\nhost, port = a.split(":")\nuvicorn.run(app, host=host)\n'},
        [("app.py", '"0.0.0.0:80"', "a is set here"), ("app.py", '"0.0.0.0:80"', "taken out of this text")],
        id="a piece of a text",
    ),
    pytest.param(
        {"app.py": 'hosts = []\nhosts.append("0.0.0.0")\nuvicorn.run(app, host=hosts)\n'},
        [("app.py", "[]", "hosts is set here"), ("app.py", '"0.0.0.0"', "one of these")],
        id="a member of a list",
    ),
    pytest.param(
        {"app.py": 'addr = ("0.0.0.0", 80)\nhost, port = addr\nuvicorn.run(app, host=host)\n'},
        [("app.py", '"0.0.0.0", 80', "addr is set here"), ("app.py", '"0.0.0.0"', "host takes this value")],
        id="an item of a tuple",
    ),
    pytest.param(
        {
            "app.py": "class Server:\n    def __init__(self, host):\n        self.host = host\n"
            '    def run(self):\n        uvicorn.run(app, host=self.host)\nServer("0.0.0.0").run()\n'
        },
        [USED, ("app.py", "host", "host is set here")],
        id="an argument kept in an attribute; the finding stands at the argument",
    ),
    pytest.param(
        {
            "app.py": "class Server:\n    @property\n    def host(self):\n"
            '        return "0.0.0.0"\nuvicorn.run(app, host=Server().host)\n'
        },
        [("app.py", '"0.0.0.0"', "host returns this")],
        id="a property",
    ),
    pytest.param(
        {
            "settings.py": 'BIND = "0.0.0.0"\n',
            "app.py": "from django.conf import settings\nuvicorn.run(app, host=settings.BIND)\n",
        },
        [("settings.py", '"0.0.0.0"', "BIND is set here")],
        id="a name of Django's settings",
    ),
    pytest.param(
        {"app.py": f'HOST = "0.0.0.0"\n{SERVE}(listen=f"{{HOST}}:80")\n'},
        [("app.py", '"0.0.0.0"', "HOST is set here")],
        id="a piece of an f-string",
    ),
    pytest.param(
        {
            "conf.py": 'HOST = "0.0.0.0"\n',
            "app.py": f'import conf\nlisten = "%s:%d" % (conf.HOST, 80)\n{SERVE}(listen=listen)\n',
        },
        [
            ("app.py", '"%s:%d" % (conf.HOST, 80)', "listen is set here"),
            ("app.py", "conf", "conf comes from conf.py"),
            ("conf.py", '"0.0.0.0"', "HOST is set here"),
        ],
        id="a piece of a % text that another file states",
    ),
    pytest.param(
        {
            "app.py": "class Server:\n    def __init__(self, host):\n        self.host = host\n"
            "    @property\n    def listen(self):\n"
            '        return "{}:{}".format(self.host, 80)\n    def run(self):\n'
            f'        {SERVE}(listen=self.listen)\nServer("0.0.0.0").run()\n'
        },
        [
            ("app.py", SERVE, "used here"),
            ("app.py", '"{}:{}".format(self.host, 80)', "listen returns this"),
            ("app.py", "host", "host is set here"),
        ],
        id="a piece of what a property formats; the finding stands at the argument",
    ),
    pytest.param(
        {"app.py": f'parts = ["0.0.0.0", "80"]\n{SERVE}(listen=":".join(parts))\n'},
        [("app.py", '["0.0.0.0", "80"]', "parts is set here"), ("app.py", '"0.0.0.0"', "one of these")],
        id="a piece of joined texts",
    ),
]


@pytest.mark.parametrize(("files", "expected"), CASES)
def test_each_hop_stands_at_its_own_text(files: dict[str, str], expected: list[tuple[str, str, str]]) -> None:
    assert stories({**files, "app.py": APP + files["app.py"]}) == [expected]
