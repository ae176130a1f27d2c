"""What readers may say about a file. Facts are frozen, hold no parse trees, and judge nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from bindlint.addresses import Families, Kind
from bindlint.source import Composed, Overlay, Site, Slot


class Known(Enum):
    """How a value came to be known, best evidence first."""

    LITERAL = "literal"  # written where it is used
    CONSTANT = "constant"  # followed through names, interpolation or an environment default
    DEFAULT = "default"  # left out: what the software documents for that
    UNKNOWN = "unknown"  # decided at run time


class Reach(Enum):
    """How far away a client may be, nearest first (verdicts.md, section 2)."""

    SELF = "self"  # the same process, container or pod
    PEERS = "peers"  # other containers of its networks, other pods
    HOST = "host"  # this machine
    LAN = "lan"  # whatever can route to the machine
    PUBLIC = "public"  # declared to the internet

    @property
    def rank(self) -> int:
        """Position from near (0) to far."""
        return list(Reach).index(self)


@dataclass(frozen=True, slots=True)
class Step:
    """One hop of a story: a place, and what it contributes. The note is a short clause without a final full stop."""

    site: Site
    note: str


@dataclass(frozen=True, slots=True)
class Address:
    """A listening or connecting address: what was written, what that means there, and how it is known.

    `kind` and `families` are decided by the reader through the grammar of the API or server at hand
    (`addresses.classify` with that row's spellings), because one text means different things in different places.
    `trail` are the hops that the value was followed through, nearest to its use first.
    `maybe` says what could decide an UNKNOWN value (an environment variable's name, a parameter). `variable` is the
    environment variable that outranks it where it is set, "" for none; `option` are the flags of the option that does.
    """

    text: str
    kind: Kind
    known: Known = Known.LITERAL
    families: Families = Families.UNKNOWN
    slot: Slot | None = None
    trail: tuple[Step, ...] = ()
    maybe: str = ""
    variable: str = ""
    option: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listener:
    """Some software accepts connections at an address and port.

    `site` is the text that states the address (or the call, key or image that leaves it out). `container` is the id of
    the container that the reader *knows* it runs in, "" when only resolution can tell. `surface` is what a stranger
    gets: "plain", "login" (an application that asks who it is), "datastore" or "control" (runs code or commands by
    design). `role` is main, admin, cluster, metrics or debug. `certain` is False for evidence by name only (test code,
    unresolved receivers). `front` marks a proxy that publishes 80/443 by design. `unguarded` names a protection the
    text itself switches off ("" when it does not). `code` is the path of the file that opens the socket, where the
    address is written in another. `script` is True for one that is opened only where its file is started, not where a
    server imports it (`if __name__ == "__main__"`). `wants` is the environment variable without which it is not
    opened, "" for none. `told` are the hosts that clients are told to connect to.
    """

    site: Site
    software: str
    address: Address
    port: int | None = None
    protocol: str = "tcp"
    role: str = "main"
    surface: str = "plain"
    container: str = ""
    certain: bool = True
    front: bool = False
    unguarded: str = ""
    code: str = ""
    script: bool = False
    wants: str = ""
    told: tuple[str, ...] = ()


ENTRANCES = ("Ingress", "Gateway", "Route")  # ways of a publication that lead to a Service, by its name


@dataclass(frozen=True, slots=True)
class Publication:
    """A port of a container or workload made reachable from outside it.

    `via` is the field's word for how: "port" (compose, docker run), "hostPort", "NodePort", "LoadBalancer",
    "externalIP", "ClusterIP"; "Ingress", "Gateway" or "Route" for an entrance that leads to a Service. `container` is a
    container id; `selects` is a Kubernetes selector instead (namespace under the key ""). `reach` is how far the
    publication opens: HOST for loopback, LAN for anything that others can
    route to, PUBLIC for a load balancer not declared internal, PEERS for an internal one. Ports are None when unknown
    or any.
    `target` is the name of the container's port where a manifest gives that instead of its number, else "".
    `removal` is the text without which it is not published, where that can be taken away.
    `service` is the Service that states it or that it leads to (namespace/name), `label` the name of its port there. An
    entrance's `container_port` and `target` are that Service's port until resolution has looked behind it.
    """

    site: Site
    address: Address
    reach: Reach
    via: str = "port"
    container: str = ""
    selects: tuple[tuple[str, str], ...] = ()
    name: str = ""
    port: int | None = None
    container_port: int | None = None
    protocol: str = "tcp"
    trail: tuple[Step, ...] = ()
    target: str = ""
    service: str = ""
    label: str = ""
    removal: Site | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """A client names a host.

    `tries` is what this client does with a name of two families: "all", "first", "v4"
    (IPv4 only), "socket" (takes the Unix socket instead). `purpose` is "client", "healthcheck", "probe" or
    "redirect". `container` and `certain` as in `Listener`; `host_network` is for probes, which the node itself makes.
    """

    site: Site
    client: str
    address: Address
    port: int | None = None
    protocol: str = "tcp"
    tries: str = "all"
    purpose: str = "client"
    container: str = ""
    certain: bool = True


@dataclass(frozen=True, slots=True)
class HostsEntry:
    """A line that maps names to an address. `origin` is "hosts", "extra_hosts" or "hostAliases"."""

    site: Site
    address: Address
    names: tuple[str, ...]
    origin: str = "hosts"


@dataclass(frozen=True, slots=True)
class Guard:
    """A protection of some software is switched on or off.

    For a container id, or (container "") for listeners of the same software in the same folder.
    """

    site: Site
    software: str
    name: str
    on: bool
    container: str = ""


@dataclass(frozen=True, slots=True)
class Container:
    """A place where programs run, by its id (`path#name`, unique in the project).

    `network` is "own", "host", "none", "lan" (an address of its own beside the host's) or the id of the container
    whose network it shares. `group` are containers of one pod or project that see one another (compose: the
    project's folder; Kubernetes: the workload). `build` is the path of the Dockerfile it is made of, "" when
    pulled. `stage` is the Dockerfile stage wanted. `replaces` is "command" when it gives other arguments (the
    image's CMD does not run), "entrypoint" when it starts another program altogether. `command` is where a
    Dockerfile stage writes its CMD. `ports` are those it declares (EXPOSE, containerPort), `port_names` those of
    them that have a name, with their numbers. `files` are repository paths mounted or copied into it. `copies` say
    where: pairs of a path inside and the repository path that may lie there, later ones over earlier ones.
    `workdir` is where it starts programs. `labels` are what a Service selects, the namespace under "". `certain` is
    False for one that only a test or a CI job starts. `only` is a condition under which alone it is started (a
    profile, a file that is mended first), None when it always is. `likely` is True for one whose `build` is presumed,
    by the name of its image.
    """

    site: Site
    id: str
    name: str
    origin: str
    image: str = ""
    network: str = "own"
    network_site: Site | None = None
    group: str = ""
    build: str = ""
    stage: str = ""
    replaces: str = ""
    command: Site | None = None
    ports: tuple[int, ...] = ()
    port_names: tuple[tuple[str, int], ...] = ()
    files: tuple[str, ...] = ()
    copies: tuple[tuple[str, str], ...] = ()
    workdir: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    certain: bool = True
    only: Step | None = None
    likely: bool = False


@dataclass(frozen=True, slots=True)
class Built:
    """An image is made from a Dockerfile and given a name. `files` are the paths that the Dockerfile may have."""

    site: Site
    image: str
    files: tuple[str, ...]
    stage: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a command line and where it is written."""

    text: str
    site: Site


@dataclass(frozen=True, slots=True)
class Launch:
    """A program is started: in a container (its id), or on a host ("").

    `files` are the paths that this run executes, as its command line says them (`uvicorn pkg.main:app` ->
    pkg/main.py), relative to wherever it is started. `imports`: a server imports them, it does not start them.
    `outranks`: its command line counts before its configuration files.
    """

    site: Site
    program: str
    arguments: tuple[Word, ...] = ()
    container: str = ""
    files: tuple[str, ...] = ()
    imports: bool = False
    outranks: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """A variable of a script ("1": its first argument) is one of some `values` (patterns; () = any), none of `others`.

    `default` is what it stands for where it is not set or empty.
    """

    name: str
    values: tuple[str, ...]
    others: tuple[str, ...] = ()
    default: str = ""


@dataclass(frozen=True, slots=True)
class Branch:
    """A command of a script that is executed only where all conditions of one of `ways` hold."""

    site: Site
    ways: tuple[tuple[Condition, ...], ...]


@dataclass(frozen=True, slots=True)
class Program:
    """A program of several files: the one that starts it (its `site`), and the paths of all that it runs with it."""

    site: Site
    files: frozenset[str]


@dataclass(frozen=True, slots=True)
class Absorbed:
    """Another file is part of the project that this reading states: what it says by itself is not said again.

    `path` is that file, `site` a place in it.
    """

    site: Site
    path: str


@dataclass(frozen=True, slots=True)
class Binding:
    """An environment variable is set for a container; `value` is what it would mean as an address.

    A `name` of "" stands for variables that nobody knows: those of a file that is not there.
    """

    site: Site
    name: str
    value: Address
    container: str


@dataclass(frozen=True, slots=True)
class Policy:
    """A NetworkPolicy says who may connect to the pods that it `selects` by their labels, the namespace under "".

    Only some cluster networks enforce it (kubernetes.io "Network Policies / Prerequisites"): it never silences.
    """

    site: Site
    name: str
    selects: tuple[tuple[str, str], ...]


Fact = (
    Listener
    | Publication
    | Connection
    | HostsEntry
    | Guard
    | Container
    | Built
    | Launch
    | Branch
    | Program
    | Absorbed
    | Composed
    | Overlay
    | Binding
    | Policy
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that was not read, as a value the user sees. `line` is one-based, 0 for the whole file.

    `partial` is True when the rest of the file was read all the same. `internal` means that bindlint itself failed.
    """

    path: str
    reason: str
    line: int = 0
    partial: bool = False
    internal: bool = False


@dataclass(frozen=True, slots=True)
class Ignore:
    """An ignore comment. `lines` are the one-based first and last line that it covers; `rules` may not be empty.

    `until` is an ISO date or "". `error` says what is malformed, "" for a good one.
    """

    site: Site
    rules: tuple[str, ...]
    lines: tuple[int, int]
    reason: str = ""
    until: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything one file says. Depends on its path and bytes, the tables and the files of `asked`: it can be cached.

    `asked` are the paths of other files that were asked for, there or not. `wanted` are names (each with its module) of
    which the reader would know more if it were told which files speak of them (`source.Files`).
    """

    path: str
    facts: tuple[Fact, ...] = ()
    problems: tuple[Problem, ...] = field(default=())
    ignores: tuple[Ignore, ...] = field(default=())
    relevant: bool = True
    asked: frozenset[str] = frozenset()
    wanted: frozenset[tuple[str, str]] = frozenset()


def places(fact: Fact) -> tuple[Site, ...]:
    """Where a fact is stated, and each place that its address was followed through."""
    trail = fact.address.trail if isinstance(fact, (Listener, Connection)) else ()
    return (fact.site, *(step.site for step in trail))
