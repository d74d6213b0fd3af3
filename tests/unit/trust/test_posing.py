"""Attacks: software of somebody whom nobody trusts."""

from __future__ import annotations

import pytest
from registered.making import Operator, bin_of, index
from registered.thief import Thief

from yesman.model.errors import VerificationError
from yesman.trust.client import RegistryClient
from yesman.trust.fingerprint import fingerprint
from yesman.trust.keys import KeyFolder

UNSIGNED = "is signed by too few of the keys that must sign it"


@pytest.fixture
def stranger(operator):
    """Somebody with keys of the same names."""
    keys = KeyFolder(operator.folder / "stranger")
    for role in ("bin", "snapshot", "timestamp", "revocations"):
        keys.make(role)
    return Thief(operator, keys)


def test_a_state_signed_by_a_stranger_is_refused(operator, client, stranger):
    stranger.edit(bin_of("diary"))
    with pytest.raises(VerificationError, match=f"timestamp.json {UNSIGNED}"):
        client.refresh()


def test_a_bin_signed_by_a_stranger_is_refused(operator, client, stranger, thief):
    role = bin_of("diary")
    stranger.edit(role, seal=False)
    version = operator.version(role)
    thief.edit(role)
    forged = f"metadata/{version + 1}.{role}.json"
    operator.mirror.instead[forged] = operator.memory.files[forged]
    stranger.edit(role, lambda signed: setattr(signed, "version", version + 1), seal=False)
    operator.mirror.instead[forged] = operator.memory.files[forged]
    client.refresh()
    with pytest.raises(VerificationError, match=f"{role}.json {UNSIGNED}"):
        client.index_of("diary")


def test_the_same_state_signed_by_the_registry_passes(operator, client, thief):
    thief.edit(bin_of("diary"))
    client.refresh()
    assert client.index_of("diary") == index()


def test_another_root_is_another_registry_and_shows_it(operator, tmp_path):
    other = Operator(tmp_path / "other")
    with pytest.raises(VerificationError, match=UNSIGNED):
        RegistryClient(tmp_path / "wrong", other.root, operator.mirror).refresh()
    assert fingerprint(other.root) != fingerprint(operator.root)
    assert len(fingerprint(operator.root).split(" ")) == 16


def test_the_fingerprint_is_of_what_is_signed(operator):
    spaced = operator.root.replace(b'":', b'": ', 3)
    assert fingerprint(spaced) == fingerprint(operator.root)
    with pytest.raises(VerificationError, match=UNSIGNED):
        fingerprint(operator.root.replace(b'"threshold":2', b'"threshold":1'))


@pytest.mark.parametrize("file", [b"", b"{}", b"[" * 99, b"x" * 70_000])
def test_what_is_no_root_has_no_fingerprint(file):
    with pytest.raises(VerificationError):
        fingerprint(file)
