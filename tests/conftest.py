"""Hypothesis profiles: quick by default, thousands of examples with `--hypothesis-profile=thorough`."""

from hypothesis import HealthCheck, settings

settings.register_profile("quick", max_examples=60, deadline=None, derandomize=True)
settings.register_profile("thorough", max_examples=5_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("quick")
