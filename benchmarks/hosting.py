"""The runtime alone, without server and registry: a zygote and plugins forked from it."""

from __future__ import annotations

import json
import os
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import uvloop

from benchmarks.folders import NOTHING, command_of, write_plugin
from yesman.model.errors import UsageError
from yesman.runtime.grants_policy import Machine, Places, decide
from yesman.runtime.network import Networks
from yesman.runtime.plugin import LivePlugin
from yesman.runtime.template import Template
from yesman.runtime.witness import Witness
from yesman.runtime.zygote import Zygote

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Mapping
    from pathlib import Path

    from yesman.runtime.plugin import Origin
    from yesman.sandbox.policy import Policy

TERMINAL: dict[str, Any] = {"terminal": {}, "columns": 80, "lines": 24}
EVENT: dict[str, Any] = {
    "id": "0" * 32,
    "time": 0.0,
    "seq": 1,
    "name": "config.changed",
    "source": "host",
    "session": None,
    "version": 1,
    "payload": {},
}


class NoServices:
    """Refuses everything a plugin may ask."""

    async def serve(self, method: str, params: dict[str, Any], cause: Any) -> tuple[Any, bytes]:  # noqa: ARG002 - interface
        """Refuse."""
        raise UsageError(f"'{method}' is not there while measuring")


class Silent:
    """A caller who does not listen."""

    def output(self, stream: str, text: bytes) -> bool:  # noqa: ARG002 - interface
        """Drop it."""
        return True

    async def drained(self) -> None:
        """Return at once."""


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run ``work`` on the kind of loop that the server uses."""
    return uvloop.run(work)


@dataclass
class Host:
    """Loads plugins from folders below ``root``."""

    root: Path
    zygote: Zygote

    def policy(self, name: str, *, code: str = NOTHING, packages: Path | None = None) -> Policy:
        """Write the plugin ``name`` unless it is there, and return a policy without any grant."""
        base = (self.root / name).resolve()
        if not base.exists():
            write_plugin(base / "code", name, code=code)
            (base / "data").mkdir()
            (base / "tmp").mkdir()
        path = tuple(os.environ.get("PATH", "").split(":"))
        machine = Machine(home=str(self.root), state=str(self.root / "state"), search_path=path)
        where = Places(str(base / "code"), str(packages or ""), str(base / "data"), str(base / "tmp"))
        return decide(name, where, (), [], machine)

    async def load(
        self, policy: Policy, config: Mapping[str, Any] | None = None, *, origin: Origin | None = None
    ) -> LivePlugin:
        """Start one plugin, from a template if one is given."""
        return await LivePlugin.start(
            origin or self.zygote,
            policy,
            config=dict(config or {}),
            declared={},
            services=NoServices(),
            network=Networks().of(policy.plugin),
            witness=Witness(_complain),
            learn=origin is None,
        )

    async def template(self, policy: Policy, modules: tuple[str, ...]) -> Template:
        """Start a template with ``modules`` imported."""
        network, witness = Networks().of(policy.plugin), Witness(_complain)
        return await Template.start(
            self.zygote, policy, modules, services=NoServices(), network=network, witness=witness
        )


@asynccontextmanager
async def hosted(root: Path) -> AsyncIterator[Host]:
    """Run a zygote for as long as the block lasts."""
    zygote = Zygote()
    await zygote.start()
    try:
        yield Host(root, zygote)
    finally:
        zygote.close()


async def call(live: LivePlugin) -> Any:
    """Run the plugin's one command and return what it returns."""
    return json.loads(await live.command(command_of(live.policy.plugin), {}, TERMINAL, Silent()))


def _complain(level: int, message: str) -> None:
    if level >= 40:
        print(f"plugin: {message}", file=sys.stderr)
