"""Ignore comments in any comment syntax: `# bindlint: ignore[wildcard] until=2027-01-31 reason="LAN demo"`.

An ignore speaks about a line of code: the one that it trails, or, for a comment alone, the next one below. It covers
that line and what the line opens: the block below a line that ends with `:` (by indentation), brackets up to where they
close, continued lines, and, for a comment above a YAML list item, the item. There is no blanket form; whatever is not
understood covers nothing and says so. `# nosec` and `# noqa` are other tools' words.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from bindlint.facts import Ignore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bindlint.source import Source

MAX_IGNORES = 1000  # of one file
MAX_LINES = 2000  # that one ignore covers
MAX_COMMENTS = 100  # lines between a comment alone and the code that it speaks about

_MARKED = r"(?:#+|//+|;+|--|<!--|/\*+)[ \t]*(?=bindlint[ \t]*(?::|[ \t]ignore\b))"
_GATE = re.compile(_MARKED)
_HASH_ONLY = re.compile(
    r".*\.(?:ya?ml|toml|sh|bash|zsh|env|mk)|\.env(?:\..*)?|hosts|Procfile.*|Makefile|\.?[Jj]ustfile|.*\.just"
    r"|(?:.*\.)?(?:Dockerfile|Containerfile)(?:\..*)?"
)
# A quote opens a string only where a value can begin and if it is closed on the line; the one of `don't` does not.
_LINE = re.compile(rf"""(?P<string>(?<![\w'"\\])(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'))|(?P<mark>{_MARKED})""")
# Strings and comments of Python. Every alternative that begins also ends, at the latest with the line or the text, so
# that the search stays linear.
_PYTHON = re.compile(
    r'''"""(?:[^\\]|\\.)*?(?:"""|\\?\Z)|\'\'\'(?:[^\\]|\\.)*?(?:\'\'\'|\\?\Z)'''
    r"""|"(?:[^"\\\n]|\\.)*(?:"|(?=\n)|\\?\Z)|'(?:[^'\\\n]|\\.)*(?:'|(?=\n)|\\?\Z)|(?P<comment>\#[^\n]*)""",
    re.DOTALL,
)
_CODE = re.compile(
    r"""(?P<string>(?<![\w'"\\])(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'))|(?P<comment>(?<!\S)(?:#|//|--\s|/\*|<!--).*)"""
)
_ALONE = re.compile(r"[ \t]*(?:#|//|;|--[ \t]|<!--|/\*)")

