"""A webhook on loopback that keeps what is posted, and the plugin in the real sandbox."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from yesman.plugins.testing import load_plugin, load_source

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from types import ModuleType

PLUGIN = Path(__file__).resolve().parents[1]


class Receiver(ThreadingHTTPServer):
    """Keeps headers and bodies; answers with ``status``."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = 204
        self.posts: list[tuple[dict[str, str], Any]] = []
        self.url = f"http://127.0.0.1:{self.server_port}/hook"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posts.append((dict(self.headers), json.loads(body)))
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST  # noqa: N815 - the name that the base class looks for

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
async def notifier(receiver: Receiver) -> AsyncIterator[Any]:
    async with load_plugin(PLUGIN, config={"url": receiver.url, "token": "t0ken"}) as plugin:
        yield plugin


@pytest.fixture(scope="session")
def modules() -> ModuleType:
    """The plugin's modules by name: ``modules.main``."""
    return load_source()
