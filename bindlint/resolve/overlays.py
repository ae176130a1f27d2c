"""What no way of applying a project's manifests leaves open: a base that all its overlays narrow (decision 0012)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from bindlint.facts import Container, Listener, Publication, Reach, Step
from bindlint.source import Overlay

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bindlint.facts import Fact
    from bindlint.source import Site


def applied(facts: Iterable[Fact]) -> Iterator[Fact]:
    """The facts, those that patches change as they are after them."""
    given = list(facts)
    layers = _Layers([fact for fact in given if isinstance(fact, Overlay)])
    for fact in given:
        place = (fact.network_site or fact.site) if isinstance(fact, Container) else fact.site
        patch = layers.closed(place)
        if patch is None:
            yield fact
        elif isinstance(fact, Publication):
            step = Step(patch, "every kustomization that takes this file patches it")
            yield replace(fact, reach=Reach.PEERS, via="ClusterIP", trail=(*fact.trail, step))
        elif isinstance(fact, Container):
            yield replace(fact, network="own", network_site=None)
        elif not isinstance(fact, Listener):
            yield fact


class _Layers:
    """Kustomizations and what else applies manifests, each above those that it takes."""

    def __init__(self, overlays: Iterable[Overlay]) -> None:
        self._folders: dict[str, list[Overlay]] = defaultdict(list)
        self._takes: dict[Site, list[Overlay]] = defaultdict(list)
        self._overlays = list(overlays)
        for one in self._overlays:
            if one.folder is not None:
                self._folders[one.folder].append(one)
            for place, _ in one.takes:
                self._takes[place].append(one)
        below = {id(base) for one in self._overlays for base in self._below(one) if base is not one}
        self._roots = [one for one in self._overlays if id(one) not in below]

    def _below(self, overlay: Overlay) -> Iterator[Overlay]:
        for path in overlay.resources:
            yield from self._folders.get(path, ())

    def closed(self, place: Site) -> Site | None:
        """The patch that takes a place away, if it is in every way in which its file is applied."""
        taking = self._takes.get(place)
        if not taking or any(self._open(root, place, set()) for root in self._roots):
            return None
        return next(patch for where, patch in taking[0].takes if where == place)

    def _open(self, overlay: Overlay, place: Site, seen: set[int]) -> bool:
        """Whether a file gets through an overlay and those that it takes without a patch of this place."""
        if id(overlay) in seen or any(where == place for where, _ in overlay.takes):
            return False
        seen.add(id(overlay))
        folders = (path for path in overlay.resources if path not in self._folders)
        if any(place.path == path or place.path.startswith(path + "/") for path in folders):
            return True
        return any(self._open(base, place, seen) for base in self._below(overlay))
