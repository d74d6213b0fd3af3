"""One server for many faults, with three bystanders, looked at while each strikes."""

from __future__ import annotations

import re
import time
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from storm import bystanders
from storm.fault import WELL, Fault
from storm.leaks import PATIENCE, holdings, left_beyond
from storm.outcome import Outcome
from storm.probing import Asking, Sessions, tmux

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

AFTER_SECONDS = 0.3
"""How long the bystanders are watched after the fault."""


class Scene:
    """The server, its bystanders, and numbers that are used once.

    Args:
        server: Running, with the limits of the faults that will strike.
        plugins: Makes folders.
    """

    def __init__(self, server: Any, plugins: Any) -> None:
        self.server = server
        self.plugins = plugins
        self.pid = server.call("server.status")["pid"]
        self._number = self._session = 1
        self._read = 0
        self._counted: Counter[tuple[str, str]] = Counter()
        for folder in bystanders.make(plugins):
            server.install(folder)
        tmux(server.home.tmux_socket, "new-session", "-d", "-s", "keep", "sleep 1000")
        self.until(self._hears_sessions, "the counter hears of sessions")

    def strike(self, fault: Fault) -> Outcome:
        """Let ``fault`` happen and return what came of it."""
        outcome = Outcome(fault)
        self._wake()
        before = holdings(self.pid, self.server.home.root)
        with self._watched(outcome):
            outcome.seen = fault.act(self) if fault.act else self._struck_by_plugin(outcome)
            time.sleep(AFTER_SECONDS)  # watched on
        self._wake()
        left = left_beyond(before, self.pid, self.server.home.root)
        outcome.processes, outcome.descriptors = left.processes, left.descriptors
        outcome.same_pid = self.server.running() == self.pid
        return outcome

    # --- the faulty plugin

    def install(self, fault: Fault) -> None:
        """Install the plugin of ``fault``, which does no wrong yet."""
        name = fault.plugin
        folder = self.plugins.make(
            name,
            commands={"go": "", WELL: ""},
            hooks={"plugin.answers.strike": ""},
            main=fault.source(self.server.data(name) / "armed"),
            permissions=list(fault.permissions),
        )
        self.server.install(folder)

    def _struck_by_plugin(self, outcome: Outcome) -> str:
        fault = outcome.fault
        self.install(fault)
        if fault.at == "cleanup":
            self._arm(fault)
            self.server.value(fault.plugin, WELL)
            self.server.call("plugin.disable", name=fault.plugin)
            seen = self._log(fault)
        elif fault.at == "hook":
            self._arm(fault)
            self.server.value(fault.plugin, WELL)
            self.server.value("answers", "strike", "0")
            seen = self._log(fault)
        else:
            self._arm(fault)
            seen = self.told(fault.plugin, "go")
        self._disarm(fault)
        self.server.call("plugin.enable", name=fault.plugin)
        well = self.told(fault.plugin, WELL)
        outcome.unwell = "" if well == WELL else well
        self.server.call("plugin.remove", name=fault.plugin, purge=True)
        return seen

    def told(self, plugin: str, command: str) -> str:
        """Run a command and return what its user would read."""
        answer = self.server.run(plugin, command, options={})
        if answer.failure is None:
            return f"{answer.value}"
        return f"{answer.failure['message']} ({answer.failure['kind']})"

    def _arm(self, fault: Fault) -> None:
        folder = self.server.data(fault.plugin)
        folder.mkdir(mode=0o700, exist_ok=True)
        (folder / "armed").touch()

    def _disarm(self, fault: Fault) -> None:
        (self.server.data(fault.plugin) / "armed").unlink(missing_ok=True)

    def _log(self, fault: Fault) -> str:
        """Return what the plugin's log says, once that is what is expected or after a while."""

        def said() -> str:
            lines = self.server.ask("plugin.logs", name=fault.plugin).out.splitlines()
            return " ".join(line.partition(" ")[2] for line in lines)[-4000:]

        self.until(lambda: re.search(fault.seen, said()), "", fail=False)
        return said()

    # --- the others

    @contextmanager
    def _watched(self, outcome: Outcome) -> Iterator[None]:
        """Ask the bystanders all the while, and see in the end what the counter has counted."""
        asking = Asking(self.server, self._number)
        sessions = Sessions(self.server.home.tmux_socket, self._session)
        threads = [asking, sessions] if outcome.fault.tmux else [asking]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._number = asking.stop()
            self._session = sessions.stop() if outcome.fault.tmux else self._session
        outcome.worst, outcome.asked = asking.worst, asking.asked
        outcome.failures = [] if outcome.fault.ends_all else asking.failures
        expected = [(bystanders.TICK, number) for number in asking.told]
        expected += [(name, made) for made in sessions.made for name in ("session.created", "session.closed")]
        allowed = [(bystanders.TICK, number) for number in asking.maybe]
        outcome.lost, outcome.doubled = self._miscounted(expected, allowed)

    def _miscounted(
        self, expected: list[tuple[str, str]], allowed: list[tuple[str, str]]
    ) -> tuple[list[str], list[str]]:
        """Return which events were lost and which were counted more than once."""
        self.until(lambda: not self._missing(expected), "", fail=False)
        lost = [" ".join(each) for each in self._missing(expected)]
        return lost, [" ".join(each) for each in (*expected, *allowed) if self._counted[each] > 1]

    def _missing(self, expected: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        self._count()
        return [each for each in expected if not self._counted[each]]

    def _count(self) -> None:
        """Read on in what the counter has written down."""
        notes = self.server.data("counts") / "notes"
        text = notes.read_bytes()[self._read :] if notes.exists() else b""
        whole = text[: text.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.decode().splitlines():
            name, number, _ = line.split()
            self._counted[name, number] += 1

    def _hears_sessions(self) -> bool:
        """Tell whether sessions that are made now are told, which begins with a look at what there is."""
        name = f"m{self._session}"
        self._session += 1
        tmux(self.server.home.tmux_socket, "new-session", "-d", "-s", name, "sleep 1000")
        tmux(self.server.home.tmux_socket, "kill-session", "-t", f"={name}")
        return self.until(lambda: not self._missing([("session.closed", name)]), "", seconds=1.0, fail=False)

    def _wake(self) -> None:
        """Let every bystander have its process."""
        for name, command in (("answers", "tick"), ("counts", "count"), ("listens", "last")):
            self.server.value(name, command, "0")

    @staticmethod
    def until(
        met: Callable[[], Any], what: str, *, seconds: float = PATIENCE, fail: bool = True
    ) -> Any:
        """Poll until ``met()`` is true and return it; false, or an AssertionError, after the deadline."""
        deadline = time.monotonic() + seconds
        while not (value := met()):
            if time.monotonic() > deadline:
                assert not fail, f"in time it did not come about that {what}"
                break
            time.sleep(0.01)
        return value
