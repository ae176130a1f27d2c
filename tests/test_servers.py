"""Server configurations: whose file it is, what each grammar makes of it, and where exactly everything stands."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from projects import told

from bindlint.addresses import Families, Kind
from bindlint.errors import KnowledgeError
from bindlint.facts import Connection, Fact, Guard, Known, Launch, Listener, Problem
from bindlint.knowledge import Knowledge, rules_root
from bindlint.knowledge.load import parse
from bindlint.knowledge.servers import rows
from bindlint.readers import grammars
from bindlint.source import Source

KNOWLEDGE = Knowledge(rules_root())


def read(path: str, text: str) -> list[Fact | Problem]:
    assert grammars.claims(path, text.encode(), KNOWLEDGE)
    return list(grammars.read(Source(path, text), KNOWLEDGE))


def listeners(path: str, text: str) -> list[Listener]:
    return [fact for fact in read(path, text) if isinstance(fact, Listener)]


def at(text: str, fact: Fact) -> str:
    return text[fact.site.span.start : fact.site.span.end]


def fixed(text: str, listener: Listener) -> str:
    """The text after the loopback address is written into the listener's slot."""
    slot = listener.address.slot
    assert slot is not None
    host = slot.host or ("::1" if listener.address.families is Families.V6 else "127.0.0.1")
    span = slot.site.span
    return f"{text[: span.start]}{slot.before}{host}{slot.after}{text[span.end :]}"


# Whose file it is


