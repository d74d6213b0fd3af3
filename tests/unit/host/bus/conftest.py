"""A bus, and plugins that say what they heard."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict

import pytest

from yesman.host.audience import Listener
from yesman.host.bus import Bus
from yesman.host.outbox import Outbox
from yesman.model.errors import PluginFailedError
from yesman.model.manifest import DeclaredHook


class Plugins:
    """What the bus needs of the manager: who listens, and what they make of it."""

    def __init__(self, *names, reads=(), hook=None):
        self.hook = hook or DeclaredHook("session.*")
        self.names = names
        self.deaf = set()
        self.unstartable = set()
        self.running = self.most = 0
        self.hooks = []
        self.reads = set(reads)
        self.heard = defaultdict(list)
        self.logged = defaultdict(list)
        self.gates = {}
        self.failing = set()
        self.failure = PluginFailedError("it failed")
        self.news = asyncio.Event()

    def audience(self, event):
        heard = event.startswith("session.") or event == self.hook.name
        return [Listener(name, (self.hook,)) for name in self.names] if heard else ()

    def can_hear(self, plugin):
        return plugin not in self.deaf

    def sees_session(self, plugin, session):
        return session is not None and plugin in self.reads

    async def ready(self, plugin):
        if plugin in self.unstartable:
            raise PluginFailedError("it does not start")

    async def deliver(self, plugin, event, hooks):
        self.running += 1
        self.most = max(self.most, self.running)
        self.news.set()
        try:
            if plugin in self.gates:
                await self.gates[plugin].wait()
        finally:
            self.running -= 1
        self.heard[plugin].append(event)
        self.hooks.append(hooks)
        self.news.set()
        if plugin in self.failing:
            raise self.failure

    def log(self, plugin, level, message):
        self.logged[plugin].append(message if level >= logging.ERROR else "")

    async def settled(self, plugin, count):
        async with asyncio.timeout(10):
            while len(self.heard[plugin]) < count:
                self.news.clear()
                await self.news.wait()

    async def begun(self, count):
        async with asyncio.timeout(10):
            while self.running < count:
                self.news.clear()
                await self.news.wait()


@pytest.fixture
def made(tmp_path):
    def make(*names, **more):
        bus, plugins = Bus(Outbox(tmp_path / "events.db")), Plugins(*names, **more)
        bus.attach(plugins)
        return bus, plugins

    return make
