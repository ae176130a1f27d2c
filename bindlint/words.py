"""What rules and messages may say of each subject: the closed vocabulary, filled.

A rule that cannot be said needs a new word here and in `knowledge.rules.VOCABULARY`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bindlint.addresses import Families, Kind, classify
from bindlint.facts import (
    ENTRANCES,
    Connection,
    Container,
    Known,
    Reach,
    Step,
)
from bindlint.findings import Confidence
from bindlint.fixes import USERS_OF_SIX
from bindlint.phrases import (
    address_words,
    answers,
    clients,
    door_name,
    entrance,
    how_bound,
    how_published,
    listens,
    outside,
    port_text,
    states,
)
from bindlint.resolve import Exposure, NameMapping, Opening, Target
from bindlint.resolve.exposure import FRONT_PORTS
from bindlint.resolve.users import is_machine
from bindlint.source import is_test

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bindlint.facts import Address, Publication
    from bindlint.source import Site

Subject = Exposure | Opening | Container | Target | NameMapping


@dataclass(frozen=True, slots=True)
class Case:
    """A subject as rules see it: its words, and what a finding of it would show.

    `words` holds the closed vocabulary (knowledge.rules.VOCABULARY) and the words that messages may use. `address` is
    what a fix changes, `cuts` whom that may cut off ("" for nobody known), `removal` the text that can be taken away
    instead. `confidence` is how sure the facts are. `silenced` says why it stays silent although its words,
    taken without their context, would be a finding; then `words` are without that context. `claim` says what is known,
    and `because` why that is fine where no rule speaks.
    """

    subject: str
    site: Site
    words: Mapping[str, str]
    confidence: Confidence = Confidence.HIGH
    story: tuple[Step, ...] = ()
    route: str = ""
    address: Address | None = None
    cuts: str = ""
    removal: Site | None = None
    silenced: str = ""
    claim: str = ""
    because: str = ""


_KNOWN = {
    Known.LITERAL: Confidence.HIGH,
    Known.DEFAULT: Confidence.HIGH,
    Known.CONSTANT: Confidence.MEDIUM,
    Known.UNKNOWN: Confidence.AUDIT,
}

_HERE = (Kind.LOOPBACK, Kind.LOCALHOST, Kind.WILDCARD)
_OTHERS = "clients on other machines"
_PASSING = "a test or a CI job starts this container, and it ends with that"


def cases(subject: Subject) -> Iterator[Case]:
    """A subject in words; once more without its context when that is what keeps it silent."""
    if isinstance(subject, Exposure):
        yield from _exposure(subject)
    elif isinstance(subject, Opening):
        yield _opening(subject)
    elif isinstance(subject, Target):
        yield _target(subject)
    elif isinstance(subject, NameMapping):
        yield _mapping(subject)
    else:
        site = subject.network_site or subject.site
        confidence, story = _at_most(subject), tuple(_conditions(subject))
        words = {"network": "host", "container": subject.name}
        claim = f"{subject.name} shares the host's network"
        yield Case("container", site, words, confidence, story, route="LAN → host", claim=claim)


def _at_most(container: Container | None) -> Confidence:
    """How sure an exposure of a container can be: one of a profile is started only if that is asked for."""
    if container is None or (container.certain and container.only is None):
        return Confidence.HIGH
    return Confidence.MEDIUM if container.certain else Confidence.LOW


def _conditions(container: Container | None) -> list[Step]:
    """Why a container is no exposure that lasts, or only now and then one."""
    if container is None:
        return []
    return [
        *([] if container.certain else [Step(container.site, _PASSING)]),
        *([container.only] if container.only is not None else []),
    ]


def _exposure(exposure: Exposure) -> Iterator[Case]:
    listener, address = exposure.listener, exposure.listener.address
    words = {
        **address_words(address),
        # behind a door the container's own address is as good as every interface: the door decides
        "address": "wildcard" if exposure.publication and address.kind is Kind.SPECIFIC else address.kind.value,
        "reach": exposure.reach.value,
        "surface": listener.surface,
        "role": listener.role,
        "guard": "off" if exposure.unguarded else "on",
        "wanted": "yes" if exposure.wanted else "no",
        "wish": exposure.wanted.note if exposure.wanted else "",
        "software": listener.software,
        "port": port_text(listener.port),
        "container": exposure.container.name if exposure.container else "",
        "door": door_name(exposure.publication) if exposure.publication else "",
        "door_or_machine": entrance(exposure.publication),
        "how_open": how_published(exposure.publication) if exposure.publication else how_bound(address),
        "listens": listens(listener),
    }
    confidence = _KNOWN[address.known]
    if exposure.publication and exposure.publication.address.kind is Kind.UNKNOWN:
        confidence = Confidence.AUDIT
    if (
        not exposure.certain
        or (not exposure.publication and is_test(listener.site.path))
        or (listener.front and _fronts(exposure))
        or _by_design(exposure)
    ):
        confidence = min(confidence, Confidence.LOW)
    if exposure.container and exposure.container.likely and listener.container != exposure.container.id:
        confidence = min(confidence, Confidence.MEDIUM)
    confidence = min(confidence, _at_most(exposure.container))
    story = (
        *(exposure.publication.trail if exposure.publication else ()),
        *exposure.steps,
        Step(listener.site, states(listener)),
        *address.trail,
        *([exposure.unguarded] if exposure.unguarded else []),
        *([exposure.wanted] if exposure.wanted else []),
        *_conditions(exposure.container),
    )
    target = exposure.publication.address if exposure.publication else address
    case = Case(
        subject="listener",
        site=exposure.site,
        words=words,
        confidence=confidence,
        story=story,
        route=_route(exposure),
        address=target,
        cuts=_cuts(exposure),
        removal=_removal(exposure),
        claim=states(listener),
        because=_near(exposure),
    )
    yield case
    if exposure.reach.rank < Reach.LAN.rank and address.kind in (Kind.WILDCARD, Kind.UNKNOWN):
        loud = {**words, "reach": Reach.LAN.value}
        low = Confidence.LOW if exposure.presumed else Confidence.AUDIT
        yield Case(
            "listener", case.site, loud, low, story, case.route, silenced="" if exposure.presumed else exposure.why
        )


def _opening(opening: Opening) -> Case:
    publication = opening.publication
    name = (opening.container.name if opening.container else publication.name) or "the pods that it selects"
    words = {
        **address_words(publication.address),
        "reach": publication.reach.value,
        "via": publication.via,
        "listens": answers(opening.near),
        "container": name,
        "what": f"port {publication.container_port} of {name}" if publication.container_port else f"a port of {name}",
        "port": port_text(publication.port),
        "door": door_name(publication),
        "how_published": how_published(publication),
    }
    confidence = _KNOWN[publication.address.known]
    tried = bool(publication.service) and is_test(publication.site.path)  # a Service that a test applies
    if tried or opening.front or publication.via in ENTRANCES:
        confidence = min(confidence, Confidence.LOW)
    confidence = min(confidence, _at_most(opening.container))
    steps = [*publication.trail]
    if opening.container:
        steps.append(Step(opening.container.site, f"the container {opening.container.name}"))
        steps += _conditions(opening.container)
    route = f"{outside(publication.reach)} → {door_name(publication)} → {name}"
    if publication.container_port:
        route += f" :{publication.container_port}"
    return Case(
        "publication",
        publication.site,
        words,
        confidence,
        tuple(steps),
        route,
        publication.address,
        cuts=_door_cuts(publication, opening.users, front=opening.front),
        removal=_removal(opening),
        claim=f"{words['what']} is opened at {words['door']}",
        because=f"{words['how_published']}: {clients(publication.reach)}",
    )


def _target(target: Target) -> Case:
    connection = target.connection
    elsewhere = target.elsewhere.name if target.elsewhere else "the pod's own address" if target.node else ""
    words = {
        **address_words(connection.address),
        "tries": connection.tries,
        "purpose": connection.purpose,
        "target": "elsewhere" if target.elsewhere or target.node else "unknown",
        "misses": "yes" if target.misses else "no",
        "client": connection.client,
        "port": port_text(connection.port),
        "what": f"port {connection.port}" if connection.port else "what it wants",
        "elsewhere": elsewhere,
        "service": target.name,
        "itself": target.itself,
        "means": "the node that the kubelet runs on" if target.node else "its own container",
        "does": _does(connection),
    }
    guessed = is_test(connection.site.path) or not connection.certain
    confidence = Confidence.LOW if guessed else _KNOWN[connection.address.known]
    story = (*([target.step] if target.step else []), *connection.address.trail)
    fixed = None if connection.purpose == "redirect" else connection.address  # a redirect is registered as it is
    return Case(
        "connection",
        connection.site,
        words,
        confidence,
        story,
        address=fixed,
        cuts=_client_cuts(target),
        claim=f"{connection.client} connects to {connection.address.text}",
        because="this is one address of one family, and nothing says that what it wants runs elsewhere",
    )


def _client_cuts(target: Target) -> str:
    """Why a client may fail with another address, "" where nothing says so."""
    if target.connection.tries == "socket":
        return "this client, where the server takes only its Unix socket"
    # the text is a container's alone, and leads to nothing now; but code may also run outside of it
    in_code = target.elsewhere is not None and target.site.path.endswith(".py")
    return "this code, where it runs outside of the container" if in_code else ""


def _does(connection: Connection) -> str:
    """What a client does with the name that it is given."""
    if connection.purpose == "redirect":
        return (
            "sends the browser back to the name localhost, which need not be where it listens (RFC 8252, section 8.3)"
        )
    tried = {
        "first": "tries only the first address that the name gives",
        "v4": "tries IPv4 only",
        "socket": "takes the Unix socket for this name, not TCP",
    }.get(connection.tries, "tries every address that the name gives")
    return f"connects to the name localhost and {tried}"


def _mapping(mapping: NameMapping) -> Case:
    entry = mapping.entry
    text = entry.address.text
    effect = {
        "localhost": f"{mapping.shown} is mapped to {text}, which is not a loopback address",
        "localhost-one-family": f"localhost has no line for {mapping.shown}: clients of that family do not find it",
        "public": f"{mapping.shown} is decided by this line ({text}), not by DNS",
    }[mapping.names]
    return Case(
        "hosts", entry.site, {**address_words(entry.address), "names": mapping.names, "effect": effect}, claim=effect
    )


def _near(exposure: Exposure) -> str:
    """Why a listener that no rule speaks of is fine: what keeps it near, or that it is on one address."""
    kind = exposure.listener.address.kind
    if kind is Kind.NONE:
        return "it is no network listener: a Unix socket, or a value that the software refuses"
    if exposure.reach.rank >= Reach.LAN.rank:
        return "it is bound to one address of the machine, which is taken as meant"
    return f"{exposure.why or 'it is kept near'}: {clients(exposure.reach)}"


def _cuts(exposure: Exposure) -> str:
    """Whom the loopback address cuts off, "" for nobody that the project shows."""
    listener, address = exposure.listener, exposure.listener.address
    if exposure.publication is not None:
        told = next((f"clients that are told to connect to {host}" for host in listener.told if is_machine(host)), "")
        return _door_cuts(exposure.publication, exposure.users or told, front=listener.front and _fronts(exposure))
    if address.kind is Kind.LOCALHOST:
        return "" if address.families in (Families.V4, Families.V6) else USERS_OF_SIX
    if told := next((host for host in listener.told if classify(host)[0] not in _HERE), ""):
        return f"clients that are told to connect to {told}"
    return exposure.users or (_OTHERS if listener.surface == "plain" or listener.port is None else "")


def _door_cuts(publication: Publication, users: str, *, front: bool) -> str:
    if publication.via == "hostPort":
        return "clients that connect to the address of the node"
    return users or ("visitors of the front proxy" if front else "")


def _removal(found: Exposure | Opening) -> Site | None:
    """The publication that can be taken away: another container connects, and not by it."""
    return found.publication.removal if found.publication is not None and found.peer is not None else None


def _by_design(exposure: Exposure) -> bool:
    """Whether an entrance of the cluster leads to an ordinary application, which is what entrances are for."""
    plain = exposure.listener.surface == "plain" and exposure.unguarded is None
    return plain and exposure.publication is not None and exposure.publication.via in ENTRANCES


def _fronts(exposure: Exposure) -> bool:
    """Whether a proxy is where proxies belong: on a web port, or on one that its template hides and no door tells."""
    if exposure.publication:
        return exposure.publication.port in FRONT_PORTS
    return exposure.listener.port in {None, *FRONT_PORTS}


def _route(exposure: Exposure) -> str:
    parts = [outside(exposure.reach)]
    listener = exposure.listener
    if exposure.publication:
        parts.append(door_name(exposure.publication))
    elif exposure.container and exposure.reach.rank >= Reach.LAN.rank:
        parts.append(f"host {':' + str(listener.port) if listener.port else ''}".rstrip())
    if exposure.container:
        port = f" :{listener.port}" if listener.port else ""
        parts.append(f"container {exposure.container.name}{port}")
        parts.append(listener.software)
    else:
        port = f" :{listener.port}" if listener.port else ""
        parts.append(f"{listener.software}{port}")
    return " → ".join(parts)
