"""What a process holds in memory, as the kernel counts it (``/proc/PID/smaps_rollup``)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

KIB = 1024


@dataclass(frozen=True)
class Held:
    """Bytes.

    Attributes:
        pss: Private pages, and of each shared one its share.
        private_dirty: Written pages that nobody shares: what one process more costs.
    """

    pss: int
    private_dirty: int

    @classmethod
    def of(cls, pid: int) -> Held:
        """Look at a running process.

        Raises:
            OSError: It is gone, or not ours.
        """
        return cls.parse(Path(f"/proc/{pid}/smaps_rollup").read_text("ascii"))

    @classmethod
    def parse(cls, text: str) -> Held:
        """Read the kernel's text (proc(5))."""
        fields = {line.partition(":")[0]: line.split()[1] for line in text.splitlines()[1:]}
        return cls(int(fields["Pss"]) * KIB, int(fields["Private_Dirty"]) * KIB)
