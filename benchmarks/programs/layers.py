"""Forks itself as the zygote does, again and again, and times each step of a child's confinement.

Usage: ``layers.py TIMES POLICY INTERPRETER``, the last two as JSON. Prints a JSON object: seconds by step.
"""

from __future__ import annotations

import gc
import json
import os
import socket
import sys
import time
from collections import defaultdict
from typing import TYPE_CHECKING

from yesman.sandbox import confine, notify
from yesman.sandbox.policy import Policy
from yesman.worker import preload

if TYPE_CHECKING:
    from collections.abc import Callable

REPORT, HANDOVER = 3, 4


def child(ring: confine.Ring, policy: Policy, interpreter: tuple[str, ...], start: float) -> None:
    """Do what :func:`yesman.sandbox.confine.confine` does, step by step."""
    steps: dict[str, Callable[[], object]] = {
        "closing descriptors": lambda: os.closerange(5, confine._descriptor_ceiling()),  # noqa: SLF001 - a step of its
        "limits": lambda: confine.limit(policy.limits),
        "privileges": confine.give_up_privileges,
        "Landlock": lambda: confine.restrict_files(ring, policy, interpreter),
        "seccomp and its listener": lambda: confine.filter_system_calls(ring, HANDOVER, executes=False),
        "looking at descriptors": lambda: confine.assert_descriptors({0, 1, 2, REPORT}),
    }
    taken = {"fork": time.perf_counter() - start}
    for name, step in steps.items():
        begun = time.perf_counter()
        step()
        taken[name] = time.perf_counter() - begun
    os.write(REPORT, json.dumps(taken).encode())
    os._exit(0)


def once(ring: confine.Ring, policy: Policy, interpreter: tuple[str, ...]) -> dict[str, float]:
    """Fork one child and return its report."""
    reading, writing = os.pipe()
    ours, theirs = socket.socketpair()
    start = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        high = [os.dup(writing), os.dup(theirs.fileno())]
        theirs.detach()
        os.dup2(high[0], REPORT)
        os.dup2(high[1], HANDOVER)
        child(ring, policy, interpreter, start)
    theirs.close()
    os.close(writing)
    pidfd = os.pidfd_open(pid)
    listener = notify.take_listener(ours, pidfd)
    if listener is None:
        raise SystemExit("the kernel gave no listener")
    report: dict[str, float] = json.loads(os.read(reading, 4096))
    os.waitpid(pid, 0)
    ours.close()
    for number in (listener, pidfd, reading):
        os.close(number)
    return report


confine.give_up_privileges()
preload.everything()
gc.collect()
gc.freeze()
found = defaultdict(list)
arguments = (
    confine.Ring.of_this_machine(),
    Policy.from_data(json.loads(sys.argv[2])),
    tuple(json.loads(sys.argv[3])),
)
for _ in range(int(sys.argv[1])):
    for key, seconds in once(*arguments).items():
        found[key].append(seconds)
print(json.dumps(found))
