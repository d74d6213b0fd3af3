"""What plugins may ask of the host: one table of methods, each with its permission.

Every call is decoded into its own type, checked against the grants of the plugin whose
socket it came from, and only then carried out. A plugin names sessions, never itself.
"""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import msgspec

from yesman.model.errors import NotFoundError, PermissionDeniedError, UsageError
from yesman.model.permissions import covers_session
from yesman.model.plain_text import shown

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from yesman.host.bus import Bus
    from yesman.host.caller import CommandCaller
    from yesman.host.recorder import Recorder
    from yesman.model.permissions import Permission
    from yesman.runtime.network import PluginNetwork
    from yesman.sessions.model import Session
    from yesman.sessions.service import Sessions

MAX_PATH = 4096
"""Bytes of a path that a plugin names; the kernel's own limit."""
MAX_PARTS = 256
"""Parts of such a path: each costs a look at the disk."""


class _Nothing(msgspec.Struct, forbid_unknown_fields=True):
    pass


class _Name(msgspec.Struct, forbid_unknown_fields=True):
    name: str


class _Create(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    cwd: str | None = None
    command: list[str] | None = None


class _Rename(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    new_name: str


class _Metadata(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    key: str
    value: str


class _InSession(msgspec.Struct, forbid_unknown_fields=True):
    session: str


class _Capture(msgspec.Struct, forbid_unknown_fields=True):
    session: str
    pane: str | None = None
    lines: int | None = None


class _Send(msgspec.Struct, forbid_unknown_fields=True):
    session: str
    text: str
    pane: str | None = None
    enter: bool = True


class _Publish(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    payload: dict[str, Any]


class _Pattern(msgspec.Struct, forbid_unknown_fields=True):
    pattern: str


class _Read(msgspec.Struct, forbid_unknown_fields=True):
    call: int
    size: int


class _Resolve(msgspec.Struct, forbid_unknown_fields=True):
    host: str
    family: int = 0
    port: Annotated[int, msgspec.Meta(ge=0, lt=2**16)] = 0


class _Thread(msgspec.Struct, forbid_unknown_fields=True):
    thread: int = 0


class Method(NamedTuple):
    """One row of the table: parameter type, permission it needs ("" for none), what does it."""

    shape: type[Any]
    permission: str
    run: Callable[[PluginServices, Any, CommandCaller | None], Awaitable[tuple[Any, bytes]]]


class PluginServices:
    """The services of one plugin.

    Args:
        plugin: Whose socket the calls come from.
        granted: Returns what the user has consented to at this moment.
        sessions: The session service.
        bus: The event bus.
        roots: Returns the folders a plugin may start sessions in.
        network: Its way to names and connections.
        recorder: Hears of every call, refusal and keystroke.
    """

    def __init__(  # noqa: PLR0917 - wired in one place, the manager
        self,
        plugin: str,
        granted: Callable[[], tuple[Permission, ...]],
        sessions: Sessions,
        bus: Bus,
        roots: Callable[[], Awaitable[tuple[str, ...]]],
        network: PluginNetwork,
        recorder: Recorder,
    ) -> None:
        self.plugin = plugin
        self._granted = granted
        self._sessions = sessions
        self._bus = bus
        self._roots = roots
        self._network = network
        self._recorder = recorder

    async def serve(self, method: str, params: dict[str, Any], cause: Any) -> tuple[Any, bytes]:
        """Answer one call (:class:`yesman.runtime.peer.Services`).

        Raises:
            UsageError: No such method, or parameters that do not fit.
            PermissionDeniedError: A grant is missing; the message names it.
            NotFoundError: The session or pane is absent.
        """
        row = METHODS.get(method)
        if row is None:
            raise UsageError(f"the host has no service {shown(method)}")
        try:
            request = msgspec.convert(params, row.shape)
        except msgspec.ValidationError as error:
            raise UsageError(f"'{method}' was called wrongly: {error}") from None
        with self._recorder.call(self.plugin, "service", method):
            try:
                return await row.run(self, request, cause)
            except NotFoundError as error:  # a near miss would name sessions that it may not see
                raise NotFoundError(error.message) from None
            except PermissionDeniedError as error:
                if not method.startswith("net."):  # the network tells of its refusals itself
                    self._recorder.denial(self.plugin, error.permission or method, 1, "host")
                raise

    def require(self, permission: str, session: str) -> None:
        """Refuse unless ``permission`` was granted for ``session``."""
        if not covers_session(self._granted(), permission, session):
            raise self._lacks(f"{permission}:{session}")

    def may_read(self, session: str) -> bool:
        """Tell whether the plugin may see ``session``."""
        return covers_session(self._granted(), "session.read", session)

    async def _visible(self, name: str) -> Session:
        self.require("session.read", name)
        return await self._sessions.get(name)

    # --- sessions

    async def current(self, _request: _Nothing, caller: CommandCaller | None) -> tuple[Any, bytes]:
        """Return the session the running command was called for."""
        if caller is None:
            raise NotFoundError("there is no current session outside a command")
        self._require_any("session.read")
        session = await self._callers_session(caller)
        self.require("session.read", session.name)
        return msgspec.to_builtins(session), b""

    async def _callers_session(self, caller: CommandCaller) -> Session:
        try:
            return await caller.current(self._sessions)
        except UsageError:  # its sentence is the user's: it names sessions that the plugin may not see
            raise UsageError(
                "several sessions are in the caller's folder", "Say which: --session NAME"
            ) from None

    async def get(self, request: _Name, _caller: CommandCaller | None) -> tuple[Any, bytes]:
        """Return one session."""
        return msgspec.to_builtins(await self._visible(request.name)), b""

    async def list(self, _request: _Nothing, _caller: CommandCaller | None) -> tuple[Any, bytes]:
        """Return the sessions the plugin may read."""
        self._require_any("session.read")
        sessions = await self._sessions.list()
        return msgspec.to_builtins([s for s in sessions if self.may_read(s.name)]), b""

    async def create(self, request: _Create, caller: CommandCaller | None) -> tuple[Any, bytes]:
        """Make a session; with a command this is typing."""
        self.require("session.type" if request.command else "session.modify", request.name)
        folder = await self._start_folder(request.cwd, caller)
        session = await self._sessions.create(request.name, folder, request.command, plugin=self.plugin)
        if request.command:
            typed = " ".join(request.command)
            self._recorder.keystrokes(self.plugin, request.name, typed, enter=True)
        return msgspec.to_builtins(session), b""

    async def _start_folder(self, cwd: str | None, caller: CommandCaller | None) -> Path:
        """Return where a new session starts: only inside the roots, so never where no grant reaches.

        The bare ``filesystem.*`` grants mean the folders of sessions, so a plugin that could
        start one anywhere would widen its own grants, were the sessions of plugins to count.
        """
        if cwd is None:
            if caller is not None:
                return Path((await self._callers_session(caller)).cwd)
            raise UsageError("a session made outside a command needs a 'cwd'")
        if len(cwd.encode(errors="replace")) > MAX_PATH or cwd.count("/") > MAX_PARTS:
            raise UsageError(f"the folder of a session has more than {MAX_PATH} bytes or {MAX_PARTS} parts")
        real = await asyncio.to_thread(_real_within, cwd, await self._roots())
        if real is None:
            raise PermissionDeniedError(
                f"plugin '{self.plugin}' may not start a session in {shown(cwd, 200)}",
                "A plugin may start one only in a folder of an existing session; make the first yourself",
            )
        return real

    async def close(self, request: _Name, _caller: CommandCaller | None) -> tuple[Any, bytes]:
        """End a session."""
        self.require("session.modify", request.name)
        await self._sessions.close(request.name, plugin=self.plugin)
        return None, b""

    async def rename(self, request: _Rename, _caller: CommandCaller | None) -> tuple[Any, bytes]:
        """Rename a session; both names must be covered, and no other permission may gain it by that."""
        self.require("session.modify", request.name)
        self.require("session.modify", request.new_name)
        for permission in ("session.read", "session.type"):
            if covers_session(self._granted(), permission, request.new_name):
                self.require(permission, request.name)
        await self._sessions.rename(request.name, request.new_name, plugin=self.plugin)
        return None, b""

    async def set_metadata(self, request: _Metadata, _caller: CommandCaller | None) -> tuple[Any, bytes]:
        """Store one text with a session."""
        self.require("session.modify", request.name)
        await self._sessions.set_metadata(request.name, request.key, request.value)
        return None, b""

    # --- panes

    async def windows(self, request: _InSession, _caller: CommandCaller | None) -> tuple[Any, bytes]:
        """Return a session's windows."""
        return msgspec.to_builtins((await self._visible(request.session)).windows), b""

    async def panes(self, request: _InSession, _caller: CommandCaller | None) -> tuple[Any, bytes]:
        """Return a session's panes."""
        session = await self._visible(request.session)
        return msgspec.to_builtins([pane for window in session.windows for pane in window.panes]), b""

    async def capture(self, request: _Capture, _caller: CommandCaller | None) -> tuple[Any, bytes]:
        """Return what a pane shows."""
        self.require("session.read", request.session)
        return await self._sessions.capture(request.session, request.pane, request.lines), b""

    async def send(self, request: _Send, _caller: CommandCaller | None) -> tuple[Any, bytes]:
        """Type into a pane."""
        self.require("session.type", request.session)
        await self._sessions.send(request.session, request.text, request.pane, enter=request.enter)
        self._recorder.keystrokes(self.plugin, request.session, request.text, enter=request.enter)
        return None, b""

    # --- events and input

    async def publish(self, request: _Publish, _caller: CommandCaller | None) -> tuple[Any, bytes]:
        """Publish an event under the plugin's own names."""
        if not request.name.startswith(f"plugin.{self.plugin}."):
            raise PermissionDeniedError(
                f"plugin '{self.plugin}' may publish only events named 'plugin.{self.plugin}.…', "
                f"not '{request.name[:80]}'"
            )
        self._bus.publish(request.name, request.payload, source=f"plugin:{self.plugin}")
        return None, b""

    async def subscribe(self, request: _Pattern, _caller: CommandCaller | None) -> tuple[Any, bytes]:
        """Hear of events for as long as the process lives."""
        if not request.pattern.startswith("plugin."):
            self._require_any("session.read")
        self._bus.subscribe(self.plugin, request.pattern)
        return None, b""

    async def unsubscribe(self, request: _Pattern, _caller: CommandCaller | None) -> tuple[Any, bytes]:
        """Undo :meth:`subscribe`."""
        self._bus.unsubscribe(self.plugin, request.pattern)
        return None, b""

    async def read_input(self, request: _Read, caller: CommandCaller | None) -> tuple[Any, bytes]:
        """Return some of the command's stdin, empty at its end."""
        if caller is None:
            return None, b""
        return None, await caller.read(max(0, min(request.size, 32 * 1024)))

    # --- the network

    async def resolve(self, request: _Resolve, _caller: CommandCaller | None) -> tuple[Any, bytes]:
        """Return the addresses of a name that some grant could use."""
        if request.family not in (0, socket.AF_INET, socket.AF_INET6):
            raise UsageError("an internet family is needed")
        return await self._network.resolve(request.host, request.family, request.port), b""

    async def port(self, request: _Name, _caller: CommandCaller | None) -> tuple[Any, bytes]:
        """Return the TCP port of a service by its usual name, such as ``https``."""
        try:
            return socket.getservbyname(request.name, "tcp"), b""
        except OSError:
            raise NotFoundError(f"there is no service {shown(request.name)}") from None

    async def denial(self, request: _Thread, _caller: CommandCaller | None) -> tuple[Any, bytes]:
        """Return why the last refused system call of a thread was refused."""
        denial = self._network.denial_of(request.thread)
        if denial is None:
            return None, b""
        return {"message": self._network.sentence(denial), "permission": denial.permission}, b""

    def _require_any(self, permission: str) -> None:
        if not any(granted.name == permission for granted in self._granted()):
            raise self._lacks(permission)

    def _lacks(self, permission: str) -> PermissionDeniedError:
        """Return the refusal; what the user may do about it depends on what the plugin asks for."""
        return PermissionDeniedError(
            f"plugin '{self.plugin}' lacks permission '{permission}'", permission=permission
        )


def _real_within(cwd: str, roots: Iterable[str]) -> Path | None:
    """Return the real path of ``cwd``, None when it lies in none of ``roots``."""
    if "\0" in cwd or not cwd.startswith("/"):
        return None
    real = Path(cwd).resolve()
    return real if any(real.is_relative_to(Path(root).resolve()) for root in roots) else None


METHODS: dict[str, Method] = {
    "session.current": Method(_Nothing, "session.read", PluginServices.current),
    "session.get": Method(_Name, "session.read", PluginServices.get),
    "session.list": Method(_Nothing, "session.read", PluginServices.list),
    "session.create": Method(_Create, "session.modify", PluginServices.create),
    "session.close": Method(_Name, "session.modify", PluginServices.close),
    "session.rename": Method(_Rename, "session.modify", PluginServices.rename),
    "session.set_metadata": Method(_Metadata, "session.modify", PluginServices.set_metadata),
    "tmux.windows": Method(_InSession, "session.read", PluginServices.windows),
    "tmux.panes": Method(_InSession, "session.read", PluginServices.panes),
    "tmux.capture": Method(_Capture, "session.read", PluginServices.capture),
    "tmux.send": Method(_Send, "session.type", PluginServices.send),
    "bus.publish": Method(_Publish, "", PluginServices.publish),
    "bus.subscribe": Method(_Pattern, "", PluginServices.subscribe),
    "bus.unsubscribe": Method(_Pattern, "", PluginServices.unsubscribe),
    "net.resolve": Method(_Resolve, "", PluginServices.resolve),
    "net.port": Method(_Name, "", PluginServices.port),
    "net.denial": Method(_Thread, "", PluginServices.denial),
    "input.read": Method(_Read, "", PluginServices.read_input),
}
"""Every service. The author API's methods carry the same names and permissions; a test compares them."""
