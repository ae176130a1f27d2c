"""Services of compose files: containers, networks, what is inherited, what runs, and whom it connects to."""

from __future__ import annotations

import pytest
from yamlreading import KNOWLEDGE, Reading

from bindlint.addresses import Kind
from bindlint.facts import (
    Connection,
    Container,
    Guard,
    HostsEntry,
    Known,
    Launch,
    Listener,
    Problem,
    Publication,
    Reach,
)
from bindlint.readers import compose
from bindlint.source import Files, Source


class Read(Reading):
    """The facts of one compose file, by type and by service."""

    def __init__(self, text: str, path: str = "shop/compose.yaml", env: str | None = None) -> None:
        found = {} if env is None else {f"{path.rpartition('/')[0]}/.env": env}
        super().__init__(compose, Source(path, text, Files(found, lambda name: Source(name, found[name]))))

    def container(self, name: str) -> Container:
        (found,) = [c for c in self.all(Container) if c.name == name]
        return found

    def published(self, name: str) -> list[tuple[str, int | None, int | None]]:
        found = [p for p in self.all(Publication) if p.container.endswith(f"#{name}")]
        return [(p.address.text, p.port, p.container_port) for p in found]


def services(text: str) -> str:
    return "services:\n" + "".join(f"  {line}\n" if line else "\n" for line in text.splitlines())


def test_a_service_is_a_container_of_its_folder() -> None:
    read = Read(services("web:\n  image: ${IMAGE:-redis}:7\n  expose: [80, '81-82/tcp']\n"))
    container = read.one(Container)
    assert (container.id, container.name, container.origin) == ("shop/compose.yaml#web", "web", "compose")
    assert (container.image, container.group, container.ports) == ("redis:7", "shop", (80, 81, 82))
    assert (container.network, container.build, container.replaces) == ("own", "", "")
    assert read.at(container) == "web"


@pytest.mark.parametrize(
    ("build", "dockerfile", "stage"),
    [
        (".", "shop/Dockerfile", ""),
        ("./web", "shop/web/Dockerfile", ""),
        ("{context: web, dockerfile: docker/Dev.Dockerfile, target: dev}", "shop/web/docker/Dev.Dockerfile", "dev"),
        ("{dockerfile: Dockerfile.dev}", "shop/Dockerfile.dev", ""),
        ("{context: ..}", "Dockerfile", ""),
        ("{context: ../..}", "", ""),
        ("../../../etc", "", ""),
        ("https://github.com/a/b.git#main", "", ""),
        ("/srv/web", "", ""),
        ("~/web", "", ""),
        ("{context: ., dockerfile_inline: 'FROM redis'}", "", ""),
        ("${CONTEXT:-web}", "shop/web/Dockerfile", ""),
    ],
)
def test_a_build_names_the_dockerfile_in_the_repository(build: str, dockerfile: str, stage: str) -> None:
    container = Read(services(f"web:\n  build: {build}\n")).one(Container)
    assert (container.build, container.stage) == (dockerfile, stage)


def test_files_of_the_repository_that_are_mounted_are_named_and_never_lead_out_of_it() -> None:
    text = services(
        "web:\n  image: x\n  configs: [site, {source: site2}]\n  secrets: [key]\n  volumes:\n"
        "    - ./redis.conf:/etc/redis/redis.conf:ro\n    - ../shared/a.conf:/a\n    - ../../out:/b\n    - data:/data\n"
        "    - /etc/hosts:/etc/hosts\n    - ~/x:/x\n    - ./no-target\n    - .:/app\n"
        "    - {type: bind, source: ./b.conf, target: /e}\n    - {type: volume, source: ./c, target: /c}\n"
        "    - ${DIR:-./conf}/d.conf:/d\n"
    )
    text += "configs:\n  site: {file: ./site.conf}\n  site2: {file: ./site2.conf}\nsecrets:\n  key: {file: key.pem}\n"
    assert Read(text).one(Container).files == (
        "shop/redis.conf", "shared/a.conf", "shop", "shop/b.conf", "shop/conf/d.conf",
        "shop/site.conf", "shop/site2.conf", "shop/key.pem",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "network", "site"),
    [
        ("network_mode: host", "host", "host"),
        ("network_mode: 'host'", "host", "host"),
        ("network_mode: ${MODE:-host}", "host", "host"),
        ("network_mode: none", "none", "none"),
        ("network_mode: HOST", "own", None),
        ("network_mode: bridge", "own", None),
        ("network_mode: service:db", "shop/compose.yaml#db", "service:db"),
        ("network_mode: container:named", "shop/compose.yaml#db", "container:named"),
        ("network_mode: container:other", "container:other", "container:other"),
        ("networks: [outer]", "host", "host"),
        ("networks: {outer: {aliases: [x]}}", "host", "host"),
        ("networks: [old]", "host", "host"),
        ("networks: [plain]", "own", None),
        ("networks: [external]", "own", None),
    ],
)
def test_whose_network_a_service_uses_and_where_that_is_written(line: str, network: str, site: str | None) -> None:
    text = services(f"web:\n  image: x\n  {line}\ndb:\n  image: y\n  container_name: named\n")
    text += "networks:\n  outer: {external: true, name: host}\n  old: {external: {name: host}}\n"
    text += "  plain: {name: host}\n  external: {external: true, name: lan}\n"
    read = Read(text)
    container = read.container("web")
    assert container.network == network
    found = container.network_site
    assert (None if found is None else read.source.slice(found.span)) == site


