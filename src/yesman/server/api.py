"""What a command line may ask: one table of methods, each with its parameters' type."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

import yesman
from yesman.host import needs
from yesman.host.guards import USER
from yesman.model.errors import PluginFailedError, UsageError
from yesman.server.activating import Activating
from yesman.server.bisecting import Bisecting
from yesman.server.developing import Developing
from yesman.server.installing import Installing
from yesman.server.listing import discovered, listed, settings, shown
from yesman.server.recalling import Recalling
from yesman.server.versioning import Versioning

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from yesman.host.bus import Bus
    from yesman.host.installer import Installer
    from yesman.host.logs import PluginLog
    from yesman.host.manager import PluginManager
    from yesman.model.home import Home
    from yesman.runtime.zygote import Zygote
    from yesman.server.answering import Answering
    from yesman.server.connection import Request
    from yesman.server.degradation import Degradation
    from yesman.server.marketing import Marketing
    from yesman.server.mirroring import Mirroring
    from yesman.server.oversight import Oversight
    from yesman.server.paneling import Paneling
    from yesman.server.providing import Providing
    from yesman.sessions.service import Sessions
    from yesman.sessions.tmux import TmuxServer

FOLLOW_SECONDS = 0.2
"""How often a followed log is looked at."""


class Nothing(msgspec.Struct):
    """No parameters."""


class Name(msgspec.Struct):
    """One plugin or session."""

    name: str


class Configure(msgspec.Struct):
    """Settings to change."""

    name: str
    set: dict[str, str] = {}
    unset: tuple[str, ...] = ()


class Remove(msgspec.Struct):
    """A plugin to remove, with or without its data."""

    name: str
    purge: bool = False


class Logs(msgspec.Struct):
    """Which part of a log."""

    name: str
    lines: int = 100
    follow: bool = False


class Run(msgspec.Struct):
    """A plugin command to run."""

    plugin: str
    command: str
    options: dict[str, Any]
    terminal: dict[str, bool]
    columns: int
    lines: int


class NewSession(msgspec.Struct):
    """A session to make; plugins are asked before that if ``hooks``."""

    name: str
    cwd: str
    command: list[str] | None = None
    hooks: bool = True


class Close(msgspec.Struct):
    """A session to close; likewise."""

    name: str
    hooks: bool = True


class Show(msgspec.Struct):
    """A session by name, or the caller's."""

    name: str | None = None


class Send(msgspec.Struct):
    """What to type into a session, or into one of its panes."""

    name: str
    text: str
    enter: bool = True
    pane: str | None = None


class Capture(msgspec.Struct):
    """Which part of a pane's text."""

    name: str
    lines: int | None = None


class Pane(msgspec.Struct):
    """A pane of a session, or its active one."""

    name: str
    pane: str | None = None


class Attach(msgspec.Struct):
    """A session to show in the caller's terminal."""

    name: str
    tmux: str | None = None


