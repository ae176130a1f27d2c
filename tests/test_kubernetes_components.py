"""The cluster's own programs: component configuration wherever it stands, and the flags that kubeadm hands on."""

from __future__ import annotations

import pytest
from test_kubernetes_configmaps import found, workspace

HEAD = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n"
KUBELET = (
    "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\naddress: 0.0.0.0\n"
    "authentication: {anonymous: {enabled: true}}\nauthorization: {mode: AlwaysAllow}\n"
)


@pytest.mark.parametrize(
    ("text", "rule", "place"),
    [
        (HEAD + "scheduler:\n  extraArgs:\n    bind-address: 0.0.0.0\n", "wildcard", "0.0.0.0"),
        (HEAD + "scheduler:\n  extraArgs:\n  - name: bind-address\n    value: '::'\n", "wildcard", "::"),
        (HEAD + "controllerManager: {extraArgs: {bind-address: 0.0.0.0}}\n", "wildcard", "0.0.0.0"),
        (
            HEAD + "etcd: {local: {extraArgs: {listen-client-urls: 'http://0.0.0.0:2379'}}}\n",
            "exposed-datastore",
            "0.0.0.0",
        ),
        (
            HEAD.replace("Cluster", "Init") + "nodeRegistration: {kubeletExtraArgs: {read-only-port: '10255'}}\n",
            "unauthenticated-exposure",
            "",
        ),
        (KUBELET, "exposed-control", "0.0.0.0"),
        (f"{HEAD}---\n{KUBELET}", "exposed-control", "0.0.0.0"),
        (
            ("apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n"
            "metricsBindAddress: 0.0.0.0:10249\n"),
            "wildcard",
            "0.0.0.0:10249",
        ),
    ],
)  # fmt: skip
def test_what_a_component_is_told_is_found_where_it_is_written(text: str, rule: str, place: str) -> None:
    ((what, _, where),) = found({"kubeadm.yaml": text})
    assert what == rule
    assert where == place or not place


@pytest.mark.parametrize(
    "text",
    [
        HEAD,
        HEAD + "scheduler: {extraArgs: {bind-address: 127.0.0.1}}\n",
        HEAD + "scheduler: {extraArgs: {leader-elect: 'true'}}\n",
        HEAD + "scheduler: {extraArgs: 3}\napiServer: {extraArgs: [a, {name: b}, {name: [c], value: d}]}\n",
        HEAD + "apiServer: {extraArgs: {bind-address: 0.0.0.0}}\n",
        KUBELET.replace("AlwaysAllow", "Webhook"),
        KUBELET.replace("enabled: true", "enabled: false"),
        "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n",
    ],
)
def test_the_secure_defaults_and_nonsense_are_silent(text: str) -> None:
    assert [p for p in workspace({"kubeadm.yaml": text}).problems if p.internal] == []
    assert found({"kubeadm.yaml": text}) == []


def test_a_static_pod_without_the_flag_listens_on_every_interface_of_the_node() -> None:
    text = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: kube-scheduler}\nspec:\n  hostNetwork: true\n  containers:\n"
        "  - name: s\n    image: k\n    command:\n    - kube-scheduler\n    - --leader-elect=true\n"
    )
    assert ("default-wildcard", "s.yaml", "kube-scheduler") in found({"s.yaml": text})
    assert "default-wildcard" not in [r for r, _, _ in found({"s.yaml": text + "    - --bind-address=::1\n"})]
