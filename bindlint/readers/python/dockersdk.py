"""Containers that Python code starts by the Docker SDK: what runs in them by their image, command and variables."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bindlint.facts import Container, Word
from bindlint.readers import images
from bindlint.readers.commands import Context, split_words
from bindlint.readers.commands.text import expand
from bindlint.readers.commands.words import cut
from bindlint.readers.environment import connections
from bindlint.readers.python.arguments import collect
from bindlint.readers.python.cleaned import STAND_IN, cleaned
from bindlint.readers.python.dockerports import Ports, everywhere
from bindlint.readers.python.environ import environment
from bindlint.readers.python.lines import Argv
from bindlint.readers.python.scopes import dotted, last_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import libcst as cst

    from bindlint.facts import Fact
    from bindlint.knowledge import Knowledge
    from bindlint.knowledge.launchers import Place, Starter
    from bindlint.readers.python.addressing import Addressing
    from bindlint.readers.python.arguments import Arguments
    from bindlint.readers.python.calls import Calls
    from bindlint.readers.python.lines import Lines
    from bindlint.readers.python.pieces import Texts
    from bindlint.readers.python.scopes import At, CallSite

    Given = tuple[cst.BaseExpression, At]

MAX_CONTAINERS = 100  # of one file
MAX_COMMANDS = 4  # that one container may run


class Containers:
    """The containers that one file starts."""

    def __init__(
        self,
        calls: Calls,
        addressing: Addressing,
        knowledge: Knowledge,
        lines: Lines,
        is_test: Callable[[At], bool],
    ) -> None:
        self.tree = calls.tree
        self.calls = calls
        self.values = calls.values
        self.addressing = addressing
        self.knowledge = knowledge
        self.lines = lines
        self.texts: Texts = lines.texts
        self.ports = Ports(self.texts, addressing)
        self.is_test = is_test

    def facts(self) -> Iterator[Fact]:
        """The containers, what they publish and what runs in them, in the order of the calls."""
        rows: dict[str, list[Starter]] = {}
        for row in self.knowledge.python.starters:
            for name in row.names:
                rows.setdefault(name.rpartition(".")[2], []).append(row)
        count = 0
        for call in self.tree.calls:
            found = rows.get(last_name(call.node.func), ())
            meant = self._row(found, call) if found else None
            if meant is not None and count < MAX_CONTAINERS:
                count += 1
                yield from self._container(meant, call)

    def _row(self, rows: Sequence[Starter], call: CallSite) -> Starter | None:
        refs = self.calls.names.refs(call.node.func, call.at)
        for row in rows:
            if any(ref.name in row.names for ref in refs if not ref.instance):
                return row
        known = any(ref.scope is not None for ref in refs)
        path = dotted(call.node.func)
        for row in rows if not known else ():
            roots = {name.partition(".")[0] for name in row.names}
            if roots & self.calls.imported and any(path.endswith(f".{last}") for last in row.opaque):
                return row
        return None

    def _container(self, row: Starter, call: CallSite) -> Iterator[Fact]:
        at = call.at
        arguments = collect(self.calls.values, call.node.args, at, None)
        site = self.addressing.at(call.node.func)
        image = self._word(_given(arguments, row.image)) or Word("", site)
        name = self._word(arguments.keywords.get(row.name))
        shown = name.text if name is not None else STAND_IN.sub("", image.text).rpartition("/")[2] or "the container"
        network = self._word(arguments.keywords.get(row.network))
        shared = network is not None and network.text in ("host", "none")
        container = Container(
            site=site,
            id=f"{self.tree.path}#{site.span.start}",
            name=shown,
            origin="docker",
            image=image.text,
            network=network.text if network is not None and shared else "own",
            network_site=network.site if network is not None and shared else None,
            group=self.tree.path,
            certain=not self.is_test(at),
        )
        yield container
        if (ports := _given(arguments, row.ports)) is not None:
            yield from self.ports.publications(*ports, container)
        everything = arguments.keywords.get(row.all)
        if everything is not None and any(value.text == "True" for value in self.values.of(*everything)):
            yield replace(everywhere(container), site=self.addressing.at(everything[0]))
        yield from self._programs(row, arguments, container, image, certain=not self.is_test(at))

    def _word(self, argument: Given | None) -> Word | None:
        """The text of an argument, with the constants in it; its site is where the argument says it."""
        if argument is None:
            return None
        word = self.texts.of(*argument)[0].word
        return Word(expand(word, self.texts.stand_ins.words).text, word.site)

    def _programs(
        self, row: Starter, arguments: Arguments, container: Container, image: Word, *, certain: bool
    ) -> Iterator[Fact]:
        """What runs in it, as its image, command and variables say."""
        variables = self._variables(_given(arguments, row.environment))
        known = {**self.texts.stand_ins.words, **variables}
        context = Context(self.knowledge, container.id, known, certain=certain, joint="", image=container.image)
        found: dict[Fact, None] = {}
        for words in self._commands(_given(arguments, row.command)):
            if words is None or not words[0].text.startswith("-") or images.family(image.text, self.knowledge):
                found |= dict.fromkeys(images.run(image, words, context))
        found |= dict.fromkeys(images.told(image.text, replace(context, environment=variables)))
        found |= dict.fromkeys(connections(variables, container.id))
        for fact in found:
            yield cleaned(fact, container.site, self.texts)

    def _commands(self, argument: Given | None) -> Iterator[list[Word] | None]:
        if argument is None:
            yield None
            return
        for line in self.lines.of(*argument)[:MAX_COMMANDS]:
            if isinstance(line, Argv):
                yield list(line.words) or None
            else:
                yield split_words(line.text, line.offsets, line.word.site) or None

    def _variables(self, argument: Given | None) -> dict[str, Word]:
        """The variables given, as a dictionary or as a list of `NAME=value`."""
        if argument is None:
            return {}
        lines = [line for line in self.lines.of(*argument) if isinstance(line, Argv) and line.words]
        if lines:
            pairs = [(word, word.text.partition("=")[0]) for word in lines[0].words if "=" in word.text]
            return {name: cut(word, len(name) + 1) for word, name in pairs}
        return environment(*argument, self.texts, own="")


def _given(arguments: Arguments, place: Place) -> Given | None:
    """The argument at a place, also of an unpacked dictionary."""
    found = next((arguments.keywords[name] for name in place.keywords if name in arguments.keywords), None)
    if found is None and place.position is not None and place.position < len(arguments.positional):
        return arguments.positional[place.position]
    return found
