"""`make stock`: the configuration that each of Debian's packages ships, as bindlint reads it and the kernel shows it.

Of each package in stock.toml the files under /etc are scanned as a project of their own, and the server is started with
them, unchanged, in namespaces of its own. What bindlint says of a package is *right* where it is the very sockets that
others can reach; *silent* where it says nothing, and nothing is open beyond loopback; *missed* where something is;
*wrong* where it says something else. `why` in stock.toml is a person's word on the last two.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from oracle import claims
from oracle.claims import by_port
from oracle.installs import InstallError
from oracle.kernel import Machine, Program, refusal, run
from oracle.servers import debian
from oracle.servers.measure import PATH, PREPARED, everywhere, same, stated
from oracle.talk import say

from bindlint.config import Config, Options
from bindlint.discover import discover
from bindlint.knowledge.load import parse
from bindlint.workspace import Workspace

if TYPE_CHECKING:
    from oracle.claims import Bound
    from oracle.kernel import Seen
    from oracle.servers.measure import Stated

    from bindlint.findings import Report

TABLE = Path(__file__).with_name("stock.tsv")
LIST = Path(__file__).with_name("stock.toml")
VERDICTS = ("right", "silent", "missed", "wrong", "not run")
CHOSEN = range(claims.EPHEMERAL, 65536)  # ports that the system chooses, unless a file gives one
ABOUT_HOSTS = ("localhost-connect", "localhost-bind", "hosts-file", "localhost-wrong-host")


@dataclass(frozen=True)
class Stock:
    """A package, those that ship its configuration, what its installation would copy there, and how it is started.

    `copies` are pairs of paths in the package: from and to. `quiet`: it runs and opens nothing. `why` is a person's
    word on the verdict.
    """

    name: str
    parts: tuple[str, ...]
    copies: dict[str, str]
    users: tuple[str, ...]
    before: tuple[str, ...]
    run: str
    user: str
    limit: float
    ports: tuple[int, ...]
    apart: tuple[int, ...]
    quiet: bool
    why: str


@dataclass(frozen=True)
class Row:
    """One package as it came out."""

    name: str
    version: str
    files: int
    findings: str
    stated: str
    kernel: str
    verdict: str
    why: str

    def __str__(self) -> str:
        cells = (self.name, self.version, str(self.files), self.findings, self.stated, self.kernel, self.verdict)
        return "\t".join((*cells, self.why))


def packages() -> list[Stock]:
    """The packages of stock.toml."""
    table = parse("stock.toml", LIST.read_bytes())
    found = []
    for part in table.tables("package"):
        name = part.text("name")
        one = Stock(
            name,
            part.texts("parts", (name,)),
            part.mapping("copies"),
            part.texts("users", ()),
            part.texts("before", ()),
            part.text("run", ""),
            part.text("user", ""),
            float(part.value("limit", 20)),
            tuple(part.value("ports", [])),
            tuple(part.value("apart", [])),
            part.flag("quiet", default=False),
            part.text("why", ""),
        )
        part.done()
        found.append(one)
    table.done()
    return found


def main() -> int:
    """Every package of stock.toml, as a table."""
    parser = argparse.ArgumentParser(prog="make stock", description=__doc__)
    parser.add_argument("only", nargs="*", help="names of packages; all when none is given")
    parser.add_argument("-j", "--jobs", type=int, default=2)
    options = parser.parse_args()
    if reason := refusal():
        say(f"stock configurations: nothing was run: {reason}")
        return 0
    chosen = [one for one in packages() if not options.only or one.name in options.only]
    layer = debian.unpacked({"iproute2", *(part for one in chosen for part in (one.name, *one.parts))})
    PREPARED.mkdir(exist_ok=True)
    with ThreadPoolExecutor(options.jobs) as pool:
        rows = list(pool.map(lambda one: judged(one, layer), chosen))
    if not options.only:
        TABLE.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    for row in rows:
        say(f"{row.name:<22}{row.version:<30}{row.files:>4}  {row.verdict:<8}{row.findings or 'no findings'}")
        if row.verdict in ("wrong", "missed", "not run"):
            say(f"    kernel:   {row.kernel}\n    bindlint: {row.stated or 'nothing'}{row.why and f'; {row.why}'}")
    counted = Counter(row.verdict for row in rows)
    say(f"\n{len(rows)} packages: {', '.join(f'{counted[one]} {one}' for one in VERDICTS)}")
    return int(any(row.verdict in ("wrong", "missed") and not row.why for row in rows))


def judged(stock: Stock, layer: Path) -> Row:
    """One package: its files scanned, its server started."""
    folder = Path(tempfile.mkdtemp(prefix="stock-"))
    try:
        ship(stock, folder)
        report = scanned(folder)
        files = {str(path.relative_to(folder)): text(path) for path in sorted(folder.rglob("*")) if path.is_file()}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    said = stated(files, claims.KNOWLEDGE)
    found = "; ".join(f"{one.rule} {one.site.path}" for one in report.findings)
    words = "; ".join(
        f"{port or 'any port'}: {claims.words(frozenset({bound}))}" for port, bound in sorted(said, key=str)
    )
    seen = started(stock, layer)
    kernel = " ".join(map(str, seen.sockets)) if seen else ""
    if seen is None or not (seen.sockets or stock.quiet):
        verdict, last = "not run", (seen.failure or seen.said.strip()[-160:]) if seen else stock.why
        kernel = kernel or last.replace("\n", " ").replace("\t", " ")
    else:
        spoken = {port for port, _ in said}
        ours = [one for one in seen.sockets if one.port in spoken or one.port not in (*stock.apart, *CHOSEN)]
        bound = beyond_loopback(by_port([*ours, *everywhere(ours)]))
        twins = {(port, ("tcp", *rest)) for port, (protocol, *rest) in bound if protocol == "udp"}
        right = any(same(beyond_loopback(said), one) for one in (bound, bound - twins))
        beyond = bool(bound)
        claimed = any(one.rule not in ABOUT_HOSTS for one in report.findings)
        if claimed and not beyond:
            verdict = "wrong"
        elif right:
            verdict = "right" if bound or said else "silent"
        else:
            verdict = "wrong" if said or claimed else "missed" if beyond else "silent"
    return Row(stock.name, debian.version(stock.name), report.relevant, found, words, kernel, verdict, stock.why)


def beyond_loopback(found: Stated) -> frozenset[tuple[int, Bound]]:
    """What others can reach; an address beside the wildcard that serves it is not another."""
    far = {(port, one) for port, one in found if port is not None and one[2] != "loopback"}
    wide = {(port, one[0]) for port, one in far if one[2] == "wildcard"}
    return frozenset((port, one) for port, one in far if one[2] == "wildcard" or (port, one[0]) not in wide)


def ship(stock: Stock, folder: Path) -> None:
    """Put what packages ship under /etc into a folder, and what their installation copies there."""
    for part in stock.parts:
        path = debian.archive(part)
        if path is None:
            raise InstallError(f"{part}: this machine has the package itself")
        whole = Path(tempfile.mkdtemp(prefix="stock-"))
        try:
            debian.extract(path, whole)
            if (whole / "etc").is_dir():
                shutil.copytree(whole / "etc", folder / "etc", symlinks=True, dirs_exist_ok=True)
            for source, target in stock.copies.items():
                if (whole / source).is_file():
                    (folder / target).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(whole / source, folder / target)
        finally:
            shutil.rmtree(whole, ignore_errors=True)


def scanned(folder: Path) -> Report:
    """What the default persona is told of a folder."""
    subprocess.run(["git", "init", "--quiet", str(folder)], check=False, capture_output=True)
    return Workspace(claims.KNOWLEDGE, Config()).scan(discover([str(folder)]), Options())


def started(stock: Stock, layer: Path) -> Seen | None:
    """The server with its package's configuration; None for one that has no way to be started here."""
    if not stock.run:
        return None
    copies = tuple(f"mkdir -p /{Path(to).parent} && cp /{source} /{to}" for source, to in stock.copies.items())
    machine = Machine(str(layer), str(PREPARED), stock.users, (*copies, *stock.before), stock.user)
    words = ("sh", "-c", f"exec {stock.run}")
    variables = {"PATH": PATH, "LC_ALL": "C", "HOME": "/opt/case"}
    return run(Program(words, {}, variables, stock.limit, 1.5, stock.ports, machine))


def text(path: Path) -> str:
    """A file's text, however it is encoded."""
    return path.read_text(encoding="utf-8", errors="replace")


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
