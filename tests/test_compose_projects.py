"""Compose projects of several files: one reading states them, each fact where its text stands, each hop told."""

from __future__ import annotations

import pytest
from yamlreading import KNOWLEDGE

from bindlint import readers
from bindlint.config import Config, Options
from bindlint.facts import Absorbed, Container, Fact, HostsEntry, Publication, Reading
from bindlint.findings import Confidence, Finding
from bindlint.source import Files, Source
from bindlint.workspace import Workspace

WEB = "services:\n  web:\n    image: registry.example/web\n"
BASE = "services:\n  web:\n    image: registry.example/web\n    ports:\n      - 8080:80\n"


class Project:
    """The readings of some files, as the workspace makes them."""

    def __init__(self, **files: str) -> None:
        self.files = {name.replace("__", "/").replace("_", "."): text for name, text in files.items()}

    def reading(self, path: str) -> Reading:
        opened = Files(self.files.keys(), lambda name: Source(name, self.files[name]))
        return readers.read(path, self.files[path].encode(), KNOWLEDGE, opened)

    def facts(self, path: str = "compose.yaml") -> list[Fact]:
        return list(self.reading(path).facts)

    def findings(self) -> list[Finding]:
        workspace = Workspace(KNOWLEDGE, Config())
        for path, text in self.files.items():
            workspace.update(path, text.encode())
        return list(workspace.report(Options(persona="auditor")).findings)

    def at(self, finding: Finding) -> tuple[str, str]:
        return finding.site.path, self.files[finding.site.path][finding.site.span.start : finding.site.span.end]


def published(facts: list[Fact]) -> list[Publication]:
    return [fact for fact in facts if isinstance(fact, Publication)]


def test_an_override_on_loopback_beside_a_wildcard_base_is_still_wildcard_and_the_story_says_why() -> None:
    project = Project(
        compose_yaml=BASE, compose_override_yaml='services:\n  web:\n    ports:\n      - "127.0.0.1:8080:80"\n'
    )
    (finding,) = project.findings()
    assert (finding.rule, project.at(finding)) == ("published-wildcard", ("compose.yaml", "8080:80"))
    (step,) = [step for step in finding.story if step.site.path == "compose.override.yaml"]
    assert step.note == "lists of ports are appended: this entry on loopback does not replace the other"


def test_an_override_with_the_tag_replaces_the_list() -> None:
    project = Project(
        compose_yaml=BASE,
        compose_override_yaml='services:\n  web:\n    ports: !override\n      - "127.0.0.1:8080:80"\n',
    )
    assert project.findings() == []


def test_a_port_of_the_override_belongs_to_the_service_of_the_base_and_says_how() -> None:
    project = Project(
        compose_yaml="services:\n  db:\n    image: redis:7\n",
        compose_override_yaml="services:\n  db:\n    ports: ['6379:6379']\n",
    )
    (finding,) = project.findings()
    assert (finding.rule, project.at(finding)) == (
        "unauthenticated-exposure", ("compose.override.yaml", "'6379:6379'"),
    )  # fmt: skip
    assert "merged onto db of compose.yaml" in [step.note for step in finding.story]


def test_an_included_file_is_stated_by_the_one_that_includes_it_with_its_variables() -> None:
    project = Project(
        _env="BIND=127.0.0.1\n",
        compose_yaml="include: [sub/compose.yaml]\nservices:\n  web:\n    image: x\n",
        sub__compose_yaml='services:\n  db:\n    image: redis:7\n    ports: ["${BIND-}:6379:6379"]\n',
    )
    assert [f for f in project.findings() if f.confidence > Confidence.AUDIT] == []
    facts = project.facts()
    assert [fact.path for fact in facts if isinstance(fact, Absorbed)] == ["sub/compose.yaml"]
    (port,) = published(facts)
    assert (port.site.path, port.container) == ("sub/compose.yaml", "sub/compose.yaml#db")
    assert [(step.site.path, step.note) for step in port.trail] == [
        (".env", "BIND is set here"), ("compose.yaml", "includes sub/compose.yaml"),
    ]  # fmt: skip
    assert {c.group for c in facts if isinstance(c, Container)} == {""}


