"""Attacks: an older state than the client has seen. The control is always that the newer one passes."""

from __future__ import annotations

import pytest
from registered.making import bin_of, index
from tuf.api.metadata import MetaFile

from yesman.model.errors import VerificationError

ROLLED_BACK = "was rolled back"


@pytest.fixture
def updated(operator, client):
    """A client that has seen two releases, and the files of when there was one."""
    before = operator.memory.copy()
    operator.repository.publish(index("diary", "1.0", "2.0"))
    client.refresh()
    assert len(client.index_of("diary").releases) == 2
    return before


def test_an_older_timestamp_is_refused(operator, client, updated):
    present = operator.memory.files
    operator.mirror.storage = updated
    with pytest.raises(VerificationError, match=f"timestamp.json {ROLLED_BACK}"):
        client.refresh()
    operator.mirror.storage.files = present
    client.refresh()


def test_who_has_not_seen_the_newer_state_cannot_tell(operator, updated):
    operator.mirror.storage = updated
    fresh = operator.client("fresh")
    assert len(fresh.index_of("diary").releases) == 1


def test_an_older_snapshot_under_a_new_timestamp_is_refused(operator, client, updated, thief):
    old = operator.version("snapshot") - 1
    thief.stamp(lambda stamp: setattr(stamp, "snapshot_meta", MetaFile(old)))
    with pytest.raises(VerificationError, match=f"timestamp.json {ROLLED_BACK}"):
        client.refresh()


def test_a_new_timestamp_with_the_same_snapshot_passes(operator, client, updated, thief):
    thief.stamp()
    client.refresh()
    assert len(client.index_of("diary").releases) == 2


def test_an_older_bin_under_a_new_snapshot_is_refused(operator, client, updated, thief):
    role = bin_of("diary")
    old = MetaFile(operator.version(role) - 1)
    thief.seal(**{role: old})
    with pytest.raises(VerificationError, match=f"snapshot.json {ROLLED_BACK}"):
        client.refresh()


def test_a_snapshot_that_leaves_a_bin_out_is_refused(operator, client, updated, thief):
    thief.seal(snapshot=lambda snapshot: snapshot.meta.pop(f"{bin_of('diary')}.json"))
    with pytest.raises(VerificationError, match=f"snapshot.json {ROLLED_BACK}"):
        client.refresh()


def test_a_new_snapshot_with_the_same_bins_passes(operator, client, updated, thief):
    thief.seal()
    client.refresh()
    assert len(client.index_of("diary").releases) == 2


def test_an_older_index_in_the_place_of_the_present_one_is_refused(operator, client, updated):
    present = operator.index_path()
    operator.mirror.instead[present] = next(
        content for path, content in updated.files.items() if path.endswith("diary.json")
    )
    with pytest.raises(VerificationError, match="is not what the registry's metadata says"):
        client.index_of("diary")
    operator.mirror.instead.clear()
    assert len(client.index_of("diary").releases) == 2
