"""One server for many faults, with three bystanders, looked at while each strikes."""

from __future__ import annotations

import re
import subprocess
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storm import bystanders
from storm.fault import WELL, Fault
from storm.leaks import left_beyond, settled
from storm.outcome import Outcome
from storm.probing import Asking, Sessions, tmux

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

AFTER_SECONDS = 0.2
"""How long the bystanders are watched after the fault."""


class Scene:
    """The server, its bystanders, and numbers that are used once.

    Args:
        server: Running, with the limits of the faults that will strike.
        plugins: Makes folders.

    Attributes:
        usual: What the server holds when there is nobody but the bystanders.
        patience: Seconds to wait for what comes about by itself.
    """

    patience = 15.0

    def __init__(self, server: Any, plugins: Any) -> None:
        self.server = server
        self.plugins = plugins
        self.pid = server.call("server.status")["pid"]
        self._number = self._session = 1
        self._read = 0
        self._counted: Counter[tuple[str, str]] = Counter()
        for folder in bystanders.make(plugins):
            server.install(folder)
        self.begin_sessions()
        self._wake()
        self.usual = settled(self.pid, server.home.root)

    def strike(self, fault: Fault) -> Outcome:
        """Let ``fault`` happen and return what came of it."""
        outcome = Outcome(fault)
        self._wake()
        with self._watched(outcome):
            outcome.seen = fault.act(self, fault) if fault.act else self._struck_by_plugin(outcome)
            time.sleep(AFTER_SECONDS)  # watched on
        self._wake()
        left = left_beyond(self.usual, self.pid, self.server.home.root, self.patience)
        outcome.processes, outcome.descriptors = left.processes, left.descriptors
        outcome.same_pid = self.server.running() == self.pid
        return outcome

    # --- the faulty plugin

    def install(self, fault: Fault) -> None:
        """Install the plugin of ``fault``, which does no wrong yet."""
        name = fault.plugin
        folder = self.plugins.make(
            name,
            commands=dict.fromkeys(("go", WELL, "heard"), ""),
            hooks=dict.fromkeys(fault.hooks, ""),
            main=fault.source(Path(self.server.environ["YESMAN_HOME"], "data", name, "armed")),
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
        outcome.unwell = "" if re.search(fault.then, well) else well
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
        """Return the line of the plugin's log that is expected, or "" after a while."""

        def said() -> str:
            lines = self.server.ask("plugin.logs", name=fault.plugin).out.splitlines()
            return next((line.split(" ", 2)[2] for line in lines if re.search(fault.seen, line)), "")

        return self.until(said, "", fail=False)

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
        allowed = tuple((bystanders.TICK, number) for number in asking.maybe)
        outcome.lost, outcome.doubled = self.miscounted(expected, allowed)

    def miscounted(
        self, expected: list[tuple[str, str]], allowed: tuple[tuple[str, str], ...] = ()
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
        """Tell whether a session that is made now is told, which begins with a look at what there is."""
        name = f"m{self._session}"
        self._session += 1
        tmux(self.server.home.tmux_socket, "new-session", "-d", "-s", name, "sleep 1000")
        tmux(self.server.home.tmux_socket, "kill-session", "-t", f"={name}")
        time.sleep(0.2)  # between two tries
        return not self._missing([("session.closed", name)])

    def begin_sessions(self) -> None:
        """Make a session that stays, and wait until those made from now on are told."""
        tmux(self.server.home.tmux_socket, "new-session", "-d", "-s", "keep", "cat")
        self.until(self._hears_sessions, "the counter hears of sessions")

    def tmux_pid(self) -> int:
        """Return the pid of the tmux server."""
        command = ["tmux", "-S", str(self.server.home.tmux_socket), "display-message", "-p", "#{pid}"]
        return int(subprocess.run(command, capture_output=True, check=True).stdout)

    def prints(self, plugin: str) -> bool:
        """Let the session print, and tell whether ``plugin``, which listens to that, hears of it."""
        before = self.told(plugin, "heard")

        def heard() -> bool:
            tmux(self.server.home.tmux_socket, "send-keys", "-t", "=keep:", "x")
            return self.told(plugin, "heard") != before

        return bool(self.until(heard, "", fail=False))

    def _wake(self) -> None:
        """Let every bystander have its process."""
        for name, command in (("answers", "tick"), ("counts", "count"), ("listens", "last")):
            self.server.value(name, command, "0")

    def until(self, met: Callable[[], Any], what: str, *, fail: bool = True) -> Any:
        """Poll until ``met()`` is true and return it; false, or an AssertionError, after :attr:`patience`."""
        deadline = time.monotonic() + self.patience
        while not (value := met()):
            if time.monotonic() > deadline:
                assert not fail, f"in time it did not come about that {what}"
                break
            time.sleep(0.01)
        return value
