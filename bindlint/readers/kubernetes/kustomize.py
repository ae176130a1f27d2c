"""Patches in kustomizations: strategic merge patches and JSON patches (RFC 6902), inline or in a file, as objects.

A patch is read as the part of an object that it writes: `{op: replace, path: /spec/type, value: NodePort}` is `kind:
Service, spec: {type: NodePort}`. Source: kustomize api/types/kustomization.go and patch.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bindlint.errors import UnreadableError
from bindlint.facts import Problem
from bindlint.readers import layout, yamlmade, yamltree
from bindlint.readers.parts import Part
from bindlint.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bindlint.readers.yamltree import Node

FILES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_KINDS = ("Kustomization", "HelmRelease", "Component")
_LISTS = ("patches", "patchesJson6902", "patchesStrategicMerge", "patchesStrategicMerges")
_WRITES = ("add", "replace")
# The kind of object that a path belongs to, where a patch names no target: only these have it.
_FIELDS = {"type": "Service", "externalIPs": "Service", "loadBalancerSourceRanges": "Service", "hostNetwork": "Pod"}
MAX_OPERATIONS = 500
MAX_DEPTH = 20


def patched(kind: str, node: Node, source: Source) -> Iterator[tuple[Node, Part]]:
    """The objects that the patches of a kustomization write, each with the text that it is written in."""
    for document, part, target, own in patches(kind, node, source):
        if yamltree.is_sequence(document):
            for operation in yamltree.elements(document)[:MAX_OPERATIONS]:
                if (written := _written(operation, target)) is not None:
                    yield written, part
        elif not own:
            yield document, part


def patches(kind: str, node: Node, source: Source) -> Iterator[tuple[Node, Part, Mapping[str, Node], bool]]:
    """The patches of a kustomization: each document, its text, its target, and whether it is a file of its own."""
    if kind not in _KINDS and source.name not in FILES:
        return
    for fields in _holders(node):
        for key in _LISTS:
            for entry in yamltree.elements(fields.get(key)):
                row = yamltree.fields(entry)
                target = yamltree.fields(row.get("target"))
                inline, path = row.get("patch"), row.get("path")
                if not row and "\n" in (yamltree.text(entry) or ""):
                    inline = entry
                elif not row:
                    path = entry
                if (text := yamltree.text(inline)) and (offsets := yamltree.offsets(source, inline)):  # type: ignore[arg-type]
                    for document in _documents(part := Part(source.path, text, offsets, source)):
                        yield document, part, target, False
                elif path is not None and (other := _file(yamltree.text(path) or "", source)) is not None:
                    for document in _documents(part := Part(other.path, other.text, range(len(other.text)), other)):
                        yield document, part, target, True


def _holders(node: Node) -> Iterator[Mapping[str, Node]]:
    """The mappings of a kustomization that may list patches: itself, Flux's `spec`, a release's `postRenderers`."""
    fields = yamltree.fields(node)
    yield fields
    yield (spec := yamltree.fields(fields.get("spec")))
    for entry in yamltree.elements(spec.get("postRenderers")):
        yield yamltree.fields(yamltree.get(entry, "kustomize"))


def _file(path: str, source: Source) -> Source | None:
    found = layout.within(source.folder, path) if path and not path.startswith("/") else None
    return source.files.get(found) if found else None


def _documents(part: Part) -> Iterator[Node]:
    try:
        for document in yamltree.readable(Source(part.name, part.text)):
            if not isinstance(document, Problem):
                yield document
    except UnreadableError:
        return


def _written(operation: Node, target: Mapping[str, Node]) -> Node | None:
    """The object with nothing but what one operation writes."""
    fields = yamltree.fields(operation)
    path, value = (yamltree.text(fields.get("path")) or "").split("/")[1:], fields.get("value")
    if value is None or yamltree.text(fields.get("op")) not in _WRITES or not 0 < len(path) <= MAX_DEPTH:
        return None
    node = value
    for key in reversed(path):
        name = key.replace("~1", "/").replace("~0", "~")
        node = yamlmade.holding(None if name == "-" or name.isdecimal() else name, node)
    kind = yamltree.text(target.get("kind")) or _FIELDS.get(path[-1], "")
    metadata = yamlmade.holding("name", target["name"]) if "name" in target else None
    made = {"kind": yamlmade.scalar(kind, value), **({"metadata": metadata} if metadata is not None else {})}
    return yamlmade.extended(node, made)
