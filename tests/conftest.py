"""Hypothesis profiles, chosen by the variable HYPOTHESIS_PROFILE.

`dev` gives a quick answer and `ci` a thorough one, the same each time; `deep` looks for what nobody has seen yet.
"""

import os

from hypothesis import HealthCheck, settings

_SLOW_ORACLE = [HealthCheck.too_slow, HealthCheck.filter_too_much]  # 50 digits take their time
settings.register_profile("dev", max_examples=25, deadline=None, suppress_health_check=_SLOW_ORACLE, derandomize=True)
settings.register_profile("ci", max_examples=100, deadline=None, suppress_health_check=_SLOW_ORACLE, derandomize=True)
settings.register_profile("deep", max_examples=1000, deadline=None, suppress_health_check=_SLOW_ORACLE, database=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))
