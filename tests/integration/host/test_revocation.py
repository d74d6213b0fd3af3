"""What is revoked is gone when the command line returns, wherever the plugin had hidden it."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from yesman.runtime.zygote import home_number
from yesman.sandbox import family

WITHIN_SECONDS = 0.25
READ = """
while True:
    text = Path(arg).read_text()
    self.note(text)
    time.sleep(0.001)
"""
HOLD = """
file = open(arg, "a", buffering=1)
while True:
    file.write("x")
    file.flush()
    time.sleep(0.001)
"""
HIDE = """
import array, socket
ours, theirs = socket.socketpair()
file = os.open(arg, os.O_WRONLY | os.O_APPEND)
while True:
    os.write(file, b"x")
    ours.sendmsg([b"."], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [file]))])
    os.close(file)  # from here on it is in flight and nowhere else
    time.sleep(0.001)
    _, extra, _, _ = theirs.recvmsg(1, socket.CMSG_SPACE(4))
    file = array.array("i", extra[0][2])[0]
"""
THREADS = """
import threading
def write():
    file = open(arg, "a", buffering=1)
    while True:
        file.write("x")
        file.flush()
        time.sleep(0.001)
for _ in range(4):
    threading.Thread(target=write, daemon=True).start()
try:
    time.sleep(3600)
except BaseException:
    time.sleep(3600)
"""
NAMES = "return [s.name for s in self.context.session_manager.list_sessions()]"


@pytest.fixture
def file(tmp_path):
    (tmp_path / "granted").mkdir()
    path = tmp_path / "granted" / "file"
    path.write_text("")
    return path


def gone(pid):
    return not Path(f"/proc/{pid}").exists()


def holders(path):
    """Return who has ``path`` open."""
    found = []
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            if link.readlink() == path:
                found.append(link)
    return found


@pytest.mark.parametrize("how", ["hold", "hide", "threads"])
@pytest.mark.escape("races")
def test_a_descriptor_ends_with_the_grant(server, plugins, until, file, how):
    bodies = {"hold": HOLD, "hide": HIDE, "threads": THREADS}
    permission = f"filesystem.write:{file.parent}"
    server.install(plugins.make(commands={"go": bodies[how]}, permissions=[permission]))
    running = server.begin("demo", "go", str(file))
    until(lambda: file.stat().st_size > 50)
    pid = server.plugin_pid()
    assert server.yesman("plugin", "revoke", "demo", permission).returncode == 0
    returned = time.monotonic()
    until(lambda: gone(pid), WITHIN_SECONDS)
    size = file.stat().st_size
    assert holders(file) == []
    until(lambda: time.monotonic() > returned + WITHIN_SECONDS)
    assert file.stat().st_size == size
    failure = running.failure()
    assert (failure["kind"], failure["exit_code"]) == ("permission", 3)
    assert f"while running 'go', because its permission '{permission}' was revoked" in failure["message"]
    assert f"yesman plugin grant demo {permission}" in failure["next_step"]


@pytest.mark.escape("races")
def test_a_plugin_that_reads_in_a_loop_reads_no_more(server, plugins, until, file):
    permission = f"filesystem.read:{file.parent}"
    server.install(plugins.make(commands={"go": READ}, permissions=[permission]))
    file.write_text("old")
    running = server.begin("demo", "go", str(file))
    notes = server.data("demo") / "notes"
    until(lambda: notes.exists() and "old" in notes.read_text())
    assert server.yesman("plugin", "revoke", "demo", "--all").returncode == 0
    returned = time.monotonic()
    until(lambda: time.monotonic() > returned + WITHIN_SECONDS)
    file.write_text("new")
    assert running.failure()["kind"] == "permission"
    assert "new" not in notes.read_text()
    again = server.explained(server.run("demo", "go", str(file)))
    assert f"lacks permission 'filesystem.read:{file}'" in again["message"]
    assert again["next_step"] == f"To allow it: yesman plugin grant demo {permission}"


@pytest.mark.escape("races")
def test_a_plugin_that_is_still_loading_is_reached(server, plugins, until, file):
    body = f"""
import time as t
from pathlib import Path as P
if P({str(file)!r} + '.slow').exists():
    with open({str(file)!r}, 'a') as f:
        while True:
            f.write('x'); f.flush(); t.sleep(0.001)
