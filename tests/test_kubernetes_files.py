"""Files of manifests: several documents, templates, values of charts, nonsense and bombs."""

from __future__ import annotations

import pytest
from yamlreading import KNOWLEDGE, container, manifest, pod, service

from bindlint.addresses import Kind
from bindlint.facts import Container, Known, Listener, Problem, Publication, Reach
from bindlint.findings import Confidence
from bindlint.judge import judge
from bindlint.readers import kubernetes
from bindlint.resolve import resolve


def test_a_broken_document_is_a_problem_with_its_line_and_the_others_are_read() -> None:
    read = manifest("\n---\n".join([service("type: NodePort"), "a: b: c", service("type: LoadBalancer")]))
    assert [p.via for p in read.all(Publication)] == ["NodePort", "LoadBalancer"]
    problem = read.one(Problem)
    assert (read.source.line_text(problem.line), problem.partial) == ("a: b: c", True)


def test_a_helm_template_is_read_in_part_and_what_it_says_outright_is_found() -> None:
    read = manifest(
        '{{- if .Values.enabled }}\napiVersion: apps/v1\nkind: DaemonSet\nmetadata:\n  name: {{ include "x.name" . }}\n'
        '  labels:\n    {{- include "x.labels" . | nindent 4 }}\nspec:\n  template:\n    spec:\n'
        "      {{- with .Values.pullSecrets }}\n      imagePullSecrets: {{ toYaml . | nindent 8 }}\n      {{- end }}\n"
        "      hostNetwork: true\n      containers:\n        - name: {{ .Chart.Name }}\n"
        '          image: "{{ .Values.image }}:{{ .Values.tag }}"\n          ports:\n'
        "            - containerPort: {{ .Values.port }}\n              hostPort: {{ .Values.hostPort }}\n{{- end }}\n"
    )  # fmt: skip
    found = read.one(Container)
    assert (found.network, found.image, found.ports) == ("host", "", ())
    assert found.network_site is not None
    assert read.source.line(found.network_site.span.start) == 14
    assert [(p.partial, p.reason) for p in read.all(Problem)] == [(True, "a Helm template")]
    assert found.name == "DaemonSet"


def test_what_a_template_decides_is_not_guessed() -> None:
    read = manifest(
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .name }}\nspec:\n  type: {{ .Values.type }}\n"
        "  selector:\n    app: {{ .app }}\n    tier: web\n  ports:\n  - port: {{ .port }}\n"
    )
    assert [(p.reach, p.port) for p in read.all(Publication)] == [(Reach.PEERS, None)]
    read = manifest(container("ports:\n- containerPort: {{ .a }}\n  hostPort: {{ .b }}\n  hostIP: {{ .c }}"))
    assert [p.address.kind for p in read.all(Publication)] == [Kind.UNKNOWN]


def test_a_host_port_that_a_template_decides_is_for_the_auditor() -> None:
    text = container(
        "image: registry.example/shop/web:1\nports:\n- containerPort: 8080\n"
        "  {{- if .Values.hostPort }}\n  hostPort: {{ .Values.hostPort }}\n  {{- end }}"
    ).replace("name: web", "name: {{ .Release.Name }}")
    read = manifest(text.replace("name: app", "name: {{ .Chart.Name }}"))
    publication, found = read.one(Publication), read.one(Container)
    assert (publication.container, publication.name, found.name) == (found.id, "web", "web")
    assert (publication.address.kind, publication.address.known) == (Kind.UNKNOWN, Known.UNKNOWN)
    (finding,) = judge(resolve([found, publication]), KNOWLEDGE.rules, {read.source.path: read.source})
    assert (finding.confidence, finding.message) == (
        Confidence.AUDIT,
        "port 8080 of web is published to other machines (host)",
    )


