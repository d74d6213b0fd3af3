"""The real server, but public addresses lead to loopback: ``NAME=ADDRESS:PORT=LOCAL … --ready-fd N``.

Only by taking the place of a class in this very process can a dialer be handed over; the server has no
way of its own to be given one.
"""

from __future__ import annotations

import ipaddress
import socket
import sys
from functools import partial

from yesman.model.network import Target
from yesman.runtime.network import Networks
from yesman.server import main, parts

LOOPBACK = ipaddress.ip_address("127.0.0.1")


class Leads:
    """Resolver and dialer in one: ``names`` to addresses, ``table`` of addresses to local ports."""

    def __init__(self, rows: list[str]) -> None:
        self.names: dict[str, str] = {}
        self.table: dict[str, int] = {}
        for row in rows:
            name, target, port = row.split("=")
            self.names[name] = target.rpartition(":")[0]
            self.table[target] = int(port)

    async def resolve(self, host: str, _family: int) -> list[str]:
        if host not in self.names:
            raise socket.gaierror(socket.EAI_NONAME, "not in the book")
        return [self.names[host]]

    def route(self, target: Target) -> Target:
        return Target(LOOPBACK, self.table.get(str(target), 1))


if __name__ == "__main__":
    given = sys.argv[1:]
    cut = given.index("--ready-fd")
    leads = Leads(given[:cut])
    networks = Networks(resolver=leads, dialer=leads)
    parts.PluginManager = partial(parts.PluginManager, networks=networks)  # type: ignore[assignment,misc]
    sys.exit(main.main(given[cut:]))
