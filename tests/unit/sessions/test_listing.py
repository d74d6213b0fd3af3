"""tmux's answer becomes values, or one clear error."""

from __future__ import annotations

import msgspec
import pytest

from yesman.model.errors import PlatformError
from yesman.sessions import listing
from yesman.sessions.model import Session

ANSWER = "\n".join(
    [
        "S\t$1\t77\t1\t1700000000\t\twork\t/srv\t" + '{"task":"a"}',
        "W\t$1\t2\t@2\t0\tsecond",
        "W\t$1\t0\t@1\t1\tfirst",
        "P\t$1\t0\t%1\t0\t100\t0\t80\t24\tvim\t/srv/a",
        "P\t$1\t0\t%2\t1\t101\t1\t80\t24\tsh\t/srv/b",
        "P\t$1\t2\t%3\t0\t102\t1\t80\t24\tsh\t",
        "",
    ]
)


def test_panes_are_in_their_windows_and_windows_in_order():
    (session,) = listing.parse(ANSWER).sessions
    assert [window.id for window in session.windows] == ["@1", "@2"]
    assert [pane.id for pane in session.windows[0].panes] == ["%1", "%2"]
    assert session.pane() == session.windows[0].panes[1]
    assert session.metadata == {"task": "a"}
    assert session.attached is True


def test_the_values_are_plain_data_and_come_back_from_it():
    (session,) = listing.parse(ANSWER).sessions
    data = msgspec.to_builtins(session)
    assert set(data) == {"name", "id", "cwd", "attached", "created", "windows", "metadata"}
    assert set(data["windows"][0]) == {"id", "index", "name", "active", "panes"}
    pane = {"id", "index", "command", "cwd", "pid", "active", "width", "height"}
    assert set(data["windows"][0]["panes"][0]) == pane
    assert msgspec.convert(data, Session) == session


def test_who_made_a_session_is_told_beside_it_not_in_it():
    assert listing.parse(ANSWER).made_by == {}
    made = listing.parse(ANSWER.replace("1700000000\t", "1700000000\tgithub"))
    assert made.made_by == {"$1": "github"}
    assert made.sessions == listing.parse(ANSWER).sessions


def test_no_answer_is_no_session():
    assert listing.parse("") == listing.EMPTY


@pytest.mark.parametrize("answer", ["X\t1", "S\t$1", "W\t$1\tx\t@1\t1\tn", "P" + "\t1" * 30])
def test_an_answer_of_another_shape_is_an_error(answer: str):
    with pytest.raises(PlatformError, match="cannot be read"):
        listing.parse(answer)


def test_many_windows_and_panes_are_read():
    rows = [f"W\t$1\t{number}\t@{number}\t1\tw" for number in range(2000)]
    rows += [f"P\t$1\t{number}\t%{number}\t0\t1\t1\t80\t24\tsh\t/" for number in range(2000)]
    (session,) = listing.parse("\n".join([ANSWER.split("\n")[0], *rows])).sessions
    assert sum(len(window.panes) for window in session.windows) == 2000
