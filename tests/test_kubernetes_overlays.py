"""Overlays that narrow a base: silent only when nothing applies the base, or a part of it, as it stands."""

from __future__ import annotations

import pytest
from test_kubernetes_configmaps import found, workspace

OPEN = """\
apiVersion: v1
kind: Service
metadata: {name: db}
spec:
  type: NodePort
  selector: {app: db}
  ports: [{port: 9200}]
---
apiVersion: v1
kind: Pod
metadata: {name: db, labels: {app: db}}
spec: {containers: [{name: db, image: 'elasticsearch:8.14.0'}]}
"""
BASE = {"base/db.yaml": OPEN, "base/kustomization.yaml": "resources:\n- db.yaml\n"}
TOLD = [("exposed-datastore", "base/db.yaml", "NodePort")]
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: db}\n"


def overlay(patch: str, target: str = "", *, takes: str = "../base") -> str:
    lines = "".join(f"    {line}\n" for line in patch.splitlines())
    return f"resources:\n- {takes}\npatches:\n- patch: |-\n{lines}{target and f'  target: {target}'}\n"


NARROWS = overlay(SERVICE + "spec: {type: ClusterIP}\n")


@pytest.mark.parametrize(
    "text",
    [
        NARROWS,
        overlay(SERVICE + "spec: {type: null}\n"),
        overlay(SERVICE + "$patch: delete\n"),
        overlay(SERVICE + "spec: {$patch: replace, ports: [{port: 9200}]}\n"),
        overlay("- {op: replace, path: /spec/type, value: ClusterIP}", "{kind: Service, name: db}"),
        overlay("- {op: remove, path: /spec/type}", "{kind: Service}"),
        overlay("- {op: replace, path: /spec, value: {ports: [{port: 1}]}}", "{kind: Service, name: .*}"),
        NARROWS.replace("resources:", "bases:"),
        overlay(SERVICE + "metadata: {annotations: {a: b}}\nspec: {type: ClusterIP}\n", "{kind: Service, name: db}"),
    ],
)
def test_a_base_that_its_only_overlay_narrows_is_silent(text: str) -> None:
    assert found({**BASE, "prod/kustomization.yaml": text}) == []


@pytest.mark.parametrize("key", ["patches:\n- path: narrow.yaml\n", "patchesStrategicMerge:\n- narrow.yaml\n"])
def test_a_patch_in_a_file_narrows_as_well(key: str) -> None:
    patch = SERVICE + "spec: {type: ClusterIP}\n"
    files = {**BASE, "prod/kustomization.yaml": f"resources: [../base]\n{key}", "prod/narrow.yaml": patch}
    assert found(files) == []


@pytest.mark.parametrize(
    "text",
    [
        "resources: [../base]\n",
        overlay(SERVICE.replace("name: db", "name: other") + "spec: {type: ClusterIP}\n"),
        overlay(SERVICE + "spec: {type: '${TYPE}'}\n"),
        overlay("- {op: remove, path: /spec/type}", "{kind: Service, labelSelector: a=b}"),
        overlay("- {op: remove, path: /spec/type}", "{kind: Service, name: d.*}"),
        overlay("- {op: remove, path: /spec/nowhere/type}", "{kind: Service}"),
        overlay("- {op: replace, path: /spec/ports/7/port, value: 1}", "{kind: Service}"),
        overlay("- {op: copy, path: /spec/type}", "{kind: Service}"),
        overlay(SERVICE + "spec: {ports: [{port: 9200, nodePort: 30000}]}\n"),
        overlay(SERVICE + "spec: {type: ClusterIP}\n", takes="../elsewhere"),
    ],
)
def test_what_does_not_narrow_leaves_the_finding(text: str) -> None:
    assert found({**BASE, "prod/kustomization.yaml": text}) == TOLD


