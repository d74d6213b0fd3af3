"""Chains of keys: each signed by the one before, without gap or fork; and what a pin accepts."""

from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.model.errors import VerificationError
from yesman.trust import dsse
from yesman.trust.author_keys import (
    MOST_KEYS,
    SUCCESSION,
    Chain,
    PublisherKey,
    exported,
    first,
    imported,
    succession,
    successor,
)
from yesman.trust.canonical import encode64
from yesman.trust.ed25519 import SigningKey, keyid_of

SINCE = "2026-11-23T12:00:00+00:00"
LATER = "2026-12-23T12:00:00+00:00"
changed = msgspec.structs.replace


def test_a_chain_knows_its_keys_in_their_order(keys, chain):
    found = Chain(chain)
    assert found.publics == {key.keyid: key.public for key in keys[:3]}
    assert found.newest == keys[2].keyid


def test_an_id_is_the_digest_of_the_raw_public_key():
    # Public key of RFC 8032, section 7.1, test 1; the digest is sha256sum's.
    key = SigningKey(bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
    assert key.public.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert (
        key.keyid
        == keyid_of(key.public)
        == "21fe31dfa154a261626bf854046fd2271b7bed4b6abe45aa58877ef47f9721b9"
    )


def test_no_key_shows_its_private_half(keys):
    shown = repr(keys[0]) + str(keys[0])
    assert keys[0].seed().hex() not in shown
    assert "\\x01" not in shown
    assert keys[0].keyid in shown


def test_a_pin_accepts_its_key_and_those_after_it(keys, chain):
    found = Chain(chain)
    for pinned in range(3):
        accepted = [found.accepts(keys[pinned].keyid, key.keyid) for key in keys[:3]]
        assert accepted == [number >= pinned for number in range(3)]
    assert not found.accepts(keys[3].keyid, keys[2].keyid)
    assert not found.accepts(keys[2].keyid, keys[3].keyid)


def test_a_missing_link_is_named(keys, chain):
    said = f"missing between {keys[0].keyid} and {keys[2].keyid}, which is signed by {keys[1].keyid}"
    with pytest.raises(VerificationError, match=said):
        Chain([chain[0], chain[2]])
    with pytest.raises(VerificationError, match=f"missing before {keys[1].keyid}"):
        Chain(chain[1:])
    assert Chain(chain[:2]).newest == keys[1].keyid  # the control: nothing is missing at the end


def test_a_fork_is_named(keys, chain):
    other = successor(keys[0], keys[3], LATER)
    said = f"keys fork: {keys[0].keyid} has named another successor beside {keys[3].keyid}"
    with pytest.raises(VerificationError, match=said):
        Chain([*chain[:2], other])
    assert Chain([chain[0], other]).newest == keys[3].keyid  # the control: each branch by itself is a chain


def test_keys_out_of_order_are_no_chain(chain):
    with pytest.raises(VerificationError):
        Chain([chain[0], chain[2], chain[1]])
    with pytest.raises(VerificationError, match="occurs twice"):
        Chain([chain[0], chain[0]])
    with pytest.raises(VerificationError, match="signed by none"):
        Chain([chain[0], changed(chain[1], signed_by="", signature="")])


def test_a_successor_that_another_key_signed_is_none(keys, chain):
    forged = changed(successor(keys[3], keys[1], SINCE), signed_by=keys[0].keyid)
    with pytest.raises(VerificationError, match=f"{keys[1].keyid} is not signed by {keys[0].keyid}"):
        Chain([chain[0], forged])


@pytest.mark.parametrize("field", ["public", "keyid", "signature"])
def test_no_other_key_can_take_the_place_of_a_successor(keys, chain, field):
    other = successor(keys[0], keys[4], LATER)
    with pytest.raises(VerificationError):
        Chain([chain[0], changed(chain[1], **{field: getattr(other, field)})])


def test_a_signed_release_is_no_signed_successor(keys, chain):
    signed = succession(chain[1].keyid, chain[1].public, keys[0].keyid)
    payload = signed[signed.index(b"{") :]
    assert signed == dsse.pae(SUCCESSION, payload)
    signature = encode64(keys[0].sign(dsse.pae(dsse.IN_TOTO, payload)))
    with pytest.raises(VerificationError, match="is not signed by"):
        Chain([chain[0], changed(chain[1], signature=signature)])
    right = encode64(keys[0].sign(signed))
    assert Chain([chain[0], changed(chain[1], signature=right)])  # the control


def test_an_id_that_names_another_key_is_refused(keys, chain):
    with pytest.raises(VerificationError, match="not the one that its id names"):
        Chain([changed(chain[0], public=encode64(keys[4].public))])
    with pytest.raises(VerificationError, match="signature by nobody"):
        Chain([changed(chain[0], signature=chain[1].signature)])


def test_there_is_an_end_to_rotating(keys):
    line = [first(keys[0], SINCE)]
    old = keys[0]
    for number in range(MOST_KEYS):
        new = SigningKey(bytes([100 + number]) * 32)
        line.append(successor(old, new, SINCE))
        old = new
    assert Chain(line[:-1])
    for wrong in (line, []):
        with pytest.raises(VerificationError, match="no chain of 1 to 64"):
            Chain(wrong)


def test_keys_travel_in_a_file(chain):
    assert imported(exported(chain)) == tuple(chain)
    for wrong in (
        b"",
        b"{}",
        b'{"keys":[]}',
        exported(chain) + b"\n",
        exported(chain).replace(b":", b": ", 1),
    ):
        with pytest.raises(VerificationError, match=re.escape("The file of public keys")):
            imported(wrong)


@given(place=st.integers(0, 10_000), other=st.integers(1, 255))
def test_no_altered_byte_of_a_file_leaves_the_same_successors(chain, place, other):
    data = bytearray(exported(chain))
    data[place % (len(data) - 1)] ^= other
    try:
        found = imported(bytes(data))
        Chain(found)
    except VerificationError:
        return
    # Dates are signed by nobody: nothing is decided by them.
    assert [changed(key, since=SINCE) for key in found] == chain


def test_moments_and_ids_have_one_form(chain):
    for wrong in ({"since": "yesterday"}, {"keyid": chain[0].keyid.upper()}, {"signed_by": "x"}):
        fields = msgspec.to_builtins(chain[0]) | wrong
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(fields, PublisherKey)
