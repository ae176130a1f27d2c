"""What the name of a container image says: `registry/repository:tag@digest`."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def reference(image: str) -> tuple[str, str]:
    """The repository without its registry and `library/`, and the tag ("latest" when none is written)."""
    name = image.strip().partition("@")[0]
    head, slash, rest = name.partition("/")
    if slash and ("." in head or ":" in head or head == "localhost" or "$" in head):
        name = rest
    folder, slash, last = name.rpartition("/")
    last, _, tag = last.partition(":")
    return f"{folder}{slash}{last}".removeprefix("library/").lower(), tag or "latest"


def told_by(image: str, globs: Mapping[str, str]) -> str | None:
    """What the first glob of repository:tag that matches an image stands for; None for no match or a variable tag."""
    repository, tag = reference(image)
    if not repository or "$" in tag:
        return None
    return next((value for glob, value in globs.items() if fnmatchcase(f"{repository}:{tag}", glob)), None)
