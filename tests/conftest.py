"""What all tests share: properties are tried without a clock, since a busy machine proves nothing; no user's cache."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NUMBERS = count()

settings.register_profile("bindlint", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("bindlint")


@pytest.fixture(autouse=True, scope="session")
def _caches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Nothing that a test starts reads or writes what the user keeps."""
    folder = tmp_path_factory.mktemp("caches")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BINDLINT_CACHE_DIR", str(folder / "shared"))
        yield folder


@pytest.fixture(autouse=True)
def _cache_of_its_own(_caches: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that a test reads was kept by another."""
    monkeypatch.setenv("BINDLINT_CACHE_DIR", str(_caches / str(next(_NUMBERS))))
