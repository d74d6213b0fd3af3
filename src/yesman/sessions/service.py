"""The session service: what the command line, and plugins through the host, may do with sessions.

What always holds: a session is found by its exact name and then addressed by tmux's id, so a
name never acts as a pattern; text is typed and stored exactly as given; sizes are bounded. Who
may call what is decided above this layer.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from yesman.model.errors import NotFoundError, PlatformError, UsageError
from yesman.model.plain_text import argument
from yesman.sessions import arguments, choosing, journal, listing, metadata, screens
from yesman.sessions.acts import SILENT, Act, Announcer
from yesman.sessions.model import Pane, Session, check_name
from yesman.sessions.repository import describe
from yesman.sessions.tmux import NoServerError, TmuxServer

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_LINES: Final = 10_000
"""Lines captured by one call."""
NAME_ONE: Final = "Name one: --session NAME, or run this inside a session"
"""What to do where none is current; it names no session, so that everybody may read it."""

_SIZE: Final = ("-x", "200", "-y", "50")
"""Columns and rows of a session nobody looks at; attaching changes them."""

_PAUSES: Final = (0.01, 0.05, 0.2, 0.5)
LOGGED: Final = 2_000
"""Characters of an answer of tmux's that makes no sense."""
_log = logging.getLogger("yesman.sessions")
"""Seconds between attempts: a server ends within a few milliseconds of its last session."""

Argv = list[str]  # inside the class, ``list`` is the method


