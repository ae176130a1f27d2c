"""Which files make a compose project, and the table of what they define.

A default file takes the override file beside it; `COMPOSE_FILE` of a committed `.env` names others instead; `include`
brings in projects with a folder and an `.env` of their own. Each file's reading states the project that begins with
that file; what it takes in from other files is then not stated by their own readings (docs/decisions/0008). What
command lines of the repository make of it (`-f a -f b --env-file c`) comes on top of that (docs/decisions/0011).

Sources: compose-go cli/options.go (WithConfigFileEnv, WithDefaultConfigPath), loader/include.go.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bindlint.facts import Problem, Step
from bindlint.readers import dotenv, yamltree
from bindlint.readers.compose.documents import joined
from bindlint.readers.compose.project import KINDS, Project, Written
from bindlint.readers.dotenv import NOTHING, Variables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from bindlint.readers.compose.documents import Document, Library
    from bindlint.readers.yamltree import Node
    from bindlint.source import Composed, Source

BASES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
OVERRIDES = (
    "compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml",
)  # fmt: skip
_NOT_SERVICES = re.compile(r"version|networks|volumes|configs|secrets|name|include|x-.*")


def ways(source: Source) -> tuple[Composed, ...]:
    """The command lines of the repository that start a project which begins with this file."""
    default = source.files.composed(f"{source.folder}/") if _is_base(source) else ()
    return (*source.files.composed(source.path), *default)


def started(library: Library, way: Composed) -> Project:
    """The project that a command line starts: it names the files, or those of variables in place of the `.env`."""
    paths = list(way.files) or [library.main.path, *_override(library.main)]
    variables = NOTHING
    for path in way.variables or [joined(way.folder, ".env")]:
        variables = variables.behind(_read(library, library.open(path), NOTHING, variables))
    said = f"started here with {', '.join(paths)}" if way.files else "started here"
    said += f", and the variables of {', '.join(way.variables)}" if way.variables else ""
    project = Project(library, way.folder, variables, profiles=way.profiles)
    _Assembly(project).take(paths, variables, way.folder, (Step(way.site, said),), ())
    return project


def load(library: Library) -> Project:
    """The project that begins with a file, where no command line says more."""
    source = library.main
    variables = _read(library, source.beside(".env"))
    named = _named(library)
    if named is not None:
        paths, outer = named
        variables = variables.behind(outer)
    else:
        paths = [source.path, *_override(source)]
    whole = named is not None or _is_base(source)
    project = Project(library, source.folder, variables, whole)
    _Assembly(project).take(paths, variables, source.folder, (), ())
    return project


def _read(
    library: Library, source: Source | None, outer: Variables = NOTHING, before: Variables = NOTHING
) -> Variables:
    found = dotenv.read(source, outer, before)
    if source is not None and found.wrong is not None:
        line, reason = found.wrong
        library.problems.append(Problem(source.path, f"compose refuses these variables: {reason}", line, partial=True))
    return found


def _is_base(source: Source) -> bool:
    """Whether compose takes this file when it is told none."""
    return source.name == next((name for name in BASES if _has(source, name)), None)


def _override(source: Source) -> list[str]:
    """The file that compose merges onto this one without being told."""
    if not _is_base(source) or _by_variable(source, source.folder) is not None:
        return []
    found = next((name for name in OVERRIDES if _has(source, name)), None)
    return [] if found is None else [joined(source.folder, found) or ""]


def _has(source: Source, name: str) -> bool:
    return source.name == name or source.files.has(joined(source.folder, name) or "")


def _named(library: Library) -> tuple[list[str], Variables] | None:
    """The files that a `.env` here or in a folder above names, if this is the first; with that `.env`'s variables."""
    source, folder = library.main, library.main.folder
    while True:
        if (found := _by_variable(source, folder)) is not None:
            names, variables = found
            paths = [joined(folder, name) for name in names]
            if paths[:1] == [source.path]:
                return [path for path in paths if path is not None], variables
        if not folder:
            return None
        folder = folder.rpartition("/")[0]


def _by_variable(source: Source, folder: str) -> tuple[list[str], Variables] | None:
    """What COMPOSE_FILE says in the `.env` of a folder."""
    env = source.files.get(joined(folder, ".env") or "")
    if env is None or "COMPOSE_FILE" not in env.text:
        return None
    variables = dotenv.read(env)
    named = variables.values.get("COMPOSE_FILE")
    if not named:
        return None
    return named.split(variables.values.get("COMPOSE_PATH_SEPARATOR") or ":"), variables


