"""From what the agent's hook gets on stdin to what it means."""

import msgspec
import pytest

from yesman.agents.event import MAX_TEXT, ancestors, main, socket_path, summary
from yesman.agents.events import HOOKS, HookEvent, signal
from yesman.agents.model import AgentState, PromptKind
from yesman.model.home import Home

# As Claude Code 2.1.330 sent it.
PERMISSION = {
    "session_id": "180629c9-ff60-4ab4-9b22-f42c31523a33",
    "transcript_path": "/home/u/.claude/projects/-work-app/180629c9.jsonl",
    "cwd": "/work/app",
    "permission_mode": "default",
    "hook_event_name": "PermissionRequest",
    "tool_name": "Bash",
    "tool_input": {"command": "touch made.txt", "description": "Make a file"},
}


def told(payload):
    return signal(msgspec.convert(summary(payload) | {"ancestors": [1]}, HookEvent))


def test_a_permission_prompt_is_known_to_the_letter():
    prompt = told(PERMISSION).prompt
    assert (prompt.kind, prompt.tool, prompt.command) == (PromptKind.PERMISSION, "Bash", "touch made.txt")
    assert (prompt.exact, prompt.source) == (True, "hook")


def test_a_question_of_its_own_is_a_choice():
    given = {"questions": [{"question": "Which colour?", "options": []}]}
    prompt = told(PERMISSION | {"tool_name": "AskUserQuestion", "tool_input": given}).prompt
    assert (prompt.kind, prompt.question, prompt.exact) == (PromptKind.CHOICE, "Which colour?", False)


def test_what_is_too_long_is_left_out_and_not_called_exact():
    prompt = told(PERMISSION | {"tool_input": {"command": "x" * (MAX_TEXT + 1), "file_path": "/a"}}).prompt
    assert (prompt.command, prompt.file, prompt.exact) == (None, "/a", False)


@pytest.mark.parametrize(
    ("event", "more", "state"),
    [
        ("SessionStart", {}, AgentState.IDLE),
        ("UserPromptSubmit", {"prompt": "secret"}, AgentState.BUSY),
        ("Notification", {"notification_type": "permission_prompt"}, AgentState.WAITING),
        ("Notification", {"notification_type": "idle_prompt"}, AgentState.IDLE),
        ("Stop", {}, AgentState.IDLE),
    ],
)
def test_each_event_means_a_state(event, more, state):
    assert told({"hook_event_name": event, **more}).state is state
    assert event in HOOKS


@pytest.mark.parametrize("payload", [{"hook_event_name": "SessionEnd"}, {"hook_event_name": "New"}])
def test_other_events_mean_nothing(payload):
    assert told(payload) is None


def test_what_the_user_typed_is_not_passed_on():
    assert "secret" not in str(summary({"hook_event_name": "UserPromptSubmit", "prompt": "secret"}))


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"event": 1, "ancestors": []},
        {"event": "Stop", "ancestors": [0]},
        {"event": "Stop", "ancestors": [1 << 31]},
        {"event": "Stop", "ancestors": list(range(1, 18))},
        {"event": "x" * 257, "ancestors": []},
        {"event": "Stop", "ancestors": [], "agent": "other"},
        {"event": "Stop", "ancestors": [], "command": "x" * (MAX_TEXT + 1)},
    ],
)
def test_malformed_parameters_are_refused(params):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(params, HookEvent)


def test_the_socket_is_where_the_server_listens():
    for environment in (
        {"HOME": "/home/u"},
        {"HOME": "/home/u", "YESMAN_HOME": "/y/../z"},
        {"YESMAN_HOME": "rel"},
    ):
        assert socket_path(environment).endswith("server.sock")
    assert socket_path({"HOME": "/home/u"}) == str(Home.of({"HOME": "/home/u"}).socket)
    assert socket_path({"YESMAN_HOME": "/y"}) == str(Home.of({"YESMAN_HOME": "/y"}).socket)


def test_ancestors_lead_to_the_first_process():
    import os  # noqa: PLC0415 - for this one

    assert ancestors(os.getpid())[0] == os.getppid()
    assert callable(main)
