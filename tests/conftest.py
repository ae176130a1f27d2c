"""What all tests share: properties are tried without a clock, since a busy machine proves nothing; no user's cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

settings.register_profile("bindlint", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("bindlint")


@pytest.fixture(autouse=True, scope="session")
def _no_cache_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing that a test starts reads or writes what the user keeps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BINDLINT_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield
