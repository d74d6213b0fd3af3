"""Which layers of the sandbox this machine enforces, each proved by an attempt. For ``yesman doctor``.

A layer counts only if a child, confined the way plugins are, was refused by the kernel just
now (:mod:`yesman.sandbox.attempts`). What could not be tried is not enforced. Works for root
and for everybody else, and leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from yesman import process
from yesman.model.errors import PlatformError
from yesman.sandbox.checks import PLANTED, Findings
from yesman.sandbox.interpreter import interpreter_paths, program

PROBE_SECONDS = 10.0


@dataclass(frozen=True)
class Layer:
    """One layer of the sandbox on this machine.

    Attributes:
        name: What it is called.
        enforces: What it keeps a plugin from, one sentence.
        enforced: Whether the attempts were refused just now.
        detail: What was attempted, and the answers.
        next_step: What to do when it is not enforced; "" when it is.
    """

    name: str
    enforces: str
    enforced: bool
    detail: str
    next_step: str = ""


_CONTAINER = "Inside a container, allow it there; else report it"
_ROWS = {
    "files": (
        "Landlock files",
        "A plugin reaches no file outside its own folders and its grants",
        "Use Linux 5.13 or newer with 'landlock' among the 'lsm=' boot parameters",
    ),
    "truncate": (
        "Landlock truncate (ABI 3)",
        "A plugin cannot empty files outside its grants",
        "Use Linux 6.2 or newer",
    ),
    "tcp": (
        "Landlock TCP (ABI 4)",
        "TCP stays shut even if the filter had a hole",
        "Use Linux 6.7 or newer; until then the system-call filter alone refuses sockets",
    ),
    "ioctl": (
        "Landlock device ioctls (ABI 5)",
        "Devices cannot be steered even if the filter had a hole",
        "Use Linux 6.10 or newer; until then the system-call filter alone refuses them",
    ),
    "ipc": (
        "Landlock signals and abstract sockets (ABI 6)",
        "Other processes cannot be signalled or spoken to even if the filter had a hole",
        "Use Linux 6.12 or newer; until then the filter refuses them, and signals to a plugin's own programs",
    ),
    "filter": (
        "seccomp filter",
        "A plugin makes only the system calls on a list: no processes, no connections, no kernel features",
        f"Use a kernel with CONFIG_SECCOMP_FILTER. {_CONTAINER}",
    ),
    "broker": (
        "connect broker",
        "A plugin with network permissions connects only where they lead, whatever code it brings",
        f"Without it no plugin connects or starts programs; use Linux 5.19, ptrace_scope < 2. {_CONTAINER}",
    ),
    "privileges": (
        "no new privileges",
        "No program can give a plugin more rights than it has",
        _CONTAINER,
    ),
    "capabilities": (
        "capabilities dropped",
        "A plugin of root has none of root's powers over files and processes",
        _CONTAINER,
    ),
    "limits": (
        "resource limits",
        "A plugin cannot take all memory, disk or descriptors",
        "Look whether 'ulimit -H' allows less than plugins need",
    ),
    "environment": (
        "scrubbed environment",
        "A plugin sees none of your environment variables",
        "Report it: this needs nothing of the machine",
    ),
    "descriptors": (
        "descriptors closed",
        "A plugin inherits no open file or socket",
        "Report it: this needs nothing of the machine",
    ),
    "orphan": (
        "dies with the server",
        "No plugin outlives the server, whatever ends it",
        _CONTAINER,
    ),
    "library": (
        "interpreter stdlib readable",
        "Plugins find Python's standard library inside the sandbox",
        "Install Python where its files lie below its own prefix, such as Debian's python3",
    ),
}


def report() -> list[Layer]:
    """Try every layer and say how it went; takes well under two seconds.

    Must not be called while an event loop runs; there, await :func:`examine`.
    """
    return asyncio.run(examine())


async def examine() -> list[Layer]:
    """Like :func:`report`, for callers with an event loop."""
    if sys.platform != "linux":
        why = f"Plugins are confined by the Linux kernel, and this is {sys.platform}"
        return [Layer("Linux", "Everything below", enforced=False, detail=why, next_step="Use Linux")]
    try:
        findings = await _findings()
    except PlatformError as error:
        findings = {"confine": (False, error.sentence)}
    return [_layer(key, findings) for key in _ROWS]


async def _findings() -> Findings:
    with tempfile.TemporaryDirectory(prefix="yesman-doctor-") as name:
        argument = json.dumps({"folder": name, "interpreter": interpreter_paths()})
        ended = await process.run(
            program("yesman.sandbox.attempts", argument),
            cwd=Path("/"),
            env={"LANG": "C.UTF-8", PLANTED: "1"},
            timeout=PROBE_SECONDS,
        )
    if ended.returncode != 0:
        last = ended.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        return {"confine": (False, f"the probe itself failed: {last}")}
    findings: Findings = json.loads(ended.stdout)
    return findings


def _layer(key: str, findings: Findings) -> Layer:
    name, enforces, next_step = _ROWS[key]
    missing = findings.get("confine", (False, "it could not be tried"))
    enforced, detail = findings.get(key, missing)
    return Layer(name, enforces, enforced=enforced, detail=detail, next_step="" if enforced else next_step)
