"""Image families: what a container listens on when nothing is said, and what variables and arguments change."""

from __future__ import annotations

import pytest

from bindlint.addresses import Families
from bindlint.facts import Fact, Guard, Known, Launch, Listener, Word
from bindlint.knowledge import Knowledge, rules_root
from bindlint.readers import images
from bindlint.readers.commands import Context, shell_words
from bindlint.source import Source

KNOWLEDGE = Knowledge(rules_root())


def facts(
    image: str, command: str = "", *, complete: bool = True, mounts: tuple[str, ...] = (), **variables: str
) -> list[Fact]:
    text = f"{image}\n{command}"
    source = Source("compose.yaml", text)
    words = [w for words in shell_words(source, len(image) + 1, len(text)) for w in words]
    place = source.site(0, len(image))
    environment = {name.replace("__DOT__", "."): Word(value, place) for name, value in variables.items()}
    context = Context(KNOWLEDGE, "c", environment, complete=complete, mounts=mounts)
    return list(images.run(Word(image, place), words or None, context))


def listeners(image: str, command: str = "", **variables: str) -> list[tuple[str, str, int | None, str]]:
    found = [f for f in facts(image, command, **variables) if isinstance(f, Listener)]
    assert all(f.container == "c" for f in found)
    return [(f.software, f.address.kind.value, f.port, f.role) for f in found]


def guards(image: str, command: str = "", *, complete: bool = True, **variables: str) -> list[bool]:
    return [f.on for f in facts(image, command, complete=complete, **variables) if isinstance(f, Guard)]


@pytest.mark.parametrize(
    ("image", "software"),
    [
        ("redis", "redis"),
        ("redis:7-alpine", "redis"),
        ("docker.io/library/redis:7", "redis"),
        ("localhost:5000/redis", "redis"),
        ("redis@sha256:0123", "redis"),
        ("bitnami/redis:7.2", "redis"),
        ("bitnamilegacy/redis-sentinel", "redis"),
        ("registry.example:5000/team/redis", "redis"),
        ("postgis/postgis:16-3.4", "postgresql"),
        ("docker.elastic.co/elasticsearch/elasticsearch:8.1.0", "elasticsearch"),
        ("quay.io/coreos/etcd", "etcd"),
        ("docker.n8n.io/n8nio/n8n", "n8n"),
        ("ghcr.io/valkey-io/valkey:8", "redis"),
        ("quay.io/prometheus/prometheus", "prometheus"),
        ("prom/alertmanager", "alertmanager"),
        ("quay.io/prometheus/node-exporter", "node-exporter"),
        ("prom/pushgateway", "pushgateway"),
        ("quay.io/jupyter/base-notebook", "jupyter"),
        ("${REGISTRY}/redis:7", "redis"),
        ("python:3.12", ""),
        ("node", ""),
        ("eclipse-mosquitto:2.0", ""),
        ("eclipse-mosquitto:2.1.2-alpine", "mosquitto"),
        ("eclipse-mosquitto", "mosquitto"),
        ("lscr.io/linuxserver/socket-proxy:latest", "docker"),
        ("mcr.microsoft.com/azure-storage/azurite", "azurite"),
        ("ghcr.io/ggml-org/llama.cpp:server-cuda", "llama.cpp"),
        ("ghcr.io/ggml-org/llama.cpp:light", ""),
        ("wordpress:6-php8.3-fpm-alpine", "php-fpm"),
        ("wordpress", "wordpress"),
        ("php:8.3-cli", ""),
        ("kibana:7.17.9", "kibana"),
        ("docker:27", ""),
        ("docker:27-dind", "docker"),
        ("", ""),
    ],
)
def test_an_image_belongs_to_a_family_by_its_repository(image: str, software: str) -> None:
    found = images.family(image, KNOWLEDGE)

    assert (found.software if found else "") == software


def test_an_image_listens_by_its_default_at_the_image_itself() -> None:
    listener = facts("redis:7")[0]

    assert isinstance(listener, Listener)
    assert (listener.address.known, listener.site.span.start, listener.site.span.end) == (Known.DEFAULT, 0, 7)
    assert listener.address.slot is None
    assert listener.surface == "datastore"


