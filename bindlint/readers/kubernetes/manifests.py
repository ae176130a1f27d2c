"""The objects of a file, and the pods and services in them: found by shape, so that custom resources count too."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bindlint.facts import Policy, Problem, Step
from bindlint.readers import yamltree
from bindlint.readers.kubernetes import components, entrances, kustomize, overlays, pods, services
from bindlint.readers.kubernetes.charts import Chart
from bindlint.readers.kubernetes.configmaps import Stores, spelled
from bindlint.readers.parts import Part
from bindlint.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bindlint.facts import Fact
    from bindlint.knowledge import Knowledge
    from bindlint.readers.yamltree import Node
    from bindlint.source import Site

MAX_PORT = 0xFFFF
MAX_OBJECTS = 20_000  # of one file
_LISTS = ("containers", "initContainers")
# Kinds that describe what pods may be, and run none.
_NO_WORKLOADS = ("CustomResourceDefinition", "PodSecurityPolicy", "SecurityContextConstraints")
_VALUE_KINDS = ("HelmRelease", "HelmChart")  # objects that carry the values of a chart


@dataclass(frozen=True, slots=True)
class Said:
    """A scalar as it is meant: its text, None for none, and where that is written; `trail` leads there."""

    text: str | None
    node: Node | None
    source: Source
    trail: tuple[Step, ...] = ()

    @property
    def inside(self) -> Site:
        """Where the text is written, without quotes."""
        return yamltree.inside(self.source, self.node) if self.node is not None else self.source.site(0, 0)


@dataclass(frozen=True)
class Owner:
    """The object that something was found in, and the labels that a Service would select its pods by."""

    source: Source
    knowledge: Knowledge
    kind: str = ""
    name: str = ""
    key: str = ""
    namespace: str = "default"
    labels: tuple[tuple[str, str], ...] = ()
    taken: dict[str, int] = field(default_factory=dict)
    stores: Stores = field(kw_only=True)
    chart: Chart = field(kw_only=True)

    def unique(self, identity: str) -> str:
        """The identity, numbered from the second time on: names repeat in examples and custom resources."""
        count = self.taken[identity] = self.taken.get(identity, 0) + 1
        return identity if count == 1 else f"{identity}~{count}"

    def said(self, node: Node | None) -> Said:
        """A scalar, by the default value of the chart that its template's action stands for, if it is one."""
        if node is not None and yamltree.text(node) is None and self.chart.values is not None:
            found = self.chart.single(self.source.slice(yamltree.inside(self.source, node).span))
            if found is not None:
                step = Step(yamltree.site(self.source, node), "the template that it is used in")
                return Said(yamltree.text(found), found, self.chart.values, (step,))
        return Said(yamltree.text(node), node, self.source)

    def number(self, node: Node | None) -> int | None:
        """The number of a port, None for anything else."""
        text = self.said(node).text or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 6 and 0 < int(text) <= MAX_PORT else None

    @property
    def group(self) -> str:
        """What the containers of one pod share."""
        return f"{self.source.path}#{self.kind}/{self.name}"

    def pairs(self, node: Node | None, key: str) -> tuple[tuple[str, str], ...]:
        """The labels under a key, as they are spelled; whatever a template adds there counts as the chart's own."""
        rows = [(name, spelled(self.source, value)) for name, _, value in yamltree.items(yamltree.get(node, key))]
        own = [("{{}}", self.chart.root or "")] if self._added(yamltree.key_node(node, key)) else []
        return tuple(sorted([*rows, *own]))

    def _added(self, key: Node | None) -> bool:
        """Whether a template's action stands on a line of its own, or as the whole value, below a key."""
        if key is None or self.chart.root is None:
            return False
        first, column = self.source.line_column(key.start_mark.index)
        if self.source.line_text(first).rstrip().endswith("}}"):
            return True
        for number in range(first + 1, self.source.line_count + 1):
            line = self.source.line_text(number)
            text = line.strip()
            if text.startswith("{{") and re.match(r"\{\{-?\s*(?:include|template|toYaml|tpl)\b", text):
                return True
            if text and not text.startswith("{{") and len(line) - len(line.lstrip()) < column:
                return False
        return False

    @property
    def service(self) -> str:
        """The Service that this is, by its namespace and name; "" for anything else."""
        return self.led(self.key) if self.kind == "Service" and self.key else ""

    def led(self, name: str, namespace: str = "") -> str:
        """The Service of a name as it is spelled; a template's expression means something in its chart only."""
        return f"{namespace or self.namespace}/{name}{'@' + (self.chart.root or '') if '{{' in name else ''}"


