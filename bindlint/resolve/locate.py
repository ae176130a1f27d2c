"""Which file of the repository a name on a container's command line is: by what was copied or mounted there."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from bindlint.facts import Container, Launch

_IN_EVERY_PACKAGE = frozenset({"__init__.py", "__main__.py"})  # these names alone tell nothing

# What a supervisor starts: s6-overlay README (s6-rc.d/<name>/run, services.d/<name>/run), runit and daemontools.
_SUPERVISED = re.compile(r"/etc/(?:s6-overlay/s6-rc\.d|services\.d|s6|service|sv)/[^/]+/run")


class Whereabouts:
    """The files of the repository that containers run, by the names that they run them under.

    `paths` are the files known to be there: what is copied may be stated for several folders that a build may be given.
    """

    def __init__(self, containers: Mapping[str, Container], paths: AbstractSet[str]) -> None:
        self._containers = containers
        self._paths = paths
        self._found: dict[tuple[str, str], str] = {}

    def named(self, launch: Launch, path: str) -> bool:
        """Whether a command line names this file: from its container, or from its own folder or the root of a host."""
        home, folder = self._containers.get(launch.container), launch.site.path.rpartition("/")[0]
        if home:
            return any(self.runs(home, name, path) for name in launch.files)
        return any(path in (name.lstrip("/"), f"{folder}/{name}") for name in launch.files)

    def runs(self, container: Container, name: str, path: str) -> bool:
        """Whether the name that a container runs is, or can be, this file."""
        key = (container.id, name)
        if key not in self._found:
            self._found[key] = self._copied(container, name) or self._beside(container, name)
        known = self._found[key]
        return path == known if known else _can_be(container, name, path) or self._among(container, name, path)

    def supervised(self, path: str) -> Iterator[Container]:
        """The images whose supervisor starts this file: it is copied to where that looks for the services it runs."""
        if not path.endswith("/run"):
            return
        for container in self._containers.values():
            places = (
                f"{place.rstrip('/')}/{path[len(source) :].lstrip('/')}"
                for place, source in container.copies
                if not source or path.startswith(source + "/")
            )
            if container.origin == "dockerfile" and any(_SUPERVISED.fullmatch(place) for place in places):
                yield container

    def image(self, container: Container) -> Container | None:
        """The Dockerfile stage that a container is built from."""
        return self._containers.get(image_id(container, self._containers)) if container.build else None

    def _copied(self, container: Container, name: str) -> str:
        """The file that what was copied or mounted puts there; "" when nothing says."""
        image = self.image(container)
        workdir = container.workdir or (image.workdir if image else "")
        inside = posixpath.normpath(posixpath.join("/", workdir, name))
        for place, source in reversed([*(image.copies if image else ()), *container.copies]):
            if inside == place or inside.startswith(place.rstrip("/") + "/"):
                found = f"{source}/{inside[len(place) :].lstrip('/')}".strip("/")
                if found in self._paths:
                    return found
        return ""

    def _among(self, container: Container, name: str, path: str) -> bool:
        """Whether a file in one of the folders that were copied there ends in all of a name of several parts."""
        image = self.image(container) or container
        named = name.count("/") > 1 and not name.startswith("/") and path.endswith(f"/{name}")
        return named and any(not source or path.startswith(source + "/") for _, source in image.copies)

    def _beside(self, container: Container, name: str) -> str:
        """The file of that name, or of the end of it, right in the build's folder; "" when there is none."""
        base = _base(container)
        parts = name.removeprefix("./").lstrip("/").split("/")
        last = len(parts) - (len(parts) > 1 and parts[-1] in _IN_EVERY_PACKAGE)
        tails = ("/".join(parts[i:]) for i in range(last))
        return next((path for tail in tails if (path := f"{base}/{tail}" if base else tail) in self._paths), "")


def image_id(container: Container, containers: Mapping[str, Container]) -> str:
    """The id of the Dockerfile stage that a container is built from."""
    stage = f"{container.build}#{container.stage}"
    return stage if stage in containers else f"{container.build}#"


def _base(container: Container) -> str:
    return (container.build or container.site.path).rpartition("/")[0]


def _can_be(container: Container, name: str, path: str) -> bool:
    """Whether the name can be this repository path: its tail agrees, below the build folder."""
    name = name.removeprefix("./").lstrip("/")
    if path != name and not path.endswith("/" + name):
        parts = name.split("/")  # /app/src/main.py inside, src/main.py in the repository
        last = len(parts) - (parts[-1] in _IN_EVERY_PACKAGE)
        if not any(path == "/".join(parts[i:]) or path.endswith("/" + "/".join(parts[i:])) for i in range(1, last)):
            return False
    base = _base(container)
    return not base or path.startswith(base + "/")
