"""A kernel whose Landlock is older: what it does not guard, the filter of system calls refuses by itself.

The older kernel is played by the ring's own parameter; nothing that a user can set reaches it.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from yesman.sandbox import kernel

TRY = """
import errno, json, os, signal, socket, sys
from yesman.sandbox import confine, landlock
from yesman.sandbox.policy import Policy

abi, root, confined, filtered = int(sys.argv[1]), sys.argv[2], sys.argv[3] == "yes", sys.argv[4] == "yes"
listener = socket.create_server(("127.0.0.1", 0))
port = listener.getsockname()[1]
local = socket.socket(socket.AF_UNIX)
local.bind("")
local.listen()
abstract = local.getsockname()
other = os.fork()
if other == 0:
    signal.pause()

def answer(act, *arguments):
    try:
        act(*arguments)
    except OSError as error:
        return errno.errorcode[error.errno]
    return "done"

def attempts():
    return {
        "truncate": answer(os.truncate, root + "/outside", 0),
        "signal": answer(os.kill, other, 0),
        "tcp": answer(lambda: socket.socket().connect(("127.0.0.1", port))),
        "abstract": answer(lambda: socket.socket(socket.AF_UNIX).connect(abstract)),
    }

reader, writer = os.pipe()
pid = os.fork()
if pid == 0:
    ring = confine.Ring.for_abi(abi)
    own = root + "/own"
    policy = Policy(plugin="p", code=own, packages="", data=own, tmp=own)
    if confined and filtered:
        os.dup2(writer, 3)
        writer = 3
        confine.confine(ring, policy, (3,), handover=None, parent=os.getppid(), interpreter=())
    elif confined:
        confine.give_up_privileges()
        confine.restrict_files(ring, policy, ())
    os.write(writer, json.dumps(attempts()).encode())
    os._exit(0)
os.close(writer)
with os.fdopen(reader) as report:
    print(report.read())
os.kill(other, signal.SIGKILL)
"""
REFUSED = {"EPERM", "EACCES"}
MASKED = {
    1: {"truncate", "signal", "tcp", "abstract"},
    3: {"signal", "tcp", "abstract"},
    5: {"signal", "abstract"},
}
"""What Landlock of an ABI lets pass."""


def tried(tmp_path, abi, *, confined=True, filtered=True):
    (tmp_path / "own").mkdir()
    (tmp_path / "outside").write_text("full")
    flags = ["yes" if flag else "no" for flag in (confined, filtered)]
    argv = [sys.executable, "-c", TRY, str(abi), str(tmp_path), *flags]
    ran = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    assert ran.stdout.strip(), ran.stderr
    return json.loads(ran.stdout)


@pytest.mark.parametrize("abi", [1, 2, 3, 4, 5, 6])
def test_whatever_the_landlock_it_is_refused(tmp_path, abi):
    answers = tried(tmp_path, abi)
    assert set(answers.values()) <= REFUSED, answers
    assert (tmp_path / "outside").read_text() == "full"


@pytest.mark.parametrize("abi", MASKED)
def test_landlock_alone_would_have_let_it_pass(tmp_path, abi):
    answers = tried(tmp_path, abi, filtered=False)
    assert {name for name, answer in answers.items() if answer == "done"} == MASKED[abi], answers


def test_without_anything_all_of_it_succeeds(tmp_path):
    assert set(tried(tmp_path, kernel.landlock_abi(), confined=False).values()) == {"done"}