def test_what_is_extended_in_another_file_keeps_its_place_and_says_who_extends_it() -> None:
    project = Project(
        compose_yaml="services:\n  web:\n    extends: {file: common/base.yml, service: app}\n",
        common__base_yml="services:\n  app:\n    image: x\n    ports: [80:80]\n    volumes: ['./redis.conf:/r.conf']\n",
    )
    facts = project.facts()
    (port,) = published(facts)
    assert (port.site.path, port.container) == ("common/base.yml", "compose.yaml#web")
    assert [(step.site.path, step.note) for step in port.trail] == [
        ("compose.yaml", "web extends app of common/base.yml")
    ]
    assert [c.files for c in facts if isinstance(c, Container)] == [("common/redis.conf",)]
    assert not any(isinstance(fact, Absorbed) for fact in facts)


def test_files_that_compose_file_names_are_one_project_and_the_override_is_not_in_it() -> None:
    project = Project(
        _env="COMPOSE_FILE=compose.yaml:prod.compose.yaml\n",
        compose_yaml=BASE,
        prod_compose_yaml="services:\n  web:\n    ports: !reset []\n",
        compose_override_yaml="services:\n  web:\n    ports: ['9090:90']\n",
    )
    assert [fact.path for fact in project.facts() if isinstance(fact, Absorbed)] == ["prod.compose.yaml"]
    assert published(project.facts()) == []
    assert [project.at(f) for f in project.findings()] == [("compose.override.yaml", "'9090:90'")]


def test_a_file_of_variables_says_where_each_value_stands() -> None:
    project = Project(
        compose_yaml=f"{WEB}    env_file: [a.env, b.env]\n    environment: {{CACHE_HOST: localhost}}\n",
        a_env="DB_HOST=10.0.0.1\n",
        b_env="DB_HOST=localhost\nCACHE_HOST=10.0.0.1\n",
    )
    found = [project.at(finding) for finding in project.findings()]
    assert found == [("b.env", "localhost"), ("compose.yaml", "localhost")]


def test_a_service_of_a_profile_is_found_with_less_confidence_and_the_profile_in_the_story() -> None:
    project = Project(compose_yaml=BASE + "    profiles: [debug]\n")
    (finding,) = project.findings()
    assert finding.confidence is Confidence.MEDIUM
    assert "web is started only with the profile debug" in [step.note for step in finding.story]
    (asked,) = Project(_env="COMPOSE_PROFILES=debug\n", compose_yaml=BASE + "    profiles: [debug]\n").findings()
    assert asked.confidence is Confidence.HIGH


@pytest.mark.parametrize("ports", ["", "    ports: ['127.0.0.1:6379:6379']\n"])
@pytest.mark.parametrize("driver", ["macvlan", "ipvlan"])
def test_a_container_with_an_address_of_its_own_is_open_whatever_it_publishes(driver: str, ports: str) -> None:
    text = f"services:\n  db:\n    image: redis:7\n    networks: [lan]\n{ports}networks:\n  lan: {{driver: {driver}}}\n"
    project = Project(compose_yaml=text)
    assert [f.rule for f in project.findings()] == ["unauthenticated-exposure"]
    assert any("address of its own" in step.note for step in project.findings()[0].story)


def test_ports_of_a_container_on_the_network_of_the_host_are_discarded() -> None:
    project = Project(compose_yaml=BASE + "    network_mode: host\n")
    assert published(project.facts()) == []
    assert [f.rule for f in project.findings()] == ["host-network"]


def test_configuration_mounted_from_the_repository_is_that_of_the_container() -> None:
    text = (
        "services:\n  cache:\n    image: redis:7\n    command: redis-server /etc/redis/redis.conf\n    configs:\n"
        "      - {source: conf, target: /etc/redis/redis.conf}\n    ports: ['6379:6379']\n"
        "configs:\n  conf: {file: ./redis.conf}\n"
    )
    guarded = Project(compose_yaml=text, redis_conf="bind 0.0.0.0\nprotected-mode yes\nrequirepass secret\n")
    assert [f.rule for f in guarded.findings() if f.confidence > Confidence.AUDIT] == ["exposed-datastore"]
    open_ = Project(compose_yaml=text, redis_conf="bind 0.0.0.0\nprotected-mode no\n")
    assert [f.rule for f in open_.findings() if f.confidence > Confidence.AUDIT] == ["unauthenticated-exposure"]


def test_configuration_written_in_the_compose_file_itself_is_read_as_what_it_is() -> None:
    text = (
        "services:\n  cache:\n    image: redis:7\n    command: redis-server /etc/redis/redis.conf\n    configs:\n"
        "      - {source: conf, target: /etc/redis/redis.conf}\n    ports: ['6379:6379']\n"
        "configs:\n  conf:\n    content: |\n      bind 0.0.0.0\n      protected-mode GUARD\n"
    )
    assert [f.rule for f in Project(compose_yaml=text.replace("GUARD", "no")).findings()] == [
        "unauthenticated-exposure"
    ]
    guarded = Project(compose_yaml=text.replace("GUARD", "yes\n      requirepass secret")).findings()
    assert [f.rule for f in guarded if f.confidence > Confidence.AUDIT] == ["exposed-datastore"]


