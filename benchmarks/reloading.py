"""Reloading a plugin with heavy imports: asked for, and by saving a file while ``plugin dev`` watches."""

from __future__ import annotations

import json
import time
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.folders import write_plugin
from benchmarks.lab import BARE_PYTHON
from benchmarks.rows import Beside, Measured, Row, Unit
from benchmarks.serving import Server, ask
from benchmarks.stats import Samples
from benchmarks.timing import in_turns, run_time
from yesman.model.home import Home
from yesman.wire.frames import Kind

if TYPE_CHECKING:
    from benchmarks.lab import Lab
    from yesman.cli.client import Connection

PACKAGES = {"pygithub": "github", "numpy": "numpy"}
"""What is installed for one, and what it imports."""
APART_SECONDS = 0.1
"""Between two saves: a person is slower."""


class Edited:
    """A linked plugin on a running server, and its author.

    Args:
        lab: Where.
        package: What it requires, "" for nothing.
        name: Of the home.
    """

    def __init__(self, lab: Lab, package: str, name: str) -> None:
        self._package = package
        self._versions = 0
        home = Home(lab.folder(name))
        self._server = Server(lab, home)
        self._server.start()
        self.folder = write_plugin(lab.root / f"edited {name}", "edited")
        if package:
            (self.folder / "requirements.txt").write_text(f"{package}\n", "utf-8")
        self._text = (self.folder / "src" / "main.py").read_text("utf-8")
        self.save()
        self.client = self._connected(lab)
        shown = ask(self.client, "plugin.inspect", path=str(self.folder), link=True)
        digest = shown["digest"]
        ask(
            self.client,
            "plugin.install",
            path=str(self.folder),
            link=True,
            digest=digest,
            consent=[],
            config={},
        )
        self._warm(lab)

    def _connected(self, lab: Lab) -> Connection:
        client = self._server.client()
        lab.finally_do(client.close)
        return client

    def save(self) -> None:
        """Change the code."""
        self._versions += 1
        imports = f"import {PACKAGES[self._package]}\n" if self._package else ""
        changed = self._text.replace("from yesman", f"{imports}VERSION = {self._versions}\nfrom yesman", 1)
        (self.folder / "src" / "main.py").write_text(changed, "utf-8")

    def _warm(self, lab: Lab) -> None:
        """Start the plugin, and wait for its template if it gets one: at once while somebody works on it."""
        deadline = time.monotonic() + 30
        author = self._connected(lab)
        author.call("plugin.develop", {"name": "edited"}, "watching")
        while not ask(self.client, "plugin.reload", name="edited")["template"] and self._package:
            if time.monotonic() > deadline:
                raise RuntimeError("no template was made")
            time.sleep(0.2)
        author.close()

    def reload(self) -> float:
        """Change the code, have it taken over, and return the seconds from the request to the switch."""
        self.save()
        found = ask(self.client, "plugin.reload", name="edited")
        if self._package and not found["template"]:
            raise RuntimeError("it was not forked from its template")
        time.sleep(APART_SECONDS)
        return float(found["load_ms"] + found["swap_ms"]) / 1000

    def saved(self, lab: Lab) -> Samples:
        """Return, for several saves under ``plugin dev``, the seconds until the new code serves."""
        watching = self._connected(lab)
        watching.call("plugin.develop", {"name": "edited"}, "watching")
        self.save()
        _await_reload(watching)  # the first, at the latest when it watches
        found = []
        for _ in range(lab.times(60, 10)):
            time.sleep(APART_SECONDS)
            began = time.perf_counter()
            self.save()
            _await_reload(watching)
            found.append(time.perf_counter() - began)
        watching.close()
        return Samples.of(found)

    def stop(self) -> None:
        """End the server."""
        self._server.stop()


def _await_reload(watching: Connection) -> None:
    while True:
        frame = watching.next_frame()
        if frame.kind is not Kind.OUTPUT:
            raise RuntimeError(frame.body.decode(errors="replace"))
        kinds = [json.loads(line)["kind"] for line in frame.blob.splitlines()]
        if "failed" in kinds:
            raise RuntimeError(frame.blob.decode(errors="replace"))
        if "reloaded" in kinds:
            return


def reloads(lab: Lab, package: str) -> Measured:
    """Measure reloading a plugin that imports ``package``, changed each time."""
    edited = Edited(lab, package, f"reload {package}")
    found = in_turns({"reload": edited.reload}, lab.times(100, 20))["reload"]
    edited.stop()
    beside = (_scratch(lab, package),) if package else ()
    return Measured(
        found, beside, note="from the request to the switch; the old version serves but for the last"
    )


def _scratch(lab: Lab, package: str) -> Beside:
    site = next((lab.root / f"reload {package}" / "envs").glob("*/site"))
    env: dict[str, str] = {**lab.environment(), "PYTHONPATH": str(site)}
    program = [BARE_PYTHON, "-S", "-c", f"import {PACKAGES[package]}"]
    times = in_turns({"scratch": partial(run_time, program, env)}, lab.times(10, 3))
    return Beside("cold interpreter that imports it", times["scratch"])


def saves(lab: Lab) -> Measured:
    """Measure the time from a save to the new code serving, the watcher included."""
    edited = Edited(lab, "pygithub", "saved")
    found = edited.saved(lab)
    edited.stop()
    return Measured(found, note="a plugin that imports PyGithub; 5 ms of it are waited for further changes")


def _row(package: str, what: str) -> Row:
    return Row(
        f"reload.{package or 'light'}",
        f"reload, {what}",
        Unit.MILLISECONDS,
        "design §13",
        partial(reloads, package=package),
        budget={50: 20, 95: 40},
        slow=bool(package),
    )


ROWS = (
    _row("", "nothing imported"),
    _row("pygithub", "PyGithub imported"),
    _row("numpy", "numpy imported"),
    Row(
        "reload.saved",
        "from saving a file to serving, plugin dev",
        Unit.MILLISECONDS,
        "design §13",
        saves,
        budget={50: 60},
        slow=True,
    ),
)
