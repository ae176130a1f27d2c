"""NetworkPolicies: told in the story of what they may keep clients from, and never a reason for silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bindlint.config import Config, Options
from bindlint.knowledge import Knowledge, rules_root
from bindlint.workspace import Workspace

if TYPE_CHECKING:
    from bindlint.findings import Report

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: db, labels: {app: db, tier: back}}
spec:
  containers: [{name: db, image: "postgres:16"}]
---
apiVersion: v1
kind: Service
metadata: {name: db}
spec: {type: NodePort, selector: {app: db}, ports: [{port: 5432}]}
"""
SAID = "this NetworkPolicy may keep clients out, where the cluster enforces it"


def policy(spec: str, namespace: str = "default") -> str:
    return (
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
        f"metadata: {{name: only-web, namespace: {namespace}}}\nspec: {spec}\n"
    )


def report(**files: str) -> Report:
    workspace = Workspace(Knowledge(rules_root()), Config())
    for name, text in files.items():
        workspace.update(f"{name}.yaml", text.encode())
    return workspace.report(Options())


@pytest.mark.parametrize(
    "spec",
    [
        "{podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress]}",
        "{podSelector: {matchLabels: {app: db, tier: back}}}",
        "{podSelector: {}}",
    ],
)
def test_a_policy_for_the_pods_behind_a_port_is_told_and_silences_nothing(spec: str) -> None:
    (finding,) = report(pod=POD, policy=policy(spec)).findings
    (step,) = [step for step in finding.story if step.note == SAID]
    assert (finding.rule, step.site.path) == ("exposed-datastore", "policy.yaml")
    text = policy(spec)
    assert text[step.site.span.start : step.site.span.end] == "only-web"


@pytest.mark.parametrize(
    "text",
    [
        policy("{podSelector: {matchLabels: {app: web}}}"),
        policy("{podSelector: {}}", "other"),
        policy("{podSelector: {}, policyTypes: [Egress]}"),
        policy("{podSelector: {matchExpressions: [{key: app, operator: Exists}]}}"),
    ],
)
def test_a_policy_for_other_pods_or_for_what_leaves_is_no_part_of_the_story(text: str) -> None:
    (finding,) = report(pod=POD, policy=text).findings
    assert SAID not in [step.note for step in finding.story]
