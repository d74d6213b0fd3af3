"""One tmux server, reached by its socket, and what its refusals mean.

What always holds: every argument reaches tmux as written (no shell, no command separator
hidden in text), answers are UTF-8 whatever the locale, and every failure is one of our errors.
tmux reads the user's own configuration, on our socket as on theirs: the keys people know must
work there too, and that file is as much theirs as their shell's.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from yesman import process
from yesman.model.errors import NotFoundError, PlatformError, UsageError, YesmanError
from yesman.model.plain_text import argument
from yesman.sessions import journal
from yesman.sessions.control import ControlLostError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from yesman.sessions.control import ControlClient

MAX_SOCKET_PATH: Final = 107
"""Bytes: ``sockaddr_un.sun_path`` less its terminating zero (``unix(7)``)."""

MAX_ANSWER: Final = 16 << 20
"""Bytes of one answer."""

TIMEOUT: Final = 15.0
"""Seconds for one answer; starting the server includes reading the user's configuration."""

# "no current target": the last session has ended and the server is about to.
_GONE: Final = ("no server running", "server exited", "lost server", "no sessions", "no current target")
_UNREACHED: Final = re.compile(r"error connecting to .*\((No such file or directory|Connection refused)\)")
_MISSING: Final = ("can't find ", "no such session", "session not found")


class NoServerError(PlatformError):
    """No tmux server answers on the socket, or it ended while it was asked."""

    def __init__(self) -> None:
        super().__init__(
            "The tmux server is not running or has just ended", "Make a session: yesman session new NAME"
        )


class TmuxServer:
    """The tmux server behind one socket; it is started by the first session made in it.

    Args:
        socket: Path of its socket.
        env: Environment of every tmux process, and so of the sessions in a server it starts.
        owner: Whose journal is kept there, apart from those of others.

    Attributes:
        socket: The path, absolute.
        journal: The name of the variable the journal is kept in.
        control: The control connection, while there is one.

    Raises:
        PlatformError: The path of the socket is too long for a socket.
    """

    def __init__(self, socket: Path, *, env: Mapping[str, str], owner: str = "") -> None:
        self.socket = socket.absolute()
        self.journal = journal.variable(owner)
        self.control: ControlClient | None = None
        # Inside somebody's tmux these would name a different server.
        self._env = {key: value for key, value in env.items() if key not in {"TMUX", "TMUX_PANE"}}
        if len(os.fsencode(self.socket)) > MAX_SOCKET_PATH:
            raise PlatformError(
                f"The path {str(self.socket)!r} is longer than the {MAX_SOCKET_PATH} bytes a socket may have",
                "Choose a shorter folder: set YESMAN_HOME, or pass --tmux-socket",
            )

    @property
    def search_path(self) -> str:
        """The ``PATH`` of the environment tmux is started with."""
        return self._env.get("PATH", os.defpath)

    def argv(self, *args: str) -> list[str]:
        """Return the command line that runs one tmux command on this server."""
        return ["tmux", "-S", str(self.socket), *map(_literal, args)]

    def control_argv(self, *args: str) -> tuple[list[str], dict[str, str], Path]:
        """Return command line, environment and folder of a control client."""
        # -N: a server is started for people's sessions, never for us.
        return ["tmux", "-N", "-u", "-S", str(self.socket), "-C", *args], self._env, self._outside()

    async def ask(self, *commands: Sequence[str]) -> str:
        """Run tmux commands that change nothing, over the control connection where there is one.

        Raises what :meth:`run` raises.
        """
        try:
            return await self.once(*commands)
        except ControlLostError:
            return await self.run(*commands)  # they change nothing, so they can be run once more

    async def once(self, *commands: Sequence[str]) -> str:
        """Run tmux commands that must not be run twice, over the control connection where there is one.

        Raises:
            ControlLostError: The connection was lost; they may have been carried out or not.
            YesmanError: What :meth:`run` raises.
        """
        if self.control is None:
            return await self.run(*commands)
        try:
            return await self.control.ask(*commands)
        except RefusedError as error:
            raise refusal(error.said) from None

    async def run(self, *commands: Sequence[str]) -> str:
        """Run tmux commands in one invocation, as far as the first that fails; return what they print.

        Raises:
            NoServerError: No server runs, and the commands do not start one.
            NotFoundError: A target does not exist.
            UsageError: A session of that name exists.
            PlatformError: tmux is missing, hangs, or refuses for another reason.
        """
        joined: list[str] = []
        for command in commands:
            joined += [";"] if joined else []
            joined += map(_literal, command)
        return await self._invoke(joined, b"")

    async def run_script(self, script: str) -> str:
        """Run tmux commands given as configuration text, for arguments too long for a command line.

        tmux refuses command lines beyond 16 KiB. Raises what :meth:`run` raises.
        """
        return await self._invoke(["source-file", "-"], script.encode())

    async def _invoke(self, args: Sequence[str], script: bytes) -> str:
        try:
            done = await process.run(
                # -u: without it tmux prints '_' for what the locale does not have.
                ["tmux", "-u", "-S", str(self.socket), *args],
                cwd=self._outside(),
                env=self._env,
                timeout=TIMEOUT,
                limit=MAX_ANSWER,
                input=script,
            )
        except process.ProgramMissingError:
            raise PlatformError(
                "tmux is not installed", "Install it, for example: sudo apt install tmux"
            ) from None
        said = done.stderr.decode(errors="replace")
        # tmux reports a socket it cannot make and nevertheless ends with 0.
        if done.returncode == 0 and not said.startswith("error creating"):
            return done.stdout.decode(errors="replace")
        raise refusal(said)

    def _outside(self) -> Path:
        """Where tmux processes run: a server pins the folder it was started in."""
        return self.socket.parents[-1]


def _literal(arg: str) -> str:
    r"""Protect a final ``;``, which tmux takes for the end of a command; ``\;`` stands for the character."""
    return arg[:-1] + "\\;" if arg.endswith(";") else arg


def refusal(stderr: str) -> YesmanError:
    """Say what tmux's complaint means (tmux 3.3a; its messages are not translated)."""
    said = "".join(c if c.isprintable() else "?" for c in stderr.strip().split("\n")[0])[:300]
    if said.startswith(_GONE) or _UNREACHED.fullmatch(said):
        return NoServerError()
    if said.startswith(_MISSING):
        return NotFoundError("The session or pane has gone", "See what there is: yesman session ls")
    if said.startswith("duplicate session"):
        name = said.partition(": ")[2]
        return UsageError(
            f"A session named {name!r} already exists",
            f"Choose another name, or join it: yesman session attach {argument(name)}",
        )
    if said.startswith("command too long"):
        return UsageError("The command is too long for tmux", "Put it into a script, and run that")
    if said.startswith(("error connecting to", "error creating")):
        return PlatformError(
            f"tmux cannot use its socket: {said}", "Check that its folder exists and that you may write there"
        )
    return PlatformError(
        f"tmux refused: {said or 'it gave no reason'}", "Check that 'tmux -V' says 3.2 or later"
    )
