"""Writes the table down: for a terminal, and as ``docs/security/escapes.md``.

The document holds no time, number of a process or path of a machine; what another machine may
answer differently stands in the columns after the second (:func:`lasting` drops them).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from corpus import results
from corpus.attempt import NOT_RUN
from corpus.results import NO_SUCH, worked
from corpus.table import TABLE, attempts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from corpus.attempt import Attempt
    from corpus.results import Round

CHECKOUT = Path(__file__).resolve().parents[3]
PLACE = CHECKOUT / "docs" / "security" / "escapes.md"
SECURITY = CHECKOUT / "SECURITY.md"

HEAD = """# Attempts to escape

Written by `make escapes`, which makes every attempt below; do not edit.

Each attempt is one expression, run as a plugin's code is run: forked from the zygote, confined, called by
the host. Each is made four times: as root and as a plain user, with no grants and with grants that have
nothing to do with it (folders, hosts and sessions of other names). `done` means that it worked; everything
else is how it ended: the error that the kernel gave, the exception that the plugin saw, the signal that it
died of, or why the host ended it (`protocol`, `memory`, `timeout`, `disk`, `unserialisable`). All the while a
second plugin must go on answering.

The control is the same expression in a process that has only resource limits (memory, processor time,
descriptors, core dumps, priority) and returns its result as a pickled object. It shows that the attempts work
where nothing stands against them; `-` is an attempt that is not made there, and the last column says why.
"""
MARKED_HEAD = """## Attacks that are tests of their own

These need more than one expression: a conversation, a server, a terminal, a wheel. `make escapes` runs each,
as root and as a plain user; every form of it must hold.
"""


def residues() -> list[tuple[str, str]]:
    """Return the closed list of residues from ``SECURITY.md``: title and whole text of each."""
    section = SECURITY.read_text("utf-8").partition("\n## Residues")[2].partition("\n## ")[0]
    texts = re.findall(r"^\d+\. (.*(?:\n   ? ?\S.*)*)", section, re.MULTILINE)
    return [(re.split(r"\*\*", text)[1].rstrip("."), " ".join(text.split())) for text in texts]


def written(rounds: Sequence[Round]) -> str:
    """Return the whole document; without rounds, with nothing in the columns of results."""
    parts = [HEAD, "## In numbers\n", _numbers(rounds), "## What is let through, and why\n", _residues()]
    for category, rows in TABLE.items():
        here = [row for row in rows if row in attempts()]
        parts += [f"## {category.capitalize()}\n", _table(here, rounds)]
    return "\n".join([*parts, MARKED_HEAD, _marked(rounds)])


def lasting(text: str) -> list[str]:
    """Return what must be the same on every machine: all but the columns of results."""
    return ["|".join(line.split("|")[:3]) if line.startswith("|") else line for line in text.splitlines()]


def _numbers(rounds: Sequence[Round]) -> str:
    rows = attempts()
    lines = []
    for category, all_rows in TABLE.items():
        here = [row for row in all_rows if row in rows]
        lines.append([category, str(len(here)), *_counts(here, rounds)])
    lines.append(["all", str(len(rows)), *_counts(rows, rounds)])
    users = [_user(one) for one in rounds]
    heads = [f"{what}, {user}" for user in users for what in ("let through", "work in the control")]
    return _markdown(["category", "attempts", *heads], lines)


def _counts(rows: list[Attempt], rounds: Sequence[Round]) -> list[str]:
    counts = []
    for one in rounds:
        through = sum(
            "done" in {way[a.name] for way in (one.granted, one.ungranted, one.forked)} for a in rows
        )
        counts += [str(through), str(len(worked(one.control, rows)))]
    return counts


def _residues() -> str:
    lines = ["The closed list, as it stands in `SECURITY.md`; what is not in it is a vulnerability.\n"]
    lines += [
        f"{number}. {text.replace('](docs/', '](../')}" for number, (_, text) in enumerate(residues(), 1)
    ]
    seen: dict[str, list[str]] = {}
    for attempt in attempts():
        if attempt.residue:
            seen.setdefault(attempt.residue, []).append(attempt.name)
    lines.append("\nAttempts below that work because of one of them:\n")
    lines += [f"- {title}: {'; '.join(names)}" for title, names in seen.items()]
    return "\n".join(lines) + "\n"


def _table(rows: list[Attempt], rounds: Sequence[Round]) -> str:
    users = [_user(one) for one in rounds]
    heads = [
        *(f"{user}, {grants}" for user in users for grants in ("no grants", "other grants", "forked")),
        *(f"control, {user}" for user in users),
    ]
    lines = [[a.name, a.confined, *_answers(a, rounds), _remark(a)] for a in rows]
    return _markdown(["attempt", "must get", *heads, "remark"], lines)


def _answers(attempt: Attempt, rounds: Sequence[Round]) -> list[str]:
    inside = [answers[attempt.name] for one in rounds for answers in (one.ungranted, one.granted, one.forked)]
    return [*inside, *(one.control.get(attempt.name, NO_SUCH) for one in rounds)]


def _remark(attempt: Attempt) -> str:
    if attempt.residue:
        return f"residue: {attempt.residue}"
    return f"no control: {attempt.note}" if attempt.control is NOT_RUN else ""


def _marked(rounds: Sequence[Round]) -> str:
    cases = rounds[0].marked if rounds else results.marked.run(collect_only=True)
    lines = [
        [category, case, *(one.marked.get(category, {}).get(case, NO_SUCH) for one in rounds)]
        for category in sorted(cases)
        for case in sorted(cases[category])
    ]
    return _markdown(["category", "attack", *(_user(one) for one in rounds)], lines)


def _user(one: Round) -> str:
    return "root" if one.root else "plain"


def _markdown(heads: list[str], rows: Iterable[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines) + "\n"


def shown(rounds: Sequence[Round]) -> str:
    """Return the table for a terminal: a line for each row, with its verdict."""
    lines = []
    for category, rows in TABLE.items():
        for attempt in (row for row in rows if row in attempts()):
            answers = _answers(attempt, rounds)
            verdicts = {results.judge(attempt, answer).value for answer in answers[: 2 * len(rounds)]}
            cells = [
                category,
                attempt.name,
                attempt.confined,
                "/".join(dict.fromkeys(answers[: 2 * len(rounds)])),
            ]
            control = f"control: {'/'.join(dict.fromkeys(answers[2 * len(rounds) :]))}"
            lines.append(
                "{:14} {:46} {:18} {:18} {:24} {}".format(*cells, control, "/".join(sorted(verdicts)))
            )
    for category, cases in (rounds[0].marked if rounds else {}).items():
        for case in cases:
            how = "/".join(dict.fromkeys(one.marked.get(category, {}).get(case, NO_SUCH) for one in rounds))
            lines.append(f"{category:14} {case:108} {how}")
    return "\n".join(lines)
