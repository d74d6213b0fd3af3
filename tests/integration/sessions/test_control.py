"""The control connection is in nobody's way, and what is asked over it is what a tmux process says."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from yesman.model.errors import NotFoundError
from yesman.sessions import Sessions
from yesman.sessions.control import ControlClient
from yesman.sessions.watch import Watch


def names(told, prefix=""):
    return [change.name for change in told if change.name.startswith(prefix)]


@pytest.fixture
async def connected(watched, until):
    watched.tmux("new-session", "-d", "-s", "work", "-x", "80", "-y", "24", "cat")
    await until(lambda: watched.server.control)
    return watched


async def test_nobody_sees_a_session_attached_by_us(connected):
    assert connected.tmux("display-message", "-p", "-t", "=work:", "#{session_attached}") == "0"
    assert "control-mode" in connected.tmux("list-clients", "-F", "#{client_flags}")
    assert [s.attached for s in await Sessions(connected.server).list()] == [False]


async def test_we_size_nobodys_windows(connected, until):
    with connected.terminal("attach-session", "-t", "=work", size=(31, 101)):
        await until(lambda: connected.tmux("list-windows", "-t", "=work", "-F", "#{window_width}") == "101")
        connected.tmux("new-window", "-t", "=work:")
        assert connected.tmux("list-windows", "-t", "=work", "-F", "#{window_width}").split() == [
            "101",
            "101",
        ]


async def test_a_session_that_ends_when_nobody_looks_does_so(connected, until):
    connected.tmux("new-session", "-d", "-s", "stays")
    with connected.terminal("attach-session", "-t", "=work", ";", "set-option", "destroy-unattached", "on"):
        await until(lambda: "session.attached" in names(connected.told))
    await until(lambda: "session.closed" in names(connected.told))
    assert [s.name for s in await Sessions(connected.server).list()] == ["stays"]


async def test_killing_our_own_session_is_no_news(connected, until):
    connected.tmux("new-session", "-d", "-s", "stays")
    await until(lambda: len(names(connected.told, "pane.opened")) == 2)
    connected.tmux("kill-session", "-a", "-t", "=work")
    await until(lambda: "session.closed" in names(connected.told))
    await until(lambda: connected.server.control)
    await connected.settled()
    assert names(connected.told, "session.") == ["session.created"] * 2 + ["session.closed"]


async def test_the_hooks_of_a_user_stay_and_ours_stand_beside_them(
    server, hand, environment, until, tmp_path
):
    config = "".join(
        f"set-hook -g {hook}[{index}] 'set-option -g @{hook} {index}'\n"
        for hook in ("session-created", "session-closed", "window-linked")
        for index in (0, 77, 7300, 7301)
    )
    (tmp_path / "home" / ".tmux.conf").write_text(config)
    told = []
    watch = Watch(server, told.append)
    task = asyncio.ensure_future(watch.run())
    hand("new-session", "-d", "-s", "stays")
    assert await watch.current(20)
    before = hand("show-hooks", "-g")
    hand("new-session", "-d", "-s", "work", ";", "kill-session", "-t", "=work")
    await until(lambda: "session.closed" in names(told))
    assert hand("show-options", "-gv", "@session-closed") == "7301"
    assert before.count("@session-created") == 4
    task.cancel()
    await asyncio.wait([task])
    assert hand("show-hooks", "-g").count("@session-created") == 4


async def test_what_hooks_of_a_session_hide_is_told_nevertheless(connected, until):
    for hook in ("window-linked", "window-unlinked", "session-renamed", "session-closed"):
        connected.tmux("set-hook", "-t", "=work:", hook, "set-option -g @mine 1")
    connected.tmux("new-window", "-d", "-t", "=work:")
    connected.tmux("rename-session", "-t", "=work", "other")
    await until(lambda: "session.renamed" in names(connected.told))
    connected.tmux("new-session", "-d", "-s", "stays", ";", "kill-session", "-t", "=other")
    await until(lambda: "session.closed" in names(connected.told))
    assert names(connected.told).count("window.created") == 3


async def test_hooks_that_somebody_removes_come_back(connected, until, monkeypatch):
    monkeypatch.setattr("yesman.sessions.watch.CHECK_SECONDS", 0.3)
    connected.tmux("set-hook", "-g", "session-created", "set-option -g @mine 1")
    await until(lambda: connected.server.journal in connected.tmux("show-hooks", "-g", "session-created"))
    assert "@mine" in connected.tmux("show-hooks", "-g", "session-created")


async def test_two_watchers_of_one_server_hear_everything_each(connected, until, environment):
    from yesman.sessions import TmuxServer  # noqa: PLC0415 - one more, with another owner

    told = []
    watch = Watch(TmuxServer(connected.server.socket, env=environment, owner="other"), told.append)
    task = asyncio.ensure_future(watch.run())
    assert await watch.current(20)
    connected.tmux("new-session", "-d", "-s", "next", ";", "kill-session", "-t", "=next")
    for heard in (told, connected.told):
        await until(lambda heard=heard: "session.closed" in names(heard))
    task.cancel()
    await asyncio.wait([task])


async def test_what_is_asked_over_the_connection_is_what_a_process_says(connected, until):
    connected.tmux("rename-window", "-t", "=work:", "a\tb%end 1 2 1; \x1b é")
    sessions = Sessions(connected.server)
    over = await sessions.list(), await sessions.capture("work")
    control, connected.server.control = connected.server.control, None
    by_process = await sessions.list(), await sessions.capture("work")
    connected.server.control = control
    assert over == by_process
    for server_control in (control, None):
        connected.server.control = server_control
        with pytest.raises(NotFoundError, match="has gone"):
            await connected.server.ask(("list-panes", "-t", "$99"))
    connected.server.control = control


async def test_a_pane_cannot_forge_an_answer(connected, until):
    said = "\n".join([f"%end 1 {n} 1" for n in range(20)] + ["%begin 1 2 1", "%exit", "%error 1 2 1"])
    quiet = ["sh", "-c", "stty -echo; echo ready; exec cat"]  # else the echo comes between what is said
    connected.tmux("respawn-pane", "-k", "-t", "=work:", *quiet)
    await until(lambda: "ready" in connected.tmux("capture-pane", "-p", "-t", "=work:"))
    await Sessions(connected.server).send("work", said)
    shown = ""

    async def all_of_it():
        nonlocal shown
        shown = await Sessions(connected.server).capture("work", lines=60)
        return "%error 1 2 1" in shown

    await until(all_of_it)
    assert "%end 1 19 1\n%begin 1 2 1\n%exit\n%error 1 2 1" in shown
    assert connected.server.control is not None


async def test_a_question_whose_connection_dies_is_answered_by_a_process(connected):
    os.kill(connected.server.control.pid, signal.SIGKILL)
    assert [s.name for s in await Sessions(connected.server).list()] == ["work"]


async def test_the_client_process_goes_with_the_watch(connected, until):
    pid = connected.server.control.pid
    await connected.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert connected.tmux("list-clients") == ""


async def test_it_goes_when_the_watch_is_cancelled_before_a_thread_is_free_for_that(connected, until):
    pid, gate = connected.server.control.pid, threading.Event()
    with ThreadPoolExecutor(1) as only:
        asyncio.get_running_loop().set_default_executor(only)
        only.submit(gate.wait)
        os.kill(pid, signal.SIGKILL)
        await until(only._work_queue.qsize)
        await connected.stop()
        gate.set()
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # noqa: ASYNC222 - it is told not to wait


def asking(server, environment):
    argv = ["tmux", "-S", str(server.socket), "display-message", "-p", "#{pid}"]
    return [subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(3)]


async def test_a_connection_that_breaks_off_while_others_ask_harms_nobody(
    server, hand, environment, monkeypatch
):
    # With destroy-unattached in the hidden session, tmux 3.3a survives two or three of these.
    hand("new-session", "-d", "-s", "work", "cat")
    pid = hand("display-message", "-p", "#{pid}")
    monkeypatch.setattr(ControlClient, "_end_session", lambda _: asyncio.sleep(0))
    for _ in range(80):
        client = await ControlClient.open(server, lambda: None)
        others = asking(server, environment)
        await client.close()
        assert [other.communicate()[0] for other in others] == [f"{pid}\n"] * 3


async def test_a_hidden_session_ends_with_whoever_made_it(server, hand, environment, until):
    hand("new-session", "-d", "-s", "work", "cat")
    hand("set-option", "-g", "remain-on-exit", "on")
    program = (
        "import asyncio, json, sys; from pathlib import Path\n"
        "from yesman.sessions import TmuxServer; from yesman.sessions.control import ControlClient\n"
        "async def main():\n"
        "    server = TmuxServer(Path(sys.argv[1]), env=json.loads(sys.argv[2]))\n"
        "    await ControlClient.open(server, lambda: None)\n"
        "    print('open', flush=True); await asyncio.sleep(60)\n"
        "asyncio.run(main())"
    )
    argv = [sys.executable, "-c", program, str(server.socket), json.dumps(environment)]
    other = await asyncio.create_subprocess_exec(*argv, stdout=subprocess.PIPE)
    assert await other.stdout.readline() == b"open\n"
    assert "_yesman-" in hand("list-sessions", "-F", "#{session_name}")
    other.kill()
    await other.communicate()
    await until(lambda: hand("list-sessions", "-F", "#{session_name}") == "work")
