"""What `bindlint why` prints: all that is known of one line, findings first, and why the rest is silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bindlint.findings import PERSONAS, Confidence
from bindlint.reporters import frames, text
from bindlint.reporters.terminal import for_runner, paint, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.facts import Ignore
    from bindlint.findings import Evidence, Finding, Silence
    from bindlint.reporters.catalogue import Look

# What a reader is called where nothing else can be said of a line that it read.
_KINDS = {
    "python": "Python code",
    "dockerfile": "a Dockerfile",
    "compose": "a Compose file",
    "hosts": "a hosts file",
    "servers": "the configuration of a server",
    "kubernetes": "a Kubernetes manifest or chart values",
    "shell": "a script",
    "makefile": "a Makefile",
    "justfile": "a justfile",
}


def render(evidence: Evidence, look: Look) -> str:
    """The evidence as text; one sentence where nothing is known."""
    spoken = sorted(evidence.findings, key=lambda found: bool(found.silenced))
    blocks = [[*_finding(found, evidence, look), *_seen_by(found, look)] for found in spoken]
    blocks += [[*_finding(found, evidence, look), _ignored(ignore, look)] for found, ignore in evidence.ignored]
    blocks += [list(_silence(one, evidence, look)) for one in evidence.silences]
    if evidence.notes:
        blocks.append(list(_notes(evidence, look)))
    lines = [line for block in blocks for line in (*block, "")][:-1]
    if not (evidence.findings or evidence.ignored or evidence.silences):
        lines += ["", _nothing(evidence)] if lines else [_nothing(evidence)]
    for problem in evidence.problems:
        place = f"{show(problem.path)}:{problem.line}" if problem.line else show(problem.path)
        lines.append(f"not understood: {place} ({show(problem.reason)}{', partial' if problem.partial else ''})")
    printed = "".join(f"{line}\n" for line in lines)
    return for_runner(printed) if look.runner else printed


def _finding(found: Finding, evidence: Evidence, look: Look) -> Iterator[str]:
    """A finding; of one that its context silences, first of all that and why."""
    lines = text.finding(found, evidence.sources, look, every=True)
    if found.silenced:
        next(lines)
        head = paint(f"silent[{found.rule}]", "good", colour=look.colour)
        yield f"{head} {paint(show(found.silenced), 'strong', colour=look.colour)}"
    yield from lines


def _seen_by(found: Finding, look: Look) -> Iterator[str]:
    """Which persona it takes to see a finding, when the default one does not."""
    if found.confidence < Confidence.MEDIUM:
        persona = next(name for name, floor in PERSONAS.items() if floor <= found.confidence)
        yield paint("   = ", "frame", colour=look.colour) + f"shown with: --persona {persona}"


def _ignored(ignore: Ignore, look: Look) -> str:
    reason = f": {show(ignore.reason)}" if ignore.reason else ""
    return paint("   = ", "frame", colour=look.colour) + f"ignored{reason}"


def _silence(one: Silence, evidence: Evidence, look: Look) -> Iterator[str]:
    yield f"{paint('silent', 'good', colour=look.colour)} {paint(show(one.claim), 'strong', colour=look.colour)}"
    shown, _ = frames.places(one)
    properties = [("path", one.route)] if one.route else []
    if one.because:
        properties.append(("because", one.because))
    yield from text.annotated(shown, properties, evidence.sources, look, "good")


def _notes(evidence: Evidence, look: Look) -> Iterator[str]:
    yield paint("known here", "strong", colour=look.colour)
    shown = [frames.Place(step.site, step.note, primary=False) for step in evidence.notes[: frames.MAX_STORY]]
    yield from text.annotated(shown, (), evidence.sources, look, "story")


def _nothing(evidence: Evidence) -> str:
    """Why there is nothing to say about a line."""
    place = f"{show(evidence.path)}:{evidence.line}"
    if not evidence.reader:
        return f"{place}: no finding; bindlint reads no file of this kind"
    kind = _KINDS.get(evidence.reader, evidence.reader)
    return (
        f"{place}: no finding; read as {kind}, and no listener, published port or connection to localhost that"
        " bindlint knows has a place on this line"
    )
