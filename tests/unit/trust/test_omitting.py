"""Attacks: a mirror that leaves something out."""

from __future__ import annotations

import pytest
from registered.making import NOW, bin_of, index

from yesman.model.errors import VerificationError
from yesman.trust.offline import OfflineRegistry

OMITTED = "the registry does not have"


@pytest.mark.parametrize("role", ["snapshot", "targets", "index", "bin"])
def test_metadata_that_is_left_out_is_missed(operator, role):
    path = operator.present(bin_of("diary") if role == "bin" else role)
    operator.mirror.instead[path] = None
    for registry in (operator.client, lambda: OfflineRegistry(operator.mirror, operator.root, NOW)):
        with pytest.raises(VerificationError, match=f"{OMITTED} {path}"):
            registry().index_of("diary")
    operator.mirror.instead.clear()
    assert operator.client().index_of("diary") == index()


def test_a_timestamp_that_is_left_out_is_missed(operator, client):
    operator.mirror.instead["metadata/timestamp.json"] = None
    with pytest.raises(VerificationError, match=f"{OMITTED} metadata/timestamp.json"):
        client.refresh()


def test_a_plugin_cannot_be_hidden(operator, client):
    operator.mirror.instead[operator.index_path()] = None
    with pytest.raises(VerificationError, match=f"{OMITTED} {operator.index_path()}"):
        client.index_of("diary")
    assert client.index_of("no-such-plugin") is None


def test_revocations_cannot_be_hidden(operator, client):
    operator.mirror.instead[operator.target("revocations", "revocations.json")] = None
    with pytest.raises(VerificationError, match=OMITTED):
        client.revocations()
    operator.mirror.instead.clear()
    assert client.revocations().entries == ()


def test_a_new_root_can_be_hidden_until_the_old_keys_are_gone_from_what_is_signed(operator, client):
    operator.mirror.instead["metadata/2.root.json"] = None
    operator.ceremony().change_keys(operator.online, ("timestamp",))
    with pytest.raises(VerificationError, match=r"timestamp.json is signed by too few"):
        client.refresh()
    operator.mirror.instead.clear()
    client.refresh()
