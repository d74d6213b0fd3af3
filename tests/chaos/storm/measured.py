"""What a soak has measured, and whether it holds. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

FLAT = 0.05
"""How much more the last third may need than the first."""
SPARE_DESCRIPTORS = 3
"""A connection that is open while somebody looks, and what SQLite keeps for the next one to each file."""
LATEST = 1.0
WIDTH = 60
_BARS = "▁▂▃▄▅▆▇█"


@dataclass
class Measured:
    """Figures of one soak, after its warm-up.

    Attributes:
        seconds: How long it took.
        plugins: How many.
        emitted: Numbers of the markers.
        notes: For each plugin what it has counted: event, marker and event's id.
        crashes: How often a plugin was made to crash.
        same_pid: Whether the server is the process that it was.
        memory: In KiB, at even distances.
        descriptors: Likewise.
        worst: The longest that a plugin took to answer, in seconds.
        failures: What plugins said that should have answered.
    """

    seconds: float = 0.0
    plugins: int = 0
    emitted: list[str] = field(default_factory=list)
    notes: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)
    crashes: int = 0
    same_pid: bool = False
    memory: list[float] = field(default_factory=list)
    descriptors: list[float] = field(default_factory=list)
    worst: float = 0.0
    failures: list[str] = field(default_factory=list)

    def verdicts(self) -> list[tuple[str, str, bool]]:
        """Return rows of what was measured, the figure, and whether it is as it must be."""
        lost, doubled, again = self.miscounted()
        first, last = thirds(self.memory)
        few, many = thirds(self.descriptors)
        growth = last / first - 1
        return [
            ("markers emitted outside of yesman", str(len(self.emitted)), bool(self.emitted)),
            ("events counted by plugins", str(sum(map(len, self.notes.values()))), True),
            ("markers lost", str(lost), lost == 0),
            ("markers doubled", str(doubled), doubled == 0),
            ("told again after a crash, same id", str(again), True),
            ("crashes", str(self.crashes), self.crashes > 0),
            ("server's pid the same", "yes" if self.same_pid else "NO", self.same_pid),
            ("memory, first and last third", f"{first / 1024:.1f} and {last / 1024:.1f} MiB", True),
            ("memory growth", f"{growth:+.1%}", growth <= FLAT),
            (
                "descriptors, first and last third",
                f"{few:.0f} and {many:.0f}",
                many <= few + SPARE_DESCRIPTORS,
            ),
            ("the latest answer", f"{self.worst * 1000:.0f} ms", self.worst <= LATEST),
            ("answers that were none", str(len(self.failures)), not self.failures),
        ]

    def miscounted(self) -> tuple[int, int, int]:
        """Return how many markers were lost, doubled, and told again under the same id, for all plugins."""
        lost = doubled = again = 0
        for notes in self.notes.values():
            ids: dict[tuple[str, str], set[str]] = {}
            for event, marker, ident in notes:
                ids.setdefault((event, marker), set()).add(ident)
            wanted = {
                (event, f"m{n}") for n in self.emitted for event in ("session.created", "session.closed")
            }
            lost += len(wanted - ids.keys())
            doubled += sum(len(found) - 1 for found in ids.values())
            again += len(notes) - sum(map(len, ids.values()))
        return lost, doubled, again


def thirds(values: Sequence[float]) -> tuple[float, float]:
    """Return the medians of the first and of the last third."""
    third = max(1, len(values) // 3)
    return median(values[:third]), median(values[-third:])


def sparkline(values: Sequence[float], width: int = WIDTH) -> str:
    """Return a line of bars, from the least value to the greatest."""
    bars = min(width, len(values))
    shown = [values[bar * len(values) // bars] for bar in range(bars)]
    least, span = min(shown), max(shown) - min(shown) or 1.0
    return "".join(_BARS[round((value - least) / span * (len(_BARS) - 1))] for value in shown)


def report(measured: Measured) -> list[str]:
    """Return the lines of the table, and the picture of memory."""
    rows = [
        f"{what:<40}{figure:>24}  {'' if held else 'NOT HELD'}".rstrip()
        for what, figure, held in measured.verdicts()
    ]
    least, most = min(measured.memory) / 1024, max(measured.memory) / 1024
    picture = [f"{least:.1f} MiB at least, {most:.1f} at most:", sparkline(measured.memory)]
    return [f"{measured.plugins} plugins, {measured.seconds / 60:.1f} minutes", *rows, *picture]


def held(measured: Measured) -> bool:
    """Tell whether everything is as it must be."""
    return all(fine for _, _, fine in measured.verdicts())


def parsed(notes: Mapping[str, Iterable[str]]) -> dict[str, list[tuple[str, str, str]]]:
    """Return the lines that plugins have written, as event, marker and id."""
    found = {}
    for plugin, lines in notes.items():
        fields = [line.split() for line in lines]
        found[plugin] = [(event, marker, ident) for event, marker, ident in fields if marker.startswith("m")]
    return found
