"""Configuration of the cluster's own programs: component configuration files, and the flags that kubeadm hands on.

Sources: kubernetes/kubelet config/v1beta1, kubernetes/kube-proxy config/v1alpha1; kubernetes/kubernetes
cmd/kubeadm/app/apis/kubeadm v1beta3 (extraArgs is a mapping) and v1beta4 (a list of name and value).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bindlint.facts import Word
from bindlint.readers import commands, yamltree
from bindlint.readers.kubernetes import variables
from bindlint.readers.parts import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.facts import Fact
    from bindlint.readers.kubernetes.manifests import Owner
    from bindlint.readers.yamltree import Node

_FILES = (".config.k8s.io/",)
_KUBEADM = "kubeadm.k8s.io/"
# Where kubeadm takes the flags of each program from.
_FLAGS = (
    (("apiServer", "extraArgs"), "kube-apiserver"),
    (("controllerManager", "extraArgs"), "kube-controller-manager"),
    (("scheduler", "extraArgs"), "kube-scheduler"),
    (("etcd", "local", "extraArgs"), "etcd"),
    (("nodeRegistration", "kubeletExtraArgs"), "kubelet"),
)


def component(node: Node, api: str, owner: Owner) -> Iterator[Fact | Part]:
    """What a component's configuration states; its kind is the name under which rules/servers/ knows the file."""
    if any(group in api for group in _FILES):
        span = yamltree.site(owner.source, node).span
        text = owner.source.slice(span)
        yield Part(f"{owner.kind}.yaml", text, range(span.start, span.end), owner.source)
    elif _KUBEADM in api:
        for path, program in _FLAGS:
            yield from _flags(yamltree.get(node, *path), program, owner)


def reads(api: str) -> bool:
    """Whether an object of this API is one."""
    return _KUBEADM in api or any(group in api for group in _FILES)


def _flags(node: Node | None, program: str, owner: Owner) -> Iterator[Fact]:
    """What a program is told. What it does untold is kubeadm's to say: its own defaults differ."""
    rows = [(key, value) for _, key, value in yamltree.items(node)]
    for element in yamltree.elements(node):
        fields = yamltree.fields(element)
        if "name" in fields and "value" in fields:
            rows.append((fields["name"], fields["value"]))
    if node is None or not rows:
        return
    words = [Word(program, yamltree.site(owner.source, node))]
    for key, value in rows:
        name = variables.word(owner.source, key)
        words += [Word(f"--{name.text}", name.site), variables.word(owner.source, value)]
    for fact in commands.run(words, commands.Context(owner.knowledge, complete=False)):
        if fact.site != words[0].site:
            yield fact
