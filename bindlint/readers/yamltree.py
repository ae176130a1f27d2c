"""YAML as a tree of places: composed, never constructed, so that nothing in a file can run or change its type.

`!!python/object`, `22:22` (base 60 in YAML 1.1), `on` and dates stay the text that was written. Aliases share nodes, so
whoever walks a tree must go by node identity, by named keys, or on a budget.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

from bindlint.errors import UnreadableError
from bindlint.facts import Problem
from bindlint.readers import anchors, templates
from bindlint.source import Site, Slot, Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_DEPTH = 100  # libyaml's composer dies of a full stack between 2,000 and 30,000
MAX_NODES = 200_000
MAX_FAILURES = 20  # documents of one file that are skipped before it is given up
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_COMPACT = re.compile(r"[-?:] +" * 30)
_DEEP_INDENT = re.compile(r"^ {120}", re.MULTILINE)
_SEPARATOR = re.compile(r"^---(?=\s|$)", re.MULTILINE)
_NO_CONTENT = re.compile(r"(?:\s|#.*|%.*)*")
_PROPERTIES = re.compile(r"[&!]\S*\s+(?:[&!]\S*\s+)?")
_MERGE = "tag:yaml.org,2002:merge"
_NULL = "tag:yaml.org,2002:null"

Node = yaml.Node


class _TooMuchError(UnreadableError):
    """A document that must not be composed; what the composer would say of the ones before it is not known yet."""


def documents(source: Source) -> Iterator[Node]:
    """The root nodes of the documents; raises `UnreadableError` (reason, line) at the first error, after good ones."""
    return _composed(source, source.text)


def readable(source: Source) -> Iterator[Node | Problem]:
    """The root nodes of the documents that can be read, and a problem for each that cannot.

    A template is read in part: with its actions blanked, and with a problem that says so.
    """
    text, end = source.text, 0
    if templates.present(text):
        try:
            yield from list(_composed(source, text))
        except UnreadableError:
            yield Problem(source.path, templates.language(source.path, text), partial=True)
            text = templates.blank(text)
        else:
            return
    for _ in range(MAX_FAILURES):
        try:
            for node in _composed(source, _without(text, 0, end)):
                end = max(end, node.end_mark.index)
                yield node
        except UnreadableError as error:  # noqa: PERF203 - once for each document that cannot be read
            begin, following = _failed(source, text, end, error)
            rest = end > 0 or following < len(text)
            yield Problem(source.path, error.reason, error.line, partial=rest)
            if following == len(text) and not isinstance(error, _TooMuchError):
                return
            text = _without(text, begin, following)
        else:
            return


def _composed(source: Source, text: str) -> Iterator[Node]:
    if text.startswith("\ufeff"):  # libyaml does not count a byte order mark; a line break in its place keeps offsets
        text = "\n" + text[1:]
    if text.count("[") + text.count("{") > MAX_DEPTH or _COMPACT.search(text) or _DEEP_INDENT.search(text):
        _check_depth(source, text)
    text = anchors.distinct(text, _LOADER) if "&" in text else text
    try:
        loader = _LOADER(text)
        try:
            while loader.check_node():
                node = loader.get_node()
                if node is not None:
                    yield node
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = source.line(min(mark.index, len(text))) if mark else 0
        raise UnreadableError(f"not valid YAML: {error.problem or error.context}", line) from None
    except yaml.reader.ReaderError as error:
        line = source.line(len(text.encode("utf-8", "replace")[: error.position].decode("utf-8", "ignore")))
        raise UnreadableError(f"not valid YAML: {error.reason}", line) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UnreadableError(f"not valid YAML: {(str(error).splitlines() or [''])[0]}") from None


def _check_depth(source: Source, text: str) -> None:
    depth = nodes = 0
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            nodes += 1
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    raise _TooMuchError(f"nested more than {MAX_DEPTH} levels deep", _line(source, event))
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if nodes > MAX_NODES:
                raise _TooMuchError(f"more than {MAX_NODES} YAML nodes", _line(source, event))
    except (yaml.YAMLError, ValueError) as error:  # the composer says the same, with its place
        mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
        if mark is not None and "nesting depth" in str(error):  # libyaml's own limit
            raise _TooMuchError(f"nested more than {MAX_DEPTH} levels deep", source.line(mark.index)) from None


def _line(source: Source, event: yaml.Event) -> int:
    return source.line(event.start_mark.index) if event.start_mark else 0


def _failed(source: Source, text: str, end: int, error: UnreadableError) -> tuple[int, int]:
    """The range of the document that could not be read: the one after `end`, or, too deep, the one around the error."""
    starts = [match.start() for match in _SEPARATOR.finditer(text)]
    if isinstance(error, _TooMuchError):
        place = source.offset(error.line)
        begin = max((s for s in starts if s <= place), default=0)
        return begin, min((s for s in starts if s > place), default=len(text))
    following = [s for s in starts if s >= end]
    if following and _NO_CONTENT.fullmatch(text, end, following[0]):
        end = following.pop(0)
    return end, following[0] if following else len(text)


def _without(text: str, start: int, end: int) -> str:
    """The text with a range of it blanked; every offset stays the same."""
    return text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:] if start < end else text


def fields(node: Node | None) -> dict[str, Node]:
    """The values of a mapping by key text, merge keys (`<<`) resolved; {} for anything else."""
    return {key: value for key, _, value in items(node)}


def items(node: Node | None) -> list[tuple[str, Node, Node]]:
    """(key text, key node, value node) of a mapping, with merge keys resolved: a local key wins, then the first merge.

    https://yaml.org/type/merge.html. A mapping that is merged again adds nothing, so cycles and bombs end.
    """
    found: dict[str, tuple[str, Node, Node]] = {}
    seen: set[int] = set()
    todo: list[Node | None] = [node]
    while todo:
        part = todo.pop()
        if not isinstance(part, yaml.MappingNode) or id(part) in seen:
            continue
        seen.add(id(part))
        local: dict[str, tuple[str, Node, Node]] = {}
        merged: list[Node] = []
        for key, value in part.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.tag == _MERGE:
                merged += value.value if isinstance(value, yaml.SequenceNode) else [value]
            else:
                local[key.value] = (key.value, key, value)
        for name, row in local.items():
            found.setdefault(name, row)
        todo += reversed(merged)
    return list(found.values())


def every(node: Node | None, key: str) -> list[Node]:
    """Every value written under a key, in order: a template's branches write a key more than once."""
    if not isinstance(node, yaml.MappingNode):
        return []
    values = [value for name, value in node.value if isinstance(name, yaml.ScalarNode) and name.value == key]
    return values or [value for value in [fields(node).get(key)] if value is not None]


