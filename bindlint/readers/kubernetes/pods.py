"""Pods: their containers, what those run, which ports of the node they take, and who is told to connect to them.

Source: kubernetes/api core/v1/types.go (PodSpec, Container, ContainerPort, Probe, HTTPGetAction, HostAlias).
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from bindlint.addresses import Kind, classify
from bindlint.facts import Address, Connection, Container, HostsEntry, Known, Launch, Publication, Reach, Word
from bindlint.readers import commands, environment, images, yamltree
from bindlint.readers.commands.words import plain
from bindlint.readers.kubernetes import configmaps, variables
from bindlint.readers.parts import Part
from bindlint.source import Slot, is_test

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bindlint.facts import Fact
    from bindlint.readers.kubernetes.manifests import Owner, Said
    from bindlint.readers.yamltree import Node

MAX_CONTAINERS = 200  # of one pod
MAX_MOUNTS = 100  # of files, in one container
_LISTS = ("containers", "initContainers", "ephemeralContainers")  # what a pod is for comes first
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_HOOKS = ("postStart", "preStop")


def pod(spec: Node, owner: Owner) -> Iterator[Fact | Part]:
    """The facts of a pod spec."""
    fields = yamltree.fields(spec)
    said = map(owner.said, yamltree.every(spec, "hostNetwork"))
    shared = next((one for one in said if yamltree.flag(one.node)), None)
    group = owner.unique(owner.group)
    listing = yamltree.elements(fields.get("volumes"))
    volumes = {configmaps.spelled(owner.source, yamltree.get(node, "name")): node for node in listing}
    listed = [node for name in _LISTS for node in yamltree.elements(fields.get(name)) if yamltree.is_mapping(node)]
    if not listed:
        yield _container(spec, {}, group, owner, shared, group)
    for node in listed[:MAX_CONTAINERS]:
        inner = yamltree.fields(node)
        name = yamltree.text(inner.get("name")) or ""
        given = list(islice(configmaps.mounts(volumes, inner, owner.stores, owner.namespace), MAX_MOUNTS))
        container = _container(node, inner, owner.unique(f"{group}/{name}"), owner, shared, group)
        container = replace(container, files=tuple(dict.fromkeys(path for m in given if (path := _file(m)))))
        yield container
        yield from _configured(given, inner, container)
        if shared is None:
            yield from _host_ports(inner, container, owner)
        yield from _runs(inner, container, owner)
        yield from _asked(inner, container, owner)
    for alias in yamltree.elements(fields.get("hostAliases")):
        yield from _alias(alias, owner)


def _file(mount: configmaps.Mount) -> str:
    """The repository file that is mounted, "" for a text within a manifest."""
    return mount.store.files.get(mount.key, "")


def _configured(given: list[configmaps.Mount], fields: Mapping[str, Node], container: Container) -> Iterator[Part]:
    """The texts within manifests that the container is given as files: its server's configuration, what it executes."""
    line = [yamltree.text(node) or "" for key in ("command", "args") for node in yamltree.elements(fields.get(key))]
    for mount in given:
        node = mount.store.values.get(mount.key)
        text, offsets = yamltree.written(mount.store.source, node)
        if text and offsets:
            run = any(mount.path in word for word in line)
            readers = ("python", "servers", "shell") if run else ("servers",)
            yield Part(mount.path.lstrip("/"), text, offsets, mount.store.source, container.id, readers)


def _container(
    node: Node, fields: Mapping[str, Node], identity: str, owner: Owner, shared: Said | None, group: str
) -> Container:
    named = fields.get("name") or fields.get("image")
    return Container(
        shared.inside if shared and not named else yamltree.site(owner.source, named or node),
        identity,
        _name(fields, owner),
        "kubernetes",
        image=_image(fields, owner).text,
        network="host" if shared is not None else "own",
        network_site=shared.inside if shared is not None else None,
        group=group,
        replaces="entrypoint" if "command" in fields else "command" if "args" in fields else "",
        ports=tuple(dict.fromkeys(port for port in (_declared(row, owner) for row in _ports(fields)) if port)),
        port_names=tuple(dict.fromkeys(_named(_ports(fields), owner))),
        labels=tuple(sorted([*owner.labels, ("", owner.namespace)])),
        certain=not is_test(owner.source.path),
    )


def _name(fields: Mapping[str, Node], owner: Owner) -> str:
    """What to call a container: by its name, else its object's, its image's, or the object's kind."""
    image = _image(fields, owner).text.rpartition("/")[2].partition("@")[0].partition(":")[0]
    return yamltree.text(fields.get("name")) or owner.name or image or owner.kind


def _image(fields: Mapping[str, Node], owner: Owner) -> Word:
    """The image, as far as it is known: what a template decides of it is left out."""
    node = fields.get("image")
    if node is None:
        return Word("", owner.source.site(0, 0))
    word = variables.word(owner.source, node, owner.chart)
    known = word.text.partition("{{")[0].rstrip(":@/")
    return word if known == word.text else Word(known, word.site)


def _ports(fields: Mapping[str, Node]) -> list[dict[str, Node]]:
    return [yamltree.fields(node) for node in yamltree.elements(fields.get("ports"))]


def _declared(port: Mapping[str, Node], owner: Owner) -> int | None:
    return owner.number(port.get("containerPort"))


def _named(ports: list[dict[str, Node]], owner: Owner) -> Iterator[tuple[str, int]]:
    for port in ports:
        name, number = owner.said(port.get("name")).text, _declared(port, owner)
        if name and number:
            yield name, number