@pytest.mark.parametrize(
    ("port", "reaches"),
    [
        ("hostPort:", []),
        ("hostPort: ''", []),
        ("hostPort: {{ .Values.port }}", [Reach.LAN]),
        ("hostPort: '{{ .Values.port }}'", [Reach.LAN]),
        ("hostPort: {{ .Values.port }}\n  hostIP: 127.0.0.1", [Reach.HOST]),
        ("hostPort: 80\n  hostIP:", [Reach.LAN]),
    ],
)
def test_a_blank_host_port_is_none_and_a_template_keeps_a_loopback_host_ip(port: str, reaches: list[Reach]) -> None:
    read = manifest(container(f"# {{{{- if .a }}}}\nports:\n- containerPort: 80\n  {port}"))
    assert [p.reach for p in read.all(Publication)] == reaches


@pytest.mark.parametrize(
    ("metadata", "fields", "name"),
    [
        ("{name: web}", "name: app\nimage: shop:1", "app"),
        ("{name: web}", "name: {{ .x }}\nimage: shop:1", "web"),
        ("{}", "name: {{ .x }}\nimage: registry.example:5000/a/shop@sha256:00", "shop"),
        ("{}", "name: {{ .x }}\nimage: {{ .y }}:{{ .z }}", "Pod"),
        ("{}", "image:", "Pod"),
    ],
)
def test_a_container_always_has_a_name(metadata: str, fields: str, name: str) -> None:
    indented = "\n    ".join(fields.split("\n"))
    read = manifest(f"apiVersion: v1\nkind: Pod\nmetadata: {metadata}\nspec:\n  containers:\n  - {indented}\n")
    assert [c.name for c in read.all(Container)] == [name]


