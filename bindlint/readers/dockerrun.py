"""Containers that a command line starts (`docker run`): what they publish, and what runs in them.

Source: docker/cli cli/command/container/opts.go; the grammar of ports is that of compose (`readers.ports`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bindlint.addresses import Kind, classify
from bindlint.facts import Address, Binding, Container, HostsEntry, Known, Launch, Publication, Word
from bindlint.readers import commands, dotenv, environment, images, layout, ports, publishing
from bindlint.readers.commands import options
from bindlint.readers.commands.programs import arguments_of
from bindlint.readers.commands.references import reference
from bindlint.readers.commands.text import expand, settled
from bindlint.readers.commands.words import Bare, cut, part
from bindlint.readers.interpolation import OPAQUE
from bindlint.source import Slot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bindlint.facts import Fact
    from bindlint.knowledge.commands import Command
    from bindlint.knowledge.containers import Containing
    from bindlint.readers.commands import Context
    from bindlint.readers.commands.text import Text
    from bindlint.source import Site, Source

_REFERENCE = re.compile(r"\$\{\{[^{}]*\}\}|\$\([^()]*\)|`[^`]*`|\$\{[^{}]*\}|\$\w+|\$[@*]")
_HERE = re.compile(r"(?:\$\{?PWD\}?|\$\(pwd\)|`pwd`|\.)(?=/|$)/*")  # the folder that a command is given in
_FIELDS = {"published": "published", "target": "target", "protocol": "protocol", "src": "source", "source": "source"}
_UNKNOWN = Address("", Kind.UNKNOWN, Known.UNKNOWN)


def container(row: Command, words: Sequence[Word], last: int, context: Context) -> Iterator[Fact]:
    """What a command line that starts a container says; nothing when it names no image."""
    if row.container is None:
        return
    given = options.parse(row, arguments_of(row, words, last), context.environment, until=0)
    rest = list(given.words)
    while len(rest) > 1 and isinstance(rest[0], Bare) and rest[1].text.startswith("-"):
        given, rest = _past(row, given, rest, context)  # `docker run $OPTIONS -p 80:80 image`
    if rest:
        yield from _Container(row.container, given, rest, words[last].site, context).facts()


def _past(
    row: Command, given: options.Arguments, rest: Sequence[Word], context: Context
) -> tuple[options.Arguments, list[Word]]:
    """The options behind a variable that holds nobody knows how many, and what follows them."""
    more = options.parse(row, rest[1:], context.environment, until=0)
    more.options[:0] = given.options
    return more, list(more.words)


@dataclass(frozen=True, slots=True)
class Described:
    """A container that a file describes and some program creates by `docker create`, with these options besides."""

    site: Site
    name: str
    image: Word
    ports: Sequence[Word] = ()
    mounts: Sequence[Word] = ()
    variables: Mapping[str, Word] = field(default_factory=dict)
    options: Sequence[Word] = ()
    command: Sequence[Word] = ()


def described(one: Described, context: Context) -> Iterator[Fact]:
    """What such a container publishes, and what runs in it."""
    row = context.knowledge.commands["docker create"]
    if row.container is None:
        return
    given = options.parse(row, one.options, context.environment)
    for flag, words in ((row.container.publish[0], one.ports), (row.container.mounts[0], one.mounts)):
        given.options += [options.Option(flag, word, (word,)) for word in words]
    box = _Container(row.container, given, [one.image, *one.command], one.site, context)
    box.name, box.variables = one.name, one.variables
    yield from box.facts()


class _Container:
    """One container that is started: its options, its image and the words behind that."""

    def __init__(
        self, row: Containing, given: options.Arguments, rest: Sequence[Word], site: Site, context: Context
    ) -> None:
        self.row = row
        self.given = given
        self.outer = context
        self.site = site
        self.variables: Mapping[str, Word] = {}
        self.image = settled(rest[0], context.environment)
        self.command = [settled(word, context.environment) for word in rest[1:]]
        repository, _ = reference(self.image.text)
        self.reference = "" if "$" in repository or "`" in repository else self.image.text
        self.id = f"{site.path}#{site.span.start}"
        named = self._last(row.name)
        shown = reference(self.reference)[0].rpartition("/")[2]
        self.name = named.text if named is not None and "$" not in named.text else shown or "the container"

    def _values(self, flags: Sequence[str]) -> Iterator[Word]:
        names = set(flags)
        for option in self.given.options:
            if option.name in names and option.values:
                yield option.values[-1]

    def _last(self, flags: Sequence[str]) -> Word | None:
        found = list(self._values(flags))
        return settled(found[-1], self.outer.environment) if found else None

    def facts(self) -> Iterator[Fact]:
        """The container, its publications, and what runs in it."""
        network = self._last(self.row.network)
        mode = network.text if network is not None else ""
        shared = mode in ("host", "none") or mode.startswith("container:")
        mounts = list(self._mounts()) if self.outer.certain else []
        workdir = self._last(self.row.workdir)
        box = Container(
            site=self.site,
            id=self.id,
            name=self.name,
            origin="docker",
            image=self.reference,
            network=mode if shared else "own",
            network_site=network.site if network is not None and shared else None,
            group=self.site.path,
            files=tuple(dict.fromkeys(path for _, path in mounts)),
            copies=tuple(mounts),
            workdir=workdir.text if workdir is not None else "",
            replaces="entrypoint" if self._last(self.row.entrypoint) is not None else "command" if self.command else "",
            certain=self.outer.certain,
        )
        yield box
        yield from self._publications()
        yield from self._hosts()
        for fact in self._programs():
            if self.outer.certain or not isinstance(fact, Launch):  # where a test runs a file is not where it belongs
                yield fact

    # Ports

    def _publications(self) -> Iterator[Publication]:
        base = Publication(
            self.site, publishing.everywhere(None), publishing.reach(Kind.WILDCARD), container=self.id, name=self.name
        )
        for option in self.given.options:
            if option.name in self.row.publish_all and not option.values:
                yield replace(base, site=option.word.site)
        for word in self._values(self.row.publish):
            if "target=" in word.text and ":" not in word.text:
                yield from self._long(word, base)
            else:
                yield from self._short(expand(word, self.outer.environment), base)

    def _short(self, value: Text, base: Publication) -> Iterator[Publication]:
        text = _opaque(value.text)
        entry = ports.parse(text) if text.strip(OPAQUE) else ports.Refused("")
        base = replace(base, site=value.site(0, len(text)))
        if isinstance(entry, ports.Refused):
            if OPAQUE in text:
                yield replace(base, address=_undecided(value))
            return
        start, end = entry.host
        kind, families = classify(entry.address)
        place = value.slot(start, end)
        host = publishing.loopback(kind, families, brackets=True)
        slot = Slot(place, after=entry.prefix, host=host) if place is not None else None
        if OPAQUE in entry.address:
            address = _undecided(value)
        elif entry.address:
            trail = value.trail(start, end)
            address = Address(entry.address, kind, value.known(start, end), families, slot, trail)
        else:
            address = publishing.everywhere(slot)
        base = replace(base, address=address, reach=publishing.reach(address.kind), protocol=entry.protocol)
        yield from publishing.each(replace(base, trail=address.trail), entry.published, entry.target)

    def _long(self, word: Word, base: Publication) -> Iterator[Publication]:
        fields = _fields(settled(word, self.outer.environment).text)
        protocol = fields.get("protocol", "tcp").lower()
        base = replace(base, site=word.site, protocol=protocol)
        published, target = (ports.port_range(fields.get(key, "")) for key in ("published", "target"))
        yield from publishing.each(base, published, target)

    # What runs

    def _programs(self) -> Iterator[Fact]:
        variables, complete = self._variables()
        context = replace(self.outer, container=self.id, environment=variables, complete=complete, image=self.reference)
        yield from environment.bindings(variables, self.id)
        if not complete:
            yield Binding(self.site, "", _UNKNOWN, self.id)
        yield from environment.connections(variables, self.id)
        known = images.family(self.reference, self.outer.knowledge) is not None
        entrypoint = self._last(self.row.entrypoint)
        words = [*([entrypoint] if entrypoint is not None and entrypoint.text else []), *self.command]
        image = Word(self.reference, self.image.site)
        if entrypoint is None or images.takes(self.reference, words, self.outer.knowledge):
            if known or not words or not words[0].text.startswith("-"):
                yield from images.run(image, words or None, context)
        elif words:
            yield from commands.run(words, context)
        yield from images.told(self.reference, context)
        for text in self._values(self.row.health):
            for line in commands.word_commands(text):
                yield from commands.check(line, context)

    def _variables(self) -> tuple[dict[str, Word], bool]:
        """The variables of the container, and whether they are all that there are."""
        found = {name: settled(word, self.outer.environment) for name, word in self.variables.items()}
        complete = True
        for word in self._values(self.row.variables):
            source = self._file(expand(word, self.outer.environment).text)
            found |= dotenv.read(source, raw=True).words
            complete = complete and source is not None
        for word in self._values(self.row.environment):
            name, equals, _ = word.text.partition("=")
            value = cut(word, len(name) + 1) if equals else self.outer.environment.get(name)
            if value is not None:
                found[name] = settled(value, self.outer.environment)
        return found, complete

    def _file(self, name: str) -> Source | None:
        """A file of the repository, seen from the folders in which the command line may be given."""
        packages = self.outer.packages
        if packages is None or "$" in name or name.startswith("/"):
            return None
        paths = (layout.within(folder, name) for folder in packages.folders)
        return next((source for path in paths if path and (source := packages.files.get(path)) is not None), None)

    def _mounts(self) -> Iterator[tuple[str, str]]:
        """The files of the repository that the container is given: where inside, and what may lie there."""
        folder = self.site.path.rpartition("/")[0]
        for word in self._values(self.row.mounts):
            text = word.text
            if ("=" in text and "target" in text) or "dst=" in text:
                fields = _fields(text)
                source, target = fields.get("source", ""), fields.get("target", "")
            else:
                source, _, rest = text.partition(":")
                target = rest.partition(":")[0]
            here = _HERE.match(source)
            if here is None or not target:
                continue
            for base in reversed(layout.above(folder)):
                path = layout.within(base, source[here.end() :] or ".")
                if path:
                    yield layout.inside("", target), path

    def _hosts(self) -> Iterator[HostsEntry]:
        """The lines added to the container's hosts file: `name:ip` or `name=ip`."""
        for word in self._values(self.row.hosts):
            separator = "=" if "=" in word.text else ":"
            name, found, ip = word.text.partition(separator)
            if not found or "$" in word.text:
                continue
            kind, families = classify(ip.strip("[]"))
            place = part(word, len(name) + 1, len(word.text))
            slot = Slot(place) if place is not None else None
            yield HostsEntry(word.site, Address(ip, kind, families=families, slot=slot), (name,), "extra_hosts")


def _undecided(value: Text) -> Address:
    return replace(_UNKNOWN, text=value.text, maybe=next(iter(value.missing), ""))


def _opaque(text: str) -> str:
    """The text with what only a run decides made opaque, character for character."""
    return _REFERENCE.sub(lambda match: OPAQUE * len(match[0]), text) if "$" in text or "`" in text else text


def _fields(text: str) -> dict[str, str]:
    """The fields of a comma list (`published=8080,target=80`; `dst` and `destination` are the target)."""
    found: dict[str, str] = {}
    for item in text.split(","):
        name, _, value = item.partition("=")
        name = name.strip().lower()
        found[_FIELDS.get(name, "target" if name in ("dst", "destination") else name)] = value.strip()
    return found
