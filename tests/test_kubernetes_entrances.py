"""Entrances: Ingresses, routes and virtual services that lead to Services, and what is said of what is behind them."""

from __future__ import annotations

import pytest
from yamlreading import manifest

from bindlint.config import Config, Options
from bindlint.facts import Publication, Reach
from bindlint.knowledge import Knowledge, rules_root
from bindlint.workspace import Workspace

KNOWLEDGE = Knowledge(rules_root())

INGRESS = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: in}\nspec:\n"
RULES = "  rules: [{http: {paths: [{path: /, backend: {service: {name: db, port: {number: 80}}}}]}}]\n"


def behind(image: str, more: str = "", port: int = 9200) -> str:
    return (
        "---\napiVersion: v1\nkind: Service\nmetadata: {name: db}\n"
        f"spec: {{selector: {{app: db}}, ports: [{{name: http, port: 80, targetPort: {port}}}]}}\n"
        "---\napiVersion: v1\nkind: Pod\nmetadata: {name: db, labels: {app: db}}\n"
        f"spec: {{containers: [{{name: db, image: '{image}'{more}}}]}}\n"
    )


def found(files: dict[str, str], persona: str = "regular") -> list[tuple[str, str, str]]:
    workspace = Workspace(KNOWLEDGE, Config())
    for path, text in files.items():
        workspace.update(path, text.encode())
    findings = workspace.report(Options(persona=persona)).findings
    return [(f.rule, f.site.path, files[f.site.path][f.site.span.start : f.site.span.end]) for f in findings]


@pytest.mark.parametrize(
    ("text", "via"),
    [
        (INGRESS + RULES, "Ingress"),
        (INGRESS + "  defaultBackend: {service: {name: db, port: {name: http}}}\n", "Ingress"),
        (
            (
                "apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: in}\nspec:\n"
                "  rules: [{http: {paths: [{backend: {serviceName: db, servicePort: 80}}]}}]\n"
            ),
            "Ingress",
        ),
        (
            (
                "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: in}\nspec:\n"
                "  parentRefs: [{name: public}]\n  rules: [{backendRefs: [{name: db, port: 80}]}]\n"
            ),
            "Gateway",
        ),
        (
            (
                "apiVersion: route.openshift.io/v1\nkind: Route\nmetadata: {name: in}\nspec:\n"
                "  to: {kind: Service, name: db}\n  port: {targetPort: 9200}\n"
            ),
            "Route",
        ),
        (
            (
                "apiVersion: traefik.io/v1alpha1\nkind: IngressRoute\nmetadata: {name: in}\nspec:\n"
                "  routes: [{kind: Rule, match: Host(`a.example`), services: [{name: db, port: 80}]}]\n"
            ),
            "Ingress",
        ),
        (
            (
                "apiVersion: networking.istio.io/v1beta1\nkind: VirtualService\nmetadata: {name: in}\nspec:\n"
                "  gateways: [public]\n"
                "  http: [{route: [{destination: {host: db.default.svc.cluster.local, port: {number: 80}}}]}]\n"
            ),
            "Gateway",
        ),
    ],
)
def test_a_datastore_behind_an_entrance_is_reached_from_the_internet(text: str, via: str) -> None:
    publication = manifest(text).one(Publication)
    assert (publication.via, publication.reach, publication.service) == (via, Reach.PUBLIC, "default/db")
    name = "db.default.svc.cluster.local" if "VirtualService" in text else "db"
    files = {"k8s/in.yaml": text, "k8s/db.yaml": behind("elasticsearch:8.14.0")}
    assert found(files) == [("exposed-datastore", "k8s/in.yaml", name)]


def test_a_server_without_its_guard_behind_an_entrance_is_found_there() -> None:
    files = {"in.yaml": INGRESS + RULES + behind("elasticsearch:7.17.0")}
    assert found(files) == [("unauthenticated-exposure", "in.yaml", "db")]


@pytest.mark.parametrize("image", ["registry.example/shop:1", "nginx:1.27"])
def test_an_ordinary_application_behind_an_entrance_is_by_design(image: str) -> None:
    assert found({"in.yaml": INGRESS + RULES + behind(image, port=80)}) == []


def test_an_ordinary_program_behind_an_entrance_is_for_the_pedant() -> None:
    files = {"in.yaml": INGRESS + RULES + behind("shop:1", ", command: [uvicorn, 'a:b', --host, 0.0.0.0]", port=8000)}
    assert found(files) == []
    assert found(files, "pedantic") == [("wildcard", "in.yaml", "db")]


@pytest.mark.parametrize(
    "text",
    [
        INGRESS.replace("{name: in}", "{name: in, annotations: {kubernetes.io/ingress.class: nginx-internal}}") + RULES,
        INGRESS + "  ingressClassName: internal\n" + RULES,
        INGRESS + RULES.replace("number: 80", "number: 81"),
        INGRESS.replace("{name: in}", "{name: in, namespace: other}") + RULES,
        (
            "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: in}\nspec:\n"
            "  gateways: [mesh]\n  http: [{route: [{destination: {host: db}}]}]\n"
        ),
        "apiVersion: example.com/v1\nkind: Route\nmetadata: {name: in}\nspec: {to: {kind: Service, name: db}}\n",
    ],
)
def test_an_entrance_that_is_inside_or_leads_elsewhere_opens_nothing(text: str) -> None:
    assert found({"in.yaml": text + behind("elasticsearch:7.17.0")}) == []


@pytest.mark.parametrize(
    "spec",
    ["3", "{rules: 3}", "{rules: [{http: {paths: [{backend: {service: [a]}}]}}]}", "{rules: &r [{http: *r}]}",
     "{defaultBackend: {service: {name: {a: b}, port: [1]}}}", "{parentRefs: [1, {name: [x]}], rules: [{}]}"],
)  # fmt: skip
def test_a_nonsensical_entrance_leads_nowhere(spec: str) -> None:
    for kind, api in [("Ingress", "networking.k8s.io/v1"), ("HTTPRoute", "gateway.networking.k8s.io/v1")]:
        assert manifest(f"apiVersion: {api}\nkind: {kind}\nspec: {spec}").all(Publication) == []


def test_a_patch_that_changes_the_type_opens_the_service_that_it_patches() -> None:
    patch = "apiVersion: v1\nkind: Service\nmetadata: {name: db}\nspec: {type: LoadBalancer}\n"
    files = {"overlays/prod/patch.yaml": patch, "base/db.yaml": behind("elasticsearch:8.14.0")}
    assert found(files) == [("exposed-datastore", "overlays/prod/patch.yaml", "LoadBalancer")]
