"""Which layers of the sandbox this machine enforces, each proved by an attempt. For ``yesman doctor``.

A layer counts only if a child, confined the way plugins are, was refused by the kernel just
now (:mod:`yesman.sandbox.attempts`). What could not be tried is not enforced. Works for root
and for everybody else, and leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from yesman import process
from yesman.model.errors import PlatformError
from yesman.sandbox.interpreter import interpreter_paths, program
from yesman.sandbox.layers import PLANTED, ROWS
from yesman.sandbox.strength import unsupported

if TYPE_CHECKING:
    from yesman.sandbox.checks import Findings

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


def report() -> list[Layer]:
    """Try every layer and say how it went; takes well under two seconds.

    Must not be called while an event loop runs; there, await :func:`examine`.
    """
    return asyncio.run(examine())


async def examine() -> list[Layer]:
    """Like :func:`report`, for callers with an event loop."""
    why = unsupported(sys.platform, os.uname().machine)
    if why:
        step = "Use Linux on such a processor"
        return [Layer("Linux", "Everything below", enforced=False, detail=why, next_step=step)]
    try:
        findings = await _findings()
    except PlatformError as error:
        findings = {"confine": (False, error.sentence)}
    return [_layer(key, findings) for key in ROWS]


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
    name, enforces, next_step = ROWS[key]
    missing = findings.get("confine", (False, "it could not be tried"))
    enforced, detail = findings.get(key, missing)
    return Layer(name, enforces, enforced=enforced, detail=detail, next_step="" if enforced else next_step)
