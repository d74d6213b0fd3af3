"""Which session is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from yesman.model.errors import NotFoundError, UsageError
from yesman.sessions import choosing
from yesman.sessions.listing import Snapshot
from yesman.sessions.model import Pane, Session, Window, check_name


def session(name: str, number: int, cwd: str, pane: str) -> Session:
    panes = (Pane(pane, 0, "sh", cwd, 1, True, 80, 24),)
    return Session(name, f"${number}", cwd, False, 0.0, (Window("@1", 0, "w", True, panes),), {})


OUTER = session("outer", 1, "/srv", "%1")
INNER = session("inner", 2, "/srv/app", "%2")
SNAPSHOT = Snapshot(77, (OUTER, INNER))


def ours(socket: str) -> bool:
    return socket == "/run/a,b.sock"


def test_a_pane_tells_its_session():
    assert choosing.by_pane(SNAPSHOT, "/run/a,b.sock,77,2", "%2", ours) == INNER


@pytest.mark.parametrize(
    ("tmux", "pane"),
    [
        ("/run/a,b.sock,78,2", "%2"),
        ("/run/other.sock,77,2", "%2"),
        ("/run/a,b.sock,77,2", "%9"),
        ("", "%2"),
        (",", "%2"),
        ("nonsense", "%2"),
    ],
)
def test_a_pane_of_another_or_an_earlier_server_tells_nothing(tmux: str, pane: str):
    assert choosing.by_pane(SNAPSHOT, tmux, pane, ours) is None


def test_a_pane_shared_by_two_sessions_belongs_to_the_one_it_was_made_in():
    shared = Snapshot(77, (session("first", 1, "/", "%5"), session("second", 2, "/", "%5")))
    found = choosing.by_pane(shared, "/run/a,b.sock,77,2", "%5", ours)
    assert found is not None
    assert found.name == "second"


def test_the_deepest_folder_wins():
    assert choosing.by_folder([OUTER, INNER], Path("/srv/app/src"), Path) == INNER
    assert choosing.by_folder([OUTER, INNER], Path("/srv/apple"), Path) == OUTER
    assert choosing.by_folder([OUTER, INNER], Path("/home"), Path) is None


def test_two_sessions_in_one_folder_are_not_guessed_between():
    twin = session("twin", 3, "/srv/app", "%3")
    with pytest.raises(UsageError, match="'inner', 'twin'"):
        choosing.by_folder([INNER, twin], Path("/srv/app"), Path)


def test_a_name_must_match_exactly_and_a_near_miss_is_named():
    assert choosing.by_name([OUTER, INNER], "outer") == OUTER
    with pytest.raises(NotFoundError, match="Did you mean 'outer'"):
        choosing.by_name([OUTER, INNER], "oute")


@pytest.mark.parametrize("name", ["", "-x", "a b", "a:b", "a.b", "=a", "$1", "a\n", "é", "a" * 65, "a;"])
def test_such_names_are_not_given(name: str):
    with pytest.raises(UsageError):
        check_name(name)


def test_plain_names_are_given():
    assert check_name("Work-1_b") == "Work-1_b"
