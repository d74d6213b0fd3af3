"""Who is told what happens to a plugin process; one value, so that whoever starts one need not pass five."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.runtime.exceeded import Exceeded
    from yesman.runtime.plugin import LivePlugin

Seen = Literal["kernel", "host", "plugin"]
"""Who saw a refusal: the kernel's notification, the host's own check, or only the plugin's process."""


@dataclass(frozen=True)
class Witness:
    """Callables that are told; each returns at once.

    Attributes:
        log: A level and a line for the plugin's log.
        spawned: The process, before any line of the plugin has run in it.
        refused: What it was refused, how often, and who saw it.
        exceeded: A limit that it went over, and in what call.
        program: The name of a program it starts.
        conceal: Returns what it said of a failure without its secrets.
    """

    log: Callable[[int, str], None]
    spawned: Callable[[LivePlugin], None] = lambda _: None
    refused: Callable[[str, int, Seen], None] = lambda _what, _count, _seen: None
    exceeded: Callable[[Exceeded, str], None] = lambda _exceeded, _doing: None
    program: Callable[[str], None] = lambda _: None
    conceal: Callable[[str], str] = str
