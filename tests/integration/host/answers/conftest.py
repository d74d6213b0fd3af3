"""An agent that asks and plugins that vote, for the tests of answers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ACTING = Path(__file__).with_name("acting_agent.py")
COMMAND = "touch made.txt && echo a-rather-long-one"


class Scene:
    """A server, a session with an acting agent, and plugins that vote."""

    def __init__(self, server, plugins, until, folder):
        self.server, self.plugins, self.until, self.folder = server, plugins, until, folder
        folder.mkdir()

    def start(self, *commands, name="work"):
        command = [sys.executable, str(ACTING), str(self.folder), *(commands or [COMMAND])]
        made = self.server.call("session.new", name=name, cwd=str(self.folder), command=command)
        return made["windows"][0]["panes"][0]["pid"]

    def voter(self, body, name="voter", permission="session.type", **more):
        hooks = {"prompt.answering": f"self.note(event.payload['prompt']['command'])\n{body}"}
        self.server.install(self.plugins.make(name, hooks=hooks, permissions=[permission], **more))

    def heard(self, name="voter"):
        file = self.server.data(name) / "notes"
        return file.read_text().splitlines() if file.exists() else []

    def watcher(self):
        hooks = {"prompt.*ed": "self.note(json.dumps([event.name, event.payload]))"}
        self.server.install(self.plugins.make("watcher", hooks=hooks, permissions=["session.read"]))

    def told(self, name):
        events = [json.loads(line) for line in self.heard("watcher")]
        return [payload for found, payload in events if found == name]

    def answers(self):
        file = self.folder / "answers"
        return file.read_text().splitlines() if file.exists() else []

    def agent(self):
        seen = self.server.call("agent.status")
        return seen[0] if seen else None

    def asks(self):
        """Wait until it is known for certain what the agent asks, and which answers it offers."""

        def certain():
            prompt = (self.agent() or {}).get("prompt") or {}
            return prompt if prompt.get("exact") and prompt["options"] else None

        return self.until(certain)

    def tmux(self, *words):
        command = ["tmux", "-S", str(self.server.home.tmux_socket), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def type(self, *keys):
        self.tmux("send-keys", "-t", "work:", *keys)

    def shown(self):
        return self.tmux("capture-pane", "-p", "-t", "work:")

    def left(self, plugin="voter"):
        """Wait until the prompt was left to a person; return why, as the plugin's log tells."""

        def why():
            text = "".join(file.read_text() for file in self.server.home.logs.rglob(f"*{plugin}*"))
            return text.rpartition("left to a person, because ")[2].strip() if "left to" in text else ""

        return self.until(why, 60)

    def hold(self):
        """Have voters that contain HELD wait; return what lets them go on."""
        gate = self.folder / "gate"
        return f"while not Path({str(gate)!r}).exists(): await asyncio.sleep(0.01)\n", gate.touch

    def records(self, kind):
        done = self.server.yesman("plugin", "audit", "--kind", kind, "--json")
        return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def scene(server, plugins, until, tmp_path):
    return Scene(server, plugins, until, tmp_path / "work")
