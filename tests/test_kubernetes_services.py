"""Services: how far each type opens a port, and what makes a load balancer internal."""

from __future__ import annotations

import pytest
from test_kubernetes_configmaps import found
from yamlreading import manifest, service

from bindlint.facts import Container, Problem, Publication, Reach
from bindlint.resolve import Exposure, Opening, Project, resolve


@pytest.mark.parametrize(
    ("spec", "via", "reach", "port", "site"),
    [
        ("type: NodePort", "NodePort", Reach.LAN, 30080, "NodePort"),
        ("type: 'NodePort'", "NodePort", Reach.LAN, 30080, "NodePort"),
        ("type: LoadBalancer", "LoadBalancer", Reach.PUBLIC, 80, "LoadBalancer"),
        ("type: ClusterIP", "ClusterIP", Reach.PEERS, 80, "8080"),
        ("clusterIP: None", "ClusterIP", Reach.PEERS, 80, "8080"),
        ("externalIPs: [192.0.2.1]", "externalIP", Reach.LAN, 80, "192.0.2.1"),
    ],
)
def test_how_far_a_service_opens_a_port(spec: str, via: str, reach: Reach, port: int, site: str) -> None:
    read = manifest(service(spec))
    publication = read.all(Publication)[0]
    assert (publication.via, publication.reach, publication.port, publication.container_port) == (
        via,
        reach,
        port,
        8080,
    )
    assert read.at(publication) == site
    assert publication.selects == (("", "shop"), ("app", "web"), ("tier", "front"))
    assert publication.name == "web"


def test_an_external_name_opens_nothing() -> None:
    assert (
        manifest(service("type: ExternalName\n  externalName: example.com\n  externalIPs: [192.0.2.1]")).all(
            Publication
        )
        == []
    )


def test_each_port_of_a_service_is_stated_and_a_named_target_by_its_name() -> None:
    read = manifest(
        "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  type: NodePort\n  selector: {app: a}\n  ports:\n"
        "  - {port: 80}\n  - {port: 81, targetPort: http}\n"
        "  - {port: 53, protocol: UDP, targetPort: 5353, nodePort: 30053}\n"
    )
    found = [(p.port, p.container_port, p.target, p.protocol) for p in read.all(Publication)]
    assert found == [(None, 80, "", "tcp"), (None, None, "http", "tcp"), (30053, 5353, "", "udp")]
    assert {p.selects for p in read.all(Publication)} == {(("", "default"), ("app", "a"))}


@pytest.mark.parametrize(
    "annotation",
    [
        "networking.gke.io/load-balancer-type: Internal",
        "cloud.google.com/load-balancer-type: internal",
        "service.beta.kubernetes.io/aws-load-balancer-internal: 'true'",
        "service.beta.kubernetes.io/aws-load-balancer-internal: 0.0.0.0/0",
        "service.beta.kubernetes.io/aws-load-balancer-scheme: internal",
        "service.beta.kubernetes.io/aws-load-balancer-type: external",
        "service.beta.kubernetes.io/azure-load-balancer-internal: 'true'",
        "service.beta.kubernetes.io/oci-load-balancer-internal: 'false'",
        "service.beta.kubernetes.io/openstack-internal-load-balancer: 'true'",
        "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type: intranet",
        "service.kubernetes.io/qcloud-loadbalancer-internal-subnetid: subnet-1",
        "service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type: private",
        "service.beta.kubernetes.io/load-balancer-source-ranges: '10.0.0.0/8, 192.168.0.0/16'",
    ],
)
def test_a_load_balancer_declared_internal_opens_nothing_to_the_internet(annotation: str) -> None:
    read = manifest(service("type: LoadBalancer", f"{{{annotation}}}"))
    publication = read.one(Publication)
    assert publication.reach is Reach.PEERS
    assert read.at(publication.trail[0]) == annotation.partition(": ")[2]


@pytest.mark.parametrize(
    "annotation",
    [
        "networking.gke.io/load-balancer-type: External",
        "service.beta.kubernetes.io/aws-load-balancer-internal: 'false'",
        "service.beta.kubernetes.io/aws-load-balancer-scheme: internet-facing",
        "service.beta.kubernetes.io/aws-load-balancer-type: nlb",
        "service.beta.kubernetes.io/azure-load-balancer-internal: 'false'",
        "service.beta.kubernetes.io/load-balancer-source-ranges: 0.0.0.0/0",
        "note: internal",
    ],
)
def test_other_annotations_leave_a_load_balancer_public(annotation: str) -> None:
    assert manifest(service("type: LoadBalancer", f"{{{annotation}}}")).one(Publication).reach is Reach.PUBLIC


@pytest.mark.parametrize(
    ("ranges", "reach"),
    [
        ("[10.0.0.0/8]", Reach.PEERS),
        ("[0.0.0.0/0]", Reach.PUBLIC),
        ("[10.0.0.0/8, '::/0']", Reach.PUBLIC),
        ("[]", Reach.PUBLIC),
    ],
)
def test_source_ranges_restrict_unless_they_are_everything(ranges: str, reach: Reach) -> None:
    assert (
        manifest(service(f"type: LoadBalancer\n  loadBalancerSourceRanges: {ranges}")).one(Publication).reach is reach
    )


