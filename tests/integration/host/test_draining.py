"""A plugin that is stopped finishes what it is doing, within a time, and is given nothing new."""

from __future__ import annotations

import os
import signal
import threading

import pytest

COMMANDS = {
    "work": "self.note('begun')\ntime.sleep(float(arg))\nself.note('done')\nreturn 'finished'",
    "tell": "return os.getpid()",
}
CLEANUP = "    async def cleanup(self):\n        self.note('cleaned')\n"


class Asked:
    """A call that goes on while something else happens."""

    def __init__(self, ask, *call, **params):
        self._thread = threading.Thread(target=self._run, args=(ask, call, params))
        self._thread.start()
        self._answer = None

    def _run(self, ask, call, params):
        self._answer = ask(*call, **params)

    @property
    def over(self):
        return not self._thread.is_alive()

    def answer(self):
        self._thread.join(30)
        assert self.over
        return self._answer


@pytest.fixture
def worker(server, plugins):
    """A server with a plugin whose command takes a while, and that cleans up."""
    folder = plugins.make(commands=COMMANDS)
    main = folder / "src/main.py"
    main.write_text(main.read_text() + "\n" + CLEANUP)
    server.install(folder)
    return server


def notes(server):
    file = server.data("demo") / "notes"
    return file.read_text().split() if file.exists() else []


def begin(server, seconds, until):
    running = Asked(server.run, "demo", "work", str(seconds))
    until(lambda: "begun" in notes(server))
    return running


def test_disabling_lets_a_command_finish_and_clean_up(worker, until):
    running = begin(worker, 1, until)
    worker.call("plugin.disable", name="demo")
    assert running.answer().value == "finished"
    assert notes(worker) == ["begun", "done", "cleaned"]


def test_a_new_call_is_refused_at_once_meanwhile(worker, until):
    running = begin(worker, 2, until)
    disabling = Asked(worker.ask, "plugin.disable", name="demo")
    until(lambda: worker.state_of("demo") == "draining")
    refused = worker.explained(worker.run("demo", "tell"))
    assert refused["message"] == "plugin 'demo' is disabled"
    assert not disabling.over
    assert running.answer().value == "finished"
    assert disabling.answer().value["state"] == "installed"


def test_what_does_not_finish_in_time_is_cut_short(worker, until):
    running = begin(worker, 60, until)
    worker.call("plugin.disable", name="demo")
    assert "was stopped" in worker.explained(running.answer())["message"]
    assert worker.call("plugin.show", name="demo")["crashes"] == []


def test_a_call_during_an_update_is_served_by_the_new_version(worker, plugins, until):
    running = begin(worker, 1, until)
    updating = Asked(worker.install, plugins.make(commands={"tell": "return 'new'"}, version="2.0.0"))
    until(lambda: worker.state_of("demo") == "draining" or updating.over)
    assert worker.value("demo", "tell") == "new"
    assert running.answer().value == "finished"
    updating.answer()


def test_a_stopping_server_lets_a_command_finish_and_begins_none(worker, until):
    running = begin(worker, 1.5, until)
    wire = worker.wire()
    worker.call("plugin.list")
    os.kill(worker.running(), signal.SIGTERM)
    until(lambda: not worker.home.socket.exists())
    where = {"cwd": "/", "terminal": {}, "columns": 80, "lines": 24, "options": {}}
    wire.send("command.run", plugin="demo", command="tell", **where)
    refused = worker.explained(wire.answer())
    wire.close()
    assert refused["message"] == "plugin 'demo' is not run: the server is stopping"
    assert running.answer().value == "finished"