HOOK = """\
{{- range $name, $type := $hooks }}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ $type }}
spec:
  template:
    spec:
      containers:
        - name: job
          image: busybox
          command:
            - sh
            - -c
            - |
              {{- if .Values.seconds }}
              sleep 1
              {{- end }}
              exec uvicorn app:app --host 0.0.0.0
{{- end }}
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_block_that_begins_with_an_action_is_read_where_it_is_written(newline: str) -> None:
    read = manifest(HOOK.replace("\n", newline), "chart/templates/hooks/job.yaml")
    assert [p.reason for p in read.all(Problem)] == ["a Helm template"]
    listener = read.one(Listener)
    assert (listener.software, read.at(listener)) == ("uvicorn", "0.0.0.0")


def test_every_branch_of_a_template_counts() -> None:
    read = manifest(
        "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  {{- if .Values.lb }}\n  type: LoadBalancer\n"
        "  {{- else }}\n  type: ClusterIP\n  {{- end }}\n  selector: {app: a}\n  ports: [{port: 80}]\n"
    )
    assert [p.via for p in read.all(Publication)] == ["LoadBalancer"]


def test_the_values_of_a_chart_ask_for_a_service_type() -> None:
    read = manifest(
        "service:\n  type: LoadBalancer\n  port: 80\nredis:\n  master:\n    service: {type: NodePort}\n"
        "metrics:\n  service: {type: ClusterIP}\nhostNetwork: true\ninternal:\n  service:\n    type: LoadBalancer\n"
        "    annotations: {networking.gke.io/load-balancer-type: Internal}\n",
        "chart/values-production.yaml",
    )
    found = [(p.via, p.reach, p.port) for p in read.all(Publication)]
    assert sorted(found, key=str) == sorted(
        [("LoadBalancer", Reach.PUBLIC, 80), ("NodePort", Reach.LAN, None), ("LoadBalancer", Reach.PEERS, None)],
        key=str,
    )
    assert [c.network for c in read.all(Container)] == ["host"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("service: {spec: {type: LoadBalancer}}", [("LoadBalancer", Reach.PUBLIC, None)]),
        ("a: {b: {c: {d: {service: {type: NodePort, nodePort: 30000}}}}}", [("NodePort", Reach.LAN, 30000)]),
        ("a: {service: {spec: {type: NodePort, ports: [{nodePort: 31000}]}}}", [("NodePort", Reach.LAN, 31000)]),
        ("service: {type: LoadBalancer, spec: {type: ClusterIP}}", []),
        ("service: {spec: {type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/8]}}", [
            ("LoadBalancer", Reach.PEERS, None),
        ]),
        ("service: {annotations: {cloud.google.com/load-balancer-type: internal}, spec: {type: LoadBalancer}}", [
            ("LoadBalancer", Reach.PEERS, None),
        ]),
        ("service: {spec: [{type: LoadBalancer}]}\nother: {spec: {type: LoadBalancer}}", []),
    ],
)  # fmt: skip
def test_the_type_of_a_service_is_found_at_any_depth_and_in_its_spec(
    text: str, found: list[tuple[str, Reach, int | None]]
) -> None:
    assert [(p.via, p.reach, p.port) for p in manifest(text, "values.yaml").all(Publication)] == found


def test_the_service_of_a_custom_resource_counts() -> None:
    read = manifest(
        "apiVersion: elasticsearch.k8s.elastic.co/v1\nkind: Elasticsearch\nmetadata: {name: es}\n"
        "spec: {http: {service: {spec: {type: LoadBalancer}}}}\n"
    )
    assert [(p.via, p.name) for p in read.all(Publication)] == [("LoadBalancer", "es")]


def test_the_values_in_a_helm_release_count() -> None:
    values = "{hostNetwork: true, service: {type: NodePort}}"
    read = manifest(f"apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec: {{values: {values}}}")
    assert [c.network for c in read.all(Container)] == ["host"]
    assert [p.via for p in read.all(Publication)] == ["NodePort"]


@pytest.mark.parametrize(
    ("path", "data", "ours"),
    [
        ("a.yaml", b"apiVersion: v1\nkind: Pod\n", True),
        ("templates/a.yaml.tpl", b"apiVersion: v1\nkind: Pod\n", True),
        ("pod.json", b'{"apiVersion": "v1", "kind": "Pod"}', True),
        ("values.yaml", b"a: 1", True),
        ("values-prod.yml", b"a: 1", True),
        ("prod.values.yaml", b"a: 1", True),
        ("package.json", b"{}", False),
        ("mkdocs.yml", b"nav: []", False),
        ("a.py", b"apiVersion kind", False),
    ],
)
def test_which_files_are_manifests(path: str, data: bytes, ours: bool) -> None:  # noqa: FBT001 - a row of a table
    assert kubernetes.claims(path, data, KNOWLEDGE) is ours


@pytest.mark.parametrize(
    "text",
    [
        "", "---\n---\n", "- a", "kind: Pod", "kind: Service", "kind: Service\nspec: 3",
        "kind: Service\nspec: {type: [NodePort]}", "kind: Pod\nspec: {containers: [1, a, [b]]}",
        "kind: Service\nspec: {ports: {a: b}, selector: [a]}", "kind: List\nitems: 3",
        "kind: [Pod]\nspec: {containers: 1}", "kind: Pod\nspec: {containers: [{name: [a], image: {b: c}, ports: x}]}",
        "kind: Pod\nspec: {containers: [{name: a, env: [1, {name: [b]}], command: x, args: {a: b}, livenessProbe: 1}]}",
        "kind: Pod\nspec: {containers: [{name: a, ports: [1, {hostPort: a}, {hostPort: 70000}, {hostPort: -1}]}]}",
        "kind: Pod\nspec: {hostAliases: [1, {ip: [a]}, {ip: 1.2.3.4}], containers: [{name: a}]}",
        "kind: Pod\nspec: &s {containers: [{name: a}], again: *s}", "kind: List\nitems: &i [{kind: List, items: *i}]",
        "kind: Pod\nspec: {containers: [{name: a, livenessProbe: {httpGet: {port: {a: b}}}}]}",
    ],
)  # fmt: skip
def test_nonsense_opens_nothing_to_the_outside_and_breaks_nothing(text: str) -> None:
    assert [p for p in manifest(text).all(Publication) if p.reach is not Reach.PEERS] == []


def test_an_alias_bomb_is_walked_once() -> None:
    bomb = "a0: &a0 {spec: {containers: [{name: a, image: b}]}}\n" + "".join(
        f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 12)
    )
    assert len(manifest(f"kind: Bomb\napiVersion: v1\n{bomb}").all(Container)) == 1


def test_a_pod_of_very_many_containers_is_cut() -> None:
    many = ", ".join(["{name: a, image: b}"] * 1_000)
    assert len(manifest(pod(f"containers: [{many}]")).all(Container)) == 200
