"""Calls in other files that make, or use, an object of a class of this file that inherits from a library's server.

Those files name neither the library nor, often, an address: `Service().listen(8888)`. The class's file knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bindlint.readers.python.scopes import last_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.knowledge.python import Library
    from bindlint.readers.python.names import Names, Ref
    from bindlint.readers.python.scopes import CallSite
    from bindlint.readers.python.tree import Tree

MAX_CLASSES = 12  # of one file


def calls(tree: Tree, names: Names, library: Library) -> Iterator[tuple[CallSite, tuple[Ref, ...]]]:
    """The calls in other files of a file's own kinds of servers and of their methods, with what they call."""
    count = 0
    for scope in tree.scopes.values():
        if scope.kind != "class":
            continue
        bases = {base for base in names.library_bases(scope) if base in library.calls or base in library.methods_of}
        if not bases:
            continue
        count += 1
        if count > MAX_CLASSES:
            return
        methods = {method for base in bases for method in library.methods_of.get(base, ())}
        for other in names.modules.importers(scope.name, tree.path):
            for call in other.calls:
                name = last_name(call.node.func)
                if name != scope.name and name not in methods:
                    continue
                refs = names.refs(call.node.func, call.at)
                mine = tuple(r for r in refs if r.scope is scope or (r.name and r.name.rpartition(".")[0] in bases))
                if mine:
                    yield call, mine