@pytest.mark.parametrize(
    ("image", "command", "variables", "found"),
    [
        ("redis:7", "--port 7000", {}, [("redis", "wildcard", 7000, "main")]),
        ("redis:7", "redis-server --bind 127.0.0.1", {}, [("redis", "loopback", 6379, "main")]),
        ("redis:7", "sh -c 'redis-server --requirepass x'", {}, [("redis", "wildcard", 6379, "main")]),
        ("redis:7", "redis-sentinel /etc/s.conf", {}, [("redis", "wildcard", 6379, "main")]),
        ("redis:7", "uvicorn a:app", {}, [("uvicorn", "loopback", 8000, "main")]),
        ("postgres:16", "-c listen_addresses=localhost", {}, [("postgresql", "localhost", 5432, "main")]),
        ("postgres:16", "postgres -c shared_buffers=1GB", {}, [("postgresql", "wildcard", 5432, "main")]),
        ("mongo", "--bind_ip 127.0.0.1", {}, [("mongodb", "loopback", 27017, "main")]),
        ("ollama/ollama", "", {"OLLAMA_HOST": "127.0.0.1"}, [("ollama", "loopback", 11434, "main")]),
        (
            "minio/minio",
            'server /data --console-address ":9001"',
            {},
            [("minio", "wildcard", 9001, "admin"), ("minio", "wildcard", 9000, "main")],
        ),
        (
            "apache/kafka",
            "",
            {"KAFKA_LISTENERS": "PLAINTEXT://:19092,CONTROLLER://127.0.0.1:9093"},
            [("kafka", "wildcard", 19092, "main"), ("kafka", "loopback", 9093, "main")],
        ),
        (
            "quay.io/coreos/etcd",
            "/usr/local/bin/etcd --listen-client-urls http://0.0.0.0:2379",
            {},
            [("etcd", "wildcard", 2379, "main"), ("etcd", "loopback", 2380, "cluster")],
        ),
        (
            "docker:dind",
            "",
            {"DOCKER_TLS_CERTDIR": ""},
            [("docker", "wildcard", 2376, "main"), ("docker", "wildcard", 2375, "main")],
        ),
        ("docker:dind", "", {}, [("docker", "wildcard", 2376, "main")]),
        ("n8nio/n8n", "worker", {"N8N_LISTEN_ADDRESS": "127.0.0.1"}, [("n8n", "loopback", 5678, "main")]),
        ("traefik:v3", "--entrypoints.web.address=127.0.0.1:80", {}, [("traefik", "loopback", 80, "main")]),
        ("python:3.12", "uvicorn a:app --host 0.0.0.0", {}, [("uvicorn", "wildcard", 8000, "main")]),
        ("prom/prometheus", "--config.file=/p.yml", {}, [("prometheus", "wildcard", 9090, "main")]),
        ("prom/node-exporter", "", {}, [("node-exporter", "wildcard", 9100, "metrics")]),
        (
            "cockroachdb/cockroach",
            "start-single-node --insecure --listen-addr=127.0.0.1:26257",
            {},
            [("cockroachdb", "loopback", 26257, "main")],
        ),
        (
            "redpandadata/redpanda",
            "start --kafka-addr internal://0.0.0.0:9092,external://0.0.0.0:19092",
            {},
            [("redpanda", "wildcard", 9092, "main"), ("redpanda", "wildcard", 19092, "main")],
        ),
        (
            "confluentinc/cp-kafka",
            "",
            {"KAFKA_JMX_PORT": "9101"},
            [("kafka", "wildcard", 9092, "main"), ("kafka", "wildcard", 9101, "debug")],
        ),
        ("python:3.12", "", {}, []),
    ],
)
def test_arguments_and_variables_change_what_an_image_listens_on(
    image: str, command: str, variables: dict[str, str], found: list[tuple[str, str, int | None, str]]
) -> None:
    assert listeners(image, command, **variables) == found


@pytest.mark.parametrize(
    ("image", "command", "variables", "found"),
    [
        ("redis:7", "", {}, [False]),
        ("redis:7", "--requirepass x", {}, [True]),
        ("redis/redis-stack-server", "", {}, [False]),
        ("redis/redis-stack", "", {"REDIS_ARGS": "--save 60 1000"}, [False]),
        ("redis/redis-stack", "", {"REDIS_ARGS": "--save 60 1000 --requirepass x"}, [True]),
        ("redislabs/redismod", "", {}, []),
        ("cockroachdb/cockroach", "start-single-node --insecure", {}, [False]),
        ("cockroachdb/cockroach", "start --certs-dir=/certs", {}, []),
        ("qdrant/qdrant", "", {"QDRANT__SERVICE__API_KEY": "x"}, [True]),
        ("getmeili/meilisearch", "meilisearch --master-key=x", {}, []),
        ("redis:7", "redis-server --requirepass x", {}, [True]),
        ("redis:7", "sh -c 'redis-server --requirepass x'", {}, [True]),
        ("redis:7", "redis-server /etc/redis.conf", {}, []),
        ("redis:7", "./start.sh", {}, []),
        ("valkey/valkey:8", "", {}, [False]),
        ("bitnami/redis", "", {}, []),
        ("bitnami/redis", "", {"ALLOW_EMPTY_PASSWORD": "yes"}, [False]),
        ("postgres", "", {}, []),
        ("postgres", "", {"POSTGRES_HOST_AUTH_METHOD": "trust"}, [False]),
        ("mongo", "", {}, [False]),
        ("mongo", "--replSet rs0", {}, [False]),
        ("mongo", "--auth", {}, [True]),
        ("mongo", "", {"MONGO_INITDB_ROOT_USERNAME": "a"}, [True]),
        ("elasticsearch:7.17.0", "", {}, [False]),
        ("elasticsearch:8.0.0", "", {}, []),
        ("elasticsearch:8.0.0", "", {"xpack__DOT__security__DOT__enabled": "false"}, [False]),
        ("rabbitmq:3-management", "", {}, [False]),
        ("rabbitmq:3-management", "", {"RABBITMQ_DEFAULT_USER": "a"}, [True]),
        ("neo4j", "", {"NEO4J_AUTH": "none"}, [False]),
        ("nats:2", "", {}, [False]),
        ("nats:2", "--auth secret", {}, [True]),
        ("nats:2", "-c /my.conf", {}, []),
        ("registry:2", "", {}, [False]),
        ("registry:2", "", {"REGISTRY_AUTH": "htpasswd"}, [True]),
        ("ghcr.io/open-webui/open-webui", "", {}, []),
        ("ghcr.io/open-webui/open-webui", "", {"WEBUI_AUTH": "False"}, [False]),
        ("provectuslabs/kafka-ui", "", {"AUTH_TYPE": "OAUTH2"}, [True]),
        ("milvusdb/milvus", "milvus run standalone", {}, [False]),
        ("grafana/grafana", "", {"GF_AUTH_ANONYMOUS_ORG_ROLE": "Viewer"}, []),
    ],
)
def test_guards_of_an_image(image: str, command: str, variables: dict[str, str], found: list[bool]) -> None:
    assert guards(image, command, **variables) == found


