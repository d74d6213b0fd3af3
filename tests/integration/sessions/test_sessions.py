"""The session service against a real tmux."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from yesman.model.errors import NotFoundError, UsageError
from yesman.sessions import Sessions, TmuxServer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Until = Callable[..., Awaitable[object]]

NASTY = [
    "",
    " ",
    "it's",
    'say "hi"',
    "end;",
    ";",
    "\\;",
    "end\\",
    "#{pid} #(touch pwned) #[fg=red] ## #",
    "100% %H %%",
    "$HOME ${HOME} `id` ~ ~root",
    "tab\tline\nfeed\rreturn",
    "\x1b[31m\x7f\x01",
    "é 日本 😀 \u202e e\u0301",
    "-t =other",
    "} , {",
]


async def test_without_a_server_there_are_no_sessions(sessions: Sessions):
    assert await sessions.list() == ()
    with pytest.raises(NotFoundError):
        await sessions.get("work")


async def test_a_new_session_is_listed_with_its_window_and_pane(sessions: Sessions, tmp_path: Path):
    before = int(time.time())
    made = await sessions.create("work", tmp_path)
    assert [session.id for session in await sessions.list()] == [made.id]
    assert (made.name, made.cwd, made.attached) == ("work", str(tmp_path), False)
    assert before <= made.created <= time.time()
    pane = made.pane()
    assert pane is not None
    assert (pane.width, pane.active) == (200, True)
    async with asyncio.timeout(10):
        while os.getsid(pane.pid) != pane.pid:  # noqa: ASYNC110 - its first moment is tmux's own fork
            await asyncio.sleep(0.005)


async def test_only_the_folders_of_sessions_that_people_made_count(sessions: Sessions, tmp_path: Path):
    for name in ("mine", "theirs"):
        (tmp_path / name).mkdir()
    await sessions.create("mine", tmp_path / "mine")
    await sessions.create("theirs", tmp_path / "theirs", plugin="demo")
    assert await sessions.folders() == (str(tmp_path / "mine"),)
    await sessions.rename("theirs", "renamed")
    await sessions.set_metadata("renamed", "key", "value")
    assert await sessions.folders() == (str(tmp_path / "mine"),)
    assert [session.name for session in await sessions.list()] == ["mine", "renamed"]


async def test_a_name_is_given_once(sessions: Sessions, tmp_path: Path):
    await sessions.create("work", tmp_path)
    with pytest.raises(UsageError, match=r"'work' already exists.*attach work"):
        await sessions.create("work", tmp_path)
    await sessions.create("work2", tmp_path)
    with pytest.raises(UsageError, match="already exists"):
        await sessions.rename("work2", "work")


@pytest.mark.parametrize("name", ["", "a b", "a:0", "$(id)", "#{pid}", "-x"])
async def test_a_malformed_name_is_refused(sessions: Sessions, tmp_path: Path, name: str):
    with pytest.raises(UsageError, match="cannot be the name"):
        await sessions.create(name, tmp_path)


@pytest.mark.parametrize(
    "folder", ["a#{pid}", "b#[x", "c##[x", "d###{pid}", "e%H", "f;", "g#(id)", "h#", "i\\;", "j é", "k#,}"]
)
async def test_a_session_starts_in_exactly_that_folder(
    sessions: Sessions, tmp_path: Path, folder: str, until: Until
):
    (tmp_path / folder).mkdir()
    made = await sessions.create("work", tmp_path / folder, ["sleep", "1000"])
    assert made.cwd == str(tmp_path / folder)

    async def arrived() -> bool:
        pane = (await sessions.get("work")).pane()
        return pane is not None and pane.cwd == str(tmp_path / folder)

    assert await until(arrived)


async def test_a_missing_or_unshowable_folder_is_refused(sessions: Sessions, tmp_path: Path):
    (tmp_path / "line\nfeed").mkdir()
    for folder in (tmp_path / "absent", Path("relative"), tmp_path / "line\nfeed"):
        with pytest.raises(UsageError, match="The folder"):
            await sessions.create("work", folder)
    assert await sessions.list() == ()


async def test_a_command_gets_its_arguments_and_no_shell_reads_them(
    sessions: Sessions, tmp_path: Path, until: Until
):
    out = tmp_path / "out"
    script = 'for a; do printf "%s\\0" "$a"; done > out.new; mv out.new out; exec sleep 1000'
    await sessions.create("work", tmp_path, ["sh", "-c", script, "sh", *NASTY])
    await until(out.exists)
    assert out.read_bytes().decode().split("\0")[:-1] == NASTY
    assert not (tmp_path / "pwned").exists()


async def test_a_command_of_one_word_is_not_read_by_a_shell_either(
    sessions: Sessions, tmp_path: Path, until: Until
):
    program = tmp_path / "a b;touch $HOME"
    program.write_text('#!/bin/sh\necho "$0" > out; exec sleep 1000\n')
    program.chmod(0o755)
    await sessions.create("work", tmp_path, ["./a b;touch $HOME"])
    await until(lambda: (tmp_path / "out").exists() and (tmp_path / "out").read_text())
    assert (tmp_path / "out").read_text() == "./a b;touch $HOME\n"


async def test_a_command_that_cannot_work_is_refused(sessions: Sessions, tmp_path: Path):
    for command in (["no-such-program"], ["./absent"], [], [""], ["sh", "a\0b"]):
        with pytest.raises(UsageError):
            await sessions.create("work", tmp_path, command)
    with pytest.raises(UsageError, match="too long"):
        await sessions.create("work", tmp_path, ["echo", "x" * 20_000])
    assert await sessions.list() == ()


async def test_closing_ends_exactly_that_session(sessions: Sessions, tmp_path: Path):
    for name in ("work", "workshop"):
        await sessions.create(name, tmp_path)
    with pytest.raises(NotFoundError, match="Did you mean 'work'"):
        await sessions.close("wor")
    await sessions.close("work")
    assert [session.name for session in await sessions.list()] == ["workshop"]
    await sessions.close("workshop")
    assert await sessions.list() == ()


async def test_renaming_keeps_the_session(sessions: Sessions, tmp_path: Path):
    made = await sessions.create("old", tmp_path)
    await sessions.set_metadata("old", "task", "x")
    renamed = await sessions.rename("old", "new")
    assert (renamed.id, renamed.metadata) == (made.id, {"task": "x"})
    with pytest.raises(NotFoundError):
        await sessions.get("old")


async def test_metadata_comes_back_exactly(sessions: Sessions, tmp_path: Path):
    await sessions.create("work", tmp_path)
    for number, value in enumerate(NASTY):
        returned = await sessions.set_metadata("work", f"k{number}", value)
    expected = {f"k{number}": value for number, value in enumerate(NASTY)}
    assert returned.metadata == (await sessions.get("work")).metadata == expected
    assert not (tmp_path / "pwned").exists()


async def test_metadata_fits_up_to_its_limit(sessions: Sessions, tmp_path: Path):
    await sessions.create("work", tmp_path)
    await sessions.set_metadata("work", "a", "'" * 2700)
    await sessions.set_metadata("work", "b", "x" * 150)
    assert (await sessions.get("work")).metadata == {"a": "'" * 2700, "b": "x" * 150}
    with pytest.raises(UsageError, match="limited to 16384"):
        await sessions.set_metadata("work", "c", "x" * 200)
    assert (await sessions.get("work")).metadata == {"a": "'" * 2700, "b": "x" * 150}


async def test_metadata_set_at_the_same_time_is_not_lost(sessions: Sessions, tmp_path: Path):
    await sessions.create("work", tmp_path)
    await asyncio.gather(*(sessions.set_metadata("work", f"k{n}", str(n)) for n in range(10)))
    assert len((await sessions.get("work")).metadata) == 10


async def test_metadata_outlives_the_one_who_stored_it(
    sessions: Sessions, socket: Path, environment: dict[str, str], tmp_path: Path
):
    await sessions.create("work", tmp_path)
    await sessions.set_metadata("work", "task", "x")
    again = Sessions(TmuxServer(socket, env=environment))
    assert (await again.get("work")).metadata == {"task": "x"}


async def test_repository_and_branch_are_computed_and_win(
    sessions: Sessions, server: TmuxServer, tmp_path: Path, git: Callable[..., str]
):
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "remote", "add", "origin", "git@example.org:owner/name.git")
    await sessions.create("work", tmp_path)
    await server.run(("set-option", "-t", "=work:", "@yesman_metadata", '{"repo":"evil/one","task":"x"}'))
    expected = {"repo": "owner/name", "branch": "main", "task": "x"}
    assert (await sessions.get("work")).metadata == expected
    with pytest.raises(UsageError, match="cannot be set"):
        await sessions.set_metadata("work", "repo", "evil/one")


async def test_sessions_of_others_are_listed_whatever_their_names(
    sessions: Sessions, hand: Callable[..., str], tmp_path: Path
):
    folder = tmp_path / "tab\tline\nfeed"
    folder.mkdir()
    names = ["my work", "it's #{pid}", "日本", '-x "y"', "$1", "end;"]
    for name in names:
        hand("new-session", "-d", "-s", "made", "sleep 1000", cwd=folder)
        hand("rename-session", "-t", "=made", "--", name.replace("#", "##").replace(";", r"\;"))
    found = await sessions.list()
    assert sorted(session.name for session in found) == sorted(names)
    assert {session.cwd for session in found} == {str(tmp_path / "tab?line?feed")}
    for name in names:
        await sessions.set_metadata(name, "task", name)
        assert (await sessions.get(name)).metadata == {"task": name}
        await sessions.close(name)
    assert await sessions.list() == ()


async def test_a_program_cannot_forge_a_listing_by_its_name(sessions: Sessions, tmp_path: Path, until: Until):
    script = "exec -a \"$(printf 'x\\nS\\t$9\\t1\\t0\\t1\\tforged\\t/\\t\\n')\" sleep 1000"
    await sessions.create("work", tmp_path, ["bash", "-c", script])

    async def renamed() -> bool:
        pane = (await sessions.get("work")).pane()
        return pane is not None and "forged" in pane.command

    assert await until(renamed)
    assert [session.name for session in await sessions.list()] == ["work"]


async def test_a_program_with_a_huge_name_does_not_break_the_list(
    sessions: Sessions, tmp_path: Path, until: Until
):
    await sessions.create(
        "work", tmp_path, ["bash", "-c", 'exec -a "$(head -c 100000 /dev/zero | tr \\\\0 x)" sleep 1000']
    )

    async def renamed() -> bool:
        pane = (await sessions.get("work")).pane()
        return pane is not None and pane.command == "x" * 256

    assert await until(renamed)


async def typed(sessions: Sessions, tmp_path: Path, until: Until, size: Callable[[], int]) -> Path:
    """Make a session that records, byte by byte, what is typed into it."""
    script = "stty raw -echo; touch ready; exec dd bs=1 of=out 2>/dev/null"
    await sessions.create("work", tmp_path, ["sh", "-c", script])
    await until((tmp_path / "ready").exists)
    return tmp_path / "out"


@pytest.mark.parametrize("text", [*NASTY[1:], "x;" * 4096 + "日" * 1000, "Enter C-c"])
async def test_text_is_typed_exactly_and_then_enter(
    sessions: Sessions, tmp_path: Path, until: Until, text: str
):
    out = await typed(sessions, tmp_path, until, len)
    await sessions.send("work", text)
    expected = text.encode() + b"\r"
    await until(lambda: out.exists() and out.stat().st_size >= len(expected))
    assert out.read_bytes() == expected


async def test_enter_can_be_left_out(sessions: Sessions, tmp_path: Path, until: Until):
    out = await typed(sessions, tmp_path, until, len)
    await sessions.send("work", "a", enter=False)
    await sessions.send("work", "", enter=True)
    await sessions.send("work", "b", enter=False)
    await until(lambda: out.exists() and out.stat().st_size >= 3)
    assert out.read_bytes() == b"a\rb"


async def test_text_reaches_the_program_although_somebody_scrolls(
    sessions: Sessions, server: TmuxServer, tmp_path: Path, until: Until
):
    out = await typed(sessions, tmp_path, until, len)
    await server.run(("copy-mode", "-t", "=work:"))
    await sessions.send("work", "q")
    await until(lambda: out.exists() and out.stat().st_size >= 2)
    assert out.read_bytes() == b"q\r"


async def test_text_that_cannot_be_typed_is_refused(sessions: Sessions, tmp_path: Path):
    await sessions.create("work", tmp_path)
    for text in ("a\0b", "x" * 65_537, "\ud83d"):
        with pytest.raises(UsageError, match="The text to type"):
            await sessions.send("work", text)


async def test_a_pane_is_reached_only_through_its_own_session(
    sessions: Sessions, server: TmuxServer, tmp_path: Path
):
    await sessions.create("work", tmp_path)
    other = (await sessions.create("other", tmp_path)).pane()
    assert other is not None
    for pane in (other.id, "=other:", "{last}", "%99"):
        with pytest.raises(NotFoundError, match="has no pane"):
            await sessions.send("work", "x", pane)
        with pytest.raises(NotFoundError, match="has no pane"):
            await sessions.capture("work", pane)


async def test_a_second_pane_is_told_from_the_active_one(
    sessions: Sessions, server: TmuxServer, tmp_path: Path, until: Until
):
    first = (await sessions.create("work", tmp_path, ["sh", "-c", "echo first; exec sleep 1000"])).pane()
    await server.run(("split-window", "-t", "=work:", "sh", "-c", "echo second; exec sleep 1000"))
    assert first is not None
    assert await until(lambda: _shows(sessions, "second"))
    assert await sessions.capture("work", first.id) == "first"
    assert len((await sessions.get("work")).windows[0].panes) == 2


async def _shows(sessions: Sessions, text: str) -> bool:
    return text in await sessions.capture("work")


async def test_capture_shows_the_screen_or_the_last_lines(sessions: Sessions, tmp_path: Path, until: Until):
    await sessions.create("work", tmp_path, ["sh", "-c", "seq 200; printf 'é 日本 end'; exec sleep 1000"])
    await until(lambda: _shows(sessions, "end"))
    screen = await sessions.capture("work")
    assert screen.split("\n")[-1] == "é 日本 end"
    assert len(screen.split("\n")) == 50
    assert await sessions.capture("work", lines=3) == "199\n200\né 日本 end"
    assert (await sessions.capture("work", lines=10_000)).split("\n")[0] == "1"


@pytest.mark.parametrize("lines", [0, -1, 10_001])
async def test_a_senseless_number_of_lines_is_refused(sessions: Sessions, lines: int):
    with pytest.raises(UsageError, match="1 to 10000"):
        await sessions.capture("work", lines=lines)