def read(source: Source, knowledge: Knowledge) -> Iterator[Fact | Problem | Part]:
    """The facts of each object, in order."""
    chart = Chart(source)
    if chart.values is not None:
        source = chart.taken
    owner = Owner(source, knowledge, stores=Stores(source), chart=chart)
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
            yield from _patched(node, owner)
            yield from overlays.overlays(node, source, _stating(owner))


def _stating(owner: Owner) -> Callable[[Node, Source], Iterator[Fact | Part]]:
    """What states the facts of an object of another file."""

    def stated(node: Node, source: Source) -> Iterator[Fact | Part]:
        return _facts(node, Owner(source, owner.knowledge, stores=Stores(source), chart=Chart(source)))

    return stated


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
        name=yamltree.text(metadata.get("name"))
        or yamltree.text(metadata.get("generateName"))
        or _chart(owner, fields),
        key=spelled(owner.source, metadata.get("name")),
        namespace=yamltree.text(metadata.get("namespace")) or "default",
    )
    if owner.kind == "NetworkPolicy":
        yield from _policy(fields, metadata, owner)
        return
    if owner.kind in _NO_WORKLOADS or owner.kind.endswith("Policy"):
        return
    if owner.kind == "Service" and (yamltree.text(fields.get("apiVersion")) or "v1") == "v1":
        yield from services.service(owner, metadata, fields.get("spec"))
        return
    if components.reads(yamltree.text(fields.get("apiVersion")) or ""):
        yield from components.component(node, yamltree.text(fields.get("apiVersion")) or "", owner)
        return
    if entrances.reads(owner.kind, yamltree.text(fields.get("apiVersion")) or ""):
        yield from entrances.entrance(owner, metadata, fields.get("spec"))
        return
    yield from _walk(node, owner)


def _policy(fields: Mapping[str, Node], metadata: Mapping[str, Node], owner: Owner) -> Iterator[Policy]:
    """A policy for incoming traffic. Source: kubernetes/api networking/v1/types.go, NetworkPolicySpec."""
    spec = yamltree.fields(fields.get("spec"))
    types = [yamltree.text(node) for node in yamltree.elements(spec.get("policyTypes"))]
    selector = yamltree.fields(spec.get("podSelector"))
    if (types and "Ingress" not in types) or "matchExpressions" in selector:
        return
    labels = [(name, yamltree.text(value) or "") for name, _, value in yamltree.items(selector.get("matchLabels"))]
    if (name := metadata.get("name")) is not None:
        site = yamltree.inside(owner.source, name)
        yield Policy(site, owner.name, tuple(sorted([*labels, ("", owner.namespace)])))


def _patched(node: Node, owner: Owner) -> Iterator[Fact | Problem | Part]:
    """The facts of what the patches of a kustomization write."""
    for patch, part in kustomize.patched(yamltree.text(yamltree.get(node, "kind")) or "", node, owner.source):
        inner = replace(owner, source=Source(part.name, part.text, owner.source.files), chart=Chart(part.source))
        for fact in _facts(patch, inner):
            yield fact if isinstance(fact, Part) else part.placed(fact)


def _chart(owner: Owner, fields: Mapping[str, Node]) -> str:
    """The name of the chart whose values these are: that of its folder; "" for anything else."""
    return owner.source.folder.rpartition("/")[2] if "kind" not in fields else ""


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
        if owner.kind in ("values", *_VALUE_KINDS) and yamltree.text(fields.get("enabled")) == "false":
            continue  # of a chart's values, a part that is not used unless somebody asks for it
        if metadata := fields.get("metadata"):
            labels = owner.pairs(metadata, "labels")
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
