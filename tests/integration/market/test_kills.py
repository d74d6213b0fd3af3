"""The server, or the program that fetches, is killed at every step from the question to the registry's entry.

What must hold each time: the plugin is what it was or what it should become, and works as that; nobody is
left behind; the same request again succeeds, and nothing piles up.
"""

from __future__ import annotations

import hashlib
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest
from hosted.orphans import children_of
from hosted.state import state
from registered.customer import Customer
from registered.held import held

DYING = str(Path(__file__).with_name("dying_server.py"))


class Asked(NamedTuple):
    """While the registry is asked for a file, of which so much has come."""

    file: str
    share: float = 0.0


ASKED = {
    "its metadata is asked for": Asked("timestamp.json"),
    "its snapshot is asked for": Asked("snapshot.json"),
    "the list of indexes is asked for": Asked(".bin-"),
    "half of the plugin's index is there": Asked("targets/index/", 0.5),
    "what is revoked is asked for": Asked("revocations.json"),
    "whose the name is is asked for": Asked("targets/claims/"),
    "the index is verified, the package asked for": Asked(".yplug"),
    "half of the package is there": Asked(".yplug", 0.5),
    "the package is there, its signature asked for": Asked(".dsse"),
}
AT = {
    "the user asks": "call server/marketing.py Marketing._fetch",
    "the package is verified": "call server/marketing.py Marketing._keep",
    "it is looked at": "call host/incoming.py look",
    "it is unpacked to be scanned": "call package/content.py below",
    "it is scanned": "call scan/confined.py Scans._scanned",
    "the scan is kept": "call scan/kept.py KeptScans.keep",
    "the user is asked": "call host/proposal.py propose",
    "the user has agreed": "call host/installer.py Installer.install",
    "it is unpacked into the store": "call host/incoming.py take",
    "it is in the store": "return host/incoming.py take",
    "its environment is begun": "call package/environments.py Environments._ensure",
    "its packages are installed": "call package/environments.py Environments._fill",
    "its environment is built": "call package/environments.py _finish",
    "its environment is there": "return package/environments.py _finish",
    "it is tried": "call host/manager.py PluginManager.try_out",
    "it was tried": "call host/proving.py with_contributions",
    "it is switched to": "call host/changes.py Changes.commit",
    "its entry is written": "call host/registry.py Registry.put",
    "its entry is there": "return host/registry.py Registry.put",
    "it takes over": "call host/changes.py Changes.take_over",
    "it is noted who agreed": "call host/grants.py record_installation",
    "the user is told": "call host/installer.py Installer._installed",
}


class Counter:
    """Where a plugin is sold over and over: each time ``publish`` is called there is a newer release."""

    def __init__(self, customer, publish):
        self.server, self.publish = customer.server, publish
        self._known = {"name": "demo", "consent": []}

    def buy(self):
        """Install the newest; return what was refused, or None: it is there, or the server is gone."""
        with suppress(ConnectionError):
            for method, wanted in REQUESTS:
                params = {key: self._known[key] for key in wanted}
                answer = self.server.ask(method, **params)
                if answer.value is None:
                    return answer.failure
                self._known |= answer.value
        return None

    def works(self):
        """Return which version does, if any; it is the one that the registry names."""
        if not self.server.names():
            return None
        version = self.server.value("demo", "which")[0]
        assert self.server.call("plugin.show", name="demo")["version"] == version
        return version


REQUESTS = (
    ("market.fetch", ("name",)),
    ("plugin.inspect", ("fetched",)),
    ("plugin.install", ("fetched", "digest", "consent")),
)
PASSING = ("tmp?*", ".staging-*", ".trash-*", ".*.????????")


def leftovers(server):
    """Return what is there only while something is in work, of all that such work uses."""
    home = server.home
    folders = (home.root, home.scans, home.packages, home.market, home.store, home.environments)
    found = {path for folder in folders for kind in PASSING for path in folder.rglob(kind)}
    return sorted(str(path) for path in found if "site" not in path.parts)


@pytest.fixture
def shelf(shop):
    """The registry over HTTP."""
    with held(shop.files) as found:
        yield found


@pytest.fixture
def publish(shop, author, make, wheel):
    """Publish a release that requires a package of its own; return its version."""
    numbers = count(1)

    def next_one():
        version = f"{next(numbers)}.0"
        digest = hashlib.sha256(wheel("thing", version).read_bytes()).hexdigest()
        folder = make(version, dependencies=[f"thing=={version}"])
        (folder / "requirements.lock").write_text(f"thing=={version} --hash=sha256:{digest}\n")
        shop.publish(folder, author)
        return version

    shop.claim("demo", author)
    return next_one


@pytest.fixture
def counter(server, shop, shelf, publish):
    server.home.scans.unlink()  # scans of its own, so that nobody else's leftovers are seen
    found = Counter(Customer(server, shop, shelf.url), publish)
    publish()
    assert found.buy() is None
    return found


def begin(counter, kind):
    """Bring everything to where ``kind`` of change begins; return which version works and which will."""
    if kind == "install":
        counter.server.call("plugin.remove", name="demo", purge=True)
    return counter.works(), counter.publish()


def check_whole(counter, orphans, old, new, moment):
    """Nobody is left behind, the old or the new stands, and the same again succeeds."""
    server = counter.server
    known = frozenset({server.pid, *({server.running()} - {None})})
    assert not orphans(known=known), f"processes outlived the kill while {moment}"
    assert counter.works() in (old, new), moment
    found = state(server)
    assert counter.buy() is None
    assert counter.works() == new, moment
    if found["registry"].get("demo", {}).get("version") == new:
        assert found == state(server), f"half of it was there after the kill while {moment}"
    assert leftovers(server) == [], moment


@pytest.mark.parametrize("kind", ["install", "update"])
def test_a_server_killed_at_any_step_leaves_the_old_or_the_new(counter, orphans, kind):
    server, normal = counter.server, counter.server.program
    for moment, place in AT.items():
        old, new = begin(counter, kind)
        server.stop()
        server.program = (DYING, *place.split())
        assert server.start() is None
        assert old is None or counter.works() == old
        assert counter.buy() is None
        assert server.process.wait(20) == -signal.SIGKILL, f"it was never come to that {moment}"
        server.program = normal
        assert server.start() is None
        check_whole(counter, orphans, old, new, moment)


@pytest.mark.parametrize("kind", ["install", "update"])
@pytest.mark.parametrize("victim", ["server", "program"])
def test_whoever_is_killed_while_the_registry_is_asked(counter, shelf, orphans, kind, victim):
    server = counter.server
    for moment, (file, share) in ASKED.items():
        old, new = begin(counter, kind)
        process = server.plugin_pid() if old else None
        with shelf.holding(file, share), ThreadPoolExecutor() as pool:
            buying = pool.submit(counter.buy)
            assert shelf.reached.wait(30), f"it was never come to that {moment}"
            (program,) = programs_of(server.pid)
            os.kill(program if victim == "program" else server.pid, signal.SIGKILL)
            failure = buying.result(60)
        if victim == "program":
            assert "ended without an answer" in failure["message"], moment
            assert old is None or (counter.works(), server.plugin_pid()) == (old, process)
        else:
            server.process.wait(20)
            assert server.start() is None
        check_whole(counter, orphans, old, new, moment)


def programs_of(pid):
    """Return the fetching programs that the server ``pid`` has started."""
    found = []
    for child in children_of(pid):
        with suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
            if b"yesman.market.program" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.append(child)
    return found