@pytest.mark.parametrize(
    ("path", "text", "software"),
    [
        ("deploy/redis.conf", "save 60 1\n", "redis"),
        ("deploy/redis.conf", "", "redis"),
        ("deploy/redis.conf", "# the defaults will do\n\n", "redis"),
        ("deploy/redis.conf.j2", "bind {{ address }}\n", "redis"),
        ("etc/supervisor/conf.d/redis.conf", "[program:redis]\ncommand=redis-server\n", "supervisord"),
        ("sentinel.conf", "port 26379\n", "redis-sentinel"),
        ("nginx/conf.d/site.conf", "server {\n  listen 80;\n}\n", "nginx"),
        ("nginx/default.conf.template", "upstream app {\n}\n", "nginx"),
        ("apache/site.conf", "<VirtualHost *:80>\n</VirtualHost>\n", "apache"),
        ("mongod.conf", "net:\n  bindIp: 127.0.0.1\n", "mongodb"),
        ("mongod.conf", "dbpath=/data\nbind_ip=127.0.0.1\n", "mongodb"),
        ("config/app.ini", "[uwsgi]\nhttp = :80\n", "uwsgi"),
        ("apache2/quoted.conf", 'Listen "8080"\n', "apache"),
        ("tinyproxy.conf", "Listen 127.0.0.1\n", "tinyproxy"),
        ("telegraf/redis.conf", '[[inputs.redis]]\n  servers = ["tcp://localhost:6379"]\n', "telegraf"),
        ("collectd.conf", 'LoadPlugin network\n<Plugin network>\n  Listen "0.0.0.0" "25826"\n</Plugin>\n', "collectd"),
        ("collectd.d/network.conf", '<Plugin "network">\n  Listen "0.0.0.0" "25826"\n</Plugin>\n', "collectd"),
        ("src/main/resources/application.properties", "quarkus.http.port=1\n", "quarkus"),
        ("src/main/resources/application.properties", "server.port=1\n", "spring-boot"),
        ("zigbee/configuration.yaml", "mqtt:\n  base_topic: z\nfrontend: true\n", "zigbee2mqtt"),
        ("ha/configuration.yaml", "default_config:\nhttp:\n", "home-assistant"),
        ("auth/configuration.yml", "access_control: {}\n", "authelia"),
        ("x/config.toml", 'http_addr = "x"\n', "meilisearch"),
        ("x/config.toml", '[p2p]\nladdr = "x"\n', "cometbft"),
        ("x/server.properties", "broker.id=0\n", "kafka"),
        ("deploy/web.service", "[Service]\nExecStart=/bin/true\n", "systemd service"),
    ],
)
def test_a_file_belongs_to_the_server_its_name_and_first_words_say(path: str, text: str, software: str) -> None:
    owner = KNOWLEDGE.servers.owner(path, text.encode())

    assert owner is not None
    assert owner.software == software


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("docs/redis.md", "bind 0.0.0.0\n"),
        ("alembic.ini", "[alembic]\nscript_location = migrations\n"),
        ("log4j.conf", "listener 1883\n"),
        ("k8s/elasticsearch.yml", "apiVersion: v1\nkind: ConfigMap\n"),
        ("ansible/mongod.yml", "- hosts: db\n  tasks: []\n"),
        ("jaas.conf", 'Server {\n  org.example.Login required\n  user="x";\n};\n'),
        ("tox.ini", "[testenv]\ncommands = pytest\n"),
        ("dovecot.conf", "protocols = imap\nlisten = *, [::]\n"),
        ("conf.d/master.conf", "listen = *\n"),
        ("smtpd.conf", "listen on lo0\nlisten on egress port 25\n"),
        ("ntpd.conf", "listen on *\nservers pool.ntp.org\n"),
        ("spire/server.conf", 'server {\n  bind_address = "0.0.0.0"\n}\nplugins {\n  KeyManager "disk" {}\n}\n'),
        ("lexers/caddyfile.go", "package lexers\n\nimport (\n)\n"),
        ("helm/loki-values.yaml", "loki:\n  auth_enabled: false\n"),
        ("grafana/loki.yaml", "datasources:\n  - name: Loki\nschema_config: {}\n"),
        ("alertmanager/config.yaml", "route: {}\nreceivers:\n  - name: web\n"),
        ("site/config.yaml", "service:\n  host: 0.0.0.0\n"),
        ("ansible/settings.yml", "server:\n  host: 0.0.0.0\n"),
        ("vscode/settings.json", '{\n  "editor.tabSize": 2\n}\n'),
        ("rust/config.toml", '[build]\ntarget = "x"\n'),
        ("network.conf", 'Listen "0.0.0.0" "25826"\n'),
        ("rspamd/local.d/redis.conf", 'servers = "127.0.0.1:6379";\n'),
        ("rspamd/redis.conf", 'servers = "127.0.0.1:6379";\n'),
        ("monit/redis.conf", "check process redis with pidfile /run/redis.pid\n"),
        ("init/redis.conf", 'description "redis"\nstart on runlevel [2345]\nexec redis-server\n'),
        ("logrotate.d/redis.conf", "/var/log/redis.log {\n  include /etc/x\n}\n"),
        ("tmpfiles.d/redis.conf", "d /run/redis 0755 redis redis\n"),
        ("sysctl.d/redis.conf", "vm.overcommit_memory = 1\n"),
        ("logstash/redis.conf", "input {\n  redis {\n    port => 6379\n  }\n}\n"),
        ("monit.d/rabbitmq.conf", "check process rabbitmq with pidfile /run/rabbit.pid\n"),
        ("tmpfiles.d/snmpd.conf", "d /run/snmpd 0755 root root\n"),
        ("init/snmpd.conf", "exec /usr/sbin/snmpd\n"),
    ],
)
def test_look_alikes_are_left_alone(path: str, text: str) -> None:
    assert not grammars.claims(path, text.encode(), KNOWLEDGE)


def test_a_row_with_an_unknown_word_is_refused_with_its_line() -> None:
    table = parse("servers/x.toml", b'software = "x"\nsource = "s"\ngrammar = "ini"\nfiles = ["x.ini"]\nport = 1\n')

    with pytest.raises(KnowledgeError, match=r"servers/x\.toml:5: port: expected one of the known keys"):
        rows(table)


# Exact places, one grammar at a time


