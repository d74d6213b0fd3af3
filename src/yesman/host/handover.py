"""One version of a plugin takes the place of another: what it must be, and what it is handed.

Whose fault it is decides what happens: a new version that is not fit, or cannot go on with the state,
does not take over; an old one that fails to hand its state over does not hold up the new one. One that is
merely busy does, for nothing shall be lost.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from yesman.model.errors import PluginFailedError
from yesman.runtime.succession import export_state, import_state

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.runtime.plugin import LivePlugin


async def hand_over(old: LivePlugin, new: LivePlugin, version: str, log: Callable[[int, str], None]) -> bool:
    """Hand the state of ``old``, which is given nothing to do meanwhile, to ``new``; tell if there was.

    Args:
        old: The process in service.
        new: The one that is to take its place.
        version: Of the old one.
        log: Takes a line if the old one fails.

    Raises:
        PluginFailedError: The new one cannot go on with it, or the old one is busy.
    """
    state = await _exported(old, log) if old.contributed.exports else None
    if state is None or not new.contributed.imports:
        return False
    await import_state(new, state, version)
    return True


async def _exported(old: LivePlugin, log: Callable[[int, str], None]) -> bytes | None:
    try:
        return await export_state(old)
    except PluginFailedError as error:
        if error.failure == "busy":
            raise
        log(logging.ERROR, f"the new version starts without the state of this one: {error.message}")
        return None
