"""Attacks: the present state is held back until it is no longer the present one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from registered.making import NOW, Operator, index

from yesman.model.errors import VerificationError


@pytest.fixture
def frozen(tmp_path):
    """A registry that has signed nothing for two days."""
    operator = Operator(tmp_path, NOW - timedelta(days=2))
    operator.repository.publish(index())
    operator.now = NOW
    return operator


def test_a_registry_that_signs_nothing_any_more_is_refused(frozen):
    since = f"{NOW - timedelta(days=1):%Y-%m-%d %H:%M} UTC"
    with pytest.raises(VerificationError, match=f"'timestamp' is expired since {since}"):
        frozen.client().refresh()


def test_one_that_is_refreshed_passes(frozen):
    frozen.repository.refresh()
    assert frozen.client().index_of("diary") == index()


def test_a_new_timestamp_over_a_frozen_snapshot_is_refused(frozen, thief_of):
    thief_of(frozen).stamp(lambda stamp: setattr(stamp, "expires", NOW + timedelta(days=9)))
    with pytest.raises(VerificationError, match="'snapshot' is expired since"):
        frozen.client().refresh()


def test_revocations_that_are_frozen_are_refused(frozen, thief_of):
    def alive(signed):
        signed.expires = NOW + timedelta(days=9)

    thief_of(frozen).seal(snapshot=alive, timestamp=alive)
    client = frozen.client()
    assert client.index_of("diary") == index()
    with pytest.raises(VerificationError, match="'revocations' is expired since"):
        client.revocations()


def test_a_client_that_has_seen_the_frozen_state_refuses_it_too(frozen):
    kept = frozen.folder / "client"
    kept.mkdir()
    for role, path in (("timestamp", "metadata/timestamp.json"), ("snapshot", frozen.present("snapshot"))):
        (kept / f"{role}.json").write_bytes(frozen.memory.files[path])
    with pytest.raises(VerificationError, match="'timestamp' is expired since"):
        frozen.client().refresh()
    frozen.repository.refresh()
    frozen.client().refresh()


def test_a_root_that_nobody_renews_is_refused(tmp_path):
    operator = Operator(tmp_path, NOW - timedelta(days=400))
    operator.now = NOW
    with pytest.raises(VerificationError, match="'root' is expired since"):
        operator.client().refresh()
    operator.ceremony().renew_root()
    operator.ceremony().renew()
    operator.repository.refresh()
    operator.client().refresh()


def test_what_the_offline_keys_must_renew_is_said(operator):
    operator.later(days=300)
    deadlines = operator.repository.refresh()
    assert {role: (until - operator.now).days for role, until in deadlines.items()} == dict.fromkeys(
        ("root", "targets", "index", "claims"), 65
    )
