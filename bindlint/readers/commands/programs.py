"""One command line: which program it starts in the end, and what that program opens, guards and runs."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING

from bindlint.addresses import Kind
from bindlint.facts import Connection, Fact, Guard, Known, Launch, Listener, Step, Word
from bindlint.knowledge.commands import EXITS
from bindlint.readers.commands import clients, listeners, options
from bindlint.readers.commands.launches import action, application, hands_over, launch, module_files, program_name
from bindlint.readers.commands.text import expand
from bindlint.readers.commands.tokens import split_words, word_commands
from bindlint.readers.commands.variables import ASSIGNMENT, Variables, remember
from bindlint.readers.commands.words import Bare, cut, offsets_of
from bindlint.readers.commands.wrappers import How, Started, started
from bindlint.source import Site, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bindlint.knowledge import Knowledge
    from bindlint.knowledge.commands import Command
    from bindlint.readers.packages import Packages

MAX_DEPTH = 12  # of programs that start programs
MAX_WORDS = 2_000  # of one command line
MAX_FIELDS = 1_000  # characters of a variable that holds several words
MAX_SUBCOMMAND = 3  # a sub-command is one of the first words that are no options: `celery -A app flower`
# What a shell replaces by any number of words: its own arguments, what a program prints, a variable whose name says so.
_SEVERAL = re.compile(r"\$[@*]|\$\{[@*]|\$\(|`")
_SAID = re.compile(r"ARG|OPT|FLAG|PARAM|EXTRA", re.IGNORECASE)
_KEPT = re.compile(r"\$\{(?P<name>\w+):?[-=](?P<default>[^{}]*)\}")
_VERSION = re.compile(r"(?<=[a-z])-?[0-9][0-9.]*$")


@dataclass(frozen=True, slots=True)
class Context:
    """Where a command line runs: the container's id ("" = a host) and the variables known there.

    `joint` is the text between two words of the command line as it is written (" " in a shell text, `", "` in a JSON
    list), by which a missing option can be added; "" when that is not known. `complete` is False when there may be
    variables that nobody could read (an environment file that is not committed). `image` is the image of the container,
    "" when unknown. `mounts` are the paths in it where something of the user's lies.
    `packages` finds the scripts of the project there, None where nobody can.
    """

    knowledge: Knowledge
    container: str = ""
    environment: Mapping[str, Word] = field(default_factory=dict)
    certain: bool = True
    joint: str = ""
    complete: bool = True
    image: str = ""
    mounts: tuple[str, ...] = ()
    packages: Packages | None = None


def run(words: Sequence[Word], context: Context) -> Iterator[Fact]:
    """What one command line does: Launch, Listeners, Connections and Guards of the program that runs in the end."""
    yield from _run(list(words[:MAX_WORDS]), context, 0)


def find(words: Sequence[Word], knowledge: Knowledge, packages: Packages | None = None) -> tuple[Command, int] | None:
    """The row for a command line, and the last word of the name: 0, or where the sub-command is ("flask … run").

    A script of the project is the program whose command line it makes its own, by what it imports.
    """
    name = program_name(words[0].text)
    rows = knowledge.commands
    imports = packages.imports(words[0].text) if packages is not None and name.endswith(".py") else frozenset()
    owned = [knowledge.command_libraries[one] for one in sorted(imports & knowledge.command_libraries.keys())]
    for candidate in (*owned, name, _VERSION.sub("", name)):
        if candidate not in knowledge.command_words:
            continue
        no_options = [at for at, word in enumerate(words[:40]) if at and not word.text.startswith("-")]
        for one, two in itertools.pairwise(no_options[:MAX_SUBCOMMAND]):
            if row := rows.get(f"{candidate} {words[one].text} {words[two].text}"):
                return row, two
        for at in no_options[:MAX_SUBCOMMAND]:
            if row := rows.get(f"{candidate} {words[at].text}"):
                return row, at
        if row := rows.get(candidate):
            return row, 0
    return None


def arguments_of(row: Command, words: Sequence[Word], last: int) -> list[Word]:
    """The words of a command line that are not the program's name; options may stand before its sub-command."""
    named = {part for name in row.names for part in name.split()[1:-1]}
    return [*(word for word in words[1 : last or 1] if word.text not in named), *words[last + 1 :]]


def program(
    row: Command, site: Site, arguments: options.Arguments, context: Context, last: Site | None = None
) -> Iterator[Fact]:
    """What the row says of a program with these arguments; `last` is where its sub-command stands."""
    named = configured(row, arguments)
    head = listeners.Head(
        site, row.software, context.container, context.certain, context.joint, named, context.image, last
    )
    yield from listeners.openings(row.openings, arguments, head)
    yield from listeners.guards(row.guards, arguments, head, complete=context.complete)
    yield from clients.calls(row, arguments, head, "client")


