"""The objects of a file, and the pods and services in them: found by shape, so that custom resources count too."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bindlint.facts import Problem
from bindlint.readers import yamltree
from bindlint.readers.kubernetes import entrances, pods, services
from bindlint.readers.kubernetes.configmaps import Stores

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.facts import Fact
    from bindlint.knowledge import Knowledge
    from bindlint.readers.parts import Part
    from bindlint.readers.yamltree import Node
    from bindlint.source import Source

MAX_OBJECTS = 20_000  # of one file
_LISTS = ("containers", "initContainers")
# Kinds that describe what pods may be, and run none.
_NO_WORKLOADS = ("CustomResourceDefinition", "PodSecurityPolicy", "SecurityContextConstraints")
_VALUE_KINDS = ("HelmRelease", "HelmChart")  # objects that carry the values of a chart


@dataclass(frozen=True)
class Owner:
    """The object that something was found in, and the labels that a Service would select its pods by."""

    source: Source
    knowledge: Knowledge
    kind: str = ""
    name: str = ""
    namespace: str = "default"
    labels: tuple[tuple[str, str], ...] = ()
    taken: dict[str, int] = field(default_factory=dict)
    stores: Stores = field(kw_only=True)

    def unique(self, identity: str) -> str:
        """The identity, numbered from the second time on: names repeat in examples and custom resources."""
        count = self.taken[identity] = self.taken.get(identity, 0) + 1
        return identity if count == 1 else f"{identity}~{count}"

    @property
    def group(self) -> str:
        """What the containers of one pod share."""
        return f"{self.source.path}#{self.kind}/{self.name}"

    @property
    def service(self) -> str:
        """The Service that this is, by its namespace and name; "" for anything else."""
        return f"{self.namespace}/{self.name}" if self.kind == "Service" and self.name else ""


def read(source: Source, knowledge: Knowledge) -> Iterator[Fact | Problem | Part]:
    """The facts of each object, in order."""
    owner = Owner(source, knowledge, stores=Stores(source))
    left = MAX_OBJECTS
    for document in yamltree.readable(source):
        if isinstance(document, Problem):
            yield document
            continue
        for node in _objects(document):
            left -= 1
            if left < 0:
                yield Problem(source.path, f"more than {MAX_OBJECTS} objects", partial=True)
                return
            yield from _facts(node, owner)


def _objects(document: Node) -> Iterator[Node]:
    """The objects of a document: itself, or the items of a List (of a List)."""
    seen: set[int] = set()
    todo = [document]
    while todo:
        node = todo.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        items = yamltree.get(node, "items")
        if (yamltree.text(yamltree.get(node, "kind")) or "").endswith("List") and yamltree.is_sequence(items):
            todo += reversed(yamltree.elements(items))
        else:
            yield node


def _facts(node: Node, owner: Owner) -> Iterator[Fact | Part]:
    fields = yamltree.fields(node)
    metadata = yamltree.fields(fields.get("metadata"))
    owner = replace(
        owner,
        kind=yamltree.text(fields.get("kind")) or "values",
        name=yamltree.text(metadata.get("name")) or yamltree.text(metadata.get("generateName")) or "",
        namespace=yamltree.text(metadata.get("namespace")) or "default",
    )
    if owner.kind in _NO_WORKLOADS or owner.kind.endswith("Policy"):
        return
    if owner.kind == "Service" and (yamltree.text(fields.get("apiVersion")) or "v1") == "v1":
        yield from services.service(owner, metadata, fields.get("spec"))
        return
    if entrances.reads(owner.kind, yamltree.text(fields.get("apiVersion")) or ""):
        yield from entrances.entrance(owner, metadata, fields.get("spec"))
        return
    yield from _walk(node, owner)


def _walk(root: Node, owner: Owner) -> Iterator[Fact | Part]:
    """Every pod spec and every service setting below a node, each node once however often it is aliased."""
    seen: set[int] = set()
    todo: list[tuple[str, Node, tuple[tuple[str, str], ...]]] = [("", root, ())]
    while todo:
        key, node, labels = todo.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if yamltree.is_sequence(node):
            todo += [(key, element, labels) for element in reversed(yamltree.elements(node))]
            continue
        if not yamltree.is_mapping(node):
            continue
        fields = yamltree.fields(node)
        if metadata := fields.get("metadata"):
            labels = _labels(metadata)
        if _lists_containers(fields):
            yield from pods.pod(node, replace(owner, labels=labels))
            continue
        if _patches_pods(key, fields, owner):
            yield from pods.pod(node, replace(owner, labels=labels))
        if key.lower().endswith("service") and ("type" in fields or "type" in yamltree.fields(fields.get("spec"))):
            yield from services.setting(owner, node)
        todo += [(name, value, labels) for name, value in reversed(fields.items())]


def _lists_containers(fields: dict[str, Node]) -> bool:
    """Whether a mapping is a pod's spec."""
    for name in _LISTS:
        for element in yamltree.elements(fields.get(name)):
            if {"name", "image"} & yamltree.fields(element).keys():
                return True
    return False


def _patches_pods(key: str, fields: dict[str, Node], owner: Owner) -> bool:
    """Whether a mapping without containers moves pods to the host's network: a patch, a custom resource, values."""
    ours = key == "spec" or owner.kind == "values" or owner.kind in _VALUE_KINDS
    return ours and yamltree.flag(fields.get("hostNetwork"))


def _labels(metadata: Node) -> tuple[tuple[str, str], ...]:
    rows = yamltree.items(yamltree.get(metadata, "labels"))
    return tuple(sorted((name, text) for name, _, value in rows if (text := yamltree.text(value)) is not None))
