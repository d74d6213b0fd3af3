"""Plugin processes that are forked from a template: like any other, and it holds no power over them."""

from __future__ import annotations

import asyncio
import os
import resource
import select
import signal
from pathlib import Path

import pytest

from yesman.model.errors import PlatformError, PluginFailedError, YesmanError
from yesman.model.limits import Limits
from yesman.sandbox import family

ABOUT = """
import os, random, sqlite3, sys
return {
    "pid": os.getpid(), "parent": os.getppid(), "sqlite": "sqlite3" in BEFORE, "random": random.random(),
    "open": [n for n in range(64) if opened(n)],
}
"""
TOP = """
import os, sys
BEFORE = set(sys.modules)
def opened(n):
    try:
        return bool(os.fstat(n))
    except OSError:
        return False
"""
LASTING = Limits(cancel_seconds=0.3, hook_seconds=2)


@pytest.fixture
async def born(rig):
    """A template with sqlite3 imported, and a plugin forked from it."""
    policy = rig.policy(rig.write(rig.command(ABOUT, top=TOP)), limits=LASTING)
    template = await rig.template(policy, "sqlite3")
    return template, await rig.load(policy, origin=template)


async def test_what_the_template_has_imported_is_there(rig, born):
    _, plugin = born
    about = await rig.go(plugin)
    assert about["sqlite"]
    assert about["pid"] == plugin.pid


async def test_it_is_a_child_of_the_zygote_with_a_mark_of_its_own(rig, born):
    template, plugin = born
    assert (await rig.go(plugin))["parent"] == rig.zygote.pid
    assert family.mark_on(plugin.pid) not in {family.mark_on(template.live.pid), -1}


async def test_it_has_the_descriptors_of_any_other_plugin(rig, born):
    template, plugin = born
    whole = await rig.load(template.live.policy)
    assert (await rig.go(plugin))["open"] == (await rig.go(whole))["open"]


async def test_two_of_them_share_no_randomness(rig, born):
    template, first = born
    second = await rig.load(template.live.policy, origin=template)
    assert (await rig.go(first))["random"] != (await rig.go(second))["random"]


async def test_one_that_ends_while_the_zygote_is_busy_is_reported_as_it_ended(rig):
    """What was asked before it was adopted is answered first; its end must wait for both."""
    policy = rig.policy(rig.write(rig.command("os._exit(7)", top="import os")), limits=LASTING)
    template = await rig.template(policy)
    os.kill(rig.zygote.pid, signal.SIGSTOP)
    other = asyncio.ensure_future(rig.load(policy))
    await asyncio.sleep(0)
    plugin = await rig.load(policy, origin=template)
    failing = asyncio.ensure_future(rig.go(plugin))
    await asyncio.to_thread(select.select, [plugin._spawned.pidfd], [], [], 20)
    os.kill(rig.zygote.pid, signal.SIGCONT)
    with pytest.raises(PluginFailedError, match="exited with code 7"):
        await failing
    await other


async def test_how_it_ends_is_told_as_of_any_other(rig):
    policy = rig.policy(rig.write(rig.command("os._exit(7)", top="import os")), limits=LASTING)
    template = await rig.template(policy)
    plugin = await rig.load(policy, origin=template)
    with pytest.raises(PluginFailedError, match="exited with code 7"):
        await rig.go(plugin)
    end = await plugin.ended
    assert (end.code, end.collateral) == (7, False)
    assert end.peak_kib > 1000


async def test_the_death_of_the_template_does_not_concern_it(rig, born):
    template, plugin = born
    await template.live.kill("the test wants it")
    assert (await rig.go(plugin))["pid"] == plugin.pid
    with pytest.raises(YesmanError):
        await rig.load(template.live.policy, origin=template)


async def test_it_dies_with_the_zygote(rig, born):
    _, plugin = born
    os.kill(rig.zygote.pid, signal.SIGKILL)
    end = await plugin.ended
    assert end.collateral


