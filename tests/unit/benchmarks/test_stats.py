"""Percentiles and differences, by hand."""

from __future__ import annotations

import pytest
from benchmarks.stats import Added, Samples, ratio


def test_percentiles_lie_between_neighbours():
    samples = Samples.of([4.0, 1.0, 3.0, 2.0])
    assert samples.median == 2.5
    assert samples.at(0) == 1.0
    assert samples.at(100) == 4.0
    assert samples.at(95) == pytest.approx(3.85)


def test_one_sample_is_every_percentile_of_itself():
    assert {Samples.of([7.0]).at(percentile) for percentile in (0, 50, 95, 100)} == {7.0}


def test_nothing_measured_is_an_error_not_a_zero():
    with pytest.raises(ValueError, match="nothing was measured"):
        Samples.of([])


def test_what_is_added_is_the_difference_of_percentiles():
    added = Added(Samples.of([5.0, 6.0, 7.0]), Samples.of([1.0, 2.0, 3.0]))
    assert added.median == 4.0
    assert added.percentiles(scale=1000.0)["p100"] == 4000.0


def test_the_interval_of_a_difference_holds_its_median_and_repeats():
    added = Added(Samples.of(range(100, 200)), Samples.of(range(100)))
    low, high = added.sure()
    assert low <= added.median <= high
    assert added.sure() == (low, high)


def test_a_ratio_to_nothing_is_infinite():
    assert ratio(1.0, 0.0) == float("inf")
    assert ratio(1.0, 2.0) == 0.5
