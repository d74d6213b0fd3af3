"""One marketplace, asked over HTTP by a client that sends exactly what it is told."""

from __future__ import annotations

import base64
import dataclasses
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from marketed.authors import Author, Signed
from yesman.marketplace.database import Database
from yesman.marketplace.place import MarketFolder, Settings
from yesman.marketplace.schema import publishers
from yesman.marketplace.setting_up import set_up
from yesman.marketplace.storage import storage_at
from yesman.marketplace.tokens import issue
from yesman.trust.ed25519 import SigningKey
from yesman.trust.founding import Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

EVERYTHING = ("publish", "yank", "keys", "review", "report")
PROGRAM = Path(__file__).with_name("program.py")
SMALL = Shape(root_keys=1, threshold=1, bin_bits=2)
READY_SECONDS = 60.0


@dataclasses.dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Market:
    """A marketplace and, while it runs, its server."""

    def __init__(self, folder: Path, settings: Settings, *, new: bool = True) -> None:
        self.folder = MarketFolder(folder)
        self.settings = settings
        self.url = ""
        self.keys: dict[str, SigningKey] = {}
        self.process: subprocess.Popen[str] | None = None
        if new:
            set_up(self.folder, settings, SMALL)
        self.database = Database(self.folder.database_url(settings))
        self.objects = storage_at(settings.storage, self.folder.path)

    def start(self, **environment: str) -> Market:
        """Start the server; return when it answers."""
        argv = [sys.executable, str(PROGRAM), str(self.folder.path)]
        self.process = subprocess.Popen(
            argv, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}
        )
        assert self.process.stdout is not None
        timer = threading.Timer(READY_SECONDS, self.process.kill)
        timer.start()
        self.url = self.process.stdout.readline().strip()
        timer.cancel()
        assert self.url, "the server did not start"
        return self

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End the server; return its exit code."""
        if self.process is None:
            return 0
        self.process.send_signal(how)
        code = self.process.wait(60)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process = None
        return code

    def close(self) -> None:
        self.stop(signal.SIGKILL)
        self.database.close()

    def author(
        self, name: str, *scopes: str, trusted: bool = False, days: float = 1, plugin: str = ""
    ) -> Author:
        """Make a publisher with a token and a registered key."""
        with self.database.writing() as connection:
            token = issue(connection, name, scopes or EVERYTHING, days=days, plugin=plugin)
            connection.execute(publishers.update().where(publishers.c.name == name).values(trusted=trusted))
        known = self.keys.get(name)
        author = Author(name, token, known or SigningKey.generate())
        if known is None and self.url and "keys" in (scopes or EVERYTHING):
            self.keys[name] = author.key
            key = author.public
            sent = {field: getattr(key, field) for field in key.__struct_fields__}
            answer = self.ask("POST", "/api/keys", sent, author)
            assert answer.status == 201, answer.body
        return author

    def publish(self, author: Author, signed: Signed, **more: Any) -> Answer:
        """Send a package, as the client does."""
        headers = {"Yesman-Envelope": base64.b64encode(signed.envelope).decode()}
        path = f"/api/plugins/{more.get('name', signed.name)}/versions/{more.get('version', signed.version)}"
        return self.ask(
            "PUT", path + more.get("query", ""), more.get("package", signed.package), author, headers
        )

    def ask(
        self, method: str, path: str, body: Any = None, author: Author | None = None, headers: Any = None
    ) -> Answer:
        """Send one request; a body that is not bytes is sent as JSON."""
        sent = dict(headers or {})
        if author is not None:
            sent.setdefault("Authorization", f"Bearer {author.token}")
        if body is not None and not isinstance(body, bytes):
            body, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
        place = urlsplit(self.url)
        connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=60)
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers={key.replace("_", "-"): value for key, value in headers.items()})

    def raw(self, data: bytes, *, seconds: float = 60) -> bytes:
        """Send bytes as they are, end, and return all that comes back."""
        place = urlsplit(self.url)
        with socket.create_connection((str(place.hostname), place.port), timeout=seconds) as line:
            line.sendall(data)
            found = b""
            while piece := line.recv(65536):
                found += piece
                if b"\r\n\r\n" in found and b"connection: close" not in data.lower():
                    break
        return found
