"""What runs in a service's container, and whom that and its settings connect to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bindlint.addresses import Kind, classify
from bindlint.facts import Address, Binding, HostsEntry, Known, Launch, Word
from bindlint.readers import commands, dotenv, environment, images, yamltree
from bindlint.readers.commands.words import offsets_of, plain
from bindlint.readers.compose import containers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bindlint.facts import Fact
    from bindlint.knowledge import Knowledge
    from bindlint.readers.compose.project import Service
    from bindlint.readers.compose.values import Value
    from bindlint.readers.yamltree import Node
    from bindlint.source import Source

_UNKNOWN = Address("", Kind.UNKNOWN, Known.UNKNOWN)
_QUOTES = "'\""


def programs(service: Service, knowledge: Knowledge) -> Iterator[Fact]:
    """The listeners, connections and guards of a service, as far as its own keys say."""
    variables, complete = _environment(service)
    entrypoint, command = service.get("entrypoint"), service.get("command")
    context = commands.Context(
        knowledge,
        container=service.id,
        environment=variables,
        joint=_joint(service, command or entrypoint),
        complete=complete,
        image=_image(service),
        mounts=tuple(path for path in containers.mounts(service) if path),
    )
    lines = _lines(service, command)
    if entrypoint is not None:
        first, *rest = _lines(service, entrypoint) or [[]]
        lines = [[*first, *(lines[0] if lines else [])], *rest]
    image = service.get("image")
    if image is not None and yamltree.text(image) is not None and service.get("build") is None:
        value = service.value(image)
        slot = value.slot(0, len(value.text))
        word = Word(value.text, slot.site if slot else value.inside)
        if entrypoint is None or (lines and images.takes(value.text, lines[0], knowledge)):
            if not lines or not _only_options(lines[0]) or images.family(value.text, knowledge) is not None:
                yield from images.run(word, lines[0] if lines else None, context)
            lines = lines[1:]
    for line in lines:
        if line and not _only_options(line):
            yield from commands.run(line, context)
        elif line:
            yield Launch(line[0].site, "the image's program", tuple(map(plain, line)), service.id)
    yield from images.told((yamltree.text(image) if image is not None else "") or "", context)
    yield from _health(service, context)
    yield from environment.connections(variables, service.id)
    yield from environment.bindings(variables, service.id)
    if not complete:  # a file of variables that is not in the repository
        yield Binding(service.site(service.key), "", _UNKNOWN, service.id)
    yield from _hosts(service)


def _image(service: Service) -> str:
    """The image that the container is made of; "" when it is built here, and so from another one."""
    image = service.get("image")
    return service.value(image).text if image is not None and service.get("build") is None else ""


def _only_options(line: Sequence[Word]) -> bool:
    """Whether a command line begins with an option: for a program that only the image knows."""
    return bool(line) and line[0].text.startswith("-")


def _environment(service: Service) -> tuple[dict[str, Word], bool]:
    """The variables set for the container, and whether they are all that there are."""
    found: dict[str, Word] = {}
    complete = True
    given = service.project.variables
    for source, raw in _files(service):
        if source is None:
            complete = False
        else:
            found |= dotenv.read(source, given, _before(found), raw=raw).words
    for key, node in service.merged("environment"):
        text = yamltree.text(node)
        if node.tag == "!reset" and key is not None:
            found.pop(key, None)
            continue
        value = service.value(node)
        name, equals, _ = (text or "").partition("=") if key is None else (key, text is not None, "")
        if equals:
            found[name] = value.setting(0 if key is not None else len(name) + 1)
        elif name in given.words:
            found[name] = given.words[name]
        elif name:  # the value that the shell has, whatever that is
            found[name] = Word(f"${{{name}}}", value.inside)
    return found, complete


def _before(words: Mapping[str, Word]) -> dotenv.Variables:
    return dotenv.Variables({name: word.text for name, word in words.items()}, words)


def _files(service: Service) -> Iterator[tuple[Source | None, bool]]:
    """The files of variables, in the order in which they are read, and whether each is taken as it is written."""
    text = service.project.library.text
    found: dict[str, tuple[Source | None, bool]] = {}
    for node in service.collected("env_file"):
        path = yamltree.get(node, "path") if yamltree.is_mapping(node) else node
        where = service.path(path)
        raw = text(yamltree.get(node, "format")) == "raw"
        found[where or text(path) or ""] = (service.project.library.open(where), raw)
    yield from found.values()


def _lines(service: Service, node: Node | None) -> Sequence[list[Word]]:
    """The words of a `command` or `entrypoint`: a list as it is, a text split as compose splits it."""
    if node is None:
        return []
    if yamltree.is_sequence(node):
        return [_words(service, node)]
    if yamltree.text(node) is None:
        return []
    return _split(service.value(node))


def _words(service: Service, node: Node | None) -> list[Word]:
    elements = service.project.library.spend(yamltree.elements(node))
    return [service.value(element).word() for element in elements if yamltree.text(element) is not None]


def _split(value: Value) -> Sequence[list[Word]]:
    """The words of a text. Compose runs no shell for it: a line break outside of quotes is a blank like any other."""
    word = value.word()
    text = _one_line(word.text)
    return commands.simple_commands(text, offsets_of(word), word.site)


def _one_line(text: str) -> str:
    """The text with the line breaks outside of quotes made blanks; every character keeps its position."""
    if "\n" not in text:
        return text
    out: list[str] = []
    quote = ""
    for character in text:
        if quote:
            quote = "" if character == quote else quote
        elif character in _QUOTES:
            quote = character
        out.append(" " if character == "\n" and not quote else character)
    return "".join(out)


def _joint(service: Service, node: Node | None) -> str:
    """The text between two words of the command as it is written."""
    if node is None or not yamltree.is_sequence(node):
        return " "
    return yamltree.joint(service.home(node).source, node)


def _health(service: Service, context: commands.Context) -> Iterator[Fact]:
    """Whom the health check asks: `["CMD", …]` is a command line, `["CMD-SHELL", text]` or a text is for a shell."""
    test = service.get("healthcheck", "test")
    if test is None or yamltree.flag(service.get("healthcheck", "disable")):
        return
    words: Sequence[Word] = [service.value(test).word()] if yamltree.text(test) is not None else _words(service, test)
    if words and words[0].text == "CMD":
        yield from commands.check(words[1:], context)
        return
    if words and words[0].text == "CMD-SHELL":
        words = words[1:]
    elif yamltree.is_sequence(test):
        return
    for script in words[:1]:
        for line in commands.word_commands(script):
            yield from commands.check(line, context)


def _host_rows(service: Service) -> Iterator[tuple[str | None, Node]]:
    """The scalars of `extra_hosts`, a mapping's with their key: one name may have a list of addresses."""
    for key, node in service.merged("extra_hosts"):
        for part in service.elements(node) if node.tag != "!reset" else ():
            if yamltree.text(part) is not None:
                yield key, part


def _hosts(service: Service) -> Iterator[HostsEntry]:
    """The lines added to the container's hosts file: `name=ip`, `name:ip` or a mapping."""
    for key, node in _host_rows(service):
        value = service.value(node)
        text, name, start = value.text, key, 0
        if name is None:
            name, separator, _ = text.partition("=")
            if not separator:
                name, separator, _ = text.partition(":")
            if not separator:
                continue
            start = len(name) + 1
        end = len(text)
        if text[start : start + 1] == "[" and text.endswith("]"):
            start, end = start + 1, end - 1
        kind, families = classify(text[start:end])
        slot = value.slot(start, end)
        address = Address(text[start:end], kind, value.known(start, end), families, slot)
        yield HostsEntry(value.inside, address, (name,), "extra_hosts")
