"""The network of a test: mocked services, this machine, and nothing else.

Each name of a mocked service has a public address of its own, so that permissions mean what they always
mean; the broker judges that address, and only then the connection is led to loopback.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from yesman.model.errors import UsageError
from yesman.model.network import Target, host_key
from yesman.testkit.exchange import ExternalApi

if TYPE_CHECKING:
    from pathlib import Path

    from yesman.testkit.exchange import Answers
    from yesman.testkit.serving import ApiServer

FIRST: Final = ipaddress.IPv4Address("93.184.0.1")
"""Public addresses are given out from here on; nothing is ever sent to them."""
LOOPBACK: Final = ipaddress.IPv4Address("127.0.0.1")
NOWHERE: Final = Target(LOOPBACK, 1)
"""Where nobody listens."""


class TestNetwork:
    """Resolves names (``runtime.names.Resolver``) and routes connections (``runtime.dialling.Dialer``).

    Attributes:
        failures: What functions of the test raised when they were to answer.
    """

    __test__ = False  # pytest: despite the name this is no test

    def __init__(self) -> None:
        self.failures: list[Exception] = []
        self._servers: dict[str, ApiServer] = {}
        self._addresses: dict[str, ipaddress.IPv4Address] = {}

    def mock(self, host: str, answers: Answers) -> ExternalApi:
        """Answer for ``host`` and its sub-domains from now on; the longest name that fits wins.

        Raises:
            UsageError: The packages for that are not installed.
        """
        if not can_mock():
            raise UsageError(
                "Mocking a service needs the package trustme",
                "Run 'yesman plugin test', or install yesman[testing]",
            )
        from yesman.testkit.serving import ApiServer  # noqa: PLC0415 - see above

        name = host_key(host)
        before = self._servers.pop(name, None)
        if before is not None:
            before.close()
        api = ExternalApi(name, answers)
        self._servers[name] = ApiServer(api, self.failures)
        return api

    async def resolve(self, host: str, family: int) -> list[str]:
        """Return the addresses of a mocked service, or of this machine."""
        name = host_key(host)
        if name == "localhost" or name.endswith(".localhost"):
            return await asyncio.to_thread(_local, name, family)
        if self._server(name) is None:
            raise socket.gaierror(socket.EAI_NONAME, "the test has mocked no such service")
        if family == socket.AF_INET6:
            raise socket.gaierror(socket.EAI_NODATA, "mocked services have addresses of version 4")
        return [str(self._addresses.setdefault(name, FIRST + len(self._addresses)))]

    def route(self, target: Target) -> Target:
        """Lead a connection that is allowed to where the test has something for it."""
        if target.address.is_loopback:
            return target
        name = next((name for name, address in self._addresses.items() if address == target.address), "")
        server = self._server(name)
        return NOWHERE if server is None else Target(LOOPBACK, server.server_port)

    def close(self) -> None:
        """End all services."""
        while self._servers:
            self._servers.popitem()[1].close()

    def _server(self, name: str) -> ApiServer | None:
        labels = name.split(".")
        suffixes = (".".join(labels[start:]) for start in range(len(labels)))
        return next((self._servers[suffix] for suffix in suffixes if suffix in self._servers), None)


def can_mock() -> bool:
    """Tell whether certificates can be made."""
    return find_spec("trustme") is not None


def write_authority(path: Path) -> str:
    """Write down whom plugins are to trust and return ``path``, "" where certificates cannot be made."""
    if not can_mock():
        return ""
    from yesman.testkit.serving import authority  # noqa: PLC0415 - needs trustme

    authority().cert_pem.write_to_path(str(path))
    return str(path)


def _local(name: str, family: int) -> list[str]:
    return [str(row[4][0]) for row in socket.getaddrinfo(name, None, family, socket.SOCK_STREAM)]