BOUND = "driver_opts: {com.docker.network.bridge.host_binding_ipv4: 127.0.0.1}"


def test_ports_without_an_address_take_the_one_of_the_network() -> None:
    read = Read(
        services("web:\n  image: x\n  ports: ['80:80', '0.0.0.0:81:81']\n") + f"networks:\n  default:\n    {BOUND}\n"
    )
    first, second = read.all(Publication)
    assert (first.reach, first.address.known) == (Reach.HOST, Known.CONSTANT)
    assert read.source.slice(first.trail[0].site.span) == "127.0.0.1"
    assert second.reach is Reach.LAN


def test_one_network_without_the_option_is_enough_for_every_interface() -> None:
    text = (
        services("web:\n  image: x\n  networks: [a, b]\n  ports: ['80:80']\n")
        + f"networks:\n  a:\n    {BOUND}\n  b: {{}}\n"
    )
    assert Read(text).one(Publication).reach is Reach.LAN


def test_extends_appends_ports_and_lets_the_child_win_elsewhere() -> None:
    read = Read(
        services(
            "base:\n  image: a\n  network_mode: host\n  ports: ['80:80']\n"
            "  environment: {DB_URL: 'redis://localhost', X: 1}\n"
            "web:\n  extends: {service: base}\n  image: b\n  network_mode: bridge\n  ports: ['127.0.0.1:80:80']\n"
            "  environment: ['DB_URL=redis://db']\n"
            "third:\n  extends: web\n  ports: !override ['81:81']\n"
            "fourth:\n  extends: web\n  ports: !reset []\n"
        )
    )
    assert read.published("web") == [("", 80, 80), ("127.0.0.1", 80, 80)]
    assert read.published("third") == [("", 81, 81)]
    assert read.published("fourth") == []
    assert (read.container("web").image, read.container("web").network) == ("b", "own")
    called = {c.container.partition("#")[2]: c.address.text for c in read.all(Connection)}
    assert called == {"base": "localhost", "web": "db", "third": "db", "fourth": "db"}


def test_extends_of_itself_in_a_circle_or_of_another_file_ends() -> None:
    read = Read(
        services(
            "a: {image: x, extends: b, ports: ['1:1']}\n"
            "b: {extends: {service: a, file: compose.yaml}, ports: ['2:2']}\n"
            "c: {image: x, extends: {service: a, file: other.yaml}, ports: ['3:3']}\nd: {extends: d, ports: ['4:4']}\n"
        )
    )
    assert [read.published(name) for name in "abcd"] == [
        [("", 2, 2), ("", 1, 1)], [("", 1, 1), ("", 2, 2)], [("", 3, 3)], [("", 4, 4)],
    ]  # fmt: skip


def test_merge_keys_do_not_concatenate_and_the_site_is_where_the_list_is_written() -> None:
    text = "x-web: &web\n  image: x\n  ports: &ports ['80:80']\n" + services(
        "a:\n  <<: *web\nb:\n  <<: *web\n  ports: ['81:81']\nc:\n  image: y\n  ports: *ports\n"
    )
    read = Read(text)
    assert [read.published(name) for name in "abc"] == [[("", 80, 80)], [("", 81, 81)], [("", 80, 80)]]
    assert {p.site for p in read.all(Publication) if p.port == 80} == {read.all(Publication)[0].site}
    assert read.source.line(read.all(Publication)[0].site.span.start) == 3


