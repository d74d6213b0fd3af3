"""Attacks: files of different times, or of different registries, put together."""

from __future__ import annotations

import pytest
from registered.making import NOW, Operator, bin_of, index

from yesman.model.errors import VerificationError
from yesman.trust.offline import OfflineRegistry
from yesman.trust.roles import stored_target


@pytest.fixture(params=["client", "offline"])
def registry(request, operator):
    """Ask the registry anew, in one of the two ways."""
    if request.param == "client":
        return operator.client
    return lambda: OfflineRegistry(operator.mirror, operator.root, NOW)


@pytest.fixture
def before(operator):
    """The files of before the second release, which is published."""
    files = operator.memory.copy().files
    operator.repository.publish(index("diary", "1.0", "2.0"))
    return files


def test_a_snapshot_of_another_time_is_refused(operator, before, registry):
    present = operator.present("snapshot")
    old = present.replace(str(operator.version("snapshot")), str(operator.version("snapshot") - 1))
    operator.mirror.instead[present] = before[old]
    with pytest.raises(VerificationError, match=r"snapshot.json is not what the registry's metadata says"):
        registry().index_of("diary")
    operator.mirror.instead.clear()
    assert registry().index_of("diary") == index("diary", "1.0", "2.0")


def test_a_bin_of_another_time_is_refused(operator, before, registry):
    role = bin_of("diary")
    present, old = operator.present(role), f"metadata/{operator.version(role) - 1}.{role}.json"
    operator.mirror.instead[present] = before[old]
    with pytest.raises(VerificationError, match="is not of the version that the registry's metadata names"):
        registry().index_of("diary")
    operator.mirror.instead.clear()
    assert registry().index_of("diary") == index("diary", "1.0", "2.0")


def test_the_index_of_another_plugin_is_refused(operator, registry):
    operator.repository.publish(index("other"))
    operator.mirror.instead[operator.index_path("diary")] = operator.memory.files[
        operator.index_path("other")
    ]
    client = registry()
    with pytest.raises(VerificationError, match="is not what the registry's metadata says"):
        client.index_of("diary")
    assert client.index_of("other") == index("other")


def test_an_index_under_another_name_is_refused_even_if_signed(operator, thief):
    operator.repository.publish(index("other"))
    other = operator.signed(operator.present(bin_of("other")))["targets"]["index/other.json"]
    path = stored_target("index/diary.json", other["hashes"]["sha256"])
    operator.memory.files[path] = operator.memory.files[operator.index_path("other")]

    def swap(signed):
        target = signed.targets["index/diary.json"]
        target.length, target.hashes = other["length"], other["hashes"]

    thief.edit(bin_of("diary"), swap)
    with pytest.raises(VerificationError, match="publishes as the index of 'diary' is that of 'other'"):
        operator.client().index_of("diary")


def test_files_of_another_registry_are_refused(operator, tmp_path):
    other = Operator(tmp_path / "other")
    client = operator.client()
    operator.mirror.storage = other.memory
    with pytest.raises(VerificationError, match=r"timestamp.json is signed by too few of the keys"):
        client.refresh()
    other.client().refresh()
