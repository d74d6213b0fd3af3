"""Envelopes: what is signed, what is refused, and that others read and write the same."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope as TheirEnvelope
from securesystemslib.signer import CryptoSigner, SSlibKey

from yesman.model.errors import VerificationError
from yesman.trust import dsse
from yesman.trust.ed25519 import SigningKey

KEY = SigningKey(bytes(range(32)))
KNOWN = {KEY.keyid: KEY.public}
PAYLOAD = b'{"a":"b"}'
ENVELOPE = dsse.sealed(PAYLOAD, KEY)


def compact(data):
    return json.dumps(data, separators=(",", ":"), sort_keys=True).encode()


def changed(**fields):
    return compact(json.loads(ENVELOPE) | fields)


def theirs(key):
    """The key as securesystemslib has it, under our id."""
    value = {"public": key.public.hex()}
    return SSlibKey(key.keyid, "ed25519", "ed25519", value)


def test_what_was_signed_comes_out_and_who_signed_it():
    assert dsse.opened(ENVELOPE, KNOWN) == (PAYLOAD, {KEY.keyid})


def test_the_signed_bytes_are_those_of_the_standard():
    # The example of the DSSE protocol's own document.
    assert dsse.pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_securesystemslib_verifies_what_we_sign():
    envelope = TheirEnvelope.from_dict(json.loads(ENVELOPE))
    assert list(envelope.verify([theirs(KEY)], 1)) == [KEY.keyid]
    assert envelope.payload == PAYLOAD


def test_we_verify_what_securesystemslib_signs():
    envelope = TheirEnvelope(PAYLOAD, dsse.IN_TOTO, {})
    envelope.sign(CryptoSigner(KEY._key, theirs(KEY)))
    assert compact(envelope.to_dict()) == ENVELOPE
    assert dsse.opened(compact(envelope.to_dict()), KNOWN).payload == PAYLOAD


@given(place=st.integers(0, len(ENVELOPE) - 1), other=st.integers(1, 255))
def test_any_altered_byte_is_refused(place, other):
    altered = bytearray(ENVELOPE)
    altered[place] ^= other
    with pytest.raises(VerificationError):
        dsse.opened(bytes(altered), KNOWN)


@given(st.integers(0, len(ENVELOPE) - 1), st.binary(min_size=1, max_size=8))
def test_anything_added_is_refused(place, more):
    with pytest.raises(VerificationError):
        dsse.opened(ENVELOPE[:place] + more + ENVELOPE[place:], KNOWN)


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_nothing_else_is_an_envelope_and_nothing_else_is_raised(data):
    with pytest.raises(VerificationError):
        dsse.opened(data, KNOWN)


def test_a_signature_for_another_type_of_payload_is_none():
    other = KEY.sign(dsse.pae("application/vnd.yesman.author-key+json", PAYLOAD))
    signature = {"keyid": KEY.keyid, "sig": base64.b64encode(other).decode()}
    with pytest.raises(VerificationError, match="was altered"):
        dsse.opened(changed(signatures=[signature]), KNOWN)
    right = {"keyid": KEY.keyid, "sig": base64.b64encode(KEY.sign(dsse.pae(dsse.IN_TOTO, PAYLOAD))).decode()}
    assert dsse.opened(changed(signatures=[right]), KNOWN)  # the control


def test_a_bare_signature_over_the_payload_is_none():
    signature = {"keyid": KEY.keyid, "sig": base64.b64encode(KEY.sign(PAYLOAD)).decode()}
    with pytest.raises(VerificationError, match="was altered"):
        dsse.opened(changed(signatures=[signature]), KNOWN)


@pytest.mark.parametrize("kind", ["application/vnd.in-toto+yaml", "application/json", "", "text/plain"])
def test_another_type_of_payload_is_not_opened_even_if_it_is_signed_so(kind):
    signature = {"keyid": KEY.keyid, "sig": base64.b64encode(KEY.sign(dsse.pae(kind, PAYLOAD))).decode()}
    with pytest.raises(VerificationError, match="malformed"):
        dsse.opened(changed(payloadType=kind, signatures=[signature]), KNOWN)


def test_signatures_of_others_are_passed_over(keys):
    envelope = dsse.sealed(PAYLOAD, keys[0], KEY, keys[1])
    assert dsse.opened(envelope, KNOWN) == (PAYLOAD, {KEY.keyid})
    with pytest.raises(dsse.StrangerError, match=keys[2].keyid):
        dsse.opened(dsse.sealed(PAYLOAD, keys[2]), KNOWN)


def test_an_id_alone_is_no_reason_to_believe(keys):
    signature = json.loads(dsse.sealed(PAYLOAD, keys[0]))["signatures"][0] | {"keyid": KEY.keyid}
    with pytest.raises(VerificationError, match="does not verify with the key"):
        dsse.opened(changed(signatures=[signature]), KNOWN)


def test_a_right_signature_counts_beside_a_wrong_one(keys):
    wrong, right = json.loads(dsse.sealed(PAYLOAD, keys[0], KEY))["signatures"]
    wrong["sig"] = right["sig"]
    both = {keys[0].keyid: keys[0].public} | KNOWN
    assert dsse.opened(changed(signatures=[wrong, right]), both).signers == {KEY.keyid}


SIGNATURE = json.loads(ENVELOPE)["signatures"][0]


@pytest.mark.parametrize(
    ("altered", "said"),
    [
        (changed(signatures=[]), "malformed"),
        (changed(signatures=[SIGNATURE] * 9), "malformed"),
        (changed(signatures=[SIGNATURE, SIGNATURE]), "holds two by the key"),
        (changed(signatures=[{"sig": SIGNATURE["sig"]}]), "missing required field `keyid`"),
        (changed(signatures=[SIGNATURE | {"keyid": ""}]), "malformed"),
        (changed(signatures=[SIGNATURE | {"sig": SIGNATURE["sig"][:-4]}]), "malformed"),
        (changed(payload=base64.urlsafe_b64encode(b"\xff\xfe" * 3).decode()), "strict base64"),
        (changed(payload=SIGNATURE["sig"].replace("=", "") + "\n"), "strict base64"),
        (changed(more=1), "unknown field"),
        (json.dumps(json.loads(ENVELOPE)).encode(), "not in the canonical form"),
        (ENVELOPE + b"\n", "not in the canonical form"),
        (ENVELOPE.replace(b'"payload":', b'"payload":"","payload":'), "not in the canonical form"),
        (ENVELOPE.replace(b'"payload"', b'"p\\u0061yload"'), "not in the canonical form"),
        (b"[" * 200_000, "malformed"),
        (b'{"payload":' + b"[" * 200_000, "malformed"),
        (b'{"x":' * 40_000, "malformed"),
        (b" " * (dsse.MOST_BYTES + 1), "is larger than 262144 bytes"),
        (ENVELOPE.decode().encode("utf-16"), "malformed"),
        (b"\xff" + ENVELOPE, "malformed"),
        (b"", "malformed"),
    ],
)
def test_what_is_written_otherwise_is_refused(altered, said):
    with pytest.raises(VerificationError, match=said) as caught:
        dsse.opened(altered, KNOWN)
    assert len(str(caught.value)) < 400
