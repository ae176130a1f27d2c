"""Which program runs in which container, as far as the committed files say."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from bindlint.facts import (
    Binding,
    Branch,
    Built,
    Connection,
    Container,
    Fact,
    Guard,
    HostsEntry,
    Known,
    Launch,
    Listener,
    Policy,
    Program,
    Publication,
    Step,
    Word,
)
from bindlint.resolve import doors, made, overlays, overruled
from bindlint.resolve.branches import Branches, behind, whole
from bindlint.resolve.commandline import argument, on_command_line
from bindlint.resolve.locate import Whereabouts, image_id
from bindlint.resolve.workloads import by_workload, workload

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bindlint.source import Site


@dataclass
class Project:
    """All facts of a project, indexed. Built once by `of`, then only read."""

    listeners: list[Listener] = field(default_factory=list)
    publications: list[Publication] = field(default_factory=list)
    connections: list[Connection] = field(default_factory=list)
    hosts: list[HostsEntry] = field(default_factory=list)
    guards: list[Guard] = field(default_factory=list)
    launches: list[Launch] = field(default_factory=list)
    containers: dict[str, Container] = field(default_factory=dict)
    _images: dict[str, list[Container]] = field(default_factory=lambda: defaultdict(list))
    _runs: dict[str, list[tuple[Container, Launch]]] = field(default_factory=lambda: defaultdict(list))
    _workloads: dict[str, list[Container]] = field(default_factory=dict)
    _mounts: dict[str, list[Container]] = field(default_factory=lambda: defaultdict(list))
    _published: dict[str, list[Publication]] = field(default_factory=lambda: defaultdict(list))
    _imported_by: dict[str, list[Program]] = field(default_factory=lambda: defaultdict(list))
    _programs: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _settings: dict[str, dict[str, Binding]] = field(default_factory=lambda: defaultdict(dict))
    _own: dict[str, list[Launch]] = field(default_factory=lambda: defaultdict(list))
    _software: dict[str, list[Container]] = field(default_factory=lambda: defaultdict(list))
    _calls: dict[tuple[str, int | None], list[Connection]] = field(default_factory=lambda: defaultdict(list))
    _inside: dict[str, list[tuple[Listener, tuple[Step, ...]]]] = field(default_factory=lambda: defaultdict(list))
    _branches: Branches = field(default_factory=Branches)
    _whereabouts: Whereabouts = field(default_factory=lambda: Whereabouts({}, frozenset()))

    @classmethod
    def of(cls, facts: Iterable[Fact]) -> Project:
        """Index facts by what they are, then link them."""
        project = cls()
        policies: list[Policy] = []
        branches: list[Branch] = []
        shelves: dict[type, list[Any]] = {
            Listener: project.listeners,
            Publication: project.publications,
            Connection: project.connections,
            HostsEntry: project.hosts,
            Guard: project.guards,
            Launch: project.launches,
            Policy: policies,
            Branch: branches,
        }
        paths: set[str] = set()
        built: list[Built] = []
        for fact in overlays.applied(facts):
            paths.add(fact.site.path)
            if isinstance(fact, Program):
                for path in fact.files:
                    project._imported_by[path].append(fact)
            elif isinstance(fact, Container):
                project.containers[fact.id] = fact
            elif isinstance(fact, Built):
                built.append(fact)
            elif isinstance(fact, Binding):
                project._settings[fact.container][fact.name] = fact
            elif type(fact) in shelves:
                shelves[type(fact)].append(fact)
        families = {x.container for x in project.listeners if x.address.known is Known.DEFAULT}
        project.containers = made.named(made.rebased(project.containers, paths), built, families)
        project.publications = doors.led(project.publications, project.containers, policies)
        for call in project.connections:
            project._calls[call.address.text, call.port].append(call)
        project._whereabouts = Whereabouts(project.containers, paths)
        project._branches = Branches(branches)
        project.listeners = overruled.kept(project.listeners, project.launches, project._whereabouts)
        project._link()
        return project

    def _link(self) -> None:
        self._workloads = by_workload(self.containers.values())
        for container in self.containers.values():
            if container.build:
                self._images[image_id(container, self.containers)].append(container)
            for path in container.files:
                self._mounts[path].append(container)
        for listener in self.listeners:
            self._programs[listener.container].add(listener.software)
        for launch in self.launches:
            self._programs[launch.container].add(launch.program)
            self._own[launch.container].append(launch)
        started = [(home, launch) for launch in self.launches if (home := self.containers.get(launch.container))]
        self._start(started)
        for launch in [x for x in self.launches if not x.container and x.files]:  # in a script that a container runs
            self._start([(home, launch) for home, _ in self.homes(launch)])
        for publication in self.publications:
            for container in self.behind(publication):
                self._published[container.id].append(publication)
        for listener in self.listeners:
            for container, steps in self.homes(listener):
                self._inside[container.id].append((self._configured(listener, container), steps))
                if container.origin == "compose":
                    self._software[listener.software].append(container)
        for container in self.containers.values():
            for base in self._bases(container):
                step = Step(base.site, f"{base.name} is completed by {container.site.path}")
                self._inside[container.id] += [(x, (step, *steps)) for x, steps in self._inside[base.id]]

    def setting(self, name: str, container: Container) -> Binding | None:
        """What an environment variable is set to in a container: by itself, else by the image that it is built from."""
        own = self._settings[container.id].get(name)
        image = self._settings[image_id(container, self.containers)] if container.build else {}
        return own or image.get(name)

    def may_set(self, name: str, container: Container) -> bool:
        """Whether an environment variable can be set in a container, by what it is given or by what nobody knows."""
        return self.setting(name, container) is not None or self.setting("", container) is not None

    def idle(self, listener: Listener, container: Container) -> bool:
        """Whether a listener waits for an environment variable that nothing here sets in a container."""
        return bool(listener.wants) and self.setting(listener.wants, container) is None

    def _configured(self, listener: Listener, container: Container) -> Listener:
        """The listener with the address that its container's command line or environment gives it, if the code asks."""
        address = listener.address
        for launch, word in self.started_with(listener, container):
            return on_command_line(listener, launch, word)
        variable = address.variable or self._set_by_image(listener, container)
        setting = self.setting(variable, container) if variable else None
        if setting is None or any(step.site == setting.site for step in address.trail):
            return listener
        trail = (Step(listener.site, f"the default, where {setting.name} is not set"), *address.trail)
        return replace(listener, site=setting.site, address=replace(setting.value, trail=trail))

    def _bases(self, container: Container) -> list[Container]:
        """What one without image or build only completes: a service (an override file), a workload (a patch)."""
        if container.image or container.build or container.origin not in ("compose", "kubernetes"):
            return []
        if container.origin == "compose":
            found = [c for c in self.beside(container) if c.name == container.name and (c.image or c.build)]
            return found[:1]
        same = self._workloads.get(workload(container.id), [])
        found = [c for c in same if c.image and c.labels[:1] == container.labels[:1]]  # of one namespace
        paths = {c.site.path for c in found} - {container.site.path}
        return found if len(paths) == 1 else []  # of several of that name nobody knows which one is patched

    def _set_by_image(self, listener: Listener, container: Container) -> str:
        """The variable of the image that gives a listener its address, where the container may set another value."""
        image = self._settings[image_id(container, self.containers)] if container.build else {}
        places = {listener.site, *(step.site for step in listener.address.trail)}
        return next((name for name, one in image.items() if one.site in places), "")

    def _start(self, started: Iterable[tuple[Container, Launch]]) -> None:
        for home, launch in started:
            for name in launch.files:
                self._runs[name.rpartition("/")[2]].append((home, launch))

    def users(self, container: Container) -> list[Container]:
        """The containers that run the image of a Dockerfile stage; the container itself when it is no such stage."""
        if container.origin != "dockerfile":
            return [container]
        return self._images.get(container.id, [])

    def homes(self, fact: Listener | Connection | Guard | Launch) -> list[tuple[Container, tuple[Step, ...]]]:
        """The containers that a fact's program runs in, each with the steps that say so.

        A Dockerfile stage that no other file uses stands for the container that it will be. [] is a host.
        """
        if fact.container:
            container = self.containers.get(fact.container)
            return self._use(container, (), fact.site) if container else []
        path = fact.site.path
        found: list[tuple[Container, tuple[Step, ...]]] = []
        for container in self._mounted(fact):
            found += self._use(container, (Step(container.site, f"{container.name} is given this file"),), None)
        for container in self._whereabouts.supervised(path):
            found += self._use(container, (Step(container.site, "its supervisor runs this file"),), None)
        for start in self._started(fact):
            said = "the container runs this file" if start == path else f"the container runs {start}, which imports it"
            for container, launch in self._running(start):
                if launch.imports and isinstance(fact, Listener) and fact.script:
                    continue
                used = self._use(container, (Step(launch.site, said),), launch.site)
                found += [(user, way) for user, way in used if self._executes(user, container, launch, fact, start)]
        return list({container.id: (container, steps) for container, steps in found}.values())

    def _running(self, path: str) -> Iterator[tuple[Container, Launch]]:
        """The containers that start a file, and how."""
        for container, launch in self._runs.get(path.rpartition("/")[2], ()):
            if any(self._whereabouts.runs(container, name, path) for name in launch.files):
                yield container, launch

    def started_with(self, listener: Listener, container: Container | None) -> Iterator[tuple[Launch, Word]]:
        """The words of command lines that decide a listener's address: of a container, or (None) of a host."""
        if not listener.address.option:
            return
        for start in self._started(listener):
            if container is None:
                named = [x for x in self.launches if not x.container and any(_is(name, start) for name in x.files)]
                given = [(launch, launch.arguments) for launch in named if not self.homes(launch)]
            else:
                given = [
                    (launch, self._arguments(container, home, launch))
                    for home, launch in self._running(start)
                    if any(user.id == container.id for user, _ in self._use(home, (), launch.site))
                ]
            for launch, words in given:
                if (word := argument(words, listener.address.option)) is not None:
                    yield launch, word

    def _arguments(self, container: Container, home: Container, launch: Launch) -> tuple[Word, ...]:
        """What a container gives to the program that its image starts: its own command in place of the image's."""
        if home.id == container.id or container.replaces != "command":
            return behind(launch)
        kept = [word for word in behind(launch) if home.command is None or not _within(word.site, home.command)]
        own = (word for one in self._own[container.id] for word in whole(one))
        return (*kept, *own)

    def _executes(self, user: Container, home: Container, launch: Launch, fact: Fact, script: str) -> bool:
        """Whether a container executes what a fact of a script states, by what it gives to the script."""

        def given(name: str) -> str | None:
            if not name.isdecimal():
                setting = self.setting(name, user)
                return setting.value.text if setting is not None else None
            if user.replaces == "command" and user.id != home.id and len(self._own[user.id]) != 1:
                return None
            words = self._arguments(user, home, launch)[int(name) - 1 :]
            return words[0].text if words else ""

        return user.origin == "dockerfile" or self._branches.executed(fact, script, given)

    def _started(self, fact: Listener | Connection | Guard | Launch) -> list[str]:
        """The files that start the programs which a fact is part of: its own, and those that import it."""
        path = fact.site.path
        code = fact.code if isinstance(fact, Listener) else ""
        return list(
            dict.fromkeys([path, *(p.site.path for p in self._imported_by[path] if not code or code in p.files)])
        )

    def _mounted(self, fact: Listener | Connection | Guard | Launch) -> Iterator[Container]:
        """The containers that are given a file: by its own name, or as configuration in a folder that they are given.

        A folder does not say that the container uses all of it: it has to run that software.
        """
        path = fact.site.path
        yield from self._mounts.get(path, ())
        software = fact.software if isinstance(fact, (Listener, Guard)) else ""
        folder = _folder(path)
        while folder and software and not path.endswith((".py", ".sh")):
            for container in self._mounts.get(folder, ()):
                programs = self._programs[container.id]
                if software in container.image or any(one in software or software in one for one in programs):
                    yield container
            folder = _folder(folder)

    def _use(
        self, container: Container, steps: tuple[Step, ...], stated: Site | None
    ) -> list[tuple[Container, tuple[Step, ...]]]:
        """A container, or the services that are built from it and still run what is `stated` there.

        A service with a command of its own does not run the CMD; one with an entry point of its own runs neither.
        """
        if container.origin != "dockerfile":
            return [(container, steps)]
        everyone = self.users(container)
        if not everyone:
            return [(container, steps)]
        users = [u for u in everyone if stated is None or not _replaced(u, container, stated)]
        return [(user, (_built(user, container), *steps)) for user in users]

    def presumed(self, listener: Listener) -> Container | None:
        """The container that an unplaced configuration is presumably for.

        One of the same software, defined by a compose file in the configuration's folder or the nearest above it. It
        may not be: so the configuration is kept from being judged as a host's, but does not outweigh what is known.
        """
        if listener.site.path.endswith((".py", ".sh")):
            return None
        folder = _folder(listener.site.path)
        near = [
            c
            for c in self._software[listener.software]
            if not _folder(c.site.path) or (folder + "/").startswith(_folder(c.site.path) + "/")
        ]
        return max(near, key=lambda c: len(_folder(c.site.path)), default=None)

    def shadowed(self, listener: Listener) -> bool:
        """Whether no service runs what states this listener: a CMD, or a part of the script that they all start.

        Each gives another command instead, or another argument than the one that this part is for.
        """
        container = self.containers.get(listener.container)
        if container is not None:
            return container.origin == "dockerfile" and not self._use(container, (), listener.site)
        started = any(self._use(home, (), launch.site) for home, launch in self._running(listener.site.path))
        return started and self._branches.conditional(listener)

    def namespace(self, container: Container) -> Container:
        """The container whose network namespace this one uses: itself, or the one named by `network`."""
        seen = {container.id}
        while (owner := self.containers.get(container.network)) is not None and owner.id not in seen:
            seen.add(owner.id)
            container = owner
        return container

    def published(self, container: Container) -> list[Publication]:
        """The publications of the container's network namespace."""
        owner = self.namespace(container)
        shared = [
            c for c in self.containers.values() if c.group == owner.group and c.group and c.origin == "kubernetes"
        ]
        if owner.origin == "kubernetes" and shared:  # one pod is one network namespace
            return list({id(p): p for c in shared for p in self._published[c.id]}.values())
        return self._published[owner.id]

    def inside(self, container: Container) -> list[tuple[Listener, tuple[Step, ...]]]:
        """The listeners known to run in it, without defaults that a file, a command or the image overrides."""
        found = self._inside[container.id]
        stated = {(x.software, x.role) for x, _ in found if x.address.known is not Known.DEFAULT}
        image = {(x.software, x.role) for x, _ in found if x.container not in ("", container.id)}
        return [
            (x, steps)
            for x, steps in found
            if x.address.known is not Known.DEFAULT
            or (
                (x.software, x.role) not in stated
                and (x.container != container.id or (x.software, x.role) not in image)
            )
        ]

    def caller(self, container: Container, port: int) -> Connection | None:
        """A connection of another container to a port of this one, by its name in their compose project."""
        for call in self._calls[container.name, port] if container.origin == "compose" else ():
            for home, _ in self.homes(call):
                if home.group == container.group and self.namespace(home).id != self.namespace(container).id:
                    return call
        return None

    def beside(self, container: Container) -> list[Container]:
        """The other containers of its project or pod."""
        key = (container.origin, container.group)
        return [c for c in self.containers.values() if (c.origin, c.group) == key and c.id != container.id]

    def behind(self, publication: Publication) -> list[Container]:
        """The containers that a publication leads to: the one it names, or those that its selector matches."""
        return doors.behind(publication, self.containers)


def _replaced(user: Container, image: Container, stated: Site) -> bool:
    """Whether what an image states at a place does not run in a service built from it."""
    if user.replaces != "command":
        return user.replaces == "entrypoint"
    return image.command is not None and _within(stated, image.command)


def _within(site: Site, other: Site) -> bool:
    return site.path == other.path and other.span.start <= site.span.start < other.span.end


def _built(user: Container, image: Container) -> Step:
    said = "presumably built from {}, by the name of its image" if user.likely else "built from {}"
    return Step(user.site, f"{user.name} is {said.format(image.site.path)}")


def _is(name: str, path: str) -> bool:
    """Whether the name of a file in a command line can be a repository path."""
    return path == name or path.endswith("/" + name)


def _folder(path: str) -> str:
    return path.rpartition("/")[0]
