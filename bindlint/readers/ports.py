"""The grammar of published ports, `[[IP:][HOST]:]CONTAINER[/PROTOCOL]`, as compose and `docker run -p` read them.

Source: docker/go-connections nat/nat.go ParsePortSpec and SplitProtoPort, v0.5.0 and later (which also take an IPv6
address without brackets); every form tried with docker compose 2.22 and 2.40 (`config --format json`).
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from bindlint.addresses import Kind, classify
from bindlint.readers.interpolation import OPAQUE

MAX_PORT = 0xFFFF
_RANGE = re.compile(r"([0-9]{1,20})(?:-([0-9]{1,20}))?")
_INTEGER = re.compile(r"[-+]?(?:0x[0-9a-fA-F_]+|0o?[0-7_]+|0b[01_]+|[0-9][0-9_]*)")
_PROTOCOLS = ("tcp", "udp", "sctp")

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry taken apart. Ranges are None when nobody can know them.

    `host` is where the address stands in the text, brackets included: of no width when it is left out. `prefix` is what
    must follow an address that is put at `host`: ":" or "::" where the entry has no place for one yet.
    """

    host: tuple[int, int]
    address: str
    prefix: str
    published: Range | None
    target: Range | None
    protocol: str


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry that compose does not accept: why, and what to write instead ("" when that is anybody's guess)."""

    reason: str
    instead: str = ""


def parse(text: str) -> Entry | Refused:
    """Take a short entry apart."""
    front, colon, container = text.rpartition(":")
    ip, second, host_port = front.rpartition(":")
    number, _, protocol = container.partition("/")
    protocol = protocol.lower() or "tcp"
    if protocol not in _PROTOCOLS and OPAQUE not in protocol:
        return Refused(f"{protocol!r} is no protocol of a port")
    address = _unbracketed(ip) if second else ""
    if address is None or (address and OPAQUE not in address and not is_address(address)):
        return Refused(f"{ip!r} is no IP address", _with_address(ip, host_port, container))
    target, published = port_range(number), port_range(host_port)
    if (target is None and OPAQUE not in number) or (target and target[0] == 0):
        return Refused(f"{number!r} is no container port")
    if host_port and published is None and OPAQUE not in host_port:
        instead = f"{_literal(host_port)}:{container}:{container}" if not second and _literal(host_port) else ""
        return Refused(f"{host_port!r} is no host port", instead)
    if target and published:
        spread = target[1] - target[0]
        if spread and spread != published[1] - published[0]:
            return Refused(f"the ranges {host_port} and {number} differ in length")
    prefix = "" if second else ":" if colon else "::"
    return Entry((0, len(ip)), address, prefix, published, target, protocol if protocol in _PROTOCOLS else "tcp")


def port_range(text: str) -> Range | None:
    """A port or a range of ports; None for anything else."""
    match = _RANGE.fullmatch(text)
    if match is None:
        return None
    first = int(match[1])
    last = int(match[2] or first)
    return (first, last) if first <= last <= MAX_PORT else None


def integer(text: str) -> str | None:
    """The port that an unquoted YAML integer means to compose's Go parser (`017`, `0o17`, `0x50`, `80_80`)."""
    if not _INTEGER.fullmatch(text):
        return None
    digits = text.replace("_", "")
    if re.fullmatch(r"[-+]?0[0-7]+", digits):
        return str(int(digits, 8))
    try:
        return str(int(digits, 0))
    except ValueError:
        return None


def is_address(text: str) -> bool:
    """Whether Go's net.ParseIP takes it: no names, no short forms, no zones."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def _unbracketed(ip: str) -> str | None:
    if not ip.startswith("["):
        return ip
    return ip[1:-1] if ip.endswith("]") and "]" not in ip[1:-1] else None


def _literal(host: str) -> str:
    """The address that somebody who wrote this meant; "" when it is none."""
    kind = classify(host)[0]
    if kind in (Kind.LOOPBACK, Kind.LOCALHOST):
        return "127.0.0.1"
    return host if is_address(host) else ""


def _with_address(ip: str, host_port: str, container: str) -> str:
    rest = f"{host_port}:{container}"
    kind = classify(ip.strip("[]"))[0]
    if kind in (Kind.LOOPBACK, Kind.LOCALHOST):
        return f"127.0.0.1:{rest}"
    if kind is Kind.WILDCARD:
        return f"{rest} (every interface) or 127.0.0.1:{rest} (this machine only)"
    return ""
