"""Indexes, claims and revocations: the same value is the same bytes, and every wrong one is one sentence."""

from __future__ import annotations

import base64
import json
import time
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from registered.making import DATE, PUBLIC, claim, index

from yesman.model.errors import VerificationError
from yesman.trust.encoding import encode
from yesman.trust.index import (
    Claims,
    PluginIndex,
    PublisherKey,
    Revocation,
    Revocations,
    decode_claims,
    decode_index,
    decode_revocations,
    keyid_of,
)

OTHER = base64.b64encode(b"o" * 32).decode()
SIGNATURE = base64.b64encode(b"s" * 64).decode()
SECOND = {
    "keyid": keyid_of(OTHER),
    "public": OTHER,
    "since": DATE,
    "signed_by": keyid_of(PUBLIC),
    "signature": SIGNATURE,
}
REVOCATION = {"plugin": "diary", "severity": "hard", "reason": "It steals", "since": DATE}


def changed(**changes):
    """Return the index as data, with the changes made to its first release, or at the path given."""
    data = json.loads(encode(index()))
    for path, value in changes.items():
        *parts, last = path.split("__")
        inner = data
        for part in parts:
            inner = inner[int(part)] if part.isdigit() else inner[part]
        inner[last] = value
    return json.dumps(data).encode()


def test_the_same_index_is_the_same_bytes_and_comes_back():
    data = encode(index("diary", "1.0", "2.0"))
    assert data == encode(decode_index(data, "diary"))
    assert data == json.dumps(json.loads(data), sort_keys=True, separators=(",", ":")).encode()


def test_what_a_newer_registry_adds_is_ignored():
    assert (
        decode_index(changed(colour="red", releases__0__mood="good", keys__0__shape=[1]), "diary") == index()
    )


def test_a_key_that_an_earlier_one_signed_passes():
    keys = [json.loads(encode(index()))["keys"][0], SECOND]
    assert len(decode_index(changed(keys=keys), "diary").keys) == 2


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": "Diary"}, "regex"),
        ({"name": "diary\n"}, "regex"),
        ({"name": "other"}, "is that of 'other'"),
        ({"publisher": ""}, "regex"),
        ({"keys": []}, "a key that is not listed"),
        ({"keys": [SECOND]}, "the first key is signed by none"),
        ({"keys__0__keyid": "a" * 64}, "not the one that its keyid names"),
        ({"keys__0__public": "AAAA"}, "32 bytes in base64"),
        ({"keys__0__public": "~" * 44}, "32 bytes in base64"),
        ({"keys__0__signature": SIGNATURE}, "belong together"),
        ({"keys__0__since": "yesterday"}, "a date is not like"),
        ({"keys": None}, "Expected"),
        ({"releases__0__version": "one"}, "a version is not like"),
        ({"releases__0__version": "1.0\n"}, "a version is not like"),
        ({"releases__0__version": " 1.0"}, "a version is not like"),
        ({"releases__0__version": "1.0\N{LATIN SMALL LETTER LONG S}"}, "a version is not like"),
        ({"releases__0__min_version": "x"}, "a version is not like"),
        ({"releases__0__length": -1}, ">= 0"),
        ({"releases__0__length": 2**41}, "<="),
        ({"releases__0__length": 10**400}, "not valid"),
        ({"releases__0__length": 1.5}, "Expected `int`"),
        ({"releases__0__sha256": "A" * 64}, "regex"),
        ({"releases__0__content": "b" * 64}, "regex"),
        ({"releases__0__envelope": ""}, "regex"),
        ({"releases__0__signer": "e" * 64}, "a key that is not listed"),
        ({"releases__0__published": "2026-02-30T00:00:00Z"}, "a date is not like"),
        ({"releases__0__published": "2026-01-31T00:00:00+05:00"}, "a date is not like"),
        ({"releases__0__permissions": ["x"] * 257}, "length"),
        ({"releases__0__description": "a\u202eb"}, "hides or reorders"),
        ({"releases__0__dependencies": ["a\x1b[2J"]}, "hides or reorders"),
        ({"releases__0__description": "x" * 501}, "length"),
        ({"releases__0__scan": "skipped"}, "Invalid enum value"),
        ({"releases__0__type": "a b"}, "regex"),
    ],
)
def test_a_wrong_index_is_one_sentence(change, sentence):
    with pytest.raises(VerificationError, match=sentence) as caught:
        decode_index(changed(**change), "diary")
    assert "\n" not in str(caught.value)


