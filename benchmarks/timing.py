"""How time is taken: wall clock, whole starts of programs, things that are compared taken in turns.

In turns (A B A B), because the machine's mood changes within seconds; warm-up rounds are
thrown away. The garbage collector stays on, as it is in the server, but what the benchmark
itself has piled up is frozen out of its way.
"""

from __future__ import annotations

import gc
import os
import select
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from benchmarks.stats import Samples

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

LONGEST_RUN = 60.0
"""Seconds after which a program that is timed counts as hanging."""


@contextmanager
def settled() -> Iterator[None]:
    """Keep what exists now out of the garbage collector's sight."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def timed(action: Callable[[], object]) -> float:
    """Return how many seconds ``action`` takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def repeated(action: Callable[[], object], times: int, warm_up: int = 0) -> Samples:
    """Return how long each of ``times`` runs of ``action`` takes, after ``warm_up`` more."""
    with settled():
        taken = [timed(action) for _ in range(times + warm_up)]
    return Samples.of(taken[warm_up:])


async def repeated_async(action: Callable[[], Awaitable[object]], times: int, warm_up: int = 0) -> Samples:
    """Like :func:`repeated`, on the running loop."""
    taken = []
    with settled():
        for _ in range(times + warm_up):
            start = time.perf_counter()
            await action()
            taken.append(time.perf_counter() - start)
    return Samples.of(taken[warm_up:])


def in_turns(actions: Mapping[str, Callable[[], float]], rounds: int, warm_up: int = 1) -> dict[str, Samples]:
    """Return what each action reports, called round about ``rounds`` times."""
    taken: dict[str, list[float]] = {name: [] for name in actions}
    with settled():
        for number in range(rounds + warm_up):
            for name, action in actions.items():
                seconds = action()
                if number >= warm_up:
                    taken[name].append(seconds)
    return {name: Samples.of(values) for name, values in taken.items()}


def run_time(argv: Sequence[str], env: Mapping[str, str]) -> float:
    """Return the seconds from starting a program until it has ended.

    Raises:
        RuntimeError: It failed, so its time means nothing.
    """
    start = time.perf_counter()
    child = subprocess.Popen(
        argv, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        _await_end(child.pid)
        seconds = time.perf_counter() - start
    finally:
        child.kill()
        _, complaint = child.communicate()
    code = child.returncode
    if code:
        raise RuntimeError(
            f"{' '.join(argv)} failed with {code}: {complaint.decode(errors='replace')[-500:]}"
        )
    return seconds


def _await_end(pid: int) -> None:
    """Return at the moment a child ends; reap nothing.

    ``Popen.wait`` with a timeout polls at growing intervals: what it measures is 16, 32 or 64 ms.

    Raises:
        RuntimeError: It hangs.
    """
    descriptor = os.pidfd_open(pid)
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        if not poll.poll(LONGEST_RUN * 1000):
            raise RuntimeError(f"a program has not ended within {LONGEST_RUN:g} seconds")
    finally:
        os.close(descriptor)
