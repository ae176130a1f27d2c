"""One thing that an expression can be, and how it got there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import libcst as cst

if TYPE_CHECKING:
    from bindlint.readers.python.scopes import At
    from bindlint.readers.python.strings import Part

MAX_VALUES = 12  # of one expression; what is more is unknown


@dataclass(frozen=True, slots=True)
class Hop:
    """One step from a use to where the value is written."""

    node: cst.CSTNode
    note: str
    handed: bool = False  # an argument that some caller gives


@dataclass(frozen=True, slots=True)
class Value:
    """One thing an expression can be.

    `kind`: text, number, flag, none, sequence, mapping, unknown. `origin` is how it got there: "here" (written in the
    expression itself), "name" (a constant), "default" (the default of an option, variable or parameter, or an argument
    of the function around). `elements` are the members of a sequence, `entries` those of a mapping.
    """

    kind: str
    node: cst.CSTNode
    at: At
    parts: tuple[Part, ...] = ()
    origin: str = "here"
    trail: tuple[Hop, ...] = ()
    maybe: str = ""
    elements: tuple[tuple[cst.BaseExpression, At], ...] = ()
    entries: tuple[tuple[str, cst.BaseExpression, At], ...] = ()
    open: bool = False  # a mapping that may hold more
    loose: frozenset[str] = frozenset()  # the keys of a mapping that may be missing
    beyond: bool = False  # an unknown value in place of more that were not looked at
    variable: str = ""  # the environment variable that outranks it
    option: tuple[str, ...] = ()  # the flags of the command-line option that outranks it

    @property
    def text(self) -> str:
        """The whole text, unknown parts as `${what}`."""
        return "".join(part.text for part in self.parts)

    def same_as(self, other: Value) -> bool:
        """Whether two values are one thing, however they got here."""
        return (
            self.node is other.node
            and (self.kind, self.text) == (other.kind, other.text)
            and (self.elements, self.entries) == (other.elements, other.entries)
            and [part.node for part in self.parts] == [part.node for part in other.parts]
        )

    def stretches(self) -> tuple[Part, ...]:
        """The stretches of this text for a larger one: each knows how it got here."""
        return tuple(replace(part, value=self._around(part.value)) for part in self.parts)

    def _around(self, inner: Value | None) -> Value | None:
        if inner is None:
            return self if self.trail or self.origin != "here" else None
        return self.leading_to(inner)

    def leading_to(self, inner: Value) -> Value:
        """A value that is a piece of this one, with the way to both."""
        return replace(
            inner,
            trail=(*self.trail, *inner.trail),
            origin=self.origin if inner.origin == "here" else inner.origin,
            variable=inner.variable or self.variable,
            option=inner.option or self.option,
        )

    def piece_at(self, start: int, end: int) -> Value | None:
        """The value that the stretch between two characters comes from; None when it is written in this text."""
        position = 0
        for part in self.parts:
            last = position + len(part.text)
            inside = position < end and start < last if start < end else position <= start <= last
            if inside and part.value is not None:
                return part.value
            position = last
        return None

    def via(self, node: cst.CSTNode, note: str, origin: str, *, handed: bool = False) -> Value:
        """The same value, reached through one more hop."""
        if isinstance(node, Held):
            return replace(self, origin=self.origin if self.origin != "here" else origin)
        return replace(
            self, trail=(Hop(node, note, handed), *self.trail), origin=self.origin if self.origin != "here" else origin
        )


def short(node: cst.CSTNode) -> str:
    """A few words for an expression without a name."""
    return {cst.Call: "a call", cst.Subscript: "an item", cst.Lambda: "a function"}.get(type(node), "an expression")


class Held(cst.Ellipsis):
    """Stands where an expression stands, for values that are known already: a piece of a text, one of several items."""

    values: tuple[Value, ...]

    def __init__(self, values: tuple[Value, ...]) -> None:
        """Hold at least one value."""
        super().__init__()
        object.__setattr__(self, "values", values)


def written(node: cst.CSTNode) -> cst.CSTNode:
    """Where an expression is written, or the first of the values that something stands for."""
    while isinstance(node, Held):
        node = node.values[0].node
    return node
