"""Kustomizations: what their patches write, inline or in files, with and without a target."""

from __future__ import annotations

import pytest
from test_kubernetes_configmaps import found, workspace

BASE = """\
apiVersion: v1
kind: Service
metadata: {name: db}
spec: {selector: {app: db}, ports: [{port: 9200}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, labels: {app: db}}
spec: {containers: [{name: db, image: 'elasticsearch:8.14.0'}]}
"""
JSON = "- op: replace\n  path: /spec/type\n  value: NodePort\n"
TARGET = "  target: {kind: Service, name: db}\n"


def indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


@pytest.mark.parametrize(
    "patches",
    [
        f"patches:\n- patch: |-\n{indented(JSON)}{TARGET}",
        f"patchesJson6902:\n- patch: |-\n{indented(JSON)}{TARGET}",
        "patches:\n- patch: '[{op: add, path: /spec, value: {type: NodePort}}]'\n" + TARGET,
        (
            "patches:\n- patch: |-\n    kind: Service\n    apiVersion: v1\n    metadata: {name: db}\n"
            "    spec: {type: NodePort}\n"
        ),
        (
            "patchesStrategicMerge:\n- |-\n    kind: Service\n    apiVersion: v1\n    metadata: {name: db}\n"
            "    spec: {type: NodePort}\n"
        ),
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec:\n  patches:\n  - patch: |-\n"
        + indented(JSON).replace("    ", "      ")
        + "    target: {kind: Service, name: db}\n",
    ],
)
def test_a_patch_opens_the_service_that_it_is_for(patches: str) -> None:
    files = {"base/db.yaml": BASE, "prod/kustomization.yaml": patches}
    assert found(files) == [("exposed-datastore", "prod/kustomization.yaml", "NodePort")]


def test_a_json_patch_in_a_file_is_found_there() -> None:
    files = {
        "base/db.yaml": BASE,
        "prod/kustomization.yaml": f"patches:\n- path: type.yaml\n{TARGET}",
        "prod/type.yaml": JSON,
    }
    assert found(files) == [("exposed-datastore", "prod/type.yaml", "NodePort")]


def test_a_patch_without_a_known_service_is_a_port_published_all_the_same() -> None:
    text = "patches:\n- patch: |-\n" + indented(JSON)
    assert found({"kustomization.yaml": text}) == [("published-wildcard", "kustomization.yaml", "NodePort")]


@pytest.mark.parametrize(
    "path", ["/spec/template/spec/hostNetwork", "/spec/jobTemplate/spec/template/spec/hostNetwork"]
)
def test_a_patch_onto_the_hosts_network_is_found(path: str) -> None:
    text = (
        f"patches:\n- patch: |-\n    - op: add\n      path: {path}\n      value: true\n  target: {{kind: Deployment}}\n"
    )
    assert found({"kustomization.yaml": text}) == [("host-network", "kustomization.yaml", "true")]


@pytest.mark.parametrize(
    "patch",
    [
        "- op: remove\n  path: /spec/type\n",
        "- op: test\n  path: /spec/type\n  value: NodePort\n",
        "- op: replace\n  path: /spec/type\n  value: ClusterIP\n",
        "- op: replace\n  path: /metadata/annotations/type\n  value: NodePort\n",
        "- op: replace\n  path: type\n  value: NodePort\n",
        "- 3\n- [a]\n- {op: add}\n- {op: add, path: [a], value: {}}\n- {op: add, path: '/', value: 1}\n",
        "- {op: add, path: /spec/-/0/type, value: {a: b}}\n",
        "a: [",
        "3",
    ],
)
def test_other_operations_and_nonsense_open_nothing(patch: str) -> None:
    files = {"base/db.yaml": BASE, "kustomization.yaml": f"patches:\n- patch: |-\n{indented(patch)}{TARGET}"}
    assert [p for p in workspace(files).problems if p.internal] == []
    assert found(files) == []


def test_a_path_out_of_the_project_is_not_followed() -> None:
    text = "patches:\n- path: ../../etc/passwd\n- path: /etc/passwd\n- path: ''\n- path: kustomization.yaml\n"
    assert found({"kustomization.yaml": text}) == []


RUNS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: app, image: x, command: [uvicorn, 'a:b', --host, 0.0.0.0]}]}}}
"""
ONTO_HOST = RUNS.partition("spec:")[0] + "spec: {template: {spec: {hostNetwork: true}}}\n"
HOST_PORT = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: "
    "[{name: app, ports: [{containerPort: 8000, hostPort: 80}]}]}}}\n"
)


def test_what_a_workload_runs_is_reached_through_its_patch() -> None:
    files = {"base/web.yaml": RUNS, "prod/patch.yaml": ONTO_HOST}
    assert sorted(found(files)) == [
        ("host-network", "prod/patch.yaml", "true"),
        ("wildcard", "base/web.yaml", "0.0.0.0"),
    ]
    files = {"base/web.yaml": RUNS, "prod/patch.yaml": HOST_PORT}
    assert found(files) == [("wildcard", "prod/patch.yaml", "80")]


def test_of_several_workloads_of_a_name_nobody_knows_which_is_patched() -> None:
    files = {"a/web.yaml": RUNS, "b/web.yaml": RUNS, "prod/patch.yaml": ONTO_HOST}
    assert found(files) == [("host-network", "prod/patch.yaml", "true")]
    files = {"a/web.yaml": RUNS.replace("name: web", "name: other"), "prod/patch.yaml": ONTO_HOST}
    assert found(files) == [("host-network", "prod/patch.yaml", "true")]
