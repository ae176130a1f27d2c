"""Texts within a file that are files themselves: a server's configuration in a ConfigMap, a patch in a kustomization.

A reader that meets one yields a `Part`; `readers.read` gives it to the reader that claims it, and puts what that states
where it is written. So readers still do not know one another.
"""

from __future__ import annotations

from collections.abc import Sequence  # noqa: TC003 - dataclasses with slots read their annotations
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from bindlint.facts import Connection, Guard, Known, Launch, Listener, Problem
from bindlint.source import Site, Slot, Source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bindlint.facts import Fact

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Part:
    """A text, the name under which it is read, and the file that it stands in.

    `offsets` say where each character stands in `source`. `container` is the id of the container that the text is for,
    "" when only resolution can tell. `readers` are those that may have it. A text that is not the `whole` file says
    nothing by what it leaves out.
    """

    name: str
    text: str
    offsets: Sequence[int]
    source: Source
    container: str = ""
    readers: tuple[str, ...] = ("servers",)
    whole: bool = True

    def heeded(self, facts: Iterable[Fact | Problem | Part]) -> list[Fact | Problem]:
        """Those of the facts that the text may state: of a piece, only what is written in it."""
        stated = [one for one in facts if not isinstance(one, Part)]
        if self.whole:
            return stated
        listeners = [one for one in stated if isinstance(one, Listener)]
        defaults = {id(one) for one in listeners if one.address.known is Known.DEFAULT}
        places = {one.site for one in listeners}  # a guard that is nowhere written stands at a listener
        return [
            one for one in stated if id(one) not in defaults and not (isinstance(one, Guard) and one.site in places)
        ]

    def placed(self, fact: Fact | Problem) -> Fact | Problem:
        """What was stated of the text, as stated of the file; for the container, unless it says another."""
        if isinstance(fact, Problem):
            line = self.source.line(self._at(Source("", self.text).offset(fact.line))) if fact.line else 0
            return replace(fact, path=self.source.path, line=line, partial=True)
        found = self._moved(fact)
        if isinstance(found, (Listener, Connection, Guard, Launch)) and not found.container:
            return replace(found, container=self.container)
        return found

    def _moved(self, value: _T) -> _T:
        """The value with every site in it moved."""
        if isinstance(value, Site):
            return self._site(value) if value.path == self.name else value  # type: ignore[return-value]
        if isinstance(value, tuple):
            return tuple(self._moved(one) for one in value)  # type: ignore[return-value]
        if not is_dataclass(value):
            return value
        changed = {f.name: self._moved(getattr(value, f.name)) for f in fields(value)}
        if isinstance(value, Slot):
            indent = self._indent(changed["site"])
            changed |= {key: changed[key].replace("\n", "\n" + indent) for key in ("before", "after")}
        return replace(value, **changed)  # type: ignore[type-var]

    def _site(self, site: Site) -> Site:
        start, end = site.span.start, site.span.end
        first = self._at(start)
        return self.source.site(first, first if end <= start else self._at(end - 1) + 1)

    def _at(self, offset: int) -> int:
        if offset < len(self.offsets):
            return self.offsets[offset]
        return self.offsets[-1] + 1 if self.offsets else 0

    def _indent(self, site: Site) -> str:
        """What a new line begins with where the text stands indented."""
        line = self.source.line_text(self.source.line(site.span.start))
        return line[: len(line) - len(line.lstrip())]
