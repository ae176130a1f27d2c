"""What is applied together, and what of it the patches of a kustomization take away: an overlay may narrow its base.

Sources: kustomize api/types/kustomization.go (`resources`, `bases`, `components`); Flux kustomize-controller
api/v1/kustomization_types.go (`path`, from the root of its repository); Argo CD pkg/apis/application/v1alpha1/types.go
(`source.path`, `sources`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bindlint.addresses import Kind
from bindlint.errors import UnreadableError
from bindlint.facts import Container, Listener, Problem, Publication, Reach
from bindlint.readers import layout, yamltree
from bindlint.readers.kubernetes import kustomize, merging
from bindlint.source import Overlay, Site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from bindlint.facts import Fact
    from bindlint.readers.parts import Part
    from bindlint.readers.yamltree import Node
    from bindlint.source import Files, Source

    Stated = Callable[[Node, Source], Iterable[Fact | Problem | Part]]  # the facts of an object of a file

MAX_FILES = 300  # that a kustomization takes, with those of its bases
_LISTS = ("resources", "bases", "components")
_OPEN = (Kind.WILDCARD, Kind.SPECIFIC, Kind.UNKNOWN)
_FLUX, _ARGO = "kustomize.toolkit.fluxcd.io/", "argoproj.io/"


def overlays(node: Node, source: Source, stated: Stated) -> Iterator[Overlay]:
    """What an object applies: a kustomization, an application of Flux or Argo CD."""
    fields = yamltree.fields(node)
    kind = yamltree.text(fields.get("kind"))
    api = yamltree.text(fields.get("apiVersion")) or ""
    spec = yamltree.fields(fields.get("spec"))
    if kind == "Kustomization" and api.startswith(_FLUX):
        yield from _applied(node, source, [spec.get("path")], stated)
    elif kind == "Application" and api.startswith(_ARGO):
        sources = [spec.get("source"), *yamltree.elements(spec.get("sources"))]
        yield from _applied(node, source, [yamltree.get(one, "path") for one in sources], None)
    elif source.name in kustomize.FILES:
        paths = _resources(node, source.folder)
        yield Overlay(source.site(0, 0), source.folder, paths, _takes(node, source, paths, stated))


def _applied(node: Node, source: Source, paths: Sequence[Node | None], stated: Stated | None) -> Iterator[Overlay]:
    written = [path for path in paths if yamltree.text(path)]
    found = tuple(x for path in written if (x := layout.within("", yamltree.text(path) or "")) is not None)
    if found:
        takes = _takes(node, source, found, stated) if stated is not None else ()
        yield Overlay(yamltree.inside(source, written[0]), None, found, takes)  # type: ignore[arg-type]


def _resources(node: Node, folder: str) -> tuple[str, ...]:
    """The repository paths of what a kustomization is built from; those of another repository are nowhere."""
    fields = yamltree.fields(node)
    written = [yamltree.text(one) or "" for key in _LISTS for one in yamltree.elements(fields.get(key))]
    paths = [layout.within(folder, text) for text in written if text and ":" not in text]
    return tuple(dict.fromkeys(path for path in paths if path is not None))


def _files(paths: Iterable[str], files: Files) -> list[Source]:
    """The manifests under the paths, through the kustomizations of folders."""
    found: dict[str, Source] = {}
    seen: set[str] = set()
    todo = list(paths)
    while todo and len(seen) < MAX_FILES:
        path = todo.pop()
        if path in seen:
            continue
        seen.add(path)
        if (one := files.get(path)) is not None:
            found[path] = one
            continue
        names = files.within(path)
        base = next((name for name in names if name.rpartition("/")[2] in kustomize.FILES), None)
        if base is None:
            todo += [name for name in names if name.endswith((".yaml", ".yml"))]
        elif (one := files.get(base)) is not None:
            for document in _documents(one):
                todo += _resources(document, path)
    return [found[path] for path in sorted(found)]


def _documents(source: Source) -> list[Node]:
    try:
        return [one for one in yamltree.readable(source) if not isinstance(one, Problem)]
    except UnreadableError:
        return []


def _takes(node: Node, source: Source, paths: Iterable[str], stated: Stated) -> tuple[tuple[Site, Site], ...]:
    """The places in what is patched that state something open, and would not after the patches; with the patch."""
    patches = list(_patches(node, source, set()))
    if not patches:
        return ()
    found: dict[Site, Site] = {}
    for one in _files(paths, source.files):
        for base in _documents(one):
            ours = [(document, part) for document, part, target in patches if merging.aims(document, target, base)]
            if ours and (before := _open(base, one, stated)):
                for place in before - _after(base, [document for document, _ in ours], one, stated, before):
                    found[place] = ours[-1][1].source.site(*_span(ours[-1]))
    return tuple(sorted(found.items()))


def _patches(node: Node, source: Source, seen: set[str]) -> Iterator[tuple[Node, Part, Mapping[str, Node]]]:
    """The patches of a kustomization, and before them those of its components, which are for all that it takes."""
    fields = yamltree.fields(node)
    for one in yamltree.elements(fields.get("components")) if len(seen) < MAX_FILES else ():
        path = layout.within(source.folder, yamltree.text(one) or ".")
        for name in () if path is None or path in seen else kustomize.FILES:
            seen.add(path or "")
            if (other := source.files.get(f"{path}/{name}" if path else name)) is not None:
                for document in _documents(other):
                    yield from _patches(document, replace(other, files=source.files), seen)
    for document, part, target, _ in kustomize.patches(yamltree.text(fields.get("kind")) or "", node, source):
        yield document, part, target


def _span(patch: tuple[Node, Part]) -> tuple[int, int]:
    document, part = patch
    start = part.offsets[min(document.start_mark.index, len(part.offsets) - 1)]
    return start, start


def _after(base: Node, patches: Sequence[Node], source: Source, stated: Stated, before: set[Site]) -> set[Site]:
    """What is open after the patches: all that was before, where one opens something else or cannot be applied."""
    after: Node | None = base
    try:
        for patch in patches:
            after = merging.merged(after, patch) if after is not None else None
    except (ValueError, LookupError):
        return before
    left = _open(after, source, stated) if after is not None else set()
    return before if left - before else left


def _open(node: Node, source: Source, stated: Stated) -> set[Site]:
    """The places of an object that state a listener on more than loopback, a port opened, the host's network."""
    found: set[Site] = set()
    for fact in stated(node, source):
        if isinstance(fact, Container):
            found |= {fact.network_site or fact.site} if fact.network == "host" else set()
        elif isinstance(fact, Publication):
            found |= {fact.site} if fact.reach.rank >= Reach.LAN.rank else set()
        elif isinstance(fact, Listener) and fact.address.kind in _OPEN:
            found.add(fact.site)
    return found
