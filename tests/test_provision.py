"""Files that cloud-init and Ansible write: each text is read as what it becomes."""

from __future__ import annotations

import pytest
from projects import told

CLOUD = """\
#cloud-config
write_files:
  - path: /etc/redis/redis.conf
    content: |
      bind 0.0.0.0
      protected-mode yes
  - path: /etc/hosts
    append: true
    content: "192.0.2.7 localhost\\n"
"""


def test_the_files_of_cloud_init_are_read_as_what_they_become() -> None:
    assert told({"user-data": CLOUD}) == [
        ("user-data", "exposed-datastore", "0.0.0.0"),
        ("user-data", "hosts-file", "192.0.2.7 localhost"),
    ]


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        (
            "lineinfile:\n        path: /etc/hosts\n        line: 192.0.2.7 localhost",
            ("hosts-file", "192.0.2.7 localhost"),
        ),
        (
            "ansible.builtin.lineinfile:\n        path: /etc/redis/redis.conf\n        line: bind 0.0.0.0",
            ("exposed-datastore", "0.0.0.0"),
        ),
        (
            "blockinfile:\n        dest: /etc/hosts\n        block: |\n          # a\n          192.0.2.7 localhost",
            ("hosts-file", "192.0.2.7 localhost"),
        ),
        (
            'copy:\n        dest: /etc/mosquitto/mosquitto.conf\n        content: "listener 1883 0.0.0.0\\n"',
            ("exposed-datastore", "0.0.0.0"),
        ),
    ],
)
def test_the_tasks_of_ansible_are_read_as_what_they_write(task: str, expected: tuple[str, str]) -> None:
    assert told({"roles/a/tasks/main.yml": f"- name: x\n  block:\n    - {task}\n"}) == [
        ("roles/a/tasks/main.yml", *expected)
    ]


@pytest.mark.parametrize(
    "task",
    [
        "lineinfile: {path: /etc/redis/redis.conf, line: 'port 6380'}",  # what the file binds stands in the rest of it
        "lineinfile: {path: /etc/redis/redis.conf, line: 'bind 127.0.0.1'}",
        "lineinfile: path=/etc/hosts line='192.0.2.7 localhost'",  # not read: no YAML of its own
        "copy: {src: hosts, dest: /etc/hosts}",
        "debug: {msg: 'bind 0.0.0.0'}",
    ],
)
def test_a_piece_of_a_file_says_nothing_by_what_it_leaves_out(task: str) -> None:
    assert told({"roles/a/tasks/main.yml": f"- {task}\n"}) == []
