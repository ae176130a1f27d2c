"""Kubernetes manifests, Helm templates and values: pods, what opens them to others, and whom they connect to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.facts import Fact, Problem
    from bindlint.knowledge import Knowledge
    from bindlint.readers.parts import Part
    from bindlint.source import Source

_YAML = re.compile(r".*\.ya?ml(?:\.(?:tpl|tmpl|j2|jinja2?|template|gotmpl|in))?", re.IGNORECASE)
_VALUES = re.compile(r"(?:.*[-_.])?values(?:[-_.].*)?\.ya?ml", re.IGNORECASE)
_WORDS = (
    b"hostNetwork",
    b"hostPort",
    b"ontainers",
    b"hostAliases",
    b"NodePort",
    b"LoadBalancer",
    b"externalIPs",
    b"Service",
    b"Ingress",
    b"Route",
    b"config.k8s.io",
    b"xtraArgs",
    b"patches",
    b"NetworkPolicy",
    b"kustomize.",
    b"argoproj.io",
    b"\nresources:",
    b"\nbases:",
)
_FIRST = (b"resources:", b"bases:")  # words of a kustomization that begin it
_HEAD = 4_096  # of a JSON file, where a manifest says what it is


def claims(path: str, data: bytes, knowledge: Knowledge) -> bool:  # noqa: ARG001 - what every reader is asked with
    """A YAML or JSON file that says an API version and a kind, or the values of a chart."""
    name = path.rpartition("/")[2]
    if name.endswith(".json"):
        head = data[:_HEAD]
        return b'"apiVersion"' in head and b'"kind"' in head
    if not _YAML.fullmatch(name) and name != "Kustomization":
        return False
    if name in ("kustomization.yaml", "kustomization.yml", "Kustomization"):
        return True
    return (b"apiVersion" in data and b"kind" in data) or bool(_VALUES.fullmatch(name))


def gate(data: bytes, knowledge: Knowledge) -> bool:  # noqa: ARG001 - what every reader is asked with
    """Whether it holds anything that this reader states facts about."""
    return data.startswith(_FIRST) or any(word in data for word in _WORDS)


def read(source: Source, knowledge: Knowledge) -> Iterator[Fact | Problem | Part]:
    """The facts of every object in the file."""
    from bindlint.readers.kubernetes import manifests  # noqa: PLC0415 - lazy: a parser costs start-up time

    yield from manifests.read(source, knowledge)
