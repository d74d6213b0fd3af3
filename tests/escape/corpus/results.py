"""What came of the corpus: for one user, as data that can travel; for both, with a verdict for each row."""

from __future__ import annotations

import os
import tempfile
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from corpus import confined, control, marked
from corpus.attempt import DONE
from corpus.table import attempts

if TYPE_CHECKING:
    from corpus.attempt import Attempt

NO_SUCH = "-"
"""Stands where a case was not tried."""
ENOUGH = 40
"""So many attempts must work in the control, or the corpus shows nothing."""


class Verdict(Enum):
    """What an answer means."""

    HELD = "held"
    RESIDUE = "residue"
    ESCAPED = "ESCAPED"
    CHANGED = "CHANGED"


class Round(NamedTuple):
    """What one user got.

    Attributes:
        root: Whether that was root.
        ungranted: Answers by attempt, with no grants.
        granted: With grants that have nothing to do with it.
        forked: With no grants, forked from a template.
        control: With nothing but resource limits.
        marked: Outcomes of the marked tests, by category and case.
    """

    root: bool
    ungranted: dict[str, str]
    granted: dict[str, str]
    forked: dict[str, str]
    control: dict[str, str]
    marked: marked.Cases


def run() -> Round:
    """Run everything as this user."""
    rows = attempts()
    with tempfile.TemporaryDirectory(prefix="yesman-escapes-") as folder:
        root = Path(folder).resolve()
        return Round(
            os.geteuid() == 0,
            confined.run(rows, _made(root / "none"), unrelated=False),
            confined.run(rows, _made(root / "some"), unrelated=True),
            confined.run(rows, _made(root / "fork"), unrelated=False, forked=True),
            control.run(rows, _made(root / "control")),
            marked.run(),
        )


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def judge(attempt: Attempt, answer: str) -> Verdict:
    """Return what ``answer`` means for ``attempt``."""
    if answer == attempt.confined:
        return Verdict.RESIDUE if attempt.residue else Verdict.HELD
    return Verdict.ESCAPED if answer == DONE else Verdict.CHANGED


def worked(control_answers: dict[str, str], rows: list[Attempt]) -> list[Attempt]:
    """Return the attempts that work in the control and must not work for a plugin."""
    return [a for a in rows if control_answers.get(a.name) == DONE and a.confined != DONE]


def failures(rounds: list[Round]) -> list[str]:
    """Return one line for everything that is not as it must be."""
    rows = attempts()
    found = []
    for one in rounds:
        user = "root" if one.root else "plain user"
        ways = (("no grants", one.ungranted), ("other grants", one.granted), ("forked", one.forked))
        for grants, answers in ways:
            for attempt in rows:
                verdict = judge(attempt, answers[attempt.name])
                if verdict in {Verdict.ESCAPED, Verdict.CHANGED}:
                    got = answers[attempt.name]
                    found.append(
                        f"{verdict.value}: {attempt.name} ({user}, {grants}): {got}, not {attempt.confined}"
                    )
        for category, cases in one.marked.items():
            found += [
                f"BROKEN: {category}: {case} ({user})" for case, how in cases.items() if how != marked.HELD
            ]
        if len(worked(one.control, rows)) < ENOUGH:
            found.append(f"the control let fewer than {ENOUGH} attempts work ({user}), so it shows nothing")
    return found
