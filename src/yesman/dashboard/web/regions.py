"""The parts of pages that change by themselves: each a name, and finished pieces of HTML one after the other.

What always holds: what is not looked at is not asked for; a region is told no more often than
:data:`REST_SECONDS` allows, and only what differs from what it showed before.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import unquote

import msgspec
from markupsafe import Markup

from yesman.dashboard.parts import stale
from yesman.dashboard.web.drawing import part
from yesman.dashboard.web.feeds import Feed
from yesman.dashboard.web.rests import at_rest
from yesman.dashboard.web.scene import Scene
from yesman.model.errors import NotFoundError, YesmanError
from yesman.model.panels import read_panel, walk
from yesman.model.patch import patched
from yesman.sessions import screens

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from yesman.dashboard.web.link import Link
    from yesman.dashboard.web.site import Site

    Pieces: TypeAlias = AsyncGenerator["Piece", None]

Piece: TypeAlias = dict[str, Any]
"""``html`` for a whole region; or of a panel ``parts``, pairs of path and HTML, ``look`` and ``revision``."""
SESSIONS_SECONDS, PLUGINS_SECONDS, SCREEN_SECONDS = 0.5, 1.0, 0.2
REST_SECONDS: Final = 0.25
LINES: Final = 500
"""Of a log or the ledger that are shown."""
FIRST_SECONDS: Final = 2.0


class Regions:
    """All regions of all pages.

    Args:
        link: Leads to the server.
        site: Makes pieces.
    """

    def __init__(self, link: Link, site: Site) -> None:
        self._link = link
        self._site = site
        self._sessions = Feed(self._ask_sessions, SESSIONS_SECONDS)
        self._plugins = Feed(self._ask_plugins, PLUGINS_SECONDS)
        self._panels = Feed(self._ask_panels, PLUGINS_SECONDS)
        self._screens: dict[tuple[str, str], Feed[screens.Screen]] = {}
        self._of_plugin: dict[str, Feed[dict[str, Any]]] = {}
        self._kinds: dict[str, Callable[..., Pieces]] = {
            "sessions": self._all_sessions,
            "session": self._one_session,
            "plugins": self._all_plugins,
            "plugin": self._one_plugin,
            "tabs": self._tabs,
            "sheets": self._sheets,
            "panel": self._panel,
            "log": self._log,
            "audit": self._audit,
            "screen": self._screen,
            "events": self._events,
        }

    def hurry(self) -> None:
        """Look at everything anew: something was pressed."""
        feeds: list[Feed[Any]] = [
            self._sessions,
            self._plugins,
            self._panels,
            *self._of_plugin.values(),
            *self._screens.values(),
        ]
        for feed in feeds:
            feed.hurry()

    async def follow(self, name: str) -> Pieces:
        """Yield the pieces of a region; what goes wrong is a piece as well.

        Raises:
            NotFoundError: There is no such region.
        """
        kind, *arguments = map(unquote, name.split("/"))
        if kind not in self._kinds:
            raise NotFoundError(f"there is no region '{kind}'")
        try:
            pieces = self._kinds[kind](*arguments)
        except TypeError:
            raise NotFoundError(f"the region '{kind}' is not named like that") from None
        before: Piece = {}
        async with aclosing(pieces):
            try:
                async for piece in pieces:
                    if piece != before:
                        yield piece
                    before = piece
            except YesmanError as error:
                yield {"html": str(self._trouble(error))}

    async def first(self, name: str) -> Markup:
        """Return what a region shows first, or that it comes."""
        async with aclosing(self.follow(name)) as pieces:
            try:
                async with asyncio.timeout(FIRST_SECONDS):
                    return Markup((await anext(pieces))["html"])  # noqa: S704 - of a template
            except TimeoutError:
                return self._site.fragment("_coming.html")

    def broken(self) -> Piece:
        """Return what stands where we have made a mistake."""
        error = YesmanError("The dashboard made a mistake", "Look into what it printed, and report it")
        return {"html": str(self._trouble(error))}

    def _trouble(self, error: YesmanError) -> Markup:
        return self._site.fragment("_trouble.html", message=error.message, next_step=error.next_step)

    # --- what is asked

    async def _ask_sessions(self) -> list[dict[str, Any]]:
        sessions = await self._link.call("session.list")
        agents = {agent["session"]: agent for agent in await self._link.call("agent.status")}
        return [session | {"agent": agents.get(session["name"])} for session in sessions]

    async def _ask_plugins(self) -> list[dict[str, Any]]:
        rows = await self._link.call("plugin.list")
        used = {row["name"]: row for row in await self._link.call("plugin.top")}
        return [row | {"used": used.get(row["name"])} for row in rows]

    async def _ask_plugin(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = await self._link.call("plugin.show", name=name)
        used = {row["name"]: row for row in await self._link.call("plugin.top")}
        return {"plugin": found, "used": used.get(name)}

    async def _ask_screen(self, session: str, pane: str) -> screens.Screen:
        told = await self._link.data("session.screen", name=session, pane=pane)
        return msgspec.json.decode(told, type=screens.Screen)

    async def _ask_panels(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = await self._link.call("panel.list")
        return rows

    # --- regions of feeds

    async def _drawn(self, feed: Feed[Any], template: str, **more: Any) -> Pieces:
        async for found in feed.watch():
            if isinstance(found, YesmanError):
                yield {"html": str(self._trouble(found))}
            else:
                yield {"html": str(self._site.fragment(template, rows=found, **more))}

    def _all_sessions(self) -> Pieces:
        return self._drawn(self._sessions, "_sessions.html")

    def _one_session(self, name: str) -> Pieces:
        return self._drawn(self._sessions, "_session.html", name=name)

    def _all_plugins(self) -> Pieces:
        return self._drawn(self._plugins, "_plugins.html")

    async def _tabs(self) -> Pieces:
        async for rows in self._panels.watch():
            if not isinstance(rows, YesmanError):  # the page itself says so
                yield {"html": str(self._site.fragment("_tabs.html", rows=rows))}

    def _sheets(self, session: str) -> Pieces:
        return self._drawn(self._panels, "_sheets.html", session=session)

    def _one_plugin(self, name: str) -> Pieces:
        return self._drawn(self._plugin_feed(name), "_plugin.html")

    def _screen(self, session: str, pane: str) -> Pieces:
        return self._drawn(self._screen_feed(session, pane), "_screen.html")

    async def _events(self, name: str, session: str, source: str) -> Pieces:
        ask = partial(self._link.data, "event.recent", name=name, session=session, source=source)
        async for told in Feed(ask, SESSIONS_SECONDS).watch():
            if isinstance(told, YesmanError):
                yield {"html": str(self._trouble(told))}
            else:
                rows = msgspec.json.decode(told)
                yield {"html": str(self._site.fragment("_events.html", rows=rows))}

    def _screen_feed(self, session: str, pane: str) -> Feed[screens.Screen]:
        """As :meth:`_plugin_feed`."""
        self._screens = {known: feed for known, feed in self._screens.items() if feed.watched}
        ask = partial(self._ask_screen, session, pane)
        return self._screens.setdefault((session, pane), Feed(ask, SCREEN_SECONDS))

    def _plugin_feed(self, name: str) -> Feed[dict[str, Any]]:
        """Return the feed of one plugin; those that nobody watches are forgotten."""
        self._of_plugin = {known: feed for known, feed in self._of_plugin.items() if feed.watched}
        return self._of_plugin.setdefault(name, Feed(partial(self._ask_plugin, name), PLUGINS_SECONDS))

    # --- regions of their own

    async def _panel(self, plugin: str, panel: str, session: str | None = None) -> Pieces:
        scene = Scene("-".join(filter(None, ("panel", plugin, panel.lower().replace("_", "-")))), plugin)
        data: Any = None
        async for line in self._link.lines("panel.watch", plugin=plugin, panel=panel, session=session):
            made = [(path, value) for path, value in line["changes"]]
            data = patched(data, made)
            node = read_panel(data)
            below = dict(walk(node))
            parts = [
                (path, str(part(below[path], path, scene.at(path, node))))  # type: ignore[arg-type]  # parts are no items
                for path in stale([path for path, _ in made], node)
            ]
            yield {"parts": parts, "look": line["look"], "revision": line["revision"]}

    async def _log(self, name: str) -> Pieces:
        kept: deque[str] = deque(maxlen=LINES)
        rest = ""
        pieces = self._link.output("plugin.logs", name=name, lines=LINES, follow=True)
        yield {"html": str(self._site.fragment("_log.html", lines=()))}
        async for some in at_rest(pieces, REST_SECONDS):
            *lines, rest = (rest + b"".join(some).decode(errors="replace")).split("\n")
            kept.extend(lines)
            yield {"html": str(self._site.fragment("_log.html", lines=kept))}

    async def _audit(self, name: str | None = None, kind: str | None = None) -> Pieces:
        kept: deque[dict[str, Any]] = deque(maxlen=LINES)
        params = {"name": name or None, "kind": kind or None, "lines": LINES, "follow": True}
        yield {"html": str(self._site.fragment("_audit.html", rows=()))}
        async for some in at_rest(self._link.lines("plugin.audit", **params), REST_SECONDS):
            kept.extend(some)
            yield {"html": str(self._site.fragment("_audit.html", rows=reversed(kept)))}
