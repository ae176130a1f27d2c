"""Files that YAML writes on a machine: cloud-init's `write_files`, Ansible's `copy`, `lineinfile` and `blockinfile`.

Each text is read as the file that it becomes: a hosts file, a server's configuration. A line or a block is a piece of
it, whose silence says nothing. Sources: cloud-init schema-cloud-config-v1.json (write_files), Ansible's modules copy,
lineinfile and blockinfile (parameters dest, path, content, line, block).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bindlint.readers import yamltree
from bindlint.readers.parts import Part

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bindlint.facts import Problem
    from bindlint.knowledge import Knowledge
    from bindlint.readers.yamltree import Node
    from bindlint.source import Source

_ENDINGS = (".yml", ".yaml")
_CLOUD = b"#cloud-config"
_WHOLE = {"copy": ("dest", "content")}
_PIECES = {"lineinfile": ("path", "line"), "blockinfile": ("path", "block")}
_OLD_PATHS = ("path", "dest", "destfile", "name")  # of lineinfile and blockinfile: `dest` before Ansible 2.3
_MOST = 2_000  # files that one file writes


def claims(path: str, data: bytes, knowledge: Knowledge) -> bool:  # noqa: ARG001 - the shape of a reader
    """Whether a file is cloud-init's, or YAML with a task that writes a text."""
    if data.startswith(_CLOUD):
        return True
    return path.endswith(_ENDINGS) and any(f"{word}:".encode() in data for word in (*_WHOLE, *_PIECES))


def gate(data: bytes, knowledge: Knowledge) -> bool:  # noqa: ARG001 - the shape of a reader
    """Whether any text is written at all."""
    return any(word in data for word in (b"content", b"line", b"block"))


def read(source: Source, knowledge: Knowledge) -> Iterator[Problem | Part]:  # noqa: ARG001 - the shape of a reader
    """The texts in the order of the file; YAML that cannot be read is a problem."""
    budget = _MOST
    for document in yamltree.readable(source):
        if not isinstance(document, yamltree.Node):
            yield document
            continue
        for part in _written(source, document, 0):
            budget -= 1
            if budget < 0:
                return
            yield part


def _written(source: Source, node: Node, depth: int) -> Iterator[Part]:
    """The texts that a node and those in it write."""
    if depth > yamltree.MAX_DEPTH:
        return
    fields = yamltree.fields(node)
    for name, value in fields.items():
        short = name.rpartition(".")[2]  # ansible.builtin.copy
        if name == "write_files":
            for file in yamltree.elements(value):
                inner = yamltree.fields(file)
                whole = not yamltree.flag(inner.get("append"))
                yield from _part(source, inner.get("path"), inner.get("content"), whole=whole)
        elif short in _WHOLE:
            path, text = _WHOLE[short]
            yield from _part(source, yamltree.get(value, path), yamltree.get(value, text), whole=True)
        elif short in _PIECES:
            yield from _part(source, _path(yamltree.fields(value)), yamltree.get(value, _PIECES[short][1]), whole=False)
    for child in yamltree.children(node):
        yield from _written(source, child, depth + 1)


def _path(fields: Mapping[str, Node]) -> Node | None:
    return next((fields[name] for name in _OLD_PATHS if name in fields), None)


def _part(source: Source, path: Node | None, text: Node | None, *, whole: bool) -> Iterator[Part]:
    name = (yamltree.text(path) or "").lstrip("/")
    written, offsets = yamltree.written(source, text)
    if name and written and offsets:
        yield Part(name, written, offsets, source, readers=("hosts", "servers"), whole=whole)
