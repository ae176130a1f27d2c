"""Pods by their shape: containers, host ports, what runs in them, and who is told to connect."""

from __future__ import annotations

import pytest
from yamlreading import container, manifest, pod

from bindlint.addresses import Families, Kind
from bindlint.facts import Connection, Container, Guard, HostsEntry, Known, Launch, Listener, Publication, Reach


def test_a_container_knows_its_pod_its_labels_and_its_ports() -> None:
    read = manifest(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop, labels: {not: these}}\nspec:\n"
        "  selector: {matchLabels: {app: web}}\n  template:\n"
        "    metadata: {labels: {tier: front, app: web}}\n    spec:\n"
        "      initContainers: [{name: init, image: busybox}]\n"
        "      containers:\n      - name: app\n        image: registry.example/shop:1\n        args: [serve]\n"
        "        ports: [{containerPort: 80}, {containerPort: 81}]\n      - {name: sidecar, image: envoy}\n"
    )
    app, sidecar, init = read.all(Container)
    assert (app.id, app.name, app.group) == ("k8s/web.yaml#Deployment/web/app", "app", "k8s/web.yaml#Deployment/web")
    assert (app.image, app.ports, app.origin, app.network) == ("registry.example/shop:1", (80, 81), "kubernetes", "own")
    assert app.labels == sidecar.labels == (("", "shop"), ("app", "web"), ("tier", "front"))
    assert {c.group for c in (init, app, sidecar)} == {app.group}
    assert (app.replaces, sidecar.replaces) == ("command", "")
    assert read.at(app) == "app"


TEMPLATE = "template: {metadata: {labels: {app: web}}, spec: {hostNetwork: true, containers: [{name: a, image: b}]}}"


@pytest.mark.parametrize(
    "text",
    [
        "kind: Pod\napiVersion: v1\nspec: {hostNetwork: true, containers: [{name: a, image: b}]}",
        f"kind: DaemonSet\napiVersion: apps/v1\nspec: {{{TEMPLATE}}}",
        f"kind: CronJob\napiVersion: batch/v1\nspec: {{jobTemplate: {{spec: {{{TEMPLATE}}}}}}}",
        f"kind: PodTemplate\napiVersion: v1\n{TEMPLATE}",
        f"kind: Rollout\napiVersion: argoproj.io/v1alpha1\nspec: {{{TEMPLATE}}}",
        f"kind: RayCluster\napiVersion: ray.io/v1\nspec: {{headGroupSpec: {{{TEMPLATE}}}}}",
        f"kind: List\napiVersion: v1\nitems: [{{kind: List, items: [{{kind: Job, spec: {{{TEMPLATE}}}}}]}}]",
        "kind: Deployment\napiVersion: apps/v1\nspec: {template: {spec: {hostNetwork: true}}}",
        "kind: Prometheus\napiVersion: monitoring.coreos.com/v1\nspec: {hostNetwork: true}",
        '{"kind": "Pod", "apiVersion": "v1", "spec": {"hostNetwork": true, "containers": [{"name": "a"}]}}',
    ],
)
def test_a_pod_on_the_hosts_network_is_found_by_its_shape_whatever_the_kind(text: str) -> None:
    read = manifest(text)
    found = read.one(Container)
    assert found.network == "host"
    assert found.network_site is not None
    assert read.source.slice(found.network_site.span) == "true"


@pytest.mark.parametrize(
    "text",
    [
        "kind: Pod\napiVersion: v1\nspec: {hostNetwork: false, containers: [{name: a, image: b}]}",
        "kind: Pod\napiVersion: v1\nspec:\n  # hostNetwork: true\n  hostIPC: true\n  containers: [{name: a}]",
        "kind: PodSecurityPolicy\napiVersion: policy/v1beta1\nspec: {hostNetwork: true}",
        "kind: ClusterPolicy\napiVersion: kyverno.io/v1\nspec: {rules: [{validate: {spec: {hostNetwork: true}}}]}",
        "kind: CustomResourceDefinition\napiVersion: v1\nspec: {properties: {spec: {hostNetwork: true}}}",
        "kind: Constraint\napiVersion: v1\nspec: {parameters: {hostNetwork: true}}",
    ],
)
def test_what_only_speaks_of_the_hosts_network_is_on_none(text: str) -> None:
    assert [c.network for c in manifest(text).all(Container)] in ([], ["own"])


