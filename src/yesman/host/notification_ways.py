"""How messages reach the user: their terminals, their desktop, and plugins that pass them on."""

from __future__ import annotations

import asyncio
import html
from pathlib import Path
from typing import TYPE_CHECKING, Final

from yesman import process
from yesman.host.acting import acting
from yesman.model.errors import PlatformError, YesmanError
from yesman.plugins import INotificationProvider
from yesman.sessions import messages

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from yesman.host.notifications import Message
    from yesman.host.providers import Providers
    from yesman.sessions.tmux import TmuxServer

MILLISECONDS: Final = {"low": 3_000, "normal": 5_000, "critical": 15_000}
"""How long a message stands in a terminal, unless a key is pressed."""
DESKTOPS: Final = ("DBUS_SESSION_BUS_ADDRESS", "WAYLAND_DISPLAY", "DISPLAY")
PROGRAM: Final = "notify-send"
PROGRAM_SECONDS: Final = 5.0
PROVIDER_SECONDS: Final = 20.0
"""For a plugin to be started, connected, and to pass one message on."""


class InTerminals:
    """A line of tmux in each terminal that shows a session.

    Args:
        tmux: Whose terminals.
    """

    def __init__(self, tmux: TmuxServer) -> None:
        self._tmux = tmux

    async def show(self, message: Message, wanted: Callable[[str], bool]) -> None:
        """Show it (:class:`yesman.host.notifications.Way`)."""
        text = f"{message.heading}  {message.body}" if message.body else message.heading
        await messages.show(self._tmux, text, MILLISECONDS[message.urgency], wanted)


class OnDesktop:
    """A bubble of the desktop, where the server was started in one and ``notify-send`` is installed.

    Args:
        environment: The server's.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    async def show(self, message: Message, wanted: Callable[[str], bool]) -> None:  # noqa: ARG002 - shows no session
        """Show it (:class:`yesman.host.notifications.Way`)."""
        if not any(self._environment.get(name) for name in DESKTOPS):
            return
        try:
            done = await process.run(
                argv(message), cwd=Path("/"), env=self._environment, timeout=PROGRAM_SECONDS
            )
        except process.ProgramMissingError:
            return
        if done.returncode:
            raise PlatformError(f"{PROGRAM} ended with {done.returncode}")


class ThroughPlugins:
    """Every provider of notifications, but for the sender's own and those that wait for this to be sent.

    Args:
        providers: The providers.
    """

    def __init__(self, providers: Providers) -> None:
        self._providers = providers

    async def show(self, message: Message, wanted: Callable[[str], bool]) -> None:  # noqa: ARG002 - shows no session
        """Show it (:class:`yesman.host.notifications.Way`)."""
        waiting = acting(message.source)
        interface = INotificationProvider.__name__
        offers = [o for o in self._providers.all().values() if o.interface == interface]
        passing = (self._pass_on(o.name, message) for o in offers if o.plugin not in waiting)
        failures = [error for error in await asyncio.gather(*passing) if error]
        if failures:
            raise YesmanError("; ".join(failures))

    async def _pass_on(self, name: str, message: Message) -> str:
        """Pass it on; return what kept that from being done, or ""."""
        provider = self._providers.of(INotificationProvider, name, by=message.source)
        try:
            async with asyncio.timeout(PROVIDER_SECONDS):
                await provider.send(message.heading, message.body, message.urgency)
        except TimeoutError:
            return f"provider '{name}' did not pass it on within {PROVIDER_SECONDS:g} seconds"
        except YesmanError as error:
            return error.message
        return ""


def argv(message: Message) -> list[str]:
    r"""Return the command that shows a message; nothing of it is an option, markup or an escape.

    ``notify-send`` reads C's escapes in the body (``\074`` would be a ``<``), and desktops read markup.
    """
    body = html.escape(message.body.replace("\\", "\\\\"), quote=False)
    return [PROGRAM, "--app-name=yesman", f"--urgency={message.urgency}", "--", message.heading, body]
