"""Reading one text with a reader, and asking for the facts by type: what the tests of the YAML readers share."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from bindlint.facts import Fact, Problem, Publication, Step
from bindlint.fixes import apply, to_loopback
from bindlint.knowledge import Knowledge, rules_root
from bindlint.readers import kubernetes
from bindlint.source import Source

if TYPE_CHECKING:
    from bindlint.readers import Reader

KNOWLEDGE = Knowledge(rules_root())
F = TypeVar("F", bound="Fact | Problem")


class Reading:
    """The facts of one file, by type."""

    def __init__(self, reader: Reader, source: Source) -> None:
        self.source = source
        self.facts = list(reader.read(source, KNOWLEDGE))

    def all(self, kind: type[F]) -> list[F]:
        return [fact for fact in self.facts if isinstance(fact, kind)]

    def one(self, kind: type[F]) -> F:
        (fact,) = self.all(kind)
        return fact

    def at(self, fact: Fact | Step) -> str:
        return self.source.slice(fact.site.span)

    def fixed(self) -> str:
        """The text with every publication put on loopback."""
        edits = [edit for p in self.all(Publication) if (fix := to_loopback(p.address)) for edit in fix.edits]
        return apply(self.source, edits)


def manifest(text: str, path: str = "k8s/web.yaml") -> Reading:
    return Reading(kubernetes, Source(path, text))


def pod(spec: str, kind: str = "Pod") -> str:
    indented = "".join(f"  {line}\n" for line in spec.strip("\n").splitlines())
    return f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: web}}\nspec:\n{indented}"


def container(fields: str) -> str:
    indented = "".join(f"  {line}\n" for line in fields.strip("\n").splitlines())
    return pod(f"containers:\n- name: app\n{indented}")


def service(spec: str, annotations: str = "{}") -> str:
    return (
        f"apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  namespace: shop\n  annotations: {annotations}\n"
        f"spec:\n  selector: {{tier: front, app: web}}\n  {spec}\n  ports:\n"
        "  - {port: 80, targetPort: 8080, nodePort: 30080}\n"
    )
