"""What a program opens and guards, by its row and the arguments it is given."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bindlint import addresses
from bindlint.addresses import Kind
from bindlint.facts import Address, Guard, Known, Listener
from bindlint.readers.commands.text import expand
from bindlint.readers.commands.words import cut
from bindlint.source import Edit, Site, Slot, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bindlint.addresses import Piece
    from bindlint.facts import Word
    from bindlint.knowledge.commands import Opening, Protection, Setting
    from bindlint.readers.commands.options import Arguments
    from bindlint.readers.commands.text import Text

_NO_NETWORK = frozenset({"unix", "fd", "npipe", "ipc", "inproc", "file", "ldapi"})
_ONE_VARIABLE = re.compile(r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?::?-[^{}]*)?\})(?=:|$)")
_HANDS_ON = re.compile(r"^(?:\$[@*]|\$\{[@*]\}|\$\{?\w+\}?|\$\(.*\)|`.*`)$")  # words of its own that nobody knows
MAX_HOSTS = 50  # in one value
MAX_VALUE = 4_096  # characters

_HIDDEN_PORT = re.compile(r":[0-9]*[$`{%]")  # `0.0.0.0:$PORT`


@dataclass(frozen=True, slots=True)
class Head:
    """The program whose row is asked: the words that name it, its software, and the container it runs in.

    `joint` is what stands between two words there ("" when unknown), so that an option can be added.
    `configured` is True when a configuration file is named, which may say what the command line does not. `image` is
    the image of that container, "" when unknown. `last` is the last word of its name, when that is not `site`.
    """

    site: Site
    software: str
    container: str
    certain: bool = True
    joint: str = ""
    configured: bool = False
    image: str = ""
    last: Site | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """One address as stated: its place, its meaning, and the port written with it; `hidden` when a run decides that."""

    site: Site
    address: Address
    port: int | None = None
    hidden: bool = False


def openings(rows: Sequence[Opening], arguments: Arguments, head: Head) -> Iterator[Listener]:
    """The listeners of a program."""
    for row in rows:
        sign = arguments.any_sign(row.when)
        if row.when and sign is None:
            continue
        if arguments.any_sign(row.unless) is not None:
            continue
        said = list(hosts(row.address, arguments, head)) or list(_default(row, arguments, head, sign))
        port = port_of(row.port, arguments)
        told = tuple(_told(row, arguments))
        surface = "control" if arguments.any_sign(row.control) is not None else row.surface
        for one in said:
            if one.address.kind is Kind.NONE:
                continue
            yield Listener(
                site=one.site,
                software=head.software,
                address=one.address,
                port=port if one.port is None and not one.hidden else one.port,
                protocol=row.protocol,
                role=row.role,
                surface=surface,
                container=head.container,
                certain=row.certain and head.certain,
                front=row.front,
                unguarded=row.unguarded,
                told=told,
            )


def _told(row: Opening, arguments: Arguments) -> Iterator[str]:
    """The hosts that clients are told to connect to."""
    for name in row.told:
        if (word := arguments.environment.get(name)) is not None:
            text = expand(word, arguments.environment).text[:MAX_VALUE]
            yield from (piece.host for piece in addresses.split(text, row.address.form, row.address.separator))


def guards(rows: Sequence[Protection], arguments: Arguments, head: Head, *, complete: bool = True) -> Iterator[Guard]:
    """The protections of a program that are known to be on or off; a default counts only where all is known."""
    for row in rows:
        on = arguments.any_sign(row.on)
        off = None if on is not None else arguments.any_sign(row.off)
        sign = on or off
        if sign is not None:
            yield Guard(sign.site, head.software, row.name, on=on is not None, container=head.container)
        elif row.default and complete and not head.configured:
            yield Guard(head.site, head.software, row.name, on=row.default == "on", container=head.container)


def hosts(setting: Setting, arguments: Arguments, head: Head) -> Iterator[Said]:
    """The addresses that a command line or its environment states for a setting."""
    flagged = list(_flagged(setting, arguments, head))
    if flagged:
        yield from (said for mention in flagged[0 if setting.each else -1 :] for said in mention)
        return
    for word in _positional(setting, arguments):
        yield from values(word, setting, arguments)
        return
    for name in setting.environment:
        value = arguments.environment.get(name)
        if value is not None and value.text.strip():
            yield from values(value, setting, arguments)
            return


def _flagged(setting: Setting, arguments: Arguments, head: Head) -> Iterator[list[Said]]:
    """What each mention of the setting's options says, in order."""
    mentions = {id(o): flag for flag in (*setting.bare, *setting.flags) for o in arguments.given(flag)}
    for option in arguments.options:
        flag = mentions.get(id(option))
        if flag is None:
            continue
        if option.values and flag in setting.flags:
            yield [said for word in option.values for said in values(word, setting, arguments, option.word)]
        elif flag in setting.bare:
            yield [_bare(setting, flag, option.word, head)]


