"""Text and places in it. Everything downstream speaks in character offsets; lines are for people."""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from bindlint.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
# Codecs that map bytes to the text an author saw. A `utf-7` or `rot13` cookie can hide a bind from every text search.
_CODECS = re.compile(
    r"^(utf-?8|ascii|latin-?1|iso-?8859-?\d*|cp125\d|windows-125\d|koi8-[ru]|shift-jis|euc-(jp|kr)|gbk|gb18030|gb2312|big5)$"
)
_STRICT = (".py", ".pyi", ".pyw", ".yaml", ".yml", ".json", ".toml")  # formats that are UTF-8 or nothing
_BREAK = re.compile(r"\r\n|\r|\n")
_TEST_FOLDERS = frozenset({"test", "tests", "testing", "testdata", "__tests__", "spec"})


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of characters in one source."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, order=True)
class Site:
    """A span in a named file: the only way a fact points at the world. `path` is relative to the root, with `/`."""

    path: str
    span: Span


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace the text at a site."""

    site: Site
    text: str


@dataclass(frozen=True, slots=True)
class Overlay:
    """Manifests are applied together: by a kustomization, a deployment controller, a command line.

    `folder` is that of a kustomization, None for anything else. `resources` are repository paths of files and folders
    that it takes. `takes` are pairs: a place in one of them that its patches take away, and the patch that does.
    """

    site: Site
    folder: str | None
    resources: tuple[str, ...]
    takes: tuple[tuple[Site, Site], ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a value is written, or would be if it were: replacing the span by before + host + after sets it.

    A value left out still has a slot, of no width; `before` and `after` are what must surround it. `host` is what to
    write for loopback where the plain "127.0.0.1" is not right (`[::1]`, `http://127.0.0.1:2379`); "" means plain.
    `both` is what stands for the loopback addresses of both families, where a list may; `again` is what may be written
    once more for another address. `socket` are the edits that put a Unix socket there instead.
    `said` is where people are told of the value (the help of an option).
    """

    site: Site
    before: str = ""
    after: str = ""
    host: str = ""
    both: str = ""
    again: Site | None = None
    socket: tuple[Edit, ...] = ()
    said: tuple[Site, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Composed:
    """A command line (at its `site`) starts a compose project of these files; of the default ones of `folder` if none.

    `variables` are the files that it reads in place of the `.env`, later ones over earlier. `folder` is where the
    project's paths start from. `certain` is False for what only a test or a CI job starts.
    """

    site: Site
    folder: str
    files: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    certain: bool = True

    @property
    def first(self) -> str:
        """The path of the file that the project begins with; that of its folder, with a final `/`, for default ones."""
        return self.files[0] if self.files else f"{self.folder}/"


class Files:
    """The other files of a project, as far as a reader may ask for them; it remembers what was asked.

    `asked` are the paths that a reading depends on besides its own, whether they are there or not; those of them whose
    text it was given are `opened`, too. `wanted` are pairs of words (a name, its module) of which nobody has searched
    yet which files speak, `heard` those of which it was told. `started` are the compose projects that it asked about.
    """

    def __init__(
        self,
        paths: Container[str] = (),
        opened: Callable[[str], Source | None] = lambda _: None,
        mentions: Mapping[tuple[str, str], tuple[str, ...]] | None = None,
        folders: Mapping[str, tuple[str, ...]] | None = None,
        composed: Mapping[str, tuple[Composed, ...]] | None = None,
    ) -> None:
        """Give the `paths` there are, also by `folders`, what reads one, and what `mentions` were searched before.

        `composed` are the compose projects that command lines start, by the file that each begins with.
        """
        self._paths = paths
        self._opened = opened
        self._mentions = mentions or {}
        self._folders = folders or {}
        self._composed = composed or {}
        self.asked: set[str] = set()
        self.opened: set[str] = set()
        self.wanted: set[tuple[str, str]] = set()
        self.heard: set[tuple[str, str]] = set()
        self.started: set[str] = set()

    def has(self, path: str) -> bool:
        """Whether the project has a file of this path."""
        self.asked.add(path)
        return path in self._paths

    def get(self, path: str) -> Source | None:
        """A file of the project; None when there is none, or none that can be read."""
        if not self.has(path):
            return None
        self.opened.add(path)
        return self._opened(path)

    def within(self, folder: str) -> tuple[str, ...]:
        """The paths of the files of a folder, without those of the folders in it; asked for as `folder/`."""
        self.asked.add(folder + "/")
        return self._folders.get(folder, ())

    def composed(self, first: str) -> tuple[Composed, ...]:
        """The compose projects that command lines start from a file, or from the default files of a folder (`path/`).

        () also as long as not all command lines are read.
        """
        self.started.add(first)
        return self._composed.get(first, ())

    def mentions(self, name: str, module: str) -> tuple[str, ...]:
        """The Python files that speak of a name and of its module; () also as long as nobody has searched."""
        known = (name, module) in self._mentions
        (self.heard if known else self.wanted).add((name, module))
        return self._mentions.get((name, module), ())


@dataclass(frozen=True)
class Source:
    """One file's text, under the path people know it by (relative to the root, with `/`).

    `files` are the others of its project, for what its meaning depends on (compose and `.env`, Python and imports).
    """

    path: str
    text: str
    files: Files = field(default_factory=Files, compare=False, repr=False)

    @classmethod
    def decode(cls, path: str, data: bytes) -> Source:
        """Read bytes as UTF-8, or as the codec a Python source declares; raise `UnreadableError` for anything else."""
        mark, codec, errors = encoding(path, data)
        return cls(path, _decode(data[len(mark) :], codec, errors))

    def encoded(self, before: bytes) -> bytes:
        """The text as bytes, written as `before` was, the bytes of this file that were read.

        Raises `UnreadableError` where they cannot be written back byte for byte, or the text has no bytes there.
        """
        mark, codec, errors = encoding(self.path, before)
        try:
            if mark + Source.decode(self.path, before).text.encode(codec, errors) == before:
                return mark + self.text.encode(codec, errors)
        except UnicodeError:
            pass
        raise UnreadableError(f"cannot be written back as {codec}")

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def folder(self) -> str:
        """The path of the folder that holds the file, "" at the root."""
        return self.path.rpartition("/")[0]

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(m.end() for m in _BREAK.finditer(self.text))]

    @property
    def line_count(self) -> int:
        """How many lines the text has; a final line break opens no further line."""
        return len(self._starts) - (self._starts[-1] == len(self.text) and len(self._starts) > 1)

    def offset(self, line: int, column: int = 0) -> int:
        """Offset of a one-based line and zero-based column of characters (what libcst and ast mean by a position)."""
        return self._starts[min(line, len(self._starts)) - 1] + column

    def line(self, offset: int) -> int:
        """One-based line that holds the offset."""
        return bisect_right(self._starts, offset)

    def line_column(self, offset: int) -> tuple[int, int]:
        """One-based line and column, counted in characters."""
        line = self.line(offset)
        return line, offset - self._starts[line - 1] + 1

    def line_text(self, line: int) -> str:
        """The text of a one-based line, without its line break."""
        start = self._starts[line - 1]
        end = self._starts[line] if line < len(self._starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def slice(self, span: Span) -> str:
        """The text of a span."""
        return self.text[span.start : span.end]

    def beside(self, name: str) -> Source | None:
        """The file of a name in the same folder."""
        return self.files.get(f"{self.folder}/{name}" if self.folder else name)

    def site(self, start: int, end: int) -> Site:
        """The site of a range of characters in this source."""
        return Site(self.path, Span(start, end))


def encoding(path: str, data: bytes) -> tuple[bytes, str, str]:
    """The byte order mark that is no part of the text, the codec, and what is done about bytes that it has not."""
    for mark, codec in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(mark):
            return mark, codec, "strict"
    if data.startswith(codecs.BOM_UTF8):
        return b"", "utf-8", "strict"  # the mark stays: it is one character, and edits keep it
    if b"\0" in data[:8192]:
        raise UnreadableError("binary file (NUL bytes)")
    codec = "utf-8"
    if path.endswith((".py", ".pyi", ".pyw")):
        for line in data[:512].splitlines()[:2]:
            if match := _COOKIE.match(line):
                codec = match[1].decode("ascii").lower().replace("_", "-")
    if not _CODECS.match(codec):
        raise UnreadableError(f"encoding {codec!r} is not one that bindlint reads", line=1)
    # Servers read bytes: one of Latin-1 in a comment costs them nothing.
    return b"", codec, "strict" if path.endswith(_STRICT) else "surrogateescape"


def _decode(data: bytes, codec: str, errors: str) -> str:
    try:
        return data.decode(codec, errors)
    except (UnicodeError, LookupError) as error:
        start = getattr(error, "start", 0)
        line = data.count(b"\n", 0, start) + 1
        raise UnreadableError(f"not valid {codec}", line=line) from None


def is_test(path: str) -> bool:
    """Whether a file is test code or test data, by the folders that it lies in and by its name."""
    *folders, name = path.lower().split("/")
    named = name.startswith(("test_", "conftest.")) or name.endswith("_test.py")
    return named or bool(_TEST_FOLDERS.intersection(folders))
