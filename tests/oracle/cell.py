"""What runs inside the namespaces: a network as a fresh container has it, one program, and the sockets it opened.

Nothing but the standard library, and no module of the project: the interpreter that starts it may be any.

Of the sockets it says protocol, address, port, and whether an IPv6 wildcard serves IPv4 too. That last is asked of the
kernel by binding the same port of an IPv4 address: it is taken where the socket serves both families.

A server has a machine around it: packages laid over the folders that they are installed in, `/etc`, `/var` and `/run`
of its own, the users that it runs as, a network device, and its files in `/opt/case`. What it leaves behind goes with
the namespace.
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
PATIENCE = 0.5  # seconds for a connection inside the machine

CASE, PREPARED = Path("/opt/case"), Path("/opt/prepared")
READ, WRITTEN = ("usr",), ("etc", "var", "opt")  # folders of packages: as they are, and to be written in

# linux/sockios.h, linux/if.h
SIOCSIFFLAGS, SIOCSIFADDR, SIOCSIFNETMASK, SIOCGIFINDEX = 0x8914, 0x8916, 0x891C, 0x8933
IFF_UP, IFF_LOOPBACK, IFF_RUNNING = 0x1, 0x8, 0x40
MS_BIND = 4096


def request(name: str, payload: bytes) -> bytes:
    return struct.pack("16s24s", name.encode(), payload)


def order(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"{' '.join(words)}: {done.stderr.strip()}")


def prepare_machine(machine: dict[str, Any], folder: Path) -> Path:
    """Lay packages over the folders of the machine; the folder in which the program then finds its files."""
    layer = Path(machine["layer"])
    for name in READ:
        order("mount", "-t", "overlay", "overlay", "-o", f"lowerdir={layer / name}:/{name}", f"/{name}")
    order("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    for name in WRITTEN:
        upper, work = Path("/run/.layers", name, "upper"), Path("/run/.layers", name, "work")
        upper.mkdir(parents=True)
        work.mkdir()
        layers = f"lowerdir={layer / name}:/{name},upperdir={upper},workdir={work}"
        order("mount", "-t", "overlay", "overlay", "-o", layers, f"/{name}")
    order("mount", "-t", "tmpfs", "-o", "mode=1777", "tmpfs", "/dev/shm")  # noqa: S108 - what is shared in there stays there
    for place, source in ((CASE, folder), (PREPARED, Path(machine["prepared"]))):
        place.mkdir()
        order("mount", "--bind", str(source), str(place))
    for file, form in (("passwd", "{0}:x:{1}:{1}::/opt/case:/bin/sh"), ("group", "{0}:x:{1}:")):
        text = Path("/etc", file).read_text()
        lines = [form.format(name, number) for number, name in enumerate(machine["users"], 900)]
        added = [line for line in lines if f"\n{line.partition(':')[0]}:" not in f"\n{text}"]
        own = Path("/run/.layers", file)
        own.write_text("".join(f"{line}\n" for line in (*text.splitlines(), *added)))
        order("mount", "--bind", str(own), f"/etc/{file}")
    return CASE


def prepare_device() -> None:
    """A network device as a machine has it: what is said of `lo` says nothing of it."""
    order("ip", "link", "set", "lo", "up")
    order("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1")
    order("ip", "address", "add", f"{OWN_V4}/24", "dev", "eth0")
    order("ip", "address", "add", f"{OWN_V6}/64", "dev", "eth0", "nodad")
    for name in ("eth0", "eth1"):  # no address of its own making: it would be another in every run
        order("ip", "link", "set", name, "addrgenmode", "none")
    order("ip", "link", "set", "eth1", "up")
    order("ip", "link", "set", "eth0", "up")


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


def reached(found: set[tuple[str, str, int]]) -> list[tuple[int, str]]:
    """Where a connection is taken: ports of TCP sockets, and addresses of this machine."""
    took = []
    for port in sorted({port for protocol, _, port in found if protocol == "tcp"}):
        for address in ("127.0.0.1", "::1", OWN_V4, OWN_V6):
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_STREAM) as client:
                client.settimeout(PATIENCE)
                client.connect((address, port))
                took.append((port, address))
    return took


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
    folder, machine = Path(asked["folder"]), asked["machine"]
    person = {}
    with contextlib.ExitStack() as stack:
        if machine:
            folder = prepare_machine(machine, folder)
            os.chdir(folder)
            prepare_device()
        else:
            prepare_network()
        prepare_names(folder)
        said = stack.enter_context((folder / ".said").open("w+b"))
        how = {"cwd": folder, "env": asked["variables"], "stdin": subprocess.DEVNULL, "stdout": said, "stderr": said}
        for line in machine["before"] if machine else ():
            subprocess.run(["sh", "-c", line], check=False, **how)
        if machine and machine["user"]:
            order("chown", "-R", machine["user"], str(folder))
            person = {"user": machine["user"], "group": machine["user"], "extra_groups": []}
        program = subprocess.Popen(asked["words"], **how, **person)
        found = watch(program, asked)
    bound = [(*one, dual(*one, found)) for one in sorted(found)]
    took = reached(found) if machine else []
    text = (folder / ".said").read_text(encoding="utf-8", errors="replace")
    json.dump({"bound": bound, "reached": took, "ended": program.poll(), "said": text[-4000:]}, sys.stdout)
    sys.stdout.flush()
    os._exit(0)  # the first process of its namespace: everything that the program started dies with it


if __name__ == "__main__":
    main()
