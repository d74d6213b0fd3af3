"""The services about sessions and panes. A plugin names sessions; what it may see is decided by name."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from yesman.model.errors import NotFoundError, PermissionDeniedError, UsageError
from yesman.model.permissions import covers_session
from yesman.model.plain_text import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from yesman.host.caller import CommandCaller
    from yesman.host.service_context import Answer, Caller, Name, Nothing, ServiceContext
    from yesman.sessions.model import Session

MAX_PATH = 4096
"""Bytes of a path that a plugin names; the kernel's own limit."""
MAX_SESSIONS = 32
"""Sessions of one plugin at a time: their shells are outside of its limits and outlive it."""
MAX_PARTS = 256
"""Parts of such a path: each costs a look at the disk."""


class Create(msgspec.Struct, forbid_unknown_fields=True):
    """A session to make."""

    name: str
    cwd: str | None = None
    command: list[str] | None = None


class Rename(msgspec.Struct, forbid_unknown_fields=True):
    """A session and its name to be."""

    name: str
    new_name: str


class Metadata(msgspec.Struct, forbid_unknown_fields=True):
    """A text to keep with a session."""

    name: str
    key: str
    value: str


class InSession(msgspec.Struct, forbid_unknown_fields=True):
    """A session to look into."""

    session: str


class Capture(msgspec.Struct, forbid_unknown_fields=True):
    """Which part of which pane."""

    session: str
    pane: str | None = None
    lines: int | None = None


class Send(msgspec.Struct, forbid_unknown_fields=True):
    """What to type, and where."""

    session: str
    text: str
    pane: str | None = None
    enter: bool = True


async def _visible(context: ServiceContext, name: str) -> Session:
    context.require("session.read", name)
    return await context.sessions.get(name)


# --- sessions


async def current(context: ServiceContext, _request: Nothing, caller: Caller) -> Answer:
    """Return the session the running command was called for."""
    if caller is None:
        raise NotFoundError("there is no current session outside a command")
    context.require_any("session.read")
    session = await _callers_session(context, caller)
    context.require("session.read", session.name)
    return msgspec.to_builtins(session), b""


async def _callers_session(context: ServiceContext, caller: CommandCaller) -> Session:
    try:
        return await caller.current(context.sessions)
    except UsageError:  # its sentence is the user's: it names sessions that the plugin may not see
        raise UsageError("several sessions are in the caller's folder", "Say which: --session NAME") from None


async def get(context: ServiceContext, request: Name, _caller: Caller) -> Answer:
    """Return one session."""
    return msgspec.to_builtins(await _visible(context, request.name)), b""


async def list_all(context: ServiceContext, _request: Nothing, _caller: Caller) -> Answer:
    """Return the sessions the plugin may read."""
    context.require_any("session.read")
    sessions = await context.sessions.list()
    return msgspec.to_builtins([s for s in sessions if context.may_read(s.name)]), b""


async def create(context: ServiceContext, request: Create, caller: Caller) -> Answer:
    """Make a session; with a command this is typing."""
    permission = "session.type" if request.command else "session.modify"
    context.require(permission, request.name)
    if await context.sessions.made_by(context.plugin) >= MAX_SESSIONS:
        raise UsageError(
            f"plugin '{context.plugin}' has {MAX_SESSIONS} sessions of its own and may not have more",
            "Close some: yesman session ls",
        )
    folder = await _start_folder(context, request.cwd, caller)
    if context.guards is not None:
        by = f"plugin:{context.plugin}"
        await context.guards.creating(request.name, str(folder), request.command, by)
        context.require(permission, request.name)  # it may have been revoked while others were asked
    session = await context.sessions.create(request.name, folder, request.command, plugin=context.plugin)
    if request.command:
        typed = len(" ".join(request.command))
        context.recorder.keystrokes(context.plugin, request.name, typed, enter=True)
    return msgspec.to_builtins(session), b""


