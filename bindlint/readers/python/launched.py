"""Programs that Python code starts: what they listen on, guard and connect to, as the rows for command lines say."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import libcst as cst

from bindlint.addresses import Kind
from bindlint.facts import Fact, Launch, Listener, Word
from bindlint.readers.commands import Context, local, run, shell, split_words
from bindlint.readers.commands.programs import find, perhaps
from bindlint.readers.python.callees import spawned
from bindlint.readers.python.cleaned import ALONE, STAND_IN, cleaned
from bindlint.readers.python.environ import environment, given
from bindlint.readers.python.lines import Argv, Lines
from bindlint.readers.python.pieces import Texts
from bindlint.readers.python.scopes import last_name
from bindlint.readers.python.spelled import Chunk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bindlint.knowledge import Knowledge
    from bindlint.knowledge.launchers import Launcher
    from bindlint.readers.python.addressing import Addressing
    from bindlint.readers.python.calls import Calls
    from bindlint.readers.python.names import Ref
    from bindlint.readers.python.scopes import At, CallSite, Scope
    from bindlint.readers.python.tree import Tree

MAX_LAUNCHES = 200  # of one file


@dataclass(frozen=True, slots=True)
class Start:
    """A call (or assignment) that starts a program: its row, where it stands, and the arguments given to it."""

    row: Launcher
    at: At
    place: cst.CSTNode
    arguments: tuple[cst.Arg, ...]


class Launched:
    """The programs that one file starts."""

    def __init__(
        self, tree: Tree, calls: Calls, addressing: Addressing, knowledge: Knowledge, is_test: Callable[[At], bool]
    ) -> None:
        self.tree = tree
        self.calls = calls
        self.names = calls.names
        self.values = calls.values
        self.addressing = addressing
        self.knowledge = knowledge
        self.is_test = is_test
        self.texts = Texts(self.values, addressing)
        self.lines = Lines(self.values, self.texts)

    def facts(self) -> Iterator[Fact]:
        """What the programs say, in the order of the calls that start them."""
        found: dict[Fact, None] = {}
        for start in itertools.islice(self._starts(), MAX_LAUNCHES):
            for fact in self._of(start):
                if not isinstance(fact, Launch) or self._matters(fact):
                    found[cleaned(fact, self.addressing.at(start.place), self.texts)] = None
        yield from found

    def _matters(self, launch: Launch) -> bool:
        """Whether others ask what is started here: it runs files, and the gates let such a program's name pass."""
        said = " ".join((launch.program, *launch.files)).encode("utf-8", "replace")
        return bool(launch.files) and self.knowledge.telling_commands.search(said) is not None

    def _of(self, start: Start) -> list[Fact]:
        """What one program says; callers in other files are asked only for a listener's address."""
        context = Context(self.knowledge, certain=not self.is_test(start.at))
        facts = list(self._run(start, replace(context, environment=self._environment(start))))
        if any(isinstance(fact, Listener) and fact.address.kind is Kind.UNKNOWN for fact in facts):
            modules = self.values.names.modules
            modules.outward = True
            facts = list(self._run(start, replace(context, environment=self._environment(start))))
            modules.outward = False
        return facts

    def _environment(self, start: Start) -> dict[str, Word]:
        return environment(given(start.arguments, start.row.environment), start.at, self.texts)

    # Which calls start a program

    def _starts(self) -> Iterator[Start]:
        rows: dict[str, list[Launcher]] = {}
        for row in self.knowledge.python.launchers:
            for name in row.words if row.roots & self.calls.imported else ():
                rows.setdefault(name, []).append(row)
        for given_name, writes in self.tree.module.writes.items():  # `from subprocess import run as start`
            for write in writes:
                if write.kind == "import" and (last := write.text.rpartition(".")[2]) in rows and last != given_name:
                    rows.setdefault(given_name, []).extend(rows[last])
        for call in self.tree.calls:
            if last_name(call.node.func) in rows:
                refs = self.names.refs(call.node.func, call.at)
                called = _row(rows[last_name(call.node.func)], refs) or self._handed(rows, call)
                if called is not None:
                    yield Start(called, call.at, call.node.func, tuple(call.node.args))
                continue
            yield from self._spawned(call, rows)
        for name, write in self.tree.assigned:
            for row in rows.get(name.rpartition(".")[2], ()):
                if row.assigned and name in row.names and write.value is not None:
                    yield Start(row, write.at, write.value, (cst.Arg(write.value),))

    def _spawned(self, call: CallSite, rows: Mapping[str, list[Launcher]]) -> Iterator[Start]:
        """A call that only calls its argument: `asyncio.to_thread(subprocess.run, …)`."""
        inner = spawned(call.node, self.names.refs(call.node.func, call.at), self.names.library)
        if inner is not None and (name := last_name(inner[0])) in rows:
            row = _row(rows[name], self.names.refs(inner[0], call.at))
            if row is not None:
                yield Start(row, call.at, inner[0], tuple(inner[1]))

    def _handed(self, rows: Mapping[str, list[Launcher]], call: CallSite) -> Launcher | None:
        """The row for a method of what a decorator hands to the function around: `@task def serve(c): c.run(…)`."""
        function = call.at.scope.function
        receiver = call.node.func.value if isinstance(call.node.func, cst.Attribute) else None
        if function is None or not isinstance(function.node, cst.FunctionDef) or not isinstance(receiver, cst.Name):
            return None
        parameters = function.node.params.params
        if not parameters or parameters[0].name.value != receiver.value:
            return None
        given = set(self._decorators(function))
        return next((row for row in rows[last_name(call.node.func)] if given & set(row.decorated)), None)

    def _decorators(self, function: Scope) -> Iterator[str]:
        node, at = function.node, function.at
        if not isinstance(node, cst.FunctionDef) or at is None:
            return
        for decorator in node.decorators:
            inner = decorator.decorator
            callee = inner.func if isinstance(inner, cst.Call) else inner
            yield from (ref.name for ref in self.names.refs(callee, at))

    # Its command line

    def _run(self, start: Start, context: Context) -> Iterator[Fact]:
        shells = self._is_shell(start)
        for line in self._lines(start):
            more = line.open or self._words_of(line)
            known = replace(context, environment={**self.texts.stand_ins.words, **context.environment})
            known = replace(known, complete=not more)
            if isinstance(line, Argv):
                words = _interpreter(line.words)
                if start.row.assigned and (not words or find(words, self.knowledge) is None):
                    continue
                if shells and len(words) == 1:
                    found = shell(words[0], known)
                else:
                    found = run(words, replace(known, joint=line.joint))
            elif shells:
                found = shell(line.word, known)
            else:
                words = _interpreter(split_words(line.text, line.offsets, line.word.site))
                found = run(words, replace(known, joint=" "))
            for fact in local(found, self.knowledge):
                yield perhaps(fact, more) if more else fact

    def _words_of(self, line: Argv | Chunk) -> str:
        """What stands alone in a text and is decided by a run, so that it may be options, too; "" for nothing."""
        maybe = self.texts.stand_ins.maybe
        alone = ALONE.finditer(line.text) if isinstance(line, Chunk) else ()
        return next((str(maybe[match[1]]) for match in alone if match[1] in maybe), "")

    def _is_shell(self, start: Start) -> bool:
        if start.row.form == "text":
            return True
        given = next(
            (arg.value for arg in start.arguments if arg.keyword and arg.keyword.value == start.row.shell), None
        )
        return given is not None and any(value.text == "True" for value in self.values.of(given, start.at))

    def _lines(self, start: Start) -> Iterator[Argv | Chunk]:
        row, at = start.row, start.at
        if row.form == "arguments":
            items = [
                (arg.value, arg.star == "*") for arg in start.arguments if arg.keyword is None and arg.star != "**"
            ]
            found: Sequence[Argv | Chunk] = list(self.lines.sequence(items[row.command.position or 0 :], at))
        else:
            command = given(start.arguments, row.command)
            if command is None:
                return
            found = self.lines.of(command, at)
        rest = given(start.arguments, row.rest)
        program = [Word(word, self.addressing.at(start.place)) for word in row.program]
        path = given(start.arguments, row.path)
        for line in found:
            if isinstance(line, Argv):
                first = self.texts.of(path, at)[0].word if path is not None else None
                if first is not None and line.words and not self._unknown(first):
                    line = replace(line, words=(first, *line.words[1:]))  # noqa: PLW2901 - the line, with its program
                yield Argv((*program, *line.words[row.named :]), line.joint, line.open)
            elif rest is not None:
                yield from (self._more(line, one) for one in self.lines.of(rest, at))
            else:
                yield line

    @staticmethod
    def _more(program: Chunk, rest: Argv | Chunk) -> Argv | Chunk:
        """A program with a list of arguments; the text is split when the list is empty."""
        if isinstance(rest, Argv) and rest.words:
            return Argv((program.word, *rest.words), "", rest.open)
        return program

    def _unknown(self, word: Word) -> bool:
        """Whether a word is nothing but a value that a run decides."""
        match = STAND_IN.fullmatch(word.text)
        return match is not None and match[1] in self.texts.stand_ins.maybe


def _row(rows: Sequence[Launcher], refs: Sequence[Ref]) -> Launcher | None:
    names = {ref.name for ref in refs if not ref.instance}
    return next((row for row in rows if not row.assigned and names & set(row.names)), None)


def _interpreter(words: Sequence[Word]) -> list[Word]:
    """The words; a program that only a run decides and that is given `-m` is a Python."""
    if len(words) > 2 and words[1].text == "-m" and STAND_IN.fullmatch(words[0].text):
        return [Word("python3", words[0].site), *words[1:]]
    return list(words)
