"""What a fresh plugin process is made of: nothing of ours beyond the SDK, and nothing shared with others."""

from __future__ import annotations

import errno
import json

import pytest

from yesman.sandbox.interpreter import interpreter_paths

RANDOM = """
    import random, secrets, ssl, tempfile, uuid, os
    return {
        "random": random.random(),
        "getrandbits": random.getrandbits(64),
        "new generator": random.Random().random(),
        "secrets": secrets.token_hex(),
        "uuid4": str(uuid.uuid4()),
        "uuid1": str(uuid.uuid1()),
        "mkdtemp": os.path.basename(tempfile.mkdtemp()),
        "mktemp": os.path.basename(tempfile.mktemp()),
        "RAND_bytes": ssl.RAND_bytes(16).hex(),
        "urandom": os.urandom(16).hex(),
        "authkey": __import__("multiprocessing.process").process.current_process().authkey.hex(),
        "cookie": __import__("email.utils").utils.make_msgid(),
        "boundary": __import__("email.generator").generator._make_boundary(),
    }
    """


@pytest.mark.escape("environment")
async def test_forks_share_no_random_stream(rig):
    plugins = [await rig.start(rig.command(RANDOM)) for _ in range(4)]
    drawn = [await rig.go(plugin) for plugin in plugins]
    shared = {name for name in drawn[0] if len({values[name] for values in drawn}) < len(drawn)}
    assert shared == set()


@pytest.mark.escape("environment")
async def test_forks_carry_no_tls_state_and_no_key(rig):
    body = """
        import gc, sys
        kinds = [type(o).__name__ for o in gc.get_objects()]
        secret = {"SSLContext", "SSLSession", "SSLSocket", "SSLObject", "AuthenticationString"}
        held = [k for k in kinds if k in secret]
        return [held, "multiprocessing" in sys.modules, "multiprocessing.process" in sys.modules]
        """
    assert await rig.run(body) == [[], False, False]


@pytest.mark.escape("environment")
async def test_only_the_standard_library_and_our_sdk_are_imported(rig):
    top = "import sys; AT_LOAD = sorted(sys.modules)"
    loaded = await rig.run("return [AT_LOAD, sorted(sys.stdlib_module_names)]", top=top)
    names, stdlib = set(loaded[0]), set(loaded[1])
    ours = {name for name in names if name.partition(".")[0] == "yesman"}
    foreign = {name for name in names - ours if name.partition(".")[0] not in stdlib}
    assert {name for name in foreign if not name.startswith("_sysconfigdata_")} <= {
        "__main__",
        "src",
        "src.main",
    }
    allowed = ("yesman.plugins", "yesman.wire", "yesman.worker", "yesman.sandbox")
    beyond = {name for name in ours if not name.startswith(allowed)}
    assert beyond == {"yesman", "yesman.model", "yesman.model.limits"}


async def test_the_search_path_leads_to_the_plugin_and_the_standard_library_only(rig):
    plugin = await rig.start(rig.command("import sys; return sys.path"))
    paths = await rig.go(plugin)
    assert paths[0] == plugin.policy.code
    library = tuple(interpreter_paths())
    assert [path for path in paths[1:] if not path.startswith(library) and not path.endswith(".zip")] == []


@pytest.mark.parametrize(
    "name", ["click", "msgspec", "yaml", "uvloop", "pytest", "yesman.host", "yesman.runtime.zygote"]
)
@pytest.mark.escape("environment")
async def test_packages_of_the_host_cannot_be_imported(rig, name):
    body = f"try:\n    import {name}\nexcept ImportError: return 'absent'\nreturn 'there'"
    assert await rig.run(body) == "absent"


@pytest.mark.escape("processes")
async def test_no_descriptor_is_open_but_the_five(rig):
    top = """
import os
FOUND = []
for number in range(4096):
    try: os.fstat(number)
    except OSError: continue
    FOUND.append(number)
"""
    source = rig.command("return FOUND", top=top)
    found = await rig.go(await rig.start(source))
    # 5 is the event loop's selector, 6 and 7 its wake-up pair: the process made them itself.
    assert found[:5] == [0, 1, 2, 3, 4]
    assert set(found[5:]) <= {5, 6, 7, 8}


@pytest.mark.escape("environment")
async def test_the_environment_holds_what_the_policy_says(rig, monkeypatch):
    monkeypatch.setenv("YESMAN_TEST_SECRET", "x")
    plugin = await rig.start(rig.command("import os; return dict(os.environ)"))
    environment = await rig.go(plugin)
    assert environment == plugin.policy.environment | {"COLUMNS": "80", "LINES": "24"}


