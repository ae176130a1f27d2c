"""Settings of a container that name a host to connect to: which variables are meant so, and which hosts they name.

A variable is an address of a service when its name says so (`DB_HOST`, `DATABASE_URL`, `KAFKA_BROKERS`). What is meant
for browsers or for other machines (`PUBLIC_URL`, `CORS_ORIGINS`, `NEXT_PUBLIC_…`) may well say localhost. An http URL
may be meant for either, so it counts only where the name names a service that browsers do not talk to.
Names and schemes: the 50 of 797 compose files of public repositories that have localhost in an `environment`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from bindlint.addresses import SCHEMES, Families, Kind, Piece, classify, split
from bindlint.facts import Address, Binding, Connection, Known
from bindlint.readers.commands.text import Text, expand
from bindlint.source import Slot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bindlint.facts import Word

MAX_LENGTH = 4_000  # of a value that is searched for hosts
MAX_DIGITS = 5  # of a port

_SETTABLE = 256  # of a value that may be an address to listen on

_ADDRESS = re.compile(
    r"(?:^|_)(?:HOST|HOSTS|HOSTNAME|URL|URLS|URI|URIS|DSN|SERVER|SERVERS|BROKER|BROKERS|ADDR|ADDRS|ADDRESS|ADDRESSES|ENDPOINT"
    r"|ENDPOINTS|NODES|DATABASE|CONNECTION|CONNECTIONSTRING|CONNECTION_STRING|DB|CACHE|BACKEND|UPSTREAM|TARGET|PEERS)(?:$|_)"
)
_FOR_OTHERS = re.compile(
    r"ORIGIN|CORS|CSRF|PUBLIC|(?:^|_)BASE_?URL|(?:^|_)ROOT_?URL|SITE|CALLBACK|^VITE_|^REACT_APP_|^NG_|^VUE_APP_|^GATSBY_|ADVERTISE|REDIRECT|WEBHOOK"
    r"|ALLOWED|TRUSTED|DOMAIN|FRONTEND|EXTERNAL|COOKIE|NO_PROXY|SERVER_NAME|VIRTUAL_HOST|ISSUER|AUTH_URL|APP_URL|HOMEPAGE|LISTEN|BIND"
    r"|CLIENT|BROWSER|WEB_URL|UI_URL|DOCS"
)
# The port of the service that a name speaks of, from the IANA registry of service names or the service's own default.
_SERVICES = {
    "POSTGRES": 5432, "POSTGRESQL": 5432, "PG": 5432, "PGHOST": 5432, "MYSQL": 3306, "MARIADB": 3306, "MSSQL": 1433,
    "MONGO": 27017, "MONGODB": 27017, "REDIS": 6379, "VALKEY": 6379, "MEMCACHED": 11211, "MEMCACHE": 11211,
    "RABBITMQ": 5672, "RABBIT": 5672, "AMQP": 5672, "KAFKA": 9092, "ZOOKEEPER": 2181, "NATS": 4222, "MQTT": 1883,
    "ELASTICSEARCH": 9200, "ELASTIC": 9200, "OPENSEARCH": 9200, "ES": 9200, "SOLR": 8983, "MEILI": 7700,
    "MEILISEARCH": 7700, "CASSANDRA": 9042, "CLICKHOUSE": None, "INFLUXDB": 8086, "INFLUX": 8086, "NEO4J": 7687,
    "QDRANT": 6333, "ETCD": 2379, "CONSUL": 8500, "VAULT": 8200, "LDAP": 389, "SMTP": None, "MAIL": None,
    "EMAIL": None, "DB": None, "DATABASE": None, "SQL": None, "BROKER": None, "CACHE": None, "CELERY": None,
    "QUEUE": None,
}  # fmt: skip
_LABEL = re.compile(r"(?!localhost$)[A-Za-z][A-Za-z0-9_-]{0,62}", re.IGNORECASE)  # the name of a service, not of a site
_BROWSED = ("http", "https", "ws", "wss", "")
# `host=db port=5432`, `Server=db,1433;…`, `user:password@tcp(db:3306)/name`
_KEYED = re.compile(
    r"(?:^|[;\s])(?:host|server|data source|hostaddr)\s*=\s*(?:tcp:)?([^;\s,]+)(?:,\s*(\d{1,5}))?", re.IGNORECASE
)
_KEYED_PORT = re.compile(r"(?:^|[;\s])port\s*=\s*(\d{1,5})", re.IGNORECASE)
_QUOTED = re.compile(r"[\"']([^\"'\s]+)[\"']")
_PROTOCOL = re.compile(r"@tcp\(([^)\s]+)\)")


def bindings(variables: Mapping[str, Word], container: str) -> Iterator[Binding]:
    """The variables of a container as addresses, for the code that reads one with a default of its own."""
    for name, word in variables.items():
        if len(word.text) > _SETTABLE:
            continue
        value = expand(word, variables)
        piece = next(iter(split(value.text, "url")), None)
        if piece is None:
            continue
        kind, families = (Kind.UNKNOWN, Families.UNKNOWN) if value.missing else classify(piece.host)
        known = Known.UNKNOWN if kind is Kind.UNKNOWN else Known.CONSTANT
        yield Binding(word.site, name, Address(value.text, kind, known, families, maybe=name), container)


def connections(environment: Mapping[str, Word], container: str) -> Iterator[Connection]:
    """The hosts that the variables of a container name: this machine itself, and others by a name without a domain."""
    for name, word in environment.items():
        if len(word.text) > MAX_LENGTH or not is_address_name(name):
            continue
        text = expand(word, {key: other for key, other in environment.items() if key != name})
        for piece in _pieces(text.text):
            if _of_service(name, piece) or _LABEL.fullmatch(piece.host):
                yield from _connection(name, piece, text, environment, container)


def is_address_name(name: str) -> bool:
    """Whether a variable of this name is the address of something to connect to."""
    upper = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[.\-]+|__", "_", name).upper()
    return bool(_ADDRESS.search(upper) or upper == "PGHOST") and not _FOR_OTHERS.search(upper)


def _pieces(text: str) -> Iterator[Piece]:
    keyed = list(_KEYED.finditer(text)) if "=" in text and "://" not in text else []
    for match in keyed:
        port = match[2] or (other[1] if (other := _KEYED_PORT.search(text)) else "")
        yield Piece(match[1], match.start(1), match.end(1), int(port) if port else None, "keyed")
    if keyed:
        return
    if protocol := _PROTOCOL.search(text):
        yield from (replace(piece, scheme="tcp") for piece in _moved(protocol[1], protocol.start(1), "host:port"))
        return
    if text.lstrip().startswith("["):  # a JSON list
        for match in _QUOTED.finditer(text):
            yield from _moved(match[1], match.start(1), "url")
        return
    yield from split(text.partition(";")[0].rstrip(), "url", ",")


def _moved(text: str, by: int, form: str) -> Iterator[Piece]:
    for piece in split(text, form):
        yield replace(piece, start=piece.start + by, end=piece.end + by)


def _of_service(name: str, piece: Piece) -> bool:
    """Whether this host is one that the container itself connects to."""
    return piece.scheme.rpartition(":")[2] not in _BROWSED or _service(name) is not None


def _service(name: str) -> str | None:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper().replace("-", "_").replace(".", "_").split("_")
    return next((word for word in words if word in _SERVICES), None)


def _connection(
    name: str, piece: Piece, text: Text, environment: Mapping[str, Word], container: str
) -> Iterator[Connection]:
    kind, families = classify(piece.host)
    if kind not in (Kind.LOOPBACK, Kind.LOCALHOST) and not (kind is Kind.SPECIFIC and _LABEL.fullmatch(piece.host)):
        return
    place = text.slot(piece.start, piece.end)
    slot = Slot(place) if place is not None else None
    known = text.known(piece.start, piece.end)
    address = Address(piece.host, kind, known, families, slot, text.trail(piece.start, piece.end))
    port = piece.port if piece.port is not None else _port(name, piece.scheme, environment)
    yield Connection(text.site(piece.start, piece.end), name, address, port, container=container)


def _port(name: str, scheme: str, environment: Mapping[str, Word]) -> int | None:
    """The port that goes with a host: of the scheme, the variable beside it (`DB_PORT` for `DB_HOST`), the service."""
    if scheme.removeprefix("jdbc:").partition("+")[0] in SCHEMES:
        return SCHEMES[scheme.removeprefix("jdbc:").partition("+")[0]]
    for word in ("HOSTNAME", "HOST", "ADDRESS", "ADDR", "SERVER"):
        beside = environment.get(name.replace(word, "PORT")) if word in name else None
        if beside is not None:
            number = expand(beside, {}).text
            return int(number) if number.isdecimal() and len(number) <= MAX_DIGITS else None
    service = _service(name)
    return _SERVICES[service] if service else None
