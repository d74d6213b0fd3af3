"""A plugin host of a test's own: everything the server wires, in a temporary home, without the server."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from yesman.embed.crossing import arguments
from yesman.host.confinement import this_machine
from yesman.host.grants import Grants
from yesman.host.hooks import Hooks
from yesman.host.installer import Installer
from yesman.host.manager import PluginManager
from yesman.host.notification_ways import ThroughPlugins
from yesman.host.notifications import Notifications
from yesman.host.outbox import Outbox
from yesman.host.panels import Place
from yesman.host.proposal import Answer
from yesman.host.registry import Registry
from yesman.host.settings import PluginSettings
from yesman.model.home import Home
from yesman.model.hook_specs import Kind
from yesman.package.kept import ENVIRONMENTS, KeptEnvironments
from yesman.package.reading import read_manifest
from yesman.package.trees import remove_tree
from yesman.plugins import Allow, Deny, parameter_name
from yesman.runtime.compiling import compile_packages
from yesman.runtime.network import Networks
from yesman.runtime.zygote import Zygote
from yesman.sandbox.interpreter import base_python
from yesman.sessions.service import Sessions
from yesman.sessions.tmux import TmuxServer
from yesman.testkit import blanks
from yesman.testkit.hearing import HeardBus, HeardListening
from yesman.testkit.network import TestNetwork, write_authority
from yesman.testkit.paneling import as_author, offered
from yesman.testkit.scenery import Scenery
from yesman.wire.frames import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from yesman.host.notifications import Message
    from yesman.host.registry import Record
    from yesman.model.errors import YesmanError
    from yesman.model.hook_specs import HookSpec
    from yesman.model.panels import Node
    from yesman.plugins import ui
    from yesman.sessions.model import Session

NO_TERMINAL = {"terminal": {"in": False, "out": False, "err": False}, "columns": 80, "lines": 24}


class Host:
    """Installs plugins as users would, all that they ask for granted, and runs them.

    Args:
        roots: What bare ``filesystem.*`` permissions open; by default the folders of sessions.

    Attributes:
        bus: What was published.
        grants: Changes what plugins are granted.
        manager: What it has installed.
        network: Where its plugins' connections lead.
        scenery: Sessions for them.
        shown: The messages that a user would have been shown.
        warnings: What installing them warned of.
    """

    def __init__(self, roots: Sequence[str] = ()) -> None:
        self._root = Path(tempfile.mkdtemp(prefix="yesman-test-")).resolve()
        home = _Home(self._root / "home")
        home.root.mkdir()
        if roots:
            home.config.write_text(json.dumps({"roots": list(roots)}), "utf-8")  # YAML takes JSON
        authorities = write_authority(self._root / "authorities.pem")
        machine = dataclasses.replace(this_machine(home, os.environ), authorities=authorities)
        self.network = TestNetwork()
        self.warnings: list[str] = []
        self._zygote, self._outbox = Zygote(), Outbox(home.events)
        self.bus = HeardBus(self._outbox)
        tmux = TmuxServer(home.tmux_socket, env=os.environ)
        sessions = Sessions(tmux)
        self.scenery = Scenery(tmux, sessions, self._root / "sessions")
        self.manager = PluginManager(
            home,
            Registry(home.registry),
            PluginSettings(home.settings),
            sessions,
            self.bus,
            self._zygote,
            machine,
            networks=Networks(resolver=self.network, dialer=self.network),
        )
        self.grants = Grants(self.manager, machine)
        self._listening = HeardListening(self.manager)
        self.bus.attach(self._listening)
        self.shown = Shown()
        ways = (self.shown, ThroughPlugins(self.manager.providers))
        self.manager.notifications = self._notifications = Notifications(self.manager.hooks, ways)
        environments = KeptEnvironments(
            home.testing, base_python(), compile=partial(compile_packages, self._zygote)
        )
        self._installer = Installer(home, self.manager, environments, machine, scanning=None)

    async def install(self, folder: Path, config: Mapping[str, Any]) -> str:
        """Install the plugin in ``folder``, start it, and return its name.

        Args:
            folder: The plugin.
            config: Its settings; required ones that are not among them get some value that fits.

        Raises:
            YesmanError: It cannot be installed, or not be activated.
        """
        proposal = await self._installer.inspect(folder)
        config = blanks.settings(read_manifest(folder).config, config)
        done = await self._installer.install(
            folder,
            link=False,
            digest=proposal.digest,
            answer=Answer(proposal.added_permissions, by="test"),
            config={key: _as_text(value) for key, value in config.items()},
            report=lambda _line: None,
        )
        self.warnings.extend(done["warnings"])
        await self.manager.activate(proposal.name)
        return proposal.name

    async def invoke(self, name: str, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a public method of plugin ``name``, started if need be; raises a YesmanError."""
        live = await self.manager.activate(name)
        return await live.value("invoke", {"name": method, **arguments(args, kwargs)})

    async def command(self, name: str, command: str, given: Mapping[str, Any]) -> Any:
        """Run a command, with the defaults of options that are not given; raises a YesmanError."""
        options = _defaults(self.manager.registry.get(name), command) | dict(given)
        text = await self.manager.run_command(name, command, options, NO_TERMINAL, _Nobody(self.scenery))
        return json.loads(text)

    async def panel(self, name: str, panel: str, session: str | None) -> ui.Node:
        """Return what a panel of plugin ``name`` shows; raises a YesmanError."""
        return as_author(await self._look(Place(name, panel, session)))

    async def press(
        self,
        name: str,
        panel: str,
        session: str | None,
        what: str | ui.Button | ui.Form,
        values: Mapping[str, Any],
    ) -> str:
        """Press what a panel of plugin ``name`` shows now; raises a YesmanError."""
        place = Place(name, panel, session)
        part = offered(await self._look(place), what)
        return await self.manager.panels.press(place, part, dict(values))

    async def _look(self, place: Place) -> Node:
        self.manager.panels.look(place).close()  # refuses what nobody may look at
        return await self.manager.panels.read(place)

    async def emit(
        self, name: str, event: str, session: str | None, payload: Mapping[str, Any]
    ) -> tuple[Any, YesmanError | None]:
        """Let ``event`` happen; return what was answered and how plugin ``name`` failed.

        Returns:
            None for what is only told; for a veto a ``Deny`` or None, for a vote an ``Allow`` as well; else
            what the handlers made of it.
        """
        failures = self._listening.failures
        failures.clear()
        spec = blanks.spec_of(event)
        if spec is None or spec.kind is Kind.NOTIFY:
            told = payload if spec is None else msgspec.to_builtins(blanks.payload(spec, payload))
            self.bus.publish(event, dict(told), source="test", session=session)
            await self.bus.handled(name)
            return None, next(iter(failures), None)
        return await self._ask(spec, blanks.payload(spec, payload), session), next(iter(failures), None)

    async def _ask(self, spec: HookSpec, payload: Any, session: str | None) -> Any:
        hooks = Hooks(self.bus, self._listening)
        if spec.kind is Kind.FILTER:
            return msgspec.to_builtins(await hooks.filter(spec.name, payload, session=session, source="test"))
        if spec.kind is Kind.FIRST:
            return (await hooks.first(spec.name, payload, session=session, source="test"))[0]
        if spec.kind is Kind.VETO:
            verdict = await hooks.veto(spec.name, payload, session=session, source="test")
        else:
            options = [option["label"] for option in payload.prompt.get("options", ())]
            verdict = await hooks.vote(spec.name, payload, options, session=session, source="test")
        if verdict.objections:
            return Deny(verdict.objections[0][1])
        return Allow(verdict.option) if verdict.option else None

    async def close(self) -> None:
        """End every process and remove the home."""
        try:
            await self.bus.close()
            await self._notifications.close()
            await self.manager.close()
            await self.scenery.close()
            await asyncio.to_thread(self.network.close)
        finally:
            self._zygote.close()
            self._outbox.close()
            await asyncio.shield(asyncio.to_thread(remove_tree, self._root))


class _Home(Home):
    """A home whose packages are shared with other tests."""

    @property
    def testing(self) -> Path:
        return Home.of(os.environ).testing

    @property
    def environments(self) -> Path:
        return self.testing / ENVIRONMENTS


class Shown:
    """Keeps the messages that a user would have been shown (:class:`yesman.host.notifications.Way`)."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def show(self, message: Message, wanted: Callable[[str], bool]) -> None:  # noqa: ARG002 - there are no sessions
        """Keep it."""
        self.messages.append(message)


class _Nobody:
    """Whoever runs a command in a test: types nothing, looks at nothing."""

    def __init__(self, scenery: Scenery) -> None:
        self._scenery = scenery

    def output(self, _stream: str, _text: bytes) -> bool:
        return True

    async def drained(self) -> None:
        return

    async def read(self, _size: int) -> bytes:
        return b""

    async def confirm(self, _question: dict[str, str]) -> str:
        return "nobody"

    async def current(self, _sessions: Sessions) -> Session:
        return await self._scenery.current()


def _defaults(record: Record, command: str) -> dict[str, Any]:
    options = next((row["options"] for row in record.commands if row["name"] == command), ())
    return {parameter_name(option): option["default"] for option in options}


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else encode(value).decode()
