"""What changed between two texts, line by line: Myers' algorithm with an end to its patience.

What always holds: the work is bounded by the steps that are given, whatever the texts are; texts that differ
too much are said to, and the answer is never wrong. (E. W. Myers, "An O(ND) Difference Algorithm", 1986)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

AROUND: Final = 3
"""Unchanged lines that are shown before and after a change."""
FURTHEST: Final = 400
"""Lines removed and added, together, beyond which texts are said to differ too much."""


class Line(NamedTuple):
    """One line: ``mark`` is ``-`` removed, ``+`` added, " " neither, ``@`` where lines were left out."""

    mark: str
    text: str
    old: int = 0
    new: int = 0


class Patience:
    """How many steps there still are.

    Args:
        steps: Comparisons of two lines, about five million a second.
    """

    def __init__(self, steps: int) -> None:
        self.left = steps


def changed(old: Sequence[str], new: Sequence[str], patience: Patience) -> list[Line] | None:
    """Return the changed lines with some around them; None where it would take too long."""
    same, end = _ends(old, new)
    middle = _script(old[same : len(old) - end], new[same : len(new) - end], patience)
    if middle is None:
        return None
    return _shown(_lines([" "] * same + middle + [" "] * end, old, new))


def replaced(old: Sequence[str], new: Sequence[str]) -> list[Line]:
    """Return all from the first difference to the last as one change: more than is needed, but soon told."""
    same, end = _ends(old, new)
    middle = ["-"] * (len(old) - same - end) + ["+"] * (len(new) - same - end)
    return _shown(_lines([" "] * same + middle + [" "] * end, old, new))


def _ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """Return how many lines are the same at the beginning, and of the rest at the end."""
    same = _common(old, new)
    return same, _common(old[same:][::-1], new[same:][::-1])


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    count = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        count += 1
    return count


def _script(old: Sequence[str], new: Sequence[str], patience: Patience) -> list[str] | None:
    """Return the marks of a shortest way from ``old`` to ``new``."""
    furthest, trace = {1: 0}, []
    for depth in range(min(len(old) + len(new), FURTHEST) + 1):
        trace.append({k: furthest[k] for k in range(-depth - 1, depth + 2) if k in furthest})
        for k in range(-depth, depth + 1, 2):
            x = furthest[k + 1] if _is_down(furthest, k, depth) else furthest[k - 1] + 1
            start = x
            while x < len(old) and x - k < len(new) and old[x] == new[x - k]:
                x += 1
            furthest[k] = x
            patience.left -= x - start + 1
            if patience.left < 0:
                return None
            if x >= len(old) and x - k >= len(new):
                return _backwards(trace, len(old), len(new))
    return None


def _is_down(furthest: dict[int, int], k: int, depth: int) -> bool:
    """Tell whether diagonal ``k`` is reached best by adding a line."""
    return k == -depth or (k != depth and furthest[k - 1] < furthest[k + 1])


def _backwards(trace: Sequence[dict[int, int]], x: int, y: int) -> list[str]:
    marks: list[str] = []
    for depth in range(len(trace) - 1, -1, -1):
        k, furthest = x - y, trace[depth]
        down = _is_down(furthest, k, depth)
        before = k + 1 if down else k - 1
        start = furthest[before]
        diagonal = x - (start if down else start + 1)
        marks += [" "] * (diagonal if depth else x)
        if depth:
            marks.append("+" if down else "-")
        x, y = start, start - before
    return marks[::-1]


def _lines(marks: Sequence[str], old: Sequence[str], new: Sequence[str]) -> list[Line]:
    found, i, j = [], 0, 0
    for mark in marks:
        if mark == "+":
            found.append(Line(mark, new[j], 0, j + 1))
        else:
            found.append(Line(mark, old[i], i + 1, j + 1 if mark == " " else 0))
        i, j = i + (mark != "+"), j + (mark != "-")
    return found


def _shown(lines: Sequence[Line]) -> list[Line]:
    """Leave out what is far from any change."""
    near = set[int]()
    for at, line in enumerate(lines):
        if line.mark != " ":
            near.update(range(at - AROUND, at + AROUND + 1))
    shown: list[Line] = []
    for at, line in enumerate(lines):
        if at in near:
            shown.append(line)
        elif not shown or shown[-1].mark != "@":
            shown.append(Line("@", ""))
    return shown
