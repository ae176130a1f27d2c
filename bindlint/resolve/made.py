"""Which Dockerfile of the repository an image is made from that a container only names."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
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
