"""Reach as verdicts.md section 2 defines it, on facts made by hand: no parser takes part."""

from __future__ import annotations

import dataclasses

from bindlint.addresses import Families, Kind, classify
from bindlint.facts import (
    Address,
    Binding,
    Connection,
    Container,
    Fact,
    Guard,
    HostsEntry,
    Known,
    Launch,
    Listener,
    Publication,
    Reach,
)
from bindlint.resolve import Exposure, NameMapping, Opening, Project, Target, resolve
from bindlint.source import Site, Span


def site(path: str, start: int = 0) -> Site:
    return Site(path, Span(start, start + 1))


def address(text: str, known: Known = Known.LITERAL) -> Address:
    kind, families = classify(text)
    return Address(text, kind, known, families)


def listener(
    text: str = "0.0.0.0", path: str = "app.py", container: str = "", software: str = "uvicorn", port: int | None = 8000
) -> Listener:
    return Listener(site(path), software, address(text), port, container=container)


def container(name: str, path: str = "compose.yaml", **more: object) -> Container:
    return Container(site(path, 90), f"{path}#{name}", name, "compose", group="compose.yaml", **more)  # type: ignore[arg-type]


def published(name: str, text: str = "", port: int = 8000, reach: Reach = Reach.LAN) -> Publication:
    return Publication(
        site("compose.yaml", port),
        address(text),
        reach,
        container=f"compose.yaml#{name}",
        port=port,
        container_port=port,
    )


def exposures(*facts: Fact) -> list[Exposure]:
    return [s for s in resolve(facts) if isinstance(s, Exposure)]


def openings(*facts: Fact) -> list[Opening]:
    return [s for s in resolve(facts) if isinstance(s, Opening)]


def test_a_wildcard_on_a_host_reaches_the_lan_and_loopback_this_machine() -> None:
    assert [e.reach for e in exposures(listener())] == [Reach.LAN]
    assert [e.reach for e in exposures(listener("127.0.0.1"))] == [Reach.HOST]
    assert [e.reach for e in exposures(listener("localhost"))] == [Reach.HOST]


def test_in_a_container_publications_decide() -> None:
    web, inside = container("web"), listener(container="compose.yaml#web")
    assert [e.reach for e in exposures(web, inside)] == [Reach.PEERS]
    assert [e.reach for e in exposures(web, inside, published("web"))] == [Reach.LAN]
    assert [e.reach for e in exposures(web, inside, published("web", "127.0.0.1", reach=Reach.HOST))] == [Reach.HOST]
    assert [e.reach for e in exposures(web, inside, published("web", reach=Reach.PUBLIC))] == [Reach.PUBLIC]


def test_a_door_is_the_place_to_change() -> None:
    door = published("web")
    (exposure,) = exposures(container("web"), listener(container="compose.yaml#web"), door)
    assert exposure.site == door.site


def test_a_port_that_leads_elsewhere_opens_nothing_for_the_listener() -> None:
    facts = (container("web"), listener(container="compose.yaml#web", port=9000), published("web", port=8000))
    assert [e.reach for e in exposures(*facts)] == [Reach.PEERS]
    assert [o.publication.port for o in openings(*facts)] == [8000]


def test_the_host_network_is_the_host() -> None:
    web = container("web", network="host")
    assert [e.reach for e in exposures(web, listener(container="compose.yaml#web"))] == [Reach.LAN]


def test_a_shared_namespace_has_its_owners_publications() -> None:
    proxy, app = container("proxy"), container("app", network="compose.yaml#proxy")
    inside = listener(container="compose.yaml#app")
    assert [e.reach for e in exposures(proxy, app, inside, published("proxy"))] == [Reach.LAN]


def test_a_program_started_by_a_containers_command_runs_in_it() -> None:
    web = container("web")
    launch = Launch(site("compose.yaml"), "python", container=web.id, files=("app.py",))
    assert [e.reach for e in exposures(web, launch, listener(path="app.py"))] == [Reach.PEERS]
    assert [e.reach for e in exposures(web, launch, listener(path="other.py"))] == [Reach.LAN]


def dockerfile(path: str = "web/Dockerfile") -> Container:
    return Container(site(path), f"{path}#", "web", "dockerfile")