@pytest.mark.parametrize(
    ("annotations", "spec", "reach"),
    [
        ("{lbipam.cilium.io/ips: 192.168.69.120}", "", Reach.LAN),
        ("{metallb.universe.tf/loadBalancerIPs: '10.0.0.5, fd00::5'}", "", Reach.LAN),
        ("{}", "\n  loadBalancerIP: 172.16.0.9", Reach.LAN),
        ("{}", "\n  loadBalancerIP: 9.9.9.9", Reach.PUBLIC),
        ("{metallb.io/loadBalancerIPs: '10.0.0.5,9.9.9.9'}", "", Reach.PUBLIC),
        ("{metallb.io/loadBalancerIPs: pool}", "", Reach.PUBLIC),
    ],
)
def test_a_load_balancer_with_a_private_address_serves_the_lan(annotations: str, spec: str, reach: Reach) -> None:
    assert manifest(service(f"type: LoadBalancer{spec}", annotations)).one(Publication).reach is reach


@pytest.mark.parametrize("folder", ["pkg/testdata", "tests", "e2e/test"])
def test_manifests_that_tests_apply_are_for_the_pedant(folder: str) -> None:
    pod = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {hostNetwork: true, containers: [{name: a}]}\n"
    text = service("type: LoadBalancer") + pod
    assert sorted(rule for rule, _, _ in found({"k8s/a.yaml": text})) == ["host-network", "published-wildcard"]
    assert found({f"{folder}/a.yaml": text}) == []
    assert sorted(r for r, _, _ in found({f"{folder}/a.yaml": text}, "pedantic")) == [
        "host-network",
        "published-wildcard",
    ]


def test_a_service_of_another_api_is_a_custom_resource() -> None:
    text = "apiVersion: serving.knative.dev/v1\nkind: Service\nspec: {template: {spec: {containers: [{image: x}]}}}"
    assert [c.image for c in manifest(text).all(Container)] == ["x"]


EXPORTED = """\
apiVersion: v1
kind: Service
metadata: {name: cache}
spec:
  type: LoadBalancer
  selector: {app: cache}
  ports:
  - {name: metrics, port: 9121, targetPort: exporter}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cache}
spec:
  template:
    metadata: {labels: {app: cache}}
    spec:
      containers:
      - name: redis
        image: redis:7
        ports: [{name: redis, containerPort: 6379}]
      - name: exporter
        image: oliver006/redis_exporter
        ports: [{name: exporter, containerPort: 9121}]
"""


def test_the_name_of_a_port_leads_to_the_container_that_declares_it() -> None:
    read = manifest(EXPORTED)
    assert [c.port_names for c in read.all(Container)] == [(("redis", 6379),), (("exporter", 9121),)]
    project = Project.of(f for f in read.facts if not isinstance(f, Problem))
    (publication,) = project.publications
    assert (publication.container_port, publication.target) == (9121, "exporter")
    assert [c.name for c in project.behind(publication)] == ["exporter"]


def test_a_server_beside_the_container_of_a_named_port_is_not_behind_it() -> None:
    facts = [f for f in manifest(EXPORTED).facts if not isinstance(f, Problem)]
    subjects = list(resolve(facts))
    reaches = [(s.listener.software, s.reach) for s in subjects if isinstance(s, Exposure)]
    assert reaches == [("redis", Reach.PEERS)]
    (opening,) = [s for s in subjects if isinstance(s, Opening)]
    assert opening.container is not None
    assert (opening.container.name, opening.publication.container_port) == ("exporter", 9121)


def test_a_name_that_two_workloads_give_to_different_numbers_is_both() -> None:
    other = EXPORTED.partition("---\n")[2].replace("containerPort: 9121", "containerPort: 9122")
    read = manifest(EXPORTED + "---\n" + other.replace("name: cache", "name: second", 1))
    project = Project.of(f for f in read.facts if not isinstance(f, Problem))
    found = [(p.container_port, [c.id for c in project.behind(p)]) for p in project.publications]
    path = "k8s/web.yaml#Deployment"
    assert found == [(9121, [f"{path}/cache/exporter"]), (9122, [f"{path}/second/exporter"])]


def test_a_name_that_nobody_declares_leads_to_any_port_and_a_number_is_no_name() -> None:
    for before, after, port in [("exporter}", "other}", None), ("exporter}", "6379}", 6379)]:
        read = manifest(EXPORTED.replace(f"targetPort: {before}", f"targetPort: {after}"))
        project = Project.of(f for f in read.facts if not isinstance(f, Problem))
        assert [p.container_port for p in project.publications] == [port]
        assert [c.name for c in project.behind(project.publications[0])] == ["redis", "exporter"]