def test_names_that_repeat_stay_different_containers() -> None:
    read = manifest("\n---\n".join([container("image: a"), container("image: b")]))
    assert [c.id for c in read.all(Container)] == ["k8s/web.yaml#Pod/web/app", "k8s/web.yaml#Pod/web~2/app"]
    assert len({c.group for c in read.all(Container)}) == 2


@pytest.mark.parametrize(
    ("port", "reach", "address", "known"),
    [
        ("{containerPort: 80, hostPort: 8080}", Reach.LAN, "", Known.DEFAULT),
        ("{containerPort: 80, hostPort: 8080, hostIP: 0.0.0.0}", Reach.LAN, "0.0.0.0", Known.LITERAL),
        ("{containerPort: 80, hostPort: 8080, hostIP: 10.0.0.1}", Reach.LAN, "10.0.0.1", Known.LITERAL),
        ("{containerPort: 80, hostPort: 8080, hostIP: 127.0.0.1}", Reach.HOST, "127.0.0.1", Known.LITERAL),
        ("{containerPort: 80, hostPort: 8080, hostIP: '::1'}", Reach.HOST, "::1", Known.LITERAL),
    ],
)
def test_a_port_of_the_node(port: str, reach: Reach, address: str, known: Known) -> None:
    read = manifest(container(f"ports:\n- {port}"))
    publication = read.one(Publication)
    assert (publication.via, publication.port, publication.container_port) == ("hostPort", 8080, 80)
    assert (publication.reach, publication.address.text, publication.address.known) == (reach, address, known)
    assert publication.container == read.one(Container).id
    assert read.at(publication) == "8080"


def test_no_port_of_the_node_is_taken_by_zero_or_on_the_hosts_network() -> None:
    assert manifest(container("ports: [{containerPort: 80, hostPort: 0}, {containerPort: 81}]")).all(Publication) == []
    text = pod("hostNetwork: true\ncontainers: [{name: a, ports: [{containerPort: 80, hostPort: 80}]}]")
    assert manifest(text).all(Publication) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("- containerPort: 80\n  hostPort: 80", "- containerPort: 80\n      hostIP: 127.0.0.1\n      hostPort: 80"),
        ("- hostPort: 80\n  name: x", "- hostIP: 127.0.0.1\n      hostPort: 80\n      name: x"),
        ("- {hostPort: 80}", "- {hostIP: 127.0.0.1, hostPort: 80}"),
        ("- {name: x, hostPort: 80}", "- {name: x, hostIP: 127.0.0.1, hostPort: 80}"),
        ("- {hostPort: 80, hostIP: 0.0.0.0}", "- {hostPort: 80, hostIP: 127.0.0.1}"),
        ("- {hostPort: 80, hostIP: '::'}", "- {hostPort: 80, hostIP: '::1'}"),
    ],
)
def test_the_slot_of_a_host_port_is_its_host_ip(before: str, after: str) -> None:
    fixed = manifest(container(f"ports:\n{before}")).fixed()
    assert fixed.endswith(f"ports:\n    {after}\n")
    assert [p.reach for p in manifest(fixed).all(Publication)] == [Reach.HOST]


def test_a_command_with_arguments_is_one_command_line() -> None:
    read = manifest(container("image: x\ncommand: [uvicorn]\nargs:\n- app:app\n- --host\n- 0.0.0.0\n- --port=81"))
    listener = read.one(Listener)
    assert (listener.software, listener.port, read.at(listener)) == ("uvicorn", 81, "0.0.0.0")
    assert listener.container == "k8s/web.yaml#Pod/web/app"


def test_a_shell_script_in_a_block_is_read_where_it_is_written() -> None:
    read = manifest(container('command: ["sh", "-c"]\nargs:\n- |\n  set -e\n  exec uvicorn app:app --host 0.0.0.0'))
    listener = read.one(Listener)
    assert listener.software == "uvicorn"
    assert listener.address.slot is not None
    assert read.source.slice(listener.address.slot.site.span) == "0.0.0.0"