def test_a_dockerfile_alone_presumes_a_container() -> None:
    (exposure,) = exposures(dockerfile(), listener(path="web/Dockerfile", container="web/Dockerfile#"))
    assert (exposure.reach, exposure.presumed) == (Reach.PEERS, True)


def test_a_service_built_from_a_dockerfile_runs_what_it_runs() -> None:
    service = container("web", build="web/Dockerfile")
    inside = listener(path="web/Dockerfile", container="web/Dockerfile#")
    (exposure,) = exposures(dockerfile(), service, inside, published("web"))
    assert exposure.reach is Reach.LAN
    assert [step.note for step in exposure.steps] == ["web is built from web/Dockerfile"]


def test_a_service_with_its_own_command_shadows_the_dockerfiles() -> None:
    inside = listener(path="web/Dockerfile", container="web/Dockerfile#")  # at 0, in the CMD at 0 to 9
    image = dataclasses.replace(dockerfile(), command=Site("web/Dockerfile", Span(0, 9)))
    entry = dataclasses.replace(inside, site=site("web/Dockerfile", 40))
    for replaces, kept in [("", [inside, entry]), ("command", [entry]), ("entrypoint", [])]:
        service = container("web", build="web/Dockerfile", replaces=replaces)
        assert [e.listener for e in exposures(image, service, inside, entry)] == kept


def test_code_in_the_build_folder_is_found_by_the_name_that_the_image_runs() -> None:
    service = container("web", build="web/Dockerfile")
    launch = Launch(site("web/Dockerfile"), "python", container="web/Dockerfile#", files=("/srv/src/app.py",))
    inside = listener(path="web/src/app.py")
    (exposure,) = exposures(dockerfile(), service, launch, inside, published("web"))
    assert exposure.reach is Reach.LAN


def test_a_mounted_configuration_belongs_to_its_container_and_outweighs_the_images_default() -> None:
    cache = container("cache", files=("redis.conf",))
    default = Listener(
        site("compose.yaml", 5), "redis", address("*", Known.DEFAULT), 6379, container=cache.id, surface="datastore"
    )
    stated = listener("127.0.0.1", "redis.conf", software="redis", port=6379)
    door = published("cache", port=6379)
    assert [(e.listener.site.path, e.reach) for e in exposures(cache, default, stated, door)] == [
        ("redis.conf", Reach.SELF)
    ]


def test_a_guard_in_the_same_folder_lowers_only_its_own_software() -> None:
    off = Guard(site("redis.conf", 9), "redis", "protected-mode", on=False)
    (exposed,) = exposures(listener(path="redis.conf", software="redis"), off)
    assert exposed.unguarded is not None
    (other,) = exposures(listener(path="nginx.conf", software="nginx"), off)
    assert other.unguarded is None


def test_a_password_in_a_mounted_file_outweighs_an_images_missing_guard() -> None:
    cache = container("cache", files=("conf/redis.conf",))
    inside = listener(path="compose.yaml", container=cache.id, software="redis", port=6379)
    off = Guard(site("compose.yaml"), "redis", "protected-mode", on=False, container=cache.id)
    on = Guard(site("conf/redis.conf"), "redis", "requirepass", on=True)
    assert exposures(cache, inside, off, published("cache", port=6379))[0].unguarded is not None
    assert exposures(cache, inside, off, on, published("cache", port=6379))[0].unguarded is None


def test_a_service_reaches_the_pods_that_its_selector_matches() -> None:
    pod = Container(
        site("web.yaml"), "web.yaml#Deployment/web/web", "web", "kubernetes", labels=(("", "default"), ("app", "web"))
    )
    other = Container(
        site("db.yaml"), "db.yaml#Deployment/db/db", "db", "kubernetes", labels=(("", "default"), ("app", "db"))
    )
    node = Publication(
        site("svc.yaml"),
        address(""),
        Reach.LAN,
        "NodePort",
        selects=(("", "default"), ("app", "web")),
        container_port=8000,
    )
    inside = [listener(path="x", container=c.id) for c in (pod, other)]
    assert [(e.container and e.container.name, e.reach) for e in exposures(pod, other, node, *inside)] == [
        ("web", Reach.LAN),
        ("db", Reach.PEERS),
    ]


def test_loopback_behind_a_published_port_is_wanted() -> None:
    (exposure,) = exposures(container("web"), listener("127.0.0.1", container="compose.yaml#web"), published("web"))
    assert (exposure.reach, exposure.wanted is not None) == (Reach.SELF, True)


