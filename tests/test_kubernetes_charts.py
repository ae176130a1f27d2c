"""Charts: default values are joined to the templates that use them, and decide which branches are taken."""

from __future__ import annotations

import pytest
from test_kubernetes_configmaps import found, workspace

from bindlint.config import Options
from bindlint.readers.kubernetes.charts import Chart
from bindlint.source import Files, Source

SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: {{ include "shop.fullname" . }}
spec:
  type: {{ .Values.service.type }}
  ports:
    - port: {{ .Values.service.port }}
      targetPort: http
  selector:
    {{- include "shop.selectorLabels" . | nindent 4 }}
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "shop.fullname" . }}
spec:
  template:
    metadata:
      labels:
        {{- include "shop.labels" . | nindent 8 }}
    spec:
      hostNetwork: {{ .Values.hostNetwork }}
      containers:
        - name: {{ .Chart.Name }}
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          ports:
            - name: http
              containerPort: {{ .Values.service.port }}
"""
VALUES = (
    "hostNetwork: false\nimage: {repository: elasticsearch, tag: 7.17.0}\nservice:\n  type: NodePort\n  port: 9200\n"
)


def chart(service: str = SERVICE, deployment: str = DEPLOYMENT, values: str = VALUES) -> dict[str, str]:
    return {
        "shop/values.yaml": values,
        "shop/templates/service.yaml": service,
        "shop/templates/deployment.yaml": deployment,
    }


def test_a_default_that_a_template_uses_is_one_finding_at_the_value_with_the_template_in_its_story() -> None:
    files = chart()
    assert found(files) == [("unauthenticated-exposure", "shop/values.yaml", "NodePort")]
    (finding,) = workspace(files).report(Options()).findings
    told = [(s.site.path, files[s.site.path][s.site.span.start : s.site.span.end]) for s in finding.story]
    assert ("shop/templates/service.yaml", "{{ .Values.service.type }}") in told
    assert finding.route == "LAN → NodePort → container elasticsearch :9200 → elasticsearch"


def test_a_type_that_is_inside_by_default_is_silent() -> None:
    assert found(chart(values=VALUES.replace("NodePort", "ClusterIP"))) == []


@pytest.mark.parametrize(
    "written",
    [
        "{{ .Values.service.type | quote }}",
        '"{{ .Values.service.type }}"',
        "{{- $.Values.service.type -}}",
        '{{ .Values.service.type | default "ClusterIP" }}',
        '{{ default "ClusterIP" .Values.service.type }}',
    ],
)
def test_functions_that_do_not_change_a_value_are_looked_through(written: str) -> None:
    files = chart(SERVICE.replace("{{ .Values.service.type }}", written))
    assert found(files) == [("unauthenticated-exposure", "shop/values.yaml", "NodePort")]


@pytest.mark.parametrize("written", ["{{ .Values.service.type | lower }}", "{{ .Values.x.type }}", "{{ .type }}"])
def test_what_is_not_one_value_stays_open_and_the_value_alone_is_told(written: str) -> None:
    files = chart(SERVICE.replace("{{ .Values.service.type }}", written))
    assert found(files) == [("published-wildcard", "shop/values.yaml", "NodePort")]


def test_the_hosts_network_by_default_is_found_at_the_value() -> None:
    files = chart(values=VALUES.replace("hostNetwork: false", "hostNetwork: true").replace("NodePort", "ClusterIP"))
    assert ("host-network", "shop/values.yaml", "true") in found(files)


def test_a_host_port_by_default_is_found_at_the_value() -> None:
    deployment = DEPLOYMENT + "              hostPort: {{ .Values.hostPort }}\n"
    values = VALUES.replace("NodePort", "ClusterIP")
    assert found(chart(deployment=deployment, values=values + "hostPort: 9200\n")) == [
        ("unauthenticated-exposure", "shop/values.yaml", "9200")
    ]
    assert found(chart(deployment=deployment, values=values + "hostPort: 0\n")) == []


def test_a_default_in_an_argument_is_what_the_program_is_given() -> None:
    deployment = DEPLOYMENT.replace("{{ .Values.hostNetwork }}", "true") + (
        '          command: [uvicorn, "a:b", "--host={{ .Values.listen }}"]\n'
    )
    files = chart(deployment=deployment, values=VALUES + "listen: 0.0.0.0\n")
    assert ("wildcard", "shop/templates/deployment.yaml", "{{ .Values.listen }}") in found(files)
    files = chart(deployment=deployment, values=VALUES + "listen: 127.0.0.1\n")
    assert "wildcard" not in [rule for rule, _, _ in found(files)]


OPTIONAL = DEPLOYMENT.replace(
    "      hostNetwork: {{ .Values.hostNetwork }}\n",
    "      {{- if COND }}\n      hostNetwork: true\n      {{- else }}\n      dnsPolicy: Default\n      {{- end }}\n",
)


@pytest.mark.parametrize(
    ("condition", "shared"),
    [
        (".Values.hostNetwork", False),
        ("not .Values.hostNetwork", True),
        (".Values.unknown", True),
        ("and .Values.hostNetwork .Values.unknown", False),
        ('or .Values.hostNetwork (eq .Values.service.type "NodePort")', True),
        ('or .Values.hostNetwork (eq .Values.service.type "LoadBalancer")', False),
        ('and .Values.image (ne .Values.service.type "NodePort")', False),
        (".Values.service.port", True),
        ("eq .Values.service.port 9200", True),
        ('include "x" .', True),
        ("(", True),
        ("and", True),
    ],
)  # fmt: skip
def test_a_branch_that_the_defaults_leave_out_states_nothing(condition: str, *, shared: bool) -> None:
    rules = [rule for rule, _, _ in found(chart(deployment=OPTIONAL.replace("COND", condition)))]
    assert ("host-network" in rules) is shared


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("{{ if .Values.a }}1{{ else }}2{{ end }}", "1"),
        ("{{ if .Values.b }}1{{ else }}2{{ end }}", "2"),
        ("{{ if .Values.c }}1{{ else }}2{{ end }}", "12"),
        ("{{ if .Values.b }}1{{ else if .Values.a }}2{{ else }}3{{ end }}", "2"),
        ("{{ if .Values.c }}1{{ else if .Values.a }}2{{ else }}3{{ end }}", "123"),
        ("{{ if .Values.a }}1{{ else if .Values.c }}2{{ else }}3{{ end }}", "1"),
        ("{{ with .Values.b }}1{{ end }}{{ range $x := .Values.l }}2{{ end }}3", "3"),
        ("{{ if .Values.b }}1{{ if .Values.a }}2{{ end }}3{{ end }}4", "4"),
        ("{{ end }}{{ else }}1{{ if .Values.b }}2", "12"),
    ],
)
def test_which_branches_are_taken(text: str, left: str) -> None:
    values = Source("c/values.yaml", "a: 1\nb: 0\nl: []\n")
    source = Source("c/templates/x.yaml", text, Files([values.path], {values.path: values}.get))
    taken = Chart(source).taken.text
    assert len(taken) == len(text)
    assert "".join(c for c in taken.replace("{{ end }}", "") if c.isdigit()) == left


def test_an_ingress_leads_to_the_service_that_the_same_expression_names() -> None:
    ingress = (
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: shop}\nspec:\n  defaultBackend:\n"
        '    service:\n      name: {{ include "shop.fullname" . }}\n      port:\n'
        "        number: {{ .Values.service.port }}\n"
    )
    files = chart(values=VALUES.replace("NodePort", "ClusterIP"))
    files["shop/templates/ingress.yaml"] = ingress
    assert found(files) == [
        ("unauthenticated-exposure", "shop/templates/ingress.yaml", '{{ include "shop.fullname" . }}')
    ]
    files["other/templates/ingress.yaml"] = files.pop("shop/templates/ingress.yaml")
    assert found(files) == []


def test_a_part_of_the_values_that_is_not_enabled_states_nothing() -> None:
    values = "metrics:\n  enabled: false\n  service: {type: NodePort}\nnode: {enabled: false, hostNetwork: true}\n"
    assert found({"shop/values.yaml": values}) == []
    assert [rule for rule, _, _ in found({"shop/values.yaml": values.replace("false", "true")})] == [
        "published-wildcard",
        "host-network",
    ]


def test_every_template_that_is_read_in_part_is_a_notice() -> None:
    reasons = [(p.path, p.reason) for p in workspace(chart()).problems]
    assert reasons == [
        ("shop/templates/deployment.yaml", "a Helm template"),
        ("shop/templates/service.yaml", "a Helm template"),
    ]


@pytest.mark.parametrize("values", ["[", "3", "- a", "a: *b", "service: [a]", "service: {type: {a: b}}", "{{ x }}: 1"])
def test_values_that_cannot_be_read_cost_nothing_else(values: str) -> None:
    made = workspace(chart(values=values))
    assert [p for p in made.problems if p.internal] == []
    assert [f for f in made.report(Options()).findings if f.rule != "host-network"] == []