@pytest.mark.parametrize(
    ("path", "text", "site", "after"),
    [
        ("redis.conf", 'BIND "0.0.0.0"\n', "0.0.0.0", 'BIND "127.0.0.1"\n'),
        ("redis.conf", "bind 127.0.0.1 -::*\n", "-::*", "bind 127.0.0.1 -::1\n"),
        ("mosquitto.conf", "listener 1883\n", "listener 1883", "listener 1883 127.0.0.1\n"),
        ("memcached.conf", "-l notls:0.0.0.0:1\n", "notls:0.0.0.0:1", "-l notls:127.0.0.1:1\n"),
        ("my.cnf", "[mysqld]\r\nbind_address = '*'\r\n", "*", "[mysqld]\r\nbind_address = '127.0.0.1'\r\n"),
        ("uwsgi.ini", "[uwsgi]\nhttp-socket = :8000\n", ":8000", "[uwsgi]\nhttp-socket = 127.0.0.1:8000\n"),
        ("app.socket", "[Socket]\nListenStream=8080\n", "8080", "[Socket]\nListenStream=127.0.0.1:8080\n"),
        ("nginx.conf", "server{listen [::]:80;}", "[::]:80", "server{listen [::1]:80;}"),
        ("nginx.conf", 'server{listen "80" ssl;}', "80", 'server{listen "127.0.0.1:80" ssl;}'),
        ("haproxy.cfg", "listen a\n bind quic4@:443 ssl\n", "quic4@:443", "listen a\n bind quic4@127.0.0.1:443 ssl\n"),
        ("haproxy.cfg", "listen a\n bind :::80 v4v6\n", ":::80", "listen a\n bind 127.0.0.1:80 v4v6\n"),
        (
            "server.properties",
            "listeners=SASL_SSL://:9093\n",
            "SASL_SSL://:9093",
            "listeners=SASL_SSL://127.0.0.1:9093\n",
        ),
        ("postgresql.conf", "listen_addresses = '*' # all\n", "*", "listen_addresses = '127.0.0.1' # all\n"),
        ("mongod.conf", 'net: {bindIp: "0.0.0.0"}\n', "0.0.0.0", 'net: {bindIp: "127.0.0.1"}\n'),
        (
            "etcd.conf.yml",
            "listen-client-urls: http://[::]:1\n",
            "http://[::]:1",
            "listen-client-urls: http://127.0.0.1:1\n",
        ),
        ("elasticsearch.yml", "network.host: [_local_, 0.0.0.0]\n", "0.0.0.0", "network.host: [_local_, 127.0.0.1]\n"),
    ],
)
def test_the_place_is_the_address_and_the_slot_its_host(path: str, text: str, site: str, after: str) -> None:
    found = next(fact for fact in listeners(path, text) if fact.address.kind is Kind.WILDCARD)

    assert at(text, found) == site
    assert fixed(text, found) == after


@pytest.mark.parametrize(
    ("path", "text", "site", "after"),
    [
        ("redis.conf", "# my redis\nsave 60 1\n", "save", "# my redis\nbind 127.0.0.1\nsave 60 1\n"),
        ("redis.conf", "timeout 0\n  port 7000\n", "port 7000", "timeout 0\n  bind 127.0.0.1\n  port 7000\n"),
        (
            "redis.conf",
            "# bind 10.0.0.1\nsave 60 1\n",
            "# bind 10.0.0.1",
            "bind 127.0.0.1\n# bind 10.0.0.1\nsave 60 1\n",
        ),
        ("redis.conf", "", "", "bind 127.0.0.1\n"),
        ("my.cnf", "[mysqld]\nuser = m\n", "[mysqld]", "[mysqld]\nbind-address = 127.0.0.1\nuser = m\n"),
        ("nginx.conf", "server { root /; }", "server", "server {\nlisten 127.0.0.1:80; root /; }"),
        ("zoo.cfg", "clientPort=1\nadmin.enableServer=false\n", "clientPort=1", None),
    ],
)
def test_a_listener_that_is_left_out_is_shown_where_it_belongs(path: str, text: str, site: str, after: str) -> None:
    (found,) = listeners(path, text)

    assert found.address.known is Known.DEFAULT
    assert found.address.kind is Kind.WILDCARD
    assert at(text, found) == site
    assert after is None or fixed(text, found) == after