def connection(text: str, port: int | None = 5432, tries: str = "all", purpose: str = "client") -> Connection:
    return Connection(
        site("compose.yaml", 7),
        "DATABASE_URL",
        address(text),
        port,
        tries=tries,
        purpose=purpose,
        container="compose.yaml#web",
    )


def test_localhost_in_a_container_is_not_the_service_that_serves_the_port() -> None:
    web, db = container("web"), container("db")
    serves = listener(container="compose.yaml#db", software="postgres", port=5432)
    (target,) = [s for s in resolve([web, db, serves, connection("localhost")]) if isinstance(s, Target)]
    assert target.elsewhere == db


def test_localhost_is_right_when_the_container_or_its_namespace_serves_the_port() -> None:
    web, db = container("web"), container("db", network="compose.yaml#web")
    serves = listener(container="compose.yaml#db", software="postgres", port=5432)
    (target,) = [s for s in resolve([web, db, serves, connection("127.0.0.1")]) if isinstance(s, Target)]
    assert target.elsewhere is None


def entry(text: str, *names: str, origin: str = "hosts") -> HostsEntry:
    return HostsEntry(site("etc/hosts", hash(text) % 97), address(text), names, origin)


def mappings(*facts: Fact) -> list[str]:
    return [s.names for s in resolve(facts) if isinstance(s, NameMapping)]


def test_localhost_off_loopback_is_told_and_a_sinkhole_is_not() -> None:
    both = (entry("127.0.0.1", "localhost"), entry("::1", "localhost"))
    assert mappings(*both) == []
    assert mappings(*both, entry("10.0.0.5", "localhost")) == ["localhost"]
    assert mappings(*both, entry("0.0.0.0", "ads.acme.com")) == []
    assert mappings(*both, entry("10.0.0.5", "nas.lan")) == []
    assert mappings(*both, entry("203.0.113.7", "www.acme.com")) == ["public"]
    assert mappings(both[0]) == ["localhost-one-family"]


def test_families_and_kinds_are_the_readers_word() -> None:
    odd = Listener(site("sshd_config"), "sshd", Address("*", Kind.LOOPBACK, families=Families.DUAL), 22)
    assert [e.reach for e in exposures(odd)] == [Reach.HOST]


def test_an_override_file_completes_the_service_of_its_name() -> None:
    base = Container(site("compose.yaml"), "compose.yaml#db", "db", "compose", image="postgres:16", group="")
    override = Container(site("compose.override.yaml"), "compose.override.yaml#db", "db", "compose", group="")
    inside = listener(path="compose.yaml", container=base.id, software="postgresql", port=5432)
    door = Publication(
        site("compose.override.yaml", 7), address(""), Reach.LAN, container=override.id, port=5432, container_port=5432
    )
    assert {(e.container and e.container.id, e.reach) for e in exposures(base, override, inside, door)} == {
        ("compose.yaml#db", Reach.PEERS),
        ("compose.override.yaml#db", Reach.LAN),
    }
    assert openings(base, override, inside, door) == []


def pod(path: str) -> Container:
    return Container(site(path), f"{path}#pod", path, "kubernetes", labels=(("", "default"), ("app", "web")))


def test_a_selector_means_the_nearest_pods_when_examples_share_their_labels() -> None:
    service = Publication(
        site("a/svc.yaml"), address(""), Reach.LAN, "NodePort", selects=(("", "default"), ("app", "web"))
    )
    assert [c.name for c in Project.of([pod("a/web.yaml"), pod("b/web.yaml")]).behind(service)] == ["a/web.yaml"]
    assert [c.name for c in Project.of([pod("b/web.yaml"), pod("c/web.yaml")]).behind(service)] == [
        "b/web.yaml",
        "c/web.yaml",
    ]


def test_configuration_in_a_mounted_folder_belongs_to_the_container_and_code_does_not() -> None:
    cache = container("cache", files=("conf",))
    default = Listener(site("compose.yaml", 5), "redis", address("*", Known.DEFAULT), 6379, container=cache.id)
    stated = listener(path="conf/redis.conf", software="redis", port=6379)
    code = listener(path="conf/app.py")
    assert {e.listener.site.path: e.reach for e in exposures(cache, default, stated, code)} == {
        "conf/redis.conf": Reach.PEERS,
        "conf/app.py": Reach.LAN,
    }
    assert [e.reach for e in exposures(cache, stated)] == [Reach.LAN], "nothing says that it runs redis"


