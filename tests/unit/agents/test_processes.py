"""Finding the agent in a tree of processes."""

import os

import pytest

from yesman.agents.panes import Place
from yesman.agents.processes import Process, agents_below, in_front, nearest_agent, parse_stat, process_table
from yesman.agents.strangers import Strangers


def tree(*rows):
    """Rows are (pid, parent, name, in_front)."""
    return {pid: Process(pid, parent, name, pid, pid if front else 1) for pid, parent, name, front in rows}


@pytest.mark.parametrize("name", ["claude", "a) b", ") S 1 2 3", "((", "", "x y"])
def test_a_name_may_hold_anything(name):
    row = parse_stat(f"12 ({name}) S 7 8 9 34816 8 4194304 1 2")
    assert row == Process(12, 7, name, 8, 8)


@pytest.mark.parametrize(
    "text", ["", "12", "12 (x", "12 (x) S", "a (b) S c d e f g", "12 (x) Z 7 8 9 34816 8 4194304 1 2"]
)
def test_a_row_that_is_none_is_none(text):
    assert parse_stat(text) is None


def test_the_agent_is_found_below_a_shell():
    table = tree(
        (10, 1, "bash", False), (11, 10, "env", False), (12, 11, "claude", True), (20, 1, "bash", True)
    )
    assert {root: agent.pid for root, agent in agents_below(table, [10, 20, 99]).items()} == {10: 12}


def test_the_agent_may_be_the_panes_first_process():
    assert agents_below(tree((10, 1, "claude", True)), [10])[10].in_front


def test_one_in_front_wins_over_a_suspended_one():
    table = tree((10, 1, "bash", False), (11, 10, "claude", False), (12, 10, "claude", True))
    assert agents_below(table, [10])[10].pid == 12
    assert not agents_below(tree((10, 1, "bash", True), (11, 10, "claude", False)), [10])[10].in_front


def test_an_agent_that_an_agent_started_is_not_the_panes():
    table = tree((10, 1, "claude", False), (11, 10, "sh", True), (12, 11, "claude", True))
    assert agents_below(table, [10])[10].pid == 10


def test_a_hook_speaks_for_the_nearest_agent_above_it():
    table = tree(
        (10, 1, "claude", True), (11, 10, "sh", False), (12, 11, "claude", False), (13, 12, "sh", False)
    )
    assert nearest_agent(table, [13, 12, 11, 10]) == 12
    assert nearest_agent(table, [1, 2]) is None


def test_a_tree_that_is_a_circle_ends():
    table = tree((10, 11, "a", False), (11, 10, "b", False))
    assert agents_below(table, [10]) == {}


def test_this_process_is_in_the_table():
    row = process_table()[os.getpid()]
    assert (row.parent, row.group) == (os.getppid(), os.getpgrp())


def test_an_agent_by_another_name_is_one_by_hearsay():
    table = tree((10, 1, "bash", False), (11, 10, "node", True), (12, 11, "claude", True))
    assert agents_below(table, [10])[10] == ("claude", 12, True, False)
    assert nearest_agent(table, [11], {11: "claude"}) == 11
    assert nearest_agent(table, [11]) is None
    alone = tree((10, 1, "bash", False), (11, 10, "node", True))
    assert agents_below(alone, [10], {11: "claude"})[10] == ("claude", 11, True, True)


def test_hearsay_hides_no_agent():
    table = tree((10, 1, "bash", True), (11, 10, "claude", True), (12, 11, "sh", True))
    for others in ({10: "claude"}, {12: "claude"}):
        assert agents_below(table, [10], others)[10] == ("claude", 11, True, False)
        assert nearest_agent(table, [12, 11, 10], others) == 11


def test_in_front_is_what_the_terminal_belongs_to():
    table = tree((10, 1, "bash", False), (11, 10, "vim", True), (20, 1, "bash", False))
    assert {root: process.name for root, process in in_front(table, [10, 20, 99]).items()} == {10: "vim"}


def test_a_program_is_offered_once_and_what_is_said_holds_while_it_lives_under_its_name():
    place, strangers = Place("work", "%1", 10), Strangers()
    table = tree((10, 1, "node", True))
    ((_, node),) = strangers.offered(table, [place])
    assert strangers.offered(table, [place]) == []
    assert strangers.known(table) == {}
    assert not strangers.say(node, "codex")
    assert strangers.say(node, "claude")
    assert strangers.known(table) == {10: "claude"}
    other = tree((10, 1, "vim", True))
    assert strangers.known(other) == {}
    assert [process.name for _, process in strangers.offered(other, [place])] == ["vim"]
    assert [process.name for _, process in strangers.offered(table, [place])] == ["node"]
