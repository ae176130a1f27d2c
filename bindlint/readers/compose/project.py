"""The services of a compose project: base file, overrides, includes and `extends` merged as compose merges them.

Sources: compose-spec 05-services.md (extends), 13-merge.md, 14-include.md, 15-profiles.md; compose-go loader/*.go,
override/*.go; each rule was tried with docker compose 2.40 (`config --format json`, tests/conformance).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from bindlint.facts import Step
from bindlint.readers import yamltree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bindlint.readers.compose.documents import Document, Library
    from bindlint.readers.compose.values import Value
    from bindlint.readers.dotenv import Variables
    from bindlint.readers.yamltree import Node
    from bindlint.source import Site, Source

MAX_EXTENDS = 16
KINDS = ("services", "networks", "volumes", "configs", "secrets")
_BINDING = "com.docker.network.bridge.host_binding_ipv4"
_OWN_ADDRESS = ("macvlan", "ipvlan")
_CLEARED_BY_NULL = ("command", "entrypoint")  # compose-go override/merge.go: these are replaced whatever the value


@dataclass(frozen=True)
class Written:
    """One definition of a service, network, volume, config or secret, and how its file comes to be part of it."""

    document: Document
    key: Node
    node: Node
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Layer:
    """The keys that one place gives a service, and the hops that bring them there."""

    document: Document
    node: Node | None = field(repr=False)
    fields: Mapping[str, Node] = field(repr=False)
    steps: tuple[Step, ...] = ()


@dataclass
class Project:
    """What the files of a project define, by kind and name, the definitions that win last.

    `whole` is whether these files are all that compose would read; else a service may lack what others complete.
    `profiles` are asked for when it is started. `marked` are what the ids of services end with that are stated before.
    """

    library: Library
    folder: str
    variables: Variables
    whole: bool = True
    profiles: tuple[str, ...] = ()
    marked: dict[str, str] = field(default_factory=dict)
    tables: dict[str, dict[str, list[Written]]] = field(
        default_factory=lambda: {kind: defaultdict(list) for kind in KINDS}
    )
    parts: dict[str, Site] = field(default_factory=dict)
    _elsewhere: dict[tuple[str, int], list[Document]] = field(default_factory=dict)

    @cached_property
    def services(self) -> Mapping[str, Service]:
        """The services by name, in the order in which they are first written."""
        found = {}
        for name, written in self.tables["services"].items():
            if layers := tuple(self._layers(written)):
                found[name] = Service(self, name, written[0].key, layers)
        return found

    def _layers(self, written: list[Written]) -> Iterator[Layer]:
        """What makes a service, the nearest first: a later file, then what that extends, then an earlier file."""
        for one in reversed(written):
            if one.node.tag == "!reset":
                return
            if not yamltree.is_mapping(one.node):
                continue
            layer = Layer(one.document, one.node, yamltree.fields(one.node), one.steps)
            self.library.spend(list(layer.fields.values()))
            yield layer
            yield from self._parents(layer, yamltree.text(one.key) or "")
            if one.node.tag == "!override":
                return

    def _parents(self, layer: Layer, name: str) -> Iterator[Layer]:
        """The services that one extends, of its own or another file, the nearest first."""
        seen = {(layer.document.source.path, name)}
        for _ in range(MAX_EXTENDS):
            extends = layer.fields.get("extends")
            wanted = self.library.text(extends) or self.library.text(yamltree.get(extends, "service"))
            if extends is None or wanted is None:
                return
            document, node = self._extended(layer.document, extends, wanted)
            place = (document.source.path, wanted) if document else ("", "")
            if document is None or place in seen:
                why = "which extends it in turn" if document else "which is not there"
                self.library.problem(layer.document, extends, f"extends the service {wanted!r}, {why}")
                return
            seen.add(place)
            said = f"extends {wanted}" + (f" of {place[0]}" if document.source is not layer.document.source else "")
            layer = Layer(
                document,
                node,
                yamltree.fields(node),
                (*layer.steps, Step(layer.document.site(extends), f"{name} {said}")),
            )
            name = wanted
            yield layer

    def _extended(self, document: Document, extends: Node, name: str) -> tuple[Document | None, Node | None]:
        """The service that is extended, and the document that it stands in."""
        node = yamltree.get(extends, "file")
        if node is None:
            return self._declared([document], name)
        written = self.library.text(node)
        path = document.path(written) if written is not None else None
        if path is None:
            self.library.problem(document, node, f"extends from {written!r}, which is not in this repository")
            return None, None
        key = (path, id(document.variables))
        if key not in self._elsewhere:
            source = self.library.open(path)
            folder = path.rpartition("/")[0]
            self._elsewhere[key] = (
                self.library.documents(source, document.variables, folder, quiet=True) if source else []
            )
        return self._declared(self._elsewhere[key], name)

    def _declared(self, documents: list[Document], name: str) -> tuple[Document | None, Node | None]:
        for document in reversed(documents):
            node = yamltree.get(document.root, "services", name)
            if node is None and "services" not in yamltree.fields(document.root):
                node = yamltree.get(document.root, name)
            if node is not None:
                return document, node
        return None, None

    def pick(self, kind: str, name: str, *path: str) -> Node | None:
        """A value in the definition of a network, volume, config or secret: that of the last file which has it."""
        return _first((written.node for written in reversed(self.tables[kind].get(name, []))), *path)

    def address_of_its_own(self, network: str) -> bool:
        """Whether a network gives its containers addresses of the network that the host is on."""
        return self.library.text(self.pick("networks", network, "driver")) in _OWN_ADDRESS


@dataclass(frozen=True)
class Service:
    """A service: its own keys, then those of what it extends and overrides, the nearest first."""

    project: Project
    name: str
    key: Node
    chain: tuple[Layer, ...] = field(repr=False)

    @property
    def source(self) -> Source:
        """The file that defines it first."""
        return self.project.library.home(self.key).source

    @property
    def id(self) -> str:
        """The container's id, unique in the scanned tree."""
        return f"{self.source.path}#{self.name}{self.project.marked.get(self.name, '')}"

    def get(self, key: str, *path: str) -> Node | None:
        """The value of a key, or below it: that of the nearest place that has one; None when it is reset."""
        parts = (layer.fields[key] for layer in self.chain if key in layer.fields)
        if path:
            return _first(parts, *path)
        node = next((n for n in parts if key in _CLEARED_BY_NULL or not yamltree.is_null(n)), None)
        return None if node is None or node.tag == "!reset" or yamltree.is_null(node) else node

    def text(self, key: str) -> str | None:
        """The resolved text of a scalar key."""
        return self.project.library.text(self.get(key))

    def value(self, node: Node) -> Value:
        """A scalar of this service."""
        return self.project.library.value(node)

    def site(self, node: Node) -> Site:
        """Where a node of this service is written."""
        return self.home(node).site(node)

    def home(self, node: Node) -> Document:
        """The document that a node of this service is from."""
        return self.project.library.home(node)

    def path(self, node: Node | None) -> str | None:
        """The repository path that a scalar of this service says, from the folder of whoever wrote it."""
        text = self.project.library.text(node)
        return None if node is None or text is None else self.home(node).path(text)

    def collected(self, key: str) -> list[Node]:
        """The elements of a list, the parents' first: lists are appended, unless reset or overridden."""
        return [node for _, part in self.parts(key) for node in self.elements(part)]

    def elements(self, node: Node) -> list[Node]:
        """The elements of one list, without those that are reset; a text is a list of one."""
        found = [node] if yamltree.text(node) is not None else yamltree.elements(node)
        return [one for one in self.project.library.spend(found) if one.tag != "!reset"]

    def merged(self, key: str) -> list[tuple[str | None, Node]]:
        """The entries of a key that is a list or a mapping, the parents' first: (key text, None in a list; value).

        A mapping's entry that is reset is handed out with its tag: it takes away what was before.
        """
        found: list[tuple[str | None, Node]] = []
        for _, part in self.parts(key):
            if yamltree.is_mapping(part):
                rows = yamltree.items(part)
                self.project.library.spend([value for _, _, value in rows])
                found += [(name, value) for name, _, value in rows]
            else:
                found += [(None, value) for value in self.elements(part)]
        return found

    def parts(self, key: str) -> list[tuple[Layer, Node]]:
        """What each place gives for a key, the furthest first, back to the one that resets or overrides it."""
        parts: list[tuple[Layer, Node]] = []
        for layer in self.chain:
            if (node := layer.fields.get(key)) is None:
                continue
            if node.tag == "!reset":
                break
            parts.append((layer, node))
            if node.tag == "!override":
                break
        return parts[::-1]

    @cached_property
    def networks(self) -> list[str]:
        """The networks that the service joins: `default` when it names none."""
        named = [name or self.project.library.text(node) or "" for name, node in self.merged("networks")]
        return list(dict.fromkeys(named)) or ["default"]

    @cached_property
    def on_lan(self) -> Node | None:
        """The driver that gives the container an address on the host's own network, when one of its networks has it."""
        if self.get("network_mode") is not None:
            return None
        found = [name for name in self.networks if self.project.address_of_its_own(name)]
        return self.project.pick("networks", found[0], "driver") if found else None

    @cached_property
    def binding(self) -> tuple[str, Site] | None:
        """The host address for ports without one, and where it is written: if every network has that driver option."""
        if self.get("network_mode") is not None:
            return None
        found: list[tuple[str, Site]] = []
        for name in self.networks:
            option = self.project.pick("networks", name, "driver_opts", _BINDING)
            if option is None or yamltree.text(option) is None:
                return None
            value = self.value(option)
            found.append((value.text, value.inside))
        return found[0] if found else None

    @cached_property
    def waits_for(self) -> tuple[str, ...]:
        """The profiles without any of which the service is not started; () when it always is."""
        names = [self.project.library.text(node) or "" for node in self.collected("profiles")]
        enabled = {name.strip() for name in self.project.variables.values.get("COMPOSE_PROFILES", "").split(",")}
        enabled.update(self.project.profiles)
        return () if "*" in enabled or enabled.intersection(names) else tuple(dict.fromkeys(names))


def _first(nodes: Iterable[Node], *path: str) -> Node | None:
    """The value under a path in the first of the nodes that has one; None when that or what holds it is reset."""
    for node in nodes:
        if node.tag == "!reset":
            return None
        found = yamltree.get(node, *path)
        if found is not None and not yamltree.is_null(found):
            return None if found.tag == "!reset" else found
        if node.tag == "!override":
            return None
    return None
