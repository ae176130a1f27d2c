"""CI workflows: the service containers of their jobs, and what their steps start.

All of it lives as long as a job, so nothing here is certain to be an exposure (docs/decisions/0009).
Source: docs.github.com "Workflow syntax" (jobs.<id>.services and .container become `docker create` with -p, -e, -v and
`options`; actions/runner src/Runner.Worker/Container/DockerCommandManager.cs); docs.gitlab.com "CI/CD YAML syntax"
(image, services, script); circleci.com/docs/configuration-reference and learn.microsoft.com azure-pipelines (steps).
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from bindlint.facts import Built, Container, Fact, Launch, Problem, Word
from bindlint.readers import dockerrun, packages, yamltree
from bindlint.readers.commands import Context, Variables, each, local, remember, split_words, word_commands
from bindlint.readers.commands.words import Spread, made

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.knowledge import Knowledge
    from bindlint.readers.yamltree import Node
    from bindlint.source import Source

_PATHS = re.compile(
    r"(?:.*/)?(?:\.(?:github|gitea|forgejo)/(?:workflows|actions)/.*\.ya?ml|action\.ya?ml|[\w.-]*\.?gitlab-ci[\w.-]*\.ya?ml"
    r"|\.circleci/config\.ya?ml|azure-pipelines[\w.-]*\.ya?ml)"
)
_SCRIPTS = ("before_script", "script", "after_script")
_SHELL = ("run", "script", "bash")  # keys of a step that hold shell text
_BUILDS = b"docker/build-push-action"
MAX_JOBS = 500
MAX_STEPS = 1_000  # of one job


def claims(path: str, _data: bytes, _knowledge: Knowledge) -> bool:
    """A file that a CI system reads by its place or name."""
    return bool(_PATHS.fullmatch(path))


def gate(data: bytes, knowledge: Knowledge) -> bool:
    """Whether there are service containers, or a program that has something to say."""
    told = (b"services", b"container", _BUILDS)
    return any(word in data for word in told) or bool(knowledge.telling_commands.search(data))


def read(source: Source, knowledge: Knowledge) -> Iterator[Fact | Problem]:
    """The facts of each job, in the order in which the jobs are written."""
    for document in yamltree.readable(source):
        if isinstance(document, Problem):
            yield document
            continue
        for job in _jobs(document):
            yield from _Job(source, job, document, knowledge).facts()


def _jobs(document: Node) -> Iterator[Node]:
    """The jobs of a workflow, by shape: under `jobs`, or (GitLab) at the top; an action's steps are one, too."""
    top = yamltree.fields(document)
    jobs = top.get("jobs")
    if yamltree.is_sequence(jobs):
        yield from yamltree.elements(jobs)[:MAX_JOBS]
    elif jobs is not None:
        yield from list(yamltree.fields(jobs).values())[:MAX_JOBS]
    else:
        yield from [node for node in top.values() if yamltree.get(node, "script") is not None][:MAX_JOBS]
    if yamltree.get(document, "runs", "steps") is not None:
        yield yamltree.fields(document)["runs"]
    if "steps" in top:
        yield document


