"""Holds for every test, the examples' included: property tests are not timed and write nothing down.

To look for what the usual number of examples does not find: ``pytest tests/unit --hypothesis-profile long``.
What is found becomes an ``@example`` beside the test that found it.
"""

from hypothesis import settings

settings.register_profile("untimed", deadline=None, database=None)
settings.register_profile("long", parent=settings.get_profile("untimed"), max_examples=20_000)
settings.load_profile("untimed")
