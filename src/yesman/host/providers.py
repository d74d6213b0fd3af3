"""Providers of plugins, called by the host, the user and other plugins.

What always holds: only methods of the declared interface are called, with arguments of its types, and only
results of its types come back; a provider is connected before its first use in each process; no caller
waits beyond the deadline, or for a plugin that waits for the caller; whatever goes wrong on the provider's
side reaches the caller as a :class:`ProviderError`.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from yesman.host.acting import acting, ask
from yesman.host.offers import Offer, offers, users
from yesman.model.errors import NotFoundError, ProviderError, UsageError, YesmanError
from yesman.model.interfaces import INTERFACES, MAX_RESULT, Operation, operation
from yesman.model.lifecycle import State
from yesman.model.limit_settings import limits_with
from yesman.model.nearmiss import did_you_mean
from yesman.model.plain_text import shown
from yesman.plugins import IProvider
from yesman.plugins._proxies import LIFECYCLE, stand_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.host.manager import PluginManager
    from yesman.runtime.plugin import LivePlugin

P = TypeVar("P", bound=IProvider)
MAX_CHAIN: Final = 16
"""Plugins that may wait for each other in a row."""


class _Link:
    """What is known of one provider's connection, and of the last thing that went wrong."""

    def __init__(self) -> None:
        self.live: LivePlugin | None = None
        self.failure = ""
        self.last_error: dict[str, Any] | None = None
        self.connecting = asyncio.Lock()

    def failed(self, error: YesmanError) -> None:
        self.last_error = {"time": time.time(), "message": error.message}