def test_prose_about_a_setting_is_not_the_setting_commented_out() -> None:
    text = "# bind to all addresses by default, see the manual\nsave 60 1\n"

    (found,) = listeners("redis.conf", text)

    assert at(text, found) == "save"


def test_a_snippet_does_not_imply_the_defaults_of_a_whole_configuration() -> None:
    assert listeners("mysql/conf.d/tuning.cnf", "[mysqld]\nmax_connections = 5\n") == []
    assert listeners("mosquitto/conf.d/tls.conf", "cafile /etc/ca.pem\n") == []


def test_an_address_left_empty_is_the_default_shown_where_it_is_empty() -> None:
    text = "application-port=8081\nserver:\n"
    written = "nifi.web.https.port=8443\nnifi.web.https.host=\n"

    (listener,) = listeners("nifi.properties", written)

    assert listener.address.known is Known.DEFAULT
    assert at(written, listener) == "nifi.web.https.host="
    assert listener.address.slot is None  # a line before it would be overruled by the empty one
    assert [at(text, one) for one in listeners("nexus.properties", text)] == ["application-port=8081"]


def test_a_default_that_an_included_file_may_change_is_uncertain() -> None:
    (found,) = listeners("redis.conf", "include /etc/redis/local.conf\nport 6379\n")

    assert not found.certain


def test_a_server_is_a_set_of_listeners() -> None:
    found = listeners("zoo.cfg", "clientPort=2181\nclientPortAddress=127.0.0.1\n")

    assert [(f.role, f.port, f.address.kind) for f in found] == [
        ("admin", 8080, Kind.WILDCARD),
        ("main", 2181, Kind.LOOPBACK),
    ]


def test_an_address_decided_at_run_time_says_by_what() -> None:
    (found,) = listeners("redis.conf", "bind ${REDIS_BIND}\n")

    assert found.address.kind is Kind.UNKNOWN
    assert found.address.maybe == "REDIS_BIND"


@pytest.mark.parametrize("port", ["$PORT", "${PORT}", "{{ nginx_port }}", "<%= @port %>", "8000-8010"])
def test_a_port_that_is_no_number_is_still_a_port(port: str) -> None:
    (found,) = listeners("nginx.conf.template", f"server {{ listen {port}; }}\n")

    assert (found.address.kind, found.port) == (Kind.WILDCARD, None)


def test_what_a_server_advertises_or_sends_from_is_no_listener() -> None:
    assert [f.address.kind for f in listeners("redis.conf", "bind 127.0.0.1\nbind-source-addr 0.0.0.0\n")] == [
        Kind.LOOPBACK
    ]
    text = "listeners=PLAINTEXT://127.0.0.1:9092\nadvertised.listeners=PLAINTEXT://0.0.0.0:9092\n"
    assert [f.address.kind for f in listeners("server.properties", text)] == [Kind.LOOPBACK]
    assert listeners("haproxy.cfg", "backend b\n source 0.0.0.0 usesrc client\n server n 0.0.0.0\n") == []


# Guards, peers and programs


def guards(path: str, text: str) -> list[tuple[str, str, bool]]:
    return [(at(text, fact), fact.name, fact.on) for fact in read(path, text) if isinstance(fact, Guard)]


def test_redis_without_protected_mode_is_unguarded_unless_a_password_is_set() -> None:
    assert guards("redis.conf", "protected-mode no\n") == [("protected-mode no", "protected-mode", False)]
    assert guards("redis.conf", "protected-mode no\nrequirepass x\n") == [("requirepass x", "requirepass", True)]
    assert guards("redis.conf", "bind 0.0.0.0\n") == []


