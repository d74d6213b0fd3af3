"""Frames come out as they went in, whatever pieces they arrive in, and bad ones are refused early."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.wire import frames
from yesman.wire.frames import (
    HEADER,
    LIMITS,
    Frame,
    FrameReader,
    Kind,
    ProtocolError,
    UnserialisableError,
    pack,
)

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab", max_size=3), inner, max_size=4),
    max_leaves=12,
)
FRAMES = st.tuples(st.sampled_from(Kind), st.integers(0, 2**32 - 1), JSON_VALUES, st.binary(max_size=300))


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    """``data`` cut at ``cuts`` (taken modulo its length)."""
    places = sorted({cut % (len(data) + 1) for cut in cuts})
    return [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]


def header(kind: int = 2, padding: bytes = b"\0\0\0", body: int = 0, blob: int = 0) -> bytes:
    return HEADER.pack(kind, padding, 1, body, blob)


@given(st.lists(FRAMES, max_size=5), st.lists(st.integers(0, 10_000), max_size=20))
def test_frames_survive_any_chunking(sent, cuts):
    reader = FrameReader()
    stream = b"".join(pack(*frame) for frame in sent)
    got = [frame for piece in pieces(stream, cuts) for frame in reader.feed(piece)]
    assert [(f.kind, f.id, json.loads(f.body), f.blob) for f in got] == sent


@given(st.lists(st.binary(max_size=60), max_size=10))
def test_arbitrary_bytes_give_frames_or_a_protocol_error(chunks):
    reader = FrameReader()
    try:
        for chunk in chunks:
            for frame in reader.feed(chunk):
                assert isinstance(frame, Frame)
    except ProtocolError:
        pass


LENGTHS = st.sampled_from([0, 1, 16, LIMITS.body, LIMITS.body + 1, LIMITS.blob, LIMITS.blob + 1, 2**32 - 1])
HEADERS = st.builds(
    HEADER.pack,
    st.integers(0, 12) | st.integers(0, 255),
    st.just(b"\0\0\0") | st.binary(min_size=3, max_size=3),
    st.integers(0, 2**32 - 1),
    LENGTHS | st.integers(0, 40),
    LENGTHS | st.integers(0, 40),
)


@given(st.lists(HEADERS | st.binary(max_size=60), max_size=10), st.lists(st.integers(0, 500), max_size=10))
def test_headers_of_any_kind_give_frames_within_their_limits_or_a_protocol_error(parts, cuts):
    reader = FrameReader()
    try:
        for piece in pieces(b"".join(parts), cuts):
            for frame in reader.feed(piece):
                assert len(frame.body) <= LIMITS.body
                assert len(frame.blob) <= LIMITS.blob
    except ProtocolError:
        pass


@pytest.mark.parametrize(
    "bad",
    [
        header(kind=0),
        header(kind=200),
        header(padding=b"\0\0\1"),
        header(body=LIMITS.body + 1),
        header(blob=LIMITS.blob + 1),
        header(body=2**32 - 1, blob=2**32 - 1),
    ],
)
def test_a_bad_header_is_refused_before_its_parts_arrive(bad):
    with pytest.raises(ProtocolError):
        list(FrameReader().feed(bad))


def test_good_frames_before_a_bad_one_are_still_delivered():
    frames_of = FrameReader().feed(pack(Kind.LOG, 0, {}) + header(kind=99))
    assert next(frames_of).kind is Kind.LOG
    with pytest.raises(ProtocolError):
        next(frames_of)


def test_the_largest_allowed_frame_passes():
    frame = pack(Kind.RESULT, 1, "x" * (LIMITS.body - 2), b"y" * LIMITS.blob)
    (got,) = FrameReader().feed(frame)
    assert (len(got.body), len(got.blob)) == (LIMITS.body, LIMITS.blob)


@pytest.mark.parametrize("part", [{"value": "x" * LIMITS.body}, {"blob": b"x" * (LIMITS.blob + 1)}])
def test_what_is_too_large_is_not_sent(part):
    with pytest.raises(UnserialisableError, match="too large"):
        pack(Kind.RESULT, 1, **part)


def cycle() -> list[Any]:
    loop: list[Any] = []
    loop.append(loop)
    return loop


def deep(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        math.nan,
        math.inf,
        -math.inf,
        "\ud800",
        {"k": "\udfff"},
        object(),
        {1, 2},
        b"bytes",
        {(1,): 2},
        cycle(),
    ],
    ids=repr,
)
def test_what_json_does_not_have_is_the_senders_error(value):
    with pytest.raises(UnserialisableError):
        frames.encode(value)


def test_nesting_without_end_is_the_senders_error():
    with pytest.raises(UnserialisableError):
        frames.encode(deep(100_000))


@given(JSON_VALUES)
def test_json_values_are_encoded_as_utf_8(value):
    assert json.loads(frames.encode(value).decode("utf-8")) == value