async def test_grants_open_what_they_say(rig):
    shared = rig.folder / "shared"
    shared.mkdir()
    (shared / "note").write_text("hello")
    body = """
        import os
        path = options["path"]
        read = open(path + "/note").read()
        try: open(path + "/new", "w"); wrote = True
        except PermissionError as error: wrote = str(error)
        return [read, wrote]
        """
    reading = await rig.start(rig.command(body), f"filesystem.read:{shared}")
    denied = f"plugin 'demo' lacks permission 'filesystem.write:{shared}/new'"
    assert await rig.go(reading, path=str(shared)) == ["hello", denied]
    writing = await rig.start(rig.command(body), f"filesystem.write:{shared}")
    assert await rig.go(writing, path=str(shared)) == ["hello", True]


@pytest.mark.escape("files")
async def test_a_grant_put_behind_a_link_later_opens_nothing(rig):
    shared, secret = rig.folder / "shared", rig.folder / "secret"
    secret.mkdir()
    (secret / "note").write_text("secret")
    shared.mkdir()
    root = rig.write(rig.command(f"return open({str(shared / 'note')!r}).read()"))
    policy = rig.policy(root, f"filesystem.read:{shared}")
    shared.rmdir()
    shared.symlink_to(secret)
    plugin = await rig.load(policy)
    with pytest.raises(Exception, match=r"Permission denied|lacks permission"):
        await rig.go(plugin)


@pytest.mark.escape("resources")
async def test_memory_files_and_stack_are_limited(rig, limits):
    body = """
        import errno, os, threading
        answers = {}
        try: bytearray(400 << 20)
        except MemoryError: answers["memory"] = "refused"
        number = os.open(self.context.data_dir + "/big", os.O_CREAT | os.O_WRONLY)
        try: os.pwrite(number, b"x", 3 << 20)
        except OSError as error: answers["file"] = errno.errorcode[error.errno]
        opened = []
        try:
            while True: opened.append(os.dup(0))
        except OSError as error: answers["descriptors"] = errno.errorcode[error.errno]
        [os.close(n) for n in opened]
        return answers
        """
    small = limits(data_bytes=200 << 20, file_bytes=2 << 20, open_files=40)
    answers = await rig.go(await rig.start(rig.command(body), limits=small))
    assert answers == {"memory": "refused", "file": "EFBIG", "descriptors": "EMFILE"}


async def test_twenty_threads_fit_the_default_limits(rig, limits):
    from yesman.model.limits import Limits  # noqa: PLC0415 - the defaults are this test's subject

    body = """
        import threading
        done = []
        threads = [threading.Thread(target=done.append, args=(n,)) for n in range(20)]
        [t.start() for t in threads]; [t.join() for t in threads]
        return len(done)
        """
    assert await rig.run(body, limits=Limits()) == 20


async def test_equal_policies_travel_unchanged(rig):
    policy = rig.policy(rig.write(rig.command("return 1")))
    assert json.loads(json.dumps(policy.as_data()))["plugin"] == "demo"


IN_FLIGHT = """
    import array, os, socket
    KEPT = globals().setdefault("KEPT", [])
    sent = 0
    for _ in range(8):
        ends = socket.socketpair()
        KEPT.append(ends)
        try:
            socket.send_fds(ends[0], [b"x"], [0] * 100)
            sent += 100
        except OSError as error:
            return [sent, error.errno]
    return [sent, 0]
    """


@pytest.mark.escape("processes")
async def test_descriptors_that_one_plugin_keeps_in_flight_stop_no_other_from_starting(rig):
    """The kernel counts them per user: beyond a sender's own limit it lets that sender send none."""
    greedy = await rig.start(rig.command(IN_FLIGHT))
    sent, error = await rig.go(greedy)
    assert (sent > 128, error) == (True, errno.ETOOMANYREFS)
    assert await rig.run(IN_FLIGHT) == [0, errno.ETOOMANYREFS], "a control: it matters to others"


@pytest.mark.escape("resources")
async def test_timers_of_one_plugin_leave_some_to_the_user(rig):
    """The kernel counts them per user, against the limit of whoever makes one more."""
    made = """
        import ctypes
        libc, timer = ctypes.CDLL(None, use_errno=True), ctypes.c_void_p()
        for count in range(5000):
            if libc.timer_create(1, None, ctypes.byref(timer)):
                return [count, ctypes.get_errno()]
        return [5000, 0]
        """
    count, error = await rig.run(made)
    assert (count <= 256, error) == (True, errno.EAGAIN)
