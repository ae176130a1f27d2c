"""What a project may configure, and what a run is asked to do.

Data only: no key names code, a command, a file to write, a URL or another configuration, because a stranger's pull
request may hold the file.

`.bindlint.toml` wins over `[tool.bindlint]` in pyproject.toml without a word, as `.ruff.toml` does (ruff docs,
configuration.md, "Config file discovery").
"""

from __future__ import annotations

import datetime as dt
import os
import re
import stat
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from bindlint.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

SEVERITIES = ("low", "medium", "high", "critical")
CONFIDENCES = ("audit", "low", "medium", "high")
PERSONAS = ("regular", "pedantic", "auditor")
FAIL_ON = (*SEVERITIES, "never")

MAX_BYTES = 1024 * 1024
MAX_ITEMS = 1000
MAX_TEXT = 256  # of one pattern or rule id
_OWN_FILE = ".bindlint.toml"
_SHARED_FILE = "pyproject.toml"
_RULE = re.compile(r"[a-z][a-z-]*")


@dataclass(frozen=True, slots=True)
class IgnoreEntry:
    """One `[[ignores]]` table: findings of some rules in the files that a pattern names are accepted.

    `path` is a pattern for the path from the root, where `*` stands for any characters, `/` too. `until` is an ISO date
    or "". `line` is where it stands in the configuration file.
    """

    path: str
    rules: tuple[str, ...]
    reason: str = ""
    until: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Config:
    """What the project says.

    `file` is where, relative to the root, and `text` its text ("" for none, or a file outside the root).
    """

    exclude: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: str = "medium"
    persona: str = "regular"
    min_severity: str = "low"
    min_confidence: str = "audit"
    ignores: tuple[IgnoreEntry, ...] = ()
    file: str = ""
    text: str = field(default="", repr=False)
    lines: dict[str, int] = field(default_factory=dict)

    def where(self, key: str) -> str:
        """The place of a key, as complaints name it: `.bindlint.toml:3: select`."""
        return f"{self.file}:{self.lines.get(key, 1)}: {key}"


@dataclass(frozen=True, slots=True)
class Options:
    """What this run is asked to do, once command line and configuration are settled.

    `select` is empty for every rule. `min_confidence` may only raise what the persona shows. `today` is the day that
    expiry dates are compared with. `force_exclude` applies excludes to files given by name, too.
    """

    persona: str = "regular"
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    min_severity: str = "low"
    min_confidence: str = "audit"
    no_ignores: bool = False
    force_exclude: bool = False
    today: dt.date = field(default_factory=dt.date.today)


def load(root: Path) -> Config:
    """The configuration of a project: `.bindlint.toml`, else `[tool.bindlint]`, else the defaults."""
    data = read_regular(root / _OWN_FILE)
    if data is not None:
        return parse(_OWN_FILE, data)
    data = read_regular(root / _SHARED_FILE)
    if data is None or b"bindlint" not in data:
        return Config()
    return parse(_SHARED_FILE, data, ("tool", "bindlint"))


def load_file(path: Path, root: Path) -> Config:
    """The configuration in a file named on the command line; it may be a pyproject.toml, and outside the root."""
    data = read_regular(path)
    if data is None:
        raise ConfigError(f"{path}: expected a configuration file, but there is none")
    section = ("tool", "bindlint") if path.name == _SHARED_FILE else ()
    inside = path.resolve().is_relative_to(root.resolve())
    config = parse(path.resolve().relative_to(root.resolve()).as_posix() if inside else str(path), data, section)
    return config if inside else _outside(config)


