"""Which files of the repository a command line executes, as far as it says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bindlint.facts import Launch
from bindlint.readers.commands.words import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bindlint.facts import Word
    from bindlint.knowledge.commands import Command
    from bindlint.readers.commands.options import Arguments

_MODULE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?::[A-Za-z_][\w.]*(?:\(.*\))?)?")
_CONFIGURATION = re.compile(r"(?:^|=)([^=\s]+\.(?:ini|conf|cfg|cnf|ya?ml|toml|properties|config))$")
_SCRIPT = re.compile(r"\.(?:py|sh|bash|js|mjs|cjs|ts|rb|php|pl)$")


def program_name(text: str) -> str:
    """The name that a program is known by: the last part of its path."""
    return text.replace("\\", "/").rstrip("/").rpartition("/")[2].removesuffix(".exe")


def hands_over(word: Word) -> bool:
    """Whether a script given a program's command line runs it: by convention an entry point ends in `exec "$@"`."""
    name = program_name(word.text)
    return name.endswith(".sh") or "entrypoint" in name


def launch(
    words: Sequence[Word],
    container: str,
    files: tuple[str, ...] = (),
    *,
    imports: bool = False,
    outranks: bool = False,
    also: tuple[str, ...] = (),
) -> Launch:
    """The start of the program that the words name; without files, of the script that its first word is.

    The configuration files that it is given by name count as its files, too, and what it `also` executes.
    """
    first = words[0].text
    if not files and (_SCRIPT.search(first) or ("/" in first and not first.startswith("-"))):
        files = (first.removeprefix("./"),)
    given = (found[1].removeprefix("./") for word in words[1:] if (found := _CONFIGURATION.search(word.text)))
    files = (*files, *also, *given)
    arguments = tuple(plain(word) for word in words[1:])
    return Launch(words[0].site, program_name(first), arguments, container, files, imports, outranks)


def application(row: Command, arguments: Arguments) -> tuple[str, ...]:
    """The files of the code that a program is told to run: `pkg.main:app`, or a script."""
    if not row.application:
        return ()
    taken = {id(value) for option in arguments.options for value in option.values}
    words = [word.text for word in arguments.words if not word.text.startswith("-") and id(word) not in taken]
    folder = next((o.values[-1].text for flag in row.folder for o in arguments.given(flag) if o.values), "")
    if row.application == "script":
        return tuple(_under(folder, text) for text in words[:1])
    modules = [text for text in words if _MODULE.fullmatch(text)]
    modules = [m for m in modules if ":" in m] or [m for m in modules if "." in m] or modules[-1:]
    return tuple(_under(folder, path) for m in modules[:1] for path in module_files(m.partition(":")[0]))


def action(row: Command, arguments: Arguments) -> tuple[str, ...]:
    """The file of the sub-command that a program is told to run."""
    name = arguments.others[0].text if row.actions and arguments.others else ""
    return (row.actions.replace("*", name),) if _MODULE.fullmatch(name) else ()


def module_files(module: str, *, package: str = "__init__") -> tuple[str, ...]:
    """The files that a dotted module may be."""
    path = module.replace(".", "/")
    return (f"{path}.py", f"{path}/{package}.py")


def _under(folder: str, path: str) -> str:
    folder = folder.strip("./")
    return f"{folder}/{path}" if folder else path.removeprefix("./")