@pytest.mark.parametrize(
    ("record", "off"),
    [
        ("host all all 0.0.0.0/0 trust", True),
        ("host all all 0.0.0.0 0.0.0.0 trust", True),
        ("hostnossl app app ::/0 trust", True),
        ('host "all" all samenet trust', True),
        ("host all all all trust # everybody", True),
        ("host all all 10.0.0.0/8 trust", True),
        ("host all all 127.0.0.1/32 trust", False),
        ("host all all ::1/128 trust", False),
        ("host all all localhost trust", False),
        ("host all all samehost trust", False),
        ("host all all 0.0.0.0/0 scram-sha-256", False),
        ("local all all trust", False),
        ("host all all 0.0.0.0/0 reject\nhost all all 10.1.0.0/16 trust", False),
        ("host app all 0.0.0.0/0 reject\nhost all all 10.1.0.0/16 trust", True),
    ],
)
def test_pg_hba_trusts_strangers_only_beyond_this_machine_and_when_asked_first(record: str, *, off: bool) -> None:
    assert any(not on for _, _, on in guards("pg_hba.conf", f"{record}\n")) is off


def test_mongod_without_authorization_is_unguarded_at_its_listener() -> None:
    assert guards("mongod.conf", "net:\n  bindIp: 0.0.0.0\n") == [("0.0.0.0", "security.authorization", False)]
    assert guards("mongod.conf", "net:\n  bindIp: 0.0.0.0\nsecurity:\n  keyFile: /k\n") == []


def test_peers_are_connections_with_their_port() -> None:
    text = "upstream a { server localhost:8000; server unix:/run/a; }\nserver { location / { proxy_pass http://a; } }\n"
    found = [fact for fact in read("nginx.conf", text) if isinstance(fact, Connection)]

    assert [(at(text, f), f.address.kind, f.port) for f in found] == [
        ("localhost:8000", Kind.LOCALHOST, 8000),
        ("http://a", Kind.SPECIFIC, None),
    ]


def test_a_supervised_command_over_several_lines_is_one_command() -> None:
    text = "[program:web]\ncommand=/venv/bin/uvicorn app:app\n  --host 0.0.0.0 %(ENV_MORE)s\nuser=www\n"
    found = read("supervisord.conf", text)

    assert [at(text, f) for f in found if isinstance(f, Listener)] == ["0.0.0.0"]
    assert [f.program.rpartition("/")[2] for f in found if isinstance(f, Launch)] == ["uvicorn"]


# What is broken


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("redis.conf", 'save 60 1\nrequirepass "open\nbind 0.0.0.0\n', 2),
        ("my.cnf", "[mysqld]\n= 3\nbind-address = 0.0.0.0\n", 2),
        ("postgresql.conf", "port = 5432\nmax_connections = = 3\nlisten_addresses = '*'\n", 2),
        ("nginx.conf", "server {\n  root /\n}\nserver {\n  listen 0.0.0.0:81;\n}\n", 2),
        ("haproxy.cfg", 'frontend a\n  log "open\n  bind 0.0.0.0:81\n', 2),
        ("elasticsearch.yml", "cluster.name: x\nnode.name: }\nnetwork.host: 0.0.0.0\n", 2),
        ("elasticsearch.yml", "{% if x %}\nnetwork:\n  host: 0.0.0.0 # all\n{% endif %}\n", 1),
    ],
)
def test_a_bad_line_is_one_problem_and_the_rest_is_read(path: str, text: str, line: int) -> None:
    found = read(path, text)

    problems = [fact for fact in found if isinstance(fact, Problem)]
    assert [(p.line, p.partial) for p in problems] == [(line, True)]
    assert any((isinstance(f, Listener) and f.address.text == "0.0.0.0") or "'*'" in text for f in found)


def test_a_bad_record_of_pg_hba_is_one_problem() -> None:
    found = read("pg_hba.conf", "host all all 0.0.0.0/0\nhosts all all 0.0.0.0/0 trust\nhost all all ::/0 trust\n")

    assert [type(fact).__name__ for fact in found] == ["Problem", "Problem", "Guard"]


def test_hostile_nesting_ends_in_a_problem() -> None:
    for text in ("server {" * 5000, "http { " * 5000 + "listen 80;"):
        assert any(isinstance(fact, Problem) for fact in read("nginx.conf", text))