class Sessions:
    """Everything there is to do with the sessions of one tmux server.

    Args:
        server: The tmux server.
        announcer: Hears of what is about to be done.

    Every method raises :class:`PlatformError` when tmux is missing or fails, and every method
    that takes the name of an existing session raises :class:`NotFoundError` when it is not there.
    """

    def __init__(self, server: TmuxServer, announcer: Announcer = SILENT) -> None:
        self._server = server
        self._announcer = announcer
        # Storing metadata reads before it writes; long text is typed in parts.
        self._one_at_a_time = asyncio.Lock()

    async def list(self) -> tuple[Session, ...]:
        """Return every session, those made without yesman included; none when no tmux server runs."""
        snapshot = await self._snapshot()
        return await asyncio.to_thread(_with_repositories, snapshot.sessions)

    async def folders(self) -> tuple[str, ...]:
        """Return the folders of the sessions that people made; those of plugins do not count."""
        snapshot = await self._snapshot()
        return tuple(s.cwd for s in snapshot.sessions if s.id not in snapshot.made_by)

    async def made_by(self, plugin: str) -> int:
        """Return how many sessions there are that ``plugin`` made."""
        return sum(maker == plugin for maker in (await self._snapshot()).made_by.values())

    async def get(self, name: str) -> Session:
        """Return one session."""
        return await _with_repository(await self._find(name))

    async def create(
        self, name: str, cwd: Path, command: Sequence[str] | None = None, *, plugin: str | None = None
    ) -> Session:
        """Make a session, detached, and return it as it was at its first moment.

        Args:
            name: Its name, see :func:`check_name`.
            cwd: An absolute path to an existing folder.
            command: Program and arguments to run instead of the user's shell; no shell reads them.
            plugin: The plugin that makes it, marked on the session at the same instant.

        Raises:
            UsageError: The name is taken or malformed, the folder or the program does not exist.
        """
        check_name(name)
        folder = arguments.folder_format(cwd)
        program = [] if command is None else arguments.direct_command(command, cwd, self._server.search_path)
        new = ("new-session", "-d", "-s", name, "-c", folder, *_SIZE, *program)
        mark = journal.keeping_exit_code(self._server.journal, f"={name}:")
        if plugin is not None:
            mark.append(("set-option", "-t", f"={name}:", listing.MADE_BY, plugin))
        async with self._announcer.acting(Act("create", _source(plugin), name, cwd=str(cwd))):
            snapshot = await self._read(await self._starting(new, *mark, *listing.QUESTION))
        made = next((session for session in snapshot.sessions if session.name == name), None)
        if made is None:
            raise PlatformError(
                f"The session {name!r} ended as soon as it was made",
                "Look for 'destroy-unattached' in your tmux configuration",
            )
        return await _with_repository(made)

    async def close(self, name: str, *, plugin: str | None = None, ident: str | None = None) -> None:
        """End a session and the programs in it.

        Args:
            name: The session.
            plugin: The plugin that wants it.
            ident: tmux's id of the session that is meant, if it was looked up before.

        Raises:
            NotFoundError: Another session has taken the name.
        """
        session = await self._meant(name, ident)
        async with self._announcer.acting(Act("close", _source(plugin), name, session.id, session.cwd)):
            await self._server.run(("kill-session", "-t", session.id))

    async def rename(
        self, name: str, new: str, *, plugin: str | None = None, ident: str | None = None
    ) -> Session:
        """Give a session another name and return it.

        Args:
            name: The session.
            new: Its new name, see :func:`check_name`.
            plugin: The plugin that wants it.
            ident: As for :meth:`close`.

        Raises:
            UsageError: The new name is taken or malformed.
            NotFoundError: Another session has taken the old one.
        """
        check_name(new)
        session = await self._meant(name, ident)
        async with self._announcer.acting(Act("rename", _source(plugin), name, session.id, session.cwd)):
            await self._server.run(("rename-session", "-t", session.id, "--", new))
        return await self.get(new)

    async def set_metadata(self, name: str, key: str, value: str) -> Session:
        """Store one text with a session and return the session.

        Raises:
            UsageError: The key is malformed or computed, or there would be too much.
        """
        async with self._one_at_a_time:
            session = await self._find(name)
            stored = metadata.with_entry(session.metadata, key, value)
            await self._server.run_script(
                f"set-option -t '{session.id}' {metadata.OPTION} '{metadata.encode(stored)}'\n"
            )
        return await _with_repository(msgspec.structs.replace(session, metadata=stored))

    async def capture(self, name: str, pane: str | None = None, lines: int | None = None) -> str:
        """Return what a pane shows, without colours and without the empty rest of the screen.

        Args:
            name: The session.
            pane: A pane's id; ``None`` is the active one.
            lines: ``None`` for the visible screen; else that many of the last lines, history included.

        Raises:
            UsageError: ``lines`` is not 1 to 10 000.
        """
        if lines is not None and not 1 <= lines <= MAX_LINES:
            raise UsageError(f"{lines} lines cannot be captured", f"Ask for 1 to {MAX_LINES}")
        target = await self._pane(name, pane)
        history = () if lines is None else ("-S", str(-lines))
        text = (await self._server.ask(("capture-pane", "-p", "-t", target.id, *history))).rstrip()
        return text if lines is None else "\n".join(text.split("\n")[-lines:])

    async def screen(self, name: str, pane: str | None = None) -> screens.Screen:
        """Return what a pane shows, with its colours.

        Args:
            name: The session.
            pane: A pane's id; ``None`` is the active one.
        """
        target = await self._pane(name, pane)
        look = ("display-message", "-p", "-t", target.id, screens.FACTS)
        found = screens.parse(await self._server.ask(look, ("capture-pane", "-e", "-p", "-t", target.id)))
        if found is None:
            raise PlatformError(
                f"tmux's description of {name!r} makes no sense", "Check that 'tmux -V' says 3.2 or later"
            )
        return found

    async def send(self, name: str, text: str, pane: str | None = None, *, enter: bool = True) -> None:
        """Type into a pane, and press Enter unless told not to.

        Args:
            name: The session.
            text: What to type, exactly; up to 64 KiB of UTF-8.
            pane: A pane's id; ``None`` is the active one.
            enter: Whether Enter follows.

        Raises:
            UsageError: The text is too long, is not Unicode or holds a zero character.
        """
        parts = tuple(arguments.typed_parts(text))
        target = await self._pane(name, pane)
        async with self._one_at_a_time:
            # A pane that shows its history would take what is typed for commands to that view.
            leave = ("copy-mode", "-q", "-t", target.id)
            for part in parts or ("",):
                await self._server.run(leave, ("send-keys", "-t", target.id, "-l", "--", part))
            if enter:
                await self._server.run(("send-keys", "-t", target.id, "Enter"))

    async def current(
        self, *, tmux: str | None, tmux_pane: str | None, cwd: Path | None, named: str | None
    ) -> Session:
        """Return the session a caller means.

        Args:
            tmux: The caller's ``TMUX`` variable.
            tmux_pane: The caller's ``TMUX_PANE`` variable.
            cwd: The caller's working directory.
            named: The session the caller named, which wins over the one it sits in, which wins over
                the one whose folder holds ``cwd``.

        Raises:
            NotFoundError: None of these leads to a session.
            UsageError: Several sessions share the folder.
        """
        snapshot = await self._snapshot()
        if named is not None:
            return await _with_repository(choosing.by_name(snapshot.sessions, named))
        found = choosing.by_pane(snapshot, tmux, tmux_pane, self._is_ours) if tmux and tmux_pane else None
        if found is None and cwd is not None:
            found = await asyncio.to_thread(_by_folder, snapshot.sessions, cwd)
        if found is None:
            raise NotFoundError("No session is current here", NAME_ONE)
        return await _with_repository(found)

    def attach_argv(self, name: str, *, tmux: str | None = None) -> Argv:
        """Return the command line that shows a session in the caller's terminal.

        Args:
            name: The session, exactly.
            tmux: The caller's ``TMUX`` variable: a terminal already in this server switches instead.
        """
        inside = tmux is not None and self._is_ours(choosing.split_tmux(tmux)[0])
        return self._server.argv("switch-client" if inside else "attach-session", "-t", f"={name}")

    async def _snapshot(self) -> listing.Snapshot:
        try:
            return await self._read(await self._server.ask(*listing.QUESTION))
        except NoServerError:
            return listing.EMPTY

    async def _read(self, answer: str) -> listing.Snapshot:
        """Read what tmux says of its sessions, and ask again if that makes no sense.

        Seen with tmux 3.3a when the machine is busy, why is not known; what it said is in the server's log.
        """
        for pause in _PAUSES:
            try:
                return listing.parse(answer)
            except PlatformError:
                _log.warning("tmux's description of its sessions makes no sense: %r", answer[:LOGGED])
                await asyncio.sleep(pause)
                answer = await self._server.run(*listing.QUESTION)
        return listing.parse(answer)

    async def _starting(self, *commands: Sequence[str]) -> str:
        """Run commands that start the server if need be, again if they met one that was just ending."""
        for pause in _PAUSES:
            try:
                return await self._server.run(*commands)
            except NoServerError:
                await asyncio.sleep(pause)
        return await self._server.run(*commands)

    async def _find(self, name: str) -> Session:
        return choosing.by_name((await self._snapshot()).sessions, name)

    async def _pane(self, name: str, pane_id: str | None) -> Pane:
        found = (await self._find(name)).pane(pane_id)
        if found is None:
            raise NotFoundError(
                f"The session {name!r} has no pane {pane_id!r}",
                f"See its panes: yesman session show {argument(name)}",
            )
        return found

    async def _meant(self, name: str, ident: str | None) -> Session:
        found = await self._find(name)
        if ident not in {None, found.id}:
            raise NotFoundError(
                f"The session {name!r} is another one now", "See what there is: yesman session ls"
            )
        return found

    def _is_ours(self, socket: str) -> bool:
        try:
            return Path(socket).samefile(self._server.socket)
        except (OSError, ValueError):  # it does not exist, or is no path at all
            return False


def _source(plugin: str | None) -> str:
    return "host" if plugin is None else f"plugin:{plugin}"


def _with_repositories(sessions: Sequence[Session]) -> tuple[Session, ...]:
    return tuple(_described(session) for session in sessions)


async def _with_repository(session: Session) -> Session:
    return await asyncio.to_thread(_described, session)


def _described(session: Session) -> Session:
    return msgspec.structs.replace(session, metadata={**session.metadata, **describe(Path(session.cwd))})


def _by_folder(sessions: Sequence[Session], cwd: Path) -> Session | None:
    return choosing.by_folder(sessions, cwd.resolve(), lambda folder: Path(folder).resolve())