def perhaps(fact: Fact, maybe: str) -> Fact:
    """A fact of a line to which more words may come: they can state an address where none is given yet."""
    if isinstance(fact, Listener) and fact.address.known is Known.DEFAULT:
        address = replace(fact.address, text="", kind=Kind.UNKNOWN, known=Known.UNKNOWN, slot=None, maybe=maybe)
        return replace(fact, address=address)
    return fact


def exits(row: Command, arguments: options.Arguments) -> bool:
    """Whether the program only prints something: its version, its help, the result of a test.

    What every program prints may be asked of the one that a wrapper starts, too; what is a wrapper's own may not.
    """
    signs = row.exits if row.wraps is None else row.exits[len(EXITS) :]
    return arguments.any_sign(signs) is not None


def configured(row: Command, arguments: options.Arguments) -> bool:
    """Whether a configuration file is named."""
    setting = row.config
    if setting is None:
        return False
    if any(option.values for flag in setting.flags for option in arguments.given(flag)):
        return True
    return setting.position is not None and len(arguments.others) > setting.position


def shell(text: Word, context: Context, depth: int = 0) -> Iterator[Fact]:
    """What the commands of a shell text do; variables that one sets are known to those behind it."""
    environment = Variables(context.environment)
    inside = replace(context, joint=" ")
    for words in word_commands(text):
        if not remember(words, environment):
            yield from each(words, environment, inside, depth + 1)


def each(words: Sequence[Word], variables: Variables, context: Context, depth: int = 0) -> Iterator[Fact]:
    """What a command line does, with each value that the variables may have."""
    known = [replace(context, environment=values) for values in variables.each()]
    if len(known) == 1:
        yield from _run(list(words[:MAX_WORDS]), known[0], depth)
    else:
        yield from dict.fromkeys(fact for one in known for fact in _run(list(words[:MAX_WORDS]), one, depth))


def _run(words: list[Word], context: Context, depth: int) -> Iterator[Fact]:
    words, context = _assignments(words, context)
    words = list(islice((part for word in words for part in _fields(word, context)), MAX_WORDS))
    if not words or depth > MAX_DEPTH:
        return
    words[0] = _expanded(words[0], context)
    found = find(words, context.knowledge, context.packages)
    if found is None:
        yield launch(words, context.container)
        if hands_over(words[0]) and len(words) > 1:
            inner = _run(words[1:], context, depth + 1)  # its arguments may as well be no command line at all
            yield from (fact for fact in inner if not isinstance(fact, Launch) or fact.files)
        return
    row, last = found
    if row.container is not None:
        from bindlint.readers import dockerrun  # noqa: PLC0415 - what runs in a container is a command line again

        yield from dockerrun.container(row, words, last, context)
        return
    if row.builds is not None:
        from bindlint.readers import dockerbuild  # noqa: PLC0415 - few command lines make an image

        yield from dockerbuild.built(row, words, last, context)
        return
    if row.composes is not None:
        from bindlint.readers import dockercompose  # noqa: PLC0415 - few command lines start a project

        yield from dockercompose.composed(row, words, last, context)
        return
    if row.applies is not None:
        from bindlint.readers import kubectl  # noqa: PLC0415 - few command lines apply manifests

        yield from kubectl.applied(row, words, last, context)
        return
    behind = [*more(row.more, context), *arguments_of(row, words, last)]
    arguments = options.parse(row, behind, context.environment)
    if exits(row, arguments):
        return
    if row.package and (script := _script(row, words[last].text if last else "", arguments, context)) is not None:
        yield from _packaged(*script, words[0].site, context, depth)
        return
    if row.wraps is None:
        code, module = application(row, arguments), row.application == "module"
        also = action(row, arguments)
        yield launch(words, context.container, code, imports=module, outranks=row.outranks, also=also)
    for one in started(row, behind, context.environment):
        yield from _started(one, words, context, depth)
    more_words = next((word.text for word in arguments.others if _is_open(word, context)), "")
    if more_words:  # which may say what is not said here
        context = replace(context, complete=False)
    for fact in program(row, _head_site(words, last), arguments, context, words[last].site):
        yield perhaps(fact, more_words) if more_words else fact


def _is_open(word: Word, context: Context) -> bool:
    """Whether a word may stand for any number of words, options among them."""
    several = _SEVERAL.match(word.text) is not None
    variable = isinstance(word, Bare) and _SAID.search(word.text) is not None
    return several or (variable and (_own_default(word, context) is not None or _missing(word, context)))


def _missing(word: Word, context: Context) -> bool:
    return bool(expand(word, context.environment).missing)