def _bare(setting: Setting, flag: str, word: Word, head: Head) -> Said:
    """An option that stands for a host by itself: a value can be added to it, or another option put in its place."""
    host = setting.bare[flag]
    kind, families = addresses.classify(host, setting.spellings)
    slot = None
    if head.joint and flag in setting.flags:
        end = word.site.span.end
        slot = Slot(Site(word.site.path, Span(end, end)), before=head.joint)
    elif head.joint and setting.flags:
        slot = Slot(word.site, before=setting.flags[0] + head.joint)
    return Said(word.site, Address(host, kind, families=families, slot=slot))


def _positional(setting: Setting, arguments: Arguments) -> Iterator[Word]:
    for prefix in setting.prefixes:
        for word in arguments.words:
            if word.text[: len(prefix)].lower() == prefix.lower():
                yield cut(word, len(prefix))
    count = len(arguments.others)
    if setting.position is not None and -count <= setting.position < count and count >= setting.least:
        yield arguments.others[setting.position]


def values(word: Word, setting: Setting, arguments: Arguments, flag: Word | None = None) -> Iterator[Said]:
    """The addresses in one value; `flag` is the option that it is given with."""
    chosen = _option_of(word, setting.key) if setting.key else word
    if chosen is None:
        return
    text = expand(chosen, arguments.environment)
    for piece in addresses.split(text.text[:MAX_VALUE], setting.form, setting.separator)[:MAX_HOSTS]:
        hidden = piece.port is None and _HIDDEN_PORT.match(text.text, piece.end) is not None
        address = _address(text, piece, setting, arguments.environment)
        if address.slot is not None and address.known is Known.LITERAL and chosen is word:
            address = replace(address, slot=replace(address.slot, socket=_socket(setting, flag, word)))
        yield Said(_site(text, piece), address, piece.port, hidden)


def _socket(setting: Setting, flag: Word | None, word: Word) -> tuple[Edit, ...]:
    """The edits that put a Unix socket in the place of a value, or of an option and its value."""
    option, _, path = setting.socket.rpartition(" ")
    if not path or not option:
        return (Edit(word.site, path),) if path else ()
    apart = flag is not None and flag.site.path == word.site.path and flag.site.span.end < word.site.span.start
    return (Edit(flag.site, option), Edit(word.site, path)) if flag is not None and apart else ()


def _option_of(word: Word, key: str) -> Word | None:
    """The value of `key=` in a comma list."""
    at = 0
    for item in word.text.split(","):
        name, equals, _ = item.partition("=")
        if equals and name.strip().lower() == key:
            return cut(word, at + len(name) + 1, at + len(item))
        at += len(item) + 1
    return None


def _site(text: Text, piece: Piece) -> Site:
    return text.site(piece.start, piece.end) if piece.end > piece.start else text.site(0, len(text.text))


