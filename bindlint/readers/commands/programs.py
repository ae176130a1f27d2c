"""One command line: which program it starts in the end, and what that program opens, guards and runs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bindlint.facts import Connection, Fact, Launch, Word
from bindlint.knowledge import Knowledge  # noqa: TC001 - a field of a dataclass that other modules build
from bindlint.readers.commands import clients, listeners, options
from bindlint.readers.commands.text import expand
from bindlint.readers.commands.words import cut, plain, word_commands
from bindlint.source import Site, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bindlint.knowledge.commands import Command

MAX_DEPTH = 12  # of programs that start programs
MAX_WORDS = 2_000  # of one command line
MAX_SUBCOMMAND = 3  # a sub-command is one of the first words that are no options: `celery -A app flower`
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")
_VERSION = re.compile(r"(?<=[a-z])-?[0-9][0-9.]*$")
_MODULE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?::[A-Za-z_][\w.]*(?:\(.*\))?)?")
_SCRIPT = re.compile(r"\.(?:py|sh|bash|js|mjs|cjs|ts|rb|php|pl)$")


@dataclass(frozen=True, slots=True)
class Context:
    """Where a command line runs: the container's id ("" = a host) and the variables known there.

    `joint` is the text between two words of the command line as it is written (" " in a shell text, `", "` in a JSON
    list), by which a missing option can be added; "" when that is not known. `complete` is False when there may be
    variables that nobody could read (an environment file that is not committed).
    """

    knowledge: Knowledge
    container: str = ""
    environment: Mapping[str, Word] = field(default_factory=dict)
    certain: bool = True
    joint: str = ""
    complete: bool = True


def run(words: Sequence[Word], context: Context) -> Iterator[Fact]:
    """What one command line does: Launch, Listeners, Connections and Guards of the program that runs in the end."""
    yield from _run(list(words[:MAX_WORDS]), context, 0)


def find(words: Sequence[Word], knowledge: Knowledge) -> tuple[Command, int, int] | None:
    """The row for a command line, and the range of its words that name the program: "flask" or "flask … run"."""
    name = program_name(words[0].text)
    rows = knowledge.commands
    for candidate in (name, _VERSION.sub("", name)):
        if candidate not in knowledge.command_words:
            continue
        plain_words = [at for at in range(1, min(len(words), 40)) if not words[at].text.startswith("-")]
        for at in plain_words[:MAX_SUBCOMMAND]:
            if row := rows.get(f"{candidate} {words[at].text}"):
                return row, 0, at
        if row := rows.get(candidate):
            return row, 0, 0
    return None


def program_name(text: str) -> str:
    """The name that a program is known by: the last part of its path."""
    return text.replace("\\", "/").rstrip("/").rpartition("/")[2].removesuffix(".exe")


def _run(words: list[Word], context: Context, depth: int) -> Iterator[Fact]:
    words, context = _assignments(words, context)
    if not words or depth > MAX_DEPTH:
        return
    words[0] = _expanded(words[0], context)
    found = find(words, context.knowledge)
    if found is None:
        yield _launch(words, context)
        if _hands_over(words[0]) and len(words) > 1 and find(words[1:], context.knowledge) is not None:
            yield from _run(words[1:], context, depth + 1)
        return
    row, _, last = found
    behind = [*words[1:last], *words[last + 1 :]]
    if row.more:
        behind = [*behind, *_more(row, context)]
    if row.wraps is not None:
        inner = list(_inner(row, words, behind, context, depth))
        yield from inner
        if not row.openings and not row.callings:
            return
    else:
        yield _launch(words, context, row, behind)
    yield from program(row, _head_site(words, last), behind, context)


def program(row: Command, site: Site, behind: Sequence[Word], context: Context) -> Iterator[Fact]:
    """What the row says of a program with these words behind its name."""
    arguments = options.parse(row, behind, context.environment)
    configured = row.config is not None and any(True for _ in configuration(row, arguments))
    head = listeners.Head(site, row.software, context.container, context.certain, context.joint, configured)
    yield from listeners.openings(row.openings, arguments, head)
    yield from listeners.guards(row.guards, arguments, head, complete=context.complete)
    yield from clients.calls(row, arguments, head, "client")


def configuration(row: Command, arguments: options.Arguments) -> Iterator[Word]:
    setting = row.config
    if setting is None:
        return
    for flag in setting.flags:
        for option in arguments.given(flag):
            yield from option.values
    if setting.position is not None:
        yield from arguments.others[setting.position : setting.position + 1]


def _head_site(words: Sequence[Word], last: int) -> Site:
    """The program's name, with its sub-command when that stands right behind it."""
    first = words[0].site
    if last != 1:
        return first
    second = words[1].site
    if second.path == first.path and second.span.start == first.span.end + 1:
        return Site(first.path, Span(first.span.start, second.span.end))
    return first


