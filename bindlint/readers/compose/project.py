"""The services of a compose file, with `extends`, merge keys, `!reset` and `!override` resolved.

Sources: compose-spec 05-services.md (extends), 13-merge.md; tried with docker compose 2.22 and 2.40.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from bindlint.errors import UnreadableError
from bindlint.readers import dotenv, yamltree
from bindlint.readers.compose.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bindlint.readers.dotenv import Variables
    from bindlint.readers.yamltree import Node
    from bindlint.source import Site, Source

MAX_ENTRIES = 20_000  # list and mapping entries looked at, aliases counted each time (compose-go stops at 100,000)
MAX_EXTENDS = 16
_BINDING = "com.docker.network.bridge.host_binding_ipv4"
_NOT_SERVICES = re.compile(r"version|networks|volumes|configs|secrets|name|include|x-.*")


@dataclass
class Project:
    """One document: its top level, and what its services share."""

    source: Source
    root: Node
    variables: Variables = dotenv.NOTHING
    left: int = MAX_ENTRIES
    values: dict[int, Value] = field(default_factory=dict)

    @cached_property
    def top(self) -> Mapping[str, Node]:
        """The keys of the top level."""
        return yamltree.fields(self.root)

    def spend(self, nodes: list[Node]) -> list[Node]:
        """Count entries against the budget."""
        self.left -= len(nodes)
        if self.left < 0:
            raise UnreadableError(f"aliases make more than {MAX_ENTRIES} entries of it")
        return nodes

    def services(self) -> Iterator[Service]:
        """The services in the order in which they are written."""
        rows = {name: (key, node) for name, key, node in self._written() if yamltree.is_mapping(node)}
        fields = {name: yamltree.fields(node) for name, (_, node) in rows.items() if node.tag != "!reset"}
        for name, own in fields.items():
            self.spend(list(own.values()))
            yield Service(self, name, rows[name][0], (own, *self._parents(own, fields, {name})))

    def _written(self) -> list[tuple[str, Node, Node]]:
        """The rows of `services`; of a file of version 1, which has none, the mappings that say what to run."""
        if "services" in self.top:
            return yamltree.items(self.top["services"])
        rows = [row for row in yamltree.items(self.root) if not _NOT_SERVICES.fullmatch(row[0])]
        return [row for row in rows if {"image", "build"} & yamltree.fields(row[2]).keys()]

    def _parents(
        self, own: Mapping[str, Node], fields: Mapping[str, Mapping[str, Node]], seen: set[str]
    ) -> Iterator[Mapping[str, Node]]:
        """The services of this file that one extends, the nearest first."""
        for _ in range(MAX_EXTENDS):
            extends = own.get("extends")
            file = yamltree.text(yamltree.get(extends, "file"))
            name = yamltree.text(extends) or yamltree.text(yamltree.get(extends, "service"))
            elsewhere = file is not None and self.path(file) != self.source.path
            if name is None or name not in fields or name in seen or elsewhere:
                return
            seen.add(name)
            own = fields[name]
            yield own

    def path(self, written: str) -> str | None:
        """The repository path of a path written in this file; None when it is absolute or leads out of the root."""
        if (
            written.startswith(("/", "~"))
            or "\0" in written
            or "://" in written
            or re.match(r"[A-Za-z]:[\\/]", written)
        ):
            return None
        path = posixpath.normpath(posixpath.join(self.source.folder or ".", written.replace("\\", "/")))
        if path == ".." or path.startswith("../"):
            return None
        return "" if path == "." else path

    def value(self, node: Node) -> Value:
        """A scalar of this file."""
        found = self.values.get(id(node))  # the tree keeps its nodes, so the number stays this node's
        if found is None:
            found = self.values[id(node)] = Value(self.source, node, self.variables)
        return found


@dataclass(frozen=True)
class Service:
    """A service: its own keys, then those of the services that it extends, the nearest first."""

    project: Project
    name: str
    key: Node
    chain: tuple[Mapping[str, Node], ...] = field(repr=False)

    @property
    def source(self) -> Source:
        """The file."""
        return self.project.source

    @property
    def id(self) -> str:
        """The container's id, unique in the scanned tree."""
        return f"{self.source.path}#{self.name}"

    def get(self, key: str) -> Node | None:
        """The value of a key, its own before a parent's; None when it is reset."""
        node = next((fields[key] for fields in self.chain if key in fields), None)
        return None if node is None or node.tag == "!reset" else node

    def text(self, key: str) -> str | None:
        """The resolved text of a scalar key."""
        node = self.get(key)
        return None if node is None or yamltree.text(node) is None else self.project.value(node).text

    def value(self, node: Node) -> Value:
        """A scalar of this service."""
        return self.project.value(node)

    def collected(self, key: str) -> list[Node]:
        """The elements of a list, the parents' first: lists are appended, unless reset or overridden."""
        return [node for part in self._lists(key) for node in self.project.spend(yamltree.elements(part))]

    def merged(self, key: str) -> list[tuple[str | None, Node]]:
        """The entries of a key that is a list or a mapping, the parents' first: (key text, None in a list; value)."""
        found: list[tuple[str | None, Node]] = []
        for part in self._lists(key):
            if yamltree.is_mapping(part):
                rows = yamltree.items(part)
                self.project.spend([value for _, _, value in rows])
                found += [(name, value) for name, _, value in rows]
            else:
                found += [(None, value) for value in self.project.spend(yamltree.elements(part))]
        return found

    def _lists(self, key: str) -> list[Node]:
        parts: list[Node] = []
        for fields in self.chain:
            if (node := fields.get(key)) is None:
                continue
            if node.tag == "!reset":
                break
            parts.append(node)
            if node.tag == "!override":
                break
        return parts[::-1]

    @cached_property
    def networks(self) -> list[tuple[str, Mapping[str, Node]]]:
        """The networks that the service joins, each with its definition: `default` when it names none."""
        names = [name or yamltree.text(node) or "" for name, node in self.merged("networks")] or ["default"]
        defined = yamltree.fields(self.project.top.get("networks"))
        return [(name, yamltree.fields(defined.get(name))) for name in names]

    @cached_property
    def binding(self) -> tuple[str, Site] | None:
        """The host address for ports without one, and where it is written: if every network has that driver option."""
        if self.get("network_mode") is not None:
            return None
        found: list[tuple[str, Site]] = []
        for _, network in self.networks:
            option = yamltree.get(network.get("driver_opts"), _BINDING)
            if option is None or yamltree.text(option) is None:
                return None
            value = self.value(option)
            found.append((value.text, value.inside))
        return found[0] if found else None
