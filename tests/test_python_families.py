"""Which families a server takes, when its own arguments or its class decide that."""

from __future__ import annotations

import pytest
from python_reading import listeners, slots

V6 = "import socket, socketserver\n"


def families(text: str) -> list[tuple[str, str]]:
    return [(fact.address.kind.value, fact.address.families.value) for fact in listeners(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('s = socket.create_server(("", 80))\n', [("wildcard", "v4")]),
        ('s = socket.create_server(("", 80), family=socket.AF_INET6)\n', [("wildcard", "v6")]),
        ('s = socket.create_server(("localhost", 80), family=socket.AF_INET6)\n', [("localhost", "v6")]),
        ('F = socket.AF_INET6\ns = socket.create_server(("", 80), family=F)\n', [("wildcard", "v6")]),
        ('s = socket.create_server("/run/s", family=socket.AF_UNIX)\n', []),
    ],
)
def test_the_family_is_an_argument_of_the_call(text: str, found: list[tuple[str, str]]) -> None:
    assert families(f"import socket\n{text}") == found


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("    pass\n", [("wildcard", "v4")]),
        ("    address_family = socket.AF_INET6\n", [("wildcard", "dual")]),
        (
            (
                "    def __init__(self, *a):\n        self.address_family = socket.AF_INET6\n"
                "        super().__init__((HOST, 80), H)\n"
            ),
            [("wildcard", "dual")],
        ),
        (
            "    if TWO:\n        address_family = socket.AF_INET6\n",
            [("wildcard", "v4")],
        ),
    ],
)
def test_the_family_stands_in_the_class(body: str, found: list[tuple[str, str]]) -> None:
    text = f'{V6}HOST = ""\nclass Server(socketserver.TCPServer):\n{body}Server((HOST, 80), H).serve_forever()\n'
    assert families(text) == found


def test_a_base_of_the_project_says_it_too() -> None:
    text = (
        f"{V6}class Six(socketserver.UDPServer):\n    address_family = socket.AF_INET6\nclass Server(Six):\n    pass\n"
        'Server(("localhost", 53), H).serve_forever()\n'
    )
    assert families(text) == [("localhost", "v6")]


@pytest.mark.parametrize(
    ("endpoint", "found", "fixed"),
    [
        ("'tcp:80'", ("wildcard", "v4"), "'tcp:80:interface=127.0.0.1'"),
        ("'tcp6:80'", ("wildcard", "dual"), r"'tcp6:80:interface=\:\:1'"),
        (r"r'tcp6:80:interface=\:\:'", ("wildcard", "dual"), r"r'tcp6:80:interface=\:\:1'"),
    ],
)
def test_an_endpoint_of_six_is_both_families(endpoint: str, found: tuple[str, str], fixed: str) -> None:
    text = "from twisted.internet import endpoints, reactor\nendpoints.serverFromString(reactor, {}).listen(f)\n"
    assert families(text.format(endpoint)) == [found]
    assert slots(text.format(endpoint)) == [text.format(fixed)]
