"""Only small pictures of four kinds are pictures, and only by their bytes."""

from __future__ import annotations

import struct

import pytest
from marketed.looking import png

from yesman.marketplace.pictures import MOST_BYTES, kind_of


def gif(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\0\0\0;"


def jpeg(width: int, height: int, before: bytes = b"\xff\xe0\x00\x04ab") -> bytes:
    return b"\xff\xd8" + before + b"\xff\xc2\x00\x11\x08" + struct.pack(">HH", height, width) + bytes(12)


def webp(kind: bytes, about: bytes) -> bytes:
    return b"RIFF\0\0\0\0WEBP" + kind + b"\0\0\0\0" + about


def lossless(width: int, height: int) -> bytes:
    return webp(b"VP8L", b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14))


def lossy(width: int, height: int) -> bytes:
    return webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height))


def extended(width: int, height: int) -> bytes:
    return webp(b"VP8X", bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little"))


MAKERS = {"png": (png,), "gif": (gif,), "jpeg": (jpeg,), "webp": (lossless, lossy, extended)}
EACH = [(kind, make) for kind, makers in MAKERS.items() for make in makers]


@pytest.mark.parametrize(("kind", "make"), EACH)
def test_each_kind_is_known_by_its_bytes(kind, make):
    assert kind_of(make(64, 48)) == kind


@pytest.mark.parametrize(("kind", "make"), EACH)
@pytest.mark.parametrize("size", [(1025, 1), (1, 1025), (16383, 16383)])
def test_what_unpacks_to_much_is_none(kind, make, size):
    assert kind_of(make(*size)) == ""
    assert kind_of(make(1024, 1024)) == kind  # the control


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<?xml version='1.0'?><svg/>",
        b"<!doctype html><script>alert(1)</script>",
        b"%PDF-1.7",
        b"\x89PNG\r\n\x1a\n<svg/>",
        b"GIF89a",
        b"\xff\xd8\xff" + b"\xe0\x00\x00" * 100,
        b"\xff\xd8\xff\xd8\xff\xd8\xff\xd8",
        b"RIFF\0\0\0\0WAVEfmt ",
    ],
)
def test_anything_else_is_none(data):
    assert kind_of(data) == ""


@pytest.mark.parametrize(("kind", "make"), EACH)
def test_what_is_cut_short_is_none_or_small(kind, make):
    whole = make(64, 48)
    assert all(kind_of(whole[:end]) in ("", kind) for end in range(len(whole)))


def test_a_large_file_is_none():
    assert kind_of(png() + bytes(MOST_BYTES)) == ""


def test_an_endless_row_of_markers_ends():
    assert kind_of(b"\xff\xd8" + b"\xff\xd0" * 30000) == ""
