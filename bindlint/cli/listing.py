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


def add_options(parser: _ActionsContainer) -> None:
    """The options that say which configuration is obeyed."""
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--config", metavar="FILE", help="the configuration (default: .bindlint.toml or pyproject.toml)"
    )
    source.add_argument("--no-config", action="store_true", help="obey no configuration file")


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


def width() -> int:
    """The columns of the terminal, or those of a report that goes elsewhere."""
    import shutil  # noqa: PLC0415

    if sys.stdout is None or not sys.stdout.isatty():
        return Look().width
    return max(shutil.get_terminal_size((Look().width, 24)).columns, 60)
