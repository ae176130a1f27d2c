"""A project's readings by path, and the findings they add up to: asked once by a command, often by an editor."""

from __future__ import annotations

import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bindlint import discover, readers, suppress
from bindlint.facts import Launch, Problem, Reading, Step
from bindlint.findings import PERSONAS, Confidence, Evidence, Finding, Report, Severity, Silence
from bindlint.judge import judge, silences
from bindlint.making import Elsewhere
from bindlint.phrases import note
from bindlint.project import Project, Texts
from bindlint.resolve import resolve
from bindlint.source import Composed
from bindlint.workshop import Workshop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from bindlint.config import Config, Options
    from bindlint.discover import Listing
    from bindlint.facts import Fact, Ignore
    from bindlint.knowledge import Knowledge
    from bindlint.source import Site, Source
    from bindlint.words import Subject

_ROUNDS = 4  # of following who calls a function, and who calls that


class Workspace:
    """The readings of one project. Pure but for `update` and `load`, which bring in text.

    A reading may depend on other files: it is made anew when one of them changes, or when it is known who speaks of a
    name that it wanted.
    """

    def __init__(self, knowledge: Knowledge, config: Config, *, cache: Path | None = None, jobs: int = 1) -> None:
        """Start with no file read. `cache` is the folder of kept readings, None for none; `jobs` are processes."""
        self.knowledge = knowledge
        self.config = config
        self._cache, self._jobs = cache, jobs
        self._readings: dict[str, Reading] = {}
        self._project = Project()
        self._workshop = Workshop(knowledge, self._project)
        self._elsewhere = Elsewhere()

    def update(self, path: str, data: bytes) -> None:
        """Read one file, in place of what was known under that path, and those again whose meaning depends on it."""
        self._project.give(path, data)
        self._elsewhere = replace(self._elsewhere, mentions={})
        self._read([path])
        names = {path, path.rpartition("/")[0] + "/"}
        self._read([other for other, reading in self._readings.items() if names & reading.asked and other != path])

    def _read(self, paths: Sequence[str]) -> None:
        """Make the readings of files anew."""
        for path, reading in self._workshop.readings(paths, self._elsewhere):
            if isinstance(reading, Reading):
                self._readings[path] = reading
            else:
                self._readings.pop(path, None)

    def data(self, path: str) -> bytes | None:
        """The bytes of a file as they were read, or given since; None for one that is not there."""
        return self._project.data(path)

    def _settle(self) -> None:
        """Tell readings what only others say: which command lines start a project, who speaks of a name they want."""
        self._compose()
        for _ in range(_ROUNDS):
            mentions = self._elsewhere.mentions
            wanting = {p: r.wanted - mentions.keys() for p, r in sorted(self._readings.items()) if r.wanted}
            wanted = frozenset[tuple[str, str]]().union(*wanting.values())
            if not wanted:
                return
            mentions = {**mentions, **self._workshop.speakers.of(wanted, self._project)}
            self._elsewhere = replace(self._elsewhere, mentions=mentions)
            self._read([path for path, names in wanting.items() if any(mentions[name] for name in names)])

    def _compose(self) -> None:
        """Make the readings of compose files anew whose projects are started in other ways than was known."""
        found: dict[str, set[Composed]] = defaultdict(set)
        for reading in self._readings.values():
            for fact in reading.facts:
                if isinstance(fact, Composed):
                    found[fact.first].add(fact)
        before, ways = self._elsewhere.composed, {first: tuple(sorted(some)) for first, some in found.items()}
        self._elsewhere = replace(self._elsewhere, composed=ways)
        changed: set[str] = set()
        for first in {first for first in before.keys() | ways.keys() if before.get(first) != ways.get(first)}:
            folder, _, name = first.rpartition("/")
            changed |= {first} if name else set(self._project.folders.get(folder, ()))
        self._read(sorted(changed & self._readings.keys()))

    def load(self, listing: Listing, progress: Callable[[int, int], None] | None = None) -> list[Problem]:
        """Read every file of a listing; what could not be opened comes back as problems."""
        problems = list(listing.problems)
        self._project, self._elsewhere = Project(listing.root, listing.paths), Elsewhere()
        self._workshop = Workshop(self.knowledge, self._project, self._cache, self._jobs)
        found: dict[str, Reading] = {}
        paths = [path for path in listing.paths if discover.relevant(path)]
        for index, (path, reading) in enumerate(self._workshop.readings(paths, look=True)):
            if progress is not None:
                progress(index, len(paths))
            if isinstance(reading, Reading):
                found[path] = reading
            elif reading is not None:
                problems.append(reading)
        self._readings = dict(sorted(found.items()))
        return problems

    @contextmanager
    def loading(self, listing: Listing, progress: Callable[[int, int], None] | None = None) -> Iterator[list[Problem]]:
        """Read every file of a listing, and what is asked for within, with all means; then keep it for the next run."""
        try:
            yield self.load(listing, progress)
            self._workshop.save()
        finally:
            self._workshop.close()

    def findings(self) -> tuple[list[Finding], Texts]:
        """All findings of all readings, of every confidence, and the texts that they point into."""
        subjects, sources = self._subjects()
        return judge(subjects, self.knowledge.rules, sources), sources

    def _subjects(self) -> tuple[list[Subject], Texts]:
        """What rules may judge, and the texts of the project."""
        self._settle()
        facts: list[Fact] = [fact for reading in readers.stating(self._readings) for fact in reading.facts]
        launches = [fact for fact in facts if isinstance(fact, Launch)]
        facts += readers.programs(launches, self._project.paths, self._project.data)
        return list(resolve(facts)), Texts(self._project)

    def why(self, path: str, line: int, today: date) -> Evidence:
        """All that is known of a one-based line of a file that was loaded."""
        subjects, sources = self._subjects()
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
            readers.kind(path, self._project.data(path) or b"", self.knowledge),
            sources,
        )

    def _ignored(
        self, found: list[Finding], sources: Texts, today: date
    ) -> tuple[list[Finding], list[tuple[Finding, Ignore]], list[Finding]]:
        """Findings that stay, those that an ignore silences, and those about the ignores."""
        ignores = {path: reading.ignores for path, reading in self._readings.items() if reading.ignores}
        told = suppress.apply(found, ignores, self.config, today, self.knowledge, sources)
        if (configuration := suppress.config_source(self.config)) is not None:
            sources.add(configuration)
        return told

    @property
    def problems(self) -> list[Problem]:
        """What readers could not read."""
        said = (problem for reading in readers.stating(self._readings) for problem in reading.problems)
        return list(dict.fromkeys(said))

    def scan(self, listing: Listing, options: Options, progress: Callable[[int, int], None] | None = None) -> Report:
        """Read a listing and report on its focus."""
        start = time.perf_counter()
        with self.loading(listing, progress) as problems:
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
