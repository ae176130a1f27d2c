"""The reader of server configuration files: the row in rules/servers/ says whose file it is and what its keys mean.

One module a grammar makes entries of the text (`entries.Grammar`); `listeners`, `guards` and `peers` interpret the row
over them. A server is a row, never code.
"""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from bindlint.readers.grammars.document import Document
from bindlint.readers.grammars.entries import Style
from bindlint.readers.grammars.guards import apart, guards
from bindlint.readers.grammars.included import include
from bindlint.readers.grammars.listeners import listeners
from bindlint.readers.grammars.peers import connections, started

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bindlint.facts import Fact, Problem
    from bindlint.knowledge import Knowledge
    from bindlint.knowledge.servers import Server
    from bindlint.readers.grammars.entries import Grammar
    from bindlint.source import Source

_MODULES = {
    "directives": "directives",
    "ini": "ini",
    "properties": "properties",
    "yaml": "tree",
    "blocks": "blocks",
    "braced": "braced",
    "caddyfile": "caddyfile",
    "haproxy": "haproxy",
    "named": "named",
    "pg_hba": "pg_hba",
    "postgres": "postgres",
    "xml": "xml",
}


def claims(path: str, data: bytes, knowledge: Knowledge) -> bool:
    """Whether a file is a known server's configuration, by its name and by texts that begin its lines."""
    return knowledge.servers.owner(path, data) is not None


def gate(data: bytes, knowledge: Knowledge) -> bool:  # noqa: ARG001 - the shape of a reader
    """Whether the file can state a fact: even an empty one states its server's defaults."""
    return b"\0" not in data[:1024]


def read(source: Source, knowledge: Knowledge) -> Iterable[Fact | Problem]:
    """The facts of one file, in source order, after its problems."""
    server = knowledge.servers.owner(source.path, source.text.encode("utf-8", "replace"))
    if server is None:
        return []
    style = Style(
        comments=server.comments,
        inline=server.inline,
        fold_case="case" in server.folds,
        fold_dash="dash" in server.folds,
        key_prefixes=server.key_prefixes,
        continuation=server.continuation,
    )
    grammar = _grammar(server)
    document = Document.parse(source, server, style, grammar.entries(source, style))
    include(document, grammar, knowledge)
    facts = sorted(_facts(document, knowledge), key=lambda fact: fact.site.span)
    return [*document.problems, *facts]


def _facts(document: Document, knowledge: Knowledge) -> Iterator[Fact]:
    server = document.server
    found = [replace(fact, software=server.software) for row in server.listeners for fact in listeners(document, row)]
    for guard in server.guards:
        found = apart(document, guard, found)
    yield from found
    for guard in server.guards:
        yield from guards(document, guard, found)
    for client in server.clients:
        yield from connections(document, client)
    for run in server.runs:
        yield from started(document, run, knowledge)


def _grammar(server: Server) -> Grammar:
    module: Grammar = import_module(f"bindlint.readers.grammars.{_MODULES[server.grammar]}")  # type: ignore[assignment]
    return module
