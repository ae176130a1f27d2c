"""Objects after a patch: strategic merge patches and JSON patches (RFC 6902), as kustomize applies them.

A merged object is only asked what it states; what came from the patch stands at the object's own beginning, where
nothing else does. Source: kubernetes/apimachinery pkg/util/strategicpatch; the `patchMergeKey` tags of kubernetes/api
core/v1 types.go; kustomize api/types/selector.go (names and kinds of a target are anchored expressions).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bindlint.readers import yamlmade, yamltree

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bindlint.readers.yamltree import Node

MAX_NODES = 5_000  # of one patch
MAX_DEPTH = 100
MAX_OPERATIONS = 500
# The keys that the elements of a list are told apart by; any other list is replaced whole.
_KEYS = {
    "containers": ("name",),
    "initContainers": ("name",),
    "volumes": ("name",),
    "env": ("name",),
    "volumeMounts": ("mountPath",),
    "hostAliases": ("ip",),
    "ports": ("containerPort", "port"),
}


def aims(document: Node, target: Mapping[str, Node], base: Node) -> bool:
    """Whether a patch is for an object: by its target, else by its own kind and name. An expression is for nothing."""
    if target.keys() - {"kind", "name", "version", "group", "namespace"}:
        return False  # selectors of labels and annotations
    said = target or {**yamltree.fields(yamltree.get(document, "metadata")), **yamltree.fields(document)}
    kind, name = yamltree.text(said.get("kind")), yamltree.text(said.get("name"))
    if not (kind or name) or kind not in (None, yamltree.text(yamltree.get(base, "kind"))):
        return False
    return name == yamltree.text(yamltree.get(base, "metadata", "name")) or (bool(target) and name in (None, ".*"))


def merged(base: Node, document: Node) -> Node | None:
    """An object after a patch; None when the patch deletes it. Raises `ValueError` for one that cannot be applied."""
    if yamltree.is_sequence(document):
        for operation in yamltree.elements(document)[:MAX_OPERATIONS]:
            base = _operated(base, yamltree.fields(operation))
        return base
    if not yamltree.is_mapping(document):
        raise ValueError("no object")
    return _merged(base, _placed(document, base, [MAX_NODES], MAX_DEPTH), "")


def _merged(base: Node, patch: Node, key: str) -> Node | None:
    if yamltree.is_mapping(base) and yamltree.is_mapping(patch):
        said = yamltree.fields(patch)
        how = yamltree.text(said.pop("$patch", None))
        if how == "delete":
            return None
        rows = {} if how == "replace" else yamltree.fields(base)
        for name, value in said.items():
            after = value if name not in rows else _merged(rows[name], value, name)
            if after is None or yamltree.is_null(value):
                rows.pop(name, None)
            else:
                rows[name] = after
        return yamlmade.mapping(rows, base)
    if yamltree.is_sequence(base) and yamltree.is_sequence(patch) and key in _KEYS:
        return yamlmade.sequence(_matched(yamltree.elements(base), yamltree.elements(patch), _KEYS[key]), base)
    return patch


def _matched(rows: Sequence[Node], patches: Sequence[Node], keys: Sequence[str]) -> list[Node]:
    """The elements of a list, each merged with the patch of its name; new ones behind."""
    names = [_name(row, keys) for row in rows]
    found: list[Node | None] = list(rows)
    for patch in patches:
        if yamltree.text(yamltree.get(patch, "$patch")) == "replace" and len(yamltree.fields(patch)) == 1:
            return [one for one in patches if one is not patch]
        name = _name(patch, keys)
        where = names.index(name) if name is not None and name in names else None
        before = found[where] if where is not None else None
        if where is None or before is None:
            found.append(patch)
        else:
            found[where] = _merged(before, patch, "")
    return [one for one in found if one is not None]


def _name(row: Node, keys: Sequence[str]) -> str | None:
    fields = yamltree.fields(row)
    return next((yamltree.text(fields[key]) for key in keys if key in fields), None)


def _operated(base: Node, operation: Mapping[str, Node]) -> Node:
    """The object after one operation of a JSON patch. Raises `ValueError` where there is no such path."""
    how, path = yamltree.text(operation.get("op")), yamltree.text(operation.get("path")) or ""
    if how == "test":
        return base
    if how not in ("add", "replace", "remove") or not path.startswith("/"):
        raise ValueError(path)
    value = operation.get("value")
    new = None if how == "remove" or value is None else _placed(value, base, [MAX_NODES], MAX_DEPTH)
    steps = [key.replace("~1", "/").replace("~0", "~") for key in path[1:].split("/")]
    return _set(base, steps, new, insert=how == "add")


def _set(node: Node, steps: Sequence[str], new: Node | None, *, insert: bool) -> Node:
    step, rest = steps[0], steps[1:]
    if yamltree.is_mapping(node):
        rows = yamltree.fields(node)
        if rest:
            rows[step] = _set(rows[step], rest, new, insert=insert) if step in rows else _missing(step)
        elif new is None:
            rows.pop(step, None)
        else:
            rows[step] = new
        return yamlmade.mapping(rows, node)
    if not yamltree.is_sequence(node):
        return _missing(step)
    items = yamltree.elements(node)
    at = len(items) if step == "-" else int(step)
    if rest:
        items[at] = _set(items[at] if 0 <= at < len(items) else _missing(step), rest, new, insert=insert)
    elif new is not None and insert:
        items.insert(at, new)
    else:
        items[at : at + 1] = [new] if new is not None else []
    return yamlmade.sequence(items, node)


def _missing(step: str) -> Node:
    raise ValueError(step)


def _placed(node: Node, base: Node, left: list[int], depth: int) -> Node:
    """A copy of what a patch says, at the beginning of the object. Raises `ValueError` for what is too much."""
    left[0] -= 1
    if left[0] < 0 or depth < 0:
        raise ValueError("a patch of too many nodes")
    if yamltree.templated(node) or "${" in (yamltree.text(node) or ""):
        raise ValueError("a value that is put in later")
    if yamltree.is_mapping(node):
        rows = {key: _placed(value, base, left, depth - 1) for key, value in yamltree.fields(node).items()}
        return yamlmade.mapping(rows, base)
    if yamltree.is_sequence(node):
        return yamlmade.sequence([_placed(value, base, left, depth - 1) for value in yamltree.elements(node)], base)
    return yamlmade.moved(node, base)
