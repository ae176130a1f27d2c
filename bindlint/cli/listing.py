"""What the commands that look at a project share: its files, its configuration, the width of the report."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bindlint import config as configuration
from bindlint.config import Config
from bindlint.reporters import Look

if TYPE_CHECKING:
    from argparse import Namespace, _ActionsContainer
    from collections.abc import Sequence

    from bindlint.discover import Listing
    from bindlint.knowledge import Knowledge
    from bindlint.workspace import Workspace


def add_options(parser: _ActionsContainer) -> None:
    """The options that say which configuration is obeyed."""
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--config", metavar="FILE", help="the configuration (default: .bindlint.toml or pyproject.toml)"
    )
    source.add_argument("--no-config", action="store_true", help="obey no configuration file")
    parser.add_argument("--no-cache", action="store_true", help="neither use nor keep readings of earlier runs")
    parser.add_argument(
        "-j",
        "--jobs",
        type=_jobs,
        default=0,
        metavar="N",
        help="processes (default: one for each processor, at most 8)",
    )


def _jobs(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 4:
        raise ValueError(text)
    return int(text)


def listing(paths: Sequence[str], asked: Namespace, *, force_exclude: bool = False) -> tuple[Listing, Config]:
    """The files of the project that holds these paths, and its configuration."""
    from bindlint.discover import discover  # noqa: PLC0415 - after the options are known to be good

    found = discover(paths)
    if asked.no_config:
        return found, Config()
    root = found.root
    config = configuration.load_file(Path(asked.config), root) if asked.config else configuration.load(root)
    if config.exclude:  # known only once the root is; most projects exclude nothing
        found = discover(paths, config.exclude, force_exclude=force_exclude)
    return found, config


def workspace(knowledge: Knowledge, config: Config, asked: Namespace) -> Workspace:
    """Where the project is read, with the cache and the processes that the options leave it."""
    from bindlint import cache, workshop  # noqa: PLC0415 - after the options are known to be good
    from bindlint.workspace import Workspace  # noqa: PLC0415

    place = None if asked.no_cache else cache.folder()
    return Workspace(knowledge, config, cache=place, jobs=asked.jobs or workshop.processors())


def width() -> int:
    """The columns of the terminal, or those of a report that goes elsewhere."""
    import shutil  # noqa: PLC0415

    if sys.stdout is None or not sys.stdout.isatty():
        return Look().width
    return max(shutil.get_terminal_size((Look().width, 24)).columns, 60)