class Providers:
    """All providers of installed plugins.

    Args:
        manager: The plugins.
    """

    def __init__(self, manager: PluginManager) -> None:
        self._manager = manager
        self._links: defaultdict[Offer, _Link] = defaultdict(_Link)
        self._known: tuple[int, dict[str, Offer]] = (-1, {})

    def all(self) -> dict[str, Offer]:
        """Return every provider by name, those of disabled plugins too."""
        generation = self._manager.registry.generation
        if self._known[0] != generation:
            self._known = generation, offers(self._manager.registry.all())
        return self._known[1]

    def find(self, name: str, interface: str = "") -> Offer:
        """Return the provider of that name; with ``interface``, only if it is of that one.

        Raises:
            NotFoundError: Nobody provides it.
            UsageError: It is something else.
        """
        offer = self.all().get(name)
        if offer is None:
            near = did_you_mean(name, self.all())
            raise NotFoundError(f"no plugin provides {shown(name)}{near}", "See 'yesman provider list'")
        if interface and interface != offer.interface:
            raise UsageError(f"the provider '{name}' is {offer.interface}, not {shown(interface)}")
        return offer

    def of(self, interface: Callable[..., P], name: str, *, by: str = "host") -> P:
        """Return the provider ``name`` for the host, its methods async; raises as :meth:`find`."""
        self.find(name, interface.__name__)
        return stand_in(interface, partial(self.call, name, interface.__name__, by=by))

    async def call(
        self, name: str, interface: str, method: str, arguments: dict[str, Any], *, by: str = "host"
    ) -> Any:
        """Call a method of a provider and return its result.

        ``connect`` makes sure that it is connected; ``disconnect`` does nothing, because others may use it.

        Args:
            name: Of the provider.
            interface: What the caller takes it for, "" for whatever it is.
            method: Of its interface.
            arguments: By name, JSON data.
            by: Who calls: ``host``, ``user`` or ``plugin:NAME``.

        Raises:
            NotFoundError: Nobody provides it.
            UsageError: It is something else, or is called wrongly.
            ProviderError: It could not do it.
        """
        offer = self.find(name, interface)
        wanted = None if method in LIFECYCLE else operation(offer.interface, method)
        checked = wanted.checked(arguments) if wanted else {}
        chain = _chain(offer, by)
        if method == "disconnect":
            return None
        link = self._links[offer]
        try:
            with self._manager.recorder.call(offer.plugin, "provider", f"{name}.{method}", by=_caller(by)):
                return await self._within(offer, chain, wanted, checked)
        except ProviderError as error:
            link.failed(error)
            raise

    async def check(self, name: str) -> dict[str, Any]:
        """Connect a provider if need be and return its status; raise NotFoundError when there is none."""
        with suppress(ProviderError):  # the status says so
            await self.call(name, "", "connect", {}, by="user")
        return self.status(name)

    def status(self, name: str) -> dict[str, Any]:
        """Return how a provider is: ``connected``, ``idle``, ``failed`` or ``unavailable``, and why."""
        offer = self.find(name)
        link = self._links[offer]
        plugin_state, reason = self._manager.state(offer.plugin)
        if link.live is not None and link.live is self._manager.running(offer.plugin):
            state, reason = "connected", ""
        elif plugin_state in {State.INSTALLED, State.NEEDS_CONFIG}:
            state = "unavailable"
        elif name not in self._manager.registry.get(offer.plugin).providers:
            state, reason = "unavailable", reason or f"it is no {offer.interface}"
        elif link.failure or plugin_state is State.FAILED:
            state, reason = "failed", link.failure or reason
        else:
            state, reason = "idle", ""
        row = {"name": name, "interface": offer.interface, "plugin": offer.plugin, "state": state}
        return row | {"reason": reason, "last_error": link.last_error}

    def described(self, name: str) -> dict[str, Any]:
        """Return all there is to say about a provider."""
        offer = self.find(name)
        methods = [wanted.described() for wanted in INTERFACES[offer.interface].values()]
        may = users(name, self._manager.registry.all(), besides=offer.plugin)
        return self.status(name) | {"methods": methods, "used_by": may}

    # --- one call

    async def _within(
        self, offer: Offer, chain: frozenset[str], wanted: Operation | None, arguments: dict[str, Any]
    ) -> Any:
        seconds = limits_with(self._manager.config.read().limits.get(offer.plugin, {})).provider_seconds
        try:
            return await ask(self._use(offer, wanted, arguments), chain, seconds)
        except ProviderError:
            raise
        except TimeoutError:
            message = f"plugin '{offer.plugin}' did not answer within {seconds:g} seconds"
            step = f"For more time: yesman plugin limits {offer.plugin} provider={2 * seconds:g}s"
            raise ProviderError(offer.name, message, step, failure="timeout") from None
        except YesmanError as error:
            failure = getattr(error, "failure", "unavailable")
            raise ProviderError(offer.name, error.message, error.next_step, failure=failure) from error

    async def _use(self, offer: Offer, wanted: Operation | None, arguments: dict[str, Any]) -> Any:
        record = self._manager.registry.get(offer.plugin)
        if offer.name not in record.providers:
            if not record.activated:
                await self._manager.activate(offer.plugin)  # what keeps it from running is why
            raise _unmet(offer)
        with self._manager.explained(offer.plugin):
            live = await self._connected(offer)
            if wanted is None:
                return None
            value = await _call(live, offer.name, wanted.name, arguments)
        try:
            return wanted.read(value)
        except ValueError as error:
            message = f"plugin '{offer.plugin}' returned from '{wanted.name}' something else: {error}"
            raise ProviderError(offer.name, message, "Its author must mend that", failure="result") from None

    async def _connected(self, offer: Offer) -> LivePlugin:
        """Return the process of a provider that is connected in it."""
        link = self._links[offer]
        async with link.connecting:
            live = await self._manager.activate(offer.plugin)
            if link.live is not live:
                try:
                    await _call(live, offer.name, "connect", {})
                except YesmanError as error:
                    link.failure = error.message
                    message = f"it cannot connect: {error.message}"
                    raise ProviderError(offer.name, message, error.next_step, failure="connect") from error
                link.live, link.failure = live, ""
        return live


async def _call(live: LivePlugin, name: str, method: str, arguments: dict[str, Any]) -> Any:
    params = {"name": name, "method": method, "arguments": arguments}
    return await live.value("provider", params, most=MAX_RESULT)


def _chain(offer: Offer, by: str) -> frozenset[str]:
    """Return who waits for the call.

    Raises:
        ProviderError: Its plugin does, or too many in a row.
    """
    chain = acting(by)
    if offer.plugin in chain:
        message = f"plugin '{offer.plugin}' waits for the caller itself, so it cannot answer"
        step = "Plugins must not call each other in a circle"
        raise ProviderError(offer.name, message, step, failure="circle")
    if len(chain) >= MAX_CHAIN:
        message = f"{len(chain)} plugins wait for each other already"
        raise ProviderError(offer.name, message, "Call fewer in a row", failure="circle")
    return chain


def _unmet(offer: Offer) -> ProviderError:
    message = f"plugin '{offer.plugin}' declares it and does not provide it as {offer.interface}"
    return ProviderError(offer.name, message, "Its author must mend that", failure="unavailable")


def _caller(by: str) -> str:
    return by if by.startswith("plugin:") else ""
