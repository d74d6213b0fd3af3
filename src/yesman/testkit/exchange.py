"""What a mocked service was asked and what it answers: values, and the choice among answers. No I/O."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, TypeAlias


@dataclass(frozen=True)
class Request:
    """One request that reached a mocked service.

    Attributes:
        method: In capitals.
        host: As the plugin named it, a sub-domain perhaps; without the port.
        path: Decoded, without the query.
        query: The last value of each field.
        headers: By their names in small letters; the last value of each.
        body: As it came.
    """

    method: str
    host: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Any:
        """Return the body as JSON data; raise ValueError where it is none."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """An answer with everything that can be said about it.

    Attributes:
        body: Bytes and text go out as they are, anything else as JSON.
        status: The code.
        headers: More of them, or others.
    """

    body: Any = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self) -> tuple[dict[str, str], bytes]:
        """Return headers and body as they go out."""
        if isinstance(self.body, bytes):
            kind, body = "application/octet-stream", self.body
        elif isinstance(self.body, str):
            kind, body = "text/plain; charset=utf-8", self.body.encode()
        else:
            kind, body = "application/json", json.dumps(self.body).encode()
        return {"Content-Type": kind, **self.headers, "Content-Length": str(len(body))}, body


Answers: TypeAlias = Mapping[str, Any] | Callable[[Request], Any]
"""Either a function of the request, or answers by ``"GET /path"``, or by ``"/path"`` for every method, where
paths may hold ``*``. An answer is a :class:`Reply`, a function of the request that returns one, or what its
body shall be: JSON data, text or bytes."""


def reply_to(request: Request, answers: Answers) -> Reply:
    """Return what ``answers`` has for ``request``: of several that fit, the first; 404 for none."""
    if callable(answers):
        return _reply(answers(request))
    for wanted, answer in answers.items():
        method, _, path = wanted.rpartition(" ")
        if method in {"", request.method} and fnmatchcase(request.path, path):
            return _reply(answer(request) if callable(answer) else answer)
    return Reply({"message": f"no answer to {request.method} {request.path} was prepared"}, 404)


def _reply(answer: Any) -> Reply:
    return answer if isinstance(answer, Reply) else Reply(answer)


class ExternalApi:
    """A mocked service.

    Attributes:
        host: Its name; its sub-domains are the same service.
        requests: What it was asked, oldest first.
    """

    def __init__(self, host: str, answers: Answers) -> None:
        self.host = host
        self.requests: list[Request] = []
        self._answers = answers

    def answer(self, request: Request) -> Reply:
        """Note the request and return what it is answered."""
        self.requests.append(request)
        return reply_to(request, self._answers)
