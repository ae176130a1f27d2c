"""What clouds and controllers are told to keep a load balancer or an entrance (Ingress, Gateway) inside."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from bindlint.knowledge.examples import Example, unmark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bindlint.knowledge.check import Table

KINDS = ("service", "entrance", "address")  # "address": the value is the address of a load balancer
_NOTHING = ("", "false")
_SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {{name: web, annotations: {{{0}}}}}\nspec:\n  type: {1}\n"
_ENTRANCE = (
    "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: db, annotations: {{{0}}}}}\n"
    "spec:\n  ingressClassName: {2}\n  defaultBackend: {{service: {{name: {1}, port: {{number: 9200}}}}}}\n"
    "---\napiVersion: v1\nkind: Service\nmetadata: {{name: db}}\n"
    "spec: {{selector: {{a: b}}, ports: [{{port: 9200}}]}}\n"
    "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: db, labels: {{a: b}}}}\n"
    "spec: {{containers: [{{name: db, image: 'elasticsearch:8.14.0'}}]}}\n"
)


@dataclass(frozen=True, slots=True)
class Internal:
    """One way to say that only the inside is served: an annotation with one of some values, or a class of that name.

    `values` are globs, in lower case; none stands for any value but false and nothing. `unless` are annotations that
    decide otherwise where they are written. `reads` is what it is said of, `note` what a story says of it.
    """

    reads: str
    source: str
    annotation: str = ""
    classes: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    note: str = "declared internal"

    def says(self, annotations: Mapping[str, str], named: str) -> str | None:
        """The annotation that says it, "" for the class, None when neither does."""
        if any(name in annotations for name in self.unless):
            return None
        if self.classes and not any(fnmatchcase(named.lower(), glob) for glob in self.classes):
            return None
        if not self.annotation:
            return ""
        text = annotations.get(self.annotation)
        if text is None:
            return None
        said = text.lower() not in _NOTHING if not self.values else _any(text.lower(), self.values)
        return self.annotation if said else None


def _any(text: str, globs: tuple[str, ...]) -> bool:
    return any(fnmatchcase(text, glob) for glob in globs)


def rows(table: Table) -> tuple[Internal, ...]:
    """The rows of a file under rules/clouds/."""
    table.skip("example")
    found = tuple(_row(part) for part in table.tables("internal"))
    table.done()
    return found


def _row(table: Table) -> Internal:
    row = Internal(
        reads=table.choice("reads", KINDS, "service"),
        source=table.text("source"),
        annotation=table.text("annotation", ""),
        classes=table.texts("classes", ()),
        values=table.texts("values", ()),
        unless=table.texts("unless", ()),
        note=table.text("note", "declared internal"),
    )
    if not row.annotation and not row.classes:
        table.fail("an annotation or classes")
    table.skip("good", "bad")
    table.done()
    return row


def examples(table: Table) -> tuple[Example, ...]:
    """A manifest for each value under `good` (internal) and `bad` (open to all) of a row."""
    found = []
    for part in table.tables("internal"):
        row = _row(part)
        for word in () if row.reads == "address" else ("bad", "good"):
            for index, value in enumerate(part.texts(word)):
                text = _manifest(row, value, bad=word == "bad")
                clean, expected = unmark("web.yaml", text)
                name = f"{table.document.name}{''.join(f'[{p}]' for p in part.path)} {word} {index}"
                found.append(Example(name, word, {"web.yaml": clean}, tuple(expected), {}))
    return tuple(found)


def _manifest(row: Internal, value: str, *, bad: bool) -> str:
    note = f"{row.annotation}: {value}" if row.annotation else ""
    named = value if not row.annotation else (row.classes or ("web",))[0].replace("*", "")
    if row.reads == "entrance":
        return _ENTRANCE.format(note, "«exposed-datastore|db»" if bad else "db", named)
    text = _SERVICE.format(note, "«published-wildcard|LoadBalancer»" if bad else "LoadBalancer")
    return text if not row.classes else f"{text}  loadBalancerClass: {named}\n"
