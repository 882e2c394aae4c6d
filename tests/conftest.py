"""Profiles of hypothesis, chosen by CRAMPDX_TEST_PROFILE.

`default` draws the same examples at every run of the same tests, so that a change is judged by what
it changed. `thorough` draws many fresh ones: it searches for faults that no change has brought.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

_COMMON = {
    "deadline": None,
    "print_blob": True,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large],
}

settings.register_profile("default", max_examples=25, derandomize=True, **_COMMON)
settings.register_profile("thorough", max_examples=1_000, **_COMMON)
settings.load_profile(os.environ.get("CRAMPDX_TEST_PROFILE", "default"))
