"""How rules are tried: the same examples each time, in a few seconds."""

from hypothesis import settings

settings.register_profile("rules", derandomize=True, max_examples=60, deadline=None, database=None)
settings.load_profile("rules")