_FILES = {
    "redis.conf": 'bind 0.0.0.0 "x" \'\n',
    "my.cnf": "[mysqld]\nbind-address=*,:: #;\n",
    "nginx.conf": "server { listen 80; ${x} {{ }} \n",
    "haproxy.cfg": "frontend a\n bind :1-2,[::]:3 \\\n",
    "pg_hba.conf": "host all all 0.0.0.0 0.0.0.0 trust\n",
    "postgresql.conf": "port = 1\nlisten_addresses = '*'\n",
    "mongod.conf": "net:\n  bindIp: '0.0.0.0'\n",
    "server.properties": "listeners=A://:1,\\\nB://:2\n",
    "mosquitto.conf": "listener 1883 ::\n",
    "supervisord.conf": "[program:x]\ncommand=a\n b\n",
    "vault.hcl": 'listener "tcp" {\n  address = "[::]:8200"\n}\nx = [1, {a = 2}]\n',
    "nats.conf": "port: 4222\ncluster { name: a, listen: 0.0.0.0:6222 }\n",
    "Caddyfile": "{\n admin :2019\n}\na.example, :8080 {\n bind 127.0.0.1\n}\n",
    "named.conf": "options {\n listen-on port 53 { any; !a; };\n};\n",
    "clickhouse/config.xml": "<clickhouse>\n<listen_host a='\u00e9'>::</listen_host></clickhouse>\n",
}


@settings(max_examples=150)
@given(
    st.sampled_from(sorted(_FILES)),
    st.text(alphabet="[]{}()<>/:=;#'\"`\\ \n\r\t-_.,*01a\u00e9\ufeff$&!", max_size=60),
    st.integers(0, 60),
)
def test_no_text_breaks_a_reader_and_every_place_lies_in_it(path: str, noise: str, where: int) -> None:
    whole = _FILES[path]
    text = whole[:where] + noise + whole[where:]

    for fact in grammars.read(Source(path, text), KNOWLEDGE):
        if isinstance(fact, Problem):
            assert 1 <= fact.line <= text.count("\n") + text.count("\r") + 1
            continue
        assert 0 <= fact.site.span.start <= fact.site.span.end <= len(text)
        slot = fact.address.slot if isinstance(fact, (Listener, Connection)) else None
        if slot is not None:
            assert 0 <= slot.site.span.start <= slot.site.span.end <= len(text)


def test_braces_nest_and_every_scalar_has_a_path() -> None:
    text = """\
listener "tcp" { address = "0.0.0.0:1" } // "tcp" { address = "0.0.0.0:9" }
listener "tcp" {
  /* address = "0.0.0.0:8" */
  custom = [{ address = "0.0.0.0:7" }, "x"]
  note = <<EOT
address = "0.0.0.0:6"
EOT
  address = "0.0.0.0:2"
}
"""
    found = listeners("vault.hcl", text)

    assert [(at(text, one), one.port) for one in found] == [("0.0.0.0:1", 1), ("0.0.0.0:2", 2)]


@pytest.mark.parametrize(
    ("text", "ports"),
    [
        (":8080 {\n}\n", [8080]),
        (":8080 {\n\trespond `}` 200\n}\n:8081 {\n}\n", [8080, 8081]),
        ("http://a.example:8080, b.example:8443,\nc.example {\n}\n", [8080, 8443]),
        ("http://a.example {\n}\n", [80]),
        ("a.example {\n\thandle /x {\n\t\tbind 127.0.0.1\n\t}\n}\n", [443]),
        ("(snippet) {\n\tbind 0.0.0.0\n}\n", []),
        ("{\n\temail a@b.example\n}\nimport sites/*\n", []),
        (":8080\nrespond <<EOF\n:9090 {\n}\nEOF\n", [8080]),
    ],
)
def test_a_site_of_caddy_listens_on_its_ports_whatever_its_host(text: str, ports: list[int]) -> None:
    found = [one for one in listeners("Caddyfile", text) if one.role == "main"]

    assert [(one.address.kind, one.port) for one in found] == [(Kind.WILDCARD, port) for port in ports]