def test_variables_of_the_container_are_put_into_its_arguments() -> None:
    read = manifest(container('command: [uvicorn, "a:b", --host, $(HOST)]\nenv: [{name: HOST, value: 0.0.0.0}]'))
    listener = read.one(Listener)
    assert (listener.address.kind, listener.address.known) == (Kind.WILDCARD, Known.CONSTANT)
    assert listener.address.slot is not None
    assert read.source.slice(listener.address.slot.site.span) == "0.0.0.0"


def test_a_variable_from_elsewhere_has_a_value_that_nobody_knows() -> None:
    text = container(
        "command: [uvicorn, 'a:b', --host, $(HOST)]\n"
        "env: [{name: HOST, valueFrom: {configMapKeyRef: {name: a, key: b}}}]"
    )
    assert manifest(text).one(Listener).address.kind is Kind.UNKNOWN


def test_options_alone_are_for_the_images_own_program() -> None:
    launch = manifest(container("image: registry.example/shop\nargs: [--host, 0.0.0.0]")).one(Launch)
    assert (launch.program, launch.files) == ("the image's program", ())
    assert [word.text for word in launch.arguments] == ["--host", "0.0.0.0"]


def test_settings_that_name_localhost_are_connections_of_the_container() -> None:
    connection = manifest(container("env: [{name: DB_URL, value: 'postgres://localhost:5432/x'}]")).one(Connection)
    assert (connection.client, connection.port, connection.container) == ("DB_URL", 5432, "k8s/web.yaml#Pod/web/app")


@pytest.mark.parametrize("place", ["livenessProbe", "readinessProbe", "startupProbe"])
def test_a_probe_with_a_host_is_made_by_the_kubelet(place: str) -> None:
    read = manifest(
        container(
            f"ports: [{{name: http, containerPort: 8080}}]\n{place}: {{httpGet: {{host: localhost, port: http}}}}"
        )
    )
    connection = read.one(Connection)
    assert (connection.client, connection.purpose, connection.port) == ("kubelet", "probe", 8080)
    assert read.at(connection) == "localhost"
    assert connection.container == read.one(Container).id
    assert read.all(Publication) == []


def test_hooks_and_socket_probes_name_hosts_too() -> None:
    read = manifest(
        container(
            "livenessProbe: {tcpSocket: {host: 127.0.0.1, port: 1}}\n"
            "lifecycle: {preStop: {httpGet: {host: localhost, port: 2}}}"
        )
    )
    assert [(c.address.text, c.port) for c in read.all(Connection)] == [("127.0.0.1", 1), ("localhost", 2)]


def test_a_probe_without_a_host_says_that_the_node_is_meant_to_connect() -> None:
    publication = manifest(container("livenessProbe: {httpGet: {path: /, port: 8080}}")).one(Publication)
    assert (publication.reach, publication.container_port, publication.container) == (
        Reach.PEERS, 8080, "k8s/web.yaml#Pod/web/app",
    )  # fmt: skip


def test_an_exec_probe_asks_from_inside_the_pod() -> None:
    read = manifest(container("livenessProbe: {exec: {command: [curl, 'http://localhost:8080/health']}}"))
    connection = read.one(Connection)
    assert (connection.purpose, connection.port, read.at(connection)) == ("healthcheck", 8080, "localhost")


def test_host_aliases_are_lines_of_the_hosts_file() -> None:
    read = manifest(pod("hostAliases:\n- ip: '10.0.0.5'\n  hostnames: [localhost, db]\ncontainers: [{name: a}]"))
    entry = read.one(HostsEntry)
    assert (entry.address.text, entry.names, entry.origin, read.at(entry)) == (
        "10.0.0.5", ("localhost", "db"), "hostAliases", "10.0.0.5",
    )  # fmt: skip
    assert entry.address.families is Families.V4


def test_a_volume_over_a_configuration_leaves_the_images_guard_unknown() -> None:
    image = "image: eclipse-mosquitto:2.1\nvolumeMounts:\n- name: v\n  mountPath: "
    assert [g.on for g in manifest(container(f"{image}/mosquitto/data")).all(Guard)] == [False]
    assert manifest(container(f"{image}/mosquitto/config")).all(Guard) == []
