"""Code, Dockerfile and compose file or manifest together: who can reach what listens, and why (verdicts.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bindlint.config import Config, Options
from bindlint.knowledge import Knowledge, rules_root
from bindlint.workspace import Workspace

if TYPE_CHECKING:
    from bindlint.findings import Finding

KNOWLEDGE = Knowledge(rules_root())


def findings(files: dict[str, str], persona: str = "regular") -> tuple[Finding, ...]:
    workspace = Workspace(KNOWLEDGE, Config())
    for path, text in files.items():
        workspace.update(path, text.encode())
    return workspace.report(Options(persona=persona)).findings


def told(files: dict[str, str], persona: str = "regular") -> list[tuple[str, str, str]]:
    """What is told: rule, text it stands at, route."""
    return [
        (f.rule, files[f.site.path][f.site.span.start : f.site.span.end], f.route) for f in findings(files, persona)
    ]


COMPOSE = "services:\n  web:\n    build: .\n    ports: ['8080:80']\n"
GUARDED = 'if __name__ == "__main__":\n    app.run("0.0.0.0", 80, debug=True)\n'
APP = f"import flask\napp = flask.Flask(__name__)\n{GUARDED}"
MAIN = 'import flask\napp = flask.Flask(__name__)\ndef main():\n    app.run("0.0.0.0", 80)\n'
STARTED_MAIN = f"{MAIN}if '__main__' == __name__:\n    main()\n"


@pytest.mark.parametrize(
    ("code", "command", "software"),
    [
        (APP, "python app.py", "Flask"),
        (APP, "gunicorn -b 0.0.0.0:80 app:app", "gunicorn"),
        (APP, "uvicorn --host 0.0.0.0 --port 80 app:app", "uvicorn"),
        (STARTED_MAIN, "python app.py", "Flask"),
        (STARTED_MAIN, "gunicorn -b 0.0.0.0:80 app:app", "gunicorn"),
    ],
)
def test_a_server_that_imports_a_file_does_not_run_what_only_its_start_runs(
    code: str, command: str, software: str
) -> None:
    files = {"compose.yaml": COMPOSE, "Dockerfile": f"FROM python\nCOPY . .\nCMD {command}\n", "app.py": code}

    routes = [route for _, text, route in told(files) if text == "'8080:80'"]

    assert routes == [f"LAN → host :8080 → container web :80 → {software}"]


@pytest.mark.parametrize("code", [MAIN + "main()\n", APP.replace("__main__", "app"), APP.replace("==", "!=")])
def test_what_an_import_runs_is_run_by_the_server_that_imports_it(code: str) -> None:
    files = {"compose.yaml": COMPOSE, "Dockerfile": "FROM python\nCOPY . .\nCMD gunicorn app:app\n", "app.py": code}

    assert [route for _, text, route in told(files) if text == "'8080:80'"] == [
        "LAN → host :8080 → container web :80 → Flask"
    ]


def test_the_module_of_a_server_is_no_other_package_of_the_project() -> None:
    files = {
        "compose.yaml": "services:\n  web:\n    build: .\n    ports: ['8000:8000', '5678:5678']\n",
        "Dockerfile": "FROM python\nCOPY . /srv\nCMD gunicorn -b 0.0.0.0:8000 shop.wsgi:app\n",
        "tests/__init__.py": 'import debugpy\ndebugpy.listen(("0.0.0.0", 5678))\n',
    }

    assert ("published-wildcard", "'5678:5678'", "LAN → host :5678 → web :5678") in told(files)


DOCKERFILE = "FROM python\nCOPY . /srv\nWORKDIR /srv\nCMD python app.py\n"
LISTENS = 'import flask\nflask.Flask(__name__).run("0.0.0.0", 5000)\n'
POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {{name: a, labels: {{app: a}}}}\nspec:\n"
    "  containers: [{{name: cart, image: {image}}}]\n---\n"
    "apiVersion: v1\nkind: Service\nmetadata: {{name: a}}\nspec: {{type: NodePort, selector: {{app: a}}, "
    "ports: [{{port: 80, targetPort: 5000, nodePort: 30003}}]}}\n"
)
PUBLISHED = "services:\n  web:\n    image: {image}\n    ports: ['80:5000']\n"


@pytest.mark.parametrize("image", ["cart", "shop/cart:1.2", "ghcr.io/shop/shop-cart:latest", "shop/my_cart@sha256:ab"])
def test_an_image_is_presumably_made_in_the_folder_of_its_name(image: str) -> None:
    files = {"cart/Dockerfile": DOCKERFILE, "cart/app.py": LISTENS, "k8s.yaml": POD.format(image=image)}

    [finding] = findings(files)

    assert (finding.rule, finding.confidence.name) == ("wildcard", "MEDIUM")
    assert finding.route == "LAN → NodePort :30003 → container cart :5000 → Flask"
    assert "cart is presumably built from cart/Dockerfile, by the name of its image" in [s.note for s in finding.story]


@pytest.mark.parametrize("image", ["redis", "cartography", "shop/cart-api", "$NAME", "shop/cart-dev", "carts"])
def test_other_names_make_no_such_presumption(image: str) -> None:
    files = {
        "cart/Dockerfile": DOCKERFILE,
        "cart/app.py": LISTENS,
        "redis/Dockerfile": DOCKERFILE,
        "dev/Dockerfile": DOCKERFILE,
        "compose.yaml": PUBLISHED.format(image=image),
    }

    assert [route for _, _, route in told(files) if route.endswith("Flask")] == []


def test_two_folders_of_the_name_make_none_likely() -> None:
    files = {"a/cart/Dockerfile": DOCKERFILE, "b/cart/Dockerfile": DOCKERFILE, "a/cart/app.py": LISTENS}

    assert [r for r, _, _ in told({**files, "compose.yaml": PUBLISHED.format(image="cart")})] == ["published-wildcard"]


def test_an_image_that_a_service_builds_is_the_same_where_another_file_names_it() -> None:
    files = {
        "Dockerfile": DOCKERFILE,
        "app.py": LISTENS,
        "compose.yaml": "services:\n  web:\n    build: .\n    image: shop:dev\n",
        "deploy/stack.yml": PUBLISHED.format(image="shop:latest"),
    }

    [finding] = findings(files)

    assert finding.route == "LAN → host :80 → container web :5000 → Flask"
    assert "web is built from Dockerfile" in [step.note for step in finding.story]


WORKFLOW = """\
on: push
jobs:
  images:
    steps:
      - uses: docker/build-push-action@v6
        with: {context: ., file: ./docker/Dockerfile.prod, tags: "shop/shop:backend"}
      - uses: docker/build-push-action@v6
        with:
          context: docker
          tags: |
            shop/shop:${{ github.sha }}
            shop/shop:frontend