def test_xml_is_read_up_to_its_first_error() -> None:
    text = "<clickhouse>\n<listen_host>::</listen_host>\n<listen_host>0.0.0.0</oops>\n</clickhouse>\n"
    facts = read("clickhouse/config.xml", text)

    assert [(fact.line, fact.partial) for fact in facts if isinstance(fact, Problem)] == [(3, True)]
    assert {at(text, fact) for fact in facts if isinstance(fact, Listener)} == {"::"}


def test_no_entity_of_xml_is_expanded() -> None:
    doctype = '<!DOCTYPE x [<!ENTITY a "0.0.0.0"><!ENTITY b SYSTEM "file:///etc/passwd">]>\n'
    facts = read("clickhouse/config.xml", doctype + "<clickhouse><listen_host>&a;</listen_host></clickhouse>\n")

    assert [type(fact) for fact in facts] == [Problem]


def test_a_place_in_xml_counts_characters_and_not_bytes() -> None:
    hosts = "<listen_host> :: </listen_host><listen_host>0.0.0.0</listen_host>"
    text = f"<clickhouse><!-- \u00e9\U0001f600 -->{hosts}</clickhouse>\n"

    assert [at(text, one) for one in listeners("clickhouse/config.xml", text)] == ["::", "0.0.0.0"]


def test_the_members_of_a_list_of_named_are_its_addresses() -> None:
    text = "options { listen-on port 5353 { !192.0.2.1; 127.0.0.1; }; listen-on-v6 { none; }; };\n"
    found = [one for one in listeners("named.conf", text) if one.role == "main"]

    assert [(at(text, one), one.port, one.address.kind) for one in found] == [("127.0.0.1", 5353, Kind.LOOPBACK)]


INCLUDING = "port 6379\nrequirepass x\n"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"redis.conf": f"{INCLUDING}include /etc/redis/local.cf\n"}, []),  # what is not here may say it
        ({"redis.conf": f"{INCLUDING}include /etc/redis/local.cf\n", "local.cf": "bind 127.0.0.1\n"}, []),
        (
            {"redis.conf": f"{INCLUDING}include /etc/redis/local.cf\n", "local.cf": "maxmemory 1gb\n"},
            [("redis.conf", "port 6379")],
        ),
        ({"redis.conf": f"{INCLUDING}include local.cf\n", "local.cf": "bind 0.0.0.0\n"}, [("local.cf", "0.0.0.0")]),
        ({"redis.conf": f"bind 0.0.0.0\n{INCLUDING}include local.cf\n", "local.cf": "bind 127.0.0.1\n"}, []),
        (
            {"redis.conf": f"include local.cf\nbind 0.0.0.0\n{INCLUDING}", "local.cf": "bind 127.0.0.1\n"},
            [("redis.conf", "0.0.0.0")],
        ),
        (
            {
                "r/redis.conf": f"{INCLUDING}include /etc/redis/x/*.cf\n",
                "r/x/a.cf": "bind 127.0.0.1\n",
                "r/x/b.txt": "bind *\n",
            },
            [],
        ),
        ({"redis.conf": f"{INCLUDING}include redis.conf\n"}, [("redis.conf", "port 6379")]),
        ({"redis.conf": f"{INCLUDING}include ../secret.cf\n", "secret.cf": "bind 127.0.0.1\n"}, []),
    ],
)
def test_what_a_file_includes_it_does_not_leave_out(files: dict[str, str], expected: list[tuple[str, str]]) -> None:
    assert [(path, text) for path, _, text in told(files)] == expected


def test_dovecot_is_not_nginx_although_it_says_listen() -> None:
    text = "protocols = imap lmtp\nlisten = *, [::]\nservice imap-login {\n  inet_listener imap {\n  }\n}\n"

    assert not grammars.claims("dovecot/dovecot.conf", text.encode(), KNOWLEDGE)
    assert not grammars.claims("dovecot.conf", b"listen = *, [::]\n", KNOWLEDGE)