class Api:
    """Answers requests.

    Args:
        home: Where state lives.
        manager: The plugins.
        installer: Changes what is installed.
        sessions: The session service.
        tmux: Its tmux server.
        bus: The event bus.
        zygote: For the status only.
        oversight: Answers what concerns grants and the ledger.
        degradation: Says where plugins are confined less than fully.
        answering: Answers what concerns coding agents.
        providing: Answers what concerns providers.
        paneling: Answers what concerns panels.
        marketing: Answers what concerns registries.
        mirroring: Answers what concerns copies of them.
        stop: Ends the server.
    """

    def __init__(  # noqa: PLR0917 - wired in one place, the server's main
        self,
        home: Home,
        manager: PluginManager,
        installer: Installer,
        sessions: Sessions,
        tmux: TmuxServer,
        bus: Bus,
        zygote: Zygote,
        oversight: Oversight,
        degradation: Degradation,
        answering: Answering,
        providing: Providing,
        paneling: Paneling,
        marketing: Marketing,
        mirroring: Mirroring,
        stop: Callable[[], None],
    ) -> None:
        self._home, self._manager, self._installer = home, manager, installer
        self._sessions, self._tmux, self._bus, self._zygote, self._stop = sessions, tmux, bus, zygote, stop
        self._oversight, self._degradation = oversight, degradation
        self._started = time.time()
        self._methods: dict[str, tuple[type[Any], Callable[[Any, Request], Awaitable[Any]]]] = {
            "server.status": (Nothing, self._status),
            "server.stop": (Nothing, self._stop_server),
            "plugin.list": (Nothing, self._list),
            "plugin.show": (Name, self._show),
            "plugin.config": (Configure, self._configure),
            "plugin.enable": (Name, self._enable),
            "plugin.disable": (Name, self._disable),
            "plugin.remove": (Remove, self._remove),
            "plugin.logs": (Logs, self._logs),
            "command.run": (Run, self._run),
            "session.new": (NewSession, self._session_new),
            "session.list": (Nothing, self._session_list),
            "session.show": (Show, self._session_show),
            "session.send": (Send, self._session_send),
            "session.capture": (Capture, self._session_capture),
            "session.screen": (Pane, self._session_screen),
            "session.close": (Close, self._session_close),
            "session.attach": (Attach, self._session_attach),
            **oversight.methods,
            **Installing(installer, marketing).methods,
            **marketing.methods,
            **mirroring.methods,
            **Bisecting(manager).methods,
            **Activating(manager, installer).methods,
            **Versioning(manager, installer).methods,
            **Developing(manager, installer).methods,
            **answering.methods,
            **providing.methods,
            **paneling.methods,
            **Recalling(bus).methods,
        }

    async def answer(self, request: Request) -> tuple[Any, bytes]:
        """Answer one request with a value, or with bytes for what may be large.

        Raises:
            UsageError: No such method, or parameters of the wrong shape.
            YesmanError: Whatever the method raises.
        """
        if request.method not in self._methods:
            raise UsageError(f"the server has no method '{request.method}'", "Restart it: yesman server stop")
        shape, method = self._methods[request.method]
        try:
            params = msgspec.convert(request.params, shape)
        except msgspec.ValidationError as error:
            raise UsageError(f"'{request.method}' was called wrongly: {error}") from None
        answer = await method(params, request)
        return (None, answer) if isinstance(answer, bytes) else (answer, b"")

    # --- the server

    @property
    def safe_mode(self) -> bool:
        """Whether no plugin runs."""
        return self._manager.suspension.safe_mode

    async def _status(self, _params: Nothing, _request: Request) -> dict[str, Any]:
        plugins = []
        for name, record in self._manager.registry.all().items():
            state, reason = self._manager.state(name)
            row = {"name": name, "version": record.version, "state": state, "reason": reason}
            plugins.append(row | {"pid": self._manager.pid(name)})
        return {
            "pid": os.getpid(),
            "version": yesman.__version__,
            "uptime": round(time.time() - self._started, 1),
            "home": str(self._home.root),
            "tmux_socket": str(self._tmux.socket),
            "zygote": self._zygote.pid,
            "safe_mode": self.safe_mode,
            "ledger": self._oversight.trouble or "ok",
            "confinement": await self._degradation.shown(),
            "plugins": plugins,
        }

    async def _stop_server(self, _params: Nothing, _request: Request) -> None:
        asyncio.get_running_loop().call_soon(self._stop)

    # --- plugins

    async def _list(self, _params: Nothing, _request: Request) -> list[dict[str, Any]]:
        warning = await self._degradation.warning()
        rows = listed(self._manager) + discovered(self._manager, self._home)
        return [row | {"degraded": warning} for row in rows]

    async def _show(self, params: Name, _request: Request) -> dict[str, Any]:
        return shown(self._manager, params.name) | {"permissions": self._oversight.permissions(params.name)}

    async def _configure(self, params: Configure, _request: Request) -> dict[str, Any]:
        if params.set or params.unset:
            await self._installer.configure(params.name, params.set, params.unset)
        record = self._manager.registry.get(params.name)
        return {
            "name": params.name,
            **settings(self._manager, record),
            "missing": list(self._manager.missing_config(record)),
            "state": self._manager.state(params.name)[0],
        }

    async def _enable(self, params: Name, _request: Request) -> dict[str, Any]:
        await self._installer.set_enabled(params.name, enabled=True)
        return {"name": params.name, "state": self._manager.state(params.name)[0]}

    async def _disable(self, params: Name, _request: Request) -> dict[str, Any]:
        needed_by = await self._installer.set_enabled(params.name, enabled=False)
        state = self._manager.state(params.name)[0]
        return {"name": params.name, "state": state, "needed_by": list(needed_by)}

    async def _remove(self, params: Remove, _request: Request) -> dict[str, Any]:
        kept = await self._installer.remove(params.name, purge=params.purge)
        needed_by = list(needs.needed_by(params.name, self._manager.registry.all()))
        return {"name": params.name, "data_dir": str(kept) if kept else None, "needed_by": needed_by}

    async def _logs(self, params: Logs, request: Request) -> None:
        log = self._log_of(params.name)
        position = log.path.stat().st_size if log.path.exists() else 0
        for line in log.tail(max(0, min(params.lines, 10_000))):
            request.output("out", f"{line}\n".encode())
            await request.drained()
        while params.follow:
            await asyncio.sleep(FOLLOW_SECONDS)
            size = log.path.stat().st_size if log.path.exists() else 0
            position = min(position, size) if size >= position else 0  # it was rotated
            if size > position:
                with log.path.open("rb") as file:
                    file.seek(position)
                    data = file.read(256 * 1024)
                position += len(data)
                request.output("out", data)
                await request.drained()

    def _log_of(self, name: str) -> PluginLog:
        """Return a plugin's log; one whose installation failed has left one as well."""
        if "/" in name or not (self._home.plugin_logs / f"{name}.log").exists():
            self._manager.registry.get(name)
        return self._manager.log_of(name)

    async def _run(self, params: Run, request: Request) -> bytes:
        await self._degradation.warn(request)
        await self._installer.complete(params.plugin)
        terminal = {"terminal": params.terminal, "columns": params.columns, "lines": params.lines}
        try:
            return await self._manager.run_command(
                params.plugin, params.command, params.options, terminal, request
            )
        except PluginFailedError as error:
            request.advise(error)
            raise

    # --- sessions

    async def _session_new(self, params: NewSession, _request: Request) -> Any:
        folder = await asyncio.to_thread(Path(params.cwd).resolve)  # grants never lead through links
        guards = self._manager.guards
        await guards.creating(params.name, str(folder), params.command, USER, ask=params.hooks)
        session = await self._sessions.create(params.name, folder, params.command)
        return msgspec.to_builtins(session)

    async def _session_list(self, _params: Nothing, _request: Request) -> Any:
        return msgspec.to_builtins(await self._sessions.list())

    async def _session_show(self, params: Show, request: Request) -> Any:
        if params.name is not None:
            return msgspec.to_builtins(await self._sessions.get(params.name))
        return msgspec.to_builtins(await request.current(self._sessions))

    async def _session_send(self, params: Send, _request: Request) -> None:
        await self._sessions.send(params.name, params.text, params.pane, enter=params.enter)

    async def _session_capture(self, params: Capture, _request: Request) -> bytes:
        return (await self._sessions.capture(params.name, lines=params.lines)).encode()

    async def _session_screen(self, params: Pane, _request: Request) -> bytes:
        return msgspec.json.encode(await self._sessions.screen(params.name, params.pane))

    async def _session_close(self, params: Close, _request: Request) -> None:
        session = await self._sessions.get(params.name)
        await self._manager.guards.closing(session, USER, ask=params.hooks)
        await self._sessions.close(params.name, ident=session.id)

    async def _session_attach(self, params: Attach, _request: Request) -> dict[str, Any]:
        await self._sessions.get(params.name)
        return {"argv": self._sessions.attach_argv(params.name, tmux=params.tmux)}
