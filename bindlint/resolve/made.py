"""Which Dockerfile of the repository an image is made from that a container only names."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from bindlint.facts import Built, Container

_NO_NAMES = frozenset({"", "docker", "build", "image", "images", "base", "common", "src", "dev", "prod", "test"})
Recipe = tuple[str, str]  # a Dockerfile and the stage wanted


def named(containers: Mapping[str, Container], built: Iterable[Built], known: AbstractSet[str]) -> dict[str, Container]:
    """The containers, each with the Dockerfile of the image that it names, where the repository makes that image.

    An image is made where a service builds it under that name, or a workflow does. Else a Dockerfile in a folder of the
    image's name presumably makes it (`shop-cart` in cart/Dockerfile), unless the image is one of the `known` (by
    container) or no other Dockerfile would do as well.
    """
    recipes: dict[str, set[Recipe]] = defaultdict(set)
    for made in containers.values():
        if made.build and made.image:
            _note(recipes, made.image, (made.build, made.stage))
    for one in built:
        path = next((path for path in one.files if f"{path}#" in containers), "")
        if path:
            _note(recipes, one.image, (path, one.stage))
    folders = _folders(containers)
    found = dict(containers)
    for container in containers.values():
        if not container.image or container.build or container.origin == "dockerfile":
            continue
        recipe = _only(recipes.get(container.image)) or _only(recipes.get(repository(container.image)))
        if recipe is not None:
            found[container.id] = replace(container, build=recipe[0], stage=recipe[1])
        elif container.id not in known and (path := _presumed(container.image, folders)):
            found[container.id] = replace(container, build=path, likely=True)
    return found


def rebased(containers: Mapping[str, Container], paths: Iterable[str]) -> dict[str, Container]:
    """The containers, with the paths of a service seen from the folder in which they are there.

    A compose file that completes another (`-f compose.yaml -f extra/more.yaml`) writes its paths from the folder of the
    first one: that is the nearest folder above it from which they lead to a file.
    """
    there = {path[:end] for path in paths for end in _ends(path)}
    return {
        key: _rebased(one, there) if one.origin == "compose" and one.group else one for key, one in containers.items()
    }


def _rebased(container: Container, there: AbstractSet[str]) -> Container:
    folder = container.group

    def seen(path: str) -> str:
        if path in there or not path.startswith(folder + "/"):
            return path
        rest, above = path[len(folder) + 1 :], folder
        while above:
            above = above.rpartition("/")[0]
            if (found := f"{above}/{rest}".lstrip("/")) in there:
                return found
        return path

    return replace(
        container,
        build=seen(container.build),
        files=tuple(map(seen, container.files)),
        copies=tuple((place, seen(path)) for place, path in container.copies),
    )


def _ends(path: str) -> Iterator[int]:
    """Where the path, and each folder that it lies in, ends."""
    yield len(path)
    yield from (at for at, sign in enumerate(path) if sign == "/")


def repository(image: str) -> str:
    """The name of an image without tag and digest."""
    name = image.partition("@")[0]
    before, slash, last = name.rpartition("/")
    return f"{before}{slash}{last.partition(':')[0]}"


def _note(recipes: dict[str, set[Recipe]], image: str, recipe: Recipe) -> None:
    if "$" not in repository(image):
        recipes[image].add(recipe)
        recipes[repository(image)].add(recipe)


def _only(recipes: set[Recipe] | None) -> Recipe | None:
    return next(iter(recipes)) if recipes is not None and len(recipes) == 1 else None


def _folders(containers: Mapping[str, Container]) -> dict[str, list[str]]:
    """The plain Dockerfiles by the name of their folder."""
    found: dict[str, list[str]] = defaultdict(list)
    for container in containers.values():
        path, _, stage = container.id.partition("#")
        folder, _, name = path.rpartition("/")
        if container.origin == "dockerfile" and not stage and name in ("Dockerfile", "Containerfile"):
            found[folder.rpartition("/")[2].lower().replace("_", "-")].append(path)
    return found


def _presumed(image: str, folders: Mapping[str, list[str]]) -> str:
    """The one Dockerfile whose folder has the image's name, or the end of it; "" for none."""
    name = repository(image).rpartition("/")[2].lower().replace("_", "-")
    if any(sign in name for sign in "${}"):
        return ""
    parts = name.split("-")
    for start in range(len(parts)):
        tail = "-".join(parts[start:])
        if tail not in _NO_NAMES and tail in folders:
            return folders[tail][0] if len(folders[tail]) == 1 else ""
    return ""
