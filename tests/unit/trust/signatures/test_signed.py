"""The one decision about a signature: each attack is refused by its own sentence, beside what is accepted."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.model.errors import VerificationError
from yesman.trust import dsse, statement
from yesman.trust.author_keys import first, successor
from yesman.trust.canonical import encode
from yesman.trust.signed import sign, verified

SINCE = "2026-11-23T12:00:00+00:00"
changed = msgspec.structs.replace


@pytest.fixture
def refused(facts, chain):
    """Verify with what is given in place of what is right; return the sentence of the refusal."""

    def attempt(envelope, *, found=facts, keys=chain, pin="", owners=()):
        with pytest.raises(VerificationError) as caught:
            verified(found, envelope, keys, pin, owners=owners)
        assert caught.value.next_step
        return caught.value.message

    return attempt


def test_what_the_author_signed_is_accepted_and_says_what_to_pin(facts, keys, chain):
    ids = tuple(key.keyid for key in keys)
    for number in range(3):
        assert verified(facts, sign(facts, keys[number]), chain) == (ids[number], ids[:number])


def test_a_statement_says_what_was_read_and_in_the_standard_s_form(facts):
    said = json.loads(statement.written(facts))
    assert statement.read(statement.written(facts)) == facts
    assert said["_type"] == "https://in-toto.io/Statement/v1"
    assert said["subject"] == [{"name": "demo-1.0.0.yplug", "digest": {"sha256": "a" * 64}}]
    assert said["predicate"]["permissions"] == list(facts.permissions)


def test_a_key_that_does_not_own_the_name(facts, keys, chain, refused):
    message = refused(sign(facts, keys[4]))
    assert message == f"demo 1.0.0 is signed by {keys[4].keyid}, but the name belongs to {keys[2].keyid}"
    assert verified(facts, sign(facts, keys[2]), chain)


def test_a_whole_chain_that_does_not_own_the_name(facts, keys, chain, refused):
    theirs = [first(keys[3], SINCE), successor(keys[3], keys[4], SINCE)]
    owner = keys[1].keyid
    message = refused(sign(facts, keys[4]), keys=theirs, owners=[owner])
    assert message == f"demo 1.0.0 is signed by {keys[4].keyid}, but the name belongs to {owner}"
    message = refused(sign(facts, keys[0]), owners=[owner])  # nor does a key of before the claim
    assert message == f"demo 1.0.0 is signed by {keys[0].keyid}, but the name belongs to {owner}"
    for number in (1, 2):
        assert verified(facts, sign(facts, keys[number]), chain, owners=[keys[4].keyid, owner])


def test_a_signature_of_another_plugin(facts, keys, refused):
    message = refused(sign(changed(facts, name="other"), keys[0]))
    assert message == "The signature beside demo 1.0.0 is of another plugin, 'other'"


def test_a_signature_of_an_older_version_beside_a_newer_one(facts, keys, refused):
    newer = changed(facts, version="1.1.0", sha256="d" * 64, content=f"sha256:{'d' * 64}")
    message = refused(sign(facts, keys[0]), found=newer)
    assert message == "The signature beside demo 1.1.0 is of another version, '1.0.0'"


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"sha256": "d" * 64}, "is of another package with the same name and version"),
        ({"content": f"sha256:{'d' * 64}"}, "is of other content than the package's"),
        ({"manifest": "d" * 64}, "is of another plugin.yaml than the package's"),
        ({"permissions": ("session.read",)}, "is of other permissions than the package's"),
        ({"permissions": ()}, "is of other permissions than the package's"),
    ],
)
def test_a_signature_of_another_package(facts, keys, refused, other, said):
    message = refused(sign(facts, keys[0]), found=changed(facts, **other))
    assert message == f"The signature beside demo 1.0.0 {said}"


def test_no_signature_and_none_where_there_was_one(refused, keys):
    assert refused(None) == "demo 1.0.0 is not signed"
    pin = keys[1].keyid
    assert refused(None, pin=pin) == (
        f"demo 1.0.0 is not signed, and what came before it was, by the pinned key {pin}"
    )
    assert refused(b"", pin=pin).startswith("The author's signature is malformed")


def test_the_pinned_key_and_its_successors_go_on(facts, keys, chain):
    for pinned, signer in ((0, 0), (0, 1), (0, 2), (1, 2), (2, 2)):
        envelope = sign(facts, keys[signer])
        assert verified(facts, envelope, chain, keys[pinned].keyid).signer == keys[signer].keyid


def test_a_stolen_key_that_was_replaced_signs_nothing_for_those_who_know_its_successor(
    facts, keys, chain, refused
):
    stolen, pin = keys[0], keys[1].keyid
    message = refused(sign(facts, stolen), pin=pin)
    assert message == (
        f"demo 1.0.0 is signed by the key {stolen.keyid}, which has been replaced by the pinned key {pin}"
    )
    # Who has not seen a release by the successor cannot know: that is for revocations.
    assert verified(facts, sign(facts, stolen), chain, stolen.keyid)


def test_a_stolen_key_cannot_name_a_successor_of_its_own_for_those_who_know_the_right_one(
    facts, keys, chain, refused
):
    fork = [chain[0], successor(keys[0], keys[4], SINCE)]
    pin = keys[1].keyid
    message = refused(sign(facts, keys[4]), keys=fork, pin=pin)
    assert message == (
        f"demo 1.0.0 is signed by the key {keys[4].keyid}, which does not come after the pinned key {pin}"
    )
    assert "fork" in refused(sign(facts, keys[4]), keys=[*chain[:2], fork[1]], pin=pin)


def test_a_key_out_of_nowhere_is_no_successor(facts, keys, chain, refused):
    other = msgspec.structs.replace(successor(keys[3], keys[4], SINCE), signed_by=keys[2].keyid)
    message = refused(sign(facts, keys[4]), keys=[*chain, other], pin=keys[0].keyid)
    assert message == f"The key {keys[4].keyid} is not signed by {keys[2].keyid}, as it says"


def test_of_several_signatures_the_newest_key_s_is_the_one_to_pin(facts, keys, chain):
    envelope = dsse.sealed(statement.written(facts), keys[1], keys[4], keys[0])
    assert verified(facts, envelope, chain, keys[0].keyid).signer == keys[1].keyid


def statements(facts):
    """Statements that a key has signed all the same, by what is wrong with them."""
    right = json.loads(statement.written(facts))
    subject, release = right["subject"][0], right["predicate"]
    return {
        "another type": right | {"_type": "https://in-toto.io/Statement/v0.1"},
        "another predicate": right | {"predicateType": "https://slsa.dev/provenance/v1"},
        "two subjects": right | {"subject": [subject, subject]},
        "no subject": right | {"subject": []},
        "another file": right | {"subject": [subject | {"name": "other-1.0.0.yplug"}]},
        "another digest": right | {"subject": [subject | {"digest": {"sha512": "a" * 128}}]},
        "more digests": right | {"subject": [subject | {"digest": {"sha256": "a" * 64, "md5": "x"}}]},
        "no permissions": right | {"predicate": {k: v for k, v in release.items() if k != "permissions"}},
        "a name that is a path": right | {"predicate": release | {"name": "../demo"}},
        "a number": right | {"predicate": release | {"version": 1}},
        "more fields": right | {"more": "x"},
    }


def test_a_signed_statement_of_another_form_is_refused(facts, keys, chain, refused):
    for name, wrong in statements(facts).items():
        message = refused(dsse.sealed(encode(wrong), keys[0]))
        assert message.startswith("The signed statement is "), name
    right = dsse.sealed(encode(json.loads(statement.written(facts))), keys[0])
    assert verified(facts, right, chain)  # the control: the same way with nothing wrong


@pytest.mark.parametrize("payload", [b"", b"null", b"[" * 150_000, b'{"_type":' * 15_000, b"\xff\xfe", b"{}"])
def test_a_signed_payload_that_is_no_statement_is_refused(keys, refused, payload):
    assert refused(dsse.sealed(payload, keys[0])).startswith("The signed statement is malformed")


@given(payload=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: json.dumps(text).encode()))
def test_whatever_an_author_signs_is_a_statement_or_refused(facts, keys, chain, payload):
    with pytest.raises(VerificationError):
        verified(facts, dsse.sealed(payload, keys[0]), chain)


@given(place=st.integers(0, 10_000), other=st.integers(1, 255))
def test_no_altered_byte_of_a_signed_statement_is_the_same_release(facts, keys, chain, place, other):
    data = bytearray(statement.written(facts))
    data[place % len(data)] ^= other
    with pytest.raises(VerificationError):
        verified(facts, dsse.sealed(bytes(data), keys[0]), chain)


def test_a_statement_is_read_in_one_spelling_only(facts, keys, refused):
    right = statement.written(facts)
    doubled = right.replace(b'"version":', b'"version":"9.9.9","version":')
    for wrong in (json.dumps(json.loads(right)).encode(), doubled, right + b"\n"):
        assert "canonical form" in refused(dsse.sealed(wrong, keys[0]))
