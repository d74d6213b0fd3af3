"""A plugin host of a test's own: everything the server wires, in a temporary home, without the server."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yesman.embed.crossing import arguments
from yesman.host.bus import Bus
from yesman.host.confinement import this_machine
from yesman.host.installer import Installer
from yesman.host.manager import PluginManager
from yesman.host.notification_ways import ThroughPlugins
from yesman.host.notifications import Notifications
from yesman.host.outbox import Outbox
from yesman.host.proposal import Answer
from yesman.host.registry import Registry
from yesman.host.settings import PluginSettings
from yesman.host.user_config import FILE
from yesman.model.errors import NotFoundError, YesmanError
from yesman.model.home import Home
from yesman.package.environments import Environments
from yesman.package.trees import remove_tree
from yesman.plugins import parameter_name
from yesman.runtime.compiling import compile_packages
from yesman.runtime.zygote import Zygote
from yesman.sandbox.interpreter import base_python
from yesman.sessions.service import Sessions
from yesman.sessions.tmux import TmuxServer
from yesman.wire.frames import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from yesman.host.notifications import Message
    from yesman.host.registry import Record
    from yesman.sessions.model import Session

NO_TERMINAL = {"terminal": {"in": False, "out": False, "err": False}, "columns": 80, "lines": 24}


class Host:
    """Installs plugins as users would, all that they ask for granted, and runs them.

    Args:
        roots: What bare ``filesystem.*`` permissions open; by default nothing, as there are no sessions.

    Attributes:
        manager: What it has installed.
        shown: The messages that a user would have been shown.
    """

    def __init__(self, roots: Sequence[str] = ()) -> None:
        self._root = Path(tempfile.mkdtemp(prefix="yesman-test-")).resolve()
        home = Home(self._root)
        if roots:
            (self._root / FILE).write_text(json.dumps({"roots": list(roots)}), "utf-8")  # YAML takes JSON
        machine = this_machine(home, os.environ)
        self._zygote, self._outbox = Zygote(), Outbox(home.events)
        self._bus = Bus(self._outbox)
        self._tmux = TmuxServer(home.tmux_socket, env=os.environ)
        self.manager = PluginManager(
            home,
            Registry(home.registry),
            PluginSettings(home.settings),
            Sessions(self._tmux),
            self._bus,
            self._zygote,
            machine,
        )
        self.shown = Shown()
        ways = (self.shown, ThroughPlugins(self.manager.providers))
        self.manager.notifications = self._notifications = Notifications(self.manager.hooks, ways)
        environments = Environments(
            home.environments, home.cache, base_python(), compile=partial(compile_packages, self._zygote)
        )
        self._installer = Installer(home, self.manager, environments, machine)

    async def install(self, folder: Path, config: Mapping[str, Any]) -> str:
        """Install the plugin in ``folder`` with the settings ``config``, start it, and return its name.

        Raises:
            YesmanError: It cannot be installed, or not be activated.
        """
        proposal = await self._installer.inspect(folder)
        await self._installer.install(
            folder,
            link=False,
            digest=proposal.digest,
            answer=Answer(proposal.added_permissions, by="test"),
            config={key: _as_text(value) for key, value in config.items()},
            report=lambda _line: None,
        )
        await self.manager.activate(proposal.name)
        return proposal.name

    async def invoke(self, name: str, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a public method of plugin ``name``, started if need be; raises a YesmanError."""
        live = await self.manager.activate(name)
        return await live.value("invoke", {"name": method, **arguments(args, kwargs)})

    async def command(self, name: str, command: str, given: Mapping[str, Any]) -> Any:
        """Run a command, with the defaults of options that are not given; raises a YesmanError."""
        options = _defaults(self.manager.registry.get(name), command) | dict(given)
        text = await self.manager.run_command(name, command, options, NO_TERMINAL, _Nobody())
        return json.loads(text)

    async def close(self) -> None:
        """End every process and remove the home."""
        try:
            await self._bus.close()
            await self._notifications.close()
            await self.manager.close()
            if self._tmux.socket.exists():  # a plugin made a session
                with suppress(YesmanError):  # it has ended meanwhile
                    await self._tmux.run(["kill-server"])
        finally:
            self._zygote.close()
            self._outbox.close()
            await asyncio.shield(asyncio.to_thread(remove_tree, self._root))


class Shown:
    """Keeps the messages that a user would have been shown (:class:`yesman.host.notifications.Way`)."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def show(self, message: Message, wanted: Callable[[str], bool]) -> None:  # noqa: ARG002 - there are no sessions
        """Keep it."""
        self.messages.append(message)


class _Nobody:
    """Whoever runs a command in a test: types nothing, looks at nothing, is in no session."""

    def output(self, _stream: str, _text: bytes) -> bool:
        return True

    async def drained(self) -> None:
        return

    async def read(self, _size: int) -> bytes:
        return b""

    async def confirm(self, _question: dict[str, str]) -> str:
        return "nobody"

    async def current(self, _sessions: Sessions) -> Session:
        raise NotFoundError("there is no current session in a test")


def _defaults(record: Record, command: str) -> dict[str, Any]:
    options = next((row["options"] for row in record.commands if row["name"] == command), ())
    return {parameter_name(option): option["default"] for option in options}


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else encode(value).decode()
