"""Sealed values open with their key, under their name, unchanged, or not at all."""

from __future__ import annotations

import base64

import pytest

from yesman.host.sealing import Sealing
from yesman.model.errors import VerificationError


@pytest.fixture
def sealing(tmp_path):
    return Sealing(tmp_path / "secrets.key")


def test_what_was_sealed_opens_again_and_shows_nothing(sealing, tmp_path):
    sealed = sealing.seal("demo/token", b"hunter2-hunter2")
    assert b"hunter2" not in base64.b64decode(sealed)
    assert Sealing(tmp_path / "secrets.key").opened("demo/token", sealed) == b"hunter2-hunter2"


def test_the_key_is_readable_by_its_owner_only(sealing, tmp_path):
    sealing.seal("demo/token", b"x")
    assert (tmp_path / "secrets.key").stat().st_mode & 0o777 == 0o600


def test_the_same_value_is_sealed_differently_each_time(sealing):
    assert sealing.seal("demo/token", b"x") != sealing.seal("demo/token", b"x")


def test_one_secret_does_not_pass_for_another(sealing):
    sealed = sealing.seal("demo/token", b"x")
    with pytest.raises(VerificationError):
        sealing.opened("other/token", sealed)


@pytest.mark.parametrize("place", range(0, 29, 4))
def test_a_changed_byte_is_noticed(sealing, place):
    data = bytearray(base64.b64decode(sealing.seal("demo/token", b"x")))
    data[place] ^= 1
    with pytest.raises(VerificationError):
        sealing.opened("demo/token", base64.b64encode(data).decode())


@pytest.mark.parametrize("sealed", ["", "!", "AAAA", "é"])
def test_what_was_never_sealed_is_refused(sealing, sealed):
    sealing.seal("demo/token", b"x")
    with pytest.raises(VerificationError):
        sealing.opened("demo/token", sealed)


def test_without_the_key_nothing_opens(sealing):
    sealed = sealing.seal("demo/token", b"x")
    sealing.forget()
    with pytest.raises(VerificationError, match=r"secrets\.key"):
        sealing.opened("demo/token", sealed)


@pytest.mark.parametrize("content", [b"", b"00", b"zz" * 32, b"\xff" * 64])
def test_what_is_no_key_is_neither_used_nor_replaced(sealing, tmp_path, content):
    (tmp_path / "secrets.key").write_bytes(content)
    with pytest.raises(VerificationError, match="holds no key"):
        sealing.seal("demo/token", b"x")
    assert (tmp_path / "secrets.key").read_bytes() == content