async def _start_folder(context: ServiceContext, cwd: str | None, caller: Caller) -> Path:
    """Return where a new session starts: only inside the roots, so never where no grant reaches.

    The bare ``filesystem.*`` grants mean the folders of sessions, so a plugin that could
    start one anywhere would widen its own grants, were the sessions of plugins to count.
    """
    if cwd is None:
        if caller is not None:
            return Path((await _callers_session(context, caller)).cwd)
        raise UsageError("a session made outside a command needs a 'cwd'")
    if len(cwd.encode(errors="replace")) > MAX_PATH or cwd.count("/") > MAX_PARTS:
        raise UsageError(f"the folder of a session has more than {MAX_PATH} bytes or {MAX_PARTS} parts")
    real = await asyncio.to_thread(_real_within, cwd, await context.roots())
    if real is None:
        raise PermissionDeniedError(
            f"plugin '{context.plugin}' may not start a session in {shown(cwd, 200)}",
            "A plugin may start one only in a folder of an existing session; make the first yourself",
        )
    return real


async def close(context: ServiceContext, request: Name, _caller: Caller) -> Answer:
    """End a session."""
    ident = await _unguarded(context, request.name)
    await context.sessions.close(request.name, plugin=context.plugin, ident=ident)
    return None, b""


async def _unguarded(context: ServiceContext, name: str) -> str:
    """Return the id of a session that the plugin may change and no other plugin keeps it from closing."""
    context.require("session.modify", name)
    session = await context.sessions.get(name)
    if context.guards is not None:
        await context.guards.closing(session, f"plugin:{context.plugin}")
        context.require("session.modify", name)
    return session.id


async def rename(context: ServiceContext, request: Rename, _caller: Caller) -> Answer:
    """Rename a session; both names must be covered, and no other permission may gain it by that."""
    context.require("session.modify", request.name)
    context.require("session.modify", request.new_name)
    for permission in ("session.read", "session.type"):
        if covers_session(context.granted(), permission, request.new_name):
            context.require(permission, request.name)
    if context.guards is not None:
        context.guards.check_reach(request.name, request.new_name)
    # Whoever guards it by its name would lose it, and could not keep it from being closed afterwards.
    ident = await _unguarded(context, request.name)
    await context.sessions.rename(request.name, request.new_name, plugin=context.plugin, ident=ident)
    return None, b""


async def set_metadata(context: ServiceContext, request: Metadata, _caller: Caller) -> Answer:
    """Store one text with a session."""
    context.require("session.modify", request.name)
    await context.sessions.set_metadata(request.name, request.key, request.value)
    return None, b""


# --- panes


async def windows(context: ServiceContext, request: InSession, _caller: Caller) -> Answer:
    """Return a session's windows."""
    return msgspec.to_builtins((await _visible(context, request.session)).windows), b""


async def panes(context: ServiceContext, request: InSession, _caller: Caller) -> Answer:
    """Return a session's panes."""
    session = await _visible(context, request.session)
    return msgspec.to_builtins([pane for window in session.windows for pane in window.panes]), b""


async def capture(context: ServiceContext, request: Capture, _caller: Caller) -> Answer:
    """Return what a pane shows."""
    context.require("session.read", request.session)
    return await context.sessions.capture(request.session, request.pane, request.lines), b""


async def send(context: ServiceContext, request: Send, _caller: Caller) -> Answer:
    """Type into a pane."""
    context.require("session.type", request.session)
    await context.sessions.send(request.session, request.text, request.pane, enter=request.enter)
    context.recorder.keystrokes(context.plugin, request.session, len(request.text), enter=request.enter)
    return None, b""


def _real_within(cwd: str, roots: Iterable[str]) -> Path | None:
    """Return the real path of ``cwd``, None when it lies in none of ``roots``."""
    if "\0" in cwd or not cwd.startswith("/"):
        return None
    real = Path(cwd).resolve()
    return real if any(real.is_relative_to(Path(root).resolve()) for root in roots) else None
