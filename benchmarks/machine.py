"""What the figures were measured on, and how quiet it was."""

from __future__ import annotations

import os
import platform
import resource
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.stats import Samples

if TYPE_CHECKING:
    from collections.abc import Iterable

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


class Taken(NamedTuple):
    """Processor time in seconds: of other processes, and of all that there was."""

    others: float
    available: float

    @classmethod
    def together(cls, parts: Iterable[Taken]) -> Taken:
        """Return the sum of several stretches of time, so that a long one counts for more."""
        both = [(part.others, part.available) for part in parts]
        return cls(sum(others for others, _ in both), sum(available for _, available in both))

    @property
    def share(self) -> float:
        """The share of others, from 0 to 1."""
        return min(1.0, max(0.0, self.others / self.available)) if self.available > 0 else 0.0


class Others:
    """How much of the processors' time since this was made went to processes that are not ours.

    All busy time as the kernel counts it (``/proc/stat``, stolen time included), less that of
    this process and of every descendant that has been waited for. The kernel counts in
    hundredths of a second, so a share over less than a second is a guess.
    """

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._busy, self._ours = _busy_seconds(), _our_seconds()

    def taken(self) -> Taken:
        """Return what others have taken and what there was."""
        theirs = (_busy_seconds() - self._busy) - (_our_seconds() - self._ours)
        return Taken(theirs, (time.monotonic() - self._start) * (os.cpu_count() or 1))


def _busy_seconds() -> float:
    """Return the busy time of all processors (proc(5): user nice system idle iowait irq softirq steal)."""
    fields = Path("/proc/stat").read_text("ascii").splitlines()[0].split()[1:9]
    user, nice, system, _, _, irq, softirq, steal = map(int, fields)
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def _our_seconds() -> float:
    taken = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in taken)


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
