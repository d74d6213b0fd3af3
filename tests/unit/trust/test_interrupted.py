"""Whatever is killed after whatever write: clients find the state before or after, and the next try works."""

from __future__ import annotations

import shutil

import pytest
from registered.making import NOW, SMALL, claim, index
from registered.memory import Killed, MemoryStorage

from yesman.model.errors import NotFoundError
from yesman.trust.ceremony import Ceremony
from yesman.trust.client import RegistryClient
from yesman.trust.founding import found
from yesman.trust.index import Revocation, Revocations
from yesman.trust.keys import KeyFolder
from yesman.trust.repository import Repository
from yesman.trust.storage import fetch_from

BEFORE, AFTER = index("diary", "1.0"), index("diary", "1.0", "2.0")
REVOKED = Revocations(
    (Revocation(plugin="diary", severity="soft", reason="Old", since="2026-01-31T12:00:00Z"),)
)


class Attempt:
    """A copy of a registry and of its keys, where something is tried and may be killed."""

    def __init__(self, operator, number):
        self.memory = operator.memory.copy()
        self.folder = operator.folder / f"attempt-{number}"
        self.root, self.now = operator.root, operator.now
        for name in ("online", "offline"):
            shutil.copytree(operator.folder / name, self.folder / name)
        self.online, self.offline = KeyFolder(self.folder / "online"), KeyFolder(self.folder / "offline")

    def repository(self):
        return Repository(self.memory, self.online, self.root, lambda: self.now)

    def ceremony(self):
        return Ceremony(self.memory, self.offline, self.root, self.now)

    def seen(self):
        client = RegistryClient(self.folder / "client", self.root, fetch_from(self.memory))
        client.refresh()
        return client.index_of("diary"), client.revocations(), client.claims_of("diary")

    def killed(self, act, writes):
        """Do ``act`` until so many writes are done; tell whether there would have been more."""
        self.memory.writes_left = writes
        try:
            act(self)
        except Killed:
            return True
        finally:
            self.memory.writes_left = None
        return False


ACTS = {
    "publish": lambda at: at.repository().publish(AFTER),
    "revoke": lambda at: at.repository().revoke(REVOKED),
    "claim": lambda at: (at.ceremony().claim(claim()), at.repository().refresh()),
    "renew": lambda at: (at.ceremony().renew(), at.repository().refresh()),
    "rebuild": lambda at: at.repository().rebuild([AFTER]),
    "change all keys": lambda at: at.ceremony().change_keys(
        at.online, ("snapshot", "timestamp", "bin", "revocations", "targets", "claims")
    ),
    "change root keys": lambda at: at.ceremony().change_root_keys(3, 2),
}


@pytest.mark.parametrize("act", ACTS)
def test_a_kill_at_any_write_leaves_a_whole_registry(operator, act):
    before = Attempt(operator, "before").seen()
    after = Attempt(operator, "after")
    assert not after.killed(ACTS[act], None)
    writes = 0
    while (attempt := Attempt(operator, writes)).killed(ACTS[act], writes):
        assert attempt.seen() in (before, after.seen())
        attempt.repository().refresh()
        assert attempt.seen() in (before, after.seen()), "the server goes on meanwhile"
        attempt.killed(ACTS[act], None)
        assert attempt.seen() == after.seen(), "it is simply done again"
        writes += 1
    assert writes, "control: something was interrupted"


def test_a_registry_is_there_whole_or_not_at_all(tmp_path):
    storage, keys = MemoryStorage(), (KeyFolder(tmp_path / "offline"), KeyFolder(tmp_path / "online"))
    root, writes = b"", 0
    while not root:
        storage.writes_left = writes
        writes += 1
        try:
            root = found(storage, *keys, NOW, SMALL)
        except Killed:
            with pytest.raises(NotFoundError):
                Repository(storage, keys[1], b"", lambda: NOW).refresh()
    storage.writes_left = None
    assert writes > 10
    Repository(storage, keys[1], root, lambda: NOW).publish(BEFORE)
    client = RegistryClient(tmp_path / "client", root, fetch_from(storage))
    assert client.index_of("diary") == BEFORE
    assert len(list((tmp_path / "offline").glob("root-*.pem"))) == SMALL.root_keys, "keys are made once"
