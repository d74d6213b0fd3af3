"""Calls to the server of one home from an event loop, which they never block.

What always holds: nobody is asked anything and nothing is read from standard input; a call that is
cancelled is stopped in the plugin as well; what fails is raised as the built-in exception that it would
have been in process, where there is one.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import closing
from typing import TYPE_CHECKING, Any

from yesman.cli.failures import ServerFailureError, ServerGoneError
from yesman.cli.invocation import Invocation, talk
from yesman.cli.program import Program
from yesman.embed.outcomes import as_builtin
from yesman.model.errors import NotFoundError, PermissionDeniedError, PluginFailedError, YesmanError
from yesman.model.errors import ProviderError as YesmanProviderError
from yesman.model.home import Home
from yesman.plugins import ProviderError

if TYPE_CHECKING:
    from yesman.cli.client import Connection
    from yesman.cli.conversation import Answer


class Calls:
    """Calls to the server of ``home``, which is started if need be."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._program = Program(manage="", root=None if home.root == Home.of(os.environ).root else home.root)

    async def call(self, method: str, doing: str, params: dict[str, Any]) -> Answer:
        """Make one call; ``doing`` completes "The server ended while …".

        Raises:
            PermissionError: A permission is missing; its ``permission`` says which.
            MemoryError, TimeoutError: A limit was reached.
            RuntimeError: The plugin's code failed; its traceback is a note.
            ProviderError: Its provider could not do it.
            LookupError: There is no such thing.
            YesmanError: Anything else.
        """
        one = _Call(self._home)
        running = asyncio.ensure_future(asyncio.to_thread(one.make, method, doing, params))
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            one.give_up()
            await asyncio.wait([running])
            running.cancelled() or running.exception()  # looked at: it failed, as it was to
            raise
        except YesmanError as error:
            raise self.explained(error) from None

    def explained(self, error: YesmanError) -> Exception:
        """Return what an embedder is to see for ``error``, with its next step as a note."""
        error.next_step = self._program.advice(error.next_step)
        made = _made(error)
        if error.next_step and made is not error:
            made.add_note(error.next_step)
        return made


class _Call:
    """One call, made in a thread of its own and given up by another."""

    def __init__(self, home: Home) -> None:
        self._invocation = Invocation({**os.environ, "YESMAN_HOME": str(home.root)})
        self._invocation.attended = False
        self._connection: Connection | None = None
        self._given_up = False

    def make(self, method: str, doing: str, params: dict[str, Any]) -> Answer:
        with closing(self._invocation.connect()) as connection:
            self._connection = connection
            if self._given_up:
                raise ServerGoneError(doing, "")
            return talk(connection, method, doing, params, attended=False)

    def give_up(self) -> None:
        self._given_up = True
        if self._connection is not None:
            self._connection.hang_up()


def _made(error: YesmanError) -> Exception:
    if isinstance(error, PermissionDeniedError):
        return as_builtin(error)
    if not isinstance(error, ServerFailureError):
        return error
    if error.word == PermissionDeniedError.kind:
        return as_builtin(PermissionDeniedError(error.message, permission=error.permission))
    if error.word == PluginFailedError.kind:
        return as_builtin(_failed(error))
    if error.word == NotFoundError.kind:
        return LookupError(error.message)
    return ProviderError(error.message) if error.word == YesmanProviderError.kind else error


def _failed(error: ServerFailureError) -> PluginFailedError:
    return PluginFailedError(
        error.message,
        failure=error.failure,
        traceback=error.traceback,
        code=error.code,
        permission=error.permission,
    )
