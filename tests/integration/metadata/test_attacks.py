"""Nothing outside the writable places has its mode or times changed, by whatever way it is named.

Each attack stands beside what shows that the same call works on a plugin's own file.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time

import pytest

from yesman.model.errors import PluginFailedError

DEADLINE_SECONDS = 20.0
FLIPS = 3000
FLIPPING = """
def flipping(own, foreign, name, until):
    for number, target in enumerate((own, foreign)):
        os.symlink(target, f"{name}-{number}")
    os.symlink(own, name)
    while not until.is_set():
        for number, target in enumerate((foreign, own)):
            os.symlink(target, f"{name}-next")
            os.rename(f"{name}-next", name)
"""


@pytest.mark.escape("files")
async def test_paths_that_lead_outside(metadata):
    body = """
        path = options["secret"]
        folder, name = os.path.split(path)
        os.symlink(path, "link"), os.symlink(folder, "folder"), os.mkdir("deep"), make("own")
        at, here = handle(folder), os.open("deep", os.O_RDONLY)
        own, foreign = handle("own"), handle(path)
        up = os.path.relpath(path)
        ways = [(-100, path), (-100, up), (-100, "link"), (-100, f"folder/{name}"), (at, name),
                (here, f"../{up}"), (-100, f"/proc/self/fd/{foreign}"), (-100, f"deep/../{up}"),
                (-100, f"//{path}")]
        told = [call("fchmodat", *way, 0o777) for way in ways]
        told += [call("utimensat", *way, None, 0) for way in ways]
        told += [call("utimensat", foreign, None, None, 0), call("utimensat", foreign, "", None, 0x1000),
                 call("fchmodat2", foreign, "", 0o777, 0x1000), call("fchmod", foreign, 0o777)]
        os.chdir(folder)
        told.append(call("fchmodat", -100, name, 0o777))
        return [told, call("fchmodat", here, "../own", 0o640), call("fchmodat2", own, "", 0o641, 0x1000)]
        """
    told, *control = await metadata.run(body, secret=str(metadata.secret))
    assert set(told) == {"EPERM"}
    assert control == ["done", "done"]
    assert metadata.is_untouched()


@pytest.mark.escape("files")
async def test_our_own_proc_is_not_the_callers(metadata):
    body = """
        make("own")
        told = [call("fchmodat", -100, path, 0o777) for path in (
            "/proc/self/cwd", "/proc/self/root/etc", "/proc/thread-self/cwd/own", "/dev/fd/0",
            "/proc/self/exe")]
        lanes = [call("fchmod", number, 0o777) for number in range(5)]
        return [told, lanes, call("fchmodat", -100, "/proc/self/fd/99", 0o600)]
        """
    told, lanes, beyond = await metadata.run(body)
    assert told == ["ELOOP"] * 5
    assert lanes == ["EPERM"] * 5
    assert beyond == "EBADF"


@pytest.mark.escape("files")
async def test_a_link_that_is_exchanged_all_the_time(metadata):
    body = f"""
    over = threading.Event()
    thread = threading.Thread(target=flipping, args=(make("own"), options["secret"], "link", over))
    thread.start()
    told = {{}}
    try:
        for number in range({FLIPS}):
            answer = call("fchmodat", -100, "link", 0o777)
            told[answer] = told.get(answer, 0) + 1
    finally:
        over.set(); thread.join()
    return told
    """
    plugin = await metadata.start(body, top=FLIPPING)
    plugin.network._broker._bucket.spend = lambda _tokens: 0.0  # the race, not the pace, is tried
    told = await metadata.rig.go(plugin, secret=str(metadata.secret))
    assert metadata.is_untouched()
    assert told["done"] > 0
    assert told["EPERM"] > 0


@pytest.mark.escape("files")
def test_whoever_judges_the_name_loses_that_race(tmp_path):
    own, foreign, link = tmp_path / "own", tmp_path / "foreign", tmp_path / "link"
    for path in (own, foreign):
        path.write_text("")
        path.chmod(0o600)
    words: dict[str, object] = {"os": os}
    exec(FLIPPING, words)  # noqa: S102 - the very code that the plugin runs
    over = threading.Event()
    thread = threading.Thread(target=words["flipping"], args=(str(own), str(foreign), str(link), over))
    thread.start()
    deadline = time.monotonic() + DEADLINE_SECONDS
    while foreign.stat().st_mode & 0o777 == 0o600 and time.monotonic() < deadline:
        if link.exists() and os.path.realpath(link) == str(own):
            link.chmod(0o777)
    over.set()
    thread.join()
    assert foreign.stat().st_mode & 0o777 == 0o777


@pytest.mark.escape("files")
async def test_a_grant_to_read_is_none_to_change(metadata):
    body = """
        own = os.open(options["secret"], os.O_RDONLY)
        return [call("fchmod", own, 0o777), call("utimensat", own, None, None, 0),
                call("fchmodat", -100, options["secret"], 0o777), call("fchmodat", -100, make("own"), 0o777)]
        """
    told = await metadata.run(body, f"filesystem.read:{metadata.outside}", secret=str(metadata.secret))
    assert told == ["EPERM", "EPERM", "EPERM", "done"]
    assert metadata.is_untouched()


@pytest.mark.escape("files")
async def test_files_that_are_linked_from_outside(metadata):
    """The user's own hard links: what such a file may be made to, its other name has it too."""
    granted = metadata.granted()
    for name in ("linked", "opened"):
        os.link(metadata.secret, granted / name)
    body = """
        os.chdir(options["granted"])
        opened = os.open("opened", os.O_RDONLY)
        os.link("linked", "more")
        told = [call("fchmodat", -100, name, 0o777) for name in ("linked", "more", "opened")]
        for name in ("linked", "more", "opened"): os.unlink(name)
        told.append(call("fchmod", opened, 0o777))   # its only name is outside now
        told.append(call("utimensat", opened, None, None, 0))
        own = os.open(make("own"), os.O_RDONLY)
        told.append(call("fchmod", own, 0o640))
        os.unlink("own")
        return [told, call("fchmod", own, 0o600)]
        """
    told = await metadata.run(body, f"filesystem.write:{granted}", granted=str(granted))
    assert told == [["EPERM"] * 5 + ["done"], "done"]
    assert metadata.is_untouched()