async def test_what_it_does_not_let_go_of_dies_with_its_server(rig, born, eventually):
    """Both are killed at once: only the kernel is left to end the plugin."""
    _, plugin = born
    assert await rig.run("import ctypes\nreturn ctypes.CDLL(None).prctl(2, 0)") in {0, -1}
    pidfd = os.pidfd_open(plugin.pid)
    os.kill(rig.zygote.pid, signal.SIGKILL)
    await eventually(lambda: _ended(pidfd))
    os.close(pidfd)


async def test_another_policy_is_not_served(rig, born):
    template, _ = born
    other = rig.policy(rig.write(rig.command("return 1")), limits=LASTING)
    with pytest.raises(PlatformError, match="other permissions"):
        await rig.load(other, origin=template)
    assert not template.live.ended.done()


async def test_its_limits_are_its_own(rig):
    body = "import time\nwhile True: pass"
    limits = Limits(cancel_seconds=0.3, cpu_seconds=0.3)
    policy = rig.policy(rig.write(rig.command(body)), limits=limits)
    template = await rig.template(policy)
    plugin = await rig.load(policy, origin=template)
    with pytest.raises(PluginFailedError, match="processor time"):
        await rig.go(plugin)
    await plugin.ended
    assert (await rig.load(policy, origin=template)).pid != plugin.pid


def descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_nothing_stays_open_of_one_that_does_not_come_up(rig, eventually):
    policy = rig.policy(rig.write(rig.command("return 1")), limits=Limits(load_seconds=0.001))
    with pytest.raises(PluginFailedError):  # libuv keeps /dev/null open from its first reading on
        await rig.template(policy)
    before = descriptors()
    for _ in range(3):
        with pytest.raises(PluginFailedError):
            await rig.template(policy)
    await eventually(lambda: descriptors() == before)


def _ended(pidfd):
    try:
        signal.pidfd_send_signal(pidfd, 0)
    except ProcessLookupError:
        return True
    return False


# --- a template is as little trusted as a plugin


async def hostile(rig, source, *grants):
    """Return a template that imports ``evil``, a module of the plugin's own folder."""
    root = rig.write(rig.command("return 1"))
    (root / "code/evil.py").write_text(source)
    return await rig.template(rig.policy(root, *grants, limits=LASTING), "evil")


FORKS = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
made = [libc.fork() for _ in range(3)]
with open(os.environ["HOME"] + "/made", "w") as file:
    file.write(f"{os.getpid()} {made} {ctypes.get_errno()}")
"""


async def test_it_cannot_fork_when_it_imports(rig, eventually):
    template = await hostile(rig, FORKS)
    made = (await eventually(lambda: list(rig.folder.glob("*/data/made"))))[0].read_text()
    assert made == f"{template.live.pid} [-1, -1, -1] 1"
    assert family.members(family.mark_on(template.live.pid)) == [template.live.pid]


MULTIPLIES = """
import ctypes, os
fork = os.fork
def many():
    made = [ctypes.CDLL(None).fork() for _ in range(8)]
    return fork()
os.fork = many
"""


async def test_it_cannot_fork_more_often_than_it_was_told_to(rig):
    template = await hostile(rig, MULTIPLIES)
    with pytest.raises(YesmanError):
        await rig.load(template.live.policy, origin=template)
    end = await template.live.ended
    assert end is not None
    assert family.of_home(rig.zygote._home) == []


POSES = """
import os, socket
received = socket.recv_fds
def pose(sock, size, most):
    data, descriptors, *rest = received(sock, size, most)
    os.write(descriptors[3], b"P")
    return data, descriptors, *rest
socket.recv_fds = pose
"""


async def test_it_cannot_pose_as_what_it_forks(rig):
    """The number that the kernel then says is its own."""
    template = await hostile(rig, POSES)
    with pytest.raises(YesmanError):
        await rig.load(template.live.policy, origin=template)
    await template.live.ended
    assert family.of_home(rig.zygote._home) == []


STAYS = """
import os, time
forked = os.fork
def fork():
    pid = forked()
    if pid:
        return pid
    os.fork = forked
    os.getppid = lambda: 0
    return 0
