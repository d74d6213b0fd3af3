"""What every command gets: the options that stand before it, and calls to the server.

Composition happens here and nowhere else in the command line.
"""

from __future__ import annotations

import os
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yesman.cli.failures import NotRunningError, OtherVersionError
from yesman.cli.program import Program
from yesman.model.errors import UsageError
from yesman.model.home import Home

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from yesman.cli.client import Connection
    from yesman.cli.conversation import Answer
    from yesman.cli.display import Display


class Invocation:
    """One run of the command line.

    Args:
        environment: Usually ``os.environ``.
        program: Who runs it.

    Attributes:
        debug: Whether failures come with tracebacks.
        tmux_socket: The tmux server to join instead of our own; None is no wish.
        safe_mode: Whether this command is to be answered by a server that runs no plugin.
        allow_degraded: Whether a server that this command starts may run plugins on a weaker machine.
        attended: Whether somebody is there to type what plugins read, and to be asked.
    """

    def __init__(self, environment: Mapping[str, str], program: Program = Program()) -> None:  # noqa: B008 - a value
        self._environment = environment
        self.program = program
        self.debug = False
        self.tmux_socket: Path | None = None
        self.allow_degraded = False
        self.safe_mode = False
        self.attended = True

    @property
    def server_options(self) -> dict[str, Any]:
        """How a server that this command starts is to be."""
        return {
            "tmux_socket": self.tmux_socket,
            "allow_degraded": self.allow_degraded,
            "safe_mode": self.safe_mode,
        }

    @property
    def home(self) -> Home:
        """Where state lives.

        Raises:
            UsageError: The environment names the folder of a user who does not exist.
        """
        try:
            return Home.of(self._environment)
        except RuntimeError as error:
            message = f"YESMAN_HOME or HOME names no folder: {error}"
            raise UsageError(message, "Set it to a folder of yours") from error

    def call(self, method: str, doing: str, params: dict[str, Any] | None = None) -> Any:
        """Call the server, which is started if need be, and return the value of its answer.

        Args:
            method: A method of the server.
            doing: Completes "The server ended while …".
            params: Its parameters.

        Raises:
            YesmanError: The call failed.
            KeyboardInterrupt: The user pressed Ctrl-C twice.
        """
        return self.converse(method, doing, params or {}).value

    def converse(
        self, method: str, doing: str, params: dict[str, Any], display: Display | None = None
    ) -> Answer:
        """Call the server, show what comes on ``display``, and return the answer with its bytes."""
        with closing(self.connect()) as connection:
            return talk(connection, method, doing, params, display, attended=self.attended)

    def connect(self, *, start: bool = True) -> Connection:
        """Return a connection to the server; with ``start``, start it when none runs.

        Raises:
            NotRunningError: None runs and none was to be started.
            OtherVersionError: It is of another version, and the user did not want it restarted.
            UsageError: It uses another tmux socket than asked for, or runs plugins and was not to.
            PlatformError: It does not come up, or does not answer.
        """
        connection = self._greeted(start=start)
        try:
            self._check_safe_mode(connection)
            self._check_tmux_socket(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _greeted(self, *, start: bool) -> Connection:
        from yesman.cli.client import dial  # noqa: PLC0415 - help needs no sockets

        connection = dial(self.home)
        if connection is None:
            connection = self._launch() if start else None
        if connection is None:
            raise NotRunningError(self.home.root)
        try:
            connection.greet()
        except OtherVersionError as error:
            if not (self.attended and _wants_restart(error)):
                connection.close()
                raise
            connection = self._restart(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _launch(self) -> Connection:
        from yesman.cli.launch import launch  # noqa: PLC0415 - rarely needed

        return launch(self.home, **self.server_options)

    def _restart(self, old: Connection) -> Connection:
        from yesman.cli.client import stop  # noqa: PLC0415 - rarely needed

        stop(old)
        connection = self._launch()
        connection.greet()
        return connection

    def _check_safe_mode(self, connection: Connection) -> None:
        if connection.safe_mode and not self.safe_mode:
            sys.stdout.flush()
            sys.stderr.write("yesman: safe mode: no plugin runs or is asked. To end it: yesman server stop\n")
        elif self.safe_mode and not connection.safe_mode:
            raise UsageError("The running server runs plugins", "Stop it first: yesman server stop")

    def _check_tmux_socket(self, connection: Connection) -> None:
        if self.tmux_socket is None:
            return
        used = talk(connection, "server.status", "telling its tmux socket", {}).value["tmux_socket"]
        if os.path.realpath(used) != os.path.realpath(self.tmux_socket):
            raise UsageError(
                f"The running server uses the tmux socket {used}, not {self.tmux_socket}",
                "Stop it first: yesman server stop",
            )


def talk(
    connection: Connection,
    method: str,
    doing: str,
    params: dict[str, Any],
    display: Display | None = None,
    *,
    run: Callable[[], int] | None = None,
    attended: bool = True,
) -> Answer:
    """Make one call on an open connection; see :meth:`Invocation.converse`, and Conversation for the rest."""
    from yesman.cli.conversation import Conversation  # noqa: PLC0415 - help needs none
    from yesman.cli.display import Display  # noqa: PLC0415 - same

    shown = display or Display()
    ident = connection.call(method, params, doing)
    try:
        return Conversation(connection, ident, shown, run, attended=attended).answer()
    finally:
        shown.finish()


def _wants_restart(error: OtherVersionError) -> bool:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    from yesman.cli.consent import ask  # noqa: PLC0415 - rarely needed

    return ask(f"{error.message}.\nRestart it now? [y/N] ")


def working_folder() -> str:
    """Return the current folder.

    Raises:
        UsageError: It was removed.
    """
    try:
        return str(Path.cwd())
    except OSError:
        raise UsageError("The current folder does not exist any more", "Change to one that does") from None


def surroundings() -> dict[str, Any]:
    """Return where the caller is, for the server to tell which session is meant."""
    return {
        "cwd": working_folder(),
        "tmux": os.environ.get("TMUX") or None,
        "tmux_pane": os.environ.get("TMUX_PANE") or None,
    }
