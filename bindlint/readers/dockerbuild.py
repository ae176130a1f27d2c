"""Images that a command line makes (`docker build`): from which Dockerfile, and under which name.

Source: docker/cli docs/reference/commandline/build: `-f` is seen from where the command is given, without it the
Dockerfile lies in the folder that the image is made from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bindlint.facts import Built
from bindlint.readers import layout
from bindlint.readers.commands import options
from bindlint.readers.commands.programs import arguments_of
from bindlint.readers.commands.text import expand

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bindlint.facts import Word
    from bindlint.knowledge.commands import Command
    from bindlint.readers.commands import Context

_NAMES = ("Dockerfile", "Containerfile")


def built(row: Command, words: Sequence[Word], last: int, context: Context) -> Iterator[Built]:
    """The names that a command line gives to an image, each with the Dockerfiles that it may be made from."""
    if row.builds is None:
        return
    given = options.parse(row, arguments_of(row, words, last), context.environment)
    environment = context.environment

    def told(flags: Sequence[str]) -> list[str]:
        return [expand(o.values[-1], environment).text for flag in flags for o in given.given(flag) if o.values]

    folder = expand(given.others[0], environment).text if given.others else "."
    files = told(row.builds.file)[-1:] or [f"{folder}/{name}" for name in _NAMES]
    stage = next(reversed(told(row.builds.stage)), "")
    site = words[last].site
    if any(sign in text for text in (*files, stage) for sign in "$`"):
        return
    bases = layout.above(site.path.rpartition("/")[0])
    paths = tuple(path for base in bases for file in files if (path := layout.within(base, file)))
    for tag in told(row.builds.tag):
        if not any(sign in tag for sign in "$`"):
            yield Built(site, tag, paths, stage)
