"""What our tables say of a configuration is what the kernel saw its server bind: 400 measured cases.

`servers_oracle.tsv` holds the cases: a server, its configuration, and the sockets it opened in a network namespace of
its own, where `localhost` is 127.0.0.1 and ::1.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bindlint.addresses import Families, Kind
from bindlint.facts import Listener
from bindlint.knowledge import Knowledge, rules_root
from bindlint.readers import grammars
from bindlint.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

KNOWLEDGE = Knowledge(rules_root())

# Under which name and in which surroundings a case's configuration stands.
FILES = {
    "redis": ("redis.conf", "{}"),
    "redis-guard": ("redis.conf", "{}"),
    "redis-sentinel": ("sentinel.conf", "{}"),
    "memcached": ("memcached.conf", "{}"),
    "mariadb": ("my.cnf", "{}"),
    "postgresql": ("postgresql.conf", "max_connections = 100\n{}"),
    "mosquitto": ("mosquitto.conf", "{}"),
    "rabbitmq": ("rabbitmq.conf", "{}"),
    "etcd": ("etcd.conf.yml", "name: default\n{}"),
    "nginx": ("nginx.conf", "{}"),
    "haproxy": ("haproxy.cfg", "frontend f\n  {}"),
    "zookeeper": ("zoo.cfg", "{}"),
    "uwsgi": ("uwsgi.ini", "[uwsgi]\n{}"),
    "supervisord": ("supervisord.conf", "{}"),
    "sshd": ("sshd_config", "{}"),
    "php-fpm": ("www.conf", "[www]\n{}"),
    "systemd-socket": ("app.socket", "[Socket]\n{}"),
    "pgbouncer": ("pgbouncer.ini", "[pgbouncer]\n{}"),
    "squid": ("squid.conf", "http_access deny all\n{}"),
    "unbound": ("unbound.conf", "server:\n {}"),
    "dnsmasq": ("dnsmasq.conf", "no-resolv\n{}"),
    "vsftpd": ("vsftpd.conf", "{}"),
    "rsyncd": ("rsyncd.conf", "{}"),
    "lighttpd": ("lighttpd.conf", 'server.document-root = "/srv"\n{}'),
    "stunnel": ("stunnel.conf", "[s]\n{}"),
    "tinyproxy": ("tinyproxy.conf", "{}"),
    "privoxy": ("privoxy.conf", "{}"),
    "snmpd": ("snmpd.conf", "{}"),
    "cups": ("cupsd.conf", "{}"),
    "apache": ("httpd.conf", "ServerRoot /etc\n{}"),
    "influxdb": ("influxdb.conf", "reporting-disabled = true\n{}"),
    "traefik": ("traefik.yml", "providers: {{}}\n{}"),
}

# Sockets that no key of the file opens: Erlang's port mapper and distribution, snmpd's SMUX, Squid's DNS client.
ALWAYS = {"rabbitmq": (4369, 25672), "snmpd": (199,)}
DNS = ("dnsmasq", "unbound")  # the same socket again over TCP; the tables state the one over UDP
EPHEMERAL = 32768

# (server, case): why the file alone does not say what was bound.
BEYOND = {
    ("redis", "trailing comment"): "the words of the comment are taken for addresses, and the server exits",
    ("redis", "include after bind"): "the included file decides",
    ("redis", "CLI overrides file"): "the command line decides",
    ("mariadb", "list with space"): "this version refuses a blank after the comma",
    ("mariadb", "[mysqld_safe] ignored"): "a file without a group for the server states no default of it",
    ("memcached", "-l INADDR_ANY"): "a name that does not resolve",
    ("postgresql", "include after"): "the included file decides",
    ("postgresql", "include before"): "the included file decides",
    ("postgresql", "unresolvable extra"): "a name that does not resolve",
    ("postgresql", "postgresql.auto.conf wins"): "another file decides",
    ("postgresql", "unquoted *"): "a syntax error, reported as a problem; the server exits",
    ("postgresql", "unquoted ip"): "a syntax error, reported as a problem; the server exits",
    ("mosquitto", "websockets"): "the package was built without them",
    ("mosquitto", "socket_domain ipv4"): "another key takes one of the families away",
    ("sshd", "AddressFamily inet"): "another key takes one of the families away",
    ("unbound", "do-ip6 no"): "another key takes one of the families away",
    ("lighttpd", "use-ipv6 v6only off"): "another key adds a family",
    ("unbound", "eth0 name"): "the interface had an address that was not ready",
    ("etcd", "env"): "the environment decides",
    ("etcd", "flag beats env"): "the command line decides",
    ("etcd", "env+config file"): "the environment is no part of the file",
    ("influxdb", "env beats file"): "the environment decides",
    ("influxdb", "absent"): "a file without the section states no default of it",
    ("influxdb", "rpc wildcard"): "a file without the section states no default of it",
    ("influxdb", "udp+graphite"): "a file without the section states no default of it",
    ("nginx", "wildcard swallows loopback"): "the wildcard socket serves both",
    ("sshd", "two addresses accumulate"): "the wildcard socket serves both",
    ("nginx", "range"): "a range is one listener whose port is not one number",
    ("haproxy", "range"): "a range is one listener whose port is not one number",
    ("haproxy", "env default"): "decided at run time",
    ("haproxy", "stats socket tcp"): "written as prose; an example of the row",
    ("haproxy", "log/peers bind"): "written as prose",
    ("apache", "repeated"): "both cannot be bound, and the server exits",
    ("dnsmasq", "listen localhost"): "refused, and the server exits",
    ("uwsgi", "auto port *:0"): "refused for http-socket",
    ("zookeeper", "prometheus metrics"): "the package was built without them",
    ("rabbitmq", "NODE_IP_ADDRESS"): "the environment decides",
    ("rabbitmq", "management default"): "written as prose",
    ("rabbitmq", "all closed"): "written as prose",
}


def cases() -> Iterator[tuple[str, str, str, str]]:
    with (Path(__file__).parent / "servers_oracle.tsv").open(encoding="utf-8", newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["server"] in FILES and (row["server"], row["case"]) not in BEYOND:
                yield row["server"], row["case"], row["config"], row["listeners"]


def configuration(server: str, config: str) -> str:
    if server == "memcached":
        flags = config.removeprefix("memcached").strip()
        return "-m 64\n" + re.sub(r" (?=-[a-zA-Z])", "\n", flags)
    text = "" if config == "(empty)" else config.replace("\\n", "\n").replace("{D}", "/run")
    return FILES[server][1].format(text)


def bound(server: str, listeners: str) -> set[tuple[int, str, str]]:
    """The sockets that the kernel saw: (port, protocol, how far, per family)."""
    found = set()
    for socket in listeners.split():
        match = re.fullmatch(r"(tcp|udp):(.*):(\d+)(?:\((\w+)\))?", socket)
        assert match, socket
        protocol, host, port, families = match[1], match[2].strip("[]"), int(match[3]), match[4]
        if port in ALWAYS.get(server, ()) or port >= EPHEMERAL:
            continue
        host = host.removeprefix("::ffff:")
        if host == "::":
            found.add((port, protocol, "wildcard v6"))
            if families == "dual":
                found.add((port, protocol, "wildcard v4"))
        elif host == "0.0.0.0":
            found.add((port, protocol, "wildcard v4"))
        elif host == "::1" or host.startswith("127."):
            found.add((port, protocol, f"loopback {'v6' if ':' in host else 'v4'}"))
        else:
            found.add((port, protocol, "specific"))
    twins = {(port, "tcp", reach) for port, protocol, reach in found if protocol == "udp"}
    return found - twins if server in DNS else found


def stated(server: str, text: str) -> set[tuple[int, str, str]]:
    """The same, as the facts of the file say it."""
    found = set()
    for fact in grammars.read(Source(FILES[server][0], text), KNOWLEDGE):
        if not isinstance(fact, Listener) or fact.port is None:
            continue
        kind = {Kind.LOCALHOST: Kind.LOOPBACK}.get(fact.address.kind, fact.address.kind)
        if kind is Kind.SPECIFIC:
            found.add((fact.port, fact.protocol, "specific"))
            continue
        both = fact.address.families in (Families.DUAL, Families.UNKNOWN)
        for family in ("v4", "v6") if both else (fact.address.families.value,):
            found.add((fact.port, fact.protocol, f"{kind.value} {family}"))
    return found


@pytest.mark.parametrize(("server", "case", "config", "listeners"), list(cases()))
def test_the_file_says_what_the_kernel_saw(server: str, case: str, config: str, listeners: str) -> None:
    del case
    text = configuration(server, config)

    assert KNOWLEDGE.servers.owner(FILES[server][0], text.encode()) is not None
    assert stated(server, text) == bound(server, listeners)
