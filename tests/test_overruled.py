"""What a command line says counts before the file that it names, where the program has it so."""

from __future__ import annotations

from projects import told


def test_the_file_opens_nothing_where_each_start_that_names_it_says_otherwise() -> None:
    files = {"conf/redis.conf": "bind 0.0.0.0\n", "Procfile": "cache: redis-server conf/redis.conf --bind 127.0.0.1\n"}
    assert told(files) == []


def test_the_command_line_is_told_in_place_of_the_file() -> None:
    files = {
        "my.cnf": "[mysqld]\nbind-address = 0.0.0.0\n",
        "Procfile": "db: mariadbd --defaults-file=my.cnf --bind-address=*\n",
    }
    assert [(path, text) for path, _, text in told(files)] == [("Procfile", "*")]


def test_a_start_that_says_nothing_of_the_address_leaves_it_to_the_file() -> None:
    files = {"redis.conf": "bind 0.0.0.0\n", "Procfile": "cache: redis-server redis.conf --port 6380\n"}
    assert [(path, text) for path, _, text in told(files)] == [("redis.conf", "0.0.0.0")]


def test_one_of_several_starts_is_not_all_of_them() -> None:
    starts = "a: redis-server redis.conf --bind 127.0.0.1\nb: redis-server redis.conf\n"
    files = {"redis.conf": "bind 0.0.0.0\n", "Procfile": starts}
    assert [(path, text) for path, _, text in told(files)] == [("redis.conf", "0.0.0.0")]


def test_a_file_that_no_start_names_stands_for_itself() -> None:
    files = {"other/redis.conf": "bind 0.0.0.0\n", "Procfile": "cache: redis-server redis.conf --bind 127.0.0.1\n"}
    assert ("other/redis.conf", "0.0.0.0") in [(path, text) for path, _, text in told(files)]


MOUNTED = """services:
  cache:
    image: redis:7
    command: ["redis-server", "/etc/redis.conf", {options}]
    volumes: ["./redis.conf:/etc/redis.conf"]
    network_mode: host
  db:
    image: mongo:7
    command: --config /etc/mongod.conf {arguments}
    volumes: ["./mongod.conf:/etc/mongod.conf:ro"]
    network_mode: host
"""


def mounted(options: str, arguments: str) -> list[tuple[str, str]]:
    """Of a project whose services mount a file that binds everything, what is said of those files."""
    files = {
        "compose.yaml": MOUNTED.format(options=options, arguments=arguments),
        "redis.conf": "bind 0.0.0.0\n",
        "mongod.conf": "net:\n  bindIp: 0.0.0.0\n",
    }
    return sorted({(path, text) for path, _, text in told(files) if path != "compose.yaml"})


def test_the_command_of_a_service_counts_before_the_file_that_it_mounts() -> None:
    assert mounted('"--port", "6379"', "--quiet") == [("mongod.conf", "0.0.0.0"), ("redis.conf", "0.0.0.0")]
    assert mounted('"--bind", "127.0.0.1"', "--quiet") == [("mongod.conf", "0.0.0.0")]
    assert mounted('"--port", "6379"', "--bind_ip 127.0.0.1") == [("redis.conf", "0.0.0.0")]
