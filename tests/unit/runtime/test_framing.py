"""Bodies from a plugin are data of the expected shape or a protocol error, never anything else."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.runtime.framing import MAX_CONTAINERS, decode
from yesman.wire.frames import ProtocolError
from yesman.wire.messages import Call, Failure, Hello, Log, Output, Refused

SHAPES = st.sampled_from([Hello, Call, Failure, Output, Log, Refused, object])
WORDS = (
    b'{ } [ ] : , " \\ null true NaN -1 1e999 \\ud800 "x" "method" "level" "message" "params" "cause"'
).split()
FRAGMENTS = st.lists(st.sampled_from([*WORDS, b"9" * 30, b"\xff", b" "]), max_size=30).map(b"".join)


@given(st.binary(max_size=200) | FRAGMENTS, SHAPES)
def test_arbitrary_bytes_give_only_protocol_errors(body, shape):
    with contextlib.suppress(ProtocolError):
        decode(body, shape)


@pytest.mark.parametrize("nesting", [b"[" * 15_000, b"[" * 15_000 + b"]" * 15_000, b'{"a":' * 15_000])
def test_deep_nesting_is_a_protocol_error(nesting):
    with pytest.raises(ProtocolError):
        decode(nesting, object)


def test_many_small_values_are_refused_before_they_are_built():
    body = b"[" + b",".join([b"{}"] * (MAX_CONTAINERS + 1)) + b"]"
    with pytest.raises(ProtocolError, match="nested"):
        decode(body, object)


@pytest.mark.parametrize(
    "body",
    [
        b'{"method": 5}',
        b'{"method": "x", "params": []}',
        b'{"params": {}}',
        b"[]",
        b'{"method": "\\ud800"}',
        b'{"method": "x", "cause": "1"}',
        b'{"method": "\xff"}',
        b'{"method": "x", "cause": ' + b"1" * 5_000 + b"}",
    ],
)
def test_a_call_of_the_wrong_shape_is_a_protocol_error(body):
    with pytest.raises(ProtocolError):
        decode(body, Call)
