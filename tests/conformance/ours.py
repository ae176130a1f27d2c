"""What bindlint says of a project: the facts that all of its files' readings state together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bindlint import readers
from bindlint.facts import Binding, Container, Publication
from bindlint.knowledge import Knowledge, rules_root
from bindlint.readers.compose.loading import BASES
from bindlint.source import Files, Source
from conformance.outcome import Outcome, Port, Service

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bindlint.facts import Reading

KNOWLEDGE = Knowledge(rules_root())


def resolved(files: Mapping[str, str], first: str = "") -> Outcome:
    """The project that begins with a file; with the one that compose takes by itself when none is given."""
    readings = {path: _read(path, files) for path in files if path.endswith((".yml", ".yaml"))}
    stating = {reading.path: reading for reading in readers.stating(readings)}
    if not first:
        first = _named(files) or next(name for name in BASES if name in files)
    if first not in stating:
        return Outcome(refused=f"{first} is stated by another file")
    return outcome(stating[first])


def _named(files: Mapping[str, str]) -> str:
    """The first file that COMPOSE_FILE names."""
    lines = [line for line in files.get(".env", "").splitlines() if line.startswith("COMPOSE_FILE=")]
    return lines[-1].partition("=")[2].replace(";", ":").partition(":")[0].removeprefix("./") if lines else ""


def _read(path: str, files: Mapping[str, str]) -> Reading:
    opened = Files(files.keys(), lambda name: Source(name, files[name]))
    return readers.read(path, files[path].encode(), KNOWLEDGE, opened)


def outcome(reading: Reading) -> Outcome:
    """What a reading says of each service that is started."""
    containers = {fact.id: fact for fact in reading.facts if isinstance(fact, Container)}
    problems = "; ".join(problem.reason for problem in reading.problems)
    return Outcome(problems, {c.name: _service(c, reading, containers) for c in containers.values() if c.only is None})


def _service(container: Container, reading: Reading, containers: Mapping[str, Container]) -> Service:
    owner = containers.get(container.network)
    facts = [fact for fact in reading.facts if getattr(fact, "container", None) == container.id]
    return Service(
        ports=tuple(_port(fact) for fact in facts if isinstance(fact, Publication)),
        network=f"service:{owner.name}" if owner else container.network,
        environment={fact.name: fact.value.text for fact in facts if isinstance(fact, Binding)},
        mounts=dict(container.copies),
        build=(container.build, container.stage),
        expose=tuple(sorted(container.ports)),
    )


def _port(fact: Publication) -> Port:
    return fact.address.text, str(fact.port or ""), fact.container_port or 0, fact.protocol
