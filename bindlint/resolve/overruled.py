"""Listeners of a configuration file that the command lines which name it give other addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bindlint.facts import Known

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bindlint.facts import Launch, Listener
    from bindlint.resolve.locate import Whereabouts
    from bindlint.source import Site


def kept(listeners: Sequence[Listener], launches: Iterable[Launch], whereabouts: Whereabouts) -> list[Listener]:
    """The listeners that are opened somewhere: not a file's where every command line that names it says otherwise.

    Only programs are meant whose command line counts before the file.
    """
    ranking = [launch for launch in launches if launch.outranks and launch.files]
    if not ranking:
        return list(listeners)
    paths = {listener.site.path for listener in listeners}
    starts = {path: [one for one in ranking if whereabouts.named(one, path)] for path in paths}
    return [
        one
        for one in listeners
        if not starts[one.site.path]
        or not all(any(_instead(other, one, start) for other in listeners) for start in starts[one.site.path])
    ]


def _instead(said: Listener, listener: Listener, start: Launch) -> bool:
    """Whether a command line says where the listener of a file is opened."""
    words = {start.site, *(word.site for word in start.arguments)}
    spoken = said.address.known in (Known.LITERAL, Known.CONSTANT) and said.container == start.container
    same = (said.software, said.role, said.protocol) == (listener.software, listener.role, listener.protocol)
    return same and spoken and any(_within(said, word) for word in words)


def _within(said: Listener, word: Site) -> bool:
    site = said.site
    return site.path == word.path and word.span.start <= site.span.start < word.span.end
