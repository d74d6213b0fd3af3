"""What plugins may forbid: asked before yesman makes or closes a session for somebody.

What always holds: the user gets past every guard, on record; a refusal names the guard to the user, and
to a plugin only that there is one, because a reason is written for the user and may name what the
plugin must not see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from yesman.model.errors import ForbiddenError, PermissionDeniedError
from yesman.model.hook_specs import ClosingPayload, CreatingPayload
from yesman.model.permissions import covers_session
from yesman.model.plain_text import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from yesman.host.hooks import Hooks
    from yesman.host.recorder import Recorder
    from yesman.model.permissions import Permission
    from yesman.sessions.model import Session

USER = "user"
MAX_SHOWN = 300


class Guards:
    """Asks them.

    Args:
        hooks: The engine.
        recorder: Hears of every refusal, and of every act whose guards were not asked.
        grants: Returns those of each plugin.
    """

    def __init__(
        self,
        hooks: Hooks,
        recorder: Recorder,
        grants: Callable[[], Iterable[tuple[Permission, ...]]] = tuple,
    ) -> None:
        self._hooks = hooks
        self._recorder = recorder
        self._grants = grants

    async def creating(
        self, name: str, cwd: str, command: Sequence[str] | None, by: str, *, ask: bool = True
    ) -> None:
        """Return if a session may be made.

        Args:
            name: Its name to be.
            cwd: Where it would start.
            command: What it would run.
            by: Who wants it: :data:`USER`, or ``plugin:NAME``.
            ask: Whether guards are asked; else that they were not is recorded.

        Raises:
            ForbiddenError: A plugin forbids it, or says that it does when it cannot be asked.
        """
        payload = CreatingPayload(cwd, list(command) if command else None, by)
        await self._asked("session.creating", payload, name, by, ask=ask)

    async def closing(self, session: Session, by: str, *, ask: bool = True) -> None:
        """Return if a session may be closed; see :meth:`creating`."""
        payload = ClosingPayload(session.id, session.cwd, by)
        await self._asked("session.closing", payload, session.name, by, ask=ask)

    def check_reach(self, name: str, new: str) -> None:
        """Refuse that a plugin names a session so that some plugin's grants reach it which did not before.

        Raises:
            PermissionDeniedError: They would.
        """
        for granted in self._grants():
            for permission in ("session.read", "session.modify", "session.type"):
                if covers_session(granted, permission, new) and not covers_session(granted, permission, name):
                    raise PermissionDeniedError(
                        f"the name {shown(new)} would bring the session {shown(name)} "
                        f"within reach of a plugin's '{permission}'",
                        "Choose a name that no plugin's grants are about",
                    )

    async def _asked(
        self, event: str, payload: CreatingPayload | ClosingPayload, session: str, by: str, *, ask: bool
    ) -> None:
        if not ask:
            self._recorder.decision("bypass", "", f"{event} {session}", by=by)
            await self._recorder.kept()
            return
        source = "host" if by == USER else by
        verdict = await self._hooks.veto(event, payload, session=session, source=source)
        if verdict.goes_ahead:
            return
        for plugin, why in verdict.objections:
            self._recorder.vetoed(plugin, f"{event} {session}", by, why)
        raise _refusal(event, session, verdict.objections[0], by)


def _refusal(event: str, session: str, objection: tuple[str, str], by: str) -> ForbiddenError:
    verb = "making" if event == "session.creating" else "closing"
    if by != USER:
        return ForbiddenError(
            f"a plugin forbids {verb} the session {shown(session)}",
            "The user sees which one: yesman plugin audit",
        )
    plugin, why = objection
    return ForbiddenError(
        f"plugin '{plugin}' forbids {verb} the session {shown(session)}: {shown(why, MAX_SHOWN)}",
        "To do it without asking plugins, add --no-hooks",
    )
