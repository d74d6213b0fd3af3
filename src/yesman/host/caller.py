"""Who a command runs for, as the services see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from yesman.sessions.model import Session
    from yesman.sessions.service import Sessions


class CommandCaller(Protocol):
    """One running plugin command's user: where output goes, where input and context come from."""

    def output(self, stream: str, text: bytes) -> bool:
        """Take printed output, or a line of yesman's own as ``note``; False: wait for :meth:`drained`."""
        ...

    async def drained(self) -> None:
        """Return when more output may be sent."""
        ...

    async def read(self, size: int) -> bytes:
        """Return up to ``size`` bytes of the caller's stdin, b"" at its end."""
        ...

    async def confirm(self, question: dict[str, str]) -> str:
        """Put a question to the user (:class:`yesman.host.confirmation.Question`).

        Returns:
            ``yes``, ``no``, ``nobody`` (there is no terminal) or ``interrupted``.

        Raises:
            ConnectionError: The command line is gone.
        """
        ...

    async def current(self, sessions: Sessions) -> Session:
        """Return the session the caller means.

        Raises:
            NotFoundError: There is none.
        """
        ...
