"""The options of programs that start containers, make images or start compose projects: which of them says what."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from bindlint.knowledge.check import Table


@dataclass(frozen=True, slots=True)
class Containing:
    """The options of a program that starts a container: the first word that is no option is the image, the rest runs.

    `publish` are options with a port entry (`8080:80`, or `published=8080,target=80`), `publish_all` those that publish
    every exposed port, `variables` those with a file of variables, `mounts` those with a file or folder of the host.
    """

    publish: tuple[str, ...] = ()
    publish_all: tuple[str, ...] = ()
    network: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    mounts: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    name: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] = ()
    workdir: tuple[str, ...] = ()
    health: tuple[str, ...] = ()

    @property
    def valued(self) -> set[str]:
        """The options that take a value."""
        named = (*self.publish, *self.network, *self.environment, *self.variables, *self.mounts, *self.hosts)
        return {*named, *self.name, *self.entrypoint, *self.workdir, *self.health}


@dataclass(frozen=True, slots=True)
class Building:
    """The options of a program that makes an image: the first word that is no option is the folder it is made from."""

    tag: tuple[str, ...] = ()
    file: tuple[str, ...] = ()
    stage: tuple[str, ...] = ()

    @property
    def valued(self) -> set[str]:
        """The options that take a value."""
        return {*self.tag, *self.file, *self.stage}


@dataclass(frozen=True, slots=True)
class Composing:
    """The options of a program that starts a compose project, by one of the sub-commands that `start` it.

    `file` are options with a compose file, `variables` those with a file of variables in place of the `.env`,
    `profile` those that ask for a profile, `folder` those with the folder of the project.
    """

    start: tuple[str, ...] = ()
    file: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    profile: tuple[str, ...] = ()
    folder: tuple[str, ...] = ()

    @property
    def valued(self) -> set[str]:
        """The options that take a value."""
        return {*self.file, *self.variables, *self.profile, *self.folder}


@dataclass(frozen=True, slots=True)
class Applying:
    """The options of a program that applies manifests.

    `file` are options with a file or a folder of them, `folder` those with a kustomization's folder.
    """

    file: tuple[str, ...] = ()
    folder: tuple[str, ...] = ()

    @property
    def valued(self) -> set[str]:
        """The options that take a value."""
        return {*self.file, *self.folder}


_Options = TypeVar("_Options", Containing, Building, Composing, Applying)


def options(kind: type[_Options], row: Table | None) -> _Options | None:
    """The options that a table names, by what they say; None where there is no table."""
    if row is None:
        return None
    found = kind(**{name.name: row.texts(name.name, ()) for name in fields(kind)})
    row.done()
    return found
