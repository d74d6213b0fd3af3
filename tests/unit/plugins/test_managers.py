"""The session and tmux managers ask the host for exactly what the author asked of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from yesman.plugins import (
    Done,
    EventBus,
    Pane,
    Session,
    SessionManager,
    TmuxManager,
    Window,
    need_of,
    permission_of,
)

WORK = Session(name="work", id="$0", cwd="/src")


def test_the_current_session_carries_windows_panes_and_metadata(transport):
    session = SessionManager(transport).get_current_session()
    assert session.metadata == {"repo": "owner/name", "branch": "main"}
    assert session.windows[0].panes[0] == Pane("%0", 0, "bash", "/src", 41, True, 80, 24)
    assert (session.name, session.attached, session.created) == ("work", False, 1700000000.5)


async def test_one_call_serves_sync_and_async_code(transport):
    manager = SessionManager(transport)
    assert manager.get_session("work") == await manager.get_session("work")
    assert [session.name for session in await manager.list_sessions()] == ["work"]
    assert isinstance(await manager.close_session("work"), Done)


def test_an_absent_session_is_a_lookup_error(transport):
    transport.answers["session.get"] = LookupError("no session 'gone'")
    with pytest.raises(LookupError, match="gone"):
        SessionManager(transport).get_session("gone")


def test_a_refusal_reaches_the_author_as_permission_error(transport):
    transport.answers["tmux.send"] = PermissionError("lacks permission 'session.type'")
    with pytest.raises(PermissionError, match=r"session\.type"):
        TmuxManager(transport).send_keys("work", "ls")


def test_a_newer_host_may_say_more_about_a_session(transport):
    transport.answers["session.current"] = {**transport.answers["session.current"], "mood": "fine"}
    assert SessionManager(transport).get_current_session().name == "work"


CALLS = [
    (SessionManager, "get_current_session", (), "session.current", {}),
    (SessionManager, "get_session", ("work",), "session.get", {"name": "work"}),
    (SessionManager, "list_sessions", (), "session.list", {}),
    (SessionManager, "create_session", ("w",), "session.create", {"name": "w", "cwd": None, "command": None}),
    (
        SessionManager,
        "create_session",
        ("w", Path("/src"), ("make", "test")),
        "session.create",
        {"name": "w", "cwd": "/src", "command": ["make", "test"]},
    ),
    (SessionManager, "close_session", (WORK,), "session.close", {"name": "work"}),
    (SessionManager, "rename_session", (WORK, "new"), "session.rename", {"name": "work", "new_name": "new"}),
    (
        SessionManager,
        "set_metadata",
        (WORK, "k", "v"),
        "session.set_metadata",
        {"name": "work", "key": "k", "value": "v"},
    ),
    (TmuxManager, "list_windows", (WORK,), "tmux.windows", {"session": "work"}),
    (TmuxManager, "list_panes", ("work",), "tmux.panes", {"session": "work"}),
    (
        TmuxManager,
        "capture_pane",
        (WORK, Pane("%3"), 10),
        "tmux.capture",
        {"session": "work", "pane": "%3", "lines": 10},
    ),
    (
        TmuxManager,
        "send_keys",
        ("work", "ls", "%3", False),
        "tmux.send",
        {"session": "work", "text": "ls", "pane": "%3", "enter": False},
    ),
    (EventBus, "publish", ("plugin.me.done",), "bus.publish", {"name": "plugin.me.done", "payload": {}}),
    (EventBus, "subscribe", ("session.*", print), "bus.subscribe", {"pattern": "session.*"}),
]


@pytest.mark.parametrize("row", CALLS, ids=lambda row: row[1])
def test_each_method_makes_the_one_call_that_it_records(transport, row):
    service, method, arguments, call, params = row
    getattr(service(transport), method)(*arguments)
    assert transport.calls == [(call, params)]
    assert need_of(getattr(service, method)).call == call


def test_what_the_host_answers_becomes_typed_values(transport):
    tmux = TmuxManager(transport)
    assert isinstance(tmux.list_windows("work")[0], Window)
    assert tmux.list_panes("work")[0].pid == 41
    assert tmux.capture_pane("work").splitlines() == ["$ make"]


@pytest.mark.parametrize("command", ["make test", b"make", [], ["make", 1]])
def test_a_command_that_is_no_list_of_words_is_refused_before_any_call(transport, command):
    with pytest.raises(ValueError, match="list of strings"):
        SessionManager(transport).create_session("w", command=command)
    assert transport.calls == []


def test_a_command_turns_creating_into_typing(transport):
    create = SessionManager(transport).create_session
    assert permission_of(create) == "session.modify"
    assert permission_of(create, command=None) == "session.modify"
    assert permission_of(create, command=["top"]) == "session.type"


def test_a_function_that_is_no_service_has_no_permission():
    with pytest.raises(LookupError, match="records no permission"):
        permission_of(print)