def test_profiles_do_not_silence_a_service() -> None:
    assert Read(services("a: {image: x, profiles: [debug], ports: ['80:80']}")).one(Publication).reach is Reach.LAN


def test_a_file_of_version_1_has_its_services_at_the_top() -> None:
    read = Read("web:\n  build: .\n  ports:\n    - 80:80\ndb:\n  image: postgres\nvolumes:\n  image: x\n")
    assert [c.name for c in read.all(Container)] == ["web", "db"]
    assert read.published("web") == [("", 80, 80)]


def test_expose_and_internal_services_publish_nothing() -> None:
    assert Read(services("a: {image: x, expose: ['80']}")).all(Publication) == []


@pytest.mark.parametrize(
    ("command", "address", "port"),
    [
        ("uvicorn app:app --host 0.0.0.0 --port 80", "0.0.0.0", 80),
        ("['uvicorn', 'app:app', '--host', '0.0.0.0', '--port', '80']", "0.0.0.0", 80),
        (">\n  uvicorn app:app\n  --host 0.0.0.0\n  --port 80", "0.0.0.0", 80),
        ("|\n  uvicorn app:app\n  --host 0.0.0.0 --port 80", "0.0.0.0", 80),
        ('sh -c "cd /app && uvicorn app:app --host 0.0.0.0 --port 80"', "0.0.0.0", 80),
        ("[sh, -c, 'uvicorn app:app --host 0.0.0.0 --port 80']", "0.0.0.0", 80),
        ("uvicorn app:app --host ${HOST:-0.0.0.0} --port ${PORT:-80}", "0.0.0.0", 80),
    ],
)
def test_a_command_in_any_spelling_is_read_with_the_place_of_its_address(command: str, address: str, port: int) -> None:
    indented = command.replace("\n", "\n  ")
    read = Read(services(f"web:\n  build: .\n  command: {indented}\n"))
    listener = read.one(Listener)
    assert (listener.software, listener.address.text, listener.port) == ("uvicorn", address, port)
    assert listener.container == "shop/compose.yaml#web"
    assert read.at(listener) == address
    assert listener.address.slot is not None
    assert read.source.slice(listener.address.slot.site.span) == address
    assert read.container("web").replaces == "command"


def test_the_shell_of_the_container_knows_the_variables_of_the_service() -> None:
    read = Read(
        services("web:\n  build: .\n  command: sh -c 'uvicorn a:b --host $$HOST'\n  environment: [HOST=0.0.0.0]\n")
    )
    listener = read.one(Listener)
    assert (listener.address.kind, listener.address.known) == (Kind.WILDCARD, Known.CONSTANT)
    assert listener.address.slot is not None
    start = read.source.text.index("0.0.0.0")
    assert listener.address.slot.site.span.start == start


def test_the_env_file_beside_it_is_put_into_commands() -> None:
    text = services("web:\n  build: .\n  command: uvicorn a:b --host ${HOST:-127.0.0.1}\n")
    assert Read(text).one(Listener).address.kind is Kind.LOOPBACK
    assert Read(text, env="HOST=0.0.0.0\n").one(Listener).address.kind is Kind.WILDCARD


def test_an_image_with_arguments_runs_its_own_program_with_them() -> None:
    read = Read(services("cache:\n  image: redis:7\n  command: --requirepass secret\n"))
    assert [(x.software, x.port) for x in read.all(Listener)] == [("redis", 6379)]
    assert all(guard.on for guard in read.all(Guard))


def test_an_entry_point_replaces_the_program_of_the_image() -> None:
    read = Read(services("cache:\n  image: redis:7\n  entrypoint: [sleep]\n  command: [infinity]\n"))
    assert read.all(Listener) == []
    assert [launch.program for launch in read.all(Launch)] in ([], ["sleep"])


def test_options_for_a_program_that_nobody_knows_start_no_program_of_that_name() -> None:
    assert Read(services("web: {image: registry.example/shop, command: --host 0.0.0.0}")).all(Launch) == []


