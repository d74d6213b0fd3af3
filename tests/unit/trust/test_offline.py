"""A registry read from a copy, at a time that the caller gives."""

from __future__ import annotations

from datetime import timedelta

import pytest
from registered.making import claim, index

from yesman.model.errors import VerificationError
from yesman.trust.index import Revocation, Revocations
from yesman.trust.offline import OfflineRegistry

MONTH = timedelta(days=30)
REVOKED = Revocations(
    (Revocation(plugin="diary", severity="soft", reason="Old", since="2026-01-31T12:00:00Z"),)
)


@pytest.fixture
def at(operator):
    """Read the registry after so many days."""

    def read(days=0.0, **options):
        return OfflineRegistry(operator.mirror, operator.root, operator.now + timedelta(days=days), **options)

    return read


def test_a_copy_says_what_the_registry_says(operator, at):
    operator.ceremony().claim(claim())
    operator.repository.refresh()
    operator.repository.revoke(REVOKED)
    client, copy = operator.client(), at()
    for registry in (client, copy):
        assert registry.index_of("diary") == index()
        assert registry.index_of("other") is None
        assert registry.claims_of("diary") == claim()
        assert registry.revocations() == REVOKED


def test_its_age_is_said(operator, at):
    copy = at(3, longest_age=MONTH)
    assert (copy.age, copy.made) == (timedelta(days=3), operator.now)
    assert copy.index_of("diary") == index()
    assert copy.revocations() == Revocations()


def test_without_leave_it_expires_as_over_the_network(at):
    assert at(0.9).index_of("diary") == index()
    with pytest.raises(VerificationError, match="'timestamp' is expired since"):
        at(1.1)


def test_an_older_copy_than_allowed_is_refused(at):
    with pytest.raises(VerificationError, match="31 days ago, and may be 30 days old at most"):
        at(31, longest_age=MONTH)
    assert at(29, longest_age=MONTH).index_of("diary") == index()


def test_leave_to_be_old_is_no_leave_for_what_is_good_for_a_year(at):
    with pytest.raises(VerificationError, match="'root' is expired since"):
        at(366, longest_age=timedelta(days=1000))


def test_a_copy_older_than_one_seen_before_is_refused(operator, at):
    old = operator.memory.copy()
    operator.repository.publish(index("diary", "2.0"))
    seen = at().version
    operator.mirror.storage = old
    with pytest.raises(VerificationError, match=f"has version {seen - 1}, not the {seen} seen before"):
        at(least_version=seen)
    assert at(least_version=seen - 1).index_of("diary") == index()


def test_a_clock_that_is_set_back_is_noticed(at):
    assert at(-0.01).age == timedelta(0)
    with pytest.raises(VerificationError, match="which is still to come"):
        at(-2, longest_age=MONTH)


@pytest.mark.parametrize("made", ["", "yesterday", "2026-01-01", 5, None])
def test_a_timestamp_that_does_not_say_when_it_is_of_is_refused(operator, at, thief, made):
    thief.stamp(lambda stamp: stamp.unrecognized_fields.update({"x-yesman-made": made}))
    with pytest.raises(VerificationError, match="is not metadata of a registry"):
        at()


def test_what_was_altered_is_refused(operator, at):
    path = operator.index_path()
    operator.mirror.instead[path] = operator.memory.files[path].replace(b"1.0", b"1.1")
    with pytest.raises(VerificationError, match="is not what the registry's metadata says"):
        at().index_of("diary")