def test_a_version_or_a_key_that_is_there_twice_is_refused():
    data = json.loads(encode(index("diary", "1.0", "2.0")))
    data["releases"][1]["version"] = "1.0.0"
    with pytest.raises(VerificationError, match="a version is listed twice"):
        decode_index(json.dumps(data).encode(), "diary")
    with pytest.raises(VerificationError, match="a key is listed twice"):
        decode_index(changed(keys=[json.loads(encode(index()))["keys"][0]] * 2), "diary")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"plugin": ""}, "names neither plugin nor package nor key"),
        ({"severity": "medium"}, "Invalid enum value"),
        ({"version": "x"}, "a version is not like"),
        ({"keyid": "x"}, "regex"),
        ({"reason": "a\nb"}, "hides or reorders"),
    ],
)
def test_a_wrong_revocation_is_one_sentence(change, sentence):
    assert decode_revocations(json.dumps({"entries": [REVOCATION]}).encode()).entries
    with pytest.raises(VerificationError, match=sentence):
        decode_revocations(json.dumps({"entries": [REVOCATION | change]}).encode())


@pytest.mark.parametrize(
    ("revoked", "covered"),
    [
        ({}, True),
        ({"plugin": "other"}, False),
        ({"version": "1.0.0"}, True),
        ({"version": "1.1"}, False),
        ({"plugin": "", "sha256": "a" * 64}, True),
        ({"sha256": "b" * 64}, False),
        ({"plugin": "", "keyid": "c" * 64}, True),
        ({"keyid": "d" * 64}, False),
    ],
)
def test_a_revocation_covers_what_agrees_with_all_that_it_names(revoked, covered):
    revocation = Revocation(**(REVOCATION | revoked))
    assert revocation.covers("diary", "1.0", sha256="a" * 64, keyid="c" * 64) == covered


def test_a_name_is_claimed_once():
    assert decode_claims(encode(Claims((claim("a"), claim("b"))))).of("b") == claim("b")
    twice = encode(Claims((claim("a"),))).replace(b"]}", b"]},", 0)
    entry = json.loads(twice)["entries"][0]
    with pytest.raises(VerificationError, match="a name is claimed twice"):
        decode_claims(json.dumps({"entries": [entry, entry]}).encode())


@given(
    st.binary(max_size=300)
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps).map(str.encode)
)
def test_no_bytes_do_anything_but_give_a_value_or_one_sentence(data):
    for decode in (partial(decode_index, name="diary"), decode_revocations, decode_claims):
        assert outcome_of(partial(decode, data)).isprintable()


def outcome_of(decode):
    """Return what bytes say, as text; or the sentence of a refusal."""
    try:
        return repr(decode())
    except VerificationError as error:
        return error.sentence


def test_a_publishers_key_says_how_it_is_called():
    key = PublisherKey(keyid=keyid_of(OTHER), public=PUBLIC, since=DATE)
    with pytest.raises(ValueError, match="keyid"):
        PluginIndex(name="diary", publisher="somebody", keys=(key,))


def test_what_is_revoked_is_found_among_many():
    many = tuple(
        Revocation(plugin=f"p{n}", severity="hard", reason="bad", since="2026-01-01T00:00:00Z")
        for n in range(20_000)
    )
    by_key = Revocation(keyid="c" * 64, severity="hard", reason="stolen", since="2026-01-01T00:00:00Z")
    soft = Revocation(plugin="p7", severity="soft", reason="slow", since="2026-01-01T00:00:00Z")
    revocations = Revocations((soft, by_key, *many))
    began = time.process_time()
    for _ in range(1000):
        assert revocations.of("hard", "p7", "1.0") == many[7]
        assert revocations.of("soft", "p7", "1.0") == soft
        assert revocations.of("hard", "p7", "1.0", keyid="c" * 64) == by_key, "the first that covers it"
        assert revocations.of("hard", "unknown", "1.0") is None
    assert time.process_time() - began < 10, "one after the other they take 27 ms each"
