"""Turns what happens into records of the ledger, events of plugins' lives, and what ``plugin top`` counts.

Who saw a refusal decides its word. *Authoritative*: the kernel's notification or the host's own
check, which no plugin can forge or avoid. *Advisory*: the hook inside the plugin's process,
which native code can go around and a plugin can imitate.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict, deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from yesman.host.activity import Activity
from yesman.host.announcer import Announcer
from yesman.host.ledger import Entry
from yesman.model.errors import YesmanError
from yesman.runtime.witness import Witness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from yesman.host.bus import Bus
    from yesman.host.ledger import Ledger
    from yesman.host.logs import PluginLog
    from yesman.runtime.exceeded import Exceeded
    from yesman.runtime.plugin import LivePlugin
    from yesman.runtime.witness import Seen
    from yesman.runtime.zygote import Exit

AUTHORITY = {"kernel": "authoritative", "host": "authoritative", "plugin": "advisory"}
MAX_DISTINCT = 20
"""Different refusals of one plugin that get records of their own in one second."""
WINDOW_SECONDS = 10


@dataclass
class Meter:
    """What one plugin did since the server's start.

    Attributes:
        calls: Commands, events and service calls.
        denials: Refusals, of whatever authority.
    """

    calls: int = 0
    denials: int = 0
    _seconds: deque[tuple[int, int]] = field(default_factory=deque)

    def called(self) -> None:
        """Count one call."""
        self.calls += 1
        now = int(time.monotonic())
        count = self._seconds.pop()[1] if self._seconds and self._seconds[-1][0] == now else 0
        self._seconds.append((now, count + 1))
        if len(self._seconds) > WINDOW_SECONDS + 1:
            self._seconds.popleft()

    def rate(self) -> float:
        """Return calls a second over the last :data:`WINDOW_SECONDS` whole seconds."""
        now = int(time.monotonic())
        recent = sum(count for second, count in self._seconds if now - WINDOW_SECONDS <= second < now)
        return recent / WINDOW_SECONDS


class Recorder:
    """Records; without a ledger it only counts, and without a bus it announces nothing.

    Attributes:
        activity: Tells onlookers what is recorded, and what plugins log.
    """

    def __init__(self, ledger: Ledger | None = None, bus: Bus | None = None) -> None:
        self.activity = Activity()
        self._ledger = ledger
        self._announcer = Announcer(bus)
        self._meters: defaultdict[str, Meter] = defaultdict(Meter)
        self._distinct: dict[str, tuple[int, set[str]]] = {}

    def meter(self, plugin: str) -> Meter:
        """Return the counts of one plugin."""
        return self._meters[plugin]

    def witness(self, plugin: str, log: PluginLog, spawned: Callable[[LivePlugin], None]) -> Witness:
        """Return who is told what a process of ``plugin`` does; ``log`` takes its lines."""

        def logged(level: int, message: str) -> None:
            log.write(level, message)
            self.activity.note(plugin, "log", log.conceal(message), {"level": level})

        return Witness(
            logged,
            spawned=spawned,
            refused=partial(self.denial, plugin),
            exceeded=partial(self.exceeded, plugin),
            program=partial(self.program, plugin),
            conceal=log.conceal,
        )

    @contextmanager
    def call(self, plugin: str, form: str, what: str, *, by: str = "") -> Iterator[None]:
        """Record a call: its length and its end.

        Args:
            plugin: Who was called; of a service, who calls.
            form: ``command``, ``event``, ``hook``, ``service`` or ``provider``.
            what: Its name.
            by: Which plugin has called a provider, "" for the user or the host.
        """
        started, outcome = time.perf_counter(), "interrupted"
        try:
            yield
            outcome = "ok"
        except YesmanError as error:
            outcome = getattr(error, "failure", error.kind)
            raise
        finally:
            self._meters[plugin].called()
            ms = round((time.perf_counter() - started) * 1000, 3)
            merge = None if form == "command" else (plugin, form, what, outcome, by)
            detail = {"form": form, "ms": ms, "outcome": outcome} | ({"by": by} if by else {})
            self._add("call", plugin, what, detail, merge)

    def denial(self, plugin: str, what: str, count: int, seen: Seen) -> None:
        """Record a refusal of the permission, or if none could allow it of the deed, ``what``."""
        self._meters[plugin].denials += count
        self._announcer.denied(plugin, what)
        known = self._distinct_now(plugin)
        if what not in known and len(known) >= MAX_DISTINCT:
            what = "(others)"
        known.add(what)
        detail = {"authority": AUTHORITY[seen], "seen_by": seen, "count": count}
        self._add("denial", plugin, what, detail, (plugin, "denial", what, seen))

    def program(self, plugin: str, program: str) -> None:
        """Record that a plugin asked the kernel to start ``program``, by the name it gave.

        That it asked is the kernel's report; the name is what the plugin's memory held then.
        """
        known = self._distinct_now(f"{plugin} starts")
        if program not in known and len(known) >= MAX_DISTINCT:
            program = "(others)"
        known.add(program)
        detail = {"seen_by": "kernel", "named_by": "plugin", "count": 1}
        self._add("execute", plugin, program, detail, (plugin, "execute", program))

    def keystrokes(self, plugin: str, session: str, characters: int, *, enter: bool) -> None:
        """Record that a plugin typed, never what: a hash of something short is as good as the text."""
        detail = {"characters": characters, "enter": enter}
        self._add("keystrokes", plugin, session, detail, (plugin, "keystrokes", session, enter))

    def answered(self, session: str, about: dict[str, str], option: str, by: str) -> None:
        """Record that an agent's prompt was answered; ``by`` as in the event ``prompt.answered``."""
        plugins = [name.removeprefix("plugin:") for name in by.split(", ") if name.startswith("plugin:")]
        for plugin in plugins or [""]:
            self._add("answered", plugin, session, {"by": by, "option": option, **about})

    def vetoed(self, plugin: str, what: str, by: str, why: str) -> None:
        """Record that a guard has forbidden somebody to do something."""
        self._add("veto", plugin, what, {"by": by, "why": why})

    def loaded(self, plugin: str, version: str, live: LivePlugin) -> None:
        """Announce that a process was taken into service."""
        self._announcer.loaded(plugin, version, live)

    def reloaded(self, plugin: str, version: str, new: LivePlugin, old: LivePlugin) -> None:
        """Announce that the process ``new`` took over from ``old``, whose end is not told of any more."""
        self._announcer.reloaded(plugin, version, new, old)

    def configured(self, plugin: str, keys: set[str]) -> None:
        """Announce that settings were changed."""
        self._announcer.configured(plugin, keys)

    def ended(self, plugin: str, live: LivePlugin, end: Exit) -> None:
        """Record the end of a process and what it used; a ``crash`` if nobody wanted it."""
        self._announcer.ended(plugin, live, end)
        wanted = "it was stopped" if live.wanted_end else "nobody asked it to"
        detail = {
            "why": live.cause_of_end or wanted,
            "code": end.code,
            "cpu_ms": end.cpu_ms,
            "peak_kib": end.peak_kib,
            "during": live.doing,
        }
        self._add("end" if live.wanted_end else "crash", plugin, str(end), detail)

    def quarantined(self, plugin: str, version: str, reason: str) -> None:
        """Record and announce that a plugin is not started any more."""
        self._announcer.quarantined(plugin, version, reason)
        self._add("quarantine", plugin, version, {"why": reason})

    def exceeded(self, plugin: str, exceeded: Exceeded, during: str) -> None:
        """Record that a plugin went over a limit; a process that was ended for it is a ``crash`` as well."""
        detail = {"why": exceeded.deed, "used": exceeded.used, "allowed": exceeded.allowed, "during": during}
        self._add("exceeded", plugin, exceeded.limit, detail, (plugin, "exceeded", exceeded.limit, during))

    def decision(self, kind: str, plugin: str, what: str, **detail: Any) -> None:
        """Record what the user did; :meth:`kept` before they are told that it is done."""
        self._add(kind, plugin, what, detail)

    async def kept(self) -> None:
        """Return when what was recorded so far is in the file, or after a second if it cannot be."""
        if self._ledger is not None:
            await asyncio.to_thread(self._ledger.flush)

    def _distinct_now(self, plugin: str) -> set[str]:
        now = int(time.monotonic())
        second, known = self._distinct.get(plugin, (0, set()))
        if second != now:
            known = set()
            self._distinct[plugin] = now, known
        return known

    def _add(self, kind: str, plugin: str, what: str, detail: dict[str, Any], merge: object = None) -> None:
        self.activity.note(plugin, kind, what, detail)
        if self._ledger is not None:
            self._ledger.add(Entry(kind, plugin, what, detail), merge=merge)
