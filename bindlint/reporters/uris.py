"""Paths and texts as machines exchange them: RFC 3986 references made from bytes, and text that is always UTF-8."""

from __future__ import annotations

from urllib.parse import quote


def uri(path: str) -> str:
    """A path relative to the root as a relative reference; bytes that are no UTF-8 are percent-encoded as they are.

    A colon is encoded, or `a:b` would read as a scheme (RFC 3986, section 4.2).
    """
    return quote(path.encode("utf-8", "surrogateescape" if _escaped(path) else "surrogatepass"), safe="/")


def _escaped(path: str) -> bool:
    """Whether all surrogates of the path stand for bytes (PEP 383)."""
    return all(not "\ud800" <= character <= "\udfff" or "\udc80" <= character <= "\udcff" for character in path)


def plain(text: str) -> str:
    """The text with lone surrogates replaced, which strict readers of JSON refuse."""
    return text if text.isascii() else text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
