"""The example among real sessions: its webhook hears of them, and the user on the desktop."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).resolve().parents[4] / "examples" / "notifier"


class Handler(BaseHTTPRequestHandler):
    """Keeps what is posted."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append(json.loads(body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def webhook():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.heard = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def shown(cold, tmp_path):
    """A server in a desktop whose ``notify-send`` writes down what it was given."""
    program = tmp_path / "bin" / "notify-send"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$4\" >>{tmp_path}/shown\n")
    program.chmod(0o755)
    cold.environ |= {"PATH": f"{program.parent}:{cold.environ['PATH']}", "DISPLAY": ":99"}
    assert cold.start() is None
    file = tmp_path / "shown"
    return lambda: file.read_text().splitlines() if file.exists() else []


def install(server, webhook):
    url = f"url=http://127.0.0.1:{webhook.server_port}/hook"
    done = server.yesman("plugin", "install", str(EXAMPLE), "--yes", "--config", url)
    assert done.returncode == 0, done.stderr


def test_sessions_are_told_to_the_webhook_and_their_end_to_the_user(cold, shown, webhook, until, tmp_path):
    install(cold, webhook)
    folder = tmp_path / "app"
    folder.mkdir()
    assert cold.yesman("session", "new", "work", "--cwd", str(folder), "--", "sleep", "1000").returncode == 0
    until(lambda: [post["event"] for post in webhook.heard] == ["session.created"])
    assert webhook.heard[0]["text"] == f"work was made\n{folder}"
    assert cold.yesman("session", "close", "work").returncode == 0
    until(lambda: [post["event"] for post in webhook.heard] == ["session.created", "session.closed"])
    until(lambda: shown() == ["notifier: work is closed"])


def test_other_plugins_messages_go_to_the_webhook_as_well(server, webhook, plugins, until):
    install(server, webhook)
    send = "self.context.notifications.send('Done', 'all of it')"
    server.install(plugins.make("worker", commands={"go": send}, permissions=["session.modify"]))
    assert server.yesman("go").returncode == 0
    until(lambda: [post["text"] for post in webhook.heard] == ["worker: Done\nall of it"])


def test_without_the_network_it_says_so_and_goes_on(server, webhook):
    install(server, webhook)
    server.yesman("plugin", "revoke", "notifier", "network.internal")
    done = server.yesman("provider", "call", "webhook", "send", "title=Hello", "body=x")
    assert done.returncode == 1
    assert "network.internal" in done.stderr
    assert webhook.heard == []
    server.yesman("plugin", "grant", "notifier", "network.internal")
    assert server.yesman("provider", "call", "webhook", "send", "title=Hello", "body=x").returncode == 0
    assert [post["text"] for post in webhook.heard] == ["Hello\nx"]
