"""A registry's files over HTTP, by a server that stops in the middle of one until it is told to go on."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Held:
    """Serves ``folder`` on loopback.

    Attributes:
        url: Where.
        at: Part of a path that is not answered on, or "".
        share: Of that file, what is sent before.
        reached: Set when it was asked for, and that much was sent.
    """

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.at, self.share = "", 0.0
        self.reached, self._on = threading.Event(), threading.Event()

    @contextmanager
    def holding(self, at: str, share: float = 0.0) -> Iterator[None]:
        """Answer no request for a path with ``at`` in it, beyond that ``share``, until the block ends."""
        self.share, self.at = share, at
        try:
            yield
        finally:
            self.at = ""
            self._on.set()
            self.reached, self._on = threading.Event(), threading.Event()

    def answer(self, asked: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        file, on = self.folder / asked.path.lstrip("/"), self._on
        if not file.is_file():
            asked.send_error(404)
            return
        content = file.read_bytes()
        asked.send_response(200)
        asked.send_header("Content-Length", str(len(content)))
        asked.end_headers()
        held = bool(self.at) and self.at in asked.path
        first = int(len(content) * self.share) if held else 0
        with suppress(ConnectionError):  # whoever asked may be gone
            asked.wfile.write(content[:first])
            if held:
                self.reached.set()
                on.wait(60)
            asked.wfile.write(content[first:])


@contextmanager
def held(folder: Path) -> Iterator[Held]:
    """Serve ``folder`` until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.answer(self)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found = Held(folder, f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()
