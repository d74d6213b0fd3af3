"""Small decisions: rates, ratings, quarantine, cursors, which release is the latest."""

from __future__ import annotations

from contextlib import suppress
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.marketplace.api.parts import matches
from yesman.marketplace.api.throttling import ADDRESSES, Rate, Throttle, network_of
from yesman.marketplace.cursors import Cursor, read, written
from yesman.marketplace.summary import latest
from yesman.marketplace.voices import must_quarantine, rating_of, weight_of
from yesman.model.errors import UsageError


def test_a_bucket_gives_its_burst_and_then_its_rate():
    now = [0.0]
    throttle = Throttle(Rate(2.0, 3), lambda: now[0])
    assert [throttle.take("a") for _ in range(4)] == [0, 0, 0, 1]
    assert throttle.take("b") == 0
    now[0] = 0.5
    assert [throttle.take("a"), throttle.take("a")] == [0, 1]
    assert throttle.empty("a") == 1


def test_what_is_charged_afterwards_is_owed_and_never_more_than_a_bucket():
    now = [0.0]
    throttle = Throttle(Rate(2.0, 3), lambda: now[0])
    throttle.take("a")
    throttle.charge("a", 100)
    assert throttle.take("a") == 2
    now[0] = 2.0
    assert throttle.take("a") == 0
    throttle.charge("stranger", 100)
    assert throttle.take("stranger") == 0


def test_the_table_of_addresses_stays_bounded():
    throttle = Throttle(Rate(1.0, 1), lambda: 0.0)
    for number in range(ADDRESSES + 10):
        throttle.take(str(number))
    assert throttle.take("0") == 0, "forgotten"
    assert throttle.take(str(ADDRESSES + 9)) == 1, "remembered"


def test_who_has_an_ipv6_network_is_one():
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff:1") != network_of("2001:db8:0:1::1")
    assert network_of("10.0.0.1") != network_of("10.0.0.2")


@pytest.mark.parametrize(
    ("weights", "young", "quarantined"),
    [([2], True, True), ([1] * 9, True, False), ([2], False, False), ([2, 1], False, True),
     ([2, 0], False, False), ([1, 1], False, False), ([], True, False)],
)  # fmt: skip
def test_reports_weigh_as_their_reporters_do(weights, young, quarantined):
    assert must_quarantine(weights, is_young=young) is quarantined


@pytest.mark.parametrize(
    ("trusted", "upheld", "dismissed", "weight"),
    [(True, 0, 0, 2), (False, 0, 0, 1), (True, 0, 1, 2), (True, 0, 2, 1), (True, 0, 4, 0), (False, 0, 2, 0),
     (False, 1, 2, 1), (True, 9, 10, 2), (False, 0, 99, 0), (False, 99, 0, 1)],
)  # fmt: skip
def test_who_is_dismissed_time_and_again_weighs_less(trusted, upheld, dismissed, weight):
    assert weight_of(trusted=trusted, upheld=upheld, dismissed=dismissed) == weight


def test_one_friend_does_not_make_a_plugin_the_best():
    assert rating_of(5, 1) < rating_of(45 * 5, 45) < 5
    assert rating_of(0, 0) == 0


@given(st.integers(0, 2**31 - 1) | st.floats(0, 6) | st.text(max_size=64), st.integers(0, 2**31 - 1))
def test_a_cursor_comes_back_as_it_was(key, number):
    assert read(written(Cursor(key, number)), type(key)) == Cursor(key, number)


@given(st.text(max_size=500), st.sampled_from([int, float, str]))
def test_any_other_cursor_is_refused_in_one_sentence(text, kind):
    with suppress(UsageError):
        assert isinstance(read(text, kind).key, kind)


@pytest.mark.parametrize(
    ("versions", "newest"),
    [(["1.0", "1.10", "1.9"], "1.10"), (["1.0", "2.0b1"], "1.0"), (["2.0b1", "2.0a1"], "2.0b1"), ([], None)],
)
def test_the_latest_release_is_final_where_there_is_one(versions, newest):
    found = latest(SimpleNamespace(version=version, yanked="") for version in versions)
    assert (found and found.version) == newest
    assert latest([SimpleNamespace(version="1.0", yanked="why")]) is None


def test_etags_are_compared_weakly():
    assert matches('W/"a", "b"', '"a"')
    assert matches("*", '"a"')
    assert not matches('"ab"', '"a"')
