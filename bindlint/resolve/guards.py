"""Which protection of a listener is known to be off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bindlint.facts import Container, Guard, Listener, Step

if TYPE_CHECKING:
    from bindlint.resolve.placement import Project


def lowered(project: Project, listener: Listener, container: Container | None) -> Step | None:
    """The step that switches a guard of this listener off, or None.

    A guard that is on in another file, or in a configuration that the container is given within a manifest, outweighs
    one that is off by an image's default.
    """
    if listener.unguarded:
        return Step(listener.site, listener.unguarded)
    guards = [g for g in project.guards if g.software == listener.software and _covers(project, g, listener, container)]
    off = [g for g in guards if not g.on]
    if not off:
        return None
    first = off[0]
    if any(g.on and (g.site.path != first.site.path or g.container) for g in guards):
        return None
    return Step(first.site, f"{first.name}: the guard is off")


def _covers(project: Project, guard: Guard, listener: Listener, container: Container | None) -> bool:
    if guard.container:
        return container is not None and any(home.id == container.id for home, _ in project.homes(guard))
    if guard.site.path == listener.site.path:
        return True
    if container is not None and any(home.id == container.id for home, _ in project.homes(guard)):
        return True
    if any(x.site.path == guard.site.path for x in project.listeners if x.software == guard.software):
        return False  # a file with listeners of its own guards those: redis-a.conf says nothing of redis-b.conf
    return guard.site.path.rpartition("/")[0] == listener.site.path.rpartition("/")[0]
