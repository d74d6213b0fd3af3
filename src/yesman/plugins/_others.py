"""The services that lead beyond the plugin: providers of other plugins, messages and panels for the user."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from yesman.plugins._permission import needs
from yesman.plugins._providers import IProvider
from yesman.plugins._proxies import stand_in
from yesman.plugins._returned import DONE, Done, Items, Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.plugins._transport import Transport

P = TypeVar("P", bound=IProvider)


class Providers:
    """Leads to providers of other plugins.

    Args:
        transport: Carries the calls to the host.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @needs("provider.use", call="provider.get")
    def get(self, name: str, interface: Callable[..., P]) -> P:
        """Return another plugin's provider, to be called as if it were here.

        Each of its methods is complete when it returns, and raises :class:`ProviderError` when the
        provider fails. It is connected before the first use; nobody else need call ``connect``.

        Args:
            name: As its plugin's manifest declares it.
            interface: The class it must be, such as ``IVersionControlProvider``.

        Raises:
            LookupError: No installed plugin provides that.
            ValueError: It is something else.
        """
        self._transport.call("provider.get", name=name, interface=interface.__name__)
        return stand_in(interface, partial(self._forward, name, interface.__name__))

    def _forward(self, name: str, interface: str, method: str, arguments: dict[str, Any]) -> Any:
        return _awaitable(
            self._transport.call(
                "provider.call", name=name, interface=interface, method=method, arguments=arguments
            )
        )


class Notifications:
    """Tells the user something.

    Args:
        transport: Carries the calls to the host.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @needs("session.modify", call="notification.send")
    def send(self, title: str, body: str = "", urgency: str = "normal") -> Done:
        """Show the user a message, in this plugin's name.

        It appears in the terminals that show sessions this plugin may change, on the desktop where there is
        one, and wherever plugins that provide notifications pass it on.

        Args:
            title: One line.
            body: More of it; line ends are kept where they can be shown.
            urgency: ``low``, ``normal`` or ``critical``.

        Raises:
            ValueError: A text is empty, too long or holds control characters, or the urgency is none.
        """
        self._transport.call("notification.send", title=title, body=body, urgency=urgency)
        return DONE


class Panels:
    """Tells the dashboards that there is something new to show.

    Args:
        transport: Carries the calls to the host.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @needs("", call="panel.changed")
    def changed(self, name: str = "") -> Done:
        """Say that a panel of this plugin has something new; with no name, that all may have.

        Costs nothing while nobody looks. Who looks is shown it soon, not once for each time that it is said.
        """
        self._transport.call("panel.changed", name=name)
        return DONE


def _awaitable(value: Any) -> Any:
    """Return what a provider answered so that it may be awaited, as all that services return."""
    if value is None:
        return DONE
    if isinstance(value, str):
        return Text(value)
    return Items(value) if isinstance(value, list) else value
