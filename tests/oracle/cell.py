"""What runs inside the namespaces: a network as a fresh container has it, one program, and the sockets it opened.

Nothing but the standard library, and no module of the project: the interpreter that starts it may be any.

Of the sockets it says protocol, address, port, and whether an IPv6 wildcard serves IPv4 too. That last is asked of the
kernel by binding the same port of an IPv4 address: it is taken where the socket serves both families.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

OWN_V4, OWN_V6 = "10.9.9.9", "fd09::9"  # an address that others could reach, of each family
HOSTS = f"127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n{OWN_V4} cell\n"
EPHEMERAL = 32768  # from here on the system chooses: a UDP socket there is a client's
LISTENING = (("tcp", "tcp", "0A"), ("tcp", "tcp6", "0A"), ("udp", "udp", "07"), ("udp", "udp6", "07"))
POLL = 0.05

# linux/sockios.h, linux/if.h
SIOCSIFFLAGS, SIOCSIFADDR, SIOCSIFNETMASK, SIOCGIFINDEX = 0x8914, 0x8916, 0x891C, 0x8933
IFF_UP, IFF_LOOPBACK, IFF_RUNNING = 0x1, 0x8, 0x40
MS_BIND = 4096


def request(name: str, payload: bytes) -> bytes:
    return struct.pack("16s24s", name.encode(), payload)


def prepare_network() -> None:
    """127.0.0.1, ::1 and one more address of each family, all on `lo`: no other device is needed to bind them."""
    for name in ("all", "default", "lo"):
        with contextlib.suppress(OSError):
            Path(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6").write_text("0")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as v4:
        fcntl.ioctl(v4, SIOCSIFFLAGS, request("lo", struct.pack("h", IFF_UP | IFF_LOOPBACK | IFF_RUNNING)))
        for what, address in ((SIOCSIFADDR, OWN_V4), (SIOCSIFNETMASK, "255.255.255.0")):
            inner = struct.pack("HH4s", socket.AF_INET, 0, socket.inet_aton(address))
            fcntl.ioctl(v4, what, request("lo:1", inner))
        index = struct.unpack("16si", fcntl.ioctl(v4, SIOCGIFINDEX, struct.pack("16si", b"lo", 0)))[1]
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as v6:
        own = struct.pack("16sIi", socket.inet_pton(socket.AF_INET6, OWN_V6), 64, index)
        fcntl.ioctl(v6, SIOCSIFADDR, own)
        v6.bind(("::1", 0))  # fails where this kernel has no IPv6


def prepare_names(folder: Path) -> None:
    hosts = folder / ".hosts"
    hosts.write_text(HOSTS)
    hosts.chmod(0o644)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(str(hosts).encode(), b"/etc/hosts", None, MS_BIND, None):
        raise OSError(ctypes.get_errno(), "/etc/hosts cannot be covered")
    socket.sethostname("cell")


def sockets() -> set[tuple[str, str, int]]:
    """Protocol, address and port of everything that listens."""
    found = set()
    for protocol, table, state in LISTENING:
        for line in Path("/proc/net", table).read_text().splitlines()[1:]:
            words = line.split()
            packed, port = words[1].split(":")
            number = int(port, 16)
            if words[3] != state or (protocol == "udp" and number >= EPHEMERAL):
                continue
            parts = [struct.pack("<I", int(packed[at : at + 8], 16)) for at in range(0, len(packed), 8)]
            family = socket.AF_INET if len(parts) == 1 else socket.AF_INET6
            found.add((protocol, socket.inet_ntop(family, b"".join(parts)), number))
    return found


def dual(protocol: str, address: str, port: int, found: set[tuple[str, str, int]]) -> bool:
    """Whether an IPv6 wildcard holds the port of an IPv4 address, too."""
    if address != "::" or (protocol, "0.0.0.0", port) in found:
        return False
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind((OWN_V4, port))
        except OSError:
            return True
    return False


def watch(program: subprocess.Popen[bytes], asked: dict[str, Any]) -> set[tuple[str, str, int]]:
    """What listens when nothing has changed for a while, the program has ended, or the time is over.

    The while begins when a port that was asked for is open.
    """
    limit, settle, ports = asked["limit"], asked["settle"], set(asked["ports"])
    start = last = time.monotonic()
    seen: set[tuple[str, str, int]] = set()
    while time.monotonic() - start < limit:
        ended = program.poll() is not None
        now = sockets()
        if now != seen:
            seen, last = now, time.monotonic()
        wanted = not ports or any(port in ports for _, _, port in seen)
        if ended or (seen and wanted and time.monotonic() - last > settle):
            break
        time.sleep(POLL)
    return seen


def main() -> None:
    asked = json.load(sys.stdin)
    folder = Path(asked["folder"])
    prepare_network()
    prepare_names(folder)
    with (folder / ".said").open("w+b") as said:
        program = subprocess.Popen(
            asked["words"], cwd=folder, env=asked["variables"], stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )
        found = watch(program, asked)
    bound = [(*one, dual(*one, found)) for one in sorted(found)]
    text = (folder / ".said").read_text(encoding="utf-8", errors="replace")
    json.dump({"bound": bound, "ended": program.poll(), "said": text[-4000:]}, sys.stdout)
    sys.stdout.flush()
    os._exit(0)  # the first process of its namespace: everything that the program started dies with it


if __name__ == "__main__":
    main()