class _Job:
    """One job: the containers beside it, the one that it runs in, and its steps."""

    def __init__(self, source: Source, job: Node, document: Node, knowledge: Knowledge) -> None:
        self.source = source
        self.job = job
        self.document = document
        self.context = Context(knowledge, joint=" ", certain=False, packages=packages.Packages(source.files, ("",)))

    def facts(self) -> Iterator[Fact]:
        services = yamltree.get(self.job, "services")
        for name, key, node in yamltree.items(services):
            yield from self._container(name, key, node)
        box = yamltree.get(self.job, "container")
        home = ""
        if box is not None:
            found = list(self._container("container", box, box))
            home = next((fact.id for fact in found if isinstance(fact, Container)), "")
            yield from found
        elif (image := yamltree.get(self.job, "image") or self._image_of_all()) is not None:
            word = self._word(image) or self._word(yamltree.get(image, "name"))
            if word is not None:
                home = f"{self.source.path}#{yamltree.site(self.source, self.job).span.start}"
                yield Container(word.site, home, "the job", "docker", image=word.text, certain=False)
        yield from self._steps(home)

    def _image_of_all(self) -> Node | None:
        """What GitLab runs each job in that does not say."""
        if yamltree.get(self.job, "script") is None:
            return None
        return yamltree.get(self.document, "image") or yamltree.get(self.document, "default", "image")

    def _word(self, node: Node | None) -> Word | None:
        text = yamltree.text(node)
        if node is None or text is None:
            return None
        offsets = yamltree.offsets(self.source, node)
        site = yamltree.inside(self.source, node)
        return made(text, offsets, self.source.path, site.span.start) if offsets else Spread(text, site)

    def _container(self, name: str, key: Node, node: Node) -> Iterator[Fact]:
        """A service container, or the one that a job runs in."""
        image = self._word(node) or self._word(yamltree.get(node, "image"))
        if image is None or not image.text:
            return
        given = self._word(yamltree.get(node, "options"))
        words = split_words(given.text, (), given.site) if given is not None else []
        ports = [word for item in yamltree.elements(yamltree.get(node, "ports")) if (word := self._word(item))]
        mounts = [word for item in yamltree.elements(yamltree.get(node, "volumes")) if (word := self._word(item))]
        command = self._word(yamltree.get(node, "command"))
        described = dockerrun.Described(
            site=yamltree.site(self.source, key),
            name=name,
            image=image,
            ports=ports,
            mounts=mounts,
            variables=self._variables(yamltree.get(node, "env")),
            options=words,
            command=split_words(command.text, (), command.site) if command is not None else [],
        )
        yield from dockerrun.described(described, self.context)

    def _variables(self, *nodes: Node | None) -> dict[str, Word]:
        return {
            name: word
            for node in nodes
            for name, _, value in yamltree.items(node)
            if (word := self._word(value)) is not None
        }

    def _steps(self, home: str) -> Iterator[Fact]:
        """What the steps start: each is a shell of its own, with the variables of workflow, job and step."""
        above = self._variables(
            *(yamltree.get(node, key) for node in (self.document, self.job) for key in ("env", "variables"))
        )
        for step in yamltree.elements(yamltree.get(self.job, "steps"))[:MAX_STEPS]:
            yield from self._built(step)
            variables = Variables({**above, **self._variables(yamltree.get(step, "env"))})
            for key in _SHELL:
                node = yamltree.get(step, key)
                yield from self._shell(self._word(node) or self._word(yamltree.get(node, "command")), variables, home)
        variables = Variables(above)
        for key in _SCRIPTS:
            node = yamltree.get(self.job, key)
            yield from self._shell(self._word(node), variables, home)
            for item in yamltree.elements(node):
                yield from self._shell(self._word(item), variables, home)

    def _built(self, step: Node) -> Iterator[Built]:
        """The image that docker/build-push-action makes (its action.yml: context `.`, file `<context>/Dockerfile`)."""
        uses = yamltree.text(yamltree.get(step, "uses")) or ""
        if not uses.startswith(_BUILDS.decode()):
            return
        given = yamltree.get(step, "with")
        context, file, target, tags = (
            yamltree.text(yamltree.get(given, key)) or "" for key in ("context", "file", "target", "tags")
        )
        if "$" in context + file:
            return
        path = posixpath.normpath(file or posixpath.join(context or ".", "Dockerfile"))
        for tag in tags.replace(",", "\n").split("\n"):
            if tag.strip() and "$" not in tag:
                yield Built(yamltree.site(self.source, step), tag.strip(), (path,), target)

    def _shell(self, text: Word | None, variables: Variables, home: str) -> Iterator[Fact]:
        if text is None:
            return
        context = replace(self.context, container=home)
        for words in word_commands(text):
            if not remember(words, variables):
                for fact in local(each(words, variables, context), self.context.knowledge):
                    if not isinstance(fact, Launch):  # where a job runs a program says nothing of where it belongs
                        yield fact