def _host_ports(fields: Mapping[str, Node], container: Container, owner: Owner) -> Iterator[Publication]:
    """The ports of the node that a container takes; 0 is none. Without a hostIP on every interface."""
    for port in _ports(fields):
        taken = port.get("hostPort")
        number = owner.number(taken)
        if taken is None or (number is None and not yamltree.templated(taken)):
            continue
        address = _host_ip(port.get("hostIP"), taken, owner)
        if number is None and address.kind is not Kind.LOOPBACK:  # rendered to nothing, it opens nothing
            address = Address("", Kind.UNKNOWN, Known.UNKNOWN, maybe="the template")
        yield Publication(
            owner.said(taken).inside,
            address,
            Reach.HOST if address.kind is Kind.LOOPBACK else Reach.LAN,
            via="hostPort",
            container=container.id,
            name=container.name,
            port=number,
            container_port=_declared(port, owner),
            protocol=(yamltree.text(port.get("protocol")) or "tcp").lower(),
            trail=owner.said(taken).trail,
        )


def _host_ip(node: Node | None, taken: Node, owner: Owner) -> Address:
    said = owner.said(node)
    text = said.text
    if text is None and yamltree.templated(node):
        return Address("", Kind.UNKNOWN, Known.UNKNOWN, maybe="the template")
    if node is None or not text:
        return Address("", Kind.WILDCARD, Known.DEFAULT, slot=yamltree.key_slot(owner.source, taken, "hostIP"))
    kind, families = classify(text)
    host = "::1" if families.value == "v6" and kind is Kind.WILDCARD else ""
    return Address(text, kind, families=families, slot=Slot(said.inside, host=host))


def _runs(fields: Mapping[str, Node], container: Container, owner: Owner) -> Iterator[Fact]:
    """What the container runs: `command` stands for the image's entry point, `args` for its arguments."""
    environ, complete = variables.variables(fields, owner.stores, owner.namespace, owner.chart)
    image = _image(fields, owner)
    command, arguments = _words(fields.get("command"), owner), _words(fields.get("args"), owner)
    context = commands.Context(
        owner.knowledge,
        container=container.id,
        environment=environ,
        joint=yamltree.joint(owner.source, fields.get("args") or fields.get("command")),
        complete=complete,
        image=image.text,
        certain=container.certain,
        mounts=tuple(
            text
            for node in yamltree.elements(fields.get("volumeMounts"))
            if (text := yamltree.text(yamltree.get(node, "mountPath")))
        ),
    )
    line = [*command, *arguments]
    if image.text and (not command or images.takes(image.text, line, owner.knowledge)):
        known = images.family(image.text, owner.knowledge) is not None
        if known or (line and not line[0].text.startswith("-")):
            yield from images.run(image, line or None, context)
        elif line:
            yield Launch(line[0].site, "the image's program", tuple(map(plain, line)), container.id)
        line = []
    if line and not line[0].text.startswith("-"):
        yield from commands.run(line, context)
    yield from images.told(image.text, context)
    yield from environment.connections(environ, container.id)
    yield from environment.bindings(environ, container.id)
    for check in _executed(fields, owner):
        yield from commands.check(check, context)


def _words(node: Node | None, owner: Owner) -> list[Word]:
    elements = [element for element in yamltree.elements(node) if not yamltree.is_mapping(element)]
    return [variables.word(owner.source, element, owner.chart) for element in elements]


def _executed(fields: Mapping[str, Node], owner: Owner) -> Iterator[list[Word]]:
    """The command lines of the probes and hooks that run in the container."""
    for handler in _handlers(fields):
        if words := _words(yamltree.get(handler, "exec", "command"), owner):
            yield words


def _handlers(fields: Mapping[str, Node]) -> Iterator[Node]:
    for name in _PROBES:
        if name in fields:
            yield fields[name]
    hooks = yamltree.fields(fields.get("lifecycle"))
    yield from (hooks[name] for name in _HOOKS if name in hooks)


def _asked(fields: Mapping[str, Node], container: Container, owner: Owner) -> Iterator[Connection | Publication]:
    """What the kubelet connects to: the pod's own address, or the host that a probe names, seen from the node."""
    names = {owner.said(port.get("name")).text: _declared(port, owner) for port in _ports(fields)}
    for handler in _handlers(fields):
        for kind in ("httpGet", "tcpSocket"):
            probe = yamltree.fields(yamltree.get(handler, kind))
            node = probe.get("port")
            if node is None:
                continue
            port = owner.number(node) or names.get(owner.said(node).text)
            host = probe.get("host")
            if host is None or not yamltree.text(host):
                yield _wanted(node, port, container, owner)
            else:
                yield _probe(host, port, container, owner)


def _wanted(node: Node, port: int | None, container: Container, owner: Owner) -> Publication:
    """A probe without a host: nothing is opened to the outside, but the node is meant to connect."""
    return Publication(
        yamltree.inside(owner.source, node),
        Address("", Kind.WILDCARD, Known.DEFAULT),
        Reach.PEERS,
        container=container.id,
        name="kubelet",
        port=port,
        container_port=port,
    )


def _probe(host: Node, port: int | None, container: Container, owner: Owner) -> Connection:
    text = yamltree.text(host) or ""
    site = yamltree.inside(owner.source, host)
    kind, families = classify(text)
    address = Address(text, kind, families=families, slot=Slot(site))
    return Connection(site, "kubelet", address, port, purpose="probe", container=container.id)


def _alias(node: Node, owner: Owner) -> Iterator[HostsEntry]:
    """A line of the pod's hosts file."""
    ip = yamltree.get(node, "ip")
    text = yamltree.text(ip)
    names = tuple(name for name in map(yamltree.text, yamltree.elements(yamltree.get(node, "hostnames"))) if name)
    if ip is not None and text is not None and names:
        site = yamltree.inside(owner.source, ip)
        kind, families = classify(text)
        yield HostsEntry(site, Address(text, kind, families=families, slot=Slot(site)), names, "hostAliases")
