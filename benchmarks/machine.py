"""What the figures were measured on, and how quiet it was."""

from __future__ import annotations

import os
import platform
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.stats import Samples

SPINS = 300


@dataclass(frozen=True)
class Quiet:
    """How undisturbed the machine is: its load, and how even the same half millisecond of work takes.

    Attributes:
        load: The load average over one minute.
        jitter: The 95th percentile of a fixed piece of work by its median; 1.0 is a silent machine.
        work_us: That median, in µs.
    """

    load: float
    jitter: float
    work_us: float

    @classmethod
    def now(cls) -> Quiet:
        """Look, for a fifth of a second."""
        times = []
        for _ in range(SPINS):
            start = time.perf_counter()
            sum(range(25_000))
            times.append(time.perf_counter() - start)
        samples = Samples.of(times)
        return cls(os.getloadavg()[0], samples.at(95) / samples.median, samples.median * 1e6)

    def __str__(self) -> str:
        return f"load {self.load:.2f}, jitter {self.jitter:.2f}x, work {self.work_us:.0f} µs"


@dataclass(frozen=True)
class Machine:
    """Processor, kernel and interpreter."""

    processor: str
    cores: int
    memory_gb: float
    kernel: str
    python: str
    user: str

    @classmethod
    def this(cls) -> Machine:
        """Describe this one."""
        return cls(
            processor=_field("/proc/cpuinfo", "model name") or platform.machine(),
            cores=len(os.sched_getaffinity(0)),
            memory_gb=round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
            kernel=platform.release(),
            python=platform.python_version(),
            user="root" if os.geteuid() == 0 else "a plain user",
        )

    def __str__(self) -> str:
        return (
            f"{self.cores} x {self.processor}, {self.memory_gb:g} GB, Linux {self.kernel}, "
            f"Python {self.python}, as {self.user}"
        )

    def as_data(self) -> dict[str, Any]:
        """Return it for the JSON output."""
        return asdict(self)


def _field(file: str, key: str) -> str:
    try:
        lines = Path(file).read_text("utf-8").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), "")