def test_a_configuration_beside_a_container_of_its_software_is_presumed_to_be_for_it() -> None:
    cache = Container(site("deploy/compose.yaml"), "deploy/compose.yaml#cache", "cache", "compose", image="redis")
    default = Listener(site("deploy/compose.yaml"), "redis", address("*", Known.DEFAULT), 6379, container=cache.id)
    below = listener(path="deploy/redis/redis.conf", software="redis", port=6379)
    elsewhere = listener(path="etc/redis.conf", software="redis", port=6379)
    found = {e.listener.site.path: (e.reach, e.presumed) for e in exposures(cache, default, below, elsewhere)}
    assert found["deploy/redis/redis.conf"] == (Reach.PEERS, True)
    assert found["etc/redis.conf"] == (Reach.LAN, False)


def test_a_program_started_by_a_script_that_a_container_runs_runs_there_too() -> None:
    web = container("web")
    script = Launch(site("compose.yaml"), "boot.sh", container=web.id, files=("boot.sh",))
    inner = Launch(site("boot.sh"), "python", files=("app.py",))
    assert [e.reach for e in exposures(web, script, inner, listener(path="app.py"))] == [Reach.PEERS]


def test_a_door_to_the_containers_own_address_leads_to_its_listener() -> None:
    (exposure,) = exposures(container("web"), listener("172.20.0.5", container="compose.yaml#web"), published("web"))
    assert exposure.reach is Reach.LAN


def test_a_door_to_an_address_that_nobody_knows_is_still_a_published_port() -> None:
    facts = (container("web"), listener("$HOST", container="compose.yaml#web"), published("web"))
    assert [o.publication.port for o in openings(*facts)] == [8000]


def test_alternative_compose_files_of_a_folder_are_not_one_project() -> None:
    web = container("web")
    other = Container(site("compose.demo.yaml"), "compose.demo.yaml#db", "db", "compose", group="compose.yaml")
    serves = listener(path="compose.demo.yaml", container=other.id, software="postgres", port=5432)
    (target,) = [s for s in resolve([web, other, serves, connection("localhost")]) if isinstance(s, Target)]
    assert target.elsewhere is None


def test_the_containers_environment_outranks_the_default_in_the_code() -> None:
    web = container("web")
    launch = Launch(site("compose.yaml"), "python", container=web.id, files=("app.py",))
    code = listener("127.0.0.1")
    code = dataclasses.replace(code, address=dataclasses.replace(code.address, variable="HOST"))
    settings = Binding(site("compose.yaml", 33), "HOST", address("0.0.0.0", Known.CONSTANT), web.id)
    assert [e.reach for e in exposures(web, launch, code, published("web"))] == [Reach.SELF]
    (exposure,) = exposures(web, launch, code, published("web"), settings)
    assert (exposure.reach, exposure.listener.address.trail[0].note) == (
        Reach.LAN,
        "the default, where HOST is not set",
    )
    assert exposure.listener.site == settings.site


def test_a_connection_whose_variable_is_set_for_the_container_is_not_the_codes_default() -> None:
    web, db = container("web"), container("db")
    serves = listener(container=db.id, software="postgres", port=5432)
    code = connection("localhost")
    code = dataclasses.replace(code, address=dataclasses.replace(code.address, variable="DB_HOST"))
    settings = Binding(site("compose.yaml", 33), "DB_HOST", address("db", Known.CONSTANT), web.id)
    assert [s.elsewhere for s in resolve([web, db, serves, code]) if isinstance(s, Target)] == [db]
    assert [s for s in resolve([web, db, serves, code, settings]) if isinstance(s, Target)] == []


def test_a_file_with_listeners_of_its_own_says_nothing_of_the_guards_of_its_neighbour() -> None:
    a, b = (listener(path=f"redis-{name}.conf", software="redis", port=6379) for name in "ab")
    off = Guard(site("redis-a.conf", 9), "redis", "protected-mode", on=False)
    on = Guard(site("redis-b.conf", 9), "redis", "requirepass", on=True)
    assert {e.listener.site.path: e.unguarded is not None for e in exposures(a, b, off, on)} == {
        "redis-a.conf": True,
        "redis-b.conf": False,
    }