@pytest.mark.parametrize("name", ["values.yaml", "values-prod.yaml", "prod-values.yml"])
def test_the_values_of_a_helm_chart_are_not_what_traefik_reads(name: str) -> None:
    values = b"providers:\n  kubernetesCRD:\n    enabled: true\nping: {}\napi:\n  insecure: true\n"

    assert not grammars.claims(f"charts/traefik/{name}", values, KNOWLEDGE)
    assert grammars.claims("traefik/static.yaml", values, KNOWLEDGE)


@pytest.mark.parametrize("name", ["redis1.conf", "redis-6380.conf", "redis_6379.conf", "redis-server.conf"])
def test_a_redis_file_that_writes_a_port_is_a_whole_configuration(name: str) -> None:
    facts = read(name, "port 6380\nprotected-mode no\n")

    (listener,) = [fact for fact in facts if isinstance(fact, Listener)]
    (guard,) = [fact for fact in facts if isinstance(fact, Guard)]
    assert (listener.address.kind, listener.port, guard.on) == (Kind.WILDCARD, 6380, False)
    assert not listeners(name, "maxmemory 1gb\n")


@pytest.mark.parametrize(
    ("path", "text", "site", "port"),
    [
        ("redis.conf.j2", "bind {{ redis_bind }}\n", "{{ redis_bind }}", 6379),
        ("redis.conf.j2", "bind {{ x | default('0.0.0.0') }}\n", "{{ x | default('0.0.0.0') }}", 6379),
        ("redis.conf.erb", "bind <%= @bind %>\nport <%= @port %>\n", "<%= @bind %>", None),
        ("mosquitto.conf.j2", "listener {{ port }} {{ addr }}\n", "{{ addr }}", None),
        ("httpd.conf.j2", "Listen {{ x }}\n", "{{ x }}", None),
        ("haproxy.cfg.j2", "frontend a\n  bind {{ addr }}:{{ port }} ssl\n", "{{ addr }}:{{ port }}", None),
        ("postgresql.conf.j2", "listen_addresses = {{ x }}\n", "{{ x }}", 5432),
        ("postgresql.conf.j2", "listen_addresses = '{{ x | join(', ') }}'\n", "{{ x | join(', ') }}", 5432),
        ("postgresql.conf.erb", "listen_addresses = '<%= @a['b'] %>' # all\n", "<%= @a['b'] %>' # all", 5432),
        ("elasticsearch.yml.j2", "network.host: {{ es_host }}\n", "{{ es_host }}", 9200),
        ("my.cnf.j2", "[mysqld]\nbind-address = {{ x }}\n", "{{ x }}", 3306),
    ],
)
def test_an_expression_of_a_template_is_one_unknown_word(path: str, text: str, site: str, port: int | None) -> None:
    found = listeners(path, text)[0]

    assert (found.address.kind, found.address.known, found.port) == (Kind.UNKNOWN, Known.UNKNOWN, port)
    assert at(text, found) in (site, site.partition("'")[0])


@pytest.mark.parametrize("value", ["['::']", "[ '::', '::1' ]", "\n      - '::'  # all\n      - '::1'", '\n    - "::"'])
def test_a_list_in_a_template_that_is_no_yaml_is_its_elements(value: str) -> None:
    text = (
        f"{{% if x %}}\na: b\n{{% endif %}}\nlisteners:\n  - port: 8008\n    bind_addresses: {value}\n    type: http\n"
    )
    found = [one for one in listeners("homeserver.yaml", text) if one.address.kind is not Kind.LOOPBACK]

    assert [(at(text, one), one.address.kind, one.address.families) for one in found] == [
        ("::", Kind.WILDCARD, Families.V6)
    ]


@pytest.mark.parametrize("text", ['bind "0.0.0.0\n', 'port 6379\nbind "\n'])
def test_a_key_that_is_written_but_cannot_be_read_is_no_default(text: str) -> None:
    facts = read("redis.conf", text)

    assert [type(fact) for fact in facts] == [Problem]
