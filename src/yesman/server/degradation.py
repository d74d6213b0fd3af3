"""Tells everybody when plugins run on a machine that confines them less than fully.

That they may is said once, by ``yesman server start --allow-degraded``, for the life of that
server: no file and no environment variable says it, and a server that starts by itself was not told.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from yesman.model.errors import YesmanError
from yesman.sandbox.strength import Strength

if TYPE_CHECKING:
    from yesman.host.recorder import Recorder
    from yesman.runtime.zygote import Zygote
    from yesman.server.connection import Request

_log = logging.getLogger("yesman.server")


class Degradation:
    """Knows what confinement is worth here, and says so.

    Args:
        zygote: Has tried it.
        recorder: Keeps that it was allowed.
    """

    def __init__(self, zygote: Zygote, recorder: Recorder) -> None:
        self._zygote = zygote
        self._recorder = recorder

    async def note(self) -> None:
        """Start the zygote before it is needed; record and log what it found, if that is not all well."""
        strength = await self._strength()
        if strength is None or not strength.weak:
            return
        _log.warning("%s", strength.sentence)
        if self._allowed(strength):
            by = {"by": "--allow-degraded", "why": strength.why}
            self._recorder.decision("degraded", "", ", ".join(strength.weak), **by)

    async def shown(self) -> dict[str, Any]:
        """Return what ``server status`` and ``doctor`` show: which layers are missing, and what follows."""
        strength = await self._strength()
        found = strength or Strength()
        return {
            "known": strength is not None,
            "missing": list(found.weak),
            "why": found.why,
            "allowed": self._zygote.allow_degraded,
            "runs": strength is not None and (not found.weak or self._allowed(found)),
        }

    async def warning(self) -> str:
        """Return what to say wherever plugins are shown or run; "" where they are confined fully."""
        strength = await self._strength() if self._zygote.allow_degraded else None
        if strength is None or not strength.weak or not strength.usable:
            return ""
        return f"{strength.sentence}. Allowed by --allow-degraded."

    async def warn(self, request: Request) -> None:
        """Say so to whoever runs a plugin's command, on stderr and in yesman's own voice."""
        warning = await self.warning()
        if warning:
            request.output("note", f"yesman: {warning}".encode())

    async def _strength(self) -> Strength | None:
        try:
            await self._zygote.start()
        except YesmanError as error:
            _log.error("%s", error)
        return self._zygote.strength

    def _allowed(self, strength: Strength) -> bool:
        return self._zygote.allow_degraded and strength.usable
