"""What happens in a real tmux is told once, in order, whoever caused it."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import time

import pytest

from yesman.sessions import Sessions, TmuxServer
from yesman.sessions.watch import Watch


def names(told, prefix=""):
    return [change.name for change in told if change.name.startswith(prefix)]


async def test_a_session_killed_by_hand_is_told_of_once_and_within_200_ms(watched, until):
    watched.tmux("new-session", "-d", "-s", "stays")
    delays = []
    for _ in range(5):
        watched.tmux("new-session", "-d", "-s", "work")
        await until(lambda: "session.created" in names(watched.told))
        watched.told.clear()
        begun = time.monotonic()
        watched.tmux("kill-session", "-t", "=work")
        await until(lambda: "session.closed" in names(watched.told))
        delays.append(time.monotonic() - begun)
        watched.told.clear()
    assert sorted(delays)[2] < 0.2
    await watched.settled()
    assert watched.told == []


async def test_60_sessions_made_and_killed_in_a_burst_are_120_events_in_order(watched, until):
    watched.tmux("new-session", "-d", "-s", "stays")
    await until(lambda: names(watched.told, "session."))
    watched.told.clear()
    for number in range(60):
        watched.tmux("new-session", "-d", "-s", f"s{number}")
        watched.tmux("kill-session", "-t", f"=s{number}")
    await until(lambda: len(names(watched.told, "session.")) >= 120)
    await watched.settled()
    found = [(c.name, c.session.name) for c in watched.told if c.name.startswith("session.")]
    wanted = [[("session.created", f"s{n}"), ("session.closed", f"s{n}")] for n in range(60)]
    assert found == [event for pair in wanted for event in pair]


async def test_what_came_and_went_within_one_command_is_told(watched, until):
    watched.tmux("new-session", "-d", "-s", "stays")
    await until(lambda: names(watched.told))
    watched.told.clear()
    commands = [
        part
        for n in range(20)
        for part in ("new-session", "-d", "-s", f"s{n}", ";", "kill-session", "-t", f"=s{n}", ";")
    ]
    watched.tmux(*commands[:-1])
    await until(lambda: len(names(watched.told, "session.")) >= 40)
    assert names(watched.told, "session.") == ["session.created", "session.closed"] * 20


async def test_a_whole_begins_before_its_parts_and_ends_after_them(watched, until):
    watched.tmux("new-session", "-d", "-s", "stays")
    await until(lambda: names(watched.told, "pane."))
    watched.told.clear()
    watched.tmux("new-session", "-d", "-s", "work", ";", "new-window", ";", "split-window")
    await until(lambda: len(names(watched.told)) == 6)
    watched.tmux("kill-session", "-t", "=work")
    await until(lambda: "session.closed" in names(watched.told))
    assert names(watched.told) == [
        "session.created", "window.created", "pane.opened", "window.created", "pane.opened", "pane.opened",
        "pane.closed", "window.closed", "pane.closed", "pane.closed", "window.closed", "session.closed",
    ]  # fmt: skip


async def test_a_rename_tells_both_names(watched, until):
    watched.tmux("new-session", "-d", "-s", "old")
    await until(lambda: names(watched.told))
    watched.tmux("rename-session", "-t", "=old", "new", ";", "rename-session", "-t", "=new", "newer")
    await until(lambda: len(names(watched.told, "session.renamed")) == 2)
    renamed = [(c.details["old_name"], c.session.name) for c in watched.told if c.name == "session.renamed"]
    assert renamed == [("old", "new"), ("new", "newer")]


async def test_attaching_is_told_each_time(watched, until, environment):
    watched.tmux("new-session", "-d", "-s", "work")
    for number in (1, 2):
        with watched.terminal("attach-session", "-t", "=work"):
            await until(lambda n=number: len(names(watched.told, "session.attached")) == n)
        await until(
            lambda: watched.tmux("display-message", "-p", "-t", "work:", "#{session_attached}") == "0"
        )
    assert [c.details for c in watched.told if c.name == "session.attached"] == [{"clients": 1}] * 2


async def test_panes_of_any_session_are_told_of(watched, until):
    watched.tmux("new-session", "-d", "-s", "work", ";", "new-session", "-d", "-s", "other")
    await until(lambda: len(names(watched.told, "pane.opened")) == 2)
    watched.told.clear()
    for session in ("work", "other"):
        pane = watched.tmux("split-window", "-d", "-P", "-F", "#{pane_id}", "-t", f"={session}:")
        watched.tmux("kill-pane", "-t", pane)
        await until(lambda: "pane.closed" in names(watched.told))
        assert [(c.name, c.session.name, c.details["pane"]) for c in watched.told] == [
            ("pane.opened", session, pane),
            ("pane.closed", session, pane),
        ]
        watched.told.clear()


@pytest.mark.parametrize(
    ("program", "end"), [("exit 7", (7, None)), ("exit 0", (0, None)), ("kill -9 $$", (None, 9))]
)
async def test_the_program_of_a_session_of_ours_ends_with_its_exit_code(
    watched, until, tmp_path, program, end
):
    watched.tmux("new-session", "-d", "-s", "stays")
    await until(lambda: names(watched.told, "pane."))
    sessions = Sessions(watched.server)
    await sessions.create("work", tmp_path, ["sh", "-c", program])
    await until(lambda: "session.closed" in names(watched.told))
    exited = [change for change in watched.told if change.name == "pane.exited"]
    assert [change.session.name for change in exited] == ["work"]
    assert (exited[0].details["code"], exited[0].details["signal"]) == end
    assert [session.name for session in await sessions.list()] == ["stays"]


async def test_a_program_that_somebody_else_started_ends_without_a_code(watched, until):
    watched.tmux("new-session", "-d", "-s", "stays")
    await until(lambda: names(watched.told, "pane."))
    watched.tmux("new-window", "-d", "-t", "=stays:", "exit 3")
    await until(lambda: "window.closed" in names(watched.told))
    assert [c.details["code"] for c in watched.told if c.name == "pane.exited"] == [None]
    watched.tmux("set-option", "-g", "remain-on-exit", "on")
    watched.tmux("new-window", "-d", "-t", "=stays:", "exit 3")
    await until(lambda: len(names(watched.told, "pane.exited")) == 2)
    assert [c.details["code"] for c in watched.told if c.name == "pane.exited"] == [None, 3]


async def test_the_end_of_the_tmux_server_ends_everything_in_it_and_the_next_one_is_watched(watched, until):
    for number in range(3):
        watched.tmux("new-session", "-d", "-s", f"s{number}")
    await until(lambda: len(names(watched.told, "pane.opened")) == 3)
    watched.told.clear()
    watched.tmux("kill-server")
    await until(lambda: len(names(watched.told, "session.closed")) == 3)
    assert len(watched.told) == 9
    watched.told.clear()
    watched.tmux("new-session", "-d", "-s", "s0")
    await until(lambda: names(watched.told, "pane.opened"))
    assert names(watched.told) == ["session.created", "window.created", "pane.opened"]


async def test_what_happens_while_the_control_client_is_gone_is_told_afterwards(watched, until):
    watched.tmux("new-session", "-d", "-s", "stays", ";", "new-session", "-d", "-s", "work")
    await until(lambda: len(names(watched.told, "pane.opened")) == 2 and watched.server.control)
    watched.told.clear()
    for round_ in range(5):
        os.kill(watched.server.control.pid, signal.SIGKILL)
        watched.tmux("rename-session", "-t", "=work", f"work{round_}")
        watched.tmux("new-session", "-d", "-s", "brief", ";", "kill-session", "-t", "=brief")
        await until(lambda n=round_: len(names(watched.told, "session.closed")) == n + 1)
        await until(lambda: watched.server.control)
        watched.tmux("rename-session", "-t", f"=work{round_}", "work")
    await until(lambda: len(names(watched.told, "session.")) == 20)
    await watched.settled()
    wanted = ["session.renamed", "session.created", "session.closed", "session.renamed"] * 5
    assert names(watched.told, "session.") == wanted


async def test_the_last_session_ends_with_its_server(watched, until):
    watched.tmux("new-session", "-d", "-s", "work")
    await until(lambda: names(watched.told, "pane."))
    watched.tmux("kill-session", "-t", "=work")
    await until(lambda: "session.closed" in names(watched.told))
    assert names(watched.told, "session.") == ["session.created", "session.closed"]


async def test_a_server_without_sessions_is_none(watched, until):
    watched.tmux("new-session", "-d", "-s", "work", ";", "set-option", "-s", "exit-empty", "off")
    await until(lambda: names(watched.told, "pane."))
    watched.tmux("kill-session", "-t", "=work")
    await until(lambda: "session.closed" in names(watched.told))
    watched.tmux(
        "new-session",
        "-d",
        "-s",
        "next",
        ";",
        "kill-session",
        "-t",
        "=next",
        ";",
        "new-session",
        "-d",
        "-s",
        "last",
    )
    await until(lambda: len(names(watched.told, "session.created")) == 3)
    await watched.settled()
    found = [(c.name, c.session.name) for c in watched.told if c.name.startswith("session.")]
    assert found == [
        ("session.created", "work"), ("session.closed", "work"), ("session.created", "next"),
        ("session.closed", "next"), ("session.created", "last"),
    ]  # fmt: skip


HOSTILE = [
    "a\tb",
    "a\nb",
    "%end 1 2 1",
    "x;kill-server",
    "#{pid}",
    "##(touch pwned)",
    "\x1b[31m",
    "'\"$HOME\\",
    "é日本😀",
    "=",
    " ",
    "x" * 300,
]


@pytest.mark.parametrize("name", HOSTILE)
async def test_no_name_is_mistaken_for_anything_else(watched, until, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)  # where a name that is run would leave its trace
    watched.tmux("new-session", "-d", "-s", "stays")
    await until(lambda: names(watched.told, "pane."))
    watched.told.clear()
    watched.tmux("rename-session", "-t", "=stays", "--", name)
    watched.tmux("rename-window", "-t", "$0:", "--", name)
    watched.tmux("new-window", "-d", "-n", name, "-t", "$0:")
    await until(lambda: names(watched.told, "pane."))
    assert names(watched.told) == ["session.renamed", "window.created", "pane.opened"]
    said = watched.tmux("display-message", "-p", "-t", "$0:", "#{session_name}.").removesuffix(".")
    shown = watched.told[0].session.name
    assert shown == (said if len(said) < 257 else said[:256] + "…")
    assert "\n" not in shown
    assert not list(tmp_path.glob("pwned"))


async def test_a_flood_of_output_costs_little_and_delays_nothing(watched, until):
    watched.listening = True
    watched.tmux("new-session", "-d", "-s", "flood", "while :; do head -c 100000 /dev/urandom | base64; done")
    await until(lambda: "pane.output" in names(watched.told))
    watched.told.clear()
    used, begun = time.process_time(), time.monotonic()
    for number in range(5):
        watched.tmux("new-session", "-d", "-s", f"s{number}")
        asked = time.monotonic()
        await until(lambda n=number: len(names(watched.told, "session.created")) == n + 1)
        assert time.monotonic() - asked < 1.0
    await until(lambda: len(names(watched.told, "pane.output")) >= 3)
    lasted = time.monotonic() - begun
    assert (time.process_time() - used) / lasted < 0.5
    assert (
        len([c for c in watched.told if c.name == "pane.output" and c.session.name == "flood"]) <= lasted + 1
    )


async def test_a_pane_is_active_while_it_prints_and_idle_afterwards(watched, until):
    watched.listening = True
    watched.tmux("new-session", "-d", "-s", "work", "cat")
    await until(lambda: names(watched.told, "pane."))
    await watched.settled()
    watched.told.clear()
    watched.tmux("send-keys", "-t", "=work:", "hello", "Enter")
    await until(lambda: "pane.idle" in names(watched.told))
    assert names(watched.told)[0] == "pane.active"
    assert set(names(watched.told)[1:-1]) == {"pane.output"}


async def test_nobody_listening_means_that_nobody_looks_at_panes(watched, until):
    watched.tmux("new-session", "-d", "-s", "work", "while :; do date; sleep 0.1; done")
    await until(lambda: names(watched.told, "pane."))
    await asyncio.sleep(1.5)  # nothing to wait for: nothing may happen
    assert names(watched.told) == ["session.created", "window.created", "pane.opened"]


async def test_300_sessions(watched, until):
    for start in range(0, 300, 50):
        watched.tmux(*" ; ".join(f"new-session -d -s s{n} cat" for n in range(start, start + 50)).split())
    await until(lambda: len(names(watched.told, "pane.opened")) == 300)
    assert len(await Sessions(watched.server).list()) == 300
    begun = time.monotonic()
    watched.tmux("kill-session", "-t", "=s150")
    await until(lambda: "session.closed" in names(watched.told))
    assert time.monotonic() - begun < 1.0
    watched.tmux("kill-server")
    await until(lambda: len(names(watched.told, "session.closed")) == 300)
    assert len(watched.told) == 1800


async def test_what_was_there_in_the_beginning_is_no_news(server: TmuxServer, hand, until):
    hand("new-session", "-d", "-s", "before")
    told = []
    watch = Watch(server, told.append)
    task = asyncio.ensure_future(watch.run())
    assert await watch.current(20)
    hand("new-session", "-d", "-s", "after")
    await until(lambda: len(told) == 3)
    assert {change.session.name for change in told} == {"after"}
    task.cancel()
    await asyncio.wait([task])
    assert not re.search(
        "YESMAN", hand("show-hooks", "-g") + hand("show-hooks", "-gw") + hand("show-environment", "-gh")
    )
