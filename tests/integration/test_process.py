"""Programs are started exactly as asked, and none outlives its time."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import uvloop

from yesman import process
from yesman.model.errors import PlatformError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    Runner = Callable[[Coroutine[Any, Any, Any]], Any]

ENV = {"PATH": "/usr/local/bin:/usr/bin:/bin"}


@pytest.fixture(params=["asyncio", "uvloop"])
def go(request: pytest.FixtureRequest) -> Runner:
    factory = uvloop.new_event_loop if request.param == "uvloop" else asyncio.new_event_loop

    def execute(work: Coroutine[Any, Any, Any]) -> Any:
        with asyncio.Runner(loop_factory=factory) as runner:
            return runner.run(work)

    return execute


def shell(script: str, **changed: Any) -> Coroutine[Any, Any, process.Finished]:
    settings: dict[str, Any] = {"cwd": None, "env": ENV, "timeout": 30.0} | changed
    return process.run(["sh", "-c", script], **settings)


def gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has collected yet counts as ended."""
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return True


def eventually(condition: Callable[[], bool], seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
    return True


def test_output_and_exit_status_come_back_apart(go: Runner):
    done = go(shell("echo out; echo err >&2; exit 3"))
    assert done == process.Finished(3, b"out\n", b"err\n")


def test_death_by_a_signal_is_a_negative_status(go: Runner):
    assert go(shell("kill -9 $$")).returncode == -signal.SIGKILL


def test_arguments_are_never_read_by_a_shell(go: Runner):
    nasty = ["a b", "$HOME", "`id`", "; id", "'\"\\", "*", "é\n", ""]
    done = go(process.run(["printf", "%s\\0", *nasty], cwd=None, env=ENV, timeout=30))
    assert done.stdout.decode().split("\0")[:-1] == nasty


def test_the_environment_and_the_folder_are_the_given_ones(go: Runner, tmp_path: Path):
    done = go(process.run(["env"], cwd=tmp_path, env=ENV | {"X": "é"}, timeout=30))
    assert set(done.stdout.decode().split()) == {f"PATH={ENV['PATH']}", "X=é"}
    assert go(shell("pwd -P", cwd=tmp_path)).stdout.decode().strip() == str(tmp_path.resolve())


def test_input_larger_than_a_pipe_arrives_whole(go: Runner):
    data = os.urandom(300_000)
    assert go(shell("cat", input=data)).stdout == data


def test_input_that_nobody_reads_is_no_error(go: Runner):
    assert go(shell("exec 0<&-; echo ok", input=b"x" * 300_000)).stdout == b"ok\n"


def test_without_input_there_is_nothing_to_read(go: Runner):
    assert go(shell("cat; echo end")).stdout == b"end\n"


def test_no_descriptor_leaks_into_the_program(go: Runner, tmp_path: Path):
    with (tmp_path / "secret").open("w") as secret:
        os.set_inheritable(secret.fileno(), True)
        assert (
            b"secret"
            not in go(process.run(["ls", "-l", "/proc/self/fd"], cwd=None, env=ENV, timeout=30)).stdout
        )


def test_a_program_that_hangs_is_killed_with_its_children(go: Runner, tmp_path: Path):
    script = f"sleep 1000 & echo $! > {tmp_path}/pid; trap '' TERM; wait; sleep 1000"
    with pytest.raises(PlatformError, match=r"sh did not finish within 0\.5 seconds"):
        go(shell(script, timeout=0.5))
    assert eventually(lambda: gone(int((tmp_path / "pid").read_text())))


def test_a_child_that_keeps_the_output_open_is_killed_too(go: Runner, tmp_path: Path):
    with pytest.raises(PlatformError, match="did not finish"):
        go(shell(f"sleep 1000 & echo $! > {tmp_path}/pid", timeout=0.5))
    assert eventually(lambda: gone(int((tmp_path / "pid").read_text())))


def test_a_flood_is_stopped(go: Runner, tmp_path: Path):
    with pytest.raises(PlatformError, match="more than 10000 bytes"):
        go(shell(f"echo $$ > {tmp_path}/pid; yes", limit=10_000))
    assert gone(int((tmp_path / "pid").read_text()))


def test_the_limit_counts_both_streams_and_is_inclusive(go: Runner):
    script = "head -c 500 /dev/zero; head -c 500 /dev/zero >&2"
    assert len(go(shell(script, limit=1000)).stdout) == 500
    with pytest.raises(PlatformError, match="more than 999"):
        go(shell(script, limit=999))


def test_a_cancelled_run_leaves_nothing(go: Runner, tmp_path: Path):
    pid_file = tmp_path / "pid"

    async def cancel_midway() -> None:
        task = asyncio.create_task(
            shell(f"echo $$ > {pid_file}.new; mv {pid_file}.new {pid_file}; sleep 1000")
        )
        while not pid_file.exists():  # noqa: ASYNC110 - another process sets no event of ours
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    go(cancel_midway())
    assert gone(int(pid_file.read_text()))


def test_many_at_once_do_not_mix(go: Runner):
    async def many() -> list[process.Finished]:
        return await asyncio.gather(*(shell(f"echo {number}; exit {number}") for number in range(30)))

    assert [(done.returncode, int(done.stdout)) for done in go(many())] == [(n, n) for n in range(30)]


def test_a_missing_program_is_named(go: Runner):
    for program in ("no-such-program", "/no/such/program"):
        with pytest.raises(process.ProgramMissingError, match=r"no-such-program|/no/such/program"):
            go(process.run([program], cwd=None, env=ENV, timeout=5))


def test_a_missing_folder_is_not_taken_for_a_missing_program(go: Runner, tmp_path: Path):
    with pytest.raises(PlatformError, match=r"The folder .* does not exist"):
        go(process.run(["true"], cwd=tmp_path / "absent", env=ENV, timeout=5))


def test_a_file_that_cannot_run_is_explained(go: Runner, tmp_path: Path):
    (tmp_path / "plain").write_text("x")
    with pytest.raises(PlatformError, match="could not be started"):
        go(process.run([str(tmp_path / "plain")], cwd=None, env=ENV, timeout=5))


def test_replace_becomes_the_other_program():
    code = "from yesman import process; print('before'); process.replace(['sh', '-c', 'echo $$'])"
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert child.communicate(timeout=30)[0].split() == ["before", str(child.pid)]


def test_replace_by_a_missing_program_is_one_error():
    with pytest.raises(process.ProgramMissingError):
        process.replace(["no-such-program"])


def test_a_daemon_has_its_own_session_folder_and_log(tmp_path: Path):
    script = "echo $$ $(pwd) $(cut -d' ' -f6 /proc/$$/stat); cat; echo end"
    with (tmp_path / "log").open("wb") as log:
        pid = process.start_daemon(["sh", "-c", script], env=ENV, cwd=Path("/"), log_fd=log.fileno())
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert (tmp_path / "log").read_text().split() == [str(pid), "/", str(pid), "end"]


def test_a_daemon_outlives_the_one_who_started_it(tmp_path: Path):
    code = (
        "from pathlib import Path; from yesman import process;"
        f"print(process.start_daemon(['sleep', '1000'], env={ENV!r}, cwd=Path('/')))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert not gone(int(done.stdout))
    os.kill(int(done.stdout), signal.SIGKILL)


def test_a_child_gets_only_the_descriptors_it_is_passed():
    ours, theirs = os.pipe()
    child = process.start_child(
        ["sh", "-c", f"echo hello > /proc/self/fd/{theirs}"], env=ENV, pass_fds=[theirs]
    )
    os.close(theirs)
    with os.fdopen(ours, "rb") as pipe:
        assert pipe.read() == b"hello\n"
    assert child.wait(30) == 0


def test_a_childs_complaints_go_where_they_are_sent(tmp_path: Path):
    with (tmp_path / "err").open("wb") as err:
        child = process.start_child(["sh", "-c", "echo lost; echo kept >&2"], env=ENV, stderr=err.fileno())
    assert child.wait(30) == 0
    assert (tmp_path / "err").read_bytes() == b"kept\n"


def test_a_child_is_not_started_from_another_thread():
    errors: list[str] = []

    def attempt() -> None:
        try:
            process.start_child(["true"], env=ENV)
        except RuntimeError as error:
            errors.append(str(error))

    thread = threading.Thread(target=attempt)
    thread.start()
    thread.join()
    assert errors == ["start_child must be called from the main thread"]


RUNS_UNTIL_KILLED = """
import asyncio, sys, uvloop
from yesman import process
loop = uvloop.new_event_loop() if sys.argv[1] == "uvloop" else asyncio.new_event_loop()
# The pause is longer than the instant between exec and F_SETOWN that run() documents.
script = f"sleep 1000 & sleep 0.3; echo $! > {sys.argv[2]}; wait"
work = process.run(["sh", "-c", script], cwd=None, env={"PATH": "/usr/bin:/bin"}, timeout=1000)
task = loop.create_task(work)
loop.call_soon(lambda: print("started", flush=True))  # comes after the first step of the task
loop.run_until_complete(task)
"""


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_nothing_that_run_started_outlives_a_killed_caller(loop: str, tmp_path: Path):
    note = tmp_path / "pid"
    command = [sys.executable, "-c", RUNS_UNTIL_KILLED, loop, str(note)]
    caller = subprocess.Popen(command, stdout=subprocess.PIPE)
    with caller.stdout:
        assert caller.stdout.readline() == b"started\n"
    assert eventually(lambda: note.exists() and note.read_text().endswith("\n"))
    grandchild = int(note.read_text())
    assert not gone(grandchild)
    caller.kill()
    caller.wait()
    assert eventually(lambda: gone(grandchild))


def test_what_a_program_leaves_running_by_itself_goes_on(go: Runner):
    left = int(go(shell("sleep 1000 >&- 2>&- & echo $!")).stdout)
    assert not gone(left)
    os.kill(left, signal.SIGKILL)
    assert eventually(lambda: gone(left))


TALKING = """
from pathlib import Path
from yesman import process
talking = process.start_talking(["sleep", "1000"], env={"PATH": "/usr/bin:/bin"}, cwd=Path("/"))
print(talking.pid, flush=True)
input()
"""


def test_a_program_that_does_not_listen_ends_with_the_one_who_talks_to_it():
    argv = [sys.executable, "-c", TALKING]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as talker:
        child = int(talker.stdout.readline())
        assert not gone(child)
        talker.kill()
    assert eventually(lambda: gone(child))
