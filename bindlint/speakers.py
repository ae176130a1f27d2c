"""Which files of a project speak of a name: searched once, and again only in files that have changed since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bindlint import readers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bindlint.project import Project

_Pair = tuple[str, str]  # a name, its module


class Speakers:
    """Answers by pair of a name and its module, and the digests of the files that they were found in."""

    def __init__(
        self, digests: dict[str, str] | None = None, found: dict[_Pair, tuple[str, ...]] | None = None
    ) -> None:
        """Begin with nothing known, or with what was."""
        self._digests = digests or {}
        self._found = found or {}
        self._asked: set[_Pair] = set()

    def of(self, wanted: Iterable[_Pair], project: Project) -> dict[_Pair, tuple[str, ...]]:
        """The files that speak of each pair."""
        pairs = frozenset(wanted)
        self._asked |= pairs
        digests = {path: project.digest(path) for path in project.paths if readers.speaks(path)}
        if digests != self._digests:
            self._renew(digests, project)
        new = pairs - self._found.keys()
        if new:
            self._found |= readers.mentions(new, digests, project.data)
        return {pair: self._found[pair] for pair in pairs}

    def _renew(self, digests: dict[str, str], project: Project) -> None:
        """Search what has changed for all that was ever asked."""
        changed = {path for path, digest in digests.items() if self._digests.get(path) != digest}
        fresh = readers.mentions(self._found, changed, project.data) if self._found else {}
        for pair, paths in self._found.items():
            same = [path for path in paths if path in digests and path not in changed]
            self._found[pair] = tuple(sorted((*same, *fresh[pair])))
        self._digests = digests

    def state(self) -> list[Any]:
        """What to give to `restored` another time, as JSON knows it: as far as it was asked for."""
        return [self._digests, [[*pair, *self._found[pair]] for pair in sorted(self._asked)]]

    @classmethod
    def restored(cls, state: Any) -> Speakers:  # noqa: ANN401 - checked here
        """What `state` gave; nothing known where it is anything else."""
        try:
            digests, found = state
            if not all(
                type(one) is str for one in (*digests, *digests.values(), *(one for row in found for one in row))
            ):
                return cls()
            return cls(dict(digests), {(name, module): tuple(paths) for name, module, *paths in found})
        except (TypeError, ValueError, AttributeError):
            return cls()
