"""What has changed leads from the old value to the new one, and alters neither."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.model.patch import MAX_CHANGES, changes, patched

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3)
KEYS = st.sampled_from(["", "a", "a/b", "~", "~1", "0", "kind"])
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4)
)


@given(JSON, JSON)
def test_the_old_value_with_the_changes_is_the_new_one(old, new):
    assert json.dumps(patched(old, changes(old, new)), sort_keys=True) == json.dumps(new, sort_keys=True)


@given(JSON, JSON, JSON)
def test_nothing_that_was_handed_in_is_altered(first, second, third):
    before = copy.deepcopy((first, second, third))
    one, two = changes(first, second), changes(second, third)
    patched(patched(first, one), two)
    assert repr((first, second, third)) == repr(before)
    assert patched(first, one) == second


@given(JSON)
def test_between_equal_values_nothing_has_changed(value):
    assert changes(value, copy.deepcopy(value)) == []


@pytest.mark.parametrize(("old", "new"), [(1, True), (0, 0.0), ([0], [False]), (None, 0), ({}, [])])
def test_what_compares_as_equal_and_is_another_type_has_changed(old, new):
    assert patched(old, changes(old, new)) == new
    assert changes(old, new)


def test_only_the_inner_value_travels():
    old = {"kind": "stack", "children": [{"text": "a"}, {"text": "b", "rows/~": [1, 2]}]}
    new = {"kind": "stack", "children": [{"text": "a"}, {"text": "b", "rows/~": [1, 3]}]}
    assert changes(old, new) == [("/children/1/rows~1~0/1", 3)]


def test_another_length_or_other_keys_bring_the_value_that_has_them():
    assert changes({"rows": [1]}, {"rows": [1, 2]}) == [("/rows", [1, 2])]
    assert changes({"a": {"b": 1}}, {"a": {"c": 1}}) == [("/a", {"c": 1})]


def test_beyond_so_many_changes_the_whole_travels():
    old, new = [0] * (MAX_CHANGES + 1), [1] * (MAX_CHANGES + 1)
    assert changes(old, new) == [("", new)]
    assert len(changes(old[1:], new[1:])) == MAX_CHANGES


@pytest.mark.parametrize("path", ["/a/b", "/b", "/rows/7", "/rows/x", "/rows/0/x"])
def test_a_path_that_leads_nowhere_is_an_error(path):
    with pytest.raises((LookupError, ValueError)):
        patched({"a": 1, "rows": [0]}, [(path, 1)])
