"""Panels of plugins: what each shows now, to whoever looks, and what they press.

What always holds: a plugin is asked to render only while somebody looks, and no more often than
:data:`REST_SECONDS` allows, however often it says that something has changed; what it renders is read as
data (:mod:`yesman.model.panels`), and whatever goes wrong is something to look at; only what a viewer was
shown can be pressed, with the arguments that it was shown with; and a session's name reaches only plugins
that may read the session. What reading costs is billed to the plugin, whose frames then wait their turn.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeVar

import msgspec

from yesman.model.errors import (
    NotFoundError,
    PermissionDeniedError,
    PluginFailedError,
    UsageError,
    YesmanError,
)
from yesman.model.nearmiss import did_you_mean
from yesman.model.panels import MAX_BYTES, Error, Form, Interactive, Node, pressed, read_panel, read_said
from yesman.model.patch import Change, changes
from yesman.model.permissions import covers_session
from yesman.model.plain_text import shown
from yesman.wire.frames import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from yesman.host.manager import PluginManager
    from yesman.model.manifest import DeclaredPanel
    from yesman.runtime.plugin import LivePlugin

REST_SECONDS: Final = 0.25
"""Between two renderings of a panel for the same viewer."""
CHECK_SECONDS: Final = 1.0
"""How often it is looked whether the plugin's condition is another one."""
KEPT: Final = 8
"""How many of the states that a viewer was shown can still be pressed: it may be behind by some."""
MAX_LOOKS: Final = 200
MAX_VALUES: Final = 64 * 1024
"""Bytes of what a form is filled in with, as JSON."""

T = TypeVar("T")


class Place(NamedTuple):
    """A panel, and the session that it is shown with, if it is."""

    plugin: str
    panel: str
    session: str | None = None


class Condition(NamedTuple):
    """What decides about a rendering besides what the plugin knows.

    Attributes:
        live: The process that serves, None where there is none.
        generation: Of what is installed, enabled, set and granted.
        refused: Why there can be none, or "".
    """

    live: LivePlugin | None
    generation: int
    refused: str


class Update(NamedTuple):
    """A state of a panel: what has changed since the one before, or at first the whole."""

    revision: int
    changes: list[Change]


class Panels:
    """The panels of all enabled plugins.

    Args:
        manager: The plugins.
    """

    def __init__(self, manager: PluginManager) -> None:
        self._manager = manager
        self._looks: dict[int, Look] = {}
        self._last = 0

    def all(self) -> list[dict[str, Any]]:
        """Return a row for each panel: ``plugin``, ``name``, ``title`` and ``slot``."""
        return [
            {"plugin": plugin, **msgspec.to_builtins(panel)}
            for plugin, record in self._manager.registry.all().items()
            if record.enabled
            for panel in record.parsed_manifest().panels
        ]

    def look(self, place: Place) -> Look:
        """Begin to look at a panel; whoever does closes that.

        Raises:
            NotFoundError: There is no such panel.
            UsageError: It belongs to a session and none is named, or too many look already.
        """
        declared = self._declared(place)
        if (declared.slot == "session") != (place.session is not None):
            need = "is shown with a session" if place.session is None else "is shown by itself"
            raise UsageError(f"the panel '{place.panel}' of plugin '{place.plugin}' {need}")
        if len(self._looks) >= MAX_LOOKS:
            raise UsageError(f"{MAX_LOOKS} panels are looked at already", "Close some of them")
        self._last += 1
        self._looks[self._last] = look = Look(self, self._last, place)
        return look

    def found(self, ident: int) -> Look:
        """Return a look that is open; raise NotFoundError."""
        if ident not in self._looks:
            raise NotFoundError("nobody looks at this panel any more", "Open it again")
        return self._looks[ident]

    def forget(self, ident: int) -> None:
        """End a look."""
        self._looks.pop(ident, None)

    def changed(self, plugin: str, panel: str) -> None:
        """Note that a plugin has something new to show, in one panel or with "" in all of its own."""
        for look in self._looks.values():
            if look.place.plugin == plugin and panel in {"", look.place.panel}:
                look.news.set()

    def condition(self, plugin: str) -> Condition:
        """Return the plugin's condition now."""
        registry, live = self._manager.registry, self._manager.running(plugin)
        refused = ""
        if live is None:
            try:
                self._manager.check(plugin, registry.get(plugin))
            except YesmanError as error:
                refused = error.message
        return Condition(live, registry.generation, refused)

    @contextmanager
    def billed(self, plugin: str) -> Iterator[None]:
        """Bill what is done meanwhile, without a pause, to the plugin's process."""
        live = self._manager.running(plugin)
        turn = live.share.turn() if live is not None else None
        try:
            yield
        finally:
            if turn is not None:
                turn.end()

    async def render(self, place: Place) -> Node:
        """Return what a panel shows now; what goes wrong is shown as well."""
        try:
            return await self.read(place)
        except YesmanError as error:
            return Error(_line(error.message), _line(error.next_step))

    async def read(self, place: Place) -> Node:
        """Return what a panel shows now; raise a YesmanError for what goes wrong."""
        params = {"name": place.panel, "session": place.session}
        return await self._call("panel", place, params, place.panel, read_panel)

    async def press(self, place: Place, part: Interactive, values: dict[str, Any]) -> str:
        """Press what the panel has shown, for the user; return what the plugin says of it, "" for nothing.

        Raises:
            UsageError: ``values`` do not fit the form's fields.
            YesmanError: The plugin failed, or was refused.
        """
        params = {
            "name": place.panel,
            "session": place.session,
            "action": part.action.name,
            "arguments": dict(part.action.arguments),
            "values": _filled(part, values),
        }
        try:
            return await self._call("act", place, params, f"{place.panel}.{part.action.name}", read_said)
        finally:  # one that failed has done some of it, maybe
            self.changed(place.plugin, "")

    async def _call(
        self,
        method: Literal["panel", "act"],
        place: Place,
        params: dict[str, Any],
        what: str,
        read: Callable[[Any], T],
    ) -> T:
        manager = self._manager
        self._declared(place)
        with manager.explained(place.plugin), manager.recorder.call(place.plugin, method, what):
            _check_session(manager, place)
            live = await manager.activate(place.plugin)
            limit = live.policy.limits.hook_seconds
            value = await _called(live, method, params, limit)
            with self.billed(place.plugin):
                return read(value)

    def _declared(self, place: Place) -> DeclaredPanel:
        record = self._manager.registry.get(place.plugin)
        panels = {panel.name: panel for panel in record.parsed_manifest().panels}
        if place.panel not in panels:
            near = did_you_mean(place.panel, panels)
            raise NotFoundError(f"plugin '{place.plugin}' has no panel {shown(place.panel)}{near}")
        return panels[place.panel]