@pytest.mark.parametrize(
    "test",
    [
        "curl -f http://localhost:8000/health || exit 1",
        "[CMD, curl, -f, 'http://localhost:8000/health']",
        "['CMD-SHELL', 'curl -f http://localhost:8000/health || exit 1']",
        "['CMD-SHELL', \"curl -f http://localhost:8000/health\"]",
    ],
)
def test_whom_a_health_check_asks(test: str) -> None:
    read = Read(services(f"web:\n  build: .\n  healthcheck:\n    test: {test}\n"))
    connection = read.one(Connection)
    assert (connection.purpose, connection.port, read.at(connection)) == ("healthcheck", 8000, "localhost")
    assert connection.container == "shop/compose.yaml#web"


def test_a_disabled_health_check_asks_nobody() -> None:
    assert Read(services("web:\n  build: .\n  healthcheck:\n    test: [NONE]\n")).all(Connection) == []


def test_a_setting_that_names_another_service_is_a_connection_to_that() -> None:
    read = Read(
        services("web:\n  build: .\n  environment: ['API_URL=http://api:8000/v1', 'PUBLIC_URL=http://api:8000']\n")
    )
    connection = read.one(Connection)
    assert (read.at(connection), connection.address.kind, connection.port) == ("api", Kind.SPECIFIC, 8000)


@pytest.mark.parametrize(
    ("setting", "host", "port"),
    [
        ("DATABASE_URL: postgres://u:p@localhost:5432/db", "localhost", 5432),
        ('DATABASE_URL: "postgres://u:p@127.0.0.1/db"', "127.0.0.1", 5432),
        ("CACHE_URL: redis://[::1]:6379/0", "[::1]", 6379),
        ("SPRING_DATASOURCE_URL: jdbc:mysql://localhost:3306/x?a=b", "localhost", 3306),
        ("DB_DSN: root:pw@tcp(127.0.0.1:3306)/x", "127.0.0.1", 3306),
        ("DB_DSN: host=localhost port=5433 user=x", "localhost", 5433),
        ("ConnectionStrings__Default: Server=localhost;Port=3307;Database=x", "localhost", 3307),
        ("SQL_CONNECTION: Server=localhost,1433;Database=x", "localhost", 1433),
        ("KAFKA_BOOTSTRAP_SERVERS: kafka.example:9092,localhost:9093", "localhost", 9093),
        ("ELASTICSEARCH_HOSTS: '[\"http://localhost:9200\"]'", "localhost", 9200),
        ("MONGO_URL: mongodb://localhost/x", "localhost", 27017),
        ("POSTGRES_HOST: localhost", "localhost", 5432),
        ("REDIS_HOST: ${REDIS:-localhost}", "localhost", 6379),
        ("DB_HOST: localhost\n    DB_PORT: 3307", "localhost", 3307),
        ("DB_HOST: localhost", "localhost", None),
    ],
)
def test_a_setting_that_names_a_service_on_localhost_is_a_connection(setting: str, host: str, port: int | None) -> None:
    read = Read(services(f"web:\n  build: .\n  environment:\n    {setting}\n"))
    connection = read.one(Connection)
    assert (read.at(connection), connection.port) == (host, port)
    assert (connection.client, connection.purpose) == (setting.partition(":")[0], "client")
    assert connection.address.slot is not None
    assert read.source.slice(connection.address.slot.site.span) == host


@pytest.mark.parametrize(
    "setting",
    [
        "CORS_ORIGINS=http://localhost:3000", "PUBLIC_URL=http://localhost:3000", "BASE_URL=http://localhost:8000",
        "NEXT_PUBLIC_API_URL=http://localhost:8000", "VITE_API_URL=http://localhost:8000", "ALLOWED_HOSTS=localhost",
        "REACT_APP_API_URL=http://localhost", "OAUTH_REDIRECT_URL=http://localhost/cb", "WEBHOOK_URL=http://localhost:5678",
        "DOMAIN=localhost", "NO_PROXY=localhost,127.0.0.1", "HOST=localhost", "BIND_ADDRESS=127.0.0.1",
        "KAFKA_ADVERTISED_LISTENERS=PLAINTEXT://localhost:9092", "NEXTAUTH_URL=http://localhost:3000",
        "API_URL=http://localhost:8000", "MESSAGE=see http://localhost", "DATABASE_URL=postgres://db.example:5432/x",
        "SERVER_NAME=localhost",
    ],
)  # fmt: skip
def test_a_setting_for_browsers_for_others_or_for_listening_is_no_connection(setting: str) -> None:
    assert Read(services(f"web:\n  build: .\n  environment: ['{setting}']\n")).all(Connection) == []


