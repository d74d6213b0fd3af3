"""The loop of a plugin process: take requests from the host, run handlers, answer.

Sync handlers run on the loop's own thread, so that Ctrl-C can interrupt them (a signal
reaches the main thread only); async ones interleave. A deadline starts for the host when
STARTED arrives, so a plugin that is busy is told from one that hangs.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
import logging
import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from yesman.plugins import (
    Event,
    EventBus,
    Notifications,
    Panels,
    PluginContext,
    PluginManager,
    Providers,
    SessionManager,
    TmuxManager,
)
from yesman.wire.frames import Frame, Kind, encode
from yesman.wire.handshake import SPOKEN, greeting
from yesman.wire.messages import MAX_LOG
from yesman.worker import failures, function, hooking, network, paneling
from yesman.worker.lanes import CURRENT_CALL, DownLane, HostGoneError, UpLane
from yesman.worker.loading import Loaded, LoadError, imported, load, maybe_await, public_method
from yesman.worker.providing import Providing
from yesman.worker.shield import Shield
from yesman.worker.streams import Streams

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Coroutine
    from types import FrameType

    from yesman.sandbox.policy import Policy
    from yesman.worker.nursery import Nursery

    Method = Callable[[int, dict[str, Any]], Coroutine[Any, Any, tuple[Any, bytes]]]

EXIT_SERVED = 0


def run(policy: Policy, down: int, up: int, refused: deque[str], nursery: Nursery | None = None) -> int:
    """Serve until the host says goodbye or goes away; return the process's exit code.

    Args:
        policy: What the process is confined by.
        down: Descriptor of the lane from the host.
        up: Descriptor of the lane to the host.
        refused: Where the audit hook notes what it refused; told to the host as it comes.
        nursery: Makes plugin processes, if this is a template.
    """
    worker = Worker(policy, DownLane(down), up, refused, nursery)
    return worker.run()


class Worker:
    """One plugin process's side of the conversation."""

    def __init__(
        self, policy: Policy, down: DownLane, up: int, refused: deque[str], nursery: Nursery | None
    ) -> None:
        self._policy = policy
        self._shield = Shield()
        self._down = down
        self._up = UpLane(up, self._shield, refused)
        self._streams = Streams(self._up)
        self._nursery = nursery
        self._forking = False
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._backlog: list[Frame] = []
        self._begun: set[int] = set()
        self._cancelled: set[int] = set()
        self._missed = False
        self._finished = False
        self._loaded: Loaded | None = None
        self._bus: EventBus | None = None
        self._providing = Providing({}, ())
        self._methods: dict[str, Method] = {
            "load": self._load,
            "command": self._command,
            "event": self._event,
            "ask": self._ask,
            "filter": self._filter,
            "provider": self._provider,
            "panel": self._panel,
            "act": self._act,
            "health": self._health,
            "export": self._export,
            "import": self._import,
            "cleanup": self._cleanup,
            "invoke": self._invoke,
            "function": self._function,
        }
        if nursery is not None:
            self._methods |= {"prepare": self._prepare, "fork": self._fork}

    def run(self) -> int:
        """Say hello, then run the loop until finished."""
        self._streams.install()
        network.install(self._up)
        signal.signal(signal.SIGUSR1, self._on_interrupt)
        self._open_loop()
        self._greet()
        while not self._finished:
            with suppress(KeyboardInterrupt):  # asyncio lets it through; the task has answered already
                self._loop.run_forever()
            if self._forking and self._nursery is not None:
                self._multiply(self._nursery)
        return EXIT_SERVED

    def _open_loop(self) -> None:
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        self._loop.add_reader(self._down.fileno(), self._on_readable)

    def _greet(self) -> None:
        self._up.send(Kind.HELLO, 0, greeting())

    def _multiply(self, nursery: Nursery) -> None:
        """Fork, without a loop that both would have, and go on: as what this was, or as a plugin process."""
        self._forking = False
        self._loop.close()
        born = nursery.fork()
        if born:
            self._nursery = None
            self._down.renew()
            self._up.renew()
        self._open_loop()
        if born:
            self._greet()

    def _finish(self) -> None:
        self._finished = True
        self._loop.stop()

    # --- what arrives

    def _on_readable(self) -> None:
        try:
            self._backlog += self._down.frames()
        except HostGoneError:
            self._finish()
        frames, self._backlog = self._backlog, []
        for frame in frames:
            if frame.kind is Kind.CALL:
                self._tasks[frame.id] = self._loop.create_task(self._answer(frame))
            elif frame.kind is Kind.CANCEL and frame.id in self._begun:
                self._tasks[frame.id].cancel()
            elif frame.kind is Kind.CANCEL and frame.id in self._tasks:
                # A task cancelled before its first step would answer nothing.
                self._cancelled.add(frame.id)

    def _on_interrupt(self, _signal: int, _frame: FrameType | None) -> None:
        """Interrupt the code that runs right now, if it runs for a call that the host has cancelled.

        The handler sees the context of the code it interrupted. While the loop itself runs, that
        is no call's, and the CANCEL frame is read the usual way, or by :meth:`_look` before a
        handler that would keep the loop from reading it.
        """
        current = CURRENT_CALL.get()
        if current not in self._tasks:
            self._missed = True
            return
        self._read_early()
        mine = [f for f in self._backlog if f.kind is Kind.CANCEL and f.id == current]
        self._backlog = [f for f in self._backlog if f not in mine]
        if mine:
            self._shield.interrupt()

    def _read_early(self) -> None:
        """Read what has come in before the loop does, and leave it to the loop."""
        try:
            self._backlog += self._down.frames()
        except HostGoneError:
            os._exit(EXIT_SERVED)
        # In no call's context: an interrupt must not tear the reading of frames.
        self._loop.call_soon(self._on_readable, context=contextvars.Context())

    def _look(self, ident: int) -> bool:
        """Return whether call ``ident`` has been cancelled before it began."""
        while self._missed:
            self._missed = False
            self._read_early()
        waiting = any(frame.kind is Kind.CANCEL and frame.id == ident for frame in self._backlog)
        return waiting or ident in self._cancelled

    async def _answer(self, frame: Frame) -> None:
        cancelled = self._look(frame.id)
        try:
            try:
                CURRENT_CALL.set(frame.id)
                self._begun.add(frame.id)
                self._up.send(Kind.STARTED, frame.id)
                if cancelled:
                    raise asyncio.CancelledError
                request = json.loads(frame.body)
                if frame.blob:
                    request["params"]["blob"] = frame.blob
                value, blob = await self._methods[request["method"]](frame.id, request["params"])
            finally:
                self._tasks.pop(frame.id, None)
                self._begun.discard(frame.id)
                self._cancelled.discard(frame.id)
                self._shield.forget()
            self._up.send(Kind.RESULT, frame.id, value, blob)
        except HostGoneError:
            self._finish()
        except BaseException as error:  # noqa: BLE001 - whatever a plugin raises travels as data
            self._fail(frame.id, error)

    def _fail(self, ident: int, error: BaseException) -> None:
        try:
            body = failures.describe(error)
            if isinstance(error, LoadError):
                body |= {"kind": "load", "message": str(error)}
        except BaseException:  # noqa: BLE001 - describing runs the plugin's own code; the host must hear something
            kind = "memory" if isinstance(error, MemoryError) else "error"
            body = {"kind": kind, "message": "an exception that cannot be described"}
        try:
            self._up.send(Kind.FAILURE, ident, body)
        except HostGoneError:
            self._finish()

    # --- what the host may ask

    async def _prepare(self, _ident: int, params: dict[str, Any]) -> tuple[Any, bytes]:
        if self._nursery is not None:
            self._nursery.prepare(params["modules"])
        return None, b""

    async def _fork(self, _ident: int, _params: dict[str, Any]) -> tuple[Any, bytes]:
        self._forking = True
        self._loop.stop()  # after this has been answered
        return None, b""

    async def _load(self, _ident: int, params: dict[str, Any]) -> tuple[Any, bytes]:
        if not SPOKEN.oldest <= params["protocol"] <= SPOKEN.newest:  # a host that does not heed our HELLO
            raise LoadError(f"the host speaks protocol {params['protocol']}, its worker {SPOKEN}")
        self._bus = EventBus(self._up)
        context = PluginContext(
            plugin_id=self._policy.plugin,
            plugin_dir=self._policy.code,
            config=params["config"],
            logger=_logger(self._policy.plugin, self._up),
            session_manager=SessionManager(self._up),
            tmux_manager=TmuxManager(self._up),
            event_bus=self._bus,
            data_dir=self._policy.data,
            plugin_manager=PluginManager(self._up),
            providers=Providers(self._up),
            notifications=Notifications(self._up),
            panels=Panels(self._up),
        )
        known = set(sys.modules) if params["learn"] else set()
        self._loaded = await load(context, params["declared"])
        self._providing = Providing(self._loaded.providers, params["declared"].get("providers", ()))
        modules = imported(known, self._policy.code) if params["learn"] else []
        return self._loaded.describe() | self._providing.describe() | {"modules": modules}, b""

    async def _command(self, ident: int, params: dict[str, Any]) -> tuple[Any, bytes]:
        command = self._live.commands.get(params["name"])
        if command is None:
            raise LoadError(f"the plugin no longer has a command '{params['name']}'; reinstall it")
        os.environ["COLUMNS"], os.environ["LINES"] = str(params["columns"]), str(params["lines"])
        self._streams.open(ident, params["terminal"])
        try:
            value = await maybe_await(command.handler(**params["options"]))
        finally:
            self._streams.close(ident)
        return None, encode(value)

    async def _event(self, _ident: int, params: dict[str, Any]) -> tuple[Any, bytes]:
        event, handlers = self._heard(params)
        if self._bus is not None:
            handlers += self._bus.handlers_for(event.name)
        await hooking.tell(event, handlers)
        return len(handlers), b""

    async def _ask(self, _ident: int, params: dict[str, Any]) -> tuple[Any, bytes]:
        return await hooking.collect(*self._heard(params)), b""

    async def _filter(self, _ident: int, params: dict[str, Any]) -> tuple[Any, bytes]:
        return await hooking.change(*self._heard(params)), b""

    def _heard(self, params: dict[str, Any]) -> tuple[Event, list[Callable[..., Any]]]:
        """Return the event and the handlers of the hooks that the host names."""
        hooks = self._live.hooks
        handlers = [hooks[name] for name in params["hooks"] if name in hooks]
        return Event(**params["event"]), handlers

    async def _provider(self, _ident: int, params: dict[str, Any]) -> tuple[Any, bytes]:
        value = await self._providing.call(params["name"], params["method"], params["arguments"])
        return None, encode(value)

    async def _panel(self, _ident: int, params: dict[str, Any]) -> tuple[Any, bytes]:
        return None, encode(await paneling.render(self._live.panels, params))

    async def _act(self, _ident: int, params: dict[str, Any]) -> tuple[Any, bytes]:
        return None, encode(await paneling.act(self._live.panels, params))

    async def _health(self, _ident: int, _params: dict[str, Any]) -> tuple[Any, bytes]:
        return await maybe_await(self._live.instance.health_check()) is not False, b""

    async def _export(self, _ident: int, _params: dict[str, Any]) -> tuple[Any, bytes]:
        return None, encode(await maybe_await(self._live.instance.export_state()))

    async def _import(self, _ident: int, params: dict[str, Any]) -> tuple[Any, bytes]:
        state = json.loads(params["blob"])
        await maybe_await(self._live.instance.import_state(state, params["version"]))
        return None, b""

    async def _cleanup(self, _ident: int, _params: dict[str, Any]) -> tuple[Any, bytes]:
        await self._providing.disconnect()
        if self._loaded is not None:
            await maybe_await(self._loaded.instance.cleanup())
        self._loop.call_soon(self._finish)  # runs after the answer has been sent
        return None, b""

    async def _invoke(self, _ident: int, params: dict[str, Any]) -> tuple[Any, bytes]:
        """Call a method of the plugin by its name; no server asks for that, only whoever tests it."""
        method = public_method(self._live.instance, params["name"])
        return None, encode(await maybe_await(method(*params["args"], **params["kwargs"])))

    async def _function(self, _ident: int, params: dict[str, Any]) -> tuple[Any, bytes]:
        return None, encode(await function.call(params))

    @property
    def _live(self) -> Loaded:
        if self._loaded is None:
            raise LoadError("the plugin is not loaded")
        return self._loaded


class _LogHandler(logging.Handler):
    """Sends records to the host as LOG frames; a broken record is the plugin's loss, not ours."""

    def __init__(self, up: UpLane) -> None:
        super().__init__()
        self._up = up

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = self.format(record)[:MAX_LOG].encode(errors="backslashreplace").decode()[:MAX_LOG]
        except Exception:  # noqa: BLE001 - formatting runs the plugin's own __str__
            self.handleError(record)
        else:
            self._up.send(Kind.LOG, CURRENT_CALL.get(), {"level": record.levelno, "message": text})


def _logger(name: str, up: UpLane) -> logging.Logger:
    """Return the plugin's logger; the root logger leads to the same place."""
    handler = _LogHandler(up)
    logging.root.addHandler(handler)
    logging.root.setLevel(logging.INFO)
    return logging.getLogger(f"yesman.plugin.{name}")
