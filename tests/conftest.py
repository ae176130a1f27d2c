"""What all tests share: properties are tried without a clock, since a busy machine proves nothing."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("bindlint", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("bindlint")
