"""Choosing the edits that hold: after them the finding is gone, no other has appeared, and every file is still read.

Edits are tried on the text in memory, all at once first; where that fails the half, so that one bad edit costs itself.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from bindlint.diffs import Piece, spliced
from bindlint.errors import UnreadableError
from bindlint.fixes import joined
from bindlint.source import Edit, Source, encoding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from bindlint.config import Options
    from bindlint.findings import Finding, Report
    from bindlint.workspace import Workspace

_Where = tuple[str, str, int]  # path, rule and place


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one file."""

    path: str
    before: bytes
    pieces: tuple[Piece, ...]

    @property
    def after(self) -> bytes:
        """The new bytes."""
        return spliced(self.before, self.pieces)


@dataclass(frozen=True, slots=True)
class Plan:
    """The files to change, the findings that end by it, and those whose fix is not applied, each with the reason."""

    changes: tuple[Change, ...]
    mended: tuple[Finding, ...]
    refused: tuple[tuple[Finding, str], ...]


class _NotMendedError(Exception):
    """Edits that may not be made together; the message says why."""


def plan(
    workspace: Workspace, report: Report, options: Options, focused: Callable[[str], bool], *, unsafe: bool
) -> Plan:
    """Choose among the fixes of a report; the workspace then holds the text after them."""
    asked, refused = [], list[tuple["Finding", str]]()
    for finding in report.findings:
        if finding.fix is None or not (finding.fix.safe or unsafe):
            continue
        away = next((edit.site.path for edit in finding.fix.edits if not focused(edit.site.path)), None)
        if away is not None:
            refused.append((finding, f"it would change {away}, which was not named"))
        else:
            asked.append(finding)
    trial = _Trial(workspace, replace(options, select=(), ignore=(), min_severity="low", persona="regular"))
    mended: list[Finding] = []
    pending = [asked] if asked else []
    while pending:
        some = pending.pop(0)
        try:
            trial.check([*mended, *some])
        except _NotMendedError as error:
            if len(some) == 1:
                refused.append((some[0], str(error)))
            else:
                pending[:0] = [some[: len(some) // 2], some[len(some) // 2 :]]
        else:
            mended += some
    return Plan(tuple(trial.settle(mended)), tuple(mended), tuple(refused))


def ignoring(workspace: Workspace, finding: Finding, reason: str, options: Options) -> Change | None:
    """The line that ignores a finding, with the reason, above it; None where no comment there can.

    The workspace holds it afterwards, unless it is None.
    """
    path, before = finding.site.path, workspace.data(finding.site.path)
    if before is None or path.endswith(".json"):
        return None
    source = Source.decode(path, before)
    line = source.line(finding.site.span.start)
    text, start = source.line_text(line), source.offset(line)
    note = f'bindlint: ignore[{finding.rule}] reason="{reason.replace(chr(34), chr(39))}"'
    comment = f"<!-- {note} -->" if path.endswith(".xml") else f"# {note}"
    indent = text[: len(text) - len(text.lstrip())]
    edit = Edit(source.site(start, start), f"{indent}{comment}\n")
    change = Change(path, before, tuple(_pieces(source, [edit], before)))
    workspace.update(path, change.after)
    wide = replace(options, select=(), ignore=(), no_ignores=False)
    moved = _moved((path, finding.rule, finding.site.span.start), {path: _Moves([edit], source)})
    report = workspace.report(wide)
    if any((f.site.path, f.rule, f.site.span.start) in moved for f, _ in report.suppressed):
        return change
    workspace.update(path, before)
    return None


class _Trial:
    """Edits in memory, and what is found after them beside what was found before."""

    def __init__(self, workspace: Workspace, options: Options) -> None:
        self._workspace = workspace
        self._options = options
        self._before: dict[str, bytes] = {}  # of files that an edit was tried in
        self._found = {(f.site.path, f.rule, f.site.span.start) for f in workspace.report(options).findings}
        self._unread = self._problems()

    def check(self, findings: Sequence[Finding]) -> None:
        """Make the edits of these findings and no others; raise if that is no mending."""
        self.settle(findings)
        moves = {path: _Moves(edits, self._text(path)) for path, edits in _by_path(findings).items()}
        if more := self._problems() - self._unread:
            path, reason = min(more)
            raise _NotMendedError(f"{path} could not be read any more: {reason}")
        after = {(f.site.path, f.rule, f.site.span.start) for f in self._workspace.report(self._options).findings}
        known = {place for where in self._found for place in _moved(where, moves)}
        if new := after - known:
            path, rule, _ = min(new)
            raise _NotMendedError(f"{rule} would be found in {path} instead")
        for finding in findings:
            if _moved((finding.site.path, finding.rule, finding.site.span.start), moves) & after:
                raise _NotMendedError("the finding would stay")

    def settle(self, findings: Sequence[Finding]) -> list[Change]:
        """Put the text after the edits of these findings into the workspace; raise if two of them overlap."""
        changes = [self._change(path, edits) for path, edits in _by_path(findings).items()]
        texts = {change.path: change.after for change in changes}
        for path in sorted({*self._before, *texts}):
            data = texts.get(path, self._before[path])
            if self._workspace.data(path) != data:
                self._workspace.update(path, data)
        return changes

    def _change(self, path: str, edits: Sequence[Edit]) -> Change:
        if path not in self._before:
            data = self._workspace.data(path)
            if data is None:
                raise _NotMendedError(f"{path} is not there")
            self._before[path] = data
        for one, other in pairwise(edits):
            if other.site.span.start < one.site.span.end or other.site.span == one.site.span:
                raise _NotMendedError("another fix changes the same text")
        before, source = self._before[path], self._text(path)
        try:
            whole = _applied(source, edits).encoded(before)
        except UnreadableError as error:
            raise _NotMendedError(f"{path} {error.reason}") from None
        change = Change(path, before, tuple(_pieces(source, edits, before)))
        if change.after != whole:  # an encoding that has a state
            raise _NotMendedError(f"{path} cannot be written back")
        return change

    def _text(self, path: str) -> Source:
        return Source.decode(path, self._before[path])

    def _problems(self) -> set[tuple[str, str]]:
        return {(problem.path, problem.reason) for problem in self._workspace.problems}


def _by_path(findings: Iterable[Finding]) -> dict[str, list[Edit]]:
    """The edits of the fixes by file, in order, one that several findings share once."""
    edits: dict[str, list[Edit]] = {}
    for edit in joined(edit for finding in findings if finding.fix for edit in finding.fix.edits):
        edits.setdefault(edit.site.path, []).append(edit)
    return edits


def _applied(source: Source, edits: Sequence[Edit]) -> Source:
    out, at = [], 0
    for edit in edits:
        out += [source.text[at : edit.site.span.start], _broken(source, edit)]
        at = edit.site.span.end
    return replace(source, text="".join([*out, source.text[at:]]))


def _pieces(source: Source, edits: Sequence[Edit], before: bytes) -> Iterator[Piece]:
    """The edits in bytes, as the file is written."""
    mark, codec, errors = encoding(source.path, before)
    at, offset = 0, len(mark)
    for edit in edits:
        span = edit.site.span
        start = offset + len(source.text[at : span.start].encode(codec, errors))
        end = start + len(source.slice(span).encode(codec, errors))
        yield Piece(start, end, _broken(source, edit).encode(codec, errors))
        at, offset = span.end, end


def _broken(source: Source, edit: Edit) -> str:
    """The text of an edit with the line breaks of the file."""
    if "\n" not in edit.text or "\r\n" not in source.text:
        return edit.text
    return edit.text.replace("\n", "\r\n")


class _Moves:
    """Where each place of a file is after its edits."""

    def __init__(self, edits: Sequence[Edit], source: Source) -> None:
        self._spans = [edit.site.span for edit in edits]
        self._starts = [span.start for span in self._spans]
        self._shifts, total = [0], 0
        for edit in edits:
            total += len(_broken(source, edit)) - (edit.site.span.end - edit.site.span.start)
            self._shifts.append(total)

    def of(self, offset: int) -> set[int]:
        """The new places of an old one: in replaced text where that began, at an insertion before it and behind it."""
        index = bisect_right(self._starts, offset)
        span = self._spans[index - 1] if index else None
        if span is not None and offset < span.end:
            return {span.start + self._shifts[index - 1]}
        before = offset + self._shifts[index - 1] if span is not None and span.start == offset else None
        return {offset + self._shifts[index]} | ({before} if before is not None else set())


def _moved(where: _Where, moves: Mapping[str, _Moves]) -> set[_Where]:
    """Where a finding is found after the edits of its file, if it stays."""
    path, rule, offset = where
    if path not in moves:
        return {where}
    return {(path, rule, place) for place in moves[path].of(offset)}