os.fork = fork
left = os._exit
os._exit = lambda code: time.sleep(60)
"""


async def test_what_it_forks_must_have_become_the_zygotes(rig):
    """Else its end, which only its parent hears of, would never be told."""
    template = await hostile(rig, STAYS)
    with pytest.raises(YesmanError):
        await rig.load(template.live.policy, origin=template)
    await template.live.kill("the test wants it")
    assert family.of_home(rig.zygote._home) == []


SURVIVES = """
from yesman.sandbox import kernel
prctl = kernel.prctl
kernel.prctl = lambda option, *arguments: 0 if option == 1 else prctl(option, *arguments)
"""


@pytest.mark.escape("processes")
async def test_what_it_forks_must_have_bound_its_life_to_the_zygotes(rig):
    """Else it would outlive a server and a zygote that are killed at the same moment."""
    template = await hostile(rig, SURVIVES)
    with pytest.raises(YesmanError):
        await rig.load(template.live.policy, origin=template)
    await template.live.ended
    assert family.of_home(rig.zygote._home) == []


KEEPS = """
import os, socket
received = socket.recv_fds
kept = []
def keep(sock, size, most):
    data, descriptors, *rest = received(sock, size, most)
    kept.extend(map(os.dup, descriptors))
    return data, descriptors, *rest
socket.recv_fds = keep
"""


async def test_lanes_that_it_keeps_speak_for_the_same_plugin_only(rig):
    template = await hostile(rig, KEEPS)
    plugin = await rig.load(template.live.policy, origin=template)
    assert await rig.go(plugin) == 1
    await plugin.kill("the test wants it")
    assert not template.live.ended.done()


@pytest.mark.parametrize("source", ["import time; time.sleep(60)", "import os; os.kill(os.getpid(), 9)"])
async def test_one_that_hangs_or_dies_as_it_imports_is_given_up(rig, source, eventually):
    root = rig.write(rig.command("return 1"))
    (root / "code/evil.py").write_text(source)
    policy = rig.policy(root, limits=Limits(load_seconds=1, cancel_seconds=0.3))
    with pytest.raises(YesmanError):
        await rig.template(policy, "evil")
    await eventually(lambda: family.of_home(rig.zygote._home) == [])


async def test_a_mark_cannot_be_changed_by_whoever_carries_it(rig, born):
    template, plugin = born
    limits = resource.prlimit(plugin.pid, family.RLIMIT_LOCKS)
    body = "import resource\nresource.setrlimit(10, (5, 5))"
    source = rig.write(rig.command(body))
    policy = rig.policy(source, limits=LASTING)
    another = await rig.load(policy, origin=await rig.template(policy))
    with pytest.raises(PluginFailedError):
        await rig.go(another)
    assert limits == (family.mark_on(plugin.pid),) * 2
    assert template.live.pid != plugin.pid


# --- plugins that may start programs

STARTS = """
import subprocess
child = subprocess.Popen(["/usr/bin/sleep", "600"])
subprocess.Popen(["/bin/sh", "-c", "setsid sleep 600 &"]).wait()
return child.pid
"""


async def test_programs_of_a_forked_process_are_its_own_and_end_with_it(rig, eventually):
    policy = rig.policy(rig.write(rig.command(STARTS)), "system.execute", limits=LASTING)
    template = await rig.template(policy)
    first, second = [await rig.load(policy, origin=template) for _ in range(2)]
    started, others = await rig.go(first), await rig.go(second)
    assert {family.mark_on(started), family.mark_on(others)} == {
        family.mark_on(first.pid), family.mark_on(second.pid)
    }  # fmt: skip
    await first.kill("the test wants it")
    assert family.mark_on(started) == -1
    assert len(family.members(family.mark_on(second.pid))) == 3
    assert not template.live.ended.done()


async def test_a_template_that_may_start_programs_cannot_keep_any_beyond_its_end(rig):
    root = rig.write(rig.command("return 1"))
    source = "import subprocess\nsubprocess.Popen(['/bin/sh', '-c', 'setsid sleep 600 &']).wait()"
    (root / "code/evil.py").write_text(source)
    template = await rig.template(rig.policy(root, "system.execute", limits=LASTING), "evil")
    assert len(family.members(family.mark_on(template.live.pid))) == 2
    await template.live.kill("the test wants it")
    assert family.of_home(rig.zygote._home) == []
