"""Whatever is done to plugins in whichever order: what is listed, granted and running agrees with a model.

The usual run is always the same one. To look for what it does not find, with other sequences each time:
``YESMAN_CHAOS_EXAMPLES=200 pytest tests/chaos/test_lifecycle.py``.
"""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from yesman.runtime.zygote import home_number
from yesman.sandbox import family

EXAMPLES = os.environ.get("YESMAN_CHAOS_EXAMPLES")
PROFILE = settings(
    max_examples=int(EXAMPLES or 15),
    stateful_step_count=25,
    derandomize=EXAMPLES is None,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
PATIENCE = 20.0
PERMISSIONS = ("session.read", "session.modify", "network.external:example.com:443")
ENDS = 2
"""How often a plugin may be killed: one more in five minutes, and it may be kept from running."""
SAYS = {"say": "return [VERSION, os.getpid()]"}
SOME = st.sets(st.sampled_from(PERMISSIONS), min_size=1)
WHICH = st.sampled_from(("a", "b", "c"))


@dataclass
class Known:
    """What the model knows of one installed plugin."""

    version: str
    enabled: bool = True
    grants: set[str] = field(default_factory=set)
    pid: int | None = None


class Lifecycle(RuleBasedStateMachine):
    """Installs, changes, uses and removes plugins of a real server, which may be killed as well."""

    served = None
    examples = count()

    def __init__(self) -> None:
        super().__init__()
        self.server, self.plugins = self.served
        self.suffix = next(self.examples)
        self.known: dict[str, Known] = {}
        self.killed = dict.fromkeys("abc", 0)

    def name(self, which: str) -> str:
        return f"{which}-{self.suffix}"

    def chosen(self, which: str) -> tuple[str, Known | None]:
        return self.name(which), self.known.get(self.name(which))

    # --- what users do

    @rule(which=WHICH, version=st.sampled_from(("1.0.0", "2.0.0")), grants=SOME)
    def install(self, which: str, version: str, grants: set[str]) -> None:
        name = self.name(which)
        top = f"VERSION = {version!r}"
        folder = self.plugins.make(
            name, commands=SAYS, top=top, version=version, permissions=list(PERMISSIONS)
        )
        self.server.install(folder, grants=sorted(grants))
        self.known[name] = Known(version, grants=set(grants))  # who installs it wants to use it

    @rule(which=WHICH)
    def enable(self, which: str) -> None:
        name, known = self.chosen(which)
        if self.answered(known, "plugin.enable", name=name):
            known.enabled, known.pid = True, None

    @rule(which=WHICH)
    def disable(self, which: str) -> None:
        name, known = self.chosen(which)
        if self.answered(known, "plugin.disable", name=name):
            known.enabled, known.pid = False, None

    @rule(which=WHICH, permissions=SOME)
    def grant(self, which: str, permissions: set[str]) -> None:
        name, known = self.chosen(which)
        if self.answered(known, "plugin.grant", name=name, permissions=sorted(permissions)):
            known.grants |= permissions

    @rule(which=WHICH, permissions=SOME)
    def revoke(self, which: str, permissions: set[str]) -> None:
        name, known = self.chosen(which)
        if known and not permissions <= known.grants:
            permissions &= known.grants
        if permissions and self.answered(known, "plugin.revoke", name=name, permissions=sorted(permissions)):
            known.grants -= permissions
            known.pid = None  # or the same as before, where the kernel has no part in them

    @rule(which=WHICH)
    def command(self, which: str) -> None:
        name, known = self.chosen(which)
        answer = self.server.run(name, "say")
        if known and known.enabled:
            assert answer.failure is None, answer.failure
            version, known.pid = answer.value
            assert version == known.version
        else:
            self.server.explained(answer)

    @rule(which=WHICH)
    def remove(self, which: str) -> None:
        name, known = self.chosen(which)
        if self.answered(known, "plugin.remove", name=name, purge=True):
            del self.known[name]

    # --- what else happens

    @precondition(lambda self: any(known.pid for known in self.known.values()))
    @rule(which=WHICH)
    def kill_plugin(self, which: str) -> None:
        name, known = self.chosen(which)
        if known and known.pid and self.killed[which] < ENDS:
            os.kill(known.pid, signal.SIGKILL)
            self.killed[which] += 1
            known.pid = None
            until(lambda: not processes(self.server).get(name))
            until(lambda: self.server.state_of(name) == "enabled")

    @rule()
    def kill_server(self) -> None:
        self.server.kill()
        until(lambda: not processes(self.server))
        assert self.server.start() is None
        for known in self.known.values():
            known.pid = None

    # --- what always holds

    @invariant()
    def what_is_listed_agrees(self) -> None:
        rows = {row["name"]: row for row in self.server.call("plugin.list")}
        assert rows.keys() == self.known.keys()
        for name, known in self.known.items():
            states = {"enabled", "running"} if known.enabled else {"installed"}
            assert (rows[name]["version"], rows[name]["state"] in states) == (known.version, True), rows[name]

    @invariant()
    def grants_are_what_was_granted(self) -> None:
        for name, known in self.known.items():
            rows = self.server.call("plugin.permissions", name=name)["permissions"]
            assert {row["permission"] for row in rows if row["granted"]} == known.grants

    @invariant()
    def each_has_one_process_or_none(self) -> None:
        status = {row["name"]: row["pid"] for row in self.server.call("server.status")["plugins"]}
        until(lambda: all(len(pids) <= 1 for pids in processes(self.server).values()))  # relieved ones end
        running = processes(self.server)
        for name, pids in running.items():
            assert name in self.known, "it is not installed"
            assert self.known[name].enabled, "it is disabled"
            assert pids == [status[name]], "it has one process"
        for name, known in self.known.items():
            assert known.pid is None or running.get(name) == [known.pid], "it is the process that answered"

    def answered(self, known: Known | None, method: str, **params: object) -> bool:
        """Make a call that is refused if the plugin is not there; tell whether it was carried out."""
        answer = self.server.ask(method, **params)
        if known is None:
            self.server.explained(answer)
            return False
        assert answer.failure is None, answer.failure
        return True

    def teardown(self) -> None:
        for name in list(self.known):
            self.server.call("plugin.remove", name=name, purge=True)
        assert not until(lambda: not processes(self.server)) or not processes(self.server)


def processes(server) -> dict[str, list[int]]:
    """Return the processes of plugins, wherever they are, by plugin."""
    found: dict[str, list[int]] = {}
    for pid in family.of_home(home_number(server.home.root)):
        if not family._is_zombie(pid):
            found.setdefault(called(pid), []).append(pid)
    return found


def called(pid: int) -> str:
    """Return the name of the plugin whose process that is."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip().removeprefix("yp:")
    except OSError:
        return "(ended)"


def until(met) -> bool:
    """Poll until ``met()``; tell whether it came about."""
    deadline = time.monotonic() + PATIENCE
    while not met():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


@pytest.mark.timeout(3600)
def test_the_life_of_plugins_agrees_with_its_table(served):
    machine = type("Served", (Lifecycle,), {"served": served})
    run_state_machine_as_test(machine, settings=PROFILE)