def get(node: Node | None, *path: str) -> Node | None:
    """The value under a path of keys, or None."""
    for part in path:
        node = fields(node).get(part)
    return node


def key_node(node: Node | None, key: str) -> Node | None:
    """The node of a key itself, or None."""
    return next((found for text, found, _ in items(node) if text == key), None)


def elements(node: Node | None) -> list[Node]:
    """The items of a sequence; [] for anything else."""
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def children(node: Node) -> list[Node]:
    """The nodes directly below a node: keys, values, items."""
    if isinstance(node, yaml.MappingNode):
        return [part for row in node.value for part in row]
    return elements(node)


def repeated(node: Node) -> Node | None:
    """The first key of a mapping that is written a second time, or None."""
    rows = node.value if isinstance(node, yaml.MappingNode) else ()
    keys = [key for key, _ in rows if isinstance(key, yaml.ScalarNode) and key.tag != _MERGE]
    first = {key.value: key for key in reversed(keys)}
    return next((key for key in keys if first[key.value] is not key), None)


def is_null(node: Node | None) -> bool:
    """Whether the node is a null, written or left out."""
    return isinstance(node, yaml.ScalarNode) and node.tag == _NULL and not node.style


def is_mapping(node: Node | None) -> bool:
    """Whether the node is a mapping."""
    return isinstance(node, yaml.MappingNode)


def is_sequence(node: Node | None) -> bool:
    """Whether the node is a sequence."""
    return isinstance(node, yaml.SequenceNode)


def text(node: Node | None) -> str | None:
    """The text of a scalar as written, quotes and escapes resolved.

    None for anything else, an empty plain scalar, and what a template decides.
    """
    if not isinstance(node, yaml.ScalarNode) or is_null(node):
        return None
    return None if templates.HOLE in node.value else str(node.value)


def templated(node: Node | None) -> bool:
    """Whether a template's action writes the scalar, in whole or in part.

    A bare `{{ .x }}` is YAML too, as it happens: a mapping whose key is a mapping.
    """
    if isinstance(node, yaml.MappingNode):
        return bool(node.flow_style) and any(isinstance(key, yaml.MappingNode) for key, _ in node.value)
    return isinstance(node, yaml.ScalarNode) and (templates.HOLE in node.value or templates.present(node.value))


def flag(node: Node | None) -> bool:
    """Whether the node is a true boolean, in the spellings of YAML 1.1 that Kubernetes and compose accept."""
    return isinstance(node, yaml.ScalarNode) and not node.style and node.value.lower() in ("true", "yes", "on")


def style(node: Node) -> str:
    """How a scalar is written: a quote, "|", ">", or "" for a plain one."""
    return (node.style or "") if isinstance(node, yaml.ScalarNode) else ""


def site(source: Source, node: Node) -> Site:
    """Where a node is written: quotes included, an anchor or a tag not; a block collection ends before the next key."""
    start, end = node.start_mark.index, node.end_mark.index
    if source.text[start : start + 1] in ("&", "!") and (match := _PROPERTIES.match(source.text, start, end)):
        start = match.end()
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        return Site(source.path, Span(start, start + len(source.text[start:end].rstrip())))
    if isinstance(node, yaml.CollectionNode) and not node.flow_style:
        end = start + len(source.text[start:end].rstrip())
    return Site(source.path, Span(start, end))


