"""What the faults are judged by sees what it must see: each kind of harm, done on purpose."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack

import pytest

from storm import measured, probing
from storm.fault import Fault
from storm.measured import Measured
from yesman.runtime.zygote import home_number
from yesman.sandbox import family

MARKED = (
    "import sys, time\nfrom yesman.sandbox import family\nfamily.put_on(int(sys.argv[1]))\ntime.sleep(1000)"
)


def harm(scene, act, **more):
    """Let ``act`` happen as a fault and return what is wrong with what came of it."""
    return scene.strike(Fault("harm", seen="^done", at="act", act=act, **more)).problems()


def test_a_harmless_act_is_no_problem(apart):
    assert harm(apart, lambda *_: "done") == []


def test_what_the_caller_sees_is_looked_at(apart):
    assert harm(apart, lambda *_: "something else") == ["the caller saw 'something else'"]


def test_a_server_that_stands_still_is_noticed(apart):
    def stand_still(*_):
        os.kill(apart.pid, signal.SIGSTOP)
        time.sleep(1.3)  # longer than anybody may wait
        os.kill(apart.pid, signal.SIGCONT)
        return "done"

    (problem,) = harm(apart, stand_still)
    assert problem.startswith("another plugin took 1.")


def test_another_server_in_its_place_is_noticed(apart, monkeypatch):
    monkeypatch.setattr("storm.scene.Scene.patience", 1.0)

    def replace(*_):
        apart.server.kill()
        assert apart.server.start() is None
        apart.server.value("counts", "count", "x")
        return "done"

    problems = harm(apart, replace, ends_all=True)
    assert "the server is another process" in problems


def test_a_bystander_that_fails_is_noticed(apart):
    def end_one(*_):
        apart.server.call("plugin.disable", name="listens")
        time.sleep(0.3)  # it is asked meanwhile
        apart.server.call("plugin.enable", name="listens")
        return "done"

    (problem,) = harm(apart, end_one)
    assert problem.startswith('others failed: ["listens: ')


def test_lost_and_doubled_events_are_noticed(apart, monkeypatch):
    class Pretending(probing.Asking):
        def stop(self):
            following = super().stop()
            notes = apart.server.data("counts") / "notes"
            apart.until(lambda: f"tick {self.told[0]} " in notes.read_text(), "the first is counted")
            with notes.open("a") as file:
                file.write(f"plugin.answers.tick {self.told[0]} again\n")
            self.told.append("never-told")
            return following

    monkeypatch.setattr("storm.scene.Asking", Pretending)
    monkeypatch.setattr("storm.scene.Scene.patience", 1.0)
    lost, doubled = harm(apart, lambda *_: "done")
    assert lost == "lost ['plugin.answers.tick never-told']"
    assert doubled.startswith("doubled ['plugin.answers.tick ")


def test_descriptors_left_behind_are_noticed(apart, monkeypatch):
    monkeypatch.setattr("storm.scene.Scene.patience", 1.0)
    with ExitStack() as clients:

        def connect(*_):
            for _ in range(3):
                client = clients.enter_context(socket.socket(socket.AF_UNIX))
                client.connect(str(apart.server.home.socket))
            return "done"

        assert harm(apart, connect) == ["left descriptors {'socket': 3}"]


def test_processes_left_behind_are_noticed(apart, monkeypatch):
    monkeypatch.setattr("storm.scene.Scene.patience", 1.0)
    mark = family.mark_of(home_number(apart.server.home.root), 77)
    with ExitStack() as started:

        def leave(*_):
            process = started.enter_context(subprocess.Popen([sys.executable, "-c", MARKED, str(mark)]))
            started.callback(process.kill)
            apart.until(lambda: family.members(mark), "it is marked")
            return "done"

        (problem,) = harm(apart, leave)
    assert problem.startswith("left processes {'python")


def soaked(**changes):
    """Return a soak that holds, but for ``changes``."""
    notes = [(event, "m1", event) for event in ("session.created", "session.closed")]
    figures = {"memory": [100.0] * 9, "descriptors": [9.0] * 9, "crashes": 1, "same_pid": True}
    return Measured(**({"emitted": ["1"], "notes": {"x": notes}} | figures | changes))


def test_a_soak_without_harm_holds():
    assert measured.held(soaked())


HARM = {
    "lost": {"emitted": ["1", "2"]},
    "doubled": {
        "notes": {"x": [("session.created", "m1", n) for n in "ab"] + [("session.closed", "m1", "c")]}
    },
    "memory": {"memory": [100.0, 101, 102, 103, 104, 105, 106, 107, 108]},
    "descriptors": {"descriptors": [9.0, 9, 9, 11, 11, 11, 13, 13, 13]},
    "another server": {"same_pid": False},
    "no crash": {"crashes": 0},
    "late": {"worst": 1.1},
    "a failure": {"failures": ["x"]},
}


@pytest.mark.parametrize("name", HARM)
def test_a_soak_with_harm_does_not_hold(name):
    found = soaked(**HARM[name])
    assert not measured.held(found)
    assert sum("NOT HELD" in line for line in measured.report(found)) == 1


def test_the_picture_goes_from_the_least_to_the_most():
    assert measured.sparkline([1.0, 2, 3, 4, 5, 6, 7, 8]) == "▁▂▃▄▅▆▇█"
    assert len(measured.sparkline(list(range(1000)))) == measured.WIDTH
