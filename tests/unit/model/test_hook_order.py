"""The order in which plugins are asked."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.model.errors import UsageError
from yesman.model.hook_order import Place, in_order

NAMES = ("a", "b", "c", "d", "e")
someone = st.sampled_from(NAMES)
some = st.lists(someone, max_size=2).map(tuple)
places = st.lists(
    st.builds(Place, someone, st.integers(-100, 100), some, some), unique_by=lambda place: place.plugin
)


def test_priority_decides_then_names():
    assert in_order([Place("b"), Place("a"), Place("z", 5), Place("c", -1)], "x") == ("z", "a", "b", "c")


def test_before_and_after_go_above_priority():
    wishes = [
        Place("first", -100, before=("second",)),
        Place("second", 100),
        Place("third", 100, after=("first",)),
    ]
    assert in_order(wishes, "x") == ("first", "second", "third")


def test_plugins_that_are_not_there_do_not_matter():
    assert in_order([Place("a", before=("ghost",), after=("other",))], "x") == ("a",)


@pytest.mark.parametrize(
    ("wishes", "told"),
    [
        ([Place("a", before=("a",))], "'a' before 'a'"),
        ([Place("a", before=("b",)), Place("b", before=("a",))], "'a' before 'b', 'b' before 'a'"),
        ([Place("a", before=("b",), after=("b",)), Place("b")], "'a' before 'b', 'b' before 'a'"),
    ],
)
def test_a_cycle_is_refused_by_name(wishes, told):
    with pytest.raises(UsageError) as refused:
        in_order([*wishes, Place("innocent"), Place("follower", after=("a",))], "session.creating")
    assert sorted(told.split(", ")) == sorted(refused.value.message.partition(": ")[2].split(", "))
    assert "'session.creating'" in refused.value.message


@given(places, st.randoms())
def test_every_wish_holds_whoever_was_first(wishes, random):
    shuffled = [*wishes]
    random.shuffle(shuffled)
    try:
        ordered = in_order(wishes, "x")
    except UsageError:
        with pytest.raises(UsageError):
            in_order(shuffled, "x")
        assert not any(_holds(order, wishes) for order in itertools.permutations([w.plugin for w in wishes]))
        return
    assert ordered == in_order(shuffled, "x")
    assert _holds(ordered, wishes)


def _holds(order, wishes):
    at = {plugin: index for index, plugin in enumerate(order)}
    return all(
        all(at[wish.plugin] < at[other] for other in wish.before if other in at)
        and all(at[wish.plugin] > at[other] for other in wish.after if other in at)
        for wish in wishes
    )