def test_a_setting_from_the_env_file_is_followed_there() -> None:
    read = Read(services("web: {build: ., environment: {REDIS_HOST: '${H}'}}"), env="H=localhost\n")
    assert read.one(Connection).address.kind is Kind.LOCALHOST
    read = Read(services("web: {build: ., env_file: .env}"), env="REDIS_HOST=localhost\n")
    assert read.one(Connection).site.path == "shop/.env"


@pytest.mark.parametrize(
    ("hosts", "address", "name"),
    [
        ("['localhost:10.0.0.5']", "10.0.0.5", "localhost"),
        ("['localhost=10.0.0.5']", "10.0.0.5", "localhost"),
        ("{localhost: 10.0.0.5}", "10.0.0.5", "localhost"),
        ("['six=[::1]']", "::1", "six"),
        ("['six:::1']", "::1", "six"),
        ("['host.docker.internal:host-gateway']", "host-gateway", "host.docker.internal"),
    ],
)
def test_extra_hosts_in_either_spelling(hosts: str, address: str, name: str) -> None:
    read = Read(services(f"web:\n  build: .\n  extra_hosts: {hosts}\n"))
    entry = read.one(HostsEntry)
    assert (entry.address.text, entry.names, entry.origin) == (address, (name,), "extra_hosts")
    assert entry.address.slot is not None
    assert read.source.slice(entry.address.slot.site.span) == address


@pytest.mark.parametrize(
    ("path", "data", "ours"),
    [
        ("compose.yaml", b"", True),
        ("a/docker-compose.prod.yml", b"", True),
        ("docker-compose.yml.example", b"", True),
        ("stack.yml", b"services:\n  a:\n    image: x\n", True),
        ("compose-controller.yaml", b"apiVersion: v1\nkind: Pod\n", False),
        ("composer.json", b"{}", False),
        ("services.yaml", b"services:\n  App\\: ~\n", False),
        (".gitlab-ci.yml", b"job:\n  image: x\n", False),
        ("docker-compose.md", b"services:\n  a:\n    image: x\n", False),
    ],
)
def test_which_files_are_compose_files(path: str, data: bytes, ours: bool) -> None:  # noqa: FBT001 - a row of a table
    assert compose.claims(path, data, KNOWLEDGE) is ours


@pytest.mark.parametrize(
    "text",
    [
        "", "services:", "services: []", "services: {a: }", "services: {a: 1}", "- a", "services: {a: {ports: 80}}",
        "services: {a: {ports: {80: 80}}}", "services: {a: {ports: [[80]]}}", "services: {1: {image: [x]}}",
        "services: {a: {image: x, environment: 3, command: {a: b}, healthcheck: 1, networks: 2, volumes: x}}",
        "services: {a: {build: {context: [x]}, extends: [a], network_mode: {a: b}, extra_hosts: [1, {a: b}]}}",
        "services: {a: {image: x, command: [], entrypoint: ''}}", "services: {a: {image: '', command: ''}}",
        "services: &s {a: {image: x, ports: *s}}", "services: {a: &a {<<: *a, image: x}}",
        "services: {a: {image: x, healthcheck: {test: []}}}", "services: {a: {image: x, healthcheck: {test: [CMD]}}}",
    ],
)  # fmt: skip
def test_nonsense_states_no_publication_and_breaks_nothing(text: str) -> None:
    read = Read(text)
    assert read.all(Publication) == []


def test_aliases_that_multiply_end_in_a_problem_of_the_file() -> None:
    entries = ", ".join(["'1:1'"] * 2_000)
    text = f"x-p: &p [{entries}]\nservices:\n" + "".join(f"  s{i}: {{image: x, ports: *p}}\n" for i in range(2_000))
    with pytest.raises(Exception, match="aliases make more than"):
        Read(text)


def test_a_broken_document_leaves_the_others() -> None:
    read = Read("services:\n  a: {image: x, ports: ['80:80']}\n---\na: b: c\n")
    assert read.published("a") == [("", 80, 80)]
    assert [(p.line, p.partial) for p in read.all(Problem)] == [(4, True)]


