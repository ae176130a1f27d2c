"""Servers run, and judged: does bindlint say of the very same files what the kernel bound?

Compared are the sockets by port, protocol, family and how far. A listener whose port is not one number (a range)
speaks for every socket of its kind. An address that bindlint calls unknown states nothing.

- **agrees**: the same set, nothing more and nothing less. Where the server refuses its file and exits, nobody is
  exposed: then bindlint must not say "wildcard".
- **disagrees**: another set. Also where connections are not taken at the addresses that the sockets stand for.
- **beyond**: another set, and the case says why bindlint cannot tell; `stale` when it can by now.
- **unread**: bindlint has no reader for the file yet, and says nothing.
- **broken**: nothing was measured.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from oracle import claims, recorded
from oracle.cell import OWN_V4, OWN_V6
from oracle.claims import by_port, served
from oracle.installs import BUILD
from oracle.kernel import Machine, Program, Socket

from bindlint.config import Config
from bindlint.knowledge import Knowledge
from bindlint.knowledge.owners import Catalogue
from bindlint.resolve import Exposure
from bindlint.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from oracle.claims import Bound
    from oracle.kernel import Seen
    from oracle.servers.cases import Case, Server

    from bindlint.facts import Listener
    from bindlint.knowledge.servers import Listens
    from bindlint.knowledge.servers import Server as Row

PREPARED = BUILD / "debian" / "prepared"
RECORDED = Path(__file__).with_name("recorded.tsv")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
Stated = frozenset[tuple[int | None, "Bound"]]


@dataclass(frozen=True)
class Outcome:
    """One case: how it came out, what was said and done. `seen` is None where nothing was run and nothing recorded."""

    server: Server
    case: Case
    status: str
    seen: Seen | None = None
    stated: Stated = frozenset()
    note: str = ""

    @property
    def wrong(self) -> bool:
        """Whether bindlint says something else than the kernel, and no reason stands beside it."""
        return self.status in ("disagrees", "broken")

    @property
    def saw(self) -> str:
        """What the kernel bound, or how the server ended."""
        if self.seen is None:
            return "not measured"
        ended = f"ended with {self.seen.ended}" if self.seen.ended is not None else "nothing"
        said = self.seen.failure or (self.seen.said.strip().splitlines() or [""])[-1]
        return " ".join(str(one) for one in self.seen.sockets) or f"{ended}: {said[:200]}"

    @property
    def said(self) -> str:
        """What bindlint states, as a person reads it."""
        ports = sorted({port or 0 for port, _ in self.stated})
        return "; ".join(
            f"{port or 'any port'}: {claims.words(frozenset(b for p, b in self.stated if (p or 0) == port))}"
            for port in ports
        )


def program(server: Server, case: Case, layer: Path, folder: str = "") -> Program:
    """What to run for a case; `folder` is where the programs of PyPI's packages are."""
    machine = Machine(str(layer), str(PREPARED), server.users, case.before, case.user)
    variables = {"PATH": f"{folder}:{PATH}" if folder else PATH, "LC_ALL": "C", "HOME": "/opt/case", **case.variables}
    return Program(case.words, case.files, variables, case.limit, case.settle, case.ports, machine)


def key(server: Server, case: Case) -> str:
    """What a measurement depends on: not the version, which Debian renews."""
    return recorded.digest(
        server.name, case.run, sorted(case.files.items()), sorted(case.variables.items()), case.before
    )


def measured(
    asked: Iterable[tuple[Server, Case]],
    jobs: int,
    start: Callable[[Server, Case], Seen],
    done: Callable[[Outcome], None] = lambda _: None,
) -> list[Outcome]:
    """Every case, `jobs` at a time; what does not agree once more and with more patience: a machine may be slow."""

    def one(pair: tuple[Server, Case]) -> Outcome:
        server, case = pair
        outcome = judged(server, case, start(server, case))
        if outcome.wrong:
            patient = replace(case, limit=2 * case.limit, settle=5 * case.settle)
            outcome = judged(server, case, start(server, patient))
        done(outcome)
        return outcome

    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(one, asked))


def recalled(server: Server) -> list[Outcome]:
    """Every case of a server as it was recorded; `missing` where it was not."""
    lines = recorded.load(RECORDED)
    asked = [(case, lines.get(key(server, case))) for case in server.cases]
    return [
        Outcome(server, case, "missing") if line is None else judged(server, case, line.seen) for case, line in asked
    ]


def judged(server: Server, case: Case, seen: Seen) -> Outcome:
    """How one case came out."""
    said = stated(case.project, claims.KNOWLEDGE)
    outcome = Outcome(server, case, "agrees", seen, said)
    if seen.failure:
        return replace(outcome, status="broken", note=seen.failure)
    if seen.reached and (wrong := _unreached(seen)):
        return replace(outcome, status="disagrees", note=wrong)
    refused = not seen.sockets and seen.ended is not None and not any(far == "wildcard" for _, (_, _, far) in said)
    if refused or any(same(said, one) for one in _bound(server, seen.sockets)):
        return replace(outcome, status="stale" if case.beyond and not case.mended else "agrees")
    far = {one[2] for _, one in (*said, *claims.by_port(seen.sockets))}
    if case.mended and seen.sockets and far == {"loopback"}:  # of several files the fix mended one that is overruled
        return outcome
    if server.unread and not said:
        return replace(outcome, status="unread", note=server.unread)
    return replace(outcome, status="beyond" if case.beyond else "disagrees", note=case.beyond)


