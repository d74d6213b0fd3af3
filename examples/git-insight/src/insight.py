"""Counting: authors and ISO weeks of a stream of commits.

No I/O; the stream is read once and not kept. Weeks are those of the author date in UTC
(ISO 8601: they begin on Monday, and a year's first week is the one with its first Thursday).
Names and addresses are decoded as UTF-8, every byte that is not part of it becoming U+FFFD,
so that they can be shown and sent as JSON; authors that look the same then are one row.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .commits import Commit
    from .mailmap import Mailmap

UNKNOWN = "unknown"
"""The week of a commit without a usable author date (none, or beyond the year 9999)."""
_LAST_SECOND = 253_402_300_799
_DAY = 86_400


class AuthorCount(NamedTuple):
    """Commits of one author, after ``.mailmap``."""

    name: str
    email: str
    commits: int


class WeekCount(NamedTuple):
    """Commits of one ISO week such as ``2024-W09``, or of :data:`UNKNOWN`."""

    week: str
    commits: int


@dataclass(frozen=True)
class Insight:
    """What was counted: authors with the most commits first, weeks in order of time."""

    commits: int
    authors: tuple[AuthorCount, ...]
    weeks: tuple[WeekCount, ...]

    def as_data(self) -> dict[str, Any]:
        """Return plain data: ``{"commits": N, "authors": [...], "weeks": [...]}``."""
        return {
            "commits": self.commits,
            "authors": [author._asdict() for author in self.authors],
            "weeks": [week._asdict() for week in self.weeks],
        }


def count_commits(commits: Iterable[Commit], mailmap: Mailmap) -> Insight:
    """Count a stream of commits."""
    people: Counter[tuple[bytes, bytes]] = Counter()
    weeks: Counter[int | None] = Counter()
    for commit in commits:
        author = commit.author
        people[author.name, author.email] += 1
        weeks[week_number(author.seconds)] += 1
    return Insight(people.total(), _authors(people, mailmap), _weeks(weeks))


def week_number(seconds: int | None) -> int | None:
    """Number the weeks since the one of 1 January 1970, which was a Thursday."""
    if seconds is None or seconds > _LAST_SECOND:
        return None
    return (seconds // _DAY + 3) // 7


def week_label(number: int | None) -> str:
    """Write a week number as ISO 8601 does: ``2024-W09``."""
    if number is None:
        return UNKNOWN
    # The ISO year of a week is the calendar year of its Thursday; 9999-12-31 is a Friday.
    year, week, _ = (date(1970, 1, 1) + timedelta(weeks=number)).isocalendar()
    return f"{year:04d}-W{week:02d}"


def _authors(people: Counter[tuple[bytes, bytes]], mailmap: Mailmap) -> tuple[AuthorCount, ...]:
    merged: Counter[tuple[str, str]] = Counter()
    for (name, email), commits in people.items():
        new_name, new_email = mailmap.correct(name, email)
        merged[new_name.decode(errors="replace"), new_email.decode(errors="replace")] += commits
    rows = (AuthorCount(name, email, commits) for (name, email), commits in merged.items())
    return tuple(sorted(rows, key=lambda row: (-row.commits, row.name, row.email)))


def _weeks(weeks: Counter[int | None]) -> tuple[WeekCount, ...]:
    known = sorted(number for number in weeks if number is not None)
    order = [*known, None] if None in weeks else known
    return tuple(WeekCount(week_label(number), weeks[number]) for number in order)