def test_a_guard_is_not_said_to_be_off_where_variables_could_not_be_read() -> None:
    assert guards("mongo", complete=False) == []


@pytest.mark.parametrize(
    ("image", "mounts", "found"),
    [
        ("eclipse-mosquitto:2", (), [False]),
        ("eclipse-mosquitto:2", ("/mosquitto/data",), [False]),
        ("eclipse-mosquitto:2", ("/mosquitto/config/mosquitto.conf",), []),
        ("eclipse-mosquitto:2", ("/mosquitto/config/",), []),
        ("eclipse-mosquitto:2", ("/mosquitto",), []),
        ("eclipse-mosquitto:2", ("/mosquitto/config.bak",), [False]),
        ("rabbitmq:4", ("/etc/rabbitmq/enabled_plugins",), [False]),
        ("rabbitmq:4", ("/etc/rabbitmq/conf.d/20-login.conf",), []),
    ],
)
def test_a_guard_is_not_said_to_be_off_where_the_users_own_configuration_lies(
    image: str, mounts: tuple[str, ...], found: list[bool]
) -> None:
    assert [f.on for f in facts(image, mounts=mounts) if isinstance(f, Guard)] == found


def test_a_front_proxy_says_so() -> None:
    found = [f for f in facts("nginx:1.27", 'nginx -g "daemon off;"') if isinstance(f, Listener)]

    assert [(f.front, f.port) for f in found] == [(True, 80)]


def test_a_command_of_an_unknown_image_is_read_as_a_command() -> None:
    assert [f.files for f in facts("registry.example/shop", "python app.py") if isinstance(f, Launch)] == [("app.py",)]


@pytest.mark.parametrize(
    ("words", "own"),
    [("--auth", True), ("mongod --auth", True), ("", True), ("bash", False), ("mongosh x", False)],
)
def test_whether_words_go_to_the_images_own_program(words: str, own: bool) -> None:  # noqa: FBT001 - a table's cell
    source = Source("x", words)
    split = [w for command in shell_words(source, 0, len(words)) for w in command]

    assert images.takes("mongo:7", split, KNOWLEDGE) is own


def told(image: str, **variables: str) -> list[tuple[str, str, int | None]]:
    place = Source("compose.yaml", image).site(0, 0)
    environment = {name: Word(value, place) for name, value in variables.items()}
    found = images.told(image, Context(KNOWLEDGE, "c", environment))
    return [(f.software, f.address.kind.value, f.port) for f in found if isinstance(f, Listener)]


def test_some_variables_name_the_program_whatever_the_image() -> None:
    assert told("registry.example/broker", KAFKA_LISTENERS="PLAINTEXT://:19092") == [("kafka", "wildcard", 19092)]
    assert told("", FLASK_RUN_HOST="0.0.0.0") == [("flask", "wildcard", 5000)]
    assert told("", OLLAMA_HOST="0.0.0.0") == []
    assert told("apache/kafka", KAFKA_LISTENERS="PLAINTEXT://:19092") == []


@pytest.mark.parametrize("image", [name for row in KNOWLEDGE.images for name in row.names if "*" not in name])
def test_no_image_takes_ipv6_clients_only(image: str) -> None:
    """On Linux a socket bound to [::] takes IPv4 clients too, unless it is told not to; no image here tells it so."""
    families = [f.address.families for f in facts(image) if isinstance(f, Listener)]

    assert Families.V6 not in families