def test_a_template_of_a_compose_file_is_read_in_part() -> None:
    ports = "    ports:\n      - '{{ port }}:80'\n      - 81:81\n"
    read = Read(f"services:\n  {{% if a %}}\n  a:\n    image: x\n{ports}  {{% endif %}}\n")
    assert ("", 81, 81) in read.published("a")
    assert any(p.partial for p in read.all(Problem))


def test_windows_line_ends_and_a_byte_order_mark_move_no_offset() -> None:
    read = Read(
        "\ufeffservices:\r\n  a:\r\n    image: é\r\n    ports:\r\n      - target: 80\r\n        published: 81\r\n"
    )
    publication = read.one(Publication)
    assert read.at(publication) == "81"
    assert publication.address.slot is not None
    assert publication.address.slot.after == "\r\n        "


@pytest.mark.parametrize(
    "test",
    [
        '["CMD-SHELL", "pg_isready -h localhost -U ${X}"]',
        '["CMD-SHELL", "pg_isready -U \\"${X}\\" -h localhost"]',
        "pg_isready -U $X -h localhost -d $${Y}",
        "pg_isready -p ${P:-5432} -U a${X}b -h localhost",
    ],
)
@pytest.mark.parametrize("env", [None, "X=shop\n", "X=a\n", "X=\n"])
def test_a_variable_of_a_command_line_leaves_the_rest_its_place(test: str, env: str | None) -> None:
    text = services(f"db:\n  image: postgres:16\n  healthcheck:\n    test: {test}")
    connection = Read(text, env=env).one(Connection)

    assert text[connection.site.span.start : connection.site.span.end] == "localhost"
    assert connection.address.slot is not None
    assert connection.address.slot.site == connection.site


@pytest.mark.parametrize("env", ["H=0.0.0.0\n", "H=0\n"])
def test_a_value_from_the_env_file_is_at_its_reference_and_is_not_replaced_there(env: str) -> None:
    text = services('web:\n  image: python:3.12\n  command: ["uvicorn", "a:app", "--host", "${H}"]')
    listener = Read(text, env=env).one(Listener)

    assert text[listener.site.span.start :].startswith("$")
    assert listener.address.kind is Kind.WILDCARD
    assert listener.address.slot is None


@pytest.mark.parametrize("driver", ["macvlan", "ipvlan", "[macvlan]", "{a: b}", "${DRIVER}", ""])
@pytest.mark.parametrize(
    "joined",
    ["[lan]", "{lan: {ipv4_address: 192.0.2.5}}", "{lan: {ipv4_address: [a]}}", "{lan: , default: {aliases: [a]}}"],
)
def test_a_network_of_another_driver_breaks_nothing(driver: str, joined: str) -> None:
    text = services(f"db:\n  image: redis:7\n  networks: {joined}\n  ports: ['6379:6379']\n") + (
        f"networks:\n  lan:\n    driver: {driver}\n    driver_opts: {{parent: eth0}}\n"
        "    ipam: {config: [{subnet: 192.0.2.0/24}]}\n"
    )
    read = Read(text)
    assert [c.network for c in read.all(Container)] == ["lan" if driver in ("macvlan", "ipvlan") else "own"]
    assert [p.port for p in read.all(Publication)] == [6379]
    assert read.all(Problem) == []


@pytest.mark.parametrize("setting", ["PROMETHEUS_URL=http://localhost:9090", "PROMETHEUS_MULTIPROC_DIR=/tmp"])
def test_a_setting_of_prometheus_that_a_browser_may_use_is_no_connection(setting: str) -> None:
    assert Read(services(f"web:\n  image: x\n  environment: ['{setting}']")).all(Connection) == []


@pytest.mark.parametrize(
    ("mount", "known"),
    [
        ("", True),
        ("volumes: [data:/mosquitto/data]", True),
        ("volumes: [./mosquitto.conf:/mosquitto/config/mosquitto.conf:ro]", False),
        ("volumes: [/mosquitto/config]", False),
        ("volumes: [{type: bind, source: ./conf, target: /mosquitto/config}]", False),
        ("configs: [{source: conf, target: /mosquitto/config/mosquitto.conf}]", False),
        ("configs: [conf]", True),
    ],
)
def test_what_is_mounted_over_a_configuration_leaves_the_images_guard_unknown(mount: str, known: bool) -> None:  # noqa: FBT001 - a row of a table
    read = Read(services(f"bus:\n  image: eclipse-mosquitto:2.1\n  {mount}"))
    assert [g.on for g in read.all(Guard)] == ([False] if known else [])