_DIRECTIVE = re.compile(r"bindlint[ \t]*:[ \t]*ignore[ \t]*\[([^\[\]]*)\]")
_RULE = re.compile(r"[a-z][a-z-]*")
_OPTION = re.compile(r"""[ \t]*(until|reason)[ \t]*=[ \t]*("[^"]*"|'[^']*'|[^\s"']+)(?=\s|$)""")
_NEXT_COMMENT = re.compile(r"[ \t]+(?:#|//|;|--|/\*)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

_BLOCK = re.compile(r":(?:[ \t]+[&!][^\s:]+)*$")
_DASHES = re.compile(r"[ \t]*(?:-[ \t]+)*")
_EXPECTED = 'write `bindlint: ignore[rule-id]`, and if you like until=2027-01-31 and reason="…" behind it'


def scan(source: Source) -> Iterator[Ignore]:
    """The ignores of one file, in source order, good and malformed ones."""
    if "bindlint" not in source.text or not _GATE.search(source.text):
        return
    for count, (start, words) in enumerate(_comments(source)):
        if count >= MAX_IGNORES:
            return
        line = source.line(start)
        end = source.offset(line) + len(source.line_text(line))
        yield _ignore(source, start, words, words + len(_unclosed(source.text[words:end])))


def _unclosed(text: str) -> str:
    """The words of a comment, without what closes it."""
    return text.rstrip().removesuffix("-->").removesuffix("*/").rstrip()


def _comments(source: Source) -> Iterator[tuple[int, int]]:
    """(offset of the comment's mark, offset of its words) of each comment that speaks to us."""
    if source.name.endswith((".py", ".pyi", ".pyw")):
        for token in _PYTHON.finditer(source.text):
            if token["comment"] and (match := _GATE.search(source.text, token.start(), token.end())):
                yield match.start(), match.end()
        return
    hash_only = bool(_HASH_ONLY.fullmatch(source.name))
    for line in sorted({source.line(match.start()) for match in _GATE.finditer(source.text)}):
        text, start = source.line_text(line), source.offset(line)
        for token in _LINE.finditer(text):
            mark = token["mark"]
            begins = not hash_only or (mark and mark[0] == "#" and not text[: token.start()][-1:].strip())
            if mark and begins:
                yield start + token.start(), start + token.end()
                break


def _ignore(source: Source, start: int, words: int, end: int) -> Ignore:
    site = source.site(start, max(end, words))
    line = source.line(start)
    rules, options, error = _parse(source.text[words:end])
    if error:
        return Ignore(site, rules, (line, line), options.get("reason", ""), error=error)
    return Ignore(site, rules, _covered(source, line), options.get("reason", ""), options.get("until", ""))


def _parse(text: str) -> tuple[tuple[str, ...], dict[str, str], str]:
    """The rules, the options, and what is wrong ("" for nothing)."""
    match = _DIRECTIVE.match(text)
    if match is None:
        return (), {}, _EXPECTED
    rules = tuple(part.strip() for part in match[1].split(","))
    options: dict[str, str] = {}
    if not any(rules):
        return (), options, "names no rule, and there is no form that ignores all of them"
    if wrong := next((rule for rule in rules if not _RULE.fullmatch(rule)), None):
        return (), options, f"{wrong[:40]!r} is no rule id"
    if "" in rules:
        return (), options, "has a comma too many"
    position = match.end()
    while option := _OPTION.match(text, position):
        key, value = option[1], option[2].strip("\"'")
        if key in options:
            return rules, options, f"says {key} twice"
        options[key] = value
        position = option.end()
    rest = text[position:]
    if rest.strip() and not _NEXT_COMMENT.match(rest):
        return rules, options, f"cannot read {rest.strip()[:40]!r}; {_EXPECTED}"
    if "until" in options and not _is_date(options["until"]):
        return rules, options, f"until={options['until'][:40]} is no date such as 2027-01-31"
    return rules, options, ""


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _covered(source: Source, line: int) -> tuple[int, int]:
    """The first and last line that an ignore written on `line` covers."""
    if not _ALONE.match(source.line_text(line)):
        return line, _extent(source, line)
    below = range(line + 1, min(source.line_count, line + MAX_COMMENTS) + 1)
    code = (n for n in below if source.line_text(n).strip() and not _ALONE.match(source.line_text(n)))
    target = next(code, 0)
    if not target:
        return line, line
    text = source.line_text(target)
    if text.lstrip().startswith("- ") and source.name.endswith((".yaml", ".yml")):
        return line, max(_extent(source, target), _block(source, target, _indent(text)))
    return line, _extent(source, target)


def _extent(source: Source, line: int) -> int:
    """The last line of what a line opens: brackets, continuations, then a block."""
    depth, last = 0, line
    while True:
        code = _without_comment(source.line_text(last))
        bare = _CODE.sub("", code)
        depth += sum(bare.count(bracket) for bracket in "([{") - sum(bare.count(bracket) for bracket in ")]}")
        if (depth <= 0 and not code.endswith("\\")) or last >= min(source.line_count, line + MAX_LINES):
            break
        last += 1
    if _BLOCK.search(_without_comment(source.line_text(last))):
        first = source.line_text(line)
        dashes = _DASHES.match(first)
        return _block(source, last, dashes.end() if dashes else 0, opens_list=True)
    return last


def _block(source: Source, line: int, indent: int, *, opens_list: bool = False) -> int:
    """The last line below that is indented more than the key; YAML lets a list stand at the key's own column."""
    end = line
    for number in range(line + 1, min(source.line_count, line + MAX_LINES) + 1):
        text = source.line_text(number)
        if not text.strip() or _ALONE.match(text):
            continue
        item = _indent(text) == indent and opens_list and text.lstrip().startswith("- ")
        if _indent(text) <= indent and not item:
            break
        end = number
    return end


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" \t"))


def _without_comment(text: str) -> str:
    """The code of a line, without a trailing comment and blanks."""
    for token in _CODE.finditer(text):
        if token["comment"]:
            return text[: token.start()].rstrip()
    return text.rstrip()
