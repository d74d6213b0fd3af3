"""Any folder survives packing, and no bytes do anything but give a package or one of our errors."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hostile.making import END, GOOD, entry, gz
from hypothesis import given, settings
from hypothesis import strategies as st

from yesman.model.errors import AuthorError, YesmanError
from yesman.model.plain_text import unsafe_character
from yesman.package import digest_folder, remove_tree
from yesman.package.packing import pack
from yesman.package.unpacking import read_package, stage_package

TAR = GOOD + entry("src/x/y", b"content" * 99) + entry("src/z", b"z" * 513, mode=b"0000755\0") + END
SUFFIXES = ["", "a", "é", "ß", ".py", "-1", " b", "漢"]
NAMES = st.builds("{}{}".format, st.sampled_from(["x", "Y", "zz", "0"]), st.sampled_from(SUFFIXES))
PATHS = st.builds(
    lambda top, parts: "/".join([top, *parts]),
    st.sampled_from(["src", "docs", "assets"]),
    st.lists(NAMES, min_size=1, max_size=4),
)
CUTS = st.lists(
    st.tuples(st.integers(0, len(TAR)), st.integers(0, 12), st.binary(max_size=12)), min_size=1, max_size=4
)


def cut(data, cuts):
    for place, gone, instead in cuts:
        at = place % (len(data) + 1)
        data = data[:at] + instead + data[at + gone :]
    return data


@pytest.fixture(scope="module")
def place():
    with TemporaryDirectory() as name:
        yield Path(name)
        remove_tree(Path(name) / "store")


def outcome(file, store):
    """Return what was unpacked, or None for a refusal in one printable sentence."""
    try:
        _, staged = stage_package(file, store)
    except YesmanError as error:
        assert unsafe_character(error.message) is None  # noqa: PT017 - either outcome is right
        return None
    assert digest_folder(staged.folder) == staged.digest
    return staged


@settings(max_examples=40)  # each is written and made durable twice
@given(st.dictionaries(PATHS, st.binary(max_size=200), max_size=8))
def test_any_folder_is_packed_and_unpacked_exactly_or_refused(files):
    with TemporaryDirectory() as scratch:
        top = Path(scratch)
        for path, data in {"plugin.yaml": b"name: demo\nversion: '1'\n", "src/main.py": b"", **files}.items():
            try:
                (top / "in" / path).parent.mkdir(parents=True, exist_ok=True)
                (top / "in" / path).write_bytes(data)
            except OSError:  # a file where a folder should be
                continue
        try:
            packed = pack(top / "in", top / "x.yplug")
        except AuthorError:  # names that differ in case only
            return
        _, staged = stage_package(top / "x.yplug", top / "store")
        assert digest_folder(top / "in") == digest_folder(staged.folder) == packed.package.digest
        assert pack(staged.folder, top / "y.yplug") == packed
        remove_tree(top / "store")


@pytest.mark.escape("environment")
@given(CUTS)
def test_a_package_that_was_altered_is_refused_or_the_same(place, cuts):
    whole = gz(TAR)
    (place / "a.yplug").write_bytes(cut(whole, cuts))
    found = outcome(place / "a.yplug", place / "store")
    (place / "b.yplug").write_bytes(whole)
    assert found is None or found.digest == read_package(place / "b.yplug").digest


@pytest.mark.escape("environment")
@given(CUTS)
def test_a_tar_that_is_accepted_is_the_only_one_of_its_content(place, cuts):
    tar = cut(TAR, cuts)
    (place / "a.yplug").write_bytes(gz(tar))
    found = outcome(place / "a.yplug", place / "store")
    if found is not None:
        pack(found.folder, place / "b.yplug")
        assert gzip.decompress((place / "b.yplug").read_bytes()) == tar


@given(st.integers(0, len(TAR) // 512 - 1), st.integers(0, 511), st.binary(min_size=1, max_size=12))
def test_a_header_with_a_right_checksum_is_no_more_trusted(place, block, at, instead):
    start = block * 512
    head = bytearray(TAR[start : start + 512])
    head[at : at + len(instead)] = instead
    head = head[:512]
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    tar = TAR[:start] + bytes(head) + TAR[start + 512 :]
    (place / "a.yplug").write_bytes(gz(tar))
    found = outcome(place / "a.yplug", place / "store")
    if found is not None:
        pack(found.folder, place / "b.yplug")
        assert gzip.decompress((place / "b.yplug").read_bytes()) == tar


@given(st.binary(max_size=2000), st.booleans())
def test_noise_is_refused(place, noise, framed):
    (place / "a.yplug").write_bytes(gz(noise) if framed else noise)
    assert outcome(place / "a.yplug", place / "store") is None


def test_the_alterations_can_be_accepted(place):
    """Without this, refusing everything would pass."""
    (place / "a.yplug").write_bytes(gz(TAR.replace(b"content", b"CONTENT")))
    found = outcome(place / "a.yplug", place / "store")
    assert (found.folder / "src/x/y").read_bytes() == b"CONTENT" * 99
    assert (
        hashlib.sha256((found.folder / "src/z").read_bytes()).digest() == hashlib.sha256(b"z" * 513).digest()
    )
