"""Finds the plugins that make a command fail, by running it with some of them. Decides, never acts.

Theory of operation: delta debugging (Zeller and Hildebrandt, 2002). A set that fails is halved as long as a
half still fails. If none does, the failure takes plugins of several parts, and what is left out one
part at a time still fails or is needed. For one culprit among N that is about log2 N steps, as with
``git bisect``, but each half is tried and not concluded from the other: so a pair is found as well.
"""

from __future__ import annotations

import enum
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import msgspec

from yesman.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

Verdict = Literal["culprit", "together", "without", "passes", "unclear"]
UNCLEAR_CODE = 125
CANNOT_RUN = {126: "it cannot be executed", 127: "it was not found", 130: "it was interrupted"}
"""Exit codes after which going on makes no sense, by the conventions of shells."""


class Outcome(enum.Enum):
    """What one run says."""

    GOOD = "good"
    BAD = "bad"
    UNCLEAR = "cannot tell"


class Found(msgspec.Struct, frozen=True):
    """What the search came to.

    Attributes:
        verdict: ``culprit``: the one plugin fails by itself; ``together``: these fail together, and not
            with one of them left out; ``without``: it fails without any plugin; ``passes``: it does
            not fail with all of them; ``unclear``: that could not be told.
        plugins: Whom the verdict names.
        runs: How often the command was run.
        unclear: How many of the runs could not tell.
    """

    verdict: Verdict
    plugins: tuple[str, ...]
    runs: int
    unclear: int


def judge(code: int) -> Outcome:
    """Return what the exit code of a run says, as ``git bisect run`` reads it; a signal is a failure.

    Raises:
        UsageError: The command cannot be run.
    """
    if code in CANNOT_RUN:
        raise UsageError(f"the command ended with {code}: {CANNOT_RUN[code]}", "Run it by hand first")
    return {0: Outcome.GOOD, UNCLEAR_CODE: Outcome.UNCLEAR}.get(code, Outcome.BAD)


class Bisection:
    """One search.

    Args:
        plugins: Who may be to blame.
        needed: What a plugin needs, at any remove: it runs along.
        run: Runs the command with these plugins and no others.
    """

    def __init__(
        self,
        plugins: tuple[str, ...],
        needed: Callable[[str], tuple[str, ...]],
        run: Callable[[tuple[str, ...]], Awaitable[Outcome]],
    ) -> None:
        self._plugins = plugins
        self._needed = needed
        self._run = run
        self._known: dict[frozenset[str], Outcome] = {}

    async def search(self) -> Found:
        """Return what makes the command fail."""
        everybody = await self._outcome(self._plugins)
        if everybody is not Outcome.BAD:
            return self._found("passes" if everybody is Outcome.GOOD else "unclear", ())
        if await self._fails(()):
            return self._found("without", ())
        guilty = await self._smallest(self._plugins)
        while (others := self._dragged_along(guilty)) and await self._fails(others):
            guilty = await self._smallest(others)
        return self._found("culprit" if len(guilty) == 1 else "together", guilty)

    async def _smallest(self, failing: tuple[str, ...]) -> tuple[str, ...]:
        """Return a part of ``failing`` that fails, and of which every plugin is needed for that."""
        parts = 2
        while len(failing) > 1:
            pieces = _pieces(failing, parts)
            smaller = await self._first_failing(pieces)
            if smaller is not None:
                failing, parts = smaller, 2
                continue
            rests = [tuple(p for p in failing if p not in piece) for piece in pieces]
            smaller = await self._first_failing(rests)
            if smaller is not None:
                failing, parts = smaller, max(parts - 1, 2)
            elif parts >= len(failing):
                break
            else:
                parts = min(2 * parts, len(failing))
        return failing

    async def _first_failing(self, sets: list[tuple[str, ...]]) -> tuple[str, ...] | None:
        for plugins in sets:
            if await self._fails(plugins):
                return plugins
        return None

    async def _fails(self, plugins: tuple[str, ...]) -> bool:
        return await self._outcome(plugins) is Outcome.BAD

    async def _outcome(self, plugins: tuple[str, ...]) -> Outcome:
        running = frozenset(plugins).union(*map(self._needed, plugins))
        if running not in self._known:
            self._known[running] = await self._run(tuple(sorted(running)))
        return self._known[running]

    def _dragged_along(self, guilty: tuple[str, ...]) -> tuple[str, ...]:
        """Return what ran only because the ``guilty`` need it."""
        needed = {other for plugin in guilty for other in self._needed(plugin)}
        return tuple(sorted(needed - set(guilty)))

    def _found(
        self,
        verdict: Verdict,
        plugins: tuple[str, ...],
    ) -> Found:
        outcomes = list(self._known.values())
        return Found(verdict, plugins, len(outcomes), outcomes.count(Outcome.UNCLEAR))


def _pieces(plugins: tuple[str, ...], count: int) -> list[tuple[str, ...]]:
    """Return ``plugins`` in ``count`` pieces of about one size, none empty."""
    bounds = [len(plugins) * n // count for n in range(count + 1)]
    return [plugins[low:high] for low, high in pairwise(bounds) if low < high]
