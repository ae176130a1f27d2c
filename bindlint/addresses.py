"""The one place that knows what an address text means: 0.0.0.0, ::, [::], :8080, *, 0, 0x7f.1, 127.1, localhost.

Two questions, asked separately: `split` finds the host texts inside a value (a URL, `host:port`, a list), with their
offsets, so that a fix can replace exactly them; `classify` says what one host text means to the API or server at hand.

Sources: inet_aton(3) for the short and hexadecimal IPv4 forms; RFC 4291 section 2.5 for :: and ::1, section 2.5.5.2 for
IPv4-mapped addresses; RFC 1122 section 3.2.1.3 for 127.0.0.0/8; RFC 6761 section 6.3 for localhost and its subdomains.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Kind(Enum):
    """What a host text means to the one that binds or connects."""

    WILDCARD = "wildcard"  # every interface
    LOOPBACK = "loopback"  # this machine only, by literal address
    LOCALHOST = "localhost"  # a name that should mean loopback, as the resolver decides
    SPECIFIC = "specific"  # any other address, interface or host name
    UNKNOWN = "unknown"  # decided at run time
    NONE = "none"  # no network listener at all: a Unix socket, a refused value


class Families(Enum):
    """Which IP versions an address stands for, there."""

    V4 = "v4"
    V6 = "v6"
    DUAL = "dual"
    UNKNOWN = ""


# The port that a URL without one means, from the IANA registry of service names or the service's own default.
SCHEMES = {
    "postgres": 5432, "postgresql": 5432, "mysql": 3306, "mariadb": 3306, "sqlserver": 1433, "mongodb": 27017,
    "redis": 6379, "rediss": 6379, "valkey": 6379, "amqp": 5672, "amqps": 5671, "kafka": 9092, "nats": 4222,
    "mqtt": 1883, "ldap": 389, "clickhouse": 9000, "bolt": 7687, "neo4j": 7687, "memcached": 11211, "etcd": 2379,
    "smtp": 25, "http": 80, "https": 443, "pyamqp": 5672,
}  # fmt: skip

# What a row may say of a spelling (`spellings` in rules/): the meaning of one exact text for that API or server.
MEANINGS: dict[str, tuple[Kind, Families]] = {
    "wildcard": (Kind.WILDCARD, Families.UNKNOWN),
    "wildcard-v4": (Kind.WILDCARD, Families.V4),
    "wildcard-v6": (Kind.WILDCARD, Families.V6),
    "wildcard-dual": (Kind.WILDCARD, Families.DUAL),
    "loopback": (Kind.LOOPBACK, Families.UNKNOWN),
    "loopback-v4": (Kind.LOOPBACK, Families.V4),
    "loopback-v6": (Kind.LOOPBACK, Families.V6),
    "loopback-dual": (Kind.LOOPBACK, Families.DUAL),
    "localhost": (Kind.LOCALHOST, Families.UNKNOWN),
    "localhost-v4": (Kind.LOCALHOST, Families.V4),
    "localhost-v6": (Kind.LOCALHOST, Families.V6),
    "localhost-dual": (Kind.LOCALHOST, Families.DUAL),
    "specific": (Kind.SPECIFIC, Families.UNKNOWN),
    "unknown": (Kind.UNKNOWN, Families.UNKNOWN),
    "none": (Kind.NONE, Families.UNKNOWN),
    "error": (Kind.NONE, Families.UNKNOWN),
}

_LOCALHOST = re.compile(
    r"(?:[^.\s]+\.)*localhost\.?|localhost[46]?(?:\.localdomain[46]?)?\.?|ip6-(?:localhost|loopback)", re.IGNORECASE
)
_RUNTIME = re.compile(r"\$[({A-Za-z_]|\{\{|\{%|%\(|<%|@[A-Z_]+@|<[A-Za-z_][\w -]*>")
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]+|[0-9]+")
_UNIX = re.compile(r"(?:unix|fd|file|ipc|inproc|unixpacket|unixgram)[:/]|[/~@]", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+._-]*(?::[a-z0-9]+)?://")


def ipv4(text: str) -> int | None:
    """The address that inet_aton(3) reads from all of `text` (1 to 4 numbers; the last one fills up), or None."""
    parts = text.split(".")
    if not 1 <= len(parts) <= 4:
        return None
    values = []
    for part in parts:
        if not part.isascii() or not _NUMBER.fullmatch(part):
            return None
        try:
            if part[:2] in ("0x", "0X"):
                values.append(int(part, 0))
            else:
                values.append(int(part, 8 if part[0] == "0" and len(part) > 1 else 10))
        except ValueError:  # an 8 or 9 in an octal number, or more digits than int() takes
            return None
    *head, last = values
    if any(value > 0xFF for value in head) or last >= 1 << (8 * (5 - len(values))):
        return None
    for index, value in enumerate(head):
        last |= value << (8 * (3 - index))
    return last


def classify(text: str, spellings: Mapping[str, str] | None = None) -> tuple[Kind, Families]:
    """What one host text means; `spellings` holds the texts that this API or server reads in its own way."""
    if spellings and (meaning := spellings.get(text.lower())):
        return MEANINGS[meaning]
    host = text.strip()
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
        if spellings and (meaning := spellings.get(host.lower())):
            return MEANINGS[meaning]
    if host in ("", "*"):
        return Kind.WILDCARD, Families.UNKNOWN
    if _RUNTIME.search(host):
        return Kind.UNKNOWN, Families.UNKNOWN
    if _UNIX.match(host):
        return Kind.NONE, Families.UNKNOWN
    if _LOCALHOST.fullmatch(host):
        meaning = spellings.get("localhost", "localhost") if spellings else "localhost"
        return MEANINGS[meaning]
    if (number := ipv4(host)) is not None:
        return _ipv4_kind(number), Families.V4
    return _ipv6_kind(host, spellings)


def _ipv4_kind(number: int) -> Kind:
    if number == 0:
        return Kind.WILDCARD
    return Kind.LOOPBACK if number >> 24 == 127 else Kind.SPECIFIC


def _ipv6_kind(host: str, spellings: Mapping[str, str] | None) -> tuple[Kind, Families]:
    try:
        address = ipaddress.IPv6Address(host.partition("%")[0])
    except ValueError:
        return Kind.SPECIFIC, Families.UNKNOWN
    if (mapped := address.ipv4_mapped) is not None:
        return _ipv4_kind(int(mapped)), Families.V4
    if address.is_unspecified:
        return MEANINGS[spellings.get("::", "wildcard-v6")] if spellings else (Kind.WILDCARD, Families.V6)
    return (Kind.LOOPBACK if address.is_loopback else Kind.SPECIFIC), Families.V6


@dataclass(frozen=True, slots=True)
class Piece:
    """A host text inside a value: its characters are `value[start:end]` (brackets included when written).

    `port` is None when absent or not a number. `scheme` is "" when absent. `given` is False when the value holds no
    host text where one could stand (`:8080`, a bare port): writing one there is an insertion, with ":" behind it when
    `colon` is True.
    """

    host: str
    start: int
    end: int
    port: int | None = None
    scheme: str = ""
    given: bool = True
    colon: bool = False


FORMS = ("host", "host:port", "listen", "url", "object")


def split(text: str, form: str = "host", separator: str = "") -> tuple[Piece, ...]:
    """The host texts in a value, in order.

    `form` is how one item is written: "host"; "host:port" (a lone word is a host); "listen" (a lone number is a
    port: nginx, HAProxy, stunnel; a URL is read as one); "url" (scheme://[user@]host[:port][,host…]/path, also
    without a scheme, then as host:port); "object" (`PYRO:name@host:port`; nothing when it names no host).
    `separator` splits a list first: "," or " " or ", " (either).
    """
    return tuple(piece for start, end in _items(text, separator) for piece in _piece(text, start, end, form))


def _items(text: str, separator: str) -> Iterator[tuple[int, int]]:
    if not separator:
        yield 0, len(text)
        return
    for match in re.finditer(f"[^{re.escape(separator)}{'' if ' ' not in separator else chr(9)}]+", text):
        start, end = match.span()
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        if start < end:
            yield start, end


def _piece(text: str, start: int, end: int, form: str) -> Iterator[Piece]:
    if form == "host":
        yield Piece(text[start:end], start, end)
        return
    if form == "object":
        start = text.rfind("@", start, end) + 1
        if 0 < start < end and not text.startswith("./u:", start):  # `./u:` is a Unix socket
            yield _host_port(text, start, end, "host:port", "")
        return
    scheme = ""
    if form in ("url", "listen") and (match := _SCHEME.match(text, start, end)):
        scheme = match[0][:-3].lower()
        if scheme.rpartition("+")[2] in ("unix", "ipc", "inproc", "file", "fd", "sqlite"):
            yield Piece(text[start:end], start, end, scheme=scheme)
            return
        start = match.end()
        tail = re.compile(r"[/?#]").search(text, start, end)
        end = tail.start() if tail else end
        start = text.rfind("@", start, end) + 1 or start
        for item_start, item_end in _items(text[:end], ","):
            if item_end > start or start == end:
                first = max(item_start, start)
                yield _host_port(text, first, max(item_end, first), "host:port", scheme)
        if start == end:
            yield Piece("", start, end, scheme=scheme, given=False)
        return
    yield _host_port(text, start, end, "host:port" if form == "url" else form, scheme)


def _host_port(text: str, start: int, end: int, form: str, scheme: str) -> Piece:
    item = text[start:end]
    if _UNIX.match(item) and not scheme:
        return Piece(item, start, end)
    if item.startswith("["):
        close = item.find("]")
        if close > 0:
            return Piece(item[: close + 1], start, start + close + 1, _port(item[close + 2 :]), scheme)
    colon = _last_colon(item)
    if item.count(":") > 1 and "$" not in item and "{" not in item:  # an IPv6 address without brackets, or junk
        if _is_ipv6(item):
            return Piece(item, start, end, None, scheme)
        colon = item.rfind(":")
    if colon < 0:
        if form == "listen" and item.isascii() and item.isdigit():
            return Piece("", start, start, int(item) if len(item) < 6 else None, scheme, given=False, colon=True)
        return Piece(item, start, end, None, scheme)
    host = item[:colon]
    return Piece(host, start, start + colon, _port(item[colon + 1 :]), scheme, given=bool(host))


def _last_colon(item: str) -> int:
    """The colon that parts host from port; colons inside `${…}` or `{{…}}` do not count."""
    depth, found = 0, -1
    for index, character in enumerate(item):
        if character in "{(":
            depth += 1
        elif character in "})":
            depth -= 1
        elif character == ":" and depth <= 0:
            found = index
    return found


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text.partition("%")[0])
    except ValueError:
        return False
    return True


def _port(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= 0xFFFF else None


def loopback(families: Families, *, brackets: bool = False) -> str:
    """The loopback address that keeps an address's family: 127.0.0.1, or ::1 where only IPv6 was meant."""
    if families is not Families.V6:
        return "127.0.0.1"
    return "[::1]" if brackets else "::1"
