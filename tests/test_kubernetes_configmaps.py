"""ConfigMaps: variables and configuration files that containers get from them, read where they are written."""

from __future__ import annotations

import pytest

from bindlint.config import Config, Options
from bindlint.fixes import apply
from bindlint.knowledge import Knowledge, rules_root
from bindlint.source import Source
from bindlint.workspace import Workspace

KNOWLEDGE = Knowledge(rules_root())

CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data:
  LISTEN: 0.0.0.0
  other: x
"""

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  hostNetwork: true
  containers:
  - name: app
    image: registry.example/app
    command: [uvicorn, "a:b", --host, $(LISTEN)]
"""

REDIS = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: redis}
data:
  redis.conf: |
    # a comment
    bind 0.0.0.0
    protected-mode no
"""

SERVER = """\
apiVersion: v1
kind: Pod
metadata: {name: redis, labels: {app: redis}}
spec:
  containers:
  - name: redis
    image: registry.example/cache
    command: [redis-server, /etc/redis/redis.conf]
    volumeMounts: [{name: conf, mountPath: /etc/redis}]
  volumes: [{name: conf, configMap: {name: redis}}]
---
apiVersion: v1
kind: Service
metadata: {name: redis}
spec: {type: NodePort, selector: {app: redis}, ports: [{port: 6379}]}
"""


def workspace(files: dict[str, str]) -> Workspace:
    made = Workspace(KNOWLEDGE, Config())
    for path, text in files.items():
        made.update(path, text.encode())
    return made


def found(files: dict[str, str], persona: str = "regular") -> list[tuple[str, str, str]]:
    findings = workspace(files).report(Options(persona=persona)).findings
    return [(f.rule, f.site.path, files[f.site.path][f.site.span.start : f.site.span.end]) for f in findings]


@pytest.mark.parametrize(
    "field",
    [
        "envFrom: [{configMapRef: {name: settings}}]",
        "env: [{name: LISTEN, valueFrom: {configMapKeyRef: {name: settings, key: LISTEN}}}]",
    ],
)
@pytest.mark.parametrize("beside", [True, False])
def test_a_value_of_a_configmap_is_what_the_argument_means(field: str, *, beside: bool) -> None:
    pod = POD + f"    {field}\n"
    files = {"k8s/pod.yaml": pod, "k8s/settings.yaml": CONFIG} if beside else {"all.yaml": f"{CONFIG}---\n{pod}"}
    place = "k8s/pod.yaml" if beside else "all.yaml"
    assert ("wildcard", place, "$(LISTEN)") in found(files)
    (story,) = [f.story for f in workspace(files).report(Options()).findings if f.rule == "wildcard"]
    assert [
        (s.site.path, files[s.site.path][s.site.span.start : s.site.span.end]) for s in story if "set" in s.note
    ] == [("k8s/settings.yaml" if beside else "all.yaml", "0.0.0.0")]


def test_a_change_of_the_configmap_is_seen_by_the_pod() -> None:
    pod = POD + "    envFrom: [{configMapRef: {name: settings}}]\n"
    made = workspace({"pod.yaml": pod})
    assert [f.rule for f in made.report(Options()).findings] == ["host-network"]
    made.update("settings.yaml", CONFIG.encode())
    assert "wildcard" in [f.rule for f in made.report(Options()).findings]
    made.update("settings.yaml", CONFIG.replace("0.0.0.0", "127.0.0.1").encode())
    assert "wildcard" not in [f.rule for f in made.report(Options()).findings]


@pytest.mark.parametrize(
    "files",
    [
        {"pod.yaml": POD + "    envFrom: [{configMapRef: {name: other}}]\n", "settings.yaml": CONFIG},
        {"pod.yaml": POD + "    envFrom: [{secretRef: {name: settings}}]\n", "settings.yaml": CONFIG},
        {"a/pod.yaml": POD + "    envFrom: [{configMapRef: {name: settings}}]\n", "b/settings.yaml": CONFIG},
        {
            "pod.yaml": POD.replace("{name: web}", "{name: web, namespace: shop}")
            + "    envFrom: [{configMapRef: {name: settings}}]\n",
            "settings.yaml": CONFIG.replace("{name: settings}", "{name: settings, namespace: else}"),
        },
    ],
)
def test_another_name_kind_folder_or_namespace_is_another_configmap(files: dict[str, str]) -> None:
    assert [rule for rule, _, _ in found(files)] == ["host-network"]


def test_the_string_data_of_a_secret_are_values_and_its_data_are_not() -> None:
    pod = POD + "    envFrom: [{secretRef: {name: settings}}]\n"
    secret = CONFIG.replace("ConfigMap", "Secret")
    assert "wildcard" in [r for r, _, _ in found({"pod.yaml": pod, "s.yaml": secret.replace("\ndata", "\nstringData")})]
    assert "wildcard" not in [r for r, _, _ in found({"pod.yaml": pod, "s.yaml": secret})]


@pytest.mark.parametrize(
    "volume",
    [
        "volumes: [{name: conf, configMap: {name: redis}}]",
        "volumes: [{name: conf, projected: {sources: [{configMap: {name: redis}}]}}]",
        "volumes: [{name: conf, configMap: {name: redis, items: [{key: redis.conf, path: redis.conf}]}}]",
    ],
)
def test_a_servers_configuration_in_a_configmap_is_read_for_the_container_that_mounts_it(volume: str) -> None:
    pod = SERVER.replace("volumes: [{name: conf, configMap: {name: redis}}]", volume)
    files = {"redis.yaml": pod, "conf.yaml": REDIS}
    assert found(files) == [("unauthenticated-exposure", "redis.yaml", "NodePort")]
    (finding,) = workspace(files).report(Options()).findings
    told = [files[s.site.path][s.site.span.start : s.site.span.end] for s in finding.story]
    assert "0.0.0.0" in told
    assert "protected-mode no" in told


def test_one_file_of_it_may_be_mounted_under_its_own_path() -> None:
    pod = SERVER.replace("mountPath: /etc/redis}", "mountPath: /etc/redis/redis.conf, subPath: redis.conf}")
    assert found({"redis.yaml": pod, "conf.yaml": REDIS}) == [("unauthenticated-exposure", "redis.yaml", "NodePort")]
    pod = SERVER.replace("mountPath: /etc/redis}", "mountPath: /etc/redis/redis.conf, subPath: other.conf}")
    assert ("unauthenticated-exposure", "redis.yaml", "NodePort") not in found({"redis.yaml": pod, "conf.yaml": REDIS})


def test_a_password_in_the_configmap_outweighs_what_the_image_does_without_one() -> None:
    pod = SERVER.replace("registry.example/cache", "redis:7")
    secured = REDIS.replace("protected-mode no", "requirepass secret")
    assert found({"all.yaml": f"{pod}---\n{secured}"}) == [("exposed-datastore", "all.yaml", "NodePort")]


def test_a_configmap_that_nobody_mounts_or_that_nothing_leads_to_is_silent() -> None:
    assert found({"conf.yaml": REDIS}) == []
    assert found({"redis.yaml": SERVER.partition("---")[0], "conf.yaml": REDIS}) == []


def test_a_fix_in_a_block_keeps_its_indentation() -> None:
    pod = SERVER.partition("---")[0].replace("spec:\n", "spec:\n  hostNetwork: true\n")
    files = {"redis.yaml": pod, "conf.yaml": REDIS.replace("    bind 0.0.0.0\n", "")}
    edits = [e for f in workspace(files).report(Options()).findings if f.fix for e in f.fix.edits]
    assert apply(Source("conf.yaml", files["conf.yaml"]), edits) == REDIS.replace(
        "    # a comment\n    bind 0.0.0.0\n", "    # a comment\n    bind 127.0.0.1\n"
    )


def test_a_quoted_configuration_is_read_too() -> None:
    conf = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: redis}\ndata:\n  redis.conf: "bind 0.0.0.0\\nport 6379"\n'
    pod = SERVER.partition("---")[0].replace("spec:\n", "spec:\n  hostNetwork: true\n")
    assert ("exposed-datastore", "conf.yaml", "0.0.0.0") in found({"redis.yaml": pod, "conf.yaml": conf}) or (
        "unauthenticated-exposure",
        "conf.yaml",
        "0.0.0.0",
    ) in found({"redis.yaml": pod, "conf.yaml": conf})


def test_a_file_that_a_generator_takes_belongs_to_the_container_that_mounts_it() -> None:
    files = {
        "kustomization.yaml": "configMapGenerator:\n- name: redis\n  files: [conf/redis.conf]\n",
        "conf/redis.conf": "bind 0.0.0.0\nprotected-mode no\n",
        "redis.yaml": SERVER,
    }
    assert found(files) == [("unauthenticated-exposure", "redis.yaml", "NodePort")]
    assert found({**files, "redis.yaml": SERVER.partition("---")[0]}) == []


def test_a_script_of_a_configmap_that_the_container_executes_is_read() -> None:
    script = (
        CONFIG.partition("data:\n")[0] + "data:\n  start.sh: |\n    #!/bin/sh\n    exec uvicorn a:b --host 0.0.0.0\n"
    )
    pod = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  hostNetwork: true\n  containers:\n  - name: app\n"
        "    image: x\n    command: [sh, /scripts/start.sh]\n    volumeMounts: [{name: s, mountPath: /scripts}]\n"
        "  volumes: [{name: s, configMap: {name: settings}}]\n"
    )
    assert ("wildcard", "s.yaml", "0.0.0.0") in found({"pod.yaml": pod, "s.yaml": script})
    assert [r for r, _, _ in found({"pod.yaml": pod.replace("start", "else"), "s.yaml": script})] == ["host-network"]


TEMPLATE = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "redis.fullname" . }}-conf
data:
  redis.conf: |
    {{- if .Values.save }}
    save {{ .Values.save }}
    {{- end }}
    bind 0.0.0.0
"""


def test_a_configmap_in_a_template_is_found_by_the_expression_that_names_it() -> None:
    pod = SERVER.partition("---")[0].replace("spec:\n", "spec:\n  hostNetwork: true\n", 1)
    pod = pod.replace(
        "volumes: [{name: conf, configMap: {name: redis}}]",
        'volumes:\n  - name: conf\n    configMap:\n      name: {{include "redis.fullname" .}}-conf',
    )
    files = {"c/templates/pod.yaml": pod, "c/templates/conf.yaml": TEMPLATE}
    assert [(p, t) for r, p, t in found(files) if r != "host-network"] == [("c/templates/conf.yaml", "0.0.0.0")]


@pytest.mark.parametrize(
    "data", ["3", "[a]", "{redis.conf: [a]}", "{redis.conf: }", "{redis.conf: *a}", "{redis.conf: '\0'}"]
)
def test_nonsense_breaks_nothing(data: str) -> None:
    text = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: redis}}\ndata: {data}\n"
    made = workspace({"redis.yaml": SERVER, "conf.yaml": text})
    assert [p for p in made.problems if p.internal] == []
    assert [f.site.path for f in made.report(Options()).findings] == ["redis.yaml"]