def test_a_mapping_of_extra_hosts_may_list_several_addresses() -> None:
    project = Project(
        compose_yaml="services:\n  web:\n    image: x\n    extra_hosts: {localhost: [10.0.0.1, '::1'], a: '[::2]'}\n"
    )
    entries = [(e.names, e.address.text) for e in project.facts() if isinstance(e, HostsEntry)]
    assert entries == [(("localhost",), "10.0.0.1"), (("localhost",), "::1"), (("a",), "::2")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"include: [../outside.yaml]\n{WEB}", "includes '../outside.yaml', which is not in this repository"),
        (f"include: ['oci://x/y']\n{WEB}", "includes 'oci://x/y', which is not in this repository"),
        (f"include: [none.yaml]\n{WEB}", "includes 'none.yaml', which is not there"),
        (f"include: [compose.yaml]\n{WEB}", "includes 'compose.yaml', which includes it in turn"),
        (f"{WEB}    extends: {{file: /etc/x.yaml, service: b}}\n", "extends from '/etc/x.yaml', which is not in this"),
        (f"{WEB}    extends: b\n  b: {{extends: web}}\n", "extends the service 'web', which extends it in turn"),
        (f"{WEB}    volumes: ['redis.conf:/r']\n", "the volume 'redis.conf' is not defined; a path begins with ./"),
        (f"{WEB}    depends: [db]\n", "compose refuses web: a service has no 'depends'"),
    ],
)
def test_what_cannot_be_followed_or_started_is_a_notice_with_its_line(text: str, reason: str) -> None:
    problems = Project(compose_yaml=text).reading("compose.yaml").problems
    assert any(reason in problem.reason for problem in problems)
    assert all(problem.line > 0 for problem in problems)


def test_a_key_that_no_service_has_is_told_where_it_stands_and_costs_no_finding() -> None:
    text = f"{WEB}    depends:\n      - db\n    x-note: {{}}\n    ports: ['80:80']\n"
    project = Project(compose_yaml=text)
    (problem,) = project.reading("compose.yaml").problems
    assert (problem.line, problem.partial) == (text[: text.index("depends")].count("\n") + 1, True)
    (finding,) = project.findings()
    assert finding.confidence is Confidence.MEDIUM
    assert "compose refuses web: a service has no 'depends'; docker compose starts nothing of the project" in str(
        [step.note for step in finding.story]
    )


def test_a_typo_in_one_file_of_a_project_is_told_with_what_the_others_publish() -> None:
    base = "services:\n  db:\n    image: x\n    ports: ['1:1']\n"
    project = Project(compose_yaml=base, compose_override_yaml=f"{WEB}    expose: 80\n", other_compose_yaml=base)
    told = {project.at(f)[0]: [s.note for s in f.story if "refuses" in s.note] for f in project.findings()}
    assert {path: len(notes) for path, notes in told.items()} == {"compose.yaml": 1, "other.compose.yaml": 0}


@pytest.mark.parametrize("missing", ["    env_file: none.env\n", "    volumes: ['data:/d']\n", "    command: ${X:?}\n"])
def test_what_the_environment_decides_is_in_no_story(missing: str) -> None:
    (finding,) = Project(compose_yaml=f"{WEB}    ports: ['1:1']\n{missing}").findings()
    assert finding.confidence is Confidence.HIGH
    assert not any("refuses" in step.note for step in finding.story)


def test_a_broken_override_is_a_notice_of_its_own_and_costs_the_base_nothing() -> None:
    project = Project(compose_yaml=BASE, compose_override_yaml="services: [a\n")
    reading = project.reading("compose.yaml")
    assert [(p.path, p.partial) for p in reading.problems] == [("compose.override.yaml", False)]
    assert len(published(list(reading.facts))) == 1


def test_projects_that_include_one_another_do_not_silence_one_another() -> None:
    project = Project(
        a_compose_yaml="include: [b.compose.yaml]\nservices:\n  a:\n    image: x\n    ports: ['1:1']\n",
        b_compose_yaml="include: [a.compose.yaml]\nservices:\n  b:\n    image: x\n    ports: ['2:2']\n",
    )
    assert [project.at(finding)[0] for finding in project.findings()] == ["a.compose.yaml", "b.compose.yaml"]
