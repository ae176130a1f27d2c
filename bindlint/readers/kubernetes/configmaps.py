"""ConfigMaps and Secrets of the project: their data as variables, and as files that containers mount.

Sources: kubernetes/api core/v1/types.go ConfigMap, Secret, ConfigMapVolumeSource, ProjectedVolumeSource, VolumeMount
(subPath); kustomize api/types/configmapargs.go for the generators.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bindlint.errors import UnreadableError
from bindlint.facts import Problem
from bindlint.readers import yamltree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bindlint.readers.yamltree import Node
    from bindlint.source import Source

MAX_FILES = 60  # of a folder that are searched
_YAML = (".yaml", ".yml", ".yaml.tpl", ".json")
_KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_GENERATORS = ("configMapGenerator", "secretGenerator")
_BLANKS = re.compile(r"[\s\"']+|(?<=\{\{)-|-(?=\}\})")


@dataclass(frozen=True, slots=True)
class Store:
    """A ConfigMap or Secret: its values by key, and the repository files that are the values of others."""

    kind: str
    name: str
    namespace: str
    source: Source
    values: Mapping[str, Node]
    files: Mapping[str, str] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()


@dataclass
class Stores:
    """The ConfigMaps and Secrets that the pods of one file can name: of the file, else of its folder; read once."""

    source: Source
    _own: list[Store] | None = None
    _beside: list[Store] | None = None

    def find(self, kind: str, name: str, namespace: str) -> Store | None:
        """The one that is meant; one without a namespace is of any."""
        if self._own is None:
            self._own = list(_stores(self.source))
        if (found := _named(self._own, kind, name, namespace)) is not None:
            return found
        if self._beside is None:
            self._beside = list(_of_folder(self.source))
        return _named(self._beside, kind, name, namespace)


def spelled(source: Source, node: Node | None) -> str:
    """A name as it is written, a template's expression with it: two that are spelled alike are one."""
    text = yamltree.text(node)
    if node is None or (text is None and not yamltree.templated(node)):
        return ""
    return text if text is not None else _BLANKS.sub("", source.slice(yamltree.site(source, node).span))


def _named(stores: list[Store], kind: str, name: str, namespace: str) -> Store | None:
    same = [s for s in stores if (s.kind, s.name) == (kind, name) and name]
    return next((s for s in same if s.namespace == namespace or "default" in (s.namespace, namespace)), None)


def _of_folder(source: Source) -> Iterator[Store]:
    paths = [path for path in source.files.within(source.folder) if path.endswith((*_YAML, *_KUSTOMIZATIONS))]
    for path in paths[:MAX_FILES]:
        other = source.files.get(path) if path != source.path else None
        if other is not None and any(word in other.text for word in ("ConfigMap", "Secret", *_GENERATORS)):
            yield from _stores(other)


def _stores(source: Source) -> Iterator[Store]:
    try:
        for document in yamltree.readable(source):
            if not isinstance(document, Problem):
                yield from _of_document(source, document)
    except UnreadableError:  # said where the file itself is read
        return


def _of_document(source: Source, document: Node) -> Iterator[Store]:
    fields = yamltree.fields(document)
    for node in [document, *yamltree.elements(fields.get("items"))]:
        inner = yamltree.fields(node)
        kind, metadata = yamltree.text(inner.get("kind")), yamltree.fields(inner.get("metadata"))
        if kind in ("ConfigMap", "Secret"):
            values = yamltree.fields(inner.get("data" if kind == "ConfigMap" else "stringData"))
            hidden = tuple(yamltree.fields(inner.get("data"))) if kind == "Secret" else ()
            namespace = yamltree.text(metadata.get("namespace")) or "default"
            yield Store(kind, spelled(source, metadata.get("name")), namespace, source, values, hidden=hidden)
    if source.name in _KUSTOMIZATIONS:
        for key in _GENERATORS:
            for node in yamltree.elements(fields.get(key)):
                yield _generated(source, key, yamltree.fields(node))


def _generated(source: Source, key: str, fields: Mapping[str, Node]) -> Store:
    """What a generator makes: `files` are paths, or `key=path`."""
    files = {}
    for node in yamltree.elements(fields.get("files")):
        name, equals, path = (yamltree.text(node) or "").partition("=")
        path = posixpath.normpath(posixpath.join(source.folder or ".", path if equals else name))
        if not path.startswith((".", "/")):
            files[name if equals else posixpath.basename(name)] = path
    kind = "ConfigMap" if key == "configMapGenerator" else "Secret"
    namespace = yamltree.text(fields.get("namespace")) or "default"
    return Store(kind, yamltree.text(fields.get("name")) or "", namespace, source, {}, files)


@dataclass(frozen=True, slots=True)
class Mount:
    """A value of a store as a file of a container: its path there."""

    store: Store
    key: str
    path: str


def mounts(volumes: Mapping[str, Node], fields: Mapping[str, Node], stores: Stores, namespace: str) -> Iterator[Mount]:
    """The files that a container is given from ConfigMaps and Secrets; `volumes` are those of its pod by name."""
    for node in yamltree.elements(fields.get("volumeMounts")):
        mount = yamltree.fields(node)
        volume = yamltree.fields(volumes.get(spelled(stores.source, mount.get("name"))))
        folder, only = yamltree.text(mount.get("mountPath")), yamltree.text(mount.get("subPath"))
        if folder is None:
            continue
        for store, keys in _volume(volume, stores, namespace):
            for key in (*store.values, *store.files):
                name = keys.get(key, "" if keys else key)
                if not name or (only is not None and name != only.removeprefix("./")):
                    continue
                yield Mount(store, key, folder if only else posixpath.join(folder, name))


def _volume(volume: Mapping[str, Node], stores: Stores, namespace: str) -> Iterator[tuple[Store, dict[str, str]]]:
    """The stores of a volume, each with the file names for its keys where it gives some."""
    parts = [volume, *map(yamltree.fields, yamltree.elements(yamltree.get(volume.get("projected"), "sources")))]
    for part in parts:
        for kind, key, word in (("ConfigMap", "configMap", "name"), ("Secret", "secret", "secretName")):
            source = yamltree.fields(part.get(key))
            name = spelled(stores.source, source.get(word) or source.get("name"))
            if name and (store := stores.find(kind, name, namespace)) is not None:
                rows = map(yamltree.fields, yamltree.elements(source.get("items")))
                texts = [(yamltree.text(row.get("key")), yamltree.text(row.get("path"))) for row in rows]
                yield store, {one: two for one, two in texts if one and two}
