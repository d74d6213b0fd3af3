"""Code of a plugin's top level, its __init__ and its initialize is confined alike, in Python and in C.

Each stage tries to read a file of the system, connect to a port that listens, fork, execute
and write outside the data folder. The same folder run without the sandbox succeeds in all of it.
"""

from __future__ import annotations

import json
import socket
import subprocess
from pathlib import Path

import pytest

import yesman
from yesman.sandbox.interpreter import base_python

CONTROL = Path(__file__).with_name("control.py")
SOURCE = Path(yesman.__file__).resolve().parents[1]
STAGES = ("top level", "__init__", "initialize")
ATTEMPTS = ("read", "connect", "fork", "exec", "write")

TRY = """
import ctypes, errno, os, socket
PORT, OUTSIDE, LOG = {port}, {outside!r}, {{}}
LIBC = ctypes.CDLL(None, use_errno=True)

def answer(act):
    try:
        act()
        return "done"
    except OSError as error:
        return errno.errorcode.get(error.errno, repr(error))

def checked(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return result

def reaped(pid):
    if pid == 0:
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0

def executed(run):
    pid = os.fork()
    if pid == 0:
        try: run()
        finally: os._exit(1)
    assert os.waitpid(pid, 0)[1] == 0

def executed_by_c():
    # Its own answer first: where execve is refused it returns, where it is not, it would not.
    argv = (ctypes.c_char_p * 2)(b"/nonexistent", None)
    result = LIBC.execve(b"/bin/true", argv, None) if CONFINED else None
    if result is None:
        return executed(lambda: LIBC.execve(b"/bin/true", argv, None))
    checked(result)

def connected_by_c():
    number = checked(LIBC.socket(2, 1, 0))
    address = (2).to_bytes(2, "little") + PORT.to_bytes(2, "big") + bytes([127, 0, 0, 1]) + bytes(8)
    checked(LIBC.connect(number, address, 16))
    os.close(number)

def in_python(stage):
    return {{
        "read": answer(lambda: open("/etc/passwd").read()),
        "connect": answer(lambda: socket.create_connection(("127.0.0.1", PORT)).close()),
        "fork": answer(lambda: reaped(os.fork())),
        "exec": answer(lambda: executed(lambda: os.execv("/bin/true", ["true"])) if not CONFINED
                       else os.execv("/bin/true", ["true"])),
        "write": answer(lambda: open(f"{{OUTSIDE}}/{{stage}}.py", "w").write("x")),
    }}

def in_c(stage):
    path = f"{{OUTSIDE}}/{{stage}}.c".encode()
    return {{
        "read": answer(lambda: checked(LIBC.open(b"/etc/passwd", os.O_RDONLY))),
        "connect": answer(connected_by_c),
        "fork": answer(lambda: reaped(checked(LIBC.fork()))),
        "exec": answer(executed_by_c),
        "write": answer(lambda: checked(LIBC.open(path, os.O_CREAT | os.O_WRONLY, 0o600))),
    }}

def attempt(stage):
    LOG[stage] = {{"python": in_python(stage), "c": in_c(stage)}}

CONFINED = "yesman.worker" in __import__("sys").modules
attempt("top level")

from yesman.plugins import CommandPlugin, PluginCommand

class Demo(CommandPlugin):
    def __init__(self, context):
        super().__init__(context)
        attempt("__init__")
    async def initialize(self):
        attempt("initialize")
    def get_commands(self):
        return [PluginCommand("go", "tells", self.go)]
    def go(self, **options):
        return LOG
"""


@pytest.fixture
def plugin_root(rig):
    """A plugin that tries everything at every stage, and a listening port for it to reach."""
    outside = rig.folder / "outside"
    outside.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        source = TRY.format(port=listener.getsockname()[1], outside=str(outside))
        yield rig.write(source)


def flat(log):
    """``{(stage, language, attempt): answer}``."""
    return {
        (stage, language, attempt): log[stage][language][attempt]
        for stage in STAGES
        for language in ("python", "c")
        for attempt in ATTEMPTS
    }


@pytest.mark.escape("environment")
async def test_every_attempt_is_refused_at_every_stage(rig, plugin_root):
    answers = flat(await rig.go(await rig.load(rig.policy(plugin_root))))
    refused = {key: answer for key, answer in answers.items() if answer in {"EACCES", "EPERM"}}
    assert {key: answer for key, answer in answers.items() if key not in refused} == {}
    assert len(refused) == 30
    assert list((rig.folder / "outside").iterdir()) == []


async def test_the_same_code_outside_the_sandbox_succeeds(rig, plugin_root):
    argv = [str(base_python()), "-I", "-B", str(CONTROL), str(SOURCE), str(plugin_root)]
    ended = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)  # noqa: ASYNC221 - short
    assert ended.returncode == 0, ended.stderr
    answers = flat(json.loads(ended.stdout))
    assert {key: answer for key, answer in answers.items() if answer != "done"} == {}
    assert len(list((rig.folder / "outside").iterdir())) == 6


async def test_python_refusals_name_what_is_missing(rig):
    body = """
        import os, socket, subprocess
        told = []
        for act in (
            lambda: open("/etc/passwd"),
            lambda: open("/etc/hostile", "w"),
            lambda: os.listdir("/root/x/.."),
            lambda: socket.create_connection(("127.0.0.1", 9)),
            lambda: socket.create_connection(("example.org", 443)),
            lambda: subprocess.run(["/bin/true"]),
            os.fork,
            lambda: os.kill(1, 0),
            lambda: os.chmod(self.context.data_dir, 0o777),
        ):
            try: act()
            except PermissionError as error: told.append(str(error))
        return told
        """
    assert [text.removeprefix("plugin 'demo' ") for text in await rig.run(body)] == [
        "lacks permission 'filesystem.read:/etc/passwd'",
        "lacks permission 'filesystem.write:/etc/hostile'",
        "lacks permission 'filesystem.read:/root'",
        "lacks permission 'network.internal:127.0.0.1:9'",
        "lacks permission 'network.external:example.org:443'",
        "lacks permission 'system.execute:/bin/true'",
        "lacks permission 'system.execute'",
        "may not signal another process; no permission can allow it",
        "may not change file modes; no permission can allow it",
    ]


async def test_a_secret_that_is_never_granted_is_told_so(rig):
    (rig.folder / "home/.ssh").mkdir(parents=True)
    (rig.folder / "home/.ssh/id").write_text("key")
    body = f"open({str(rig.folder / 'home/.ssh/id')!r})"
    with pytest.raises(Exception, match="no permission can allow it"):
        await rig.run(body)