@pytest.mark.escape("files")
async def test_special_bits_are_never_added(metadata):
    granted = metadata.granted()
    (granted / "shared").mkdir()
    (granted / "shared").chmod(0o2770)
    (granted / "program").write_text("")
    (granted / "program").chmod(0o4755)
    body = """
        own = os.open(make("own"), os.O_RDWR); os.mkdir("folder")
        os.chdir(options["granted"])
        told = [call("fchmod", own, bits | 0o600) for bits in (0o4000, 0o2000, 0o1000)]
        told += [call("fchmodat", -100, "program", 0o4755), call("fchmodat", -100, "shared", 0o1770)]
        return [told, call("fchmodat", -100, "shared", 0o2750), call("fchmodat", -100, "program", 0o755)]
        """
    told, *control = await metadata.run(body, f"filesystem.write:{granted}", granted=str(granted))
    assert told == ["EPERM"] * 5
    assert control == ["done", "done"]


@pytest.mark.escape("files")
async def test_somebody_elses_file_in_a_granted_folder(metadata):
    granted = metadata.granted()
    (granted / "file").write_text("")
    root = os.geteuid() == 0
    if root:
        os.chown(granted / "file", 12345, 12345)
    body = (
        'return [call("fchmodat", -100, options["file"], 0o777), call("fchmodat", -100, make("own"), 0o777)]'
    )
    told = await metadata.run(body, f"filesystem.write:{granted}", file=str(granted / "file"))
    assert told == ["EPERM" if root else "done", "done"]  # a plain user has no such file


@pytest.mark.escape("files")
async def test_the_folders_that_were_given_stay_what_they_are(metadata):
    granted = metadata.granted()
    granted.chmod(0o750)
    body = """
        own, theirs = str(self.context.data_dir), options["granted"]
        told = [call("fchmodat", -100, own, 0o500), call("fchmodat", -100, theirs, 0o600),
                call("fchmodat", -100, theirs, 0o755), call("fchmodat", -100, own, 0o1777)]
        return [told, call("fchmodat", -100, own, 0o755), call("fchmodat", -100, theirs, 0o700),
                call("utimensat", -100, theirs, None, 0)]
        """
    told, *control = await metadata.run(body, f"filesystem.write:{granted}", granted=str(granted))
    assert told == ["EPERM"] * 4
    assert control == ["done"] * 3


@pytest.mark.escape("files")
async def test_a_folder_put_in_the_place_of_a_granted_one(metadata):
    granted = metadata.granted()
    body = 'return call("fchmodat", -100, options["file"], 0o777)'
    plugin = await metadata.start(body, f"filesystem.write:{granted}")
    (granted / "file").write_text("")
    assert await metadata.rig.go(plugin, file=str(granted / "file")) == "done"
    granted.rename(granted.with_name("before"))
    metadata.outside.rename(granted)
    assert await metadata.rig.go(plugin, file=str(granted / "secret")) == "EPERM"
    assert (granted / "secret").stat().st_mode & 0o777 == 0o600


