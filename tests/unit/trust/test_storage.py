"""A folder as storage: whole files, nobody's file replaced, and who collides is told."""

from __future__ import annotations

import os
import threading

import pytest
from registered.making import Operator, index
from registered.memory import MemoryStorage

from yesman.model.errors import PlatformError, VerificationError
from yesman.trust.client import RegistryClient
from yesman.trust.drafting import CollisionError
from yesman.trust.keys import KeyFolder
from yesman.trust.storage import FolderStorage, fetch_from


@pytest.fixture(params=["folder", "memory"])
def storage(request, tmp_path):
    return FolderStorage(tmp_path / "files") if request.param == "folder" else MemoryStorage()


def test_a_file_is_made_once(storage):
    assert storage.read("a/b.json", 10) is None
    assert storage.create("a/b.json", b"one")
    assert not storage.create("a/b.json", b"two")
    assert storage.read("a/b.json", 10).content == b"one"


def test_a_file_is_replaced_only_by_who_has_seen_it(storage):
    storage.create("a", b"one")
    seen = storage.read("a", 10).tag
    newer = storage.replace("a", b"two", seen)
    assert storage.read("a", 10) == (b"two", newer)
    assert storage.replace("a", b"three", seen) is None
    assert storage.replace("none", b"three", seen) is None
    assert storage.read("a", 10).content == b"two"


def test_files_are_listed_and_removed(storage):
    assert list(storage.names("a")) == []
    for path in ("a/b", "a/c", "a/d/e", "f"):
        storage.create(path, b"x")
    assert sorted(storage.names("a")) == ["b", "c"]
    storage.remove("a/b")
    storage.remove("a/b")
    assert list(storage.names("a")) == ["c"]


def test_more_than_asked_for_is_refused(storage):
    storage.create("a", b"12345")
    assert storage.read("a", 5).content == b"12345"
    with pytest.raises(VerificationError):
        storage.read("a", 4)


def test_any_file_server_can_read_it_and_nothing_is_left_over(tmp_path):
    storage = FolderStorage(tmp_path)
    storage.create("a/b", b"one")
    storage.create("a/b", b"two")
    storage.replace("a/b", b"three", storage.read("a/b", 9).tag)
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b"]
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o644


def test_what_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("in the way")
    storage = FolderStorage(tmp_path)
    assert storage.read("file/inside", 9) is None
    with pytest.raises(PlatformError, match="cannot be written"):
        storage.create("file/inside", b"x")


def test_many_writers_lose_nothing(tmp_path):
    storage = FolderStorage(tmp_path / "files")
    operator = Operator(tmp_path, storage=storage)
    failures = []

    def write(number):
        writer = operator.writer(operator.online)
        for count in range(5):
            while True:
                try:
                    writer.publish(index(f"plugin-{number}-{count}"))
                    break
                except CollisionError:
                    continue
                except Exception as error:
                    failures.append(error)
                    raise

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    client = RegistryClient(tmp_path / "client", operator.root, fetch_from(storage))
    names = [f"plugin-{number}-{count}" for number in range(4) for count in range(5)]
    assert not failures
    assert [client.index_of(name) for name in names] == list(map(index, names))


def test_keys_are_their_owners_alone(tmp_path):
    keys = KeyFolder(tmp_path / "keys")
    signer = keys.make("bin")
    file = next((tmp_path / "keys").iterdir())
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert keys.signers("bin")[0].public_key == signer.public_key
    file.chmod(0o640)
    with pytest.raises(PlatformError, match="others may read the private key"):
        keys.signers("bin")


def test_a_key_that_is_none_is_said(tmp_path):
    keys = KeyFolder(tmp_path)
    descriptor = os.open(tmp_path / "bin-0000.pem", os.O_CREAT | os.O_WRONLY, 0o600)
    os.write(descriptor, b"nonsense")
    os.close(descriptor)
    with pytest.raises(PlatformError, match="cannot be read"):
        keys.signers("bin")