class Look:
    """One viewer's look at a panel.

    Attributes:
        ident: By which the viewer names it.
        place: What is looked at.
        news: Set when there may be something new.
    """

    def __init__(self, panels: Panels, ident: int, place: Place) -> None:
        self.ident = ident
        self.place = place
        self.news = asyncio.Event()
        self._panels = panels
        self._shown: deque[tuple[int, Node]] = deque(maxlen=KEPT)
        self._data: Any = None
        self._seen: Condition | None = None
        self._rested = 0.0
        self.news.set()

    async def next(self) -> Update:
        """Return the next state that differs from the last one, as soon as there is one."""
        loop = asyncio.get_running_loop()
        while True:
            await self._wait()
            await asyncio.sleep(self._rested - loop.time())
            self.news.clear()
            before = self._panels.condition(self.place.plugin)
            node = await self._panels.render(self.place)
            self._rested = loop.time() + REST_SECONDS
            self._note(before)
            if update := self._update(node):
                return update

    def _note(self, before: Condition) -> None:
        """Remember in which condition that was rendered; look again if another process has taken over."""
        now = self._panels.condition(self.place.plugin).live
        self._seen = before._replace(live=now)
        if None not in {before.live, now} and before.live is not now:
            self.news.set()

    def _update(self, node: Node) -> Update | None:
        """Return what has changed, None for nothing."""
        with self._panels.billed(self.place.plugin):
            data = msgspec.json.decode(msgspec.json.encode(node))
            made = changes(self._data, data)
        if not made:
            return None
        self._data = data
        revision = self._shown[-1][0] + 1 if self._shown else 1
        self._shown.append((revision, node))
        return Update(revision, made)

    async def _wait(self) -> None:
        while not self.news.is_set() and self._panels.condition(self.place.plugin) == self._seen:
            try:
                async with asyncio.timeout(CHECK_SECONDS):
                    await self.news.wait()
            except TimeoutError:
                continue

    async def press(self, revision: int, path: str, values: dict[str, Any]) -> str:
        """Press the button or send the form that was shown at ``path``; return what is said of it.

        Raises:
            UsageError: There was none, or ``values`` do not fit its fields.
            YesmanError: The plugin failed, or was refused.
        """
        node = next((node for number, node in self._shown if number == revision), None)
        part = pressed(node, path) if node is not None else None
        if part is None:
            raise UsageError(
                "what was pressed is not shown any more", "Look again and press what is there now"
            )
        return await self._panels.press(self.place, part, values)

    def close(self) -> None:
        """Look no more."""
        self._panels.forget(self.ident)


def _filled(part: Interactive, values: dict[str, Any]) -> dict[str, Any]:
    """Return what was filled in, checked; nothing of a button."""
    if not isinstance(part, Form):
        return {}
    if len(encode(values)) > MAX_VALUES:
        raise UsageError(f"the form holds more than {MAX_VALUES} bytes")
    checked = part.fields.check(values)
    if lacking := part.fields.missing(checked):
        raise UsageError(f"the form lacks {', '.join(lacking)}")
    return checked


async def _called(
    live: LivePlugin, method: Literal["panel", "act"], params: dict[str, Any], limit: float
) -> Any:
    """Return what a plugin answers; one that exits, which is how a command ends, has failed."""
    try:
        return await live.value(method, params, deadline=limit, most=MAX_BYTES)
    except PluginFailedError as error:
        if error.failure == "exit":
            error.message = (
                f"plugin '{live.policy.plugin}' exited with code {error.code} instead of answering"
            )
        raise


def _check_session(manager: PluginManager, place: Place) -> None:
    granted = manager.registry.granted(place.plugin)
    if place.session is not None and not covers_session(granted, "session.read", place.session):
        wanted = f"session.read:{place.session}"
        raise PermissionDeniedError(
            f"plugin '{place.plugin}' lacks permission '{wanted}', so it is told of no such session",
            permission=wanted,
        )


def _line(text: str) -> str:
    """Return a sentence of ours, which may quote a stranger's, as a panel may hold it."""
    return shown(text, 2_000)[1:-1]
