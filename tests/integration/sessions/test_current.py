"""Which session a command is about, from what it was told, the pane it runs in, or its folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from yesman.model.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from yesman.sessions import Sessions

    Until = Callable[..., Awaitable[object]]


async def test_the_session_named_wins_then_the_pane_then_the_folder(
    sessions: Sessions, tmp_path: Path, until: Until
):
    (tmp_path / "deep").mkdir()
    script = "echo $TMUX > tmux.new; echo $TMUX_PANE >> tmux.new; mv tmux.new tmux; exec sleep 1000"
    await sessions.create("inside", tmp_path, ["sh", "-c", script])
    await sessions.create("deep", tmp_path / "deep")
    await until((tmp_path / "tmux").exists)
    tmux, pane = (tmp_path / "tmux").read_text().split()
    folder = tmp_path / "deep"
    named = await sessions.current(tmux=tmux, tmux_pane=pane, cwd=folder, named="deep")
    seated = await sessions.current(tmux=tmux, tmux_pane=pane, cwd=folder, named=None)
    beside = await sessions.current(tmux=None, tmux_pane=None, cwd=folder, named=None)
    elsewhere = await sessions.current(tmux="/tmp/other,1,0", tmux_pane=pane, cwd=tmp_path, named=None)
    assert [s.name for s in (named, seated, beside, elsewhere)] == ["deep", "inside", "deep", "inside"]


async def test_no_session_is_current_far_from_all(sessions: Sessions, tmp_path: Path):
    (tmp_path / "a").mkdir()
    await sessions.create("work", tmp_path / "a")
    with pytest.raises(NotFoundError, match="--session NAME"):
        await sessions.current(tmux=None, tmux_pane=None, cwd=tmp_path, named=None)
    with pytest.raises(NotFoundError, match="no session named 'absent'"):
        await sessions.current(tmux=None, tmux_pane=None, cwd=tmp_path / "a", named="absent")


async def test_a_folder_reached_by_a_link_is_the_same_folder(sessions: Sessions, tmp_path: Path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    await sessions.create("work", tmp_path / "link")
    found = await sessions.current(tmux=None, tmux_pane=None, cwd=tmp_path / "real", named=None)
    assert found.name == "work"
