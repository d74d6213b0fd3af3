"""Our deflate is right, the same on every machine, and never packs more densely than it promises."""

from __future__ import annotations

import hashlib
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.package.deflate import BLOCK, Deflater

DEFLATER = Deflater()
# Runs, repeats near and far, and noise, in an order that no library decides.
STEPS = b"".join(hashlib.sha256(bytes([n])).digest()[: n % 33] * (n % 7) for n in range(256)) * 40


def deflated(*pieces):
    return b"".join(DEFLATER.pieces(pieces))


def inflated(data):
    inflate = zlib.decompressobj(-15)
    found = inflate.decompress(data)
    assert inflate.eof
    assert not inflate.unused_data
    return found


@given(st.lists(st.binary(max_size=40) | st.sampled_from([b"spam", b"\0" * 300, b"abcabc"]), max_size=60))
def test_what_is_deflated_inflates_again_however_it_was_cut(pieces):
    whole = b"".join(pieces)
    assert inflated(deflated(*pieces)) == whole
    assert deflated(*pieces) == deflated(whole)


@pytest.mark.parametrize("size", [0, 1, 3, 4, 258, 259, 32_768, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK])
@pytest.mark.parametrize("kind", ["zeros", "steps", "noise"])
def test_every_length_round_a_boundary_survives(size, kind):
    source = {"zeros": bytes(size), "steps": STEPS, "noise": hashlib.shake_128(b"x").digest(size)}[kind]
    data = (source * (size // max(len(source), 1) + 1))[:size]
    assert inflated(deflated(data)) == data


def test_the_bytes_are_those_that_every_machine_makes():
    digest = hashlib.sha256(deflated(STEPS)).hexdigest()
    assert digest == "d29012199e0a919da4f0e1fb77d3b07d2019c26caaca886e3b0a828d0de9e3ac"
    levels = {zlib.compress(STEPS, level) for level in range(1, 10)}
    assert len(levels) > 1  # what a library makes depends on what it was told, or thinks best


@pytest.mark.parametrize("data", [bytes(1 << 20), b"ab" * (1 << 19), b"abcd" * (1 << 18)])
def test_nothing_is_packed_more_densely_than_readers_allow(data):
    assert 20 < len(data) / len(deflated(data)) < 160


def test_what_does_not_compress_hardly_grows():
    noise = hashlib.shake_128(b"noise").digest(1 << 20)
    assert len(deflated(noise)) < len(noise) + 200
