"""The environment of a container: its own `env`, and what ConfigMaps and Secrets give it.

Source: kubernetes/api core/v1/types.go EnvVar, EnvFromSource (a variable of `env` wins over one of `envFrom`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bindlint.facts import Word
from bindlint.readers import yamltree
from bindlint.readers.commands import made
from bindlint.readers.kubernetes.configmaps import Stores, spelled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bindlint.readers.kubernetes.charts import Chart
    from bindlint.readers.yamltree import Node
    from bindlint.source import Source

_REFERENCES = (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret"))
_SOURCES = (("configMapRef", "ConfigMap"), ("secretRef", "Secret"))


def word(source: Source, node: Node, chart: Chart | None = None) -> Word:
    """A scalar as a word, with the default values of its chart.

    What else a template writes stays as it is written, so that it is seen to be unknown.
    """
    offsets = yamltree.offsets(source, node)
    inside = yamltree.inside(source, node)
    text = yamltree.text(node)
    if text is None and chart is not None and chart.values is not None and yamltree.style(node) not in ("|", ">"):
        found = chart.single(source.slice(inside.span))
        return word(chart.values, found) if found is not None else chart.rendered(inside.span.start, inside.span.end)
    if text is None:
        return Word(source.slice(inside.span), inside)
    if text and not offsets:
        return Word(text, inside)
    return made(text, offsets, source.path, inside.span.start)


def variables(fields: Mapping[str, Node], stores: Stores, namespace: str, chart: Chart) -> tuple[dict[str, Word], bool]:
    """The variables of a container, those from elsewhere with an unknown value; and whether that is all of them."""
    found: dict[str, Word] = {}
    complete = True
    for node in yamltree.elements(fields.get("envFrom")):
        row = yamltree.fields(node)
        prefix = yamltree.text(row.get("prefix")) or ""
        for key, kind in _SOURCES:
            if (reference := row.get(key)) is None:
                continue
            name = spelled(stores.source, yamltree.get(reference, "name"))
            store = stores.find(kind, name, namespace)
            complete = complete and store is not None and not store.files
            if store is None:
                continue
            found |= {prefix + one: word(store.source, value) for one, value in store.values.items()}
            place = yamltree.site(stores.source, reference)
            found |= {prefix + one: Word(f"$({prefix + one})", place) for one in store.hidden}
    for node in yamltree.elements(fields.get("env")):
        row = yamltree.fields(node)
        name, value = spelled(stores.source, row.get("name")), row.get("value")
        if yamltree.text(row.get("name")) is None:
            continue
        if value is not None and (said := word(stores.source, value, chart)) and "{{" not in said.text:
            found[name] = said
        elif value is not None or "valueFrom" in row:
            unknown = Word(f"$({name})", yamltree.site(stores.source, row["name"]))
            found[name] = _referred(row.get("valueFrom"), stores, namespace) or unknown
    return found, complete


def _referred(node: Node | None, stores: Stores, namespace: str) -> Word | None:
    """The value that a reference leads to."""
    for key, kind in _REFERENCES:
        fields = yamltree.fields(yamltree.get(node, key))
        store = stores.find(kind, spelled(stores.source, fields.get("name")), namespace) if fields else None
        value = store.values.get(yamltree.text(fields.get("key")) or "") if store is not None else None
        if store is not None and value is not None and yamltree.text(value) is not None:
            return word(store.source, value)
    return None
