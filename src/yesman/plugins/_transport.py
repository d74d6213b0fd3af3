"""The one thing the services need from whoever runs the plugin."""

from __future__ import annotations

from typing import Any, Protocol


class Transport(Protocol):
    """Carries a request to the host and waits for the answer.

    The worker in the sandbox implements it over its socket; tests implement it in memory.
    """

    def call(self, method: str, /, **params: Any) -> Any:
        """Return the host's answer as JSON data; parameters are JSON data too.

        Raises:
            PermissionError: The plugin lacks the permission that the message names.
            LookupError: The session, window or pane does not exist.
            ValueError: The host does not accept an argument.
            ProviderError: Another plugin's provider failed.
            RuntimeError: The host could not do it.
        """
        ...


class NoHost:
    """The transport of a context that somebody made without a host."""

    def call(self, method: str, /, **_params: Any) -> Any:
        """Raise RuntimeError."""
        raise RuntimeError(f"there is no host here to ask for '{method}'")