"""


def test_a_workflow_says_which_dockerfile_an_image_is_made_from() -> None:
    files = {
        ".github/workflows/publish.yml": WORKFLOW,
        "docker/Dockerfile.prod": "FROM python\nCOPY tools/ /opt/bin/\nENTRYPOINT [/opt/bin/start.sh]\n".replace(
            "[/opt/bin/start.sh]", '["/opt/bin/start.sh"]'
        ),
        "docker/Dockerfile": "FROM nginx\nCOPY site.conf /etc/nginx/conf.d/default.conf\n",
        "tools/start.sh": "exec gunicorn --bind ${HOST:-0.0.0.0}:8000 shop.wsgi\n",
        "tools/flower.sh": "exec celery -A shop flower\n",
        "compose.yaml": "services:\n  api: {image: 'shop/shop:backend'}\n"
        "  flower: {image: 'shop/shop:backend', entrypoint: [/opt/bin/flower.sh], ports: ['5555:5555']}\n"
        "  front: {image: 'shop/shop:frontend', ports: ['8080:80']}\n",
    }

    assert told(files) == [
        ("default-wildcard", "'5555:5555'", "LAN → host :5555 → container flower :5555 → flower"),
        ("default-wildcard", "'8080:80'", "LAN → host :8080 → container front :80 → nginx"),
    ]


@pytest.mark.parametrize(
    ("script", "image", "service", "rule"),
    [
        ('exec uvicorn shop:app "$@"', 'CMD ["--host", "0.0.0.0"]', "", "wildcard"),
        ('exec uvicorn shop:app "$@"', 'CMD ["--host", "0.0.0.0"]', "command: --workers 1", ""),
        ('exec uvicorn shop:app "$@"', 'CMD ["--workers", "1"]', "", ""),
        ('exec uvicorn shop:app "$@"', "", "command: --workers 1 --host 0.0.0.0", "wildcard"),
        ("exec uvicorn shop:app $(eval echo $args)", "", "command: [--host=0.0.0.0, --reload]", "wildcard"),
        ("exec uvicorn shop:app $args", "", "command: [--host, 127.0.0.1]", "loopback-unreachable"),
    ],
)
def test_a_script_hands_the_arguments_of_the_container_on(script: str, image: str, service: str, rule: str) -> None:
    files = {
        "Dockerfile": f'FROM python\nCOPY start.sh /\nENTRYPOINT ["/start.sh"]\n{image}\n',
        "start.sh": f'#!/bin/sh\nargs="$@"\n{script}\n',
        "compose.yaml": f"services:\n  web:\n    build: .\n    ports: ['80:8000']\n    {service}\n",
    }

    found = [found for found, _, _ in told(files) if found not in ("localhost-bind", "published-wildcard")]

    assert found == [rule] * bool(rule)


DEBUGGED = "import os\nimport debugpy\nif {test}:\n    debugpy.listen(('0.0.0.0', 5678))\n"
UNSET = ("published-wildcard", "'5678:5678'", "LAN → host :5678 → web :5678")
LISTENING = ("exposed-control", "'5678:5678'", "LAN → host :5678 → container web :5678 → debugpy")


@pytest.mark.parametrize(
    ("test", "environment", "expected"),
    [
        ("os.environ.get('DEBUG')", "", UNSET),
        ("os.getenv('DEBUG') == '1'", "", UNSET),
        ("'DEBUG' in os.environ", "", UNSET),
        ("os.getenv('DEBUG') is not None and len(os.environ) > 1", "", UNSET),
        ("os.environ.get('DEBUG')", "environment: {DEBUG: 1}", LISTENING),
        ("os.environ.get('DEBUG')", "env_file: not-there.env", UNSET),
        ("os.environ.get('DEBUG', '1')", "", LISTENING),
        ("not os.environ.get('PROD')", "", LISTENING),
        ("os.getenv('PROD') != '1'", "", LISTENING),
        ("os.getenv('PROD') is None", "", LISTENING),
    ],
)
def test_what_waits_for_a_variable_that_nothing_sets_is_not_there(
    test: str, environment: str, expected: tuple[str, str, str]
) -> None:
    files = {
        "Dockerfile": "FROM python\nCOPY . .\nCMD python app.py\n",
        "app.py": DEBUGGED.format(test=test),
        "compose.yaml": f"services:\n  web:\n    build: .\n    ports: ['5678:5678']\n    {environment}\n",
    }

    assert told(files) == [expected]


def test_the_paths_of_a_file_that_completes_another_are_seen_from_that_ones_folder() -> None:
    files = {
        "compose.yaml": "services:\n  web: {image: shop, ports: ['80:80']}\n",
        "extra/logs/more.compose.yml": "services:\n"
        "  logs:\n    build: extra/logs/\n    volumes: ['./extra/logs/beats.yml:/usr/share/filebeat/filebeat.yml:ro']\n"
        "  api:\n    build: {context: extra/api}\n    ports: ['8000:8000']\n",
        "extra/logs/Dockerfile": "FROM docker.elastic.co/beats/filebeat:8\n",
        "extra/logs/beats.yml": "filebeat.inputs: []\nhttp.enabled: true\nhttp.host: 0.0.0.0\n",
        "extra/api/Dockerfile": "FROM python\nCMD uvicorn --host 0.0.0.0 a:app\n",
    }

    assert told(files) == [
        ("published-wildcard", "'80:80'", "LAN → host :80 → web :80"),
        ("wildcard", "'8000:8000'", "LAN → host :8000 → container api :8000 → uvicorn"),
    ]


@pytest.mark.parametrize("text", ["sleep 5; mongod", "exec mongod", "mkdir -p /data && mongod --quiet"])
def test_a_shell_that_starts_the_images_program_in_the_end_has_its_defaults(text: str) -> None:
    files = {
        "k8s.yaml": POD.replace("5000", "27017")
        .format(image="mongo:7")
        .replace("image: mongo:7", f"image: mongo:7, command: [/bin/sh], args: [-c, '{text}']")
    }

    assert [f.route for f in findings(files)] == ["LAN → NodePort :30003 → container cart :27017 → mongodb"]


def test_a_shell_that_starts_something_else_does_not() -> None:
    files = {
        "k8s.yaml": POD.replace("5000", "27017")
        .format(image="mongo:7")
        .replace("image: mongo:7", "image: mongo:7, command: [/bin/sh, -c, 'sleep 500']")
    }

    assert [f.rule for f in findings(files)] == ["published-wildcard"]


def test_what_the_supervisor_of_an_image_starts_runs_in_that_image() -> None:
    files = {
        "Dockerfile": 'FROM debian\nCOPY ./docker/rootfs /\nENTRYPOINT ["/init"]\n',
        "docker/rootfs/etc/s6-overlay/s6-rc.d/svc-flower/run": "#!/usr/bin/bash\nexec celery -A shop flower\n",
        "docker/rootfs/etc/s6-overlay/run": "#!/usr/bin/bash\nexec celery -A shop flower\n",
    }

    assert {f.site.path.split("/")[-2]: (f.confidence.name, f.route) for f in findings(files, "pedantic")} == {
        "svc-flower": ("LOW", "peers → container Dockerfile :5555 → flower"),
        "s6-overlay": ("HIGH", "LAN → flower :5555"),
    }


SITE = """\
services:
  web:
    image: nginx:1.27
    volumes: ["./nginx.conf:/etc/nginx/nginx.conf"]
    ports: [{ports}]
