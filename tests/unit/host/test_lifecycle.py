"""The table of states holds for every pair of them."""

from __future__ import annotations

import itertools

import pytest

from yesman.model.lifecycle import CHANGES, State, check_change


def test_every_state_has_a_row():
    assert set(CHANGES) == set(State)


@pytest.mark.parametrize(("old", "new"), list(itertools.product(State, State)))
def test_a_change_is_in_the_table_or_refused(old, new):
    if new in CHANGES[old]:
        assert check_change(old, new) is new
    else:
        with pytest.raises(ValueError, match=f"from {old} to {new}"):
            check_change(old, new)


def test_a_process_exists_between_starting_and_draining_only():
    assert {old for old, row in CHANGES.items() if State.RUNNING in row} == {State.STARTING}
    assert {old for old, row in CHANGES.items() if State.DRAINING in row} == {State.RUNNING}
    assert CHANGES[State.RUNNING] == {State.DRAINING, State.ENABLED}


def test_every_state_is_left_again():
    reached = {State.DISCOVERED}
    while (more := set().union(*(CHANGES[state] for state in reached)) | reached) != reached:
        reached = more
    assert reached == set(State)
    assert all(CHANGES.values())


def test_nothing_leads_back_to_a_mere_folder():
    assert not any(State.DISCOVERED in row for row in CHANGES.values())
