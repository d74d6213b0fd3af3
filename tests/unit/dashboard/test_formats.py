"""Values of panels, as people read them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.dashboard.formats import order, written

WRITTEN = [
    (None, "money", "-"),
    (True, "number", "yes"),
    ("as it is", "bytes", "as it is"),
    (1234567, "number", "1,234,567"),
    (0.00123, "number", "0.00123"),
    (12.345, "number", "12.35"),
    (12.5, "money", "$12.50"),
    (-3, "money", "-$3.00"),
    (0.0042, "money", "$0.0042"),
    (0.123, "percent", "12.3 %"),
    (999, "bytes", "999 B"),
    (1_500_000, "bytes", "1.5 MB"),
    (0.0153, "duration", "15 ms"),
    (59.94, "duration", "59.9 s"),
    (125, "duration", "2 min 5 s"),
    (7500, "duration", "2 h 5 min"),
    (200_000, "duration", "2 d 7 h"),
    (-1, "time", "-1"),
    (12, "text", "12"),
]


@pytest.mark.parametrize(("value", "form", "text"), WRITTEN)
def test_it_is_written_as_people_read_it(value, form, text):
    assert written(value, form) == text


def test_a_time_is_written_in_the_zone_of_this_machine():
    assert written(1_790_000_000, "time").startswith("2026-09-2")


FORMS = st.sampled_from(["text", "number", "money", "percent", "bytes", "time", "duration"])
CELLS = st.none() | st.booleans() | st.text() | st.integers() | st.floats(-1e300, 1e300)


@given(CELLS, FORMS)
def test_whatever_it_is_it_is_written_in_one_way_or_another(value, form):
    assert isinstance(written(value, form), str)


@given(st.lists(CELLS))
def test_any_column_can_be_sorted(values):
    found = sorted(values, key=order)
    numbers = [value for value in found if isinstance(value, int | float)]
    assert numbers == sorted(numbers)
    assert not math.isnan(sum(order(value)[0] for value in values))
    assert found[len(found) - found.count(None) :] == [None] * found.count(None)