def inside(source: Source, node: Node) -> Site:
    """Where a scalar's text is written, without its quotes."""
    span = site(source, node).span
    if isinstance(node, yaml.ScalarNode) and node.style in ("'", '"'):
        return Site(source.path, Span(span.start + 1, span.end - 1))
    return Site(source.path, span)


def verbatim(source: Source, node: Node) -> bool:
    """Whether the scalar's text stands in the source letter for letter, so that offsets in it are offsets there."""
    return isinstance(node, yaml.ScalarNode) and source.slice(inside(source, node).span) == node.value


def offsets(source: Source, node: Node) -> Sequence[int]:
    """Where each character of a scalar's text is written; () when that cannot be told.

    A folded line break is a space in the text and a line break there, an escape is one character and stands where its
    backslash is. Indentation is skipped.
    """
    if not isinstance(node, yaml.ScalarNode):
        return ()
    span = inside(source, node).span
    if source.text[span.start : span.end] == node.value:
        return range(span.start, span.end)
    if templates.HOLE in node.value and node.style not in ("|", ">"):
        return range(span.start, span.end) if span.end - span.start == len(node.value) else ()
    start, end = span.start, node.end_mark.index
    if node.style in ("|", ">"):  # the header line is no text
        start = source.text.find("\n", span.start) + 1
    found = _aligned(source.text, start, end, node.value, node.style or "")
    if not found and templates.present(written := source.text[start:end]):  # it was blanked before it was read
        found = [start + at for at in _aligned(templates.blank(written), 0, end - start, node.value, node.style or "")]
    return found


def written(source: Source, node: Node | None) -> tuple[str, Sequence[int]]:
    """A scalar's text with what its templates' actions say in place of holes, and where each character is written."""
    if not isinstance(node, yaml.ScalarNode):
        return "", ()
    found = offsets(source, node)
    if templates.HOLE in node.value and found:
        return "".join(source.text[at : at + 1] for at in found), found
    return node.value, found


_ESCAPE = re.compile(r"\\(?:x.{2}|u.{4}|U.{8}|.)", re.DOTALL)


def _aligned(written: str, at: int, end: int, value: str, style: str) -> Sequence[int]:
    """Walk the value and what is written side by side; whatever is written and not in the value must be white space."""
    found: list[int] = []
    quote = False  # the character before was the first quote of two ('' in single quotes)
    for character in value:
        while at < end and written[at] != character:
            if style == '"' and written[at] == "\\":
                break
            if character == " " and written[at] == "\n":
                break
            if not (written[at].isspace() or (quote and written[at] == "'")):
                return ()
            at += 1
            quote = False
        if at < end and style == '"' and written[at] == "\\":
            match = _ESCAPE.match(written, at, end)
            if match is None:
                return ()
            if match[0][1] in "\r\n":  # a continued line
                at = match.end()
                while at < end and written[at] in " \t\n":
                    at += 1
                found.append(at)
                at += 1
                continue
            found.append(at)
            at = match.end()
            continue
        if at >= end:
            return () if character != "\n" else [*found, *([end] * (len(value) - len(found)))]
        quote = style == "'" and character == "'" and not quote
        found.append(at)
        at += 1
    return found


def key_slot(source: Source, value: Node, key: str) -> Slot | None:
    """A slot for one more key, before the one whose value is given, in the style of the mapping that they are in."""
    end = value.start_mark.index
    start = source.offset(source.line(end))
    line = source.text[start:end]
    at = max(line.rfind("{"), line.rfind(",")) + 1
    flow = at > 0
    at += len(line[at:]) - len(line[at:].lstrip(" " if flow else " -"))
    if not line[at:].rstrip().endswith(":"):
        return None
    broken = "\r\n" if source.text.endswith("\r\n", 0, start) else "\n"
    return Slot(source.site(start + at, start + at), f"{key}: ", ", " if flow else broken + " " * at)


def lines(source: Source, first: Node, last: Node) -> Site | None:
    """The lines from one node to another, where nothing else stands on them."""
    start = site(source, first).span.start
    while isinstance(last, yaml.CollectionNode) and not last.flow_style and last.value:  # comments follow its end
        last = last.value[-1] if isinstance(last, yaml.SequenceNode) else last.value[-1][1]
    end = site(source, last).span.end
    begin, line = source.offset(source.line(start)), source.line(max(start, end - 1))
    close = source.offset(line) + len(source.line_text(line))
    behind = source.text[end:close].strip()
    if source.text[begin:start].strip() not in ("", "-") or (behind and not behind.startswith("#")):
        return None
    if line < source.line_count or source.text.endswith("\n"):
        following = source.offset(line + 1) if line < source.line_count else len(source.text)
        return source.site(begin, following)
    return source.site(max(begin - 1, 0), close)  # the file still ends without a line break


def joint(source: Source, words: Node | None) -> str:
    """The text between two elements of a list as it is written, "" when they are not all written alike."""
    last = elements(words)[-2:]
    if len(last) == 2 and style(last[0]) == style(last[1]) and last[0] is not last[1]:
        start, end = inside(source, last[0]).span.end, inside(source, last[1]).span.start
        return source.text[start:end] if start < end else ""
    return ""