class _Assembly:
    """Fills the tables of a project, file by file."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.library = project.library

    def take(
        self, paths: list[str], variables: Variables, folder: str, steps: tuple[Step, ...], within: tuple[str, ...]
    ) -> None:
        """Take in the files of one project, the later ones over the earlier."""
        for path in paths:
            source = self.library.open(path)
            if source is None:
                reason = f"the compose file {path!r} that COMPOSE_FILE names is not there"
                self.library.problems.append(Problem(self.library.main.path, reason, partial=True))
                continue
            for document in self.library.documents(source, variables, folder, steps):
                before = {name: len(written) for name, written in self.project.tables["services"].items()}
                self._include(document, (*within, path))
                included = {n for n, rows in self.project.tables["services"].items() if len(rows) > before.get(n, 0)}
                self._define(document, included)
            if path != self.library.main.path:
                self.project.parts.setdefault(path, source.site(0, 0))

    def _define(self, document: Document, included: AbstractSet[str]) -> None:
        """Put what a document defines into the tables; what it includes is there already."""
        top = yamltree.fields(document.root)
        for kind in KINDS:
            rows = yamltree.items(top.get(kind))
            if kind == "services" and kind not in top:
                rows = _first_version(document.root)
            self.library.spend([node for _, _, node in rows])
            for name, key, node in rows:
                known = self.project.tables[kind][name]
                if kind == "services" and name in included:
                    said = f"compose up to 2.40 refuses {name}: an included file defines it too (later ones merge them)"
                    self.library.problem(document, key, said)
                steps = document.steps
                if known and known[-1].document.source.path != document.source.path:
                    said = f"merged onto {name} of {known[-1].document.source.path}"
                    steps = (*steps, Step(document.site(key), said))
                known.append(Written(document, key, node, steps))

    def _include(self, document: Document, within: tuple[str, ...]) -> None:
        node = yamltree.fields(document.root).get("include")
        if node is not None and not yamltree.is_sequence(node):
            self.library.problem(document, node, "compose refuses this include: it has to be a list; write - before it")
        for entry in yamltree.elements(node):
            fields = yamltree.fields(entry)
            where = fields.get("path", entry)
            written = list(self._texts(where))
            paths = [document.path(text) for text in written]
            if not self._there(document, where, written, paths):
                continue
            found = [path for path in paths if path is not None]
            if found[0] in within:
                self.library.problem(document, where, f"includes {written[0]!r}, which includes it in turn")
                continue
            given = self.library.text(fields.get("project_directory"))
            folder = document.path(given) if given else found[0].rpartition("/")[0]
            variables = self._environment(document, fields.get("env_file"), folder or "")
            steps = (*document.steps, Step(document.site(where), f"includes {', '.join(found)}"))
            self.take(found, variables, folder or "", steps, within)

    def _there(self, document: Document, where: Node, written: list[str], paths: list[str | None]) -> bool:
        """Whether all files of an entry are; a problem for the first that is not."""
        for text, path in zip(written, paths, strict=True):
            if path is None:
                self.library.problem(document, where, f"includes {text!r}, which is not in this repository")
                return False
            if not self.library.main.files.has(path) and path != self.library.main.path:
                self.library.problem(document, where, f"includes {text!r}, which is not there")
                return False
        return bool(written)

    def _environment(self, document: Document, given: Node | None, folder: str) -> Variables:
        """The variables of an included project: those of its own files, and before them those of the one around it."""
        paths = [document.path(text) for text in self._texts(given)] if given is not None else [joined(folder, ".env")]
        found = NOTHING
        for path in paths:
            source = self.library.open(path)
            if source is None and path is not None and given is not None:
                self.library.problem(document, given, f"compose refuses the include: {path!r} is not there")
            found = found.behind(_read(self.library, source, document.variables, found))
        return found.behind(document.variables)

    def _texts(self, node: Node | None) -> Iterator[str]:
        for part in yamltree.elements(node) if yamltree.is_sequence(node) else [node]:
            if text := self.library.text(part):
                yield text


def _first_version(root: Node) -> list[tuple[str, Node, Node]]:
    """The services of a file of version 1, which has no key for them: the mappings that say what to run."""
    rows = [row for row in yamltree.items(root) if not _NOT_SERVICES.fullmatch(row[0])]
    return [row for row in rows if {"image", "build"} & yamltree.fields(row[2]).keys()]
