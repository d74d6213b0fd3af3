"""The client's folder, its lock, and what it asks for."""

from __future__ import annotations

import fcntl
import shutil

import pytest
from registered.making import Operator, index

from yesman.model.errors import PlatformError, RemoteError
from yesman.trust import client as client_module
from yesman.trust.client import RegistryClient


def test_what_is_known_is_not_asked_for_again(operator, client):
    client.index_of("diary")
    operator.mirror.asked.clear()
    again = operator.client()
    again.refresh()
    assert operator.mirror.asked == ["metadata/2.root.json", "metadata/timestamp.json"]
    assert again.index_of("diary") == index()


def test_the_folder_may_be_lost_or_broken_at_any_time(operator, client):
    client.index_of("diary")
    kept = operator.folder / "client"
    for file in [path for path in kept.rglob("*") if path.is_file()]:
        file.write_bytes(b"{}" if file.name != ".lock" else b"")
        assert operator.client().index_of("diary") == index()
    (kept / "root.json").unlink()
    assert operator.client().index_of("diary") == index()
    shutil.rmtree(kept)
    assert operator.client().index_of("diary") == index()


def test_the_folder_is_its_owners_alone(operator, client):
    assert (operator.folder / "client").stat().st_mode & 0o777 == 0o700


def test_another_process_is_waited_for_and_then_named(operator, client, monkeypatch):
    monkeypatch.setattr(client_module, "LONGEST_WAIT", 0.2)
    with (operator.folder / "client" / ".lock").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(PlatformError, match="another process has been asking the registry"):
            client.refresh()
    client.refresh()


@pytest.mark.parametrize("error", [RemoteError("nobody answers"), ConnectionResetError("nobody answers")])
def test_a_registry_that_cannot_be_reached_is_no_attack(operator, client, error):
    def unreachable(path, limit):
        raise error

    with pytest.raises(RemoteError, match="nobody answers"):
        RegistryClient(operator.folder / "client", operator.root, unreachable).refresh()
    client.refresh()


def test_a_failed_refresh_is_not_forgotten(operator, client):
    operator.mirror.instead["metadata/timestamp.json"] = b"{}"
    for ask in (client.refresh, lambda: client.index_of("diary")):
        with pytest.raises(Exception, match="is not metadata"):
            ask()


def test_what_came_is_counted(operator, client):
    before = client.received
    client.index_of("diary")
    assert client.received - before == sum(
        len(operator.memory.files[path]) for path in operator.mirror.asked[-3:]
    )


def test_two_registries_do_not_share_what_they_know(operator, client, tmp_path):
    other = Operator(tmp_path / "other")
    other.repository.publish(index("elsewhere"))
    assert other.client().index_of("elsewhere") == index("elsewhere")
    assert client.index_of("elsewhere") is None
