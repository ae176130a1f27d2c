"""Output formats. Adding one is adding a module here, and a line to REPORTERS. A reporter turns a report into text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bindlint.reporters.catalogue import Catalogue, Look, RuleText

if TYPE_CHECKING:
    from collections.abc import Callable

    from bindlint.findings import Report

__all__ = ["REPORTERS", "Catalogue", "Look", "RuleText"]


def _text(report: Report, catalogue: Catalogue, look: Look) -> str:
    from bindlint.reporters import text  # noqa: PLC0415 - a run needs one or two of them

    return text.render(report, catalogue, look)


def _concise(report: Report, catalogue: Catalogue, look: Look) -> str:
    from bindlint.reporters import concise  # noqa: PLC0415

    return concise.render(report, catalogue, look)


def _json(report: Report, catalogue: Catalogue, look: Look) -> str:
    from bindlint.reporters import json_  # noqa: PLC0415

    return json_.render(report, catalogue, look)


def _sarif(report: Report, catalogue: Catalogue, look: Look) -> str:
    from bindlint.reporters import sarif  # noqa: PLC0415 - sarif_om costs 61 ms

    return sarif.render(report, catalogue, look)


def _github(report: Report, catalogue: Catalogue, look: Look) -> str:
    from bindlint.reporters import github  # noqa: PLC0415

    return github.render(report, catalogue, look)


def _markdown(report: Report, catalogue: Catalogue, look: Look) -> str:
    from bindlint.reporters import markdown  # noqa: PLC0415

    return markdown.render(report, catalogue, look)


REPORTERS: dict[str, Callable[[Report, Catalogue, Look], str]] = {
    "text": _text,
    "concise": _concise,
    "json": _json,
    "sarif": _sarif,
    "github": _github,
    "markdown": _markdown,
}