@pytest.mark.escape("files")
async def test_paths_that_are_none(metadata):
    body = """
        make("own")
        long = "./" * 2046 + "own"
        return [call("fchmodat", -100, None, 0o777), call("fchmodat", -100, 1, 0o777),
                call("fchmodat", -100, -1, 0o777), call("fchmodat", -100, page(), 0o777),
                call("fchmodat", -100, page(b"own"), 0o777), call("fchmodat", -100, page(b"own\\0"), 0o640),
                call("fchmodat", -100, long, 0o640), call("fchmodat", -100, "/" + long, 0o640),
                call("fchmodat", -100, b"x" * 100000, 0o640),
                call("utimensat", -100, "own", page(), 0), call("utimensat", -100, "own", page(bytes(32)), 0)]
        """
    assert await metadata.run(body) == [
        "EFAULT", "EFAULT", "EFAULT", "EFAULT", "EFAULT", "done", "done", "ENAMETOOLONG", "ENAMETOOLONG",
        "EFAULT", "done",
    ]  # fmt: skip


@pytest.mark.escape("files")
async def test_extended_attributes_do_not_exist(metadata):
    body = (
        'return [call("setxattr", make("own"), "user.x", b"y", 1, 0), call("removexattr", "own", "user.x")]'
    )
    assert await metadata.run(body) == ["ENOTSUP", "ENOTSUP"]


async def test_a_refusal_names_the_grant_in_python_and_in_programs(metadata):
    refused = f"lacks permission 'filesystem.write:{metadata.secret}'"
    with pytest.raises(PluginFailedError, match=refused):
        await metadata.run("os.chmod(options['secret'], 0o777)", secret=str(metadata.secret))
    body = "subprocess.run(['/bin/chmod', '777', options['secret']], check=True)"
    with pytest.raises(PluginFailedError, match=refused):
        await metadata.run(body, "system.execute", secret=str(metadata.secret))


async def test_a_refusal_of_a_secret_place_names_no_grant(metadata):
    told = []
    plugin = await metadata.start("return call('fchmodat', -100, '/proc/version', 0o777)")
    plugin.network._tell = told.append
    assert await metadata.rig.go(plugin) == "EPERM"
    assert [(denial.call, denial.permission) for denial in told] == [("fchmodat", "")]


@pytest.mark.escape("resources")
async def test_refusals_are_rationed(metadata):
    body = """
        end, told = time.monotonic() + 2, 0
        while time.monotonic() < end:
            told += call("fchmodat", -100, "/etc", 0o777) == "EPERM"
        return told
        """
    assert await metadata.run(body) < 4 * 200 * 2  # a second's worth at once, and then as many a second


class Silence:
    """Stands for a call to a file system that does not answer: none is to be had unprivileged."""

    def __init__(self) -> None:
        self.over = threading.Event()

    @property
    def number(self) -> int:
        self.over.wait(DEADLINE_SECONDS)
        raise OSError(5, "after all this time")

    thread = id = 0


STUCK = """
    make("own")
    thread = threading.Thread(target=call, args=("fchmodat", -100, "own", 0o751))
    thread.start()
    while not os.path.exists("go on"):
        threading.Thread(target=int).start()   # is asked of the same broker
        time.sleep(0.001)
    thread.join()
    return mode("own")
"""


@pytest.mark.escape("resources")
async def test_a_file_system_that_hangs_stops_nobody_else(metadata):
    silence = Silence()
    stuck = await metadata.start(STUCK)
    stuck.network._broker._amender.take(silence)
    running = asyncio.create_task(metadata.rig.go(stuck))
    for _ in range(3):
        assert await metadata.run('return call("fchmodat", -100, make("own"), 0o640)') == "done"
    assert not running.done()
    os.close(os.open(f"{stuck.policy.data}/go on", os.O_CREAT))
    silence.over.set()
    assert await running == "0o751"


@pytest.mark.escape("files")
async def test_nothing_is_changed_for_a_plugin_that_was_killed_meanwhile(metadata, eventually):
    silence = Silence()
    plugin = await metadata.start(STUCK)
    amender = plugin.network._broker._amender
    amender.take(silence)
    await eventually(lambda: not amender._calls.qsize(), "the silence")
    running = asyncio.create_task(metadata.rig.go(plugin))
    await eventually(amender._calls.qsize, "the call")
    await plugin.kill("the test wants it")
    silence.over.set()
    with pytest.raises(PluginFailedError):
        await running
    await eventually(lambda: not amender._thread.is_alive(), "its end")
    assert os.lstat(f"{plugin.policy.data}/own").st_mode & 0o777 != 0o751