"""
    permission = f"filesystem.write:{file.parent}"
    server.install(plugins.make(top=body, commands={"go": "return 1"}, permissions=[permission]))
    Path(f"{file}.slow").touch()
    running = server.begin("demo", "go", "")
    until(lambda: file.stat().st_size > 50)
    assert server.yesman("plugin", "revoke", "demo", permission).returncode == 0
    size = file.stat().st_size
    assert holders(file) == []
    assert "was revoked" in running.failure()["message"]
    assert file.stat().st_size == size


def test_a_revocation_waits_for_no_installation(server, plugins, file, until):
    server.install(plugins.make(permissions=["session.read"]))
    slow = plugins.make("slow", top=f"Path({str(server.data('slow'))!r})\ntime.sleep(60)")
    seen = server.inspect(slow)
    wire = server.wire()
    wire.send("plugin.install", path=str(slow), digest=seen["digest"])
    frame = wire.next()
    while b"activating" not in frame.blob:
        frame = wire.next()
    started = time.monotonic()
    assert server.yesman("plugin", "revoke", "demo", "session.read").returncode == 0
    assert time.monotonic() < started + 5
    assert wire.answer().failure["kind"] == "plugin"
    wire.close()


def test_what_the_host_checks_changes_under_a_living_process(server, plugins, tmp_path):
    server.install(plugins.make(commands={"names": NAMES}, permissions=["session.read", "session.modify"]))
    server.session("work", tmp_path / "w")
    assert server.value("demo", "names") == ["work"]
    pid = server.plugin_pid()
    assert server.yesman("plugin", "revoke", "demo", "session.read").returncode == 0
    failure = server.explained(server.run("demo", "names"))
    assert failure["next_step"] == "To allow it: yesman plugin grant demo session.read"
    assert server.yesman("plugin", "grant", "demo", "session.read:home").returncode == 0
    assert server.value("demo", "names") == []
    assert server.yesman("plugin", "grant", "demo", "session.read").returncode == 0
    assert server.value("demo", "names") == ["work"]
    assert server.plugin_pid() == pid


def test_granting_more_lets_a_call_that_is_going_on_finish(server, plugins, until, file):
    body = "self.note('on')\nwhile not Path(arg).exists():\n    await asyncio.sleep(0.01)\nreturn 'done'"
    stop = server.data("demo") / "stop"
    commands = {"wait": body, "read": "return Path(arg).read_text()"}
    server.install(plugins.make(commands=commands, permissions=["filesystem.read"]))
    server.yesman("plugin", "revoke", "demo", "--all")
    results = []
    waiting = threading.Thread(target=lambda: results.append(server.value("demo", "wait", str(stop))))
    waiting.start()
    until((server.data("demo") / "notes").exists)
    server.yesman("plugin", "grant", "demo", f"filesystem.read:{file.parent}")
    assert server.value("demo", "read", str(file)) == ""
    stop.touch()
    waiting.join(20)
    assert results == ["done"]


@pytest.mark.escape("races")
def test_a_session_that_is_gone_takes_its_folder_with_it(server, plugins, until, tmp_path):
    server.session("work", tmp_path / "w")
    server.session("home", tmp_path / "h")
    (tmp_path / "w" / "file").touch()
    server.install(plugins.make(commands={"go": HOLD, "other": "return 1"}, permissions=["filesystem.write"]))
    running = server.begin("demo", "go", str(tmp_path / "w" / "file"))
    until(lambda: (tmp_path / "w" / "file").stat().st_size > 0)
    server.call("session.close", name="work")
    assert server.value("demo", "other") == 1
    assert holders(tmp_path / "w" / "file") == []
    assert "may not touch any more" in running.failure()["message"]


def test_grants_survive_a_restart_of_the_server(server, plugins, tmp_path):
    server.install(plugins.make(commands={"names": NAMES}, permissions=["session.read"]))
    server.call("plugin.revoke", name="demo", permissions=None)
    server.kill()
    assert server.start() is None
    assert "lacks permission" in server.explained(server.run("demo", "names"))["message"]


LEAVE = """
import subprocess
subprocess.Popen(["/bin/sh", "-c", "trap '' TERM; while :; do sleep 1000; done"], start_new_session=True)
"""


def test_programs_end_with_the_grant(server, plugins, until):
    server.install(plugins.make(commands={"go": LEAVE}, permissions=["system.execute"]))
    server.value("demo", "go")
    number = home_number(server.home.root)
    until(lambda: len(family.of_home(number)) == 3)
    began = time.monotonic()
    server.call("plugin.revoke", name="demo", permissions=["system.execute"])
    assert family.of_home(number) == []
    assert time.monotonic() - began < WITHIN_SECONDS
    failure = server.explained(server.run("demo", "go"))
    assert "lacks permission 'system.execute:/bin/sh'" in failure["message"]
    assert failure["next_step"] == "To allow it: yesman plugin grant demo system.execute"


def test_programs_are_on_record(server, plugins, until):
    server.install(plugins.make(commands={"go": "os.system('true')"}, permissions=["system.execute"]))
    server.value("demo", "go")
    asked = ("plugin", "audit", "demo", "--kind", "execute", "--json")
    until(lambda: '"what": "/bin/sh"' in server.yesman(*asked).stdout)