def _assignments(words: Sequence[Word], context: Context) -> tuple[list[Word], Context]:
    """The words behind leading `NAME=value` words, and the context with these variables."""
    environment = dict(context.environment)
    at = 0
    while at < len(words) and (match := _ASSIGNMENT.match(words[at].text)):
        environment[match[0].rstrip("+=")] = cut(words[at], match.end())
        at += 1
    return list(words[at:]), replace(context, environment=environment) if at else context


def _expanded(word: Word, context: Context) -> Word:
    if "$" not in word.text:
        return word
    text = expand(word, context.environment)
    return Word(text.text, word.site) if not text.missing else word


def _more(row: Command, context: Context) -> Iterator[Word]:
    for name in row.more:
        if (value := context.environment.get(name)) is not None:
            for words in word_commands(value):
                yield from words


def _hands_over(word: Word) -> bool:
    """Whether a script given a program's command line runs it: by convention an entry point ends in `exec "$@"`."""
    name = program_name(word.text)
    return name.endswith(".sh") or "entrypoint" in name


def _launch(words: Sequence[Word], context: Context, row: Command | None = None, behind: Sequence[Word] = ()) -> Launch:
    name = program_name(words[0].text)
    files: tuple[str, ...] = ()
    if row is not None and row.application:
        files = _application(row, behind, context)
    elif _SCRIPT.search(words[0].text) or ("/" in words[0].text and words[0].text.startswith(".")):
        files = (words[0].text.removeprefix("./"),)
    elif row is None and not words[0].text.startswith("-") and "/" in words[0].text:
        files = (words[0].text,)
    return Launch(words[0].site, name, tuple(plain(w) for w in words[1:]), context.container, files)


def _application(row: Command, behind: Sequence[Word], context: Context) -> tuple[str, ...]:
    """The files of the code that the program is told to run."""
    arguments = options.parse(row, behind, context.environment)
    taken = {id(value) for option in arguments.options for value in option.values}
    words = [w for w in behind if not w.text.startswith("-") and id(w) not in taken]
    folder = next((o.values[-1].text for flag in row.folder for o in arguments.given(flag) if o.values), "")
    if row.application == "script":
        return tuple(_under(folder, w.text) for w in words[:1])
    modules = [w.text for w in words if _MODULE.fullmatch(w.text)]
    modules = [m for m in modules if ":" in m] or [m for m in modules if "." in m] or modules[-1:]
    return tuple(_under(folder, f) for m in modules[:1] for f in module_files(m.partition(":")[0]))


def _under(folder: str, path: str) -> str:
    folder = folder.strip("./")
    return f"{folder}/{path}" if folder else path.removeprefix("./")


def module_files(module: str, *, package: str = "__init__") -> tuple[str, ...]:
    """The files that a dotted module may be."""
    path = module.replace(".", "/")
    return (f"{path}.py", f"{path}/{package}.py")


