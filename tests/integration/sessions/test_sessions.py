"""The session service against a real tmux."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from yesman.model.errors import NotFoundError, PlatformError, UsageError
from yesman.sessions import Sessions, TmuxServer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

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


def by_hand(argv: list[str], cwd: Path | None = None) -> str:
    """Run a command as a person beside us would."""
    return subprocess.run(argv, check=True, cwd=cwd, capture_output=True, text=True).stdout.strip()


@contextmanager
def in_a_terminal(argv: list[str], environment: dict[str, str]) -> Iterator[None]:
    outer, inner = os.openpty()
    client = subprocess.Popen(argv, env=environment, stdin=inner, stdout=inner, stderr=inner)
    os.close(inner)
    try:
        yield
    finally:
        client.kill()
        client.wait()
        os.close(outer)


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
    sessions: Sessions, server: TmuxServer, tmp_path: Path
):
    folder = tmp_path / "tab\tline\nfeed"
    folder.mkdir()
    names = ["my work", "it's #{pid}", "日本", '-x "y"', "$1", "end;"]
    for name in names:
        by_hand(server.argv("new-session", "-d", "-s", "made", "sleep 1000"), folder)
        by_hand(server.argv("rename-session", "-t", "=made", "--", name.replace("#", "##")))
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


async def test_attach_shows_the_session_in_a_terminal(
    sessions: Sessions, environment: dict[str, str], tmp_path: Path, until: Until
):
    await sessions.create("work", tmp_path)

    async def attached() -> bool:
        return (await sessions.get("work")).attached

    with in_a_terminal(sessions.attach_argv("work"), environment):
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
    assert by_hand(["readlink", f"/proc/{pid}/cwd"]) == "/"


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
    real = by_hand(["which", "tmux"])
    path = f"{wrapper.parent}:{environment['PATH']}"
    counted = Sessions(TmuxServer(socket, env=environment | {"PATH": path, "REAL": real}))
    assert [session.name for session in await counted.list()] == ["work"]
    assert (tmp_path / "calls").read_text() == "\n"


async def test_what_is_listed_is_valid_json(sessions: Sessions, server: TmuxServer, tmp_path: Path):
    folder = tmp_path / os.fsdecode(b"\xff\xe9")
    folder.mkdir()
    by_hand(server.argv("new-session", "-d", "-s", "made", "sleep 1000"), folder)
    data = json.loads(msgspec.json.encode(await sessions.list()))
    assert data[0]["cwd"].endswith("/\ufffd\ufffd")