"""


@pytest.mark.parametrize(("ports", "times"), [('"8081"', 1), ('"8080:8081"', 1), ('"80:8081"', 0), ('"443:8443"', 0)])
def test_the_door_says_whether_a_proxy_is_a_front_where_its_template_does_not(ports: str, times: int) -> None:
    files = {
        "compose.yaml": SITE.format(ports=ports),
        "nginx.conf": "events {}\nhttp { server { listen [::]:${PORT}; } }\n",
    }

    assert [site for _, site, _ in told(files)] == [ports] * times
    assert [site for _, site, _ in told(files, "pedantic")] == [ports]


@pytest.mark.parametrize("port", ["{{ PORT }}", "${PORT}", "<%= @port %>"])
def test_a_proxy_on_a_port_that_only_its_template_knows_may_well_be_a_front(port: str) -> None:
    files = {"nginx.conf": f"events {{}}\nhttp {{ server {{ listen 0.0.0.0:{port}; }} }}\n"}

    assert told(files) == []
    assert [rule for rule, _, _ in told(files, "pedantic")] == ["wildcard"]


SMTPD = """from aiosmtpd.controller import Controller
from django.core.management.base import BaseCommand
class Command(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("--host", default="0.0.0.0")
        parser.add_argument("--port", type=int, default=25)
    def handle(self, host, port, *args, **options):
        Controller(None, hostname=host, port=port).start()
"""
MANAGED = {
    "docker/Dockerfile": "FROM python\nCOPY . /srv\nWORKDIR /srv\nCMD [START]\n",
    "docker/uwsgi.ini": "[uwsgi]\nmodule = app\nhttp = 0.0.0.0:80\nattach-daemon = ./manage.py smtpd --port 25\n",
    "manage.py": "import django.core.management\n",
    "mail/management/commands/smtpd.py": SMTPD,
}


@pytest.mark.parametrize("start", ['"python", "manage.py", "smtpd"', '"uwsgi", "docker/uwsgi.ini"'])
def test_a_management_command_runs_where_manage_py_is_told_its_name(start: str) -> None:
    dockerfile = MANAGED["docker/Dockerfile"].replace("START", start)
    compose = COMPOSE.replace("build: .", "build: {context: ., dockerfile: docker/Dockerfile}")
    files = {**MANAGED, "docker/Dockerfile": dockerfile, "compose.yaml": compose.replace("8080:80", "127.0.0.1:25:25")}

    assert "mail/management/commands/smtpd.py" not in {f.site.path for f in findings(files)}
    open_to_all = {**files, "compose.yaml": compose.replace("8080:80", "25:25")}
    assert [route for _, text, route in told(open_to_all) if text == "'25:25'"] == [
        "LAN → host :25 → container web :25 → aiosmtpd"
    ]


def test_a_management_command_that_nothing_here_runs_is_told_as_a_hosts() -> None:
    dockerfile = MANAGED["docker/Dockerfile"].replace("START", '"python", "manage.py", "migrate"')
    files = {**MANAGED, "docker/Dockerfile": dockerfile, "compose.yaml": COMPOSE}
    del files["docker/uwsgi.ini"]

    assert [(f.site.path, f.rule) for f in findings(files) if f.site.path.endswith("smtpd.py")] == [
        ("mail/management/commands/smtpd.py", "wildcard")
    ]


def test_a_folder_of_configuration_is_for_the_container_whose_image_has_the_softwares_name() -> None:
    redis = "port 6379\nbind 0.0.0.0\nprotected-mode no\n"
    compose = "services:\n  cache:\n    image: registry.example/{}\n    volumes: ['./etc:/etc/cache']\n"
    files = {"etc/redis.conf": redis, "compose.yaml": compose.format("acme/redis-tuned")}

    assert told(files) == []
    other = told({**files, "compose.yaml": compose.format("acme/shop")})
    assert [text for _, text, _ in other] == ["0.0.0.0"]


def test_what_is_likely_is_told_before_what_nobody_knows_of_the_same_port() -> None:
    files = {"tests/run.sh": "docker run -p 80:8000 registry.example/shop uvicorn app:app --host $HOST\n"}

    assert [(rule, text) for rule, text, _ in told(files, "pedantic")] == [("published-wildcard", "80:8000")]
