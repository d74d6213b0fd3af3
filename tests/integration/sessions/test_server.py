"""The tmux server itself: missing, killed, stopped, asked once; and terminals that attach to it."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from yesman.model.errors import NotFoundError, PlatformError
from yesman.sessions import Sessions, TmuxServer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from contextlib import AbstractContextManager

    Until = Callable[..., Awaitable[object]]


async def test_attach_shows_the_session_in_a_terminal(
    sessions: Sessions, terminal: Callable[..., AbstractContextManager[None]], tmp_path: Path, until: Until
):
    await sessions.create("work", tmp_path)

    async def attached() -> bool:
        return (await sessions.get("work")).attached

    with terminal(sessions.attach_argv("work")):
        assert await until(attached)


async def test_inside_the_same_tmux_attach_switches(sessions: Sessions, socket: Path, tmp_path: Path):
    await sessions.create("work", tmp_path)
    assert sessions.attach_argv("work")[3] == "attach-session"
    assert sessions.attach_argv("work", tmux=f"{socket},1,0")[3:] == ["switch-client", "-t", "=work"]
    assert sessions.attach_argv("work", tmux="/tmp/other,1,0")[3] == "attach-session"


async def test_a_missing_tmux_is_named_with_its_remedy(socket: Path, tmp_path: Path):
    sessions = Sessions(TmuxServer(socket, env={"PATH": str(tmp_path)}))
    with pytest.raises(PlatformError, match=r"tmux is not installed.*apt install tmux"):
        await sessions.list()
    with pytest.raises(PlatformError, match="tmux is not installed"):
        await sessions.create("work", tmp_path)


async def test_a_killed_server_leaves_no_sessions_and_a_new_one_can_start(
    sessions: Sessions, server: TmuxServer, tmp_path: Path, until: Until
):
    await sessions.create("work", tmp_path)
    pid = int(await server.run(("display-message", "-p", "#{pid}")))
    os.kill(pid, 9)

    async def empty() -> bool:
        return await sessions.list() == ()

    assert await until(empty)
    with pytest.raises(NotFoundError):
        await sessions.send("work", "x")
    assert (await sessions.create("work", tmp_path)).name == "work"


async def test_a_server_that_dies_while_it_is_asked_gives_an_answer_or_nothing(
    sessions: Sessions, server: TmuxServer, tmp_path: Path
):
    for _ in range(10):
        await sessions.create("work", tmp_path)
        pid = int(await server.run(("display-message", "-p", "#{pid}")))
        asking = [asyncio.create_task(sessions.list()) for _ in range(4)]
        await asyncio.sleep(0)
        os.kill(pid, 9)
        assert {len(answer) for answer in await asyncio.gather(*asking)} <= {0, 1}


async def test_a_session_can_be_made_right_after_the_last_one_closed(sessions: Sessions, tmp_path: Path):
    # Without a second attempt about one in twelve met the server that was just ending.
    for _ in range(60):
        await sessions.create("work", tmp_path)
        await sessions.close("work")


async def test_a_stopped_server_gives_one_error_in_time(
    sessions: Sessions, server: TmuxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    await sessions.create("work", tmp_path)
    pid = int(await server.run(("display-message", "-p", "#{pid}")))
    monkeypatch.setattr("yesman.sessions.tmux.TIMEOUT", 0.5)
    os.kill(pid, 19)
    try:
        with pytest.raises(PlatformError, match="tmux did not finish"):
            await sessions.list()
    finally:
        os.kill(pid, 18)


async def test_a_socket_in_a_missing_folder_is_explained(environment: dict[str, str], tmp_path: Path):
    sessions = Sessions(TmuxServer(Path("/tmp/no-such-folder-of-ours/s"), env=environment))
    assert await sessions.list() == ()
    with pytest.raises(PlatformError, match=r"cannot use its socket.*folder exists"):
        await sessions.create("work", tmp_path)


async def test_the_server_keeps_no_folder_in_use(sessions: Sessions, server: TmuxServer, tmp_path: Path):
    await sessions.create("work", tmp_path)
    pid = (await server.run(("display-message", "-p", "#{pid}"))).strip()
    assert await asyncio.to_thread(os.readlink, f"/proc/{pid}/cwd") == "/"


async def test_the_users_own_configuration_applies(
    sessions: Sessions, environment: dict[str, str], tmp_path: Path
):
    (Path(environment["HOME"]) / ".tmux.conf").write_text(
        "set -g base-index 7\nset -g pane-base-index 3\nset -g no-such 1\n"
    )
    made = await sessions.create("work", tmp_path)
    assert [(w.index, p.index) for w in made.windows for p in w.panes] == [(7, 3)]
    await sessions.send("work", "x")


async def test_a_list_is_one_call(
    sessions: Sessions, socket: Path, environment: dict[str, str], tmp_path: Path
):
    await sessions.create("work", tmp_path)
    wrapper = tmp_path / "bin" / "tmux"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\necho >> {tmp_path}/calls\nexec "$REAL" "$@"\n')
    wrapper.chmod(0o755)
    real = str(shutil.which("tmux"))
    path = f"{wrapper.parent}:{environment['PATH']}"
    counted = Sessions(TmuxServer(socket, env=environment | {"PATH": path, "REAL": real}))
    assert [session.name for session in await counted.list()] == ["work"]
    assert (tmp_path / "calls").read_text() == "\n"


async def test_what_is_listed_is_valid_json(sessions: Sessions, hand: Callable[..., str], tmp_path: Path):
    folder = tmp_path / os.fsdecode(b"\xff\xe9")
    folder.mkdir()
    hand("new-session", "-d", "-s", "made", "sleep 1000", cwd=folder)
    data = json.loads(msgspec.json.encode(await sessions.list()))
    assert data[0]["cwd"].endswith("/\ufffd\ufffd")
