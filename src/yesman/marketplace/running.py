"""``yesman market serve``: one process, from its folder to its end."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, NoReturn

import uvloop

from yesman.marketplace.limits import LIMITS, Limits
from yesman.marketplace.serving import serve
from yesman.marketplace.setting_up import repository_of
from yesman.marketplace.signatures import AuthorSignatures
from yesman.marketplace.wiring import parts_of
from yesman.web.listening import end, reserved

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.marketplace.place import MarketFolder, Settings
    from yesman.marketplace.seams import Scanner


def run(
    folder: MarketFolder,
    settings: Settings,
    host: str,
    port: int,
    *,
    url: str = "",
    scanner: Scanner | None = None,
    limits: Limits = LIMITS,
    ready: Callable[[str], None],
) -> NoReturn:
    """Serve until a signal says otherwise, and end the process.

    Args:
        folder: Of the marketplace.
        settings: Where its database and files are.
        host: To listen at.
        port: To listen at; 0 for any.
        url: The server's own URL as users know it; where it listens, if empty.
        scanner: What looks into packages; without one nothing can be published.
        limits: How much is taken.
        ready: Called with that URL once it is reachable.

    Raises:
        YesmanError: It could not be started.
    """
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(message)s", level=logging.WARNING)
    place = reserved(host, port)  # nobody else gets it before granian has it
    port = int(place.getsockname()[1])
    base = url or f"http://{f'[{host}]' if ':' in host else host}:{port}"
    publisher = repository_of(folder, settings)
    parts = parts_of(
        folder,
        settings,
        base,
        publisher=publisher,
        signatures=AuthorSignatures(),
        scanner=scanner,
        limits=limits,
    )
    uvloop.run(serve(parts, host, port, lambda: ready(base)))
    end()