def stated(files: Mapping[str, str], knowledge: Knowledge) -> Stated:
    """What bindlint says that a project listens on."""
    workspace = Workspace(knowledge, Config())
    for path, text in files.items():
        workspace.update(path, text.encode())
    subjects, _ = workspace._subjects()  # noqa: SLF001 - what rules judge, before any rule speaks
    found: set[tuple[int | None, Bound]] = set()
    for listener in {subject.listener for subject in subjects if isinstance(subject, Exposure)}:
        found |= {(listener.port, bound) for bound in _spoken(listener)}
    # A wildcard serves what is bound on loopback at the same port as well.
    numbered = served((port, bound) for port, bound in found if port is not None)
    return numbered | frozenset(one for one in found if one[0] is None)


def same(said: Stated, bound: frozenset[tuple[int, Bound]]) -> bool:
    """Whether what was said is what was bound: each socket by its port, or by a listener of whatever port."""
    anywhere = {one for port, one in said if port is None}
    left = {(port, one) for port, one in bound if one not in anywhere}
    return left == {one for one in said if one[0] is not None} and anywhere <= {one for _, one in bound}


def proven(server: Row, row: Listens, outcomes: Iterable[Outcome]) -> bool:
    """Whether the kernel bound, in a case that agrees, what this very row says of the files."""
    knowledge = alone(server, row)
    return any(
        own and own <= outcome.stated
        for outcome in outcomes
        if outcome.status == "agrees" and outcome.seen is not None and outcome.seen.sockets
        for own in (stated(outcome.case.files, knowledge),)
    )


def alone(server: Row, row: Listens) -> Knowledge:
    """What is known if this is the only listener of the only server."""
    knowledge = Knowledge(claims.KNOWLEDGE.root)
    lonely = replace(server, listeners=(row,), guards=(), clients=(), runs=())
    knowledge.__dict__.update(servers=Catalogue((lonely,)), commands={}, images=())
    return knowledge


def _spoken(listener: Listener) -> Iterable[Bound]:
    address = listener.address
    if claims.FAR.get(address.kind) in (None, "unknown"):
        return ()
    far = claims.FAR[address.kind]
    families = claims.SPOKEN[address.families] if far != "specific" else (claims.SOME,)
    return tuple((listener.protocol, family, far) for family in families)


def _bound(server: Server, sockets: Iterable[Socket]) -> list[frozenset[tuple[int, Bound]]]:
    """What the kernel bound that files can speak of; of twins either one will do."""
    ours = [one for one in sockets if one.port not in server.beside and one.port < claims.EPHEMERAL]
    found = by_port([*ours, *everywhere(ours)] if server.apiece else ours)
    if server.apiece:  # what is bound everywhere is bound at each address, too
        wide = {(port, protocol) for port, (protocol, _, far) in found if far == "wildcard"}
        found = frozenset(one for one in found if one[1][2] != "specific" or (one[0], one[1][0]) not in wide)
    if not server.twins:
        return [found]
    every = {(port, tuple(rest)) for port, (_, *rest) in found}
    both = {(port, rest) for port, rest in every if {(port, (one, *rest)) for one in ("tcp", "udp")} <= found}
    return [found - {(port, (one, *rest)) for port, rest in both} for one in ("tcp", "udp")]


def everywhere(sockets: Iterable[Socket]) -> list[Socket]:
    """The wildcards that sockets at each address of the machine amount to."""
    held: dict[tuple[str, int], set[str]] = {}
    for one in sockets:
        held.setdefault((one.protocol, one.port), set()).add(one.address)
    every = {"0.0.0.0": {"127.0.0.1", OWN_V4}, "::": {"::1", OWN_V6}}
    return [
        Socket(protocol, wildcard, port, dual=False)
        for (protocol, port), at in held.items()
        for wildcard, own in every.items()
        if own <= at
    ]


def _unreached(seen: Seen) -> str:
    """Where a connection was taken and no socket says so, or the other way round."""
    said = set()
    for one in seen.sockets:
        if one.protocol == "tcp":
            host = one.address.removeprefix("::ffff:")
            v4, v6 = ("127.0.0.1", OWN_V4), ("::1", OWN_V6)
            at = {"0.0.0.0": v4, "::": (*v6, *v4) if one.dual else v6}.get(host, (host,))
            said |= {(one.port, address) for address in at}
    told = {one for one in said if one[1] in ("127.0.0.1", "::1", OWN_V4, OWN_V6)}
    wrong = sorted(told ^ set(seen.reached))
    return f"sockets and connections differ at {wrong}" if wrong else ""
