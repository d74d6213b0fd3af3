"""`yesman agent setup` and `yesman agent status`, as a user runs them."""

import asyncio
import json
import os
import subprocess
import sys

import msgspec
import pytest

from yesman.agents.events import HOOKS
from yesman.agents.model import AgentState, Prompt, PromptKind
from yesman.agents.service import Seen


@pytest.fixture
def project(tmp_path):
    (tmp_path / "app").mkdir()
    return tmp_path / "app"


def yesman(*arguments, home, code=0):
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "YESMAN_HOME": str(home), "LANG": "C.UTF-8"}
    ran = subprocess.run(
        [sys.executable, "-m", "yesman", *arguments],
        env=environment | {key: value for key, value in os.environ.items() if key == "PYTHONPATH"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == code, ran.stderr
    return ran


def settings(project):
    return project / ".claude" / "settings.local.json"


def test_setup_shows_what_it_writes_and_the_second_time_writes_nothing(project):
    ran = yesman("agent", "setup", str(project), "--yes", home=project)
    assert '+  "hooks": {' in ran.stderr
    assert set(json.loads(settings(project).read_text())["hooks"]) == set(HOOKS)
    before = settings(project).stat()
    assert "already was with yesman's hooks" in yesman("agent", "setup", str(project), home=project).stdout
    assert settings(project).stat() == before


def test_without_consent_nothing_is_written(project):
    ran = yesman("agent", "setup", str(project), home=project, code=3)
    assert "--yes" in ran.stderr
    assert list(project.iterdir()) == []


def test_remove_gives_back_the_users_own_settings(project):
    settings(project).parent.mkdir()
    settings(project).write_text('{\n  "env": {"A": "1"}\n}\n')
    yesman("agent", "setup", str(project), "--yes", home=project)
    ran = yesman("agent", "setup", str(project), "--remove", "--yes", "--json", home=project)
    assert json.loads(ran.stdout) == {"path": str(settings(project)), "changed": True, "hooks": False}
    assert json.loads(settings(project).read_text()) == {"env": {"A": "1"}}


def test_broken_settings_are_refused_and_stay(project):
    settings(project).parent.mkdir()
    settings(project).write_text("{ // mine\n}")
    ran = yesman("agent", "setup", str(project), "--yes", home=project, code=2)
    assert "not JSON that can be kept" in ran.stderr
    assert settings(project).read_text() == "{ // mine\n}"


@pytest.mark.parametrize("link", [".claude", ".claude/settings.local.json"])
def test_a_repository_cannot_lead_the_writing_elsewhere(project, tmp_path, link):
    target = tmp_path / "elsewhere"
    target.mkdir()
    if link == ".claude":
        (project / link).symlink_to(target)
    else:
        settings(project).parent.mkdir()
        settings(project).symlink_to(target / "file")
    assert "symbolic link" in yesman("agent", "setup", str(project), "--yes", home=project, code=2).stderr
    assert list(target.iterdir()) == []


@pytest.mark.parametrize("make", [lambda path: path.mkdir(), os.mkfifo], ids=["folder", "pipe"])
def test_what_is_no_file_is_refused(project, make):
    settings(project).parent.mkdir()
    make(settings(project))
    assert "no file" in yesman("agent", "setup", str(project), "--yes", home=project, code=2).stderr


def test_a_folder_that_is_not_there_is_not_found(project):
    yesman("agent", "setup", str(project / "no"), "--yes", home=project, code=5)


async def test_status_tells_of_a_real_agent(listening):
    await listening.start("bash")
    await listening.until("prompt.detected")
    shown = (await asyncio.to_thread(yesman, "agent", "status", home=listening.folder)).stdout
    assert "Bash: touch made.txt && echo made" in shown


async def test_status_shows_who_asks_what(listening):
    asks = Prompt(PromptKind.PERMISSION, tool="Bash", command="rm \x1b[2J\n-rf")
    rows = [Seen("claude", "work", "%1", 7, AgentState.WAITING, asks)]

    async def answer(request):
        assert request.method == "agent.status"
        return msgspec.to_builtins(rows), b""

    listening.answer = answer
    shown = (await asyncio.to_thread(yesman, "agent", "status", home=listening.folder)).stdout
    assert shown.splitlines()[1].split()[:5] == ["work", "%1", "claude", "waiting", "Bash:"]
    assert "\x1b" not in shown
    as_json = await asyncio.to_thread(yesman, "agent", "status", "--json", home=listening.folder)
    assert json.loads(as_json.stdout)[0]["prompt"]["command"] == asks.command
