"""Fields of settings classes that are read from the environment: which variable outranks the default of each.

Source: pydantic-settings (docs.pydantic.dev, concepts/pydantic_settings): names are read whatever their case, behind
`env_prefix`; an alias stands for the whole name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from bindlint.knowledge.gate import SETTINGS
from bindlint.readers.python.options import keywords
from bindlint.readers.python.scopes import last_name, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bindlint.readers.python.scopes import Scope, Write

_ALIASES = ("validation_alias", "alias", "env")
_CONFIGS = ("model_config", "Config")


def is_read(bases: Iterable[str]) -> bool:
    """Whether a class with such bases reads its fields from the environment."""
    return any(base.rpartition(".")[2] == SETTINGS for base in bases)


def bases(scope: Scope) -> list[str]:
    """The last names of what a class is written to inherit from."""
    return [last_name(arg.value) for arg in scope.node.bases] if isinstance(scope.node, cst.ClassDef) else []


def variable(family: list[Scope], write: Write, name: str) -> str:
    """The variable that a field is read from, "" when nobody knows; `family` is its class with those above."""
    given = keywords(write.value) if isinstance(write.value, cst.Call) else {}
    if alias := next((given[key] for key in _ALIASES if key in given), None):
        return (plain(alias) or "").upper()
    prefix = next((node for scope in family for node in _prefixes(scope)), None)
    before = "" if prefix is None else plain(prefix)
    return "" if before is None else f"{before}{name}".upper()


def _prefixes(scope: Scope) -> Iterator[cst.BaseExpression]:
    """What a class says of `env_prefix`: in its `model_config`, or in the class `Config` within."""
    for write in (write for name in _CONFIGS for write in scope.writes.get(name, ())):
        if write.scope is not None:
            yield from (inner.value for inner in write.scope.writes.get("env_prefix", ()) if inner.value is not None)
        elif isinstance(write.value, cst.Call) and "env_prefix" in (given := keywords(write.value)):
            yield given["env_prefix"]
        elif isinstance(write.value, cst.Dict):
            entries = (e for e in write.value.elements if isinstance(e, cst.DictElement))
            yield from (entry.value for entry in entries if plain(entry.key) == "env_prefix")
