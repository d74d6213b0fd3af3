"""A stand-in for the agent's model API, on loopback: it answers what a test wrote down.

It is also the proxy that the agent is given: whatever it asks of any other host is refused and on record.
"""

from __future__ import annotations

import json
import threading
import uuid
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

USAGE = {
    "input_tokens": 1,
    "output_tokens": 1,
    "cache_creation_input_tokens": 0,
    "cache_read_input_tokens": 0,
}


def text(words: str) -> dict[str, Any]:
    """A block of the answer: words."""
    return {"type": "text", "text": words}


def tool(name: str, **given: Any) -> dict[str, Any]:
    """A block of the answer: the model wants to use a tool."""
    return {"type": "tool_use", "name": name, "input": given}


class StandIn(ThreadingHTTPServer):
    """Answers a user's message by the table ``answers``; a result of a tool, and all else, by "Done."."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, list[dict[str, Any]]] = {}
        self.asked: list[str] = []
        self.elsewhere: list[str] = []
        self.going_on = threading.Event()
        self.going_on.set()

    def handle_error(self, *_: object) -> None:
        """Say nothing: an agent that is ended hangs up."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def blocks_for(self, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        last = next(message for message in reversed(messages) if message.get("role") == "user")["content"]
        block = last[-1] if isinstance(last, list) else {"type": "text", "text": last}
        said = block.get("text", "").strip()
        self.asked.append(said)
        return self.answers.get(said, [text("Done.")])


@contextmanager
def serving() -> Iterator[StandIn]:
    server = StandIn()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.going_on.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: StandIn

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_CONNECT(self) -> None:
        self.server.elsewhere.append(self.path)
        self._answer(403, b"{}")

    def do_GET(self) -> None:
        if not self.path.startswith("/"):
            self.server.elsewhere.append(self.path)
        self._answer(404, b'{"type":"error","error":{"type":"not_found_error","message":"no"}}')

    do_HEAD = do_GET  # noqa: N815 - as above

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if not self.path.startswith("/v1/messages"):
            self.server.elsewhere.append(self.path)
            self._answer(404, b"{}")
        elif "count_tokens" in self.path:
            self._answer(200, b'{"input_tokens": 1}')
        else:
            self._message(json.loads(body))

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _message(self, request: dict[str, Any]) -> None:
        # Requests without tools are the agent's own, for a title and the like.
        blocks = self.server.blocks_for(request["messages"]) if request.get("tools") else [text("Title")]
        stop = "tool_use" if any(block["type"] == "tool_use" for block in blocks) else "end_turn"
        message = {"id": f"msg_{uuid.uuid4().hex}", "type": "message", "role": "assistant", "usage": USAGE}
        message |= {"model": request.get("model"), "content": [], "stop_reason": None, "stop_sequence": None}
        identified = [{**block, "id": f"toolu_{uuid.uuid4().hex}"} for block in blocks]
        if not request.get("stream"):
            body = json.dumps(message | {"content": identified, "stop_reason": stop})
            self._answer(200, body.encode())
            return
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        self._event("message_start", message=message)
        for index, block in enumerate(identified):
            self._block(index, block)
        delta = {"stop_reason": stop, "stop_sequence": None}
        self._event("message_delta", delta=delta, usage={"output_tokens": 1})
        self._event("message_stop")
        self.wfile.write(b"0\r\n\r\n")

    def _block(self, index: int, block: dict[str, Any]) -> None:
        if block["type"] == "text":
            self._event("content_block_start", index=index, content_block=text(""))
            self._event(
                "content_block_delta", index=index, delta={"type": "text_delta", "text": block["text"]}
            )
            self.server.going_on.wait(30)
        else:
            self._event("content_block_start", index=index, content_block=block | {"input": {}})
            given = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
            self._event("content_block_delta", index=index, delta=given)
        self._event("content_block_stop", index=index)

    def _event(self, name: str, **data: Any) -> None:
        written = f"event: {name}\ndata: {json.dumps({'type': name, **data})}\n\n".encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(written), written))
        self.wfile.flush()