def _own_default(word: Word, context: Context) -> Word | None:
    """The words of `OPTS=${OPTS:-words}` for `$OPTS`: what it held before, when it held anything, nobody here knows."""
    name = word.text.strip("${}")
    value = context.environment.get(name)
    match = _KEPT.fullmatch(value.text) if value is not None else None
    return cut(value, *match.span("default")) if value is not None and match and match["name"] == name else None


def _script(
    row: Command, name: str, arguments: options.Arguments, context: Context
) -> tuple[Word, Sequence[Word]] | None:
    """The script of a package.json that is started, and the arguments added to it."""
    others = list(arguments.words)
    named = [word for word in others if word in arguments.others]
    if name in ("", "run", "run-script"):
        if not named:
            return None
        name = named[0].text
        others = others[others.index(named[0]) + 1 :]
    folder = next((o.values[-1].text for flag in row.folder for o in arguments.given(flag) if o.values), "")
    script = context.packages.script(name, folder) if context.packages is not None else None
    return None if script is None else (script, [word for word in others if word.text != "--"])


def _packaged(script: Word, added: Sequence[Word], place: Site, context: Context, depth: int) -> Iterator[Fact]:
    """What a script does. In a container it is stated where it is started: the script may serve others, too."""
    environment = Variables(context.environment)
    lines = word_commands(script)
    for index, words in enumerate(lines):
        more = added if index == len(lines) - 1 else ()
        if remember(words, environment):
            continue
        for fact in each([*words, *more], environment, replace(context, joint=" "), depth + 1):
            if context.container and isinstance(fact, Listener | Connection) and fact.site.path != place.path:
                step = Step(fact.site, "the script is written here")
                yield replace(fact, site=place, address=replace(fact.address, trail=(step, *fact.address.trail)))
            elif context.container and isinstance(fact, Launch | Guard) and fact.site.path != place.path:
                yield replace(fact, site=place)
            else:
                yield fact


def _started(one: Started, words: Sequence[Word], context: Context, depth: int) -> Iterator[Fact]:
    if one.how is How.TEXT:
        yield from shell(one.words[0], context, depth + 1)
        return
    if one.how is How.COMMAND:
        yield from _run(one.words, context, depth + 1)
        return
    inner = [_expanded(one.words[0], context), *one.words[1:]]
    found = find(inner, context.knowledge, context.packages)
    if one.how is How.MODULE:
        if found is not None:
            yield from _run(inner, context, depth + 1)
        else:
            yield launch(words, context.container, module_files(inner[0].text, package="__main__"))
        return
    also = action(found[0], options.parse(found[0], inner[1:], context.environment)) if found is not None else ()
    yield launch(words, context.container, (inner[0].text.removeprefix("./"),), also=also)
    if found is not None:  # `python manage.py runserver`: the script has a row of its own
        yield from (fact for fact in _run(inner, context, depth + 1) if not isinstance(fact, Launch))


def _head_site(words: Sequence[Word], last: int) -> Site:
    """The program's name, with its sub-command when that stands right behind it."""
    first = words[0].site
    if last != 1:
        return first
    second = words[1].site
    if second.path == first.path and second.span.start == first.span.end + 1:
        return Site(first.path, Span(first.span.start, second.span.end))
    return first


def _assignments(words: list[Word], context: Context) -> tuple[list[Word], Context]:
    """The words behind leading `NAME=value` words, and the context with these variables."""
    if not words or not ASSIGNMENT.match(words[0].text):
        return words, context
    environment = dict(context.environment)
    at = 0
    while at < len(words) and (match := ASSIGNMENT.match(words[at].text)):
        environment[match[0].rstrip("+=")] = cut(words[at], match.end())
        at += 1
    return words[at:], replace(context, environment=environment)


def _expanded(word: Word, context: Context) -> Word:
    """The word with its variables put in, when all of them are known."""
    if "$" not in word.text:
        return word
    text = expand(word, context.environment)
    return word if text.missing else Word(text.text, word.site)


def _fields(word: Word, context: Context) -> Sequence[Word]:
    """The words that a variable without quotes stands for, when it holds several."""
    if not isinstance(word, Bare):
        return (word,)
    if (default := _own_default(word, context)) is not None:
        return (word, *split_words(default.text, offsets_of(default), default.site))
    value = context.environment.get(word.text.strip("${}"))
    if value is None or len(value.text) > MAX_FIELDS or " " not in value.text.strip():
        return (word,)
    return split_words(value.text, offsets_of(value), value.site)


def more(names: Sequence[str], context: Context) -> Iterator[Word]:
    """Further arguments, from the variables that hold them."""
    for name in names:
        if (value := context.environment.get(name)) is not None:
            for words in word_commands(value):
                yield from words
