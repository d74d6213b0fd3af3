"""The dashboard in the browser as a process, and somebody who asks it without a browser."""

from __future__ import annotations

import http.client
import json
import re
import select
import socket
import time
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode, urlsplit

if TYPE_CHECKING:
    import subprocess

    from hosted.desk import Desk

PATIENCE = 30.0


class Answer(NamedTuple):
    """What came of a request."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def data(self) -> Any:
        return json.loads(self.body)


class Web:
    """``yesman dashboard``, started; and what a program that is no browser can do with it.

    Attributes:
        link: What it printed.
        origin: Its own.
    """

    def __init__(self, desk: Desk, *arguments: str) -> None:
        self.process: subprocess.Popen[str] = desk.start("dashboard", *arguments)
        self.link = self._read_link()
        self.origin = self.link.partition("/enter")[0]
        parts = urlsplit(self.origin)
        self.host, self.port = parts.netloc, parts.port or 80
        self.cookie = self.form = ""

    def _read_link(self) -> str:
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        line = self.process.stdout.readline() if ready else ""
        found = re.search(r"https?://\S+", line)
        assert found, (line, self.process.poll(), self.process.stderr.read() if not line else "")
        return found[0]

    def ask(self, method: str, path: str, body: Any = None, *, signed: bool = True, **headers: Any) -> Answer:
        """Send a request as our own page would, but for the headers that are named; None leaves one out."""
        sent: dict[str, Any] = {"host": self.host, "accept": "application/json"}
        if signed and self.cookie:
            sent["cookie"] = self.cookie
        if method not in {"GET", "HEAD"}:
            sent |= {"origin": self.origin, "content-type": "application/x-www-form-urlencoded"}
            sent |= {"x-yesman-form": self.form} if signed else {}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        data = urlencode(body, doseq=True).encode() if body is not None else b""
        sent["content-length"] = str(len(data))
        for name, value in sent.items():
            if value is not None:
                connection.putheader(name, value)
        connection.endheaders(data)
        answer = connection.getresponse()
        got = Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        connection.close()
        return got

    def follow(self, link: str = "") -> Answer:
        """Follow a link as a browser without a cookie does."""
        parts = urlsplit(link or self.link)
        return self.ask("GET", f"{parts.path}?{parts.query}", signed=False, accept="text/html")

    def enter(self) -> Web:
        """Come in."""
        answer = self.follow()
        assert answer.status == 303, answer
        self.cookie = answer.headers["set-cookie"].partition(";")[0]
        page = self.ask("GET", "/", accept="text/html")
        self.form = re.search(r'<meta name="form" content="([0-9a-f]+)"', page.text)[1]  # type: ignore[index]
        return self

    def act(self, act: str, /, **fields: Any) -> Answer:
        """Do what a button does."""
        return self.ask("POST", f"/act/{act}", fields)

    def live(self, *regions: str) -> Live:
        """Follow regions."""
        return Live(self, regions)

    def close(self) -> int:
        """End it as Ctrl-C does; return its exit code."""
        self.process.terminate()
        try:
            self.process.communicate(timeout=PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()
        return self.process.returncode


class Live:
    """A stream of events, read piece by piece."""

    def __init__(self, web: Web, regions: tuple[str, ...]) -> None:
        query = urlencode([("region", region) for region in regions])
        self._socket = socket.create_connection(("127.0.0.1", web.port), PATIENCE)
        head = f"GET /live?{query} HTTP/1.1\r\nHost: {web.host}\r\nCookie: {web.cookie}\r\n\r\n"
        self._socket.sendall(head.encode())
        self._lines = self._socket.makefile("rb")
        assert b" 200 " in self._lines.readline()

    def until(self, *texts: str) -> dict[str, Any]:
        """Return the first piece whose HTML holds all these texts."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            line = self._lines.readline()
            assert line, "the stream has ended"
            if line.startswith(b"data: "):
                piece: dict[str, Any] = json.loads(line[6:])
                html = piece.get("html") or " ".join(part for _, part in piece["parts"])
                if all(text in html for text in texts):
                    return piece
        raise AssertionError(texts)

    def close(self) -> None:
        """Go away."""
        self._lines.close()
        self._socket.close()
