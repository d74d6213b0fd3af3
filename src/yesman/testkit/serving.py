"""A mocked service on loopback, over TLS with a certificate for whatever name it is asked by, or without.

What always holds: one request is answered at a time, so answers need not be prepared for threads; what the
functions of a test raise is kept for the test; after ``close`` no thread and no socket is left.
"""

from __future__ import annotations

import os
import socket
import ssl
import threading
from contextlib import suppress
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

import trustme

from yesman.testkit.exchange import Reply, Request

if TYPE_CHECKING:
    from yesman.testkit.exchange import ExternalApi

CLIENT_HELLO: Final = b"\x16"
"""The first byte of TLS (RFC 8446, 5.1): no HTTP method begins with it."""
SILENCE_SECONDS: Final = 60.0
MOST_BODY: Final = 64 * 1024 * 1024
TOO_LARGE, LENGTH_REQUIRED = 413, 411


@cache
def authority() -> trustme.CA:
    """Return the certificate authority of this process, which nobody outside its tests trusts."""
    return trustme.CA()


class ApiServer(ThreadingHTTPServer):
    """Serves one mocked service from the moment it is made.

    Args:
        api: Whose answers.
        failed: Told what a function of the test raised.
    """

    daemon_threads = False

    def __init__(self, api: ExternalApi, failed: list[Exception]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.api = api
        self._failed = failed
        self._one_at_a_time = threading.Lock()
        self._open: set[socket.socket] = set()
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._context = self._context_for(api.host)
        self._context.sni_callback = self._named
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def answer(self, request: Request) -> Reply:
        """Return the answer; what the test's function raised becomes 500."""
        with self._one_at_a_time:
            try:
                reply = self.api.answer(request)
                reply.encoded()
            except Exception as error:  # noqa: BLE001 - whatever the test's function did, the test hears of it
                self._failed.append(error)
                return Reply({"message": "the test's own answer failed"}, 500)
            return reply

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Serve one connection, in a thread of its own."""
        request.settimeout(SILENCE_SECONDS)
        handle = socket.socket(fileno=os.dup(request.fileno()))
        self._open.add(handle)
        try:
            if request.recv(1, socket.MSG_PEEK) != CLIENT_HELLO:
                super().finish_request(request, client_address)
                return
            with self._context.wrap_socket(request, server_side=True) as secured:
                super().finish_request(secured, client_address)
        finally:
            self._open.discard(handle)
            handle.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients hang up for reasons that are the test's subject."""

    def close(self) -> None:
        """End every connection."""
        self.shutdown()
        self._thread.join()
        for handle in list(self._open):
            with suppress(OSError):
                handle.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def _named(self, connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        if name:
            connection.context = self._context_for(name)

    def _context_for(self, name: str) -> ssl.SSLContext:
        with self._one_at_a_time:
            if name not in self._contexts:
                context = self._contexts[name] = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
                context.set_alpn_protocols(["http/1.1"])
                authority().issue_cert(name).configure_cert(context)
            return self._contexts[name]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ApiServer

    def _serve(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdecimal():
            self.send_error(LENGTH_REQUIRED)
        elif int(length) > MOST_BODY:
            self.send_error(TOO_LARGE)
        else:
            self._send(self.server.answer(self._request(self.rfile.read(int(length)))))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve  # noqa: N815 - their names

    def _request(self, body: bytes) -> Request:
        url = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        host = headers.get("host", "").partition(":")[0].lower()
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        return Request(self.command, host, unquote(url.path), query, headers, body)

    def _send(self, reply: Reply) -> None:
        headers, body = reply.encoded()
        self.send_response(reply.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing; the requests are kept."""
