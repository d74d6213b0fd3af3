"""The server's life: recover, listen, keep in date, end.

What always holds: it listens only once what was left behind by a killed process is published; a housekeeping
step that fails is logged and tried again; and when it is told to end it takes no new requests, answers those
it has, and writes what it counted.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from yesman.marketplace.api.app import application
from yesman.marketplace.migrating import migrate
from yesman.model.errors import YesmanError
from yesman.model.readied import make_ready
from yesman.web.listening import answers, server

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.marketplace.api.parts import Parts

THREADS: Final = 8
"""Of requests that wait for the database or the disk."""
COUNTED_SECONDS, RECOVERED_SECONDS, REFRESHED_SECONDS = 5.0, 15.0, 1800.0


async def serve(parts: Parts, host: str, port: int, ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT; ``ready`` is called once requests are answered."""
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(THREADS, thread_name_prefix="request"))
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    web = server(application(parts), host, port, parts.limits.headers)
    make_ready()
    await asyncio.to_thread(migrate, parts.database)
    await asyncio.to_thread(parts.indexing.recover)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(web.serve())
        keeping = group.create_task(_keep_house(parts))
        await answers(host, port)
        ready()
        await asyncio.wait({running, group.create_task(stopped.wait())}, return_when=asyncio.FIRST_COMPLETED)
        stopped.set()
        keeping.cancel()
        web.stop()
    await asyncio.to_thread(parts.downloads.write)
    parts.database.close()


async def _keep_house(parts: Parts) -> None:
    """Do what is due every now and then, each by its own clock."""
    async with asyncio.TaskGroup() as group:
        group.create_task(_every(COUNTED_SECONDS, parts.downloads.write))
        group.create_task(_every(RECOVERED_SECONDS, parts.indexing.recover))
        group.create_task(_every(REFRESHED_SECONDS, parts.indexing.refresh, at_once=True))


async def _every(seconds: float, action: Callable[[], object], *, at_once: bool = False) -> None:
    if not at_once:
        await asyncio.sleep(seconds)
    while True:
        try:
            await asyncio.to_thread(action)
        except YesmanError as error:
            logging.getLogger(__name__).warning("%s", error)
        except Exception:  # a mistake of ours must not end what keeps the index in date
            logging.getLogger(__name__).exception("A housekeeping step failed")
        await asyncio.sleep(seconds)