@pytest.mark.parametrize(
    "more",
    [
        {"dev/kustomization.yaml": "resources: [../base]\n"},
        {"apps/db.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: {source: {path: base}}\n"},
        {"apps/db.yaml": "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec: {path: ./base}\n"},
        {"deploy.sh": "#!/bin/sh\nkubectl apply -k base\n"},
        {"deploy.sh": "#!/bin/sh\nkubectl apply -n x -f base/\n"},
        {"base/deploy.sh": "#!/bin/sh\nkubectl apply -f db.yaml\n"},
    ],
)
def test_a_base_that_is_also_applied_as_it_stands_is_told(more: dict[str, str]) -> None:
    assert found({**BASE, "prod/kustomization.yaml": NARROWS, **more}) == TOLD


@pytest.mark.parametrize(
    "more",
    [
        {"apps/db.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: {source: {path: prod}}\n"},
        {"deploy.sh": "#!/bin/sh\nkubectl apply -k prod\n"},
        {"site/kustomization.yaml": "resources: [../prod]\n"},
        {"dev/kustomization.yaml": NARROWS},
        {
            "apps/db.yaml": "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec:\n  path: ./base\n"
            "  patches:\n  - patch: '[{op: remove, path: /spec/type}]'\n    target: {kind: Service}\n"
        },
    ],
)
def test_what_applies_the_narrowed_base_leaves_it_silent(more: dict[str, str]) -> None:
    assert found({**BASE, "prod/kustomization.yaml": NARROWS, **more}) == []


def test_a_component_narrows_only_where_it_is_used() -> None:
    component = NARROWS.replace("resources:\n- ../base\n", "kind: Component\n")
    files = {**BASE, "closed/kustomization.yaml": component}
    assert found({**files, "prod/kustomization.yaml": "resources: [../base]\ncomponents: [../closed]\n"}) == []
    assert found({**files, "prod/kustomization.yaml": "resources: [../base]\n"}) == TOLD


def test_of_two_services_only_the_patched_one_is_silent() -> None:
    other = OPEN.replace("name: db", "name: more").replace("app: db", "app: more")
    files = {**BASE, "base/db.yaml": OPEN + "---\n" + other, "prod/kustomization.yaml": NARROWS}
    assert found(files) == TOLD


def test_a_patch_that_opens_in_another_way_is_told_with_its_base() -> None:
    files = {**BASE, "prod/kustomization.yaml": overlay(SERVICE + "spec: {type: LoadBalancer}\n")}
    assert {place for _, place, _ in found(files)} == {"base/db.yaml", "prod/kustomization.yaml"}


WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      hostNetwork: true
      containers:
      - {name: app, image: x, command: [uvicorn, 'a:b'], args: [--host, 0.0.0.0]}
      - {name: log, image: y}
"""
WEB_BASE = {"base/web.yaml": WEB, "base/kustomization.yaml": "resources: [web.yaml]\n"}
HEAD = WEB.partition("spec:")[0] + "spec: {template: {spec: {%s}}}\n"


def test_a_pod_leaves_the_hosts_network_in_every_overlay() -> None:
    patched = overlay(HEAD % "hostNetwork: false")
    assert found({**WEB_BASE, "prod/kustomization.yaml": patched}) == []
    assert "host-network" in {rule for rule, _, _ in found(WEB_BASE)}


def test_a_container_is_given_other_arguments_by_its_name() -> None:
    patched = overlay(HEAD % "containers: [{name: app, args: [--host, 127.0.0.1]}]")
    assert ("wildcard", "base/web.yaml", "0.0.0.0") in found(WEB_BASE)
    rules = {rule for rule, _, _ in found({**WEB_BASE, "prod/kustomization.yaml": patched})}
    assert rules == {"host-network"}


@pytest.mark.parametrize(
    "patch",
    ["3", "a: [", "- 3\n- [a]\n- {op: add}\n", "&a [*a]", "kind: Service\nmetadata: {name: db}\nspec: &a {b: *a}\n"],
)
def test_nonsense_narrows_nothing(patch: str) -> None:
    files = {**BASE, "prod/kustomization.yaml": overlay(patch, "{kind: Service}")}
    assert [problem for problem in workspace(files).problems if problem.internal] == []
    assert found(files) == TOLD


def test_kustomizations_that_take_one_another_end() -> None:
    files = {
        **BASE,
        "base/kustomization.yaml": "resources: [db.yaml, ../prod]\n",
        "prod/kustomization.yaml": "resources: [../base]\n",
    }
    assert found(files) == TOLD
