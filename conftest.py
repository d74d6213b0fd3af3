"""Holds for every test, the examples' included: property tests are not timed and write nothing down."""

from hypothesis import settings

settings.register_profile("untimed", deadline=None, database=None)
settings.load_profile("untimed")
