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

DOWN_LANE, UP_LANE, HANDOVER = 3, 4, 5
EXIT_BROKEN = 1
"""Exit code when the loop itself was left by an exception, such as SystemExit in a callback."""


def main(ring: Ring, request: dict[str, Any], descriptors: list[int], parent: int) -> NoReturn:
    """Become a confined plugin process and serve until told to stop; never returns to the zygote.

    Args:
        ring: What this machine enforces.
        request: The host's spawn request: ``policy``, ``interpreter``, ``task`` and ``mark``.
        descriptors: Down lane, up lane, log pipe, handover socket.
        parent: The zygote's pid.
    """
    code = EXIT_UNCONFINED
    try:
        policy = Policy.from_data(request["policy"])
        _arrange(descriptors)
        interpreter_paths = tuple(request["interpreter"])
        confine(
            ring,
            policy,
            (DOWN_LANE, UP_LANE),
            handover=HANDOVER if request["task"] == "serve" else None,  # a compiler asks nobody
            parent=parent,
            interpreter=interpreter_paths,
            mark=request["mark"],
        )
        code = EXIT_BROKEN
        kernel.set_process_name(f"yp:{policy.plugin}")
        if request["task"] == "compile":
            code = compiling.run(policy)
        else:
            refused = interpreter.adopt(policy)
            code = serve.run(policy, DOWN_LANE, UP_LANE, refused)
    except BaseException as error:  # noqa: BLE001 - nothing may unwind into the zygote's loop
        os.write(2, f"{type(error).__name__}: {error}\n".encode(errors="replace"))
    finally:
        sys.stdout = sys.stderr = None  # nothing buffered is ours to flush
        os._exit(code)


def _arrange(descriptors: list[int]) -> None:
    """Put the lanes on 3 and 4, the handover on 5, the log pipe on 1 and 2, nothing on 0."""
    high = [fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 16) for descriptor in descriptors]
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(high[2], 1)
    os.dup2(high[2], 2)
    os.dup2(high[0], DOWN_LANE, inheritable=False)
    os.dup2(high[1], UP_LANE, inheritable=False)
    os.dup2(high[3], HANDOVER, inheritable=False)
