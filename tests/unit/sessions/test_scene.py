"""What tmux lists is read strictly, and what it does not know yet is not taken for an end."""

from __future__ import annotations

import pytest

from yesman.model.errors import PlatformError
from yesman.sessions import scene
from yesman.sessions.scene import EMPTY, PaneSeen, SessionSeen, WindowSeen

LISTED = "s\t$1\t77\tname\t/folder\np\t$1\t@1\t%1\t0\t\t\tsh\nc\t/dev/pts/1\t$1\nc\tclient-5\t$9\n"


def test_everything_is_found_by_its_id():
    assert scene.parse(LISTED) == (
        77,
        {"$1": SessionSeen("name", "/folder")},
        {"@1": WindowSeen("$1", "sh")},
        {"%1": PaneSeen("@1")},
        {"/dev/pts/1": "$1"},
        False,
    )
    assert scene.parse("") == EMPTY


@pytest.mark.parametrize(
    ("said", "pane", "unreaped"),
    [
        ("1\t3\t", PaneSeen("@1", dead=True, code=3), False),
        ("1\t\t9", PaneSeen("@1", dead=True, signal=9), False),
        ("1\t\t", PaneSeen("@1"), True),
    ],
)
def test_a_program_has_ended_when_tmux_knows_how(said, pane, unreaped):
    found = scene.parse(f"s\t$1\t77\tname\t/\np\t$1\t@1\t%1\t{said}\tsh")
    assert (found.panes["%1"], found.unreaped) == (pane, unreaped)


@pytest.mark.parametrize(
    "line", ["s\t$1\tx\tname\t/", "p\t$1\t@1\t%1\t0\t\tsh", "c\tname\t$", "s\t1\t7\tn\t/"]
)
def test_what_does_not_fit_is_an_error_of_the_platform(line):
    with pytest.raises(PlatformError, match="cannot be read"):
        scene.parse(line)
