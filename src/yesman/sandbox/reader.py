"""Confines a program of ours that only reads: what is named, and nothing else of the machine.

For whatever looks at strangers' files with parsers that might be turned against it. What always holds
once :func:`confine_reader` has returned: this process reads what it was allowed to and the public parts of
the system, writes nothing but to its open descriptors 0 to 2, connects to nobody, starts nothing, and ends
when its memory or its time is used up or its parent ends. Standard library only.
"""

from __future__ import annotations

import os
import resource
from typing import TYPE_CHECKING

from yesman.sandbox import kernel, landlock
from yesman.sandbox.confine import (
    SYSTEM_READ,
    Ring,
    assert_descriptors,
    die_with,
    give_up_privileges,
    limit,
    reset_signals,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from yesman.model.limits import Limits


def confine_reader(read: Iterable[str], *, parent: int, interpreter: Iterable[str], limits: Limits) -> None:
    """Confine this process for good; it must lead its own session already.

    Args:
        read: Absolute real paths that may be read, and what is below them.
        parent: The pid that this process must have been started by.
        interpreter: Real paths of the standard library.
        limits: ``data_bytes`` and ``cpu_seconds`` (of the whole process here) count, among others.

    Raises:
        UnsupportedError: A layer cannot be enforced here.
        OSError: The kernel refuses a step.
    """
    os.closerange(3, max(resource.getrlimit(resource.RLIMIT_NOFILE)[1], 4096))
    reset_signals()
    die_with(parent)
    os.environ.clear()
    os.chdir("/")
    limit(limits)
    seconds = int(limits.cpu_seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))  # equal: the kernel kills at once
    ring = Ring.of_this_machine()
    give_up_privileges()
    landlock.restrict((*SYSTEM_READ, *interpreter), read, (), abi=ring.landlock_abi)
    kernel.install_filter(ring.closed.for_process(os.getpid()))
    assert_descriptors({0, 1, 2})