def _address(text: Text, piece: Piece, setting: Setting, environment: Mapping[str, Word]) -> Address:
    host = piece.host if piece.given else setting.absent
    if piece.scheme.rpartition("+")[2] in _NO_NETWORK:
        return Address(piece.host, Kind.NONE)
    known = text.known(piece.start, piece.end)
    trail = text.trail(piece.start, piece.end)
    variable = _variable(text.word.text, environment) if piece.start == 0 else ""
    if "$" in host or "`" in host:
        maybe = next((name for name in text.missing if name in host), "")
        return Address(host, Kind.UNKNOWN, Known.UNKNOWN, trail=trail, maybe=maybe, variable=variable)
    kind, families = addresses.classify(host, setting.spellings)
    if kind is Kind.UNKNOWN:
        return Address(host, kind, Known.UNKNOWN, trail=trail)
    place = text.slot(piece.start, piece.end)
    loopback = addresses.loopback(families, brackets=piece.host.startswith("["))
    slot = None
    if place is not None:
        slot = Slot(place, after=":" if piece.colon else "", host="" if loopback == "127.0.0.1" else loopback)
    said = text.text[piece.start : piece.end] or _unsaid(text, piece)
    return Address(said, kind, known, families, slot, trail, variable=variable)


def _variable(text: str, environment: Mapping[str, Word]) -> str:
    """The variable that outranks the host of `$HOST`, `${HOST:-0.0.0.0}` where a container sets it; "" for none."""
    match = _ONE_VARIABLE.match(text)
    name = (match[1] or match[2]) if match else ""
    set_here = environment.get(name)
    return "" if set_here is not None and f"${{{name}" not in set_here.text else name


def _unsaid(text: Text, piece: Piece) -> str:
    """What is written where a host could stand: `:8000`, `8000`, or nothing."""
    return text.text if piece.port is None else f":{piece.port}" if ":" in text.text else str(piece.port)


def _default(row: Opening, arguments: Arguments, head: Head, sign: Word | None) -> Iterator[Said]:
    """The address of a listener that nothing was said about: stated by the sign that opens it, or by the program."""
    setting = row.address
    default, site, known = setting.default, head.site if sign is None else sign.site, Known.DEFAULT
    for name, host in setting.defaults.items():
        if name in arguments.environment:
            default = host
    if default is None or head.configured:
        return
    port = None
    for piece in addresses.split(default, setting.form, setting.separator):
        host = piece.host if piece.given else setting.absent
        port = piece.port
        kind, families = addresses.classify(host, setting.spellings)
        slot = _insertion(row, arguments, head, sign) if kind is not Kind.LOOPBACK else None
        variable = setting.environment[0] if setting.environment else ""
        handed_on = _handed_on(setting, arguments)
        yield Said(site, Address(host, kind, known, families, slot, variable=variable, option=handed_on), port)


def _handed_on(setting: Setting, arguments: Arguments) -> tuple[str, ...]:
    """The options that decide the address where a script hands its own arguments on: `exec uvicorn app:app "$@"`."""
    if setting.form != "host" or not any(_HANDS_ON.search(word.text) for word in arguments.others):
        return ()
    return tuple(flag for flag in setting.flags if flag.startswith("-") and " " not in flag and "*" not in flag)


def _insertion(row: Opening, arguments: Arguments, head: Head, sign: Word | None) -> Slot | None:
    """Where an option that sets the address could be added: right behind the program's name and sub-command.

    Of one that is there and takes its value behind `=` only, where that would be.
    """
    setting = row.address
    if not head.joint or not setting.fixed or not setting.flags or "*" in setting.flags[0] or setting.many:
        return None
    name = head.last or head.site
    flag, space, key = setting.flags[0].partition(" ")
    before = f"{head.joint}{flag}{'=' if setting.attached else head.joint}" + (f"{key}=" if space else "")
    if setting.attached and sign is not None and sign.text == flag:
        name, before = sign.site, "="
    end = Site(name.path, Span(name.span.end, name.span.end))
    if setting.form == "host":
        return Slot(end, before=before)
    if setting.form == "url":
        return None
    port = port_of(row.port, arguments)
    return None if port is None else Slot(end, before=before, after=f":{port}")


def port_of(setting: Setting, arguments: Arguments) -> int | None:
    """The port that a command line, its environment or the program's default gives."""
    words = [o.values[-1] for flag in setting.flags for o in arguments.given(flag) if o.values]
    words = words[-1:] or list(_positional(setting, arguments))[:1]
    words = words or [arguments.environment[name] for name in setting.environment if name in arguments.environment]
    for word in words:
        text = expand(word, arguments.environment).text
        digits = text.rpartition(":")[2].partition(",")[0].partition("/")[0].strip()
        return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 5 else None
    return int(setting.default) if setting.default else None
