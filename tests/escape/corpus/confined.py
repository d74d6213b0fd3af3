"""Runs attempts the way plugins run: zygote, confined child, command; a process for each attempt.

A process of its own for each, so that one which works, or dies, spoils no other. Beside them a
sibling serves all the while: when an attempt stops it from answering, that is its outcome.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from corpus.scene import new_secret, scene
from yesman.host.network_only import NetworkOnly
from yesman.host.recorder import Recorder
from yesman.host.services import PluginServices
from yesman.model.errors import PlatformError, PluginFailedError
from yesman.model.limits import MIB, Limits
from yesman.model.permissions import parse_permission
from yesman.runtime.grants_policy import Machine, Places, decide
from yesman.runtime.network import Networks
from yesman.runtime.plugin import LivePlugin
from yesman.runtime.template import Template
from yesman.runtime.witness import Witness
from yesman.runtime.zygote import Zygote

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from pathlib import Path

    from corpus.attempt import Attempt
    from yesman.model.permissions import Permission
    from yesman.sandbox.policy import Policy

AT_ONCE = 4
WAIT_SECONDS = 40.0
TERMINAL = {"terminal": {}, "columns": 80, "lines": 24}
UNRELATED = (
    "filesystem.read:{root}/readable",
    "filesystem.write:{root}/writable",
    "network.internal:10.255.255.254:9",
    "network.external:api.example.test:443",
    "session.read:elsewhere-*",
    "session.modify:elsewhere-*",
)
"""Grants that open nothing of what the attempts are after."""
LIMITS = Limits(data_bytes=256 * MIB, file_bytes=16 * MIB, cancel_seconds=0.5)
"""Low enough that meeting them takes no time."""
TRIES = 3
ENDING: set[asyncio.Future[None]] = set()
"""Templates that are about to end, kept from the garbage collector."""
FIELDS = frozenset(field.name for field in dataclasses.fields(Limits))


class Nobody:
    """Who waits for a command and reads nothing."""

    def output(self, _stream: str, _text: bytes) -> bool:
        """Take it all."""
        return True

    async def drained(self) -> None:
        """Be ready at once."""


class Ground(NamedTuple):
    """What the attempts of one round have in common."""

    root: Path
    zygote: Zygote
    targets: dict[str, Any]
    granted: tuple[Permission, ...]
    forked: bool


def run(attempts: Iterable[Attempt], root: Path, *, unrelated: bool, forked: bool = False) -> dict[str, str]:
    """Return the answer to each attempt, by name.

    Args:
        attempts: What to try.
        root: An empty folder, absolute and real.
        unrelated: Whether the plugin is granted something, though nothing of use here.
        forked: Whether its process is forked from a template, and not from the zygote.
    """
    texts = [text.format(root=root) for text in UNRELATED] if unrelated else []
    granted = tuple(parse_permission(text) for text in texts)
    with scene(root) as targets:
        return asyncio.run(_all_of(list(attempts), root, targets, granted, forked=forked))


async def _all_of(
    attempts: list[Attempt],
    root: Path,
    targets: dict[str, Any],
    granted: tuple[Permission, ...],
    *,
    forked: bool,
) -> dict[str, str]:
    os.environ["ESCAPE_SERVER"] = new_secret("server")
    zygote = Zygote()
    ground = Ground(root, zygote, targets, granted, forked)
    places = asyncio.Semaphore(AT_ONCE)
    try:
        async with _sibling(ground) as sibling:
            targets |= {"sibling": sibling.pid, "zygote": zygote.pid}
            answers = [_in_turn(places, ground, sibling, attempt) for attempt in attempts]
            return dict(await asyncio.gather(*answers))
    finally:
        zygote.close()
        del os.environ["ESCAPE_SERVER"]


@asynccontextmanager
async def _sibling(ground: Ground) -> AsyncIterator[LivePlugin]:
    own = ground.root / new_secret("grant")
    own.mkdir()
    granted = (parse_permission(f"filesystem.read:{own}"),)
    plugin = await _start(ground, "sibling", granted, {"token": new_secret("sibling")}, LIMITS)
    try:
        yield plugin
    finally:
        await plugin.kill("all attempts have been made")


async def _in_turn(
    places: asyncio.Semaphore, ground: Ground, sibling: LivePlugin, attempt: Attempt
) -> tuple[str, str]:
    async with places:
        answer = await _one(ground, attempt)
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await sibling.command("go", {}, TERMINAL, Nobody())
        except (PluginFailedError, TimeoutError) as error:
            answer += f", and a sibling no longer serves ({error})"
        return attempt.name, answer


async def _one(ground: Ground, attempt: Attempt) -> str:
    limits = dataclasses.replace(LIMITS, **attempt.limits)
    plugin = await _start(ground, "escape", ground.granted, {}, limits)
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            options = {"code": attempt.code, "targets": ground.targets}
            return str(json.loads(await plugin.command("go", options, TERMINAL, Nobody())))
    except PluginFailedError as error:
        return outcome(error)
    except TimeoutError:
        return "no answer"
    finally:
        await plugin.kill("it has answered")


def outcome(error: PluginFailedError) -> str:
    """Return how the host ended an attempt, in a word."""
    if "broke the protocol" in error.message:
        return "protocol"
    if error.failure in {"memory", "timeout", "disk", "unserialisable"}:
        return error.failure
    if "exited with code" in error.message:
        return "exited"
    if "main thread has ended" in error.message:
        return "SIGKILL"
    return error.message.partition(" died of ")[2].partition(" ")[0] or error.message


def _policy(ground: Ground, plugin: str, granted: tuple[Permission, ...], limits: Limits) -> Policy:
    root, targets = ground.root, ground.targets
    data = targets["data"] if plugin == "escape" else targets["sibling_data"]
    places = Places(targets["code"], targets["packages"], data, f"{root}/tmp")
    machine = Machine(f"{root}/home", targets["state"], ("/usr/bin",))
    policy = decide(plugin, places, granted, (), machine, limits=limits)
    # No permission opens a terminal; here two are open, to see what may be done to them all the same.
    return dataclasses.replace(policy, write=(*policy.write, targets["terminal"], targets["spare_terminal"]))


async def _start(
    ground: Ground, plugin: str, granted: tuple[Permission, ...], config: dict[str, Any], limits: Limits
) -> LivePlugin:
    """Start one; a template may miss its time while other attempts take the processor, so there are three."""
    for _ in range(TRIES - 1):
        with suppress(PlatformError):
            return await _start_once(ground, plugin, granted, config, limits)
    return await _start_once(ground, plugin, granted, config, limits)


async def _start_once(
    ground: Ground, plugin: str, granted: tuple[Permission, ...], config: dict[str, Any], limits: Limits
) -> LivePlugin:
    policy = _policy(ground, plugin, granted, limits)
    template = await _template(ground.zygote, policy, granted) if ground.forked else None
    network = Networks().of(plugin, granted, policy.limits)
    absent: Any = None
    live = await LivePlugin.start(
        template or ground.zygote,
        policy,
        config=config,
        declared={},
        services=PluginServices(plugin, lambda: granted, absent, absent, absent, network, Recorder()),
        network=network,
        witness=Witness(lambda *_: None),
    )
    if template is not None:
        ending = template.live.kill("what it forked has ended")
        live.ended.add_done_callback(lambda _: ENDING.add(asyncio.ensure_future(ending)))
    return live


async def _template(zygote: Zygote, policy: Policy, granted: tuple[Permission, ...]) -> Template:
    network = Networks().of(policy.plugin, granted, policy.limits)
    services, witness = NetworkOnly(policy.plugin, network), Witness(lambda *_: None)
    return await Template.start(zygote, policy, (), services=services, network=network, witness=witness)
