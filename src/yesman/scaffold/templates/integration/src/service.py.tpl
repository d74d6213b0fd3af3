"""The service. It knows nothing of yesman: libraries work in the sandbox as they do anywhere."""

from __future__ import annotations

import json
from urllib.request import Request, urlopen

URL = "https://api.example.com/sessions"
SECONDS = 10


class Service:
    """A client of it."""

    def __init__(self, token: str) -> None:
        self.token = token

    def report(self, event: str, session: str | None, folder: str) -> None:
        """Tell it what happened; raise OSError when it cannot be reached or refuses."""
        body = json.dumps({"event": event, "session": session, "folder": folder}).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        with urlopen(Request(URL, body, headers), timeout=SECONDS) as answer:
            answer.read()
