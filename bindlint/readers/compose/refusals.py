"""What compose refuses to start with: a project that does not load publishes nothing, and its reader should know.

Sources: compose-go loader/validate.go, schema/compose-spec.json; the words of docker compose 2.40 in each case.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bindlint.facts import Step
from bindlint.readers import interpolation, yamltree
from bindlint.readers.interpolation import State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.readers.compose.documents import Library
    from bindlint.readers.compose.project import Project, Service
    from bindlint.readers.yamltree import Node

_LISTS = ("ports", "volumes", "expose", "configs", "secrets", "profiles")
# The keys of a service at compose-go main: each release knows those of the one before.
_SERVICE = frozenset({
    "annotations", "attach", "blkio_config", "build", "cap_add", "cap_drop", "cgroup", "cgroup_parent", "command",
    "configs", "container_name", "cpu_count", "cpu_percent", "cpu_period", "cpu_quota", "cpu_rt_period",
    "cpu_rt_runtime", "cpu_shares", "cpus", "cpuset", "credential_spec", "depends_on", "deploy", "develop",
    "device_cgroup_rules", "devices", "dns", "dns_opt", "dns_search", "domainname", "entrypoint", "env_file",
    "environment", "expose", "extends", "external_links", "extra_hosts", "gpus", "group_add", "healthcheck",
    "hostname", "image", "init", "ipc", "isolation", "label_file", "labels", "links", "logging", "mac_address",
    "mem_limit", "mem_reservation", "mem_swappiness", "memswap_limit", "models", "network_mode", "networks",
    "oom_kill_disable", "oom_score_adj", "pid", "pids_limit", "platform", "ports", "post_start", "pre_start",
    "pre_stop", "privileged", "profiles", "provider", "pull_policy", "pull_refresh_after", "read_only", "restart",
    "runtime", "scale", "secrets", "security_opt", "shm_size", "stdin_open", "stop_grace_period", "stop_signal",
    "storage_opt", "sysctls", "tmpfs", "tty", "ulimits", "use_api_socket", "user", "userns_mode", "uts", "volumes",
    "volumes_from", "working_dir",
})  # fmt: skip
_WORD = re.compile(r"[a-z]\w*")  # what else is written for a key may be a template's doing
_NAME = re.compile(r"[A-Za-z0-9][\w./-]+")  # of one letter it is a drive of Windows
_LISTED = {"networks": "network", "configs": "config", "secrets": "secret"}


def check(project: Project) -> None:
    """Add a problem for whatever keeps the project from being loaded, as far as its own files can tell."""
    references(project.library)
    if project.whole and not project.library.problems:  # what could not be read may be what seems to be missing
        for service in project.services.values():
            _complete(service)


def shape(project: Project) -> Step | None:
    """A problem for whatever is no compose file, whatever is set or added elsewhere; the first, as a condition.

    It costs no finding (docs/decisions/0008): podman-compose starts such a project, and somebody will mend the file.
    """
    wrong = [step for service in project.services.values() for step in _shape(service)]
    return wrong[0] if wrong else None


def references(library: Library) -> None:
    """A problem for each `${…}` that is none, and for each key that is written twice."""
    for document, nodes in library.merged:
        for node in nodes:
            text = yamltree.text(node)
            if text is not None and "${" in text:
                if any(part.state is State.INVALID for part in interpolation.expand(text)):
                    library.problem(
                        document, node, "compose refuses the reference to a variable; write $$ for a plain $"
                    )
            elif (twice := yamltree.repeated(node)) is not None:
                library.problem(document, twice, f"compose refuses the file: {yamltree.text(twice)!r} is written twice")


def _shape(service: Service) -> Iterator[Step]:
    for layer in service.chain:
        for key in layer.fields.keys() - _SERVICE:
            if _WORD.fullmatch(key):
                node = yamltree.key_node(layer.node, key) or layer.fields[key]
                yield _mendable(service, node, f"compose refuses {service.name}: a service has no {key!r}")
    for key in _LISTS:
        for _, node in service.parts(key):
            if yamltree.text(node) is not None:
                reason = f"compose refuses {key} of {service.name}: it has to be a list"
                yield _mendable(service, node, reason, "; write - before it")


def _complete(service: Service) -> None:
    """What a service must have, or may not have together, and what it names that nothing defines."""
    mode, library = service.get("network_mode"), service.project.library
    if service.get("image") is None and service.get("build") is None:
        _refuse(service, service.key, f"compose refuses {service.name}: it has neither an image nor a build")
    if mode is not None and service.merged("networks"):
        _refuse(service, mode, f"compose refuses {service.name}: network_mode and networks exclude one another")
    kind, _, name = (library.text(mode) or "").partition(":")
    if mode is not None and kind == "service" and name not in service.project.services:
        _refuse(service, mode, f"compose refuses {service.name}: there is no service {name!r}")
    for key, what in _LISTED.items():
        for written, node in service.merged(key):
            named = written or library.text(node) or library.text(yamltree.get(node, "source"))
            if named and named != "default" and named not in service.project.tables[key] and node.tag != "!reset":
                _refuse(service, node, f"compose refuses {service.name}: the {what} {named!r} is not defined")
    for node in service.collected("volumes"):
        source = _volume(service, node)
        if source and source not in service.project.tables["volumes"]:
            reason = f"compose refuses {service.name}: the volume {source!r} is not defined; a path begins with ./"
            _refuse(service, node, reason)


def _volume(service: Service, node: Node) -> str:
    """The name of the volume that an entry mounts, "" when it mounts none by name."""
    text = service.project.library.text
    if yamltree.is_mapping(node):
        named = text(yamltree.get(node, "type")) in (None, "volume")
        return (text(yamltree.get(node, "source")) or "") if named else ""
    source, colon, _ = (text(node) or "").partition(":")
    return source if colon and _NAME.fullmatch(source) else ""


def _mendable(service: Service, node: Node, reason: str, advice: str = "") -> Step:
    _refuse(service, node, reason + advice)
    return Step(service.site(node), f"{reason}; docker compose starts nothing of the project until that is mended")


def _refuse(service: Service, node: Node, reason: str) -> None:
    service.project.library.problem(service.home(node), node, reason)
