"""Somebody who looks at a panel of a real server, as a dashboard does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from yesman.model.patch import patched
from yesman.wire.frames import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from hosted.server import Server
    from hosted.wire import Answer


class Viewer:
    """Looks at one panel until it is closed.

    Attributes:
        shown: What it shows, None before anything came.
        look: By which the server knows it.
        revision: Of what it shows.
        server: Where it looks.
        updates: How many have come.
    """

    def __init__(self, server: Server, panel: str = "main", plugin: str = "demo", **where: Any) -> None:
        self.shown: Any = None
        self.look = self.revision = self.updates = 0
        self.server = server
        self._text = b""
        self._wire = server.wire()
        self._wire.send("panel.watch", plugin=plugin, panel=panel, **where)

    def next(self) -> Any:
        """Wait for the next state and return it."""
        while b"\n" not in self._text:
            frame = self._wire.next()
            assert frame is not None, "the server is gone"
            assert frame.kind is Kind.OUTPUT, frame.body
            self._text += frame.blob
        line, _, self._text = self._text.partition(b"\n")
        update = json.loads(line)
        self.look, self.revision = update["look"], update["revision"]
        self.shown = patched(self.shown, update["changes"])
        self.updates += 1
        return self.shown

    def until(self, part: str | Callable[[Any], bool]) -> Any:
        """Wait until what is shown has ``part`` in it and return it."""
        while self.shown is None or not self._has(part):
            self.next()
        return self.shown

    def _has(self, part: str | Callable[[Any], bool]) -> bool:
        if isinstance(part, str):
            return part in json.dumps(self.shown, ensure_ascii=False)
        return part(self.shown)

    def press(self, path: str, revision: int | None = None, **values: Any) -> Answer:
        """Press what is, or in another revision was, at ``path``."""
        state = self.revision if revision is None else revision
        return self.server.ask("panel.press", look=self.look, revision=state, path=path, values=values)

    def said(self, path: str, **values: Any) -> Any:
        """Press what is at ``path``, which must succeed, and return what is said of it."""
        answer = self.press(path, **values)
        assert answer.failure is None, answer.failure
        return answer.value

    def refusal(self, path: str, revision: int | None = None, **values: Any) -> str:
        """Press what is at ``path``, which must fail in a sentence, and return that."""
        failure = self.server.explained(self.press(path, revision, **values))
        return str(failure["message"])

    def close(self) -> None:
        """Look no more."""
        self._wire.close()
