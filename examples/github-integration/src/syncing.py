"""Bringing a session's branch to GitHub: where both sides stand, and the push."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from .history import missing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from git import Commit

    from .checkout import Checkout
    from .pushing import Remote


class State(StrEnum):
    """How a branch here stands to the one at GitHub."""

    SAME = "same"
    NEW = "new"
    """It is not there yet."""
    AHEAD = "ahead"
    BEHIND = "behind"
    DIVERGED = "diverged"


class Standing(NamedTuple):
    """Where both sides stand.

    Attributes:
        state: In a word.
        tip: The last commit here.
        there: The id of the last one there; None where there is no such branch.
        commits: What is here only, newest first.
    """

    state: State
    tip: Commit
    there: str | None
    commits: Sequence[Commit]


class NotAhead(ValueError):  # noqa: N818 - says what it is
    """GitHub has commits of the branch that are not here."""


def compare(checkout: Checkout, branch: str, references: dict[str, str]) -> Standing:
    """Tell how a branch stands to what GitHub has.

    Args:
        checkout: The repository here.
        branch: One of its branches.
        references: What GitHub advertises.
    """
    tip, there = checkout.tip(branch), references.get(reference(branch))
    commits = checkout.unpushed(branch, checkout.known(references.values()))
    if there is None:
        return Standing(State.NEW, tip, None, commits)
    if there == tip.hexsha:
        return Standing(State.SAME, tip, there, ())
    if _contains(checkout, tip, there):
        return Standing(State.AHEAD, tip, there, commits)
    return Standing(State.DIVERGED if commits else State.BEHIND, tip, there, commits)


def push(checkout: Checkout, branch: str, remote: Remote) -> Standing:
    """Send what GitHub does not have of a branch and return where both sides stood before.

    Raises:
        NotAhead: Somebody else has pushed to it what is not here.
    """
    found = compare(checkout, branch, remote.references())
    if found.state in {State.BEHIND, State.DIVERGED}:
        raise NotAhead(f"GitHub has commits of {branch} that are not here; 'git pull' brings them")
    if found.state is not State.SAME:
        pack = partial(checkout.write_pack, found.commits)
        remote.push(reference(branch), found.there, found.tip.hexsha, pack)
    checkout.note_pushed(branch, found.tip)
    return found


def reference(branch: str) -> str:
    """Return the full name of a branch."""
    return f"refs/heads/{branch}"


def _contains(checkout: Checkout, tip: Commit, other: str) -> bool:
    """Tell whether ``other`` is among the ancestors of ``tip``."""
    known = checkout.known([other])
    return bool(known) and not missing(known, [tip])
