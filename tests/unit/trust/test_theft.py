"""Attacks with stolen online keys: what they are good for, what they are not, and how that ends."""

from __future__ import annotations

import hashlib

import pytest
from registered.making import claim, index
from tuf.api.metadata import MetaFile, TargetFile

from yesman.model.errors import UsageError, VerificationError
from yesman.trust.encoding import encode
from yesman.trust.index import Claims, Revocation, Revocations
from yesman.trust.roles import CLAIMS, INDEX, TARGETS, claims_target, stored_target

UNSIGNED = "is signed by too few of the keys that must sign it"
REVOKED = Revocations(
    (Revocation(plugin="diary", severity="hard", reason="It steals", since="2026-01-31T12:00:00Z"),)
)


@pytest.fixture
def robbed(operator):
    """What the operator writes, and what the thief does, with a copy of the keys each."""
    return operator.writer(operator.stolen())


def test_the_online_keys_can_publish_and_revoke(operator, client, robbed):
    robbed.publish(index("diary", "1.0", "6.6.6"))
    robbed.revoke(REVOKED)
    client.refresh()
    assert [release.version for release in client.index_of("diary").releases] == ["1.0", "6.6.6"]
    assert client.revocations() == REVOKED


@pytest.mark.parametrize("role", [TARGETS, CLAIMS, INDEX])
@pytest.mark.parametrize("key", ["snapshot", "timestamp", "bin", "revocations"])
def test_none_of_them_can_sign_what_is_signed_offline(operator, thief, role, key):
    thief.edit(role, key=key)
    client = operator.client()
    with pytest.raises(VerificationError, match=f"{role}.json {UNSIGNED}"):
        client.index_of("diary"), client.claims_of("diary")


def test_a_stolen_key_cannot_claim_a_name(operator, thief):
    stolen = encode(Claims((claim(),)))
    path = claims_target("diary")
    digest = hashlib.sha256(stolen).hexdigest()
    operator.memory.files[stored_target(path, digest)] = stolen

    def add(signed):
        signed.targets[path] = TargetFile(len(stolen), {"sha256": digest}, path)

    thief.edit("claims", add)
    with pytest.raises(VerificationError, match=f"claims.json {UNSIGNED}"):
        operator.client().claims_of("diary")


def test_nor_can_the_server_be_made_to_take_the_claim_over(operator, thief):
    thief.edit("claims", lambda signed: setattr(signed, "targets", {}), seal=False)
    operator.repository.refresh()
    assert operator.version("claims") == 1
    operator.ceremony().claim(claim())
    operator.repository.refresh()
    assert operator.version("claims") == 3, "the number of the forged one is passed over"
    assert operator.client().claims_of("diary") == claim()


def test_a_stolen_key_cannot_sign_a_root(operator, thief, client):
    data = operator.memory.files["metadata/1.root.json"].replace(b'"version":1', b'"version":2')
    operator.memory.files["metadata/2.root.json"] = data
    with pytest.raises(VerificationError, match=f"2.root.json {UNSIGNED}"):
        client.refresh()


def test_a_bin_says_nothing_of_claims_and_revocations(operator, thief, client):
    def claim_all(signed):
        for path in (claims_target("diary"), "revocations.json"):
            signed.targets[path] = TargetFile(3, {"sha256": "a" * 64}, path)

    for number in range(4):
        thief.edit(f"bin-{number}", claim_all)
    client.refresh()
    assert client.claims_of("diary") is None
    assert client.revocations() == Revocations()
    assert client.index_of("diary") == index()


def test_other_keys_lock_the_thief_out(operator, client, robbed, thief):
    operator.ceremony().change_keys(operator.online)
    client.refresh()
    assert client.index_of("diary") == index()
    with pytest.raises(UsageError, match="are not those that the registry accepts now"):
        robbed.publish(index("diary", "6.6.6"))
    thief.seal()
    with pytest.raises(VerificationError, match=f"timestamp.json {UNSIGNED}"):
        client.refresh()


def test_what_the_thief_left_in_the_storage_goes_when_all_is_built_anew(operator, client, robbed):
    robbed.publish(index("diary", "6.6.6"), index("planted"))
    operator.ceremony().change_keys(operator.online, indexes=[index("diary", "1.0", "1.1")])
    client.refresh()
    assert client.index_of("diary") == index("diary", "1.0", "1.1")
    assert client.index_of("planted") is None


def test_the_operator_goes_on_with_the_new_keys(operator, client):
    operator.ceremony().change_keys(operator.online)
    operator.writer(operator.online).publish(index("diary", "2.0"))
    client.refresh()
    assert client.index_of("diary") == index("diary", "2.0")
    assert len(list(operator.online.path.glob("*.pem"))) == 4


def fast_forward(thief):
    """Have clients believe that all versions to come are already past."""

    def far(signed):
        signed.version = 2**31
        for role in ("bin-0", "bin-1", "bin-2", "bin-3"):
            signed.meta[f"{role}.json"] = MetaFile(2**31)

    thief.seal(snapshot=far, timestamp=lambda stamp: setattr(stamp, "version", 2**31))


def test_versions_that_were_driven_up_are_forgotten_with_the_stolen_keys(operator, client, thief):
    honest = operator.memory.copy()
    fast_forward(thief)
    client.refresh()
    operator.memory.files = honest.files
    with pytest.raises(VerificationError, match="was rolled back"):
        client.refresh()
    operator.ceremony().change_keys(operator.online)
    client.refresh()
    assert client.index_of("diary") == index()


def test_without_other_keys_they_are_not(operator, client, thief):
    honest = operator.memory.copy()
    fast_forward(thief)
    client.refresh()
    operator.memory.files = honest.files
    operator.ceremony().renew_root()
    with pytest.raises(VerificationError, match="was rolled back"):
        client.refresh()
