"""Hypothesis profiles: quick by default, thousands of examples with `--hypothesis-profile=thorough`."""

from hypothesis import HealthCheck, settings

# A busy machine is no failure.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", unhurried, max_examples=60, derandomize=True)
settings.register_profile("thorough", unhurried, max_examples=5_000)
settings.load_profile("quick")
