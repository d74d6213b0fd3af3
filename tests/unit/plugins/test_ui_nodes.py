"""Nodes stay as they were made, and equal what holds the same."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import pytest

from yesman.plugins import ui


class Row(NamedTuple):
    """What an author may have at hand."""

    name: str
    count: int


@pytest.mark.parametrize("labels", [["a", "b"], ("a", "b"), deque("ab")])
def test_lists_of_any_kind_are_the_same(labels):
    one = ui.Chart(labels, [ui.Series("s", range(2))])
    assert one == ui.Chart(("a", "b"), (ui.Series("s", (0, 1)),))
    assert hash(one.series)


def test_a_list_that_is_changed_later_changes_no_node():
    rows = [["a", 1]]
    table = ui.Table([ui.Column("x"), ui.Column("n", "number")], rows)
    rows[0][0] = "b"
    rows.append(["c", 2])
    assert table.rows == (("a", 1),)


def test_rows_may_be_named_tuples():
    assert ui.Table([ui.Column("x")] * 2, [Row("a", 1)]).rows == (("a", 1),)


def test_a_node_is_data_with_its_kind():
    stack = ui.Stack([ui.KeyValue([("a", None)]), ui.Tree([ui.Item("x", [ui.Item("y")])])], "across")
    told = ui.data(stack)
    assert (told["kind"], told["direction"]) == ("stack", "across")
    assert told["children"][0] == {"kind": "keyvalue", "rows": [["a", None]]}
    assert "kind" not in told["children"][1]["items"][0]
