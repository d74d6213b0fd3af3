"""From fork to serving: arrange descriptors, confine, make the interpreter the plugin's own."""

from __future__ import annotations

import fcntl
import os
import sys
from typing import Any, NoReturn

from yesman.sandbox import kernel
from yesman.sandbox.confine import Ring, confine
from yesman.sandbox.policy import EXIT_UNCONFINED, Policy
from yesman.worker import compiling, interpreter, serve
from yesman.worker.nursery import Nursery

DOWN_LANE, UP_LANE, CHANNEL = 3, 4, 5
EXIT_BROKEN = 1
"""Exit code when the loop itself was left by an exception, such as SystemExit in a callback."""


def main(ring: Ring, request: dict[str, Any], descriptors: list[int], parent: int) -> NoReturn:
    """Become a confined plugin process and serve until told to stop; never returns to the zygote.

    Args:
        ring: What this machine enforces.
        request: The host's spawn request: ``policy``, ``interpreter``, ``task`` and ``mark``.
        descriptors: Down lane, up lane, log pipe, handover socket, and for a template its channel.
        parent: The zygote's pid.
    """
    code = EXIT_UNCONFINED
    try:
        policy = Policy.from_data(request["policy"])
        task = request["task"]
        keep, handover = _arrange(descriptors, channel=task == "template")
        confine(
            ring,
            policy,
            keep,
            handover=None if task == "compile" else handover,  # a compiler asks nobody
            parent=parent,
            interpreter=tuple(request["interpreter"]),
            mark=request["mark"],
            forks=task == "template",
        )
        code = EXIT_BROKEN
        kernel.set_process_name(f"{'yt' if task == 'template' else 'yp'}:{policy.plugin}")
        if task == "compile":
            code = compiling.run(policy)
        else:
            denials = interpreter.adopt(policy)
            nursery = Nursery(CHANNEL, policy, denials) if task == "template" else None
            code = serve.run(policy, DOWN_LANE, UP_LANE, denials.refused, nursery)
    except BaseException as error:  # noqa: BLE001 - nothing may unwind into the zygote's loop
        os.write(2, f"{type(error).__name__}: {error}\n".encode(errors="replace"))
    finally:
        sys.stdout = sys.stderr = None  # nothing buffered is ours to flush
        os._exit(code)


def _arrange(descriptors: list[int], *, channel: bool) -> tuple[tuple[int, ...], int]:
    """Put the lanes on 3 and 4, a channel on 5, the handover behind, the log pipe on 1 and 2, nothing on 0.

    Returns:
        What is to stay open, and the handover's number.
    """
    high = [fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 16) for descriptor in descriptors]
    keep = (DOWN_LANE, UP_LANE, CHANNEL) if channel else (DOWN_LANE, UP_LANE)
    handover = keep[-1] + 1
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(high[2], 1)
    os.dup2(high[2], 2)
    for end, number in zip((high[0], high[1], *high[4:]), keep, strict=True):
        os.dup2(end, number, inheritable=False)
    os.dup2(high[3], handover, inheritable=False)
    return keep, handover
