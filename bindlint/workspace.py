"""A project's readings by path, and the findings they add up to: asked once by a command, often by an editor."""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bindlint import discover, readers, suppress
from bindlint.errors import KnowledgeError, UnreadableError
from bindlint.facts import Launch, Problem, Reading, Step
from bindlint.findings import PERSONAS, Confidence, Evidence, Finding, Report, Severity, Silence
from bindlint.judge import judge, silences
from bindlint.phrases import note
from bindlint.resolve import resolve
from bindlint.source import Composed, Files, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import date

    from bindlint.config import Config, Options
    from bindlint.discover import Listing
    from bindlint.facts import Fact, Ignore
    from bindlint.knowledge import Knowledge
    from bindlint.source import Site
    from bindlint.words import Subject

_LOG = logging.getLogger("bindlint")
_ROUNDS = 4  # of following who calls a function, and who calls that


class Workspace:
    """The readings of one project. Pure but for `update` and `load`, which bring in text.

    A reading may depend on other files: it is made anew when one of them changes, or when it is known who speaks of a
    name that it wanted.
    """

    def __init__(self, knowledge: Knowledge, config: Config) -> None:
        """Start with no file read."""
        self.knowledge = knowledge
        self.config = config
        self._readings: dict[str, Reading] = {}
        self._data: dict[str, bytes] = {}  # of files given, and of files with a reading
        self._listing: Listing | None = None
        self._paths: AbstractSet[str] = frozenset()
        self._folders: dict[str, tuple[str, ...]] = {}
        self._mentions: dict[tuple[str, str], tuple[str, ...]] = {}
        self._composed: dict[str, tuple[Composed, ...]] = {}

    def update(self, path: str, data: bytes) -> None:
        """Read one file, in place of what was known under that path, and those again whose meaning depends on it."""
        self._data[path] = data
        self._paths = self._paths | {path}
        self._mentions.clear()
        self._read(path, data)
        self._folders = _by_folder(self._paths)
        names = {path, path.rpartition("/")[0] + "/"}
        for other in [other for other, reading in self._readings.items() if names & reading.asked]:
            self._read(other, self._data[other])

    def _read(self, path: str, data: bytes) -> None:
        """Make a file's reading. A fault of a reader costs that file only."""
        files = Files(self._paths, self._open, self._mentions, self._folders, self._composed)
        try:
            reading = readers.read(path, data, self.knowledge, files)
        except KnowledgeError:
            raise
        except UnreadableError as error:
            reading = Reading(path, problems=(Problem(path, error.reason, error.line),))
        except Exception as error:  # noqa: BLE001 - whatever it is, the other files are still read
            _LOG.debug("reading %s", path, exc_info=True)
            reason = f"bindlint failed on this file ({type(error).__name__}: {error})"
            reading = Reading(path, problems=(Problem(path, reason, internal=True),))
        if reading.relevant:
            self._readings[path] = reading
            self._data[path] = data
        else:
            self._readings.pop(path, None)

    def data(self, path: str) -> bytes | None:
        """The bytes of a file as they were read, or given since; None for one that is not there."""
        return self._bytes(path)

    def _bytes(self, path: str) -> bytes | None:
        if path in self._data or self._listing is None:
            return self._data.get(path)
        try:
            return discover.read(self._listing.root, path)
        except UnreadableError:  # said where the file itself is read
            return None

    def _open(self, path: str) -> Source | None:
        """The text of any file of the project, for a reading that depends on it."""
        data = self._bytes(path)
        try:
            return None if data is None else Source.decode(path, data)
        except UnreadableError:
            return None

    def _settle(self) -> None:
        """Tell readings what only others say: which command lines start a project, who speaks of a name they want."""
        self._compose()
        for _ in range(_ROUNDS):
            wanting = {p: r.wanted - self._mentions.keys() for p, r in self._readings.items() if r.wanted}
            wanted = frozenset[tuple[str, str]]().union(*wanting.values())
            if not wanted:
                return
            self._mentions |= readers.mentions(wanted, self._paths, self._bytes)
            for path in [path for path, names in wanting.items() if any(self._mentions[name] for name in names)]:
                self._read(path, self._data[path])

    def _compose(self) -> None:
        """Make the readings of compose files anew whose projects are started in other ways than was known."""
        found: dict[str, set[Composed]] = defaultdict(set)
        for reading in self._readings.values():
            for fact in reading.facts:
                if isinstance(fact, Composed):
                    found[fact.first].add(fact)
        before, self._composed = self._composed, {first: tuple(sorted(ways)) for first, ways in found.items()}
        changed = {first for first in before.keys() | found.keys() if before.get(first) != self._composed.get(first)}
        for first in sorted(changed):
            folder, _, name = first.rpartition("/")
            for path in [first] if name else self._folders.get(folder, ()):
                if path in self._readings:
                    self._read(path, self._data[path])

    def load(self, listing: Listing, progress: Callable[[int, int], None] | None = None) -> list[Problem]:
        """Read every file of a listing; what could not be opened comes back as problems."""
        problems = list(listing.problems)
        self._listing, self._paths = listing, frozenset(listing.paths)
        self._folders = _by_folder(self._paths)
        for index, path in enumerate(listing.paths):
            if progress is not None:
                progress(index, len(listing.paths))
            if not discover.relevant(path):
                continue
            try:
                data = discover.read(listing.root, path)
            except UnreadableError as error:
                problems.append(Problem(path, error.reason, error.line))
                continue
            if data is not None:
                self._read(path, data)
        return problems

    def findings(self) -> tuple[list[Finding], dict[str, Source]]:
        """All findings of all readings, of every confidence, and the text of the files that state facts."""
        subjects, sources = self._subjects()
        return judge(subjects, self.knowledge.rules, sources), sources

    def _subjects(self) -> tuple[list[Subject], dict[str, Source]]:
        """What rules may judge, and the text of the files that state facts."""
        self._settle()
        stating = {path for path, reading in self._readings.items() if reading.facts or reading.ignores}
        asked = {path for reading in self._readings.values() for path in reading.asked if path in self._paths}
        texts = ((path, self._open(path)) for path in sorted(stating | asked))
        sources = {path: source for path, source in texts if source is not None}
        facts: list[Fact] = [fact for reading in readers.stating(self._readings) for fact in reading.facts]
        launches = [fact for fact in facts if isinstance(fact, Launch)]
        facts += readers.programs(launches, self._paths, self._bytes)
        return list(resolve(facts)), sources

    def why(self, path: str, line: int, today: date) -> Evidence:
        """All that is known of a one-based line of a file that was loaded."""
        subjects, sources = self._subjects()
        source = self._open(path)
        if source is not None:
            sources[path] = source
        kept, ignored, about = self._ignored(judge(subjects, self.knowledge.rules, sources), sources, today)
        reading = self._readings.get(path, Reading(path))
        there = _Line(path, line, sources)
        silent = [one for one in silences(subjects, self.knowledge.rules) if there.tells(one)]
        found = [one for one in (*kept, *about) if there.tells(one)]
        hushed = [(one, ignore) for one, ignore in ignored if there.tells(one)]
        shown: list[Finding | Silence] = [*silent, *found, *(one for one, _ in hushed)]
        told = {site for one in shown for site in _places(one)}
        notes = [Step(fact.site, note(fact)) for fact in reading.facts if there.holds(fact.site)]
        return Evidence(
            path,
            line,
            tuple(sorted(found, key=lambda one: (not there.holds(one.site), -one.severity, one.rule))),
            tuple(hushed),
            tuple(silent),
            tuple(dict.fromkeys(step for step in notes if step.site not in told)),
            tuple(problem for problem in reading.problems if problem.line in (0, line)),
            readers.kind(path, self._bytes(path) or b"", self.knowledge),
            sources,
        )

    def _ignored(
        self, found: list[Finding], sources: dict[str, Source], today: date
    ) -> tuple[list[Finding], list[tuple[Finding, Ignore]], list[Finding]]:
        """Findings that stay, those that an ignore silences, and those about the ignores."""
        ignores = {path: reading.ignores for path, reading in self._readings.items() if reading.ignores}
        told = suppress.apply(found, ignores, self.config, today, self.knowledge, sources)
        if (configuration := suppress.config_source(self.config)) is not None:
            sources.setdefault(configuration.path, configuration)
        return told

    @property
    def problems(self) -> list[Problem]:
        """What readers could not read."""
        said = (problem for reading in readers.stating(self._readings) for problem in reading.problems)
        return list(dict.fromkeys(said))

    def scan(self, listing: Listing, options: Options, progress: Callable[[int, int], None] | None = None) -> Report:
        """Read a listing and report on its focus."""
        start = time.perf_counter()
        problems = self.load(listing, progress)
        report = self.report(options, listing.focused)
        problems += self.problems
        return replace(
            report,
            problems=tuple(sorted((p for p in problems if listing.focused(p.path)), key=lambda p: (p.path, p.line))),
            files=len(listing.paths),
            seconds=time.perf_counter() - start,
            root=str(listing.root),
        )

    def report(self, options: Options, focused: Callable[[str], bool] = lambda _: True) -> Report:
        """What is known now, as far as the options let it be seen and `focused` says that it was asked for."""
        found, sources = self.findings()
        kept, about = found, list[Finding]()
        suppressed: list[tuple[Finding, Ignore]] = []
        if not options.no_ignores:
            kept, suppressed, about = self._ignored(found, sources, options.today)
        asked = [f for f in (*kept, *about) if _asked(f, options) and _touches(f, focused)]
        floor = _floor(options)
        shown = sorted((f for f in asked if f.confidence >= floor), key=lambda f: (f.site, -f.severity, f.rule))
        silenced = [
            (f, i) for f, i in suppressed if _asked(f, options) and f.confidence >= floor and _touches(f, focused)
        ]
        return Report(
            findings=tuple(shown),
            sources=_needed([*shown, *(f for f, _ in silenced)], sources),
            suppressed=tuple(silenced),
            relevant=len(self._readings),
            hidden=sum(1 for f in asked if Confidence.AUDIT < f.confidence < floor),
            persona=options.persona,
            days_to_expiry=suppress.days_to_expiry(silenced, options.today),
        )


