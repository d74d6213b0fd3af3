"""Templates of plugins: made when their imports are worth it, used for every later start, dropped in time.

What always holds: a template serves only the policy, on the very folders, that it was confined by, so one of
wider grants never forks; a plugin that does not get along with its template is started whole, and is from
then on; how a plugin is started makes no difference but in time.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final, NamedTuple

from yesman.host.confinement import ground
from yesman.host.network_only import NetworkOnly
from yesman.model.errors import YesmanError
from yesman.runtime.template import Template

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.host.logs import PluginLog
    from yesman.host.recorder import Recorder
    from yesman.model.permissions import Permission
    from yesman.runtime.network import Networks
    from yesman.runtime.plugin import LivePlugin
    from yesman.runtime.zygote import Zygote
    from yesman.sandbox.policy import Policy

WORTH_MS: Final = 100
"""A load that took so long, with packages of the plugin's own, is worth a template."""
MOST: Final = 8
"""Templates at a time; the one not used for longest gives way."""
QUIET_SECONDS: Final = 1.0
"""After a start, before its template is made: whoever wanted the plugin started comes first."""
NOT_FORKED: Final = frozenset({"grpc", "polars", "ray", "torch", "tensorflow", "jax"})
"""Packages whose documentation says that a process which has imported them must not be forked."""
FORKS_THREADS: Final = "numpy"
"""Its BLAS starts threads as it is imported, and again in each fork (``pthread_atfork``)."""


class _Kept(NamedTuple):
    template: Template
    folders: str


class _Learnt(NamedTuple):
    load_ms: float
    granted: tuple[Permission, ...]
    spawned: Callable[[LivePlugin], None]


class Templates:
    """Keeps them.

    Args:
        zygote: Forks them.
        networks: Where their names and connections lead.
        recorder: Hears of what they do.
        log_of: A plugin's log.

    Attributes:
        eager: Plugins that get a template at once, whatever it is worth: somebody works on them.
    """

    def __init__(
        self, zygote: Zygote, networks: Networks, recorder: Recorder, log_of: Callable[[str], PluginLog]
    ) -> None:
        self._zygote = zygote
        self._networks = networks
        self._recorder = recorder
        self._log_of = log_of
        self._kept: dict[str, _Kept] = {}
        self._whole: dict[str, Policy] = {}
        self._learnt: dict[LivePlugin, _Learnt] = {}
        self._making: dict[str, asyncio.Task[None]] = {}
        self._ending: set[asyncio.Future[None]] = set()
        self.eager: set[str] = set()

    def of(self, name: str, policy: Policy) -> Template | None:
        """Return the template that can fork a process of plugin ``name`` for ``policy`` now."""
        kept = self._kept.get(name)
        if kept is None:
            return None
        fits = kept.template.live.policy == policy and kept.folders == ground(policy)
        if not fits or kept.template.live.ended.done():
            self.drop(name)
            return None
        self._kept[name] = self._kept.pop(name)  # used last
        return kept.template

    def learns(self, name: str, policy: Policy) -> bool:
        """Tell whether a template could be made once it is known what the plugin imports."""
        return bool(policy.packages) and self._whole.get(name) != policy

    def learn(
        self,
        live: LivePlugin,
        load_ms: float,
        granted: tuple[Permission, ...],
        spawned: Callable[[LivePlugin], None],
    ) -> None:
        """Take note of a process that was started whole.

        Args:
            live: It.
            load_ms: What its load took.
            granted: Its plugin's grants.
            spawned: Hears of the process of its template, should there be one.
        """
        self._learnt[live] = _Learnt(load_ms, granted, spawned)
        live.ended.add_done_callback(lambda _: self._learnt.pop(live, None))

    def consider(self, name: str, live: LivePlugin) -> None:
        """Have a template made, in a moment, if what ``live`` took to load was worth one.

        Only of what is in service: whatever ends that, or keeps it from it, has no template to end besides.
        """
        learnt = self._learnt.pop(live, None)
        if learnt is None:
            return
        modules = live.contributed.modules
        worth = learnt.load_ms >= WORTH_MS or name in self.eager
        if not (worth and modules) or name in self._making or self.of(name, live.policy):
            return
        if unsafe := NOT_FORKED & {module.partition(".")[0] for module in modules}:
            self._start_whole(name, live.policy, f"{', '.join(sorted(unsafe))} must not be forked")
            return
        task = self._making[name] = asyncio.ensure_future(self._make(name, live.policy, modules, learnt))
        task.add_done_callback(lambda _: self._making.pop(name) if self._making.get(name) is task else None)

    def failed(self, name: str, policy: Policy, why: str) -> None:
        """Drop a template that forked nothing useful; one that never did is not made again."""
        kept = self._kept.get(name)
        self.drop(name)
        if kept is None or not kept.template.proven:
            self._start_whole(name, policy, why)

    def names(self) -> set[str]:
        """Return the plugins that have a template, or are about to."""
        return {*self._making, *self._kept}

    def drop(self, name: str) -> asyncio.Future[list[BaseException | None]]:
        """End the template of plugin ``name``, if it has one or is about to; wait for that if you like."""
        ending: list[asyncio.Future[None]] = []
        if (task := self._making.pop(name, None)) is not None:
            task.cancel()
            ending.append(task)
        if (kept := self._kept.pop(name, None)) is not None:
            ending.append(self._end(kept.template))
        return asyncio.gather(*ending, return_exceptions=True)

    def close(self) -> None:
        """End them all."""
        for name in (*self._making, *self._kept):
            self.drop(name)

    def _start_whole(self, name: str, policy: Policy, why: str) -> None:
        self._whole[name] = policy
        self._log_of(name).write(logging.INFO, f"it is started without a template: {why}")

    async def _make(self, name: str, policy: Policy, modules: tuple[str, ...], learnt: _Learnt) -> None:
        await asyncio.sleep(0 if name in self.eager else QUIET_SECONDS)
        network = self._networks.of(name, learnt.granted, policy.limits)
        log = self._log_of(name)
        folders = ground(policy)
        try:
            template = await Template.start(
                self._zygote,
                policy,
                modules,
                services=NetworkOnly(name, network),
                network=network,
                witness=self._recorder.witness(name, log, learnt.spawned),
            )
        except YesmanError as error:
            self._start_whole(name, policy, error.message)
            return
        if template.threads > 1 and FORKS_THREADS not in modules:
            self._end(template)
            self._start_whole(name, policy, "what it imports starts threads, which no fork has")
            return
        self._keep(name, _Kept(template, folders))

    def _keep(self, name: str, kept: _Kept) -> None:
        self._kept[name] = kept
        while len(self._kept) > MOST:
            self.drop(next(iter(self._kept)))

    def _end(self, template: Template) -> asyncio.Future[None]:
        ending = asyncio.ensure_future(template.live.kill("it is not needed any more", wanted=True))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)
        return ending
