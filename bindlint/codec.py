"""Facts as JSON and back: what the cache keeps and worker processes send.

One codec for every frozen dataclass, made from its annotations: a dataclass is the list of its fields, one of several
that a place may hold has its name in front. Nothing that is decoded is trusted: each value must be of the type that is
written there, or `ValueError` says so, and nothing but facts can be made of it.
"""

from __future__ import annotations

import types
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, Union, cast, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")


class _Way(NamedTuple):
    """How values of a type become JSON and come back."""

    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]


def encode(value: object) -> Any:  # noqa: ANN401 - whatever JSON knows
    """A value of a dataclass as lists, texts and numbers."""
    return _way(cast("Any", type(value))).encode(value)


def decode(kind: type[_T], data: object) -> _T:
    """The value of a dataclass that `encode` made `data` of; raises `ValueError` for anything else."""
    return cast("_T", _way(cast("Any", kind)).decode(data))


@cache
def _way(kind: Any) -> _Way:  # noqa: ANN401 - an annotation
    if kind in (str, int, bool, type(None)):
        return _Way(_same, _plain(kind))
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _optional(kind, inner) if type(None) in inner else _tagged(inner)
    if origin is tuple and inner[-1:] == (Ellipsis,):
        return _sequence(_way(inner[0]), tuple)
    if origin is tuple:
        return _record(tuple, [_way(one) for one in inner])
    if origin is frozenset:
        return _sequence(_way(inner[0]), frozenset)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _Way(lambda value: value.value, kind)  # an Enum raises ValueError for what is none of its values
    if is_dataclass(kind) and isinstance(kind, type):
        return _dataclass(kind)
    raise TypeError(f"no facts are made of {kind}")


def _same(value: Any) -> Any:  # noqa: ANN401 - JSON has it, too
    return value


def _plain(kind: type) -> Callable[[Any], Any]:
    def decode(data: Any) -> Any:  # noqa: ANN401 - checked here
        if type(data) is not kind:
            raise ValueError(f"expected {kind.__name__}")
        return data

    return decode


def _list(data: Any, length: int = -1) -> list[Any]:  # noqa: ANN401 - checked here
    if type(data) is not list or length not in (-1, len(data)):
        raise ValueError("expected a list")
    return data


def _sequence(inner: _Way, made: type) -> _Way:
    """Any number of values of one type; of a set sorted, so that the same facts are the same bytes."""

    def encode(value: Any) -> list[Any]:  # noqa: ANN401 - of the type
        found = map(inner.encode, value)
        return sorted(found) if made is frozenset else list(found)

    def decode(data: Any) -> Any:  # noqa: ANN401 - checked here
        return made(map(inner.decode, _list(data)))

    return _Way(encode, decode)


def _record(made: Callable[[list[Any]], Any], inner: list[_Way]) -> _Way:
    """One value each of several types."""

    def encode(value: Any) -> list[Any]:  # noqa: ANN401 - of the type
        return [way.encode(one) for way, one in zip(inner, value, strict=True)]

    def decode(data: Any) -> Any:  # noqa: ANN401 - checked here
        return made([way.decode(one) for way, one in zip(inner, _list(data, len(inner)), strict=True)])

    return _Way(encode, decode)


def _dataclass(kind: type) -> _Way:
    hints = get_type_hints(kind)
    names = [one.name for one in fields(kind)]
    record = _record(lambda values: kind(*values), [_way(hints[name]) for name in names])
    return _Way(lambda value: record.encode([getattr(value, name) for name in names]), record.decode)


def _optional(kind: Any, inner: tuple[Any, ...]) -> _Way:  # noqa: ANN401 - an annotation
    rest = [one for one in inner if one is not type(None)]
    if len(rest) != 1:
        raise TypeError(f"no facts are made of {kind}")
    way = _way(rest[0])
    return _Way(
        lambda value: None if value is None else way.encode(value),
        lambda data: None if data is None else way.decode(data),
    )


def _tagged(inner: tuple[Any, ...]) -> _Way:
    """One of several dataclasses, with its name in front."""
    kinds = {one.__name__: one for one in inner}

    def decode(data: Any) -> Any:  # noqa: ANN401 - checked here
        name, value = _list(data, 2)
        if type(name) is not str or name not in kinds:
            raise ValueError(f"expected one of {', '.join(kinds)}")
        return _way(kinds[name]).decode(value)

    return _Way(lambda value: [type(value).__name__, _way(cast("Any", type(value))).encode(value)], decode)