@dataclass(frozen=True)
class _Line:
    """A line of a file, and what has a place on it."""

    path: str
    line: int
    sources: Mapping[str, Source]

    def holds(self, site: Site) -> bool:
        """Whether a site covers the line."""
        source = self.sources.get(site.path)
        if site.path != self.path or source is None:
            return False
        return source.line(site.span.start) <= self.line <= source.line(max(site.span.start, site.span.end - 1))

    def tells(self, told: Finding | Silence) -> bool:
        """Whether a finding or a silence has its own place or one of its story's on the line."""
        return any(self.holds(site) for site in _places(told))


def _places(told: Finding | Silence) -> list[Site]:
    return [told.site, *(step.site for step in told.story)]


def _by_folder(paths: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The paths of each folder, sorted."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(paths):
        found[path.rpartition("/")[0]].append(path)
    return {folder: tuple(names) for folder, names in found.items()}


def _asked(finding: Finding, options: Options) -> bool:
    """Whether its rule and severity were asked for."""
    if (options.select and finding.rule not in options.select) or finding.rule in options.ignore:
        return False
    return finding.severity >= Severity[options.min_severity.upper()]


def _floor(options: Options) -> Confidence:
    """The least confidence that is shown."""
    return max(PERSONAS[options.persona], Confidence[options.min_confidence.upper()])


def _touches(finding: Finding, focused: Callable[[str], bool]) -> bool:
    return focused(finding.site.path) or any(focused(step.site.path) for step in finding.story)


def _needed(findings: Sequence[Finding], sources: Mapping[str, Source]) -> dict[str, Source]:
    """The texts that findings and their stories point into."""
    paths = {site.path for f in findings for site in (f.site, *(step.site for step in f.story))}
    return {path: sources[path] for path in sorted(paths) if path in sources}
