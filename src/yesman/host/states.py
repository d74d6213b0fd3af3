"""In which state each installed plugin is, and why it is not ready: one answer for everybody who asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yesman.host.contents import PUT_BACK, is_gone
from yesman.host.suspension import SAFE_MODE
from yesman.model.lifecycle import State, check_change
from yesman.model.plain_text import argument

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.host.contents import Contents
    from yesman.host.registry import Record, Registry
    from yesman.host.revocations import Revocations
    from yesman.host.supervisor import Supervisor
    from yesman.host.suspension import Suspension

_WITH_PROCESS = (State.STARTING, State.RUNNING, State.DRAINING)


class States:
    """The states of plugins.

    Args:
        registry: What is installed.
        missing: The required settings that a plugin lacks.
        unmet: Why what a plugin needs does not run, or "".
        contents: Knows of changed files.
        supervisor: Knows of quarantines.
        suspension: Knows of safe mode.
        revocations: Knows what is revoked.
    """

    def __init__(  # noqa: PLR0917 - called in one place, the manager
        self,
        registry: Registry,
        missing: Callable[[Record], tuple[str, ...]],
        unmet: Callable[[str], str],
        contents: Contents,
        supervisor: Supervisor,
        suspension: Suspension,
        revocations: Revocations,
    ) -> None:
        self._registry = registry
        self._missing = missing
        self._unmet = unmet
        self._contents = contents
        self._supervisor = supervisor
        self._suspension = suspension
        self._revocations = revocations
        self._states: dict[str, State] = {}
        self._reasons: dict[str, str] = {}

    def of(self, name: str) -> tuple[State, str]:
        """Return the state of an installed plugin, and why it is not ready (or "").

        Raises:
            NotFoundError: It is not installed.
        """
        record = self._registry.get(name)
        active = self._states.get(name)
        if active in _WITH_PROCESS:
            return active, _gone(record) or self._reasons.get(name) or self._awaited(name, record)
        if not record.enabled:
            return State.INSTALLED, "disabled"
        if (revoked := self._revocations.of(name, record)) is not None:
            return State.BLOCKED, revoked.reason
        return self._enabled(name, record)

    def _enabled(self, name: str, record: Record) -> tuple[State, str]:
        history = self._supervisor.history(name)
        if history.quarantined:
            return State.QUARANTINED, f"{history.reason}: yesman plugin enable {name}"
        missing = self._missing(record)
        if missing:
            return State.NEEDS_CONFIG, f"needs the setting{'s' * (len(missing) > 1)} {', '.join(missing)}"
        if self._suspension.safe_mode:
            return State.ENABLED, SAFE_MODE
        if gone := _gone(record):  # whether or not anybody has tried to use it since
            return State.FAILED, gone
        if name in self._reasons or not record.activated:
            return State.FAILED, self._reasons.get(name, "it has never been activated")
        return State.ENABLED, self._unmet(name) or self._awaited(name, record)

    def _awaited(self, name: str, record: Record) -> str:
        """Return what the user has yet to answer, or ""."""
        asks = self._contents.asks(name) if record.linked else ()
        command = f"yesman plugin install --link {argument(record.source)}"
        return f"now asks for {', '.join(asks)}: {command}" if asks else ""

    def drains(self, name: str) -> bool:
        """Take note that the process of ``name`` is to end; return whether it was running."""
        running = self._states.get(name) is State.RUNNING
        if running:
            self.move(name, State.DRAINING)
        return running

    def move(self, name: str, state: State) -> None:
        """Take note of another state."""
        self._states[name] = check_change(self._states.get(name, State.ENABLED), state)

    def failed(self, name: str, reason: str) -> None:
        """Note why an installed plugin, or its latest version, could not be activated."""
        self._reasons[name] = reason

    def settled(self, name: str) -> None:
        """Forget why it could not."""
        self._reasons.pop(name, None)


def _gone(record: Record) -> str:
    return f"its folder {record.source} is not there any more: {PUT_BACK}" if is_gone(record) else ""