def _inner(row: Command, words: Sequence[Word], behind: Sequence[Word], context: Context, depth: int) -> Iterator[Fact]:
    """What the program that a wrapper starts does."""
    wraps = row.wraps
    if wraps is None:
        return
    if wraps.after:
        at = next((i for i, w in enumerate(behind) if w.text == wraps.after), None)
        if at is not None:
            yield from _run(list(behind[at + 1 :]), context, depth + 1)
            return
        if not (wraps.skip or wraps.script or wraps.text):
            return
    arguments = options.parse(row, behind, context.environment, until=wraps.skip)
    everything = options.parse(row, behind, context.environment) if wraps.skip else arguments
    for flag in wraps.text:
        for text in _text_of(flag, everything):
            yield from shell(text, context, depth + 1)
            return
    if any(True for flag in wraps.code for _ in arguments.given(flag)):
        return
    for flag in wraps.module:
        for option in arguments.given(flag):
            if option.values:
                yield from _module(words, behind, option.values[-1], context, depth)
            return
    rest = list(arguments.words)
    if wraps.texts:
        for word in rest:
            if " " in word.text:
                yield from shell(word, context, depth + 1)
        if len(rest) and " " not in rest[0].text:
            yield from _run(rest, context, depth + 1)
    elif wraps.script:
        if rest:
            yield from _script(words, rest, context, depth)
    elif rest:
        yield from _run(rest, context, depth + 1)


def _text_of(flag: str, arguments: options.Arguments) -> Iterator[Word]:
    """The shell text behind `-c`, also when the option is one of a cluster (`-lc`, `-euxc`)."""
    for option in arguments.given(flag):
        if option.values:
            yield option.values[-1]
            return
    letter = flag.removeprefix("-")
    if len(letter) == 1:
        for option in arguments.options:
            if not option.name.startswith("--") and option.name.endswith(letter) and not option.values:
                yield from [*arguments.others, *arguments.words][:1]
                return


def shell(text: Word, context: Context, depth: int = 0) -> Iterator[Fact]:
    """What the commands of a shell text do; variables that one sets are known to those behind it."""
    environment = dict(context.environment)
    inside = replace(context, environment=environment, joint=" ")
    for words in word_commands(text):
        remember(words, environment)
        yield from _run(words, inside, depth + 1)


def remember(words: Sequence[Word], environment: dict[str, Word]) -> bool:
    """Keep the variables that a command sets for those behind it; whether setting them is all that it does."""
    rest = list(words)
    exported = bool(rest) and rest[0].text in ("export", "declare", "local", "readonly", "typeset", "set", ":")
    if exported:
        if rest[0].text == ":":
            for word in rest[1:]:
                if match := re.match(r"\$\{([A-Za-z_]\w*):?=", word.text):
                    environment.setdefault(match[1], cut(word, match.end(), len(word.text) - 1))
            return True
        rest = [w for w in rest[1:] if not w.text.startswith("-")]
    found = [(match, w) for w in rest if (match := _ASSIGNMENT.match(w.text))]
    if not exported and len(found) < len(rest):
        return False
    for match, word in found:
        name, value = match[0].rstrip("+="), cut(word, match.end())
        before = environment.get(name)
        if before is not None and f"${{{name}" in value.text:  # HOST=${HOST:-0.0.0.0} keeps what was there
            continue
        environment[name] = value
    return True


def _module(words: Sequence[Word], behind: Sequence[Word], module: Word, context: Context, depth: int) -> Iterator[Fact]:
    """`python -m module …`: the program of that name, or the module's own file."""
    at = next((i for i, w in enumerate(behind) if w is module or w.site == module.site), len(behind) - 1)
    rest = [module, *behind[at + 1 :]]
    if find(rest, context.knowledge) is not None:
        yield from _run(rest, context, depth + 1)
        return
    files = module_files(module.text, package="__main__")
    arguments = tuple(plain(w) for w in behind)
    yield Launch(words[0].site, program_name(words[0].text), arguments, context.container, files)


def _script(words: Sequence[Word], rest: list[Word], context: Context, depth: int) -> Iterator[Fact]:
    """`python script …`: the file, and the program of that name when there is a row for it (manage.py)."""
    script = _expanded(rest[0], context)
    arguments = tuple(plain(w) for w in words[1:])
    path = script.text.removeprefix("./")
    yield Launch(words[0].site, program_name(words[0].text), arguments, context.container, (path,))
    found = find([script, *rest[1:]], context.knowledge)
    if found is not None:
        yield from (f for f in _run([script, *rest[1:]], context, depth + 1) if not isinstance(f, Launch))


__all__ = ["Connection", "Context", "find", "program", "program_name", "remember", "run", "shell"]