def read_regular(path: Path) -> bytes | None:
    """The bytes of a regular file, None when there is nothing.

    Never follows a link, waits on a FIFO, or reads on for ever.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        reason = "links are not followed" if path.is_symlink() else error.strerror
        raise ConfigError(f"{path.name}: expected a regular file that can be read ({reason})") from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ConfigError(f"{path.name}: expected a regular file")
        with open(descriptor, "rb", closefd=False) as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path.name}: expected a file that can be read ({error.strerror})") from None
    finally:
        os.close(descriptor)
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{path.name}: expected at most {MAX_BYTES} bytes")
    return data


def parse(name: str, data: bytes, section: tuple[str, ...] = ()) -> Config:
    """The configuration under a section of a file; `ConfigError` says file, line, key and what was expected."""
    try:
        text = data.decode("utf-8")
        content: Any = _toml(text)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{name}:{line}: expected UTF-8 text") from None
    except RecursionError:
        raise ConfigError(f"{name}: expected TOML: nested too deeply") from None
    except ValueError as error:  # TOMLDecodeError, and integers of absurd length
        place = re.search(r" ?\(at line (\d+), column \d+\)", str(error))
        line = int(place[1]) if place else text.count("\n") + 1
        message = re.sub(r" \(at .*\)$", "", str(error))
        raise ConfigError(f"{name}:{line}: expected TOML: {message[:200]}") from None
    for depth, part in enumerate(section):
        if part not in content:
            return Config()
        content = content[part]
        if not isinstance(content, dict):
            raise ConfigError(f"{name}: {'.'.join(section[: depth + 1])}: expected a table")
    return _Reader(name, text, section).config(content)


def _toml(text: str) -> Any:  # noqa: ANN401 - whatever the file holds
    if sys.version_info >= (3, 11):
        import tomllib  # noqa: PLC0415 - most projects have no configuration of ours
    else:
        import tomli as tomllib  # noqa: PLC0415

    return tomllib.loads(text)


def _outside(config: Config) -> Config:
    """The same configuration, whose entries are not reported as unused: a file shared by projects fits none exactly."""
    import dataclasses  # noqa: PLC0415 - rare

    return dataclasses.replace(config, text="")


class _Reader:
    """Takes the table apart, key by key; everything it does not know is refused."""

    def __init__(self, name: str, text: str, section: tuple[str, ...]) -> None:
        self.name = name
        self.text_lines = text.splitlines()
        self.text = text
        self.section = section

    def config(self, table: dict[str, Any]) -> Config:
        kinds: dict[str, Callable[[str, Any], Any]] = {
            "exclude": self._texts,
            "select": self._rules,
            "ignore": self._rules,
            "fail-on": self._choice(FAIL_ON),
            "persona": self._choice(PERSONAS),
            "min-severity": self._choice(SEVERITIES),
            "min-confidence": self._choice(CONFIDENCES),
            "ignores": self._ignores,
        }
        values: dict[str, Any] = {}
        for key, value in table.items():
            if key not in kinds:
                self._fail(key, f"one of the keys {', '.join(kinds)}{closest(key, tuple(kinds))}")
            values[key.replace("-", "_")] = kinds[key](key, value)
        lines = {key: self._line(key) for key in table}
        return Config(**values, file=self.name, text=self.text, lines=lines)

    def _texts(self, key: str, value: Any) -> tuple[str, ...]:  # noqa: ANN401 - checked here
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            self._fail(key, "a list of strings")
        if len(value) > MAX_ITEMS or any(len(item) > MAX_TEXT or not item.isprintable() for item in value):
            self._fail(key, f"at most {MAX_ITEMS} printable strings of at most {MAX_TEXT} characters")
        return tuple(value)

    def _rules(self, key: str, value: Any) -> tuple[str, ...]:  # noqa: ANN401 - checked here
        rules = self._texts(key, value)
        for rule in rules:
            if not _RULE.fullmatch(rule):
                self._fail(key, f"rule ids such as 'wildcard', not {rule!r}")
        return rules

    def _choice(self, allowed: Sequence[str]) -> Callable[[str, Any], str]:
        def check(key: str, value: Any) -> str:  # noqa: ANN401 - checked here
            if not isinstance(value, str) or value not in allowed:
                hint = closest(value, allowed) if isinstance(value, str) else ""
                self._fail(key, f"one of {', '.join(allowed)}{hint}")
            return str(value)

        return check

    def _ignores(self, key: str, value: Any) -> tuple[IgnoreEntry, ...]:  # noqa: ANN401 - checked here
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self._fail(key, "tables ([[ignores]] with path, rules and, if you like, reason and until)")
        if len(value) > MAX_ITEMS:
            self._fail(key, f"at most {MAX_ITEMS} tables")
        return tuple(self._entry(item, index) for index, item in enumerate(value))

    def _entry(self, item: dict[str, Any], index: int) -> IgnoreEntry:
        line = self._line("ignores", index)
        known = ("path", "rules", "reason", "until")
        for key in item:
            if key not in known:
                self._fail(f"ignores.{key}", f"one of the keys {', '.join(known)}{closest(key, known)}", line)
        path, rules, reason, until = (item.get(key) for key in known)
        if not isinstance(path, str) or not path or len(path) > MAX_TEXT or not path.isprintable():
            self._fail("ignores.path", "a pattern for paths from the root, such as 'deploy/*.json'", line)
        if path.strip("*/") == "":
            self._fail("ignores.path", "a pattern that names something; there is no ignoring of everything", line)
        if not isinstance(rules, list) or not rules:
            self._fail("ignores.rules", "a list of at least one rule id", line)
        for rule in self._texts("ignores.rules", rules):
            if not _RULE.fullmatch(rule):
                self._fail("ignores.rules", f"rule ids such as 'wildcard', not {rule!r}", line)
        if reason is not None and not isinstance(reason, str):
            self._fail("ignores.reason", "a string", line)
        if until is not None and iso_date(str(until)) is None:
            self._fail("ignores.until", "a date such as 2027-01-31", line)
        return IgnoreEntry(path, tuple(rules), reason or "", "" if until is None else str(until), line)

    def _line(self, key: str, index: int = 0) -> int:
        """The line of a key of our section, or of the index-th table of that name; 1 when it is written oddly."""
        ours = re.compile(r"\s*\[\[?\s*" + r"\s*\.\s*".join(map(re.escape, (*self.section, key))) + r"\s*\]")
        written = re.compile(rf'[\s{{,]*"?{re.escape(key)}"?\s*=')
        start = 0
        if self.section:
            dotted = re.compile(r"\s*\[\s*" + r"\s*\.\s*".join(map(re.escape, self.section)) + r"\s*\]")
            start = next((n for n, line in enumerate(self.text_lines) if dotted.match(line)), 0)
        tables = [n for n, line in enumerate(self.text_lines) if ours.match(line)]
        if tables:
            return tables[min(index, len(tables) - 1)] + 1
        return next((n + 1 for n in range(start, len(self.text_lines)) if written.match(self.text_lines[n])), 1)

    def _fail(self, key: str, expected: str, line: int = 0) -> NoReturn:
        shown = key if key.isprintable() else ascii(key)
        raise ConfigError(f"{self.name}:{line or self._line(key)}: {shown}: expected {expected}")


def iso_date(text: str) -> dt.date | None:
    """The day that YYYY-MM-DD names, or None. Stricter than `fromisoformat`, which knows more forms from 3.11 on."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def closest(word: str, known: Sequence[str]) -> str:
    """` (did you mean …?)` for a word that is nearly one of those known, else ""."""
    import difflib  # noqa: PLC0415 - only for complaints

    found = difflib.get_close_matches(word[:MAX_TEXT], known, n=1)
    return f" (did you mean {found[0]!r}?)" if found else ""
