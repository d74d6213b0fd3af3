"""What tmux complains about becomes one sentence of the right kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from yesman.model.errors import NotFoundError, PlatformError, UsageError, YesmanError
from yesman.sessions.tmux import NoServerError, TmuxServer, refusal


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("no server running on /tmp/s", NoServerError),
        ("error connecting to /tmp/s (No such file or directory)", NoServerError),
        ("server exited unexpectedly", NoServerError),
        ("no current target", NoServerError),
        ("error connecting to /tmp/s (Permission denied)", PlatformError),
        ("error creating /tmp/s (No such file or directory)", PlatformError),
        ("can't find session: $9", NotFoundError),
        ("no such session: $9", NotFoundError),
        ("can't find pane: %9", NotFoundError),
        ("duplicate session: work", UsageError),
        ("command too long", UsageError),
        ("unknown command: x\x1b[31m", PlatformError),
        ("", PlatformError),
    ],
)
def test_each_complaint_has_its_kind_and_next_step(said: str, kind: type[YesmanError]):
    error = refusal(said)
    assert type(error) is kind
    assert error.next_step
    assert error.sentence.isprintable()


def test_a_socket_path_that_no_socket_can_have_is_refused_at_once():
    with pytest.raises(PlatformError, match="YESMAN_HOME"):
        TmuxServer(Path("/tmp") / ("x" * 120), env={})


def test_a_final_semicolon_does_not_end_the_command():
    argv = TmuxServer(Path("/tmp/s"), env={}).argv("send-keys", "a;", ";", "\\;", "a;b")
    assert argv == ["tmux", "-S", "/tmp/s", "send-keys", "a\\;", "\\;", "\\\\;", "a;b"]
