"""Services: how far each type opens a port, and what makes a load balancer internal."""

from __future__ import annotations

import pytest
from yamlreading import manifest, service

from bindlint.facts import Container, Publication, Reach


@pytest.mark.parametrize(
    ("spec", "via", "reach", "port", "site"),
    [
        ("type: NodePort", "NodePort", Reach.LAN, 30080, "NodePort"),
        ("type: 'NodePort'", "NodePort", Reach.LAN, 30080, "NodePort"),
        ("type: LoadBalancer", "LoadBalancer", Reach.PUBLIC, 80, "LoadBalancer"),
        ("type: ClusterIP", "port", Reach.PEERS, 80, "8080"),
        ("clusterIP: None", "port", Reach.PEERS, 80, "8080"),
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


def test_each_port_of_a_service_is_stated_and_a_named_target_is_any() -> None:
    read = manifest(
        "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  type: NodePort\n  selector: {app: a}\n  ports:\n"
        "  - {port: 80}\n  - {port: 81, targetPort: http}\n"
        "  - {port: 53, protocol: UDP, targetPort: 5353, nodePort: 30053}\n"
    )
    found = [(p.port, p.container_port, p.protocol) for p in read.all(Publication)]
    assert found == [(None, 80, "tcp"), (None, None, "tcp"), (30053, 5353, "udp")]
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


def test_a_service_of_another_api_is_a_custom_resource() -> None:
    text = "apiVersion: serving.knative.dev/v1\nkind: Service\nspec: {template: {spec: {containers: [{image: x}]}}}"
    assert [c.image for c in manifest(text).all(Container)] == ["x"]
